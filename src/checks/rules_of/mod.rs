//! A file judged by the law of another month: who would pay otherwise, by how much, and by which rule.
//!
//! What the law of a line's own month asks is compared with what the law of the other month asks, ages tested on the
//! last day of each; what the line itself pays is only used to find its wage band, where the layout has no wage, and
//! for what a file shows of a person and no register says.

mod found;
mod law;

use std::io;

pub use found::{Change, Comparison, Crossing, LayoutChange, Rule};
pub use law::{FIGURES, Figures, Span};

use law::{Law, Pair, Standing};

use super::amount::{Amounts, Shares, amounts_of};
use super::context::Act;
use super::people::key_of;
use super::record::reads_as_foreign;
use super::{Options, scheme};
use crate::domain::identity::birth_date_of;
use crate::domain::{Act4Category, ContributionMonth, EmployerCode, Finding, FindingName, IdentityNumber, Residency};
use crate::rates::{NotCovered, Person, age_on};
use crate::reader::chunk::{Chunk, Cut, for_each_chunk};
use crate::reader::identify::{Identity, identify};
use crate::reader::line::{Line, LineReader, Record, lines, split_at_lone_returns};
use crate::reader::{ByteSource, Layout};

/// Why a file cannot be judged by another month.
#[derive(Debug, thiserror::Error)]
pub enum RulesOfError {
    /// What the source reports.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is refused, or it is not known which Act it is for.
    #[error("{}", .0.name.name())]
    Refused(Box<Finding>),
    /// The other month has no table.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
}

/// Compares every record of a file; changes are handed over in the order of the file.
///
/// # Errors
/// [`RulesOfError`].
pub fn rules_of<S: ByteSource + ?Sized>(
    source: &S,
    options: &Options<'_>,
    month: ContributionMonth,
    mut on_change: impl FnMut(Change) + Send,
) -> Result<Comparison, RulesOfError> {
    let refused = |finding| RulesOfError::Refused(Box::new(finding));
    let identity = identify(source)?.map_err(refused)?;
    let decided = scheme::decide(source, &identity, options)?;
    if decided.act == Act::Undecided {
        return Err(refused(Finding::new(FindingName::SchemeUndecided)));
    }
    let other = Law::of(options.book, decided.act, month)?;
    let job = Job { options, identity: &identity, act: decided.act, other };
    let cut = Cut { start: identity.start, line_end: identity.line_end, threads: options.threads };
    let mut all = Comparison::default();
    let mut lines_before = 0;
    for_each_chunk(
        source,
        cut,
        |chunk| job.piece(chunk),
        |piece: Piece<'_>| {
            for mut change in piece.changes {
                change.line += lines_before;
                on_change(change);
            }
            lines_before += piece.lines;
            all.add(piece.sums);
        },
    )?;
    all.finish(&identity, month, options);
    Ok(all)
}

struct Job<'a> {
    options: &'a Options<'a>,
    identity: &'a Identity,
    act: Act,
    other: Law<'a>,
}

/// The part of one piece of the file.
struct Piece<'a> {
    lines: u64,
    changes: Vec<Change>,
    sums: Comparison,
    /// The law of each month met; `None` without table.
    months: Vec<(ContributionMonth, Option<Pair<'a>>)>,
    employer: (Vec<u8>, String),
}

impl<'a> Job<'a> {
    fn piece(&self, chunk: &Chunk<'_>) -> Piece<'a> {
        let mut reader = LineReader::new(self.identity.layout, self.identity.wrapper);
        let (sums, employer) = (Comparison::default(), Default::default());
        let mut piece = Piece { lines: 0, changes: Vec::new(), sums, months: Vec::new(), employer };
        for (line, _) in lines(chunk.bytes, self.identity.line_end) {
            piece.lines += 1;
            let body = line.strip_suffix(b"\r").unwrap_or(line);
            if let Some(record) = reader.regular(body) {
                self.record(&record, &mut piece);
                continue;
            }
            for (at, part) in split_at_lone_returns(body).enumerate() {
                piece.lines += u64::from(at > 0);
                match reader.read(part) {
                    Line::Record(record) if record.oddities.other_layout.is_none() => self.record(&record, &mut piece),
                    Line::Blank | Line::ControlZ => {}
                    Line::Irregular if self.identity.wrapper && super::pass::is_wrapper_line(part) => {}
                    Line::Record(_) | Line::Irregular => piece.sums.unreadable += 1,
                }
            }
        }
        piece
    }

    fn record(&self, record: &Record<'_>, piece: &mut Piece<'a>) {
        let (Some(month), Some(amounts)) = (record.month, amounts_of(record, self.identity.layout)) else {
            piece.sums.unreadable += 1;
            return;
        };
        piece.sums.records += 1;
        piece.sums.skbbk_digits |= record.skbbk().iter().any(u8::is_ascii_digit);
        let known = piece.months.iter().position(|(known, _)| *known == month);
        let at = known.unwrap_or_else(|| {
            let own = Law::of(self.options.book, self.act, month).ok();
            piece.sums.months.push(month);
            piece.months.push((month, own.map(|own| Pair::new(own, self.other))));
            piece.months.len() - 1
        });
        let Some(pair) = &piece.months[at].1 else {
            piece.sums.without_table += 1;
            return;
        };
        let nothing = match &amounts {
            Amounts::Total(total) => total.is_zero(),
            Amounts::Shares(shares) => shares.wage.is_zero(),
        };
        if nothing {
            piece.sums.without_wage += 1;
            return;
        }
        let someone = self.person(record, &amounts, pair, &mut piece.employer);
        let Some((standings, spans)) = self.spans(pair, &amounts, someone.clone()) else {
            piece.sums.unexplained += 1;
            return;
        };
        piece.sums.birth_date_unknown += u64::from(someone.person.birth_date.is_none());
        piece.compared(record, month, &standings, spans, self.act);
    }

    /// What the line pays by both laws, with how they see the person.
    #[expect(clippy::type_complexity, reason = "two standings, and old, new and difference")]
    fn spans(
        &self,
        pair: &Pair<'_>,
        amounts: &Amounts,
        mut someone: Someone,
    ) -> Option<((Standing, Standing), (Span, Span, Span))> {
        let standings = someone.standings(pair);
        let total = match amounts {
            Amounts::Shares(shares) => return Some((standings, pair.by_wage(&standings, shares.wage))),
            Amounts::Total(total) => *total,
        };
        let inside = Layout::get(self.identity.layout).skbbk_may_be_inside(pair.own.month);
        if let Some(spans) = pair.by_total(&standings, total, inside) {
            return Some((standings, spans));
        }
        // The amount of the second category tells who first came under Act 4 at 55 or over, where nothing else does.
        if !someone.may_have_entered_late {
            return None;
        }
        someone.person.first_insured_at_55_or_over = true;
        let standings = someone.standings(pair);
        pair.by_total(&standings, total, inside).map(|spans| (standings, spans))
    }

    /// Who the line is about: by the register, else by the number and by what the line pays.
    fn person(
        &self,
        record: &Record<'_>,
        amounts: &Amounts,
        pair: &Pair<'_>,
        employer: &mut (Vec<u8>, String),
    ) -> Someone {
        let number = std::str::from_utf8(record.id_number()).unwrap_or_default();
        if let Some(register) = self.options.register {
            if employer.0 != record.head() {
                let written = String::from_utf8_lossy(record.employer_code());
                let code = EmployerCode::read(&written).1;
                *employer = (record.head().to_vec(), code.map_or_else(String::new, |code| code.to_string()));
            }
            let found = key_of(number).and_then(|key| register.employee(&employer.1, key));
            if let Some(employee) = found {
                return Someone { person: employee.person(), may_have_entered_late: false, pays_no_eis: false };
            }
        }
        let foreign = reads_as_foreign(number);
        let birth_date = if foreign { None } else { birth_date_of(record.id_number(), pair.own.month) };
        let residency = if foreign { Residency::Foreign } else { Residency::Citizen };
        let person = Person { birth_date, ..Person::new(residency) };
        let law = &self.options.book.coverage().act4;
        let late = |born| age_on(born, pair.own.month.last_day()) >= i32::from(law.late_entry_age);
        let may_have_entered_late = birth_date.is_none_or(late);
        let mut someone = Someone { person, may_have_entered_late, pays_no_eis: false };
        if let Amounts::Shares(shares) = amounts {
            self.shown_by(&mut someone, shares, pair);
        }
        someone
    }

    /// What the shares of a joint line show of a person whom no register knows: second category of old, no EIS before
    /// 57, released from SKBBK. The other month is then asked about the same person.
    fn shown_by(&self, someone: &mut Someone, shares: &Shares, pair: &Pair<'_>) {
        let late = Person { first_insured_at_55_or_over: true, ..someone.person.clone() };
        let second = pair.own.figures(&pair.own.standing(&late), shares.wage);
        let own = pair.own.figures(&pair.own.standing(&someone.person), shares.wage);
        let pays = |figures: &Figures| shares.socso() == (figures[0], figures[1]);
        if someone.may_have_entered_late && !pays(&own) && pays(&second) {
            someone.person = late;
        }
        if shares.eis_employer.is_zero() && shares.eis_employee.is_zero() {
            let age = self.options.book.coverage().act800.late_entry_age;
            match someone.person.birth_date {
                Some(born) if age_on(born, pair.own.month.last_day()) >= i32::from(age) => {
                    someone.person.eis_payable_before_57 = Some(false);
                }
                Some(_) => {}
                None => someone.pays_no_eis = true,
            }
        }
        let plain = pays(&own) || pays(&second);
        if plain && shares.skbbk.is_zero() && pair.own.month >= self.options.book.coverage().skbbk.release_from {
            someone.person.skbbk_released_from = Some(pair.own.month);
        }
    }
}

/// A person as far as file and register tell.
#[derive(Debug, Clone)]
struct Someone {
    person: Person,
    /// Nothing says that the person came under Act 4 before 55.
    may_have_entered_late: bool,
    /// Nothing is known but that no EIS is paid: it stays so.
    pays_no_eis: bool,
}

impl Someone {
    fn standings(&self, pair: &Pair<'_>) -> (Standing, Standing) {
        let (mut own, mut other) = (pair.own.standing(&self.person), pair.other.standing(&self.person));
        if self.pays_no_eis {
            (own.eis.liable, other.eis.liable) = (false, false);
        }
        (own, other)
    }
}

impl Piece<'_> {
    fn compared(
        &mut self,
        record: &Record<'_>,
        month: ContributionMonth,
        standings: &(Standing, Standing),
        (old, new, difference): (Span, Span, Span),
        act: Act,
    ) {
        self.sums.old.add(&old);
        self.sums.new.add(&new);
        self.sums.difference.add(&difference);
        if difference == Span::default() {
            self.sums.same += 1;
            return;
        }
        self.sums.changed += 1;
        self.sums.several_wages += u64::from(!difference.is_certain());
        let crossings = crossings(standings, act);
        for crossing in &crossings {
            self.sums.count(*crossing, 1);
        }
        let id = IdentityNumber::new(&String::from_utf8_lossy(record.id_number()));
        self.changes.push(Change { line: self.lines, id, month, old, new, difference, crossings });
    }
}

/// The rules that the two months decide differently, as far as the file pays them.
fn crossings((own, other): &(Standing, Standing), act: Act) -> Vec<Crossing> {
    let category = |category| match category {
        Act4Category::First => "first",
        Act4Category::Second => "second",
        Act4Category::None => "none",
    };
    let payable = |liable| if liable { "payable" } else { "not payable" };
    let both = |rule, before, after, reason| Crossing { rule, before, after, reason };
    let mut crossed = Vec::new();
    if act.pays_act4() {
        let (before, after) = (category(own.category.0), category(other.category.0));
        crossed.push(both(Rule::Category, before, after, other.category.1));
        crossed.push(both(Rule::Skbbk, payable(own.skbbk.liable), payable(other.skbbk.liable), other.skbbk.reason));
    }
    if act.pays_act800() {
        crossed.push(both(Rule::Eis, payable(own.eis.liable), payable(other.eis.liable), other.eis.reason));
    }
    crossed.retain(|crossing| crossing.before != crossing.after);
    crossed
}
