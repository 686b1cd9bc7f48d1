//! `caruman inbox`: watch a folder in the foreground; set one up; look what became of its files; let a held one go.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::office::Office;
use super::submit::options_of;
use super::{CliError, Ended, Globals, Output, deliveries, office};
use crate::config::{Config, InboxConfig};
use crate::domain::{Policy, Scheme};
use crate::notify::MailAddress;
use crate::store::SubmissionId;
use crate::store::delivery::DeliveryFilter;
use crate::watch::alarms::Alarms;
use crate::watch::disk::{DROP, Disk};
use crate::watch::marker::{Neighbours, init, read_marker, renew};
use crate::watch::{Folder, FolderOptions, Pass, Ways, run_once};
use crate::workflow::inbox::Outcome;
use crate::workflow::inbox::finish::release;
use crate::workflow::submit::SubmitOptions;

/// Who sends, for the record.
const SENT_BY: &str = "inbox";
/// A folder whose worker broke down is watched again after this.
const BROKE_DOWN: Duration = Duration::from_secs(30);

/// Arguments of `inbox`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct InboxArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// The folder to watch, made by `inbox init`; options not given here come from its [[inbox]] in the configuration
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// End when every complete file is answered
    #[arg(long)]
    once: bool,
    /// Only check and answer; keep nothing
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Take complete files, or hold them until a person lets each go
    #[arg(long, value_enum)]
    submit: Option<Submit>,
    /// What becomes of files with lines to mend; each employer's own setting when left out
    #[arg(long, value_name = "whole|good-lines")]
    policy: Option<Policy>,
    /// The Act of one-Act files whose name does not say it
    #[arg(long, value_name = "act4|act800")]
    scheme: Option<Scheme>,
    /// Seconds in which a file must not change, where nothing else says that it is complete (10)
    #[arg(long, value_name = "SECONDS")]
    quiet_window: Option<u64>,
    /// Seconds between two looks at the folder (2)
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    scan: Option<u64>,
    /// Free MiB below which nothing is taken (2048 or 5 % of the disk, whichever is more)
    #[arg(long, value_name = "MIB")]
    disk_reserve: Option<u64>,
    /// Put no PDFs beside the answers; `ack print` still prints them
    #[arg(long)]
    no_papers: bool,
    /// Work on one thread, but for those of the database driver: for tests that stop the program at a chosen system call
    #[arg(long, hide = true, requires = "once")]
    single_thread: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make the places of an inbox in a folder
    Init {
        /// The folder; made where it does not exist
        folder: PathBuf,
        /// For a copy of another inbox: a marker of its own in place of the copied one
        #[arg(long)]
        new_marker: bool,
    },
    /// What was dropped into a folder and what became of it, newest first
    List {
        /// The inbox
        folder: PathBuf,
        /// Only what came out so
        #[arg(long, value_name = "accepted|rejected|duplicate|held", value_parser = outcome)]
        outcome: Option<Outcome>,
        /// Only what is not answered yet
        #[arg(long)]
        open: bool,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One delivery with its events
    Show {
        /// Its number, as the answer and `inbox list` say it
        number: i64,
    },
    /// Let a held file go: it is moved back and taken
    Release {
        /// The inbox
        folder: PathBuf,
        /// The file's name, as it was dropped or as it lies in held/
        name: String,
        /// Who lets it go, for the record
        #[arg(long, value_name = "NAME", default_value = "command-line")]
        by: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    Live,
    Test,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Submit {
    Auto,
    Wait,
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let found = Outcome::ALL.into_iter().find(|outcome| outcome.id() == text);
    found.ok_or_else(|| "one of accepted, rejected, duplicate, held".to_owned())
}

/// Runs the command.
///
/// # Errors
/// When the folder or the store cannot be used.
pub fn run(arguments: &InboxArgs, globals: &Globals) -> Result<Ended, CliError> {
    match (&arguments.what, &arguments.folder) {
        (Some(What::Init { folder, new_marker }), _) => set_up(folder, *new_marker, globals),
        (Some(What::List { folder, outcome, open, limit }), _) => {
            let outcome = outcome.map(|outcome| outcome.id().to_owned());
            let filter = DeliveryFilter { folder: String::new(), outcome, open: *open, limit: *limit };
            deliveries::list(folder, filter, globals)
        }
        (Some(What::Show { number }), _) => deliveries::show(*number, globals),
        (Some(What::Release { folder, name, by }), _) => let_go(folder, name, by, globals),
        (None, Some(folder)) => watch(arguments, folder, globals),
        (None, None) => Err(CliError::said("name the folder to watch; `caruman inbox init DIR` makes one")),
    }
}

fn said(error: impl std::fmt::Display) -> CliError {
    CliError::said(error.to_string())
}

fn set_up(folder: &Path, new_marker: bool, globals: &Globals) -> Result<Ended, CliError> {
    // Two numbers at random are unlike any other folder's.
    let fresh = format!("{:016x}{:016x}", SubmissionId::fresh().0, SubmissionId::fresh().0);
    let id = if new_marker { renew(folder, &fresh) } else { init(folder, &fresh) }.map_err(said)?;
    let drop = folder.join(DROP);
    let mut out = io::stdout().lock();
    if globals.output == Output::Json {
        let shown = json!({ "inbox": id, "drop": drop.display().to_string() });
        writeln!(out, "{shown:#}")?;
    } else {
        writeln!(out, "{}", drop.display())?;
    }
    Ok(Ended::Well)
}

fn let_go(folder: &Path, name: &str, by: &str, globals: &Globals) -> Result<Ended, CliError> {
    let disk = Disk::open(folder).map_err(said)?;
    let office = office::open(globals)?;
    let delivery = release(&office.store, &disk.id, name.as_bytes(), by, globals.now()).map_err(said)?;
    let moved = disk.move_back(&delivery.moved_to, &delivery.file_name);
    moved.map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            return CliError::said(format!("{name} is not held any more"));
        }
        CliError::said(format!("{} cannot be moved back into {DROP}: {error}; do so by hand", delivery.moved_to))
    })?;
    writeln!(io::stdout().lock(), "{}", String::from_utf8_lossy(&delivery.file_name))?;
    Ok(Ended::Well)
}

/// A configured folder; addresses are tried before a mail is to be written to them.
fn of(configured: &InboxConfig) -> Result<FolderOptions, CliError> {
    for address in &configured.notify {
        let read: Result<MailAddress, _> = address.parse();
        read.map_err(|error| CliError::said(format!("[[inbox]] {}: {error}", configured.path.display())))?;
    }
    Ok(FolderOptions::of(configured))
}

/// Every folder of the configuration.
///
/// # Errors
/// One sentence: a wrong address, or one folder twice (two workers of one process cannot tell each other's claims), by its
/// path or by its marker.
pub(super) fn configured(globals: &Globals) -> Result<Vec<FolderOptions>, CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(said)?;
    let all: Vec<FolderOptions> = config.inbox.iter().map(of).collect::<Result<_, _>>()?;
    let mut seen = std::collections::BTreeSet::new();
    for folder in &all {
        if !seen.insert(folder.path.canonicalize().unwrap_or_else(|_| folder.path.clone())) {
            let path = folder.path.display();
            return Err(CliError::said(format!("the configuration has two [[inbox]] of {path}; remove one")));
        }
    }
    let neighbours = Neighbours::default();
    for folder in &all {
        // One that is not mounted yet is compared when it is.
        let Ok(marker) = read_marker(&folder.path) else { continue };
        neighbours.note(&marker, &folder.path).map_err(CliError::said)?;
    }
    Ok(all)
}

/// Watches a folder until the process ends; alarms go to stderr and stop nobody else.
pub(super) fn watch_on(options: &FolderOptions, neighbours: &Neighbours, office: &Office, globals: &Globals) {
    let path = options.path.display();
    loop {
        let watching = std::panic::AssertUnwindSafe(|| watch_once_more(options, neighbours, office, globals));
        // What broke it down has said so. Its claims are this process's own: the file over which it happened is counted,
        // and held when it happens again and again.
        if std::panic::catch_unwind(watching).is_err() {
            eprintln!("caruman: {path}: its worker broke down and begins again");
            std::thread::sleep(BROKE_DOWN);
        }
    }
}

fn watch_once_more(options: &FolderOptions, neighbours: &Neighbours, office: &Office, globals: &Globals) {
    let ways = ways(office, options_of(office, SENT_BY, globals));
    let mut folder = Folder::new(options.clone()).among(neighbours);
    let (started, mut alarms) = (Instant::now(), Alarms::default());
    loop {
        let pass = run_once(&mut folder, &ways, started.elapsed(), globals.now());
        // One of several folders: each alarm names its own.
        let path = options.path.display().to_string();
        for alarm in alarms.news(&pass, started.elapsed()) {
            let place = if alarm.contains(&path) { String::new() } else { format!("{path}: ") };
            eprintln!("caruman: {place}{alarm}");
        }
        folder.wait(pass.next);
    }
}

fn ways<'a>(office: &'a Office, options: SubmitOptions<'a>) -> Ways<'a> {
    Ways { store: &office.store, vault: &office.vault, data: office.data.clone(), options }
}

/// How the folder is watched: arguments above the configuration.
fn options(arguments: &InboxArgs, folder: &Path, globals: &Globals) -> Result<FolderOptions, CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(said)?;
    let same = |one: &&InboxConfig| match (one.path.canonicalize(), folder.canonicalize()) {
        (Ok(configured), Ok(given)) => configured == given,
        _ => one.path == folder,
    };
    let mut options = match config.inbox.iter().find(same) {
        Some(configured) => of(configured)?,
        None => FolderOptions::new(folder),
    };
    let rules = &mut options.rules;
    if let Some(mode) = arguments.mode {
        rules.test = matches!(mode, Mode::Test);
    }
    if let Some(submit) = arguments.submit {
        rules.wait = matches!(submit, Submit::Wait);
    }
    rules.policy = arguments.policy.or(rules.policy);
    rules.scheme = arguments.scheme.or(rules.scheme);
    rules.papers &= !arguments.no_papers;
    let seconds = |given: Option<u64>, before: Duration| given.map_or(before, Duration::from_secs);
    options.quiet = seconds(arguments.quiet_window, options.quiet);
    options.scan = seconds(arguments.scan, options.scan);
    options.reserve = arguments.disk_reserve.map(|mib| mib << 20).or(options.reserve);
    if arguments.single_thread {
        options.flush_threads = 1;
    }
    Ok(options)
}

fn watch(arguments: &InboxArgs, folder: &Path, globals: &Globals) -> Result<Ended, CliError> {
    let options = options(arguments, folder, globals)?;
    if arguments.single_thread {
        // This thread is the pool. It fails only where there is one already, which is then used.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
    // A folder that is no inbox is said before a database is made for it.
    Disk::open(folder).map_err(said)?;
    let office = office::open(globals)?;
    if !arguments.once {
        watch_on(&options, &Neighbours::default(), &office, globals);
        return Ok(Ended::Well);
    }
    let submit = options_of(&office, SENT_BY, globals);
    let threads = if arguments.single_thread { 1 } else { submit.threads };
    let ways = ways(&office, SubmitOptions { threads, ..submit });
    let (quiet, started) = (options.quiet, Instant::now());
    let mut folder = Folder::new(options);
    let (mut all, mut alarms) = (Pass::default(), Alarms::default());
    loop {
        let pass = run_once(&mut folder, &ways, started.elapsed(), globals.now());
        all.answered += pass.answered;
        all.papers += pass.papers;
        all.waiting = pass.waiting;
        for alarm in alarms.news(&pass, started.elapsed()) {
            eprintln!("caruman: {alarm}");
        }
        // Whatever still changes after that is left for the next time.
        let patience = quiet * 3 + Duration::from_secs(5);
        let done = pass.answered == 0 && pass.papers == 0 && !pass.more;
        let end = done && (pass.waiting == 0 || started.elapsed() > patience || !pass.alarms.is_empty());
        all.alarms = pass.alarms;
        if end {
            break;
        }
        folder.wait(if done { pass.next } else { Duration::ZERO });
    }
    summary(&all, globals)?;
    Ok(if all.alarms.is_empty() { Ended::Well } else { Ended::Not })
}

fn summary(all: &Pass, globals: &Globals) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    if globals.output == Output::Json {
        let shown = json!({
            "answered": all.answered, "papers": all.papers, "waiting": all.waiting, "alarms": all.alarms,
        });
        writeln!(out, "{shown:#}")?;
    } else if !globals.quiet {
        let counts = [("answered", all.answered), ("waiting", all.waiting), ("papers", all.papers)];
        let words = counts.map(|(name, count)| (name, count.to_string()));
        writeln!(out, "{}", globals.messages().with("inbox-closing", &words))?;
    }
    Ok(())
}
