//! A run of blocks down the page, on as many pages as they need.

use super::labels::Label;
use super::sheet::{BOTTOM, LEFT, RIGHT, Sheet};
use super::table::{Cell, HEAD, ROW, Table};
use super::text::{Ink, Style, width, wrap};

/// Sheets filled from top to bottom.
pub(crate) struct Flow<'a> {
    pub sheets: Vec<Sheet>,
    /// Place of the next block on the last sheet.
    pub y: f32,
    /// Draws the head of a further page and gives the place below it.
    pub head: &'a dyn Fn(&mut Sheet) -> f32,
}

impl Flow<'_> {
    /// The page being filled.
    pub(crate) fn sheet(&mut self) -> &mut Sheet {
        if self.sheets.is_empty() {
            self.sheets.push(Sheet::default());
        }
        self.sheets.last_mut().expect("there is a sheet")
    }

    /// Makes sure that a block of this height stands on one page.
    pub(crate) fn room(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            let mut sheet = Sheet::default();
            self.y = (self.head)(&mut sheet);
            self.sheets.push(sheet);
        }
    }

    /// A heading in both languages; `below` is the height of what must stand on the same page.
    pub(crate) fn heading(&mut self, label: &Label, below: f32) {
        self.room(20.0 + below);
        let (y, style) = (self.y + 12.0, Style::bold(9.5));
        self.sheet().text(LEFT, y, label.ms.as_str(), style);
        self.sheet().text(LEFT + width(&label.ms, style) + 6.0, y, label.en.as_str(), Style::grey(8.0));
        self.y += 16.0;
    }

    /// A sentence in both languages, wrapped, with a mark in front where it is one of several.
    pub(crate) fn sentence(&mut self, label: &Label, style: Style, listed: bool) {
        let left = if listed { LEFT + 10.0 } else { LEFT };
        let english = Style::grey(style.size - 0.9);
        let malay = wrap(&label.ms, style, RIGHT - left);
        let second = wrap(&label.en, english, RIGHT - left);
        let height = 10.2 * malay.len() as f32 + 9.2 * second.len() as f32 + 2.6;
        self.room(height);
        let mut base = self.y + 8.6;
        if listed {
            self.sheet().fill(LEFT + 1.0, base - 4.4, 3.2, 3.2, style.ink);
        }
        for line in malay {
            self.sheet().text(left, base, line, style);
            base += 10.2;
        }
        for line in second {
            self.sheet().text(left, base - 0.8, line, english);
            base += 9.2;
        }
        self.y += height;
    }

    /// A table whose head is repeated on every page. The last row is printed as a total where wanted.
    pub(crate) fn table(&mut self, table: &Table<'_>, rows: &[Vec<Cell<'_>>], total: Option<Vec<Cell<'_>>>) {
        self.room(HEAD + 2.0 * ROW);
        let y = self.y;
        table.head(self.sheet(), y);
        self.y += HEAD;
        for (at, cells) in rows.iter().enumerate() {
            let height = table.row_height(cells);
            // The last row stays with the total below it.
            let company = if at + 1 == rows.len() && total.is_some() { ROW + 1.0 } else { 0.0 };
            let sheets = self.sheets.len();
            self.room(height + company);
            if self.sheets.len() > sheets {
                let y = self.y;
                table.head(self.sheet(), y);
                self.y += HEAD;
            } else if at > 0 {
                let y = self.y;
                self.sheet().rule(table.left, y, table.wide(), 0.35, Ink::HAIR);
            }
            let y = self.y;
            table.row(self.sheet(), y, cells, false);
            self.y += height;
        }
        let y = self.y;
        self.sheet().rule(table.left, y, table.wide(), 0.5, Ink::BLACK);
        if let Some(cells) = total {
            self.sheet().fill(table.left, y + 0.3, table.wide(), ROW, Ink::TINT);
            table.row(self.sheet(), y + 0.3, &cells, true);
            self.y += ROW + 0.6;
            let y = self.y;
            self.sheet().rule(table.left, y, table.wide(), 0.9, Ink::BLACK);
        }
        self.y += 4.0;
    }
}
