//! Rows of things looked up, as text, JSON or CSV.

use std::collections::BTreeMap;
use std::io::{self, Write};

use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::Value;

use super::{CliError, Globals, Output};
use crate::document::without_formula;

/// A row: names of columns and their values.
pub type Row = BTreeMap<&'static str, Value>;

/// Columns that a table in a terminal has room for; the others are in JSON and CSV.
const IN_TERMINAL: [&str; 12] = [
    "number",
    "submission",
    "employer_code",
    "scheme",
    "state",
    "kind",
    "received_at",
    "months",
    "people",
    "total_sen",
    "held_lines",
    "file_name",
];

/// Prints many rows.
///
/// # Errors
/// When they cannot be written.
pub fn print(out: &mut impl Write, globals: &Globals, rows: Vec<Row>) -> Result<(), CliError> {
    print_columns(out, globals, &IN_TERMINAL, rows)
}

/// Prints many rows; in a terminal only these columns, in this order.
///
/// # Errors
/// When they cannot be written.
pub fn print_columns(
    out: &mut impl Write,
    globals: &Globals,
    in_terminal: &[&str],
    rows: Vec<Row>,
) -> Result<(), CliError> {
    match globals.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut *out, &rows).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => {
            let mut writer = csv::Writer::from_writer(&mut *out);
            if let Some(first) = rows.first() {
                writer.write_record(first.keys()).map_err(io::Error::from)?;
            }
            for row in &rows {
                writer.write_record(row.values().map(cell)).map_err(io::Error::from)?;
            }
            writer.flush()?;
        }
        Output::Text => {
            let columns: Vec<&str> =
                in_terminal.iter().copied().filter(|c| rows.iter().any(|row| row.contains_key(c))).collect();
            let mut table = Table::new();
            table.load_style(UTF8_HORIZONTAL_ONLY).set_header(columns.iter().map(|c| label(c)));
            for row in &rows {
                table.add_row(columns.iter().map(|c| row.get(c).map_or_else(String::new, |v| plain(c, v))));
            }
            writeln!(out, "{}", table.trim_fmt())?;
        }
    }
    Ok(())
}

/// The same; in a terminal, no rows are a sentence.
///
/// # Errors
/// When they cannot be written.
pub fn print_columns_or(
    out: &mut impl Write,
    globals: &Globals,
    in_terminal: &[&str],
    rows: Vec<Row>,
    none: &str,
) -> Result<(), CliError> {
    if rows.is_empty() && globals.output == Output::Text {
        return Ok(writeln!(out, "{}", globals.messages().text(none))?);
    }
    print_columns(out, globals, in_terminal, rows)
}

/// Prints one row in full; in a terminal in this order, and only what is known.
///
/// # Errors
/// When it cannot be written.
pub fn one_in_order(out: &mut impl Write, globals: &Globals, order: &[&str], row: Row) -> Result<(), CliError> {
    if globals.output != Output::Text {
        return one(out, globals, row);
    }
    let known = |value: &&Value| !plain("", value).is_empty() && **value != Value::Bool(false);
    for name in order {
        if let Some(value) = row.get(name).filter(known) {
            in_full(out, name, value)?;
        }
    }
    Ok(())
}

/// Prints one row in full.
///
/// # Errors
/// When it cannot be written.
pub fn one(out: &mut impl Write, globals: &Globals, row: Row) -> Result<(), CliError> {
    if globals.output != Output::Text {
        if globals.output == Output::Csv {
            return print(out, globals, vec![row]);
        }
        serde_json::to_writer_pretty(&mut *out, &row).map_err(io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    for (name, value) in &row {
        in_full(out, name, value)?;
    }
    Ok(())
}

fn in_full(out: &mut impl Write, name: &str, value: &Value) -> Result<(), CliError> {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            writeln!(out, "{}", label(name))?;
            for item in items {
                writeln!(out, "    {}", inside(item))?;
            }
        }
        value => writeln!(out, "{:<18} {}", label(name), plain(name, value))?,
    }
    Ok(())
}

/// Keys of things inside a row, in the order in which they are read.
const INSIDE: [&str; 21] = [
    "at",
    "who",
    "what",
    "detail",
    "severity",
    "line",
    "tray",
    "code",
    "codes",
    "state",
    "freed_by",
    "message",
    "month",
    "people",
    "second_category",
    "total",
    "due_date",
    "days_late",
    "interest",
    "interest_tomorrow",
    "skbbk",
];

/// One thing inside a row, on a line: what is known of it, in a reader's order.
fn inside(item: &Value) -> String {
    let Some(item) = item.as_object() else { return plain("", item) };
    let mut parts = Vec::new();
    for key in INSIDE {
        let text = match (key, item.get(key)) {
            (_, None) => continue,
            ("at", Some(value)) => plain("received_at", value),
            ("total" | "interest" | "interest_tomorrow" | "skbbk", Some(value)) => plain("_sen", value),
            (_, Some(value)) => plain(key, value),
        };
        if text.is_empty() {
            continue;
        }
        let bare = matches!(key, "at" | "who" | "what" | "detail" | "severity" | "code" | "codes" | "tray" | "state")
            || matches!(key, "message" | "month");
        parts.push(if bare { text } else { format!("{} {text}", label(key)) });
    }
    parts.join(" · ")
}

/// A value as a cell of CSV: a text never begins like a formula.
fn cell(value: &Value) -> String {
    if value.is_number() { plain("", value) } else { without_formula(&plain("", value)) }
}

fn label(name: &str) -> String {
    name.trim_end_matches("_sen").replace('_', " ")
}

fn plain(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if name == "received_at" => text.replace('T', " ").chars().take(16).collect(),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(|item| plain(name, item)).collect::<Vec<_>>().join(" "),
        Value::Number(number) if name.ends_with("_sen") => {
            number.as_i64().map_or_else(String::new, |sen| format!("RM {}", crate::domain::Sen(sen)))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_csv_never_begins_like_a_formula() {
        for (value, expected) in [
            (Value::from("=1+1"), "'=1+1"),
            (Value::from("+A1"), "'+A1"),
            (Value::from("-A1"), "'-A1"),
            (Value::from("@SUM(A1)"), "'@SUM(A1)"),
            (Value::from("\tx"), "'\tx"),
            (Value::from("\rx"), "'\rx"),
            (Value::from("SYARIKAT = CONTOH"), "SYARIKAT = CONTOH"),
            (Value::from(-500), "-500"),
            (Value::from(vec!["=x", "y"]), "'=x y"),
            (Value::Null, ""),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }
}
