//! The register as tables: exports that `import` takes back unchanged, and templates that say what to write.

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::register::Staff;
use crate::document::without_formula;
use crate::reader::register_column::{EMPLOYEE_COLUMNS, EMPLOYER_COLUMNS};
use crate::reader::register_table::RegisterKind;

/// Most rows that a sheet holds below its heading.
const SHEET_ROWS_MAX: usize = 1_048_575;
/// Rows of a sheet that offer lists of words.
const ROWS_WITH_LISTS: u32 = 100_000;
/// Narrowest and widest column, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 12..=36;

/// A table cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// More people than rows.
    #[error("there are more people than a sheet has rows; write a .csv")]
    TooMany,
    /// The spreadsheet.
    #[error("the spreadsheet cannot be made: {0}")]
    Xlsx(#[from] XlsxError),
    /// The CSV table.
    #[error("the table cannot be made: {0}")]
    Csv(#[from] csv::Error),
}

/// The register as a CSV table of one kind. No cell begins like a formula: an apostrophe stands before it, which
/// `import` takes away again.
///
/// # Errors
/// [`SheetError::Csv`], which cannot happen in memory.
pub fn csv(kind: RegisterKind, staff: &[Staff]) -> Result<Vec<u8>, SheetError> {
    table(kind, rows(kind, staff))
}

/// The register as a spreadsheet with a sheet of each kind, all cells text.
///
/// # Errors
/// [`SheetError`].
pub fn workbook(staff: &[Staff]) -> Result<Vec<u8>, SheetError> {
    if staff.iter().map(|one| one.employees.len()).sum::<usize>() > SHEET_ROWS_MAX || staff.len() > SHEET_ROWS_MAX {
        return Err(SheetError::TooMany);
    }
    let mut book = Workbook::new();
    for kind in [RegisterKind::Employees, RegisterKind::Employers] {
        sheet(book.add_worksheet_with_constant_memory()?, kind, rows(kind, staff))?;
    }
    Ok(book.save_to_buffer()?)
}

/// Headings and one row as an example.
///
/// # Errors
/// [`SheetError::Csv`], which cannot happen in memory.
pub fn csv_template(kind: RegisterKind) -> Result<Vec<u8>, SheetError> {
    table(kind, std::iter::once(example(kind)))
}

/// A sheet of each kind with headings, lists of words and an example, and a third one that explains every column.
///
/// # Errors
/// [`SheetError::Xlsx`].
pub fn template() -> Result<Vec<u8>, SheetError> {
    let mut book = Workbook::new();
    for kind in [RegisterKind::Employees, RegisterKind::Employers] {
        sheet(book.add_worksheet(), kind, std::iter::once(example(kind)))?;
    }
    explanations(book.add_worksheet())?;
    Ok(book.save_to_buffer()?)
}

fn example(kind: RegisterKind) -> Vec<String> {
    kind.texts().iter().map(|text| text.example.clone()).collect()
}

/// The rows of one kind, in the order of its columns.
fn rows<'s>(kind: RegisterKind, staff: &'s [Staff]) -> Box<dyn Iterator<Item = Vec<String>> + 's> {
    match kind {
        RegisterKind::Employers => Box::new(staff.iter().map(|one| {
            let cells = EMPLOYER_COLUMNS.iter().map(|column| column.cell(&one.employer));
            std::iter::once(one.employer.code.to_string()).chain(cells).collect()
        })),
        RegisterKind::Employees => Box::new(staff.iter().flat_map(|one| {
            one.employees.iter().map(|employee| {
                let cells = EMPLOYEE_COLUMNS.iter().map(|column| column.cell(employee));
                std::iter::once(one.employer.code.to_string()).chain(cells).collect()
            })
        })),
    }
}

fn table(kind: RegisterKind, rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, SheetError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(kind.texts().iter().map(|text| &text.name))?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| without_formula(cell)))?;
    }
    writer.into_inner().map_err(|error| SheetError::Csv(error.into_error().into()))
}

/// The words that may stand in each column.
fn choices(kind: RegisterKind) -> Vec<&'static [&'static str]> {
    let own: Vec<_> = match kind {
        RegisterKind::Employers => EMPLOYER_COLUMNS.iter().map(|column| column.choices).collect(),
        RegisterKind::Employees => EMPLOYEE_COLUMNS.iter().map(|column| column.choices).collect(),
    };
    // The employer's code stands first.
    std::iter::once(&[][..]).chain(own).collect()
}

fn sheet(sheet: &mut Worksheet, kind: RegisterKind, rows: impl Iterator<Item = Vec<String>>) -> Result<(), XlsxError> {
    let (bold, text) = (Format::new().set_bold(), Format::new().set_num_format("@"));
    sheet.set_name(kind.id())?.set_freeze_panes(1, 0)?;
    for ((at, column), choices) in (0..).zip(kind.texts()).zip(choices(kind)) {
        let width = column.name.len().max(column.example.len()) + 2;
        sheet.set_column_width(at, width.clamp(*WIDTHS.start(), *WIDTHS.end()) as u32)?;
        // As text a spreadsheet leaves numbers and dates as they are typed.
        sheet.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, &column.name, &bold)?;
        if !choices.is_empty() {
            // A warning only: a hyphen that clears, and other words that import understands, may stand there too.
            let list =
                DataValidation::new().allow_list_strings(choices)?.set_error_style(DataValidationErrorStyle::Warning);
            sheet.add_data_validation(1, at, ROWS_WITH_LISTS, at, &list)?;
        }
    }
    for (row, cells) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string_with_format(row, at, cell, &text)?;
        }
    }
    Ok(())
}

/// Every column of both tables, in English and Malay.
fn explanations(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (bold, text) = (Format::new().set_bold(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
    sheet.set_name("columns")?.set_freeze_panes(1, 0)?;
    let headings = [
        ("sheet", 11),
        ("column", 28),
        ("what to write", 60),
        ("apa yang perlu ditulis", 60),
        ("one of", 24),
        ("example", 26),
        ("other headings that are understood", 60),
    ];
    for (at, (heading, width)) in (0..).zip(headings) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, heading, &bold)?;
    }
    let mut row = 1;
    let mut line = |cells: [&str; 7]| -> Result<(), XlsxError> {
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, at, cell, &text)?;
        }
        row += 1;
        Ok(())
    };
    for kind in [RegisterKind::Employees, RegisterKind::Employers] {
        for (column, choices) in kind.texts().iter().zip(choices(kind)) {
            let (words, also) = (choices.join(", "), column.also.join(", "));
            line([kind.id(), &column.name, &column.en, &column.ms, &words, &column.example, &also])?;
        }
    }
    let en = "A blank cell leaves what is known as it is; a single hyphen (-) clears it. Dates: 2026-10-31 or 31/10/2026. \
              Replace the example.";
    let ms = "Sel kosong mengekalkan maklumat sedia ada; satu sempang (-) memadamkannya. Tarikh: 2026-10-31 atau 31/10/2026. \
              Gantikan contoh.";
    line(["both", "every", en, ms, "", "", ""])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Employee, Employer, EmployerCode, IdentityNumber, PersonName, Residency, Sen};
    use crate::reader::register_table::{Measure, RegisterOptions, RegisterTable, read};

    fn options() -> RegisterOptions<'static> {
        let month = |text: &str| text.parse().expect("a month");
        let measure = Measure {
            month: month("2026-11"),
            release_from: month("2026-07"),
            today: "2026-11-22".parse().expect("a day"),
        };
        RegisterOptions { sheet: None, employer_code: None, measure }
    }

    fn staff() -> Vec<Staff> {
        let mut employer = Employer::new(EmployerCode::read("A9900000001Z").1.expect("a code"));
        employer.name = "=CONTOH, SDN BHD".to_owned();
        employer.address = "1 JALAN CONTOH\nKUALA LUMPUR".to_owned();
        employer.bank_limit_personal = Some(Sen(100_000));
        let mut worker = Employee::new(IdentityNumber::new("A1234567"), PersonName("@WORKER \"X\"".to_owned()));
        worker.residency = Residency::Foreign;
        worker.eis_payable_before_57 = Some(false);
        worker.left_on = "2026-10-31".parse().ok();
        worker.monthly_wage = Some(Sen(300_050));
        vec![Staff { employer, employees: vec![worker] }]
    }

    fn same(read: &RegisterTable, staff: &Staff, employers: usize, employees: usize) {
        assert!(read.employers.faults.is_empty() && read.employees.faults.is_empty());
        let (e, p) = (&read.employers.rows, &read.employees.rows);
        assert_eq!((e.len(), p.len()), (employers, employees));
        assert!(e.iter().all(|row| row.employer == staff.employer));
        assert!(p.iter().all(|row| row.employee == staff.employees[0]));
    }

    #[test]
    fn what_is_exported_is_read_again() {
        let staff = staff();
        let employers = csv(RegisterKind::Employers, &staff).expect("a table");
        assert!(String::from_utf8_lossy(&employers).contains("\"'=CONTOH, SDN BHD\""));
        same(&read(&employers, &options()).expect("a table"), &staff[0], 1, 0);
        let employees = csv(RegisterKind::Employees, &staff).expect("a table");
        same(&read(&employees, &options()).expect("a table"), &staff[0], 0, 1);
        same(&read(&workbook(&staff).expect("a workbook"), &options()).expect("tables"), &staff[0], 1, 1);
    }

    #[test]
    fn templates_can_be_imported() {
        let book = read(&template().expect("a workbook"), &options()).expect("tables");
        for table in RegisterKind::ALL.map(|kind| csv_template(kind).expect("a table")) {
            let table = read(&table, &options()).expect("a table");
            assert!(table.employers.faults.is_empty() && table.employees.faults.is_empty());
            assert!(table.employers.rows.iter().eq(book.employers.rows.iter()) || table.employers.rows.is_empty());
            assert!(table.employees.rows.iter().eq(book.employees.rows.iter()) || table.employees.rows.is_empty());
        }
        assert_eq!((book.employers.rows.len(), book.employees.rows.len()), (1, 1));
    }
}
