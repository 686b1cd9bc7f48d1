//! The payment history: over FPX and outside it; and one payment in full.

use std::io::{self, BufWriter, Write};

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::office::Office;
use super::table::{Row, one_in_order, print_columns_or};
use super::{CliError, Ended, Globals, Output};
use crate::domain::{PaidBy, PaymentState, Sen};
use crate::store::offline::OfflinePaymentRecord;
use crate::store::payments::PaymentFilter;
use crate::store::receipts::{ReceiptFilter, ReceiptRecord};
use crate::store::{Store, StoreError};
use crate::workflow::cart::words::{moment, ringgit};
use crate::workflow::payment_page::PaymentPage;

/// Columns of the history in a terminal of 80 places; the others are in JSON and CSV.
const COLUMNS: [&str; 6] = ["number", "day", "state", "means", "amount_sen", "pays"];
/// One payment in the order in which it is read.
const ORDER: [&str; 33] = [
    "number",
    "state",
    "employer_code",
    "amount_sen",
    "means",
    "model",
    "bank",
    "paid_on",
    "evidence",
    "follows",
    "started_by",
    "started_at",
    "sent_at",
    "ended_at",
    "result",
    "advice",
    "transaction_id",
    "exchange_order",
    "seller_order",
    "debit_code",
    "credit_code",
    "confirming",
    "asked",
    "asked_at",
    "ask_next",
    "items",
    "receipts",
    "suspense_sen",
    "refund_case",
    "refunded_on",
    "refund_reference",
    "messages",
    "events",
];

fn said(error: StoreError) -> CliError {
    CliError::said(error.to_string())
}

/// Prints the history, newest first.
///
/// # Errors
/// When the store cannot be read, or the result not be written.
pub(super) fn list(office: &Office, globals: &Globals, filter: &PaymentFilter) -> Result<Ended, CliError> {
    let (store, text) = (&office.store, globals.output == Output::Text);
    let most = if filter.limit == 0 { usize::MAX } else { filter.limit as usize };
    let mut past: Vec<(Option<DateTime<FixedOffset>>, Row)> = Vec::new();
    for payment in store.payments(filter).map_err(said)? {
        let at = payment.started_at;
        let page = PaymentPage::of(store, payment).map_err(said)?;
        let items: Vec<&str> = page.items.iter().map(|item| item.reference.as_str()).collect();
        let mut row = over_fpx(&page, globals);
        if text {
            row.insert("means", json!(page.payment.model.id()));
            row.extend([("day", json!(&moment(at)[..10])), ("pays", json!(shortly(&items)))]);
        }
        past.push((Some(at), row));
    }
    if filter.state.is_none_or(|state| state == PaymentState::Paid) {
        let mut outside = store.offline_payments(filter.employer_code.as_deref()).map_err(said)?;
        outside.truncate(if filter.reference.is_some() { usize::MAX } else { most });
        for payment in outside {
            let receipts = receipts(store, &payment.number)?;
            let items = references(&receipts);
            if filter.reference.as_ref().is_some_and(|wanted| !items.contains(&wanted.as_str())) {
                continue;
            }
            let mut row = outside_fpx(&payment, &receipts);
            if text {
                row.extend([("day", json!(payment.paid_on)), ("pays", json!(shortly(&items)))]);
            }
            past.push((DateTime::parse_from_rfc3339(&payment.entered_at).ok(), row));
        }
    }
    past.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    past.truncate(most);
    let mut out = BufWriter::new(io::stdout().lock());
    let rows = past.into_iter().map(|(_, row)| row).collect();
    print_columns_or(&mut out, globals, &COLUMNS, rows, "payment-none")?;
    out.flush()?;
    Ok(Ended::Well)
}

/// The first of what is paid, and how many more there are.
fn shortly(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, more @ ..] => format!("{first} +{}", more.len()),
    }
}

fn receipts(store: &Store, payment: &str) -> Result<Vec<ReceiptRecord>, CliError> {
    let filter = ReceiptFilter { payment: Some(payment.to_owned()), ..ReceiptFilter::default() };
    let mut receipts = store.receipts(&filter).map_err(said)?;
    receipts.sort_by_key(|receipt| receipt.scheme);
    Ok(receipts)
}

fn references(receipts: &[ReceiptRecord]) -> Vec<&str> {
    receipts.iter().flat_map(|receipt| &receipt.lines).map(|line| line.reference.as_str()).collect()
}

fn over_fpx(page: &PaymentPage, globals: &Globals) -> Row {
    let payment = &page.payment;
    let references: Vec<&str> = page.items.iter().map(|item| item.reference.as_str()).collect();
    let receipts: Vec<&str> = page.receipts.iter().map(|receipt| receipt.number.as_str()).collect();
    let values: [(&'static str, Value); 28] = [
        ("number", json!(payment.number)),
        ("exchange_order", json!(payment.exchange_order)),
        ("seller_order", json!(payment.seller_order)),
        ("transaction_id", json!(payment.transaction_id)),
        ("started_at", json!(payment.started_at)),
        ("sent_at", json!(payment.sent_at)),
        ("ended_at", json!(payment.ended_at)),
        ("bank", json!(page.bank())),
        ("bank_code", json!(payment.bank)),
        ("model", json!(payment.model.id())),
        ("amount_sen", json!(payment.amount)),
        ("acknowledgements", json!(references)),
        ("state", json!(payment.state.id())),
        ("confirming", json!(payment.confirming)),
        ("debit_code", json!(payment.debit_code)),
        ("result", json!(page.meaning())),
        ("advice", json!(page.advice(globals.language(), globals.now()))),
        ("receipts", json!(receipts)),
        ("started_by", json!(payment.started_by)),
        ("employer_code", json!(payment.employer_code)),
        ("means", json!(PaidBy::Fpx.id())),
        ("suspense_sen", json!(page.suspense())),
        ("refund_case", json!(page.refund.as_ref().map(|case| case.number.as_str()))),
        ("refunded_on", json!(page.refunded().map(|refund| refund.on))),
        ("refund_reference", json!(page.refunded().map(|refund| refund.reference.as_str()))),
        ("evidence", Value::Null),
        ("follows", Value::Null),
        ("paid_on", json!(page.receipts.first().map(|receipt| receipt.paid_on))),
    ];
    Row::from(values)
}

/// With the same names as [`over_fpx`]: what only FPX knows is empty.
fn outside_fpx(payment: &OfflinePaymentRecord, receipts: &[ReceiptRecord]) -> Row {
    let numbers: Vec<&str> = receipts.iter().map(|receipt| receipt.number.as_str()).collect();
    let mut row = Row::from([
        ("number", json!(payment.number)),
        ("started_at", json!(payment.entered_at)),
        ("ended_at", json!(payment.entered_at)),
        ("bank", json!(payment.bank)),
        ("amount_sen", json!(payment.amount)),
        ("acknowledgements", json!(references(receipts))),
        ("state", json!(PaymentState::Paid.id())),
        ("receipts", json!(numbers)),
        ("started_by", json!(payment.entered_by)),
        ("employer_code", json!(payment.employer_code)),
        ("suspense_sen", json!(Sen::ZERO)),
        ("refund_case", Value::Null),
        ("refunded_on", Value::Null),
        ("refund_reference", Value::Null),
        ("means", json!(payment.means.id())),
        ("evidence", json!(payment.evidence)),
        ("follows", json!(payment.follows)),
        ("paid_on", json!(payment.paid_on)),
    ]);
    let fpx = ["exchange_order", "seller_order", "transaction_id", "sent_at", "bank_code", "model", "confirming"];
    row.extend(fpx.into_iter().chain(["debit_code", "result", "advice"]).map(|name| (name, Value::Null)));
    row
}

/// Prints one payment in full: `P-…` over FPX, `O-…` outside it.
///
/// # Errors
/// When there is no such payment, or the result cannot be written.
pub(super) fn show(office: &Office, globals: &Globals, number: &str) -> Result<Ended, CliError> {
    let store = &office.store;
    let text = globals.output == Output::Text;
    let mut shown = if number.starts_with("O-") {
        let payment = store.offline_payment(number).map_err(said)?;
        let receipts = receipts(store, number)?;
        let mut shown = outside_fpx(&payment, &receipts);
        let lines = receipts.iter().flat_map(|receipt| receipt.lines.iter().map(|line| (receipt.scheme, line)));
        let items = lines.map(|(scheme, l)| item(text, (&l.kind, &l.reference), scheme.id(), l.amount)).collect();
        shown.insert("items", items);
        shown
    } else {
        sent(store, globals, number)?
    };
    if text {
        // The items say it.
        shown.remove("acknowledgements");
        shown.remove("bank_code");
    }
    let events = store.events(number).map_err(said)?;
    let events = events.iter().map(|e| json!({ "at": e.at, "who": e.who, "what": e.what, "detail": e.detail }));
    shown.insert("events", events.collect());
    let mut out = BufWriter::new(io::stdout().lock());
    one_in_order(&mut out, globals, &ORDER, shown)?;
    out.flush()?;
    Ok(Ended::Well)
}

fn item(text: bool, (kind, reference): (&str, &str), scheme: &str, amount: crate::domain::Sen) -> Value {
    if text {
        return json!({ "what": reference, "detail": ringgit(amount) });
    }
    json!({ "kind": kind, "reference": reference, "scheme": scheme, "amount_sen": amount })
}

/// A payment over FPX with its items and messages.
fn sent(store: &Store, globals: &Globals, number: &str) -> Result<Row, CliError> {
    let page = PaymentPage::of(store, store.payment(number).map_err(said)?).map_err(said)?;
    let text = globals.output == Output::Text;
    let mut shown = over_fpx(&page, globals);
    let items = page.items.iter().map(|i| item(text, (&i.kind, &i.reference), i.scheme.id(), i.amount));
    shown.insert("items", items.collect());
    shown.insert("asked", if text { json!(times(page.payment.asked)) } else { json!(page.payment.asked) });
    shown.insert("asked_at", json!(page.payment.asked_at));
    shown.insert("ask_next", json!(page.payment.ask_next));
    shown.insert("credit_code", json!(page.payment.credit_code));
    let messages = store.bank_messages(number).map_err(said)?;
    let messages = messages.iter().map(|message| {
        if text {
            let code = if message.debit_code.is_empty() { "none" } else { &message.debit_code };
            let detail = format!("{}, {}", message.verdict, times(message.seen));
            return json!({ "at": message.received_at, "who": message.channel, "what": code, "detail": detail });
        }
        json!({
            "received_at": message.received_at, "channel": message.channel, "verdict": message.verdict,
            "debit_code": message.debit_code, "certificate": message.certificate, "seen": message.seen,
        })
    });
    shown.insert("messages", messages.collect());
    Ok(shown)
}

/// `1 time`, `2 times`; nothing for none.
fn times(count: impl Into<i64>) -> String {
    match count.into() {
        0 => String::new(),
        1 => "1 time".to_owned(),
        count => format!("{count} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_said_shortly() {
        assert_eq!([0_i64, 1, 2].map(times), ["", "1 time", "2 times"]);
        for (items, short) in [(&[][..], ""), (&["ACR1"], "ACR1"), (&["ACR1", "ECR1", "FCL1"], "ACR1 +2")] {
            assert_eq!(shortly(items), short);
        }
    }
}
