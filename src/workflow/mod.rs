//! The story: one file a use case, read from top to bottom. The only place that touches several ways out.

pub mod frozen;
pub mod mail;
pub mod print;
pub mod sealing;
pub mod submit;
