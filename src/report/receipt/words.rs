//! The words of receipts and slips, from `formats/templates/report/receipt.toml`. Read that file beside this one.

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::labels::Label;
use crate::domain::{PaidBy, PaymentModel, ReceiptLineKind};

/// Everything that can be printed on them.
pub(crate) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../formats/templates/report/receipt.toml")).expect("a test reads receipt.toml")
});

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub receipt: Receipt,
    pub kinds: Kinds,
    pub means: Means,
    pub slip: Slip,
}

/// The receipt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    pub title: Label,
    pub number: Label,
    pub paid_on: Label,
    pub employer: Label,
    pub payment: Label,
    pub employer_code: Label,
    pub employer_name: Label,
    pub address: Label,
    pub name_unknown: Label,
    pub transaction_id: Label,
    pub bank: Label,
    pub paid_at: Label,
    pub seller_order: Label,
    pub payment_number: Label,
    pub means: Label,
    pub evidence_counter: Label,
    pub evidence_transfer: Label,
    pub evidence_cheque: Label,
    pub maker: Label,
    pub approved_by: Label,
    pub lines: Label,
    pub no: Label,
    pub kind: Label,
    pub reference: Label,
    pub basic: Label,
    pub skbbk: Label,
    pub amount: Label,
    pub sum: Label,
    pub total: Label,
    pub by_kind: Label,
    pub by_kind_note: Label,
    pub count: Label,
    pub skbbk_within: Label,
    pub interest_within: Label,
    pub compound_within: Label,
    pub only: Label,
    pub verify: Label,
    pub verify_note: Label,
    pub continued: Label,
}

/// Kinds of line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kinds {
    monthly: Label,
    supplementary: Label,
    arrears: Label,
    short_payment: Label,
    interest: Label,
    compound: Label,
}

impl Kinds {
    pub(crate) fn of(&self, kind: ReceiptLineKind) -> &Label {
        match kind {
            ReceiptLineKind::Monthly => &self.monthly,
            ReceiptLineKind::Supplementary => &self.supplementary,
            ReceiptLineKind::Arrears => &self.arrears,
            ReceiptLineKind::ShortPayment => &self.short_payment,
            ReceiptLineKind::Interest => &self.interest,
            ReceiptLineKind::Compound => &self.compound,
        }
    }
}

/// Means of payment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Means {
    fpx: Label,
    counter: Label,
    transfer: Label,
    cheque: Label,
    b2c: Label,
    b2b1: Label,
}

impl Means {
    /// `FPX – korporat / corporate`
    pub(crate) fn of(&self, means: PaidBy, model: Option<PaymentModel>) -> String {
        let both = |label: &Label| {
            if label.ms == label.en { label.ms.clone() } else { format!("{} / {}", label.ms, label.en) }
        };
        let means = both(match means {
            PaidBy::Fpx => &self.fpx,
            PaidBy::Counter => &self.counter,
            PaidBy::Transfer => &self.transfer,
            PaidBy::Cheque => &self.cheque,
        });
        match model {
            None => means,
            Some(PaymentModel::B2c) => format!("{means} – {} (B2C)", both(&self.b2c)),
            Some(PaymentModel::B2b1) => format!("{means} – {} (B2B1)", both(&self.b2b1)),
        }
    }
}

/// The slip of an employee.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slip {
    pub title: Label,
    pub notice: Label,
    pub person: Label,
    pub id: Label,
    pub name: Label,
    pub month: Label,
    pub line: Label,
    pub employer_share: Label,
    pub employee_share: Label,
    pub skbbk: Label,
    pub own_total: Label,
    pub inside: Label,
    pub people: Label,
    pub document_total: Label,
    pub receipt: Label,
    pub not_paid: Label,
    pub root: Label,
    pub verify_note: Label,
    pub how: Label,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        for kind in ReceiptLineKind::ALL {
            let label = WORDS.kinds.of(*kind);
            assert!(!label.ms.is_empty() && !label.en.is_empty());
        }
        assert_eq!(WORDS.means.of(PaidBy::Fpx, Some(PaymentModel::B2b1)), "FPX – korporat / corporate (B2B1)");
        assert_eq!(WORDS.means.of(PaidBy::Cheque, None), "Cek / Cheque");
    }
}
