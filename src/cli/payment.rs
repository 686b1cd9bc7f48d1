//! `caruman payment`: attempts looked up, asked about, given up.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::office::Office;
use super::pay::{banks, model};
use super::payment_history::{list, show};
use super::table::{Row, one, print_columns};
use super::{CliError, Ended, Globals, Output, office, read_file};
use crate::domain::{PaymentModel, PaymentState};
use crate::fpx::http::HttpTransport;
use crate::fpx::message::Channel;
use crate::store::payments::PaymentFilter;
use crate::workflow::cancel::cancel;
use crate::workflow::merchant::Merchant;
use crate::workflow::requery::{Asked, Asking, Run, requery, requery_all};
use crate::workflow::settle::{Incoming, Outcome, accept_failure, settle};

/// Between two questions to FPX.
pub(super) const PACE: Duration = Duration::from_millis(200);

/// Arguments of `payment`.
#[derive(Debug, Args)]
pub struct PaymentArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Payment history, newest first: over FPX (P-…) and at a counter, by transfer or cheque (O-…)
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only in this state; what came outside FPX is paid
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<PaymentState>,
        /// Only those that pay this acknowledgement or charge
        #[arg(long, value_name = "NUMBER")]
        reference: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One payment: what it pays, what FPX said, its receipts and events
    Show {
        /// Its number
        number: String,
    },
    /// Ask FPX what became of a payment, or of everything that is not finished
    Requery {
        /// Its number
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        number: Option<String>,
        /// Everything that is not finished
        #[arg(long)]
        all: bool,
    },
    /// Give a payment up, where FPX cannot know it or says that it does not
    Cancel {
        /// Its number
        number: String,
        /// Who decides, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        by: String,
    },
    /// A person asked the bank after a fault of the system: no money was taken, the items can be paid again
    AcceptFailure {
        /// Its number
        number: String,
        /// What the bank said, for the record
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who decides, for the record
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Settle a message of FPX that was kept in a file, as if it came now
    Receive {
        /// Which way it came
        #[arg(long, value_enum, default_value_t = Way::Direct)]
        channel: Way,
        /// The body of the message
        file: PathBuf,
    },
    /// Enter what was paid at a counter, by transfer or cheque
    Offline(super::offline::OfflineArgs),
    /// The banks of FPX, as it names them now
    Banks {
        /// Personal or corporate
        #[arg(long, value_name = "b2c|b2b1", value_parser = model)]
        model: PaymentModel,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Way {
    /// From FPX's server
    Direct,
    /// Through the browser
    Indirect,
}

fn state(text: &str) -> Result<PaymentState, String> {
    let known = || PaymentState::ALL.map(PaymentState::id).join(", ");
    PaymentState::from_id(&text.to_lowercase()).ok_or_else(|| format!("\"{text}\" is not a state: {}", known()))
}

/// Runs the command.
///
/// # Errors
/// When the store or FPX cannot be used, the step is not possible, or the result not be written.
pub fn run(arguments: &PaymentArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let now = globals.now();
    match &arguments.what {
        What::Offline(arguments) => super::offline::run(arguments, &office, globals),
        What::List { employer, state, reference, limit } => {
            let filter = PaymentFilter {
                employer_code: employer.as_ref().map(|code| code.trim().to_uppercase()),
                state: *state,
                reference: reference.as_ref().map(|number| number.to_uppercase()),
                limit: *limit,
            };
            list(&office, globals, &filter)
        }
        What::Show { number } => show(&office, globals, &number.to_uppercase()),
        What::Requery { number, .. } => ask(&office, globals, number.as_deref()),
        What::Cancel { number, by } => {
            let number = number.to_uppercase();
            with_fpx(&office, globals, |asking| {
                cancel(asking, &number, by, now).map_err(|error| CliError::said(error.to_string()))
            })?;
            show(&office, globals, &number)
        }
        What::AcceptFailure { number, reason, by } => {
            let (merchant, number) = (office.merchant(globals)?, number.to_uppercase());
            let desk = merchant.desk(&office.store, &office.issuer);
            accept_failure(&desk, &number, (by, reason), now).map_err(|error| CliError::said(error.to_string()))?;
            show(&office, globals, &number)
        }
        What::Receive { channel, file } => receive(&office, globals, *channel, file),
        What::Banks { model } => list_banks(&office, globals, *model),
    }
}

/// Runs something that asks FPX.
fn with_fpx<T>(
    office: &Office,
    globals: &Globals,
    task: impl FnOnce(&Asking<'_>) -> Result<T, CliError>,
) -> Result<T, CliError> {
    let merchant: Merchant = office.merchant(globals)?;
    let transport = HttpTransport::new(merchant.host.clone()).map_err(|error| CliError::said(error.to_string()))?;
    let (store, issuer) = (&office.store, office.issuer.as_str());
    let seed = u64::from(std::process::id());
    task(&Asking { store, merchant: &merchant, transport: &transport, issuer, seed })
}

fn ask(office: &Office, globals: &Globals, number: Option<&str>) -> Result<Ended, CliError> {
    let now = globals.now();
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let Some(number) = number.map(str::to_uppercase) else {
        let clock = || globals.now();
        let run = with_fpx(office, globals, |asking| {
            requery_all(asking, &|| std::thread::sleep(PACE), &clock).map_err(|error| said(&error))
        })?;
        let Run { asked, answered, faults } = run;
        let mut out = BufWriter::new(io::stdout().lock());
        if globals.output == Output::Text {
            writeln!(out, "FPX was asked about {asked} payments and answered {answered}.")?;
        } else {
            let values = [("asked", json!(asked)), ("answered", json!(answered)), ("faults", json!(faults))];
            one(&mut out, globals, Row::from(values))?;
        }
        out.flush()?;
        return Ok(if faults == 0 && answered == asked { Ended::Well } else { Ended::WithFindings });
    };
    let asked = with_fpx(office, globals, |asking| requery(asking, &number, now).map_err(|error| said(&error)))?;
    match asked {
        Asked::Answered { .. } => show(office, globals, &number),
        Asked::NoAnswer(reason) => {
            Err(CliError::said(format!("nothing is known of payment {number}: {reason}; it is asked again by itself")))
        }
        Asked::NeverSent => {
            Err(CliError::said(format!("the page of payment {number} was never fetched: FPX cannot know it")))
        }
        Asked::UnderWay => Err(CliError::said(format!("FPX was asked about payment {number} a moment ago"))),
    }
}

fn receive(office: &Office, globals: &Globals, way: Way, file: &PathBuf) -> Result<Ended, CliError> {
    let merchant = office.merchant(globals)?;
    let channel = match way {
        Way::Direct => Channel::Direct,
        Way::Indirect => Channel::Indirect,
    };
    let incoming = Incoming { channel, body: read_file(file)? };
    let desk = merchant.desk(&office.store, &office.issuer);
    let outcome = settle(&desk, &[incoming], globals.now()).map_err(|error| CliError::said(error.to_string()))?.pop();
    match outcome {
        Some(Outcome::Applied { payment, .. } | Outcome::Repeat { payment, taken: true }) => {
            show(office, globals, &payment)
        }
        Some(Outcome::Exception { payment, case }) => Err(CliError::said(format!(
            "the message is signed, but not about payment {payment} as it was sent: it was put aside as case {case}"
        ))),
        Some(Outcome::Repeat { payment, .. }) => {
            Err(CliError::said(format!("the message about payment {payment} was put aside before")))
        }
        Some(Outcome::Stray { reason, .. }) => Err(CliError::said(format!("the message was put aside: {reason}"))),
        None => Err(CliError::said("the message was not settled")),
    }
}

fn list_banks(office: &Office, globals: &Globals, model: PaymentModel) -> Result<Ended, CliError> {
    let merchant = office.merchant(globals)?;
    let offered = banks(&merchant)?.offers(model, globals.now());
    let rows = offered.banks.iter().map(|bank| {
        let values: [(&'static str, Value); 5] = [
            ("code", json!(bank.code)),
            ("name", json!(bank.name)),
            ("state", json!(if bank.offline { "offline" } else { "open" })),
            ("as_of", json!(offered.as_of)),
            ("stale", json!(offered.stale)),
        ];
        Row::from(values)
    });
    let mut out = BufWriter::new(io::stdout().lock());
    print_columns(&mut out, globals, &["code", "name", "state"], rows.collect())?;
    if globals.output == Output::Text && offered.as_of.is_none() {
        writeln!(out, "FPX has not said which banks are open; all banks are shown.")?;
    }
    out.flush()?;
    Ok(Ended::Well)
}
