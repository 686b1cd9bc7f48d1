//! The lines of a receipt: on the front page where they fit, else a summary there and the lines on pages of their own,
//! with totals carried forward.

use serde_json::json;

use super::super::ReportError;
use super::super::flow::Flow;
use super::super::list::List;
use super::super::people::month;
use super::super::sheet::{BOTTOM, LEFT, RIGHT, Sheet};
use super::super::table::{Cell, Column, HEAD, ROW, Table, grouped};
use super::super::text::{Style, width};
use super::words::WORDS;
use super::{ReceiptDocument, ReceiptLine, continued};
use crate::domain::{ContributionMonth, ReceiptLineKind, Sen};

/// Room that the amount, its parts and the proof need below the lines.
const BELOW: f32 = 250.0;
/// Top edge of the list on pages of its own.
const TOP: f32 = 108.0;

/// Whether SKBBK has columns of its own.
fn has_skbbk(document: &ReceiptDocument) -> bool {
    document.lines.iter().any(|line| !line.skbbk.is_zero())
}

fn table(document: &ReceiptDocument) -> Table<'static> {
    let words = &WORDS.receipt;
    let mut columns =
        vec![Column::right(&words.no, 26.0), Column::left(&words.kind, 142.0), Column::left(&words.reference, 140.0)];
    if has_skbbk(document) {
        columns.extend([Column::money(&words.basic, 76.0), Column::money(&words.skbbk, 66.0)]);
    }
    columns.push(Column::money(&words.amount, 76.0));
    let spare = RIGHT - LEFT - columns.iter().map(|column| column.wide).sum::<f32>();
    columns[2].wide += spare;
    Table { left: LEFT, columns }
}

fn cells(document: &ReceiptDocument, at: usize) -> Vec<Cell<'static>> {
    let line = &document.lines[at];
    let kind = WORDS.kinds.of(line.kind);
    let mut cells = vec![
        Cell::text(format!("{}.", at + 1)),
        Cell::text(format!("{} / {}", kind.ms, kind.en)),
        Cell::text(reference(line)),
    ];
    cells.extend(amounts(has_skbbk(document), line.amount, line.skbbk));
    cells
}

fn amounts(skbbk_apart: bool, amount: Sen, skbbk: Sen) -> Vec<Cell<'static>> {
    let mut cells = Vec::new();
    if skbbk_apart {
        cells.extend([Cell::Money(Some(amount - skbbk)), Cell::Money((!skbbk.is_zero()).then_some(skbbk))]);
    }
    cells.push(Cell::Money(Some(amount)));
    cells
}

/// `ACR112260000001 - 10/2026`
fn reference(line: &ReceiptLine) -> String {
    match months(&line.months) {
        months if months.is_empty() => line.reference.clone(),
        months => format!("{} - {months}", line.reference),
    }
}

/// Months that follow each other as first and last, others one by one.
pub(super) fn months(all: &[ContributionMonth]) -> String {
    let runs = all.chunk_by(|a, b| a.next() == *b).map(|run| match run {
        [first, .., last] => format!("{}–{}", month(*first), month(*last)),
        [only] => month(*only),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// Whether the lines stand on the front page with everything that follows them.
pub(super) fn fit_on_front(document: &ReceiptDocument, flow: &Flow<'_>) -> bool {
    let table = table(document);
    let rows: f32 = (0..document.lines.len()).map(|at| table.row_height(&cells(document, at))).sum();
    flow.y + 20.0 + HEAD + rows + ROW + BELOW <= BOTTOM
}

/// All lines with their total.
pub(super) fn on_front(flow: &mut Flow<'_>, document: &ReceiptDocument) {
    let rows: Vec<_> = (0..document.lines.len()).map(|at| cells(document, at)).collect();
    flow.heading(&WORDS.receipt.lines, HEAD + 2.0 * ROW);
    let total = (rows.len() > 1).then(|| {
        let mut cells = vec![Cell::text(""), Cell::text(WORDS.receipt.sum.ms.as_str()), Cell::text("")];
        let skbbk = document.lines.iter().map(|line| line.skbbk).sum();
        cells.extend(amounts(has_skbbk(document), document.total(), skbbk));
        cells
    });
    flow.table(&table(document), &rows, total);
}

/// What was paid, by kind: on the front page of a receipt with many lines.
pub(super) fn summary(flow: &mut Flow<'_>, document: &ReceiptDocument) -> Result<(), ReportError> {
    let words = &WORDS.receipt;
    let apart = has_skbbk(document);
    let mut columns = vec![Column::left(&words.kind, 200.0), Column::right(&words.count, 60.0)];
    if apart {
        columns.extend([Column::money(&words.basic, 80.0), Column::money(&words.skbbk, 70.0)]);
    }
    columns.push(Column::money(&words.amount, 80.0));
    columns[0].wide += RIGHT - LEFT - columns.iter().map(|column| column.wide).sum::<f32>();
    let row = |name: String, lines: Vec<&ReceiptLine>| {
        let mut cells = vec![Cell::text(name), Cell::text(grouped(lines.len() as u64))];
        let (amount, skbbk) = (lines.iter().map(|line| line.amount).sum(), lines.iter().map(|line| line.skbbk).sum());
        cells.extend(amounts(apart, amount, skbbk));
        cells
    };
    let of = |kind: ReceiptLineKind| document.lines.iter().filter(|line| line.kind == kind).collect::<Vec<_>>();
    let kinds = ReceiptLineKind::ALL.iter().map(|kind| (WORDS.kinds.of(*kind), of(*kind)));
    let kinds = kinds.filter(|(_, lines)| !lines.is_empty());
    let rows: Vec<_> = kinds.map(|(kind, lines)| row(format!("{} / {}", kind.ms, kind.en), lines)).collect();
    let total = row(words.sum.ms.clone(), document.lines.iter().collect());
    flow.heading(&words.by_kind, HEAD + 2.0 * ROW);
    let values = json!({ "lines": grouped(document.lines.len() as u64) });
    flow.sentence(&words.by_kind_note.fill(&values)?, Style::regular(8.0), false);
    flow.table(&Table { left: LEFT, columns }, &rows, Some(total));
    Ok(())
}

/// Pages of lines, with totals carried forward.
pub(super) fn pages(document: &ReceiptDocument) -> Vec<Sheet> {
    let line = |at: usize| cells(document, at);
    let list = List { table: table(document), lines: document.lines.len(), line: &line, top: TOP, bottom: BOTTOM };
    let plan = list.plan();
    let words = &WORDS.receipt.lines;
    let page = |at: usize| {
        let mut sheet = Sheet::default();
        continued(&mut sheet, document);
        sheet.text(LEFT, TOP - 9.0, words.ms.as_str(), Style::bold(10.5));
        let after = LEFT + width(&words.ms, Style::bold(10.5)) + 6.0;
        sheet.text(after, TOP - 9.0, words.en.as_str(), Style::grey(8.4));
        list.draw(&mut sheet, &plan[at], at == 0, at + 1 == plan.len());
        sheet
    };
    (0..plan.len()).map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_that_follow_each_other_are_one_run() {
        let of = |list: &[&str]| months(&list.iter().map(|m| m.parse().expect("a month")).collect::<Vec<_>>());
        assert_eq!(of(&[]), "");
        assert_eq!(of(&["2026-10"]), "10/2026");
        assert_eq!(of(&["2025-12", "2026-01"]), "12/2025–01/2026");
        assert_eq!(of(&["2026-01", "2026-02", "2026-04"]), "01/2026–02/2026, 04/2026");
    }
}
