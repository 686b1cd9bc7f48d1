//! Which mails that wait go together: many answers of watched folders to one address are one mail.

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::inbox::take::ANSWER_MAIL;
use crate::store::books::OutboxRecord;

/// How many are done, and how often a mail is tried: `jobs/outbox.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// The most papers, and the most mails, of one run.
    pub most_in_a_run: u32,
    /// More answers to one address go in one mail.
    pub answers_apart: usize,
    /// The most answers in one mail.
    pub answers_together: usize,
    /// A mail is given up when it was tried so often.
    pub most_attempts: i64,
}

#[derive(Deserialize)]
struct Job {
    limits: Limits,
}

pub(super) static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let job: Job = toml::from_str(include_str!("../../../jobs/outbox.toml")).expect("a test reads jobs/outbox.toml");
    job.limits
});

/// Puts together what goes in one mail; the order is that of the first of each. What was sent together without success
/// stays together, and apart from what came later: it is the same mail with the same Message-ID.
pub(super) fn parcels(waiting: Vec<OutboxRecord>, limits: &Limits) -> Vec<Vec<OutboxRecord>> {
    let mut parcels: Vec<Vec<OutboxRecord>> = Vec::with_capacity(waiting.len());
    for entry in waiting {
        let fits = |parcel: &&mut Vec<OutboxRecord>| goes_with(&parcel[0], &entry);
        match parcels.iter_mut().find(fits) {
            Some(parcel) => parcel.push(entry),
            None => parcels.push(vec![entry]),
        }
    }
    let size = |parcel: &[OutboxRecord]| if parcel.len() > limits.answers_apart { limits.answers_together } else { 1 };
    parcels
        .into_iter()
        .flat_map(|mut parcel| {
            parcel.sort_by_key(|entry| entry.id);
            let size = size(&parcel);
            parcel.chunks(size).map(<[_]>::to_vec).collect::<Vec<_>>()
        })
        .collect()
}

fn goes_with(one: &OutboxRecord, other: &OutboxRecord) -> bool {
    let address = |entry: &OutboxRecord| entry.subject.split_once(' ').map(|(_, address)| address.to_owned());
    let both = one.kind == ANSWER_MAIL && other.kind == ANSWER_MAIL && address(one) == address(other);
    let fresh = |entry: &OutboxRecord| entry.attempts == 0 && entry.note.is_empty();
    let tried_together = || (one.attempts, &one.due_at, &one.note) == (other.attempts, &other.due_at, &other.note);
    both && address(one).is_some() && (fresh(one) && fresh(other) || tried_together())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, kind: &str, subject: &str) -> OutboxRecord {
        OutboxRecord {
            id,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            employer_code: String::new(),
            due_at: format!("2026-11-10T09:{id:02}:00+08:00"),
            attempts: 0,
            note: String::new(),
        }
    }

    fn answers(ids: std::ops::RangeInclusive<i64>, address: &str) -> Vec<OutboxRecord> {
        ids.map(|id| entry(id, ANSWER_MAIL, &format!("{id} {address}"))).collect()
    }

    fn ids(waiting: Vec<OutboxRecord>) -> Vec<Vec<i64>> {
        let limits = Limits { most_in_a_run: 500, answers_apart: 2, answers_together: 4, most_attempts: 3 };
        parcels(waiting, &limits).iter().map(|parcel| parcel.iter().map(|entry| entry.id).collect()).collect()
    }

    #[test]
    fn the_limits_are_read() {
        assert!(LIMITS.answers_apart >= 1 && LIMITS.answers_together > LIMITS.answers_apart);
        assert!(LIMITS.most_in_a_run as usize >= LIMITS.answers_together && LIMITS.most_attempts > 1);
    }

    #[test]
    fn more_answers_than_so_many_go_together() {
        assert_eq!(ids(answers(1..=2, "a")), [[1], [2]]);
        assert_eq!(ids(answers(1..=3, "a")), [[1, 2, 3]]);
        assert_eq!(ids(answers(1..=4, "a")), [[1, 2, 3, 4]]);
        assert_eq!(ids(answers(1..=5, "a")), [vec![1, 2, 3, 4], vec![5]]);
    }

    #[test]
    fn other_addresses_and_other_mails_stay_apart() {
        let mut waiting = answers(1..=3, "a");
        waiting.extend(answers(4..=5, "b"));
        waiting.extend((6..=9).map(|id| entry(id, "mail-paid", "P-000001")));
        assert_eq!(ids(waiting), [vec![1, 2, 3], vec![4], vec![5], vec![6], vec![7], vec![8], vec![9]]);
        assert_eq!(ids((1..=3).map(|id| entry(id, ANSWER_MAIL, "strange")).collect()), [[1], [2], [3]]);
    }

    #[test]
    fn what_was_tried_together_stays_together() {
        let mut waiting = answers(1..=6, "a");
        for entry in &mut waiting[..3] {
            (entry.attempts, entry.due_at, entry.note) = (1, "2026-11-10T09:30:00+08:00".to_owned(), "x".to_owned());
        }
        assert_eq!(ids(waiting.clone()), [[1, 2, 3], [4, 5, 6]]);
        waiting[0].attempts = 2;
        assert_eq!(ids(waiting), [vec![1], vec![2], vec![3], vec![4, 5, 6]]);
    }
}
