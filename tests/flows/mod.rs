//! The program called in a place of its own, and small files for it: what the stories of submissions share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::Path;
use std::process::Command;

use caruman::checks::amount::{Amounts, Shares};
use caruman::domain::{ContributionMonth, Residency, Scheme, Sen};
use caruman::rates::calc::contribution;
use caruman::rates::{Person, RateBook};
use caruman::reader::LayoutId;
use caruman::writer::{Line, write_file};
use serde_json::Value;

use super::place::Place;

/// The employer of most files.
pub const CODE: &str = "A9900000001Z";
/// Another one.
pub const OTHER: &str = "B8800000002Y";

/// What the program said.
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {}\n{}", self.out, self.err))
    }

    /// Refused in one sentence, with nothing printed beside it.
    pub fn one_sentence(&self, word: &str) {
        assert_eq!(self.status, 2, "{}\n{}", self.out, self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "{}", self.err);
        assert!(self.err.contains(word) && !self.err.contains("panicked"), "{}", self.err);
    }
}

/// Runs the program at a moment.
pub fn run(place: &Place, now: &str, arguments: &[&str]) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.arg("--data").arg(place.data.path()).args(["--now", now]).env_remove("CARUMAN_LOG");
    if let Some(url) = &place.url {
        command.args(["--database", url]);
    }
    let output = command.args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Done { status: output.status.code().expect("an exit status"), out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program, which must succeed, and gives its document.
pub fn shown(place: &Place, now: &str, arguments: &[&str]) -> Value {
    let done = run(place, now, &[arguments, &["--output", "json"]].concat());
    assert_eq!(done.status, 0, "{arguments:?}: {}\n{}", done.out, done.err);
    done.json()
}

/// Hands in; gives the exit status and the first file's answer.
pub fn submit(place: &Place, now: &str, arguments: &[&str]) -> (i32, Value) {
    let (status, files) = submit_all(place, now, arguments);
    (status, files[0].clone())
}

/// Hands in several files; gives the exit status and every answer.
pub fn submit_all(place: &Place, now: &str, arguments: &[&str]) -> (i32, Vec<Value>) {
    let done = run(place, now, &[&["submit", "--output", "json"], arguments].concat());
    let files = done.json()["files"].as_array().expect("files").clone();
    (done.status, files)
}

/// Hands in a file that must be taken; gives its numbers.
pub fn taken(place: &Place, now: &str, arguments: &[&str]) -> Vec<String> {
    let (status, file) = submit(place, now, arguments);
    assert_eq!((status, state(&file)), (0, "taken"), "{}", file["check"]["findings"]);
    numbers(&file)
}

/// The first submission of an answer.
pub fn first(file: &Value) -> &Value {
    &file["submissions"][0]
}

/// Its state.
pub fn state(file: &Value) -> &str {
    first(file)["state"].as_str().unwrap_or("none")
}

/// Its number.
pub fn submission(file: &Value) -> String {
    first(file)["submission"].as_str().expect("a number").to_owned()
}

/// The numbers of its acknowledgements.
pub fn numbers(file: &Value) -> Vec<String> {
    let list = first(file)["acknowledgements"].as_array().expect("a list");
    list.iter().map(|a| a["number"].as_str().expect("a number").to_owned()).collect()
}

/// People and sen of its acknowledgements.
pub fn amounts(file: &Value) -> Vec<(u64, i64)> {
    let list = first(file)["acknowledgements"].as_array().expect("a list");
    let of = |a: &Value| (a["people"].as_u64().expect("people"), a["total_sen"].as_i64().expect("an amount"));
    list.iter().map(of).collect()
}

/// The names of an answer's findings, with their lines (0: the whole file).
pub fn findings(file: &Value) -> Vec<(u64, String)> {
    let list = file["check"]["findings"].as_array().expect("findings");
    list.iter().map(|f| (f["line"].as_u64().unwrap_or(0), f["name"].as_str().expect("a name").to_owned())).collect()
}

/// True when a finding of this name speaks of this line (0: the whole file).
pub fn says(file: &Value, line: u64, name: &str) -> bool {
    findings(file).contains(&(line, name.to_owned()))
}

/// What happened to a submission or acknowledgement, with its details.
pub fn events(of: &Value) -> Vec<(String, String)> {
    let list = of["events"].as_array().expect("events");
    let text = |event: &Value, key: &str| event[key].as_str().expect("a text").to_owned();
    list.iter().map(|event| (text(event, "what"), text(event, "detail"))).collect()
}

/// A folder for files.
pub struct Files(pub tempfile::TempDir);

impl Files {
    pub fn new() -> Files {
        Files(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a path").to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).expect("written");
        self.path(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }
}

/// A person's month.
#[derive(Debug, Clone)]
pub struct Row {
    pub code: &'static str,
    pub id: String,
    pub name: String,
    pub month: ContributionMonth,
    pub wage: Sen,
    pub status: Option<(char, &'static str)>,
}

/// The n-th person, a resident of working age, in a month.
pub fn row(n: u32, month: &str, wage: i64) -> Row {
    let id = format!("{:02}{:02}{:02}14{:04}", 75 + n / 336 % 20, 1 + n / 28 % 12, 1 + n % 28, 1_000 + n);
    let month = month.parse().expect("a month");
    Row { code: CODE, id, name: format!("CONTOH {}", letters(n)), month, wage: Sen(wage), status: None }
}

fn letters(n: u32) -> String {
    let letter = |place: u32| char::from(b'A' + (n / 26u32.pow(place) % 26) as u8);
    [letter(2), letter(1), letter(0)].iter().collect()
}

impl Row {
    /// With a letter of field 8 and its date.
    pub fn with(self, letter: char, date: &'static str) -> Row {
        Row { status: Some((letter, date)), ..self }
    }

    /// For another employer.
    pub fn of(self, code: &'static str) -> Row {
        Row { code, ..self }
    }

    /// Employer's and employee's shares of the month by the law.
    pub fn shares(&self) -> Shares {
        let person = Person { birth_date: None, ..Person::new(Residency::Citizen) };
        let due = contribution(RateBook::embedded(), &person, self.month, self.wage).expect("a table");
        Shares {
            wage: self.wage,
            socso_employer: due.act4_employer_sen,
            socso_employee: due.act4_employee_sen,
            eis_employer: due.eis_employer_sen,
            eis_employee: due.eis_employee_sen,
            skbbk: due.skbbk_sen,
        }
    }

    /// What a joint file pays: Act 4 with SKBBK, and Act 800.
    pub fn owed(&self) -> (i64, i64) {
        let s = self.shares();
        ((s.socso_employer + s.socso_employee + s.skbbk).0, (s.eis_employer + s.eis_employee).0)
    }

    fn line(&self, amounts: Amounts) -> Line {
        Line {
            employer_code: self.code.to_owned(),
            company_number: "202501999999".to_owned(),
            id_number: self.id.clone(),
            name: self.name.clone(),
            month: self.month,
            amounts,
            date: self.status.map(|(_, date)| date.parse().expect("a date")),
            status: self.status.map(|(letter, _)| letter),
        }
    }
}

/// What rows pay together.
pub fn owed(rows: &[Row]) -> (i64, i64) {
    rows.iter().map(Row::owed).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// A joint file of 278 characters.
pub fn joint(rows: &[Row]) -> Vec<u8> {
    let lines: Vec<Line> =
        rows.iter().map(|row| Row { status: None, ..row.clone() }.line(Amounts::Shares(row.shares()))).collect();
    write_file(LayoutId::Joint278V2, &lines).expect("writable")
}

/// A one-Act file of 223 characters, without SKBBK.
pub fn one_act(scheme: Scheme, rows: &[Row]) -> Vec<u8> {
    let total = |row: &Row| match (scheme, row.shares()) {
        (Scheme::Act4, s) => s.socso_employer + s.socso_employee,
        (Scheme::Act800, s) => s.eis_employer + s.eis_employee,
    };
    let lines: Vec<Line> = rows.iter().map(|row| row.line(Amounts::Total(total(row)))).collect();
    write_file(LayoutId::Contribution223, &lines).expect("writable")
}

/// The text of a PDF, where this machine can tell.
pub fn text_of(pdf: &Path) -> Option<String> {
    let output = Command::new("pdftotext").args(["-layout"]).arg(pdf).arg("-").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
