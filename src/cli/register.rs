//! `caruman register`: employees taken from tables, looked up, changed and exported.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::ack::write_whole;
use super::{CliError, Ended, Globals, Output, office, read_file, register_person, table};
use crate::document::without_formula;
use crate::domain::{Employee, EmployerCode, IdentityNumber};
use crate::reader::register_column::residency_id;
use crate::reader::register_table::{self, RegisterKind, RegisterOptions, RegisterTable};
use crate::store::StoreError;
use crate::workflow::register::{self, Counts, ImportOptions, ImportPolicy, Imported, Staff, has_left, measure, staff};
use crate::workflow::register_sheet::{self, SheetError};

/// Who changes the register here, in the record.
pub(super) const WHO: &str = "command-line";
/// Faults that the terminal shows; JSON and CSV have all.
const FAULTS_SHOWN: usize = 1_000;
/// Columns of the list in a terminal.
const IN_LIST: [&str; 9] = [
    "employer_code",
    "id_number",
    "name",
    "birth_date",
    "residency",
    "employed_on",
    "registered_on",
    "left_on",
    "skbbk_released_from",
];

/// Arguments of `register`.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A table to fill in, with an example; as .xlsx it also explains every column
    Template {
        /// Where to; CSV on stdout when left out
        #[arg(short, long, value_name = "FILE.csv|.xlsx")]
        out: Option<PathBuf>,
        /// The CSV of employers, not of employees
        #[arg(long)]
        employers: bool,
        /// Overwrite a file that exists
        #[arg(long)]
        force: bool,
    },
    /// Take a table of employees or employers into the register
    ///
    /// People are recognised by their numbers: importing again doubles nobody. A cell that is filled in replaces what is
    /// known, a blank one leaves it, and a single hyphen clears it. All faulty rows are named in one pass.
    Import(ImportArgs),
    /// People who were not registered within thirty days, and what is owed for them
    Breaches(super::breaches::BreachesArgs),
    /// Birthdays ahead that change what is paid
    Birthdays(super::birthdays::BirthdaysArgs),
    /// Borang 1, 2 and 3 as the register stands: the employer, employees to register, employees who left
    Print(super::register_forms::RegisterPrintArgs),
    /// People in the register
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE", value_parser = employer_code)]
        employer: Option<EmployerCode>,
        /// Those who left, too
        #[arg(long)]
        left: bool,
        /// Show identity numbers in full
        #[arg(long)]
        show_identities: bool,
    },
    /// The register as a table that `import` and `check --register` read; identity numbers in full
    Export {
        /// Only this employer's
        #[arg(long, value_name = "CODE", value_parser = employer_code)]
        employer: Option<EmployerCode>,
        /// Where to; CSV, or JSON under --output json, on stdout when left out. An .xlsx has employees and employers
        #[arg(short, long, value_name = "FILE.csv|.xlsx")]
        out: Option<PathBuf>,
        /// The CSV of employers, not of employees
        #[arg(long)]
        employers: bool,
    },
    /// Record that a person is released from SKBBK (July 2026 or later; not for foreign workers)
    Release {
        /// The employer's code
        #[arg(value_parser = employer_code)]
        code: EmployerCode,
        /// The person's identity number
        id: String,
        /// First month of the release
        #[arg(long, value_name = "YYYY-MM")]
        from: String,
    },
    /// Change one person's entry; "-" clears a value
    Set(Box<register_person::SetArgs>),
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// CSV or XLSX with a row of headings; see `register template`
    file: PathBuf,
    /// What becomes of a table with faulty rows
    #[arg(long, value_enum, default_value_t = PolicyArg::GoodRows)]
    policy: PolicyArg,
    /// The employer of rows that name none
    #[arg(long, value_name = "CODE", value_parser = employer_code)]
    employer: Option<EmployerCode>,
    /// Sheet of a spreadsheet; "employers" and "employees", else the first one, when left out
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Say what would be done, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PolicyArg {
    /// The good rows are taken
    GoodRows,
    /// Nothing is taken while a row is faulty
    None,
}

/// An employer code on the command line.
pub(super) fn employer_code(text: &str) -> Result<EmployerCode, String> {
    EmployerCode::read(text).1.ok_or_else(|| "write a letter, ten digits and a letter such as A9900000001Z".to_owned())
}

/// The sentence of a store that could not do it.
#[expect(clippy::needless_pass_by_value, reason = "maps errors as they come")]
pub(super) fn store_said(error: StoreError) -> CliError {
    CliError::said(error.to_string())
}

/// Runs the command.
///
/// # Errors
/// When the table, the store or a value cannot be used, or the result not be written.
pub fn run(arguments: &RegisterArgs, globals: &Globals) -> Result<Ended, CliError> {
    match &arguments.what {
        What::Template { out, employers, force } => template(out.as_deref(), *employers, *force, globals),
        What::Import(arguments) => import(arguments, globals),
        What::Breaches(arguments) => super::breaches::run(arguments, globals),
        What::Birthdays(arguments) => super::birthdays::run(arguments, globals),
        What::Print(arguments) => super::register_forms::run(arguments, globals),
        What::List { employer, left, show_identities } => list(employer.as_ref(), *left, *show_identities, globals),
        What::Export { employer, out, employers } => export(employer.as_ref(), out.as_deref(), *employers, globals),
        What::Release { code, id, from } => register_person::release(code, id, from, globals),
        What::Set(arguments) => register_person::set(arguments, globals),
    }
}

fn kind(employers: bool) -> RegisterKind {
    if employers { RegisterKind::Employers } else { RegisterKind::Employees }
}

/// A table that is written: CSV on stdout or to a file, or a spreadsheet.
fn write(
    out: Option<&Path>,
    csv: impl FnOnce() -> Result<Vec<u8>, SheetError>,
    workbook: impl FnOnce() -> Result<Vec<u8>, SheetError>,
) -> Result<(), CliError> {
    let made = |bytes: Result<Vec<u8>, SheetError>| bytes.map_err(|error| CliError::said(error.to_string()));
    let Some(path) = out else {
        let mut out = io::stdout().lock();
        out.write_all(&made(csv())?)?;
        return Ok(out.flush()?);
    };
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let bytes = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => made(csv())?,
        Some("xlsx") => made(workbook())?,
        _ => return Err(CliError::said(format!("{}: a table is written as .csv or .xlsx", path.display()))),
    };
    write_whole(path, &bytes)
}

fn template(out: Option<&Path>, employers: bool, force: bool, globals: &Globals) -> Result<Ended, CliError> {
    if let Some(path) = out.filter(|path| path.symlink_metadata().is_ok() && !force) {
        return Err(CliError::said(format!("{} exists; --force overwrites it", path.display())));
    }
    write(out, || register_sheet::csv_template(kind(employers)), register_sheet::template)?;
    if let Some(path) = out.filter(|_| !globals.quiet) {
        let path = path.display();
        eprintln!("{path}: replace the example by your own rows, then: caruman register import {path}");
    }
    Ok(Ended::Well)
}

fn import(arguments: &ImportArgs, globals: &Globals) -> Result<Ended, CliError> {
    let now = globals.now();
    let options = RegisterOptions {
        sheet: arguments.sheet.as_deref(),
        employer_code: arguments.employer.clone(),
        measure: measure(now),
    };
    let table = register_table::read(&read_file(&arguments.file)?, &options)
        .map_err(|error| CliError::said(format!("{}: {error}", arguments.file.display())))?;
    let policy = match arguments.policy {
        PolicyArg::GoodRows => ImportPolicy::GoodRows,
        PolicyArg::None => ImportPolicy::None,
    };
    let office = office::open(globals)?;
    let options = ImportOptions { policy, now, who: WHO, dry_run: arguments.dry_run };
    let imported = register::import(&office.store, &table, &options).map_err(store_said)?;
    print_import(arguments, &table, &imported, globals)?;
    Ok(if imported.faults.is_empty() { Ended::Well } else { Ended::WithFindings })
}

fn print_import(
    arguments: &ImportArgs,
    table: &RegisterTable,
    imported: &Imported,
    globals: &Globals,
) -> Result<(), CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match globals.output {
        Output::Json => {
            let mut document = json!(imported);
            document["path"] = json!(arguments.file.to_string_lossy());
            document["dry_run"] = json!(arguments.dry_run);
            serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        Output::Csv => {
            let mut writer = csv::Writer::from_writer(&mut out);
            writer.write_record(["table", "row", "column", "what"]).map_err(io::Error::from)?;
            for one in &imported.faults {
                let row = one.fault.row.to_string();
                let cells =
                    [one.table.id(), &row, one.fault.column.unwrap_or_default(), &without_formula(&one.fault.what)];
                writer.write_record(cells).map_err(io::Error::from)?;
            }
            writer.flush()?;
        }
        Output::Text => import_text(&mut out, table, imported)?,
    }
    out.flush()?;
    if !globals.quiet {
        talk(arguments, imported);
    }
    Ok(())
}

fn import_text(out: &mut impl Write, table: &RegisterTable, imported: &Imported) -> io::Result<()> {
    for kind in RegisterKind::ALL {
        let faults: Vec<_> = imported.faults.iter().filter(|fault| fault.table == kind).map(|f| &f.fault).collect();
        if faults.is_empty() {
            continue;
        }
        writeln!(out, "{}, faulty rows:", kind.id())?;
        let width = faults.iter().filter_map(|fault| fault.column).map(str::len).max().unwrap_or_default();
        for fault in faults.iter().take(FAULTS_SHOWN) {
            writeln!(out, "  row {:<6} {:<width$}  {}", fault.row, fault.column.unwrap_or("–"), fault.what)?;
        }
        if faults.len() > FAULTS_SHOWN {
            writeln!(out, "  and {} more; --output csv lists all", faults.len() - FAULTS_SHOWN)?;
        }
        writeln!(out)?;
    }
    let would = if imported.taken { "" } else { "would be" };
    writeln!(out, "{would:<10} {:>9} {:>9} {:>9} {:>9}", "added", "changed", "unchanged", "faulty")?;
    let parts = [
        (RegisterKind::Employers, table.employers.rows.len(), imported.employers),
        (RegisterKind::Employees, table.employees.rows.len(), imported.employees),
    ];
    for (kind, rows, counts) in parts {
        let Counts { added, changed, unchanged, faulty } = counts;
        if rows > 0 || faulty > 0 {
            writeln!(out, "{:<10} {added:>9} {changed:>9} {unchanged:>9} {faulty:>9}", kind.id())?;
        }
    }
    Ok(())
}

fn talk(arguments: &ImportArgs, imported: &Imported) {
    if !imported.ignored.is_empty() {
        let names: Vec<String> = imported.ignored.iter().map(|name| format!("\"{name}\"")).collect();
        eprintln!("note: headings that mean nothing here were passed over: {}", names.join(", "));
    }
    if arguments.dry_run {
        eprintln!("dry run: this is what an import would do; nothing was kept");
    } else if !imported.taken {
        eprintln!("nothing was taken; mend the faulty rows, or take the others with --policy good-rows");
    } else if !imported.faults.is_empty() {
        eprintln!("the good rows were taken; mend the faulty ones and import the table again, nobody is doubled");
    }
}

fn list(
    employer: Option<&EmployerCode>,
    left: bool,
    show_identities: bool,
    globals: &Globals,
) -> Result<Ended, CliError> {
    let today = globals.now().date_naive();
    let staff = staff(&office::open(globals)?.store, employer).map_err(store_said)?;
    let (mut rows, mut hidden, mut released) = (Vec::new(), 0, false);
    for one in &staff {
        let mut people: Vec<&Employee> =
            one.employees.iter().filter(|employee| left || !has_left(employee, today)).collect();
        released |= people.iter().any(|employee| employee.skbbk_released_from.is_some());
        hidden += one.employees.len() - people.len();
        people.sort_by(|a, b| a.name.0.cmp(&b.name.0));
        rows.extend(people.into_iter().map(|employee| row(&one.employer.code, employee, show_identities)));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let count = rows.len();
    if count > 0 || globals.output != Output::Text {
        // One employer's code need not stand in every row, and a hidden birth date in none.
        let left_out = |column: &str| match column {
            "employer_code" => employer.is_some(),
            "birth_date" => !show_identities,
            "left_on" => !left,
            "skbbk_released_from" => !released,
            _ => false,
        };
        let columns: Vec<&str> = IN_LIST.into_iter().filter(|column| !left_out(column)).collect();
        table::print_columns(&mut out, globals, &columns, rows)?;
    }
    if globals.output == Output::Text {
        let people = if count == 1 { "person" } else { "people" };
        let more = if hidden > 0 { format!("; {hidden} who left are shown with --left") } else { String::new() };
        writeln!(out, "{count} {people}{more}")?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

/// One person, for programs in full but for the hidden numbers.
fn row(code: &EmployerCode, employee: &Employee, show_identities: bool) -> table::Row {
    let number = |number: &IdentityNumber| {
        if show_identities { number.reveal().to_owned() } else { number.masked() }
    };
    table::Row::from([
        ("employer_code", json!(code.as_str())),
        ("id_number", json!(number(&employee.id_number))),
        ("id_kind", json!(employee.id_kind)),
        ("ssfw_number", employee.ssfw_number.as_ref().map_or(Value::Null, |n| json!(number(n)))),
        ("name", json!(employee.name.0)),
        // Half of a MyKad number.
        ("birth_date", json!(employee.birth_date.filter(|_| show_identities))),
        ("residency", json!(residency_id(&employee.residency))),
        ("employed_on", json!(employee.employed_on)),
        ("registered_on", json!(employee.registered_on)),
        ("left_on", json!(employee.left_on)),
        ("left_reason", json!(employee.left_reason)),
        ("first_insured_at_55_or_over", json!(employee.first_insured_at_55_or_over)),
        ("eis_payable_before_57", json!(employee.eis_payable_before_57)),
        ("domestic_worker", json!(employee.domestic_worker)),
        ("skbbk_released_from", json!(employee.skbbk_released_from.map(|month| month.to_string()))),
        ("occupation", json!(employee.occupation)),
        ("monthly_wage_sen", json!(employee.monthly_wage)),
        ("allowances_sen", json!(employee.allowances)),
    ])
}

fn export(
    employer: Option<&EmployerCode>,
    out: Option<&Path>,
    employers: bool,
    globals: &Globals,
) -> Result<Ended, CliError> {
    let staff = staff(&office::open(globals)?.store, employer).map_err(store_said)?;
    if out.is_none() && globals.output == Output::Json {
        let people = |one: &Staff| one.employees.iter().map(|e| row(&one.employer.code, e, true)).collect::<Vec<_>>();
        let rows = if employers {
            staff.iter().map(|one| super::employer::row(&one.employer)).collect()
        } else {
            staff.iter().flat_map(people).collect()
        };
        let mut out = BufWriter::new(io::stdout().lock());
        table::print(&mut out, globals, rows)?;
        return Ok(out.flush()?).map(|()| Ended::Well);
    }
    write(out, || register_sheet::csv(kind(employers), &staff), || register_sheet::workbook(&staff))?;
    if let Some(path) = out.filter(|_| !globals.quiet) {
        let people = staff.iter().map(|one| one.employees.len()).sum::<usize>();
        eprintln!("{}: employees {people}, employers {}; identity numbers in full", path.display(), staff.len());
    }
    Ok(Ended::Well)
}
