//! The office as a merchant of FPX: its ids, its keys, FPX's certificates, as the settings name them.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset};

use super::settle::Desk;
use crate::config::{FpxConfig, FpxEnvironment};
use crate::domain::PaymentModel;
use crate::fpx::bank_list::BankListSettings;
use crate::fpx::banks::{Banks, Environment};
use crate::fpx::codes::Codes;
use crate::fpx::ladder::Ladders;
use crate::fpx::sign::{FpxCertificates, KeyFault, MerchantKey, MerchantKeys};
use crate::fpx::transport::{FpxHost, HostFault};
use crate::rates::RateBook;
use crate::store::Store;

/// What is needed to pay over FPX, ready for use.
#[derive(Debug, Clone)]
pub struct Merchant {
    /// Which FPX.
    pub environment: Environment,
    /// Where it is.
    pub host: FpxHost,
    /// Our exchange id.
    pub exchange_id: String,
    /// Our seller id.
    pub seller_id: String,
    /// Our keys.
    pub keys: MerchantKeys,
    /// FPX's certificates.
    pub certificates: FpxCertificates,
    /// FPX's logo, a PNG.
    pub logo: Option<Arc<[u8]>>,
    /// The address of a page about FPX and its operating hours.
    pub information: Option<String>,
}

/// What every PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The largest logo, in bytes.
const LARGEST_LOGO: usize = 256 << 10;

/// The settings of FPX cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MerchantError {
    /// Its address.
    #[error(transparent)]
    Host(#[from] HostFault),
    /// A key or certificate.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// One of our ids.
    #[error("in the settings of FPX {what} must be {prefix} and eight digits")]
    Id {
        /// Which setting.
        what: &'static str,
        /// Its letters.
        prefix: &'static str,
    },
    /// A next key without its moment, a moment without a key, or one that cannot be read.
    #[error(
        "in the settings of FPX next_key and next_key_from belong together; write the moment as 2026-12-01T00:00:00+08:00"
    )]
    NextKey,
    /// The logo.
    #[error("in the settings of FPX logo {0} is no PNG of 256 KiB at most that can be read")]
    Logo(PathBuf),
    /// The page about FPX.
    #[error("in the settings of FPX information must be an address that begins with https://")]
    Information,
    /// No certificate.
    #[error("the settings of FPX name no certificate of FPX; no answer could be believed")]
    NoCertificate,
}

impl Merchant {
    /// Reads keys and certificates and tries each key.
    ///
    /// # Errors
    /// [`MerchantError`], one sentence.
    pub fn load(config: &FpxConfig) -> Result<Merchant, MerchantError> {
        let host = FpxHost::read(&config.url)?;
        for (what, prefix, id) in [("exchange_id", "EX", &config.exchange_id), ("seller_id", "SE", &config.seller_id)] {
            let digits = id.strip_prefix(prefix).unwrap_or_default();
            if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MerchantError::Id { what, prefix });
            }
        }
        let logo = config.logo.as_ref().map(|path| {
            let bytes = std::fs::read(path).ok().filter(|bytes| bytes.starts_with(PNG) && bytes.len() <= LARGEST_LOGO);
            bytes.map(Arc::from).ok_or_else(|| MerchantError::Logo(path.clone()))
        });
        let logo = logo.transpose()?;
        if config.information.as_ref().is_some_and(|address| !address.starts_with("https://")) {
            return Err(MerchantError::Information);
        }
        let active = MerchantKey::load(&config.key)?;
        active.check()?;
        let next = match (&config.next_key, &config.next_key_from) {
            (None, None) => None,
            (Some(path), Some(from)) => {
                let from = DateTime::parse_from_rfc3339(from).map_err(|_| MerchantError::NextKey)?;
                let key = MerchantKey::load(path)?;
                key.check()?;
                Some((from, key))
            }
            _ => return Err(MerchantError::NextKey),
        };
        let certificates = FpxCertificates::load(&config.certificates)?;
        if certificates.all().is_empty() {
            return Err(MerchantError::NoCertificate);
        }
        Ok(Merchant {
            logo,
            information: config.information.clone(),
            environment: match config.environment {
                FpxEnvironment::Uat => Environment::Uat,
                FpxEnvironment::Production => Environment::Production,
            },
            host,
            exchange_id: config.exchange_id.clone(),
            seller_id: config.seller_id.clone(),
            keys: MerchantKeys { active, next },
            certificates,
        })
    }

    /// The key that signs at a moment.
    pub fn key(&self, now: DateTime<FixedOffset>) -> &MerchantKey {
        self.keys.at(now)
    }

    /// What the operator should hear at the start: certificates that end within 30 days, or have ended.
    pub fn warnings(&self, now: DateTime<FixedOffset>) -> Vec<String> {
        let ends = self.certificates.ends_soon(now).map(|end| {
            format!(
                "the last FPX certificate ends on {}; fetch the next one from PayNet and add it to certificates",
                end.format("%Y-%m-%d")
            )
        });
        ends.into_iter().collect()
    }

    /// What settling needs to know.
    pub fn desk<'a>(&'a self, store: &'a Store, issuer: &'a str) -> Desk<'a> {
        Desk {
            store,
            exchange_id: &self.exchange_id,
            seller_id: &self.seller_id,
            certificates: &self.certificates,
            codes: Codes::embedded(),
            ladders: Ladders::embedded(),
            book: RateBook::embedded(),
            issuer,
            environment: self.environment,
        }
    }

    /// The name of a bank that can be chosen here; `None` for a code that this model or environment does not have: the
    /// banks of tests are refused in production.
    pub fn bank_name(&self, code: &str, model: PaymentModel) -> Option<&'static str> {
        Banks::embedded().name(code, model, self.environment)
    }

    /// What asking for the banks needs to know.
    pub fn bank_list_settings(&self) -> BankListSettings {
        BankListSettings {
            environment: self.environment,
            exchange_id: self.exchange_id.clone(),
            keys: self.keys.clone(),
            certificates: self.certificates.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn config(folder: &std::path::Path) -> FpxConfig {
        let rsa = openssl::rsa::Rsa::generate(2048).expect("a key");
        let key = folder.join("merchant.key");
        std::fs::write(&key, rsa.private_key_to_pem().expect("PEM")).expect("written");
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o400)).expect("strict");
        FpxConfig {
            logo: None,
            information: None,
            environment: FpxEnvironment::Production,
            url: "https://fpx.example".to_owned(),
            exchange_id: "EX00000001".to_owned(),
            seller_id: "SE00000001".to_owned(),
            key,
            next_key: None,
            next_key_from: None,
            certificates: Vec::new(),
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let right = config(folder.path());
        let said = |config: &FpxConfig| Merchant::load(config).expect_err("refused").to_string();
        assert!(said(&right).contains("no certificate"), "{}", said(&right));
        let wrong = FpxConfig { exchange_id: "EX0000001".to_owned(), ..right.clone() };
        assert!(said(&wrong).contains("exchange_id must be EX"), "{}", said(&wrong));
        let logo = folder.path().join("logo.png");
        std::fs::write(&logo, b"GIF89a").expect("written");
        let wrong = FpxConfig { logo: Some(logo.clone()), ..right.clone() };
        assert!(matches!(Merchant::load(&wrong), Err(MerchantError::Logo(_))));
        std::fs::write(&logo, b"\x89PNG\r\n\x1a\nrest").expect("written");
        assert!(!matches!(Merchant::load(&wrong), Err(MerchantError::Logo(_))));
        let wrong = FpxConfig { information: Some("javascript:x".to_owned()), ..right.clone() };
        assert!(matches!(Merchant::load(&wrong), Err(MerchantError::Information)));
        let wrong = FpxConfig { url: "http://fpx.example".to_owned(), ..right.clone() };
        assert!(said(&wrong).contains("https://"), "{}", said(&wrong));
        let wrong = FpxConfig { next_key_from: Some("tomorrow".to_owned()), ..right.clone() };
        assert!(said(&wrong).contains("next_key"), "{}", said(&wrong));
        std::fs::set_permissions(&right.key, std::fs::Permissions::from_mode(0o440)).expect("wide");
        assert!(said(&right).contains("chmod 0400"), "{}", said(&right));
    }
}
