//! Official receipts: what they say for ever, how they are printed, listed and proven.

pub mod code;
pub mod file_seal;
pub mod frozen;
pub mod signed;

pub use code::{CheckedCode, check_code, check_code_of, receipt_code};
pub use frozen::{FrozenReceipt, FrozenReceiptLine, ReceiptLineKind};
pub use signed::CodeFault;
