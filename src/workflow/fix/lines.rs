//! The physical lines of a file, numbered as the check numbers them, and what one of them says.

use std::collections::BTreeSet;
use std::ops::Range;

use encoding_rs::WINDOWS_1252;

use crate::checks::FileCheck;
use crate::domain::EmployerCode;
use crate::reader::line::{CONTROL_Z, Line, LineReader, Oddities, lines};
use crate::reader::{Layout, LayoutId};

/// A physical line: which, where its content stands, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Physical {
    /// From 1, counted on from the number given.
    pub number: u64,
    /// Without its line end.
    pub content: Range<usize>,
    /// Behind its line end.
    pub next: usize,
}

/// The lines of `bytes` from `start` on; the first one has the number behind `before`.
pub(super) fn physical_lines(
    bytes: &[u8],
    start: usize,
    line_end: u8,
    before: u64,
) -> impl Iterator<Item = Physical> + '_ {
    let mut at = start.min(bytes.len());
    let mut number = before;
    lines(&bytes[at..], line_end).flat_map(move |(line, ended)| {
        let from = at;
        at += line.len() + usize::from(ended);
        let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
        // A lone carriage return ends a line too, where line ends are mixed.
        let cuts = line[..end].iter().enumerate().filter(|(_, byte)| **byte == b'\r').map(|(place, _)| place);
        let mut parts = Vec::with_capacity(1);
        let mut begins = 0;
        for cut in cuts {
            number += 1;
            parts.push(Physical { number, content: from + begins..from + cut, next: from + cut + 1 });
            begins = cut + 1;
        }
        number += 1;
        parts.push(Physical { number, content: from + begins..from + end, next: at });
        parts
    })
}

/// Lines whose records belong to one of these employers, of a file that was checked.
pub(in crate::workflow) fn lines_of_employers(
    bytes: &[u8],
    check: &FileCheck,
    codes: &BTreeSet<String>,
) -> BTreeSet<u64> {
    let (Some(reread), Some(layout)) = (&check.reread, check.layout) else { return BTreeSet::new() };
    let mut reader = LineReader::new(layout, reread.wrapper);
    let start = usize::try_from(reread.cut.start).map_or(bytes.len(), |start| start.min(bytes.len()));
    let mut of_one = |line: &Physical| {
        let Line::Record(record) = reader.read(&bytes[line.content.clone()]) else { return false };
        let code = EmployerCode::read(&String::from_utf8_lossy(record.employer_code())).1;
        code.is_some_and(|code| codes.contains(code.as_str()))
    };
    let lines = physical_lines(bytes, start, reread.cut.line_end, 0);
    lines.filter(|line| of_one(line)).map(|line| line.number).collect()
}

/// What a line says when it reads as a record of the file's layout.
#[derive(Clone)]
pub(super) struct Reading {
    layout: &'static Layout,
    ascii: Vec<u8>,
    pub name: String,
    pub oddities: Oddities,
}

impl Reading {
    /// Reads a line; `None` where it is no record of this layout.
    pub fn of(reader: &mut LineReader, layout: &'static Layout, content: &[u8]) -> Option<Reading> {
        match reader.read(content) {
            Line::Record(record) if record.oddities.other_layout.is_none() => Some(Reading {
                layout,
                ascii: record.laid_out().to_vec(),
                name: String::from_utf8_lossy(record.name).into_owned(),
                oddities: record.oddities,
            }),
            _ => None,
        }
    }

    /// What stands in a field, blanks and all; the name without them.
    pub fn raw(&self, field: &str) -> String {
        if field == "name" {
            return self.name.clone();
        }
        let range = range_of(self.layout, field, self.ascii.len());
        String::from_utf8_lossy(&self.ascii[range]).into_owned()
    }

    /// What stands in a field, without blanks at either end.
    pub fn text(&self, field: &str) -> String {
        self.raw(field).trim().to_owned()
    }

    /// The record as its layout prints it: every field at its place, none but the official length.
    pub fn canonical(&self) -> Vec<char> {
        let at = &self.layout.at.name;
        let mut chars: Vec<char> = self.ascii.iter().map(|byte| char::from(*byte)).collect();
        chars[at.clone()].fill(' ');
        for (place, c) in chars[at.clone()].iter_mut().zip(self.name.chars()) {
            *place = c;
        }
        let length = chars.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
        chars.truncate(length.max(self.layout.record_length));
        chars
    }

    /// True when the characters lie on the record as they stand: not indented, not pushed, not counted otherwise.
    pub fn lies_plainly(&self, chars: &[char]) -> bool {
        if self.oddities.indented_by > 0 || self.oddities.name_shifts_by > 0 {
            return false;
        }
        let seen = |c: &char| match c {
            ' '..='~' => *c as u8,
            c if c.is_control() => b' ',
            _ => b'?',
        };
        self.layout.fields.iter().filter(|field| field.name != "name").all(|field| {
            let range = range_of(self.layout, field.name, self.ascii.len());
            let written = range.clone().map(|place| chars.get(place).map_or(b' ', seen));
            written.eq(self.ascii[range].iter().copied())
        })
    }
}

/// The layout by which the lines of a judged file are read and mended: a joint file without any SKBBK becomes one of
/// version 2 as soon as SKBBK is entered, and both versions agree on every other field.
pub(super) fn layout_of(judged: LayoutId) -> &'static Layout {
    Layout::get(if judged == LayoutId::Joint278V1 { LayoutId::Joint278V2 } else { judged })
}

/// Where a field stands, from 0; the last one of a legacy line may run over its end.
pub(super) fn range_of(layout: &Layout, field: &str, length: usize) -> Range<usize> {
    let columns = layout.columns(field);
    let range = usize::from(columns.0) - 1..usize::from(columns.1);
    if layout.at.runs_over && range == layout.at.amount { range.start..length.max(range.end) } else { range }
}

/// The text of a line, and whether its bytes are UTF-8 (Windows-1252 otherwise).
pub(super) fn decoded(content: &[u8]) -> (String, bool) {
    match std::str::from_utf8(content) {
        Ok(text) => (text.to_owned(), true),
        Err(_) => (WINDOWS_1252.decode_without_bom_handling(content).0.into_owned(), false),
    }
}

/// The text of a line as a cell shows it: no unseen characters.
pub(super) fn shown(content: &[u8]) -> String {
    let text: String = decoded(content).0.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_owned()
}

/// The content without old end-of-file marks behind it.
pub(super) fn without_control_z(content: &[u8]) -> &[u8] {
    let end = content.iter().rposition(|byte| *byte != CONTROL_Z).map_or(0, |last| last + 1);
    &content[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(bytes: &[u8], line_end: u8) -> Vec<(u64, &[u8], usize)> {
        physical_lines(bytes, 0, line_end, 0).map(|l| (l.number, &bytes[l.content], l.next)).collect()
    }

    #[test]
    fn lines_are_numbered_with_every_line_end() {
        assert_eq!(contents(b"a\r\nb\r\n", b'\n'), [(1, &b"a"[..], 3), (2, b"b", 6)]);
        assert_eq!(contents(b"a\nb", b'\n'), [(1, &b"a"[..], 2), (2, b"b", 3)]);
        assert_eq!(contents(b"a\rb\r", b'\r'), [(1, &b"a"[..], 2), (2, b"b", 4)]);
        assert_eq!(contents(b"a\r\r\nb\rc\r\n", b'\n'), [(1, &b"a"[..], 4), (2, b"b", 6), (3, b"c", 9)]);
        assert_eq!(contents(b"\n\na", b'\n'), [(1, &b""[..], 1), (2, b"", 2), (3, b"a", 3)]);
        assert_eq!(contents(b"", b'\n'), []);
        assert_eq!(
            physical_lines(b"\xEF\xBB\xBFa\n", 3, b'\n', 7).next().map(|l| (l.number, l.content)),
            Some((8, 3..4))
        );
    }
}
