//! What a group of dropped files needs beside the intake: their deliveries, written in its transaction, and their bytes.

use std::io::Read;
use std::path::PathBuf;

use memchr::{memchr_iter, memchr2_iter};

use super::answer::{Story, outcome_of};
use super::originals::originals;
use super::take::Settled;
use super::{Content, Desk, Dropped, Unusable, is_payment_evidence};
use crate::keys::DataKey;
use crate::messages::Language;
use crate::reader::ByteSource;
use crate::reader::table::is_too_large;
use crate::store::delivery::Delivery;
use crate::store::{Group, StoreError};
use crate::workflow::fix::is_fix_sheet;
use crate::workflow::intake::Beside;
use crate::workflow::submit::Submitted;

/// Largest fix sheet that is looked into, in bytes.
const SHEET_BYTES: u64 = 64 << 20;

/// Rows of a fix sheet that are read at a time: each takes about a kilobyte.
const SHEET_ROWS_MAX: usize = 300_000;
/// Separators in a fix sheet: twelve cells for each of so many rows, and some in its sentences.
const SHEET_CELLS_MAX: usize = 16 * SHEET_ROWS_MAX;

/// Files of a group with their deliveries.
pub(super) struct Recorder<'d, 'a> {
    desk: &'d Desk<'a>,
    key: &'d DataKey,
    pub(super) files: Vec<(Delivery, Option<[u8; 32]>)>,
    pub(super) settled: Vec<Settled>,
}

impl<'d, 'a> Recorder<'d, 'a> {
    pub(super) fn new(desk: &'d Desk<'a>, key: &'d DataKey) -> Self {
        Recorder { desk, key, files: Vec::new(), settled: Vec::new() }
    }
}

impl Beside for Recorder<'_, '_> {
    fn may_take(&mut self, group: &mut Group<'_>, files: usize) -> Result<Vec<bool>, StoreError> {
        assert_eq!(files, self.files.len(), "a delivery for each file");
        let claims = group.claims_of(self.desk.folder, self.desk.owner)?;
        let ours = |delivery: &Delivery| claims.get(&delivery.id) == Some(&delivery.lease.token);
        Ok(self.files.iter().map(|(delivery, _)| ours(delivery)).collect())
    }

    fn recorded(
        &mut self,
        group: &mut Group<'_>,
        place: usize,
        submitted: &Submitted,
        language: Option<Language>,
    ) -> Result<(), StoreError> {
        let (delivery, sha256) = self.files[place].clone();
        let story = Story {
            submitted: Some(submitted),
            originals: originals(group, submitted)?,
            language: language.unwrap_or_else(|| self.desk.language()),
            ..self.desk.story(outcome_of(submitted), None, sha256)
        };
        let settled = self.desk.settle(group, self.key, delivery, story)?;
        self.settled.push(settled);
        Ok(())
    }
}

/// A large file that is a fix sheet or evidence of payments, by its name and headings, is read whole; a spreadsheet that
/// is too large to be looked into is not taken.
pub(super) fn whole_sheet(file: &mut Dropped) {
    let name = file.name.to_ascii_lowercase();
    let sheet = file.size <= SHEET_BYTES && (name.ends_with(b".csv") || name.ends_with(b".xlsx"));
    let mut read = Vec::new();
    let bytes = match &file.content {
        Content::Small(bytes) => bytes,
        Content::Large(source) if sheet && source.reader().read_to_end(&mut read).is_ok() => &read,
        Content::Large(_) | Content::Unusable(_) => return,
    };
    if is_too_large(bytes) || has_too_many_cells(&read) && is_fix_sheet(&read) {
        file.content = Content::Unusable(Unusable::Spreadsheet);
    } else if is_fix_sheet(&read) || is_payment_evidence(&read) {
        file.content = Content::Small(read);
    }
}

/// True for a table of more rows or cells than are kept in memory at a time, by its line ends and separators.
fn has_too_many_cells(table: &[u8]) -> bool {
    let count = |end: u8| memchr_iter(end, table).count();
    let rows = count(b'\r').max(count(b'\n'));
    rows > SHEET_ROWS_MAX || memchr2_iter(b',', b';', table).count() > SHEET_CELLS_MAX
}

/// What is in a file, to be read.
pub(super) fn bytes_of(content: &Content) -> &dyn ByteSource {
    match content {
        Content::Small(bytes) => bytes,
        Content::Large(source) => source,
        Content::Unusable(_) => &NOTHING,
    }
}

static NOTHING: Vec<u8> = Vec::new();

/// A name as it is recorded; it is never opened by it.
pub(super) fn shown_path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileSource;

    #[test]
    fn rows_and_cells_of_a_sheet_are_limited() {
        for (more, too_many) in [(-1, false), (0, false), (1, true)] {
            let count = |most: usize| most.saturating_add_signed(more);
            assert_eq!(has_too_many_cells(&b"\n".repeat(count(SHEET_ROWS_MAX))), too_many);
            assert_eq!(has_too_many_cells(&b";".repeat(count(SHEET_CELLS_MAX))), too_many);
        }
    }

    #[test]
    fn a_sheet_that_is_too_large_is_not_looked_into() {
        let taken = |rows: usize| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("sheet");
            std::fs::write(&path, format!("line,field,found,suggested,corrected,digest\n{}", ",,,\n".repeat(rows)))
                .expect("written");
            let source = FileSource::of(std::fs::File::open(&path).expect("open")).expect("a file");
            let (name, size) = (b"sheet.CSV".to_vec(), std::fs::metadata(&path).expect("there").len());
            let mut file = Dropped { name, inode: 1, size, sha256: None, content: Content::Large(source) };
            whole_sheet(&mut file);
            file.content
        };
        assert!(matches!(taken(SHEET_ROWS_MAX - 1), Content::Small(_)));
        assert!(matches!(taken(SHEET_ROWS_MAX), Content::Unusable(Unusable::Spreadsheet)));
    }
}
