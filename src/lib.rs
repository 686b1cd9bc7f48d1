//! caruman: SOCSO (Act 4) and EIS (Act 800) contribution files, from a payroll system's text file to a numbered
//! acknowledgement.
//!
//! Layers, from the bottom: [`domain`] (nouns); [`rates`], [`reader`] and [`checks`] (pure); [`document`], [`messages`],
//! [`source`] (what goes out and comes in); [`cli`] (the way in). Arrows point down only; `tests/tidy.rs` holds
//! the code to it. `docs/architecture.md` tells one file's journey.

pub mod checks;
pub mod cli;
pub mod config;
pub mod document;
pub mod domain;
pub mod keys;
pub mod messages;
pub mod notify;
pub mod rates;
pub mod reader;
pub mod report;
pub mod rule_pack;
pub mod source;
pub mod store;
pub mod vault;
pub mod workflow;
pub mod writer;
