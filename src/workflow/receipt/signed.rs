//! Texts signed by the issuer: `CARUMAN1|KIND|field|…|signature`. Short enough for a square code, the same on paper, in a
//! file and typed by hand, and proven offline with the public key alone.
//!
//! A field is written with letters, digits and `-_.:/`; a blank is `+`, every other byte `%XX`. So a text has no blanks
//! of its own, and those that a line end or a copy brings in are left out before it is read.

use crate::keys::ReceiptPublicKey;
use crate::keys::receipt_key::{ReceiptKey, from_base64url, to_base64url};

/// What every signed text begins with; the number is the version of this form.
const MARK: &str = "CARUMAN1";

/// Why a text is not what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// Nothing of ours.
    #[error("this is no verification code of this program; copy it whole, from CARUMAN1 to its end")]
    NotACode,
    /// Of ours, for another purpose.
    #[error("this code is not for {0}")]
    OtherKind(&'static str),
    /// The signature does not fit.
    #[error("NOT GENUINE: the code was changed, or another issuer's key signed it")]
    NotGenuine,
    /// The signature fits but the fields cannot be read.
    #[error("the code is signed but of a later program: its {0} cannot be read")]
    Unreadable(&'static str),
    /// Genuine, but of something else.
    #[error("NOT GENUINE: the code belongs to {found}, not to {asked}")]
    OfAnother {
        /// What the code says.
        found: String,
        /// What it was to be.
        asked: String,
    },
}

/// Signs fields as a text of this kind.
pub fn sign_text(kind: &str, fields: &[&str], key: &ReceiptKey) -> String {
    let mut text = format!("{MARK}|{kind}");
    for field in fields {
        text.push('|');
        write_field(field, &mut text);
    }
    let signature = to_base64url(&key.sign(text.as_bytes()));
    format!("{text}|{signature}")
}

/// The fields of a signed text of this kind; `what` names the kind for people.
///
/// # Errors
/// [`CodeFault`].
pub fn open_text(text: &str, kind: &str, what: &'static str, key: &ReceiptPublicKey) -> Result<Vec<String>, CodeFault> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (payload, signature) = text.rsplit_once('|').ok_or(CodeFault::NotACode)?;
    let mut parts = payload.split('|');
    if parts.next() != Some(MARK) {
        return Err(CodeFault::NotACode);
    }
    let found = parts.next().ok_or(CodeFault::NotACode)?;
    let signature = from_base64url(signature).ok_or(CodeFault::NotGenuine)?;
    if !key.verifies(payload.as_bytes(), &signature) {
        return Err(CodeFault::NotGenuine);
    }
    if found != kind {
        return Err(CodeFault::OtherKind(what));
    }
    parts.map(|field| read_field(field).ok_or(CodeFault::Unreadable("fields"))).collect()
}

/// How a signed text of a kind begins.
pub fn beginning(kind: &str) -> String {
    format!("{MARK}|{kind}|")
}

/// Whether a byte can stand in a signed text.
pub fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.:/|+%".contains(&byte)
}

fn write_field(field: &str, text: &mut String) {
    for byte in field.bytes() {
        match byte {
            b' ' => text.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte) => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn read_field(written: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    let digit = |rest: &mut std::str::Bytes<'_>| char::from(rest.next()?).to_digit(16);
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => u8::try_from(digit(&mut rest)? * 16 + digit(&mut rest)?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A key of a folder that is gone.
    pub(crate) fn key() -> ReceiptKey {
        let data = tempfile::tempdir().expect("a folder");
        ReceiptKey::load_or_create(data.path()).expect("a key")
    }

    #[test]
    fn fields_come_back_whatever_they_hold() {
        let key = key();
        let fields = ["", "A|B", "50 %, D'CONTOH & RAKAN (M)", "李\n\t", "-_.:/+%"];
        let text = sign_text("T", &fields, &key);
        assert!(text.bytes().all(is_part), "{text}");
        assert!(text.starts_with(&beginning("T")));
        assert_eq!(open_text(&text, "T", "a test", &key.public()), Ok(fields.map(str::to_owned).to_vec()));
        let broken = format!(" {}\n{} ", &text[..20], &text[20..]);
        assert!(open_text(&broken, "T", "a test", &key.public()).is_ok(), "line ends of a copy do no harm");
        assert_eq!(open_text(&text, "R", "a receipt", &key.public()), Err(CodeFault::OtherKind("a receipt")));
        assert_eq!(open_text(&text, "T", "a test", &super::tests::key().public()), Err(CodeFault::NotGenuine));
        for wrong in ["", "CARUMAN1", "CARUMAN2|T|x|y", "hello|x|y"] {
            assert!(open_text(wrong, "T", "a test", &key.public()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let key = key();
        let text = sign_text("T", &["20260000000001", "117960"], &key);
        for at in 0..text.len() {
            for letter in ["A", "0", "|", "-", "z"] {
                let mut changed = text.clone();
                changed.replace_range(at..=at, letter);
                if changed != text {
                    assert!(open_text(&changed, "T", "a test", &key.public()).is_err(), "{changed}");
                }
            }
            let mut shorter = text.clone();
            shorter.remove(at);
            assert!(open_text(&shorter, "T", "a test", &key.public()).is_err(), "{shorter}");
        }
    }
}
