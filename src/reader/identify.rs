//! Which layout is this.
