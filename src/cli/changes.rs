//! `caruman changes`: what a file changes since last month, before it is submitted.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::table::{Row, print_columns};
use super::{CliError, Ended, Globals, Output, office};
use crate::document::without_formula;
use crate::domain::identity::mask;
use crate::domain::{Scheme, SubmissionKind};
use crate::workflow::changes::{Change, Changes};
use crate::workflow::submit::{SubmitOptions, preview};

/// Arguments of `changes`.
#[derive(Debug, Args)]
pub struct ChangesArgs {
    /// Contribution files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The Act a one-Act file is for
    #[arg(long, value_name = "act4|act800")]
    scheme: Option<Scheme>,
    /// Why the files will be handed in, as with `submit`
    #[arg(long, value_name = "monthly|supplementary|arrears|short-payment")]
    kind: Option<SubmissionKind>,
    /// Show identity numbers in full
    #[arg(long)]
    show_identities: bool,
}

/// Runs the command: nothing is kept.
///
/// # Errors
/// When a file or the store cannot be read, or the result not be written.
pub fn run(arguments: &ChangesArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let options = SubmitOptions {
        scheme: arguments.scheme,
        kind: arguments.kind,
        office: office.rules,
        threads: globals.threads(),
        language: globals.language(),
        ..SubmitOptions::new("changes", &office.issuer, globals.now())
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut files = Vec::new();
    for path in &arguments.files {
        let found = preview(&office.store, path, &options);
        let found = found.map_err(|error| CliError::said(error.to_string()))?;
        let name = path.to_string_lossy().into_owned();
        for (code, changes) in found {
            match globals.output {
                Output::Text => text(&mut out, (&name, &code), &changes, arguments.show_identities, globals)?,
                _ => files.push((name.clone(), code, changes)),
            }
        }
    }
    match globals.output {
        Output::Json => {
            let shown: Vec<Value> = files
                .iter()
                .map(|(path, code, changes)| document(path, code, changes.as_ref(), arguments.show_identities, globals))
                .collect();
            serde_json::to_writer_pretty(&mut out, &json!({ "files": shown })).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => csv(&mut out, &files, arguments.show_identities)?,
        Output::Text => {}
    }
    out.flush()?;
    Ok(Ended::Well)
}

fn text(
    out: &mut impl Write,
    (path, code): (&str, &str),
    changes: &Option<Changes>,
    show: bool,
    globals: &Globals,
) -> Result<(), CliError> {
    let messages = globals.messages();
    let Some(changes) = changes else {
        writeln!(out, "{path} · {code} · {}", messages.text("change-no-earlier-month"))?;
        return Ok(());
    };
    writeln!(out, "{path} · {code} · {} · {}", changes.sentence(messages), changes.digest())?;
    if !changes.changes.is_empty() {
        let rows: Vec<Row> = changes.changes.iter().map(|change| row(change, show)).collect();
        print_columns(out, globals, &["change", "month", "line", "id_number", "name", "before", "now"], rows)?;
    }
    Ok(())
}

fn row(change: &Change, show: bool) -> Row {
    let seen = |text: &str| if show { text.to_owned() } else { mask(text) };
    let value = |text: &Option<String>| text.clone().unwrap_or_default();
    Row::from([
        ("change", json!(change.kind.id())),
        ("month", json!(change.month)),
        ("line", json!(change.line)),
        ("id_number", json!(seen(&change.id_number))),
        ("name", json!(change.name)),
        ("before", json!(value(&change.before))),
        ("now", json!(value(&change.now))),
    ])
}

fn document(path: &str, code: &str, changes: Option<&Changes>, show: bool, globals: &Globals) -> Value {
    let rows = changes.map(|changes| changes.changes.iter().map(|change| row(change, show)).collect::<Vec<_>>());
    json!({
        "path": path,
        "employer_code": code,
        "sentence": changes.map(|changes| changes.sentence(globals.messages())),
        "digest": changes.map(Changes::digest),
        "changes": rows,
    })
}

fn csv(out: &mut impl Write, files: &[(String, String, Option<Changes>)], show: bool) -> Result<(), CliError> {
    const COLUMNS: [&str; 7] = ["change", "month", "line", "id_number", "name", "before", "now"];
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["path", "employer_code"].iter().chain(&COLUMNS)).map_err(io::Error::from)?;
    for (path, code, changes) in files {
        for change in changes.iter().flat_map(|changes| &changes.changes) {
            let row = row(change, show);
            let cell = |column: &&str| match &row[*column] {
                Value::Null => String::new(),
                Value::String(text) => without_formula(text),
                other => other.to_string(),
            };
            let cells = COLUMNS.iter().map(cell);
            let record: Vec<String> = [without_formula(path), code.clone()].into_iter().chain(cells).collect();
            writer.write_record(record).map_err(io::Error::from)?;
        }
    }
    writer.flush()?;
    Ok(())
}
