//! `caruman check --rules-of MONTH`: a file by the law of another month, who changes and by how much.

mod text;

use std::io::{self, BufWriter, Write};
use std::sync::LazyLock;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::check::JudgeArgs;
use super::{CliError, Ended, Globals, Output};
use crate::checks::Options;
use crate::checks::rules_of::{Change, Comparison, Crossing, FIGURES, Rule, RulesOfError, rules_of};
use crate::domain::{ContributionMonth, Sen};
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::reader::ByteSource;
use crate::source::FileSource;

/// More people than this are left to the JSON and CSV output.
const SHOWN_MAX: usize = 1_000;

/// Judges every file by the other month and prints what changes.
///
/// # Errors
/// When the month has no table, a file cannot be read or the result not be written.
pub fn run(judge: &JudgeArgs, month: ContributionMonth, globals: &Globals) -> Result<Ended, CliError> {
    let register = judge.register(globals)?;
    let mut page = Page { out: BufWriter::new(io::stdout()), judge, month, globals, first: true };
    let mut worst = Ended::Well;
    page.begin()?;
    for path in &judge.files {
        let name = path.to_string_lossy();
        let options = Options {
            scheme: judge.scheme,
            register: register.as_ref(),
            gate: judge.gate.into(),
            threads: globals.threads(),
            ..Options::new(&name, globals.now(), RateBook::embedded())
        };
        let done = FileSource::open(path)
            .map_err(RulesOfError::from)
            .map_err(|error| sentence(&name, &error, globals.messages()))
            .and_then(|source| page.file(&name, &source, &options));
        match done {
            Ok(ended) => worst = worst.max(ended),
            Err(CliError::Output(error)) => return Err(CliError::Output(error)),
            Err(error) => {
                eprintln!("caruman: {error}");
                worst = Ended::Not;
            }
        }
    }
    page.end()?;
    Ok(worst)
}

/// Why a file was not judged, in one sentence.
fn sentence(name: &str, error: &RulesOfError, messages: &Messages) -> CliError {
    let why = match error {
        RulesOfError::Refused(finding) => messages.finding(finding, false),
        RulesOfError::Read(error) => format!("cannot be read: {error}"),
        RulesOfError::NotCovered(error) => error.to_string(),
    };
    CliError::said(format!("{name}: {why}"))
}

/// What is being printed. Not locked, because changes come from whichever thread has merged a piece.
struct Page<'a> {
    out: BufWriter<io::Stdout>,
    judge: &'a JudgeArgs,
    month: ContributionMonth,
    globals: &'a Globals,
    first: bool,
}

impl Page<'_> {
    fn begin(&mut self) -> io::Result<()> {
        match self.globals.output {
            Output::Json => write!(self.out, "{{\"rules_of\":\"{}\",\"files\":[", self.month),
            Output::Csv => {
                let figures = COLUMNS.iter().flatten().cloned();
                let head = ["file", "line", "id_number", "month", "rules_of"].map(str::to_owned).into_iter();
                self.csv(&head.chain(figures).chain(["why".to_owned()]).collect::<Vec<_>>())
            }
            Output::Text => Ok(()),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        if self.globals.output == Output::Json {
            writeln!(self.out, "\n]}}")?;
        }
        self.out.flush()
    }

    fn file<S: ByteSource + ?Sized>(
        &mut self,
        name: &str,
        source: &S,
        options: &Options<'_>,
    ) -> Result<Ended, CliError> {
        let mut shown = Vec::new();
        let mut count = 0_usize;
        let mut written = Ok(());
        let text = self.globals.output == Output::Text;
        let found = rules_of(source, options, self.month, |change| {
            count += 1;
            if text && count <= SHOWN_MAX {
                shown.push(change);
            } else if !text && written.is_ok() {
                written = self.change(name, &change, count == 1);
            }
        });
        written?;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                // Only a medium that fails half way leaves a file begun; its document stays whole.
                if count > 0 && self.globals.output == Output::Json {
                    write!(self.out, "],\"summary\":null}}")?;
                }
                return Err(sentence(name, &error, self.globals.messages()));
            }
        };
        match self.globals.output {
            Output::Json => {
                if count == 0 {
                    self.open(name)?;
                }
                write!(self.out, "],\"summary\":{}}}", summary(&found, self.month))?;
            }
            Output::Csv => {}
            Output::Text => self.text(name, &shown, &found)?,
        }
        Ok(if found.unreadable > 0 { Ended::WithFindings } else { Ended::Well })
    }

    /// Begins the document of a file.
    fn open(&mut self, name: &str) -> io::Result<()> {
        let comma = if std::mem::take(&mut self.first) { "" } else { "," };
        write!(self.out, "{comma}\n{{\"path\":{},\"changes\":[", Value::from(name))
    }

    fn change(&mut self, name: &str, change: &Change, first: bool) -> io::Result<()> {
        let id = if self.judge.show_identities { change.id.reveal().to_owned() } else { change.id.masked() };
        if self.globals.output == Output::Csv {
            let head = [name.to_owned(), change.line.to_string(), id, change.month.to_string(), self.month.to_string()];
            let figures = (0..FIGURES.len()).flat_map(|at| sens(change, at).map(|sen| sen.0.to_string()));
            return self.csv(&head.into_iter().chain(figures).chain([why(change, self.month)]).collect::<Vec<_>>());
        }
        if first {
            self.open(name)?;
        }
        if !first {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"\n")?;
        Ok(serde_json::to_writer(&mut self.out, &Row { change, id: &id, month: self.month })?)
    }

    fn csv(&mut self, cells: &[String]) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(2048).from_writer(Vec::new());
        writer.write_record(cells.iter().map(|cell| crate::document::without_formula(cell)))?;
        self.out.write_all(&writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }

    fn text(&mut self, name: &str, shown: &[Change], found: &Comparison) -> Result<(), CliError> {
        let out = &mut self.out;
        let months = found.months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        writeln!(out, "{name}: {months} by the law of {}\n", self.month)?;
        if !shown.is_empty() {
            writeln!(out, "{}", text::people(shown, self.month, self.judge.show_identities).trim_fmt())?;
        }
        if found.changed > shown.len() as u64 {
            let more = found.changed - shown.len() as u64;
            writeln!(out, "… and {more} more: --output csv or json has them all")?;
        }
        writeln!(out, "\n{}", text::sums(found).trim_fmt())?;
        for line in text::remarks(found, self.month) {
            writeln!(out, "{line}")?;
        }
        Ok(writeln!(out)?)
    }
}

/// Five columns for each figure: by the own month's law, by the other month's from and to, and the difference from and to.
static COLUMNS: LazyLock<Vec<[String; 5]>> = LazyLock::new(|| {
    let ends = ["old_sen", "new_sen", "new_to_sen", "difference_sen", "difference_to_sen"];
    FIGURES.iter().map(|figure| ends.map(|end| format!("{figure}_{end}"))).collect()
});

/// A change as a JSON object. Written without a tree in between: there may be a million.
struct Row<'a> {
    change: &'a Change,
    id: &'a str,
    month: ContributionMonth,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let change = self.change;
        let mut row = to.serialize_map(None)?;
        row.serialize_entry("line", &change.line)?;
        row.serialize_entry("id_number", self.id)?;
        row.serialize_entry("month", &change.month)?;
        for (at, names) in COLUMNS.iter().enumerate() {
            for (name, sen) in names.iter().zip(sens(change, at)) {
                row.serialize_entry(name, &sen)?;
            }
        }
        row.serialize_entry("crossings", &change.crossings.iter().map(crossing).collect::<Vec<_>>())?;
        row.serialize_entry("why", &why(change, self.month))?;
        row.end()
    }
}

fn sens(change: &Change, at: usize) -> [Sen; 5] {
    let (new, difference) = (&change.new, &change.difference);
    [change.old.low[at], new.low[at], new.high[at], difference.low[at], difference.high[at]]
}

fn crossing(crossing: &Crossing) -> Value {
    json!({
        "rule": crossing.rule.id(),
        "before": crossing.before,
        "after": crossing.after,
        "reason": crossing.reason.to_string(),
    })
}

/// The rules crossed, and the tables that print another amount.
fn why(change: &Change, month: ContributionMonth) -> String {
    let reasons = change.crossings.iter().map(|crossing| crossing.reason.to_string());
    reasons.chain(tables(change, month)).collect::<Vec<_>>().join("; ")
}

/// What a table of the other month has otherwise, for each Act whose shares it moves: its wage ceiling, else its rows. Where
/// a rule is crossed, the rule says enough of its Act.
fn tables(change: &Change, month: ContributionMonth) -> Vec<String> {
    let book = RateBook::embedded();
    let moves = |figures: &[usize]| {
        let differs =
            |at: &usize| change.old.low[*at] != change.new.low[*at] || change.old.high[*at] != change.new.high[*at];
        figures.iter().any(differs)
    };
    let crosses = |rule| change.crossings.iter().any(|crossing| crossing.rule == rule);
    let said = |before: Sen, after: Sen, law: &str| {
        let what =
            if before == after { "other amounts".to_owned() } else { format!("wage ceiling RM{before} → RM{after}") };
        format!("{what}: {law}")
    };
    let mut found = Vec::new();
    if let (Ok(own), Ok(other), false) = (book.act4(change.month), book.act4(month), crosses(Rule::Category))
        && moves(&[0, 1])
    {
        found.push(said(own.wage_ceiling, other.wage_ceiling, &other.law));
    }
    if let (Ok(own), Ok(other), false) = (book.act800(change.month), book.act800(month), crosses(Rule::Eis))
        && moves(&[4, 5])
    {
        found.push(said(own.wage_ceiling, other.wage_ceiling, &other.law));
    }
    found
}

fn summary(found: &Comparison, month: ContributionMonth) -> Value {
    let mut sums = Map::new();
    for (at, figure) in FIGURES.iter().enumerate() {
        let cells = [
            ("old_sen", found.old.low[at]),
            ("old_to_sen", found.old.high[at]),
            ("new_sen", found.new.low[at]),
            ("new_to_sen", found.new.high[at]),
            ("difference_sen", found.difference.low[at]),
            ("difference_to_sen", found.difference.high[at]),
        ];
        sums.insert(
            (*figure).to_owned(),
            Value::Object(cells.map(|(name, sen)| (name.to_owned(), json!(sen))).into_iter().collect()),
        );
    }
    let crossings = found.crossings.iter().map(|(crossed, people)| {
        let mut value = crossing(crossed);
        value["people"] = json!(people);
        value
    });
    json!({
        "layout": found.layout.map(|layout| layout.id()),
        "months": found.months,
        "records": found.records,
        "changed": found.changed,
        "same": found.same,
        "several_wages": found.several_wages,
        "birth_date_unknown": found.birth_date_unknown,
        "unexplained": found.unexplained,
        "without_table": found.without_table,
        "without_wage": found.without_wage,
        "unreadable": found.unreadable,
        "crossings": crossings.collect::<Value>(),
        "layout_remarks": text::layout_remarks(found, month),
        "sums": sums,
    })
}
