//! Tables of the register: from cells to employers and employees. Pure.
//!
//! Every faulty row is reported at once, each fault with row, column and one sentence that shows nobody's identity.
//! A blank cell leaves what is known as it is; a single hyphen clears it.

use std::collections::HashMap;

use super::payroll::{RowFault, too_many_cells};
use super::payroll_cell::{self as cell, RowReader};
use super::register_column::{Column, EMPLOYEE_COLUMNS, EMPLOYER_COLUMNS};
use super::register_person::alone;
pub use super::register_person::{Measure, whole};
use super::register_text::Headings;
pub use super::register_text::{ColumnText, REGISTER_TEXT, RegisterKind};
use super::table::{Cell, Row, Table, TableError};
use crate::domain::identity::{mask, mask_numbers};
use crate::domain::{Employee, Employer, EmployerCode, IdKind, IdentityNumber, PersonName};

/// What clears a column.
const CLEARS: &str = "-";

/// How a table is read.
#[derive(Debug, Clone)]
pub struct RegisterOptions<'a> {
    /// The sheet of a spreadsheet; sheets called `employers` and `employees`, else the first one, where left out.
    pub sheet: Option<&'a str>,
    /// The employer of rows that name none.
    pub employer_code: Option<EmployerCode>,
    /// By what people are judged.
    pub measure: Measure,
}

/// Which columns of a row were filled in, and which are to be cleared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Given {
    filled: u32,
    cleared: u32,
}

impl Given {
    fn fills<T>(self, columns: &[Column<T>], name: &str) -> bool {
        columns.iter().position(|column| column.name == name).is_some_and(|place| self.filled & 1 << place != 0)
    }

    /// Lays the row's values over what is known.
    fn lay<T>(self, columns: &[Column<T>], row: &T, blank: &T, onto: &mut T) {
        for (place, column) in columns.iter().enumerate() {
            if self.filled & 1 << place != 0 {
                (column.copy)(row, onto);
            } else if self.cleared & 1 << place != 0 {
                (column.copy)(blank, onto);
            }
        }
    }
}

/// A row of a table of employees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// Line or row of the table, from 1.
    pub row: u64,
    /// Who employs.
    pub employer_code: EmployerCode,
    /// What the row says, with what follows from it; the name may be empty.
    pub employee: Employee,
    given: Given,
}

impl RegisterRow {
    /// What is known of the person once this row is taken: columns filled in replace, hyphens clear, blanks change
    /// nothing. A row that names the person by the foreign-worker number leaves the identity number as it is.
    pub fn onto(&self, known: &Employee) -> Employee {
        let mut merged = known.clone();
        let blank = Employee::new(IdentityNumber::new(""), PersonName(String::new()));
        self.given.lay(&EMPLOYEE_COLUMNS, &self.employee, &blank, &mut merged);
        if known.ssfw_number.as_ref() == Some(&merged.id_number) {
            merged.id_number = known.id_number.clone();
        }
        merged
    }

    /// The numbers by which the person is looked for, each with its column.
    pub fn numbers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        ["id_number", "ssfw_number"].into_iter().zip(numbers_of(&self.employee))
    }
}

/// The numbers under which a person is known: identity number and foreign-worker number, each once.
pub fn numbers_of(employee: &Employee) -> impl Iterator<Item = &str> {
    let other = employee.ssfw_number.as_ref().filter(|number| **number != employee.id_number);
    std::iter::once(employee.id_number.reveal()).chain(other.map(IdentityNumber::reveal))
}

/// A row of a table of employers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployerRow {
    /// Line or row of the table, from 1.
    pub row: u64,
    /// What the row says.
    pub employer: Employer,
    given: Given,
}

impl EmployerRow {
    /// What is known of the employer once this row is taken; see [`RegisterRow::onto`].
    pub fn onto(&self, known: &Employer) -> Employer {
        let mut merged = known.clone();
        self.given.lay(&EMPLOYER_COLUMNS, &self.employer, &Employer::new(known.code.clone()), &mut merged);
        merged
    }
}

/// The rows of one kind.
#[derive(Debug, Clone)]
pub struct Part<R> {
    /// Rows without a fault.
    pub rows: Vec<R>,
    /// What could be read of rows with a fault, to be judged together with what is known and never taken.
    pub faulty: Vec<R>,
    /// Everything wrong with the others, by row.
    pub faults: Vec<RowFault>,
    /// Headings that mean nothing here, so that a slip in a heading does not go unseen.
    pub ignored: Vec<String>,
}

impl<R> Default for Part<R> {
    fn default() -> Self {
        Part { rows: Vec::new(), faulty: Vec::new(), faults: Vec::new(), ignored: Vec::new() }
    }
}

/// What was read.
#[derive(Debug, Clone, Default)]
pub struct RegisterTable {
    /// Employers.
    pub employers: Part<EmployerRow>,
    /// Employees.
    pub employees: Part<RegisterRow>,
}

/// A table that cannot be used at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterTableError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Its headings are not sufficient, or nothing stands below them.
    #[error("{0}")]
    Heading(String),
}

/// Reads a table of employees or of employers (its headings say which), or a spreadsheet with a sheet of each.
///
/// # Errors
/// [`RegisterTableError`]: no table, or headings that are not sufficient. Faulty rows are no error.
pub fn read(bytes: &[u8], options: &RegisterOptions<'_>) -> Result<RegisterTable, RegisterTableError> {
    let mut read = RegisterTable::default();
    let mut rows = 0;
    for (kind, table) in tables(bytes, options)? {
        rows += table.rows.len();
        read_table(&table, kind, options, &mut read).map_err(RegisterTableError::Heading)?;
    }
    if rows == 0 {
        return Err(RegisterTableError::Heading("the table has headings but no rows below them".to_owned()));
    }
    Ok(read)
}

/// Reads one employee from cells given by hand, each with the name of its column.
///
/// # Errors
/// Every fault.
pub fn employee_of(
    cells: &[(&'static str, String)],
    options: &RegisterOptions<'_>,
) -> Result<RegisterRow, Vec<RowFault>> {
    let mut part = by_hand(cells, RegisterKind::Employees, options).employees;
    part.rows.pop().ok_or(part.faults)
}

/// Reads one employer from cells given by hand, each with the name of its column.
///
/// # Errors
/// Every fault.
pub fn employer_of(
    cells: &[(&'static str, String)],
    options: &RegisterOptions<'_>,
) -> Result<EmployerRow, Vec<RowFault>> {
    let mut part = by_hand(cells, RegisterKind::Employers, options).employers;
    part.rows.pop().ok_or(part.faults)
}

fn by_hand(cells: &[(&'static str, String)], kind: RegisterKind, options: &RegisterOptions<'_>) -> RegisterTable {
    let heading = cells.iter().map(|(name, _)| (*name).to_owned()).collect();
    let row = Row { number: 1, cells: cells.iter().map(|(_, text)| Cell::Text(text.trim().to_owned())).collect() };
    let mut read = RegisterTable::default();
    read_table(&Table { heading, rows: vec![row] }, Some(kind), options, &mut read)
        .expect("columns given by name are columns of the table");
    read
}

/// The tables to read, with what their sheets' names say of them.
fn tables(
    bytes: &[u8],
    options: &RegisterOptions<'_>,
) -> Result<Vec<(Option<RegisterKind>, Table)>, RegisterTableError> {
    let mut found = Vec::new();
    if options.sheet.is_none() && bytes.starts_with(b"PK\x03\x04") {
        for kind in RegisterKind::ALL {
            for sheet in kind.sheets() {
                match Table::read(bytes, Some(sheet)) {
                    Ok(table) => found.push((Some(kind), table)),
                    // A sheet that is not there, or that was left blank.
                    Err(TableError::NoSheet { .. } | TableError::Empty) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    if found.is_empty() {
        found.push((None, Table::read(bytes, options.sheet)?));
    }
    Ok(found)
}

fn read_table(
    table: &Table,
    kind: Option<RegisterKind>,
    options: &RegisterOptions<'_>,
    read: &mut RegisterTable,
) -> Result<(), String> {
    let headings = Headings::read(&table.heading, kind)?;
    headings.require(options.employer_code.is_some())?;
    match headings.kind {
        RegisterKind::Employers => {
            let mut seen = HashMap::new();
            fill(&mut read.employers, table, headings, |reader| employer_row(reader, &mut seen));
        }
        RegisterKind::Employees => {
            let mut seen = HashMap::new();
            fill(&mut read.employees, table, headings, |reader| employee_row(reader, options, &mut seen));
        }
    }
    Ok(())
}

fn fill<R>(
    part: &mut Part<R>,
    table: &Table,
    headings: Headings,
    mut read: impl FnMut(&mut RowReader<'_>) -> Option<R>,
) {
    for row in &table.rows {
        let before = part.faults.len();
        too_many_cells(row, table.heading.len(), &mut part.faults);
        let made = read(&mut RowReader { columns: &headings.places, row, faults: &mut part.faults });
        if part.faults.len() == before {
            part.rows.extend(made);
        } else {
            part.faulty.extend(made);
        }
    }
    part.ignored.extend(headings.ignored);
}

fn employer_row(reader: &mut RowReader<'_>, seen: &mut HashMap<EmployerCode, u64>) -> Option<EmployerRow> {
    let code = employer_code(reader);
    reader.need("employer_code", code.is_some());
    // Without a code the other columns are read for their faults.
    let stand_in = || EmployerCode::read("A0000000000A").1.expect("a letter, ten digits, a letter");
    let mut employer = Employer::new(code.clone().unwrap_or_else(stand_in));
    let given = read_columns(reader, &EMPLOYER_COLUMNS, &mut employer);
    let code = code?;
    let row = reader.row.number;
    if let Some(before) = seen.insert(code, row) {
        reader.fault("employer_code", format!("is the same employer as in row {before}"));
    }
    Some(EmployerRow { row, employer, given })
}

fn employee_row(
    reader: &mut RowReader<'_>,
    options: &RegisterOptions<'_>,
    seen: &mut HashMap<EmployerCode, HashMap<IdentityNumber, u64>>,
) -> Option<RegisterRow> {
    let code = employer_code(reader).or_else(|| options.employer_code.clone());
    reader.need("employer_code", code.is_some());
    let mut employee = Employee::new(IdentityNumber::new(""), PersonName(String::new()));
    let given = read_columns(reader, &EMPLOYEE_COLUMNS, &mut employee);
    let fills = |name| given.fills(&EMPLOYEE_COLUMNS, name);
    if let (Some(number), false) = (&employee.ssfw_number, fills("id_number")) {
        employee.id_number = number.clone();
        employee.id_kind = employee.id_kind.or(Some(IdKind::ForeignWorker));
    }
    reader.need("id_number", fills("id_number") || fills("ssfw_number"));
    for (column, what) in alone(&mut employee, options.measure, fills("id_kind")) {
        reader.fault(column, what);
    }
    let (code, row) = (code?, reader.row.number);
    let people = seen.entry(code.clone()).or_default();
    let numbers = [Some(&employee.id_number), employee.ssfw_number.as_ref()];
    let mut before = None;
    for number in numbers.into_iter().flatten().filter(|number| !number.reveal().is_empty()) {
        before = people.insert(number.clone(), row).filter(|before| *before != row).or(before);
    }
    if let Some(before) = before {
        reader.fault("id_number", format!("is the same person of this employer as in row {before}"));
    }
    Some(RegisterRow { row, employer_code: code, employee, given })
}

fn employer_code(reader: &mut RowReader<'_>) -> Option<EmployerCode> {
    reader.parse("employer_code", |cell| cell::employer_code(cell).map_err(|what| hidden(what, true)))
}

fn read_columns<T>(reader: &mut RowReader<'_>, columns: &[Column<T>], to: &mut T) -> Given {
    let mut given = Given::default();
    for (place, column) in columns.iter().enumerate() {
        let Some(cell) = reader.columns.get(column.name).and_then(|at| reader.row.cells.get(*at)) else { continue };
        match cell {
            Cell::Empty => {}
            Cell::Text(text) if text == CLEARS && column.clears => given.cleared |= 1 << place,
            Cell::Text(text) if text == CLEARS => {
                reader.fault(column.name, "cannot be cleared; leave it blank to keep what is known".to_owned());
            }
            Cell::Unusable(what) => reader.fault(column.name, format!("holds {what}")),
            cell => match (column.read)(&without_mark(cell), to) {
                Ok(()) => given.filled |= 1 << place,
                Err(what) => reader.fault(column.name, hidden(what, !column.choices.is_empty())),
            },
        }
    }
    given
}

/// An apostrophe before what looks like a formula marks text; exported tables carry it.
fn without_mark(cell: &Cell) -> Cell {
    match cell {
        Cell::Text(text) if text.starts_with("'") && text[1..].starts_with(['=', '+', '-', '@']) => {
            Cell::Text(text[1..].to_owned())
        }
        cell => cell.clone(),
    }
}

/// A sentence whose quoted cell tells nobody who somebody is: values of other columns get here when rows are shifted.
fn hidden(what: String, words_expected: bool) -> String {
    let what = mask_numbers(&what);
    let (Some(from), Some(to)) = (what.find('"'), what.rfind('"')) else { return what };
    let quoted = &what[from + 1..to.max(from + 1)];
    let digits = quoted.chars().filter(char::is_ascii_digit).count();
    let run = quoted.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    let code = quoted.starts_with(|c: char| c.is_ascii_alphabetic()) && run > 7;
    let number = (run >= 6 || digits >= 9) && !code && !quoted.contains(':');
    let name = digits == 0 && !words_expected && quoted.split_whitespace().count() > 1;
    if number || name { format!("{}\"{}{}", &what[..from], mask(quoted), &what[to..]) } else { what }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "employer_code,id_number,id_kind,name,birth_date,residency,ssfw_number,employed_on,left_on,\
                           monthly_wage,domestic_worker\n";

    fn options() -> RegisterOptions<'static> {
        let month = |text: &str| text.parse().expect("a month");
        let measure = Measure {
            month: month("2026-11"),
            release_from: month("2026-07"),
            today: "2026-11-22".parse().expect("a day"),
        };
        RegisterOptions { sheet: None, employer_code: None, measure }
    }

    fn of(rows: &str) -> Part<RegisterRow> {
        read(format!("{HEADING}{rows}").as_bytes(), &options()).expect("a table").employees
    }

    fn faults(part: &Part<impl Sized>) -> Vec<(u64, &str)> {
        part.faults.iter().map(|fault| (fault.row, fault.column.unwrap_or("row"))).collect()
    }

    #[test]
    fn a_row_becomes_an_employee() {
        let part = of("A9900000001Z,900101-14-9991,,Ahmad  Contoh,,pr,,2026-10-01,,3000,ya\n\
                       a9900001z,,,Worker,1995-02-01,Foreign,990000000017,,,,\n");
        assert_eq!(part.faults, []);
        let (ahmad, worker) = (&part.rows[0], &part.rows[1]);
        assert_eq!((ahmad.row, ahmad.employer_code.as_str()), (2, "A9900000001Z"));
        assert_eq!(ahmad.employee.birth_date.map(|birth| birth.to_string()).as_deref(), Some("1990-01-01"));
        assert_eq!(ahmad.employee.name.0, "Ahmad Contoh");
        assert!(ahmad.employee.domestic_worker);
        assert_eq!(worker.employer_code.as_str(), "A9900000001Z");
        assert_eq!(worker.employee.id_number.reveal(), "990000000017");
        assert_eq!(worker.employee.id_kind, Some(IdKind::ForeignWorker));
        assert_eq!(worker.numbers().collect::<Vec<_>>(), [("id_number", "990000000017")]);
    }

    #[test]
    fn every_fault_of_every_row_at_once() {
        let part = of("1234,12,passport,A,1990-13-01,martian,,2026-10-01,2026-09-30,-1,maybe\n\
                       A9900000001Z,,,B,,,,,,,\n\
                       A9900000001Z,900101149991,mykad,C,1990-01-02,,,,,,\n\
                       A9900000001Z,900101149992,,D,,,,,,3,000.00,x\n\
                       A9900000001Z,-,,-,,,,,,,\n");
        let columns = ["employer_code", "id_number", "id_kind", "birth_date", "residency", "domestic_worker"];
        let mut expected: Vec<(u64, &str)> = columns.iter().map(|column| (2, *column)).collect();
        expected.extend([(2, "monthly_wage"), (2, "left_on"), (3, "id_number"), (4, "birth_date"), (5, "row")]);
        expected.extend([(5, "domestic_worker"), (6, "id_number"), (6, "name")]);
        assert_eq!(faults(&part), expected, "{:#?}", part.faults);
        assert!(part.rows.is_empty());
    }

    #[test]
    fn the_same_person_twice() {
        let part = of("A9900000001Z,900101149991,,A,,,,,,,\nA9900000002Y,900101149991,,A,,,,,,,\n\
                       A9900000001Z,900101-14-9991,,A,,,,,,,\nA9900000001Z,A1234567,,B,,,900101149991,,,,\n");
        assert_eq!(faults(&part), [(4, "id_number"), (5, "id_number")]);
        assert!(part.faults[0].what.ends_with("as in row 2"), "{}", part.faults[0]);
        assert_eq!(part.rows.len(), 2);
        let employers = read(b"employer_code,name\nA9900000001Z,A\nA9900001Z,B\n", &options()).expect("a table");
        assert_eq!(faults(&employers.employers), [(3, "employer_code")]);
    }

    #[test]
    fn blanks_keep_and_hyphens_clear() {
        let known = of("A9900000001Z,900101149991,mykad,AHMAD,,,990000000017,2026-10-01,2026-10-31,3000,yes\n");
        let known = &known.rows[0].employee;
        let row = |cells: &str| of(&format!("A9900000001Z,{cells}\n")).rows.remove(0);
        assert_eq!(row("900101149991,,,,,,,,,").onto(known), *known);
        let merged = row("990000000017,,B,,,,-,-,-,-").onto(known);
        assert_eq!(merged.id_number, known.id_number);
        assert_eq!((merged.name.0.as_str(), merged.employed_on, merged.left_on), ("B", None, None));
        assert_eq!((merged.monthly_wage, merged.domestic_worker), (None, false));
        assert_eq!(merged.birth_date, known.birth_date);
        let renumbered = row("A1234567,,,,,900101149991,,,,").onto(known);
        assert_eq!(renumbered.id_number.reveal(), "A1234567");
    }

    #[test]
    fn faults_show_nobody() {
        let part =
            of("A9900000001Z,AHMAD CONTOH BIN UJIAN,900101149991,900101-14-9991,SITI CONTOH,citizen,9001011499917,\
                       900101 14 9991,A1234567,900101149991,900101149991\n\
                       900101149991,900101149992,mykad,B,31/13/2026,,,,,,\n");
        let all = part.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        for hidden in ["90010114", "900101-14", "900101 14", "AHMAD", "SITI", "A1234567"] {
            assert!(!all.contains(hidden), "{hidden} in {all}");
        }
        assert!(all.contains("\"31/13/2026\""), "{all}");
        let code = read(b"employer_code,name\nA99000000001Z,A\n", &options()).expect("a table");
        assert!(code.employers.faults[0].what.contains("\"A99000000001Z\""), "{:?}", code.employers.faults);
    }

    #[test]
    fn sheets_of_both_kinds() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheets = [
            ("Pekerja", vec![["ic", "nama"], ["900101149991", "AHMAD"]]),
            ("Employers", vec![["employer_code", "name"], ["A9900000001Z", "'=CONTOH"]]),
            ("other", vec![["what", "ever"]]),
        ];
        for (name, rows) in sheets {
            let sheet = book.add_worksheet().set_name(name).expect("a name");
            for (at, cells) in (0..).zip(rows) {
                sheet.write_row(at, 0, cells).expect("written");
            }
        }
        let bytes = book.save_to_buffer().expect("a workbook");
        let given = RegisterOptions { employer_code: EmployerCode::read("A9900000001Z").1, ..options() };
        let both = read(&bytes, &given).expect("two tables");
        assert_eq!((both.employers.rows.len(), both.employees.rows.len()), (1, 1));
        assert_eq!(both.employers.rows[0].employer.name, "=CONTOH");
        let error = read(&bytes, &RegisterOptions { sheet: Some("other"), ..given }).expect_err("refused").to_string();
        assert!(error.contains("employer_code"), "{error}");
        assert!(read(b"ic,name\n", &options()).expect_err("refused").to_string().contains("employer_code"));
        assert!(read(b"employer_code,ic\n", &options()).expect_err("refused").to_string().contains("no rows"));
    }

    #[test]
    fn by_hand() {
        let code = ("employer_code", "A9900000001Z".to_owned());
        let row =
            employee_of(&[code.clone(), ("id_number", "900101149991".into()), ("left_on", "-".into())], &options());
        assert!(row.is_ok_and(|row| row.given.cleared != 0));
        let row =
            employee_of(&[code.clone(), ("id_number", "900101149991".into()), ("left_on", "x".into())], &options());
        assert_eq!(row.map_err(|faults| faults.len()), Err(1));
        assert!(employer_of(&[code, ("policy", "good lines".into())], &options()).is_ok());
    }
}
