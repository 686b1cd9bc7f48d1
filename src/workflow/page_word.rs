//! Addresses of pages: each ends in a word of 256 bits that nobody can guess, and whoever has it may see the page.
//!
//! The word of a payment follows from its order number and a secret of the office, so that FPX's return page, which
//! carries the order number only, can lead to it. The database has the word's SHA-256; the secret is the office's key.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::store::{OFFICE, Store, StoreError};

/// What the secret is for.
const SECRET: &[u8] = b"words of page addresses";
/// Under which links are kept.
const LINK: &str = "pay-link";

/// Makes the words of payments.
#[derive(Clone)]
pub struct PageWords([u8; 32]);

impl PageWords {
    /// With the secret of this office, which follows from its key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(store: &Store, now: DateTime<FixedOffset>) -> Result<PageWords, StoreError> {
        Ok(PageWords(store.data_key(OFFICE, now)?.derive(SECRET)))
    }

    /// The word of a payment, by its exchange order number: 64 hexadecimal digits.
    pub fn of(&self, exchange_order: &str) -> String {
        blake3::keyed_hash(&self.0, exchange_order.as_bytes()).to_hex().to_string()
    }
}

/// What is kept of a word.
pub fn digest(word: &str) -> [u8; 32] {
    Sha256::digest(word.as_bytes()).into()
}

/// Leads an employer to the page where its cart is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayLink {
    /// Whose cart.
    pub employer_code: String,
    /// Who asked for it.
    pub who: String,
    /// Until when it leads there.
    pub until: DateTime<FixedOffset>,
}

/// Keeps a link and gives the word of its address, which is kept nowhere.
///
/// # Errors
/// [`StoreError`].
pub fn new_link(store: &Store, link: &PayLink, now: DateTime<FixedOffset>) -> Result<String, StoreError> {
    let word = hexadecimal(&random());
    let json = serde_json::to_vec(link).expect("a link is plain values");
    store.save_document(LINK, &hexadecimal(&digest(&word)), &link.employer_code, &json, now)?;
    Ok(word)
}

/// The link of a word; `None` where there is none, or its time is over.
///
/// # Errors
/// [`StoreError`].
pub fn link(store: &Store, word: &str, now: DateTime<FixedOffset>) -> Result<Option<PayLink>, StoreError> {
    let Some(kept) = store.document(LINK, &hexadecimal(&digest(word)))? else { return Ok(None) };
    let link: PayLink =
        serde_json::from_slice(&kept).map_err(|error| StoreError::Strange(format!("document: {LINK}: {error}")))?;
    Ok((now <= link.until).then_some(link))
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source answers");
    bytes
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(None, folder.path(), None).expect("a store");
        let now = DateTime::parse_from_rfc3339("2026-11-10T09:00:00+08:00").expect("a moment");
        let words = PageWords::open(&store, now).expect("words");
        let (one, other) = (words.of("PKS1"), words.of("PKS2"));
        assert!(one.len() == 64 && one != other);
        assert_eq!(PageWords::open(&store, now).expect("words").of("PKS1"), one);
        let until = now + chrono::Duration::hours(1);
        let new = PayLink { employer_code: "A9900000001Z".to_owned(), who: "clerk".to_owned(), until };
        let word = new_link(&store, &new, now).expect("a link");
        assert_eq!(link(&store, &word, until).expect("read"), Some(new));
        assert_eq!(link(&store, &word, until + chrono::Duration::seconds(1)).expect("read"), None);
        assert_eq!(link(&store, &one, now).expect("read"), None);
    }
}
