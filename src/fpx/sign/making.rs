//! Keys and certificates of one's own: for the simulator, and for a merchant of the test environment.

use chrono::{DateTime, Utc};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use zeroize::Zeroizing;

use super::{KeyFault, MerchantKey};

impl MerchantKey {
    /// The private key in PEM, to be written into a file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyFault::DoesNotSign`] when the library refuses.
    pub fn private_pem(&self) -> Result<Zeroizing<Vec<u8>>, KeyFault> {
        self.key.private_key_to_pem_pkcs8().map(Zeroizing::new).map_err(|_| KeyFault::DoesNotSign)
    }

    /// A certificate of the public half in PEM, signed by itself, good from one moment to another.
    ///
    /// # Errors
    /// [`KeyFault::DoesNotSign`] when the library refuses: a name that is empty or too long, a year of five digits.
    pub fn self_signed(
        &self,
        name: &str,
        serial: u64,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<u8>, KeyFault> {
        let made = self.certificate(name, serial, from, until).and_then(|certificate| certificate.to_pem());
        made.map_err(|_| KeyFault::DoesNotSign)
    }

    fn certificate(
        &self,
        name: &str,
        serial: u64,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<X509, ErrorStack> {
        let mut subject = X509NameBuilder::new()?;
        subject.append_entry_by_text("CN", name)?;
        let subject = subject.build();
        let number = BigNum::from_slice(&serial.to_be_bytes())?.to_asn1_integer()?;
        let mut builder = X509Builder::new()?;
        builder.set_version(2)?; // the third, counted from 0
        builder.set_serial_number(&number)?;
        builder.set_subject_name(&subject)?;
        builder.set_issuer_name(&subject)?;
        builder.set_not_before(&*Asn1Time::from_unix(from.timestamp())?)?;
        builder.set_not_after(&*Asn1Time::from_unix(until.timestamp())?)?;
        builder.set_pubkey(&self.key)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(builder.build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fpx::sign::FpxCertificates;

    #[test]
    fn what_is_made_can_be_used() {
        let key = MerchantKey::generate().expect("a key");
        let again = MerchantKey::from_pem(&key.private_pem().expect("PEM")).expect("a key");
        let moment = |day: &str| DateTime::parse_from_rfc3339(&format!("{day}T00:00:00Z")).expect("a moment").to_utc();
        let pem = again.self_signed("FPX simulator", 0x2A, moment("2026-01-01"), moment("2027-01-01"));
        let certificates = FpxCertificates::from_bytes(&[pem.expect("a certificate")]).expect("certificates");
        let proven = |day| certificates.verify(&[b"a".to_vec()], &key.sign(b"a").expect("signed"), moment(day).into());
        assert_eq!(proven("2026-01-01").as_deref(), Ok("2A"));
        assert!(proven("2025-12-31").is_err());
        assert_eq!(certificates.all()[0].until(), moment("2027-01-01"));
        assert!(key.self_signed("", 1, moment("2026-01-01"), moment("2027-01-01")).is_err());
    }
}
