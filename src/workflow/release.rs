//! What an attempt was for can be paid again: it did not come about.

use chrono::{DateTime, FixedOffset};

use super::checkout::event;
use crate::domain::states::AcknowledgementEvent;
use crate::domain::{ChargeEvent, ChargeKind};
use crate::store::payments::PaymentRecord;
use crate::store::number::is_acknowledgement_number;
use crate::store::{Group, StoreError};

/// Unlocks everything that the attempt still locks. Interest that was reckoned for it, on something it would have paid,
/// is void: the next attempt reckons anew.
pub(super) fn release(
    group: &mut Group<'_>,
    payment: &PaymentRecord,
    (who, why): (&str, &str),
    now: DateTime<FixedOffset>,
) -> Result<(), StoreError> {
    group.release_items(&payment.number)?;
    for item in payment.items.iter().filter(|item| item.open) {
        if is_acknowledgement_number(&item.reference) {
            group.move_acknowledgement(&item.reference, AcknowledgementEvent::BankRefused)?;
        } else {
            group.move_charge(&item.reference, ChargeEvent::BankRefused, None)?;
            if item.kind == ChargeKind::Interest.id() && paid_with(group, payment, &item.reference)? {
                group.move_charge(&item.reference, ChargeEvent::Drop, None)?;
            }
        }
        group.event(event(who, &item.reference, "bank-refused", format!("{}: {why}", payment.number), now))?;
    }
    Ok(())
}

/// Whether the acknowledgement that interest is on was part of the same attempt.
fn paid_with(group: &mut Group<'_>, payment: &PaymentRecord, charge: &str) -> Result<bool, StoreError> {
    for item in payment.items.iter().filter(|item| is_acknowledgement_number(&item.reference)) {
        if group.charges_on(&item.reference)?.iter().any(|found| found.number == charge) {
            return Ok(true);
        }
    }
    Ok(false)
}
