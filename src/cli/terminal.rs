//! A check as people read it: what the file is, what it pays, and each finding with its line and a caret.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use crate::checks::{FileCheck, NEED_HISTORY, Total, Verdict};
use crate::document::Style;
use crate::domain::{Columns, Finding, Severity};
use crate::messages::{finding_data, mask_columns};
use crate::reader::Layout;

/// More findings than this are left to the JSON and CSV output.
const SHOWN_MAX: usize = 1_000;

/// Columns of a table that goes to a file or a pipe.
const WIDTH: u16 = 124;

/// The findings that are shown.
pub fn shown(check: &FileCheck) -> impl Iterator<Item = &Finding> {
    check.findings.iter().take(SHOWN_MAX)
}

/// Prints one file.
///
/// # Errors
/// When the terminal cannot be written to.
pub fn file(
    out: &mut impl Write,
    path: &str,
    check: &FileCheck,
    lines: &BTreeMap<u64, String>,
    style: Style<'_>,
) -> io::Result<()> {
    let text = |id: &str| style.messages.text(id);
    head(out, path, check, style)?;
    for finding in shown(check) {
        one(out, path, finding, check, lines, style)?;
    }
    if check.findings.len() > SHOWN_MAX {
        writeln!(out, "{} ({})\n", text("text-more-findings"), check.findings.len() - SHOWN_MAX)?;
    }
    if !check.totals.is_empty() && check.verdict != Verdict::Refused {
        writeln!(out, "{}", totals(&check.totals, style))?;
    }
    let judged = |verdict: Verdict, accepted: u64, held: u64| {
        let id = serde_json::to_value(verdict).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let said = text(&format!("verdict-{id}"));
        format!("{said} ({accepted} {}, {held} {})", text("label-accepted"), text("label-held"))
    };
    if check.employers.len() > 1 {
        for part in &check.employers {
            writeln!(out, "{}: {}", part.code, judged(part.verdict, part.accepted_lines, part.held_lines))?;
        }
    }
    writeln!(out, "{path}: {}\n", judged(check.verdict, check.accepted_lines, check.held_lines))
}

fn head(out: &mut impl Write, path: &str, check: &FileCheck, style: Style<'_>) -> io::Result<()> {
    let text = |id: &str| style.messages.text(id);
    let mut facts = vec![path.to_owned()];
    facts.extend(check.layout.map(|layout| layout.id().to_owned()));
    let schemes: Vec<String> = check.schemes.iter().map(|scheme| text(&format!("label-{}", scheme.id()))).collect();
    if !schemes.is_empty() {
        facts.push(schemes.join(" + "));
    }
    let lines = if check.lines == 1 { "label-line" } else { "label-lines" };
    facts.push(format!("{} {}", check.lines, text(lines)));
    facts.extend(check.encoding.map(str::to_owned));
    facts.extend(check.line_ending.map(str::to_owned));
    writeln!(out, "{}\n", facts.join(" · "))
}

fn one(
    out: &mut impl Write,
    path: &str,
    finding: &Finding,
    check: &FileCheck,
    lines: &BTreeMap<u64, String>,
    style: Style<'_>,
) -> io::Result<()> {
    let label = style.messages.text(&format!("severity-{}-label", finding.severity.id()));
    let level = match finding.severity {
        Severity::Stop | Severity::Fix => Level::ERROR,
        Severity::Warn => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let message = message(finding, check, style);
    let cure = style.messages.cure(finding, style.show_identities);
    let title = level.with_name(label.as_str()).primary_title(message.as_str()).id(finding.name.code());
    let cure =
        format!("{} ({}; {} {})", cure, finding.name, style.messages.text("label-law"), finding_data(finding.name).law);
    let cure_label = style.messages.text("label-cure");
    let line = finding.line.and_then(|number| lines.get(&number).map(|line| (number, line)));
    let line = line.map(|(number, line)| (number, masked(line, check, style)));
    let renderer = if io::stdout().is_terminal() { Renderer::styled() } else { Renderer::plain() }.term_width(100);
    let Some((number, line)) = &line else {
        let title = renderer.render(&[annotate_snippets::Group::with_title(title)]);
        return writeln!(out, "{title}\n  = {cure_label}: {cure}\n");
    };
    let snippet = Snippet::source(line.as_str()).line_start(*number as usize).path(path);
    let field = finding.field.map(|field| style.messages.text(&format!("field-{}", field.replace('_', "-"))));
    let caret = AnnotationKind::Primary.span(span(line, finding.columns)).label(field);
    let help = Level::HELP.with_name(cure_label).message(cure.as_str());
    writeln!(out, "{}\n", renderer.render(&[title.element(snippet.annotation(caret)).element(help)]))
}

/// What a finding says; in a file of several employers with the code of the one it is about.
pub fn message(finding: &Finding, check: &FileCheck, style: Style<'_>) -> String {
    let said = style.messages.finding(finding, style.show_identities);
    check.employer_told(finding).map_or_else(|| said.clone(), |code| format!("{code} · {said}"))
}

/// The line with its identity number hidden, wherever a faulty line has it.
fn masked(line: &str, check: &FileCheck, style: Style<'_>) -> String {
    let Some(layout) = check.layout else { return line.to_owned() };
    let Columns(first, last) = Layout::get(layout).columns("id_number");
    mask_columns(line, (usize::from(first), usize::from(last)), style.show_identities)
}

/// Bytes of the columns in a decoded line; the whole line where a finding names none.
fn span(line: &str, columns: Option<Columns>) -> std::ops::Range<usize> {
    let byte = |column: usize| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    match columns {
        Some(Columns(first, last)) => {
            let (from, to) = (byte(usize::from(first) - 1), byte(usize::from(last)));
            // Not the blanks behind the value: the caret points at what is wrong.
            let value = line[from..to].trim_end().len();
            from..from + if value == 0 { to - from } else { value }
        }
        None => 0..line.trim_end().len().min(byte(40)),
    }
}

/// What the file pays, by employer, month and Act.
fn totals(totals: &[Total], style: Style<'_>) -> Table {
    let text = |id: &str| style.messages.text(id);
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(WIDTH);
    }
    let labels =
        ["employer", "month", "scheme", "people", "employer-share", "employee-share", "skbbk", "total", "due-date"];
    let mut header: Vec<String> = labels.iter().map(|label| text(&format!("label-{label}"))).collect();
    let late = totals.iter().any(|total| total.days_late > 0);
    if late {
        header.extend([text("label-days-late"), text("label-late-interest")]);
    }
    table.set_header(header);
    for total in totals {
        let share =
            |amount: Option<crate::domain::Sen>| amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string());
        let mut row = vec![
            total.employer_code.clone(),
            total.month.to_string(),
            text(&format!("label-{}", total.scheme.id())),
            total.people.to_string(),
            share(total.employer),
            share(total.employee),
            total.skbbk.to_string(),
            total.total.to_string(),
            total.due_date.to_string(),
        ];
        if late {
            row.extend([total.days_late.to_string(), total.interest.to_string()]);
        }
        table.add_row(row);
    }
    // Codes, months, amounts and dates stay on one line; headings may break.
    let widths = [14, 9, 15, 8, 12, 12, 9, 12, 12, 7, 11];
    for (column, width) in widths.into_iter().enumerate() {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
    }
    for column in [3, 4, 5, 6, 7, 9, 10] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// What is said once after all files.
///
/// # Errors
/// When the terminal cannot be written to.
pub fn closing(out: &mut impl Write, checks: &[FileCheck], style: Style<'_>, good_lines: bool) -> io::Result<()> {
    let text = |id: &str| style.messages.text(id);
    if checks.iter().any(|check| !check.held.is_empty()) {
        let policy = if good_lines { "label-policy-good-lines" } else { "label-policy-whole" };
        writeln!(out, "{}: {}", text("label-policy"), text(policy))?;
    }
    if checks.iter().flat_map(|check| &check.totals).any(|total| total.days_late > 0) {
        writeln!(out, "{}", text("text-interest-estimate"))?;
    }
    let names: Vec<&str> = NEED_HISTORY.iter().map(|name| name.name()).collect();
    writeln!(out, "{} {}", text("text-not-checked-offline"), names.join(", "))
}
