//! caruman: SOCSO (Act 4) and EIS (Act 800) contribution files, from a payroll system's text file to a numbered
//! acknowledgement.
//!
//! Layers, from the bottom: [`domain`] (nouns), [`rates`], [`reader`] and [`checks`] (pure), [`store`], [`report`] and
//! [`vault`] (ways out), [`workflow`] (the story), [`cli`] (the way in). Arrows point down only; `tests/tidy.rs` holds
//! the code to it. `docs/architecture.md` tells one file's journey.

pub mod checks;
pub mod domain;
pub mod rates;
pub mod reader;
