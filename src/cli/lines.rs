//! The faulty lines of a file, read again to be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::checks::FileCheck;
use crate::domain::Finding;
use crate::reader::chunk::LINE_BYTES_MAX;

/// The text of each line that a finding speaks of, decoded; lines that cannot be read again are left out.
pub fn numbered<'a>(
    path: &Path,
    check: &FileCheck,
    findings: impl Iterator<Item = &'a Finding>,
) -> BTreeMap<u64, String> {
    match File::open(path) {
        Ok(file) => numbered_in(file, check, findings),
        Err(_) => BTreeMap::new(),
    }
}

/// The same of bytes that are no file of the caller's.
pub fn numbered_in<'a>(
    bytes: impl Read,
    check: &FileCheck,
    findings: impl Iterator<Item = &'a Finding>,
) -> BTreeMap<u64, String> {
    let wanted: BTreeSet<u64> = findings.filter_map(|finding| finding.line).collect();
    let mut texts = BTreeMap::new();
    let (Some(last), Some(reread)) = (wanted.last(), &check.reread) else { return texts };
    let mut reader = BufReader::with_capacity(256 * 1024, bytes);
    let mut bytes = Vec::new();
    let mut number = 0;
    while number < *last {
        bytes.clear();
        match reader.read_until(reread.cut.line_end, &mut bytes) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        bytes.truncate(LINE_BYTES_MAX as usize);
        if number == 0 && bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let whole = bytes.strip_suffix(&[reread.cut.line_end]).unwrap_or(&bytes);
        let whole = &whole[..whole.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1)];
        // A lone carriage return ends a line too, where line ends are mixed.
        for part in whole.split(|b| *b == b'\r') {
            number += 1;
            if wanted.contains(&number) {
                texts.insert(number, decoded(part));
            }
        }
    }
    texts
}

fn decoded(line: &[u8]) -> String {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode(line).0.into_owned(),
    };
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}
