//! Findings saved as a file: CSV, or a spreadsheet whose cells are all text, so that nothing in them is ever a formula.

use std::io;
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::CliError;
use super::ack::write_whole;
use super::check::{COLUMNS, csv_row, write_csv};
use crate::checks::FileCheck;
use crate::document::Style;

/// Most rows that a sheet holds below its header.
const SHEET_ROWS_MAX: usize = 1_048_575;

/// Saves the findings of all files; the name's ending says how.
///
/// # Errors
/// One sentence: another ending, too many findings for a sheet, or a file that cannot be written.
pub fn save<'a>(
    path: &Path,
    files: impl Iterator<Item = (&'a str, &'a FileCheck)> + Clone,
    style: Style<'_>,
) -> Result<(), CliError> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let bytes = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => {
            let mut bytes = Vec::new();
            write_csv(&mut bytes, files, style)?;
            bytes
        }
        Some("xlsx") => {
            if files.clone().map(|(_, check)| check.findings.len()).sum::<usize>() > SHEET_ROWS_MAX {
                return Err(CliError::said("there are more findings than a sheet has rows; save them as .csv"));
            }
            sheet(files, style).map_err(|error| CliError::Output(io::Error::other(error)))?
        }
        _ => return Err(CliError::said(format!("{}: findings are saved as .csv or .xlsx", path.display()))),
    };
    write_whole(path, &bytes)
}

fn sheet<'a>(files: impl Iterator<Item = (&'a str, &'a FileCheck)>, style: Style<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    sheet.set_freeze_panes(1, 0)?;
    for (column, (name, width)) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    let rows = files.flat_map(|(path, check)| check.findings.iter().map(move |finding| csv_row(path, finding, style)));
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    book.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

    use super::*;
    use crate::domain::{Finding, FindingName};
    use crate::messages::{Language, Messages};

    #[test]
    fn a_formula_in_a_file_stays_text() {
        let finding = Finding::new(FindingName::EmployerCodeFormat).line(2).found("=HYPERLINK(\"x\")");
        let check = FileCheck::unread(vec![finding]);
        let style = Style { messages: Messages::get(Language::English), show_identities: false };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("findings.xlsx");
        save(&path, [("=a.txt", &check)].into_iter(), style).expect("saved");
        let bytes = std::fs::read(&path).expect("there");
        let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
        let cells = book.worksheet_range_at(0).expect("a sheet").expect("readable");
        assert_eq!(cells.get((1, 0)), Some(&Data::String("=a.txt".into())));
        assert_eq!(cells.get((1, 7)), Some(&Data::String("=HYPERLINK(\"x\")".into())));
        let csv = folder.path().join("findings.csv");
        save(&csv, [("=a.txt", &check)].into_iter(), style).expect("saved");
        let text = std::fs::read_to_string(&csv).expect("there");
        assert!(text.contains("'=a.txt") && text.contains("'=HYPERLINK"), "{text}");
        let wrong = save(&folder.path().join("findings.pdf"), [("a", &check)].into_iter(), style);
        assert!(wrong.is_err_and(|error| error.to_string().contains(".csv or .xlsx")));
    }
}
