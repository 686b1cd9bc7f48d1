//! Findings saved as a file: CSV, or a spreadsheet whose cells are all text, so that nothing in them is ever a formula.

use std::io::{self, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::CliError;
use super::ack::write_whole;
use crate::checks::FileCheck;
use crate::document::{FindingDocument, Style, without_formula};
use crate::domain::Finding;

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

/// Columns of a table of findings, with their widths in a spreadsheet.
const COLUMNS: [(&str, u16); 13] = [
    ("file", 24),
    ("line", 8),
    ("columns", 10),
    ("field", 16),
    ("severity", 9),
    ("code", 7),
    ("name", 26),
    ("found", 20),
    ("expected", 24),
    ("message", 70),
    ("cure", 70),
    ("law", 40),
    ("employer_code", 16),
];

/// Findings as a table that a spreadsheet can open: no cell begins like a formula.
pub fn write_csv<'a>(
    out: &mut impl Write,
    files: impl Iterator<Item = (&'a str, &'a FileCheck)>,
    style: Style<'_>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS.map(|(name, _)| name))?;
    for (path, check) in files {
        for finding in &check.findings {
            writer.write_record(csv_row(path, finding, check, style).iter().map(|cell| without_formula(cell)))?;
        }
    }
    writer.flush()
}

/// A finding as cells, in the order of [`COLUMNS`].
fn csv_row(path: &str, finding: &Finding, check: &FileCheck, style: Style<'_>) -> [String; 13] {
    let said = FindingDocument::new(finding, check, style);
    let number = |line: Option<u64>| line.map_or_else(String::new, |line| line.to_string());
    [
        path.to_owned(),
        number(said.line),
        said.columns.map_or_else(String::new, |columns| format!("{}-{}", columns.0, columns.1)),
        said.field.unwrap_or_default().to_owned(),
        said.severity.id().to_owned(),
        said.code.to_owned(),
        said.name.to_owned(),
        said.found.unwrap_or_default(),
        said.expected.unwrap_or_default().to_owned(),
        said.message,
        said.cure,
        said.law.to_owned(),
        said.employer_code.unwrap_or_default().to_owned(),
    ]
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
    let rows =
        files.flat_map(|(path, check)| check.findings.iter().map(move |finding| csv_row(path, finding, check, style)));
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
    use crate::domain::FindingName;
    use crate::messages::{Language, Messages};

    #[test]
    fn formulas_become_text() {
        for (cell, safe) in
            [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-A1", "'-A1"), ("33-44", "33-44"), ("", "")]
        {
            assert_eq!(without_formula(cell), safe);
        }
        for number in ["-2965", "+10", "-29.65", "2965"] {
            assert_eq!(without_formula(number), number);
        }
        for cell in ["-", "+", "--5", "-1-1", "-1.2.3", "-.5", "-5.", "+60123456789x", "-1,000"] {
            assert_eq!(without_formula(cell), format!("'{cell}"));
        }
    }

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
