//! What changed since last month, in words: shown before a file is submitted and signed by who submits it, in place of
//! the portal's request to double-check everything.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::checks::amount::{Amounts, amounts_of};
use crate::checks::history::{MonthBook, Stood, number_of};
use crate::checks::people::{key_of, name_hash};
use crate::checks::{FileCheck, History, Register, Total};
use crate::domain::identity::{letters, mask};
use crate::domain::{ContributionMonth, EmployerCode, Scheme, Sen};
use crate::messages::Messages;
use crate::reader::chunk::{Chunk, for_each_chunk};
use crate::reader::line::{Line, LineReader, Record, lines, split_at_lone_returns};
use crate::reader::{ByteSource, LayoutId};

/// Kinds of change, in the order in which they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Was not paid for last month.
    Joined,
    /// Left or died, by the status letter.
    Left,
    /// Was paid for last month, is not here, and nothing says why.
    Missing,
    /// The wage moved by more than the threshold; the contribution, where there is no wage.
    Moved,
    /// The name is spelled otherwise.
    Renamed,
    /// Another category under Act 4.
    Category,
    /// EIS began.
    EisBegan,
    /// EIS ended.
    EisEnded,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [ChangeKind; 8] = [
        ChangeKind::Joined,
        ChangeKind::Left,
        ChangeKind::Missing,
        ChangeKind::Moved,
        ChangeKind::Renamed,
        ChangeKind::Category,
        ChangeKind::EisBegan,
        ChangeKind::EisEnded,
    ];

    /// The name kept and printed.
    pub const fn id(self) -> &'static str {
        match self {
            ChangeKind::Joined => "joined",
            ChangeKind::Left => "left",
            ChangeKind::Missing => "missing",
            ChangeKind::Moved => "moved",
            ChangeKind::Renamed => "renamed",
            ChangeKind::Category => "category",
            ChangeKind::EisBegan => "eis-began",
            ChangeKind::EisEnded => "eis-ended",
        }
    }
}

/// One difference between this month's file and last month's acknowledgements.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// Month of the file.
    pub month: ContributionMonth,
    /// Physical line; `None` for who is missing.
    pub line: Option<u64>,
    /// Identity number in full: mask it before it is shown.
    pub id_number: String,
    /// Name in full.
    pub name: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub now: Option<String>,
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.kind.id(), self.line, mask(&self.id_number))
    }
}

/// All differences of one employer's part, sorted by kind, month and line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// One for each.
    pub changes: Vec<Change>,
}

impl Changes {
    /// What a submitter signs: BLAKE3 over the list, in hexadecimal.
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).expect("plain values with text keys");
        blake3::hash(&text).to_hex()[..16].to_owned()
    }

    /// How many of a kind.
    pub fn count(&self, kind: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.kind == kind).count()
    }

    /// The list in one sentence: `3 joined, 1 left, …`.
    pub fn sentence(&self, messages: &Messages) -> String {
        let counts = ChangeKind::ALL.into_iter().map(|kind| (kind, self.count(kind))).filter(|(_, count)| *count > 0);
        let percent = RULES.moved_percent.to_string();
        let words: Vec<String> = counts
            .map(|(kind, count)| {
                let arguments = [("count", count.to_string()), ("percent", percent.clone())];
                messages.with(&format!("change-{}", kind.id()), &arguments)
            })
            .collect();
        if words.is_empty() { messages.text("change-nothing") } else { words.join(", ") }
    }
}

/// What a file is compared with.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// What stands.
    pub history: &'a History,
    /// Who is registered.
    pub register: &'a Register,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    moved_percent: i64,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    toml::from_str(include_str!("../../formats/text/changes.toml")).unwrap_or_else(|e| panic!("changes.toml: {e}"))
});

type Seen = HashMap<(String, ContributionMonth), HashSet<u64>>;

/// Compares the lines that can be accepted with what stands for the month before under the Acts of the file; by employer
/// code. Employers of whom nothing stands for the month before have no list.
///
/// # Errors
/// What the source reports.
pub fn changes<S: ByteSource + ?Sized>(
    source: &S,
    check: &FileCheck,
    compared: Compared<'_>,
    threads: usize,
) -> io::Result<BTreeMap<String, Changes>> {
    let (Some(reread), Some(layout)) = (&check.reread, check.layout) else { return Ok(BTreeMap::new()) };
    let groups: BTreeSet<(&str, ContributionMonth)> =
        check.totals.iter().map(|total| (total.employer_code.as_str(), total.month)).collect();
    let months: BTreeSet<ContributionMonth> = groups.iter().map(|(_, month)| *month).collect();
    let job = Job { check, layout, compared, several_months: months.len() > 1 };
    let asked: Vec<_> = groups.into_iter().filter(|(code, month)| job.before(code, *month).is_some()).collect();
    if asked.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut cut = reread.cut;
    cut.threads = threads;
    let mut found: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    let mut seen = Seen::new();
    for_each_chunk(
        source,
        cut,
        |chunk| job.piece(chunk),
        |(changes, people): (Vec<(String, Change)>, Seen)| {
            for (code, change) in changes {
                found.entry(code).or_default().push(change);
            }
            for (group, keys) in people {
                seen.entry(group).or_default().extend(keys);
            }
        },
    )?;
    let none = HashSet::new();
    for (code, month) in asked {
        let list = found.entry(code.to_owned()).or_default();
        let here = seen.get(&(code.to_owned(), month)).unwrap_or(&none);
        list.extend(job.missing(code, month, here));
    }
    let sorted = |mut changes: Vec<Change>| {
        changes.sort_by(|a, b| (a.kind, a.month, a.line, &a.id_number).cmp(&(b.kind, b.month, b.line, &b.id_number)));
        Changes { changes }
    };
    Ok(found.into_iter().map(|(code, list)| (code, sorted(list))).collect())
}

struct Job<'a> {
    check: &'a FileCheck,
    layout: LayoutId,
    compared: Compared<'a>,
    several_months: bool,
}

impl<'a> Job<'a> {
    /// What stands for the month before, under an Act of the file.
    fn before(&self, code: &str, month: ContributionMonth) -> Option<&'a MonthBook> {
        // The months of one file are arrears together: the earlier ones have just come, and nothing changed in between.
        let with_it = |total: &Total| total.employer_code == code && total.month == month.previous();
        if self.several_months && self.check.totals.iter().any(with_it) {
            return None;
        }
        let book = self.compared.history.book(code, month.previous())?;
        self.check.schemes.iter().any(|scheme| book.stands(*scheme)).then_some(book)
    }

    /// The person stands under an Act of the file.
    fn pays(&self, stood: &Stood) -> bool {
        self.check.schemes.iter().any(|scheme| stood.total(*scheme).is_some())
    }

    fn piece(&self, chunk: &Chunk<'_>) -> (Vec<(String, Change)>, Seen) {
        let Some(reread) = &self.check.reread else { return Default::default() };
        let mut reader = LineReader::new(self.layout, reread.wrapper);
        let mut number = reread.line_bases.get(chunk.number() as usize).copied().unwrap_or(0);
        let (mut found, mut seen) = (Vec::new(), Seen::new());
        for (line, _) in lines(chunk.bytes, reread.cut.line_end) {
            number += 1;
            let body = line.strip_suffix(b"\r").unwrap_or(line);
            for (i, part) in split_at_lone_returns(body).enumerate() {
                number += u64::from(i > 0);
                if let Line::Record(record) = reader.read(part) {
                    self.record(&record, number, &mut found, &mut seen);
                }
            }
        }
        (found, seen)
    }

    fn record(&self, record: &Record<'_>, line: u64, found: &mut Vec<(String, Change)>, seen: &mut Seen) {
        let code = EmployerCode::read(&String::from_utf8_lossy(record.employer_code())).1;
        let number = String::from_utf8_lossy(record.id_number()).into_owned();
        let (Some(code), Some(month), Some(key)) = (code, record.month, key_of(&number)) else { return };
        let Some(before) = self.before(code.as_str(), month) else { return };
        seen.entry((code.to_string(), month)).or_default().insert(key);
        if self.check.holds(line) {
            return;
        }
        let Some(amounts) = amounts_of(record, self.layout) else { return };
        let name = String::from_utf8_lossy(record.name).into_owned();
        let mut add = |kind, was: Option<String>, now: Option<String>| {
            let (id_number, name) = (number.clone(), name.clone());
            found.push((code.to_string(), Change { kind, month, line: Some(line), id_number, name, before: was, now }));
        };
        let status = record.status().first().map(u8::to_ascii_uppercase);
        if matches!(status, Some(b'H' | b'M')) {
            let died = status == Some(b'M');
            add(ChangeKind::Left, None, Some(if died { "died" } else { "left" }.to_owned()));
        }
        let Some(stood) = before.stood(key) else { return add(ChangeKind::Joined, None, None) };
        if !self.pays(stood) {
            // Known by the file of the other Act.
            let Amounts::Total(total) = amounts else { return };
            let began = self.check.schemes == [Scheme::Act800];
            let kind = if began { ChangeKind::EisBegan } else { ChangeKind::Joined };
            return add(kind, None, began.then(|| total.to_string()));
        }
        if stood.name_hash != name_hash(record.name) && letters(before.name(stood)) != letters(&name) {
            add(ChangeKind::Renamed, Some(before.name(stood).to_owned()), Some(name.clone()));
        }
        self.compare_amounts((stood, before.stands(Scheme::Act800)), &amounts, &mut add);
    }

    fn compare_amounts(
        &self,
        (stood, eis_stands): (&Stood, bool),
        amounts: &Amounts,
        add: &mut dyn FnMut(ChangeKind, Option<String>, Option<String>),
    ) {
        let act800_alone = self.check.schemes == [Scheme::Act800];
        let (was, now) = match amounts {
            Amounts::Shares(s) => (stood.wage, s.wage),
            Amounts::Total(total) if act800_alone => (stood.total(Scheme::Act800), *total),
            Amounts::Total(total) => (stood.act4.map(|act| act.total), *total),
        };
        if let Some(was) = was
            && moved(was, now)
        {
            add(ChangeKind::Moved, Some(was.to_string()), Some(now.to_string()));
        }
        let Amounts::Shares(s) = amounts else { return };
        if let (Some(act4), false) = (stood.act4, s.wage.is_zero()) {
            let second = |employee: Sen| if employee.is_zero() { "second" } else { "first" };
            let (was, now) = (second(act4.employee), second(s.socso_employee));
            if stood.wage.is_some_and(|wage| !wage.is_zero()) && was != now {
                add(ChangeKind::Category, Some(was.to_owned()), Some(now.to_owned()));
            }
            match (stood.eis, amounts.eis_total().is_zero()) {
                (None, false) if eis_stands => add(ChangeKind::EisBegan, None, Some(amounts.eis_total().to_string())),
                (Some(eis), true) => add(ChangeKind::EisEnded, Some(eis.total.to_string()), None),
                _ => {}
            }
        }
    }

    fn missing(&self, code: &str, month: ContributionMonth, here: &HashSet<u64>) -> Vec<Change> {
        let Compared { history, register } = self.compared;
        let Some(before) = self.before(code, month) else { return Vec::new() };
        let now = history.book(code, month);
        let gone = |key: u64| {
            let left = register.employee(code, key).and_then(|employee| employee.left_on());
            left.is_some_and(|left| left < month.first_day())
        };
        let absent = |stood: &&Stood| self.pays(stood) && !stood.left && !here.contains(&stood.key) && !gone(stood.key);
        let told = |stood: &Stood| {
            let paid = self.check.schemes.iter().find_map(|scheme| stood.total(*scheme));
            let change = missing(before, stood, month, stood.wage.or(paid));
            match now.and_then(|book| book.stood(stood.key)) {
                None => Some(change),
                // Whoever stands in this month's SOCSO file is not missing, but the EIS file leaves the person out.
                Some(here) if !self.pays(here) && self.check.schemes == [Scheme::Act800] => {
                    Some(Change { kind: ChangeKind::EisEnded, before: money(stood.total(Scheme::Act800)), ..change })
                }
                Some(_) => None,
            }
        };
        before.people().iter().filter(absent).filter_map(told).collect()
    }
}

fn missing(book: &MonthBook, stood: &Stood, month: ContributionMonth, was: Option<Sen>) -> Change {
    Change {
        kind: ChangeKind::Missing,
        month,
        line: None,
        id_number: number_of(stood.key),
        name: book.name(stood).to_owned(),
        before: money(was),
        now: None,
    }
}

fn money(amount: Option<Sen>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

/// By more than the threshold, either way.
fn moved(was: Sen, now: Sen) -> bool {
    let step = i128::from(now.0) - i128::from(was.0);
    step.abs() * 100 > i128::from(was.0) * i128::from(RULES.moved_percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_more_or_less() {
        let was = Sen(300_000);
        for (now, named) in [(240_000, false), (239_999, true), (300_000, false), (360_000, false), (360_001, true)] {
            assert_eq!(moved(was, Sen(now)), named, "{now}");
        }
        assert!(moved(Sen::ZERO, Sen(1)));
        assert!(!moved(Sen::ZERO, Sen::ZERO));
    }
}
