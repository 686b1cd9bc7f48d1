//! What is frozen of a submission: its row, its totals, which lines wait, and the blocks that its lines are sealed in.

use std::collections::{BTreeMap, HashMap};

use blake3::Hasher;
use sqlx::{AssertSqlSafe, Row};

use super::audit::{Audit, PAGE};
use super::block::SealedBlock;
use super::bound::{Altered, Facts, Parts, note_parts, values};
use super::error::StoreError;
use super::facts::Kind::{Bytes, Text, Whole};
use super::facts::{Bound, add, fingerprint};
use super::group::Group;
use super::records::{HeldLine, NewSubmission, SubmissionId, SubmissionNumber, TotalRow};
use super::rows::Value;

/// Submissions a page.
const SUBMISSIONS: i64 = 500;
/// Bytes at the beginning of a sealed block: its format and its checksum.
const CHECKSUM: usize = 9;
/// The number of a submission as events name it.
const NUMBER: &str = "'S-' || case when s.serial < 1000000 then substr('000000' || cast(s.serial as text), \
     length(cast(s.serial as text)) + 1) else cast(s.serial as text) end";

/// Everything that is not counted on; of the findings, which are sealed, only their length.
static SUBMISSION: Bound = Bound {
    table: "submission",
    name: "submission",
    keys: &[],
    many: false,
    owner: "id",
    from: "submission",
    order: "id",
    columns: &[
        ("id", Whole),
        ("serial", Whole),
        ("arrival_id", Whole),
        ("digest", Bytes),
        ("employer_code", Text),
        ("company_number", Text),
        ("layout", Text),
        ("schemes", Text),
        ("encoding", Text),
        ("policy", Text),
        ("rule_pack", Text),
        ("checked_at", Text),
        ("received_at", Text),
        ("state", Text),
        ("lines", Whole),
        ("accepted_lines", Whole),
        ("held_lines", Whole),
        ("repeat_of", Whole),
        ("cast(length(document) as bigint)", Whole),
        ("kind", Text),
        ("supplement_to", Whole),
    ],
};

static TOTALS: Bound = Bound {
    table: "submission_total",
    name: "totals",
    keys: &[],
    many: true,
    owner: "submission_id",
    from: "submission_total",
    order: "month, scheme",
    columns: &[
        ("employer_code", Text),
        ("month", Whole),
        ("scheme", Text),
        ("people", Whole),
        ("employer_sen", Whole),
        ("employee_sen", Whole),
        ("skbbk_sen", Whole),
        ("total_sen", Whole),
        ("due_date", Text),
        ("days_late", Whole),
        ("interest_sen", Whole),
    ],
};

static TRAYS: Bound = Bound {
    table: "held_line",
    name: "trays",
    keys: &[],
    many: true,
    owner: "submission_id",
    from: "held_line",
    order: "line",
    columns: &[("line", Whole), ("tray", Text), ("codes", Text)],
};

static BLOCKS: Bound = Bound {
    table: "block",
    name: "blocks",
    keys: &[],
    many: true,
    owner: "submission_id",
    from: "block",
    order: "number",
    columns: &[("number", Whole), ("lines", Whole), ("held", Whole), ("substr(sealed, 1, 9)", Bytes)],
};

/// Tables with many rows of one submission are read in pages by this column.
static BOUNDS: [(&Bound, Option<&str>); 4] =
    [(&SUBMISSION, None), (&TOTALS, None), (&TRAYS, Some("line")), (&BLOCKS, Some("number"))];

impl Group<'_> {
    /// Blocks in the order of their numbers; those of a long file come before their submission.
    pub(super) fn keep_blocks(&mut self, submission: SubmissionId, blocks: &[SealedBlock]) {
        let hasher = self.blocks_kept.entry(submission.0).or_default();
        for block in blocks {
            let counts = [i64::from(block.number), i64::from(block.lines), i64::from(block.held)].map(Value::Whole);
            let checksum = Value::Bytes(block.bytes[..CHECKSUM.min(block.bytes.len())].to_vec());
            add(hasher, &[&counts[0], &counts[1], &counts[2], &checksum]);
        }
    }

    /// What is frozen of a submission, without its row; its blocks were seen before.
    pub(super) fn keep_submission(&mut self, number: SubmissionNumber, new: &NewSubmission) {
        let (owner, at) = (number.to_string(), new.received_at);
        let mut totals: Vec<&TotalRow> = new.totals.iter().collect();
        totals.sort_by_key(|total| (total.month, total.scheme.id()));
        for total in totals {
            let row = total_values(&new.employer_code, total);
            self.keep_facts(&TOTALS, &owner, &row.iter().collect::<Vec<_>>(), at);
        }
        let mut held: Vec<&HeldLine> = new.held.iter().collect();
        held.sort_by_key(|held| held.line);
        for held in held {
            let line = Value::MaybeWhole(i64::try_from(held.line).ok());
            let words = [&held.tray, &held.codes].map(|word| Value::Text(word.clone()));
            self.keep_facts(&TRAYS, &owner, &[&line, &words[0], &words[1]], at);
        }
    }

    /// The row of a submission, as it is inserted, and the blocks that came with it or before.
    pub(super) fn keep_submission_row(
        &mut self,
        number: SubmissionNumber,
        (id, row): (SubmissionId, &[Value]),
        at: chrono::DateTime<chrono::FixedOffset>,
    ) {
        let owner = number.to_string();
        let length = match &row[DOCUMENT] {
            Value::MaybeBytes(Some(document)) => Value::MaybeWhole(i64::try_from(document.len()).ok()),
            _ => Value::MaybeWhole(None),
        };
        let frozen = row.iter().enumerate().filter(|(place, _)| *place != ANSWERS);
        let frozen = frozen.map(|(place, value)| if place == DOCUMENT { &length } else { value });
        self.keep_facts(&SUBMISSION, &owner, &frozen.collect::<Vec<_>>(), at);
        if let Some(hasher) = self.blocks_kept.remove(&id.0).filter(|hasher| hasher.count() > 0) {
            self.keep_hashed(BLOCKS.name, &owner, hasher, at);
        }
    }
}

/// Places in the row of a submission.
const ANSWERS: usize = 18;
const DOCUMENT: usize = 19;

fn total_values(employer_code: &str, total: &TotalRow) -> [Value; 11] {
    [
        Value::Text(employer_code.to_owned()),
        Value::Whole(i64::from(total.month.index())),
        Value::Text(total.scheme.id().to_owned()),
        Value::MaybeWhole(i64::try_from(total.people).ok()),
        Value::MaybeWhole(total.employer.map(|sen| sen.0)),
        Value::MaybeWhole(total.employee.map(|sen| sen.0)),
        Value::Whole(total.skbbk.0),
        Value::Whole(total.total.0),
        Value::Text(total.due_date.to_string()),
        Value::Whole(i64::from(total.days_late)),
        Value::Whole(total.interest.0),
    ]
}

impl Audit<'_> {
    /// Compares submissions, their totals, trays and blocks with the fingerprints in the chain of events.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn altered_submissions(&mut self) -> Result<Facts, StoreError> {
        let (mut facts, mut after) = (Facts::default(), i64::MIN);
        loop {
            let sql = "select id, serial from submission where id > $1 order by id limit $2";
            let rows = self.all(sqlx::query(sql).bind(after).bind(SUBMISSIONS))?;
            let mut numbers: HashMap<i64, SubmissionNumber> = HashMap::new();
            let start = after;
            for row in rows {
                after = row.try_get(0)?;
                numbers.insert(after, SubmissionNumber(row.try_get(1)?));
            }
            if numbers.is_empty() {
                return Ok(facts);
            }
            let mut recorded = self.recorded_of_submissions((start, after))?;
            facts.unbound += numbers.keys().filter(|id| !recorded.contains_key(id)).count() as u64;
            for (bound, cursor) in BOUNDS {
                let found = self.found_of_submissions(bound, cursor, (start, after))?;
                if let Some((id, gone)) = differs(bound, &found, &mut recorded) {
                    let number = numbers.get(&id).copied().unwrap_or(SubmissionNumber(0));
                    let key = if bound.table == "submission" { number.to_string() } else { format!("of {number}") };
                    facts.altered = Some(Altered { table: bound.table, key, gone });
                    return Ok(facts);
                }
            }
        }
    }

    /// What events recorded of the submissions after the first and up to the second.
    fn recorded_of_submissions(&mut self, (after, last): (i64, i64)) -> Result<HashMap<i64, Parts>, StoreError> {
        let sql = format!(
            "select s.id, e.detail from submission s join event e on e.subject = {NUMBER} \
             where s.id > $1 and s.id <= $2 order by s.id, e.id"
        );
        let mut recorded: HashMap<i64, Parts> = HashMap::new();
        for row in self.all(sqlx::query(AssertSqlSafe(sql)).bind(after).bind(last))? {
            note_parts(&mut recorded, row.try_get(0)?, &row.try_get::<String, _>(1)?);
        }
        Ok(recorded)
    }

    /// Fingerprints of what is kept of these submissions in one table.
    fn found_of_submissions(
        &mut self,
        bound: &Bound,
        cursor: Option<&str>,
        (after, last): (i64, i64),
    ) -> Result<BTreeMap<i64, Hasher>, StoreError> {
        let Bound { owner, from, order, .. } = bound;
        let columns: Vec<&str> = bound.columns.iter().map(|(name, _)| *name).collect();
        let columns = columns.join(", ");
        let (place, limit) = match cursor {
            Some(cursor) => (format!("({owner}, {cursor})"), format!("limit {PAGE}")),
            None => (format!("({owner}, 0)"), String::new()),
        };
        let sql = format!(
            "select {owner}, {columns} from {from} where {place} > ($1, $2) and {owner} <= $3 \
             order by {owner}, {order} {limit}"
        );
        let mut found: BTreeMap<i64, Hasher> = BTreeMap::new();
        let mut seen = (after, i64::MAX);
        loop {
            let query = sqlx::query(AssertSqlSafe(sql.clone())).bind(seen.0).bind(seen.1).bind(last);
            let rows = self.all(query)?;
            for row in &rows {
                let values = values(row, bound)?;
                let id: i64 = row.try_get(0)?;
                add(found.entry(id).or_default(), &values.iter().collect::<Vec<_>>());
                if let (Some(_), Value::MaybeWhole(Some(place))) = (cursor, &values[0]) {
                    seen = (id, *place);
                }
            }
            if cursor.is_none() || (rows.len() as i64) < PAGE {
                return Ok(found);
            }
        }
    }
}

/// The first submission of which something else is kept than was recorded, and whether nothing is.
fn differs(bound: &Bound, found: &BTreeMap<i64, Hasher>, recorded: &mut HashMap<i64, Parts>) -> Option<(i64, bool)> {
    for (id, hasher) in found {
        // All of a submission is recorded with one event: what that does not name was not there.
        let Some(parts) = recorded.get_mut(id) else { continue };
        if parts.remove(bound.name).is_none_or(|digits| digits != fingerprint(hasher)) {
            return Some((*id, false));
        }
    }
    let gone = recorded.iter().filter(|(_, parts)| parts.contains_key(bound.name));
    gone.map(|(id, _)| (*id, true)).min()
}
