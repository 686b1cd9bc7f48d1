//! `caruman explain`: what a finding means. The same text is `docs/findings.md`.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::Args;

use super::{CliError, Ended, Globals, Output};
use crate::domain::FindingName;
use crate::messages::{Language, Messages, finding_data};

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Code or name, such as A101 or amount-not-in-schedule; all findings in a line each when left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When no finding has that code, or the result cannot be written.
pub fn run(arguments: &ExplainArgs, globals: &Globals) -> Result<Ended, CliError> {
    let messages = globals.messages();
    let names: Vec<FindingName> = match &arguments.code {
        None => FindingName::ALL.to_vec(),
        Some(code) => vec![FindingName::find(code).ok_or_else(|| {
            CliError::said(format!("no finding is called \"{code}\"; `caruman explain` lists them all"))
        })?],
    };
    let mut out = io::stdout().lock();
    match (globals.output, &arguments.code) {
        (Output::Json, _) => {
            let all: Vec<_> = names.iter().map(|name| json(*name, messages)).collect();
            let document =
                if arguments.code.is_some() { all.into_iter().next().unwrap_or_default() } else { all.into() };
            serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        (_, Some(_)) => write!(out, "{}", page(names[0], messages))?,
        (_, None) => {
            for name in names {
                writeln!(
                    out,
                    "{} {:<32} {:<5} {}",
                    name.code(),
                    name,
                    finding_data(name).severities.join("|"),
                    messages.about(name, "title")
                )?;
            }
        }
    }
    Ok(Ended::Well)
}

fn json(name: FindingName, messages: &Messages) -> serde_json::Value {
    let data = finding_data(name);
    serde_json::json!({
        "code": name.code(), "name": name.name(), "family": name.family(), "severities": data.severities,
        "title": messages.about(name, "title"), "why": messages.about(name, "why"), "cure": messages.about(name, "cure"),
        "law": data.law, "good": data.good, "bad": data.bad,
    })
}

/// The explanation of one finding, in Markdown that also reads well in a terminal.
fn page(name: FindingName, messages: &Messages) -> String {
    let data = finding_data(name);
    let label = |id: &str| messages.text(&format!("label-{id}"));
    let severities: Vec<String> = data
        .severities
        .iter()
        .map(|severity| format!("{severity} ({})", messages.text(&format!("severity-{severity}"))))
        .collect();
    let mut text = String::new();
    let _ = writeln!(text, "## {} {}\n", name.code(), name);
    let _ = writeln!(text, "{} — {}\n", messages.about(name, "title"), severities.join(", "));
    let _ = writeln!(text, "{}\n", messages.about(name, "why"));
    let _ = writeln!(text, "- {}: {}", label("cure"), messages.about(name, "cure"));
    let _ = writeln!(text, "- {}: {}", label("law"), data.law);
    let _ = writeln!(text, "- {}: `{}`", label("good-sample"), data.good);
    let _ = writeln!(text, "- {}: `{}`", label("bad-sample"), data.bad);
    text
}

/// The whole of `docs/findings.md`.
pub fn findings_page() -> String {
    let messages = Messages::get(Language::English);
    let mut text = String::from(
        "# Findings\n\nEverything that `caruman check` can say. Made by `caruman explain` from `formats/findings.toml` and \
         `formats/messages`; a test keeps it fresh. `stop` refuses the file, `fix` holds the line, `warn` and `note` hold \
         nothing.\n",
    );
    for name in FindingName::ALL {
        text.push('\n');
        text.push_str(&page(*name, messages));
    }
    text
}
