//! Keys: the office's master key, the data keys it wraps, sealing with AES-256-GCM, and the key that signs receipts.
//!
//! Used by [`crate::store`] (lines, documents) and [`crate::vault`] (originals), which know nothing of each other. A
//! key never shows itself in `Debug`, and its bytes are overwritten when it is dropped.

mod master;
pub mod receipt_key;
mod seal;

pub use master::{KeyError, MasterKey};
pub use receipt_key::{ReceiptKey, ReceiptKeyError, ReceiptPublicKey};
pub use seal::{DataKey, SealError, compress, expand};
