//! Tables of people: CSV (comma or semicolon) and XLSX, from bytes to rows of cells. Pure: nothing here opens a file.
// not money: the cells of a spreadsheet as they come; payroll_cell turns them into sen or refuses them.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError, open_workbook_from_rs};
use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;
use memchr::memchr_iter;

use super::workbook::{self, Kept};

/// More columns than any payroll table has; what stands further right is not looked at.
const COLUMNS_MAX: u32 = 256;
/// How an XLSX file begins.
const ZIP: &[u8] = b"PK\x03\x04";
/// How a spreadsheet of before 2007, or one with a password, begins.
const OLD_SPREADSHEET: &[u8] = b"\xD0\xCF\x11\xE0";

/// A table: its heading and its rows that are not blank.
pub struct Table {
    /// Headings as written.
    pub heading: Vec<String>,
    /// The rows below.
    pub rows: Vec<Row>,
}

/// A row of a table.
pub struct Row {
    /// Line of the CSV file, or row of the sheet, from 1.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or blanks.
    Empty,
    /// Text without blanks at either end.
    Text(String),
    /// A number of a spreadsheet.
    Number(f64),
    /// A date of a spreadsheet.
    Day(NaiveDate),
    /// What no column takes, such as a formula's error; in words.
    Unusable(String),
}

/// The bytes are no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Nothing in it.
    #[error("the table is empty: a row of headings and at least one row below it are needed")]
    Empty,
    /// Text in a form that is not read.
    #[error("the table is UTF-16 text; save it as CSV UTF-8 or as XLSX")]
    Utf16,
    /// An old or other spreadsheet.
    #[error("this spreadsheet is not XLSX; save it as XLSX or CSV")]
    OldSpreadsheet,
    /// The CSV text cannot be cut into rows.
    #[error("the CSV table cannot be read: {0}")]
    Csv(String),
    /// The spreadsheet cannot be read.
    #[error("the XLSX file cannot be read: it is damaged or not a spreadsheet; save it again as XLSX or CSV")]
    Xlsx,
    /// More than is read of a spreadsheet.
    #[error("the XLSX file is too large to be read; take out what is not needed, split it, or save the table as CSV")]
    TooLarge,
    /// No such sheet.
    #[error("the XLSX file has no sheet called \"{asked}\"; it has: {sheets}")]
    NoSheet {
        /// The name asked for.
        asked: String,
        /// The names there are.
        sheets: String,
    },
}

/// True for bytes that begin as a spreadsheet does, of whatever kind; else a table is CSV.
pub fn is_spreadsheet(bytes: &[u8]) -> bool {
    bytes.starts_with(OLD_SPREADSHEET) || bytes.starts_with(ZIP)
}

impl Table {
    /// Reads a table; what it is, its bytes tell. `sheet` names a sheet of a spreadsheet, the first one otherwise.
    ///
    /// # Errors
    /// [`TableError`] in one sentence.
    pub fn read(bytes: &[u8], sheet: Option<&str>) -> Result<Table, TableError> {
        if bytes.starts_with(OLD_SPREADSHEET) {
            return Err(TableError::OldSpreadsheet);
        }
        let mut rows = if bytes.starts_with(ZIP) { xlsx(bytes, sheet, u64::MAX)? } else { csv(bytes)? };
        rows.retain(|row| row.cells.iter().any(|cell| *cell != Cell::Empty));
        if rows.is_empty() {
            return Err(TableError::Empty);
        }
        let heading = rows.remove(0).cells.iter().map(Cell::text).collect();
        Ok(Table { heading, rows })
    }

    /// Reads no more of a spreadsheet than its headings.
    ///
    /// # Errors
    /// [`TableError`] in one sentence.
    pub fn headings(bytes: &[u8], sheet: Option<&str>) -> Result<Table, TableError> {
        let rows = xlsx(bytes, sheet, 1)?;
        let heading = rows.first().ok_or(TableError::Empty)?.cells.iter().map(Cell::text).collect();
        Ok(Table { heading, rows: Vec::new() })
    }
}

/// True for a spreadsheet that is too large to be looked into.
pub fn is_too_large(bytes: &[u8]) -> bool {
    bytes.starts_with(ZIP) && workbook::check(bytes) == Err(TableError::TooLarge)
}

impl Cell {
    fn of_text(text: &str) -> Cell {
        let text = text.trim();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
    }

    /// What stands in the cell; whole numbers without decimals.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Unusable(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Day(day) => day.to_string(),
        }
    }
}

fn csv(bytes: &[u8]) -> Result<Vec<Row>, TableError> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(TableError::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        // Spreadsheets in Malaysia save plain CSV in this code page.
        Err(_) => WINDOWS_1252.decode(bytes).0,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(&text))
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    let (mut counted, mut line) = (0, 1);
    while reader.read_record(&mut record).map_err(|error| TableError::Csv(error.to_string()))? {
        // A record is said to begin where the one before ended: blank lines between them are counted here.
        let from = record.position().map_or(0, |position| position.byte() as usize);
        let blank = text.as_bytes()[from..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        line += memchr_iter(b'\n', &text.as_bytes()[counted..from + blank]).count() as u64;
        counted = from + blank;
        rows.push(Row { number: line, cells: record.iter().map(Cell::of_text).collect() });
    }
    Ok(rows)
}

/// A comma or a semicolon, whichever the first line that is not blank has more of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: char| first.chars().filter(|c| *c == mark).count();
    if count(';') > count(',') { b';' } else { b',' }
}

/// Reads up to so many rows of a spreadsheet. Where the library breaks down over it, it cannot be read: who may drop a file
/// must not be able to stop the program.
fn xlsx(bytes: &[u8], sheet: Option<&str>, most: u64) -> Result<Vec<Row>, TableError> {
    workbook::check(bytes)?;
    std::panic::catch_unwind(|| rows_of(bytes, sheet, most)).unwrap_or(Err(TableError::Xlsx))
}

/// Cell by cell, so that a far-off cell of a damaged file costs nothing.
fn rows_of(bytes: &[u8], sheet: Option<&str>, most: u64) -> Result<Vec<Row>, TableError> {
    // What a library says of zip records and XML nodes helps nobody to mend a spreadsheet.
    let unreadable = |_: XlsxError| TableError::Xlsx;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).map_err(unreadable)?;
    let sheets = book.sheet_names();
    let name = match sheet {
        None => sheets.first().ok_or(TableError::Empty)?,
        Some(asked) => sheets
            .iter()
            .find(|name| name.trim().eq_ignore_ascii_case(asked.trim()))
            .ok_or_else(|| TableError::NoSheet { asked: asked.to_owned(), sheets: sheets.join(", ") })?,
    };
    let mut reader = book.worksheet_cells_reader(name).map_err(unreadable)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut kept = Kept::default();
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let value = cell_of(cell.get_value());
        if column >= COLUMNS_MAX || value == Cell::Empty {
            continue;
        }
        let number = u64::from(row) + 1;
        if rows.last().is_none_or(|last| last.number != number) {
            if rows.len() as u64 == most {
                break;
            }
            kept.row()?;
            rows.push(Row { number, cells: Vec::new() });
        }
        let cells = &mut rows.last_mut().expect("a row was pushed just now").cells;
        let column = column as usize;
        kept.cell(&value, (column + 1).saturating_sub(cells.len()))?;
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = value;
    }
    Ok(rows)
}

fn cell_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => Cell::of_text(text),
        DataRef::SharedString(text) => Cell::of_text(text),
        DataRef::Int(number) => Cell::of_text(&number.to_string()),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(yes) => Cell::Text(if *yes { "yes" } else { "no" }.to_owned()),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())
                .map_or_else(|| Cell::Unusable("a date that does not exist".to_owned()), Cell::Day)
        }
        DataRef::DateTime(_) | DataRef::DurationIso(_) => Cell::Unusable("a duration".to_owned()),
        DataRef::DateTimeIso(text) => {
            let day = text.get(..10).and_then(|day| day.parse().ok());
            day.map_or_else(|| Cell::Unusable("a date that cannot be read".to_owned()), Cell::Day)
        }
        DataRef::Error(error) => Cell::Unusable(format!("the error {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let table = Table::read(bytes, None).expect("a table");
        let rows = table.rows.iter().map(|row| (row.number, row.cells.iter().map(Cell::text).collect()));
        std::iter::once((0, table.heading.clone())).chain(rows).collect()
    }

    fn row(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn commas_semicolons_quotes_and_blank_lines() {
        let expected = [row(0, &["name", "wage"]), row(4, &["CONTOH, AHMAD", "3000.00"]), row(6, &["X", "1"])];
        assert_eq!(texts(b"name,wage\r\n\r\n,\r\n\"CONTOH, AHMAD\", 3000.00\r\n\r\nX,1"), expected);
        assert_eq!(texts(b"\xEF\xBB\xBFname;wage\n\n;\nCONTOH, AHMAD;3000.00\n\nX;1\n"), expected);
        assert_eq!(texts(b"name,wage\nREN\xC9,1\n")[1], row(2, &["RENÉ", "1"]));
        assert_eq!(texts(b"name,wage\n\"A\nB\",1\nC,2\n")[2].0, 4);
    }

    #[test]
    fn what_is_no_table_is_said() {
        let error = |bytes: &[u8]| Table::read(bytes, None).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error(b"").contains("empty"));
        assert!(error(b"\r\n , \r\n").contains("empty"));
        assert!(error(b"\xFF\xFEa\0").contains("UTF-16"));
        assert!(error(b"\xD0\xCF\x11\xE0").contains("not XLSX"));
        assert!(error(b"PK\x03\x04 and nothing").contains("is damaged or not a spreadsheet"));
        assert!(!error(b"").contains("employee"), "tables of other things are read here, too");
    }

    #[test]
    fn sheets_by_name() {
        let mut book = rust_xlsxwriter::Workbook::new();
        for (name, wage) in [("October", 1.0), ("November", 2.5)] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).expect("a name");
            sheet.write(0, 0, "wage").expect("written");
            sheet.write(2, 0, wage).expect("written");
        }
        let bytes = book.save_to_buffer().expect("a workbook");
        assert_eq!(texts(&bytes), [row(0, &["wage"]), row(3, &["1"])]);
        let second = Table::read(&bytes, Some("november")).expect("a table");
        assert!(second.rows[0].cells[0] == Cell::Number(2.5));
        let error = Table::read(&bytes, Some("May")).err().expect("no such sheet").to_string();
        assert!(error.contains("October, November"), "{error}");
    }
}
