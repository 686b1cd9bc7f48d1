//! The second reading of a judged file: its lines into sealed blocks, one series for each employer.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;

use chrono::NaiveDate;

use super::kept::{is_second_category, kept_line, only_the_difference};
use super::known::{Known, Movement};
use crate::checks::amount::amounts_of;
use crate::checks::history::Stood;
use crate::checks::people::key_of;
use crate::checks::{FileCheck, Reread};
use crate::domain::{ContributionMonth, EmployerCode, FindingName, IdentityNumber, Scheme, Sen};
use crate::keys::DataKey;
use crate::reader::chunk::{Chunk, for_each_chunk};
use crate::reader::line::{Line, LineReader, Record, lines, split_at_lone_returns};
use crate::reader::{ByteSource, LayoutId};
use crate::store::SubmissionId;
use crate::store::block::{BlockBuilder, LineRef, SealedBlock};

/// Numbers that one piece of a file may give to its blocks: a piece holds less than 8,192 lines of the shortest kind, so
/// eight full blocks and a started one, each of accepted and of held lines.
const BLOCKS_A_PIECE: u32 = 32;

/// A line whose person was not registered in time.
#[derive(Debug, Clone)]
pub struct LateLine {
    /// Physical line.
    pub line: u64,
    /// First day of the employment.
    pub started: NaiveDate,
    /// Number as in the file.
    pub id_number: IdentityNumber,
    /// Name as in the file.
    pub name: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Wage, where the layout carries it.
    pub wage: Option<Sen>,
    /// Act 4; without SKBBK where the layout has a place of its own for it.
    pub act4_total: Sen,
    /// Act 800.
    pub eis_total: Sen,
}

/// The employer whose lines are sealed, and how.
#[derive(Debug, Clone)]
pub struct Owner {
    /// For whom.
    pub submission: SubmissionId,
    /// With what.
    pub key: DataKey,
}

/// What a submission's accepted lines add up to, for one month and Act.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the sum of the amounts of that name")]
pub struct AcceptedSums {
    pub people: u64,
    pub second_category: u64,
    pub employer: Sen,
    pub employee: Sen,
    pub skbbk: Sen,
    pub total: Sen,
    /// Not every line's shares are known.
    pub without_shares: bool,
}

/// What the second reading gives for one employer.
#[derive(Debug, Default)]
pub struct Sealed {
    /// Sums of the accepted lines.
    pub accepted: BTreeMap<(ContributionMonth, Scheme), AcceptedSums>,
    /// Records.
    pub records: u64,
    /// What the held lines say.
    pub held_totals: BTreeMap<Scheme, Sen>,
    /// Company number of the first line that has one.
    pub company_number: String,
    /// Who is in the accepted lines under each Act, where the file has several months.
    pub persons: BTreeMap<Scheme, HashSet<u64>>,
    /// Accepted lines that tell the register something.
    pub(super) movements: Vec<Movement>,
    /// Lines whose people were not registered in time.
    pub late: Vec<LateLine>,
    /// Why accepted lines of a joint list pay no EIS, where the register knows it and the number does not tell.
    pub outside_eis: BTreeMap<u64, String>,
}

/// One piece's part for one employer.
struct Part {
    employer: Box<str>,
    sealed: Sealed,
    blocks: Vec<SealedBlock>,
}

/// Reads the file again and seals its lines: `owners` by employer code; an employer without one is summed but not sealed.
/// Of what stands already for the same person and month only the difference is kept. Blocks are handed over in the order
/// of the file.
///
/// # Errors
/// What the source reports; [`io::ErrorKind::InvalidData`] when its bytes are not those that were judged.
pub(super) fn seal<S: ByteSource + ?Sized>(
    source: &S,
    check: &FileCheck,
    owners: &HashMap<String, Owner>,
    known: &Known,
    mut blocks: impl FnMut(SubmissionId, Vec<SealedBlock>) + Send,
) -> io::Result<HashMap<String, Sealed>> {
    let (Some(reread), Some(layout)) = (&check.reread, check.layout) else { return Ok(HashMap::new()) };
    let late = late_lines(check);
    let months: HashSet<ContributionMonth> = check.totals.iter().map(|total| total.month).collect();
    let several_months = months.len() > 1;
    let job = Job { several_months, check, reread, layout, owners, known, late: &late };
    let mut all: HashMap<String, Sealed> = HashMap::new();
    let digest = for_each_chunk(
        source,
        reread.cut,
        |chunk| job.piece(chunk),
        |parts: Vec<Part>| {
            for part in parts {
                if let Some(owner) = owners.get(&*part.employer) {
                    blocks(owner.submission, part.blocks);
                }
                all.entry(part.employer.into_string()).or_default().add(part.sealed);
            }
        },
    )?;
    if Some(digest) != check.digest {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the file changed while it was read; submit it again"));
    }
    Ok(all)
}

struct Job<'a> {
    check: &'a FileCheck,
    reread: &'a Reread,
    layout: LayoutId,
    owners: &'a HashMap<String, Owner>,
    known: &'a Known,
    late: &'a HashMap<u64, NaiveDate>,
    several_months: bool,
}

/// Lines that are too late for the thirty days, with the day on which the employment began.
fn late_lines(check: &FileCheck) -> HashMap<u64, NaiveDate> {
    let late = check.findings.iter().filter(|finding| finding.name == FindingName::RegistrationLate);
    late.filter_map(|finding| {
        let started = finding.details.iter().find(|(name, _)| *name == "started")?.1;
        Some((finding.line?, started.parse().ok()?))
    })
    .collect()
}

struct Open {
    part: Part,
    owner: Option<Owner>,
    builders: [BlockBuilder; 2],
    numbers: u32,
}

impl Job<'_> {
    fn piece(&self, chunk: &Chunk<'_>) -> Vec<Part> {
        let mut reader = LineReader::new(self.layout, self.reread.wrapper);
        let mut open: Vec<Open> = Vec::new();
        let mut now: (Vec<u8>, usize) = (Vec::new(), 0);
        let mut number = self.reread.line_bases.get(chunk.number() as usize).copied().unwrap_or(0);
        let first_block = chunk.number() as u32 * BLOCKS_A_PIECE;
        for (line, _) in lines(chunk.bytes, self.reread.cut.line_end) {
            number += 1;
            let body = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(record) = reader.regular(body) {
                self.record(&record, number, &mut open, &mut now, first_block);
                continue;
            }
            for (i, part) in split_at_lone_returns(body).enumerate() {
                number += u64::from(i > 0);
                if let Line::Record(record) = reader.read(part)
                    && record.oddities.other_layout.is_none()
                {
                    self.record(&record, number, &mut open, &mut now, first_block);
                }
            }
        }
        open.into_iter().map(Open::finish).collect()
    }

    fn record(
        &self,
        record: &Record<'_>,
        line: u64,
        open: &mut Vec<Open>,
        now: &mut (Vec<u8>, usize),
        first_block: u32,
    ) {
        if now.0 != record.head() {
            let written = String::from_utf8_lossy(record.employer_code());
            let employer = EmployerCode::read(&written).1.map_or_else(|| written.into_owned(), |code| code.to_string());
            let at = open.iter().position(|o| *o.part.employer == *employer).unwrap_or_else(|| {
                let owner = self.owners.get(&employer).cloned();
                let part = Part { employer: employer.into(), sealed: Sealed::default(), blocks: Vec::new() };
                open.push(Open { part, owner, builders: Default::default(), numbers: first_block });
                open.len() - 1
            });
            *now = (record.head().to_vec(), at);
        }
        let open = &mut open[now.1];
        open.part.sealed.records += 1;
        if open.part.sealed.company_number.is_empty() && !record.company_number().is_empty() {
            open.part.sealed.company_number = String::from_utf8_lossy(record.company_number()).into_owned();
        }
        let held = self.check.holds(line);
        let (Some(month), Some(amounts)) = (record.month, amounts_of(record, self.layout)) else {
            return; // held, and waiting in the original only: there is no month or amount to keep
        };
        let mut kept = kept_line(record, line, month, &amounts, &self.check.schemes, held);
        self.remarkable(&kept, &mut open.part);
        if !held && let Some(stood) = self.stood(&open.part.employer, &kept) {
            only_the_difference(&mut kept, stood, &self.check.schemes);
            if kept.act4_total.is_zero() && kept.skbbk.is_zero() && kept.eis_total.is_zero() {
                return; // a short payment names people whose month is paid in full
            }
        }
        open.part.sealed.sum(&kept, &self.check.schemes, held);
        if self.several_months && !held {
            open.part.sealed.count(&kept, &self.check.schemes);
        }
        open.push(kept);
    }
}

impl Job<'_> {
    /// What stands for the same person and month.
    fn stood(&self, employer: &str, line: &LineRef<'_>) -> Option<&Stood> {
        let book = self.known.history.book(employer, line.month)?;
        book.stood(key_of(IdentityNumber::new(line.id_number).reveal())?)
    }

    /// Notes what the register or the record of breaches wants to know.
    fn remarkable(&self, line: &LineRef<'_>, part: &mut Part) {
        if let Some(started) = self.late.get(&line.source_line) {
            part.sealed.late.push(LateLine {
                line: line.source_line,
                started: *started,
                id_number: IdentityNumber::new(line.id_number),
                name: line.name.to_owned(),
                month: line.month,
                wage: line.wage,
                act4_total: line.act4_total,
                eis_total: line.eis_total,
            });
        }
        if !line.held && line.eis_total.is_zero() && self.check.schemes.len() > 1 {
            let reason = self.known.outside_eis(&part.employer, line);
            part.sealed.outside_eis.extend(reason.map(|reason| (line.source_line, reason)));
        }
        if !line.held && self.known.tells(&part.employer, line) {
            part.sealed.movements.push(Movement::of(line));
        }
    }
}

impl Open {
    fn push(&mut self, line: LineRef<'_>) {
        let which = usize::from(line.held);
        if self.owner.is_none() {
            return;
        }
        if self.builders[which].is_full() {
            self.close(which);
        }
        self.builders[which].push(line);
    }

    fn close(&mut self, which: usize) {
        if let Some(owner) = &self.owner
            && !self.builders[which].is_empty()
        {
            let block = self.builders[which].finish(&owner.key, owner.submission, self.numbers);
            self.part.blocks.push(block);
            self.numbers += 1;
        }
    }

    fn finish(mut self) -> Part {
        self.close(0);
        self.close(1);
        self.part
    }
}

impl Sealed {
    pub(super) fn sum(&mut self, line: &LineRef<'_>, schemes: &[Scheme], held: bool) {
        for scheme in schemes {
            let amount = match scheme {
                Scheme::Act4 => line.act4_total + line.skbbk,
                Scheme::Act800 => line.eis_total,
            };
            if held {
                *self.held_totals.entry(*scheme).or_default() += amount;
                continue;
            }
            if schemes.len() > 1 && amount.is_zero() && (*scheme == Scheme::Act800 || line.wage != Some(Sen::ZERO)) {
                continue; // on the joint list, but not under this Act, or acknowledged under it before
            }
            let sums = self.accepted.entry((line.month, *scheme)).or_default();
            sums.people += 1;
            sums.total += amount;
            let (employer, employee) = match scheme {
                Scheme::Act4 => (line.act4_employer, line.act4_employee),
                Scheme::Act800 => (line.eis_employer, line.eis_employee),
            };
            sums.without_shares |= employer.is_none() || employee.is_none();
            sums.employer += employer.unwrap_or_default();
            sums.employee += employee.unwrap_or_default();
            if *scheme == Scheme::Act4 {
                sums.skbbk += line.skbbk;
                sums.second_category += u64::from(is_second_category(line));
            }
        }
    }

    /// Who pays under which Act.
    fn count(&mut self, line: &LineRef<'_>, schemes: &[Scheme]) {
        let Some(key) = key_of(IdentityNumber::new(line.id_number).reveal()) else { return };
        for scheme in schemes {
            let pays = if *scheme == Scheme::Act800 { !line.eis_total.is_zero() } else { true };
            if pays {
                self.persons.entry(*scheme).or_default().insert(key);
            }
        }
    }

    fn add(&mut self, other: Sealed) {
        for (scheme, people) in other.persons {
            self.persons.entry(scheme).or_default().extend(people);
        }
        self.records += other.records;
        self.movements.extend(other.movements);
        self.late.extend(other.late);
        self.outside_eis.extend(other.outside_eis);
        if self.company_number.is_empty() {
            self.company_number = other.company_number;
        }
        for (scheme, total) in other.held_totals {
            *self.held_totals.entry(scheme).or_default() += total;
        }
        for (key, sums) in other.accepted {
            let all = self.accepted.entry(key).or_default();
            all.people += sums.people;
            all.second_category += sums.second_category;
            all.employer += sums.employer;
            all.employee += sums.employee;
            all.skbbk += sums.skbbk;
            all.total += sums.total;
            all.without_shares |= sums.without_shares;
        }
    }
}
