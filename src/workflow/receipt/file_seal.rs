//! The seal of a whole file: the issuer's signature over all its bytes, inside the file. A changed byte anywhere breaks
//! it. It stands in the PDF's keywords, where it is found again without a PDF library; it has a fixed length, and is
//! signed with `A` in its place.

use super::signed::{beginning, is_part};
use crate::keys::receipt_key::{from_base64url, to_base64url};
use crate::keys::{ReceiptKey, ReceiptPublicKey};

/// The kind of a seal among signed texts.
const KIND: &str = "F";
/// Characters of a signature.
const LENGTH: usize = 86;

/// What a file says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSeal {
    /// Every byte is as the issuer wrote it.
    Whole,
    /// Changed since, saved again by another program, or of another issuer.
    Broken,
    /// There is no seal in it.
    None,
}

/// The keyword that a file must carry to be sealed.
pub fn empty_seal() -> String {
    format!("{}{}", beginning(KIND), "A".repeat(LENGTH))
}

/// Seals a file that carries [`empty_seal`]; the length stays.
pub fn seal_file(mut bytes: Vec<u8>, key: &ReceiptKey) -> Vec<u8> {
    let signature = to_base64url(&key.sign(&bytes));
    for at in places(&bytes) {
        bytes[at..at + LENGTH].copy_from_slice(signature.as_bytes());
    }
    bytes
}

/// Looks whether a file is as it was sealed.
pub fn check_file(bytes: &[u8], key: &ReceiptPublicKey) -> FileSeal {
    let places = places(bytes);
    let Some(first) = places.first() else { return FileSeal::None };
    let written = bytes[*first..*first + LENGTH].to_vec();
    let mut plain = bytes.to_vec();
    for at in places {
        if plain[at..at + LENGTH] != written {
            return FileSeal::Broken;
        }
        plain[at..at + LENGTH].fill(b'A');
    }
    let signature = String::from_utf8(written).ok().and_then(|text| from_base64url(&text));
    let whole = signature.is_some_and(|signature| key.verifies(&plain, &signature));
    if whole { FileSeal::Whole } else { FileSeal::Broken }
}

/// The signed text of a kind that a file carries. `None` where there is none, or where it carries different ones.
pub fn text_in_file(bytes: &[u8], kind: &str) -> Option<String> {
    let mark = beginning(kind);
    let text = |at: usize| bytes[at..].iter().take_while(|byte| is_part(**byte)).map(|byte| char::from(*byte));
    let mut found = memchr::memmem::find_iter(bytes, mark.as_bytes()).map(|at| text(at).collect::<String>());
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Where signatures begin.
fn places(bytes: &[u8]) -> Vec<usize> {
    let mark = beginning(KIND);
    let after = memchr::memmem::find_iter(bytes, mark.as_bytes()).map(|at| at + mark.len());
    after.filter(|at| at + LENGTH <= bytes.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::signed::tests::key;
    use super::*;

    #[test]
    fn a_sealed_file_is_whole_until_a_byte_changes() {
        let key = key();
        let plain = format!("%PDF\n({0})\nwords\n<k>{0}</k>\n", empty_seal()).into_bytes();
        assert_eq!(check_file(&plain, &key.public()), FileSeal::Broken, "an empty seal seals nothing");
        let sealed = seal_file(plain.clone(), &key);
        assert_eq!(sealed.len(), plain.len());
        assert_eq!(check_file(&sealed, &key.public()), FileSeal::Whole);
        assert_eq!(check_file(&sealed, &super::super::signed::tests::key().public()), FileSeal::Broken);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_ne!(check_file(&changed, &key.public()), FileSeal::Whole, "byte {at}");
        }
        assert_ne!(check_file(&[&sealed[..], b" "].concat(), &key.public()), FileSeal::Whole);
        assert_eq!(check_file(b"%PDF nothing", &key.public()), FileSeal::None);
    }

    #[test]
    fn a_text_is_found_in_a_file_and_two_different_ones_are_none() {
        assert_eq!(
            text_in_file(b"(CARUMAN1|R|a|b, CARUMAN1|F|x) <k>CARUMAN1|R|a|b</k>", "R").as_deref(),
            Some("CARUMAN1|R|a|b")
        );
        assert_eq!(text_in_file(b"(CARUMAN1|R|a|b) <k>CARUMAN1|R|a|c</k>", "R"), None);
        assert_eq!(text_in_file(b"", "R"), None);
    }
}
