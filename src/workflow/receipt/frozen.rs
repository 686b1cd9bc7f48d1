//! What an official receipt says for ever: facts as they were when the money was confirmed, without identities of
//! employees.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{ContributionMonth, PaidBy, PaymentModel, Scheme, Sen};

pub use crate::domain::ReceiptLineKind;

/// Version of this document; a later program still reads an earlier one.
pub const FROZEN_RECEIPT_VERSION: u32 = 1;

/// The frozen part of an official receipt, kept sealed as JSON. One payment gives one of these for each Act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenReceipt {
    /// See [`FROZEN_RECEIPT_VERSION`].
    #[serde(default = "first_version")]
    pub version: u32,
    /// The receipt's number, of its Act's own series.
    pub number: String,
    /// Act.
    pub scheme: Scheme,
    /// Who issues the document.
    pub issuer: String,
    /// Employer's code.
    pub employer_code: String,
    /// Employer's name as registered, or empty.
    #[serde(default)]
    pub employer_name: String,
    /// Employer's address, lines parted by line ends, or empty.
    #[serde(default)]
    pub employer_address: String,
    /// Day of the payment, Malaysian time.
    pub paid_on: NaiveDate,
    /// Moment of the payment, RFC 3339; for money outside FPX perhaps only the day is known and this is empty.
    #[serde(default)]
    pub paid_at: String,
    /// How the money came.
    #[serde(default)]
    pub means: PaidBy,
    /// Number of the payment, where it went over FPX.
    #[serde(default)]
    pub payment: Option<String>,
    /// Seller's order number, or empty.
    #[serde(default)]
    pub seller_order_number: String,
    /// FPX transaction id, or empty; the same on every receipt of one payment.
    #[serde(default)]
    pub transaction_id: String,
    /// Buyer's bank, its FPX code, or empty.
    #[serde(default)]
    pub bank: String,
    /// Name of that bank as it was shown, or empty.
    #[serde(default)]
    pub bank_name: String,
    /// Outside FPX: cheque number, transfer reference, counter slip. Or empty.
    #[serde(default)]
    pub evidence: String,
    /// Personal or corporate, where it went over FPX.
    #[serde(default)]
    pub model: Option<PaymentModel>,
    /// Who prepared the payment.
    #[serde(default)]
    pub maker: String,
    /// Who approved it, or empty.
    #[serde(default)]
    pub approved_by: String,
    /// What was paid, in the order of the cart.
    pub lines: Vec<FrozenReceiptLine>,
    /// Everything, sen; see [`FrozenReceipt::ties`].
    pub total: Sen,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenReceiptLine {
    /// What for.
    pub kind: ReceiptLineKind,
    /// ACR, ECR or the charge's own number.
    pub reference: String,
    /// Months it covers, in order.
    #[serde(default)]
    pub months: Vec<ContributionMonth>,
    /// Amount paid on this line, SKBBK included, sen.
    pub amount: Sen,
    /// Of this, SKBBK (LINDUNG 24 JAM), sen; nothing under Act 800.
    #[serde(default)]
    pub skbbk: Sen,
}

const fn first_version() -> u32 {
    1
}

impl FrozenReceipt {
    /// True when the document agrees with itself: there are lines, each is above zero, SKBBK stands on contributions of
    /// Act 4 only, and the lines add up to the total. A receipt that does not tie is never issued and never printed.
    ///
    /// SKBBK may lie below zero or above its line: a short payment pays differences, and one share may have been paid too
    /// high while the other was too low.
    pub fn ties(&self) -> bool {
        let sound = |line: &FrozenReceiptLine| {
            let skbbk_allowed = self.scheme == Scheme::Act4 && line.kind.is_contribution();
            line.amount > Sen::ZERO && (line.skbbk.is_zero() || skbbk_allowed)
        };
        let sum = self.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount.0));
        !self.lines.is_empty() && self.lines.iter().all(sound) && sum == Some(self.total.0)
    }

    /// What proves the payment to the bank or the counter: the FPX transaction id, else the evidence.
    pub fn proof(&self) -> &str {
        if self.transaction_id.is_empty() { &self.evidence } else { &self.transaction_id }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A receipt of `count` lines, made up.
    pub(crate) fn sample(scheme: Scheme, count: i64) -> FrozenReceipt {
        let (prefix, number) =
            if scheme == Scheme::Act4 { ("ACR", "20260000000001") } else { ("ECR", "2026E0000000001") };
        let month = ContributionMonth::new(2026, 10).expect("a month");
        let lines: Vec<FrozenReceiptLine> = (1..=count)
            .map(|at| FrozenReceiptLine {
                kind: ReceiptLineKind::Monthly,
                reference: format!("{prefix}1126{at:07}"),
                months: vec![month],
                amount: Sen(10_000 + at),
                skbbk: if scheme == Scheme::Act4 { Sen(1_000) } else { Sen::ZERO },
            })
            .collect();
        FrozenReceipt {
            version: FROZEN_RECEIPT_VERSION,
            number: number.to_owned(),
            scheme,
            issuer: "PEJABAT CONTOH".to_owned(),
            employer_code: "A9900000001Z".to_owned(),
            employer_name: "SYARIKAT CONTOH SDN BHD".to_owned(),
            employer_address: "1 JALAN CONTOH\n50000 KUALA LUMPUR".to_owned(),
            paid_on: NaiveDate::from_ymd_opt(2026, 11, 10).expect("a day"),
            paid_at: "2026-11-10T10:30:22+08:00".to_owned(),
            means: PaidBy::Fpx,
            payment: Some("P-000001".to_owned()),
            seller_order_number: "C26111000000001".to_owned(),
            transaction_id: "2611101030220123".to_owned(),
            bank: "MB2U0227".to_owned(),
            bank_name: "Maybank2U".to_owned(),
            evidence: String::new(),
            model: Some(PaymentModel::B2c),
            maker: "clerk".to_owned(),
            approved_by: String::new(),
            total: lines.iter().map(|line| line.amount).sum(),
            lines,
        }
    }

    #[test]
    fn sums_below_at_and_above() {
        let receipt = sample(Scheme::Act4, 3);
        for (off, fine) in [(-1, false), (0, true), (1, false)] {
            let other = FrozenReceipt { total: Sen(receipt.total.0 + off), ..receipt.clone() };
            assert_eq!(other.ties(), fine, "{off}");
        }
        for (amount, fine) in [(-1, false), (0, false), (1, true)] {
            let mut other = receipt.clone();
            other.lines[0].amount = Sen(amount);
            other.total = other.lines.iter().map(|line| line.amount).sum();
            assert_eq!(other.ties(), fine, "{amount}");
        }
    }

    #[test]
    fn what_cannot_be_does_not_tie() {
        assert!(!sample(Scheme::Act4, 0).ties(), "no lines");
        let mut eis = sample(Scheme::Act800, 2);
        assert!(eis.ties());
        eis.lines[0].skbbk = Sen(1);
        assert!(!eis.ties(), "no SKBBK under Act 800");
        let mut interest = sample(Scheme::Act4, 2);
        interest.lines[0].kind = ReceiptLineKind::Interest;
        assert!(!interest.ties(), "no SKBBK in interest");
        let mut huge = sample(Scheme::Act800, 2);
        huge.lines.iter_mut().for_each(|line| line.amount = Sen(i64::MAX));
        huge.total = Sen(-2);
        assert!(!huge.ties(), "sums do not wrap");
    }

    #[test]
    fn kept_json_is_read_back_and_may_lack_what_came_later() {
        let receipt = sample(Scheme::Act4, 2);
        let text = serde_json::to_string(&receipt).expect("JSON");
        assert!(text.contains("\"kind\":\"monthly\"") && text.contains("\"means\":\"fpx\""));
        assert_eq!(serde_json::from_str::<FrozenReceipt>(&text).expect("read"), receipt);
        let short = r#"{"number":"R1","scheme":"act4","issuer":"I","employer_code":"E","paid_on":"2026-11-10",
            "means":"cheque","evidence":"123","lines":[{"kind":"short-payment","reference":"ACR1","amount":5}],"total":5}"#;
        let read: FrozenReceipt = serde_json::from_str(short).expect("read");
        assert!(read.ties() && read.proof() == "123" && read.means == PaidBy::Cheque);
    }
}
