//! `caruman slip`: a slip for one employee that proves itself.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::ack::write_whole;
use super::receipt::not_genuine;
use super::table::{Row, one};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{ContributionMonth, IdentityNumber, Sen};
use crate::workflow::receipt::PaidReferences;
use crate::workflow::slip::{SlipError, SlipFault, SlipOf, make_slip, verify_slip};

/// Arguments of `slip`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SlipArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// Of which acknowledgement (ACR or ECR)
    #[arg(long, value_name = "NUMBER", required = true)]
    ack: Option<String>,
    /// Identity number of the employee
    #[arg(long, value_name = "NUMBER", required = true)]
    id: Option<String>,
    /// Only this month, where the acknowledgement has several
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<ContributionMonth>,
    /// Where to: a PDF to hand over, or the proof alone as JSON
    #[arg(short, long, value_name = "FILE.pdf|FILE.json", required = true)]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Prove a slip, offline: exit status 1 when it is not genuine
    Verify {
        /// The slip, PDF or JSON
        file: PathBuf,
        /// The issuer's public key, or a file with it; the data folder's key when left out
        #[arg(long, value_name = "PUBLIC")]
        key: Option<String>,
    },
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the person is not on the acknowledgement, or the result not be written.
pub fn run(arguments: &SlipArgs, globals: &Globals) -> Result<Ended, CliError> {
    let mut out = io::stdout().lock();
    if let Some(What::Verify { file, key }) = &arguments.what {
        return verify(&mut out, file, key.as_deref(), globals);
    }
    let (Some(number), Some(id), Some(path)) = (&arguments.ack, &arguments.id, &arguments.out) else {
        return Err(CliError::said("name the acknowledgement, the employee and the file: --ack, --id, --out"));
    };
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase()).unwrap_or_default();
    if ending != "pdf" && ending != "json" {
        return Err(CliError::said(format!("{} must end in .pdf or .json", path.display())));
    }
    let said = |error: SlipError| CliError::said(error.to_string());
    let office = office::open(globals)?;
    let (number, id) = (number.to_uppercase(), IdentityNumber::new(id));
    let record = office.store.acknowledgement(&number).map_err(|error| said(error.into()))?;
    let paid = PaidReferences::of(&office.store, &record.employer_code).map_err(|error| said(error.into()))?;
    let of = SlipOf { number: &number, id_number: &id, month: arguments.month, receipt: paid.get(&number).cloned() };
    let key = office.receipt_key(globals)?;
    let slip = make_slip(&office.store, &key, &of, globals.now()).map_err(said)?;
    let bytes = if ending == "pdf" { slip.pdf(&key).map_err(said)? } else { slip.json() };
    write_whole(path, &bytes)?;
    writeln!(out, "{}", path.display())?;
    Ok(Ended::Well)
}

fn verify(out: &mut impl Write, path: &Path, key: Option<&str>, globals: &Globals) -> Result<Ended, CliError> {
    let key = office::public_key(key, globals)?;
    let (statement, proof) = match verify_slip(&super::read_file(&path.to_owned())?, &key) {
        Ok(found) => found,
        Err(fault @ SlipFault::NotASlip(_)) => return Err(CliError::said(fault.to_string())),
        Err(fault) => return not_genuine(out, &fault.to_string(), globals),
    };
    let own: Sen = proof.lines.iter().map(|line| line.line.total_sen).sum();
    let months: Vec<String> = proof.lines.iter().map(|line| line.line.month.to_string()).collect();
    // The slip is the employee's own: whoever holds it may read it.
    let person = &proof.lines[0].line;
    let row = Row::from([
        ("genuine", json!(true)),
        ("id_number", json!(person.id_number)),
        ("name", json!(person.name)),
        ("months", json!(months)),
        ("own_total_sen", json!(own)),
        ("acknowledgement", json!(statement.number)),
        ("scheme", json!(statement.scheme)),
        ("employer_code", json!(statement.employer_code)),
        ("people", json!(statement.people)),
        ("total_sen", json!(statement.total)),
        ("receipt", json!(Some(&statement.receipt).filter(|number| !number.is_empty()))),
        ("paid_on", json!(Some(&statement.paid_on).filter(|day| !day.is_empty()))),
        ("issuer", json!(statement.issuer)),
    ]);
    if globals.output == Output::Text {
        writeln!(out, "GENUINE")?;
    }
    one(out, globals, row)?;
    Ok(Ended::Well)
}
