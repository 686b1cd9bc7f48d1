//! What lies in a drop place, and when it may be taken. Pure: the moment is a parameter, measured with a clock that only
//! goes forward.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Scans in which a file must look the same, if nothing else says that it is complete.
const SCANS: u32 = 3;

/// Endings of files that somebody is still writing.
const UNFINISHED: [&[u8]; 5] = [b".part", b".partial", b".filepart", b".tmp", b"~"];

/// Ending of a file that says what is in another.
const DONE: &[u8] = b".done";

/// What kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A link.
    Symlink,
    /// A folder.
    Folder,
    /// A pipe, socket or device.
    Special,
}

/// What the file system says of a file; two that are equal are of the same unchanged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Kind.
    pub kind: Kind,
    /// Its number.
    pub inode: u64,
    /// 1, or 2 for several names.
    pub links: u64,
    /// Bytes.
    pub size: u64,
    /// Seconds and nanoseconds.
    pub modified: (i64, i64),
    /// Seconds and nanoseconds.
    pub changed: (i64, i64),
}

/// One name in a drop place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name's bytes.
    pub name: Vec<u8>,
    /// What it leads to.
    pub stamp: Stamp,
}

/// A file that may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The file.
    pub entry: Entry,
    /// The name of a `.done` file, which may say what its bytes are.
    pub done: Option<Vec<u8>>,
    /// It did not change for the whole window.
    pub quiet: bool,
}

/// What a scan found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// May be taken now.
    pub ready: Vec<Ready>,
    /// Files that are not known to be complete.
    pub waiting: usize,
    /// When the first of them may be.
    pub next: Option<Duration>,
}

struct Watched {
    stamp: Stamp,
    since: Duration,
    scans: u32,
}

/// Remembers what files looked like.
pub struct Readiness {
    window: Duration,
    seen: HashMap<Vec<u8>, Watched>,
    /// Files under a name that says they are being written, by inode: under their final name they are complete.
    parts: HashMap<u64, Vec<u8>>,
    /// Renamed from such a name between two looks.
    renamed: HashSet<Vec<u8>>,
    /// Markers whose ending is not written `.done`, by the file they describe.
    odd: HashMap<Vec<u8>, Vec<u8>>,
}

impl Readiness {
    /// With a window in which a file must not change; zero takes files at once.
    pub fn new(window: Duration) -> Self {
        let (seen, parts, odd) = (HashMap::new(), HashMap::new(), HashMap::new());
        Readiness { window, seen, parts, renamed: HashSet::new(), odd }
    }

    /// These got their names by a rename from a name that says they are being written, too quickly to be seen under it:
    /// they are complete at the next look.
    pub fn note_renamed(&mut self, names: HashSet<Vec<u8>>) {
        self.renamed.extend(names);
    }

    /// Looks at a scan, at a moment.
    pub fn look(&mut self, entries: &[Entry], at: Duration) -> Scan {
        let mut scan = Scan::default();
        let mut seen = HashMap::with_capacity(entries.len());
        let mut parts = HashMap::new();
        let marker = |entry: &'_ Entry| without(&entry.name, DONE).map(<[u8]>::to_vec);
        let done: HashMap<Vec<u8>, &[u8]> =
            entries.iter().filter_map(|entry| Some((marker(entry)?, entry.name.as_slice()))).collect();
        for entry in entries.iter().filter(|entry| without(&entry.name, DONE).is_none()) {
            if let Some(name) = unfinished(&entry.name) {
                parts.insert(entry.stamp.inode, name.to_vec());
                continue;
            }
            let watched = match self.seen.remove(&entry.name) {
                Some(before) if before.stamp == entry.stamp => Watched { scans: before.scans + 1, ..before },
                _ => Watched { stamp: entry.stamp, since: at, scans: 1 },
            };
            let rest = self.window.saturating_sub(at.saturating_sub(watched.since));
            let quiet = self.window.is_zero() || rest.is_zero() && watched.scans >= SCANS;
            let announced = done.get(entry.name.as_slice()).map(|name| name.to_vec());
            let renamed = self.parts.get(&entry.stamp.inode) == Some(&entry.name) || self.renamed.contains(&entry.name);
            if renamed {
                // It stays complete if it cannot be taken at once.
                parts.insert(entry.stamp.inode, entry.name.clone());
            }
            if quiet || (announced.is_some() || renamed) && entry.stamp.kind == Kind::File {
                scan.ready.push(Ready { entry: entry.clone(), done: announced, quiet });
            } else {
                scan.waiting += 1;
                let next = rest / (SCANS.saturating_sub(watched.scans)).max(1);
                scan.next = Some(scan.next.map_or(next, |known: Duration| known.min(next)));
            }
            seen.insert(entry.name.clone(), watched);
        }
        let odd = done.into_iter().filter(|(_, marker)| !marker.ends_with(DONE));
        self.odd = odd.map(|(name, marker)| (name, marker.to_vec())).collect();
        (self.seen, self.parts) = (seen, parts);
        self.renamed.clear();
        scan
    }

    /// The name of the marker of a file, there or not.
    pub fn marker(&self, name: &[u8]) -> Vec<u8> {
        self.odd.get(name).cloned().unwrap_or_else(|| [name, DONE].concat())
    }
}

/// The name that a file will have once it is written, for one that is being written.
pub(super) fn unfinished(name: &[u8]) -> Option<&[u8]> {
    UNFINISHED.iter().find_map(|ending| without(name, ending))
}

/// A name without an ending, in whatever case it is written.
fn without<'n>(name: &'n [u8], ending: &[u8]) -> Option<&'n [u8]> {
    let (stem, found) = name.split_at_checked(name.len().checked_sub(ending.len())?)?;
    found.eq_ignore_ascii_case(ending).then_some(stem)
}

/// What a `.done` file says; what it does not say is `None`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Bytes.
    pub size: Option<u64>,
    /// SHA-256 in lower-case letters.
    pub sha256: Option<String>,
}

impl Done {
    /// Reads `size=123` and `sha256=…`, one a line; `:` or blanks may stand for `=`; and `SUM  NAME`, as `sha256sum`
    /// writes it. Other lines are not looked at. Where a size or sum cannot be read, the whole says nothing: it may be
    /// half written.
    pub fn read(text: &str) -> Done {
        let mut done = Done::default();
        for line in text.lines() {
            let words = line.split(|c: char| c == '=' || c == ':' || c.is_whitespace()).filter(|word| !word.is_empty());
            let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
            let [key, ..] = &words[..] else { continue };
            let value = words.last().filter(|_| words.len() > 1);
            let read = match key.as_str() {
                "size" => {
                    done.size = value.and_then(|value| value.parse().ok());
                    done.size.is_some()
                }
                "sha256" => {
                    done.sha256 = value.filter(|value| is_sha256(value)).cloned();
                    done.sha256.is_some()
                }
                sum if is_sha256(sum) => {
                    done.sha256 = Some(sum.to_owned());
                    true
                }
                _ => true,
            };
            if !read {
                return Done::default();
            }
        }
        done
    }

    /// True when it says nothing by which a file could be known to be complete.
    pub fn says_nothing(&self) -> bool {
        self.size.is_none() && self.sha256.is_none()
    }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: u64) -> Entry {
        let stamp = Stamp { kind: Kind::File, inode: 7, links: 1, size, modified: (1, 0), changed: (1, 0) };
        Entry { name: name.as_bytes().to_vec(), stamp }
    }

    fn seconds(at: u64) -> Duration {
        Duration::from_secs(at)
    }

    #[test]
    fn a_file_is_taken_after_a_quiet_window_and_three_scans() {
        let mut readiness = Readiness::new(seconds(10));
        let file = [entry("a.txt", 5)];
        for at in [0, 2, 9] {
            assert!(readiness.look(&file, seconds(at)).ready.is_empty(), "{at}");
        }
        let scan = readiness.look(&file, seconds(10));
        assert!(scan.ready[0].quiet && scan.waiting == 0);
        // Two scans are too few, however far apart.
        let mut readiness = Readiness::new(seconds(10));
        assert_eq!(readiness.look(&file, seconds(0)).next, Some(seconds(5)));
        assert!(readiness.look(&file, seconds(100)).ready.is_empty());
        assert_eq!(readiness.look(&file, seconds(100)).ready.len(), 1);
    }

    #[test]
    fn a_change_starts_the_window_again() {
        let mut readiness = Readiness::new(seconds(4));
        for (at, size) in [(0, 1), (2, 1), (3, 2), (5, 2)] {
            assert!(readiness.look(&[entry("a.txt", size)], seconds(at)).ready.is_empty());
        }
        assert_eq!(readiness.look(&[entry("a.txt", 2)], seconds(7)).ready.len(), 1);
    }

    #[test]
    fn a_part_is_never_taken_and_its_final_name_at_once() {
        let mut readiness = Readiness::new(seconds(10));
        assert_eq!(readiness.look(&[entry("a.txt.part", 1)], seconds(0)), Scan::default());
        assert_eq!(readiness.look(&[entry("a.txt.part", 1)], seconds(100)), Scan::default());
        assert_eq!(readiness.look(&[entry("a.txt", 2)], seconds(101)).ready.len(), 1);
        assert_eq!(readiness.look(&[entry("a.txt", 2)], seconds(102)).ready.len(), 1, "and stays complete");
        // Too quick to be seen, but told.
        let mut readiness = Readiness::new(seconds(10));
        readiness.note_renamed(HashSet::from([b"a.txt".to_vec()]));
        assert_eq!(readiness.look(&[entry("a.txt", 2)], seconds(0)).ready.len(), 1);
        assert_eq!(readiness.look(&[entry("a.txt", 2)], seconds(1)).ready.len(), 1, "and stays complete");
        let replaced = Entry { stamp: Stamp { inode: 8, ..entry("a.txt", 3).stamp }, ..entry("a.txt", 3) };
        assert!(readiness.look(&[replaced], seconds(2)).ready.is_empty(), "another file of that name");
        // Another name with the same number is another file.
        let mut readiness = Readiness::new(seconds(10));
        readiness.look(&[entry("a.txt.part", 1)], seconds(0));
        assert!(readiness.look(&[entry("b.txt", 2)], seconds(1)).ready.is_empty());
    }

    #[test]
    fn a_done_file_says_that_a_file_is_complete() {
        let mut readiness = Readiness::new(seconds(10));
        let scan = readiness.look(&[entry("a.txt", 1), entry("a.txt.done", 1)], seconds(0));
        assert!(scan.ready.len() == 1 && scan.ready[0].done.is_some() && !scan.ready[0].quiet);
        let sum = "AB".repeat(32);
        for text in [
            format!("size=12\r\nSHA256: {sum}\n# anything\n"),
            format!("size 12\n{sum}  a.txt\n"),
            format!("size=12\n{sum} *a.txt"),
            format!("size=12\nSHA256 (a.txt) = {sum}\n"),
        ] {
            let done = Done::read(&text);
            assert_eq!((done.size, done.sha256), (Some(12), Some(sum.to_ascii_lowercase())), "{text}");
        }
        for text in ["", "size=", "size=x", "size=12\nsha256=abcd", "size=12\nsha256=", "hello", &sum[1..]] {
            assert!(Done::read(text).says_nothing(), "{text}");
        }
        assert!(!Done::read("size=0").says_nothing());
    }

    #[test]
    fn endings_may_be_written_in_capitals() {
        let mut readiness = Readiness::new(seconds(0));
        assert_eq!(readiness.look(&[entry("a.txt.PART", 1), entry("b.Tmp", 1)], seconds(0)), Scan::default());
        assert_eq!(readiness.look(&[entry("a.txt.DONE", 1)], seconds(0)), Scan::default(), "alone it is nothing");
        let mut readiness = Readiness::new(seconds(10));
        let scan = readiness.look(&[entry("a.txt", 1), entry("a.txt.Done", 1)], seconds(0));
        assert_eq!(scan.ready[0].done.as_deref(), Some(b"a.txt.Done".as_slice()));
    }

    #[test]
    fn without_a_window_everything_is_taken_at_once() {
        let mut readiness = Readiness::new(Duration::ZERO);
        assert_eq!(readiness.look(&[entry("a.txt", 1)], seconds(0)).ready.len(), 1);
        assert!(readiness.look(&[entry("a.txt.tmp", 1)], seconds(0)).ready.is_empty());
    }
}
