//! A file in line-aligned pieces: read at positions, worked on in parallel, merged in order, hashed on the way.
//!
//! Piece `i` holds every line that *begins* in bytes `i·SIZE .. (i+1)·SIZE`, so workers need nothing from each other.
//! The BLAKE3 digest of the whole file is put together from the pieces (each is a whole subtree of its hash tree).

use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, PoisonError};

use blake3::hazmat::{ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use memchr::memchr;

/// Bytes of a piece: a power of two, so that it is a subtree of BLAKE3, and small enough to stay in a core's cache.
pub const CHUNK_BYTES: u64 = 256 * 1024;

/// Longest line that is looked at whole. The longest record has 278 characters of at most four bytes; the rest is room
/// for what a faulty producer adds.
pub const LINE_BYTES_MAX: u64 = 64 * 1024;

/// How many pieces may wait to be merged before workers pause: bounds the memory.
const WINDOW: u64 = 8;

/// Where bytes come from. The reader never opens files itself.
pub trait ByteSource: Sync {
    /// Size in bytes.
    fn len(&self) -> u64;

    /// True when there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes from `offset` on; 0 at the end.
    ///
    /// # Errors
    /// What the medium reports.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl ByteSource for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|from| self.get(from..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.as_slice().read_at(buffer, offset)
    }
}

/// Whole lines of a file, with their line ends.
#[derive(Debug)]
pub struct Chunk<'a> {
    /// Offset of the first line in the file.
    pub offset: u64,
    /// The lines; the last one may lack its line end at the end of the file, or where it is longer than
    /// [`LINE_BYTES_MAX`].
    pub bytes: &'a [u8],
}

impl Chunk<'_> {
    /// Which piece of the file this is, from 0.
    pub fn number(&self) -> u64 {
        self.offset / CHUNK_BYTES
    }
}

/// How to cut a file.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Offset of the first line (past a byte-order mark).
    pub start: u64,
    /// The byte that ends a line: `\n`, or `\r` where a file has nothing else.
    pub line_end: u8,
    /// Threads to work with, at least one.
    pub threads: usize,
}

/// Works on every piece of a file, in parallel, and merges the results in the order of the file.
///
/// # Errors
/// The first error of the source.
pub fn for_each_chunk<S, T, W, M>(source: &S, cut: Cut, work: W, merge: M) -> io::Result<blake3::Hash>
where
    S: ByteSource + ?Sized,
    T: Send,
    W: Fn(&Chunk<'_>) -> T + Sync,
    M: FnMut(T) + Send,
{
    let count = source.len().div_ceil(CHUNK_BYTES).max(1);
    let queue = Queue {
        state: Mutex::new(State {
            taken: 0,
            merged: 0,
            waiting: BTreeMap::new(),
            tree: HashTree::default(),
            error: None,
            merge,
        }),
        moved: Condvar::new(),
        count,
    };
    let threads = cut.threads.min(usize::try_from(count).unwrap_or(usize::MAX)).max(1);
    if threads == 1 {
        worker(source, cut, &work, &queue);
    } else {
        // A worker that cannot be started is no loss: the others take its pieces.
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|_| worker(source, cut, &work, &queue));
                }
            }),
            Err(_) => worker(source, cut, &work, &queue),
        }
    }
    let state = queue.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.error {
        Some(error) => Err(error),
        None => Ok(state.tree.finish()),
    }
}

struct Queue<T, M> {
    state: Mutex<State<T, M>>,
    moved: Condvar,
    count: u64,
}

struct State<T, M> {
    taken: u64,
    merged: u64,
    waiting: BTreeMap<u64, (T, Subtree)>,
    tree: HashTree,
    error: Option<io::Error>,
    merge: M,
}

fn worker<S, T, W, M>(source: &S, cut: Cut, work: &W, queue: &Queue<T, M>)
where
    S: ByteSource + ?Sized,
    W: Fn(&Chunk<'_>) -> T,
    M: FnMut(T),
{
    let mut buffer = Vec::new();
    let lock = || queue.state.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let number = {
            let mut state = lock();
            while state.taken < queue.count && state.taken >= state.merged + WINDOW && state.error.is_none() {
                state = queue.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if state.taken == queue.count || state.error.is_some() {
                return;
            }
            state.taken += 1;
            state.taken - 1
        };
        let done = one_chunk(source, cut, number, queue.count, work, &mut buffer);
        let mut state = lock();
        match done {
            Ok(result) => {
                state.waiting.insert(number, result);
                let state = &mut *state;
                while let Some((result, subtree)) = state.waiting.remove(&state.merged) {
                    (state.merge)(result);
                    state.tree.push(subtree);
                    state.merged += 1;
                }
            }
            Err(error) => state.error = Some(error),
        }
        queue.moved.notify_all();
    }
}

fn one_chunk<S, T>(
    source: &S,
    cut: Cut,
    number: u64,
    count: u64,
    work: impl Fn(&Chunk<'_>) -> T,
    buffer: &mut Vec<u8>,
) -> io::Result<(T, Subtree)>
where
    S: ByteSource + ?Sized,
{
    let from = number * CHUNK_BYTES;
    let to = (from + CHUNK_BYTES).min(source.len());
    // One byte more in front tells whether a line begins at `from`; a kilobyte more behind ends the last line.
    let low = from.saturating_sub(1);
    fill(source, buffer, low, (to + 1024).min(source.len()))?;
    let within = |offset: u64| (offset - low) as usize;
    let own = &buffer[within(from).min(buffer.len())..within(to).min(buffer.len())];
    let subtree = if count == 1 {
        Subtree::Whole(blake3::hash(own))
    } else {
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(from);
        Subtree::Part(hasher.update(own).finalize_non_root())
    };
    let start = if number == 0 {
        Some(cut.start)
    } else {
        memchr(cut.line_end, &buffer[..within(to).min(buffer.len())])
            .map(|at| low + at as u64 + 1)
            .filter(|start| *start < to)
    };
    let Some(start) = start else {
        return Ok((work(&Chunk { offset: from, bytes: &[] }), subtree));
    };
    let last = to.max(start + 1) - 1;
    let mut end = line_end_after(buffer, within(last), cut.line_end);
    if end.is_none() && to < source.len() {
        fill(source, buffer, low, (to + LINE_BYTES_MAX).min(source.len()))?;
        end = line_end_after(buffer, within(last), cut.line_end);
    }
    let end = end.unwrap_or(buffer.len());
    let bytes = buffer.get(within(start)..end).unwrap_or_default();
    Ok((work(&Chunk { offset: start, bytes }), subtree))
}

fn line_end_after(buffer: &[u8], from: usize, line_end: u8) -> Option<usize> {
    memchr(line_end, buffer.get(from..)?).map(|at| from + at + 1)
}

/// Reads exactly `low..high`, or less where the source ends early.
fn fill<S: ByteSource + ?Sized>(source: &S, buffer: &mut Vec<u8>, low: u64, high: u64) -> io::Result<()> {
    let wanted = (high - low) as usize;
    buffer.resize(wanted, 0);
    let mut have = 0;
    while have < wanted {
        match source.read_at(&mut buffer[have..], low + have as u64) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(have);
    Ok(())
}

/// The digest of one piece, as it enters the tree.
enum Subtree {
    Whole(blake3::Hash),
    Part(ChainingValue),
}

/// BLAKE3's tree over pieces that arrive in order: equal neighbours are joined as soon as a later piece shows that
/// they are not the root.
#[derive(Default)]
struct HashTree {
    whole: Option<blake3::Hash>,
    left: Vec<ChainingValue>,
    newest: Option<ChainingValue>,
    count: u64,
}

impl HashTree {
    fn push(&mut self, subtree: Subtree) {
        match subtree {
            Subtree::Whole(hash) => self.whole = Some(hash),
            Subtree::Part(value) => {
                if let Some(mut done) = self.newest.replace(value) {
                    let mut pairs = self.count;
                    while pairs & 1 == 0
                        && let Some(left) = self.left.pop()
                    {
                        done = merge_subtrees_non_root(&left, &done, Mode::Hash);
                        pairs >>= 1;
                    }
                    self.left.push(done);
                }
                self.count += 1;
            }
        }
    }

    fn finish(mut self) -> blake3::Hash {
        let Some(mut right) = self.newest else {
            return self.whole.unwrap_or_else(|| blake3::hash(b""));
        };
        while self.left.len() > 1
            && let Some(left) = self.left.pop()
        {
            right = merge_subtrees_non_root(&left, &right, Mode::Hash);
        }
        let left = self.left.pop().expect("a file in parts has at least two");
        merge_subtrees_root(&left, &right, Mode::Hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(bytes: &[u8], threads: usize) -> (Vec<u8>, usize, blake3::Hash) {
        let mut all = Vec::new();
        let mut lines = 0;
        let cut = Cut { start: 0, line_end: b'\n', threads };
        let work = |chunk: &Chunk<'_>| chunk.bytes.to_vec();
        let hash = for_each_chunk(bytes, cut, work, |piece: Vec<u8>| {
            lines += piece.iter().filter(|b| **b == b'\n').count();
            all.extend_from_slice(&piece);
        });
        (all, lines, hash.expect("memory does not fail"))
    }

    #[test]
    fn every_line_comes_once_and_the_digest_is_that_of_the_whole() {
        for length in [1_usize, 83, 223, 278, 1023, 60_000] {
            for count in [0_usize, 1, 7, 40_000] {
                if length * count > 40_000_000 {
                    continue;
                }
                let mut bytes = Vec::new();
                for i in 0..count {
                    bytes.extend(std::iter::repeat_n(b'a' + (i % 26) as u8, length));
                    bytes.push(b'\n');
                }
                for threads in [1, 3] {
                    let (all, lines, hash) = lines_of(&bytes, threads);
                    assert!(all == bytes, "{length} x {count}");
                    assert_eq!(lines, count);
                    assert_eq!(hash, blake3::hash(&bytes));
                }
            }
        }
    }

    #[test]
    fn digests_at_the_edges_of_pieces() {
        let size = CHUNK_BYTES as usize;
        for length in [size - 1, size, size + 1, 2 * size, 3 * size - 1, 5 * size + 77, 8 * size] {
            let bytes: Vec<u8> = (0..length).map(|i| if i % 251 == 250 { b'\n' } else { b'x' }).collect();
            let (all, _, hash) = lines_of(&bytes, 2);
            assert!(all == bytes);
            assert_eq!(hash, blake3::hash(&bytes), "{length}");
        }
    }

    #[test]
    fn a_line_without_end_stays_bounded() {
        let mut bytes = vec![b'x'; 3_000_000];
        bytes.extend_from_slice(b"\nlast\n");
        let (all, lines, hash) = lines_of(&bytes, 2);
        assert_eq!(lines, 1);
        assert!(all.ends_with(b"xlast\n"), "the over-long line is cut, the next one is whole");
        assert!(all.len() < (CHUNK_BYTES + LINE_BYTES_MAX) as usize + 10);
        assert_eq!(hash, blake3::hash(&bytes));
    }
}
