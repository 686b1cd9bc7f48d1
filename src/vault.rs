//! The vault: originals, sealed. Small ones as bytes for the database, large ones as files in `DATA/vault`.
//!
//! Both have one form: a head with the original's own key, wrapped by the master key, then frames of up to 1 MiB of
//! the original, each compressed and sealed. A frame is bound to the digest of the whole, its place and whether it is
//! the last, so nothing can be exchanged, moved or cut off unnoticed. A file is written and read frame by frame: it is
//! never whole in memory. `docs/block-format.md` has the picture.
//!
//! A file has its name (`vault/ab/abcd….sealed`, the BLAKE3 of the original) only when it is complete and flushed, and
//! a name is never given to other bytes.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use crate::keys::{DataKey, MasterKey, SealError};

/// Originals up to this size are kept in the database, in the transaction of their arrival.
pub const DATABASE_LIMIT: u64 = 1 << 20;
/// Original bytes in a frame.
const FRAME: usize = 1 << 20;
/// First bytes: what this is, and its version.
const MAGIC: [u8; 8] = *b"CARUORG1";
/// Set in a frame's length when it is the last.
const LAST: u32 = 1 << 31;
/// No sealed frame is longer: what cannot be compressed grows a little, and the seal adds 29 bytes.
const LONGEST: u32 = (FRAME + FRAME / 128 + 1024) as u32;
/// Longest wrapped key that is read.
const LONGEST_KEY: u32 = 1024;

/// BLAKE3 of an original: its identity and its name.
pub type OriginalDigest = [u8; 32];

/// Why an original cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Not there.
    #[error("the original {0} is not in the vault; restore a back-up")]
    Missing(String),
    /// Not what was kept.
    #[error("the original {name} in the vault is damaged ({why}); restore a back-up")]
    Damaged {
        /// Its digest.
        name: String,
        /// How it shows.
        why: &'static str,
    },
    /// The source gave other bytes than those that were judged.
    #[error("the file changed while it was being kept; submit it again when nobody writes to it")]
    Changed,
    /// The file system said no.
    #[error("the vault {path} cannot be used: {source}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Originals of one data folder.
#[derive(Debug, Clone)]
pub struct Vault {
    folder: PathBuf,
    master: MasterKey,
}

impl Vault {
    /// The vault of a data folder; nothing is made until something is kept.
    pub fn new(data_dir: &Path, master: &MasterKey) -> Self {
        Self { folder: data_dir.join("vault"), master: master.clone() }
    }

    /// An original in its kept form, for the database. Pure but for the random key and nonces.
    pub fn seal(&self, digest: &OriginalDigest, original: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(original.len() / 4 + 256);
        self.write(digest, original, &mut sealed).expect("reading and writing memory cannot fail");
        sealed
    }

    /// Keeps an original as a file: written to a temporary name, flushed, given its name, folder flushed. The same
    /// original may be kept any number of times, by several processes at once.
    ///
    /// # Errors
    /// [`VaultError::Changed`] when `source` gives other bytes than the digest says; [`VaultError::Io`].
    pub fn keep(&self, digest: &OriginalDigest, source: impl Read) -> Result<(), VaultError> {
        let path = self.path(digest);
        let folder = path.parent().expect("an original lies in a folder");
        let io = |source| VaultError::Io { path: path.clone(), source };
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(io)?;
            for made in [self.folder.as_path(), self.folder.parent().expect("the vault lies in the data folder")] {
                flush_folder(made).map_err(io)?;
            }
        }
        let part = folder.join(part_name());
        let kept = self.write_part(digest, source, &part).and_then(|()| self.give_name(digest, &part, &path));
        // Gone already when it was renamed; else it is worth nothing, and remove_parts finds it later.
        let _ = fs::remove_file(&part);
        kept?;
        flush_folder(folder).map_err(io)
    }

    fn write_part(&self, digest: &OriginalDigest, source: impl Read, part: &Path) -> Result<(), VaultError> {
        let io = |source| VaultError::Io { path: part.to_owned(), source };
        let mut out = BufWriter::new(private_file(part).map_err(io)?);
        let found = self.write(digest, source, &mut out).map_err(io)?;
        if found != *digest {
            return Err(VaultError::Changed);
        }
        let file = out.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)
    }

    /// A name is given without replacing another file; a damaged file gives way to the sound one.
    fn give_name(&self, digest: &OriginalDigest, part: &Path, path: &Path) -> Result<(), VaultError> {
        let named = match fs::hard_link(part, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match self.verify(digest) {
                Ok(()) => Ok(()),
                Err(_) => fs::rename(part, path),
            },
            other => other,
        };
        named.map_err(|source| VaultError::Io { path: path.to_owned(), source })
    }

    /// Reads an original from its file.
    ///
    /// # Errors
    /// [`VaultError::Missing`], [`VaultError::Damaged`], [`VaultError::Io`]; reading on gives errors of kind
    /// `InvalidData` where the file is damaged.
    pub fn read(&self, digest: &OriginalDigest) -> Result<OriginalReader<BufReader<File>>, VaultError> {
        let path = self.path(digest);
        let file = File::open(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => VaultError::Missing(hex(digest)),
            _ => VaultError::Io { path: path.clone(), source },
        })?;
        self.read_sealed(digest, BufReader::new(file))
    }

    /// Reads an original from its kept form, such as the database gives it.
    ///
    /// # Errors
    /// [`VaultError::Damaged`]; then as [`Vault::read`].
    pub fn read_sealed<R: Read>(
        &self,
        digest: &OriginalDigest,
        mut sealed: R,
    ) -> Result<OriginalReader<R>, VaultError> {
        let key = self.read_head(digest, &mut sealed).map_err(|why| VaultError::Damaged { name: hex(digest), why })?;
        Ok(OriginalReader {
            sealed,
            key,
            digest: *digest,
            hash: blake3::Hasher::new(),
            frame: 0,
            ended: false,
            bytes: Vec::new(),
            at: 0,
        })
    }

    /// Reads an original to its end and compares it with its digest.
    ///
    /// # Errors
    /// As [`Vault::read`].
    pub fn verify(&self, digest: &OriginalDigest) -> Result<(), VaultError> {
        let mut reader = self.read(digest)?;
        io::copy(&mut reader, &mut io::sink()).map(|_| ()).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => VaultError::Damaged { name: hex(digest), why: "it does not open" },
            _ => VaultError::Io { path: self.path(digest), source: error },
        })
    }

    /// Removes what killed processes left half written, if it is older than `age` (a day is safe). Gives how many.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn remove_parts(&self, age: Duration) -> Result<usize, VaultError> {
        let io = |source| VaultError::Io { path: self.folder.clone(), source };
        let mut removed = 0;
        if !self.folder.is_dir() {
            return Ok(0);
        }
        for folder in fs::read_dir(&self.folder).map_err(io)? {
            for entry in fs::read_dir(folder.map_err(io)?.path()).map_err(io)? {
                let entry = entry.map_err(io)?;
                let old = || -> io::Result<bool> {
                    let since = SystemTime::now().duration_since(entry.metadata()?.modified()?);
                    Ok(since.is_ok_and(|since| since >= age))
                };
                if entry.path().extension().is_some_and(|extension| extension == "part") && old().map_err(io)? {
                    fs::remove_file(entry.path()).map_err(io)?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Where an original lies: `vault/ab/abcd….sealed`.
    pub fn path(&self, digest: &OriginalDigest) -> PathBuf {
        let name = hex(digest);
        self.folder.join(&name[..2]).join(format!("{name}.sealed"))
    }

    /// Writes the kept form and gives the digest of what was read.
    fn write(
        &self,
        digest: &OriginalDigest,
        mut source: impl Read,
        out: &mut impl Write,
    ) -> io::Result<OriginalDigest> {
        let (key, wrapped) = self.master.new_data_key(&owner(digest));
        out.write_all(&MAGIC)?;
        out.write_all(&u32::try_from(wrapped.len()).expect("a wrapped key is short").to_le_bytes())?;
        out.write_all(&wrapped)?;
        let mut hash = blake3::Hasher::new();
        let (mut this, mut next) = (Vec::new(), Vec::new());
        fill(&mut source, &mut this)?;
        for frame in 0.. {
            fill(&mut source, &mut next)?;
            hash.update(&this);
            let last = next.is_empty();
            let sealed = key.seal_compressed(&place(digest, frame, last), &this);
            let length = u32::try_from(sealed.len()).expect("a frame is about 1 MiB");
            out.write_all(&(if last { length | LAST } else { length }).to_le_bytes())?;
            out.write_all(&sealed)?;
            if last {
                break;
            }
            std::mem::swap(&mut this, &mut next);
        }
        out.flush()?;
        Ok(*hash.finalize().as_bytes())
    }

    fn read_head(&self, digest: &OriginalDigest, sealed: &mut impl Read) -> Result<DataKey, &'static str> {
        let mut magic = [0; MAGIC.len()];
        sealed.read_exact(&mut magic).map_err(|_| "it is cut off")?;
        if magic != MAGIC {
            return Err("it is not an original, or one of a later program");
        }
        let length = read_number(sealed).map_err(|_| "it is cut off")?;
        if length > LONGEST_KEY {
            return Err("its key is too long");
        }
        let mut wrapped = vec![0; length as usize];
        sealed.read_exact(&mut wrapped).map_err(|_| "it is cut off")?;
        self.master.unwrap_data_key(&owner(digest), &wrapped).map_err(|_| "its key does not open")
    }
}

/// An original as it was, from its kept form. Its end is given only after the whole has fitted its digest.
#[derive(Debug)]
pub struct OriginalReader<R> {
    sealed: R,
    key: DataKey,
    digest: OriginalDigest,
    hash: blake3::Hasher,
    frame: u64,
    ended: bool,
    bytes: Vec<u8>,
    at: usize,
}

impl<R: Read> OriginalReader<R> {
    fn next_frame(&mut self) -> io::Result<()> {
        let length = read_number(&mut self.sealed).map_err(cut_off)?;
        let last = length & LAST != 0;
        let length = length & !LAST;
        if length > LONGEST {
            return Err(damaged(SealError::DoesNotOpen));
        }
        let mut sealed = vec![0; length as usize];
        self.sealed.read_exact(&mut sealed).map_err(cut_off)?;
        let place = place(&self.digest, self.frame, last);
        self.bytes = self.key.open_compressed(&place, &sealed, FRAME).map_err(damaged)?;
        self.at = 0;
        self.frame += 1;
        self.hash.update(&self.bytes);
        if last {
            self.ended = true;
            let more = self.sealed.read(&mut [0])?;
            if more != 0 || *self.hash.finalize().as_bytes() != self.digest {
                return Err(damaged(SealError::DoesNotOpen));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for OriginalReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.bytes.len() && !self.ended {
            self.next_frame()?;
        }
        let count = out.len().min(self.bytes.len() - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

fn damaged(error: SealError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn cut_off(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { damaged(SealError::DoesNotOpen) } else { error }
}

fn read_number(source: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    source.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// Reads a frame's worth, less only at the end.
fn fill(source: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<()> {
    frame.clear();
    source.take(FRAME as u64).read_to_end(frame).map(|_| ())
}

/// Whose key it is.
fn owner(digest: &OriginalDigest) -> Vec<u8> {
    [b"original ".as_slice(), digest].concat()
}

/// Where a frame belongs.
fn place(digest: &OriginalDigest, frame: u64, last: bool) -> [u8; 42] {
    let mut place = [b'O'; 42];
    place[1..33].copy_from_slice(digest);
    place[33..41].copy_from_slice(&frame.to_le_bytes());
    place[41] = u8::from(last);
    place
}

fn hex(digest: &OriginalDigest) -> String {
    blake3::Hash::from_bytes(*digest).to_hex().to_string()
}

/// Different for every process and call.
fn part_name() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}.part", std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder {
        data: tempfile::TempDir,
        vault: Vault,
    }

    fn folder() -> Folder {
        let data = tempfile::tempdir().expect("a folder");
        let master = MasterKey::load_or_create(data.path()).expect("a key");
        let vault = Vault::new(data.path(), &master);
        Folder { data, vault }
    }

    fn digest(bytes: &[u8]) -> OriginalDigest {
        *blake3::hash(bytes).as_bytes()
    }

    fn bytes_of(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i % 251) as u8 ^ (i / 4096) as u8).collect()
    }

    fn opened(vault: &Vault, digest: &OriginalDigest, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut reader = vault.read_sealed(digest, sealed).map_err(io::Error::other)?;
        let mut all = Vec::new();
        reader.read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn lengths_below_at_and_above_a_frame() {
        let folder = folder();
        for length in [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 1] {
            let original = bytes_of(length);
            let name = digest(&original);
            assert!(opened(&folder.vault, &name, &folder.vault.seal(&name, &original)).expect("opens") == original);
            folder.vault.keep(&name, original.as_slice()).expect("kept");
            let mut back = Vec::new();
            folder.vault.read(&name).expect("there").read_to_end(&mut back).expect("reads");
            assert!(back == original, "{length}");
            assert!(folder.vault.verify(&name).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_compressed_fits_too() {
        let folder = folder();
        let mut original = vec![0; FRAME + 5];
        aws_lc_rs::rand::fill(&mut original).expect("random");
        let name = digest(&original);
        assert!(opened(&folder.vault, &name, &folder.vault.seal(&name, &original)).expect("opens") == original);
    }

    #[test]
    fn damage_of_any_kind_is_seen() {
        let folder = folder();
        let original = bytes_of(FRAME + 100);
        let name = digest(&original);
        let sealed = folder.vault.seal(&name, &original);
        for at in [0, 8, 12, 40, 80, sealed.len() / 2, sealed.len() - 1] {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert!(opened(&folder.vault, &name, &flipped).is_err(), "byte {at}");
        }
        for cut in [0, 5, 11, 60, sealed.len() / 2, sealed.len() - 1] {
            assert!(opened(&folder.vault, &name, &sealed[..cut]).is_err(), "cut at {cut}");
        }
        assert!(opened(&folder.vault, &name, &[sealed.as_slice(), b"more"].concat()).is_err());
        assert!(opened(&folder.vault, &digest(b"other"), &sealed).is_err(), "under another name");
        assert!(opened(&self::folder().vault, &name, &sealed).is_err(), "under another master key");
    }

    #[test]
    fn a_frame_less_is_seen() {
        let folder = folder();
        let original = bytes_of(2 * FRAME);
        let name = digest(&original);
        let sealed = folder.vault.seal(&name, &original);
        let head = 8 + 4 + u32::from_le_bytes(sealed[8..12].try_into().expect("four")) as usize;
        let first = u32::from_le_bytes(sealed[head..head + 4].try_into().expect("four"));
        // The first frame alone, marked as the last.
        let mut cut = sealed[..head + 4 + first as usize].to_vec();
        cut[head..head + 4].copy_from_slice(&(first | LAST).to_le_bytes());
        assert!(opened(&folder.vault, &name, &cut).is_err());
    }

    #[test]
    fn a_name_belongs_to_one_original() {
        let folder = folder();
        let original = bytes_of(3000);
        let name = digest(&original);
        let changed = folder.vault.keep(&name, &original[1..]);
        assert!(matches!(changed, Err(VaultError::Changed)));
        assert!(matches!(folder.vault.read(&name), Err(VaultError::Missing(_))));
        folder.vault.keep(&name, original.as_slice()).expect("kept");
        let first = fs::read(folder.vault.path(&name)).expect("there");
        folder.vault.keep(&name, original.as_slice()).expect("kept again");
        assert_eq!(fs::read(folder.vault.path(&name)).expect("there"), first, "not written twice");
        // A damaged one gives way.
        fs::write(folder.vault.path(&name), b"damaged").expect("written");
        assert!(matches!(folder.vault.verify(&name), Err(VaultError::Damaged { .. })));
        folder.vault.keep(&name, original.as_slice()).expect("kept again");
        assert!(folder.vault.verify(&name).is_ok());
        let beside = fs::read_dir(folder.vault.path(&name).parent().expect("a folder")).expect("listed").count();
        assert_eq!(beside, 1, "no temporary file is left");
    }

    #[test]
    fn parts_of_killed_processes_go_when_they_are_old() {
        let folder = folder();
        assert_eq!(folder.vault.remove_parts(Duration::ZERO).expect("nothing there"), 0);
        let original = bytes_of(10);
        folder.vault.keep(&digest(&original), original.as_slice()).expect("kept");
        let part = folder.vault.path(&digest(&original)).with_file_name("1-1.part");
        fs::write(&part, b"half").expect("written");
        assert_eq!(folder.vault.remove_parts(Duration::from_secs(3600)).expect("young"), 0);
        assert_eq!(folder.vault.remove_parts(Duration::ZERO).expect("old"), 1);
        assert!(!part.exists() && folder.vault.verify(&digest(&original)).is_ok());
        drop(folder.data);
    }
}
