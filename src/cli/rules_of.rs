//! `caruman check --rules-of MONTH`: a file by the law of another month, who changes and by how much.

use std::io::{self, BufWriter, Write};
use std::sync::LazyLock;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use super::check::JudgeArgs;
use super::{CliError, Ended, Globals, Output};
use crate::checks::Options;
use crate::checks::rules_of::{Change, Comparison, Crossing, FIGURES, LayoutChange, RulesOfError, Span, rules_of};
use crate::domain::{ContributionMonth, Sen};
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::reader::{ByteSource, Layout};
use crate::source::FileSource;

/// More people than this are left to the JSON and CSV output.
const SHOWN_MAX: usize = 1_000;

/// The figures that a table in a terminal has room for, with their headings; the last is the difference of all.
const IN_TERMINAL: [(&str, &str); 5] = [
    ("socso_employer", "SOCSO employer"),
    ("socso_employee", "SOCSO employee"),
    ("skbbk", "SKBBK"),
    ("eis_employer", "EIS employer"),
    ("eis_employee", "EIS employee"),
];

/// Judges every file by the other month and prints what changes.
///
/// # Errors
/// When the month has no table, a file cannot be read or the result not be written.
pub fn run(judge: &JudgeArgs, month: ContributionMonth, globals: &Globals) -> Result<Ended, CliError> {
    let register = judge.register()?;
    let mut page = Page { out: BufWriter::new(io::stdout()), judge, month, globals, first: true };
    let mut worst = Ended::Well;
    page.begin()?;
    for path in &judge.files {
        let name = path.to_string_lossy();
        let options = Options {
            scheme: judge.scheme,
            file_name: &name,
            register: register.as_ref(),
            gate: judge.gate.into(),
            now: globals.now(),
            book: RateBook::embedded(),
            threads: globals.threads(),
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
        let found = found.map_err(|error| {
            // Nothing was printed of the file yet: whether it can be judged is known before its first line.
            sentence(name, &error, self.globals.messages())
        })?;
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
            return self.csv(&head.into_iter().chain(figures).chain([why(change)]).collect::<Vec<_>>());
        }
        if first {
            self.open(name)?;
        }
        if !first {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"\n")?;
        Ok(serde_json::to_writer(&mut self.out, &Row { change, id: &id })?)
    }

    fn csv(&mut self, cells: &[String]) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(2048).from_writer(Vec::new());
        writer.write_record(cells.iter().map(|cell| super::save::without_formula(cell)))?;
        self.out.write_all(&writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }

    fn text(&mut self, name: &str, shown: &[Change], found: &Comparison) -> Result<(), CliError> {
        let out = &mut self.out;
        let months = found.months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        writeln!(out, "{name}: {months} by the law of {}\n", self.month)?;
        if !shown.is_empty() {
            writeln!(out, "{}", people(shown, self.judge.show_identities).trim_fmt())?;
        }
        if found.changed > shown.len() as u64 {
            let more = found.changed - shown.len() as u64;
            writeln!(out, "… and {more} more: --output csv or json has them all")?;
        }
        writeln!(out, "\n{}", sums(found).trim_fmt())?;
        for line in remarks(found, self.month) {
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

/// The rules crossed, or that only the table is another one.
fn why(change: &Change) -> String {
    if change.crossings.is_empty() {
        return "another table".to_owned();
    }
    change.crossings.iter().map(|crossing| crossing.reason.to_string()).collect::<Vec<_>>().join("; ")
}

/// `69.05 → 69.15`; one amount where nothing changes; `66.40 → 66.40 to 88.55` where the wage is not certain.
fn moved(old: &Span, new: &Span, at: usize) -> String {
    let span = |span: &Span| {
        let (low, high) = (span.low[at], span.high[at]);
        if low == high { low.to_string() } else { format!("{low} to {high}") }
    };
    let (old, new) = (span(old), span(new));
    if old == new { old } else { format!("{old} → {new}") }
}

/// `+0.10`, `-16.90`, `+0.00 to +22.50`.
fn difference(span: &Span, at: usize) -> String {
    let signed = |sen: Sen| if sen.0 < 0 { sen.to_string() } else { format!("+{sen}") };
    let (low, high) = (signed(span.low[at]), signed(span.high[at]));
    if low == high { low } else { format!("{low} to {high}") }
}

fn place(figure: &str) -> usize {
    FIGURES.iter().position(|known| *known == figure).expect("a name of FIGURES")
}

fn people(shown: &[Change], show_identities: bool) -> Table {
    // A column in which nobody has anything would only take room.
    let used = |at: usize| shown.iter().any(|c| !c.old.high[at].is_zero() || !c.new.high[at].is_zero());
    let columns: Vec<(usize, &str)> =
        IN_TERMINAL.iter().map(|(figure, head)| (place(figure), *head)).filter(|(at, _)| used(*at)).collect();
    let mut table = Table::new();
    let heads = columns.iter().map(|(_, head)| *head);
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["line", "id number"].into_iter().chain(heads).chain(["difference", "why"]));
    for change in shown {
        let id = if show_identities { change.id.reveal().to_owned() } else { change.id.masked() };
        let figures = columns.iter().map(|(at, _)| moved(&change.old, &change.new, *at));
        let rules = change
            .crossings
            .iter()
            .map(|crossing| format!("{}: {} → {}", crossing.rule.id(), crossing.before, crossing.after));
        let rules = rules.collect::<Vec<_>>().join("; ");
        let why = if rules.is_empty() { why(change) } else { rules };
        let all = difference(&change.difference, place("total"));
        table.add_row([change.line.to_string(), id].into_iter().chain(figures).chain([all, why]));
    }
    right_align(&mut table, columns.len() + 3);
    table
}

/// Sets figures to the right; the first two columns and those from `end` on stay.
fn right_align(table: &mut Table, end: usize) {
    for at in 2..end {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Sums of each Act by both laws.
fn sums(found: &Comparison) -> Table {
    let rows = [
        ("Act 4", "employer", "socso_employer"),
        ("", "employee", "socso_employee"),
        ("", "SKBBK", "skbbk"),
        ("", "total", "act4_total"),
        ("Act 800", "employer", "eis_employer"),
        ("", "employee", "eis_employee"),
        ("", "total", "act800_total"),
        ("both", "total", "total"),
    ];
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["Act", "share", "old RM", "new RM", "difference RM"]);
    let pays = |figure: &str| !found.old.high[place(figure)].is_zero() || !found.new.high[place(figure)].is_zero();
    // An Act that the file does not pay says nothing; what remains is then the sum of both.
    let (act4, act800) = (pays("act4_total"), pays("act800_total"));
    let shown = rows.iter().enumerate().filter(|(row, _)| match row {
        0..4 => act4,
        4..7 => act800,
        _ => act4 == act800,
    });
    for (_, (act, share, figure)) in shown {
        let at = place(figure);
        let one = |span: &Span| moved(span, span, at);
        let (old, new) = (one(&found.old), one(&found.new));
        table.add_row([(*act).to_owned(), (*share).to_owned(), old, new, difference(&found.difference, at)]);
    }
    right_align(&mut table, 5);
    table
}

/// What a careful reader should know beside the sums.
fn remarks(found: &Comparison, month: ContributionMonth) -> Vec<String> {
    let mut lines =
        vec![format!("{} of {} people change, {} pay the same", found.changed, found.compared(), found.same)];
    for (crossing, people) in &found.crossings {
        let (rule, before, after) = (crossing.rule.id(), crossing.before, crossing.after);
        lines.push(format!("{rule}: {before} → {after}: {people} people: {}", crossing.reason));
    }
    lines.extend(layout_remarks(found, month));
    let counts = [
        (found.several_wages, "their total is paid by several wages, so that the new amount lies between two"),
        (found.birth_date_unknown, "their date of birth is not known: a register (--register) tells more"),
        (found.unexplained, "not compared: no wage of that person pays this amount by the law of its own month"),
        (found.without_table, "not compared: no table is published for their own month"),
        (found.without_wage, "without wages: nothing to pay by either law"),
        (found.unreadable, "could not be read: check the file without --rules-of"),
    ];
    lines.extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} lines: {what}")));
    lines
}

/// What the layout of the other month must carry.
fn layout_remarks(found: &Comparison, month: ContributionMonth) -> Vec<String> {
    let mut lines = Vec::new();
    match found.layout_change {
        Some(LayoutChange::SkbbkNeeded { layout, columns, from }) => {
            let (first, last) = (columns.0, columns.1);
            lines.push(format!("layout: {} with SKBBK in columns {first}-{last} is needed from {from}", layout.id()));
        }
        Some(LayoutChange::SkbbkNotYet { from }) => {
            lines.push(format!("layout: no SKBBK before {from}, its columns stay blank"));
        }
        None => {}
    }
    if let Some(layout) = found.layout {
        let (first, last) = Layout::get(layout).months;
        if first.is_some_and(|first| month < first) || last.is_some_and(|last| last < month) {
            let end = |month: Option<ContributionMonth>| month.map_or_else(|| "…".to_owned(), |m| m.to_string());
            let span = format!("{} to {}", end(first), end(last));
            lines.push(format!("layout: {} is meant for the months {span}, not for {month}", layout.id()));
        }
    }
    lines
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
        "layout_remarks": layout_remarks(found, month),
        "sums": sums,
    })
}
