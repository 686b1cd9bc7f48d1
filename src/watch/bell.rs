//! A bell at the drop place: the file system tells of what is dropped, so that the next look comes at once. It wakes, and
//! knows of renames that were too quick to be seen; what may be taken is decided by what a look finds. Where it does not
//! ring (a share that another machine writes to, no watch left), looks come at their intervals all the same.

use std::collections::{HashMap, HashSet};
use std::mem::MaybeUninit;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io;

use super::entry::unfinished;

/// After the first ring, so long for others: a hundred files at once are one look.
const GATHER: Duration = Duration::from_millis(50);

/// The bell of one drop place.
pub(super) struct Bell {
    notices: OwnedFd,
    watch: Option<i32>,
    /// Files that are called what they will be called since a rename, and were not touched after it.
    renamed: HashSet<Vec<u8>>,
}

impl Bell {
    /// A bell that hangs nowhere yet.
    ///
    /// # Errors
    /// What the system reports: it has a limit of them.
    pub(super) fn new() -> io::Result<Bell> {
        let notices = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Bell { notices, watch: None, renamed: HashSet::new() })
    }

    /// Hangs it at a drop place, before that is looked at; the same place again changes nothing. A place that cannot be
    /// watched does not ring.
    pub(super) fn hang(&mut self, drop: &Path) {
        let what = WatchFlags::CREATE | WatchFlags::MOVE | WatchFlags::CLOSE_WRITE;
        let watch = inotify::add_watch(&self.notices, drop, what | WatchFlags::ONLYDIR | WatchFlags::DONT_FOLLOW).ok();
        if let Some(before) = self.watch
            && watch != Some(before)
        {
            // It was another folder of that name.
            let _ = inotify::remove_watch(&self.notices, before);
        }
        self.watch = watch;
    }

    /// Waits until something was dropped, or so long.
    pub(super) fn wait(&mut self, longest: Duration) {
        let timeout = Timespec::try_from(longest).ok();
        let rung = poll(&mut [PollFd::new(&self.notices, PollFlags::IN)], timeout.as_ref());
        if rung.is_ok_and(|count| count > 0) {
            std::thread::sleep(GATHER.min(longest));
            self.listen();
        }
    }

    /// Names that files got by a rename and kept, each told once.
    pub(super) fn renamed(&mut self) -> HashSet<Vec<u8>> {
        std::mem::take(&mut self.renamed)
    }

    /// Reads what happened, in its order. After an error the files are found by looking.
    fn listen(&mut self) {
        let mut buffer = [MaybeUninit::uninit(); 1 << 12];
        let mut reader = Reader::new(&self.notices, &mut buffer);
        let mut moving: HashMap<u32, Vec<u8>> = HashMap::new();
        while let Ok(event) = reader.next() {
            let Some(name) = event.file_name().map(|name| name.to_bytes().to_vec()) else { continue };
            let what = event.events();
            if what.contains(ReadFlags::MOVED_FROM) {
                self.renamed.remove(&name);
                moving.insert(event.cookie(), name);
            } else if what.contains(ReadFlags::MOVED_TO) {
                let before = moving.remove(&event.cookie());
                if before.is_some_and(|before| unfinished(&before) == Some(&name)) {
                    self.renamed.insert(name);
                } else {
                    self.renamed.remove(&name);
                }
            } else {
                // Made or written under that name: somebody may still be writing.
                self.renamed.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(bell: &mut Bell) -> Vec<String> {
        bell.wait(Duration::from_secs(60));
        let mut names: Vec<String> =
            bell.renamed().into_iter().map(|name| String::from_utf8_lossy(&name).into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_rename_is_told_once_and_what_is_touched_after_it_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let put = |name: &str, from: &str| {
            fs::write(path(from), "x").expect("written");
            fs::rename(path(from), path(name)).expect("renamed");
        };
        let mut bell = Bell::new().expect("a bell");
        bell.hang(folder.path());
        put("a.txt", "a.txt.part");
        put("b.txt", "B.tmp");
        put("c.txt", "c.txt.PART");
        fs::write(path("c.txt"), "more").expect("written");
        put("d.txt", "d.txt.part");
        fs::rename(path("d.txt"), path("e.txt")).expect("renamed");
        bell.hang(folder.path());
        assert_eq!(names(&mut bell), ["a.txt"]);
        fs::write(path("f.txt"), "x").expect("written");
        assert_eq!(names(&mut bell), [""; 0], "it rang, and a.txt was told");
        // Nothing happens: it waits so long.
        bell.wait(Duration::from_millis(1));
    }

    #[test]
    fn a_place_that_went_away_does_not_ring_and_its_successor_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let drop = folder.path().join("drop");
        let mut bell = Bell::new().expect("a bell");
        bell.hang(&drop);
        bell.wait(Duration::from_millis(1));
        for round in ["one", "two"] {
            fs::create_dir(&drop).expect("made");
            bell.hang(&drop);
            fs::write(drop.join("a.txt.part"), "x").expect("written");
            fs::rename(drop.join("a.txt.part"), drop.join("a.txt")).expect("renamed");
            assert_eq!(names(&mut bell), ["a.txt"], "{round}");
            fs::rename(&drop, folder.path().join(round)).expect("moved away");
        }
    }
}
