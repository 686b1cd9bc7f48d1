//! The second half of the demonstration: the cart, the bank in a box, and official receipts.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use crate::cli::ack::write_whole;
use crate::cli::office::Office;
use crate::cli::{CliError, Globals};
use crate::config::Config;
use crate::domain::PaymentModel;
use crate::fpx::bank_list::BankListCache;
use crate::fpx::codes::Codes;
use crate::fpx::ladder::Ladders;
use crate::fpx::message::Channel;
use crate::rates::RateBook;
use crate::simulator::folder::KeyFolder;
use crate::simulator::http::{ServerOptions, SimulatorServer};
use crate::simulator::{Decision, Simulator};
use crate::store::receipts::ReceiptFilter;
use crate::workflow::cart::{InterestWhen, SummaryOptions, add, summary};
use crate::workflow::checkout::{Checkout, serve_page, start};
use crate::workflow::merchant::Merchant;
use crate::workflow::page_word::PageWords;
use crate::workflow::receipt::{print_receipt, receipt, signing_key};
use crate::workflow::settle::{Incoming, settle, what_next};

/// A corporate bank of the simulator.
const BANK: &str = "TEST0021";
/// Who acts.
const WHO: &str = "demonstration";
/// Where the office listens with `--serve`.
pub(super) const OFFICE: &str = "127.0.0.1:8780";
/// Where the bank listens with `--serve`.
const BANKS: &str = "127.0.0.1:8800";

/// The bank in a box, and the office as its merchant.
pub(super) struct Bank {
    simulator: Arc<Simulator>,
    merchant: Merchant,
    folder: KeyFolder,
    /// The configuration that was written: with it every command of the program works on the demonstration.
    pub(super) settings: PathBuf,
}

impl Bank {
    /// Makes keys for both and writes the configuration.
    pub(super) fn open(
        folder: &Path,
        issuer: &str,
        clock: impl Fn() -> DateTime<FixedOffset> + Send + Sync + 'static,
    ) -> Result<Bank, CliError> {
        let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
        let (keys_folder, keys) = KeyFolder::open(&folder.join("simulator"), clock()).map_err(|error| said(&error))?;
        let address = |path: &str| Some(format!("http://{OFFICE}/fpx/{path}"));
        let known = keys_folder.merchant(address("direct"), address("return")).map_err(|error| said(&error))?;
        let data = std::path::absolute(folder.join("data")).map_err(|error| said(&error))?;
        let settings = folder.join("caruman.toml");
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let text = format!(
            "# The demonstration: caruman --config {} …\nissuer = {}\ndata = {}\nlisten = \"{OFFICE}\"\n\n{}",
            settings.display(),
            quoted(issuer),
            quoted(&data.display().to_string()),
            keys_folder.settings(&format!("http://{BANKS}"))
        );
        write_whole(&settings, text.as_bytes())?;
        let config = Config::load(Some(&settings)).map_err(|error| said(&error))?;
        let fpx = config.fpx.ok_or_else(|| CliError::said("the settings of FPX were not written"))?;
        let merchant = Merchant::load(&fpx).map_err(|error| said(&error))?;
        let simulator = Arc::new(Simulator::new(Box::new(clock), keys, vec![known]));
        Ok(Bank { simulator, merchant, folder: keys_folder, settings })
    }

    /// The bank, with its pages, until it is dropped.
    pub(super) fn listen(&self) -> Result<SimulatorServer, CliError> {
        let listener = TcpListener::bind(BANKS)
            .map_err(|error| CliError::said(format!("the bank cannot listen at {BANKS}: {error}")))?;
        let options = ServerOptions { folder: Some(self.folder.clone()), ..ServerOptions::default() };
        SimulatorServer::start(Arc::clone(&self.simulator), listener, options)
            .map_err(|error| CliError::said(format!("the bank cannot be opened: {error}")))
    }
}

/// Puts everything that can be paid into the cart and prints the summary.
pub(super) fn fill_cart(
    out: &mut impl Write,
    office: &Office,
    employer: &str,
    globals: &Globals,
    now: DateTime<FixedOffset>,
) -> Result<bool, CliError> {
    let messages = globals.messages();
    add(&office.store, employer, &[], WHO, now).map_err(|error| CliError::said(error.said(messages)))?;
    let options = SummaryOptions { model: None, interest: InterestWhen::Now, day: now.date_naive() };
    let Ok(summed) = summary(&office.store, RateBook::embedded(), employer, &options) else {
        writeln!(out, "   Nothing is left to pay: it was paid when the demonstration ran before.")?;
        return Ok(false);
    };
    for line in &summed.lines {
        writeln!(
            out,
            "   {:<16} {:<12} RM {:>9}",
            line.reference.as_deref().unwrap_or("+ interest"),
            line.kind.id(),
            line.amount
        )?;
    }
    for sentence in summed.fits_in_words(messages) {
        writeln!(out, "   {sentence}")?;
    }
    Ok(true)
}

/// Pays the cart as a company does: the maker submits, the authoriser approves later, and the bank says so three times.
pub(super) fn pay(
    out: &mut impl Write,
    office: &Office,
    bank: &Bank,
    employer: &str,
    globals: &Globals,
    now: DateTime<FixedOffset>,
) -> Result<(), CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let (store, merchant) = (&office.store, &bank.merchant);
    let model = PaymentModel::B2b1;
    let options = SummaryOptions { model: Some(model), interest: InterestWhen::Now, day: now.date_naive() };
    let messages = globals.messages();
    let summed = summary(store, RateBook::embedded(), employer, &options)
        .map_err(|error| CliError::said(error.said(messages)))?;
    let offered = BankListCache::new(bank.simulator.clone(), merchant.bank_list_settings()).offers(model, now);
    let words = PageWords::open(store, now).map_err(|error| said(&error))?;
    let checkout = Checkout {
        employer_code: employer,
        model,
        bank: BANK,
        mail: "",
        lines: &summed.lines,
        offers: &offered.banks,
        who: WHO,
    };
    let started = start(store, merchant, &words, &checkout, now).map_err(|error| said(&error))?;
    let (_, form) = serve_page(store, merchant, &started.number, now).map_err(|error| said(&error))?;
    writeln!(out, "   {} goes to the bank: RM {}, {}", started.number, started.amount, started.orders.exchange)?;

    let desk = merchant.desk(store, &office.issuer);
    let take = |bodies: Vec<(Channel, String)>| {
        let incoming: Vec<Incoming> =
            bodies.into_iter().map(|(channel, body)| Incoming { channel, body: body.into_bytes() }).collect();
        settle(&desk, &incoming, now).map_err(|error| said(&error))
    };
    let paid = bank.simulator.pay(&form.body(), Decision::Submit);
    let direct = paid.direct.into_iter().map(|body| (Channel::Direct, body));
    take(direct.chain([(Channel::Indirect, paid.indirect)]).collect())?;
    let told = |number: &str| {
        let payment = store.payment(number).map_err(|error| said(&error))?;
        let sentence = what_next(&payment, Codes::embedded(), Ladders::embedded(), globals.language(), now);
        Ok::<_, CliError>(format!("{}: {sentence}", payment.state))
    };
    writeln!(out, "   the maker has submitted;   {}", told(&started.number)?)?;
    bank.simulator.authorise(&started.orders.exchange).map_err(|error| said(&error))?;
    let approved = bank.simulator.take_due().into_iter().map(|message| message.body).next().unwrap_or_default();
    let thrice = vec![(Channel::Direct, approved); 3];
    take(thrice)?;
    writeln!(out, "   the authoriser approved;   {}", told(&started.number)?)?;
    Ok(())
}

/// Prints every receipt of an employer.
pub(super) fn receipts(
    out: &mut impl Write,
    office: &Office,
    folder: &Path,
    employer: &str,
    now: DateTime<FixedOffset>,
) -> Result<(), CliError> {
    let said = |error: &dyn std::fmt::Display| CliError::said(error.to_string());
    let key = signing_key(&office.store, &office.data, now).map_err(|error| said(&error))?;
    let filter = ReceiptFilter { employer_code: Some(employer.to_owned()), ..ReceiptFilter::default() };
    let mut found = office.store.receipts(&filter).map_err(|error| said(&error))?;
    found.sort_by(|a, b| a.number.cmp(&b.number));
    for record in found {
        let kept = receipt(&office.store, &record.number).map_err(|error| said(&error))?;
        let bytes = print_receipt(&office.store, &key, &kept.frozen, now).map_err(|error| said(&error))?;
        let path = folder.join(format!("receipt-{}.pdf", record.number));
        write_whole(&path, &bytes)?;
        writeln!(out, "   {:<16} RM {:>9}   {}", record.number, record.total, path.display())?;
    }
    Ok(())
}
