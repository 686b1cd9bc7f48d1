//! `caruman payment offline`: evidence of payment at a counter, by transfer or cheque, entered or imported.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::{Value, json};

use super::office::Office;
use super::{CliError, Ended, Globals, Output, read_file};
use crate::domain::{PaidBy, Sen};
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::workflow::cart::words::ringgit;
use crate::workflow::offline::{Evidence, Fault, Settled, import, settle_offline};

/// Arguments of `payment offline`.
#[derive(Debug, Args)]
pub struct OfflineArgs {
    /// How the money came
    #[arg(long, value_name = "counter|transfer|cheque", required_unless_present = "import")]
    means: Option<PaidBy>,
    /// What was paid: an ACR, ECR or charge; again for each
    #[arg(long = "ack", value_name = "NUMBER", required_unless_present = "import")]
    references: Vec<String>,
    /// The exact amount of all of them; with or without the late interest of the day of payment
    #[arg(long, value_name = "RM", value_parser = Sen::from_ringgit, required_unless_present = "import")]
    amount: Option<Sen>,
    /// The day of payment
    #[arg(long, value_name = "YYYY-MM-DD", required_unless_present = "import")]
    paid_on: Option<NaiveDate>,
    /// Cheque number, transfer reference or counter slip
    #[arg(long, value_name = "TEXT", required_unless_present = "import", value_parser = NonEmptyStringValueParser::new())]
    evidence: Option<String>,
    /// The bank
    #[arg(long, value_name = "NAME", default_value = "")]
    bank: String,
    /// Many at once: a file with the columns acknowledgement,means,paid_on,amount_rm,evidence,bank; rows of one evidence
    /// are one payment
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["means", "references", "amount", "paid_on", "evidence", "bank"])]
    import: Option<PathBuf>,
    /// Who enters it, for the record
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    by: String,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the evidence is refused, or the result not be written.
pub fn run(arguments: &OfflineArgs, office: &Office, globals: &Globals) -> Result<Ended, CliError> {
    let (messages, book, now) = (globals.messages(), RateBook::embedded(), globals.now());
    let mut out = BufWriter::new(io::stdout().lock());
    let (settled, faults) = match (&arguments.import, entered(arguments)) {
        (Some(path), _) => {
            let bytes = read_file(path)?;
            let done = import(&office.store, book, &office.issuer, &bytes, (messages, &arguments.by, now));
            let done = done.map_err(|error| CliError::said(error.said(messages)))?;
            (done.settled, done.faults)
        }
        (None, Some(evidence)) => {
            let done = settle_offline(&office.store, book, &office.issuer, &evidence, (&arguments.by, now));
            (vec![done.map_err(|error| CliError::said(error.said(messages)))?], Vec::new())
        }
        (None, None) => return Err(CliError::said("say what was paid, or give a file with --import")),
    };
    print(&mut out, globals, office, &settled, &faults)?;
    out.flush()?;
    Ok(if faults.is_empty() { Ended::Well } else { Ended::WithFindings })
}

fn entered(arguments: &OfflineArgs) -> Option<Evidence> {
    Some(Evidence {
        means: arguments.means?,
        references: arguments.references.clone(),
        amount: arguments.amount?,
        paid_on: arguments.paid_on?,
        evidence: arguments.evidence.clone()?,
        bank: arguments.bank.clone(),
    })
}

fn print(
    out: &mut impl Write,
    globals: &Globals,
    office: &Office,
    settled: &[Settled],
    faults: &[Fault],
) -> Result<(), CliError> {
    let messages = globals.messages();
    if globals.output != Output::Text {
        let faults: Vec<Value> =
            faults.iter().map(|fault| json!({ "line": fault.line, "message": fault.said(messages) })).collect();
        let document = json!({ "payments": settled.iter().map(settled_json).collect::<Vec<_>>(), "faults": faults });
        serde_json::to_writer_pretty(&mut *out, &document).map_err(io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    for one in settled {
        for sentence in said(one, office, messages)? {
            writeln!(out, "{sentence}")?;
        }
    }
    for fault in faults {
        writeln!(out, "{}", fault.said(messages))?;
    }
    Ok(())
}

fn said(one: &Settled, office: &Office, messages: &Messages) -> Result<Vec<String>, CliError> {
    let values = [("number", one.number.clone()), ("amount", ringgit(one.amount))];
    let mut said = vec![messages.with("offline-settled", &values)];
    for (scheme, receipt) in &one.receipts {
        let scheme = messages.text(&format!("label-{}", scheme.id()));
        let values = [("number", receipt.clone()), ("scheme", scheme)];
        said.push(messages.with("offline-receipt", &values));
    }
    for charge in &one.charges {
        let amount = office.store.charge(charge).map_err(|error| CliError::said(error.to_string()))?.amount;
        let values = [("number", charge.clone()), ("amount", ringgit(amount))];
        said.push(messages.with("offline-interest", &values));
    }
    Ok(said)
}

fn settled_json(one: &Settled) -> Value {
    let receipt =
        |(scheme, number): &(crate::domain::Scheme, String)| json!({ "scheme": scheme.id(), "number": number });
    json!({
        "number": one.number,
        "employer_code": one.employer_code,
        "amount_sen": one.amount,
        "receipts": one.receipts.iter().map(receipt).collect::<Vec<_>>(),
        "charges": one.charges,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        arguments: OfflineArgs,
    }

    #[test]
    fn evidence_is_entered_whole_or_imported() {
        Alone::command().debug_assert();
        let read = |line: &str| Alone::try_parse_from(["x"].into_iter().chain(line.split(' '))).map(|a| a.arguments);
        let whole = "--means cheque --ack ACR1 --ack ECR1 --amount 1,000.50 --paid-on 2026-11-10 --evidence 1 --by x";
        let evidence = entered(&read(whole).expect("whole")).expect("evidence");
        assert_eq!((evidence.amount, evidence.references.len()), (Sen(100_050), 2));
        for missing in ["--means cheque ", "--ack ACR1 --ack ECR1 ", "--amount 1,000.50 ", "--evidence 1 ", " --by x"] {
            assert!(read(&whole.replace(missing, "")).is_err(), "{missing}");
        }
        assert!(read("--import evidence.csv --by x").is_ok());
        assert!(read(&format!("{whole} --import evidence.csv")).is_err());
    }
}
