//! FPX, the bank: what is said to it and how, as `formats/fpx/` prescribes. Only [`http`] opens a connection, nothing here
//! a database or a clock; keys and certificates are read from files.
//!
//! A payment: [`order`] numbers it, [`message`] makes the form that the employer's browser takes to FPX, [`sign`] signs it.
//! FPX answers by server, by browser and when asked ([`ladder`] says when to ask): [`message`] reads the answer, [`sign`]
//! proves who wrote it, [`codes`] says what its code means for the payment. [`banks`] and [`limits`] are what an employer
//! may choose and pay. [`transport`] is how our server asks FPX, [`bank_list`] asks it which of
//! them are open.

pub mod bank_list;
pub mod banks;
pub mod codes;
pub mod http;
pub mod ladder;
pub mod limits;
pub mod message;
pub mod order;
pub mod sign;
pub mod transport;
pub mod value;

/// A data file of `formats/fpx/` is not as it should be.
#[derive(Debug, thiserror::Error)]
#[error("formats/fpx/{file}: {what}")]
pub struct TableError {
    /// Name of the file.
    pub file: &'static str,
    /// What is wrong and where.
    pub what: String,
}

/// Reads one data file into its shape.
fn read_table<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, TableError> {
    toml::from_str(text).map_err(|e| TableError { file, what: e.to_string().trim_end().replace('\n', "; ") })
}
