//! `caruman serve`: the web server, the watched folders and the jobs, in one process.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset};
use clap::Args;

use super::job::Bench;
use super::office::Office;
use super::{CliError, Ended, Globals, inbox, office};
use crate::watch::marker::Neighbours;
use crate::web::{FpxDesk, Site, serve};
use crate::worker::timetables;
use crate::workflow::receipt::signing_key;
use crate::workflow::requery::{Asking, requery_all};

/// Where it listens when nothing is said.
const LISTEN: &str = "127.0.0.1:8780";

/// The job that prints and mails.
const OUTBOX: &str = "outbox";

/// Arguments of `serve`.
#[derive(Debug, Default, Args)]
pub struct ServeArgs {
    /// Where to listen; on this machine only unless another address is named
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Leave the jobs to cron
    #[arg(long)]
    no_jobs: bool,
    /// Leave the watched folders of the configuration to `caruman inbox`
    #[arg(long)]
    no_inbox: bool,
}

/// Serves until it is stopped (ctrl-c, SIGTERM). Every commit stands by itself: stopping loses nothing.
///
/// # Errors
/// When the store, FPX's settings, those of a watched folder or the address cannot be used.
pub fn run(arguments: &ServeArgs, globals: &Globals) -> Result<Ended, CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let folders = if arguments.no_inbox { Vec::new() } else { inbox::configured(globals)? };
    let mut office = office::open(globals)?;
    let listen = arguments.listen.clone().or(office.listen.take()).unwrap_or_else(|| LISTEN.to_owned());
    let listener = TcpListener::bind(&listen)
        .map_err(|error| CliError::said(format!("the address {listen} cannot be listened at: {error}")))?;
    let address = listener.local_addr().map_err(|error| said(&error))?;
    office.listen = Some(address.to_string());
    let bench = Bench::open(&office, globals)?;
    let site = site(&office, globals, &bench, address)?;
    let neighbours = Neighbours::default();
    let mut talk = std::io::stderr();
    if !globals.quiet {
        writeln!(talk, "listening on http://{address}")?;
        if bench.merchant.is_none() {
            writeln!(talk, "nothing is set up for FPX: receipts can be checked, nothing can be paid")?;
        }
    }
    std::thread::scope(|scope| {
        if !arguments.no_jobs {
            scope.spawn(|| {
                ask_about_all(&office, globals, &bench);
                jobs(&office, globals, &bench, |name| name != OUTBOX);
            });
            // A mail server that takes its time must not keep FPX from being asked.
            scope.spawn(|| jobs(&office, globals, &bench, |name| name == OUTBOX));
        }
        for folder in &folders {
            scope.spawn(|| inbox::watch_on(folder, &neighbours, &office, globals));
        }
        serve(Arc::new(site), listener).map_err(|error| said(&error))
    })?;
    Ok(Ended::Well)
}

fn site(office: &Office, globals: &Globals, bench: &Bench, address: SocketAddr) -> Result<Site, CliError> {
    let given = globals.given_now();
    let malaysia = super::malaysia();
    let now = move || -> DateTime<FixedOffset> {
        use chrono::SubsecRound;
        given.unwrap_or_else(|| chrono::Utc::now().trunc_subsecs(0).with_timezone(&malaysia))
    };
    let clock: Arc<dyn Fn() -> DateTime<FixedOffset> + Send + Sync> = Arc::new(now);
    let store = office.store.clone();
    let fpx = match (&bench.merchant, &bench.transport) {
        (Some(merchant), Some(transport)) => {
            Some(FpxDesk::open(&store, merchant.clone(), transport.clone(), &office.issuer, clock.clone()))
        }
        _ => None,
    };
    let key = signing_key(&store, &office.data, globals.now()).map_err(|error| CliError::said(error.to_string()))?;
    Ok(Site {
        store,
        issuer: office.issuer.clone(),
        fpx,
        receipt_key: key,
        words: bench.words.clone(),
        clock,
        hosts: hosts(address, office.public_url.as_deref()),
    })
}

/// Under which names the server is called: its own address, and that which the operator published.
fn hosts(address: SocketAddr, public_url: Option<&str>) -> Vec<String> {
    let mut hosts = vec![address.to_string(), format!("localhost:{}", address.port())];
    if let Some(url) = public_url {
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        hosts.push(host.split('/').next().unwrap_or_default().to_owned());
    }
    hosts
}

/// Asks FPX about everything open, once.
fn ask_about_all(office: &Office, globals: &Globals, bench: &Bench) {
    let seed = u64::from(std::process::id());
    if let (Some(merchant), Some(transport)) = (&bench.merchant, &bench.transport) {
        let (store, issuer) = (&office.store, office.issuer.as_str());
        let asking = Asking { store, merchant, transport: transport.as_ref(), issuer, seed };
        let pace = || std::thread::sleep(super::payment::PACE);
        if let Err(error) = requery_all(&asking, &pace, &|| globals.now()) {
            tracing::error!(%error, "what is open could not be asked about");
        }
    }
}

/// Runs these jobs by their timetable.
fn jobs(office: &Office, globals: &Globals, bench: &Bench, mine: impl Fn(&str) -> bool) {
    let seed = u64::from(std::process::id());
    let mine = timetables().iter().filter(|job| mine(job.name) && (bench.merchant.is_some() || job.name == OUTBOX));
    let mut due: Vec<_> = mine.map(|job| (job, Instant::now())).collect();
    loop {
        for (job, at) in &mut due {
            if *at > Instant::now() {
                continue;
            }
            *at = Instant::now() + Duration::from_secs(u64::from(job.every_minutes) * 60);
            if let Err(error) = bench.run(office, globals, (job.name, seed)) {
                tracing::error!(job = job.name, %error, "a job did not run");
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}
