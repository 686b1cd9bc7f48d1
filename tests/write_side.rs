//! The write side: what `make` writes passes `check`, what is read and written again is the same, and `convert` of an
//! older pair gives what `make` gives.

use std::path::Path;
use std::process::{Command, Output};

use caruman::checks::amount::{Amounts, Shares};
use caruman::domain::{ContributionMonth, EmployerCode, FindingName, IdentityNumber, Residency, Scheme, Sen, Severity};
use caruman::rates::RateBook;
use caruman::reader::identify::identify;
use caruman::reader::line::{Line as Physical, LineReader};
use caruman::reader::payroll::PayrollRow;
use caruman::reader::{Layout, LayoutId};
use caruman::workflow::OldFile;
use caruman::workflow::convert::{ConvertError, convert};
use caruman::workflow::make::{Made, MakeError, MakeOptions, make};
use caruman::writer::{Line, write_file};
use chrono::{DateTime, FixedOffset, NaiveDate};
use proptest::prelude::*;

const NOW: &str = "2026-11-10T09:00:00+08:00";

fn now() -> DateTime<FixedOffset> {
    NOW.parse().expect("a moment")
}

fn month(text: &str) -> ContributionMonth {
    text.parse().expect("a month")
}

fn options(layout: LayoutId, scheme: Option<Scheme>) -> MakeOptions<'static> {
    MakeOptions { layout, scheme, skbbk_inside: false, book: RateBook::embedded(), now: now(), threads: 1 }
}

fn row(number: u64, id: &str, of: &str, wage: i64) -> PayrollRow {
    PayrollRow {
        row: number,
        employer_code: EmployerCode::read("A9900000001Z").1,
        company_number: "202501999999".to_owned(),
        id_number: IdentityNumber::new(id),
        name: format!("Contoh {number}"),
        month: Some(month(of)),
        wage: Sen(wage),
        birth_date: None,
        residency: None,
        status: None,
        date: None,
        first_insured_at_55_or_over: None,
        eis_payable_before_57: None,
        domestic_worker: None,
        skbbk_released_from: None,
    }
}

/// Records of a file, by the reader.
fn read(bytes: &[u8]) -> Vec<Line> {
    let identity = identify(bytes).expect("memory").expect("a contribution file");
    read_as(bytes, identity.layout)
}

fn read_as(bytes: &[u8], id: LayoutId) -> Vec<Line> {
    let mut reader = LineReader::new(id, false);
    let mut lines = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match reader.read(line) {
            Physical::Record(record) => {
                lines.push(Line::of(&record, Layout::get(id)).expect("a sound record"));
            }
            other => panic!("{other:?} in {}", String::from_utf8_lossy(line)),
        }
    }
    lines
}

/// A name in letters that people have; not one that looks as if it were encoded twice.
fn names(most: usize) -> impl Strategy<Value = String> {
    let letters =
        proptest::sample::select("ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz @/'.-ÀÉÑÜéñüßøễ王𠮷".chars().collect::<Vec<_>>());
    proptest::collection::vec(letters, 1..most).prop_filter_map("blank", move |letters| {
        let name = letters.into_iter().collect::<String>();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        // Some small letters become two capitals.
        (!name.is_empty() && name.to_uppercase().chars().count() <= most).then_some(name)
    })
}

/// Who: a MyKad of any age, a foreign worker's number, an old IC.
fn ids() -> impl Strategy<Value = (String, Option<Residency>, Option<NaiveDate>)> {
    let mykad = (50..=99u32, 1..=12u32, 1..=28u32, 1..=16u32, 0..=9999u32)
        .prop_map(|(y, m, d, place, serial)| (format!("{y:02}{m:02}{d:02}{place:02}{serial:04}"), None, None));
    let young = (0..=12u32, 1..=12u32, 1..=28u32, 0..=9999u32)
        .prop_map(|(y, m, d, serial)| (format!("{y:02}{m:02}{d:02}14{serial:04}"), None, None));
    let foreign = (0..=99_999_999u32, 1960..=2000i32).prop_map(|(serial, year)| {
        (format!("9900{serial:08}"), Some(Residency::Foreign), NaiveDate::from_ymd_opt(year, 3, 17))
    });
    let old = (0..=9_999_999u32)
        .prop_map(|serial| (format!("A{serial:07}"), Some(Residency::Citizen), NaiveDate::from_ymd_opt(1975, 5, 5)));
    prop_oneof![6 => mykad, 1 => young, 2 => foreign, 1 => old]
}

fn wages() -> impl Strategy<Value = i64> {
    let edges = vec![0, 1, 3000, 3001, 10_000, 300_000, 400_001, 500_000, 500_001, 600_000, 600_001, 99_999_999];
    prop_oneof![3 => 1..1_200_000i64, 1 => proptest::sample::select(edges)]
}

fn rows(months: &'static [&'static str], name_places: usize) -> impl Strategy<Value = Vec<PayrollRow>> {
    let one = (ids(), names(name_places), wages(), 0..2usize, any::<bool>(), any::<bool>(), 0..months.len());
    proptest::collection::vec(one, 1..25).prop_map(move |people| {
        let people_count = people.len();
        let mut rows: Vec<PayrollRow> = Vec::new();
        for (i, ((id, residency, birth_date), name, wage, employer, released, letter, at)) in
            people.into_iter().enumerate()
        {
            let mut row = row(i as u64 + 2, &id, months[at], wage);
            row.name = name;
            row.employer_code = EmployerCode::read(["A9900000001Z", "B1200000002K"][employer]).1;
            (row.residency, row.birth_date) = (residency, birth_date);
            row.skbbk_released_from = released.then(|| month("2026-07"));
            row.status = letter.then_some('T');
            let same = |other: &PayrollRow| {
                (&other.id_number, &other.employer_code, other.month) == (&row.id_number, &row.employer_code, row.month)
            };
            if rows.iter().any(same) {
                continue;
            }
            // Every file has an ordinary employee, too.
            if !rows.iter().any(|other| other.employer_code == row.employer_code && other.month == row.month) {
                let number = (people_count + rows.len()) as u64 + 2;
                let ordinary = self::row(number, "900101149991", months[at], 300_000);
                rows.push(PayrollRow { employer_code: row.employer_code.clone(), ..ordinary });
            }
            if !rows.iter().any(same) {
                rows.push(row);
            }
        }
        rows
    })
}

/// Warnings that are about the day or the person, not about what was written.
fn expected(name: FindingName, act4_alone: bool) -> bool {
    use FindingName as F;
    let of_number = matches!(name, F::IdDateImpossible | F::IdBirthplaceUnknown);
    matches!(name, F::LayoutRetired | F::PastDue | F::DueSoonRestDay | F::BirthdayMonth) || (act4_alone && of_number)
}

fn clean(made: &Made, layout: LayoutId, scheme: Option<Scheme>) -> Result<(), TestCaseError> {
    let act4_alone = layout == LayoutId::Brg8a83 || scheme == Some(Scheme::Act4);
    for file in &made.files {
        let heavy: Vec<_> = file
            .check
            .findings
            .iter()
            .filter(|f| f.severity >= Severity::Fix || (f.severity == Severity::Warn && !expected(f.name, act4_alone)))
            .collect();
        prop_assert!(heavy.is_empty(), "{heavy:?}");
        prop_assert_eq!(file.check.layout, Some(layout));
        prop_assert_eq!(file.check.line_ending, Some("crlf"));
        prop_assert!(file.bytes.ends_with(b"\r\n"));
        let again = write_file(layout, &read(&file.bytes)).expect("writes what it read");
        prop_assert!(again == file.bytes, "read and written again, the file differs");
    }
    Ok(())
}

fn makes_clean(rows: &[PayrollRow], layout: LayoutId, scheme: Option<Scheme>) -> Result<(), TestCaseError> {
    match make(rows, &options(layout, scheme)) {
        Ok(made) => clean(&made, layout, scheme),
        Err(MakeError::Nobody(_)) => Ok(()),
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

const SOCSO_MONTHS: &[&str] = &["2016-05", "2016-06", "2018-01", "2019-01", "2024-09", "2026-05", "2026-08", "2026-10"];
const EIS_MONTHS: &[&str] = &["2018-01", "2019-01", "2022-08", "2022-09", "2024-10", "2026-05"];
const ALL_MONTHS: &[&str] = &["2018-01", "2022-09", "2024-10", "2026-05", "2026-06", "2026-07", "2026-10", "2026-11"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn socso_files_pass_check(rows in rows(SOCSO_MONTHS, 150)) {
        makes_clean(&rows, LayoutId::Contribution223, Some(Scheme::Act4))?;
    }

    #[test]
    fn eis_files_pass_check(rows in rows(ALL_MONTHS, 150)) {
        makes_clean(&rows, LayoutId::Contribution223, Some(Scheme::Act800))?;
    }

    #[test]
    fn joint_files_of_version_1_pass_check(rows in rows(EIS_MONTHS, 150)) {
        makes_clean(&rows, LayoutId::Joint278V1, None)?;
    }

    #[test]
    fn joint_files_of_version_2_pass_check(rows in rows(ALL_MONTHS, 150)) {
        makes_clean(&rows, LayoutId::Joint278V2, None)?;
    }

    #[test]
    fn legacy_files_pass_check(rows in rows(&["2016-05", "2016-06", "2018-12"], 22)) {
        makes_clean(&rows, LayoutId::Brg8a83, None)?;
    }

    #[test]
    fn an_older_pair_converted_is_what_make_writes(rows in rows(ALL_MONTHS, 60)) {
        let joint = match make(&rows, &options(LayoutId::Joint278V2, None)) {
            Ok(joint) => joint,
            Err(MakeError::Nobody(_)) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let mut pair = Vec::new();
        for scheme in [Scheme::Act800, Scheme::Act4] {
            match make(&rows, &options(LayoutId::Contribution223, Some(scheme))) {
                Ok(made) => pair.extend(made.files),
                Err(MakeError::Nobody(_)) => {}
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            }
        }
        let files: Vec<OldFile<'_>> = pair.iter().map(|f| OldFile { name: &f.name, bytes: &f.bytes }).collect();
        let converted = convert(&files, Some(&rows), &options(LayoutId::Joint278V2, None), false);
        let converted = converted.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(converted.differences.is_empty());
        let bytes = |made: &Made| {
            let mut files: Vec<_> = made.files.iter().map(|f| (f.name.clone(), f.bytes.clone())).collect();
            files.sort();
            files
        };
        prop_assert_eq!(bytes(&converted.made), bytes(&joint));
    }

    #[test]
    fn read_write_read_is_the_identity(lines in proptest::collection::vec(any_line(), 1..20), layout in 0..4usize) {
        let id = LayoutId::ALL[layout];
        let lines: Vec<Line> = lines.into_iter().map(|line| fitted(line, id)).collect();
        let bytes = write_file(id, &lines).expect("they fit");
        let upper: Vec<Line> = lines.into_iter().map(|line| Line { name: line.name.to_uppercase(), ..line }).collect();
        prop_assert_eq!(&read_as(&bytes, id), &upper);
        prop_assert_eq!(write_file(id, &upper).expect("they fit"), bytes.clone());
        // The same records as other producers write them: LF, figures behind blanks, nothing behind the last figure.
        if id != LayoutId::Brg8a83 {
            let other = as_others_write(&bytes, id);
            prop_assert_eq!(&read_as(&other, id), &upper);
        }
    }
}

fn any_line() -> impl Strategy<Value = Line> {
    let code = proptest::string::string_regex("[A-Z][0-9]{2}000[0-9]{5}[A-Z]").expect("a pattern");
    let id = proptest::string::string_regex("[A-Z0-9]{7,12}").expect("a pattern");
    let company = proptest::string::string_regex("([0-9]{12})?").expect("a pattern");
    let figures = proptest::array::uniform5(0..1_000_000i64);
    let day = (2000..2030i32, 1..=12u32, 1..=28u32).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
    let status = proptest::option::of(proptest::sample::select(vec!['B', 'H', 'M', 'S', 'T']));
    let when = (2000..2049i32, 1..=12u32).prop_map(|(y, m)| ContributionMonth::new(y, m).expect("a month"));
    (code, company, id, names(22), when, 0..100_000_000_000_000i64, figures, day, any::<bool>(), status).prop_map(
        |(employer_code, company_number, id_number, name, month, wage, figures, date, dated, status)| {
            let [socso_employer, socso_employee, eis_employer, eis_employee, skbbk] = figures.map(Sen);
            let shares = Shares { wage: Sen(wage), socso_employer, socso_employee, eis_employer, eis_employee, skbbk };
            let date = if dated { date } else { None };
            let amounts = Amounts::Shares(shares);
            Line { employer_code, company_number, id_number, name, month, amounts, date, status }
        },
    )
}

/// The line with what the layout has a place for.
fn fitted(line: Line, id: LayoutId) -> Line {
    let Amounts::Shares(shares) = line.amounts else { return line };
    match id {
        LayoutId::Contribution223 => Line { amounts: Amounts::Total(shares.wage), ..line },
        LayoutId::Joint278V1 => {
            let amounts = Amounts::Shares(Shares { skbbk: Sen::ZERO, ..shares });
            Line { amounts, date: None, status: None, ..line }
        }
        LayoutId::Joint278V2 => Line { date: None, status: None, ..line },
        LayoutId::Brg8a83 => Line {
            employer_code: format!("{}{}", &line.employer_code[..3], &line.employer_code[6..]),
            company_number: String::new(),
            amounts: Amounts::Total(Sen(shares.skbbk.0 % 10_000)),
            date: None,
            status: None,
            ..line
        },
    }
}

fn as_others_write(bytes: &[u8], id: LayoutId) -> Vec<u8> {
    let at = &Layout::get(id).at;
    let figures = [&at.amount, &at.wage, &at.socso_employer, &at.socso_employee, &at.eis_employer, &at.eis_employee];
    let mut other = String::new();
    for line in std::str::from_utf8(bytes).expect("UTF-8").lines() {
        let mut characters: Vec<char> = line.chars().collect();
        for range in figures.into_iter().filter(|range| !range.is_empty()) {
            let zeros = characters[range.start..range.end - 3].iter_mut().take_while(|figure| **figure == '0');
            zeros.for_each(|zero| *zero = ' ');
        }
        other.push_str(characters.iter().collect::<String>().trim_end());
        other.push('\n');
    }
    other.into_bytes()
}

/// The figures of the only line: wage, SOCSO employer and employee, EIS employer, SKBBK.
fn joint(row: PayrollRow) -> [i64; 5] {
    let made = make(&[row], &options(LayoutId::Joint278V2, None)).expect("made");
    let Amounts::Shares(s) = read(&made.files[0].bytes)[0].amounts else { panic!("a joint line") };
    [s.wage.0, s.socso_employer.0, s.socso_employee.0, s.eis_employer.0, s.skbbk.0]
}

/// The only line of a file: its SOCSO share reads `061900` across two fields, which is also a month.
#[test]
fn a_share_that_looks_like_a_month() {
    let row = row(2, "500101010000", "2022-09", 490_001);
    assert!(make(&[row], &options(LayoutId::Joint278V2, None)).is_ok());
}

#[test]
fn the_ceiling_and_bands() {
    let of = |wage| joint(row(2, "900101149991", "2026-10", wage));
    assert_eq!(of(300_000), [300_000, 5165, 1475, 590, 2215]);
    assert_eq!(of(300_001), [300_001, 5335, 1525, 610, 2285]);
    for wage in [599_999, 600_000, 600_001, 650_000] {
        assert_eq!(of(wage), [wage, 10_415, 2975, 1190, 4465]);
    }
}

#[test]
fn ages_are_tested_at_the_end_of_the_month() {
    let of = |id: &str, before_57: Option<bool>| {
        let row = PayrollRow { eis_payable_before_57: before_57, ..row(2, id, "2026-10", 300_000) };
        joint(row)
    };
    // Eighteen on the last day of the month, and on the first of the next.
    assert_eq!(of("081031149991", None)[3], 590);
    assert_eq!(of("081101149991", None)[3], 0);
    // Fifty-seven, where it counts whether EIS was payable before.
    assert_eq!(of("691031149991", Some(false))[3], 0);
    assert_eq!(of("691031149991", Some(true))[3], 590);
    assert_eq!(of("691101149991", Some(false))[3], 590);
    // Sixty: second category, no EIS, SKBBK all the same.
    assert_eq!(of("661031149991", None), [300_000, 3690, 0, 0, 2215]);
    assert_eq!(of("661101149991", None), [300_000, 5165, 1475, 590, 2215]);
}

#[test]
fn names_are_never_cut() {
    let named = |places: usize, layout, scheme| {
        let row = PayrollRow { name: "N".repeat(places), ..row(7, "900101149991", "2018-12", 300_000) };
        make(&[row], &options(layout, scheme))
    };
    for (layout, scheme, room) in [
        (LayoutId::Contribution223, Some(Scheme::Act4), 150),
        (LayoutId::Contribution223, Some(Scheme::Act800), 150),
        (LayoutId::Joint278V1, None, 150),
        (LayoutId::Joint278V2, None, 150),
        (LayoutId::Brg8a83, None, 45),
    ] {
        assert!(named(room, layout, scheme).is_ok());
        let Err(MakeError::Rows(faults)) = named(room + 1, layout, scheme) else { panic!("the name is too long") };
        assert_eq!((faults.len(), faults[0].row, faults[0].column), (1, 7, Some("name")));
    }
}

#[test]
fn people_without_wages() {
    let away = |status| PayrollRow { status, ..row(2, "900101149991", "2026-05", 0) };
    let kept = make(&[away(Some('T'))], &options(LayoutId::Contribution223, Some(Scheme::Act4))).expect("made");
    assert_eq!(read(&kept.files[0].bytes)[0].amounts, Amounts::Total(Sen::ZERO));
    for (status, layout, scheme) in [
        (None, LayoutId::Contribution223, Some(Scheme::Act4)),
        (Some('T'), LayoutId::Joint278V2, None),
        (None, LayoutId::Joint278V2, None),
    ] {
        let Err(MakeError::Nobody(left_out)) = make(&[away(status)], &options(layout, scheme)) else {
            panic!("nobody is to be written")
        };
        assert!(left_out[0].why.starts_with("no wages"));
    }
}

#[test]
fn skbbk_in_layouts_without_a_place_for_it() {
    let june = || row(2, "900101149991", "2026-06", 300_000);
    let v1 = |inside| MakeOptions { skbbk_inside: inside, ..options(LayoutId::Joint278V1, None) };
    let Err(MakeError::Rows(faults)) = make(&[june()], &v1(false)) else { panic!("it is compulsory") };
    assert!(faults[0].what.contains("--skbbk-inside"));
    let inside = make(&[june()], &v1(true)).expect("made");
    let Amounts::Shares(shares) = read(&inside.files[0].bytes)[0].amounts else { panic!("a joint line") };
    assert_eq!(shares.socso_employee, Sen(1475 + 2215));
    let socso = make(&[june()], &options(LayoutId::Contribution223, Some(Scheme::Act4))).expect("made");
    assert!(socso.notes[0].contains("SKBBK of RM 22.15"), "{:?}", socso.notes);
    assert_eq!(read(&socso.files[0].bytes)[0].amounts, Amounts::Total(Sen(6640)));
    // Back again: SKBBK is told apart from the share, and has its own place.
    let file = OldFile { name: "old.txt", bytes: &inside.files[0].bytes };
    let back = convert(&[file], None, &options(LayoutId::Joint278V2, None), false).expect("converted");
    let direct = make(&[june()], &options(LayoutId::Joint278V2, None)).expect("made");
    assert_eq!(read(&back.made.files[0].bytes)[0].amounts, read(&direct.files[0].bytes)[0].amounts);
    let october = row(2, "900101149991", "2026-10", 300_000);
    assert!(make(&[october], &v1(true)).is_err(), "no longer allowed in October");
}

#[test]
fn what_convert_refuses_is_all_named() {
    let rows: Vec<PayrollRow> =
        ["900101149991", "850815125558", "920229106662"].iter().map(|id| row(2, id, "2026-05", 300_000)).collect();
    let socso = make(&rows, &options(LayoutId::Contribution223, Some(Scheme::Act4))).expect("made");
    let eis = make(&rows, &options(LayoutId::Contribution223, Some(Scheme::Act800))).expect("made");
    let both = [&socso, &eis].map(|made| OldFile { name: &made.files[0].name, bytes: &made.files[0].bytes });
    let target = options(LayoutId::Joint278V2, None);
    let missing = convert(&both, Some(&rows[..1]), &target, false).expect_err("two have no wage");
    assert!(matches!(&missing, ConvertError::Files(list) if list.len() == 2), "{missing}");
    let mut raised = rows.clone();
    raised[1].wage = Sen(310_000);
    let Err(ConvertError::Differences(list)) = convert(&both, Some(&raised), &target, false) else {
        panic!("the raise pays otherwise")
    };
    let totals: Vec<(i64, i64)> = list.iter().map(|d| (d.old_total_sen.0, d.new_total_sen.0)).collect();
    assert_eq!(totals, [(6640, 6860), (1180, 1220)]);
    let accepted = convert(&both, Some(&raised), &target, true).expect("accepted");
    assert_eq!(accepted.differences, list);
    let twice = [both[0], both[0]];
    assert!(matches!(convert(&twice, Some(&rows), &target, false), Err(ConvertError::Files(list)) if list.len() == 3));
    let v2 = make(&rows, &target).expect("made");
    let v2 = OldFile { name: "v2.txt", bytes: &v2.files[0].bytes };
    assert!(matches!(convert(&[v2], Some(&rows), &target, false), Err(ConvertError::Files(_))));
}

fn caruman(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(["--now", NOW]).args(arguments).output().expect("the program starts")
}

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/payroll").join(name).to_string_lossy().into_owned()
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_samples_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let out = folder.path().to_string_lossy().into_owned();
    let csv = caruman(&["make", &sample("october-2026.csv"), "--layout", "joint-278-v2", "--out", &out]);
    assert!(csv.status.success(), "{}", String::from_utf8_lossy(&csv.stderr));
    let file = at("perkeso-joint-278-v2-102026.txt");
    let written = text(&file);
    assert_eq!(written.lines().count(), 7, "one was added up, one is on unpaid leave");
    assert!(written.starts_with("A9900000001Z202501999999        900101149991AHMAD CONTOH BIN UJIAN"));
    let checked = caruman(&["check", &file.to_string_lossy(), "--output", "json"]);
    assert!(checked.status.success());
    let again = caruman(&["make", &sample("october-2026.csv"), "--layout", "joint-278-v2", "--out", &out]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    let xlsx = ["make", &sample("october-2026.xlsx"), "--layout", "joint-278-v2", "--out", &out, "--force"];
    let xlsx = caruman(&[&xlsx[..], &["--output", "json"]].concat());
    assert!(xlsx.status.success(), "{}", String::from_utf8_lossy(&xlsx.stderr));
    assert_eq!(text(&file), written, "the spreadsheet says the same as the CSV");
    let document: serde_json::Value = serde_json::from_slice(&xlsx.stdout).expect("JSON");
    assert_eq!(document["files"][0]["totals"][0]["people"], 7);
    assert_eq!(document["left_out"][0]["row"], 9);
}

#[test]
fn a_pair_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let out = folder.path().to_string_lossy().into_owned();
    let payroll = sample("gaji-september-2026.csv");
    for scheme in ["act4", "act800"] {
        let made = caruman(&["make", &payroll, "--layout", "contribution-223", "--scheme", scheme, "--out", &out]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let pair = [at("socso-contribution-223-A9900000001Z-092026.txt"), at("eis-contribution-223-092026.txt")];
    let other = at("socso-contribution-223-A9900000002Z-092026.txt");
    let arguments = ["convert", &pair[0], &pair[1], &other, "--wages", &payroll, "--out", &out];
    let converted = caruman(&arguments);
    assert!(converted.status.success(), "{}", String::from_utf8_lossy(&converted.stderr));
    let name = "perkeso-joint-278-v2-A9900000001Z-092026.txt";
    let first = text(&folder.path().join(name));
    let direct = caruman(&["make", &payroll, "--layout", "joint-278-v2", "--out", &out, "--force"]);
    assert!(direct.status.success());
    assert_eq!(text(&folder.path().join(name)), first);
}

#[test]
fn faulty_rows_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_string_lossy().into_owned();
    let arguments = ["make", &sample("faulty-october-2026.csv"), "--layout", "joint-278-v2", "--out", &out];
    let refused = caruman(&[&arguments[..], &["--output", "json"]].concat());
    assert_eq!(refused.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    let rows: std::collections::BTreeSet<u64> =
        document["row_faults"].as_array().expect("a list").iter().filter_map(|fault| fault["row"].as_u64()).collect();
    assert_eq!(rows, (2..=6).collect());
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

/// Makes `samples/payroll/october-2026.xlsx` from the CSV beside it: wages as numbers, dates as dates.
#[test]
#[ignore = "writes a sample, when CARUMAN_WRITE_SAMPLES=1 asks for it"]
fn the_sample_spreadsheet() {
    if std::env::var("CARUMAN_WRITE_SAMPLES").is_err() {
        return;
    }
    let mut reader = csv::Reader::from_path(sample("october-2026.csv")).expect("the sample");
    let mut book = rust_xlsxwriter::Workbook::new();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let sheet = book.add_worksheet();
    let headings = reader.headers().expect("headings").clone();
    for (column, title) in headings.iter().enumerate() {
        sheet.write(0, column as u16, title).expect("written");
    }
    for (row, record) in reader.records().enumerate() {
        let record = record.expect("a row");
        for ((column, title), value) in headings.iter().enumerate().zip(record.iter()) {
            let (row, column) = (row as u32 + 1, column as u16);
            match title {
                _ if value.is_empty() => {}
                "wage" => {
                    let wage: f64 = value.replace(',', "").parse().expect("a wage");
                    sheet.write(row, column, wage).expect("written");
                }
                "birth_date" | "date" => {
                    let date = rust_xlsxwriter::ExcelDateTime::parse_from_str(value).expect("a date");
                    sheet.write_with_format(row, column, &date, &day).expect("written");
                }
                _ => {
                    sheet.write(row, column, value).expect("written");
                }
            }
        }
    }
    book.save(sample("october-2026.xlsx")).expect("saved");
}
