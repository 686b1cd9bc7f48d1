//! Official receipts: what they say for ever, how they are printed, listed and proven.

pub mod frozen;

pub use frozen::{FrozenReceipt, FrozenReceiptLine, ReceiptLineKind};
