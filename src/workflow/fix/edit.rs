//! One line mended: the entered fields at their places, everything else as it was.

use std::collections::BTreeMap;

use encoding_rs::WINDOWS_1252;

use super::lines::{Reading, decoded, range_of, without_control_z};
use super::value::{Written, amount_said};
use crate::reader::Layout;
use crate::reader::line::LineReader;

/// What was entered for one line.
#[derive(Debug, Default)]
pub(super) struct LineEdits {
    /// Leave it out.
    pub delete: bool,
    /// The whole line anew, with the row of the sheet.
    pub whole: Option<(u64, String)>,
    /// Fields by name, each with the row of the sheet.
    pub fields: BTreeMap<&'static str, (u64, Written)>,
}

/// A line cannot be mended: the row of the sheet, its field, one sentence.
pub(super) type EditFault = (u64, &'static str, String);

/// Mends lines of one file.
pub(super) struct Editor {
    layout: &'static Layout,
    reader: LineReader,
    wrapper: bool,
    /// Names beyond ASCII are written in Windows-1252 where the line has none yet.
    windows_1252: bool,
}

impl Editor {
    pub fn new(layout: &'static Layout, wrapper: bool, windows_1252: bool) -> Self {
        Editor { layout, reader: LineReader::new(layout.id, wrapper), wrapper, windows_1252 }
    }

    /// The line with what was entered; the same bytes where that changes nothing.
    pub fn mend(&mut self, content: &[u8], edits: &LineEdits) -> Result<Vec<u8>, Vec<EditFault>> {
        let Some((before, inner, behind)) = self.unwrapped(content) else {
            return Err(faults(
                edits,
                "stands in a table row that cannot be mended; mend the file before it is wrapped",
            ));
        };
        let mended = match &edits.whole {
            Some((row, text)) => self.whole(inner, *row, text).map_err(|fault| vec![fault])?,
            None => inner.to_vec(),
        };
        let mended = self.fields(&mended, edits)?;
        if mended == inner {
            return Ok(content.to_vec());
        }
        if !before.is_empty() && mended.contains(&b'"') {
            return Err(faults(edits, "would hold a quotation mark, which the table round the lines cannot carry"));
        }
        Ok([before, &mended, behind].concat())
    }

    /// What stands before the record, the record, and what stands behind it; `None` for a table row that is not simple.
    fn unwrapped<'c>(&self, content: &'c [u8]) -> Option<(&'c [u8], &'c [u8], &'c [u8])> {
        let text = without_control_z(content);
        let marks = &content[text.len()..];
        if !self.wrapper || !text.starts_with(b"\"") {
            return Some((b"", text, marks));
        }
        let end = text.len() - 1;
        let simple = end > 0 && text[end] == b'"' && !text[1..end].contains(&b'"');
        simple.then(|| (&content[..1], &content[1..end], &content[end..]))
    }

    /// A line entered as a whole, with the blanks that a cell does not keep.
    fn whole(&mut self, old: &[u8], row: u64, text: &str) -> Result<Vec<u8>, EditFault> {
        let fault = |what: String| (row, super::LINE, what);
        if text.chars().any(char::is_control) {
            return Err(fault("holds a character that cannot be seen".to_owned()));
        }
        let length = self.layout.record_length;
        let bytes = self.encoded(&format!("{text:<length$}"), old).map_err(fault)?;
        let reading = Reading::of(&mut self.reader, self.layout, &bytes);
        let sound = reading.is_some_and(|reading| {
            let chars: Vec<char> = decoded(&bytes).0.chars().collect();
            reading.lies_plainly(&chars)
        });
        if sound {
            return Ok(bytes);
        }
        let characters = text.chars().count();
        Err(fault(format!(
            "is no record: it has {characters} characters; a record has {length} with the blanks behind it"
        )))
    }

    fn fields(&mut self, inner: &[u8], edits: &LineEdits) -> Result<Vec<u8>, Vec<EditFault>> {
        if edits.fields.is_empty() {
            return Ok(inner.to_vec());
        }
        let Some(before) = Reading::of(&mut self.reader, self.layout, inner) else {
            let what = "is a field of a line that is no record; add a row with field line and enter the whole line";
            return Err(faults(edits, what));
        };
        let garbled = before.oddities.encoding_doubled;
        let changes = edits.fields.iter().filter(|(field, (_, written))| {
            // A garbled name reads as it was meant, and is written anew all the same.
            before.text(field) != written.text.trim() && !is_same_amount(self.layout, &before, field, written)
                || **field == "name" && garbled
        });
        let changes: Vec<(&'static str, u64, &str)> =
            changes.map(|(field, (row, written))| (*field, *row, written.text.as_str())).collect();
        if changes.is_empty() {
            return Ok(inner.to_vec());
        }
        let chars: Vec<char> = decoded(inner).0.chars().collect();
        let plain = before.lies_plainly(&chars);
        let new_name = changes.iter().any(|(field, ..)| *field == "name");
        if !plain && !new_name && before.name.chars().count() > self.layout.at.name.len() {
            let what = "is a field of a line that its name pushes; enter a shorter name too";
            return Err(changes.iter().map(|(field, row, _)| (*row, *field, what.to_owned())).collect());
        }
        let mut chars = if plain { chars } else { before.canonical() };
        for (field, _, text) in &changes {
            put(&mut chars, self.layout, field, text);
        }
        let text: String = chars.into_iter().collect();
        let told =
            |what: String| changes.iter().map(|(field, row, _)| (*row, *field, what.clone())).collect::<Vec<_>>();
        let bytes = self.encoded(&text, inner).map_err(told)?;
        if self.is_as_entered(&before, &bytes, &changes) {
            return Ok(bytes);
        }
        Err(told(
            "cannot be put into this line by itself; add a row with field line and enter the whole line".to_owned(),
        ))
    }

    /// The mended line says what was entered, and nothing else has moved.
    fn is_as_entered(&mut self, before: &Reading, bytes: &[u8], changes: &[(&'static str, u64, &str)]) -> bool {
        let Some(after) = Reading::of(&mut self.reader, self.layout, bytes) else { return false };
        self.layout.fields.iter().all(|field| {
            let entered = changes.iter().find(|(name, ..)| *name == field.name);
            let expected = entered.map_or_else(|| before.text(field.name), |(_, _, text)| text.trim().to_owned());
            after.text(field.name) == expected
        })
    }

    /// In the code page of the line, or of the file where the line tells nothing.
    fn encoded(&self, text: &str, old: &[u8]) -> Result<Vec<u8>, String> {
        let windows_1252 = if old.is_ascii() { self.windows_1252 } else { !decoded(old).1 };
        if text.is_ascii() || !windows_1252 {
            return Ok(text.as_bytes().to_vec());
        }
        let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
        if unmappable || std::str::from_utf8(&bytes).is_ok() {
            return Err("holds a letter that the file's code page (Windows-1252) does not have".to_owned());
        }
        Ok(bytes.into_owned())
    }
}

/// An amount that is already there, written otherwise, is no change.
fn is_same_amount(layout: &Layout, before: &Reading, field: &str, written: &Written) -> bool {
    written.sen.is_some() && amount_said(layout, &before.raw(field)) == written.sen
}

/// Puts a padded field at its place; a line that ends before it is lengthened by blanks.
fn put(chars: &mut Vec<char>, layout: &Layout, field: &str, text: &str) {
    let end = chars.len();
    let range = range_of(layout, field, end);
    if end < range.end {
        chars.resize(range.end, ' ');
    }
    chars.splice(range, text.chars());
}

fn faults(edits: &LineEdits, what: &str) -> Vec<EditFault> {
    let whole = edits.whole.iter().map(|(row, _)| (*row, super::LINE));
    let fields = edits.fields.iter().map(|(field, (row, _))| (*row, *field));
    whole.chain(fields).map(|(row, field)| (row, field, what.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::LayoutId;
    use crate::workflow::fix::value::written;

    fn line_223(indent: &str, name: &str, amount: &str) -> String {
        format!("{indent}A9900000001Z{:<20}900101149991{name:<150}052026{amount}{:9}", "202501999999", "")
    }

    fn edits(layout: LayoutId, fields: &[(&'static str, &str)]) -> LineEdits {
        let layout = Layout::get(layout);
        let value = |field, text| (2, written(layout, field, text).expect("a value"));
        LineEdits {
            fields: fields.iter().map(|(field, text)| (*field, value(field, text))).collect(),
            ..LineEdits::default()
        }
    }

    fn mended(line: &[u8], fields: &[(&'static str, &str)]) -> Result<Vec<u8>, Vec<EditFault>> {
        let id = LayoutId::Contribution223;
        Editor::new(Layout::get(id), false, false).mend(line, &edits(id, fields))
    }

    #[test]
    fn a_regular_line_changes_in_its_field_only() {
        let line = line_223("", "CONTOH", "00000000006640");
        let changed = mended(line.as_bytes(), &[("amount", "69.05")]).expect("mended");
        assert_eq!(String::from_utf8(changed).as_deref(), Ok(line_223("", "CONTOH", "00000000006905").as_str()));
        assert_eq!(
            mended(line.as_bytes(), &[("amount", "66.40"), ("month", "2026-05")]).as_deref(),
            Ok(line.as_bytes())
        );
        let trimmed = line.trim_end();
        let dated = mended(trimmed.as_bytes(), &[("status", "B"), ("date", "2026-05-04")]).expect("mended");
        assert_eq!(dated, format!("{trimmed}04052026B").as_bytes());
    }

    #[test]
    fn an_irregular_line_is_written_anew() {
        let indented = line_223("  ", "CONTOH", "00000000006640");
        let changed = mended(indented.as_bytes(), &[("amount", "69.05")]).expect("mended");
        assert_eq!(changed, line_223("", "CONTOH", "00000000006905").as_bytes());
        let long = "N".repeat(155);
        let pushed = line_223("", &long, "00000000006640");
        assert!(mended(pushed.as_bytes(), &[("amount", "69.05")]).is_err());
        let changed = mended(pushed.as_bytes(), &[("name", "CONTOH")]).expect("mended");
        assert_eq!(changed, line_223("", "CONTOH", "00000000006640").as_bytes());
    }

    #[test]
    fn letters_stay_in_the_code_page_of_the_line() {
        let line = line_223("", "RENÉ", "00000000006640");
        let (old, ..) = WINDOWS_1252.encode(&line);
        let changed = mended(&old, &[("name", "ÑANDU")]).expect("mended");
        assert_eq!(changed, *WINDOWS_1252.encode(&line_223("", "ÑANDU", "00000000006640")).0);
        assert!(mended(&old, &[("name", "李")]).is_err());
        let changed = mended(line.as_bytes(), &[("name", "李")]).expect("mended");
        assert_eq!(changed, line_223("", "李", "00000000006640").as_bytes());
        let ascii = line_223("", "RENE", "00000000006640");
        let mut editor = Editor::new(Layout::get(LayoutId::Contribution223), false, true);
        let changed = editor.mend(ascii.as_bytes(), &edits(LayoutId::Contribution223, &[("name", "RENÉ")]));
        assert_eq!(changed, Ok(old.into_owned()));
    }

    #[test]
    fn wrapped_and_marked_lines_keep_what_is_round_them() {
        let line = line_223("", "CONTOH", "00000000006640");
        let other = line_223("", "CONTOH", "00000000006905");
        let change = edits(LayoutId::Contribution223, &[("amount", "69.05")]);
        let mut editor = Editor::new(Layout::get(LayoutId::Contribution223), true, false);
        assert_eq!(editor.mend(format!("\"{line}\"").as_bytes(), &change), Ok(format!("\"{other}\"").into_bytes()));
        assert!(editor.mend(format!("\"{line}\",\"\"").as_bytes(), &change).is_err());
        assert_eq!(
            mended(format!("{line}\x1a").as_bytes(), &[("amount", "69.05")]),
            Ok(format!("{other}\x1a").into_bytes())
        );
    }

    #[test]
    fn legacy_amounts_may_lengthen_the_line() {
        let line = format!("A9900001Z900101149991{:9}0526{:<45}", "", "CONTOH");
        let mut editor = Editor::new(Layout::get(LayoutId::Brg8a83), false, false);
        for (old, entered, new) in [("6640", "69.05", "6905"), ("6640", "104.15", "10415"), ("10415", "69.05", "6905")]
        {
            let change = edits(LayoutId::Brg8a83, &[("amount", entered)]);
            assert_eq!(
                editor.mend(format!("{line}{old}").as_bytes(), &change),
                Ok(format!("{line}{new}").into_bytes())
            );
        }
    }

    #[test]
    fn a_whole_line_must_be_a_record() {
        let line = line_223("", "CONTOH", "00000000006640");
        let mut editor = Editor::new(Layout::get(LayoutId::Contribution223), false, false);
        let mut whole = |text: &str| {
            editor.mend(b"TOTAL", &LineEdits { whole: Some((2, text.to_owned())), ..LineEdits::default() })
        };
        assert_eq!(whole(line.trim_end()).as_deref(), Ok(line.as_bytes()));
        assert!(whole("TOTAL").is_err());
        assert!(whole(&line_223(" ", "CONTOH", "00000000006640")).is_err());
    }
}
