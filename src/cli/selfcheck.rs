//! `caruman selfcheck`: proves that nothing is lost, doubled or changed, and keeps the day's head of the audit chain.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Ended, Globals, Output, office};
use crate::config::Config;
use crate::document::without_formula;
use crate::workflow::heads::{self, Head};
use crate::workflow::selfcheck::{Checked, Report, selfcheck, stuck};

/// Arguments of `selfcheck`.
#[derive(Debug, Args)]
pub struct SelfcheckArgs {
    /// Also open every sealed block, every list of findings and the register
    #[arg(long)]
    deep: bool,
    /// Prove that the audit chain still has every head that was kept here
    #[arg(long, value_name = "FILE|DIR")]
    head: Option<PathBuf>,
    /// When nothing is found: add the head of the audit chain to this file, or to caruman-heads.txt in this folder
    #[arg(long, value_name = "FILE|DIR")]
    write_head: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// A breach, or that it could not be looked: one sentence.
pub fn run(arguments: &SelfcheckArgs, globals: &Globals) -> Result<Ended, CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let kept = match &arguments.head {
        Some(place) => {
            let kept = heads::read(place).map_err(|error| said(&error))?;
            if kept.is_empty() {
                return Err(CliError::said(format!("{}: no head was kept there; nothing was proved", place.display())));
            }
            kept
        }
        None => Vec::new(),
    };
    must_exist(globals)?;
    let office = office::open(globals)?;
    let today = globals.now().date_naive();
    let mut report = selfcheck(&office.store, &office.vault, &kept, (today, arguments.deep), |checked| {
        tracing::info!(law = checked.law, check = checked.name, "holds");
    })
    .map_err(|error| said(&error))?;
    if report.breach.is_none() {
        report.breach = stuck(&office.store, globals.now()).map_err(|error| said(&error))?;
        report.passed.extend(report.breach.is_none().then_some(Checked { law: "L1", name: "none-stuck" }));
    }
    let written = match (&report.breach, &report.head, &arguments.write_head) {
        (None, Some(head), Some(place)) => {
            heads::write(place, head).map_err(|error| said(&error))?;
            Some(place.as_path())
        }
        _ => None,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    print(&mut out, globals, &report, kept.len(), written)?;
    out.flush()?;
    match &report.breach {
        // A document says it already.
        Some(_) if globals.output != Output::Text => Ok(Ended::Not),
        Some(breach) => Err(CliError::said(breach.to_string())),
        None => Ok(Ended::Well),
    }
}

/// A check makes nothing: neither a data folder nor a database.
fn must_exist(globals: &Globals) -> Result<(), CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(|error| CliError::said(error.to_string()))?;
    if globals.database.is_some() || config.database.is_some() {
        return Ok(());
    }
    let data = globals.data.clone().or(config.data).unwrap_or_else(|| "caruman-data".into());
    let file = data.join("caruman.db");
    if file.exists() {
        return Ok(());
    }
    Err(CliError::said(format!("there is no {}; name the data folder with --data", file.display())))
}

fn print(
    out: &mut impl Write,
    globals: &Globals,
    report: &Report,
    kept: usize,
    written: Option<&Path>,
) -> Result<(), CliError> {
    match globals.output {
        Output::Text => {
            if report.breach.is_some() {
                return Ok(());
            }
            writeln!(out, "Nothing was found lost, doubled or changed: {} checks found nothing.", report.passed.len())?;
            match &report.head {
                Some(head) => writeln!(out, "The audit chain has {} events and ends with {head}", head.event)?,
                None => writeln!(out, "The audit chain has no events yet")?,
            }
            if kept > 0 {
                writeln!(out, "It has all {kept} heads that were kept.")?;
            }
            if report.unbound > 0 {
                writeln!(
                    out,
                    "{} acknowledgements are of an earlier program: no event holds a fingerprint of their amounts.",
                    report.unbound
                )?;
            }
            if report.unbound_rows > 0 {
                writeln!(
                    out,
                    "{} submissions and rows about money are of an earlier program: no event holds a fingerprint of them.",
                    report.unbound_rows
                )?;
            }
            if let Some(place) = written {
                writeln!(out, "The head is kept in {}", place.display())?;
            }
        }
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, &document(report, kept)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => {
            let mut writer = csv::Writer::from_writer(&mut *out);
            writer.write_record(["law", "check", "breach"]).map_err(io::Error::from)?;
            for checked in &report.passed {
                writer.write_record([checked.law, checked.name, ""]).map_err(io::Error::from)?;
            }
            if let Some(breach) = &report.breach {
                writer
                    .write_record([breach.law, breach.table, &without_formula(&breach.to_string())])
                    .map_err(io::Error::from)?;
            }
            writer.flush()?;
        }
    }
    Ok(())
}

fn document(report: &Report, kept: usize) -> Value {
    let breach = report.breach.as_ref().map(|breach| {
        let sentence = breach.to_string();
        json!({ "law": breach.law, "table": breach.table, "key": breach.key, "says": breach.says, "sentence": sentence })
    });
    let head = |head: &Head| json!({ "day": head.day, "event": head.event, "chain": head.link_text() });
    let passed = report.passed.iter().map(|checked| json!({ "law": checked.law, "check": checked.name }));
    json!({
        "clean": report.breach.is_none(),
        "breach": breach,
        "passed": passed.collect::<Vec<_>>(),
        "head": report.head.as_ref().map(head),
        "acknowledgements_without_fingerprint": report.unbound,
        "rows_without_fingerprint": report.unbound_rows,
        "heads_found": if report.breach.is_none() { kept } else { 0 },
    })
}
