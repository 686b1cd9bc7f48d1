//! From the cart to the bank: an attempt to pay is kept whole, with its locks, before anybody outside hears of it; the
//! form goes out once.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset};

use super::cart::fit::Verdict;
use super::cart::{Line, LineKind, Summary};
use super::merchant::Merchant;
use super::page_word::{PageWords, digest};
use super::settle;
use crate::domain::states::AcknowledgementEvent;
use crate::domain::{ChargeEvent, ChargeKind, ChargeState, PaymentModel, PaymentState, Sen};
use crate::fpx::banks::BankOffer;
use crate::fpx::ladder::Ladders;
use crate::fpx::limits::{LimitBreach, Limits};
use crate::fpx::message::{PaymentOrder, PaymentRequest, RequestError, SignedForm};
use crate::fpx::order::OrderNumbers;
use crate::fpx::sign::KeyFault;
use crate::fpx::value::FpxTime;
use crate::store::payments::{NewPayment, PaymentItem, PaymentRecord};
use crate::store::{AcknowledgementRecord, ChargeRecord, Group, NewEvent, Store, StoreError};

/// What somebody wants to pay, how.
#[derive(Debug, Clone)]
pub struct Checkout<'a> {
    /// Whose cart.
    pub employer_code: &'a str,
    /// Personal or corporate.
    pub model: PaymentModel,
    /// The bank chosen, its FPX code.
    pub bank: &'a str,
    /// Where FPX sends a mail, or empty.
    pub mail: &'a str,
    /// What is paid: lines of the cart's summary.
    pub lines: &'a [Line],
    /// The banks that were offered.
    pub offers: &'a [BankOffer],
    /// Who pays, for the record.
    pub who: &'a str,
}

/// An attempt that is kept and waits for its page to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// `P-000001`.
    pub number: String,
    /// What is paid.
    pub amount: Sen,
    /// Its numbers at FPX.
    pub orders: OrderNumbers,
    /// The word in the address of its pages.
    pub word: String,
}

/// Why no payment was started. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Nothing in the cart.
    #[error("the cart of {0} is empty: there is nothing to pay")]
    Empty(String),
    /// No such bank for the model, or not here.
    #[error("{code} is no bank for {model} payments here; `caruman payment banks --model {model}` lists them")]
    NoBank {
        /// Its code.
        code: String,
        /// The model.
        model: PaymentModel,
    },
    /// FPX says that it takes no payments now.
    #[error("{0} is offline at FPX now; choose another bank or try again later")]
    Offline(String),
    /// Outside the limits of FPX.
    #[error(transparent)]
    Limit(#[from] LimitBreach),
    /// Above what the employer's bank account pays at once.
    #[error("RM {amount} is more than the RM {most} that this employer's {model} account pays at once; pay in parts")]
    OwnLimit {
        /// What was to be paid.
        amount: Sen,
        /// The most.
        most: Sen,
        /// The model.
        model: PaymentModel,
    },
    /// Something in the cart asks another amount than the summary said, or is not in it any more: an appeal was decided,
    /// interest asked or something taken out meanwhile. The sentence says what.
    #[error("the amount changed: {0}; look at the cart again")]
    Changed(String),
    /// The form.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The database; among it, that something is part of another payment.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The lines of a summary that one payment of a model can carry: all of them, or one part (from 1) of the proposed
/// split. `None`: they do not fit, there is no such part, or it is too little for FPX.
pub fn chosen(summary: &Summary, model: PaymentModel, part: Option<usize>) -> Option<Vec<Line>> {
    match (&summary.fit(model)?.verdict, part) {
        (Verdict::Fits, None | Some(1)) => Some(summary.lines.clone()),
        (Verdict::AboveLimit(split), Some(part)) => {
            let part = split.payments.get(part.checked_sub(1)?).filter(|part| !part.below_minimum)?;
            Some(part.lines.iter().map(|place| summary.lines[*place].clone()).collect())
        }
        _ => None,
    }
}

/// Starts an attempt: locks what it pays, reckons late interest as charges of their own, keeps the form. The page comes
/// with [`serve_page`]. The lines were read before the lock was taken: each is compared with what is asked under it.
///
/// # Errors
/// [`CheckoutError`]; [`CheckoutError::Changed`] where a line is not what is asked any more.
pub fn start(
    store: &Store,
    merchant: &Merchant,
    words: &PageWords,
    checkout: &Checkout<'_>,
    now: DateTime<FixedOffset>,
) -> Result<Started, CheckoutError> {
    let (model, code) = (checkout.model, checkout.employer_code);
    let amount: Sen = checkout.lines.iter().map(|line| line.amount).sum();
    if checkout.lines.is_empty() {
        return Err(CheckoutError::Empty(code.to_owned()));
    }
    check_bank(merchant, checkout)?;
    Limits::embedded().check(model, amount)?;
    let employer = store.employer(code)?;
    let own = employer.as_ref().and_then(|employer| match model {
        PaymentModel::B2c => employer.bank_limit_personal,
        PaymentModel::B2b1 => employer.bank_limit_corporate,
    });
    if let Some(most) = own.filter(|most| amount > *most) {
        return Err(CheckoutError::OwnLimit { amount, most, model });
    }
    store.data_key(code, now)?;
    let mut group = store.begin_group()?;
    let items = lock_items(&mut group, checkout, now)?;
    let orders = settle::order_numbers(&mut group, now)?;
    let order = PaymentOrder {
        model,
        exchange_id: merchant.exchange_id.clone(),
        seller_id: merchant.seller_id.clone(),
        exchange_order_number: orders.exchange.clone(),
        seller_order_number: orders.seller.clone(),
        time: FpxTime::of(&now),
        amount,
        bank: checkout.bank.to_owned(),
        buyer_name: employer.map(|employer| employer.name).unwrap_or_default(),
        buyer_mail: checkout.mail.to_owned(),
        description: format!("CARUMAN {code}"),
    };
    let request = PaymentRequest::new(&order, Limits::embedded())?;
    // A key that does not sign is found before anything is locked.
    request.signed(merchant.key(now))?;
    let word = words.of(&orders.exchange);
    let references: Vec<String> = items.iter().map(|item| item.reference.clone()).collect();
    let number = group.start_payment(NewPayment {
        employer_code: code.to_owned(),
        model,
        bank: checkout.bank.to_owned(),
        amount,
        exchange_order: orders.exchange.clone(),
        seller_order: orders.seller.clone(),
        token: digest(&word),
        request: request.kept(),
        items,
        started_by: checkout.who.to_owned(),
        now,
    })?;
    let event = |subject: &str, what: &str, detail: String| event(checkout.who, subject, what, detail, now);
    group.event(event(&number, "payment-started", format!("RM {amount}, {}", orders.exchange)))?;
    for reference in references {
        group.event(event(&reference, "at-bank", number.clone()))?;
    }
    group.commit()?;
    tracing::info!(payment = %number, %model, sen = amount.0, "payment started");
    Ok(Started { number, amount, orders, word })
}

fn check_bank(merchant: &Merchant, checkout: &Checkout<'_>) -> Result<(), CheckoutError> {
    let none = || CheckoutError::NoBank { code: checkout.bank.to_owned(), model: checkout.model };
    let name = merchant.bank_name(checkout.bank, checkout.model).ok_or_else(none)?;
    match checkout.offers.iter().find(|offer| offer.code == checkout.bank) {
        Some(offer) if offer.offline => Err(CheckoutError::Offline(name.to_owned())),
        Some(_) => Ok(()),
        None => Err(none()),
    }
}

/// Moves every line to the bank; interest that has no number yet gets one.
fn lock_items(
    group: &mut Group<'_>,
    checkout: &Checkout<'_>,
    now: DateTime<FixedOffset>,
) -> Result<Vec<PaymentItem>, CheckoutError> {
    let mut items = Vec::with_capacity(checkout.lines.len());
    let standing = Standing::of(group, checkout.lines)?;
    for line in checkout.lines {
        if let Some(reference) = &line.reference
            && let Some(payment) = group.open_payment_of(reference)?
        {
            return Err(StoreError::Locked { reference: reference.clone(), payment }.into());
        }
        if let Some(what) = standing.differs(group, line)? {
            return Err(CheckoutError::Changed(what));
        }
        let reference = match (line.new_charge(checkout.employer_code), &line.reference) {
            (Some(interest), _) => group.assess(interest, now)?,
            (None, Some(reference)) => reference.clone(),
            (None, None) => return Err(StoreError::NotFound("the number of a line of the cart".to_owned()).into()),
        };
        match line.kind {
            LineKind::Contribution(_) => {
                group.move_acknowledgement(&reference, AcknowledgementEvent::GoToBank)?;
            }
            LineKind::Charge(_) => {
                group.move_charge(&reference, ChargeEvent::GoToBank, None, now)?;
            }
        }
        let kind = line.kind.id().to_owned();
        items.push(PaymentItem { kind, reference, scheme: line.scheme, amount: line.amount, open: true });
    }
    Ok(items)
}

/// What the lines of a summary ask, as the group sees it: nobody can change it until the group ends.
struct Standing {
    acknowledgements: HashMap<String, AcknowledgementRecord>,
    charges: HashMap<String, ChargeRecord>,
}

impl Standing {
    fn of(group: &mut Group<'_>, lines: &[Line]) -> Result<Standing, StoreError> {
        let numbers: Vec<String> = lines.iter().filter_map(|line| line.reference.clone()).collect();
        let acknowledgements = group.acknowledgements_by_number(&numbers)?;
        Ok(Standing { acknowledgements, charges: group.charges_by_number(&numbers)? })
    }

    /// What makes a line another one than when it was added up, if anything does. An acknowledgement that left the cart is
    /// refused by its state.
    fn differs(&self, group: &mut Group<'_>, line: &Line) -> Result<Option<String>, StoreError> {
        let Some(reference) = &line.reference else {
            let Some(on) = &line.on else { return Ok(None) };
            let mut charges = group.charges_on(on)?;
            charges.retain(|charge| charge.kind == ChargeKind::Interest && charge.state != ChargeState::Void);
            return Ok(charges.pop().map(|charge| format!("{} is about the interest on {on} now", charge.number)));
        };
        let charge = self.charges.get(reference);
        if charge.is_some_and(|charge| charge.state != ChargeState::InCart) {
            return Ok(Some(format!("{reference} is not in the cart any more")));
        }
        let record = self.acknowledgements.get(reference);
        let asked = charge.map(|charge| charge.amount).or(record.map(|record| record.total));
        let asked = asked.filter(|asked| *asked != line.amount);
        Ok(asked.map(|asked| format!("{reference} asks RM {asked} and not RM {}", line.amount)))
    }
}

/// Why a page was not given out.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It was given out before, or the attempt has ended.
    #[error("the page of payment {0} was given out already, or the payment has ended; begin a new payment")]
    Once(String),
    /// What was kept cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Gives the signed form, once: from here on FPX may know the payment, and it is asked about. The step is kept before
/// the form leaves.
///
/// # Errors
/// [`ServeError`]; then the form did not leave.
pub fn serve_page(
    store: &Store,
    merchant: &Merchant,
    number: &str,
    now: DateTime<FixedOffset>,
) -> Result<(PaymentRecord, SignedForm), ServeError> {
    let payment = store.payment(number)?;
    let request = PaymentRequest::from_kept(&store.request_of_payment(&payment)?)?;
    let form = request.signed(merchant.key(now))?;
    let state = PaymentState::Sent;
    let ask_next = Ladders::embedded().next_requery(payment.model, state, now, None);
    let mut group = store.begin_group()?;
    group.mark_served(number, now, ask_next).map_err(|error| match error {
        StoreError::Step { .. } => ServeError::Once(number.to_owned()),
        other => other.into(),
    })?;
    group.event(event(&payment.started_by, number, "payment-sent", payment.exchange_order.clone(), now))?;
    group.commit()?;
    Ok((store.payment(number)?, form))
}

/// An event of the record.
pub(super) fn event(who: &str, subject: &str, what: &str, detail: String, at: DateTime<FixedOffset>) -> NewEvent {
    NewEvent { at, who: who.to_owned(), subject: subject.to_owned(), what: what.to_owned(), detail }
}
