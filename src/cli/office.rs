//! The store and vault that a command works with, as arguments and configuration say.

use std::path::{Path, PathBuf};

use super::{CliError, Globals};
use crate::config::Config;
use crate::store::Store;
use crate::vault::Vault;
use crate::workflow::submit::OfficeRules;

/// Name on documents where no issuer is configured.
const ISSUER: &str = "caruman";

/// The data folder where none is named.
const DATA: &str = "caruman-data";

/// An open store with its vault.
pub struct Office {
    /// The database.
    pub store: Store,
    /// Kept originals.
    pub vault: Vault,
    /// Who issues documents.
    pub issuer: String,
    /// How employers without settings of their own are treated.
    pub rules: OfficeRules,
}

/// Opens what the options name; the data folder is made where it does not exist.
///
/// # Errors
/// One sentence.
pub fn open(globals: &Globals) -> Result<Office, CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(|error| CliError::said(error.to_string()))?;
    let data = globals.data.clone().or(config.data).unwrap_or_else(|| DATA.into());
    let url = globals.database.clone().or(config.database);
    let issuer = config.issuer.as_deref().unwrap_or(ISSUER);
    let mut office = open_at(&data, url.as_deref(), config.master_key.as_deref(), issuer)?;
    let usual = OfficeRules::default();
    office.rules = OfficeRules {
        registration: config.registration.unwrap_or(usual.registration),
        seeding: config.seeding.unwrap_or(usual.seeding),
        new_employers: config.new_employers.unwrap_or(usual.new_employers),
    };
    Ok(office)
}

/// The data folder that the options name.
///
/// # Errors
/// One sentence.
pub fn data_folder(globals: &Globals) -> Result<PathBuf, CliError> {
    let config = Config::load(globals.config.as_deref()).map_err(|error| CliError::said(error.to_string()))?;
    Ok(globals.data.clone().or(config.data).unwrap_or_else(|| DATA.into()))
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
    Ok(Office { store, vault, issuer: issuer.to_owned(), rules: OfficeRules::default() })
}
