//! The fix sheet: a row for everything that holds a line or refuses a file.

use std::io;

use super::lines::{Physical, Reading, layout_of, physical_lines, shown, without_control_z};
use super::suggest::{Proposer, Said, Suggestions};
use super::value::amount_shown;
use super::{DELETE, FILE, LINE, MONEY_FIELDS};
use crate::checks::{FileCheck, Reread};
use crate::domain::{Columns, Finding, FindingName, Severity};
use crate::messages::Messages;
use crate::reader::chunk::{Chunk, for_each_chunk};
use crate::reader::line::LineReader;
use crate::reader::{ByteSource, Layout};

/// Characters of a line that a cell shows.
const SHOWN_MAX: usize = 600;

/// Where a sheet comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// `S-000123`, or empty where the file was not submitted.
    pub submission: &'a str,
    /// Name of the file.
    pub file_name: &'a str,
}

/// A table of faults with a place for what is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixSheet {
    /// `S-000123`, or empty where the file was not submitted.
    pub submission: String,
    /// Name of the file.
    pub file_name: String,
    /// BLAKE3 of the file's bytes, in hexadecimal; empty where they could not be read.
    pub digest: String,
    /// A row for each fault; those of the whole file first.
    pub rows: Vec<FixRow>,
}

/// One fault.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FixRow {
    /// Row of the sheet; its headings are row 1.
    pub row: u64,
    /// Physical line, from 1; `None` where the whole file is meant.
    pub line: Option<u64>,
    /// Field of the layout, [`LINE`] or [`FILE`].
    pub field: String,
    /// Columns of the field.
    pub columns: Option<Columns>,
    /// Code of the finding; empty in a row that the clerk added.
    pub code: String,
    /// Name of the finding.
    pub name: String,
    /// What is wrong, in a sentence or two.
    pub message: String,
    /// What stands there, in full: it is the employer's own sheet. Amounts in ringgit.
    pub found: String,
    /// What should probably stand there. Never an amount.
    pub suggested: String,
    /// What the clerk enters: a value (amounts in ringgit), [`DELETE`], [`super::BLANK`], [`super::HOLD`] or nothing.
    pub corrected: String,
}

/// Only the place and the fault: the values are people's.
impl std::fmt::Debug for FixRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FixRow {} line {:?} {} {}", self.row, self.line, self.field, self.code)
    }
}

impl FixSheet {
    /// Makes the sheet of a file that was checked.
    ///
    /// # Errors
    /// What the source reports.
    pub fn of<S: ByteSource + ?Sized>(
        check: &FileCheck,
        source: &S,
        about: &About<'_>,
        suggestions: &dyn Suggestions,
        messages: &Messages,
    ) -> io::Result<FixSheet> {
        let heavy: Vec<&Finding> = check.findings.iter().filter(|finding| finding.severity >= Severity::Fix).collect();
        let of_lines = heavy.partition_point(|finding| finding.line.is_none());
        let mut rows: Vec<FixRow> = heavy[..of_lines].iter().map(|finding| file_row(finding, messages)).collect();
        if let (Some(reread), Some(layout)) = (&check.reread, check.layout)
            && !check.held.is_empty()
        {
            let layout = layout_of(layout);
            let proposer = Proposer::new(layout, check, suggestions);
            let job = Job { check, reread, layout, proposer, messages, heavy: &heavy };
            rows.extend(job.rows(source)?);
        }
        for (row, number) in rows.iter_mut().zip(2..) {
            row.row = number;
        }
        Ok(FixSheet {
            submission: about.submission.trim().to_owned(),
            file_name: shown(about.file_name.as_bytes()),
            digest: check.digest.map_or_else(String::new, |digest| digest.to_hex().to_string()),
            rows,
        })
    }

    /// True when something was entered, or proposed and left standing.
    pub fn has_entries(&self) -> bool {
        self.rows.iter().any(|row| super::value::entry(&row.corrected) != super::value::Entry::Hold)
    }
}

fn file_row(finding: &Finding, messages: &Messages) -> FixRow {
    FixRow {
        field: FILE.to_owned(),
        found: shown(finding.found.as_deref().unwrap_or_default().as_bytes()),
        message: with_cure(finding, messages),
        ..named(finding, messages)
    }
}

fn named(finding: &Finding, messages: &Messages) -> FixRow {
    FixRow {
        line: finding.line,
        code: finding.name.code().to_owned(),
        name: finding.name.name().to_owned(),
        message: messages.finding(finding, true),
        ..FixRow::default()
    }
}

fn with_cure(finding: &Finding, messages: &Messages) -> String {
    format!("{} {}", messages.finding(finding, true), messages.cure(finding, true))
}

/// The fields that a finding calls into question: one finding may speak of both shares, or of all of them.
pub(super) fn fields_in_question(finding: FindingName, field: &'static str) -> Vec<&'static str> {
    const SHARES: [&str; 4] = ["socso_employer", "socso_employee", "eis_employer", "eis_employee"];
    match (finding, field) {
        (FindingName::AmountFormat, _) => vec![field],
        (FindingName::OldSchedule, "socso_employer") => SHARES.to_vec(),
        (FindingName::ZeroWageWithShares, "wage") => [&["wage"], &SHARES[..]].concat(),
        (_, "socso_employer") => SHARES[..2].to_vec(),
        (_, "eis_employer") => SHARES[2..].to_vec(),
        _ => vec![field],
    }
}

struct Job<'a> {
    check: &'a FileCheck,
    reread: &'a Reread,
    layout: &'static Layout,
    proposer: Proposer<'a>,
    messages: &'a Messages,
    heavy: &'a [&'a Finding],
}

/// The rows of a piece; a record may be broken over its end.
struct Piece {
    rows: Vec<FixRow>,
    /// Content of its first line, if any.
    first: Option<Vec<u8>>,
    /// Content of its last line, if that is the first half of a broken record.
    half: Option<Vec<u8>>,
}

impl Job<'_> {
    fn rows<S: ByteSource + ?Sized>(&self, source: &S) -> io::Result<Vec<FixRow>> {
        let mut rows: Vec<FixRow> = Vec::new();
        let mut half: Option<Vec<u8>> = None;
        for_each_chunk(
            source,
            self.reread.cut,
            |chunk| self.piece(chunk),
            |piece: Piece| {
                if let (Some(second), Some(first)) = (&piece.first, half.take_if(|_| piece.first.is_some()))
                    && let Some(row) = rows.last_mut()
                {
                    self.propose_joined(row, &first, second);
                }
                rows.extend(piece.rows);
                half = piece.half.or(half.take());
            },
        )?;
        Ok(rows)
    }

    fn piece(&self, chunk: &Chunk<'_>) -> Piece {
        let before = self.reread.line_bases.get(chunk.number() as usize).copied().unwrap_or(0);
        let mut reader = LineReader::new(self.layout.id, self.reread.wrapper);
        let mut piece = Piece { rows: Vec::new(), first: None, half: None };
        let mut held = &self.check.held[self.check.held.partition_point(|line| *line <= before)..];
        let mut broken: Option<Vec<u8>> = None;
        for Physical { number, content, .. } in physical_lines(chunk.bytes, 0, self.reread.cut.line_end, before) {
            let content = &chunk.bytes[content];
            piece.first.get_or_insert_with(|| content.to_vec());
            if let (Some(first), Some(row)) = (broken.take(), piece.rows.last_mut()) {
                self.propose_joined(row, &first, content);
            }
            if held.first() == Some(&number) {
                held = &held[1..];
                let findings = self.findings_of(number);
                self.line_rows(&mut reader, number, content, findings, &mut piece.rows);
                if findings.iter().any(|finding| finding.name == FindingName::RecordSplit) {
                    broken = Some(content.to_vec());
                }
            } else if held.is_empty() {
                break;
            }
        }
        piece.half = broken;
        piece
    }

    fn findings_of(&self, line: u64) -> &[&Finding] {
        let from = self.heavy.partition_point(|finding| finding.line < Some(line));
        let to = self.heavy.partition_point(|finding| finding.line <= Some(line));
        &self.heavy[from..to]
    }

    /// The two halves of a broken record become one line, if they make a record.
    fn propose_joined(&self, row: &mut FixRow, first: &[u8], second: &[u8]) {
        let joined = [first, without_control_z(second)].concat();
        let mut reader = LineReader::new(self.layout.id, self.reread.wrapper);
        if Reading::of(&mut reader, self.layout, &joined).is_some() {
            row.suggested = shown(&joined);
            row.corrected = row.suggested.clone();
        }
    }

    fn line_rows(
        &self,
        reader: &mut LineReader,
        line: u64,
        content: &[u8],
        findings: &[&Finding],
        rows: &mut Vec<FixRow>,
    ) {
        if findings.is_empty() {
            // Held without a fault of its own: it stands in the file a second time.
            rows.extend(
                self.check
                    .findings
                    .iter()
                    .find(|finding| finding.name == FindingName::FileDoubled)
                    .map(|found| FixRow { line: Some(line), ..self.line_row(found, content, DELETE) }),
            );
            return;
        }
        let reading = Reading::of(reader, self.layout, content);
        let from = rows.len();
        for finding in findings {
            let (Some(field), Some(reading)) = (finding.field, &reading) else {
                let header = finding.name == FindingName::HeaderOrFooterLine;
                let mut row = self.line_row(finding, content, if header { DELETE } else { "" });
                row.corrected = row.suggested.clone();
                rows.push(row);
                continue;
            };
            for (place, other) in fields_in_question(finding.name, field).into_iter().enumerate() {
                let again = rows[from..].iter().any(|row| row.field == other);
                if place == 0 || !again {
                    rows.push(self.field_row(finding, other, reading, again));
                }
            }
        }
    }

    fn line_row(&self, finding: &Finding, content: &[u8], suggested: &str) -> FixRow {
        let text: String = shown(content).chars().take(SHOWN_MAX).collect();
        FixRow {
            field: LINE.to_owned(),
            found: text.trim().to_owned(),
            suggested: suggested.to_owned(),
            message: with_cure(finding, self.messages),
            ..named(finding, self.messages)
        }
    }

    fn field_row(&self, finding: &Finding, field: &'static str, reading: &Reading, again: bool) -> FixRow {
        let raw = reading.raw(field);
        let found = match (finding.name, field) {
            (FindingName::EncodingDoubled, "name") => finding.found.as_deref().unwrap_or_default().to_owned(),
            _ if MONEY_FIELDS.contains(&field) => amount_shown(self.layout, &raw),
            _ => raw,
        };
        let text = |field: &str| {
            let known = self.layout.fields.iter().any(|known| known.name == field);
            if known { reading.text(field) } else { String::new() }
        };
        let (employer_code, id_number, month) = (text("employer_code"), text("id_number"), text("month"));
        let (date, status) = (text("date"), text("status"));
        let said = Said {
            employer_code: &employer_code,
            id_number: &id_number,
            name: &reading.name,
            month: &month,
            date: &date,
            status: &status,
        };
        // A second fault of the same field has its proposal in the first row.
        let proposed = if again { None } else { self.proposer.propose(finding.name, field, &said) };
        let suggested = shown(proposed.unwrap_or_default().as_bytes());
        FixRow {
            field: field.to_owned(),
            columns: Some(self.layout.columns(field)),
            found: shown(found.as_bytes()).chars().take(SHOWN_MAX).collect::<String>().trim().to_owned(),
            corrected: suggested.clone(),
            suggested,
            ..named(finding, self.messages)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_about_shares_asks_for_both() {
        use FindingName as F;
        assert_eq!(fields_in_question(F::ShareMismatch, "socso_employer"), ["socso_employer", "socso_employee"]);
        assert_eq!(fields_in_question(F::EisNotEligible, "eis_employer"), ["eis_employer", "eis_employee"]);
        assert_eq!(fields_in_question(F::AmountFormat, "eis_employer"), ["eis_employer"]);
        assert_eq!(fields_in_question(F::AmountNotInSchedule, "amount"), ["amount"]);
        assert_eq!(fields_in_question(F::OldSchedule, "socso_employer").len(), 4);
        assert_eq!(fields_in_question(F::ZeroWageWithShares, "wage").len(), 5);
    }

    #[test]
    fn debug_shows_nobody() {
        let row = FixRow { row: 2, line: Some(1), found: "900101149991".into(), ..FixRow::default() };
        assert!(!format!("{row:?}").contains("900101"));
    }
}
