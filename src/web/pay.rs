//! From the cart to the bank: the summary with its choice of banks, and the page that takes the browser to FPX, once.

use serde_json::{Value, json};

use super::answer::Answer;
use super::form::Fields;
use super::pages::{Frame, bank_policy, render, word};
use super::payment::{facts, find, grouped, item_row, model_name, moment, of, row, sums};
use super::site::{FpxDesk, Site, language};
use crate::domain::{Language, PaymentModel, PaymentState};
use crate::fpx::limits::Limits;
use crate::fpx::message::SignedForm;
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::store::StoreError;
use crate::store::payments::{PaymentFilter, PaymentRecord};
use crate::workflow::cart::fit::{Fit, Verdict};
use crate::workflow::cart::words::ringgit;
use crate::workflow::cart::{CartError, InterestWhen, Line, Summary, SummaryOptions, summary};
use crate::workflow::checkout::{Checkout, ServeError, chosen, serve_page, start};
use crate::workflow::merchant::Merchant;
use crate::workflow::page_word::{PayLink, link};
use crate::workflow::payment_page::PaymentPage;

/// `GET /pay/TOKEN`.
pub(super) fn show(site: &Site, token: &str, fields: &Fields) -> Answer {
    with_page(site, token, fields, |page| match page {
        Page::Payment(payment) if payment.state == PaymentState::Created => go(site, token, fields, *payment),
        Page::Payment(payment) => gone(site, token, of(site, fields, &payment.employer_code), &payment),
        Page::Link(link) => cart(site, token, fields, &link, None, 200),
    })
}

/// `POST /pay/TOKEN`: Proceed.
pub(super) fn proceed(site: &Site, token: &str, fields: &Fields, form: &Fields) -> Answer {
    with_page(site, token, fields, |page| match page {
        Page::Payment(payment) => {
            let language = of(site, fields, &payment.employer_code);
            leave(site, token, language, &payment)
        }
        Page::Link(link) => pay(site, token, fields, form, &link),
    })
}

/// What the word of an address leads to.
enum Page {
    /// An attempt that is chosen already.
    Payment(Box<PaymentRecord>),
    /// A cart.
    Link(PayLink),
}

fn with_page(site: &Site, token: &str, fields: &Fields, then: impl FnOnce(Page) -> Answer) -> Answer {
    let found = find(site, token).and_then(|payment| match payment {
        Some(payment) => Ok(Some(Page::Payment(Box::new(payment)))),
        None => Ok(link(&site.store, token, (site.clock)())?.map(Page::Link)),
    });
    match found {
        Ok(Some(page)) => then(page),
        Ok(None) => site.not_found(language(fields, None)),
        Err(error) => site.closed(language(fields, None), &error),
    }
}

/// An attempt that waits for its page to be fetched.
fn go(site: &Site, token: &str, fields: &Fields, payment: PaymentRecord) -> Answer {
    let language = of(site, fields, &payment.employer_code);
    let Some(fpx) = &site.fpx else { return site.notice(language, 503, ("closed", "closed_advice")) };
    let page = match PaymentPage::of(&site.store, payment) {
        Ok(page) => page,
        Err(error) => return site.closed(language, &error),
    };
    let path = format!("/pay/{token}");
    let frame = frame(site, language, "pay_title", &path);
    let values = json!({
        "facts": facts(language, &page),
        "items": page.items.iter().map(|item| row(language, item)).collect::<Vec<_>>(),
        "sums": sums(language, page.items.iter().map(|item| (item.scheme, item.amount))),
        "total": grouped(page.payment.amount),
        "action": path,
        "terms": fpx.merchant.host.terms(),
        "logo": fpx.merchant.logo.is_some(),
        "information": fpx.merchant.information,
    });
    Answer::page(200, render("go", &frame, values))
}

fn frame<'a>(site: &'a Site, language: Language, title: &str, path: &'a str) -> Frame<'a> {
    Frame { language, issuer: &site.issuer, title: word(language, title, &[]), path, refresh: None }
}

/// Gives the page that goes to the bank; the step is kept before it leaves.
fn leave(site: &Site, token: &str, language: Language, payment: &PaymentRecord) -> Answer {
    let Some(fpx) = &site.fpx else { return site.notice(language, 503, ("closed", "closed_advice")) };
    match serve_page(&site.store, &fpx.merchant, &payment.number, (site.clock)()) {
        Ok((payment, form)) => match bank_page(site, &fpx.merchant, language, payment, &form) {
            Ok(page) => Answer { policy: Some(bank_policy(&fpx.merchant.host.origin())), ..Answer::page(200, page) },
            Err(error) => site.closed(language, &error),
        },
        Err(ServeError::Once(_)) => gone(site, token, language, payment),
        Err(error) => site.closed(language, &error),
    }
}

/// The page was given out before: what to do.
fn gone(site: &Site, token: &str, language: Language, payment: &PaymentRecord) -> Answer {
    let said = (word(language, "served_already", &[]), word(language, "served_advice", &[]));
    let name = word(language, "see_payment", &[("number", &payment.number)]);
    site.notice_with(language, 409, said, Some((format!("/payment/{token}"), name)))
}

fn bank_page(
    site: &Site,
    merchant: &Merchant,
    language: Language,
    payment: PaymentRecord,
    form: &SignedForm,
) -> Result<String, StoreError> {
    let page = PaymentPage::of(&site.store, payment)?;
    Ok(bank_html(&site.issuer, merchant, language, &page, form))
}

/// The page that takes a browser to FPX: it stands alone, so that it can be a file as well.
pub fn bank_html(
    issuer: &str,
    merchant: &Merchant,
    language: Language,
    page: &PaymentPage,
    form: &SignedForm,
) -> String {
    let title = word(language, "bank_title", &[]);
    let frame = Frame { language, issuer, title, path: "", refresh: None };
    let fields = form.fields().map(|(name, value)| json!({ "name": name, "value": value }));
    let values = json!({
        "policy": bank_policy(&merchant.host.origin()),
        "facts": facts(language, page),
        "action": merchant.host.pay(),
        "fields": fields.collect::<Vec<_>>(),
    });
    render("bank", &frame, values)
}

/// Starts the payment that was chosen and goes to the bank with it.
fn pay(site: &Site, token: &str, fields: &Fields, form: &Fields, link: &PayLink) -> Answer {
    let language = of(site, fields, &link.employer_code);
    let Some(fpx) = &site.fpx else { return site.notice(language, 503, ("closed", "closed_advice")) };
    let refused = |problem: String, status| cart(site, token, fields, link, Some((problem, form)), status);
    let chosen_bank = form.get("bank").split_once(':');
    let Some((model, bank)) = chosen_bank.and_then(|(model, bank)| Some((PaymentModel::from_id(model)?, bank))) else {
        return refused(word(language, "choose_bank", &[]), 422);
    };
    let summed = match sum_up(site, link, when(form)) {
        Ok(summed) => summed,
        Err(CartError::Empty) => return nothing(site, language, link),
        Err(error) => return refused(error.to_string(), 409),
    };
    let above = summed.fit(model).is_some_and(|fit| matches!(fit.verdict, Verdict::AboveLimit(_)));
    let Some(lines) = chosen(&summed, model, above.then_some(1)) else {
        return refused(summed.sentences(Messages::get(language)).join(" "), 422);
    };
    let now = (site.clock)();
    let checkout = Checkout {
        employer_code: &link.employer_code,
        model,
        bank,
        mail: form.get("mail"),
        lines: &lines,
        offers: &fpx.banks.offers(model, now).banks,
        who: &link.who,
    };
    match start(&site.store, &fpx.merchant, &site.words, &checkout, now) {
        Ok(started) => match site.store.payment(&started.number) {
            Ok(payment) => leave(site, &started.word, language, &payment),
            Err(error) => site.closed(language, &error),
        },
        Err(error) => refused(error.to_string(), 409),
    }
}

fn when(form: &Fields) -> InterestWhen {
    if form.get("interest") == "later" { InterestWhen::Later } else { InterestWhen::Now }
}

fn sum_up(site: &Site, link: &PayLink, interest: InterestWhen) -> Result<Summary, CartError> {
    let options = SummaryOptions { model: None, interest, day: (site.clock)().date_naive() };
    summary(&site.store, RateBook::embedded(), &link.employer_code, &options)
}

/// The cart is empty: perhaps its items are at the bank.
fn nothing(site: &Site, language: Language, link: &PayLink) -> Answer {
    let filter = PaymentFilter { employer_code: Some(link.employer_code.clone()), limit: 20, ..Default::default() };
    let payments = match site.store.payments(&filter) {
        Ok(payments) => payments,
        Err(error) => return site.closed(language, &error),
    };
    let heading = word(language, "not_started", &[]);
    let at_bank = payments.iter().find(|p| p.items.iter().any(|item| item.open)).or(payments.first());
    match at_bank {
        Some(payment) if payment.items.iter().any(|item| item.open) => {
            let said = word(language, "at_bank_now", &[("number", &payment.number)]);
            site.notice_with(language, 409, (heading, said), Some(see(site, language, payment)))
        }
        found => {
            let said = word(language, "nothing_to_pay", &[]);
            site.notice_with(language, 409, (heading, said), found.map(|payment| see(site, language, payment)))
        }
    }
}

fn see(site: &Site, language: Language, payment: &PaymentRecord) -> (String, String) {
    let path = format!("/payment/{}", site.words.of(&payment.exchange_order));
    (path, word(language, "see_payment", &[("number", &payment.number)]))
}

/// The summary with its choice of banks; after a refusal with its reason and what was entered.
fn cart(
    site: &Site,
    token: &str,
    fields: &Fields,
    link: &PayLink,
    refused: Option<(String, &Fields)>,
    status: u16,
) -> Answer {
    let language = of(site, fields, &link.employer_code);
    let Some(fpx) = &site.fpx else { return site.notice(language, 503, ("closed", "closed_advice")) };
    let empty = Fields::default();
    let (problem, form) = refused.map_or((None, &empty), |(problem, form)| (Some(problem), form));
    let summed = match sum_up(site, link, when(form)) {
        Ok(summed) => summed,
        Err(CartError::Empty) => return nothing(site, language, link),
        Err(error) => return site.closed(language, &error),
    };
    let path = format!("/pay/{token}");
    let frame = frame(site, language, "pay_title", &path);
    let waiting = &summed.waiting;
    let interest = (!waiting.today.asked.is_zero()).then(|| {
        let label = |name: &str, amount: String| word(language, name, &[("amount", &amount)]);
        json!({
            "now": when(form) == InterestWhen::Now,
            "now_label": label("interest_now", ringgit(waiting.today.asked)),
            "later_label": label("interest_later", ringgit(waiting.tomorrow.asked)),
        })
    });
    let employer = site.store.employer(&link.employer_code).ok().flatten().map(|employer| employer.name);
    let employer = employer.filter(|name| !name.is_empty());
    let models: Vec<Value> = summed.fits.iter().map(|fit| model(site, fpx, language, (&summed, fit), form)).collect();
    let values = json!({
        "employer": employer.map_or(link.employer_code.clone(), |name| format!("{name} ({})", link.employer_code)),
        "items": summed.lines.iter().map(|line| line_row(language, line)).collect::<Vec<_>>(),
        "sums": sums(language, summed.lines.iter().map(|line| (line.scheme, line.amount))),
        "total": grouped(summed.total),
        "notes": summed.waiting_in_words(Messages::get(language)),
        "problem": problem,
        "can_pay": true,
        "action": path,
        "models": models,
        "interest": interest,
        "mail": form.get("mail"),
        "terms": fpx.merchant.host.terms(),
        "logo": fpx.merchant.logo.is_some(),
        "information": fpx.merchant.information,
    });
    Answer::page(status, render("pay", &frame, values))
}

fn line_row(language: Language, line: &Line) -> Value {
    let reference = line.reference.as_deref().or(line.on.as_deref()).unwrap_or_default();
    item_row(language, (line.scheme, line.kind.id()), reference, &line.months, line.amount)
}

/// The banks of a model, or why it cannot carry the cart.
fn model(site: &Site, fpx: &FpxDesk, language: Language, (summed, fit): (&Summary, &Fit), form: &Fields) -> Value {
    let model = fit.model;
    let limits = Limits::embedded().of(model);
    let (from, to) = (ringgit(limits.minimum), ringgit(fit.limit()));
    let mut said = word(language, "limits", &[("from", &from), ("to", &to)]);
    let mut closed = None;
    match &fit.verdict {
        Verdict::Fits => {}
        Verdict::AboveLimit(split) if chosen(summed, model, Some(1)).is_some() => {
            let (count, amount) = (split.payments.len().to_string(), ringgit(split.payments[0].amount));
            said = word(language, "part", &[("count", &count), ("amount", &amount)]);
        }
        _ => {
            let alone = Summary { fits: vec![fit.clone()], ..summed.clone() };
            closed = Some(alone.fits_in_words(Messages::get(language)).join(" "));
        }
    }
    let offered = fpx.banks.offers(model, (site.clock)());
    let as_of = match offered.as_of {
        Some(at) => word(language, if offered.stale { "stale" } else { "as_of" }, &[("at", &moment(at))]),
        None => word(language, "no_list", &[]),
    };
    let banks = offered.banks.iter().map(|bank| {
        let value = format!("{model}:{}", bank.code);
        json!({
            "chosen": form.get("bank") == value,
            "value": value,
            "name": bank.name,
            "offline": bank.offline,
        })
    });
    json!({
        "name": model_name(language, model),
        "open": form.get("bank").starts_with(&format!("{model}:")),
        "limits": said,
        "closed": closed,
        "banks": banks.collect::<Vec<_>>(),
        "as_of": as_of,
    })
}
