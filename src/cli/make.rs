//! `caruman make` and `caruman convert`: official text files from a payroll, and from older files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{CliError, Ended, Globals, Output, read_file};
use crate::checks::NEED_HISTORY;
use crate::document::without_formula;
use crate::document::{FileDocument, Style};
use crate::domain::{ContributionMonth, EmployerCode, Scheme, Severity};
use crate::rates::RateBook;
use crate::reader::LayoutId;
use crate::reader::payroll::{self, Payroll, PayrollDefaults, PayrollError, PayrollKind, RowFault};
use crate::reader::value::month_of;
use crate::workflow::convert::{ConvertError, Difference, convert};
use crate::workflow::make::{LeftOut, Made, MakeError, MakeOptions, make};
use crate::workflow::{FileFault, OldFile};

/// Warnings of the check that the terminal shows for a file; `check` shows all.
const WARNINGS_SHOWN: usize = 20;

/// Arguments of `make`.
#[derive(Debug, Args)]
pub struct MakeArgs {
    /// Payroll table: CSV or XLSX with a row of headings
    #[arg(value_name = "PAYROLL")]
    payroll: PathBuf,
    /// Layout to write: joint-278-v2, joint-278-v1, contribution-223 or brg8a-83
    #[arg(long, value_name = "ID", value_parser = layout)]
    layout: LayoutId,
    /// The Act of a one-Act file (contribution-223)
    #[arg(long, value_name = "act4|act800")]
    scheme: Option<Scheme>,
    /// Month of rows that name none
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Option<ContributionMonth>,
    /// Employer's code of rows that name none
    #[arg(long, value_name = "CODE", value_parser = employer_code)]
    employer_code: Option<EmployerCode>,
    /// MyCoID / SSM number of rows that name none
    #[arg(long, value_name = "NUMBER")]
    company_number: Option<String>,
    /// Sheet of a spreadsheet; the first one when left out
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Add SKBBK to the SOCSO share of an older layout (June to September 2026)
    #[arg(long)]
    skbbk_inside: bool,
    #[command(flatten)]
    to: ToArgs,
}

/// Arguments of `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// A SOCSO and an EIS file, or a joint file of version 1
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Layout to write
    #[arg(long, value_name = "ID", value_parser = layout, default_value = "joint-278-v2")]
    layout: LayoutId,
    /// Table of wages (CSV or XLSX): id_number and wage, if need be month, employer_code and the columns of a payroll
    #[arg(long, value_name = "FILE")]
    wages: Option<PathBuf>,
    /// Sheet of a spreadsheet; the first one when left out
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Write what the wages pay where the older files paid otherwise
    #[arg(long)]
    accept_differences: bool,
    #[command(flatten)]
    to: ToArgs,
}

/// Where files go.
#[derive(Debug, Args)]
struct ToArgs {
    /// File or folder to write; beside the input when left out
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite files that exist
    #[arg(long)]
    force: bool,
}

fn layout(text: &str) -> Result<LayoutId, String> {
    let known = || LayoutId::ALL.map(LayoutId::id).join(", ");
    LayoutId::find(text).ok_or_else(|| format!("no layout is called {text}; there are {}", known()))
}

fn month(text: &str) -> Result<ContributionMonth, String> {
    let compact = if text.len() == 6 { month_of(text.as_bytes()) } else { None };
    compact.map_or_else(|| text.parse().map_err(|error: crate::domain::month::MonthError| error.to_string()), Ok)
}

fn employer_code(text: &str) -> Result<EmployerCode, String> {
    let what = "is not an employer code; write a letter, ten digits and a letter such as A9900000001Z";
    EmployerCode::read(text).1.ok_or_else(|| format!("\"{text}\" {what}"))
}

/// Runs `make`.
///
/// # Errors
/// When the table is at fault or the files cannot be written; then none is.
pub fn run_make(arguments: &MakeArgs, globals: &Globals) -> Result<Ended, CliError> {
    let defaults = PayrollDefaults {
        employer_code: arguments.employer_code.clone(),
        company_number: arguments.company_number.clone(),
        month: arguments.month,
    };
    let table = table(&arguments.payroll, arguments.sheet.as_deref(), PayrollKind::Payroll, &defaults, globals)?;
    let mut options = options(arguments.layout, globals);
    options.scheme = arguments.scheme;
    options.skbbk_inside = arguments.skbbk_inside;
    let mut made = make(&table.rows, &options).map_err(|error| refused(globals, &arguments.payroll, error.into()))?;
    made.notes.extend(ignored(&table));
    let written = write(&made, &arguments.payroll, &[&arguments.payroll], &arguments.to)?;
    print(globals, arguments.layout, &made, &written, &[])
}

/// Runs `convert`.
///
/// # Errors
/// When a file or the table of wages is at fault, or the files cannot be written; then none is.
pub fn run_convert(arguments: &ConvertArgs, globals: &Globals) -> Result<Ended, CliError> {
    let mut inputs = Vec::new();
    for path in &arguments.files {
        inputs.push((path.to_string_lossy().into_owned(), read_file(path)?));
    }
    let files: Vec<OldFile<'_>> = inputs.iter().map(|(name, bytes)| OldFile { name, bytes }).collect();
    let defaults = PayrollDefaults::default();
    let table = arguments.wages.as_ref();
    let table = table.map(|path| table_of_wages(path, arguments, &defaults, globals)).transpose()?;
    let rows = table.as_ref().map(|table| table.rows.as_slice());
    let first = &arguments.files[0];
    let source = arguments.wages.as_ref().unwrap_or(first);
    let options = options(arguments.layout, globals);
    let converted = convert(&files, rows, &options, arguments.accept_differences);
    let mut converted = converted.map_err(|error| refused(globals, source, error))?;
    converted.made.notes.extend(table.iter().flat_map(ignored));
    let mut keep: Vec<&PathBuf> = arguments.files.iter().collect();
    keep.extend(arguments.wages.as_ref());
    let written = write(&converted.made, first, &keep, &arguments.to)?;
    print(globals, arguments.layout, &converted.made, &written, &converted.differences)
}

fn table_of_wages(
    path: &PathBuf,
    arguments: &ConvertArgs,
    defaults: &PayrollDefaults,
    globals: &Globals,
) -> Result<Payroll, CliError> {
    table(path, arguments.sheet.as_deref(), PayrollKind::Wages, defaults, globals)
}

fn options(layout: LayoutId, globals: &Globals) -> MakeOptions<'static> {
    let (book, now, threads) = (RateBook::embedded(), globals.now(), globals.threads());
    MakeOptions { layout, scheme: None, skbbk_inside: false, book, now, threads }
}

fn table(
    path: &PathBuf,
    sheet: Option<&str>,
    kind: PayrollKind,
    defaults: &PayrollDefaults,
    globals: &Globals,
) -> Result<Payroll, CliError> {
    payroll::read(&read_file(path)?, sheet, kind, defaults).map_err(|error| match error {
        PayrollError::Rows(faults) => refused(globals, path, MakeError::Rows(faults).into()),
        error => CliError::said(format!("{}: {error}", path.display())),
    })
}

fn ignored(table: &Payroll) -> Option<String> {
    let names: Vec<String> = table.ignored.iter().map(|name| format!("\"{name}\"")).collect();
    (!names.is_empty()).then(|| format!("headings that mean nothing here were passed over: {}", names.join(", ")))
}

/// What was made, for programs. Every key is always present.
#[derive(Serialize)]
struct MadeDocument<'d> {
    layout: &'static str,
    files: Vec<FileDocument<'d>>,
    left_out: &'d [LeftOut],
    differences: &'d [Difference],
    notes: &'d [String],
    row_faults: &'d [RowFault],
    file_faults: &'d [FileFault],
}

/// The sentence for people; for programs also a document on stdout that lists every fault.
fn refused(globals: &Globals, source: &Path, error: ConvertError) -> CliError {
    if globals.output == Output::Json {
        let (mut rows, mut files, mut differences, mut left_out) = (&[][..], &[][..], &[][..], &[][..]);
        match &error {
            ConvertError::Make(MakeError::Rows(faults)) => rows = faults,
            ConvertError::Make(MakeError::Nobody(people)) => left_out = people,
            ConvertError::Files(faults) => files = faults,
            ConvertError::Differences(list) => differences = list,
            ConvertError::Make(_) | ConvertError::Choice(_) => {}
        }
        let document = MadeDocument {
            layout: "",
            files: Vec::new(),
            left_out,
            differences,
            notes: &[],
            row_faults: rows,
            file_faults: files,
        };
        if let Err(error) = print_json(&document) {
            return CliError::Output(error);
        }
    }
    CliError::said(format!("{}: {error}", source.display()))
}

fn print_json(document: &MadeDocument<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from)?;
    writeln!(out)?;
    out.flush()
}

/// Writes all files or none: first beside their places, then by renaming.
fn write(made: &Made, input: &Path, keep: &[&PathBuf], to: &ToArgs) -> Result<Vec<PathBuf>, CliError> {
    let paths = paths(made, input, to)?;
    for path in &paths {
        let same =
            |input: &&&PathBuf| fs::canonicalize(input).ok().is_some_and(|i| fs::canonicalize(path).ok() == Some(i));
        if keep.iter().any(|input| same(&input)) {
            return Err(CliError::said(format!(
                "{} is an input of this command; choose another --out",
                path.display()
            )));
        }
        if path.symlink_metadata().is_ok() && !to.force {
            return Err(CliError::said(format!("{} exists; --force overwrites it", path.display())));
        }
    }
    let mut parts = Vec::new();
    let mut done = || -> io::Result<()> {
        for (file, path) in made.files.iter().zip(&paths) {
            let part = part_of(path);
            parts.push(part.clone());
            let mut open = File::options().write(true).create_new(true).open(&part)?;
            open.write_all(&file.bytes)?;
            open.sync_all()?;
        }
        parts.iter().zip(&paths).try_for_each(|(part, path)| fs::rename(part, path))
    };
    let ended = done();
    if let Err(error) = ended {
        for part in &parts {
            // Those that were renamed already are gone from here.
            let _ = fs::remove_file(part);
        }
        return Err(CliError::said(format!("{} cannot be written: {error}", paths[0].display())));
    }
    Ok(paths)
}

/// A name beside the file that nobody else uses.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.part-{}", std::process::id()))
}

fn paths(made: &Made, input: &Path, to: &ToArgs) -> Result<Vec<PathBuf>, CliError> {
    let beside = input.parent().unwrap_or(Path::new(""));
    let folder = match &to.out {
        None => beside,
        Some(out) if out.is_dir() => out,
        Some(out) if made.files.len() == 1 => return Ok(vec![out.clone()]),
        Some(out) => {
            let count = made.files.len();
            let what = "files are to be written, one for each employer and month: give a folder with --out";
            return Err(CliError::said(format!("{count} {what} instead of {}", out.display())));
        }
    };
    Ok(made.files.iter().map(|file| folder.join(&file.name)).collect())
}

fn print(
    globals: &Globals,
    layout: LayoutId,
    made: &Made,
    written: &[PathBuf],
    differences: &[Difference],
) -> Result<Ended, CliError> {
    let style = Style { messages: globals.messages(), show_identities: false };
    let names: Vec<_> = written.iter().map(|path| path.to_string_lossy()).collect();
    if globals.output == Output::Json {
        let files = made.files.iter().zip(&names);
        print_json(&MadeDocument {
            layout: layout.id(),
            files: files.map(|(file, name)| FileDocument::new(name, &file.check, &NEED_HISTORY, style)).collect(),
            left_out: &made.left_out,
            differences,
            notes: &made.notes,
            row_faults: &[],
            file_faults: &[],
        })?;
    } else {
        print_totals(globals, made, &names)?;
    }
    if !globals.quiet {
        for person in &made.left_out {
            eprintln!("left out: row {} ({}): {}", person.row, person.id_number, person.why);
        }
        for difference in differences {
            eprintln!("difference accepted: {difference}");
        }
        for note in &made.notes {
            eprintln!("note: {note}");
        }
        for file in &made.files {
            let worth_a_look = file.check.findings.iter().filter(|finding| finding.severity >= Severity::Warn);
            for finding in worth_a_look.take(WARNINGS_SHOWN) {
                eprintln!("{}: {}", file.name, style.messages.finding(finding, false));
            }
        }
    }
    Ok(Ended::Well)
}

fn print_totals(globals: &Globals, made: &Made, names: &[impl AsRef<str>]) -> Result<(), CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Csv {
        let mut table = csv::Writer::from_writer(&mut out);
        let heading = ["path", "employer_code", "month", "scheme", "people", "total_sen", "due_date"];
        table.write_record(heading).map_err(io::Error::from)?;
        for (file, name) in made.files.iter().zip(names) {
            for total in &file.check.totals {
                let (month, people, sen) =
                    (total.month.to_string(), total.people.to_string(), total.total.0.to_string());
                let due = total.due_date.to_string();
                let name = without_formula(name.as_ref());
                let cells = [name.as_str(), &total.employer_code, &month, total.scheme.id(), &people, &sen, &due];
                table.write_record(cells).map_err(io::Error::from)?;
            }
        }
        table.flush()?;
    } else {
        for (file, name) in made.files.iter().zip(names) {
            writeln!(out, "{}", name.as_ref())?;
            for total in &file.check.totals {
                let act = if total.scheme == Scheme::Act4 { "SOCSO" } else { "EIS" };
                let (code, month, people) = (&total.employer_code, total.month, total.people);
                let word = if people == 1 { "person" } else { "people" };
                writeln!(
                    out,
                    "  {code} {month} {act:<5} {people:>7} {word:<6} {:>14}  due {}",
                    total.total, total.due_date
                )?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
