//! One line to one record.

/// A record.
pub struct Record;
