//! The marker of an inbox: it proves that the folder is the one that was set up, and mounted, and holds its own name. A
//! folder that was copied with it has the name of another, and would get what is meant for that.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::disk::{ANSWERS, DROP, DiskError};
use crate::workflow::inbox::Outcome;

/// Proves that the folder is the one that was set up, and mounted; holds its own name.
pub const MARKER: &str = ".caruman-inbox";
/// Largest marker.
const MARKER_BYTES: u64 = 200;

/// Makes the places of an inbox; one that is there stays as it is. Gives its own name.
///
/// # Errors
/// [`DiskError::Io`].
pub fn init(root: &Path, fresh: &str) -> Result<String, DiskError> {
    let io = |what| move |source| DiskError::Io { path: root.to_owned(), what, source };
    for name in [DROP, ANSWERS].into_iter().chain(Outcome::ALL.map(Outcome::id)) {
        std::fs::create_dir_all(root.join(name)).map_err(io("a folder cannot be made"))?;
    }
    match read_marker(root) {
        Err(DiskError::NoMarker(_)) => write_marker(root, fresh, false),
        other => other,
    }
}

/// Gives an inbox another name of its own: it was copied from one that keeps the name. Gives the new one.
///
/// # Errors
/// [`DiskError`]: also where there is no inbox.
pub fn renew(root: &Path, fresh: &str) -> Result<String, DiskError> {
    read_marker(root)?;
    write_marker(root, fresh, true)
}

fn write_marker(root: &Path, fresh: &str, replace: bool) -> Result<String, DiskError> {
    let (part, marker) = (root.join(format!("{MARKER}.{fresh}")), root.join(MARKER));
    let write = || -> io::Result<()> {
        let mut file = File::create_new(&part)?;
        writeln!(file, "{fresh}")?;
        file.sync_all()?;
        let linked = if replace { None } else { Some(std::fs::hard_link(&part, &marker)) };
        match linked {
            // Somebody who sets it up at the same time was faster: theirs stays.
            Some(Err(error)) if error.kind() == io::ErrorKind::AlreadyExists => std::fs::remove_file(&part)?,
            Some(Ok(())) => std::fs::remove_file(&part)?,
            Some(Err(_)) | None => std::fs::rename(&part, &marker)?,
        }
        File::open(root)?.sync_all()
    };
    let failed = |source| DiskError::Io { path: root.to_owned(), what: "the marker cannot be written", source };
    write().map_err(failed)?;
    read_marker(root)
}

/// Reads the name of an inbox.
///
/// # Errors
/// [`DiskError::NoMarker`] where it is missing or says nothing; [`DiskError::Io`].
pub fn read_marker(root: &Path) -> Result<String, DiskError> {
    let mut text = String::new();
    let read = File::open(root.join(MARKER)).and_then(|file| file.take(MARKER_BYTES).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(DiskError::NoMarker(root.to_owned())),
        Err(source) => return Err(DiskError::Io { path: root.to_owned(), what: "the marker cannot be read", source }),
        Ok(_) => {}
    }
    let name = text.trim();
    let sound = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if sound { Ok(name.to_owned()) } else { Err(DiskError::NoMarker(root.to_owned())) }
}

/// The folders that one process watches, by their markers: of two with the same one, only the first is worked at.
#[derive(Debug, Clone, Default)]
pub struct Neighbours(Arc<Mutex<HashMap<String, PathBuf>>>);

impl Neighbours {
    /// Notes the marker of a folder, which keeps it as long as the process runs.
    ///
    /// # Errors
    /// One sentence, where another folder has the same.
    pub fn note(&self, marker: &str, root: &Path) -> Result<(), String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = known.entry(marker.to_owned()).or_insert_with(|| root.to_owned());
        if first == root {
            return Ok(());
        }
        let (root, first) = (root.display(), first.display());
        Err(format!(
            "{root} was copied from {first}, or is the same folder: they have one marker, and nothing is taken from \
             {root}; run `caruman inbox init --new-marker` on the copy, or remove one of them from the configuration"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::Disk;
    use super::*;

    #[test]
    fn an_inbox_is_made_once_and_keeps_its_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("in");
        assert!(matches!(Disk::open(&root), Err(DiskError::NoMarker(_))));
        assert_eq!(init(&root, "one").expect("made"), "one");
        assert_eq!(init(&root, "two").expect("there"), "one");
        assert_eq!(Disk::open(&root).expect("open").id, "one");
        std::fs::write(root.join(MARKER), "").expect("written");
        assert!(matches!(Disk::open(&root), Err(DiskError::NoMarker(_))), "an empty marker proves nothing");
    }

    #[test]
    fn a_copy_gets_a_name_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, copy) = (folder.path().join("first"), folder.path().join("copy"));
        assert!(matches!(renew(&first, "new"), Err(DiskError::NoMarker(_))), "there is nothing to renew");
        for root in [&first, &copy] {
            init(root, "one").expect("made");
        }
        let neighbours = Neighbours::default();
        for _ in 0..2 {
            assert_eq!(neighbours.note("one", &first), Ok(()));
            let said = neighbours.clone().note("one", &copy).expect_err("a copy");
            assert!(said.contains("copy was copied from") && said.contains("--new-marker"), "{said}");
        }
        assert_eq!(renew(&copy, "two").expect("renewed"), "two");
        assert_eq!(neighbours.note("two", &copy), Ok(()));
        let names = std::fs::read_dir(&copy).expect("a folder").count();
        assert_eq!(names, 2 + Outcome::ALL.len() + 1, "the places and the marker, nothing else");
    }
}
