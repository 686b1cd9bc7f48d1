//! A settlement file for a day in our own columns, with mismatches on request. No acquirer's real layout is public.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

use super::Simulator;
use super::answer::{Said, Saying, answer};
use super::inside::Inside;
use crate::domain::Sen;
use crate::fpx::sign::KeyFault;
use crate::fpx::value::{amount_text, read_amount};

/// The columns, in their order.
const COLUMNS: [&str; 22] = [
    "fpx_txn_id",
    "fpx_txn_time",
    "exchange_id",
    "seller_id",
    "seller_ex_order_no",
    "seller_order_no",
    "msg_token",
    "buyer_bank_id",
    "buyer_bank_branch",
    "buyer_name",
    "maker_name",
    "amount",
    "currency",
    "debit_code",
    "debit_auth_no",
    "credit_code",
    "credit_auth_no",
    "settlement_date",
    "settlement_batch",
    "fee",
    "net_amount",
    "credited_account",
];

/// Fields of the AC behind the first columns.
const FIELDS: [&str; 17] = [
    "fpx_fpxTxnId",
    "fpx_fpxTxnTime",
    "fpx_sellerExId",
    "fpx_sellerId",
    "fpx_sellerExOrderNo",
    "fpx_sellerOrderNo",
    "fpx_msgToken",
    "fpx_buyerBankId",
    "fpx_buyerBankBranch",
    "fpx_buyerName",
    "fpx_makerName",
    "fpx_txnAmount",
    "fpx_txnCurrency",
    "fpx_debitAuthCode",
    "fpx_debitAuthNo",
    "fpx_creditAuthCode",
    "fpx_creditAuthNo",
];

const ID: usize = 0;
const EXCHANGE_ORDER: usize = 4;
const SELLER_ORDER: usize = 5;
const AMOUNT: usize = 11;
const CREDIT_CODE: usize = 15;
const NET: usize = 20;

/// What is wrong with the file. Each takes the next payment of the day; one for which there is no payment left is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// A payment does not stand in it.
    Missing,
    /// A payment stands in it that nobody made.
    Extra,
    /// An amount is one sen more.
    Amount,
    /// A payment stands in it twice.
    Twice,
    /// A credit code is 88.
    Credit,
}

impl Mismatch {
    /// Names as they are written.
    pub const NAMED: [(&'static str, Mismatch); 5] = [
        ("missing", Mismatch::Missing),
        ("extra", Mismatch::Extra),
        ("amount", Mismatch::Amount),
        ("twice", Mismatch::Twice),
        ("credit", Mismatch::Credit),
    ];

    /// The mismatch of a name.
    pub fn named(name: &str) -> Option<Mismatch> {
        Mismatch::NAMED.into_iter().find(|(known, _)| *known == name).map(|(_, mismatch)| mismatch)
    }
}

impl Simulator {
    /// The approved payments of a day by FPX's time, as CSV with a header, with these mismatches in it.
    ///
    /// # Errors
    /// [`KeyFault`] when the keys do not sign.
    pub fn settlement_csv(&self, day: NaiveDate, mismatches: &[Mismatch]) -> Result<String, KeyFault> {
        let (mut inside, _) = self.at_work()?;
        let rows = rows(&mut inside, day)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = std::iter::once(COLUMNS.map(str::to_owned).to_vec()).chain(planted(rows, mismatches));
        for row in written {
            writer.write_record(row).expect("memory takes what is written, and every row has all columns");
        }
        let bytes = writer.into_inner().expect("memory takes what is written");
        Ok(String::from_utf8(bytes).expect("made of texts"))
    }
}

fn rows(inside: &mut Inside, day: NaiveDate) -> Result<Vec<Vec<String>>, KeyFault> {
    let approved = inside.transactions.values().filter(|one| one.code == "00" && one.time.day() == day);
    let mut said: Vec<_> = approved.map(|one| (one.id.clone(), one.time, Said::of(one))).collect();
    said.sort_by(|one, other| one.0.cmp(&other.0));
    let mut rows = Vec::new();
    for (_, time, said) in &said {
        let fields = answer(inside, said, Saying::Asked)?;
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
        let mut row: Vec<String> = FIELDS.iter().map(|name| field(name).to_owned()).collect();
        // FPX settles twice a day.
        let cycle = if time.moment().time() < NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default() { 1 } else { 2 };
        let settled = next_working_day(day);
        row.extend([settled.to_string(), format!("{}-{cycle}", settled.format("%Y%m%d")), "0.00".to_owned()]);
        row.push(row[AMOUNT].clone());
        row.push(String::new());
        rows.push(row);
    }
    Ok(rows)
}

/// Mondays to Fridays: a simulator knows no public holidays.
fn next_working_day(day: NaiveDate) -> NaiveDate {
    let mut next = day;
    loop {
        next = next.checked_add_days(Days::new(1)).expect("years have four digits");
        if !matches!(next.weekday(), Weekday::Sat | Weekday::Sun) {
            return next;
        }
    }
}

fn planted(rows: Vec<Vec<String>>, mismatches: &[Mismatch]) -> Vec<Vec<String>> {
    let mut wanted = mismatches.iter();
    let mut planted = Vec::new();
    for mut row in rows {
        match wanted.next() {
            None => planted.push(row),
            Some(Mismatch::Missing) => {}
            Some(Mismatch::Extra) => {
                let mut extra = row.clone();
                for at in [ID, EXCHANGE_ORDER, SELLER_ORDER] {
                    // The same length, and nobody's number.
                    extra[at].pop();
                    extra[at].push('X');
                }
                planted.extend([row, extra]);
            }
            Some(Mismatch::Amount) => {
                let more = read_amount(&row[AMOUNT]).and_then(|amount| amount_text(Sen(amount.0 + 1)));
                row[AMOUNT] = more.unwrap_or_default();
                row[NET] = row[AMOUNT].clone();
                planted.push(row);
            }
            Some(Mismatch::Twice) => planted.extend([row.clone(), row]),
            Some(Mismatch::Credit) => {
                "88".clone_into(&mut row[CREDIT_CODE]);
                planted.push(row);
            }
        }
    }
    planted
}
