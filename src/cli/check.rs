//! `caruman check`: everything wrong with contribution files, in one pass, offline.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{CliError, Ended, Globals, Output, lines, read_file, terminal};
use crate::checks::{FileCheck, Gate, NEED_HISTORY, Options, Register, Verdict, check_file};
use crate::document::{Document, FileDocument, FindingDocument, Style};
use crate::domain::{Finding, Scheme};
use crate::rates::RateBook;
use crate::rule_pack;
use crate::source::FileSource;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Contribution files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The Act a one-Act file is for
    #[arg(long, value_name = "act4|act800")]
    scheme: Option<Scheme>,
    /// Who is registered: a table as docs/operations.md describes it
    #[arg(long, value_name = "FILE.csv")]
    register: Option<PathBuf>,
    /// Whether lines to mend hold the whole file
    #[arg(long, value_enum, default_value_t = PolicyArg::Whole)]
    policy: PolicyArg,
    /// Whether a layout that ASSIST no longer takes on the day refuses the file
    #[arg(long, value_enum, default_value_t = GateArg::Any)]
    gate: GateArg,
    /// Save the findings too: FILE.csv or FILE.xlsx
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Show identity numbers in full
    #[arg(long)]
    show_identities: bool,
}

/// `--policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyArg {
    /// The whole file or nothing.
    Whole,
    /// Good lines go, the others wait.
    GoodLines,
}

/// `--gate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateArg {
    /// Read with a warning.
    Any,
    /// Refuse.
    Dated,
}

impl From<GateArg> for Gate {
    fn from(gate: GateArg) -> Gate {
        match gate {
            GateArg::Any => Gate::Any,
            GateArg::Dated => Gate::Dated,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When an argument cannot be used or the result not be written.
pub fn run(arguments: &CheckArgs, globals: &Globals) -> Result<Ended, CliError> {
    let register = load_register(arguments.register.as_ref())?;
    let mut worst = Ended::Well;
    let mut checks = Vec::new();
    for path in &arguments.files {
        let check = match check_path(path, arguments, register.as_ref(), globals) {
            Ok(check) => check,
            Err(error) => {
                eprintln!("caruman: {} cannot be read: {error}", path.display());
                FileCheck::unread(Vec::new())
            }
        };
        worst = worst.max(ended(&check));
        checks.push(check);
    }
    if let Some(path) = &arguments.save {
        let paths: Vec<_> = arguments.files.iter().map(|path| path.to_string_lossy()).collect();
        let style = Style { messages: globals.messages(), show_identities: arguments.show_identities };
        super::save::save(path, paths.iter().map(AsRef::as_ref).zip(&checks), style)?;
    }
    print(arguments, globals, &checks)?;
    Ok(worst)
}

/// Loads the register, if one is given.
///
/// # Errors
/// One sentence that names the file and the row.
pub fn load_register(path: Option<&PathBuf>) -> Result<Option<Register>, CliError> {
    let Some(path) = path else { return Ok(None) };
    let register = Register::from_csv(&read_file(path)?);
    register.map(Some).map_err(|error| CliError::said(format!("{}: {error}", path.display())))
}

fn check_path(
    path: &Path,
    arguments: &CheckArgs,
    register: Option<&Register>,
    globals: &Globals,
) -> io::Result<FileCheck> {
    let source = FileSource::open(path)?;
    let name = path.to_string_lossy();
    let options = Options {
        scheme: arguments.scheme,
        file_name: &name,
        register,
        gate: arguments.gate.into(),
        now: globals.now(),
        book: RateBook::embedded(),
        threads: globals.threads(),
    };
    check_file(&source, &options)
}

fn ended(check: &FileCheck) -> Ended {
    match check.verdict {
        Verdict::Clean | Verdict::Warnings => Ended::Well,
        Verdict::Errors => Ended::WithFindings,
        Verdict::Refused => Ended::Not,
    }
}

fn print(arguments: &CheckArgs, globals: &Globals, checks: &[FileCheck]) -> Result<(), CliError> {
    let style = Style { messages: globals.messages(), show_identities: arguments.show_identities };
    let mut out = BufWriter::new(io::stdout().lock());
    let paths: Vec<_> = arguments.files.iter().map(|path| path.to_string_lossy()).collect();
    match globals.output {
        Output::Json => {
            let files = paths.iter().zip(checks);
            let document = Document {
                rule_pack: rule_pack::embedded(),
                checked_at: globals.now(),
                files: files.map(|(path, check)| FileDocument::new(path, check, &NEED_HISTORY, style)).collect(),
            };
            serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => write_csv(&mut out, paths.iter().map(AsRef::as_ref).zip(checks), style)?,
        Output::Text => {
            // A file that could not be read has had its sentence.
            for (path, check) in arguments
                .files
                .iter()
                .zip(checks)
                .filter(|(_, check)| !check.findings.is_empty() || check.digest.is_some())
            {
                let shown = lines::numbered(path, check, terminal::shown(check));
                terminal::file(&mut out, &path.to_string_lossy(), check, &shown, style)?;
            }
            terminal::closing(&mut out, checks, style, arguments.policy == PolicyArg::GoodLines)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Columns of a table of findings, with their widths in a spreadsheet.
pub(super) const COLUMNS: [(&str, u16); 12] = [
    ("file", 24),
    ("line", 8),
    ("columns", 10),
    ("field", 16),
    ("severity", 9),
    ("code", 7),
    ("name", 26),
    ("found", 20),
    ("expected", 24),
    ("message", 70),
    ("cure", 70),
    ("law", 40),
];

/// Findings as a table that a spreadsheet can open: no cell begins like a formula.
pub fn write_csv<'a>(
    out: &mut impl Write,
    files: impl Iterator<Item = (&'a str, &'a FileCheck)>,
    style: Style<'_>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS.map(|(name, _)| name))?;
    for (path, check) in files {
        for finding in &check.findings {
            writer.write_record(csv_row(path, finding, style).iter().map(|cell| without_formula(cell)))?;
        }
    }
    writer.flush()
}

/// A finding as cells, in the order of [`COLUMNS`].
pub(super) fn csv_row(path: &str, finding: &Finding, style: Style<'_>) -> [String; 12] {
    let said = FindingDocument::new(finding, style);
    let number = |line: Option<u64>| line.map_or_else(String::new, |line| line.to_string());
    [
        path.to_owned(),
        number(said.line),
        said.columns.map_or_else(String::new, |columns| format!("{}-{}", columns.0, columns.1)),
        said.field.unwrap_or_default().to_owned(),
        said.severity.id().to_owned(),
        said.code.to_owned(),
        said.name.to_owned(),
        said.found.unwrap_or_default(),
        said.expected.unwrap_or_default().to_owned(),
        said.message,
        said.cure,
        said.law.to_owned(),
    ]
}

/// A cell that a spreadsheet takes for text even if it begins like a formula.
fn without_formula(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for (cell, safe) in [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-5", "'-5"), ("33-44", "33-44"), ("", "")]
        {
            assert_eq!(without_formula(cell), safe);
        }
    }
}
