//! A fix sheet as CSV and XLSX, and back. Headings are ids that never change; rows may come back sorted or fewer.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Color, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError};

use super::value::is_mendable;
use super::{FILE, FixFault, FixRow, FixSheet, LINE};
use crate::document::without_formula;
use crate::domain::Columns;
use crate::messages::{Language, Messages};
use crate::reader::layout::FIELD_NAMES;
use crate::reader::table::{Cell, Table, TableError, is_too_large};
use crate::reader::{Layout, LayoutId};

/// Headings with their widths in a spreadsheet.
const COLUMNS: [(&str, u16); 12] = [
    ("line", 7),
    ("field", 16),
    ("found", 24),
    ("suggested", 24),
    ("corrected", 24),
    ("message", 60),
    ("code", 7),
    ("name", 24),
    ("columns", 10),
    ("file_name", 24),
    ("submission", 12),
    ("digest", 20),
];

/// Place of `corrected` among [`COLUMNS`].
const CORRECTED: usize = 4;

/// Headings without which a table is no fix sheet.
const NEEDED: [&str; 5] = ["line", "field", "suggested", "corrected", "digest"];

/// Name of the sheet with the table, in a spreadsheet.
const SHEET: &str = "fix";

/// Rows that a spreadsheet has below its headings.
const SHEET_ROWS_MAX: usize = 1_048_575;

/// Bytes in which the headings of a CSV table end.
const HEADING_BYTES: usize = 1024;

/// Sentences of the second sheet, in `formats/messages/*/app.ftl`.
const HOW_TO: [&str; 9] = [
    "text-fix-sheet-purpose",
    "text-fix-sheet-corrected",
    "text-fix-sheet-money",
    "text-fix-sheet-months",
    "text-fix-sheet-delete",
    "text-fix-sheet-hold",
    "text-fix-sheet-more",
    "text-fix-sheet-others",
    "text-fix-sheet-back",
];

/// A sheet cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// More rows than a spreadsheet has, or than are read of one.
    #[error("there are more faults than a spreadsheet takes; write them as .csv")]
    TooManyRows,
    /// The spreadsheet cannot be put together.
    #[error("the spreadsheet cannot be written: {0}")]
    Xlsx(#[from] XlsxError),
}

impl FixSheet {
    /// As CSV: UTF-8 with a byte-order mark, by which spreadsheets know it, and CR LF.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xEF\xBB\xBF".to_vec());
        let heading = COLUMNS.map(|(name, _)| name);
        let cells = self.rows.iter().map(|row| self.cells(row).map(|cell| kept_as_text(&cell)));
        let rows = std::iter::once(heading.map(str::to_owned)).chain(cells);
        for row in rows {
            writer.write_record(row).expect("memory takes every row");
        }
        writer.into_inner().expect("memory takes every row")
    }

    /// As a spreadsheet: the table, and a second sheet that says how to fill it in. Every cell is text.
    ///
    /// # Errors
    /// [`SheetError`].
    pub fn to_xlsx(&self) -> Result<Vec<u8>, SheetError> {
        if self.rows.len() > SHEET_ROWS_MAX {
            return Err(SheetError::TooManyRows);
        }
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(SHEET)?;
        self.write_table(sheet)?;
        let words = book.add_worksheet();
        words.set_name("how to")?;
        write_how_to(words)?;
        let bytes = book.save_to_buffer()?;
        // What could not be read when it comes back is not handed out.
        if is_too_large(&bytes) { Err(SheetError::TooManyRows) } else { Ok(bytes) }
    }

    fn write_table(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
        let number = Format::new().set_align(FormatAlign::Top);
        let entered = text.clone().set_background_color(Color::RGB(0x00FF_F2CC)).set_unlocked();
        let bold = Format::new().set_bold().set_background_color(Color::RGB(0x00D9_E2F3));
        sheet.set_freeze_panes(1, 2)?;
        for (column, (name, width)) in (0..).zip(COLUMNS) {
            sheet.set_column_width(column, width)?;
            sheet.set_column_format(column, if usize::from(column) == CORRECTED { &entered } else { &text })?;
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        let last = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        // Identity numbers are text on purpose.
        sheet.ignore_error_range(1, 0, last.max(1), COLUMNS.len() as u16 - 1, IgnoreError::NumberStoredAsText)?;
        sheet.autofilter(0, 0, last, COLUMNS.len() as u16 - 1)?;
        for (row, found) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(self.cells(found)) {
                // Lines are numbers, so that they can be sorted.
                if let (0, Some(Ok(line))) = (column, found.line.map(u32::try_from)) {
                    sheet.write_number_with_format(row, column, line, &number)?;
                    continue;
                }
                let format = if usize::from(column) == CORRECTED { &entered } else { &text };
                // Reading takes one apostrophe off, as spreadsheets do.
                let cell = if cell.starts_with('\'') { format!("'{cell}") } else { cell };
                sheet.write_string_with_format(row, column, cell, format)?;
            }
        }
        Ok(())
    }

    /// A row as cells, in the order of [`COLUMNS`].
    fn cells(&self, row: &FixRow) -> [String; 12] {
        // A hyphen between two small numbers would become a date in a spreadsheet.
        let columns = row.columns.map_or_else(String::new, |Columns(first, last)| format!("{first}–{last}"));
        [
            row.line.map_or_else(String::new, |line| line.to_string()),
            row.field.clone(),
            row.found.clone(),
            row.suggested.clone(),
            row.corrected.clone(),
            row.message.clone(),
            row.code.clone(),
            row.name.clone(),
            columns,
            self.file_name.clone(),
            self.submission.clone(),
            self.digest.clone(),
        ]
    }

    /// Reads a sheet that came back: CSV (comma or semicolon) or XLSX.
    ///
    /// # Errors
    /// Everything that cannot be used, at once.
    pub fn read(bytes: &[u8]) -> Result<FixSheet, Vec<FixFault>> {
        let table = match Table::read(bytes, Some(SHEET)) {
            // Somebody gave the sheet another name.
            Err(TableError::NoSheet { .. }) => Table::read(bytes, None),
            other => other,
        };
        let table = table.map_err(|error| vec![FixFault::whole(error.to_string())])?;
        let at = Headings::of(&table);
        let missing: Vec<&str> = NEEDED.into_iter().filter(|name| at.place(name).is_none()).collect();
        if !missing.is_empty() {
            let what = format!("this is no fix sheet; it has no column {}", missing.join(", "));
            return Err(vec![FixFault::whole(what)]);
        }
        let mut faults = Vec::new();
        let rows = table.rows.iter().map(|row| read_row(&at, row.number, &row.cells, &mut faults)).collect();
        let mut one = |name: &str, what: &str| {
            let column = table.rows.iter().map(|row| at.text(&row.cells, name));
            let values: BTreeSet<String> = column.filter(|value| !value.is_empty()).collect();
            if values.len() > 1 {
                faults.push(FixFault::whole(format!(
                    "the sheet has rows of more than one {what}; make a sheet for each"
                )));
            }
            values.into_iter().next().unwrap_or_default()
        };
        let (submission, file_name, digest) =
            (one("submission", "submission"), one("file_name", "file name"), one("digest", "file (see column digest)"));
        if !is_digest(&digest) {
            faults.push(FixFault::whole(
                "the column digest does not say which file the sheet is for; leave it as it was",
            ));
        }
        if faults.is_empty() { Ok(FixSheet { submission, file_name, digest, rows }) } else { Err(faults) }
    }
}

/// True when the bytes look like a fix sheet, by their headings: for a folder into which files of all kinds are dropped.
pub fn is_fix_sheet(bytes: &[u8]) -> bool {
    let table = if bytes.starts_with(b"PK\x03\x04") {
        Table::headings(bytes, Some(SHEET))
    } else {
        let head = &bytes[..bytes.len().min(HEADING_BYTES)];
        let end = head.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(head.len());
        Table::read(&head[..end], None)
    };
    table.is_ok_and(|table| {
        let at = Headings::of(&table);
        NEEDED.iter().all(|name| at.place(name).is_some())
    })
}

/// Where each heading stands.
struct Headings<'t>(&'t [String]);

impl<'t> Headings<'t> {
    fn of(table: &'t Table) -> Self {
        Headings(&table.heading)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|heading| heading.trim().eq_ignore_ascii_case(name))
    }

    fn cell<'c>(&self, cells: &'c [Cell], name: &str) -> &'c Cell {
        self.place(name).and_then(|place| cells.get(place)).unwrap_or(&Cell::Empty)
    }

    fn text(&self, cells: &[Cell], name: &str) -> String {
        let text = self.cell(cells, name).text();
        text.strip_prefix('\'').map(str::to_owned).unwrap_or(text)
    }
}

fn read_row(at: &Headings<'_>, row: u64, cells: &[Cell], faults: &mut Vec<FixFault>) -> FixRow {
    let text = |name: &str| at.text(cells, name);
    let line = text("line");
    let field = text("field").to_lowercase();
    let number = line.parse::<u64>().ok().filter(|line| *line > 0);
    let mut fault = |column: &str, what: String| {
        faults.push(FixFault { row: Some(row), line: number, field: column.to_owned(), what });
    };
    if number.is_none() && !line.is_empty() {
        fault("line", format!("\"{line}\" is no line number"));
    } else if number.is_none() && field != FILE {
        fault("line", "the number of the line is missing".to_owned());
    }
    if ![LINE, FILE].contains(&field.as_str()) && !is_any_field(&field) {
        fault(
            "field",
            format!("\"{field}\" is no field that can be mended; there are line, {}", mendable().join(", ")),
        );
    }
    if let Cell::Unusable(what) = at.cell(cells, "corrected") {
        fault(&field, format!("the cell holds {what}; enter the value as text"));
    }
    FixRow {
        row,
        line: number,
        field,
        columns: columns(&text("columns")),
        code: text("code"),
        name: text("name"),
        message: text("message"),
        found: text("found"),
        suggested: text("suggested"),
        corrected: text("corrected"),
    }
}

fn is_any_field(field: &str) -> bool {
    LayoutId::ALL.into_iter().any(|id| is_mendable(Layout::get(id), field))
}

fn mendable() -> Vec<&'static str> {
    FIELD_NAMES.into_iter().filter(|field| is_any_field(field)).collect()
}

fn columns(text: &str) -> Option<Columns> {
    let (first, last) = text.split_once(['–', '-'])?;
    Some(Columns(first.trim().parse().ok()?, last.trim().parse().ok()?))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A cell of CSV that a spreadsheet neither reckons with nor shortens: long numbers and zeros in front survive.
fn kept_as_text(cell: &str) -> String {
    let number = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
    let shortened = number && (cell.len() > 11 || cell.len() > 1 && cell.starts_with('0'));
    if shortened || cell.starts_with('\'') { format!("'{cell}") } else { without_formula(cell) }
}

fn write_how_to(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let bold = Format::new().set_bold();
    for (column, (title, language)) in (0..).zip([("English", Language::English), ("Bahasa Melayu", Language::Malay)]) {
        let messages = Messages::get(language);
        sheet.set_column_width(column, 70)?;
        sheet.write_string_with_format(0, column, title, &bold)?;
        for (row, id) in (1..).zip(HOW_TO) {
            sheet.write_string_with_format(row, column, messages.text(id), &wrapped)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> FixSheet {
        let row = |row, line, field: &str, found: &str, corrected: &str| FixRow {
            row,
            line,
            field: field.to_owned(),
            columns: Some(Columns(1, 12)),
            code: "R101".to_owned(),
            name: "employer-code-format".to_owned(),
            message: "The code, \"as found\", is wrong.".to_owned(),
            found: found.to_owned(),
            suggested: corrected.to_owned(),
            corrected: corrected.to_owned(),
        };
        FixSheet {
            submission: "S-000123".to_owned(),
            file_name: "=october.txt".to_owned(),
            digest: "0a".repeat(32),
            rows: vec![
                FixRow { columns: None, ..row(2, None, FILE, "", "") },
                row(3, Some(1), "employer_code", "=HYPERLINK(\"x\")", "A9900000001Z"),
                row(4, Some(2), "id_number", "050101149991", "050101149991"),
                row(5, Some(2), "name", "'AISHAH, RENÉ", "-"),
                row(6, Some(3), "month", "052026", "052026"),
                row(7, Some(4), LINE, "@total", "(delete)"),
            ],
        }
    }

    #[test]
    fn a_sheet_comes_back_as_it_went() {
        let sheet = sheet();
        let (csv, xlsx) = (sheet.to_csv(), sheet.to_xlsx().expect("written"));
        for bytes in [&csv, &xlsx] {
            assert!(is_fix_sheet(bytes));
            assert!(FixSheet::read(bytes) == Ok(sheet.clone()));
        }
        let text = String::from_utf8(csv).expect("UTF-8");
        assert!(text.starts_with('\u{FEFF}') && text.ends_with("\r\n"));
        assert!(text.contains(",'=HYPERLINK") || text.contains("\"'=HYPERLINK"), "{text}");
        assert!(text.contains("'050101149991") && text.contains("'052026"));
        let semicolons = "\u{FEFF}line;field;found;suggested;corrected;digest\r\n1;amount;;;68,60;";
        let semicolons = format!("{semicolons}{}\r\n", "0a".repeat(32));
        assert!(is_fix_sheet(semicolons.as_bytes()));
        let rows = FixSheet::read(semicolons.as_bytes()).expect("a sheet").rows;
        assert_eq!((rows[0].corrected.as_str(), rows[0].row, rows[0].line), ("68,60", 2, Some(1)));
    }

    #[test]
    fn other_files_are_no_sheets() {
        let payroll = b"name,id_number,wage\r\nCONTOH,900101149991,3000\r\n";
        let line = format!("{:<278}\r\n", "A9900000001Z");
        for bytes in [&payroll[..], line.as_bytes(), b"", b"PK\x03\x04 and nothing"] {
            assert!(!is_fix_sheet(bytes));
            assert!(FixSheet::read(bytes).is_err());
        }
    }

    #[test]
    fn every_fault_at_once() {
        let digest = "0a".repeat(32);
        let table = format!(
            "line,field,found,suggested,corrected,digest\n0,month,,,1,{digest}\n,amount,,,1,{digest}\nx,wage,,,1,{digest}\n\
             4,filler_1,,,1,{}\n",
            "0b".repeat(32)
        );
        let faults = FixSheet::read(table.as_bytes()).expect_err("faults");
        let rows: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
        assert_eq!(
            rows,
            [(Some(2), "line"), (Some(3), "line"), (Some(4), "line"), (Some(5), "field"), (None, "")],
            "{faults:?}"
        );
        let without = FixSheet::read(b"line,field,found,suggested,corrected,digest\n1,amount,,,1.00,\n");
        assert!(without.expect_err("no digest")[0].what.contains("digest"));
    }

    #[test]
    fn the_second_sheet_says_how() {
        use calamine::{Reader, Xlsx, open_workbook_from_rs};
        let bytes = sheet().to_xlsx().expect("written");
        let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
        assert_eq!(book.sheet_names(), ["fix", "how to"]);
        let words = book.worksheet_range("how to").expect("readable");
        assert_eq!(words.height(), HOW_TO.len() + 1);
        assert!(words.rows().all(|row| row.iter().all(|cell| cell.to_string().len() > 5)));
    }
}
