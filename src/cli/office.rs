//! The store and vault that a command works with, as arguments and configuration say.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{CliError, Globals};
use crate::config::{Config, FpxConfig, MailConfig};
use crate::keys::{ReceiptKey, ReceiptPublicKey};
use crate::notify::MailSettings;
use crate::store::Store;
use crate::vault::Vault;
use crate::workflow::merchant::Merchant;
use crate::workflow::receipt::signing_key;
use crate::workflow::submit::OfficeRules;

/// Name on documents where no issuer is configured.
const ISSUER: &str = "caruman";

/// The data folder where none is named.
const DATA: &str = "caruman-data";

/// An open store with its vault.
pub struct Office {
    /// The database, to be shared with other threads.
    pub store: Arc<Store>,
    /// Kept originals.
    pub vault: Vault,
    /// Who issues documents.
    pub issuer: String,
    /// How employers without settings of their own are treated.
    pub rules: OfficeRules,
    /// The data folder.
    pub data: PathBuf,
    /// Where `serve` listens.
    pub listen: Option<String>,
    /// The address under which employers reach `serve`.
    pub public_url: Option<String>,
    /// From whom mails come.
    pub mail_from: Option<String>,
    /// How they are sent.
    pub mail: Option<MailConfig>,
    /// How FPX is spoken to.
    pub fpx: Option<FpxConfig>,
}

impl Office {
    /// The office as a merchant of FPX: keys and certificates are read and tried.
    ///
    /// # Errors
    /// One sentence: no settings of FPX, or wrong ones.
    pub fn merchant(&self, globals: &Globals) -> Result<Merchant, CliError> {
        let Some(config) = &self.fpx else {
            return Err(CliError::said(
                "nothing is set up for FPX; add an [fpx] section to the configuration (README, \"Pay and print\")",
            ));
        };
        let merchant = Merchant::load(config).map_err(|error| CliError::said(error.to_string()))?;
        for warning in merchant.warnings(globals.now()) {
            tracing::warn!("{warning}");
        }
        Ok(merchant)
    }

    /// Who writes mails and who sends them; `None` where nobody is set.
    ///
    /// # Errors
    /// One sentence.
    pub fn mail_settings(&self) -> Result<Option<MailSettings>, CliError> {
        MailSettings::read(self.mail_from.as_deref(), self.mail.as_ref())
            .map_err(|error| CliError::said(error.to_string()))
    }

    /// The address of a page of `serve`, where it has one.
    pub fn address(&self, path: &str) -> Option<String> {
        let base = self.public_url.clone().or_else(|| self.listen.as_ref().map(|listen| format!("http://{listen}")))?;
        Some(format!("{}{path}", base.trim_end_matches('/')))
    }

    /// The key that signs receipts; made on first use.
    ///
    /// # Errors
    /// One sentence.
    pub fn receipt_key(&self, globals: &Globals) -> Result<ReceiptKey, CliError> {
        signing_key(&self.store, &self.data, globals.now()).map_err(|error| CliError::said(error.to_string()))
    }
}

fn folder(globals: &Globals, configured: Option<PathBuf>) -> PathBuf {
    globals.data.clone().or(configured).unwrap_or_else(|| DATA.into())
}

/// The public key that proves documents: as given (the key itself, or a file that holds it), else that of the data
/// folder's signing key. No database is opened.
///
/// # Errors
/// One sentence.
pub fn public_key(given: Option<&str>, globals: &Globals) -> Result<ReceiptPublicKey, CliError> {
    let Some(given) = given else {
        let config = Config::load(globals.config.as_deref()).map_err(|error| CliError::said(error.to_string()))?;
        let path = ReceiptKey::path_in(&folder(globals, config.data));
        let key = ReceiptKey::load(&path).map_err(|error| CliError::said(error.to_string()))?;
        return Ok(key.public());
    };
    let text = if Path::new(given).is_file() {
        String::from_utf8_lossy(&super::read_file(&given.into())?).into_owned()
    } else {
        given.to_owned()
    };
    text.parse().map_err(|why: String| CliError::said(why))
}

/// Opens what the options name; the data folder is made where it does not exist.
///
/// # Errors
/// One sentence.
pub fn open(globals: &Globals) -> Result<Office, CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(|error| CliError::said(error.to_string()))?;
    let data = folder(globals, config.data);
    let url = globals.database.clone().or(config.database);
    let issuer = config.issuer.as_deref().unwrap_or(ISSUER);
    let mut office = open_at(&data, url.as_deref(), config.master_key.as_deref(), issuer)?;
    let usual = OfficeRules::default();
    office.rules = OfficeRules {
        registration: config.registration.unwrap_or(usual.registration),
        seeding: config.seeding.unwrap_or(usual.seeding),
        new_employers: config.new_employers.unwrap_or(usual.new_employers),
    };
    (office.listen, office.public_url) = (config.listen, config.public_url);
    (office.mail_from, office.mail, office.fpx) = (config.mail_from, config.mail, config.fpx);
    Ok(office)
}

/// Opens an office of its own in a folder, in the database that the options name.
///
/// # Errors
/// One sentence.
pub fn at(data: &Path, globals: &Globals, issuer: &str) -> Result<Office, CliError> {
    open_at(data, globals.database.as_deref(), None, issuer)
}

fn open_at(data: &Path, url: Option<&str>, master_key: Option<&Path>, issuer: &str) -> Result<Office, CliError> {
    let store = Store::open(url, data, master_key).map_err(|error| CliError::said(error.to_string()))?;
    let vault = Vault::new(data, store.master_key());
    Ok(Office {
        store: Arc::new(store),
        vault,
        issuer: issuer.to_owned(),
        rules: OfficeRules::default(),
        data: data.to_owned(),
        listen: None,
        public_url: None,
        mail_from: None,
        mail: None,
        fpx: None,
    })
}
