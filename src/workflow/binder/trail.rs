//! The payment trail of a month: what was paid, what the bank said, what was booked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::store::payments::{PaymentFilter, PaymentRecord};
use crate::store::{ChargeFilter, Event, Store, StoreError};
use crate::workflow::receipt::Receipt;

/// Everything that happened to the money of these acknowledgements and charges, as JSON; oldest first. The bank's
/// messages are named by their digests: they carry bank particulars of people.
///
/// # Errors
/// [`StoreError`].
pub fn payment_trail(
    store: &Store,
    employer_code: &str,
    acknowledgements: &[String],
    receipts: &[Receipt],
) -> Result<Value, StoreError> {
    let mut references: BTreeSet<String> = acknowledgements.iter().cloned().collect();
    let filter = ChargeFilter { employer_code: Some(employer_code.to_owned()), ..ChargeFilter::default() };
    let mut charges = store.charges(&filter)?;
    charges.retain(|charge| charge.acknowledgement.as_ref().is_some_and(|on| references.contains(on)));
    charges.sort_by(|a, b| a.number.cmp(&b.number));
    references.extend(charges.iter().map(|charge| charge.number.clone()));
    let mut numbers: BTreeSet<String> = receipts.iter().map(|receipt| receipt.record.payment.clone()).collect();
    let mut attempts = Vec::new();
    for reference in &references {
        let filter = PaymentFilter { reference: Some(reference.clone()), ..PaymentFilter::default() };
        for payment in store.payments(&filter)? {
            if !attempts.iter().any(|known: &PaymentRecord| known.number == payment.number) {
                attempts.push(payment);
            }
        }
    }
    attempts.sort_by(|a, b| (a.started_at, &a.number).cmp(&(b.started_at, &b.number)));
    let mut shown = Vec::new();
    for attempt in &attempts {
        numbers.insert(attempt.number.clone());
        shown.push(shown_payment(store, attempt)?);
    }
    let mut books = Vec::new();
    for number in &numbers {
        for line in store.journal(number)? {
            books.push(json!({
                "subject": number, "entry": line.entry, "at": line.at, "account": line.account.id(),
                "amount_sen": line.amount,
            }));
        }
    }
    let mut events = Vec::new();
    for subject in numbers.iter().chain(&references) {
        events.extend(store.events(subject)?.iter().map(shown_event));
    }
    let charges = charges.iter().map(|charge| {
        json!({
            "number": charge.number, "kind": charge.kind.id(), "scheme": charge.scheme, "state": charge.state.id(),
            "acknowledgement": charge.acknowledgement, "amount_sen": charge.amount,
        })
    });
    let receipts = receipts.iter().map(|receipt| &receipt.frozen);
    Ok(json!({
        "acknowledgements": acknowledgements,
        "charges": charges.collect::<Vec<_>>(),
        "payments": shown,
        "receipts": receipts.collect::<Vec<_>>(),
        "books": books,
        "events": events,
    }))
}

fn shown_payment(store: &Store, payment: &PaymentRecord) -> Result<Value, StoreError> {
    let messages = store.bank_messages(&payment.number)?;
    let messages = messages.iter().map(|message| {
        let digest: String = message.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "received_at": message.received_at, "channel": message.channel, "verdict": message.verdict,
            "debit_code": message.debit_code, "certificate": message.certificate, "sha256": digest,
        })
    });
    let items = payment.items.iter().map(|item| {
        json!({ "kind": item.kind, "reference": item.reference, "scheme": item.scheme, "amount_sen": item.amount })
    });
    Ok(json!({
        "number": payment.number,
        "model": payment.model,
        "bank": payment.bank,
        "amount_sen": payment.amount,
        "state": payment.state.id(),
        "exchange_order": payment.exchange_order,
        "seller_order": payment.seller_order,
        "started_by": payment.started_by,
        "started_at": payment.started_at.to_rfc3339(),
        "sent_at": payment.sent_at.map(|at| at.to_rfc3339()),
        "ended_at": payment.ended_at.map(|at| at.to_rfc3339()),
        "transaction_id": payment.transaction_id,
        "transaction_time": payment.transaction_time,
        "debit_code": payment.debit_code,
        "credit_code": payment.credit_code,
        "items": items.collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
    }))
}

/// An event, for people who were not there.
pub(super) fn shown_event(event: &Event) -> Value {
    json!({
        "id": event.id, "at": event.at, "who": event.who, "subject": event.subject, "what": event.what,
        "detail": event.detail,
    })
}
