//! A comparison of two months' laws as people read it.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table};

use super::tables;
use crate::checks::rules_of::{Change, Comparison, FIGURES, LayoutChange, Span};
use crate::domain::{ContributionMonth, Sen};
use crate::reader::Layout;

/// The figures that a table in a terminal has room for, with their headings; the last is the difference of all.
const IN_TERMINAL: [(&str, &str); 5] = [
    ("socso_employer", "SOCSO employer"),
    ("socso_employee", "SOCSO employee"),
    ("skbbk", "SKBBK"),
    ("eis_employer", "EIS employer"),
    ("eis_employee", "EIS employee"),
];

/// `69.05 → 69.15`; one amount where nothing changes; `66.40 → 66.40 to 88.55` where the wage is not certain.
fn moved(old: &Span, new: &Span, at: usize) -> String {
    let span = |span: &Span| {
        let (low, high) = (span.low[at], span.high[at]);
        if low == high { low.to_string() } else { format!("{low} to {high}") }
    };
    let (old, new) = (span(old), span(new));
    if old == new { old } else { format!("{old} → {new}") }
}

/// `+0.10`, `-16.90`, `+0.00 to +22.50`.
fn difference(span: &Span, at: usize) -> String {
    let signed = |sen: Sen| if sen.0 < 0 { sen.to_string() } else { format!("+{sen}") };
    let (low, high) = (signed(span.low[at]), signed(span.high[at]));
    if low == high { low } else { format!("{low} to {high}") }
}

fn place(figure: &str) -> usize {
    FIGURES.iter().position(|known| *known == figure).expect("a name of FIGURES")
}

/// Who changes.
pub(super) fn people(shown: &[Change], month: ContributionMonth, show_identities: bool) -> Table {
    // A column in which nobody has anything would only take room.
    let used = |at: usize| shown.iter().any(|c| !c.old.high[at].is_zero() || !c.new.high[at].is_zero());
    let columns: Vec<(usize, &str)> =
        IN_TERMINAL.iter().map(|(figure, head)| (place(figure), *head)).filter(|(at, _)| used(*at)).collect();
    let mut table = Table::new();
    let heads = columns.iter().map(|(_, head)| *head);
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["line", "id number"].into_iter().chain(heads).chain(["difference", "why"]));
    for change in shown {
        let id = if show_identities { change.id.reveal().to_owned() } else { change.id.masked() };
        let figures = columns.iter().map(|(at, _)| moved(&change.old, &change.new, *at));
        let rules = change
            .crossings
            .iter()
            .map(|crossing| format!("{}: {} → {}", crossing.rule.id(), crossing.before, crossing.after));
        let why = rules.chain(tables(change, month)).collect::<Vec<_>>().join("\n");
        let all = difference(&change.difference, place("total"));
        table.add_row([change.line.to_string(), id].into_iter().chain(figures).chain([all, why]));
    }
    right_align(&mut table, columns.len() + 3);
    table
}

/// Sets figures to the right; the first two columns and those from `end` on stay.
fn right_align(table: &mut Table, end: usize) {
    for at in 2..end {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Sums of each Act by both laws.
pub(super) fn sums(found: &Comparison) -> Table {
    let rows = [
        ("Act 4", "employer", "socso_employer"),
        ("", "employee", "socso_employee"),
        ("", "SKBBK", "skbbk"),
        ("", "total", "act4_total"),
        ("Act 800", "employer", "eis_employer"),
        ("", "employee", "eis_employee"),
        ("", "total", "act800_total"),
        ("both", "total", "total"),
    ];
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_header(["Act", "share", "old RM", "new RM", "difference RM"]);
    let pays = |figure: &str| !found.old.high[place(figure)].is_zero() || !found.new.high[place(figure)].is_zero();
    // An Act that the file does not pay says nothing; what remains is then the sum of both.
    let (act4, act800) = (pays("act4_total"), pays("act800_total"));
    let shown = rows.iter().enumerate().filter(|(row, _)| match row {
        0..4 => act4,
        4..7 => act800,
        _ => act4 == act800,
    });
    for (_, (act, share, figure)) in shown {
        let at = place(figure);
        let one = |span: &Span| moved(span, span, at);
        let (old, new) = (one(&found.old), one(&found.new));
        table.add_row([(*act).to_owned(), (*share).to_owned(), old, new, difference(&found.difference, at)]);
    }
    right_align(&mut table, 5);
    table
}

/// What a careful reader should know beside the sums.
pub(super) fn remarks(found: &Comparison, month: ContributionMonth) -> Vec<String> {
    let mut lines =
        vec![format!("people who change: {} of {}; who pay the same: {}", found.changed, found.compared(), found.same)];
    for (crossing, people) in &found.crossings {
        let (rule, before, after) = (crossing.rule.id(), crossing.before, crossing.after);
        lines.push(format!(
            "{rule}: {before} → {after}: {}: {}",
            counted(*people, "person", "people"),
            crossing.reason
        ));
    }
    lines.extend(layout_remarks(found, month));
    let counts = [
        (found.several_wages, "the total is paid by several wages, so that the new amount lies between two"),
        (found.birth_date_unknown, "the date of birth is not known: a register (--register) tells more"),
        (found.unexplained, "not compared: no wage of that person pays this amount by the law of its own month"),
        (found.without_table, "not compared: no table is published for the own month"),
        (found.without_wage, "without wages: nothing to pay by either law"),
        (found.unreadable, "could not be read: check the file without --rules-of"),
    ];
    lines.extend(
        counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{}: {what}", counted(*count, "line", "lines"))),
    );
    lines
}

/// A number with its word, singular or plural.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What the layout of the other month must carry.
pub(super) fn layout_remarks(found: &Comparison, month: ContributionMonth) -> Vec<String> {
    let mut lines = Vec::new();
    match found.layout_change {
        Some(LayoutChange::SkbbkNeeded { layout, columns, from }) => {
            let (first, last) = (columns.0, columns.1);
            lines.push(format!("layout: {} with SKBBK in columns {first}-{last} is needed from {from}", layout.id()));
        }
        Some(LayoutChange::SkbbkNotYet { from }) => {
            lines.push(format!("layout: no SKBBK before {from}, its columns stay blank"));
        }
        None => {}
    }
    if let Some(layout) = found.layout {
        let (first, last) = Layout::get(layout).months;
        if first.is_some_and(|first| month < first) || last.is_some_and(|last| last < month) {
            let end = |month: Option<ContributionMonth>| month.map_or_else(|| "…".to_owned(), |m| m.to_string());
            let span = format!("{} to {}", end(first), end(last));
            lines.push(format!("layout: {} is meant for the months {span}, not for {month}", layout.id()));
        }
    }
    lines
}
