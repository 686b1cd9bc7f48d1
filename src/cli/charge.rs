//! `caruman charge`: late interest and compounds, notices of PERKESO, appeals.

use std::io::{self, BufWriter, Write};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::table::{Row, one, print_columns_or};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{ChargeKind, ChargeState, ContributionMonth, EmployerCode, Scheme, Sen};
use crate::store::{AppealOutcome, AppealRecord, ChargeFilter, ChargeRecord};
use crate::workflow::cart::words::ringgit;
use crate::workflow::charges::{ChargeError, Notice, appeal, decide, enter, notice_of};

/// Arguments of `charge`.
#[derive(Debug, Args)]
pub struct ChargeArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Charges, by number
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only of this kind
        #[arg(long, value_name = "interest|compound")]
        kind: Option<ChargeKind>,
        /// Only in this state
        #[arg(long, value_name = "STATE")]
        state: Option<ChargeState>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One charge: how it came about, its appeals and events
    Show {
        /// Its number
        number: String,
    },
    /// Enter a notice of PERKESO
    Add(AddArgs),
    /// The employer appeals: nothing is asked until it is decided
    Appeal {
        /// Its number
        number: String,
        /// Why, for the record
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        /// Who appeals, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        by: String,
    },
    /// PERKESO's decision on an appeal: one of --waive, --cut, --keep
    #[command(group = clap::ArgGroup::new("outcome").required(true))]
    Decide {
        /// Its number
        number: String,
        /// Nothing is asked any more
        #[arg(long, group = "outcome")]
        waive: bool,
        /// So much is asked instead
        #[arg(long, group = "outcome", value_name = "RM", value_parser = Sen::from_ringgit)]
        cut: Option<Sen>,
        /// It stays as it is
        #[arg(long, group = "outcome")]
        keep: bool,
        /// Who decided: another person than who appealed, and than who entered the notice
        #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
        by: String,
    },
}

#[derive(Debug, Args)]
struct AddArgs {
    /// Who is asked
    #[arg(long, value_name = "CODE")]
    employer: String,
    /// What for
    #[arg(long, value_name = "interest|compound")]
    kind: ChargeKind,
    /// Act
    #[arg(long, value_name = "act4|act800")]
    scheme: Scheme,
    /// How much
    #[arg(long, value_name = "RM", value_parser = Sen::from_ringgit)]
    amount: Sen,
    /// The notice's reference
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    notice: String,
    /// The contribution month
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<ContributionMonth>,
    /// For interest: the ACR or ECR that was late
    #[arg(long, value_name = "NUMBER")]
    ack: Option<String>,
    /// Who enters it, for the record
    #[arg(long, value_name = "NAME", default_value = "command-line")]
    by: String,
}

const COLUMNS: [&str; 7] = ["number", "kind", "employer_code", "scheme", "month", "amount_sen", "state"];

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the step is not possible, or the result not be written.
pub fn run(arguments: &ChargeArgs, globals: &Globals) -> Result<Ended, CliError> {
    let store = office::open(globals)?.store;
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    let now = globals.now();
    match &arguments.what {
        What::List { employer, kind, state, limit } => {
            let employer_code = employer.as_deref().map(code).transpose()?;
            let filter =
                ChargeFilter { employer_code, kind: *kind, state: *state, limit: *limit, ..ChargeFilter::default() };
            let found = store.charges(&filter).map_err(|error| said(&error))?;
            print_columns_or(&mut out, globals, &COLUMNS, found.iter().map(row).collect(), "charge-none")?;
        }
        What::Show { number } => {
            let found = store.charge(&number.to_uppercase()).map_err(|error| said(&error))?;
            let mut shown = row(&found);
            let appeals = store.appeals(&found.number).map_err(|error| said(&error))?;
            shown.insert("appeals", appeals.iter().map(appeal_json).collect());
            let events = store.events(&found.number).map_err(|error| said(&error))?;
            let event = |e: &crate::store::Event| json!({"at": e.at, "who": e.who, "what": e.what, "detail": e.detail});
            shown.insert("events", events.iter().map(event).collect());
            one(&mut out, globals, shown)?;
        }
        What::Add(add) => {
            let notice = Notice {
                employer_code: add.employer.clone(),
                kind: add.kind,
                scheme: add.scheme,
                amount: add.amount,
                reference: add.notice.clone(),
                month: add.month,
                acknowledgement: add.ack.clone(),
            };
            let charge = enter(&store, &notice, &add.by, now).map_err(|error| said(&error))?;
            answer(&mut out, globals, "charge-added", &charge, None)?;
        }
        What::Appeal { number, reason, by } => {
            let charge = appeal(&store, &number.to_uppercase(), (by, reason), now).map_err(|error| match error {
                ChargeError::Locked(refusal) => CliError::said(refusal.said(globals.messages())),
                error => said(&error),
            })?;
            answer(&mut out, globals, "charge-appealed", &charge, None)?;
        }
        What::Decide { number, waive, cut, keep: _, by } => {
            let number = number.to_uppercase();
            let before = store.charge(&number).map_err(|error| said(&error))?.amount;
            let (outcome, id) = match (waive, cut) {
                (true, _) => (AppealOutcome::Waived, "charge-waived"),
                (false, Some(amount)) => (AppealOutcome::Cut(*amount), "charge-cut"),
                (false, None) => (AppealOutcome::Kept, "charge-kept"),
            };
            let charge = decide(&store, &number, outcome, by, now).map_err(|error| said(&error))?;
            answer(&mut out, globals, id, &charge, Some(before))?;
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

/// An employer's code as it is kept.
///
/// # Errors
/// One sentence.
pub(super) fn code(written: &str) -> Result<String, CliError> {
    let (_, code) = EmployerCode::read(written);
    code.map(|code| code.to_string()).ok_or_else(|| CliError::said(format!("\"{written}\" is not an employer code")))
}

fn answer(
    out: &mut impl Write,
    globals: &Globals,
    id: &str,
    charge: &ChargeRecord,
    before: Option<Sen>,
) -> Result<(), CliError> {
    if globals.output != Output::Text {
        return one(out, globals, row(charge));
    }
    let values = [
        ("number", charge.number.clone()),
        ("amount", ringgit(charge.amount)),
        ("before", ringgit(before.unwrap_or_default())),
    ];
    Ok(writeln!(out, "{}", globals.messages().with(id, &values))?)
}

fn row(charge: &ChargeRecord) -> Row {
    let basis: Value = serde_json::from_str(&charge.basis).unwrap_or_default();
    Row::from([
        ("number", json!(charge.number)),
        ("kind", json!(charge.kind.id())),
        ("employer_code", json!(charge.employer_code)),
        ("scheme", json!(charge.scheme.id())),
        ("acknowledgement", json!(charge.acknowledgement)),
        ("month", json!(charge.month)),
        ("assessed_sen", json!(charge.assessed)),
        ("amount_sen", json!(charge.amount)),
        ("state", json!(charge.state.id())),
        ("assessed_on", json!(charge.assessed_on)),
        ("notice", json!(notice_of(charge))),
        ("basis", basis),
    ])
}

fn appeal_json(appeal: &AppealRecord) -> Value {
    let cut = if let Some(AppealOutcome::Cut(amount)) = appeal.outcome { Some(amount) } else { None };
    json!({
        "at": appeal.applied_at,
        "who": appeal.applied_by,
        "what": appeal.outcome.map_or("open", AppealOutcome::id),
        "detail": appeal.reason,
        "decided_at": appeal.decided_at,
        "decided_by": appeal.decided_by,
        "amount_sen": cut,
    })
}
