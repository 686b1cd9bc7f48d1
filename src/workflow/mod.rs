//! The story: one file a use case, read from top to bottom. The only place that touches several ways out.
//!
//! [`submit`] (with `judging`, the second reading in [`sealing`], `recording`, and what it freezes in [`frozen`]);
//! [`print`]; [`mail`]; [`make`] and [`convert`], which write official files.

pub mod convert;
pub mod frozen;
mod judging;
pub mod mail;
pub mod make;
mod old_files;
pub mod people;
pub mod print;
mod recording;
pub mod register_forms;
pub mod sealing;
pub mod submit;

pub use old_files::{FileFault, OldFile};
