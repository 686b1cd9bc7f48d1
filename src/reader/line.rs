//! One line to one record, with every deviation that real producers show.
//!
//! A line that is printable ASCII, has the record's length and a month where one belongs is sliced as it is (nearly all
//! lines of nearly all files). Everything else takes the slow way: decode, align, and say what was unusual.

use encoding_rs::WINDOWS_1252;
use memchr::memchr;

use super::layout::{Layout, LayoutId, Positions};
use super::place::{NOT_ASCII, Place, place, place_surely};
use super::value::{month_of, trim};
use crate::domain::ContributionMonth;

/// One line laid out as a record: ASCII but for the name, which stands apart. Fields are cut when a rule asks for them.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    bytes: &'a [u8],
    at: &'a Positions,
    /// The name in UTF-8, without blanks at either end.
    pub name: &'a [u8],
    /// Its month, if it is one.
    pub month: Option<ContributionMonth>,
    /// Nothing was unusual about the line.
    pub regular: bool,
    /// What was unusual about the line.
    pub oddities: Oddities,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident $how:ident,)*) => {
        impl<'a> Record<'a> {
            $($(#[$doc])* #[inline] pub fn $name(&self) -> &'a [u8] { fields!($how &self.bytes[self.at.$name.clone()]) })*
        }
    };
    (trimmed $field:expr) => { trim($field) };
    (whole $field:expr) => { $field };
}

fields! {
    /// Employer code, without blanks.
    employer_code trimmed,
    /// Company number, without blanks.
    company_number trimmed,
    /// Identity number, without blanks.
    id_number trimmed,
    /// Date of joining or leaving; empty where the layout has none.
    date whole,
    /// Status letter; empty where the layout has none.
    status whole,
    /// Wage; empty where the layout has none.
    wage whole,
    /// Employer's SOCSO share; empty where the layout has none.
    socso_employer whole,
    /// Employee's SOCSO share; empty where the layout has none.
    socso_employee whole,
    /// Employer's EIS share; empty where the layout has none.
    eis_employer whole,
    /// Employee's EIS share; empty where the layout has none.
    eis_employee whole,
    /// SKBBK; empty where the layout has none.
    skbbk whole,
}

impl<'a> Record<'a> {
    /// The month of the wages as written.
    pub fn month_text(&self) -> &'a [u8] {
        &self.bytes[self.at.month.clone()]
    }

    /// The total; empty where the layout has none. That of a legacy line may run over the end of its field.
    #[inline]
    pub fn amount(&self) -> &'a [u8] {
        if self.at.runs_over { &self.bytes[self.at.amount.start..] } else { &self.bytes[self.at.amount.clone()] }
    }

    /// Every field at its place in the layout, in ASCII; what stands in the place of the name is in `name`.
    pub fn laid_out(&self) -> &'a [u8] {
        self.bytes
    }

    /// Employer code and company number as they stand, blanks and all: the same bytes mean the same employer.
    #[inline]
    pub fn head(&self) -> &'a [u8] {
        &self.bytes[self.at.employer_code.start..self.at.company_number.end.max(self.at.employer_code.end)]
    }
}

/// What was unusual about a line that could be read all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Blanks before the record.
    pub indented_by: u8,
    /// Characters by which an over-long name pushes the rest to the right.
    pub name_shifts_by: u16,
    /// The line has this layout, not that of the file.
    pub other_layout: Option<LayoutId>,
    /// Bytes that are not UTF-8 were read as Windows-1252.
    pub converted: bool,
    /// UTF-8 that was encoded twice; the name is given as it was meant.
    pub encoding_doubled: bool,
    /// A control character outside the name, read as a blank.
    pub control: Option<char>,
    /// A control character inside the name, left out.
    pub name_control: Option<char>,
    /// Characters of the line.
    pub length: u16,
}

/// What a line is.
#[derive(Debug)]
pub enum Line<'a> {
    /// A record, to be judged field by field.
    Record(Record<'a>),
    /// Nothing but blanks (or an empty row of a table).
    Blank,
    /// Nothing but the old end-of-file mark 0x1A.
    ControlZ,
    /// Not readable as a record of the file's layout.
    Irregular,
}

/// The physical lines in a piece of a file, without the byte that ends them, and whether it was there.
pub fn lines(bytes: &[u8], line_end: u8) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr(line_end, rest);
        let (line, next) = end.map_or((rest.len(), rest.len()), |at| (at, at + 1));
        let found = &rest[..line];
        rest = &rest[next..];
        Some((found, end.is_some()))
    })
}

/// The parts of a line between lone carriage returns, which end lines too where line ends are mixed. Those before the
/// line's own end (CR LF, CR CR LF) end nothing, and a file with no other line ends has been cut at them already.
pub fn split_at_lone_returns(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = line.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
    line[..end].split(|b| *b == b'\r')
}

/// Reads lines of one file.
#[derive(Debug)]
pub struct LineReader {
    layout: &'static Layout,
    others: Vec<&'static Layout>,
    wrapper: bool,
    /// The last month that was one: most lines have the same.
    month: (Vec<u8>, Option<ContributionMonth>),
    ascii: Vec<u8>,
    name: String,
    unquoted: Vec<u8>,
}

impl LineReader {
    /// For lines of this layout; `wrapper` says that the file is a table with one column of lines.
    pub fn new(id: LayoutId, wrapper: bool) -> Self {
        let others = [LayoutId::Contribution223, LayoutId::Joint278V2].into_iter();
        let others = others.map(Layout::get).filter(|l| l.record_length != Layout::get(id).record_length);
        let others = if id == LayoutId::Brg8a83 { Vec::new() } else { others.collect() };
        LineReader {
            layout: Layout::get(id),
            others,
            wrapper,
            month: (Vec::new(), None),
            ascii: Vec::new(),
            name: String::new(),
            unquoted: Vec::new(),
        }
    }

    /// The record in a regular line, or `None` when the slow way must decide. No allocation, no branch on content but one.
    #[inline]
    pub fn regular<'a>(&mut self, line: &'a [u8]) -> Option<Record<'a>> {
        let layout = self.layout;
        if line.len() != layout.record_length || line[0] == b' ' || line[0] == b'"' || !is_printable(line) {
            return None;
        }
        let month = &line[layout.at.month.clone()];
        if self.month.0 != month {
            self.month = (month.to_vec(), Some(month_of(month)?));
        }
        let name = trim(&line[layout.at.name.clone()]);
        let oddities = Oddities { length: line.len() as u16, ..Oddities::default() };
        Some(Record { bytes: line, at: &layout.at, name, month: self.month.1, regular: true, oddities })
    }

    /// Reads any line (without its line end).
    pub fn read<'a>(&'a mut self, line: &'a [u8]) -> Line<'a> {
        let stripped = strip_end(line);
        if stripped.iter().all(|b| matches!(b, b' ' | b'\t')) {
            return if line.contains(&CONTROL_Z) { Line::ControlZ } else { Line::Blank };
        }
        let mut unquoted = std::mem::take(&mut self.unquoted);
        let text = if self.wrapper && stripped[0] == b'"' {
            unquote(stripped, &mut unquoted);
            if unquoted.iter().all(|b| *b == b' ') {
                return Line::Blank;
            }
            unquoted.as_slice()
        } else {
            stripped
        };
        let found = self.align(text);
        self.unquoted = unquoted;
        match found {
            Some((layout, oddities)) => {
                let month = month_of(&self.ascii[layout.at.month.clone()]);
                let (bytes, name) = (self.ascii.as_slice(), self.name.as_bytes());
                Line::Record(Record { bytes, at: &layout.at, name, month, regular: false, oddities })
            }
            None => Line::Irregular,
        }
    }

    /// Decodes the text and lays it out as an ASCII record of the right length in `self.ascii`, the name apart.
    fn align(&mut self, text: &[u8]) -> Option<(&'static Layout, Oddities)> {
        let (chars, mut oddities) = decode(text);
        oddities.length = u16::try_from(chars.len()).unwrap_or(u16::MAX);
        let own = place(self.layout, &chars);
        let (layout, place) = match own {
            Some(place) if place.sure => (self.layout, Some(place)),
            _ => match self.others.iter().find_map(|other| place_surely(other, &chars).map(|p| (*other, p))) {
                Some((other, place)) => {
                    oddities.other_layout = Some(other.id);
                    (other, Some(place))
                }
                None => (self.layout, own),
            },
        };
        let place = place?;
        oddities.indented_by = place.indent as u8;
        oddities.name_shifts_by = place.overlong as u16;
        self.lay_out(layout, &chars, &place, &mut oddities);
        Some((layout, oddities))
    }

    fn lay_out(&mut self, layout: &Layout, chars: &[char], place: &Place, oddities: &mut Oddities) {
        let ascii = |c: char, control: &mut Option<char>| match c {
            ' '..='~' => c as u8,
            c if c.is_control() => {
                control.get_or_insert(c);
                b' '
            }
            _ => NOT_ASCII,
        };
        self.ascii.clear();
        self.ascii.resize(layout.record_length.max(layout.at.amount.start + place.amount_width), b' ');
        let name_end = (layout.at.name.end + place.indent).saturating_add_signed(place.shift);
        let name_range = layout.at.name.start + place.indent..name_end;
        for (at, c) in chars.iter().enumerate().skip(place.indent) {
            if name_range.contains(&at) {
                continue;
            }
            let to = if at < name_range.start {
                at - place.indent
            } else {
                (at - place.indent).saturating_add_signed(-place.shift)
            };
            if let Some(slot) = self.ascii.get_mut(to) {
                *slot = ascii(*c, &mut oddities.control);
            }
        }
        let written: String =
            chars.get(name_range.start..name_range.end.min(chars.len())).unwrap_or_default().iter().collect();
        self.name.clear();
        for c in written.trim().chars() {
            if c.is_control() {
                oddities.name_control.get_or_insert(c);
            } else {
                self.name.push(c);
            }
        }
        if let Some(meant) = undo_double_encoding(&self.name) {
            oddities.encoding_doubled = true;
            self.name = meant;
        }
    }
}

/// The end-of-file mark of old systems.
pub const CONTROL_Z: u8 = 0x1A;

/// True when every byte is printable ASCII. Written so that the compiler uses vector instructions: whole steps from the
/// beginning, and one at the end that may overlap them.
#[inline]
pub fn is_printable(bytes: &[u8]) -> bool {
    const STEP: usize = 32;
    let bad = |bytes: &[u8]| bytes.iter().fold(0u8, |bad, b| bad | u8::from(b.wrapping_sub(0x20) > 0x5e));
    match bytes.last_chunk::<STEP>() {
        Some(last) => bytes.as_chunks::<STEP>().0.iter().fold(bad(last), |all, step| all | bad(step)) == 0,
        None => bad(bytes) == 0,
    }
}

fn strip_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(*b, b'\r' | b'\n' | CONTROL_Z)).map_or(0, |at| at + 1);
    &line[..end]
}

/// The single field of a quoted table row (RFC 4180).
fn unquote(row: &[u8], into: &mut Vec<u8>) {
    into.clear();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(row);
    let mut record = csv::ByteRecord::new();
    if reader.read_byte_record(&mut record).unwrap_or(false) {
        into.extend_from_slice(record.get(0).unwrap_or_default());
    }
}

/// Characters of a line: UTF-8, or Windows-1252 where the bytes are not UTF-8.
fn decode(text: &[u8]) -> (Vec<char>, Oddities) {
    match std::str::from_utf8(text) {
        Ok(text) => (text.chars().collect(), Oddities::default()),
        Err(_) => {
            let (decoded, _, _) = WINDOWS_1252.decode(text);
            (decoded.chars().collect(), Oddities { converted: true, ..Oddities::default() })
        }
    }
}

/// The name as meant, when UTF-8 bytes were taken for Windows-1252 and encoded again.
fn undo_double_encoding(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(name);
    let meant = std::str::from_utf8(&bytes).ok()?;
    (!unmappable && !meant.is_ascii() && meant.chars().count() < name.chars().count()).then(|| meant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_223(name: &str, width: usize) -> String {
        format!(
            "{:<12}{:<20}{:<12}{name:<width$}052026{:>014}{:9}",
            "A9900000001Z", "202501999999", "900101149991", 6640, ""
        )
    }

    fn read(id: LayoutId, line: &[u8]) -> Option<(String, String, Oddities)> {
        let mut reader = LineReader::new(id, false);
        match reader.read(line) {
            Line::Record(r) => {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                Some((text(r.name), text(r.month_text()) + &text(r.amount()), r.oddities))
            }
            _ => None,
        }
    }

    #[test]
    fn every_byte_of_a_line_is_looked_at() {
        for length in [0, 1, 31, 32, 33, 64, 223] {
            let mut line = vec![b'~'; length];
            assert!(is_printable(&line));
            for at in 0..length {
                for (byte, printable) in [(0x1F, false), (b' ', true), (b'~', true), (0x7F, false), (0xC3, false)] {
                    line[at] = byte;
                    assert_eq!(is_printable(&line), printable, "{byte:x} at {at} of {length}");
                }
                line[at] = b' ';
            }
        }
    }

    #[test]
    fn a_regular_line_is_sliced_as_it_is() {
        let line = line_223("AHMAD CONTOH BIN UJIAN", 150);
        let mut reader = LineReader::new(LayoutId::Contribution223, false);
        let record = reader.regular(line.as_bytes()).expect("regular");
        assert_eq!(record.employer_code(), b"A9900000001Z");
        assert_eq!(record.name, b"AHMAD CONTOH BIN UJIAN");
        assert_eq!(record.amount(), b"00000000006640");
        for bad in [
            &line[1..],
            &line.replace("AHMAD", "AHM\tD"),
            &line.replace("052026", "132026"),
            &format!(" {}", &line[..222]),
        ] {
            assert!(reader.regular(bad.as_bytes()).is_none());
        }
    }

    #[test]
    fn deviations_of_real_producers_are_read() {
        let id = LayoutId::Contribution223;
        let figures = "05202600000000006640";
        let plain = line_223("AHMAD CONTOH", 150);
        let odd = |line: &[u8]| read(id, line).unwrap_or_else(|| panic!("{} not read", String::from_utf8_lossy(line)));
        assert_eq!(odd(plain.trim_end().as_bytes()).1, figures);
        assert_eq!(odd(format!("{plain}\r\r").as_bytes()).1, figures);
        assert_eq!(odd(format!("{plain}      ").as_bytes()).1, figures);
        let indented = odd(format!("  {plain}").as_bytes());
        assert_eq!((indented.1.as_str(), indented.2.indented_by), (figures, 2));
        let long = "N".repeat(157);
        let shifted = odd(line_223(&long, 150).as_bytes());
        assert_eq!((shifted.0.as_str(), shifted.1.as_str(), shifted.2.name_shifts_by), (long.as_str(), figures, 7));
        let accented = odd(line_223("RENÉ CONTOH", 150).as_bytes());
        assert_eq!((accented.0.as_str(), accented.1.as_str()), ("RENÉ CONTOH", figures));
        // A letter and its accent counted as one by the producer: one character more in the line.
        let combined = odd(line_223("RENE\u{301} CONTOH", 151).as_bytes());
        assert_eq!((combined.1.as_str(), combined.2.name_shifts_by), (figures, 0));
        // Padded by UTF-16 units: one character less.
        let astral = odd(line_223("CONTOH 𠮷", 149).as_bytes());
        assert_eq!((astral.0.as_str(), astral.1.as_str()), ("CONTOH 𠮷", figures));
        let accented = line_223("RENÉ CONTOH", 150);
        let (latin, _, _) = WINDOWS_1252.encode(&accented);
        let latin = odd(&latin);
        assert_eq!((latin.0.as_str(), latin.2.converted), ("RENÉ CONTOH", true));
        let doubled = odd(line_223("RENÃ‰ CONTOH", 150).as_bytes());
        assert_eq!((doubled.0.as_str(), doubled.2.encoding_doubled), ("RENÉ CONTOH", true));
    }

    #[test]
    fn other_layouts_and_junk_are_told_apart() {
        let joint = format!(
            "{}{:40}",
            &line_223("AHMAD CONTOH", 150).replace("         ", "000000000000000000000000")[..238],
            ""
        );
        assert_eq!(joint.len(), 278);
        let plain = line_223("AHMAD CONTOH", 150);
        assert_eq!(
            read(LayoutId::Joint278V2, plain.as_bytes()).and_then(|r| r.2.other_layout),
            Some(LayoutId::Contribution223)
        );
        assert!(read(LayoutId::Contribution223, b"TOTAL 3").is_none());
        let mut reader = LineReader::new(LayoutId::Contribution223, true);
        assert!(matches!(reader.read(b"  \r"), Line::Blank));
        assert!(matches!(reader.read(b"\x1a"), Line::ControlZ));
        let quoted = format!("\"{}\"", line_223("CONTOH, \"\"AH\"\" BIN UJIAN", 152));
        let Line::Record(record) = reader.read(quoted.as_bytes()) else { panic!("a quoted row is a record") };
        assert_eq!(record.name, br#"CONTOH, "AH" BIN UJIAN"#);
    }

    #[test]
    fn legacy_lines() {
        let line = "A9900001Z85081512555899999992 0512MUTHU CONTOH A/L UJIAN                       950 ";
        assert_eq!(line.len(), 83);
        let (name, figures, _) = read(LayoutId::Brg8a83, line.as_bytes()).expect("a record");
        assert_eq!((name.as_str(), figures.trim()), ("MUTHU CONTOH A/L UJIAN", "0512950"));
        let five = format!("{}10415", &line[..79]);
        assert!(read(LayoutId::Brg8a83, five.as_bytes()).expect("a record").1.contains("10415"));
        let nil = read(LayoutId::Brg8a83, line[..79].trim_end().as_bytes()).expect("a record");
        assert_eq!(nil.1.trim(), "0512");
    }
}
