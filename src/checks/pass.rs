//! The lines of one piece of a file, judged one after the other. Pieces are judged in parallel; see [`super::whole`] for
//! what joins them.

mod piece;

use std::collections::HashMap;
use std::rc::Rc;

pub use self::piece::{EmployerIn, Group, Irregular, OldSchedule, Piece, SeenIn, Sums};
use super::amount::{self, Amounts};
use super::context::{Context, MonthContext};
use super::history::{self, MonthBook};
use super::people::{Seen, name_hash};
use super::record::{self, Head};
use super::register::{EmployeeView, EmployerIndex};
use super::{person, record::IdNumber};
use crate::domain::{Columns, ContributionMonth, Finding, FindingName};
use crate::reader::chunk::Chunk;
use crate::reader::identify::Identity;
use crate::reader::line::{CONTROL_Z, Line, LineReader, Record, split_at_lone_returns};

/// How many lines are taken together, so that what they need from memory is fetched at the same time.
const TOGETHER: u32 = 16;

/// Bytes of an unreadable line that are kept to explain it.
const KEPT_BYTES: usize = 4 * 300;

/// Judges the lines of one piece.
pub fn read_chunk(context: &Context<'_>, identity: &Identity, chunk: &Chunk<'_>) -> Piece {
    let mut pass = Pass::new(context, identity);
    pass.piece.people.reserve(chunk.bytes.len() / context.layout.record_length + 1);
    let mut reader = LineReader::new(identity.layout, identity.wrapper);
    let mut rest = chunk.bytes;
    while !rest.is_empty() {
        if pass.line.is_multiple_of(TOGETHER) {
            pass.fetch_people(rest);
        }
        rest = match pass.regular_line(&mut reader, rest) {
            Some(behind) => behind,
            None => pass.next_line(&mut reader, rest),
        };
    }
    pass.finish()
}

/// The state of judging one piece.
pub(super) struct Pass<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    identity: &'c Identity,
    pub(super) piece: Piece,
    pub(super) line: u32,
    head: Head,
    /// Place of the line's employer in the piece; none before the first record.
    employer_now: Option<u32>,
    /// Records since that place was looked up.
    run: u64,
    employers: HashMap<Box<str>, u32>,
    /// Hash of the line's name, where its number can be looked up.
    name_hash: u32,
    employee: Option<EmployeeView<'a>>,
    months: Vec<Rc<MonthContext<'a>>>,
    month_now: usize,
    group_now: Option<u32>,
    book: Option<&'a MonthBook>,
}

impl<'c, 'a> Pass<'c, 'a> {
    fn new(context: &'c Context<'a>, identity: &'c Identity) -> Self {
        Pass {
            context,
            identity,
            piece: Piece::default(),
            line: 0,
            head: Head::default(),
            employer_now: None,
            run: 0,
            employers: HashMap::new(),
            name_hash: 0,
            employee: None,
            months: Vec::new(),
            month_now: 0,
            group_now: None,
            book: None,
        }
    }

    /// Has the register's entries for these lines at hand: most are regular, and of the same employer as the last one.
    #[inline]
    fn fetch_people(&self, rest: &[u8]) {
        if let (Some(register), Some(employer)) = (self.context.register, self.head.registered) {
            let layout = self.context.layout;
            let returns = rest.get(layout.record_length) == Some(&b'\r') && self.identity.line_end == b'\n';
            let lines = rest.chunks(layout.record_length + 1 + usize::from(returns)).take(TOGETHER as usize);
            let numbers = lines.filter_map(|line| line.get(layout.at.id_number.clone()));
            register.fetch(employer, numbers.filter_map(record::digits_key));
        }
    }

    /// Judges a line that ends where lines of its layout end, and gives what is behind it. A printable line holds no line
    /// end, so that none needs to be looked for. `None` where the line is another one.
    #[inline]
    fn regular_line<'b>(&mut self, reader: &mut LineReader, rest: &'b [u8]) -> Option<&'b [u8]> {
        let (line, behind) = rest.split_at_checked(self.context.layout.record_length)?;
        let (kind, behind) = match (self.identity.line_end, behind) {
            (b'\n', [b'\r', b'\n', behind @ ..]) => (0, behind),
            (b'\n', [b'\n', behind @ ..]) => (1, behind),
            (b'\r', [b'\r', behind @ ..]) => (2, behind),
            _ => return None,
        };
        let Some(record) = &reader.regular(line) else { return None };
        self.line += 1;
        self.piece.line_ends[kind] += 1;
        self.record(record);
        Some(behind)
    }

    /// Judges the next line, whatever it is, and gives what is behind it.
    fn next_line<'b>(&mut self, reader: &mut LineReader, rest: &'b [u8]) -> &'b [u8] {
        let (line, ended, behind) = match memchr::memchr(self.identity.line_end, rest) {
            Some(end) => (&rest[..end], true, &rest[end + 1..]),
            None => (rest, false, &rest[rest.len()..]),
        };
        self.physical_line(reader, line, ended);
        behind
    }

    fn physical_line(&mut self, reader: &mut LineReader, line: &[u8], ended: bool) {
        self.line += 1;
        let carriage_return = self.identity.line_end == b'\n' && line.last() == Some(&b'\r');
        if ended {
            let kind = if self.identity.line_end == b'\r' { 2 } else { usize::from(!carriage_return) };
            self.piece.line_ends[kind] += 1;
        }
        let body = if carriage_return { &line[..line.len() - 1] } else { line };
        if let Some(record) = &reader.regular(body) {
            self.record(record);
        } else {
            self.unusual_line(reader, body);
        }
    }

    #[cold]
    fn unusual_line(&mut self, reader: &mut LineReader, body: &[u8]) {
        let mut parts = split_at_lone_returns(body).peekable();
        while let Some(part) = parts.next() {
            self.one_line(reader, part);
            if parts.peek().is_some() {
                self.piece.line_ends[2] += 1;
                self.line += 1;
            }
        }
    }

    fn one_line(&mut self, reader: &mut LineReader, body: &[u8]) {
        if self.identity.wrapper && is_wrapper_line(body) {
            return;
        }
        match reader.read(body) {
            Line::Record(record) => {
                self.piece.control_z += u64::from(body.trim_ascii_end().ends_with(&[CONTROL_Z]));
                self.record(&record);
            }
            Line::Blank => self.piece.blank += 1,
            Line::ControlZ => self.piece.control_z += 1,
            Line::Irregular => {
                let start = body[..body.len().min(KEPT_BYTES)].into();
                self.piece.irregular.push(Irregular { line: u64::from(self.line), start, length: length_of(body) });
            }
        }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let finding = self.here(finding);
        self.piece.findings.push(finding);
    }

    /// The finding on this line, which is its employer's.
    pub(super) fn here(&self, finding: Finding) -> Finding {
        Finding { line: Some(u64::from(self.line)), employer: self.employer_now, ..finding }
    }

    /// A finding at a field of the layout, with what stands there.
    pub(super) fn add_at(&mut self, name: FindingName, field: &'static str, found: &[u8]) {
        let finding = self.at(name, field, found);
        self.add(finding);
    }

    pub(super) fn at(&self, name: FindingName, field: &'static str, found: &[u8]) -> Finding {
        let found = String::from_utf8_lossy(found.trim_ascii());
        Finding::new(name).at(field, self.columns(field)).found(found.as_ref())
    }

    pub(super) fn columns(&self, field: &str) -> Columns {
        self.context.layout.columns(field)
    }

    fn record(&mut self, record: &Record<'_>) {
        self.piece.records += 1;
        self.piece.first_line.get_or_insert(self.line);
        self.piece.last_line = Some(self.line);
        if !record.regular
            && let Some(other) = record.oddities.other_layout
        {
            record::other_layout(self, other);
            return; // its columns mean something else
        }
        self.head_of(record);
        self.run += 1;
        if !record.regular {
            record::oddities(self, record);
        }
        if !self.head.faults.is_empty() {
            for finding in self.head.faults.clone() {
                self.add(finding);
            }
        }
        record::name(self, record.name);
        let Some(month) = self.month_of(record) else {
            record::id_number(self, record, None);
            return;
        };
        let amounts = amount::read(self, record);
        let id = record::id_number(self, record, Some((&month, amounts.as_ref())));
        self.look_up(record, &id);
        let facts = person::facts(self, record, &id, &month, amounts.as_ref());
        if let Some(amounts) = &amounts {
            amount::judge(self, record, amounts, &facts, &month);
            self.sum(amounts, &month);
            if let Some(book) = self.book {
                history::judge(self, book, &id, amounts);
            }
        }
        record::date_and_status(self, record, &month);
        person::judge(self, record, &id, &facts, amounts.as_ref(), &month);
        self.remember(&id, &month);
    }

    fn head_of(&mut self, record: &Record<'_>) {
        if self.head.is_of(record) {
            return;
        }
        self.group_now = None;
        let (head, once) = record::head(self, record);
        self.head = head;
        self.next_employer();
        for finding in once {
            let finding = self.here(finding);
            self.piece.once.push(finding);
        }
    }

    /// The place of the employer with whom a run of lines begins.
    fn next_employer(&mut self) {
        self.end_run();
        let known = self.employers.get(&self.head.employer).copied();
        self.employer_now = Some(known.unwrap_or_else(|| {
            let at = self.piece.employers.len() as u32;
            self.piece.employers.push(EmployerIn { code: self.head.employer.clone(), records: 0 });
            self.employers.insert(self.head.employer.clone(), at);
            at
        }));
    }

    fn end_run(&mut self) {
        if let Some(at) = self.employer_now {
            self.piece.employers[at as usize].records += self.run;
        }
        self.run = 0;
    }

    /// The employer of the line in the register.
    /// The employer's code; as written where it is not one.
    pub(super) fn employer_code(&self) -> &str {
        &self.head.employer
    }

    pub(super) fn employer(&self) -> Option<EmployerIndex> {
        self.head.registered
    }

    /// The employee of the line in the register.
    pub(super) fn employee(&self) -> Option<EmployeeView<'a>> {
        self.employee
    }

    /// Hash of the line's name, where the line has a number that can be looked up.
    pub(super) fn name_hash(&self) -> u32 {
        self.name_hash
    }

    /// Finds the person, once a line.
    #[inline]
    fn look_up(&mut self, record: &Record<'_>, id: &IdNumber) {
        self.employee = None;
        let Some(key) = id.key else { return };
        self.name_hash = name_hash(record.name);
        if let (Some(register), Some(employer)) = (self.context.register, self.head.registered) {
            self.employee = register.employee_of(employer, key);
        }
    }

    fn month_of(&mut self, record: &Record<'_>) -> Option<Rc<MonthContext<'a>>> {
        let Some(month) = record.month else {
            self.add_at(FindingName::MonthFormat, "month", record.month_text());
            return None;
        };
        if self.months.get(self.month_now).is_none_or(|now| now.month != month) {
            self.group_now = None;
            self.month_now = match self.months.iter().position(|known| known.month == month) {
                Some(at) => at,
                None => {
                    self.months.push(Rc::new(self.context.month(month)));
                    self.months.len() - 1
                }
            };
        }
        let month = Rc::clone(&self.months[self.month_now]);
        if month.future {
            let latest = self.context.latest_month;
            let finding =
                self.at(FindingName::MonthInFuture, "month", record.month_text()).expected(latest.to_string());
            self.add(finding);
        }
        Some(month)
    }

    fn group(&mut self, month: ContributionMonth) -> u32 {
        if let Some(group) = self.group_now {
            return group;
        }
        // A line has had its head read before anything of it is summed.
        let employer = self.employer_now.unwrap_or_default();
        let groups = &mut self.piece.groups;
        let found = groups.iter().position(|g| g.month == month && g.employer == employer);
        let at = found.unwrap_or_else(|| {
            groups.push(Group { employer, month, sums: Sums::default() });
            groups.len() - 1
        }) as u32;
        self.group_now = Some(at);
        // Where the run of an employer and month begins, so does that of what stands for them.
        self.book = self.context.standing(&self.head.employer, month);
        at
    }

    fn sum(&mut self, amounts: &Amounts, month: &MonthContext<'_>) {
        let group = self.group(month.month) as usize;
        amounts.add_to(&mut self.piece.groups[group].sums, self.context.act);
    }

    fn remember(&mut self, id: &IdNumber, month: &MonthContext<'_>) {
        if let Some(key) = id.key {
            let group = self.group(month.month);
            let seen = Seen { id: key, name: self.name_hash, line: self.line };
            self.piece.people.push(SeenIn { group, seen });
        }
    }

    fn finish(mut self) -> Piece {
        self.end_run();
        self.piece.lines = self.line;
        self.piece
    }
}

/// The heading of a table of lines.
pub(super) fn is_wrapper_line(body: &[u8]) -> bool {
    let text = body.trim_ascii();
    text.len() < 20 && text.to_ascii_lowercase().windows(7).any(|w| w == b"textstr")
}

/// Characters of a line without blanks and line ends behind it.
fn length_of(line: &[u8]) -> usize {
    let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\r')).map_or(0, |at| at + 1);
    std::str::from_utf8(&line[..end]).map_or(end, |text| text.chars().count())
}
