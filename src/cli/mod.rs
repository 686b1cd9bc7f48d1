//! The way in by arguments. Thin: each command reads its arguments, calls the layers below and prints.
//!
//! Results go to stdout, talk to stderr. Exit status: 0 done, nothing to fix; 1 done, and there are findings to fix; 2 could
//! not do it, with one clear sentence.

pub mod ack;
pub mod answer;
pub mod binder;
pub mod birthdays;
pub mod breaches;
pub mod calc;
pub mod cart;
pub mod case;
pub mod changes;
pub mod charge;
pub mod check;
pub mod contributions;
mod deliveries;
pub mod demo;
pub mod employer;
pub mod explain;
pub mod fix;
pub mod fpx_simulator;
pub mod held;
pub mod inbox;
pub mod job;
pub mod lines;
pub mod make;
pub mod office;
pub mod offline;
pub mod pay;
pub mod payment;
mod payment_history;
pub mod receipt;
pub mod register;
pub mod register_forms;
mod register_person;
pub mod rules_of;
pub mod save;
pub mod selfcheck;
pub mod serve;
pub mod slip;
pub mod submission;
pub mod submit;
pub mod table;
pub mod terminal;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::messages::{Language, Messages};

/// Checks, acknowledges and keeps SOCSO (Act 4) and EIS (Act 800) contribution files.
#[derive(Debug, Parser)]
#[command(name = "caruman", version, about, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command, before or after its name.
#[derive(Debug, Args)]
pub struct Globals {
    /// Settings of the operator
    #[arg(long, global = true, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// The data folder; caruman-data in this folder when left out
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The database: postgres://…; SQLite in the data folder when left out
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// The moment to judge by, such as 2026-11-10T09:00:00+08:00; now when left out
    #[arg(long, global = true, value_name = "RFC3339", value_parser = moment)]
    now: Option<DateTime<FixedOffset>>,
    /// Language of sentences
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Say nothing but results and faults
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more of what is done; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Threads to work with; as many as there are processors when left out
    #[arg(long, global = true, hide = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    En,
    Ms,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything wrong with contribution files, in one pass, offline
    Check(check::CheckArgs),
    /// A file mended by its fix sheet (see check --fix-sheet); what the sheet does not name stays as it is
    Fix(fix::FixArgs),
    /// What a finding means, why, a good and a bad sample, and the cure
    Explain(explain::ExplainArgs),
    /// What a wage pays, what a delay costs, when a month is due
    Calc(calc::CalcArgs),
    /// Receive, judge and keep contribution files; prints submission and ACR/ECR numbers
    Submit(submit::SubmitArgs),
    /// What files change since last month, before they are submitted
    Changes(changes::ChangesArgs),
    /// Lines that wait to be mended, what each day costs, and how they leave
    Held(held::HeldArgs),
    /// Look back at submissions
    Submission(submission::SubmissionArgs),
    /// Look back at acknowledgements and print them
    Ack(ack::AckArgs),
    /// What is picked for payment: Add to Cart, Proceed to Summary, Continue
    Cart(cart::CartArgs),
    /// Late interest and compounds: notices, appeals, what is asked
    Charge(charge::ChargeArgs),
    /// Official receipts: look back, print, and prove them
    Receipt(receipt::ReceiptArgs),
    /// Everything of one employer and month in one file that proves itself
    Binder(binder::BinderArgs),
    /// Everything handed in and paid for one employee, seven years back
    Contributions(contributions::ContributionsArgs),
    /// A slip for one employee: proves the amount without showing colleagues
    Slip(slip::SlipArgs),
    /// Continue: begin a payment over FPX of what is in the cart
    Pay(pay::PayArgs),
    /// Look back at payments; ask FPX about them, give them up
    Payment(payment::PaymentArgs),
    /// What a person must look at; two persons close it
    Case(case::CaseArgs),
    /// What runs by the clock, by hand or from cron
    Job(job::JobArgs),
    /// The web server: where FPX answers, pages of paying, and the jobs
    Serve(serve::ServeArgs),
    /// FPX and the banks in a box, to try payments without money; serves until it is stopped
    FpxSimulator(fpx_simulator::FpxSimulatorArgs),
    /// A month on invented files, from text file to official receipts, paid at a bank in a box
    Demo(demo::DemoArgs),
    /// The official text file from a payroll table
    Make(make::MakeArgs),
    /// Older files and their wages to the current layout
    Convert(make::ConvertArgs),
    /// Employees: take tables in, look them up, change one, export them
    Register(register::RegisterArgs),
    /// Watch a folder into which payroll systems drop files; each gets its answer beside it
    Inbox(inbox::InboxArgs),
    /// Employers: their particulars, and how their files are treated
    Employer(employer::EmployerArgs),
    /// Proves that nothing is lost, doubled or changed in what is kept; names the first breach
    Selfcheck(selfcheck::SelfcheckArgs),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ended {
    /// Done, nothing to fix.
    Well,
    /// Done, and there are findings to fix.
    WithFindings,
    /// Not done.
    Not,
}

/// A command could not do it: one clear sentence.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A sentence for the person at the terminal.
    #[error("{0}")]
    Said(String),
    /// Writing the result failed.
    #[error("the result cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// With this sentence.
    pub fn said(sentence: impl Into<String>) -> Self {
        CliError::Said(sentence.into())
    }
}

impl Globals {
    /// The moment to judge by, in Malaysian time.
    pub fn now(&self) -> DateTime<FixedOffset> {
        self.given_now().unwrap_or_else(|| Utc::now().trunc_subsecs(0).with_timezone(&malaysia()))
    }

    /// The same, with another configuration and moment.
    fn of(&self, config: &Path, now: DateTime<FixedOffset>) -> Globals {
        Globals {
            config: Some(config.to_owned()),
            data: None,
            database: self.database.clone(),
            now: Some(now),
            lang: self.lang,
            output: self.output,
            quiet: self.quiet,
            verbose: self.verbose,
            threads: self.threads,
        }
    }

    /// The moment given by `--now`, in Malaysian time.
    pub fn given_now(&self) -> Option<DateTime<FixedOffset>> {
        self.now.map(|now| now.with_timezone(&malaysia()))
    }

    /// The language chosen.
    pub fn language(&self) -> Language {
        match self.lang {
            Lang::En => Language::English,
            Lang::Ms => Language::Malay,
        }
    }

    /// Sentences in the language chosen.
    pub fn messages(&self) -> &'static Messages {
        Messages::get(self.language())
    }

    /// Threads to work with.
    pub fn threads(&self) -> usize {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or(available, usize::from)
    }

    /// True when progress may be drawn.
    pub fn may_draw(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Malaysian time: eight hours ahead of UTC, no daylight saving.
pub fn malaysia() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are an offset")
}

fn moment(text: &str) -> Result<DateTime<FixedOffset>, String> {
    use chrono::Datelike;
    let moment = DateTime::parse_from_rfc3339(text)
        .map_err(|_| "write a moment such as 2026-11-10T09:00:00+08:00".to_owned())?;
    // Months of the law and of files lie in these years, with room for due dates after them.
    if (1950..2190).contains(&moment.year()) {
        Ok(moment)
    } else {
        Err("the year must lie between 1950 and 2189".to_owned())
    }
}

/// Runs the program with these arguments.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to complain while help is printed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    start_log(cli.globals.verbose);
    let globals = &cli.globals;
    let ended = match cli.command {
        Command::Check(arguments) => check::run(&arguments, globals),
        Command::Fix(arguments) => fix::run(&arguments, globals),
        Command::Explain(arguments) => explain::run(&arguments, globals),
        Command::Calc(arguments) => calc::run(&arguments, globals),
        Command::Submit(arguments) => submit::run(&arguments, globals),
        Command::Changes(arguments) => changes::run(&arguments, globals),
        Command::Held(arguments) => held::run(&arguments, globals),
        Command::Submission(arguments) => submission::run(&arguments, globals),
        Command::Ack(arguments) => ack::run(&arguments, globals),
        Command::Cart(arguments) => cart::run(&arguments, globals),
        Command::Charge(arguments) => charge::run(&arguments, globals),
        Command::Receipt(arguments) => receipt::run(&arguments, globals),
        Command::Binder(arguments) => binder::run(&arguments, globals),
        Command::Contributions(arguments) => contributions::run(&arguments, globals),
        Command::Slip(arguments) => slip::run(&arguments, globals),
        Command::Pay(arguments) => pay::run(&arguments, globals),
        Command::Payment(arguments) => payment::run(&arguments, globals),
        Command::Case(arguments) => case::run(&arguments, globals),
        Command::Job(arguments) => job::run(&arguments, globals),
        Command::Serve(arguments) => serve::run(&arguments, globals),
        Command::FpxSimulator(arguments) => fpx_simulator::run(&arguments, globals),
        Command::Demo(arguments) => demo::run(&arguments, globals),
        Command::Make(arguments) => make::run_make(&arguments, globals),
        Command::Convert(arguments) => make::run_convert(&arguments, globals),
        Command::Register(arguments) => register::run(&arguments, globals),
        Command::Inbox(arguments) => inbox::run(&arguments, globals),
        Command::Employer(arguments) => employer::run(&arguments, globals),
        Command::Selfcheck(arguments) => selfcheck::run(&arguments, globals),
    };
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(1),
        Ok(Ended::Not) => ExitCode::from(2),
        // Whoever reads the result has seen enough (`| head`).
        Err(CliError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("caruman: {error}");
            ExitCode::from(2)
        }
    }
}

fn start_log(verbose: u8) {
    let level = ["warn", "info", "debug"][usize::from(verbose.min(2))];
    let filter = tracing_subscriber::EnvFilter::try_from_env("CARUMAN_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}

/// A whole text file: a register, questions, wages.
///
/// # Errors
/// One sentence that names the file.
pub fn read_file(path: &PathBuf) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| CliError::said(format!("{} cannot be read: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_parser_is_sound() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
