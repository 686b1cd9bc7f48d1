//! A complete file's bytes, from the drop place: opened once, the same before and after, compared with its `.done` file.

use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::Folder;
use super::disk::Disk;
use super::entry::{Done, Kind, Ready, Stamp};
use crate::source::FileSource;
use crate::vault::DATABASE_LIMIT;
use crate::workflow::inbox::{Content, Dropped, Unusable};

/// Larger files are not read through for a checksum: they are too large to be taken anyway.
const CHECKSUM_BYTES: u64 = 1 << 30;
/// Largest `.done` file.
const DONE_BYTES: u64 = 4096;
/// Reading is tried so often before a file is answered as unreadable.
const TRIES: u32 = 3;
/// Before it is tried again.
const AGAIN: Duration = Duration::from_secs(2);

/// What came of reading a file.
pub(super) enum Read1 {
    /// It can be claimed.
    Here(Box<Dropped>),
    /// Not now: it changed, or went away.
    Later,
    /// Not now: the system has no room for another open file, or alike.
    Alarm(io::Error),
}

impl Folder {
    /// Reads a file of the drop place.
    pub(super) fn read(&mut self, disk: &Disk, ready: &Ready, at: Duration) -> Read1 {
        let stamp = ready.entry.stamp;
        let unusable = match stamp.kind {
            Kind::Symlink => Some(Unusable::Symlink),
            Kind::Folder => Some(Unusable::Folder),
            Kind::Special => Some(Unusable::Special),
            Kind::File if stamp.links > 1 && !ready.quiet => return Read1::Later,
            Kind::File if stamp.links > 1 => Some(Unusable::HardLink),
            Kind::File => None,
        };
        if let Some(unusable) = unusable {
            return here(ready, None, Content::Unusable(unusable));
        }
        let tried = self.tries.get(&(ready.entry.name.clone(), stamp.inode)).map_or(0, |tried| tried.0);
        if tried >= TRIES {
            return here(ready, None, Content::Unusable(Unusable::Unsteady));
        }
        match read_file(disk, ready) {
            Ok(Some((content, sha256))) => here(ready, sha256, content),
            Ok(None) => Read1::Later,
            Err(error) => self.failed_to_read(ready, error, at),
        }
    }

    fn failed_to_read(&mut self, ready: &Ready, error: io::Error, at: Duration) -> Read1 {
        let refused = |unusable| here(ready, None, Content::Unusable(unusable));
        match error.kind() {
            ErrorKind::NotFound => return Read1::Later,
            ErrorKind::PermissionDenied => return refused(Unusable::Forbidden),
            _ => {}
        }
        if is_scarce(&error) {
            return Read1::Alarm(error);
        }
        if self.again_later(&ready.entry.name, ready.entry.stamp.inode, at) {
            return refused(Unusable::Unreadable(in_words(&error)));
        }
        Read1::Alarm(error)
    }

    /// Counts a failure; true when it was the last one allowed.
    pub(super) fn again_later(&mut self, name: &[u8], inode: u64, at: Duration) -> bool {
        let tried = self.tries.entry((name.to_vec(), inode)).or_insert((0, at));
        *tried = (tried.0 + 1, at + if self.options.quiet.is_zero() { Duration::ZERO } else { AGAIN });
        tried.0 >= TRIES
    }
}

/// The system has no room for another open file, or alike: no fault of the file.
fn is_scarce(error: &io::Error) -> bool {
    let scarce = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN, Errno::INTR];
    scarce.iter().any(|scarce| error.raw_os_error() == Some(scarce.raw_os_error()))
}

/// What the system says, without the number that it gives it.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn here(ready: &Ready, sha256: Option<[u8; 32]>, content: Content) -> Read1 {
    let (name, stamp) = (ready.entry.name.clone(), ready.entry.stamp);
    Read1::Here(Box::new(Dropped { name, inode: stamp.inode, size: stamp.size, sha256, content }))
}

/// `None` for a file that is not complete: other than it was seen, or other than its `.done` file says.
fn read_file(disk: &Disk, ready: &Ready) -> io::Result<Option<(Content, Option<[u8; 32]>)>> {
    let seen = ready.entry.stamp;
    let done = ready.done.as_ref().map(|name| read_done(disk, name)).transpose()?;
    // A marker that says nothing is still being written, or is none.
    if done.as_ref().is_some_and(Done::says_nothing) && !ready.quiet {
        return Ok(None);
    }
    let done = done.unwrap_or_default();
    if done.size.is_some_and(|size| size != seen.size) {
        return Ok(broken_transfer(ready));
    }
    let (mut file, stamp) = disk.read(&ready.entry.name)?;
    if stamp != seen {
        return Ok(None);
    }
    let (content, sha256) = if seen.size <= DATABASE_LIMIT {
        let mut bytes = Vec::with_capacity(seen.size as usize);
        // One byte more shows a file that grows.
        (&mut file).take(seen.size + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != seen.size || !unchanged(disk, ready, &stamp)? {
            return Ok(None);
        }
        let sha256 = Sha256::digest(&bytes).into();
        (Content::Small(bytes), Some(sha256))
    } else {
        let source = FileSource::of(file)?;
        let sha256 = if seen.size <= CHECKSUM_BYTES { Some(checksum(&source)?) } else { None };
        if !unchanged(disk, ready, &stamp)? {
            return Ok(None);
        }
        (Content::Large(source), sha256)
    };
    let differs = |told: &String| sha256.is_some_and(|found| hex(&found) != *told);
    if done.sha256.as_ref().is_some_and(differs) {
        return Ok(broken_transfer(ready));
    }
    Ok(Some((content, sha256)))
}

/// Other bytes than the `.done` file says: still on their way, or broken.
fn broken_transfer(ready: &Ready) -> Option<(Content, Option<[u8; 32]>)> {
    ready.quiet.then_some((Content::Unusable(Unusable::Transfer), None))
}

fn unchanged(disk: &Disk, ready: &Ready, before: &Stamp) -> io::Result<bool> {
    Ok(disk.stamp(&ready.entry.name)?.as_ref() == Some(before))
}

fn checksum(source: &FileSource) -> io::Result<[u8; 32]> {
    let (mut hash, mut reader) = (Sha256::new(), source.reader());
    let mut buffer = vec![0; 1 << 18];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hash.finalize().into()),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Reads a marker. One that is no file, or that may not be read, says nothing.
fn read_done(disk: &Disk, name: &[u8]) -> io::Result<Done> {
    let read = || {
        let (file, stamp) = disk.read(name)?;
        let mut bytes = Vec::new();
        if stamp.kind == Kind::File {
            file.take(DONE_BYTES).read_to_end(&mut bytes)?;
        }
        Ok(Done::read(&String::from_utf8_lossy(&bytes)))
    };
    match read() {
        Err(error) if !is_scarce(&error) => Ok(Done::default()),
        other => other,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scarce_is_told_from_what_is_wrong() {
        let scarce = |errno: Errno| is_scarce(&io::Error::from(errno));
        assert!(scarce(Errno::MFILE) && scarce(Errno::NFILE) && scarce(Errno::NOMEM));
        assert!(!scarce(Errno::LOOP) && !scarce(Errno::ACCESS) && !scarce(Errno::IO));
        assert_eq!(in_words(&Errno::IO.into()), "input/output error");
    }
}
