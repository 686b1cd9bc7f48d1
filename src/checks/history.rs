//! What stands acknowledged of an employer's earlier files, and what it says of this one: lines that were submitted
//! before, files that add to others, people who are missing since last month.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::amount::Amounts;
use super::context::Act;
use super::parts::HeldLine;
use super::pass::Pass;
use super::people::name_hash;
use super::record::IdNumber;
use super::whole::Whole;
use crate::domain::identity::mask;
use crate::domain::{ContributionMonth, Finding, FindingName, Scheme, Sen, Severity};

/// People whose identity numbers stand in one finding; the list of changes names everybody.
const NAMED: usize = 5;

/// What stands acknowledged, by employer and month.
#[derive(Debug, Default)]
pub struct History {
    months: HashMap<(String, ContributionMonth), MonthBook>,
}

/// What stands acknowledged of one employer for one month.
#[derive(Debug, Default)]
pub struct MonthBook {
    numbers: Vec<(Scheme, String)>,
    people: Vec<Stood>,
    places: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    names: String,
}

/// What was acknowledged for one person, all submissions of the month together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    /// Packed identity number; see [`super::people::key_of`].
    pub key: u64,
    /// Wage, where a layout carried it.
    pub wage: Option<Sen>,
    /// What stands under Act 4; `None` where nothing does.
    pub act4: Option<StoodAct>,
    /// SKBBK, part of Act 4.
    pub skbbk: Sen,
    /// What stands under Act 800; `None` where nothing does.
    pub eis: Option<StoodAct>,
    /// Left or died that month, by the status letter.
    pub left: bool,
    /// Hash of the name; see [`name_hash`].
    pub name_hash: u32,
    name: (u32, u16),
}

/// Shares under one Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoodAct {
    /// Employer's share, where a layout carried shares.
    pub employer: Sen,
    /// Employee's share without SKBBK, where a layout carried shares.
    pub employee: Sen,
    /// Both, without SKBBK.
    pub total: Sen,
}

/// A line that was acknowledged.
#[derive(Debug, Clone, Copy)]
pub struct StoodLine<'a> {
    /// Packed identity number.
    pub key: u64,
    /// Name as in the file.
    pub name: &'a str,
    /// Wage, where the layout carries it.
    pub wage: Option<Sen>,
    /// Act 4, if its acknowledgement stands.
    pub act4: Option<StoodAct>,
    /// SKBBK, if Act 4's acknowledgement stands.
    pub skbbk: Sen,
    /// Act 800, if its acknowledgement stands.
    pub eis: Option<StoodAct>,
    /// Status letter H or M.
    pub left: bool,
}

/// How an Act of a line compares with what stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Nothing stands yet, or there is nothing to pay on either side.
    New,
    /// The same amount stands.
    Same,
    /// More than what stands.
    More,
    /// Less than what stands.
    Less,
}

impl Compared {
    fn of(amount: Sen, stood: Option<Sen>) -> Compared {
        match stood {
            None => Compared::New,
            Some(stood) if amount == stood => Compared::Same,
            Some(stood) if amount > stood => Compared::More,
            Some(_) => Compared::Less,
        }
    }
}

impl History {
    /// The book of a month, made where there is none.
    pub fn book_mut(&mut self, employer_code: &str, month: ContributionMonth) -> &mut MonthBook {
        self.months.entry((employer_code.to_owned(), month)).or_default()
    }

    /// The book of a month, where anything stands.
    pub fn book(&self, employer_code: &str, month: ContributionMonth) -> Option<&MonthBook> {
        // One look-up for each run of lines of an employer and month.
        self.months.get(&(employer_code.to_owned(), month)).filter(|book| !book.numbers.is_empty())
    }
}

impl MonthBook {
    /// An acknowledgement that stands for this month.
    pub fn acknowledged(&mut self, scheme: Scheme, number: &str) {
        if !self.numbers.iter().any(|(_, known)| known == number) {
            self.numbers.push((scheme, number.to_owned()));
        }
    }

    /// Numbers of the acknowledgements that stand, those of one Act or all.
    pub fn numbers(&self, scheme: Option<Scheme>) -> impl Iterator<Item = &str> {
        let of = move |(own, _): &&(Scheme, String)| scheme.is_none_or(|scheme| scheme == *own);
        self.numbers.iter().filter(of).map(|(_, number)| number.as_str())
    }

    /// True when an acknowledgement of the Act stands.
    pub fn stands(&self, scheme: Scheme) -> bool {
        self.numbers(Some(scheme)).next().is_some()
    }

    /// Adds a line; a second one of the same person adds its amounts (supplementary, short payment).
    pub fn add(&mut self, line: &StoodLine<'_>) {
        let (people, names) = (&mut self.people, &mut self.names);
        let place = *self.places.entry(line.key).or_insert_with(|| {
            let start = u32::try_from(names.len()).unwrap_or(u32::MAX);
            names.push_str(line.name);
            people.push(Stood {
                key: line.key,
                wage: None,
                act4: None,
                skbbk: Sen::ZERO,
                eis: None,
                left: false,
                name_hash: name_hash(line.name.as_bytes()),
                name: (start, u16::try_from(line.name.len()).unwrap_or(0)),
            });
            people.len() as u32 - 1
        });
        let stood = &mut people[place as usize];
        stood.wage = line.wage.or(stood.wage);
        stood.skbbk += line.skbbk;
        stood.left |= line.left;
        for (sum, more) in [(&mut stood.act4, line.act4), (&mut stood.eis, line.eis)] {
            if let Some(more) = more {
                let all = sum.get_or_insert_default();
                all.employer += more.employer;
                all.employee += more.employee;
                all.total += more.total;
            }
        }
    }

    /// What stands for a person.
    #[inline]
    pub fn stood(&self, key: u64) -> Option<&Stood> {
        self.places.get(&key).map(|place| &self.people[*place as usize])
    }

    /// Everybody, in the order of the files.
    pub fn people(&self) -> &[Stood] {
        &self.people
    }

    /// A person's name as in the file.
    pub fn name(&self, stood: &Stood) -> &str {
        let (start, length) = (stood.name.0 as usize, usize::from(stood.name.1));
        self.names.get(start..start + length).unwrap_or_default()
    }
}

impl Stood {
    /// What stands under an Act, with SKBBK.
    pub fn total(&self, scheme: Scheme) -> Option<Sen> {
        match scheme {
            Scheme::Act4 => self.act4.map(|act| act.total + self.skbbk),
            Scheme::Act800 => self.eis.map(|act| act.total),
        }
    }

    /// How the amounts of a line compare with what stands, for each Act that the line is for.
    pub fn compare(&self, amounts: &Amounts, act: Act) -> [Compared; 2] {
        let (act4, eis) = (self.total(Scheme::Act4), self.total(Scheme::Act800));
        match (amounts, act) {
            (Amounts::Shares(s), _) => {
                let socso = s.socso_employer + s.socso_employee + s.skbbk;
                // Nobody who pays no EIS has anything standing under Act 800, or anything new to hand in.
                let none = eis.is_none() && amounts.eis_total().is_zero();
                let eis = if none { Compared::Same } else { Compared::of(amounts.eis_total(), eis) };
                [Compared::of(socso, act4), eis]
            }
            (Amounts::Total(total), Act::One(Scheme::Act800)) => [Compared::Same, Compared::of(*total, eis)],
            (Amounts::Total(total), _) => [Compared::of(*total, act4), Compared::Same],
        }
    }
}

/// Judges a line against what stands for the same person and month.
pub(super) fn judge(pass: &mut Pass<'_, '_>, book: &MonthBook, id: &IdNumber, amounts: &Amounts) {
    let Some(stood) = id.key.and_then(|key| book.stood(key)) else { return };
    let compared = stood.compare(amounts, pass.context.act);
    let short = pass.context.short_payment;
    let may_go = compared.iter().any(|c| *c == Compared::New || short && *c == Compared::More);
    let may_not = compared.iter().any(|c| *c == Compared::Less || !short && *c == Compared::More);
    if may_go && !may_not {
        return;
    }
    let scheme = if let Act::One(scheme) = pass.context.act { Some(scheme) } else { None };
    let numbers: Vec<&str> = book.numbers(scheme).collect();
    let columns = pass.columns("id_number");
    let finding = Finding::new(FindingName::AlreadySubmitted).at("id_number", columns);
    // In a short payment of a whole month, whoever is paid in full is only named.
    let paid = short && compared.iter().all(|c| *c == Compared::Same);
    let finding = if paid { finding.severity(Severity::Note) } else { finding };
    pass.add(finding.with("number", numbers.join(", ")));
}

impl Whole<'_, '_> {
    /// An employer's part of which every record stands acknowledged is said to be so once.
    pub(super) fn all_submitted_before(&mut self, held: &mut Vec<HeldLine>) {
        if self.context.history.is_none() {
            return;
        }
        let before = |finding: &Finding| finding.name == FindingName::AlreadySubmitted;
        let mut stand: Vec<(u64, Option<&Finding>, bool)> = vec![(0, None, false); self.employers.len()];
        for finding in self.findings.iter().filter(|finding| before(finding)) {
            let Some((count, first, note)) = finding.employer.and_then(|at| stand.get_mut(at as usize)) else {
                continue;
            };
            *count += 1;
            first.get_or_insert(finding);
            *note |= finding.severity == Severity::Note;
        }
        let all: Vec<bool> = stand
            .iter()
            .zip(&self.employers)
            .map(|((count, _, note), (_, records))| count == records && (*count > 1 || *count == 1 && *note))
            .collect();
        let firsts = stand.into_iter().zip(&all).filter_map(|((_, first, _), all)| first.filter(|_| *all)).cloned();
        let severity = FindingName::AlreadySubmitted.severity();
        let of_part = |finding| Finding { line: None, columns: None, field: None, severity, ..finding };
        let firsts: Vec<Finding> = firsts.map(of_part).collect();
        let replaced = |finding: &Finding| before(finding) && finding.employer.is_some_and(|at| all[at as usize]);
        let lines = self.findings.iter().filter(|finding| replaced(finding));
        held.extend(lines.filter_map(|finding| Some((finding.line?, finding.employer))));
        self.findings.retain(|finding| !replaced(finding));
        self.findings.extend(firsts);
    }

    /// What earlier files say of this one as a whole.
    pub(super) fn history_findings(&mut self) {
        let mut found = Vec::new();
        for (at, ((employer, month), _)) in self.groups.iter().enumerate() {
            let now = self.context.standing(employer, *month);
            let of = self.group_of[at];
            if let Some(nil) = now.filter(|book| book.people().is_empty()) {
                // The employer has declared that nobody was paid: one of the two is wrong.
                let numbers: Vec<&str> = nil.numbers(None).collect();
                found.push(Finding::new(FindingName::AlreadySubmitted).of(of).with("number", numbers.join(", ")));
                continue;
            }
            // A SOCSO file adds nothing to an EIS file of the month, nor the other way round.
            let scheme = if let Act::One(scheme) = self.context.act { Some(scheme) } else { None };
            let under = |stood: &Stood| scheme.is_none_or(|scheme| stood.total(scheme).is_some());
            let held = |key: u64| now.is_some_and(|book| book.stood(key).is_some());
            let adds = |key: u64| !now.is_some_and(|book| book.stood(key).is_some_and(under));
            let numbers: Vec<&str> = now.iter().flat_map(|book| book.numbers(scheme)).collect();
            if !numbers.is_empty() && self.people[at].keys().any(adds) {
                found.push(Finding::new(FindingName::Supplementary).of(of).with("number", numbers.join(", ")));
            }
            if let Some(before) = self.context.standing(employer, month.previous()) {
                let missing = self.missing(employer, *month, before, &|key| self.people[at].contains(key) || held(key));
                found.extend(missing.map(|finding| finding.of(of)));
            }
        }
        self.add_findings(found);
    }

    /// Who was paid for last month, did not leave, and stands nowhere this month.
    fn missing(
        &self,
        employer: &str,
        month: ContributionMonth,
        before: &MonthBook,
        present: &dyn Fn(u64) -> bool,
    ) -> Option<Finding> {
        let acts = |stood: &&Stood| {
            let act = self.context.act;
            act.pays_act4() && stood.act4.is_some() || act.pays_act800() && stood.eis.is_some()
        };
        let gone = |key: u64| {
            let register = self.context.register;
            let employee = register.and_then(|register| register.employee(employer, key));
            employee.and_then(|employee| employee.left_on()).is_some_and(|left| left < month.first_day())
        };
        let absent = before.people().iter().filter(acts).filter(|stood| !stood.left);
        let absent: Vec<u64> = absent.map(|s| s.key).filter(|key| !present(*key) && !gone(*key)).collect();
        if absent.is_empty() {
            return None;
        }
        let list: Vec<String> = absent.iter().take(NAMED).map(|key| mask(&number_of(*key))).collect();
        let more = if absent.len() > NAMED { ", …" } else { "" };
        let finding = Finding::new(FindingName::MissingSinceLastMonth).found(absent.len().to_string());
        Some(finding.with("list", format!("{}{more}", list.join(", "))))
    }
}

/// The identity number that a packed one stands for.
pub fn number_of(key: u64) -> String {
    const DIGITS: u64 = 1 << 63;
    if key & DIGITS != 0 {
        return format!("{:012}", key & !DIGITS);
    }
    let mut letters = Vec::new();
    let mut rest = key;
    while rest > 0 {
        letters.push(match rest % 37 {
            digit @ 1..=10 => b'0' + (digit - 1) as u8,
            letter @ 11..=36 => b'A' + (letter - 11) as u8,
            _ => b' ',
        });
        rest /= 37;
    }
    letters.reverse();
    String::from_utf8_lossy(&letters).into_owned()
}

/// Spreads packed identity numbers; they are no secret here, and nobody can choose them to collide in a file of his own
/// to anybody's harm but his own.
#[derive(Debug, Default)]
pub struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let product = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = product ^ (product >> 32);
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::key_of;
    use super::*;

    #[test]
    fn packed_numbers_come_back() {
        for number in ["900101149991", "000000000017", "A1234567", "RF12345", "7654321"] {
            assert_eq!(number_of(key_of(number).expect("a key")), number);
        }
    }

    #[test]
    fn a_second_line_adds_to_the_first() {
        let mut book = MonthBook::default();
        let act = |total| Some(StoodAct { employer: Sen(total), employee: Sen::ZERO, total: Sen(total) });
        let line = StoodLine {
            key: 7,
            name: "AHMAD CONTOH",
            wage: Some(Sen(300_000)),
            act4: act(5_000),
            skbbk: Sen(100),
            eis: None,
            left: false,
        };
        book.add(&line);
        book.add(&StoodLine { wage: None, act4: act(60), skbbk: Sen::ZERO, eis: act(10), left: true, ..line });
        let stood = book.stood(7).expect("stands");
        assert_eq!((stood.total(Scheme::Act4), stood.total(Scheme::Act800)), (Some(Sen(5_160)), Some(Sen(10))));
        assert_eq!((stood.wage, stood.left, book.name(stood)), (Some(Sen(300_000)), true, "AHMAD CONTOH"));
        assert!(book.stood(8).is_none());
    }

    #[test]
    fn amounts_just_below_at_and_above_what_stands() {
        for (amount, compared) in [(4_999, Compared::Less), (5_000, Compared::Same), (5_001, Compared::More)] {
            assert_eq!(Compared::of(Sen(amount), Some(Sen(5_000))), compared);
        }
        assert_eq!(Compared::of(Sen(1), None), Compared::New);
    }
}
