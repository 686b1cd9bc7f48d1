//! Official receipts: what they say for ever ([`frozen`]), how they are printed ([`print`]), listed ([`book`]) and proven
//! ([`code`], [`file_seal`], both over [`signed`] texts).

pub mod book;
pub mod code;
pub mod file_seal;
pub mod frozen;
pub mod print;
pub mod signed;

pub use book::{PaidReferences, Receipt, Verified, receipt, receipts, verify};
pub use code::{CheckedCode, check_code, check_code_of, receipt_code};
pub use frozen::{FrozenReceipt, FrozenReceiptLine, ReceiptLineKind};
pub use print::{ReceiptError, kept_receipt, print_receipt, render, signing_key};
pub use signed::CodeFault;
