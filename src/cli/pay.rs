//! `caruman pay`: from the cart to the bank.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Duration;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::charge::code;
use super::table::{Row, one};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::PaymentModel;
use crate::fpx::bank_list::BankListCache;
use crate::fpx::http::HttpTransport;
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::web::bank_html;
use crate::workflow::cart::fit::Verdict;
use crate::workflow::cart::words::{model_name, ringgit};
use crate::workflow::cart::{InterestWhen, Summary, SummaryOptions, summary};
use crate::workflow::checkout::{Checkout, Started, chosen, serve_page, start};
use crate::workflow::merchant::Merchant;
use crate::workflow::page_word::{PageWords, PayLink, new_link};
use crate::workflow::payment_page::PaymentPage;

/// How long a link to a cart leads there.
const LINK: Duration = Duration::hours(24);

/// Arguments of `pay`.
#[derive(Debug, Args)]
pub struct PayArgs {
    /// Whose cart
    #[arg(long, value_name = "CODE")]
    employer: String,
    /// Personal (b2c) or corporate (b2b1) account; without it, a link to the page that asks
    #[arg(long, value_name = "b2c|b2b1", value_parser = model, requires = "bank")]
    model: Option<PaymentModel>,
    /// The bank; see payment banks
    #[arg(long, value_name = "CODE", requires = "model")]
    bank: Option<String>,
    /// Which part of the proposed split, where the cart is over a limit
    #[arg(long, value_name = "N", requires = "model")]
    part: Option<usize>,
    /// Where FPX sends its mail
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    mail: String,
    /// Whether late interest is paid with it, or asked later
    #[arg(long, value_enum, default_value_t = Interest::Now)]
    interest: Interest,
    /// Who pays, for the record
    #[arg(long, value_name = "NAME", default_value = "command-line")]
    by: String,
    /// Write the page that goes to the bank into a file, for one use; without it, the page waits at the web server
    #[arg(long, value_name = "FILE.html", requires = "model")]
    out: Option<PathBuf>,
    /// Open that page in the browser
    #[arg(long, requires = "out")]
    open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Interest {
    /// In the same payment
    Now,
    /// Afterwards, as a charge of its own
    Later,
}

/// Reads the name of a model.
pub(super) fn model(text: &str) -> Result<PaymentModel, String> {
    PaymentModel::from_id(&text.to_lowercase()).ok_or_else(|| format!("\"{text}\" is not a model: b2c, b2b1"))
}

/// Runs the command.
///
/// # Errors
/// When nothing is set up for FPX, the cart cannot be paid so, or the page not be written: one sentence.
pub fn run(arguments: &PayArgs, globals: &Globals) -> Result<Ended, CliError> {
    let office = office::open(globals)?;
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let merchant = office.merchant(globals)?;
    let (employer_code, now) = (code(&arguments.employer)?, globals.now());
    let (Some(model), Some(bank)) = (arguments.model, &arguments.bank) else {
        return link(arguments, globals, &office, employer_code);
    };
    let interest = if arguments.interest == Interest::Now { InterestWhen::Now } else { InterestWhen::Later };
    let options = SummaryOptions { model: Some(model), interest, day: now.date_naive() };
    let messages = globals.messages();
    let summed = summary(&office.store, RateBook::embedded(), &employer_code, &options)
        .map_err(|error| CliError::said(error.said(messages)))?;
    let Some(lines) = chosen(&summed, model, arguments.part) else {
        let mut sentences = summed.fits_in_words(messages);
        sentences.push(not_started(&summed, model, arguments.part, messages));
        return Err(CliError::said(sentences.join("\n")));
    };
    let banks = banks(&merchant)?;
    let words = PageWords::open(&office.store, now).map_err(|error| said(&error))?;
    let checkout = Checkout {
        employer_code: &employer_code,
        model,
        bank: &bank.to_uppercase(),
        mail: &arguments.mail,
        lines: &lines,
        offers: &banks.offers(model, now).banks,
        who: &arguments.by,
    };
    let started = start(&office.store, &merchant, &words, &checkout, now).map_err(|error| said(&error))?;
    let page = office.address(&format!("/pay/{}", started.word));
    let file = match (&arguments.out, &page) {
        (Some(file), _) => Some(file.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(format!("{}.html", started.number).into()),
    };
    if let Some(file) = &file {
        write_page(&office, &merchant, globals, &started.number, file)?;
    }
    print(globals, &started, file.as_deref(), page.filter(|_| file.is_none()))?;
    if lines.len() < summed.lines.len() && globals.output == Output::Text {
        println!("{}", messages.text("pay-rest"));
    }
    if arguments.open
        && let Some(file) = &file
    {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        std::process::Command::new(opener).arg(file).spawn().map_err(|error| said(&error))?;
    }
    Ok(Ended::Well)
}

/// Why no payment began, and the way out.
fn not_started(summed: &Summary, model: PaymentModel, part: Option<usize>, messages: &Messages) -> String {
    let mut values = vec![("model", model_name(model, messages)), ("part", part.unwrap_or_default().to_string())];
    let id = match (summed.fit(model).map(|fit| &fit.verdict), part) {
        (Some(Verdict::BelowMinimum(_)), _) => "pay-below-minimum",
        (Some(Verdict::AboveLimit(split)), part) => {
            values.push(("count", split.payments.len().to_string()));
            match part.map(|part| part.checked_sub(1).and_then(|at| split.payments.get(at))) {
                _ if split.payments.is_empty() => "pay-no-part",
                None => "pay-name-part",
                Some(None) => "pay-part-unknown",
                Some(Some(_)) => "pay-part-below-minimum",
            }
        }
        _ => "pay-one-payment",
    };
    messages.with(id, &values)
}

/// The banks of FPX, asked for now.
pub(super) fn banks(merchant: &Merchant) -> Result<BankListCache, CliError> {
    let transport = HttpTransport::new(merchant.host.clone()).map_err(|error| CliError::said(error.to_string()))?;
    Ok(BankListCache::new(Arc::new(transport), merchant.bank_list_settings()))
}

/// A link to the page that asks for the rest.
fn link(
    arguments: &PayArgs,
    globals: &Globals,
    office: &office::Office,
    employer_code: String,
) -> Result<Ended, CliError> {
    let now = globals.now();
    if office.address("").is_none() {
        return Err(CliError::said(
            "name --model and --bank, or set public_url in the configuration for a link to the page that asks for them",
        ));
    }
    let link = PayLink { employer_code, who: arguments.by.clone(), until: now + LINK };
    let word = new_link(&office.store, &link, now).map_err(|error| CliError::said(error.to_string()))?;
    let page = office.address(&format!("/pay/{word}")).unwrap_or_default();
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Text {
        writeln!(out, "Pay here until {}: {page}", link.until.format("%Y-%m-%d %H:%M"))?;
    } else {
        let values: [(&'static str, Value); 3] =
            [("employer_code", json!(link.employer_code)), ("page", json!(page)), ("until", json!(link.until))];
        one(&mut out, globals, Row::from(values))?;
    }
    out.flush()?;
    Ok(Ended::Well)
}

/// Writes the page that goes to the bank; it counts as sent from here on.
fn write_page(
    office: &office::Office,
    merchant: &Merchant,
    globals: &Globals,
    number: &str,
    path: &Path,
) -> Result<(), CliError> {
    let cannot = |error: io::Error| CliError::said(format!("{} cannot be written: {error}", path.display()));
    // The file is there before the payment counts as sent: a folder that takes no file costs nothing.
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path).map_err(cannot)?;
    let (payment, form) = serve_page(&office.store, merchant, number, globals.now())
        .map_err(|error| CliError::said(error.to_string()))?;
    let page = PaymentPage::of(&office.store, payment).map_err(|error| CliError::said(error.to_string()))?;
    let html = bank_html(&office.issuer, merchant, globals.language(), &page, &form);
    file.write_all(html.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)
}

fn print(globals: &Globals, started: &Started, file: Option<&Path>, page: Option<String>) -> Result<(), CliError> {
    let mut out = BufWriter::new(io::stdout().lock());
    if globals.output == Output::Text {
        writeln!(out, "Payment {}: {}", started.number, ringgit(started.amount))?;
        writeln!(
            out,
            "Exchange order number {}, seller order number {}",
            started.orders.exchange, started.orders.seller
        )?;
        match (file, page) {
            (Some(file), _) => writeln!(out, "Open {} in a browser: it goes to the bank, once.", file.display())?,
            (None, Some(page)) => writeln!(out, "Open {page}: from there it goes to the bank, once.")?,
            (None, None) => {}
        }
    } else {
        let values: [(&'static str, Value); 6] = [
            ("number", json!(started.number)),
            ("amount_sen", json!(started.amount)),
            ("exchange_order", json!(started.orders.exchange)),
            ("seller_order", json!(started.orders.seller)),
            ("file", json!(file.map(|file| file.display().to_string()))),
            ("page", json!(page)),
        ];
        one(&mut out, globals, Row::from(values))?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sen;
    use crate::messages::Language;
    use crate::workflow::cart::fit::{Fit, Part, Split};
    use crate::workflow::cart::summary::{Figures, Waiting};

    #[test]
    fn why_nothing_was_started_is_said_with_the_way_out() {
        let said = |verdict: Verdict, part: Option<usize>| {
            let (model, day) = (PaymentModel::B2c, chrono::NaiveDate::from_ymd_opt(2026, 11, 5).expect("a day"));
            let fit = Fit { model, minimum: Sen(100), maximum: Sen(3_000_000), bank_limit: None, verdict };
            let figures = Figures::default();
            let summary = Summary {
                employer_code: "A9900000001Z".to_owned(),
                day,
                interest_when: InterestWhen::Now,
                lines: Vec::new(),
                subtotals: Vec::new(),
                total: Sen::ZERO,
                discounts: Vec::new(),
                waiting: Waiting { today: figures, tomorrow: figures, step: None },
                fits: vec![fit],
            };
            not_started(&summary, model, part, Messages::get(Language::English))
        };
        let part = |below_minimum| Part { lines: Vec::new(), amount: Sen(1), below_minimum };
        let split = || Verdict::AboveLimit(Split { payments: vec![part(false), part(true)], too_large: Vec::new() });
        let none = Verdict::AboveLimit(Split { payments: Vec::new(), too_large: Vec::new() });
        for (verdict, part, words) in [
            (Verdict::Fits, Some(2), "leave --part out"),
            (Verdict::BelowMinimum(Vec::new()), None, "outside FPX"),
            (split(), None, "from 1 to 2"),
            (split(), Some(0), "no part 0"),
            (split(), Some(3), "no part 3; the parts are 1 to 2"),
            (split(), Some(2), "part 2 is less than FPX takes"),
            (none, None, "no part of the cart"),
        ] {
            let text = said(verdict, part);
            assert!(text.contains(words), "{text}");
        }
    }
}
