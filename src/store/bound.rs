//! Which columns are frozen, and whether they are still what the events of their rows recorded.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use blake3::Hasher;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::audit::Audit;
use super::error::StoreError;
use super::facts::Kind::{Bytes, Text, Whole};
use super::facts::{Bound, Kind, add, fingerprint, maybe, split};
use super::group::Group;
use super::payments::{NewPayment, text};
use super::rows::Value;

/// Owners a page.
const OWNERS: i64 = 500;

pub(super) static PAYMENT: Bound = Bound {
    columns: &[
        ("number", Text),
        ("employer_code", Text),
        ("model", Text),
        ("bank", Text),
        ("amount_sen", Whole),
        ("exchange_order", Text),
        ("seller_order", Text),
        ("token", Bytes),
        ("sealed", Bytes),
        ("started_by", Text),
        ("started_at", Text),
    ],
    ..of("number", "payment", "number")
};

/// What became of a payment: changed at each step, and bound anew.
pub(super) static OUTCOME: Bound = Bound {
    table: "payment",
    name: "outcome",
    columns: &[
        ("sent_at", Text),
        ("ended_at", Text),
        ("transaction_id", Text),
        ("transaction_time", Text),
        ("debit_code", Text),
        ("credit_code", Text),
    ],
    ..of("number", "payment", "number")
};

pub(super) static ITEMS: Bound = Bound {
    table: "payment_item",
    name: "items",
    many: true,
    columns: &[("position", Whole), ("kind", Text), ("reference", Text), ("scheme", Text), ("amount_sen", Whole)],
    ..of("payment", "payment_item", "position")
};

pub(super) static MESSAGE: Bound = Bound {
    table: "bank_message",
    name: "message",
    keys: &[0, 1],
    columns: &[
        ("digest", Bytes),
        ("channel", Text),
        ("payment", Text),
        ("received_at", Text),
        ("verdict", Text),
        ("debit_code", Text),
        ("certificate", Text),
        ("sealed", Bytes),
    ],
    ..of("payment", "bank_message", "received_at")
};

pub(super) static RECEIPT: Bound = Bound {
    table: "receipt",
    name: "receipt",
    keys: &[0],
    columns: &[
        ("number", Text),
        ("employer_code", Text),
        ("scheme", Text),
        ("payment", Text),
        ("total_sen", Whole),
        ("paid_on", Text),
        ("issued_at", Text),
        ("sealed", Bytes),
    ],
    ..of("payment", "receipt", "number")
};

pub(super) static LINES: Bound = Bound {
    table: "receipt_line",
    name: "lines",
    keys: &[0],
    many: true,
    columns: &[("receipt", Text), ("position", Whole), ("kind", Text), ("reference", Text), ("amount_sen", Whole)],
    ..of("r.payment", "receipt_line join receipt r on r.number = receipt_line.receipt", "receipt, position")
};

pub(super) static ENTRY: Bound = Bound {
    table: "journal",
    name: "entry",
    keys: &[0],
    many: true,
    columns: &[
        ("entry", Whole),
        ("position", Whole),
        ("at", Text),
        ("subject", Text),
        ("account", Text),
        ("employer_code", Text),
        ("amount_sen", Whole),
    ],
    ..of("subject", "journal", "entry, position")
};

pub(super) static OFFLINE: Bound = Bound {
    table: "offline_payment",
    name: "offline",
    columns: &[
        ("number", Text),
        ("employer_code", Text),
        ("means", Text),
        ("evidence", Text),
        ("bank", Text),
        ("paid_on", Text),
        ("amount_sen", Whole),
        ("entered_by", Text),
        ("entered_at", Text),
        ("follows", Text),
    ],
    ..of("number", "offline_payment", "number")
};

pub(super) static CHARGE: Bound = Bound {
    table: "charge",
    name: "charge",
    columns: &[
        ("number", Text),
        ("kind", Text),
        ("employer_code", Text),
        ("scheme", Text),
        ("acknowledgement", Text),
        ("month", Whole),
        ("assessed_sen", Whole),
        ("amount_sen", Whole),
        ("basis", Text),
        ("assessed_on", Text),
    ],
    ..of("number", "charge", "number")
};

/// Where a charge stands: bound anew at each step.
pub(super) static STANDS: Bound = Bound {
    table: "charge",
    name: "stands",
    columns: &[("number", Text), ("state", Text)],
    ..of("number", "charge", "number")
};

/// Who lodged an appeal, and who decided it how: bound at both.
pub(super) static APPEAL: Bound = Bound {
    keys: &[0],
    columns: &[
        ("number", Whole),
        ("charge", Text),
        ("applied_at", Text),
        ("applied_by", Text),
        ("reason", Text),
        ("decided_at", Text),
        ("decided_by", Text),
        ("outcome", Text),
        ("amount_sen", Whole),
    ],
    ..of("charge", "appeal", "number")
};

pub(super) static CASE: Bound = Bound {
    table: "office_case",
    name: "case",
    columns: &[
        ("number", Text),
        ("kind", Text),
        ("subject", Text),
        ("employer_code", Text),
        ("amount_sen", Whole),
        ("opened_at", Text),
        ("detail", Text),
    ],
    ..of("number", "office_case", "number")
};

/// One row has one fingerprint, unless said otherwise.
const fn of(owner: &'static str, from: &'static str, order: &'static str) -> Bound {
    Bound { table: from, name: from, keys: &[], many: false, owner, from, order, columns: &[] }
}

/// Tables of owners, with how their numbers begin and all that is bound to them.
static OWNED: [(&str, &str, &[&Bound]); 5] = [
    ("payment", "P-", &[&PAYMENT, &OUTCOME, &ITEMS, &MESSAGE, &RECEIPT, &LINES, &ENTRY]),
    ("offline_payment", "O-", &[&OFFLINE, &RECEIPT, &LINES, &ENTRY]),
    ("charge", "FCL", OF_CHARGES),
    ("charge", "KMP", OF_CHARGES),
    ("office_case", "C-", &[&CASE, &ENTRY]),
];
static OF_CHARGES: &[&Bound] = &[&CHARGE, &STANDS, &APPEAL];

/// A row that is not what its event recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// Which table.
    pub table: &'static str,
    /// Which row.
    pub key: String,
    /// It is not there at all.
    pub gone: bool,
}

/// Fingerprints of an owner, by name.
pub(super) type Parts = BTreeMap<String, String>;

/// Notes the fingerprints that an event of an owner carries; a later one of a name replaces an earlier.
pub(super) fn note_parts<K: Eq + Hash>(recorded: &mut HashMap<K, Parts>, owner: K, detail: &str) {
    let (_, kept) = split(detail);
    if !kept.is_empty() {
        let parts = recorded.entry(owner).or_default();
        parts.extend(kept.into_iter().map(|(name, digits)| (name.to_owned(), digits.to_owned())));
    }
}

/// What was found of the frozen columns.
#[derive(Debug, Default)]
pub struct Facts {
    /// The first row that was changed or removed.
    pub altered: Option<Altered>,
    /// Rows whose event is of an earlier program and holds no fingerprint of them.
    pub unbound: u64,
}

impl Group<'_> {
    /// What is frozen of an attempt when it begins.
    pub(super) fn keep_start(&mut self, number: &str, new: &NewPayment, sealed: &[u8]) {
        let words = [number, &new.employer_code, new.model.id(), &new.bank].map(|word| Value::Text(word.to_owned()));
        let orders = [&new.exchange_order, &new.seller_order].map(|order| Value::Text(order.clone()));
        let bytes = [&new.token[..], sealed].map(|bytes| Value::Bytes(bytes.to_vec()));
        let started = [new.started_by.clone(), text(new.now)].map(Value::Text);
        let amount = [Value::Whole(new.amount.0)];
        let values: Vec<&Value> = words.iter().chain(&amount).chain(&orders).chain(&bytes).chain(&started).collect();
        self.keep_facts(&PAYMENT, number, &values, new.now);
        let none = [maybe(None), maybe(None)];
        let empty = [(); 4].map(|()| Value::Text(String::new()));
        self.keep_facts(&OUTCOME, number, &none.iter().chain(&empty).collect::<Vec<_>>(), new.now);
        for (position, item) in (1..).zip(&new.items) {
            let words = [&item.kind, &item.reference].map(|word| Value::Text(word.clone()));
            let [position, amount] = [position, item.amount.0].map(Value::Whole);
            let scheme = Value::Text(item.scheme.id().to_owned());
            self.keep_facts(&ITEMS, number, &[&position, &words[0], &words[1], &scheme, &amount], new.now);
        }
    }
}

impl Audit<'_> {
    /// Compares the frozen columns of payments, receipts, entries, messages, charges, appeals and cases with the fingerprints in the
    /// chain of events.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn altered_facts(&mut self) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        for (owners, begins, bounds) in OWNED {
            let mut after = begins.to_owned();
            loop {
                let sql = format!(
                    "select number from {owners} where number > $1 and number like '{begins}%' order by number limit $2"
                );
                let rows = self.all(sqlx::query(AssertSqlSafe(sql)).bind(after.clone()).bind(OWNERS))?;
                let end = match rows.last() {
                    Some(row) => row.try_get::<String, _>(0)?,
                    // What events say of owners after the last one.
                    None => self.last_subject(begins)?.unwrap_or_default(),
                };
                let range = (after, end);
                let mut recorded = self.recorded_parts(&range)?;
                for bound in bounds {
                    self.compare(bound, &range, &mut recorded, &mut facts)?;
                    if facts.altered.is_some() {
                        return Ok(facts);
                    }
                }
                if rows.is_empty() {
                    break;
                }
                after = range.1;
            }
        }
        Ok(facts)
    }

    /// The last number of this beginning that an event is about.
    fn last_subject(&mut self, begins: &str) -> Result<Option<String>, StoreError> {
        let sql = format!("select max(subject) from event where subject like '{begins}%'");
        let rows = self.all(sqlx::query(AssertSqlSafe(sql)))?;
        Ok(rows.first().map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten())
    }

    /// What events recorded of the owners after the first and up to the second.
    fn recorded_parts(&mut self, range: &(String, String)) -> Result<HashMap<String, Parts>, StoreError> {
        let sql = "select subject, detail from event where subject > $1 and subject <= $2 order by subject, id";
        let mut recorded: HashMap<String, Parts> = HashMap::new();
        for row in self.all(sqlx::query(sql).bind(range.0.clone()).bind(range.1.clone()))? {
            note_parts(&mut recorded, row.try_get(0)?, &row.try_get::<String, _>(1)?);
        }
        Ok(recorded)
    }

    /// Compares the rows of one kind; what was compared is taken out of `recorded`.
    fn compare(
        &mut self,
        bound: &Bound,
        range: &(String, String),
        recorded: &mut HashMap<String, Parts>,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        let Bound { owner, from, order, .. } = bound;
        let columns: Vec<String> = bound.columns.iter().map(|(name, _)| column(bound, name)).collect();
        let columns = columns.join(", ");
        let sql = format!(
            "select {owner}, {columns} from {from} where {owner} > $1 and {owner} <= $2 order by {owner}, {order}"
        );
        let mut found: BTreeMap<(String, String), Hasher> = BTreeMap::new();
        for row in self.all(sqlx::query(AssertSqlSafe(sql)).bind(range.0.clone()).bind(range.1.clone()))? {
            let values = values(&row, bound)?;
            let values: Vec<&Value> = values.iter().collect();
            let hasher = found.entry((row.try_get(0)?, bound.part(&values))).or_default();
            add(hasher, &values);
        }
        for ((owner, part), hasher) in found {
            match recorded.get_mut(&owner).and_then(|parts| parts.remove(&part)) {
                None => facts.unbound += 1,
                Some(digits) if digits == fingerprint(&hasher) => {}
                Some(_) => {
                    facts.altered = Some(Altered { table: bound.table, key: key(&owner, &part), gone: false });
                    return Ok(());
                }
            }
        }
        let is_of = |part: &str| part.split(':').next() == Some(bound.name);
        let gone = recorded.iter().flat_map(|(owner, parts)| parts.keys().map(move |part| (owner, part)));
        let gone = gone.filter(|(_, part)| is_of(part)).min();
        facts.altered = gone.map(|(owner, part)| Altered { table: bound.table, key: key(owner, part), gone: true });
        Ok(())
    }
}

/// A column with its table, where two are joined.
fn column(bound: &Bound, name: &str) -> String {
    if bound.from.contains(' ') { format!("{}.{name}", bound.table) } else { name.to_owned() }
}

/// What the row is called: by its own key, or by its owner.
fn key(owner: &str, part: &str) -> String {
    match part.split_once(':') {
        Some(("message" | "appeal", which)) => format!("{which} of {owner}"),
        Some((_, own)) => own.to_owned(),
        None => owner.to_owned(),
    }
}

pub(super) fn values(row: &AnyRow, bound: &Bound) -> Result<Vec<Value>, StoreError> {
    let value = |(at, kind): (usize, Kind)| {
        Ok(match kind {
            Whole => Value::MaybeWhole(row.try_get(at)?),
            Text => match row.try_get::<Option<String>, _>(at)? {
                Some(text) => Value::Text(text),
                None => Value::MaybeBytes(None),
            },
            Bytes => Value::MaybeBytes(row.try_get(at)?),
        })
    };
    (1..).zip(bound.columns.iter().map(|(_, kind)| *kind)).map(value).collect()
}
