//! The issuer's signing key: Ed25519. What it signs (receipts, slips, binders) anybody proves with the public key alone,
//! offline.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use super::master::{create, mode_of, parse};

/// First line of a key file; the second is the seed in hexadecimal.
const TITLE: &str = "caruman receipt key 1";
/// What a public key starts with when it is written down.
const PUBLIC: &str = "caruman-receipt-key-1:";

/// The secret key of the issuer.
pub struct ReceiptKey {
    pair: Ed25519KeyPair,
    from: PathBuf,
}

/// The public key of the issuer, as it is published: `caruman-receipt-key-1:` and 43 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptPublicKey([u8; 32]);

/// Why there is no usable signing key. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptKeyError {
    /// Others could read the key.
    #[error("the receipt key {path} can be read by others (mode {mode:04o}); run chmod 0400 on it")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not a key file.
    #[error(
        "{0} is not a receipt key file: it needs the line \"caruman receipt key 1\" and a line of 64 hexadecimal digits"
    )]
    NotAKey(PathBuf),
    /// Not there.
    #[error("the receipt key {0} is missing; put it back, or give the issuer's public key with --key")]
    Missing(PathBuf),
    /// Receipts were signed with another one.
    #[error("the receipt key {0} is not the key this office's receipts were signed with; put back the right key file")]
    Wrong(PathBuf),
    /// The file system said no.
    #[error("the receipt key {path} cannot be read or made: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ReceiptKey {
    /// Where the key lies inside a data folder.
    pub fn path_in(data_dir: &Path) -> PathBuf {
        data_dir.join("keys").join("receipt.key")
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`ReceiptKeyError`]: missing, open to others, or not a key.
    pub fn load(path: &Path) -> Result<Self, ReceiptKeyError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => ReceiptKeyError::Missing(path.to_owned()),
            _ => ReceiptKeyError::Io { path: path.to_owned(), source },
        };
        let mode = mode_of(&fs::metadata(path).map_err(io)?);
        if mode & 0o077 != 0 {
            return Err(ReceiptKeyError::OpenToOthers { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read(path).map_err(io)?);
        let seed = parse(&text, TITLE).ok_or_else(|| ReceiptKeyError::NotAKey(path.to_owned()))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).expect("32 bytes are an Ed25519 seed");
        Ok(Self { pair, from: path.to_owned() })
    }

    /// Reads the data folder's key, or makes one (mode 0400) where there is none.
    ///
    /// # Errors
    /// [`ReceiptKeyError`].
    pub fn load_or_create(data_dir: &Path) -> Result<Self, ReceiptKeyError> {
        let path = Self::path_in(data_dir);
        if !path.exists() {
            create(&path, TITLE).map_err(|source| ReceiptKeyError::Io { path: path.clone(), source })?;
        }
        Self::load(&path)
    }

    /// The file this key came from, for messages.
    pub fn path(&self) -> &Path {
        &self.from
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> ReceiptPublicKey {
        let bytes = self.pair.public_key().as_ref();
        ReceiptPublicKey(bytes.try_into().expect("an Ed25519 public key has 32 bytes"))
    }

    /// Signs; the same message always gives the same 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).as_ref().try_into().expect("an Ed25519 signature has 64 bytes")
    }
}

impl fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiptKey(hidden, from {})", self.from.display())
    }
}

impl ReceiptPublicKey {
    /// True when the secret key of this public key signed the message.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, signature).is_ok()
    }
}

impl fmt::Display for ReceiptPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", to_base64url(&self.0))
    }
}

impl FromStr for ReceiptPublicKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text.trim().strip_prefix(PUBLIC).and_then(from_base64url);
        let key = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        key.map(Self).ok_or_else(|| format!("a public key is {PUBLIC} and 43 characters, as `receipt key` prints it"))
    }
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with the letters of URLs and without padding (RFC 4648 section 5).
pub fn to_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for at in 0..=group.len() {
            text.push(char::from(LETTERS[(number >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

/// [`to_base64url`] read back; `None` for anything that it does not write, so that each value has one text only.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut number = 0;
        for letter in group {
            let value = LETTERS.iter().position(|known| known == letter)?;
            number = number << 6 | u32::try_from(value).ok()?;
        }
        number <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&number.to_be_bytes()[1..group.len().max(1)]);
    }
    (to_base64url(&bytes) == text).then_some(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn made_once_signs_the_same_and_is_refused_when_open_to_others() {
        let data = tempfile::tempdir().expect("a folder");
        let first = ReceiptKey::load_or_create(data.path()).expect("made");
        let again = ReceiptKey::load_or_create(data.path()).expect("read");
        assert_eq!(first.public(), again.public());
        assert_eq!(first.sign(b"words"), again.sign(b"words"));
        assert!(first.public().verifies(b"words", &again.sign(b"words")));
        assert!(!first.public().verifies(b"wordS", &again.sign(b"words")));
        let path = ReceiptKey::path_in(data.path());
        assert_eq!(mode_of(&fs::metadata(&path).expect("there")), 0o400);
        assert_eq!(fs::read_dir(path.parent().expect("keys")).expect("keys").count(), 1, "no temporary file is left");
        for (mode, fine) in [(0o400, true), (0o600, true), (0o440, false), (0o404, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
            assert_eq!(ReceiptKey::load(&path).is_ok(), fine, "{mode:o}");
        }
        let secret = fs::read_to_string(&path).expect("text");
        assert!(!format!("{first:?}").contains(&secret[TITLE.len() + 1..TITLE.len() + 11]));
    }

    #[test]
    fn another_key_does_not_verify_and_public_keys_are_read_back() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let key = ReceiptKey::load_or_create(one.path()).expect("made");
        let other = ReceiptKey::load_or_create(two.path()).expect("made").public();
        assert!(!other.verifies(b"words", &key.sign(b"words")));
        let text = key.public().to_string();
        assert_eq!(text.parse(), Ok(key.public()));
        for wrong in ["", PUBLIC, &text[..text.len() - 1], &format!("{text}A"), &text[1..]] {
            assert!(wrong.parse::<ReceiptPublicKey>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn base64url_has_one_text_for_each_value() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (&[0xfb, 0xff, 0xfe], "-__-")]
        {
            assert_eq!(to_base64url(bytes), text);
            assert_eq!(from_base64url(text).as_deref(), Some(bytes));
        }
        for wrong in ["Z", "Zh", "Zm9", "Zg==", "Zm 8", "Zm+/"] {
            assert_eq!(from_base64url(wrong), None, "{wrong}");
        }
    }
}
