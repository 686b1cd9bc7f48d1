//! caruman: SOCSO (Act 4) and EIS (Act 800) contribution files, from a payroll system's text file to a numbered
//! acknowledgement.
//!
//! Layers, from the bottom:
//! - [`domain`]: nouns that cannot be wrong;
//! - [`rates`] (the law), [`reader`] (bytes to records), [`checks`] (records to findings), [`writer`] (records to bytes):
//!   pure, without input or output;
//! - [`keys`], [`config`], [`messages`] (sentences), [`source`] (files), [`document`] (JSON), [`rule_pack`], [`store`]
//!   (database), [`vault`] (kept files), [`fpx`] (the bank), [`report`] (paper), [`notify`] (mail): ways out that do not
//!   know each other;
//! - [`workflow`]: the story, one file a use case; [`simulator`]: FPX and the banks in a box, beside it;
//! - [`watch`] (folders), [`web`] (where FPX answers, and the pages that employers see), [`worker`] (jobs), [`cli`]: the ways in.
//!
//! Arrows point down only; `tests/tidy.rs` holds the code to it. `docs/architecture.md` tells one file's journey.

pub mod checks;
pub mod cli;
pub mod config;
pub mod document;
pub mod domain;
pub mod fpx;
pub mod keys;
pub mod messages;
pub mod notify;
pub mod rates;
pub mod reader;
pub mod report;
pub mod rule_pack;
pub mod simulator;
pub mod source;
pub mod store;
pub mod vault;
pub mod watch;
pub mod web;
pub mod worker;
pub mod workflow;
pub mod writer;
