//! FPX's certificates: which of them proves a message today.

use std::fs::File;
use std::path::PathBuf;

use chrono::{DateTime, Duration, FixedOffset, Utc};
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::pkey::Id;
use openssl::x509::X509;

use super::{KeyFault, PublicKey, SignatureError, bytes_of, read_all};

/// For how long after its last day a certificate still proves.
const GRACE: Duration = Duration::days(1);
/// How long before the last certificate ends the operator hears of it.
const WARN_BEFORE_END: Duration = Duration::days(30);

/// Where a certificate is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Its days have not begun.
    NotYetValid,
    /// In its days, or in the day of grace after them.
    InForce,
    /// Its days and the day of grace are over.
    Expired,
}

/// A certificate of FPX: its key and its days.
#[derive(Debug, Clone)]
pub struct FpxCertificate {
    serial: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    key: PublicKey,
}

impl FpxCertificate {
    /// Its serial number in hexadecimal.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The moment at which its days end, without the day of grace.
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Where it is in its life.
    pub fn standing(&self, now: DateTime<FixedOffset>) -> Standing {
        match now.to_utc() {
            now if now < self.from => Standing::NotYetValid,
            now if now > self.until + GRACE => Standing::Expired,
            _ => Standing::InForce,
        }
    }

    fn of(certificate: &X509) -> Result<FpxCertificate, KeyFault> {
        let unreadable = |_: ErrorStack| KeyFault::NoCertificate(PathBuf::from("the text"));
        let key = certificate.public_key().ok().filter(|key| key.id() == Id::RSA);
        let key = key.ok_or_else(|| KeyFault::NoCertificate(PathBuf::from("the text")))?;
        let serial = certificate.serial_number().to_bn().and_then(|number| number.to_hex_str()).map_err(unreadable)?;
        Ok(FpxCertificate {
            serial: serial.to_string(),
            from: moment(certificate.not_before()).map_err(unreadable)?,
            until: moment(certificate.not_after()).map_err(unreadable)?,
            key: PublicKey::of(key)?,
        })
    }

    /// One phrase: which certificate, and why it proves nothing now.
    fn out_of_days(&self, now: DateTime<FixedOffset>) -> String {
        match self.standing(now) {
            Standing::NotYetValid => format!("{}, not valid before {}", self.serial, self.from.format("%Y-%m-%d")),
            _ => format!("{}, expired on {}", self.serial, self.until.format("%Y-%m-%d")),
        }
    }
}

/// The certificates of FPX, current and next (and earlier ones, which do no harm).
#[derive(Debug, Clone)]
pub struct FpxCertificates {
    newest_first: Vec<FpxCertificate>,
}

impl FpxCertificates {
    /// Reads certificate files, PEM (one or several) or DER.
    ///
    /// # Errors
    /// [`KeyFault`]: unreadable, no certificate, another size than 2048 bits.
    pub fn load(paths: &[PathBuf]) -> Result<FpxCertificates, KeyFault> {
        let mut all = Vec::new();
        for path in paths {
            let file = File::open(path).map_err(|source| KeyFault::Io { path: path.clone(), source })?;
            let found = certificates_in(&read_all(file, path)?).map_err(|fault| match fault {
                KeyFault::NoCertificate(_) => KeyFault::NoCertificate(path.clone()),
                other => other,
            })?;
            all.extend(found);
        }
        Ok(FpxCertificates::sorted(all))
    }

    /// Certificates in PEM or DER, for the simulator and for tests.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_bytes(files: &[Vec<u8>]) -> Result<FpxCertificates, KeyFault> {
        let found: Result<Vec<_>, _> = files.iter().map(|bytes| certificates_in(bytes)).collect();
        Ok(FpxCertificates::sorted(found?.into_iter().flatten().collect()))
    }

    fn sorted(mut all: Vec<FpxCertificate>) -> FpxCertificates {
        all.sort_by_key(|certificate| std::cmp::Reverse(certificate.from));
        FpxCertificates { newest_first: all }
    }

    /// All of them, the newest first.
    pub fn all(&self) -> &[FpxCertificate] {
        &self.newest_first
    }

    /// Proves that FPX signed one of the sources: tries every certificate in its days, the newest first, and gives the
    /// serial number of the one that proves it.
    ///
    /// # Errors
    /// [`SignatureError`]; where a certificate out of its days would have proven it, that one is named.
    pub fn verify(
        &self,
        sources: &[Vec<u8>],
        checksum: &str,
        now: DateTime<FixedOffset>,
    ) -> Result<String, SignatureError> {
        let signature = bytes_of(checksum).ok_or(SignatureError::NotHexadecimal)?;
        let in_force = |certificate: &&FpxCertificate| certificate.standing(now) == Standing::InForce;
        let signed = |certificate: &&FpxCertificate| certificate.key.signed(sources, &signature);
        if let Some(found) = self.newest_first.iter().filter(in_force).find(signed) {
            return Ok(found.serial.clone());
        }
        let mut others = self.newest_first.iter().filter(|certificate| !in_force(certificate));
        if let Some(other) = others.find(signed) {
            return Err(SignatureError::OutOfDays(other.out_of_days(now)));
        }
        if self.newest_first.iter().any(|certificate| in_force(&certificate)) {
            return Err(SignatureError::Refused);
        }
        let described: Vec<String> = self.newest_first.iter().map(|one| one.out_of_days(now)).collect();
        Err(SignatureError::NoneInForce(described.join("; ")))
    }

    /// The moment at which no certificate proves anything any more, once it is less than 30 days away: time to fetch the
    /// next one.
    pub fn ends_soon(&self, now: DateTime<FixedOffset>) -> Option<DateTime<Utc>> {
        let last = self.newest_first.iter().map(|certificate| certificate.until).max();
        let last = last.unwrap_or(DateTime::<Utc>::MIN_UTC);
        (last < now.to_utc() + WARN_BEFORE_END).then_some(last)
    }
}

fn certificates_in(bytes: &[u8]) -> Result<Vec<FpxCertificate>, KeyFault> {
    let from_pem = X509::stack_from_pem(bytes).ok().filter(|found| !found.is_empty());
    let found = from_pem.or_else(|| X509::from_der(bytes).ok().map(|one| vec![one]));
    let found = found.ok_or_else(|| KeyFault::NoCertificate(PathBuf::from("the text")))?;
    found.iter().map(FpxCertificate::of).collect()
}

fn moment(time: &Asn1TimeRef) -> Result<DateTime<Utc>, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    Ok(DateTime::from_timestamp(seconds, 0).expect("the years of a certificate have four digits"))
}
