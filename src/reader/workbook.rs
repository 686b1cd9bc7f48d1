//! What an XLSX file may cost. It is an archive, and a small one can unpack to any size: what it unpacks to is counted
//! before it is opened, whatever its directory says, and its cells are counted while they are read.
// not money: sizes in memory.

use std::io::{self, Cursor, Read};

use memchr::{memchr, memchr_iter, memmem};
use zip::ZipArchive;

use super::table::{Cell, Row, TableError};

/// Largest file, in bytes: four times what [`UNPACKED_MAX`] of cells is packed to at the usual one to sixteen.
const PACKED_MAX: usize = 16 << 20;
/// Bytes that all its parts may unpack to: about 1.5 million cells of 45 bytes, which is 100,000 people in 15 columns.
/// Texts that cells share are kept in memory while it is read, at two to five times their size here.
const UNPACKED_MAX: u64 = 64 << 20;
/// Bytes of memory that its rows may take: a cell takes more than it has letters, and cells may share one long text.
const KEPT_MAX: usize = 192 << 20;
/// Rows of a sheet: twice the people above. Whoever reads a table makes more of a row than its cells.
const ROWS_MAX: usize = 200_000;
/// Marks (`<`) in the texts that cells share, four for a usual text: a million of them, each of which takes a place.
const SHARED_MARKS_MAX: usize = 4 << 20;
/// What a row or a text costs beside its bytes.
const EACH: usize = 48;
/// Shortest text among those that cells share, in bytes: `<si/>`.
const SHARED_TEXT_MIN: u64 = 5;
/// Bytes that are unpacked at a time.
const PIECE: usize = 1 << 16;

/// Looks whether a file may be opened at all.
///
/// # Errors
/// [`TableError::TooLarge`]; [`TableError::Xlsx`] where it is no archive, or claims more texts than it has room for.
pub(super) fn check(bytes: &[u8]) -> Result<(), TableError> {
    if bytes.len() > PACKED_MAX {
        return Err(TableError::TooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::Xlsx)?;
    let mut left = UNPACKED_MAX;
    for place in 0..archive.len() {
        // What does not open now is not opened later either.
        let Ok(part) = archive.by_index(place) else { continue };
        let shared = part.name_raw().to_ascii_lowercase().ends_with(b"sharedstrings.xml");
        let mut limited = part.take(left + 1);
        let mut texts = Vec::new();
        // A part that breaks off is refused by whoever reads it; what came of it counts.
        let _ = if shared { limited.read_to_end(&mut texts).map(|_| ()) } else { pass_over(&mut limited) };
        left = limited.limit().checked_sub(1).ok_or(TableError::TooLarge)?;
        if memchr_iter(b'<', &texts).count() > SHARED_MARKS_MAX {
            return Err(TableError::TooLarge);
        }
        if claims_too_many(&texts) {
            return Err(TableError::Xlsx);
        }
    }
    Ok(())
}

fn pass_over(part: &mut impl Read) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    while part.read(&mut piece)? > 0 {}
    Ok(())
}

/// Room for as many shared texts as are announced is made at once: more than there can be are not believed. Nor is a
/// text in which the announcement cannot be found, since its letters are two bytes wide.
fn claims_too_many(texts: &[u8]) -> bool {
    let most = texts.len() as u64 / SHARED_TEXT_MIN;
    let too_many = |at: usize| {
        let value = texts[at..].iter().skip("uniqueCount".len()).skip_while(|byte| b" \t\r\n=\"'+".contains(byte));
        let digits: String = value.take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect();
        !digits.is_empty() && digits.parse().unwrap_or(u64::MAX) > most
    };
    memchr(0, texts).is_some() || memmem::find_iter(texts, b"uniqueCount").any(too_many)
}

/// Counts what is kept of a sheet.
#[derive(Default)]
pub(super) struct Kept {
    bytes: usize,
    rows: usize,
}

impl Kept {
    /// Counts a row.
    ///
    /// # Errors
    /// [`TableError::TooLarge`].
    pub(super) fn row(&mut self) -> Result<(), TableError> {
        self.rows += 1;
        if self.rows > ROWS_MAX { Err(TableError::TooLarge) } else { self.add(size_of::<Row>() + EACH) }
    }

    /// Counts a cell's text, and the places that its row got for it.
    ///
    /// # Errors
    /// [`TableError::TooLarge`].
    pub(super) fn cell(&mut self, cell: &Cell, places: usize) -> Result<(), TableError> {
        let text = match cell {
            Cell::Text(text) | Cell::Unusable(text) => text.len() + EACH,
            Cell::Empty | Cell::Number(_) | Cell::Day(_) => 0,
        };
        self.add(text + places * size_of::<Cell>())
    }

    fn add(&mut self, bytes: usize) -> Result<(), TableError> {
        self.bytes += bytes;
        if self.bytes > KEPT_MAX { Err(TableError::TooLarge) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::reader::table::Table;

    /// An archive of parts, each blanks to its size behind what it begins with.
    fn archive(parts: &[(&str, &str, u64)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, begin, size) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).expect("begun");
            writer.write_all(begin.as_bytes()).expect("written");
            io::copy(&mut io::repeat(b' ').take(size.saturating_sub(begin.len() as u64)), &mut writer).expect("blanks");
        }
        writer.finish().expect("an archive").into_inner()
    }

    #[test]
    fn what_it_unpacks_to_is_counted_whatever_it_says() {
        let half = UNPACKED_MAX / 2;
        for (second, fits) in [(half - 1, true), (half, true), (half + 1, false)] {
            let bytes = archive(&[("xl/sheet1.xml", "", half), ("docProps/app.xml", "", second)]);
            assert_eq!(check(&bytes).is_ok(), fits, "{second}");
        }
        let mut bytes = archive(&[("xl/worksheets/sheet1.xml", "", UNPACKED_MAX + 1)]);
        assert!(bytes.len() < 1 << 20, "it is small");
        assert_eq!(check(&bytes), Err(TableError::TooLarge));
        // The sizes in its directory are forged.
        let size = (UNPACKED_MAX as u32 + 1).to_le_bytes();
        for at in memmem::find_iter(&bytes.clone(), &size) {
            bytes[at..at + 4].copy_from_slice(&1_000_u32.to_le_bytes());
        }
        // Whoever opens it gets what was counted, and no more.
        let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).expect("an archive");
        let mut part = archive.by_index(0).expect("a part").take(u64::MAX);
        let _ = pass_over(&mut part);
        let came = u64::MAX - part.limit();
        assert!(check(&bytes) == Err(TableError::TooLarge) || came <= UNPACKED_MAX, "{came}");
        assert_eq!(check(&vec![b'P'; PACKED_MAX + 1]), Err(TableError::TooLarge));
        assert_eq!(check(&vec![b'P'; PACKED_MAX]), Err(TableError::Xlsx));
    }

    #[test]
    fn shared_texts_are_as_many_as_there_is_room_for() {
        let claims = |count: &str, size: u64| {
            let begin = format!("<sst count=\"3\" uniqueCount = '{count}'>");
            check(&archive(&[("xl/SharedStrings.xml", &begin, size)]))
        };
        for (count, sound) in [("0", true), ("19", true), ("20", true), ("21", false), ("99999999999999999999", false)]
        {
            assert_eq!(claims(count, 100).is_ok(), sound, "{count}");
        }
        for (count, fits) in [(SHARED_MARKS_MAX, true), (SHARED_MARKS_MAX + 1, false)] {
            let texts = "<".repeat(count);
            assert_eq!(check(&archive(&[("xl/sharedStrings.xml", &texts, 0)])).is_ok(), fits, "{count}");
        }
        assert!(check(&archive(&[("xl/sharedStrings.xml", "<\0s\0s\0t\0", 100)])).is_err());
        assert!(check(&archive(&[("xl/sheet1.xml", "<\0s\0", 100)])).is_ok());
    }

    /// A reference beyond all numbers makes the library count over its end.
    #[test]
    fn a_sheet_over_which_the_library_breaks_down_cannot_be_read() {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().write(0, 0, "a").expect("written");
        let bytes = book.save_to_buffer().expect("a workbook");
        for reference in ["B4294967296", "ZZZZZZZ99999999999", "A0", ""] {
            let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).expect("an archive");
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            for place in 0..archive.len() {
                let mut part = archive.by_index(place).expect("a part");
                let mut text = String::new();
                part.read_to_string(&mut text).expect("text");
                writer.start_file(part.name().expect("a name"), SimpleFileOptions::default()).expect("begun");
                let text = text.replace("<c r=\"A1\"", &format!("<c r=\"{reference}\""));
                writer.write_all(text.as_bytes()).expect("written");
            }
            let bytes = writer.finish().expect("an archive").into_inner();
            let read = Table::read(&bytes, None);
            // Without checked sums, as the released program is built, it only counts wrongly.
            assert!(read.is_err() || !cfg!(debug_assertions), "{reference}");
        }
    }

    #[test]
    fn memory_is_counted() {
        let with = |bytes: usize| Kept { bytes, rows: 0 };
        let mut kept = with(KEPT_MAX - size_of::<Cell>() - 1);
        assert!(kept.cell(&Cell::Empty, 1).is_ok() && kept.bytes == KEPT_MAX - 1);
        assert!(kept.add(1).is_ok() && kept.add(1).is_err());
        assert!(with(KEPT_MAX - EACH - 2).cell(&Cell::Text("abc".to_owned()), 0).is_err());
        assert!(with(KEPT_MAX - EACH).row().is_err());
        let mut kept = Kept { bytes: 0, rows: ROWS_MAX - 2 };
        assert_eq!([kept.row().is_ok(), kept.row().is_ok(), kept.row().is_ok()], [true, true, false]);
        // Many rows that reach far to the right, in a file that unpacks to little.
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for row in 0..25_000 {
            sheet.write(row, 255, 1).expect("written");
        }
        let bytes = book.save_to_buffer().expect("a workbook");
        assert_eq!(check(&bytes), Ok(()));
        assert_eq!(Table::headings(&bytes, None).map(|table| table.heading.len()).ok(), Some(256));
        assert_eq!(Table::read(&bytes, None).err(), Some(TableError::TooLarge));
    }
}
