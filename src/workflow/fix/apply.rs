//! A fix sheet into its file: what was entered is written, every other byte stays.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::{Editor, LineEdits};
use super::lines::{Physical, layout_of, physical_lines};
use super::value::{Entry, emptied, entry, is_mendable, written};
use super::{FILE, FixFault, FixRow, FixSheet, LINE, MONEY_FIELDS};
use crate::checks::{FileCheck, Reread};
use crate::domain::FindingName;
use crate::reader::chunk::LINE_BYTES_MAX;
use crate::reader::{ByteSource, Layout};

/// A file with a sheet's entries in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mended {
    /// The file.
    pub bytes: Vec<u8>,
    /// Lines of the old file that say something else now.
    pub lines_changed: BTreeSet<u64>,
    /// Lines of the old file that are left out, the second halves of broken records among them.
    pub deleted: BTreeSet<u64>,
    /// For each line of the new file its line in the old one.
    pub origin: Vec<u64>,
}

/// Counts only: the bytes are people's.
impl std::fmt::Debug for Mended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (changed, deleted) = (self.lines_changed.len(), self.deleted.len());
        write!(f, "Mended {} bytes, {changed} lines changed, {deleted} left out", self.bytes.len())
    }
}

/// Mends a file. `check` is the judgement on the same bytes.
///
/// # Errors
/// Everything that cannot be entered, at once; then nothing is.
pub fn apply<S: ByteSource + ?Sized>(sheet: &FixSheet, check: &FileCheck, source: &S) -> Result<Mended, Vec<FixFault>> {
    mend(sheet, check, source, None)
}

/// The same for some lines only, mended or not: a small file of the layout, for a supplementary submission. What was
/// entered for other lines is refused: they have gone already.
///
/// # Errors
/// As [`apply`].
pub fn apply_to_lines<S: ByteSource + ?Sized>(
    sheet: &FixSheet,
    check: &FileCheck,
    source: &S,
    lines: &BTreeSet<u64>,
) -> Result<Mended, Vec<FixFault>> {
    mend(sheet, check, source, Some(lines))
}

fn mend<S: ByteSource + ?Sized>(
    sheet: &FixSheet,
    check: &FileCheck,
    source: &S,
    only: Option<&BTreeSet<u64>>,
) -> Result<Mended, Vec<FixFault>> {
    let whole = |what: &str| vec![FixFault::whole(what)];
    let bytes = read(source).map_err(|error| whole(&format!("the file cannot be read: {error}")))?;
    let digest = blake3::hash(&bytes);
    if check.digest != Some(digest) {
        return Err(whole("the file changed while it was judged; judge it again"));
    }
    if !sheet.digest.eq_ignore_ascii_case(&digest.to_hex()) {
        return Err(whole("the sheet is for another file; its digest is not that of this one"));
    }
    let (Some(reread), Some(layout)) = (&check.reread, check.layout) else {
        return Err(whole("the file cannot be read as lines, so that nothing of it can be mended; export it again"));
    };
    let layout = layout_of(layout);
    let (edits, mut faults) = entries(sheet, layout);
    let mut job = Job::new(check, reread, layout, only);
    job.walk(&bytes, edits, &mut faults);
    if faults.is_empty() {
        Ok(job.mended)
    } else {
        faults.sort();
        Err(faults)
    }
}

fn read<S: ByteSource + ?Sized>(source: &S) -> std::io::Result<Vec<u8>> {
    let length = usize::try_from(source.len()).map_err(std::io::Error::other)?;
    let mut bytes = vec![0; length];
    let mut have = 0;
    while have < length {
        match source.read_at(&mut bytes[have..], have as u64) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(have);
    Ok(bytes)
}

/// What was entered, line by line, and what of it cannot be used.
fn entries(sheet: &FixSheet, layout: &'static Layout) -> (BTreeMap<u64, LineEdits>, Vec<FixFault>) {
    let mut edits: BTreeMap<u64, LineEdits> = BTreeMap::new();
    let mut faults = Vec::new();
    for row in &sheet.rows {
        let entered = entry(&row.corrected);
        // An amount that the file writes wrongly may read the same; the file itself shows whether it changes.
        let as_found = entered == Entry::Value(&row.found) && !MONEY_FIELDS.contains(&row.field.as_str());
        if entered == Entry::Hold || as_found {
            continue;
        }
        let told = match row.line {
            Some(line) if row.field != FILE => one_entry(row, &entered, layout, edits.entry(line).or_default()),
            _ => Err("speaks of the whole file; nothing can be entered here".to_owned()),
        };
        if let Err(what) = told {
            faults.push(FixFault { row: Some(row.row), line: row.line, field: row.field.clone(), what });
        }
    }
    (edits, faults)
}

fn one_entry(row: &FixRow, entered: &Entry<'_>, layout: &'static Layout, line: &mut LineEdits) -> Result<(), String> {
    let twice = |other: u64| format!("has one value here and another in sheet row {other}; keep one of them");
    let value = match entered {
        Entry::Delete => {
            line.delete = true;
            return Ok(());
        }
        Entry::Blank if row.field == LINE => return Err("cannot be empty; enter (delete) to leave it out".to_owned()),
        Entry::Value(text) if row.field == LINE => {
            return match &line.whole {
                Some((other, before)) if before != text => Err(twice(*other)),
                _ => {
                    line.whole = Some((row.row, (*text).to_owned()));
                    Ok(())
                }
            };
        }
        Entry::Value(text) => Some(*text),
        Entry::Blank | Entry::Hold => None,
    };
    let known = layout.fields.iter().find(|known| known.name == row.field && is_mendable(layout, known.name));
    let field = known.ok_or("is no field of the file's layout")?.name;
    let value = value.map_or_else(|| emptied(layout, field), |text| written(layout, field, text))?;
    match line.fields.get(field) {
        Some((other, before)) if *before != value => Err(twice(*other)),
        _ => {
            line.fields.insert(field, (row.row, value));
            Ok(())
        }
    }
}

struct Job<'a> {
    check: &'a FileCheck,
    reread: &'a Reread,
    only: Option<&'a BTreeSet<u64>>,
    editor: Editor,
    mended: Mended,
}

impl<'a> Job<'a> {
    fn new(check: &'a FileCheck, reread: &'a Reread, layout: &'static Layout, only: Option<&'a BTreeSet<u64>>) -> Self {
        let windows_1252 = check.encoding == Some("windows-1252");
        let editor = Editor::new(layout, reread.wrapper, windows_1252);
        let mended =
            Mended { bytes: Vec::new(), lines_changed: BTreeSet::new(), deleted: BTreeSet::new(), origin: Vec::new() };
        Job { check, reread, only, editor, mended }
    }

    fn walk(&mut self, bytes: &[u8], mut edits: BTreeMap<u64, LineEdits>, faults: &mut Vec<FixFault>) {
        let start = usize::try_from(self.reread.cut.start).map_or(bytes.len(), |start| start.min(bytes.len()));
        self.mended.bytes.reserve(if self.only.is_none() { bytes.len() } else { 0 });
        self.mended.bytes.extend_from_slice(&bytes[..start]);
        // The second half of a broken record goes with the first.
        let mut second_half = None;
        for line in physical_lines(bytes, start, self.reread.cut.line_end, 0) {
            let Physical { number, content, next } = line;
            let edit = edits.remove(&number);
            let (content, end) = (&bytes[content.clone()], &bytes[content.end..next]);
            let broken = self.is_broken(number);
            match second_half.take() {
                Some(true) if edit.is_none() => {
                    self.mended.deleted.insert(number);
                    continue;
                }
                Some(false) if edit.is_none() => {
                    self.keep(number, content, end);
                    continue;
                }
                _ => {}
            }
            let Some(edit) = edit else {
                let kept = self.only.is_none_or(|only| only.contains(&number)) || self.is_heading(number, content);
                if kept {
                    self.keep(number, content, end);
                    second_half = broken.then_some(false);
                }
                continue;
            };
            let faulty = self.edit(number, content, end, &edit);
            if broken && (edit.delete || edit.whole.is_some()) {
                second_half = Some(true);
            }
            faults.extend(faulty);
        }
        for (line, edit) in edits {
            faults.extend(told(line, &edit, "the file has no such line"));
        }
    }

    fn edit(&mut self, number: u64, content: &[u8], end: &[u8], edit: &LineEdits) -> Vec<FixFault> {
        if self.only.is_some_and(|only| !only.contains(&number)) {
            return told(number, edit, "the line is not held, so that nothing of it can be changed now");
        }
        if edit.delete {
            self.mended.deleted.insert(number);
            return Vec::new();
        }
        if content.len() as u64 > LINE_BYTES_MAX {
            return told(number, edit, "the line is too long to be mended; enter (delete) or export the file again");
        }
        match self.editor.mend(content, edit) {
            Ok(mended) => {
                if mended != content {
                    self.mended.lines_changed.insert(number);
                }
                self.keep(number, &mended, end);
                Vec::new()
            }
            Err(faults) => {
                let fault = |(row, field, what): (u64, &str, String)| FixFault {
                    row: Some(row),
                    line: Some(number),
                    field: field.to_owned(),
                    what,
                };
                faults.into_iter().map(fault).collect()
            }
        }
    }

    fn keep(&mut self, number: u64, content: &[u8], end: &[u8]) {
        self.mended.bytes.extend_from_slice(content);
        self.mended.bytes.extend_from_slice(end);
        self.mended.origin.push(number);
    }

    fn is_broken(&self, number: u64) -> bool {
        let from = self.check.findings.partition_point(|finding| finding.line < Some(number));
        let findings = self.check.findings[from..].iter().take_while(|finding| finding.line == Some(number));
        findings.into_iter().any(|finding| finding.name == FindingName::RecordSplit)
    }

    /// The line that heads a table of lines.
    fn is_heading(&self, number: u64, content: &[u8]) -> bool {
        self.reread.wrapper && number == 1 && content.to_ascii_lowercase().windows(7).any(|word| word == b"textstr")
    }
}

fn told(line: u64, edit: &LineEdits, what: &str) -> Vec<FixFault> {
    let whole = edit.whole.iter().map(|(row, _)| (*row, LINE));
    let rows: Vec<(u64, &str)> = whole.chain(edit.fields.iter().map(|(field, (row, _))| (*row, *field))).collect();
    let fault = |row: Option<u64>, field: &str| FixFault {
        row,
        line: Some(line),
        field: field.to_owned(),
        what: what.to_owned(),
    };
    if rows.is_empty() {
        vec![fault(None, LINE)]
    } else {
        rows.into_iter().map(|(row, field)| fault(Some(row), field)).collect()
    }
}
