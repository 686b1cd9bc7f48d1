//! A first look at a file: whose it is and for which months, so that what is known of them can be brought before it is
//! judged.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use crate::domain::{ContributionMonth, EmployerCode};
use crate::reader::ByteSource;
use crate::reader::chunk::{Chunk, Cut, for_each_chunk};
use crate::reader::identify::{Identity, identify};
use crate::reader::line::{Line, LineReader, Record, lines, split_at_lone_returns};

/// Who and when.
pub type Found = BTreeMap<String, BTreeSet<ContributionMonth>>;

/// What a first look shows.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// BLAKE3 of all bytes; `None` for what is no contribution file.
    pub digest: Option<[u8; 32]>,
    /// Employers by code, and the months of their lines.
    pub employers: Found,
}

/// Looks through a file.
///
/// # Errors
/// What the source reports.
pub fn scan<S: ByteSource + ?Sized>(source: &S, threads: usize) -> io::Result<Scan> {
    let Ok(identity) = identify(source)? else { return Ok(Scan::default()) };
    let cut = Cut { start: identity.start, line_end: identity.line_end, threads };
    let mut employers = Found::new();
    let digest = for_each_chunk(
        source,
        cut,
        |chunk| piece(&identity, chunk),
        |found: Found| {
            for (code, months) in found {
                employers.entry(code).or_default().extend(months);
            }
        },
    )?;
    Ok(Scan { digest: Some(digest.into()), employers })
}

fn piece(identity: &Identity, chunk: &Chunk<'_>) -> Found {
    let mut reader = LineReader::new(identity.layout, identity.wrapper);
    let mut found = Found::new();
    let mut before: (Vec<u8>, Option<ContributionMonth>) = Default::default();
    let mut see = |record: &Record<'_>| {
        if record.month == before.1 && record.head() == before.0 {
            return;
        }
        before = (record.head().to_vec(), record.month);
        let written = String::from_utf8_lossy(record.employer_code());
        // An employer whose lines name no month is known by the code alone.
        if let Some(code) = EmployerCode::read(&written).1 {
            found.entry(code.to_string()).or_default().extend(record.month);
        }
    };
    for (line, _) in lines(chunk.bytes, identity.line_end) {
        let body = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(record) = reader.regular(body) {
            see(&record);
            continue;
        }
        for part in split_at_lone_returns(body) {
            if let Line::Record(record) = reader.read(part) {
                see(&record);
            }
        }
    }
    found
}
