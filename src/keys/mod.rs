//! Keys: the office's master key, the data keys it wraps, and sealing with AES-256-GCM.
//!
//! Used by [`crate::store`] (lines, documents) and [`crate::vault`] (originals), which know nothing of each other. A
//! key never shows itself in `Debug`, and its bytes are overwritten when it is dropped.

mod master;
mod seal;

pub use master::{KeyError, MasterKey};
pub use seal::{DataKey, SealError, compress, expand};
