//! Late interest of what is paid outside FPX: with the contributions, or asked afterwards.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::{Evidence, OfflineError, Paid, move_paid, of};
use crate::domain::{CaseKind, ChargeKind, ChargeState, Sen};
use crate::rates::RateBook;
use crate::store::books::NewCase;
use crate::store::{AcknowledgementRecord, ChargeRecord, Group, Store};
use crate::workflow::cart::late::Facts;
use crate::workflow::cart::pick::Named;
use crate::workflow::cart::{CartError, Difference, InterestWhen, assess_short_interest};

/// Whether the amount is what is asked, or that with the late interest of the day of payment.
///
/// # Errors
/// [`OfflineError::Amount`]: it is neither.
pub(super) fn when_asked(
    store: &Store,
    book: &RateBook,
    paid: &[Paid],
    evidence: &Evidence,
) -> Result<InterestWhen, OfflineError> {
    let asked: Sen = paid.iter().map(|item| item.amount).sum();
    if asked == evidence.amount {
        return Ok(InterestWhen::Later);
    }
    let mut with_interest = asked;
    for record in paid.iter().filter_map(|item| item.acknowledgement.as_ref()) {
        with_interest += not_asked_yet(store, book, record, evidence.paid_on)?;
    }
    if with_interest == evidence.amount {
        return Ok(InterestWhen::Now);
    }
    Err(OfflineError::Amount { paid: evidence.amount, asked, with_interest })
}

/// Late interest of an acknowledgement for a day; nothing where a charge asks, asked or waived it already.
pub(super) fn not_asked_yet(
    store: &Store,
    book: &RateBook,
    record: &AcknowledgementRecord,
    paid_on: NaiveDate,
) -> Result<Sen, CartError> {
    let filter = crate::store::ChargeFilter {
        employer_code: Some(record.employer_code.clone()),
        kind: Some(ChargeKind::Interest),
        ..crate::store::ChargeFilter::default()
    };
    let own = |charge: &ChargeRecord| charge.acknowledgement.as_ref() == Some(&record.number);
    if store.charges(&filter)?.iter().any(|charge| own(charge) && charge.state != ChargeState::Void) {
        return Ok(Sen::ZERO);
    }
    Ok(Facts::of(record)?.late_on(book, paid_on).net())
}

/// Assesses late interest for the day of payment and pays it at once; gives everything that is paid, interest after what
/// was late.
///
/// # Errors
/// [`OfflineError::Amount`], where interest was asked meanwhile; of the database.
pub(super) fn with_interest(
    group: &mut Group<'_>,
    book: &RateBook,
    paid: Vec<Paid>,
    evidence: &Evidence,
    number: &str,
    (who, now): (&str, DateTime<FixedOffset>),
) -> Result<Vec<Paid>, OfflineError> {
    let asked: Sen = paid.iter().map(|item| item.amount).sum();
    let mut all = Vec::with_capacity(paid.len() * 2);
    for item in paid {
        let record = item.acknowledgement.clone();
        all.push(item);
        let Some(record) = record else { continue };
        if !group
            .charges_on(&record.number)?
            .iter()
            .all(|c| c.kind != ChargeKind::Interest || c.state == ChargeState::Void)
        {
            continue;
        }
        let (_, assessed) = assess_short_interest(group, book, &record, evidence.paid_on, (who, now))?;
        let charge =
            group.charges_on(&record.number)?.into_iter().find(|charge| Some(&charge.number) == assessed.as_ref());
        if let Some(charge) = charge.filter(|charge| charge.state == ChargeState::Assessed) {
            let interest = of(Named::Charge(Box::new(charge)))?;
            move_paid(group, &interest, number, who, now)?;
            all.push(interest);
        }
    }
    let with_interest = all.iter().map(|item| item.amount).sum();
    if with_interest == evidence.amount {
        Ok(all)
    } else {
        Err(OfflineError::Amount { paid: evidence.amount, asked, with_interest })
    }
}

/// Interest that was not paid with it is asked now; what was charged too much is for a person to look at.
pub(super) fn still_asked(
    group: &mut Group<'_>,
    book: &RateBook,
    paid: &[Paid],
    paid_on: NaiveDate,
    (who, now): (&str, DateTime<FixedOffset>),
) -> Result<Vec<String>, OfflineError> {
    let mut charges = Vec::new();
    for record in paid.iter().filter_map(|item| item.acknowledgement.as_ref()) {
        let (difference, charge) = assess_short_interest(group, book, record, paid_on, (who, now))?;
        charges.extend(charge);
        if let Difference::Over(amount) = difference {
            group.open_case(NewCase {
                kind: CaseKind::OverPayment,
                subject: record.number.clone(),
                employer_code: record.employer_code.clone(),
                amount,
                opened_at: now,
                detail: format!("interest on {} was charged RM {amount} too high for {paid_on}", record.number),
            })?;
        }
    }
    Ok(charges)
}
