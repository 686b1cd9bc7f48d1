//! Paid at a counter, by transfer or cheque: evidence is entered, the exact amount demanded, and everything that follows
//! (states, receipts, books, interest for the day of payment) written in one transaction. [`sheet`] takes many at once.

mod again;
mod late;
pub mod sheet;

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::cart::late::Facts;
use super::cart::pick::{Named, tidy};
use super::cart::words::ringgit;
use super::cart::{CartError, InterestWhen, LineKind, Refusal, Why};
use super::receipt::frozen::FROZEN_RECEIPT_VERSION;
use super::receipt::{FrozenReceipt, FrozenReceiptLine, ReceiptLineKind};
use crate::domain::states::{AcknowledgementEvent, AcknowledgementState};
use crate::domain::{Account, ChargeEvent, ChargeKind, ChargeState, ContributionMonth, PaidBy, Scheme, Sen};
use crate::messages::{Language, Messages};
use crate::rates::{RateBook, malaysian_day};
use crate::store::offline::NewOfflinePayment;
use crate::store::receipts::{NewReceipt, ReceiptLine};
use crate::store::{AcknowledgementRecord, Group, NewEvent, Store, StoreError};

pub use sheet::{Before, Fault, Import, import, is_evidence};

/// Evidence of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// How the money came; not over FPX.
    pub means: PaidBy,
    /// What it pays: acknowledgements and charges of one employer.
    pub references: Vec<String>,
    /// The exact amount: what is asked, or that with the late interest of the day of payment.
    pub amount: Sen,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// Cheque number, transfer reference, counter slip.
    pub evidence: String,
    /// Bank, or empty.
    pub bank: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// `O-000001`.
    pub number: String,
    /// Whose.
    pub employer_code: String,
    /// So much.
    pub amount: Sen,
    /// One receipt for each Act.
    pub receipts: Vec<(Scheme, String)>,
    /// Late interest that was not paid with it and is asked now.
    pub charges: Vec<String>,
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// Some of what was named cannot be paid.
    #[error("{}", self.said(Messages::get(Language::English)))]
    Refused(Vec<Refusal>),
    /// Nothing is named.
    #[error("{}", self.said(Messages::get(Language::English)))]
    Nothing,
    /// It belongs to several employers.
    #[error("{}", self.said(Messages::get(Language::English)))]
    SeveralEmployers,
    /// Another amount than is asked.
    #[error("{}", self.said(Messages::get(Language::English)))]
    Amount {
        /// What came.
        paid: Sen,
        /// What is asked.
        asked: Sen,
        /// The same with late interest that is not asked yet, for the day of payment.
        with_interest: Sen,
    },
    /// After today.
    #[error("{}", self.said(Messages::get(Language::English)))]
    InFuture(NaiveDate),
    /// FPX is no evidence from outside.
    #[error("{}", self.said(Messages::get(Language::English)))]
    NotOutside,
    /// No evidence, or nobody who enters it.
    #[error("{}", self.said(Messages::get(Language::English)))]
    NoEvidence,
    /// It was entered before, and what is named is not late interest that it left behind.
    #[error("{}", self.said(Messages::get(Language::English)))]
    Twice {
        /// The evidence.
        evidence: String,
        /// The payment.
        number: String,
    },
    /// What is kept cannot be read.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OfflineError {
    /// The sentence in a language; what the operator must mend stays in English.
    pub fn said(&self, messages: &Messages) -> String {
        let with = |id: &str, values: &[(&'static str, String)]| messages.with(id, values);
        match self {
            OfflineError::Refused(refusals) => {
                refusals.iter().map(|refusal| refusal.said(messages)).collect::<Vec<_>>().join(" · ")
            }
            OfflineError::Nothing => with("offline-nothing", &[]),
            OfflineError::SeveralEmployers => with("offline-several-employers", &[]),
            OfflineError::Amount { paid, asked, with_interest } => {
                let id = if asked == with_interest { "offline-amount" } else { "offline-amount-late" };
                let values = [("paid", *paid), ("asked", *asked), ("interest", *with_interest)];
                with(id, &values.map(|(name, amount)| (name, ringgit(amount))))
            }
            OfflineError::InFuture(day) => with("offline-in-future", &[("day", day.to_string())]),
            OfflineError::NotOutside => with("offline-not-outside", &[]),
            OfflineError::NoEvidence => with("offline-no-evidence", &[]),
            OfflineError::Twice { evidence, number } => {
                let evidence = format!("\u{201c}{evidence}\u{201d}");
                with("offline-twice", &[("evidence", evidence), ("number", number.clone())])
            }
            OfflineError::Cart(error) => error.to_string(),
            OfflineError::Store(error) => error.to_string(),
        }
    }
}

/// Something that is paid, as it stands on a receipt.
struct Paid {
    kind: LineKind,
    reference: String,
    scheme: Scheme,
    months: Vec<ContributionMonth>,
    amount: Sen,
    skbbk: Sen,
    acknowledgement: Option<AcknowledgementRecord>,
}

/// Keeps evidence of a payment and settles what it pays; all in one transaction.
///
/// # Errors
/// [`OfflineError`]; then nothing is kept.
pub fn settle_offline(
    store: &Store,
    book: &RateBook,
    issuer: &str,
    evidence: &Evidence,
    (who, now): (&str, DateTime<FixedOffset>),
) -> Result<Settled, OfflineError> {
    let (employer_code, mut paid, interest) = look(store, book, evidence, who, now)?;
    store.data_keys(&[&employer_code], now)?;
    let employer = store.employer(&employer_code)?;
    let mut new = NewOfflinePayment {
        employer_code: employer_code.clone(),
        means: evidence.means,
        evidence: evidence.evidence.trim().to_owned(),
        bank: evidence.bank.trim().to_owned(),
        paid_on: evidence.paid_on,
        amount: evidence.amount,
        entered_by: who.to_owned(),
        entered_at: now,
        follows: None,
    };
    let mut group = store.begin_group()?;
    new.follows = again::followed(&mut group, &new, &paid)?;
    if let Some(asked) = asked_now(&mut group, &paid)? {
        return Err(OfflineError::Amount { paid: new.amount, asked, with_interest: asked });
    }
    let number = group.offline_payment(&new)?;
    group.event(event(now, who, &number, "entered", again::detail(&new)))?;
    for item in &paid {
        move_paid(&mut group, item, &number, who, now)?;
    }
    if interest == InterestWhen::Now {
        paid = late::with_interest(&mut group, book, paid, evidence, &number, (who, now))?;
    }
    let mut amounts = vec![(Account::BankOffline, new.amount)];
    let mut receipts = Vec::new();
    for scheme in [Scheme::Act4, Scheme::Act800] {
        let own: Vec<&Paid> = paid.iter().filter(|item| item.scheme == scheme).collect();
        if own.is_empty() {
            continue;
        }
        amounts.extend(own.iter().map(|item| (account(item), Sen(-item.amount.0))));
        let frozen = FrozenReceipt {
            issuer: issuer.to_owned(),
            employer_name: employer.as_ref().map_or_else(String::new, |employer| employer.name.clone()),
            employer_address: employer.as_ref().map_or_else(String::new, |employer| employer.address.clone()),
            ..receipt(&mut group, scheme, &own, &new, &number, now)?
        };
        receipts.push((scheme, frozen.number.clone()));
        issue(&mut group, &frozen, &own, &number, now)?;
        group.outbox("receipt", &frozen.number, &employer_code, now)?;
        for item in own {
            group.event(event(now, who, &item.reference, "receipted", frozen.number.clone()))?;
        }
    }
    group.book(&number, &employer_code, now, &amounts)?;
    let charges = late::still_asked(&mut group, book, &paid, evidence.paid_on, (who, now))?;
    group.commit()?;
    Ok(Settled { number, employer_code, amount: new.amount, receipts, charges })
}

/// Looks up whose and what is paid, whether it can be with this evidence, and whether late interest is paid with it.
fn look(
    store: &Store,
    book: &RateBook,
    evidence: &Evidence,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<(String, Vec<Paid>, InterestWhen), OfflineError> {
    if evidence.means == PaidBy::Fpx {
        return Err(OfflineError::NotOutside);
    }
    if evidence.evidence.trim().is_empty() || who.trim().is_empty() {
        return Err(OfflineError::NoEvidence);
    }
    if evidence.paid_on > malaysian_day(&now) {
        return Err(OfflineError::InFuture(evidence.paid_on));
    }
    let (mut employer, mut paid, mut refused) = (None::<String>, Vec::new(), Vec::new());
    for reference in tidy(&evidence.references) {
        let why = match Named::look_up(store, &reference)? {
            None => Some(Why::Unknown),
            Some(named) => {
                let code = named.employer_code().to_owned();
                if employer.get_or_insert(code.clone()) != &code {
                    return Err(OfflineError::SeveralEmployers);
                }
                let why = named.refused(store)?.or(named.in_cart().then_some(Why::InCart));
                let why = why.or(issued_later(&named, evidence.paid_on)?);
                if why.is_none() {
                    paid.push(of(named)?);
                }
                why
            }
        };
        refused.extend(why.map(|why| Refusal { reference, why }));
    }
    if !refused.is_empty() {
        return Err(OfflineError::Refused(refused));
    }
    let employer = employer.ok_or(OfflineError::Nothing)?;
    let interest = late::when_asked(store, book, &paid, evidence)?;
    Ok((employer, paid, interest))
}

/// Nobody pays with a number before there is one, and an earlier day asks less interest: that is for two persons, one who
/// appeals and one who decides.
fn issued_later(named: &Named, paid_on: NaiveDate) -> Result<Option<Why>, StoreError> {
    let Named::Acknowledgement(record) = named else { return Ok(None) };
    let issued = DateTime::parse_from_rfc3339(&record.received_at);
    let issued = issued.map_err(|_| StoreError::Strange(format!("the moment of {}", record.number)))?;
    let issued = malaysian_day(&issued);
    Ok((paid_on < issued).then_some(Why::IssuedLater { issued, paid_on }))
}

fn of(named: Named) -> Result<Paid, CartError> {
    Ok(match named {
        Named::Acknowledgement(record) => {
            let facts = Facts::of(&record)?;
            let skbbk =
                if record.scheme == Scheme::Act4 { facts.months.iter().map(|m| m.skbbk).sum() } else { Sen::ZERO };
            Paid {
                kind: LineKind::Contribution(facts.kind),
                reference: record.number.clone(),
                scheme: record.scheme,
                months: facts.months.iter().map(|month| month.month).collect(),
                amount: record.total,
                skbbk,
                acknowledgement: Some(*record),
            }
        }
        Named::Charge(charge) => Paid {
            kind: LineKind::Charge(charge.kind),
            reference: charge.number,
            scheme: charge.scheme,
            months: charge.month.into_iter().collect(),
            amount: charge.amount,
            skbbk: Sen::ZERO,
            acknowledgement: None,
        },
    })
}

/// The sum that is asked under the lock, where a charge was cut since it was looked up.
fn asked_now(group: &mut Group<'_>, paid: &[Paid]) -> Result<Option<Sen>, StoreError> {
    let numbers: Vec<String> = paid.iter().map(|item| item.reference.clone()).collect();
    let charges = group.charges_by_number(&numbers)?;
    let asked = |item: &Paid| charges.get(&item.reference).map_or(item.amount, |charge| charge.amount);
    let changed = paid.iter().any(|item| asked(item) != item.amount);
    Ok(changed.then(|| paid.iter().map(asked).sum()))
}

fn move_paid(
    group: &mut Group<'_>,
    item: &Paid,
    number: &str,
    who: &str,
    now: DateTime<FixedOffset>,
) -> Result<(), StoreError> {
    if item.acknowledgement.is_some() {
        let state = group.move_acknowledgement(&item.reference, AcknowledgementEvent::PayOffline)?;
        debug_assert_eq!(state, AcknowledgementState::PaidOffline);
        group.move_acknowledgement(&item.reference, AcknowledgementEvent::Receipt)?;
    } else {
        let state = group.move_charge(&item.reference, ChargeEvent::PayOffline, None, now)?;
        debug_assert_eq!(state, ChargeState::Paid);
    }
    group.event(event(now, who, &item.reference, "paid-offline", number.to_owned()))
}

const fn account(item: &Paid) -> Account {
    match item.kind {
        LineKind::Contribution(_) => Account::contributions(item.scheme),
        LineKind::Charge(kind) => Account::charge(kind, item.scheme),
    }
}

/// The receipt of an Act, without what is known of the employer and the issuer.
fn receipt(
    group: &mut Group<'_>,
    scheme: Scheme,
    own: &[&Paid],
    new: &NewOfflinePayment,
    payment: &str,
    now: DateTime<FixedOffset>,
) -> Result<FrozenReceipt, StoreError> {
    let line = |item: &&Paid| FrozenReceiptLine {
        kind: match item.kind {
            // Nothing is paid for a nil month: it was refused before.
            LineKind::Contribution(kind) => ReceiptLineKind::of(kind).unwrap_or_default(),
            LineKind::Charge(ChargeKind::Interest) => ReceiptLineKind::Interest,
            LineKind::Charge(ChargeKind::Compound) => ReceiptLineKind::Compound,
        },
        reference: item.reference.clone(),
        months: item.months.clone(),
        amount: item.amount,
        skbbk: item.skbbk,
    };
    let frozen = FrozenReceipt {
        version: FROZEN_RECEIPT_VERSION,
        number: group.receipt_number(scheme, now)?,
        scheme,
        issuer: String::new(),
        employer_code: new.employer_code.clone(),
        employer_name: String::new(),
        employer_address: String::new(),
        paid_on: new.paid_on,
        paid_at: String::new(),
        means: new.means,
        payment: Some(payment.to_owned()),
        seller_order_number: String::new(),
        transaction_id: String::new(),
        bank: String::new(),
        bank_name: new.bank.clone(),
        evidence: new.evidence.clone(),
        model: None,
        maker: new.entered_by.clone(),
        approved_by: String::new(),
        lines: own.iter().map(line).collect(),
        total: own.iter().map(|item| item.amount).sum(),
    };
    if frozen.ties() { Ok(frozen) } else { Err(StoreError::Unbalanced(frozen.number)) }
}

fn issue(
    group: &mut Group<'_>,
    frozen: &FrozenReceipt,
    own: &[&Paid],
    payment: &str,
    now: DateTime<FixedOffset>,
) -> Result<(), StoreError> {
    let line = |item: &&Paid| ReceiptLine {
        kind: item.kind.id().to_owned(),
        reference: item.reference.clone(),
        amount: item.amount,
    };
    group.issue_receipt(NewReceipt {
        number: frozen.number.clone(),
        employer_code: frozen.employer_code.clone(),
        scheme: frozen.scheme,
        payment: payment.to_owned(),
        total: frozen.total,
        paid_on: frozen.paid_on,
        issued_at: now,
        frozen: serde_json::to_string(frozen).expect("frozen facts are plain values with text keys"),
        lines: own.iter().map(line).collect(),
    })
}

fn event(at: DateTime<FixedOffset>, who: &str, subject: &str, what: &str, detail: String) -> NewEvent {
    NewEvent { at, who: who.to_owned(), subject: subject.to_owned(), what: what.to_owned(), detail }
}
