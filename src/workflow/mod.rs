//! The story: one file a use case, read from top to bottom. The only place that touches several ways out.
//!
//! [`submit`] with its second reading in [`sealing`] and what it freezes in [`frozen`]; [`print`]; [`make`] and
//! [`convert`], which write official files.

pub mod convert;
pub mod frozen;
pub mod mail;
pub mod make;
mod old_files;
pub mod people;
pub mod print;
pub mod sealing;
pub mod submit;

pub use old_files::{FileFault, OldFile};
