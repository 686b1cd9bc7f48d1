//! Lists of people over many pages: head repeated, page total, brought and carried forward, grand total.

use super::labels::{LABELS, Label};
use super::plan::{PlannedLine, PlannedPage, plan};
use super::sheet::Sheet;
use super::table::{Cell, HEAD, ROW, Table, money};
use super::text::{Ink, Style, shrink};
use crate::domain::Sen;

/// Height of a row of sums.
const SUM: f32 = 15.0;

/// A list: a table, how many lines it has, and how to make one. Lines are made twice (planned, printed) and never kept.
pub(crate) struct List<'a, 'b> {
    pub table: Table<'a>,
    pub lines: usize,
    pub line: &'b (dyn Fn(usize) -> Vec<Cell<'a>> + 'b),
    /// Top and bottom edge of the room on every page.
    pub top: f32,
    pub bottom: f32,
}

impl List<'_, '_> {
    fn sums(&self) -> usize {
        self.table.columns.iter().filter(|column| column.summed).count()
    }

    /// Spreads the lines over pages.
    pub(crate) fn plan(&self) -> Vec<PlannedPage> {
        // Brought forward on top; page total and carried forward at the foot.
        let sums = if self.sums() > 0 { 3.0 * SUM } else { 0.0 };
        let planned = (0..self.lines).map(|at| {
            let cells = (self.line)(at);
            let summed = self.table.columns.iter().zip(&cells).filter(|(column, _)| column.summed);
            let amounts = summed.map(|(_, cell)| match cell {
                Cell::Money(amount) => amount.unwrap_or(Sen::ZERO),
                Cell::Text(_) => Sen::ZERO,
            });
            PlannedLine { height: self.table.row_height(&cells), amounts: amounts.collect() }
        });
        plan(planned, self.sums(), self.bottom - self.top - HEAD - sums)
    }

    /// Draws one page of the list; gives the place below it.
    pub(crate) fn draw(&self, sheet: &mut Sheet, page: &PlannedPage, first: bool, last: bool) -> f32 {
        let words = &LABELS.people;
        let (left, wide) = (self.table.left, self.table.wide());
        self.table.head(sheet, self.top);
        let mut y = self.top + HEAD;
        let summed = self.sums() > 0;
        if summed && !first {
            self.sum(sheet, y, &words.brought_forward, &page.brought_forward, false);
            y += SUM;
            sheet.rule(left, y, wide, 0.5, Ink::RULE);
        }
        let mut rules = Vec::with_capacity(page.lines.len());
        for at in page.lines.clone() {
            let cells = (self.line)(at);
            self.table.row(sheet, y, &cells, false);
            y += self.table.row_height(&cells);
            if at + 1 < page.lines.end {
                rules.push(y);
            }
        }
        sheet.rules(left, &rules, wide, 0.35, Ink::HAIR);
        if page.lines.is_empty() {
            sheet.text(left + 3.0, y + 9.2, format!("{} / {}", words.none.ms, words.none.en), Style::grey(7.6));
            y += ROW;
        }
        sheet.rule(left, y, wide, 0.5, Ink::BLACK);
        if summed {
            if !(first && last) {
                self.sum(sheet, y, &words.page_total, &page.page_total, false);
                y += SUM;
                sheet.rule(left, y, wide, 0.35, Ink::RULE);
            }
            let label = if last { &words.grand_total } else { &words.carried_forward };
            sheet.fill(left, y + 0.3, wide, SUM - 0.3, Ink::TINT);
            self.sum(sheet, y, label, &page.carried_forward, true);
            y += SUM;
            sheet.rule(left, y, wide, if last { 1.4 } else { 0.9 }, Ink::BLACK);
        }
        y
    }

    /// A row of sums: words on the left, amounts under their columns.
    fn sum(&self, sheet: &mut Sheet, y: f32, label: &Label, sums: &[Sen], bold: bool) {
        let style = if bold { Style::bold(7.8) } else { Style::regular(7.6) };
        let base = y + 10.4;
        sheet.text(self.table.left + 3.0, base, label.ms.as_str(), style);
        let after = self.table.left + 7.0 + super::text::width(&label.ms, style);
        sheet.text(after, base, label.en.as_str(), Style::grey(6.6));
        let mut right = self.table.left;
        let mut sums = sums.iter();
        for column in &self.table.columns {
            right += column.wide;
            if column.summed
                && let Some(sum) = sums.next()
            {
                let text = money(*sum);
                sheet.text_right(right - 3.0, base, text.as_str(), shrink(&text, style, column.wide - 4.0, 0.5));
            }
        }
    }
}
