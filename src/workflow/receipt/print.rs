//! From frozen receipts to paper: rendered once, sealed as a whole file, kept, and never rendered again differently.

use chrono::{DateTime, FixedOffset};

use super::code::receipt_code;
use super::file_seal::{empty_seal, seal_file};
use super::frozen::FrozenReceipt;
use crate::keys::{ReceiptKey, ReceiptKeyError};
use crate::report::model::Employer;
use crate::report::receipt::{ReceiptDocument, ReceiptLine};
use crate::report::{ReportError, receipt};
use crate::store::{OFFICE, Store, StoreError};

/// The kind under which receipts are kept.
pub const KIND: &str = "receipt";
/// The kind under which the public key is kept that signs for this office.
const KEY_KIND: &str = "receipt-key";

/// Why a receipt could not be given.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The paper.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The signing key.
    #[error(transparent)]
    Key(#[from] ReceiptKeyError),
    /// It disagrees with itself.
    #[error("receipt {0} does not add up to its total; nothing was printed: restore the database")]
    DoesNotTie(String),
    /// The frozen data are of a later program or damaged.
    #[error("receipt {number}: the frozen data cannot be read ({source}); upgrade the program or restore the database")]
    Frozen {
        /// Which receipt.
        number: String,
        /// Where.
        source: serde_json::Error,
    },
}

/// The issuer's signing key of this office: made on first use; afterwards only the same key will do, so that what was
/// signed stays provable with one public key.
///
/// # Errors
/// [`ReceiptError::Key`], [`ReceiptError::Store`].
pub fn signing_key(
    store: &Store,
    data_dir: &std::path::Path,
    now: DateTime<FixedOffset>,
) -> Result<ReceiptKey, ReceiptError> {
    let kept = store.document(KEY_KIND, "1")?;
    let key = match kept {
        Some(_) => ReceiptKey::load(&ReceiptKey::path_in(data_dir))?,
        None => ReceiptKey::load_or_create(data_dir)?,
    };
    let public = key.public().to_string().into_bytes();
    let kept = match kept {
        Some(kept) => kept,
        None => store.save_document(KEY_KIND, "1", OFFICE, &public, now)?,
    };
    if kept == public { Ok(key) } else { Err(ReceiptKeyError::Wrong(key.path().to_owned()).into()) }
}

/// The PDF of a receipt that was printed before; this needs no key.
///
/// # Errors
/// [`ReceiptError::Store`].
pub fn kept_receipt(store: &Store, number: &str) -> Result<Option<Vec<u8>>, ReceiptError> {
    Ok(store.document(KIND, number)?)
}

/// The PDF of a receipt: kept from the first time it was asked for.
///
/// # Errors
/// [`ReceiptError`].
pub fn print_receipt(
    store: &Store,
    key: &ReceiptKey,
    frozen: &FrozenReceipt,
    now: DateTime<FixedOffset>,
) -> Result<Vec<u8>, ReceiptError> {
    if let Some(kept) = kept_receipt(store, &frozen.number)? {
        return Ok(kept);
    }
    let bytes = render(frozen, key)?;
    let kept = store.save_document(KIND, &frozen.number, &frozen.employer_code, &bytes, now)?;
    tracing::info!(document = KIND, number = %frozen.number, bytes = kept.len(), "document rendered");
    Ok(kept)
}

/// The PDF of a receipt; equal receipts and keys give equal bytes.
///
/// # Errors
/// [`ReceiptError::DoesNotTie`], [`ReceiptError::Report`].
pub fn render(frozen: &FrozenReceipt, key: &ReceiptKey) -> Result<Vec<u8>, ReceiptError> {
    if !frozen.ties() {
        return Err(ReceiptError::DoesNotTie(frozen.number.clone()));
    }
    let code = receipt_code(frozen, key);
    let bytes = receipt(&document(frozen, code))?;
    Ok(seal_file(bytes, key))
}

fn document(frozen: &FrozenReceipt, code: String) -> ReceiptDocument {
    let present = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let bank = match (frozen.bank_name.as_str(), frozen.bank.as_str()) {
        ("", code) => code.to_owned(),
        (name, "") => name.to_owned(),
        (name, code) => format!("{name} ({code})"),
    };
    let line = |line: &super::FrozenReceiptLine| ReceiptLine {
        kind: line.kind,
        reference: line.reference.clone(),
        months: line.months.clone(),
        amount: line.amount,
        skbbk: line.skbbk,
    };
    ReceiptDocument {
        scheme: frozen.scheme,
        number: frozen.number.clone(),
        issuer: frozen.issuer.clone(),
        employer: Employer {
            code: frozen.employer_code.clone(),
            name: present(&frozen.employer_name),
            address: frozen.employer_address.lines().map(str::to_owned).collect(),
            company_number: None,
        },
        paid_on: frozen.paid_on,
        paid_at: DateTime::parse_from_rfc3339(&frozen.paid_at).ok(),
        means: frozen.means,
        model: frozen.model,
        payment: frozen.payment.clone().unwrap_or_default(),
        seller_order_number: frozen.seller_order_number.clone(),
        transaction_id: frozen.transaction_id.clone(),
        bank,
        evidence: frozen.evidence.clone(),
        maker: frozen.maker.clone(),
        approved_by: frozen.approved_by.clone(),
        lines: frozen.lines.iter().map(line).collect(),
        keywords: vec![code.clone(), empty_seal()],
        code,
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::{KIND as CODE, check_code_of};
    use super::super::file_seal::{FileSeal, check_file, text_in_file};
    use super::super::frozen::tests::sample;
    use super::super::signed::tests::key;
    use super::super::{FrozenReceiptLine, ReceiptLineKind};
    use super::*;
    use crate::domain::{PaidBy, PaymentModel, Scheme, Sen};

    /// Receipts of all sorts, with names for files.
    fn receipts() -> Vec<(&'static str, FrozenReceipt)> {
        let mut many = sample(Scheme::Act4, 40);
        many.lines[39].kind = ReceiptLineKind::Interest;
        many.lines[39].reference = "CHG0000000001".to_owned();
        many.lines[39].skbbk = Sen::ZERO;
        many.model = Some(PaymentModel::B2b1);
        many.approved_by = "pengurus.contoh".to_owned();
        let mut long = sample(Scheme::Act800, 3);
        long.employer_name = "PERUSAHAAN CONTOH YANG BERNAMA SANGAT PANJANG DAN BERCABANG-CABANG (MALAYSIA) HOLDINGS \
                              SDN. BHD. (DAHULUNYA DIKENALI SEBAGAI CONTOH LAMA SDN. BHD.)"
            .to_owned();
        long.employer_address = "LOT 12345, KAWASAN PERINDUSTRIAN CONTOH FASA 3B, JALAN CONTOH 7/2 OFF PERSIARAN \
                                 CONTOH UTAMA\nTAMAN CONTOH JAYA\n50000 KUALA LUMPUR\nWILAYAH PERSEKUTUAN"
            .to_owned();
        long.issuer = "PUSAT KUTIPAN CARUMAN BERSEPADU CONTOH (CAWANGAN UTAMA KUALA LUMPUR)".to_owned();
        long.lines[2] = FrozenReceiptLine {
            kind: ReceiptLineKind::Arrears,
            months: ["2026-01", "2026-02", "2026-04", "2026-06", "2026-08"]
                .map(|m| m.parse().expect("a month"))
                .to_vec(),
            ..long.lines[2].clone()
        };
        long.bank_name = "CIMB Clicks – BizChannel@CIMB (Perniagaan)".to_owned();
        let mut cheque = sample(Scheme::Act4, 2);
        cheque.means = PaidBy::Cheque;
        cheque.evidence = "123456".to_owned();
        cheque.model = None;
        (cheque.transaction_id, cheque.seller_order_number, cheque.paid_at) = Default::default();
        cheque.employer_name = String::new();
        cheque.employer_address = String::new();
        cheque.lines[1].kind = ReceiptLineKind::Compound;
        cheque.lines[1].skbbk = Sen::ZERO;
        cheque.lines[1].months = Vec::new();
        vec![
            ("one", sample(Scheme::Act4, 1)),
            ("one-eis", sample(Scheme::Act800, 1)),
            ("twelve", sample(Scheme::Act4, 12)),
            ("forty", many),
            ("many-eis", sample(Scheme::Act800, 150)),
            ("long", long),
            ("cheque", cheque),
        ]
    }

    /// With `CARUMAN_LOOK=DIR` the papers are left there to be looked at.
    #[test]
    fn receipts_print_prove_themselves_and_are_the_same_again() {
        let key = key();
        for (name, frozen) in receipts() {
            let bytes = render(&frozen, &key).expect("a PDF");
            assert_eq!(bytes, render(&frozen, &key).expect("a PDF"), "{name}");
            assert!(bytes.starts_with(b"%PDF-1.7"));
            assert_eq!(check_file(&bytes, &key.public()), FileSeal::Whole, "{name}");
            let code = text_in_file(&bytes, CODE).expect("the code is in the file");
            check_code_of(&frozen, &code, &key.public()).expect("genuine");
            if let Ok(folder) = std::env::var("CARUMAN_LOOK") {
                std::fs::write(format!("{folder}/{name}.pdf"), &bytes).expect("written");
            }
        }
    }

    #[test]
    fn what_does_not_tie_is_not_printed() {
        let receipt = FrozenReceipt { total: Sen(1), ..sample(Scheme::Act4, 2) };
        assert!(matches!(render(&receipt, &key()), Err(ReceiptError::DoesNotTie(_))));
    }
}
