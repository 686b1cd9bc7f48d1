//! The folder of a simulator that stands by itself: its keys and certificates, and the key of the merchant it knows, so
//! that a payment can be tried without asking anybody for anything.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};

use super::{Merchant, Signer, SimulatorKeys};
use crate::fpx::sign::{KeyFault, MerchantKey};

/// The exchange that the simulator knows.
pub const EXCHANGE_ID: &str = "EX00099001";
/// Its seller.
pub const SELLER_ID: &str = "SE00099101";

/// Keys in a folder.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system said no.
    #[error("{path} cannot be written: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key or certificate cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFault),
}

impl KeyFolder {
    /// The folder at a path; made with everything in it where it is not there.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn open(path: &Path, now: DateTime<FixedOffset>) -> Result<(KeyFolder, SimulatorKeys), FolderError> {
        fs::create_dir_all(path).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        let path = fs::canonicalize(path).map_err(|source| FolderError::Io { path: path.to_owned(), source })?;
        let folder = KeyFolder { path };
        if !folder.merchant_key().exists() {
            folder.put("merchant.key", &MerchantKey::generate()?.private_pem()?, 0o400)?;
        }
        let kept = match (folder.signer("current")?, folder.signer("next")?) {
            (Some(current), Some(next)) => Some(SimulatorKeys { current, next }),
            _ => None,
        };
        // Keys whose days are over, by this clock, would only puzzle.
        let keys = match kept.filter(|keys| keys.current.until() > now.to_utc()) {
            Some(keys) => keys,
            None => SimulatorKeys::make(now)?,
        };
        folder.write(&keys)?;
        Ok((folder, keys))
    }

    /// Writes keys and certificates.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn write(&self, keys: &SimulatorKeys) -> Result<(), FolderError> {
        for (name, signer) in [("current", &keys.current), ("next", &keys.next)] {
            self.put(&format!("fpx-{name}.key"), &signer.key.private_pem()?, 0o400)?;
            self.put(&format!("fpx-{name}.cer"), signer.certificate(), 0o644)?;
        }
        Ok(())
    }

    /// The merchant of this folder.
    ///
    /// # Errors
    /// [`FolderError`] when its key cannot be read.
    pub fn merchant(&self, direct_url: Option<String>, return_url: Option<String>) -> Result<Merchant, FolderError> {
        Ok(Merchant {
            exchange_id: EXCHANGE_ID.to_owned(),
            seller_ids: vec![SELLER_ID.to_owned()],
            key: MerchantKey::load(&self.merchant_key())?.public()?,
            direct_url,
            return_url,
        })
    }

    /// The merchant's private key.
    pub fn merchant_key(&self) -> PathBuf {
        self.path.join("merchant.key")
    }

    /// FPX's certificates, current and next.
    pub fn certificates(&self) -> [PathBuf; 2] {
        ["fpx-current.cer", "fpx-next.cer"].map(|name| self.path.join(name))
    }

    /// What the merchant writes into its configuration to pay here.
    pub fn settings(&self, url: &str) -> String {
        let quoted = |path: &Path| toml::Value::String(path.display().to_string()).to_string();
        let [current, next] = self.certificates();
        format!(
            "[fpx]\nenvironment = \"uat\"\nurl = \"{url}\"\nexchange_id = \"{EXCHANGE_ID}\"\nseller_id = \"{SELLER_ID}\"\n\
             key = {}\ncertificates = [{}, {}]\n",
            quoted(&self.merchant_key()),
            quoted(&current),
            quoted(&next)
        )
    }

    fn signer(&self, name: &str) -> Result<Option<Signer>, FolderError> {
        let (key, certificate) = (self.path.join(format!("fpx-{name}.key")), self.path.join(format!("fpx-{name}.cer")));
        if !key.exists() || !certificate.exists() {
            return Ok(None);
        }
        let key = MerchantKey::load(&key)?;
        let bytes = fs::read(&certificate).map_err(|source| FolderError::Io { path: certificate, source })?;
        Ok(Some(Signer::of(key, bytes)?))
    }

    /// Writes a file beside its place and moves it there: whoever reads it finds the old one or the new one.
    fn put(&self, name: &str, bytes: &[u8], mode: u32) -> Result<(), FolderError> {
        let (place, beside) = (self.path.join(name), self.path.join(format!(".{name}.new")));
        let written = (|| {
            if beside.exists() {
                fs::remove_file(&beside)?;
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
            #[cfg(not(unix))]
            let _ = mode; // no such permissions there
            options.open(&beside)?.write_all(bytes)?;
            fs::rename(&beside, &place)
        })();
        written.map_err(|source| FolderError::Io { path: place, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fpx::sign::FpxCertificates;

    fn at(text: &str) -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339(text).expect("a moment")
    }

    #[test]
    fn a_folder_is_made_once_and_found_again() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("new");
        let (folder, mut keys) = KeyFolder::open(&path, at("2026-11-23T09:00:00+08:00")).expect("made");
        let again = KeyFolder::open(&path, at("2026-11-24T09:00:00+08:00")).expect("found").1;
        assert_eq!(again.next.certificate(), keys.next.certificate());
        assert!(MerchantKey::load(&folder.merchant_key()).is_ok(), "only its owner reads it");
        let loaded = FpxCertificates::load(&folder.certificates()).expect("certificates");
        assert_eq!(loaded.all().len(), 2);
        let waiting = keys.next.certificate().to_vec();
        keys.rotate(at("2026-11-24T09:00:00+08:00")).expect("rotated");
        folder.write(&keys).expect("written over");
        let again = KeyFolder::open(&path, at("2026-11-25T09:00:00+08:00")).expect("found").1;
        assert_eq!(again.current.certificate(), waiting);
        let later = KeyFolder::open(&path, at("2036-11-25T09:00:00+08:00")).expect("made anew").1;
        assert_ne!(later.current.certificate(), again.current.certificate());
    }

    #[test]
    fn the_settings_name_everything() {
        let place = tempfile::tempdir().expect("a folder");
        let (folder, _) = KeyFolder::open(place.path(), at("2026-11-23T09:00:00+08:00")).expect("made");
        let settings: toml::Table = folder.settings("http://127.0.0.1:8800").parse().expect("TOML");
        let fpx = settings["fpx"].as_table().expect("a table");
        let expected = ["certificates", "environment", "exchange_id", "key", "seller_id", "url"];
        let mut names: Vec<_> = fpx.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
    }
}
