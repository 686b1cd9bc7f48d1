//! The page of one payment: what the database knows of it, in words.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::answer::Answer;
use super::form::Fields;
use super::pages::{Frame, render, word};
use super::site::{Site, language};
use crate::domain::{ContributionMonth, Language, PaymentModel, PaymentState, Scheme, Sen};
use crate::store::StoreError;
use crate::store::payments::PaymentRecord;
use crate::workflow::cart::words::ringgit;
use crate::workflow::page_word::digest;
use crate::workflow::payment_page::{PageItem, PaymentPage};

/// `GET /payment/TOKEN`.
pub(super) fn show(site: &Site, token: &str, fields: &Fields) -> Answer {
    let found =
        find(site, token).and_then(|found| found.map(|payment| PaymentPage::of(&site.store, payment)).transpose());
    match found {
        Ok(Some(page)) => {
            let language = of(site, fields, &page.payment.employer_code);
            Answer::page(200, status(site, language, token, &page))
        }
        Ok(None) => site.not_found(language(fields, None)),
        Err(error) => site.closed(language(fields, None), &error),
    }
}

/// `GET /payment/TOKEN/receipt/NUMBER`: an official receipt that is printed already.
pub(super) fn receipt(site: &Site, token: &str, number: &str, fields: &Fields) -> Answer {
    let page = match find(site, token).and_then(|f| f.map(|p| PaymentPage::of(&site.store, p)).transpose()) {
        Ok(Some(page)) => page,
        Ok(None) => return site.not_found(language(fields, None)),
        Err(error) => return site.closed(language(fields, None), &error),
    };
    let language = of(site, fields, &page.payment.employer_code);
    if !page.receipts.iter().any(|receipt| receipt.number == number) {
        return site.not_found(language);
    }
    match super::receipt_paper(site, number) {
        Ok(pdf) => Answer::document(format!("{number}.pdf"), pdf),
        Err(error) => site.closed(language, &error),
    }
}

pub(super) fn find(site: &Site, token: &str) -> Result<Option<PaymentRecord>, StoreError> {
    // Only what can be a word is looked for.
    let fits = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits { site.store.payment_by_token(&digest(token)) } else { Ok(None) }
}

/// The language of a page about an employer's money.
pub(super) fn of(site: &Site, fields: &Fields, employer_code: &str) -> Language {
    let employer = site.store.employer(employer_code).ok().flatten();
    language(fields, employer.map(|employer| employer.language))
}

fn status(site: &Site, language: Language, token: &str, page: &PaymentPage) -> String {
    let now = (site.clock)();
    let payment = &page.payment;
    let path = format!("/payment/{token}");
    let frame = Frame {
        language,
        issuer: &site.issuer,
        title: word(language, "payment_title", &[("number", &payment.number)]),
        path: &path,
        refresh: refresh(payment, now),
    };
    let (tone, sign) = match payment.state {
        PaymentState::Paid if page.suspense().is_zero() => ("good", "✓"),
        PaymentState::Failed | PaymentState::Abandoned if !payment.confirming => ("bad", "✕"),
        _ => ("wait", "…"),
    };
    let receipts = page.receipts.iter().map(|receipt| {
        let name = match receipt.scheme {
            Scheme::Act4 => "receipt_act4",
            Scheme::Act800 => "receipt_act800",
        };
        json!({
            "name": word(language, name, &[("number", &receipt.number)]),
            "href": format!("{path}/receipt/{}", receipt.number),
            "amount": grouped(receipt.total),
        })
    });
    let values = json!({
        "tone": tone,
        "sign": sign,
        "state": state(language, page),
        "advice": page.advice(language, now),
        "again": again(language, page, now),
        "facts": facts(language, page),
        "items_title": word(language, if page.standing() == "paid" { "items" } else { "items_of_payment" }, &[]),
        "items": page.items.iter().map(|item| row(language, item)).collect::<Vec<_>>(),
        "sums": sums(language, page.items.iter().map(|item| (item.scheme, item.amount))),
        "total": grouped(payment.amount),
        "receipts": receipts.collect::<Vec<_>>(),
    });
    render("payment", &frame, values)
}

/// Seconds after which the page of an open payment looks again: soon at first, politely later.
fn refresh(payment: &PaymentRecord, now: DateTime<FixedOffset>) -> Option<u32> {
    let sent = payment.sent_at.filter(|_| payment.state.is_open() || payment.confirming)?;
    match (payment.state, (now - sent).num_minutes()) {
        (PaymentState::PendingAuthoriser, _) => Some(600),
        (_, ..10) => Some(15),
        (_, ..60) => Some(60),
        _ => Some(300),
    }
}

fn state(language: Language, page: &PaymentPage) -> String {
    word(language, &format!("state_{}", page.standing().replace('-', "_")), &[])
}

/// Nothing was paid, and that is sure.
fn over(page: &PaymentPage) -> bool {
    matches!(page.standing(), "failed" | "abandoned")
}

/// What else to do: begin again, or by when the approver should act so that nothing becomes late.
fn again(language: Language, page: &PaymentPage, now: DateTime<FixedOffset>) -> Option<String> {
    if over(page) {
        return Some(word(language, "pay_again", &[]));
    }
    let due = page.approve_by().filter(|due| *due >= now.date_naive())?;
    Some(word(language, "approve_by", &[("due", &due.format("%d/%m/%Y").to_string())]))
}

/// The particulars of a payment, labelled. Date and time, amount, order number, FPX transaction id, bank and status are
/// what PayNet wants to see on every result.
pub(super) fn facts(language: Language, page: &PaymentPage) -> Value {
    let payment = &page.payment;
    let model = model_name(language, payment.model);
    let transaction = if payment.transaction_id.is_empty() {
        word(language, "none_yet", &[])
    } else {
        payment.transaction_id.clone()
    };
    let code = if payment.debit_code.is_empty() { String::new() } else { format!(" ({})", payment.debit_code) };
    let facts = [
        ("date", moment(page.moment())),
        ("amount", ringgit(payment.amount)),
        ("seller_order", payment.seller_order.clone()),
        ("transaction", transaction),
        ("bank", page.bank().to_owned()),
        ("model", model),
        ("status", format!("{}{code}", state(language, page))),
        ("employer_code", payment.employer_code.clone()),
    ];
    facts.into_iter().map(|(name, value)| json!({ "label": word(language, name, &[]), "value": value })).collect()
}

/// The name of a model.
pub(super) fn model_name(language: Language, model: PaymentModel) -> String {
    word(language, if model == PaymentModel::B2c { "model_b2c" } else { "model_b2b1" }, &[])
}

/// A line of the table of items.
pub(super) fn row(language: Language, item: &PageItem) -> Value {
    item_row(language, (item.scheme, &item.kind), &item.reference, &item.months, item.amount)
}

/// A line of the table of items, of its parts.
pub(super) fn item_row(
    language: Language,
    (scheme, kind): (Scheme, &str),
    reference: &str,
    months: &[ContributionMonth],
    amount: Sen,
) -> Value {
    let act = if scheme == Scheme::Act4 { "act4" } else { "act800" };
    let kind = word(language, &format!("kind_{}", kind.replace('-', "_")), &[]);
    let months = months.iter().map(|month| format!("{:02}/{}", month.month(), month.year())).collect::<Vec<_>>();
    json!({
        "what": format!("{kind}, {}", word(language, act, &[])),
        "reference": reference,
        "months": months.join(", "),
        "amount": grouped(amount),
    })
}

/// Sub-totals of the Acts.
pub(super) fn sums(language: Language, amounts: impl Iterator<Item = (Scheme, Sen)> + Clone) -> Value {
    let of = |scheme: Scheme, name: &str| {
        let sum: Sen = amounts.clone().filter(|(own, _)| *own == scheme).map(|(_, amount)| amount).sum();
        (!sum.is_zero()).then(|| json!({ "what": word(language, name, &[]), "amount": grouped(sum) }))
    };
    [of(Scheme::Act4, "subtotal_act4"), of(Scheme::Act800, "subtotal_act800")].into_iter().flatten().collect()
}

/// An amount in a column headed RM.
pub(super) fn grouped(amount: Sen) -> String {
    ringgit(amount).trim_start_matches("RM ").to_owned()
}

/// A moment as people write it here.
pub(super) fn moment(at: DateTime<FixedOffset>) -> String {
    at.format("%d/%m/%Y %H:%M:%S").to_string()
}
