//! Which rules judged: the name and the fingerprint of all layouts, tables, rules and explanations in force.

use std::sync::LazyLock;

use crate::checks::context::CHECK_TEXTS;
use crate::messages::FINDINGS_TEXT;
use crate::rates::RateBook;
use crate::reader::identify::RECOGNITION_TEXT;
use crate::reader::layout::LAYOUT_TEXTS;
use crate::reader::payroll::PAYROLL_TEXT;

/// Year and month in which the rules were last brought up to date, and their version.
const RELEASE: &str = "2026.11";

static NAME: LazyLock<String> = LazyLock::new(|| name_of(RateBook::embedded()));

/// The rule pack that is compiled in: `2026.11-` and eight hexadecimal digits of a BLAKE3 over its texts.
pub fn embedded() -> &'static str {
    &NAME
}

fn name_of(book: &RateBook) -> String {
    let mut hasher = blake3::Hasher::new();
    let own =
        LAYOUT_TEXTS.into_iter().chain([RECOGNITION_TEXT, PAYROLL_TEXT]).chain(CHECK_TEXTS).chain([FINDINGS_TEXT]);
    for (name, text) in own.chain(book.sources()) {
        hasher.update(name.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[0]);
    }
    format!("{RELEASE}-{}", &hasher.finalize().to_hex()[..8])
}
