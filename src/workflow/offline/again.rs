//! The same evidence a second time: one slip paid contributions with their late interest, and only the contributions were
//! entered. What an office is not told is how much a slip is over, so the rule goes by what is named: interest that the
//! payment entered with that evidence left behind, and nothing else.

use super::{OfflineError, Paid};
use crate::store::Group;
use crate::store::offline::NewOfflinePayment;
use crate::workflow::charges::notice_of;

/// The payment that was entered first with this evidence; `None` where there is none.
///
/// # Errors
/// [`OfflineError::Twice`]: something is named that it did not leave behind; or of the database.
pub(super) fn followed(
    group: &mut Group<'_>,
    new: &NewOfflinePayment,
    paid: &[Paid],
) -> Result<Option<String>, OfflineError> {
    let Some(first) = group.same_evidence(new)? else { return Ok(None) };
    let numbers = group.left_behind(&first, new.paid_on)?;
    let mut left = group.charges_by_number(&numbers)?;
    // A notice of PERKESO on the same acknowledgement has its own slip.
    left.retain(|_, charge| notice_of(charge).is_none());
    if paid.iter().all(|item| left.contains_key(&item.reference)) {
        return Ok(Some(first));
    }
    Err(OfflineError::Twice { evidence: new.evidence.clone(), number: first })
}

/// What the record says of a payment.
pub(super) fn detail(new: &NewOfflinePayment) -> String {
    let detail = format!("{} {} RM {} of {}", new.means, new.evidence, new.amount, new.paid_on);
    match &new.follows {
        Some(first) => format!("{detail}, as {first}"),
        None => detail,
    }
}
