//! Seeded contribution files for benches: the same numbers give the same bytes on every machine. All people are invented.
//!
//! Included by `#[path]` where it is needed; it is no part of the library.
#![allow(dead_code, reason = "every bench uses its own part")]

use std::io::{self, Write};

use caruman::checks::Register;
use caruman::domain::{ContributionMonth, Employee, EmployerCode, IdentityNumber, PersonName, Sen};
use caruman::rates::RateBook;
use chrono::NaiveDate;

/// A line of the one-Act layout with its line end.
pub const LINE_223: usize = 224;

/// A line of the joint layout with its line end.
pub const LINE_278: usize = 279;

/// What is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Lines of all employers together.
    pub lines: u64,
    /// Lines of one employer.
    pub per_employer: u64,
    /// Number of the first employer.
    pub first_employer: u64,
    /// Broken lines among a million.
    pub broken_per_million: u64,
    /// Changes everything.
    pub seed: u64,
}

impl Plan {
    /// The file that most figures speak of: 50,000 people an employer, two broken lines in a thousand.
    pub const fn usual(lines: u64) -> Self {
        Plan { lines, per_employer: 50_000, first_employer: 0, broken_per_million: 2_000, seed: 2026 }
    }

    /// One small file of many: one employer, nothing broken.
    pub const fn small(number: u64, lines: u64) -> Self {
        Plan { lines, per_employer: lines, first_employer: number, broken_per_million: 0, seed: 2026 }
    }
}

/// SplitMix64: small, seeded, good enough for names.
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn of(seed: u64, employer: u64, person: u64) -> Self {
        let mut random = Random(seed ^ employer.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (person << 24));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

const GIVEN: [&str; 16] = [
    "MUHAMMAD ARIFFIN",
    "NURUL SYAFIQAH",
    "AHMAD ZULKARNAIN",
    "SITI KHADIJAH",
    "TAN WEI SHENG",
    "LIM MEI FONG",
    "RAJESWARI",
    "KUMARAVEL",
    "WONG CHEE KEONG",
    "FARAH NABILAH",
    "DAYANG ROHANI",
    "JOSEPHINE ANAK",
    "MOHD FAKHRUL",
    "CHONG SIEW LING",
    "SARASVATHY",
    "ABDUL HALIM",
];
const LINKS: [&str; 6] = [" BIN ", " BINTI ", " A/L ", " A/P ", " ANAK ", " @ "];
const FAMILY: [&str; 12] = [
    "CONTOHAN",
    "MISALAN JAYA",
    "SAMPELRAJAN",
    "UJIANWATI",
    "REKAAN",
    "TIRUAN BESAR",
    "ANDAIAN",
    "PERIBADI CONTOH",
    "LAKARAN",
    "BAYANGAN",
    "D'SAMPEL",
    "UMPAMA",
];

/// A person: the identity number is unlike every other of the employer.
fn person(plan: &Plan, employer: u64, number: u64) -> (String, String) {
    let mut random = Random::of(plan.seed, employer, number);
    // 33 years of 12 months of 28 days from 1971 on: working age, and every day exists.
    const DAYS: u64 = 33 * 12 * 28;
    let day = (number * 7_919 + employer) % DAYS;
    let (year, month, day) = (71 + day / (12 * 28), day / 28 % 12 + 1, day % 28 + 1);
    let place = 1 + random.below(16);
    let id = format!("{:02}{month:02}{day:02}{place:02}{:04}", year % 100, number / DAYS * 211 % 9_973);
    let mut name = format!("{}{}{}", random.pick(&GIVEN), random.pick(&LINKS), random.pick(&FAMILY));
    while name.len() < 18 {
        name.push_str(" CONTOH");
    }
    name.truncate(43);
    (id, name)
}

fn employer_code(employer: u64) -> String {
    format!(
        "{}{:010}{}",
        (b'A' + (employer % 12) as u8) as char,
        9_700_000_000 + employer,
        "KMPZX".as_bytes()[(employer % 5) as usize] as char
    )
}

/// Writes a one-Act file for May 2026, its amounts from the Act 4 table of that month.
///
/// Broken lines are of seven kinds: a date that does not exist in the identity number, a letter in the amount, month 13, an
/// amount the table does not print, an unknown status, a control character in the name, and a person named before.
///
/// # Errors
/// What the writer reports.
pub fn write_223(plan: &Plan, out: &mut impl Write) -> io::Result<()> {
    let totals = totals_of("2026-05");
    let mut line = Vec::with_capacity(LINE_223);
    for at in 0..plan.lines {
        let (employer, number) = (plan.first_employer + at / plan.per_employer, at % plan.per_employer);
        let mut random = Random::of(!plan.seed, employer, number);
        let broken = (random.below(1_000_000) < plan.broken_per_million).then(|| random.below(7));
        let named = if broken == Some(6) && number > 0 { random.below(number) } else { number };
        let (mut id, name) = person(plan, employer, named);
        let mut name = name.into_bytes();
        let (mut month, mut amount, mut status) = ("052026", random.pick(&totals).0.to_string(), b' ');
        match broken {
            Some(0) => id.replace_range(2..6, "0231"),
            Some(1) => amount.push('O'),
            Some(2) => month = "132026",
            Some(3) => amount = "7777777".to_owned(),
            Some(4) => status = b'Q',
            Some(5) => name[3] = 0x07,
            _ => {}
        }
        line.clear();
        write!(line, "{}{:<20}{id}", employer_code(employer), format!("{:012}", 202_501_000_000 + employer))?;
        line.extend_from_slice(&name);
        line.resize(194, b' ');
        write!(line, "{month}{amount:0>14}        ")?;
        line.push(status);
        line.push(b'\n');
        out.write_all(&line)?;
    }
    Ok(())
}

/// Writes a joint file, version 2, for October 2026, nothing broken.
///
/// # Errors
/// What the writer reports.
pub fn write_278(plan: &Plan, out: &mut impl Write) -> io::Result<()> {
    let month: ContributionMonth = "2026-10".parse().expect("a month");
    let book = RateBook::embedded();
    let (act4, act800) = (book.act4(month).expect("has a table"), book.act800(month).expect("has a table"));
    let mut line = Vec::with_capacity(LINE_278);
    for at in 0..plan.lines {
        let (employer, number) = (plan.first_employer + at / plan.per_employer, at % plan.per_employer);
        let mut random = Random::of(!plan.seed, employer, number);
        let (id, name) = person(plan, employer, number);
        let wage = Sen(150_000 + random.below(500_000) as i64);
        let (socso, eis) = (act4.row_for(wage).expect("has a row"), act800.row_for(wage).expect("has a row"));
        line.clear();
        write!(
            line,
            "{}{:<20}{id}{name:<150}102026",
            employer_code(employer),
            format!("{:012}", 202_501_000_000 + employer)
        )?;
        write!(line, "{:014}{:06}{:06}", wage.0, socso.first_employer.0, socso.first_employee.0)?;
        write!(line, "{:06}{:06}{:06}{:34}\r\n", eis.employer.0, eis.employee.0, socso.skbbk.0, "")?;
        out.write_all(&line)?;
    }
    Ok(())
}

/// The file in memory.
pub fn bytes_223(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(plan.lines as usize * LINE_223);
    write_223(plan, &mut bytes).expect("memory does not fail");
    bytes
}

/// The file in memory.
pub fn bytes_278(plan: &Plan) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(plan.lines as usize * (LINE_278 + 1));
    write_278(plan, &mut bytes).expect("memory does not fail");
    bytes
}

/// The register of everybody in the plan's file: born as the number says, registered in time, still there.
pub fn register(plan: &Plan) -> Register {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    let mut register = Register::default();
    let mut code = None;
    for at in 0..plan.lines {
        let (employer, number) = (plan.first_employer + at / plan.per_employer, at % plan.per_employer);
        if number == 0 {
            code = EmployerCode::read(&employer_code(employer)).1;
        }
        let (id, name) = person(plan, employer, number);
        let part = |from: usize| id[from..from + 2].parse::<u32>().expect("digits");
        let century = if part(0) > 70 { 1900 } else { 2000 };
        let mut employee = Employee::new(IdentityNumber::new(&id), PersonName(name));
        employee.birth_date = day(century + part(0) as i32, part(2), part(4));
        employee.employed_on = day(2024, 1, 1);
        employee.registered_on = day(2024, 1, 15);
        register.add(code.as_ref().expect("a code"), &employee).expect("a number");
    }
    register
}

/// First-category totals of the Act 4 table of a month.
pub fn totals_of(month: &str) -> Vec<Sen> {
    let table = RateBook::embedded().act4(month.parse().expect("a month")).expect("has a table");
    table.rows.iter().map(|row| row.first_total()).collect()
}

/// All totals that the Act 4 table of a month prints, both categories, ascending: what peers look amounts up in.
pub fn all_totals_of(month: &str) -> Vec<Sen> {
    let table = RateBook::embedded().act4(month.parse().expect("a month")).expect("has a table");
    let mut totals: Vec<Sen> = table.rows.iter().flat_map(|row| [row.first_total(), row.second_total()]).collect();
    totals.sort();
    totals.dedup();
    totals
}
