//! The verification code of an official receipt. Pure: a page can call it as well as a command.

use chrono::NaiveDate;
use serde::Serialize;

use super::frozen::FrozenReceipt;
use super::signed::{CodeFault, open_text, sign_text};
use crate::domain::{Scheme, Sen};
use crate::keys::{ReceiptKey, ReceiptPublicKey};

/// The kind of these codes among signed texts.
pub(super) const KIND: &str = "R";

/// What a genuine code says. Compare it with the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedCode {
    /// Number of the receipt.
    pub number: String,
    /// Act.
    pub scheme: Scheme,
    /// Employer's code.
    pub employer_code: String,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// Amount, sen.
    #[serde(rename = "total_sen")]
    pub total: Sen,
    /// FPX transaction id, or evidence of the counter.
    pub proof: String,
    /// Who issued it.
    pub issuer: String,
}

/// The code of a receipt: the same receipt and key always give the same text.
pub fn receipt_code(receipt: &FrozenReceipt, key: &ReceiptKey) -> String {
    let (day, total) = (receipt.paid_on.to_string(), receipt.total.0.to_string());
    let fields = [
        receipt.number.as_str(),
        receipt.scheme.id(),
        &receipt.employer_code,
        &day,
        &total,
        receipt.proof(),
        &receipt.issuer,
    ];
    sign_text(KIND, &fields, key)
}

/// Proves a code, as it was scanned, copied or typed.
///
/// # Errors
/// [`CodeFault`].
pub fn check_code(text: &str, key: &ReceiptPublicKey) -> Result<CheckedCode, CodeFault> {
    let fields = open_text(text, KIND, "a receipt", key)?;
    let Ok([number, scheme, employer_code, paid_on, total, proof, issuer]) = <[String; 7]>::try_from(fields) else {
        return Err(CodeFault::Unreadable("fields"));
    };
    Ok(CheckedCode {
        number,
        scheme: scheme.parse().map_err(|_| CodeFault::Unreadable("Act"))?,
        employer_code,
        paid_on: paid_on.parse().map_err(|_| CodeFault::Unreadable("day"))?,
        total: Sen(total.parse().map_err(|_| CodeFault::Unreadable("amount"))?),
        proof,
        issuer,
    })
}

/// Proves that a code is genuine and belongs to this receipt in everything it says.
///
/// # Errors
/// [`CodeFault`], [`CodeFault::OfAnother`] for the genuine code of another receipt.
pub fn check_code_of(receipt: &FrozenReceipt, text: &str, key: &ReceiptPublicKey) -> Result<CheckedCode, CodeFault> {
    let found = check_code(text, key)?;
    let same = found.number == receipt.number
        && found.scheme == receipt.scheme
        && found.employer_code == receipt.employer_code
        && found.paid_on == receipt.paid_on
        && found.total == receipt.total
        && found.proof == receipt.proof()
        && found.issuer == receipt.issuer;
    if same { Ok(found) } else { Err(CodeFault::OfAnother { found: found.number, asked: receipt.number.clone() }) }
}

#[cfg(test)]
mod tests {
    use super::super::frozen::tests::sample;
    use super::super::signed::tests::key;
    use super::*;

    #[test]
    fn a_code_says_what_the_receipt_says() {
        let (key, receipt) = (key(), sample(Scheme::Act4, 2));
        let code = receipt_code(&receipt, &key);
        assert!(code.starts_with("CARUMAN1|R|20260000000001|act4|A9900000001Z|2026-11-10|20003|2611101030220123|"));
        assert_eq!(code, receipt_code(&receipt, &key), "equal receipts have equal codes");
        let checked = check_code_of(&receipt, &code, &key.public()).expect("genuine");
        assert_eq!((checked.total, checked.issuer.as_str()), (Sen(20_003), "PEJABAT CONTOH"));
    }

    #[test]
    fn a_code_of_another_receipt_fails() {
        let (key, receipt) = (key(), sample(Scheme::Act4, 2));
        let code = receipt_code(&receipt, &key);
        let others = [
            FrozenReceipt { number: "20260000000002".to_owned(), ..receipt.clone() },
            FrozenReceipt { total: Sen(20_004), ..receipt.clone() },
            FrozenReceipt { employer_code: "A9900000002Z".to_owned(), ..receipt.clone() },
            FrozenReceipt { scheme: Scheme::Act800, ..receipt.clone() },
        ];
        for other in others {
            let fault = check_code_of(&other, &code, &key.public()).expect_err("another receipt");
            assert!(matches!(fault, CodeFault::OfAnother { .. }), "{fault}");
        }
        assert_eq!(check_code(&code.replace("20003", "20004"), &key.public()), Err(CodeFault::NotGenuine));
    }
}
