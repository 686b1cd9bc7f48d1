//! `caruman ack`: acknowledgements looked up and printed.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::office::Office;
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{ContributionMonth, Scheme};
use crate::notify::{Envelope, MailAddress};
use crate::store::{AcknowledgementRecord, Filter};
use crate::workflow::cart::locked_by;
use crate::workflow::frozen::Frozen;
use crate::workflow::mail::mail_acknowledgement;
use crate::workflow::print::{Form, print_form};
use crate::workflow::withdraw::withdraw;

/// Arguments of `ack`.
#[derive(Debug, Args)]
pub struct AckArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Acknowledgements, newest first
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only this contribution month
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<ContributionMonth>,
        /// Only this Act
        #[arg(long, value_name = "act4|act800")]
        scheme: Option<Scheme>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One acknowledgement: its months, amounts and events
    Show {
        /// Its number
        number: String,
    },
    /// Withdraw one that is not paid; its number is never used again
    Withdraw {
        /// Its number
        number: String,
        /// Why, for the record
        #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        /// Who decides, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        by: String,
    },
    /// Print to a PDF
    Print {
        /// Its number
        number: String,
        /// Where to; NUMBER.pdf in this folder when left out
        #[arg(short, long, value_name = "FILE.pdf")]
        out: Option<PathBuf>,
        /// What to print
        #[arg(long, value_enum, default_value_t = FormArg::Acknowledgement)]
        form: FormArg,
    },
    /// Write a mail that carries the ACR or ECR as PDF; with --send it is sent, too
    ///
    /// The mail is written to a file in the form that mail programs open (.eml), in the language of --lang. Without
    /// --send, sending it is left to a mail program; with it, it goes to the server of [mail] in the configuration.
    Mail {
        /// Its number
        number: String,
        /// Who receives it
        #[arg(long, value_name = "ADDRESS")]
        to: MailAddress,
        /// Who sends it; mail_from of the configuration when left out
        #[arg(long, value_name = "ADDRESS")]
        from: Option<MailAddress>,
        /// Where to; NUMBER.eml in this folder when left out
        #[arg(short, long, value_name = "FILE.eml")]
        out: Option<PathBuf>,
        /// Hand it to the mail server of the configuration
        #[arg(long)]
        send: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormArg {
    /// The ACR or ECR
    Acknowledgement,
    /// The monthly schedule of Act 4 on paper
    #[value(name = "borang-8a")]
    Borang8a,
    /// The monthly list of Act 800 on paper
    #[value(name = "lampiran-1")]
    Lampiran1,
    /// The months and people as an arrears list
    Arrears,
    /// New employees
    Joiners,
    /// Those who left or died
    Leavers,
}

impl From<FormArg> for Form {
    fn from(form: FormArg) -> Form {
        match form {
            FormArg::Acknowledgement => Form::Acknowledgement,
            FormArg::Borang8a => Form::Borang8a,
            FormArg::Lampiran1 => Form::Lampiran1,
            FormArg::Arrears => Form::Arrears,
            FormArg::Joiners => Form::Joiners,
            FormArg::Leavers => Form::Leavers,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the number is not known, or the result not be written.
pub fn run(arguments: &AckArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let said = |error: crate::store::StoreError| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    match &arguments.what {
        What::List { employer, month, scheme, limit } => {
            let filter = Filter {
                employer_code: employer.clone(),
                month: *month,
                scheme: *scheme,
                limit: *limit,
                ..Filter::default()
            };
            let found = office.store.acknowledgements(&filter).map_err(said)?;
            super::table::print(&mut out, globals, found.iter().map(row).collect())?;
        }
        What::Show { number } => {
            let found = office.store.acknowledgement(&number.to_uppercase()).map_err(said)?;
            let mut shown = row(&found);
            let frozen: Value = serde_json::from_str(&found.frozen).unwrap_or(Value::Null);
            if globals.output == Output::Text {
                for (name, key) in [
                    ("months", "months"),
                    ("kind", "kind"),
                    ("employer_name", "employer_name"),
                    ("file_name", "file_name"),
                    ("sent_by", "sent_by"),
                    ("approved_by", "approved_by"),
                    ("held_lines", "held_lines"),
                ] {
                    shown.insert(name, frozen[key].clone());
                }
            } else {
                shown.insert("frozen", frozen);
            }
            let events = office.store.events(&found.number).map_err(said)?;
            let events = events.iter().map(|e| json!({ "at": e.at, "who": e.who, "what": e.what, "detail": e.detail }));
            shown.insert("events", events.collect());
            super::table::one(&mut out, globals, shown)?;
        }
        What::Withdraw { number, reason, by } => {
            let number = number.to_uppercase();
            not_locked(&office.store, &number, globals)?;
            withdraw(&office.store, &number, (by, reason), globals.now()).map_err(said)?;
            let found = office.store.acknowledgement(&number).map_err(said)?;
            super::table::print(&mut out, globals, vec![row(&found)])?;
        }
        What::Print { number, out: to, form } => {
            let number = number.to_uppercase();
            let bytes = print_form(&office.store, &number, (*form).into(), globals.now());
            let bytes = bytes.map_err(|error| CliError::said(error.to_string()))?;
            let path = to.clone().unwrap_or_else(|| default_path(&number, *form));
            write_whole(&path, &bytes)?;
            writeln!(out, "{}", path.display())?;
        }
        What::Mail { number, to, from, out: file, send } => {
            let number = number.to_uppercase();
            let from = from.as_ref();
            let path = file.clone().unwrap_or_else(|| format!("{number}.eml").into());
            let sent = mail(&office, globals, &Letter { number: &number, from, to, path: &path, send: *send })?;
            writeln!(out, "{}", path.display())?;
            if let Some(server) = sent {
                writeln!(out, "sent to {} over {server}", to)?;
            }
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

/// A mail to write.
struct Letter<'a> {
    number: &'a str,
    from: Option<&'a MailAddress>,
    to: &'a MailAddress,
    path: &'a Path,
    send: bool,
}

/// Writes a mail, and sends it where that is wanted; gives the server that took it.
fn mail(office: &Office, globals: &Globals, letter: &Letter<'_>) -> Result<Option<String>, CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    // What is told in full needs no settings.
    let settings = if letter.send || letter.from.is_none() { office.mail_settings()? } else { None };
    let from = letter.from.cloned().or_else(|| settings.as_ref().map(|settings| settings.from.clone()));
    let nobody = || CliError::said("say who sends it: --from, or mail_from in the configuration");
    let envelope = Envelope {
        from: from.ok_or_else(nobody)?,
        to: letter.to.clone(),
        at: globals.now(),
        language: globals.language(),
    };
    let server = settings.and_then(|settings| settings.server);
    if letter.send && server.is_none() {
        return Err(CliError::said(
            "no mail server is set; add server to [mail] in the configuration, or leave out --send",
        ));
    }
    let bytes = mail_acknowledgement(&office.store, letter.number, &envelope).map_err(|error| said(&error))?;
    write_whole(letter.path, &bytes)?;
    let Some(server) = server.filter(|_| letter.send) else { return Ok(None) };
    let sent = server.connect().and_then(|mut line| line.send(&envelope.from, &envelope.to, &bytes));
    let kept = letter.path.display();
    sent.map_err(|fault| CliError::said(format!("the mail was written to {kept} and not sent: {fault}")))?;
    Ok(Some(server.place()))
}

fn default_path(number: &str, form: FormArg) -> PathBuf {
    let form = form.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    if form == "acknowledgement" { format!("{number}.pdf").into() } else { format!("{number}-{form}.pdf").into() }
}

/// Writes a file so that it is there whole or not at all.
///
/// # Errors
/// One sentence that names the file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let part = path.with_extension("part");
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        // Nothing half written stays behind; if it cannot be removed there is nothing more to do about it.
        let _ = std::fs::remove_file(&part);
        CliError::said(format!("{} cannot be written: {error}", path.display()))
    })
}

fn row(found: &AcknowledgementRecord) -> BTreeMap<&'static str, Value> {
    let frozen: Option<Frozen> = serde_json::from_str(&found.frozen).ok();
    let months = frozen.map(|frozen| frozen.months.iter().map(|m| m.month.to_string()).collect::<Vec<_>>());
    BTreeMap::from([
        ("number", json!(found.number)),
        ("employer_code", json!(found.employer_code)),
        ("scheme", json!(found.scheme.id())),
        ("state", json!(found.state.id())),
        ("months", json!(months.unwrap_or_default())),
        ("people", json!(found.people)),
        ("total_sen", json!(found.total)),
        ("received_at", json!(found.received_at)),
    ])
}

/// What a payment or a cart holds cannot be withdrawn.
fn not_locked(store: &crate::store::Store, number: &str, globals: &Globals) -> Result<(), CliError> {
    let locked = locked_by(store, number).map_err(|error| CliError::said(error.to_string()))?;
    locked.map_or(Ok(()), |refusal| Err(CliError::said(refusal.said(globals.messages()))))
}
