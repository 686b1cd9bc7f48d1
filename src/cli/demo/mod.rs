//! `caruman demo`: a month on invented files, from a text file with faults to official receipts.

mod paying;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, FixedOffset};
use clap::Args;

use super::ack::write_whole;
use super::office::Office;
use super::serve::{self, ServeArgs};
use super::{CliError, Ended, Globals, lines, office, terminal};
use crate::checks::{FileCheck, Gate, Options, check_file};
use crate::document::Style;
use crate::domain::{Employer, EmployerCode};
use crate::rates::RateBook;
use crate::simulator::http::SimulatorServer;
use crate::source::FileSource;
use crate::store::StoreError;
use crate::workflow::page_word::{PayLink, new_link};
use crate::workflow::print::{Form, print_form};
use crate::workflow::submit::{SubmitOptions, Submitted, submit};
use paying::Bank;

/// Twelve invented people in October 2026, sound and with three faults.
const SAMPLES: [(&str, &[u8]); 2] = [
    ("perkeso-october-three-faults.txt", include_bytes!("../../../samples/demo/perkeso-october-three-faults.txt")),
    ("perkeso-october.txt", include_bytes!("../../../samples/demo/perkeso-october.txt")),
];

/// The demonstration happens on this day unless `--now` says otherwise: before the due date, which is a Sunday.
const DAY: &str = "2026-11-10T09:00:00+08:00";

/// Whose file it is.
const EMPLOYER: &str = "A9900000001Z";

/// How long the link to the cart leads there.
const LINK: Duration = Duration::days(365);

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where everything is put; a new folder caruman-demo here when left out
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Leave the paying to you: the web form and the bank in a box stay open until they are stopped
    #[arg(long)]
    serve: bool,
}

/// Runs the command.
///
/// # Errors
/// When the folder cannot be used or the result not be written.
pub fn run(arguments: &DemoArgs, globals: &Globals) -> Result<Ended, CliError> {
    let folder = arguments.folder.clone().unwrap_or_else(|| "caruman-demo".into());
    let said = |error: io::Error| CliError::said(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(said)?;
    let files: Vec<PathBuf> = SAMPLES.iter().map(|(name, _)| folder.join(name)).collect();
    for (path, (_, bytes)) in files.iter().zip(SAMPLES) {
        write_whole(path, bytes)?;
    }
    let now = globals.given_now().unwrap_or_else(|| DAY.parse().expect("the day of the demonstration is a moment"));
    let style = Style { messages: globals.messages(), show_identities: false };
    let mut out = io::stdout().lock();

    writeln!(out, "1. A payroll system's file with three faults: all of them in one pass.\n")?;
    let check = judge(&files[0], now, globals.threads())?;
    let shown = lines::numbered(&files[0], &check, terminal::shown(&check));
    terminal::file(&mut out, &files[0].to_string_lossy(), &check, &shown, style)?;

    let office = office::at(&folder.join("data"), globals, "Pejabat Contoh (demonstration)")?;
    acknowledge(&mut out, &office, &folder, &files[1], globals, now)?;
    writeln!(out, "\n4. Both go into the cart.\n")?;
    let left = paying::fill_cart(&mut out, &office, EMPLOYER, globals, now)?;
    let bank = Bank::open(&folder, &office.issuer, move || now)?;
    if arguments.serve {
        let open = stay_open(&mut out, &office, &bank, EMPLOYER, now)?;
        // The server opens the store for itself.
        drop(office);
        serve::run(&ServeArgs::default(), &globals.of(&bank.settings, now))?;
        drop(open);
        return Ok(Ended::Well);
    }
    if left {
        writeln!(
            out,
            "\n5. One payment over FPX, here against its simulator; the bank says three times that it is paid.\n"
        )?;
        paying::pay(&mut out, &office, &bank, EMPLOYER, globals, now)?;
    }
    writeln!(out, "\n6. One official receipt for each Act, with one FPX transaction:\n")?;
    paying::receipts(&mut out, &office, &folder, EMPLOYER, now)?;
    writeln!(out, "\nEverything lies in {}. Look back with\n", folder.display())?;
    for command in ["submission list", "ack list", "payment list", "receipt list"] {
        writeln!(out, "   caruman --config {} {command}", bank.settings.display())?;
    }
    Ok(Ended::Well)
}

/// Steps 2 and 3: the file is submitted and its acknowledgements are printed.
fn acknowledge(
    out: &mut impl Write,
    office: &Office,
    folder: &Path,
    file: &Path,
    globals: &Globals,
    now: DateTime<FixedOffset>,
) -> Result<(), CliError> {
    register(office, now).map_err(|error| CliError::said(error.to_string()))?;
    writeln!(
        out,
        "2. The mended file is submitted, and once more by mistake: the second time answers with the first numbers.\n"
    )?;
    let mut numbers = Vec::new();
    let options = SubmitOptions {
        gate: Gate::Dated,
        threads: globals.threads(),
        group_files: 1,
        language: globals.language(),
        ..SubmitOptions::new("demonstration", &office.issuer, now)
    };
    let twice = [file.to_owned(), file.to_owned()];
    let mut answers: Vec<Submitted> = Vec::new();
    submit(&office.store, &office.vault, &twice, &options, |submitted| answers.push(submitted))
        .map_err(|error| CliError::said(error.to_string()))?;
    for answer in &answers {
        for outcome in &answer.submissions {
            let acknowledged: Vec<&str> = outcome.acknowledgements.iter().map(|a| a.number.as_str()).collect();
            writeln!(out, "   {} {} {}", outcome.number, outcome.state, acknowledged.join(" "))?;
            numbers.extend(acknowledged.into_iter().map(str::to_owned));
        }
    }
    numbers.sort();
    numbers.dedup();

    writeln!(out, "\n3. The acknowledgements on paper, Malay and English:\n")?;
    for number in &numbers {
        let bytes = print_form(&office.store, number, Form::Acknowledgement, now)
            .map_err(|error| CliError::said(error.to_string()))?;
        let path = folder.join(format!("{number}.pdf"));
        write_whole(&path, &bytes)?;
        writeln!(out, "   {}", path.display())?;
    }
    Ok(())
}

/// The employer is known by name.
fn register(office: &Office, now: DateTime<FixedOffset>) -> Result<(), StoreError> {
    let code = EmployerCode::read(EMPLOYER).1.expect("the code of the demonstration is one");
    if office.store.employer(code.as_str())?.is_some() {
        return Ok(());
    }
    let (name, address) = ("SYARIKAT CONTOH SDN. BHD.".to_owned(), "1, Jalan Contoh\n50000 Kuala Lumpur".to_owned());
    office.store.data_key(code.as_str(), now)?;
    let mut group = office.store.begin_group()?;
    group.save_employer(&Employer { name, address, ..Employer::new(code) }, now)?;
    group.commit()
}

/// The bank opens; prints where the employer pays.
fn stay_open(
    out: &mut impl Write,
    office: &Office,
    bank: &Bank,
    employer: &str,
    now: DateTime<FixedOffset>,
) -> Result<SimulatorServer, CliError> {
    let open = bank.listen()?;
    let link = PayLink { employer_code: employer.to_owned(), who: "demonstration".to_owned(), until: now + LINK };
    let word = new_link(&office.store, &link, now).map_err(|error| CliError::said(error.to_string()))?;
    writeln!(out, "\n5. Pay in a browser; ctrl-c ends it.\n\n   http://{}/pay/{word}", paying::OFFICE)?;
    writeln!(out, "   http://{}/ is the bank in a box, with the page of its authoriser.\n", open.address())?;
    out.flush()?;
    Ok(open)
}

fn judge(path: &Path, now: DateTime<FixedOffset>, threads: usize) -> Result<FileCheck, CliError> {
    let name = path.to_string_lossy();
    let options = Options { threads, ..Options::new(&name, now, RateBook::embedded()) };
    let checked = FileSource::open(path).and_then(|source| check_file(&source, &options));
    checked.map_err(|error| CliError::said(format!("{name} cannot be read: {error}")))
}
