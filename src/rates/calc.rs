//! One question, one answer: contributions, late interest and due dates.
