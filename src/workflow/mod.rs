//! The story: one file a use case. The only place that touches several ways out.

pub mod convert;
pub mod make;
mod old_files;
pub mod people;

pub use old_files::{FileFault, OldFile};
