//! `caruman fpx-simulator`: FPX and the banks in a box, for trying payments without money.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::{CliError, Ended, Globals};
use crate::simulator::folder::KeyFolder;
use crate::simulator::http::{ServerOptions, SimulatorServer};
use crate::simulator::{Clock, Faults, Simulator};

/// Arguments of `fpx-simulator`.
#[derive(Debug, Args)]
pub struct FpxSimulatorArgs {
    /// Where it listens; whoever reaches it decides payments
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8800")]
    listen: SocketAddr,
    /// Where its keys are kept, and those of the merchant it knows; made when it is not there
    #[arg(long, value_name = "DIR", default_value = "fpx-simulator")]
    folder: PathBuf,
    /// Where the merchant takes messages from FPX's server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8780/fpx/direct")]
    direct: String,
    /// Where the browser comes back to
    #[arg(long = "return", value_name = "URL", default_value = "http://127.0.0.1:8780/fpx/return")]
    return_url: String,
    /// Something it does wrongly, such as drop-direct or resend=3; may be repeated, any wrong word lists all
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<String>,
    /// Nobody decides: amounts ending in .51 lack funds, .09 stay pending, .99 wait for the authoriser, others are approved
    #[arg(long)]
    headless: bool,
}

/// Serves until it is stopped.
///
/// # Errors
/// When it cannot listen, or its folder cannot be used.
pub fn run(arguments: &FpxSimulatorArgs, globals: &Globals) -> Result<Ended, CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let faults = Faults::of(arguments.faults.iter().map(String::as_str)).map_err(|error| said(&error))?;
    for url in [&arguments.direct, &arguments.return_url] {
        let sound = reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !sound {
            return Err(CliError::said(format!(
                "\"{url}\" is no address; write one such as http://127.0.0.1:8780/fpx"
            )));
        }
    }
    let (folder, keys) = KeyFolder::open(&arguments.folder, globals.now()).map_err(|error| said(&error))?;
    let merchant = folder
        .merchant(Some(arguments.direct.clone()), Some(arguments.return_url.clone()))
        .map_err(|error| said(&error))?;
    let simulator = Simulator::new(clock(globals), keys, vec![merchant]);
    simulator.set_faults(faults);
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|error| CliError::said(format!("cannot listen on {}: {error}", arguments.listen)))?;
    let settings = folder.clone();
    let options = ServerOptions { headless: arguments.headless, folder: Some(folder), deliver: None };
    let server = SimulatorServer::start(Arc::new(simulator), listener, options).map_err(|error| said(&error))?;
    let url = format!("http://{}", server.address());
    let mut out = io::stdout().lock();
    writeln!(out, "# FPX simulator on {url}, no real money. Settings to pay here:\n{}", settings.settings(&url))?;
    out.flush()?;
    drop(out);
    server.serve_forever();
    Ok(Ended::Well)
}

/// The system's clock, or one that goes on from `--now`.
fn clock(globals: &Globals) -> Clock {
    match globals.given_now() {
        Some(moment) => {
            let start = Instant::now();
            Box::new(move || moment + start.elapsed())
        }
        None => Box::new(|| chrono::Utc::now().with_timezone(&super::malaysia())),
    }
}
