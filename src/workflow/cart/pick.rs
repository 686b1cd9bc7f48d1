//! What can be picked for payment ("Process to Payment"), picked ("Add to Cart"), put back ("Remove", "Clear List").

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::late::{Facts, charge_line, contribution_line};
use super::refusal::{Refusal, Why, of_acknowledgement, of_charge};
use super::{CartError, Line};
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::domain::{ChargeEvent, ChargeState, ContributionMonth, PaymentState, Scheme, Sen};
use crate::rates::RateBook;
use crate::store::payments::PaymentFilter;
use crate::store::{AcknowledgementRecord, ChargeFilter, ChargeRecord, Filter, Group, NewEvent, Store, StoreError};

/// Something that can be picked, or is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// As it would stand in a payment.
    pub line: Line,
    /// Persons, for an acknowledgement.
    pub people: Option<u64>,
    /// The day it was received or asked, `YYYY-MM-DD`.
    pub received_on: String,
    /// It is in the cart.
    pub in_cart: bool,
}

/// What to look for; everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// A part of the number.
    pub text: Option<String>,
    /// One of its months.
    pub month: Option<ContributionMonth>,
    /// Its Act.
    pub scheme: Option<Scheme>,
    /// Its exact amount, sen.
    pub amount: Option<Sen>,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moved {
    /// Moved by this call, in the order given.
    pub moved: Vec<String>,
    /// Was there already.
    pub already: Vec<String>,
}

/// Something that was named, as the store has it.
pub(in crate::workflow) enum Named {
    /// An ACR or ECR.
    Acknowledgement(Box<AcknowledgementRecord>),
    /// A charge.
    Charge(Box<ChargeRecord>),
}

impl Named {
    /// Looks a number up; `None` where there is no such thing.
    pub(in crate::workflow) fn look_up(store: &Store, reference: &str) -> Result<Option<Named>, StoreError> {
        let found = match reference.get(..3) {
            Some("FCL" | "KMP") => store.charge(reference).map(|found| Named::Charge(Box::new(found))),
            _ => store.acknowledgement(reference).map(|found| Named::Acknowledgement(Box::new(found))),
        };
        match found {
            Ok(found) => Ok(Some(found)),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whose it is.
    pub(in crate::workflow) fn employer_code(&self) -> &str {
        match self {
            Named::Acknowledgement(record) => &record.employer_code,
            Named::Charge(charge) => &charge.employer_code,
        }
    }

    /// It is in the cart.
    pub(in crate::workflow) fn in_cart(&self) -> bool {
        match self {
            Named::Acknowledgement(record) => record.state == AcknowledgementState::InCart,
            Named::Charge(charge) => charge.state == ChargeState::InCart,
        }
    }

    /// Why it cannot be paid, if so.
    pub(in crate::workflow) fn refused(&self, store: &Store) -> Result<Option<Why>, StoreError> {
        match self {
            Named::Acknowledgement(record) => of_acknowledgement(store, record),
            Named::Charge(charge) => of_charge(store, charge),
        }
    }
}

/// Whose an acknowledgement or charge is; `None` where there is no such thing.
///
/// # Errors
/// [`StoreError`].
pub fn owner(store: &Store, reference: &str) -> Result<Option<String>, StoreError> {
    let named = Named::look_up(store, &reference.trim().to_uppercase())?;
    Ok(named.map(|named| named.employer_code().to_owned()))
}

/// What a payment that is not finished locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// The payment.
    pub payment: String,
    /// It has gone to the bank.
    pub sent: bool,
    /// Acknowledgements and charges.
    pub references: Vec<String>,
}

/// What payments of an employer lock, newest payment first.
///
/// # Errors
/// [`StoreError`].
pub fn locked(store: &Store, employer_code: &str) -> Result<Vec<Locked>, StoreError> {
    let filter = PaymentFilter { employer_code: Some(employer_code.to_owned()), ..PaymentFilter::default() };
    let locked = store.payments(&filter)?.into_iter().map(|payment| Locked {
        payment: payment.number,
        sent: payment.state != PaymentState::Created,
        references: payment.items.into_iter().filter(|item| item.open).map(|item| item.reference).collect(),
    });
    Ok(locked.filter(|locked| !locked.references.is_empty()).collect())
}

/// Numbers as they are kept, each once, in the order given.
pub(in crate::workflow) fn tidy(references: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let written = references.iter().map(|reference| reference.trim().to_uppercase());
    written.filter(|reference| seen.insert(reference.clone())).collect()
}

/// Everything that can be picked and what is in the cart, oldest due date first.
///
/// # Errors
/// [`CartError`].
pub fn list(store: &Store, book: &RateBook, employer_code: &str, day: NaiveDate) -> Result<Vec<Pick>, CartError> {
    search(store, book, employer_code, &Search::default(), day)
}

/// Of what can be picked and what is in the cart, that which fits.
///
/// # Errors
/// [`CartError`].
pub fn search(
    store: &Store,
    book: &RateBook,
    employer_code: &str,
    wanted: &Search,
    day: NaiveDate,
) -> Result<Vec<Pick>, CartError> {
    let mut picks = Vec::new();
    for state in [AcknowledgementState::Submitted, AcknowledgementState::InCart] {
        for record in of_state(store, employer_code, state)? {
            let line = contribution_line(&record, &Facts::of(&record)?, book, day);
            let received_on = record.received_at.get(..10).unwrap_or_default().to_owned();
            let in_cart = state == AcknowledgementState::InCart;
            picks.push(Pick { line, people: Some(record.people), received_on, in_cart });
        }
    }
    for charge in open_charges(store, employer_code)? {
        let in_cart = charge.state == ChargeState::InCart;
        let received_on = charge.assessed_on.to_string();
        picks.push(Pick { line: charge_line(&charge), people: None, received_on, in_cart });
    }
    picks.retain(|pick| wanted.holds(&pick.line));
    picks.sort_by_cached_key(|pick| order(&pick.line));
    Ok(picks)
}

impl Search {
    fn holds(&self, line: &Line) -> bool {
        let text = self.text.as_ref().map(|text| text.trim().to_uppercase());
        let number = line.reference.as_deref().unwrap_or_default();
        text.is_none_or(|text| number.contains(&text))
            && self.month.is_none_or(|month| line.months.contains(&month))
            && self.scheme.is_none_or(|scheme| line.scheme == scheme)
            && self.amount.is_none_or(|amount| line.amount == amount)
    }
}

/// Oldest due date first, then the costliest; charges without a due date last.
pub(super) fn order(line: &Line) -> (bool, Option<NaiveDate>, std::cmp::Reverse<Sen>, Option<String>) {
    (line.due_date.is_none(), line.due_date, std::cmp::Reverse(line.amount), line.reference.clone())
}

/// Acknowledgements of an employer in a state that ask for money.
pub(super) fn of_state(
    store: &Store,
    employer_code: &str,
    state: AcknowledgementState,
) -> Result<Vec<AcknowledgementRecord>, StoreError> {
    let employer_code = Some(employer_code.to_owned());
    let mut found = store.acknowledgements(&Filter { employer_code, state: Some(state.id()), ..Filter::default() })?;
    found.retain(|record| !record.total.is_zero());
    Ok(found)
}

fn open_charges(store: &Store, employer_code: &str) -> Result<Vec<ChargeRecord>, StoreError> {
    let filter = ChargeFilter { employer_code: Some(employer_code.to_owned()), ..ChargeFilter::default() };
    let mut charges = store.charges(&filter)?;
    charges.retain(|charge| {
        matches!(charge.state, ChargeState::Assessed | ChargeState::InCart) && !charge.amount.is_zero()
    });
    Ok(charges)
}

/// Picks acknowledgements and charges of an employer for payment; none named: everything that can be paid. All of them
/// or none.
///
/// # Errors
/// [`CartError::Refused`] with a sentence for each that cannot be picked; [`CartError::Store`].
pub fn add(
    store: &Store,
    employer_code: &str,
    references: &[String],
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<Moved, CartError> {
    let named = if references.is_empty() {
        let acknowledgements = of_state(store, employer_code, AcknowledgementState::Submitted)?;
        let mut numbers: Vec<String> = acknowledgements.into_iter().map(|record| record.number).collect();
        numbers.reverse();
        let charges = open_charges(store, employer_code)?.into_iter();
        numbers.extend(charges.filter(|charge| charge.state == ChargeState::Assessed).map(|charge| charge.number));
        Moved { moved: numbers, already: Vec::new() }
    } else {
        judge(store, employer_code, references, |named| {
            Ok(match named.refused(store)? {
                Some(why) => Err(why),
                None => Ok(named.in_cart()),
            })
        })?
    };
    let mut group = store.begin_group()?;
    for reference in &named.moved {
        step(&mut group, reference, true, now)?;
        group.event(event(now, who, reference, "added-to-cart"))?;
    }
    group.commit()?;
    Ok(named)
}

/// Puts back what was picked. All of them or none.
///
/// # Errors
/// [`CartError::Refused`] with a sentence for each that is not in the cart; [`CartError::Store`].
pub fn remove(
    store: &Store,
    employer_code: &str,
    references: &[String],
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<String>, CartError> {
    let named = judge(store, employer_code, references, |named| {
        Ok(match (named.in_cart(), named.refused(store)?) {
            (true, _) => Ok(false),
            (false, why) => Err(why.unwrap_or(Why::NotInCart)),
        })
    })?;
    take_out(store, named.moved, who, now)
}

/// Puts everything back ("Clear List").
///
/// # Errors
/// [`CartError::Store`].
pub fn clear(
    store: &Store,
    employer_code: &str,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<String>, CartError> {
    let acknowledgements = of_state(store, employer_code, AcknowledgementState::InCart)?;
    let mut numbers: Vec<String> = acknowledgements.into_iter().map(|record| record.number).collect();
    let charges = open_charges(store, employer_code)?.into_iter();
    numbers.extend(charges.filter(|charge| charge.state == ChargeState::InCart).map(|charge| charge.number));
    take_out(store, numbers, who, now)
}

fn take_out(
    store: &Store,
    numbers: Vec<String>,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<Vec<String>, CartError> {
    let mut group = store.begin_group()?;
    for reference in &numbers {
        step(&mut group, reference, false, now)?;
        group.event(event(now, who, reference, "taken-from-cart"))?;
    }
    group.commit()?;
    Ok(numbers)
}

/// Looks everything up; `rule` says of each why not, or whether nothing needs to be done.
fn judge(
    store: &Store,
    employer_code: &str,
    references: &[String],
    rule: impl Fn(&Named) -> Result<Result<bool, Why>, StoreError>,
) -> Result<Moved, CartError> {
    let (mut named, mut refused) = (Moved::default(), Vec::new());
    for reference in tidy(references) {
        // Another employer's is not told from what does not exist.
        let found = Named::look_up(store, &reference)?.filter(|found| found.employer_code() == employer_code);
        let judged = match found {
            Some(found) => rule(&found)?,
            None => Err(Why::NotOfEmployer(employer_code.to_owned())),
        };
        match judged {
            Ok(false) => named.moved.push(reference),
            Ok(true) => named.already.push(reference),
            Err(why) => refused.push(Refusal { reference, why }),
        }
    }
    if refused.is_empty() { Ok(named) } else { Err(CartError::Refused(refused)) }
}

fn step(group: &mut Group<'_>, reference: &str, into: bool, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
    if matches!(reference.get(..3), Some("FCL" | "KMP")) {
        let event = if into { ChargeEvent::AddToCart } else { ChargeEvent::TakeFromCart };
        group.move_charge(reference, event, None, now).map(|_| ())
    } else {
        let event = if into { AcknowledgementEvent::AddToCart } else { AcknowledgementEvent::TakeFromCart };
        group.move_acknowledgement(reference, event).map(|_| ())
    }
}

fn event(at: DateTime<FixedOffset>, who: &str, subject: &str, what: &str) -> NewEvent {
    let (subject, what) = (subject.to_owned(), what.to_owned());
    NewEvent { at, who: who.to_owned(), subject, what, detail: String::new() }
}
