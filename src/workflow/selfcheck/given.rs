//! What an acknowledgement froze: its row, what it says for ever, and the event that holds the fingerprint of both.

use crate::store::audit::AcknowledgementHistory;
use crate::workflow::frozen::{Frozen, given_detail};

use super::Breach;

/// A row that is not what its frozen facts say, or not what the event of its number recorded. `unbound` counts events of
/// earlier programs, which hold no fingerprint.
pub(super) fn given_breach(of: &AcknowledgementHistory, unbound: &mut u64) -> Option<Breach> {
    let breach =
        |law, says: &str| Some(Breach { law, table: "acknowledgement", key: of.number.clone(), says: says.to_owned() });
    let frozen: Frozen = match serde_json::from_str(&of.frozen) {
        Ok(frozen) => frozen,
        Err(error) => return breach("L8", &format!("has frozen facts that cannot be read: {error}")),
    };
    if frozen.total() != of.total || !people_fit(&frozen, of.people) {
        return breach("L8", "has another amount or other people than its frozen facts");
    }
    if frozen.scheme.id() != of.scheme || frozen.employer_code != of.employer_code {
        return breach("L8", "has another Act or employer than its frozen facts");
    }
    let bytes: Option<[u8; 32]> = of.digest.as_slice().try_into().ok();
    if bytes.is_none_or(|bytes| blake3::Hash::from(bytes).to_hex().as_str() != frozen.digest) {
        return breach("L1", "is of other bytes than its submission");
    }
    // That there is such an event is asked of its history.
    let (at, detail) = of.given.as_ref()?;
    if *at != of.received_at {
        return breach("L9", "has another moment of receipt than the event of its number");
    }
    if *detail == of.submission.to_string() {
        *unbound += 1;
        return None;
    }
    let people = u64::try_from(of.people).unwrap_or(u64::MAX);
    if *detail != given_detail(of.submission, people, of.total, &of.frozen) {
        return breach(
            "L8",
            "is not what the event of its number recorded: people, amount or frozen facts were changed",
        );
    }
    None
}

/// In one month everybody is one person; somebody in several months is one person all the same.
fn people_fit(frozen: &Frozen, people: i64) -> bool {
    let people = u64::try_from(people).unwrap_or(u64::MAX);
    let months = frozen.months.iter().map(|month| month.people);
    (months.clone().max().unwrap_or(0)..=months.sum()).contains(&people)
}
