//! The simulator's own keys: a current certificate and the next one, with days that can be set.

use chrono::{DateTime, Duration, FixedOffset, Utc};

use crate::fpx::sign::{FpxCertificates, KeyFault, MerchantKey};

/// How long before now a certificate begins that is made now.
const BEGINS_BEFORE: Duration = Duration::days(1);
/// How long the current certificate lasts that is made now.
const CURRENT_LASTS: Duration = Duration::days(365);
/// How much longer the next one lasts.
const NEXT_LASTS_LONGER: Duration = Duration::days(365);
/// The name in a certificate.
const NAME: &str = "FPX simulator";

/// A key and its certificate.
#[derive(Debug, Clone)]
pub struct Signer {
    pub(super) key: MerchantKey,
    certificate: Vec<u8>,
    until: DateTime<Utc>,
}

impl Signer {
    /// A new key with a certificate for these days.
    ///
    /// # Errors
    /// [`KeyFault`] when the library makes none.
    pub fn make(serial: u64, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Signer, KeyFault> {
        let key = MerchantKey::generate()?;
        let certificate = key.self_signed(NAME, serial, from, until)?;
        Ok(Signer { key, certificate, until })
    }

    /// A key and its certificate that were kept.
    ///
    /// # Errors
    /// [`KeyFault`]: no certificate, or one of another key.
    pub fn of(key: MerchantKey, certificate: Vec<u8>) -> Result<Signer, KeyFault> {
        let certificates = FpxCertificates::from_bytes(std::slice::from_ref(&certificate))?;
        let [only] = certificates.all() else { return Err(KeyFault::NoPublicKey) };
        let until = only.until();
        // The last moment of its days is one at which it proves.
        certificates
            .verify(&[b"mine".to_vec()], &key.sign(b"mine")?, until.fixed_offset())
            .map_err(|_| KeyFault::NoPublicKey)?;
        Ok(Signer { key, certificate, until })
    }

    /// The certificate in PEM, as the merchant gets it.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }

    /// When its days end.
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }
}

/// What signs now, and what will.
#[derive(Debug, Clone)]
pub struct SimulatorKeys {
    /// Signs.
    pub current: Signer,
    /// Will sign after a rotation; known to merchants before.
    pub next: Signer,
}

impl SimulatorKeys {
    /// New ones: good from yesterday, the current one for a year, the next one for two.
    ///
    /// # Errors
    /// [`KeyFault`] when the library makes none.
    pub fn make(now: DateTime<FixedOffset>) -> Result<SimulatorKeys, KeyFault> {
        let (from, until) = (now.to_utc() - BEGINS_BEFORE, now.to_utc() + CURRENT_LASTS);
        Ok(SimulatorKeys {
            current: Signer::make(serial(now), from, until)?,
            next: Signer::make(serial(now) + 1, from, until + NEXT_LASTS_LONGER)?,
        })
    }

    /// The next one signs from now on, and a new next one is made.
    ///
    /// # Errors
    /// [`KeyFault`] when the library makes none; nothing has changed then.
    pub fn rotate(&mut self, now: DateTime<FixedOffset>) -> Result<(), KeyFault> {
        let until = self.next.until.max(now.to_utc()) + NEXT_LASTS_LONGER;
        let new = Signer::make(serial(now) + 2, now.to_utc() - BEGINS_BEFORE, until)?;
        self.current = std::mem::replace(&mut self.next, new);
        Ok(())
    }

    /// Both certificates, as the merchant loads them.
    ///
    /// # Errors
    /// [`KeyFault`] for one that cannot be read.
    pub fn certificates(&self) -> Result<FpxCertificates, KeyFault> {
        FpxCertificates::from_bytes(&[self.current.certificate.clone(), self.next.certificate.clone()])
    }
}

/// Milliseconds since 1970: greater for whatever is made later.
fn serial(now: DateTime<FixedOffset>) -> u64 {
    u64::try_from(now.timestamp_millis()).unwrap_or(1)
}
