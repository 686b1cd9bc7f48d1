//! `caruman fix`: a file mended by its fix sheet, offline; and `check --fix-sheet`, which writes that sheet.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::ack::write_whole;
use super::check::{JudgeArgs, check_path, ended, print_paths};
use super::{CliError, Ended, Globals, read_file};
use crate::checks::{FileCheck, Register};
use crate::source::FileSource;
use crate::workflow::fix::{About, FixFault, FixSheet, NoSuggestions, apply};

/// Faults of a sheet that the terminal shows.
const FAULTS_SHOWN: usize = 50;

/// Arguments of `fix`.
#[derive(Debug, Args)]
pub struct FixArgs {
    #[command(flatten)]
    judge: JudgeArgs,
    /// The fix sheet with what is right in its column `corrected`: CSV or XLSX
    #[arg(long, value_name = "SHEET")]
    sheet: PathBuf,
    /// The mended file to write
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Overwrite a file that exists
    #[arg(long)]
    force: bool,
}

/// Runs the command: the status is that of checking the mended file.
///
/// # Errors
/// When an argument or something in the sheet cannot be used, or the file cannot be written; then it is not.
pub fn run(arguments: &FixArgs, globals: &Globals) -> Result<Ended, CliError> {
    let (judge, out) = (&arguments.judge, &arguments.out);
    let path = one_file(judge, "fix mends one file")?;
    for input in [path, &arguments.sheet] {
        if would_touch(input, out) {
            return Err(CliError::said(format!("{} is an input of this command; choose another --out", out.display())));
        }
    }
    if out.symlink_metadata().is_ok() && !arguments.force {
        return Err(CliError::said(format!("{} exists; --force overwrites it", out.display())));
    }
    let told = |faults: Vec<FixFault>| refused(&arguments.sheet, &faults);
    let sheet = FixSheet::read(&read_file(&arguments.sheet)?).map_err(told)?;
    let register = judge.register(globals)?;
    let check = checked(path, judge, register.as_ref(), globals)?;
    let source = FileSource::open(path).map_err(|error| unreadable(path, &error))?;
    let mended = apply(&sheet, &check, &source).map_err(told)?;
    write_whole(out, &mended.bytes)?;
    if !globals.quiet {
        let (changed, left_out) = (mended.lines_changed.len(), mended.deleted.len());
        eprintln!("{}: lines changed {changed}, left out {left_out}", out.display());
    }
    let check = checked(out, judge, register.as_ref(), globals)?;
    print_paths(judge, globals, std::slice::from_ref(out), std::slice::from_ref(&check))?;
    Ok(ended(&check))
}

/// Writes the sheet of a file that was checked; none where there is nothing to mend.
///
/// # Errors
/// One sentence: another ending, too many faults for a spreadsheet, or a file that cannot be read or written.
pub fn write_sheet(path: &Path, check: &FileCheck, out: &Path, globals: &Globals) -> Result<(), CliError> {
    if would_touch(path, out) {
        return Err(CliError::said(format!("{} is the file that is checked; choose another name", out.display())));
    }
    let source = FileSource::open(path).map_err(|error| unreadable(path, &error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let about = About { submission: "", file_name: &name };
    let sheet = FixSheet::of(check, &source, &about, &NoSuggestions, globals.messages());
    let sheet = sheet.map_err(|error| unreadable(path, &error))?;
    if sheet.rows.is_empty() {
        if !globals.quiet {
            eprintln!("{}: nothing to mend, so that no fix sheet was written", path.display());
        }
        return Ok(());
    }
    let bytes = sheet_bytes(&sheet, out)?;
    write_whole(out, &bytes)?;
    if !globals.quiet {
        eprintln!("{}: {} rows to look at; identity numbers stand there in full", out.display(), sheet.rows.len());
    }
    Ok(())
}

/// A fix sheet in the form that the name of its file says.
///
/// # Errors
/// One sentence for any other name, or a sheet too long for a spreadsheet.
pub fn sheet_bytes(sheet: &FixSheet, out: &Path) -> Result<Vec<u8>, CliError> {
    let said = |what: &dyn std::fmt::Display| CliError::said(format!("{}: {what}", out.display()));
    let ending = out.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(sheet.to_csv()),
        Some("xlsx") => sheet.to_xlsx().map_err(|error| said(&error)),
        _ => Err(said(&"a fix sheet is written as .csv or .xlsx")),
    }
}

/// The one file of a command that takes one.
///
/// # Errors
/// One sentence where there are more.
pub fn one_file<'a>(judge: &'a JudgeArgs, what: &str) -> Result<&'a PathBuf, CliError> {
    match &judge.files[..] {
        [path] => Ok(path),
        files => Err(CliError::said(format!("{what} at a time; {} were given", files.len()))),
    }
}

fn checked(
    path: &Path,
    judge: &JudgeArgs,
    register: Option<&Register>,
    globals: &Globals,
) -> Result<FileCheck, CliError> {
    check_path(path, judge, register, globals).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::said(format!("{} cannot be read: {error}", path.display()))
}

/// True when writing to `out` would touch the input, also on the way there: it is written beside its name first.
fn would_touch(input: &Path, out: &Path) -> bool {
    let leads_to = |path: &Path| fs::canonicalize(path).ok();
    let input = leads_to(input);
    input.is_some() && (leads_to(out) == input || leads_to(&out.with_extension("part")) == input)
}

fn refused(sheet: &Path, faults: &[FixFault]) -> CliError {
    if let [fault] = faults {
        return CliError::said(format!("{}: {fault}", sheet.display()));
    }
    let mut text = format!("{}: {} entries cannot be used; nothing was written", sheet.display(), faults.len());
    for fault in faults.iter().take(FAULTS_SHOWN) {
        text.push_str(&format!("\n  {fault}"));
    }
    if faults.len() > FAULTS_SHOWN {
        text.push_str(&format!("\n  … and {} more", faults.len() - FAULTS_SHOWN));
    }
    CliError::said(text)
}
