//! Which layout is this: decided from the head of the file, or refused with one finding.

use std::io;
use std::sync::LazyLock;

use memchr::memchr;
use serde::Deserialize;

use super::ByteSource;
use super::layout::{Layout, LayoutId};
use super::line::{CONTROL_Z, Line, LineReader, split_at_lone_returns};
use crate::domain::{EmployerCode, Finding, FindingName, Scheme};

/// Bytes of the head that decide. Some two hundred records: enough to outvote a header and broken lines.
const HEAD_BYTES: usize = 64 * 1024;

/// How a file is recognised, as data.
pub const RECOGNITION_TEXT: (&str, &str) =
    ("text/recognition.toml", include_str!("../../formats/text/recognition.toml"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recognition {
    wrapper_line: String,
    file_bytes_max: u64,
    file_name: FileNames,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNames {
    act4: Vec<String>,
    act800: Vec<String>,
}

static RECOGNITION: LazyLock<Recognition> = LazyLock::new(|| {
    toml::from_str(RECOGNITION_TEXT.1).unwrap_or_else(|error| panic!("formats/{}: {error}", RECOGNITION_TEXT.0))
});

/// What the head of a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The layout of most lines. The two joint versions share their positions up to 238; which of them a file is, its
    /// lines decide together, so that this is version 2 for both.
    pub layout: LayoutId,
    /// Offset of the first line.
    pub start: u64,
    /// The byte that ends a line.
    pub line_end: u8,
    /// The file is a table with one column, headed `textstr`.
    pub wrapper: bool,
    /// A UTF-8 byte-order mark stands in front.
    pub byte_order_mark: bool,
}

/// Reads the head of a file and names its layout.
///
/// The inner error is the one finding that refuses the file.
///
/// # Errors
/// What the source reports.
pub fn identify<S: ByteSource + ?Sized>(source: &S) -> io::Result<Result<Identity, Finding>> {
    let head = read_head(source)?;
    let judged = judge(&head, source.len());
    let refused = matches!(&judged, Err(finding) if finding.name == FindingName::NotAContributionFile);
    if refused && is_blank_to_the_end(source, &head)? {
        return Ok(Err(Finding::new(FindingName::FileEmpty)));
    }
    Ok(judged)
}

/// True when nothing but blanks and line ends follows a head that holds nothing else.
fn is_blank_to_the_end<S: ByteSource + ?Sized>(source: &S, head: &[u8]) -> io::Result<bool> {
    let mut buffer = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).to_vec();
    let mut offset = head.len() as u64;
    loop {
        if !is_blank(&buffer) {
            return Ok(false);
        }
        buffer.resize(HEAD_BYTES, 0);
        match source.read_at(&mut buffer, offset) {
            Ok(0) => return Ok(true),
            Ok(count) => {
                buffer.truncate(count);
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => buffer.clear(),
            Err(error) => return Err(error),
        }
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().all(|b| b.is_ascii_whitespace() || *b == CONTROL_Z)
}

fn read_head<S: ByteSource + ?Sized>(source: &S) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD_BYTES];
    let mut have = 0;
    while have < head.len() {
        match source.read_at(&mut head[have..], have as u64) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(have);
    Ok(head)
}

fn judge(head: &[u8], length: u64) -> Result<Identity, Finding> {
    let whole = head.len() as u64 == length;
    if length > RECOGNITION.file_bytes_max {
        let limit = RECOGNITION.file_bytes_max.to_string();
        return Err(Finding::new(FindingName::FileTooLarge).found(length.to_string()).expected(limit));
    }
    let byte_order_mark = head.starts_with(b"\xEF\xBB\xBF");
    let text = if byte_order_mark { &head[3..] } else { head };
    if whole && is_blank(text) {
        return Err(Finding::new(FindingName::FileEmpty));
    }
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return Err(Finding::new(FindingName::EncodingInvalid).found("UTF-16"));
    }
    if let Some(kind) = foreign_kind(text) {
        return Err(Finding::new(FindingName::NotAContributionFile).with("kind", kind));
    }
    let line_end = if memchr(b'\n', text).is_none() && memchr(b'\r', text).is_some() { b'\r' } else { b'\n' };
    if !whole && memchr(line_end, text).is_none() {
        return Err(Finding::new(FindingName::NotAContributionFile).with("kind", "no-line-ends"));
    }
    let mut pieces: Vec<&[u8]> = text.split(|b| *b == line_end).collect();
    if !whole {
        pieces.pop(); // cut by the end of the head
    }
    let lines: Vec<&[u8]> = pieces.into_iter().flat_map(split_at_lone_returns).collect();
    let first = lines.iter().map(|line| line.trim_ascii()).find(|line| !line.is_empty()).unwrap_or_default();
    let first = first.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(first);
    let wrapper = first.eq_ignore_ascii_case(RECOGNITION.wrapper_line.as_bytes());
    let identity =
        |layout| Identity { layout, start: if byte_order_mark { 3 } else { 0 }, line_end, wrapper, byte_order_mark };
    vote(&lines, wrapper).map(identity).ok_or_else(|| unknown(&lines))
}

/// Files that are something else altogether, by how they begin or by what they are full of.
fn foreign_kind(head: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 4] = [
        (b"%PDF", "pdf"),
        (b"PK\x03\x04", "zip-or-spreadsheet"),
        (b"\xD0\xCF\x11\xE0", "zip-or-spreadsheet"),
        (b"\x1F\x8B", "zip-or-spreadsheet"),
    ];
    if let Some((_, kind)) = BEGINNINGS.into_iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return Some(kind);
    }
    let odd = head.iter().filter(|b| b.is_ascii_control() && !matches!(**b, b'\r' | b'\n' | b'\t' | CONTROL_Z)).count();
    (odd * 10 > head.len()).then_some("binary")
}

/// The layout that most lines have; a month and figures in their places count double.
fn vote(lines: &[&[u8]], wrapper: bool) -> Option<LayoutId> {
    let candidates = [LayoutId::Contribution223, LayoutId::Joint278V2, LayoutId::Brg8a83];
    let mut best = None;
    for id in candidates {
        let mut reader = LineReader::new(id, wrapper);
        let votes: usize = lines.iter().map(|line| vote_of(&mut reader, line, id)).sum();
        if votes > best.map_or(0, |(most, _)| most) {
            best = Some((votes, id));
        }
    }
    best.map(|(_, id)| id)
}

/// How well a line fits a layout. One that fits as it stands outweighs one that fits when it is pushed about: figures of a
/// longer record can look like a month further right.
fn vote_of(reader: &mut LineReader, line: &[u8], id: LayoutId) -> usize {
    const AS_IT_STANDS: usize = 3;
    const PUSHED_ABOUT: usize = 2;
    const LENGTH_ONLY: usize = 1;
    if reader.regular(line).is_some() {
        return AS_IT_STANDS;
    }
    let Line::Record(record) = reader.read(line) else { return 0 };
    if record.oddities.other_layout.is_some() {
        return 0;
    }
    let (_, code) = EmployerCode::read(&String::from_utf8_lossy(record.employer_code()));
    let exact = usize::from(record.oddities.length) == Layout::get(id).record_length;
    let right = super::value::month_of(record.month()).is_some() && (exact || code.is_some());
    match right {
        true if record.oddities.name_shifts_by == 0 && record.oddities.indented_by == 0 => AS_IT_STANDS,
        true => PUSHED_ABOUT,
        false => {
            if code.is_some() {
                LENGTH_ONLY
            } else {
                0
            }
        }
    }
}

fn unknown(lines: &[&[u8]]) -> Finding {
    let filled: Vec<&[u8]> = lines.iter().map(|line| line.trim_ascii_end()).filter(|line| !line.is_empty()).collect();
    let count = |test: &dyn Fn(&[u8]) -> bool| filled.iter().filter(|line| test(line)).count();
    let marks = |line: &[u8], mark: u8| line.iter().filter(|b| **b == mark).count();
    let delimited = |line: &[u8]| [b'|', b',', b';', b'\t'].into_iter().any(|mark| marks(line, mark) >= 2);
    if 2 * count(&delimited) > filled.len() {
        return Finding::new(FindingName::NotAContributionFile).with("kind", "delimited-table");
    }
    let coded =
        |line: &[u8]| line.len() >= 9 && line[0].is_ascii_alphabetic() && line[1..8].iter().all(u8::is_ascii_digit);
    if 2 * count(&coded) > filled.len() {
        let length = filled.first().map_or(0, |line| line.len()).to_string();
        return Finding::new(FindingName::LayoutUnknown).found(length).expected("223, 278, 83");
    }
    Finding::new(FindingName::NotAContributionFile).with("kind", "textual")
}

/// The Act that a file's name speaks of, if it speaks of one only.
pub fn scheme_in_name(path: &str) -> Option<Scheme> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_uppercase();
    let has = |pieces: &[String]| pieces.iter().any(|piece| word_in(&name, piece));
    match (has(&RECOGNITION.file_name.act4), has(&RECOGNITION.file_name.act800)) {
        (true, false) => Some(Scheme::Act4),
        (false, true) => Some(Scheme::Act800),
        _ => None,
    }
}

/// True when the piece stands in the name and is not part of a longer word (`SIP` is not in `PERSIPA`).
fn word_in(name: &str, piece: &str) -> bool {
    name.match_indices(piece).any(|(at, _)| {
        let before = name[..at].chars().next_back();
        let after = name[at + piece.len()..].chars().next();
        !before.is_some_and(char::is_alphabetic) && !after.is_some_and(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(bytes: &[u8]) -> String {
        match identify(bytes).expect("memory does not fail") {
            Ok(identity) => format!("{}{}", identity.layout.id(), if identity.wrapper { " wrapped" } else { "" }),
            Err(finding) => {
                finding.details.iter().fold(finding.name.to_string(), |text, (_, kind)| format!("{text} {kind}"))
            }
        }
    }

    #[test]
    fn what_is_no_contribution_file_gets_one_finding() {
        for (bytes, name) in [
            (&b""[..], "file-empty"),
            (b" ", "file-empty"),
            (b"\xEF\xBB\xBF\r\n\x1a", "file-empty"),
            (b"%PDF-1.7\n", "not-a-contribution-file pdf"),
            (b"PK\x03\x04....", "not-a-contribution-file zip-or-spreadsheet"),
            (b"\xFF\xFEA\0", "encoding-invalid"),
            (b"a\nb\nc\n", "not-a-contribution-file textual"),
            (
                b"# guess\nA9900000001Z|900101149991|66.40\nA9900000001Z|900101149992|66.40\n",
                "not-a-contribution-file delimited-table",
            ),
            (&[0; 500], "not-a-contribution-file binary"),
            (&[b'x'; 100_000], "not-a-contribution-file no-line-ends"),
        ] {
            assert_eq!(name_of(bytes), name);
        }
        let odd = format!("A9900000001Z{}\n", " ".repeat(107)).replace("   ", "9  ").repeat(3);
        assert_eq!(name_of(odd.as_bytes()), "layout-unknown");
    }

    #[test]
    fn layouts_and_the_wrapper_are_recognised() {
        let line = format!(
            "{:<12}{:<20}{:<12}{:<150}052026{:>014}{:9}",
            "A9900000001Z", "", "900101149991", "AHMAD CONTOH", 6640, ""
        );
        assert_eq!(name_of(line.as_bytes()), "contribution-223");
        assert_eq!(name_of(format!("textstr\r\n{line}\r\n").as_bytes()), "contribution-223 wrapped");
        assert_eq!(name_of(line.replace("052026", "132026").as_bytes()), "contribution-223");
        let joint = format!("{}{:014}{}{:40}", &line[..200], 300_000, "005165001475000590000590", "");
        assert_eq!(name_of(joint.as_bytes()), "joint-278-v2");
        assert_eq!(name_of(joint.trim_end().as_bytes()), "joint-278-v2");
        assert_eq!(name_of(format!("{joint}\r{joint}\r").as_bytes()), "joint-278-v2");
    }

    #[test]
    fn file_names_speak_of_one_act_or_none() {
        assert_eq!(scheme_in_name("/in/[Caruman SIP] A9900000001Z - 052026.txt"), Some(Scheme::Act800));
        assert_eq!(scheme_in_name("SIP0526.TXT"), Some(Scheme::Act800));
        assert_eq!(scheme_in_name("BRG8A.TXT"), Some(Scheme::Act4));
        assert_eq!(scheme_in_name("SOCSO_EIS_052026.txt"), None);
        assert_eq!(scheme_in_name("persipa.txt"), None);
        assert_eq!(scheme_in_name("eis/upload.txt"), None);
    }
}
