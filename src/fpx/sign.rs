//! Checksums: RSA PKCS#1 v1.5 over SHA-1, in hexadecimal. SHA-1 is what FPX prescribes; it signs nothing else here.
//!
//! FPX publishes a current certificate and the next one. Both are given here and chosen by their days, so that nobody has
//! to be awake when FPX changes over. Certificates carry a key and its days; no chain is checked, as FPX has it.

mod certificate;
mod making;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::sign::{Signer, Verifier};
use zeroize::Zeroizing;

pub use certificate::{FpxCertificate, FpxCertificates, Standing};

/// The size of every FPX key; a checksum has room for no more.
const KEY_BITS: u32 = 2048;
/// The largest key or certificate file, in bytes.
const LARGEST_FILE: u64 = 64 * 1024;
/// What a key signs to show that it can.
const PROBE: &[u8] = b"caruman signs";

/// A key or certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// Others could read the private key.
    #[error("the FPX key {path} can be read by others (mode {mode:04o}); run chmod 0400 on it")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file system said no.
    #[error("the FPX key or certificate {path} cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No private key, or one under a pass phrase.
    #[error("{0} holds no RSA private key in PEM without a pass phrase")]
    NoPrivateKey(PathBuf),
    /// No public key.
    #[error("this is no RSA public key in PEM")]
    NoPublicKey,
    /// No certificate.
    #[error("{0} holds no X.509 certificate with an RSA key, neither PEM nor DER")]
    NoCertificate(PathBuf),
    /// Another size.
    #[error("the key has {0} bits; FPX uses 2048")]
    Size(u32),
    /// The cryptographic library refuses.
    #[error("the FPX key does not sign with SHA-1; the cryptographic library refuses it")]
    DoesNotSign,
}

/// Why a checksum proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not pairs of hexadecimal digits.
    #[error("the checksum is not hexadecimal")]
    NotHexadecimal,
    /// No certificate is known, or none is in its days: what each one is.
    #[error("no FPX certificate is in force: {}", if .0.is_empty() { "none is known" } else { .0.as_str() })]
    NoneInForce(String),
    /// Signed, but by a certificate that is out of its days.
    #[error("signed by the FPX certificate {0}")]
    OutOfDays(String),
    /// Nobody known signed this.
    #[error("the checksum is not FPX's")]
    Refused,
}

/// Our private key.
#[derive(Clone)]
pub struct MerchantKey {
    key: PKey<Private>,
}

impl MerchantKey {
    /// Reads a PEM file that only its owner may read.
    ///
    /// # Errors
    /// [`KeyFault`]: open to others, unreadable, no such key, another size than 2048 bits.
    pub fn load(path: &Path) -> Result<MerchantKey, KeyFault> {
        let file = File::open(path).map_err(|source| KeyFault::Io { path: path.to_owned(), source })?;
        // Asked of the open file: a name could lead elsewhere by now.
        let mode = mode_of(&file).map_err(|source| KeyFault::Io { path: path.to_owned(), source })?;
        if mode & 0o077 != 0 {
            return Err(KeyFault::OpenToOthers { path: path.to_owned(), mode });
        }
        let pem = Zeroizing::new(read_all(file, path)?);
        MerchantKey::from_pem(&pem).map_err(|fault| match fault {
            KeyFault::NoPrivateKey(_) => KeyFault::NoPrivateKey(path.to_owned()),
            other => other,
        })
    }

    /// A key in PEM, for the simulator, which makes its own.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn from_pem(pem: &[u8]) -> Result<MerchantKey, KeyFault> {
        // Without this answer the library would ask for a pass phrase on the terminal.
        let no_pass_phrase = |_: &mut [u8]| Ok(0);
        let key = PKey::private_key_from_pem_callback(pem, no_pass_phrase).ok().filter(|key| key.id() == Id::RSA);
        let key = key.ok_or_else(|| KeyFault::NoPrivateKey(PathBuf::from("the text")))?;
        check_size(&key)?;
        Ok(MerchantKey { key })
    }

    /// Makes a new key, for the simulator and for tests.
    ///
    /// # Errors
    /// [`KeyFault::DoesNotSign`] when the library makes none.
    pub fn generate() -> Result<MerchantKey, KeyFault> {
        let key = openssl::rsa::Rsa::generate(KEY_BITS).and_then(PKey::from_rsa);
        key.map(|key| MerchantKey { key }).map_err(|_| KeyFault::DoesNotSign)
    }

    /// The checksum of what is signed: 512 hexadecimal digits in capitals.
    ///
    /// # Errors
    /// [`KeyFault::DoesNotSign`].
    pub fn sign(&self, source: &[u8]) -> Result<String, KeyFault> {
        let signature = Signer::new(MessageDigest::sha1(), &self.key).and_then(|mut signer| {
            signer.update(source)?;
            signer.sign_to_vec()
        });
        Ok(hexadecimal(&signature.map_err(|_: ErrorStack| KeyFault::DoesNotSign)?))
    }

    /// The public half.
    ///
    /// # Errors
    /// [`KeyFault::NoPublicKey`].
    pub fn public(&self) -> Result<PublicKey, KeyFault> {
        let pem = self.key.public_key_to_pem().map_err(|_| KeyFault::NoPublicKey)?;
        PublicKey::from_pem(&pem)
    }

    /// Signs something and proves it: to be asked at the start, before a payment is.
    ///
    /// # Errors
    /// [`KeyFault::DoesNotSign`].
    pub fn check(&self) -> Result<(), KeyFault> {
        let checksum = self.sign(PROBE)?;
        self.public()?.verify(&[PROBE.to_vec()], &checksum).map_err(|_| KeyFault::DoesNotSign)
    }
}

/// Nothing of the key.
impl fmt::Debug for MerchantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MerchantKey(hidden)")
    }
}

/// Our key, and the one that follows from a moment which the operator chose when PayNet took its certificate.
#[derive(Debug, Clone)]
pub struct MerchantKeys {
    /// Signs until then.
    pub active: MerchantKey,
    /// Signs from then on.
    pub next: Option<(DateTime<FixedOffset>, MerchantKey)>,
}

impl MerchantKeys {
    /// The key that signs at a moment.
    pub fn at(&self, now: DateTime<FixedOffset>) -> &MerchantKey {
        match &self.next {
            Some((from, key)) if now >= *from => key,
            _ => &self.active,
        }
    }
}

/// Somebody's public key.
#[derive(Clone)]
pub struct PublicKey {
    key: PKey<Public>,
}

impl PublicKey {
    /// A key in PEM.
    ///
    /// # Errors
    /// [`KeyFault`]: no such key, another size than 2048 bits.
    pub fn from_pem(pem: &[u8]) -> Result<PublicKey, KeyFault> {
        let key = PKey::public_key_from_pem(pem).ok().filter(|key| key.id() == Id::RSA);
        PublicKey::of(key.ok_or(KeyFault::NoPublicKey)?)
    }

    fn of(key: PKey<Public>) -> Result<PublicKey, KeyFault> {
        check_size(&key)?;
        Ok(PublicKey { key })
    }

    /// Proves that the key's holder signed one of the sources.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(&self, sources: &[Vec<u8>], checksum: &str) -> Result<(), SignatureError> {
        let signature = bytes_of(checksum).ok_or(SignatureError::NotHexadecimal)?;
        if self.signed(sources, &signature) { Ok(()) } else { Err(SignatureError::Refused) }
    }

    fn signed(&self, sources: &[Vec<u8>], signature: &[u8]) -> bool {
        // An error of the library (a signature of another length, say) proves nothing either.
        let proves = |source: &Vec<u8>| {
            Verifier::new(MessageDigest::sha1(), &self.key).and_then(|mut verifier| {
                verifier.update(source)?;
                verifier.verify(signature)
            })
        };
        sources.iter().any(|source| proves(source).unwrap_or(false))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(RSA)")
    }
}

fn check_size<T: HasPublic>(key: &PKeyRef<T>) -> Result<(), KeyFault> {
    if key.bits() == KEY_BITS { Ok(()) } else { Err(KeyFault::Size(key.bits())) }
}

fn read_all(file: File, path: &Path) -> Result<Vec<u8>, KeyFault> {
    let mut bytes = Vec::new();
    let read = file.take(LARGEST_FILE).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|source| KeyFault::Io { path: path.to_owned(), source })
}

#[cfg(unix)]
fn mode_of(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_: &File) -> io::Result<u32> {
    Ok(0) // no such permissions there
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Bytes of hexadecimal digits, capital or small.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|value| u8::try_from(value).ok())).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests;
