//! A watched folder on the disk. Every file is opened beneath the folder's handle, following no link; a name is never used
//! as a path.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use super::entry::{Entry, Kind, Stamp};
use super::marker::read_marker;
use crate::workflow::inbox::Outcome;

pub use super::marker::{MARKER, init};

/// Where files are dropped.
pub const DROP: &str = "drop";
/// Where answers appear.
pub const ANSWERS: &str = "answers";

/// Why a folder cannot be watched now.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No marker: never set up, or not mounted.
    #[error(
        "{0} is no inbox, or is not mounted: its file {MARKER} is missing; set a new one up with `caruman inbox init`"
    )]
    NoMarker(PathBuf),
    /// The system says no.
    #[error("{path}: {what}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What was done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// What became of moving a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Moved {
    /// It lies there, now or since before.
    There,
    /// It is nowhere: somebody took it away.
    Gone,
}

/// An inbox, open for one pass.
pub struct Disk {
    root: PathBuf,
    /// Its own name, from the marker.
    pub id: String,
    drop: OwnedFd,
    answers: OwnedFd,
    outcomes: Vec<(Outcome, OwnedFd)>,
}

impl Disk {
    /// Opens the places of an inbox.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn open(root: &Path) -> Result<Disk, DiskError> {
        let id = read_marker(root)?;
        let folder = |name: &str| {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let opened = fs::open(root.join(name), flags, Mode::empty());
            opened.map_err(|error| DiskError::Io {
                path: root.join(name),
                what: "the folder cannot be opened",
                source: error.into(),
            })
        };
        let outcomes = Outcome::ALL.map(|outcome| folder(outcome.id()).map(|fd| (outcome, fd)));
        Ok(Disk {
            root: root.to_owned(),
            id,
            drop: folder(DROP)?,
            answers: folder(ANSWERS)?,
            outcomes: outcomes.into_iter().collect::<Result<_, _>>()?,
        })
    }

    fn io(&self, what: &'static str) -> impl Fn(Errno) -> DiskError + '_ {
        move |error| DiskError::Io { path: self.root.clone(), what, source: error.into() }
    }

    /// Everything in the drop place but hidden names, sorted by name.
    ///
    /// # Errors
    /// [`DiskError::Io`]: an error is never an empty place.
    pub fn list(&self) -> Result<Vec<Entry>, DiskError> {
        let what = "the drop place cannot be read";
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.drop).map_err(self.io(what))? {
            let entry = entry.map_err(self.io(what))?;
            let name = entry.file_name().to_bytes();
            if name.starts_with(b".") {
                continue;
            }
            match fs::statat(&self.drop, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => entries.push(Entry { name: name.to_vec(), stamp: stamp(&stat) }),
                Err(Errno::NOENT) => {}
                Err(error) => return Err(self.io(what)(error)),
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Opens a file of the drop place for reading: no link is followed, nothing is waited for. Gives what it is now.
    ///
    /// # Errors
    /// What the system reports.
    pub fn read(&self, name: &[u8]) -> io::Result<(File, Stamp)> {
        let file = File::from(open_beneath(&self.drop, OsStr::from_bytes(name))?);
        let stamp = stamp(&fs::fstat(&file)?);
        Ok((file, stamp))
    }

    /// What a file of the drop place is now; `None` where there is none.
    fn look(folder: &OwnedFd, name: &[u8]) -> io::Result<Option<Stamp>> {
        match fs::statat(folder, OsStr::from_bytes(name), AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stamp(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What a file of the drop place is now, if it is there.
    ///
    /// # Errors
    /// What the system reports.
    pub fn stamp(&self, name: &[u8]) -> io::Result<Option<Stamp>> {
        Disk::look(&self.drop, name)
    }

    /// Moves a file out of the drop place, replacing nothing. `to` is `accepted/NAME` or alike.
    ///
    /// # Errors
    /// What the system reports, after both names were looked at.
    pub fn move_away(&self, name: &[u8], inode: u64, to: &str) -> io::Result<Moved> {
        let (folder, new) = self.place(to)?;
        let is_it = |found: Option<Stamp>| found.is_some_and(|stamp| stamp.inode == inode);
        if !is_it(self.stamp(name)?) {
            return Ok(if is_it(Disk::look(folder, new.as_bytes())?) { Moved::There } else { Moved::Gone });
        }
        let old = OsStr::from_bytes(name);
        let error = match fs::renameat_with(&self.drop, old, folder, new, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(Moved::There),
            // Some file systems cannot do it without replacing: then it is looked at first.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) if Disk::look(folder, new.as_bytes())?.is_none() => {
                match fs::renameat(&self.drop, old, folder, new) {
                    Ok(()) => return Ok(Moved::There),
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        // An error does not say that nothing happened: on a network the reply may have been lost.
        let moved = !is_it(self.stamp(name)?) && is_it(Disk::look(folder, new.as_bytes())?);
        if moved { Ok(Moved::There) } else { Err(error.into()) }
    }

    /// Moves a held file back into the drop place under its first name, replacing nothing.
    ///
    /// # Errors
    /// What the system reports.
    pub fn move_back(&self, from: &str, name: &[u8]) -> io::Result<()> {
        let (folder, old) = self.place(from)?;
        fs::renameat_with(folder, old, &self.drop, OsStr::from_bytes(name), RenameFlags::NOREPLACE)?;
        fs::fsync(folder)?;
        Ok(fs::fsync(&self.drop)?)
    }

    fn place<'p>(&self, to: &'p str) -> io::Result<(&OwnedFd, &'p str)> {
        let (folder, name) = to.split_once('/').unwrap_or_default();
        let found = self.outcomes.iter().find(|(outcome, _)| outcome.id() == folder);
        match found {
            Some((_, fd)) if !name.is_empty() && !name.contains('/') => Ok((fd, name)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "no place of an inbox")),
        }
    }

    /// Takes the marker of a complete file away; it may be gone already.
    pub fn remove_done(&self, marker: &[u8]) {
        // Left over, it is ignored: it describes a file that is not there.
        let _ = fs::unlinkat(&self.drop, OsStr::from_bytes(marker), AtFlags::empty());
    }

    /// Makes moves durable: the drop place and these outcomes' folders.
    ///
    /// # Errors
    /// What the system reports.
    pub fn flush_moves(&self, used: &[Outcome]) -> io::Result<()> {
        for (_, folder) in self.outcomes.iter().filter(|(outcome, _)| used.contains(outcome)) {
            fs::fsync(folder)?;
        }
        Ok(fs::fsync(&self.drop)?)
    }

    /// Writes one file of an answer under a temporary name, which nobody else may use ([`super::parts`]), unflushed.
    ///
    /// # Errors
    /// What the system reports; nothing lies there then.
    pub fn write_part(&self, part: &str, bytes: &[u8]) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // The group of the folder may read: fix sheets hold identity numbers in full.
        let fd = fs::openat(&self.answers, part, flags, Mode::from_raw_mode(0o640))?;
        let mut file = File::from(fd);
        if let Err(error) = file.write_all(bytes) {
            self.remove_part(part);
            return Err(error);
        }
        Ok(file)
    }

    /// Takes a temporary file of an answer away; it may be gone already.
    pub fn remove_part(&self, part: &str) {
        let _ = fs::unlinkat(&self.answers, part, AtFlags::empty());
    }

    /// Hidden files in the folder of answers, and when they were changed, in seconds since 1970.
    ///
    /// # Errors
    /// What the system reports.
    pub fn hidden_answers(&self) -> io::Result<Vec<(String, i64)>> {
        let mut hidden = Vec::new();
        for entry in Dir::read_from(&self.answers)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name.starts_with('.')
                && let Some(stamp) = Disk::look(&self.answers, name.as_bytes())?
            {
                hidden.push((name.to_owned(), stamp.modified.0));
            }
        }
        Ok(hidden)
    }

    /// Is there an answer file of this name?
    ///
    /// # Errors
    /// What the system reports.
    pub fn has_answer(&self, name: &str) -> io::Result<bool> {
        Ok(Disk::look(&self.answers, name.as_bytes())?.is_some())
    }

    /// Gives a written and flushed file its name; an older answer of that name gives way.
    ///
    /// # Errors
    /// What the system reports.
    pub fn give_name(&self, part: &str, name: &str) -> io::Result<()> {
        Ok(fs::renameat(&self.answers, part, &self.answers, name)?)
    }

    /// Makes the names of answers durable.
    ///
    /// # Errors
    /// What the system reports.
    pub fn flush_answers(&self) -> io::Result<()> {
        Ok(fs::fsync(&self.answers)?)
    }

    /// Free bytes and size of the file system of the drop place.
    ///
    /// # Errors
    /// What the system reports.
    pub fn space(&self) -> io::Result<(u64, u64)> {
        space_of(&self.drop)
    }
}

/// Free bytes and size of a file system.
///
/// # Errors
/// What the system reports.
pub fn space_of(fd: impl AsFd) -> io::Result<(u64, u64)> {
    let stat = fs::fstatvfs(fd)?;
    Ok((stat.f_bavail.saturating_mul(stat.f_frsize), stat.f_blocks.saturating_mul(stat.f_frsize)))
}

/// Opens for reading beneath a folder. Names are single components, so that without `openat2` (an old kernel, or a filter
/// of system calls) refusing a link as the last component says the same.
fn open_beneath(folder: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
    if name.as_bytes().contains(&b'/') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a name"));
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match fs::openat2(folder, name, flags, Mode::empty(), resolve) {
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => Ok(fs::openat(folder, name, flags, Mode::empty())?),
        other => Ok(other?),
    }
}

fn stamp(stat: &Stat) -> Stamp {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Symlink => Kind::Symlink,
        FileType::Directory => Kind::Folder,
        _ => Kind::Special,
    };
    Stamp {
        kind,
        inode: stat.st_ino,
        links: u64::from(stat.st_nlink != 1) + 1,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: (stat.st_mtime, i64::try_from(stat.st_mtime_nsec).unwrap_or_default()),
        changed: (stat.st_ctime, i64::try_from(stat.st_ctime_nsec).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_link_is_followed_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        init(root, "x").expect("made");
        std::fs::write(root.join("secret"), "s").expect("written");
        std::os::unix::fs::symlink("../secret", root.join("drop/link.txt")).expect("linked");
        let disk = Disk::open(root).expect("open");
        assert!(disk.read(b"link.txt").is_err());
        assert!(disk.read(b"../secret").is_err());
        std::fs::write(root.join("drop/a.txt"), "a").expect("written");
        std::fs::write(root.join("accepted/a.1.txt"), "other").expect("written");
        let inode = disk.stamp(b"a.txt").expect("looked").expect("there").inode;
        assert!(disk.move_away(b"a.txt", inode, "accepted/a.1.txt").is_err());
        assert_eq!(std::fs::read(root.join("accepted/a.1.txt")).expect("read"), b"other");
        assert_eq!(disk.move_away(b"a.txt", inode, "accepted/a.2.txt").expect("moved"), Moved::There);
        assert_eq!(disk.move_away(b"a.txt", inode, "accepted/a.2.txt").expect("again"), Moved::There);
        assert_eq!(disk.move_away(b"b.txt", 1, "accepted/b.3.txt").expect("looked"), Moved::Gone);
        assert!(disk.move_away(b"a.txt", inode, "elsewhere/a.txt").is_err());
    }
}
