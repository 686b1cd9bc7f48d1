//! Tables: columns with a bilingual head, cells of text and money, long text shrunk and then wrapped.

use std::borrow::Cow;

use super::labels::Label;
use super::sheet::Sheet;
use super::text::{Ink, Style, shrink, width, wrap};
use crate::domain::Sen;

/// Height of a head with two languages.
pub(crate) const HEAD: f32 = 24.0;
/// Height of a row with one line of text.
pub(crate) const ROW: f32 = 13.0;
/// What each further line of text adds.
const FURTHER: f32 = 8.0;
/// Space between text and the edge of its column.
const PAD: f32 = 3.0;
/// Text is shrunk to this part of its size before it is wrapped.
const SMALLEST: f32 = 0.86;
/// Size of what stands in rows.
const SIZE: f32 = 7.6;

/// Where text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// One column.
#[derive(Clone)]
pub(crate) struct Column<'a> {
    pub title: Cow<'a, Label>,
    pub wide: f32,
    pub align: Align,
    /// Stands in page totals.
    pub summed: bool,
}

impl<'a> Column<'a> {
    pub(crate) fn left(title: &'a Label, wide: f32) -> Column<'a> {
        Column { title: Cow::Borrowed(title), wide, align: Align::Left, summed: false }
    }

    pub(crate) fn centre(title: &'a Label, wide: f32) -> Column<'a> {
        Column { align: Align::Centre, ..Column::left(title, wide) }
    }

    pub(crate) fn right(title: &'a Label, wide: f32) -> Column<'a> {
        Column { align: Align::Right, ..Column::left(title, wide) }
    }

    /// Money that is summed at the foot of the page.
    pub(crate) fn money(title: &'a Label, wide: f32) -> Column<'a> {
        Column { summed: true, ..Column::right(title, wide) }
    }
}

/// What stands in a column of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    Text(Cow<'a, str>),
    /// `None` prints a dash: not applicable, or not in the file.
    Money(Option<Sen>),
}

impl<'a> Cell<'a> {
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell::Text(text.into())
    }

    fn words(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text.as_ref()),
            Cell::Money(Some(amount)) => Cow::Owned(money(*amount)),
            Cell::Money(None) => Cow::Borrowed("–"),
        }
    }
}

/// Ringgit with two decimals and commas between thousands: `1,234.50`.
pub(crate) fn money(amount: Sen) -> String {
    let value = amount.0.unsigned_abs();
    let sign = if amount.0 < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", grouped(value / 100), value % 100)
}

/// A count with commas between thousands.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table at a place on the page.
pub(crate) struct Table<'a> {
    pub left: f32,
    pub columns: Vec<Column<'a>>,
}

impl Table<'_> {
    /// Width of all columns.
    pub(crate) fn wide(&self) -> f32 {
        self.columns.iter().map(|column| column.wide).sum()
    }

    /// Draws the head with its top edge at `y`.
    pub(crate) fn head(&self, sheet: &mut Sheet, y: f32) {
        sheet.fill(self.left, y, self.wide(), HEAD, Ink::TINT);
        sheet.rule(self.left, y, self.wide(), 0.9, Ink::BLACK);
        sheet.rule(self.left, y + HEAD, self.wide(), 0.5, Ink::BLACK);
        let mut x = self.left;
        for column in &self.columns {
            place(sheet, x, y + 10.0, column, &column.title.ms, Style::bold(7.2), 0.5);
            place(sheet, x, y + 19.0, column, &column.title.en, Style::grey(6.4), 0.5);
            x += column.wide;
        }
    }

    /// Height of a row.
    pub(crate) fn row_height(&self, cells: &[Cell<'_>]) -> f32 {
        let lines = self.columns.iter().zip(cells).map(|(column, cell)| match cell {
            Cell::Text(text) => lines(text, column).map_or(1, |lines| lines.len()),
            Cell::Money(_) => 1,
        });
        ROW + FURTHER * (lines.max().unwrap_or(1) - 1) as f32
    }

    /// Draws a row with its top edge at `y`; lines between rows are the caller's.
    pub(crate) fn row(&self, sheet: &mut Sheet, y: f32, cells: &[Cell<'_>], bold: bool) {
        let style = if bold { Style::bold(SIZE) } else { Style::regular(SIZE) };
        let mut x = self.left;
        for (column, cell) in self.columns.iter().zip(cells) {
            let words = cell.words();
            // An amount is never broken over lines, only made smaller.
            let broken = if let Cell::Text(text) = cell { lines(text, column) } else { None };
            match broken {
                None => place(sheet, x, y + 9.2, column, &words, style, 0.5),
                Some(lines) => {
                    for (at, line) in lines.iter().enumerate() {
                        let base = y + 9.0 + FURTHER * at as f32;
                        place(sheet, x, base, column, line, style.size(SIZE * SMALLEST), 0.5);
                    }
                }
            }
            x += column.wide;
        }
    }
}

/// The lines of a text that does not fit even when shrunk a little; `None` where one line will do.
fn lines(text: &str, column: &Column<'_>) -> Option<Vec<String>> {
    let (style, room) = (Style::regular(SIZE * SMALLEST), column.wide - 2.0 * PAD);
    // Three quarters of the size is wider than nearly every letter, so short text needs no measuring; should it still
    // be too wide, it is shrunk when it is placed.
    let surely = text.len() as f32 * SIZE * 0.75 <= room;
    if surely || width(text, style) <= room { None } else { Some(wrap(text, style, room)) }
}

fn place(sheet: &mut Sheet, x: f32, base: f32, column: &Column<'_>, text: &str, style: Style, smallest: f32) {
    if text.is_empty() {
        return;
    }
    let style = shrink(text, style, column.wide - 2.0 * PAD, smallest);
    match column.align {
        Align::Left => sheet.text(x + PAD, base, text, style),
        Align::Centre => sheet.text_centre(x + column.wide / 2.0, base, text, style),
        Align::Right => sheet.text_right(x + column.wide - PAD, base, text, style),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_commas_and_two_decimals() {
        for (sen, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (123_456_789, "1,234,567.89"),
            (-100_001, "-1,000.01"),
        ] {
            assert_eq!(money(Sen(sen)), text);
        }
    }

    #[test]
    fn long_names_make_higher_rows() {
        let label = Label { ms: "Nama".to_owned(), en: "Name".to_owned() };
        let table = Table { left: 0.0, columns: vec![Column::left(&label, 120.0), Column::money(&label, 50.0)] };
        let height = |name: &str| table.row_height(&[Cell::text(name.to_owned()), Cell::Money(None)]);
        assert_eq!(height("CONTOH SATU"), ROW);
        assert_eq!(height("CONTOH BIN CONTOH CONTOH CONTOH"), ROW + FURTHER);
        assert!(height(&"CONTOH ".repeat(21)) > ROW + 4.0 * FURTHER);
    }
}
