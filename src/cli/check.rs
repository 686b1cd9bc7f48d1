//! `caruman check`: everything wrong with contribution files, in one pass, offline.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{CliError, Ended, Globals, Output, fix, lines, read_file, rules_of, save, terminal};
use crate::checks::{FileCheck, Gate, NEED_HISTORY, Options, Register, RegistrationRules, Verdict, check_file};
use crate::document::{Document, FileDocument, Style};
use crate::domain::{ContributionMonth, Policy, Registration, Scheme};
use crate::rates::RateBook;
use crate::rule_pack;
use crate::source::FileSource;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    judge: JudgeArgs,
    /// Save the findings too: FILE.csv or FILE.xlsx
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Say what changes by the law of another month, in place of the findings
    #[arg(long, value_name = "YYYY-MM", conflicts_with = "save")]
    rules_of: Option<ContributionMonth>,
    /// Write a fix sheet too: FILE.csv or FILE.xlsx, to be filled in and given to `fix` (one contribution file only)
    #[arg(long, value_name = "FILE")]
    fix_sheet: Option<PathBuf>,
}

/// What files are judged by, for `check` and `submit` alike.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Contribution files
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The Act a one-Act file is for
    #[arg(long, value_name = "act4|act800")]
    pub scheme: Option<Scheme>,
    /// Who is registered: a table as docs/operations.md describes it
    #[arg(long, value_name = "FILE.csv")]
    register: Option<PathBuf>,
    /// Whether lines to mend hold the whole file; the employer's own setting when left out, else whole
    #[arg(long, value_name = "whole|good-lines")]
    pub policy: Option<Policy>,
    /// Whether a layout that ASSIST no longer takes on the day refuses the file
    #[arg(long, value_enum, default_value_t = GateArg::Any)]
    pub gate: GateArg,
    /// What becomes of lines whose person was not registered in time; the employer's own setting when left out, else hold
    #[arg(long, value_name = "hold|warn")]
    pub registration: Option<Registration>,
    /// Show identity numbers in full
    #[arg(long)]
    pub show_identities: bool,
}

impl JudgeArgs {
    /// At least one file is named.
    ///
    /// # Errors
    /// One sentence where none is.
    pub fn some_file(&self) -> Result<(), CliError> {
        if self.files.is_empty() { Err(CliError::said("name at least one contribution file")) } else { Ok(()) }
    }

    /// Loads the register, if one is given.
    ///
    /// # Errors
    /// One sentence that names the file and the row.
    pub fn register(&self) -> Result<Option<Register>, CliError> {
        let Some(path) = &self.register else { return Ok(None) };
        let register = Register::from_csv(&read_file(path)?);
        register.map(Some).map_err(|error| CliError::said(format!("{}: {error}", path.display())))
    }

    /// How people who are not registered are treated, where the command line says so.
    pub fn rules(&self) -> RegistrationRules {
        RegistrationRules { usual: self.registration.unwrap_or_default(), ..RegistrationRules::default() }
    }

    /// How sentences are written.
    pub fn style(&self, globals: &Globals) -> Style<'static> {
        Style { messages: globals.messages(), show_identities: self.show_identities }
    }
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
    let judge = &arguments.judge;
    judge.some_file()?;
    if let Some(month) = arguments.rules_of {
        return rules_of::run(judge, month, globals);
    }
    if arguments.fix_sheet.is_some() {
        fix::one_file(judge, "a fix sheet is for one file")?;
    }
    let register = judge.register()?;
    let mut worst = Ended::Well;
    let mut checks = Vec::new();
    for path in &judge.files {
        let check = match check_path(path, judge, register.as_ref(), globals) {
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
        let paths: Vec<_> = judge.files.iter().map(|path| path.to_string_lossy()).collect();
        save::save(path, paths.iter().map(AsRef::as_ref).zip(&checks), judge.style(globals))?;
    }
    if let (Some(out), [path], [check]) = (&arguments.fix_sheet, &judge.files[..], &checks[..])
        && check.digest.is_some()
    {
        fix::write_sheet(path, check, out, globals)?;
    }
    print_paths(judge, globals, &judge.files, &checks)?;
    Ok(worst)
}

/// Judges one file.
///
/// # Errors
/// When it cannot be read.
pub fn check_path(
    path: &Path,
    arguments: &JudgeArgs,
    register: Option<&Register>,
    globals: &Globals,
) -> io::Result<FileCheck> {
    let source = FileSource::open(path)?;
    let name = path.to_string_lossy();
    let rules = arguments.rules();
    let options = Options {
        scheme: arguments.scheme,
        register,
        registration: Some(&rules),
        gate: arguments.gate.into(),
        threads: globals.threads(),
        ..Options::new(&name, globals.now(), RateBook::embedded())
    };
    check_file(&source, &options)
}

/// How a command ends that leads to this judgement.
pub fn ended(check: &FileCheck) -> Ended {
    match check.verdict {
        Verdict::Clean | Verdict::Warnings => Ended::Well,
        Verdict::Errors => Ended::WithFindings,
        Verdict::Refused => Ended::Not,
    }
}

/// Prints judgements in the form asked for; each belongs to the path at its place.
///
/// # Errors
/// When they cannot be written.
pub fn print_paths(
    arguments: &JudgeArgs,
    globals: &Globals,
    files: &[PathBuf],
    checks: &[FileCheck],
) -> Result<(), CliError> {
    let style = arguments.style(globals);
    let mut out = BufWriter::new(io::stdout().lock());
    let paths: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
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
        Output::Csv => save::write_csv(&mut out, paths.iter().map(AsRef::as_ref).zip(checks), style)?,
        Output::Text => {
            // A file that could not be read has had its sentence.
            for (path, check) in
                files.iter().zip(checks).filter(|(_, check)| !check.findings.is_empty() || check.digest.is_some())
            {
                let shown = lines::numbered(path, check, terminal::shown(check));
                terminal::file(&mut out, &path.to_string_lossy(), check, &shown, style)?;
            }
            terminal::closing(&mut out, checks, style, arguments.policy == Some(Policy::GoodLines))?;
        }
    }
    out.flush()?;
    Ok(())
}
