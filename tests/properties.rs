//! Whatever the bytes: a check never panics, its parts agree with each other, and how a file is cut changes nothing.

use std::collections::BTreeMap;

use caruman::checks::{FileCheck, Options, Verdict, check_file};
use caruman::domain::{Finding, Scheme, Severity};
use caruman::rates::RateBook;
use caruman::reader::ByteSource;
use chrono::DateTime;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Reads a few bytes at a time, as a slow medium does.
struct Trickle<'a>(&'a [u8], usize);

impl ByteSource for Trickle<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|from| self.0.get(from..)).unwrap_or_default();
        let count = rest.len().min(buffer.len()).min(self.1);
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

fn check_with<S: ByteSource + ?Sized>(source: &S, scheme: Option<Scheme>, threads: usize) -> FileCheck {
    let now = DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a moment");
    let options = Options { scheme, threads, ..Options::new("upload.txt", now, RateBook::embedded()) };
    check_file(source, &options).expect("memory does not fail")
}

fn check(bytes: &[u8], scheme: Option<Scheme>) -> FileCheck {
    check_with(bytes, scheme, 1)
}

/// Everything a caller can see of a check, as text.
fn shown(check: &FileCheck) -> String {
    let of = |f: &Finding| {
        format!("{} {:?} {:?} {:?} {:?} {:?} {:?}", f.name, f.severity, f.line, f.columns, f.field, f.found, f.expected)
    };
    let findings: Vec<String> = check.findings.iter().map(of).collect();
    format!(
        "{:?} {} {} {:?} {:?} {:?} {:?} {:?} {:?} {} {} {:?} {:?}\n{}",
        check.digest,
        check.bytes,
        check.lines,
        check.layout,
        check.schemes,
        check.scheme_basis,
        check.encoding,
        check.line_ending,
        check.verdict,
        check.accepted_lines,
        check.held_lines,
        check.held,
        check.totals,
        findings.join("\n")
    )
}

/// What holds for every check of every file.
fn is_consistent(check: &FileCheck, bytes: &[u8]) {
    assert_eq!(check.bytes, bytes.len() as u64);
    assert_eq!(check.digest, Some(blake3::hash(bytes)));
    let order: Vec<_> = check.findings.iter().map(|f| (f.line, f.name.code())).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(check.held_lines, check.held.len() as u64);
    assert!(check.held.is_sorted_by(|a, b| a < b));
    assert!(check.accepted_lines + check.held_lines <= check.lines);
    let heaviest = check.findings.iter().map(|f| f.severity).max();
    let verdict = match heaviest {
        Some(Severity::Stop) => Verdict::Refused,
        Some(Severity::Fix) => Verdict::Errors,
        Some(Severity::Warn) => Verdict::Warnings,
        _ => Verdict::Clean,
    };
    assert_eq!(check.verdict, verdict);
    for finding in &check.findings {
        if let Some(line) = finding.line {
            assert!((1..=check.lines).contains(&line), "{finding:?}");
            assert!(finding.severity < Severity::Fix || check.holds(line), "{finding:?}");
        }
    }
    for total in &check.totals {
        let parts = total.employer.zip(total.employee).map(|(a, b)| a + b + total.skbbk);
        assert!(parts.is_none_or(|parts| parts == total.total), "{total:?}");
    }
}

/// A line of a valid file: who, wage band, and whether the person is 60 or over.
#[derive(Debug, Clone, Copy)]
struct Worker {
    number: u32,
    wage: i64,
    old: bool,
}

fn workers() -> impl Strategy<Value = Vec<Worker>> {
    vec((1..=2_000_000i64, any::<bool>()), 1..60)
        .prop_map(|list| (0..).zip(list).map(|(number, (wage, old))| Worker { number, wage, old }).collect())
}

const EMPLOYERS: [&str; 2] = ["A9900000001Z", "B9900000002Y"];

fn head(worker: Worker) -> String {
    let born = if worker.old { "550101" } else { "900101" };
    let id = format!("{born}14{:04}", 1000 + worker.number);
    let employer = EMPLOYERS[worker.number as usize % 7 / 6];
    format!("{employer:<12}{:<20}{id:<12}{:<150}", "202501999999", format!("CONTOH UJIAN {}", worker.number))
}

/// Sums of each employer by Act, added up without the program's help.
type Sums = BTreeMap<(String, Scheme), (u64, i64)>;

/// A joint file of October 2026 that the tables agree with, and its sums.
fn joint(workers: &[Worker]) -> (Vec<String>, Sums) {
    let month = "2026-10".parse().expect("a month");
    let book = RateBook::embedded();
    let (act4, act800) = (book.act4(month).expect("covered"), book.act800(month).expect("covered"));
    let mut sums = Sums::new();
    let lines = workers.iter().map(|worker| {
        let wage = caruman::domain::Sen(worker.wage);
        let (row, eis) = (act4.row_for(wage).expect("a row"), act800.row_for(wage).expect("a row"));
        let shares = if worker.old {
            [row.second_employer.0, 0, 0, 0, row.skbbk.0]
        } else {
            [row.first_employer.0, row.first_employee.0, eis.employer.0, eis.employee.0, row.skbbk.0]
        };
        let text = head(*worker);
        let employer = text[..12].to_owned();
        let socso = sums.entry((employer.clone(), Scheme::Act4)).or_default();
        *socso = (socso.0 + 1, socso.1 + shares[0] + shares[1] + shares[4]);
        let eis = sums.entry((employer, Scheme::Act800)).or_default();
        *eis = (eis.0 + u64::from(!worker.old), eis.1 + shares[2] + shares[3]);
        let shares: String = shares.iter().map(|share| format!("{share:06}")).collect();
        format!("{text}102026{:014}{shares}{:34}", worker.wage, "")
    });
    (lines.collect(), sums)
}

/// A SOCSO file of October 2026 and its sums.
fn one_act(workers: &[Worker]) -> (Vec<String>, Sums) {
    let month = "2026-10".parse().expect("a month");
    let act4 = RateBook::embedded().act4(month).expect("covered");
    let mut sums = Sums::new();
    let lines = workers.iter().map(|worker| {
        let row = act4.row_for(caruman::domain::Sen(worker.wage)).expect("a row");
        let paid = if worker.old { row.second_employer } else { row.first_employer + row.first_employee };
        let text = head(*worker);
        let sum = sums.entry((text[..12].to_owned(), Scheme::Act4)).or_default();
        *sum = (sum.0 + 1, sum.1 + paid.0);
        format!("{text}102026{:014}{:9}", paid.0, "")
    });
    (lines.collect(), sums)
}

fn agrees(check: &FileCheck, sums: &Sums) {
    let found: Sums =
        check.totals.iter().map(|t| ((t.employer_code.clone(), t.scheme), (t.people, t.total.0))).collect();
    assert_eq!(&found, sums);
}

/// One change to the bytes of a file.
#[derive(Debug, Clone)]
enum Change {
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Replace(Index, u8),
    Duplicate(Index),
    Swap(Index, Index),
    Truncate(Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let byte = prop_oneof![any::<u8>(), select(b"\r\n\0 09\x1a\"?\xc3\xe9".to_vec())];
    let change = prop_oneof![
        (any::<Index>(), vec(byte.clone(), 1..12)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1..400usize).prop_map(|(at, count)| Change::Delete(at, count)),
        (any::<Index>(), byte).prop_map(|(at, byte)| Change::Replace(at, byte)),
        any::<Index>().prop_map(Change::Duplicate),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Change::Swap(a, b)),
        any::<Index>().prop_map(Change::Truncate),
    ];
    vec(change, 1..8)
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let length = bytes.len();
    let lines = |bytes: &[u8]| bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    match change {
        Change::Insert(at, new) => {
            let at = at.index(length);
            bytes.splice(at..at, new.iter().copied());
        }
        Change::Delete(at, count) => {
            let at = at.index(length);
            bytes.drain(at..(at + count).min(length));
        }
        Change::Replace(at, byte) => bytes[at.index(length)] = *byte,
        Change::Truncate(at) => bytes.truncate(at.index(length)),
        Change::Duplicate(at) => {
            let mut all = lines(bytes);
            let at = at.index(all.len());
            all.insert(at, all[at].clone());
            *bytes = all.concat();
        }
        Change::Swap(a, b) => {
            let mut all = lines(bytes);
            let (a, b) = (a.index(all.len()), b.index(all.len()));
            all.swap(a, b);
            *bytes = all.concat();
        }
    }
}

/// The same judgement by one thread and four, and from a source that gives a few bytes at a time.
fn is_the_same_however_it_is_read(bytes: &[u8], scheme: Option<Scheme>, trickle: usize) {
    let one = shown(&check(bytes, scheme));
    assert_eq!(one, shown(&check_with(bytes, scheme, 4)));
    assert_eq!(one, shown(&check_with(&Trickle(bytes, trickle), scheme, 2)));
}

fn with_ends(lines: &[String], end: &str, last: bool) -> Vec<u8> {
    let mut text = lines.join(end);
    if last {
        text += end;
    }
    text.into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..4000)) {
        is_consistent(&check(&bytes, None), &bytes);
    }

    #[test]
    fn arbitrary_text_of_the_layouts_characters_never_panics(text in "[A-Z0-9 \r\n\"é]{0,2000}") {
        is_consistent(&check(text.as_bytes(), Some(Scheme::Act4)), text.as_bytes());
    }

    #[test]
    fn valid_joint_files_have_nothing_to_mend(
        workers in workers(), end in select(vec!["\r\n", "\n", "\r"]), last in any::<bool>(),
    ) {
        let (lines, sums) = joint(&workers);
        let bytes = with_ends(&lines, end, last);
        let check = check(&bytes, None);
        is_consistent(&check, &bytes);
        prop_assert!(check.verdict <= Verdict::Warnings, "{:?}", check.findings);
        prop_assert_eq!(check.lines, lines.len() as u64);
        prop_assert_eq!((check.accepted_lines, check.held_lines), (lines.len() as u64, 0));
        agrees(&check, &sums);
    }

    #[test]
    fn valid_one_act_files_have_nothing_to_mend(workers in workers(), last in any::<bool>()) {
        let (lines, sums) = one_act(&workers);
        let bytes = with_ends(&lines, "\r\n", last);
        let check = check(&bytes, Some(Scheme::Act4));
        is_consistent(&check, &bytes);
        prop_assert!(check.verdict <= Verdict::Warnings, "{:?}", check.findings);
        prop_assert_eq!(check.accepted_lines, lines.len() as u64);
        agrees(&check, &sums);
    }

    #[test]
    fn changed_files_are_judged_the_same_however_they_are_read(
        workers in workers(), changes in changes(), is_joint in any::<bool>(), trickle in 1000..5000usize,
    ) {
        let (lines, _) = if is_joint { joint(&workers) } else { one_act(&workers) };
        let mut bytes = with_ends(&lines, "\r\n", true);
        for change in &changes {
            apply(&mut bytes, change);
        }
        is_consistent(&check(&bytes, Some(Scheme::Act4)), &bytes);
        is_the_same_however_it_is_read(&bytes, None, trickle);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Large enough for several pieces of a quarter of a megabyte, so that lines lie across their edges.
    #[test]
    fn files_of_many_pieces_are_judged_the_same(
        workers in workers(), times in 40..120usize, changes in changes(), is_joint in any::<bool>(),
        end in select(vec!["\r\n", "\n", "\r"]),
    ) {
        let (lines, _) = if is_joint { joint(&workers) } else { one_act(&workers) };
        let mut bytes = with_ends(&lines, end, true).repeat(times);
        for change in &changes {
            apply(&mut bytes, change);
        }
        is_consistent(&check(&bytes, Some(Scheme::Act4)), &bytes);
        is_the_same_however_it_is_read(&bytes, Some(Scheme::Act4), 60_000);
    }
}
