//! Heads of the chain of events, kept at a second place: who cuts the chain or writes it anew cannot reach them.
//!
//! A head is one line: the day, the number of the last event, and the SHA-256 over it and all before it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::NaiveDate;

/// Name of the file when a folder is given.
const FILE_NAME: &str = "caruman-heads.txt";

/// The end of the chain on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Malaysian day on which it was written.
    pub day: NaiveDate,
    /// The last event.
    pub event: i64,
    /// SHA-256 over that event and all before it.
    pub link: [u8; 32],
}

impl Head {
    /// With the chain up to an event; `None` where the link is no SHA-256.
    pub fn new(day: NaiveDate, event: i64, link: &[u8]) -> Option<Self> {
        Some(Self { day, event, link: link.try_into().ok()? })
    }

    /// The fingerprint in hexadecimal digits.
    pub fn link_text(&self) -> String {
        self.link.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.day, self.event, self.link_text())
    }
}

impl FromStr for Head {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let mut words = line.split(' ');
        let (Some(day), Some(event), Some(digits), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(());
        };
        let mut link = [0; 32];
        if digits.len() != 64 || !digits.is_ascii() {
            return Err(());
        }
        for (at, byte) in link.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).map_err(|_| ())?;
        }
        let event = event.parse().ok().filter(|event| *event > 0).ok_or(())?;
        Ok(Self { day: day.parse().map_err(|_| ())?, event, link })
    }
}

/// Why heads cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HeadError {
    /// The file system said no.
    #[error("{path} cannot be used: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing was ever kept there.
    #[error("{0} is not there: the first head is made with --write-head alone")]
    None(PathBuf),
    /// A line that is no head.
    #[error("{path}, line {line}, is not a head of the audit chain: DAY EVENT SHA-256")]
    Line {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// The file that is meant: the one given, or the one in the folder given.
fn file_of(place: &Path) -> PathBuf {
    if place.is_dir() { place.join(FILE_NAME) } else { place.to_owned() }
}

/// All kept heads, oldest line first. A last line without its end was being written when the power went: it says nothing.
///
/// # Errors
/// [`HeadError`].
pub fn read(place: &Path) -> Result<Vec<Head>, HeadError> {
    let path = file_of(place);
    let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => HeadError::None(path.clone()),
        _ => HeadError::Io { path: path.clone(), source },
    })?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| line.trim().parse().map_err(|()| HeadError::Line { path: path.clone(), line: at + 1 }))
        .collect()
}

/// Adds a head as a line and flushes file and folder. A folder gets the file `caruman-heads.txt`. The same head of the
/// same day is written once.
///
/// # Errors
/// [`HeadError`].
pub fn write(place: &Path, head: &Head) -> Result<(), HeadError> {
    let path = file_of(place);
    if path.exists() && read(&path)?.last() == Some(head) {
        return Ok(());
    }
    let append = || -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        let text = fs::read(&path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            // What a power cut left of a line.
            file.set_len(whole as u64)?;
        }
        file.write_all(format!("{head}\n").as_bytes())?;
        file.sync_all()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    append().map_err(|source| HeadError::Io { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(day: &str, event: i64) -> Head {
        Head { day: day.parse().expect("a day"), event, link: [event as u8; 32] }
    }

    #[test]
    fn heads_are_read_as_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, second) = (head("2026-11-10", 7), head("2026-11-11", 9));
        for one in [&first, &first, &second] {
            write(folder.path(), one).expect("written");
        }
        let file = folder.path().join(FILE_NAME);
        assert_eq!(read(&file).expect("read"), [first.clone(), second.clone()], "the same head stands once");
        assert_eq!(read(folder.path()).expect("read").len(), 2);
        // A power cut in the middle of a line.
        let text = fs::read_to_string(&file).expect("text");
        fs::write(&file, format!("{text}2026-11-12 10 0a0a")).expect("written");
        assert_eq!(read(&file).expect("read").len(), 2);
        let third = head("2026-11-12", 10);
        write(&file, &third).expect("written");
        assert_eq!(read(&file).expect("read"), [first, second, third]);
    }

    #[test]
    fn other_lines_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("heads");
        for line in ["", "2026-11-10 7", "2026-11-10 0 00", "2026-11-10 7 zz x"] {
            let sum = "00".repeat(32);
            fs::write(&file, format!("2026-11-10 7 {sum}\n{line}\n2026-11-10 8 {sum}\n")).expect("written");
            match read(&file) {
                Ok(heads) => assert_eq!((line, heads.len()), ("", 2)),
                Err(error) => assert!(error.to_string().contains("line 2"), "{error}"),
            }
        }
        assert!("2026-11-10 0 ".parse::<Head>().is_err());
        assert!(format!("2026-11-10 0 {}", "00".repeat(32)).parse::<Head>().is_err(), "events count from 1");
        assert!(read(&folder.path().join("none")).is_err());
    }
}
