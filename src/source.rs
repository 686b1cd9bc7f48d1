//! Files as the reader wants them: positioned reads, no memory map (a file cut short by somebody else would kill the
//! program).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::reader::ByteSource;

/// An open regular file.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// What the system reports; folders, pipes and devices are refused, so that nothing waits for ever.
    pub fn open(path: &Path) -> io::Result<FileSource> {
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        FileSource::of(File::open(path)?)
    }

    /// Of a file that is open already.
    ///
    /// # Errors
    /// What the system reports.
    pub fn of(file: File) -> io::Result<FileSource> {
        let length = file.metadata()?.len();
        Ok(FileSource { file, length })
    }

    /// All bytes, one after the other, from the beginning.
    pub fn reader(&self) -> impl io::Read + Send + '_ {
        Bytes { source: self, at: 0 }
    }
}

/// Positioned reads one after the other: the place in the open file is nobody's.
struct Bytes<'a> {
    source: &'a FileSource,
    at: u64,
}

impl io::Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        // A file that grows while it is read is judged as it was when it was opened.
        let rest = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(rest);
        self.file.read_at(&mut buffer[..wanted], offset)
    }
}
