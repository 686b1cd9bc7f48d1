//! Sealing: version byte, 96-bit random nonce, AES-256-GCM ciphertext, 128-bit tag.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;

/// Version of the sealed form, its first byte.
const VERSION: u8 = 1;
/// Bytes before the ciphertext: version and nonce.
const HEAD: usize = 1 + NONCE_LEN;
/// Bytes after the ciphertext.
const TAG: usize = 16;
/// zstd level of everything that is kept: the fastest that still halves a file.
const LEVEL: i32 = 1;

/// A key that seals what belongs to one employer (or one original). Cheap to clone; all calls are pure, so any thread
/// may seal.
#[derive(Clone)]
pub struct DataKey {
    sealing: Arc<LessSafeKey>,
    deriving: hmac::Key,
}

/// Sealed bytes that cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Changed on disk, moved to another place, or sealed by another key.
    #[error(
        "kept bytes do not open with their key: they were damaged, moved or sealed by another key; restore a back-up"
    )]
    DoesNotOpen,
    /// Written by a later program.
    #[error("kept bytes have form {0}, which this program does not know; use the program that wrote them")]
    UnknownVersion(u8),
    /// The seal is good but what is inside is not what it should be.
    #[error("kept bytes cannot be expanded; restore a back-up")]
    NotCompressed,
}

impl DataKey {
    /// A key from its 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes are an AES-256 key");
        // A key of its own for deriving, so that the sealing key is used for sealing alone.
        let deriving = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), b"caruman derived secrets 1");
        Self {
            sealing: Arc::new(LessSafeKey::new(key)),
            deriving: hmac::Key::new(hmac::HMAC_SHA256, deriving.as_ref()),
        }
    }

    /// A secret that only this key gives: always the same for the same `what`, and not to be guessed without the key
    /// (HMAC-SHA256). Gone for ever when the key is destroyed.
    pub fn derive(&self, what: &[u8]) -> [u8; 32] {
        hmac::sign(&self.deriving, what).as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }

    /// Seals bytes; `associated` says where they belong and must be given again to open them.
    pub fn seal(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        fill_random(&mut nonce);
        let mut sealed = Vec::with_capacity(HEAD + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .sealing
            .seal_in_place_separate_tag(nonce, Aad::from(associated), &mut sealed[HEAD..])
            .expect("blocks and frames are far below the 64 GiB that AES-GCM can seal");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Opens what [`DataKey::seal`] made with the same `associated` bytes.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] or [`SealError::UnknownVersion`].
    pub fn open(&self, associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        match sealed.first() {
            Some(&VERSION) if sealed.len() >= HEAD + TAG => {}
            Some(&VERSION) | None => return Err(SealError::DoesNotOpen),
            Some(&other) => return Err(SealError::UnknownVersion(other)),
        }
        let nonce = Nonce::try_assume_unique_for_key(&sealed[1..HEAD]).map_err(|_| SealError::DoesNotOpen)?;
        let mut plain = sealed[HEAD..].to_vec();
        let opened = self.sealing.open_in_place(nonce, Aad::from(associated), &mut plain);
        let length = opened.map_err(|_| SealError::DoesNotOpen)?.len();
        plain.truncate(length);
        Ok(plain)
    }

    /// Compresses, then seals.
    pub fn seal_compressed(&self, associated: &[u8], plain: &[u8]) -> Vec<u8> {
        self.seal(associated, &compress(plain))
    }

    /// Opens, then expands to at most `limit` bytes.
    ///
    /// # Errors
    /// [`SealError`], also when more than `limit` bytes would come out.
    pub fn open_compressed(&self, associated: &[u8], sealed: &[u8], limit: usize) -> Result<Vec<u8>, SealError> {
        expand(&self.open(associated, sealed)?, limit)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(hidden)")
    }
}

/// Fills with bytes of the system's random source.
pub(super) fn fill_random(bytes: &mut [u8]) {
    aws_lc_rs::rand::fill(bytes).expect("the system's random source answers");
}

thread_local! {
    // A compressor keeps its tables: making one for every small block costs more than the block.
    static COMPRESSOR: RefCell<zstd::bulk::Compressor<'static>> =
        RefCell::new(zstd::bulk::Compressor::new(LEVEL).expect("level 1 exists"));
    static EXPANDER: RefCell<zstd::bulk::Decompressor<'static>> =
        RefCell::new(zstd::bulk::Decompressor::new().expect("a decompressor without a dictionary"));
}

/// Compresses with zstd, fastest level.
pub fn compress(plain: &[u8]) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|zstd| zstd.compress(plain)).expect("the buffer is as large as zstd asks for")
}

/// Expands what [`compress`] made.
///
/// # Errors
/// [`SealError::NotCompressed`] when the bytes are something else or would become more than `limit`.
pub fn expand(compressed: &[u8], limit: usize) -> Result<Vec<u8>, SealError> {
    // The frame says how large it becomes; believe it only up to the limit.
    let said = zstd::zstd_safe::get_frame_content_size(compressed).ok().flatten();
    let said = said.and_then(|size| usize::try_from(size).ok()).filter(|size| *size <= limit);
    let size = said.ok_or(SealError::NotCompressed)?;
    let plain = EXPANDER.with_borrow_mut(|zstd| zstd.decompress(compressed, size));
    plain.ok().filter(|plain| plain.len() == size).ok_or(SealError::NotCompressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_in_its_place() {
        let key = DataKey::new(&[7; 32]);
        let sealed = key.seal(b"here", b"words");
        assert_eq!(key.open(b"here", &sealed).as_deref(), Ok(&b"words"[..]));
        assert_eq!(key.open(b"there", &sealed), Err(SealError::DoesNotOpen));
        assert_eq!(DataKey::new(&[8; 32]).open(b"here", &sealed), Err(SealError::DoesNotOpen));
        assert_ne!(sealed, key.seal(b"here", b"words"), "a nonce is never used twice");
        for at in 1..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(key.open(b"here", &flipped), Err(SealError::DoesNotOpen), "byte {at}");
            assert_eq!(key.open(b"here", &sealed[..at]), Err(SealError::DoesNotOpen), "cut at {at}");
        }
        assert_eq!(key.open(b"here", &[9]), Err(SealError::UnknownVersion(9)));
        assert_eq!(key.open(b"here", &[]), Err(SealError::DoesNotOpen));
        assert_eq!(key.open(b"", &key.seal(b"", b"")).as_deref(), Ok(&b""[..]));
    }

    #[test]
    fn derived_secrets_belong_to_key_and_purpose() {
        let key = DataKey::new(&[7; 32]);
        assert_eq!(key.derive(b"a"), DataKey::new(&[7; 32]).derive(b"a"));
        assert_ne!(key.derive(b"a"), key.derive(b"b"));
        assert_ne!(key.derive(b"a"), DataKey::new(&[8; 32]).derive(b"a"));
    }

    #[test]
    fn expanding_has_a_limit() {
        let packed = compress(&[b'A'; 1000]);
        assert_eq!(expand(&packed, 1000).map(|b| b.len()), Ok(1000));
        assert_eq!(expand(&packed, 999), Err(SealError::NotCompressed));
        assert_eq!(expand(b"not compressed at all", 1000), Err(SealError::NotCompressed));
        assert_eq!(expand(&[], 1000), Err(SealError::NotCompressed));
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", DataKey::new(&[7; 32])), "DataKey(hidden)");
    }
}
