//! What a row says for ever, bound into the chain of events: the event that comes with a row carries a fingerprint of its
//! frozen columns, so that nobody can change them unseen.
//!
//! [`fingerprint`] of [`add`] is the one way in which a fingerprint is made, for writing and for checking. A fingerprint
//! belongs to an owner (the subject of events, such as `P-000001`) and has a name among those of its owner, such as
//! `receipt:20260000000001`; the last one of a name counts.

use std::collections::BTreeMap;

use blake3::Hasher;
use chrono::{DateTime, FixedOffset};

use super::error::StoreError;
use super::group::Group;
use super::records::NewEvent;
use super::rows::Value;

/// Between what an event says and the fingerprints that it carries.
const MARK: &str = " | kept ";
/// The word of an event that carries nothing but fingerprints.
pub(super) const KEPT: &str = "kept";
/// Hexadecimal digits of a fingerprint: 128 bits.
const DIGITS: usize = 32;

/// What kind of value stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Text,
    Bytes,
}

/// Frozen columns of a table: one fingerprint for each row, or for all rows of a name together.
pub(super) struct Bound {
    /// Table that is named when they were changed.
    pub(super) table: &'static str,
    /// Name of the fingerprint, before its keys.
    pub(super) name: &'static str,
    /// Places of the columns that are part of the name.
    pub(super) keys: &'static [usize],
    /// Several rows have one fingerprint.
    pub(super) many: bool,
    /// Column of the owner.
    pub(super) owner: &'static str,
    /// Where the rows are.
    pub(super) from: &'static str,
    /// In which order they were written, for one owner.
    pub(super) order: &'static str,
    /// The columns, in the order of the fingerprint.
    pub(super) columns: &'static [(&'static str, Kind)],
}

impl Bound {
    /// The name of the fingerprint of a row.
    pub(super) fn part(&self, values: &[&Value]) -> String {
        let mut part = self.name.to_owned();
        for key in self.keys {
            part.push(':');
            match values[*key] {
                Value::Whole(number) | Value::MaybeWhole(Some(number)) => part.push_str(&number.to_string()),
                Value::Text(text) => part.push_str(text),
                Value::Bytes(bytes) | Value::MaybeBytes(Some(bytes)) => {
                    part.extend(bytes.iter().take(8).map(|byte| format!("{byte:02x}")));
                }
                Value::MaybeWhole(None) | Value::MaybeBytes(None) => {}
            }
        }
        part
    }
}

/// Adds values to a fingerprint: each with its length, so that none can run into the next; nothing is no empty text.
pub(super) fn add(hasher: &mut Hasher, values: &[&Value]) {
    for value in values {
        match value {
            Value::Whole(number) | Value::MaybeWhole(Some(number)) => add_bytes(hasher, number.to_string().as_bytes()),
            Value::Text(text) => add_bytes(hasher, text.as_bytes()),
            Value::Bytes(bytes) | Value::MaybeBytes(Some(bytes)) => add_bytes(hasher, bytes),
            Value::MaybeWhole(None) | Value::MaybeBytes(None) => {
                hasher.update(b"-");
            }
        }
    }
}

fn add_bytes(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(bytes.len().to_string().as_bytes());
    hasher.update(b":");
    hasher.update(bytes);
}

/// The fingerprint of what was added.
pub(super) fn fingerprint(hasher: &Hasher) -> String {
    let mut digits = hasher.finalize().to_hex().to_string();
    digits.truncate(DIGITS);
    digits
}

/// A text that may be missing.
pub(super) fn maybe(text: Option<String>) -> Value {
    Value::MaybeBytes(text.map(String::into_bytes))
}

/// What an event says, without the fingerprints that it carries.
pub(super) fn said(detail: &str) -> &str {
    split(detail).0
}

/// What an event says, and the fingerprints that it carries.
pub(super) fn split(detail: &str) -> (&str, Vec<(&str, &str)>) {
    let Some((said, kept)) = detail.rsplit_once(MARK) else { return (detail, Vec::new()) };
    (said, kept.split(' ').filter_map(|one| one.split_once('=')).collect())
}

/// Fingerprints of rows of this group that no event carries yet: by owner and name, with the moment of the rows.
#[derive(Default)]
pub(super) struct Waiting {
    owners: BTreeMap<String, (String, BTreeMap<String, Hasher>)>,
}

impl Waiting {
    /// What an event about this owner says with what waits for it.
    pub(super) fn bind(&mut self, owner: &str, detail: String) -> String {
        // What people write cannot be taken for fingerprints.
        let said = if detail.contains(MARK) { detail.replace(MARK, " / kept ") } else { detail };
        match self.owners.remove(owner) {
            Some((_, parts)) => {
                let parts: Vec<String> =
                    parts.iter().map(|(name, hasher)| format!("{name}={}", fingerprint(hasher))).collect();
                format!("{said}{MARK}{}", parts.join(" "))
            }
            None => said,
        }
    }
}

impl Group<'_> {
    /// The frozen columns of a row that was written at this moment: the next event about its owner carries their fingerprint.
    pub(super) fn keep_facts(&mut self, bound: &Bound, owner: &str, values: &[&Value], at: DateTime<FixedOffset>) {
        let waiting = self.waiting.owners.entry(owner.to_owned());
        let (_, parts) = waiting.or_insert_with(|| (at.to_rfc3339(), BTreeMap::new()));
        let hasher = parts.entry(bound.part(values)).or_default();
        if !bound.many {
            hasher.reset();
        }
        add(hasher, values);
    }

    /// The same of rows that were added to a fingerprint one by one.
    pub(super) fn keep_hashed(&mut self, name: &str, owner: &str, hasher: Hasher, at: DateTime<FixedOffset>) {
        let waiting = self.waiting.owners.entry(owner.to_owned());
        let (_, parts) = waiting.or_insert_with(|| (at.to_rfc3339(), BTreeMap::new()));
        parts.insert(name.to_owned(), hasher);
    }

    /// Fingerprints of rows that no event followed get an event of their own.
    pub(super) fn keep_the_rest(&mut self) -> Result<(), StoreError> {
        let owners: Vec<(String, String)> =
            self.waiting.owners.iter().map(|(owner, (at, _))| (owner.clone(), at.clone())).collect();
        for (subject, at) in owners {
            let at = super::payments::read(&at)?;
            let (who, what) = ("caruman".to_owned(), KEPT.to_owned());
            self.event(NewEvent { at, who, subject, what, detail: String::new() })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[Value]) -> String {
        let mut hasher = Hasher::new();
        add(&mut hasher, &values.iter().collect::<Vec<_>>());
        fingerprint(&hasher)
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let text = |text: &str| Value::Text(text.to_owned());
        let all = [
            of(&[text("ab"), text("c")]),
            of(&[text("a"), text("bc")]),
            of(&[text("abc"), text("")]),
            of(&[text("abc"), maybe(None)]),
            of(&[text("abc")]),
            of(&[text("1:a")]),
            of(&[text("a"), Value::Whole(1)]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert_eq!(one.len(), DIGITS);
            assert!(!all[..at].contains(one), "{at}");
        }
        assert_eq!(of(&[maybe(Some("a".to_owned()))]), of(&[text("a")]));
    }

    #[test]
    fn fingerprints_stand_behind_what_is_said() {
        let one = Bound {
            table: "t",
            name: "row",
            keys: &[0],
            many: false,
            owner: "o",
            from: "t",
            order: "n",
            columns: &[("n", Kind::Text)],
        };
        let mut waiting = Waiting::default();
        assert_eq!(waiting.bind("P-000001", "said".to_owned()), "said");
        let value = Value::Text("7".to_owned());
        let mut hasher = Hasher::new();
        add(&mut hasher, &[&value]);
        let parts = BTreeMap::from([(one.part(&[&value]), hasher)]);
        waiting.owners.insert("P-000001".to_owned(), (String::new(), parts));
        let detail = waiting.bind("P-000001", "because | kept row:7=0".to_owned());
        let (told, kept) = split(&detail);
        assert_eq!(told, "because / kept row:7=0");
        assert_eq!((kept.len(), kept[0].0, kept[0].1.len()), (1, "row:7", DIGITS));
        assert_eq!(waiting.bind("P-000001", "again".to_owned()), "again", "carried once");
        assert_eq!(said("plain"), "plain");
    }
}
