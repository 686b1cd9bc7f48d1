//! The story: one file a use case. The only place that touches several ways out.

pub mod convert;
pub mod make;
pub mod people;
