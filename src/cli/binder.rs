//! `caruman binder`: everything of one employer and month in one file, and its proof.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::ack::write_whole;
use super::receipt::not_genuine;
use super::table::{Row, one};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::ContributionMonth;
use crate::workflow::binder::{ArchiveFault, BinderOf, check_archive, write_binder};

/// Arguments of `binder`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BinderArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// Whose
    #[arg(long, value_name = "CODE", required = true)]
    employer: Option<String>,
    /// Which contribution month
    #[arg(long, value_name = "YYYY-MM", required = true)]
    month: Option<ContributionMonth>,
    /// Where to; CODE-YYYY-MM.zip in this folder when left out
    #[arg(short, long, value_name = "FILE.zip")]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prove a binder, offline: exit status 1 when anything in it was changed
    Verify {
        /// The binder
        file: PathBuf,
        /// The issuer's public key, or a file with it; the data folder's key when left out
        #[arg(long, value_name = "PUBLIC")]
        key: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, nothing was handed in, or the result not be written.
pub fn run(arguments: &BinderArgs, globals: &Globals) -> Result<Ended, CliError> {
    let mut out = io::stdout().lock();
    match (&arguments.what, &arguments.employer, arguments.month) {
        (Some(What::Verify { file, key }), ..) => verify(&mut out, file, key.as_deref(), globals),
        (None, Some(employer), Some(month)) => {
            let office = office::open(globals)?;
            let key = office.receipt_key(globals)?;
            let employer = employer.to_uppercase();
            let of =
                BinderOf { employer_code: &employer, month, issuer: &office.issuer, key: &key, now: globals.now() };
            let written = write_binder(&office.store, &office.vault, &of, None, Cursor::new(Vec::new()));
            let bytes = written.map_err(|error| CliError::said(error.to_string()))?.into_inner();
            let path = arguments.out.clone().unwrap_or_else(|| format!("{employer}-{month}.zip").into());
            write_whole(&path, &bytes)?;
            writeln!(out, "{}", path.display())?;
            Ok(Ended::Well)
        }
        _ => Err(CliError::said("name the employer and the month: --employer CODE --month YYYY-MM")),
    }
}

fn verify(out: &mut impl Write, path: &PathBuf, key: Option<&str>, globals: &Globals) -> Result<Ended, CliError> {
    let key = office::public_key(key, globals)?;
    let file = File::open(path);
    let file = file.map_err(|error| CliError::said(format!("{} cannot be read: {error}", path.display())))?;
    match check_archive(BufReader::new(file), &key) {
        Ok(manifest) => {
            if globals.output == Output::Text {
                writeln!(out, "GENUINE")?;
            }
            let row = Row::from([
                ("genuine", json!(true)),
                ("employer_code", json!(manifest.about.employer_code)),
                ("month", json!(manifest.about.month)),
                ("issuer", json!(manifest.about.issuer)),
                ("entries", json!(manifest.entries.len())),
            ]);
            one(out, globals, row)?;
            Ok(Ended::Well)
        }
        Err(fault @ (ArchiveFault::Changed(_) | ArchiveFault::Code(_))) => {
            not_genuine(out, &fault.to_string(), globals)
        }
        Err(fault) => Err(CliError::said(fault.to_string())),
    }
}
