//! From bytes to records. Pure: bytes come through [`ByteSource`], nothing here opens a file.
//!
//! Read in this order: [`layout`] (what the authority prescribes), [`identify`] (which layout is this),
//! [`chunk`] (line-aligned pieces, in parallel), [`line`] (one line to one [`Record`]).

pub mod chunk;
pub mod identify;
pub mod layout;
pub mod line;
pub mod payroll;
mod payroll_cell;
mod place;
pub mod register_column;
mod register_person;
pub mod register_table;
mod register_text;
pub mod table;
pub mod value;
mod workbook;

pub use chunk::ByteSource;
pub use layout::{Layout, LayoutId};
pub use line::Record;
