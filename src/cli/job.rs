//! `caruman job`: what runs by the clock, once.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::office::Office;
use super::payment::PACE;
use super::table::{Row, one, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::fpx::http::HttpTransport;
use crate::fpx::transport::Transport;
use crate::keys::ReceiptKey;
use crate::notify::MailSettings;
use crate::store::StoreError;
use crate::store::books::OutboxRecord;
use crate::store::outbox::GIVEN_UP;
use crate::worker::{Work, run as run_job, timetables};
use crate::workflow::merchant::Merchant;
use crate::workflow::outbox::Outbox;
use crate::workflow::page_word::PageWords;
use crate::workflow::receipt::signing_key;
use crate::workflow::requery::Asking;

/// Arguments of `job`.
#[derive(Debug, Args)]
pub struct JobArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every job and how often it runs
    List,
    /// Run a job once; two runs of one job never overlap
    Run {
        /// Its name
        name: String,
    },
    /// What waits to go out, and what was given up
    Outbox {
        /// Try these from the beginning, at the job's next run
        #[arg(long, value_name = "ENTRY")]
        again: Vec<i64>,
        /// At most so many of each
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// What jobs need, opened once.
pub(super) struct Bench {
    pub merchant: Option<Merchant>,
    pub transport: Option<Arc<dyn Transport>>,
    pub key: ReceiptKey,
    pub words: PageWords,
    pub mail: Option<MailSettings>,
}

impl Bench {
    /// Opens keys, and the way to FPX where it is set up.
    pub(super) fn open(office: &Office, globals: &Globals) -> Result<Bench, CliError> {
        let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
        let now = globals.now();
        let merchant = if office.fpx.is_some() { Some(office.merchant(globals)?) } else { None };
        let transport = match &merchant {
            Some(merchant) => {
                let transport = HttpTransport::new(merchant.host.clone()).map_err(|error| said(&error))?;
                Some(Arc::new(transport) as Arc<dyn Transport>)
            }
            None => None,
        };
        Ok(Bench {
            merchant,
            transport,
            key: signing_key(&office.store, &office.data, now).map_err(|error| said(&error))?,
            words: PageWords::open(&office.store, now).map_err(|error| said(&error))?,
            mail: office.mail_settings()?,
        })
    }

    /// Runs a job.
    pub(super) fn run(
        &self,
        office: &Office,
        globals: &Globals,
        (name, seed): (&str, u64),
    ) -> Result<Option<String>, crate::worker::JobError> {
        let (store, issuer) = (&office.store, office.issuer.as_str());
        let asking = match (&self.merchant, &self.transport) {
            (Some(merchant), Some(transport)) => {
                Some(Asking { store, merchant, transport: transport.as_ref(), issuer, seed })
            }
            _ => None,
        };
        let folder = office.data.join("mail");
        let address = office.address("");
        let outbox = Outbox {
            store,
            key: &self.key,
            issuer,
            from: self.mail.as_ref().map(|mail| &mail.from),
            server: self.mail.as_ref().and_then(|mail| mail.server.as_ref()),
            folder: &folder,
            words: &self.words,
            public_url: address.as_deref(),
        };
        let (pace, clock) = (|| std::thread::sleep(PACE), || globals.now());
        let (pace, clock): (&dyn Fn(), &dyn Fn() -> _) = (&pace, &clock);
        run_job(name, &Work { asking: asking.as_ref(), outbox: &outbox, data: &office.data, pace, clock })
    }
}

/// Runs the command.
///
/// # Errors
/// When the store or FPX cannot be used, there is no such job, or the result not be written.
pub fn run(arguments: &JobArgs, globals: &Globals) -> Result<Ended, CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match &arguments.what {
        What::List => {
            let rows = timetables().iter().map(|job| {
                let values: [(&'static str, Value); 3] =
                    [("name", json!(job.name)), ("every_minutes", json!(job.every_minutes)), ("what", json!(job.what))];
                Row::from(values)
            });
            print_columns(&mut out, globals, &["name", "every_minutes", "what"], rows.collect())?;
        }
        What::Run { name } => {
            let office = office::open(globals)?;
            let bench = Bench::open(&office, globals)?;
            let seed = u64::from(std::process::id());
            let said = bench.run(&office, globals, (name, seed)).map_err(|error| CliError::said(error.to_string()))?;
            let text = said.clone().unwrap_or_else(|| format!("{name} is running already; nothing was done"));
            if globals.output == Output::Text {
                writeln!(out, "{text}")?;
            } else {
                let values = [("name", json!(name)), ("ran", json!(said.is_some())), ("said", json!(text))];
                one(&mut out, globals, Row::from(values))?;
            }
        }
        What::Outbox { again, limit } => {
            let office = office::open(globals)?;
            let said = |error: StoreError| CliError::said(error.to_string());
            if !again.is_empty() {
                let mut group = office.store.begin_group().map_err(said)?;
                for entry in again {
                    group.outbox_from_the_beginning(*entry, globals.now()).map_err(said)?;
                }
                group.commit().map_err(said)?;
            }
            let waiting = office.store.outbox_waiting(*limit).map_err(said)?;
            let lost = office.store.outbox_lost(*limit).map_err(said)?;
            let lost = lost.iter().map(|entry| entry_row(entry, "given-up"));
            let rows = waiting.iter().map(|entry| entry_row(entry, "waiting")).chain(lost);
            let columns = ["entry", "state", "kind", "subject", "due_at", "attempts", "note"];
            print_columns(&mut out, globals, &columns, rows.collect())?;
        }
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn entry_row(entry: &OutboxRecord, state: &str) -> Row {
    Row::from([
        ("entry", json!(entry.id)),
        ("state", json!(state)),
        ("kind", json!(entry.kind)),
        ("subject", json!(entry.subject)),
        ("employer_code", json!(entry.employer_code)),
        ("due_at", json!(entry.due_at)),
        ("attempts", json!(entry.attempts)),
        ("note", json!(entry.note.strip_prefix(GIVEN_UP).unwrap_or(&entry.note))),
    ])
}
