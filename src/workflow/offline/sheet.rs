//! Evidence of many payments in a CSV file. Rows with the same means, bank, evidence and day are one payment, which is
//! kept whole or not at all; everything that is wrong is said in one pass.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::late::not_asked_yet;
use super::{Evidence, Named, OfflineError, Settled, settle_offline, tidy};
use crate::domain::{PaidBy, Sen};
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::store::offline::OfflinePaymentRecord;
use crate::store::receipts::ReceiptFilter;
use crate::store::{Store, StoreError};

/// The first line.
const HEADER: [&str; 6] = ["acknowledgement", "means", "paid_on", "amount_rm", "evidence", "bank"];

/// What became of a file.
#[derive(Debug, Default)]
pub struct Import {
    /// Payments that were kept, in the order of their first rows.
    pub settled: Vec<Settled>,
    /// Rows that were not, in order.
    pub faults: Vec<Fault>,
    /// Payments that stand exactly so from before; their rows are faults too.
    pub before: Vec<Before>,
}

/// A payment of the file that was entered before: the same evidence, the same amount for the same references.
#[derive(Debug)]
pub struct Before {
    /// With its receipts; charges are not looked up.
    pub settled: Settled,
    /// Who entered it.
    pub entered_by: String,
    /// Its rows.
    pub lines: Vec<u64>,
}

/// A row that was not kept.
#[derive(Debug)]
pub struct Fault {
    /// Line of the file; the header is line 1.
    pub line: u64,
    /// Why.
    pub why: RowFault,
}

/// Why a row was not kept.
#[derive(Debug)]
pub enum RowFault {
    /// A value cannot be read: the column, and what it should be.
    Value(&'static str, String),
    /// Not six values.
    Columns,
    /// The amount of the row is not that of what it names.
    Amount {
        /// In the row.
        paid: Sen,
        /// Asked.
        asked: Sen,
        /// The same with late interest that is not asked yet, for the day of payment.
        with_interest: Sen,
    },
    /// Another row of the same payment is at fault: its line.
    OtherRow(u64),
    /// The payment is refused.
    Payment(String),
}

impl Fault {
    /// The sentence.
    pub fn said(&self, messages: &Messages) -> String {
        let why = match &self.why {
            RowFault::Value(column, what) => format!("{column}: {what}"),
            RowFault::Columns => messages.text("offline-columns"),
            RowFault::Amount { paid, asked, with_interest } => {
                OfflineError::Amount { paid: *paid, asked: *asked, with_interest: *with_interest }.said(messages)
            }
            RowFault::OtherRow(line) => messages.with("offline-other-row", &[("line", line.to_string())]),
            RowFault::Payment(said) => said.clone(),
        };
        format!("{} {}: {why}", messages.text("label-line"), self.line)
    }
}

struct RowRead {
    line: u64,
    reference: String,
    amount: Sen,
}

/// Counts lines up to where a record begins. (The reader's own count lags where lines end with CR and LF.)
struct Lines<'a> {
    bytes: &'a [u8],
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u64 {
        let mut to = usize::try_from(byte).unwrap_or(usize::MAX).clamp(self.seen, self.bytes.len());
        while self.bytes.get(to).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            to += 1;
        }
        self.line += self.bytes[self.seen..to].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.seen = to;
        self.line
    }
}

/// Means, bank, evidence, day.
type Key = (&'static str, String, String, NaiveDate);
/// A payment, its rows, and the line of the first one that is at fault.
type Payment = (Key, Vec<RowRead>, Option<u64>);

/// True for a file of evidence: its first line is the header.
pub fn is_evidence(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let Ok(first) = std::str::from_utf8(first) else { return false };
    first.split(',').map(|name| name.trim().trim_matches('"').to_ascii_lowercase()).eq(HEADER)
}

/// Takes a file of evidence in. Each payment is kept in its own transaction, whole or not at all.
///
/// # Errors
/// [`OfflineError::Nothing`] where it is no file of evidence or has no rows; [`OfflineError::Store`] where the database
/// fails (what was kept before stays, and is refused as entered before when the file comes again).
pub fn import(
    store: &Store,
    book: &RateBook,
    issuer: &str,
    bytes: &[u8],
    (messages, who, now): (&Messages, &str, DateTime<FixedOffset>),
) -> Result<Import, OfflineError> {
    if !is_evidence(bytes) {
        return Err(OfflineError::Nothing);
    }
    let (mut payments, mut faults) = (Vec::<Payment>::new(), Vec::new());
    let mut places: BTreeMap<Key, usize> = BTreeMap::new();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
    let mut lines = Lines { bytes, seen: 0, line: 1 };
    for record in reader.records() {
        let position = record.as_ref().map_or_else(csv::Error::position, csv::StringRecord::position);
        let line = lines.at(position.map_or(0, csv::Position::byte));
        let record = match record {
            // A spreadsheet saves empty rows as commas alone.
            Ok(record) if record.iter().all(str::is_empty) => continue,
            Ok(record) if record.len() == HEADER.len() => record,
            _ => {
                faults.push(Fault { line, why: RowFault::Columns });
                continue;
            }
        };
        let (key, row, wrong) = read(&record, line);
        let Some(key) = key else {
            faults.extend(wrong.into_iter().map(|why| Fault { line, why }));
            continue;
        };
        let place = *places.entry(key.clone()).or_insert_with(|| {
            payments.push((key, Vec::new(), None));
            payments.len() - 1
        });
        let payment = &mut payments[place];
        payment.1.push(row);
        let wrong = wrong.or_else(|| judge_row(store, book, payment));
        if let Some(why) = wrong {
            payment.2.get_or_insert(line);
            faults.push(Fault { line, why });
        }
    }
    let mut done = Import { faults, ..Import::default() };
    for (key, rows, faulty) in payments {
        for rows in by_payment(store, &key, rows, faulty)? {
            settle(store, book, issuer, (key.clone(), rows, faulty), (messages, who, now), &mut done)?;
        }
    }
    if done.settled.is_empty() && done.faults.is_empty() {
        return Err(OfflineError::Nothing);
    }
    done.faults.sort_by_key(|fault| fault.line);
    Ok(done)
}

/// Keeps one payment of the file, or says of each of its rows why not.
fn settle(
    store: &Store,
    book: &RateBook,
    issuer: &str,
    ((means, bank, evidence, paid_on), rows, faulty): Payment,
    (messages, who, now): (&Messages, &str, DateTime<FixedOffset>),
    Import { settled, faults, before }: &mut Import,
) -> Result<(), OfflineError> {
    if let Some(line) = faulty {
        let said: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
        let others = rows.iter().filter(|row| !said.contains(&row.line));
        faults.extend(others.map(|row| Fault { line: row.line, why: RowFault::OtherRow(line) }));
        return Ok(());
    }
    let entered = Evidence {
        means: means.parse().unwrap_or(PaidBy::Transfer),
        references: rows.iter().map(|row| row.reference.clone()).collect(),
        amount: rows.iter().map(|row| row.amount).sum(),
        paid_on,
        evidence,
        bank,
    };
    let done = settle_offline(store, book, issuer, &entered, (who, now));
    if matches!(done, Err(OfflineError::Refused(_) | OfflineError::Twice { .. })) {
        let lines = rows.iter().map(|row| row.line).collect();
        before.extend(entered_before(store, &entered)?.map(|(settled, by)| Before { settled, entered_by: by, lines }));
    }
    match done {
        Ok(done) => settled.push(done),
        Err(error @ OfflineError::Store(_)) => return Err(error),
        // Everything that is wrong with one row names it; the rest is about the payment and stands at its first row.
        Err(OfflineError::Refused(refusals)) => {
            let mut first = None;
            for row in &rows {
                let own = |refusal: &&super::Refusal| refusal.reference == row.reference.to_uppercase();
                if let Some(refusal) = refusals.iter().find(own) {
                    first.get_or_insert(row.line);
                    faults.push(Fault { line: row.line, why: RowFault::Payment(refusal.said(messages)) });
                }
            }
            let faulty: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
            let others = rows.iter().filter(|row| !faulty.contains(&row.line));
            let first = first.unwrap_or(rows[0].line);
            faults.extend(others.map(|row| Fault { line: row.line, why: RowFault::OtherRow(first) }));
        }
        Err(error) => {
            let first = rows[0].line;
            faults.push(Fault { line: first, why: RowFault::Payment(error.said(messages)) });
            let others = rows.iter().skip(1);
            faults.extend(others.map(|row| Fault { line: row.line, why: RowFault::OtherRow(first) }));
        }
    }
    Ok(())
}

/// Rows that were entered before with this very evidence stand by themselves, payment by payment, and so do those that
/// were not: interest that such a payment left behind can be entered by the same file with a row more.
fn by_payment(
    store: &Store,
    (means, bank, evidence, paid_on): &Key,
    rows: Vec<RowRead>,
    faulty: Option<u64>,
) -> Result<Vec<Vec<RowRead>>, StoreError> {
    let means = means.parse().unwrap_or(PaidBy::Transfer);
    let known = store.offline_payments_with((means, bank.trim(), evidence.trim()), *paid_on)?;
    if known.is_empty() || faulty.is_some() {
        return Ok(vec![rows]);
    }
    let mut parts: BTreeMap<Option<String>, Vec<RowRead>> = BTreeMap::new();
    for row in rows {
        let payment = store.receipt_of_reference(&row.reference)?.map(|receipt| receipt.payment);
        let payment = payment.filter(|payment| known.iter().any(|record| record.number == *payment));
        parts.entry(payment).or_default().push(row);
    }
    Ok(parts.into_values().collect())
}

/// The payment that stands with this evidence, for the same amount and the same references; and who entered it.
fn entered_before(store: &Store, entered: &Evidence) -> Result<Option<(Settled, String)>, StoreError> {
    let evidence = (entered.means, entered.bank.trim(), entered.evidence.trim());
    for record in store.offline_payments_with(evidence, entered.paid_on)? {
        let by = record.entered_by.clone();
        if let Some(settled) = as_entered(store, entered, record)? {
            return Ok(Some((settled, by)));
        }
    }
    Ok(None)
}

/// A payment with its receipts, if it is for the same amount and the same references.
fn as_entered(store: &Store, entered: &Evidence, record: OfflinePaymentRecord) -> Result<Option<Settled>, StoreError> {
    let filter = ReceiptFilter { payment: Some(record.number.clone()), ..ReceiptFilter::default() };
    let mut receipts = store.receipts(&filter)?;
    receipts.sort_by_key(|receipt| receipt.scheme);
    let mut named = tidy(&entered.references);
    // Late interest that was paid with it is not named.
    let lines = receipts.iter().flat_map(|receipt| &receipt.lines);
    let lines = lines.filter(|line| line.kind != "interest" || named.contains(&line.reference));
    let mut paid: Vec<String> = lines.map(|line| line.reference.clone()).collect();
    paid.sort();
    named.sort();
    if record.amount != entered.amount || paid != named {
        return Ok(None);
    }
    Ok(Some(Settled {
        number: record.number,
        employer_code: record.employer_code,
        amount: record.amount,
        receipts: receipts.into_iter().map(|receipt| (receipt.scheme, receipt.number)).collect(),
        charges: Vec::new(),
    }))
}

/// The payment a row belongs to, where it can be read; the row; and what is wrong with it.
fn read(record: &csv::StringRecord, line: u64) -> (Option<Key>, RowRead, Option<RowFault>) {
    let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
    let means: Result<PaidBy, String> = cell(1).parse();
    let day: Result<NaiveDate, _> = cell(2).parse();
    let amount = Sen::from_ringgit(&cell(3));
    let row = RowRead { line, reference: cell(0).to_uppercase(), amount: amount.clone().unwrap_or_default() };
    let wrong = |column, what: String| Some(RowFault::Value(column, what));
    let (means, day) = match (means, day) {
        (Err(what), _) => return (None, row, wrong("means", what)),
        (_, Err(_)) => return (None, row, wrong("paid_on", format!("\"{}\" is not a day; write 2026-11-10", cell(2)))),
        (Ok(means), Ok(day)) => (means, day),
    };
    let key = Some((means.id(), cell(5), cell(4), day));
    match amount {
        Err(error) => (key, row, wrong("amount_rm", error.to_string())),
        Ok(_) if row.reference.is_empty() => (key, row, wrong("acknowledgement", "is empty".to_owned())),
        Ok(_) => (key, row, None),
    }
}

/// The amount of the last row must be that of what it names, with or without its late interest. Whether that can be paid
/// is judged with the payment; what cannot be (it is paid already, say) is told that, whatever its amount.
fn judge_row(store: &Store, book: &RateBook, (key, rows, _): &Payment) -> Option<RowFault> {
    let row = rows.last()?;
    let named = Named::look_up(store, &row.reference).ok()??;
    if named.refused(store).ok()?.is_some() {
        return None;
    }
    let (asked, late) = match &named {
        Named::Charge(charge) => (charge.amount, Sen::ZERO),
        Named::Acknowledgement(record) => (record.total, not_asked_yet(store, book, record, key.3).ok()?),
    };
    let with_interest = asked + late;
    (asked != row.amount && with_interest != row.amount).then_some(RowFault::Amount {
        paid: row.amount,
        asked,
        with_interest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for (text, expected) in
            [("h\na\nb\n", vec![2, 3]), ("h\r\na\r\nb", vec![2, 3]), ("h\r\n\r\na\r\n\"b\r\nb\"\r\nc", vec![3, 4, 6])]
        {
            let mut lines = Lines { bytes: text.as_bytes(), seen: 0, line: 1 };
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let found: Vec<u64> = reader
                .records()
                .map(|record| lines.at(record.expect("a record").position().expect("a place").byte()))
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_file_of_evidence_is_known_by_its_header() {
        let header = "acknowledgement,means,paid_on,amount_rm,evidence,bank";
        for (text, yes) in [
            (format!("{header}\n"), true),
            (format!("\u{feff}{header}\r\nx"), true),
            ("\"Acknowledgement\", means ,paid_on,amount_rm,evidence,bank".to_owned(), true),
            (format!("{header},more\n"), false),
            ("acknowledgement,means,paid_on,amount_rm,evidence\n".to_owned(), false),
            (String::new(), false),
            ("A9900000001Z        ".to_owned(), false),
        ] {
            assert_eq!(is_evidence(text.as_bytes()), yes, "{text}");
        }
    }
}
