//! `caruman inbox list` and `inbox show`: what was dropped into a folder, and what became of it.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};

use super::table::{Row, one_in_order, print_columns_or};
use super::{CliError, Ended, Globals, office};
use crate::domain::identity::mask_numbers;
use crate::store::Store;
use crate::store::delivery::{Delivery, DeliveryFilter, DeliveryState, Papers};
use crate::watch::disk::{ANSWERS, Disk};
use crate::workflow::inbox::names::printable;

/// Columns of the list in a terminal.
const COLUMNS: [&str; 6] = ["number", "received_at", "file_name", "outcome", "lies_in", "answer"];
/// What `show` tells, in this order.
const IN_FULL: [&str; 12] = [
    "number",
    "file_name",
    "size",
    "received_at",
    "state",
    "outcome",
    "lies_in",
    "answer",
    "papers",
    "attempts",
    "acknowledgements",
    "events",
];

fn said(error: impl std::fmt::Display) -> CliError {
    CliError::said(error.to_string())
}

/// Lists deliveries of a folder, the newest first.
///
/// # Errors
/// When the folder or the store cannot be used, or the list not be written.
pub(super) fn list(folder: &Path, filter: DeliveryFilter, globals: &Globals) -> Result<Ended, CliError> {
    let disk = Disk::open(folder).map_err(said)?;
    let store = office::open(globals)?.store;
    let found = store.deliveries(&DeliveryFilter { folder: disk.id, ..filter }).map_err(said)?;
    let mut out = BufWriter::new(io::stdout().lock());
    print_columns_or(&mut out, globals, &COLUMNS, found.iter().map(row).collect(), "inbox-none")?;
    out.flush()?;
    Ok(Ended::Well)
}

/// Shows one delivery with its events.
///
/// # Errors
/// When the store cannot be used, there is no such delivery, or it cannot be written.
pub(super) fn show(number: i64, globals: &Globals) -> Result<Ended, CliError> {
    let store = office::open(globals)?.store;
    let found = store.delivery(number).map_err(said)?;
    let mut out = BufWriter::new(io::stdout().lock());
    one_in_order(&mut out, globals, &IN_FULL, in_full(&store, &found)?)?;
    out.flush()?;
    Ok(Ended::Well)
}

fn row(delivery: &Delivery) -> Row {
    let taken = delivery.state != DeliveryState::Claimed;
    let since = if taken { &delivery.taken_at } else { &delivery.claimed_at };
    let answer = if taken { format!("{ANSWERS}/{}.answer.json", delivery.answer_name) } else { String::new() };
    let papers = match delivery.papers {
        Papers::NotWanted => "",
        papers => papers.id(),
    };
    let values: [(&'static str, Value); 10] = [
        ("number", json!(delivery.id)),
        ("file_name", json!(mask_numbers(&printable(&delivery.file_name)))),
        ("size", json!(delivery.size)),
        ("received_at", json!(since)),
        ("state", json!(delivery.state.id())),
        ("outcome", json!(delivery.outcome)),
        // A claimed file lies where it was dropped.
        ("lies_in", json!(mask_numbers(if taken { &delivery.moved_to } else { "drop" }))),
        ("answer", json!(mask_numbers(&answer))),
        ("papers", json!(papers)),
        ("attempts", json!(delivery.attempts)),
    ];
    values.into_iter().collect()
}

fn in_full(store: &Store, delivery: &Delivery) -> Result<Row, CliError> {
    let mut shown = row(delivery);
    let numbers = match delivery.arrival {
        Some(arrival) => store.acknowledgements_of_arrival(arrival).map_err(said)?,
        None => Vec::new(),
    };
    shown.insert("acknowledgements", json!(numbers));
    let events = store.events(&format!("delivery {}", delivery.id)).map_err(said)?;
    let events = events.iter().map(|e| json!({ "at": e.at, "who": e.who, "what": e.what, "detail": e.detail }));
    shown.insert("events", events.collect());
    Ok(shown)
}
