//! What the machine can do, and what plain Rust does with the same file: the yardsticks of `benches/compare/run.sh`.
//!
//! ```text
//! limits data FILE LINES · joint FILE LINES · small FOLDER FILES LINES     make files
//! limits clean FILE ROWS · limits totals                                   cleaned rows; the totals of May 2026
//! limits read|lines|nom FILE ROUNDS                                        seconds of every round, then the counts
//! limits check FILE ROUNDS THREADS                                         the same for the library, without JSON
//! limits register LINES PER_EMPLOYER ROUNDS                                joint lines without and with a register
//! ```
//!
//! The eight rules of `lines` and `nom` are those of every peer; see `benches/compare/README.md`. caruman judges more.

use std::collections::HashSet;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

use caruman::checks::{Options, check_file};
use caruman::domain::{FindingName, Scheme};
use caruman::rates::RateBook;
use caruman::source::FileSource;
use nom::bytes::complete::{take, take_while_m_n};
use nom::combinator::{map_opt, map_res, verify};
use nom::{IResult, Parser};

#[path = "../data.rs"]
mod data;

/// What every side must agree on.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    records: u64,
    errors: u64,
    sen: u64,
    duplicates: u64,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().expect("a number");
    match words.as_slice() {
        ["data", file, lines] => write(file, |out| data::write_223(&data::Plan::usual(number(lines)), out)),
        ["joint", file, lines] => write(file, |out| data::write_278(&data::Plan::small(0, number(lines)), out)),
        ["small", folder, files, lines] => (0..number(files)).try_for_each(|file| {
            let path = Path::new(folder).join(format!("file-{file:05}.txt"));
            write(path, |out| data::write_223(&data::Plan::small(file, number(lines)), out))
        }),
        ["clean", file, rows] => write(rows, |out| clean(file, out)),
        ["totals"] => {
            data::all_totals_of("2026-05").iter().for_each(|total| println!("{}", total.0));
            Ok(())
        }
        ["read", file, rounds] => measure(number(rounds), || read(file)),
        ["lines", file, rounds] => measure(number(rounds), || lines(file)),
        ["nom", file, rounds] => measure(number(rounds), || with_nom(file)),
        ["check", file, rounds, threads] => measure(number(rounds), || check(file, number(threads) as usize)),
        ["share", file, rounds] => share(file, number(rounds)),
        ["register", lines, per_employer, rounds] => {
            register(number(lines), number(per_employer), number(rounds));
            Ok(())
        }
        _ => {
            eprintln!("see the head of benches/compare/limits.rs");
            std::process::exit(2);
        }
    }
}

fn write(path: impl AsRef<Path>, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    fill(&mut out)?;
    out.flush()
}

fn measure(rounds: u64, mut run: impl FnMut() -> io::Result<Counts>) -> io::Result<()> {
    let mut counts = Counts::default();
    for _ in 0..rounds {
        let start = Instant::now();
        counts = run()?;
        println!("seconds {}", start.elapsed().as_secs_f64());
    }
    println!("{} {} {} {}", counts.records, counts.errors, counts.sen, counts.duplicates);
    Ok(())
}

/// Checking against reading, alternately, in one process: best against best.
fn share(file: &str, rounds: u64) -> io::Result<()> {
    let mut best = [f64::MAX; 2];
    for _ in 0..rounds {
        for (side, best) in best.iter_mut().enumerate() {
            let start = Instant::now();
            black_box(if side == 0 { read(file)? } else { check(file, 1)? });
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    println!("read {:.4} s, check {:.4} s, share {:.1} %", best[0], best[1], 100.0 * best[0] / best[1]);
    Ok(())
}

/// A joint file in memory, checked alternately without and with a register of everybody in it: best against best.
fn register(lines: u64, per_employer: u64, rounds: u64) {
    let plan = data::Plan { per_employer, ..data::Plan::small(0, lines) };
    let before = resident_kib();
    let start = Instant::now();
    let register = data::register(&plan);
    let (built, after) = (start.elapsed().as_secs_f64(), resident_kib());
    let bytes = data::bytes_278(&plan);
    let now = "2026-11-10T09:00:00+08:00".parse().expect("a moment");
    let book = RateBook::embedded();
    for threads in [1, 2] {
        let mut best = [f64::MAX; 2];
        for _ in 0..rounds {
            for (register, best) in [None, Some(&register)].into_iter().zip(&mut best) {
                let options = Options { register, threads, ..Options::new("joint", now, book) };
                let start = Instant::now();
                let done = check_file(bytes.as_slice(), &options).expect("memory does not fail");
                *best = best.min(start.elapsed().as_secs_f64());
                assert_eq!((done.lines, done.held_lines), (lines, 0), "everybody is registered");
            }
        }
        let more = 100.0 * (best[1] / best[0] - 1.0);
        println!("{threads} thread(s): without {:.4} s, with {:.4} s, {more:+.1} %", best[0], best[1]);
    }
    let (people, memory) = (register.len(), register.memory());
    let each = memory as f64 / people as f64;
    println!("register: {people} people in {built:.2} s, {memory} bytes, {each:.1} bytes a person");
    println!("resident: {} KiB more than before", after - before);
}

/// Memory of this process that is in use.
fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// Nothing but `read()` into one buffer.
fn read(file: &str) -> io::Result<Counts> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Counts { records: bytes / data::LINE_223 as u64, ..Counts::default() }),
            count => {
                black_box(&buffer[..count]);
                bytes += count as u64;
            }
        }
    }
}

/// The product's own check, without JSON.
fn check(file: &str, threads: usize) -> io::Result<Counts> {
    let source = FileSource::open(Path::new(file))?;
    let now = "2026-06-01T09:00:00+08:00".parse().expect("a moment");
    let book = RateBook::embedded();
    let scheme = Some(Scheme::Act4);
    let options = Options { scheme, threads, ..Options::new(file, now, book) };
    let done = check_file(&source, &options)?;
    let twice = |name| name == FindingName::DuplicatePerson || name == FindingName::SameIdOtherName;
    Ok(Counts {
        records: done.lines,
        errors: 0,
        sen: done.totals.iter().map(|total| total.total.0 as u64).sum(),
        duplicates: done.findings.iter().filter(|finding| twice(finding.name)).count() as u64,
    })
}

/// The fields of a line, as text.
struct Fields<'a> {
    code: &'a [u8],
    company: &'a [u8],
    id: &'a [u8],
    name: &'a [u8],
    month: &'a [u8],
    amount: &'a [u8],
    date: &'a [u8],
    status: u8,
}

/// What one tool has seen of a file.
struct Rules {
    totals: Vec<u64>,
    seen: HashSet<(Vec<u8>, Vec<u8>, Vec<u8>)>,
    counts: Counts,
}

impl Rules {
    fn new() -> Self {
        let totals = data::all_totals_of("2026-05").iter().map(|total| total.0 as u64).collect();
        Rules { totals, seen: HashSet::new(), counts: Counts::default() }
    }

    fn line(&mut self, fields: Option<&Fields<'_>>) {
        self.counts.records += 1;
        let Some(f) = fields else {
            self.counts.errors += 1;
            return;
        };
        let month = month_is_right(f.month);
        let id = digits(f.id);
        let amount = digits(f.amount).filter(|_| month);
        self.counts.sen += amount.unwrap_or(0);
        if month && id.is_some() && !self.seen.insert((f.code.to_vec(), f.month.to_vec(), f.id.to_vec())) {
            self.counts.duplicates += 1;
        }
        let right = month
            && id.is_some()
            && code_is_right(f.code)
            && company_is_right(f.company)
            && id_is_right(f.id)
            && f.name.iter().any(|b| *b != b' ')
            && f.name.iter().all(|b| (b' '..=b'~').contains(b))
            && amount.is_some_and(|amount| self.totals.binary_search(&amount).is_ok())
            && date_is_right(f.date)
            && b" BHMST".contains(&f.status);
        self.counts.errors += u64::from(!right);
    }
}

/// What a programmer writes without thinking of speed: a line at a time into a `String`'s place, fields cut out of it.
fn lines(file: &str) -> io::Result<Counts> {
    let mut rules = Rules::new();
    for line in BufReader::new(File::open(file)?).split(b'\n') {
        let l = line?;
        let fields = (l.len() == 223).then(|| Fields {
            code: &l[..12],
            company: &l[12..32],
            id: &l[32..44],
            name: &l[44..194],
            month: &l[194..200],
            amount: &l[200..214],
            date: &l[214..222],
            status: l[222],
        });
        rules.line(fields.as_ref());
    }
    Ok(rules.counts)
}

/// The same with nom, without copying lines.
fn with_nom(file: &str) -> io::Result<Counts> {
    let bytes = std::fs::read(file)?;
    let mut rules = Rules::new();
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let parsed = nom_line(&rest[..end]).ok().filter(|(left, _)| left.is_empty());
        rules.line(parsed.as_ref().map(|(_, fields)| fields));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(rules.counts)
}

fn nom_line(line: &[u8]) -> IResult<&[u8], Fields<'_>> {
    let field = |width: usize| take(width);
    let status = map_opt(take(1usize), |text: &[u8]| text.first().copied());
    let mut record = (field(12), field(20), field(12), field(150), field(6), field(14), field(8), status);
    let (rest, (code, company, id, name, month, amount, date, status)) = record.parse(line)?;
    Ok((rest, Fields { code, company, id, name, month, amount, date, status }))
}

fn digits(text: &[u8]) -> Option<u64> {
    let number = take_while_m_n(text.len(), text.len(), |b: u8| b.is_ascii_digit());
    let mut parser = map_res(number, |text: &[u8]| std::str::from_utf8(text).unwrap_or_default().parse());
    let parsed: IResult<&[u8], u64> = parser.parse(text);
    parsed.ok().map(|(_, value)| value)
}

fn code_is_right(code: &[u8]) -> bool {
    code[0].is_ascii_uppercase() && code[11].is_ascii_uppercase() && code[1..11].iter().all(u8::is_ascii_digit)
}

fn company_is_right(company: &[u8]) -> bool {
    let written = company.trim_ascii_end();
    let mut all = verify(take(written.len()), |text: &[u8]| text.iter().all(u8::is_ascii_alphanumeric));
    let parsed: IResult<&[u8], &[u8]> = all.parse(written);
    !written.is_empty() && parsed.is_ok()
}

fn day_exists(year: u64, month: u64, day: u64) -> bool {
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    };
    (1..=most).contains(&day)
}

fn id_is_right(id: &[u8]) -> bool {
    let Some(value) = digits(id) else { return false };
    let (date, place) = (value / 1_000_000, value / 10_000 % 100);
    day_exists(date / 10_000, date / 100 % 100, date % 100) && place != 0
}

fn month_is_right(month: &[u8]) -> bool {
    digits(month).is_some_and(|value| (1..=12).contains(&(value / 10_000)) && (2000..2100).contains(&(value % 10_000)))
}

fn date_is_right(date: &[u8]) -> bool {
    date == b"        "
        || digits(date).is_some_and(|value| {
            (1900..2100).contains(&(value % 10_000))
                && day_exists(value % 10_000, value / 10_000 % 100, value / 1_000_000)
        })
}

/// The lines without a fault, as rows for `.import` and `COPY`: what somebody must have made before those can begin.
fn clean(file: &str, out: &mut BufWriter<File>) -> io::Result<()> {
    let mut rules = Rules::new();
    for line in BufReader::new(File::open(file)?).lines() {
        let Ok(l) = line else { continue };
        let before = (rules.counts.errors, rules.counts.duplicates);
        let b = l.as_bytes();
        if b.len() != 223 {
            continue;
        }
        rules.line(Some(&Fields {
            code: &b[..12],
            company: &b[12..32],
            id: &b[32..44],
            name: &b[44..194],
            month: &b[194..200],
            amount: &b[200..214],
            date: &b[214..222],
            status: b[222],
        }));
        if before == (rules.counts.errors, rules.counts.duplicates) {
            let amount: u64 = l[200..214].parse().unwrap_or(0);
            let (name, date, status) = (l[44..194].trim_end(), l[214..222].trim(), l[222..].trim());
            let (code, company) = (&l[..12], l[12..32].trim_end());
            writeln!(
                out,
                "{}\t{code}\t{company}\t{}\t{name}\t{}\t{amount}\t{date}\t{status}",
                rules.counts.records,
                &l[32..44],
                &l[194..200]
            )?;
        }
    }
    Ok(())
}
