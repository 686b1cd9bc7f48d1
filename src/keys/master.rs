//! The master key: 32 random bytes in a file that only the office's account can read. It wraps every data key.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::seal::{DataKey, SealError, fill_random};

/// First line of a key file.
const TITLE: &str = "caruman master key 1";
/// What the key check seals: opening it proves that the key is the right one.
const CHECK: &[u8] = b"caruman key check";

/// The key of the office. Wraps data keys and opens nothing else.
#[derive(Clone)]
pub struct MasterKey {
    wrapping: DataKey,
    from: PathBuf,
}

/// Why there is no usable master key. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The data was sealed by a key whose file is not there.
    #[error(
        "the master key {0} is missing; put back the key file this data was made with (without it nothing can be read)"
    )]
    Missing(PathBuf),
    /// The file belongs to another set of data.
    #[error("the master key {0} is not the key this data was made with; put back the right key file")]
    Wrong(PathBuf),
    /// Others could read the key.
    #[error("the master key {path} can be read by others (mode {mode:04o}); run chmod 0400 on it")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not a key file.
    #[error(
        "{0} is not a master key file: it needs the line \"caruman master key 1\" and a line of 64 hexadecimal digits"
    )]
    NotAKey(PathBuf),
    /// The file system said no.
    #[error("the master key {path} cannot be read or made: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl MasterKey {
    /// Where the key lies inside a data folder.
    pub fn path_in(data_dir: &Path) -> PathBuf {
        data_dir.join("keys").join("master.key")
    }

    /// Reads a key file, the operator's or [`MasterKey::path_in`].
    ///
    /// # Errors
    /// [`KeyError`]: missing, open to others, or not a key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
            _ => KeyError::Io { path: path.to_owned(), source },
        };
        let mode = mode_of(&fs::metadata(path).map_err(io)?);
        if mode & 0o077 != 0 {
            return Err(KeyError::OpenToOthers { path: path.to_owned(), mode });
        }
        let text = Zeroizing::new(fs::read(path).map_err(io)?);
        let bytes = parse(&text, TITLE).ok_or_else(|| KeyError::NotAKey(path.to_owned()))?;
        Ok(Self { wrapping: DataKey::new(&bytes), from: path.to_owned() })
    }

    /// Reads the data folder's key, or makes one where there is none: written to a temporary file, flushed, given its
    /// name without replacing another, folder flushed.
    ///
    /// Call this only for data that has no key yet; for all other data use [`MasterKey::load`].
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load_or_create(data_dir: &Path) -> Result<Self, KeyError> {
        let path = Self::path_in(data_dir);
        if !path.exists() {
            create(&path, TITLE).map_err(|source| KeyError::Io { path: path.clone(), source })?;
        }
        Self::load(&path)
    }

    /// The file this key came from, for messages.
    pub fn path(&self) -> &Path {
        &self.from
    }

    /// A new random data key: the key, and its wrapped form to keep. `owner` says whose it is.
    pub fn new_data_key(&self, owner: &[u8]) -> (DataKey, Vec<u8>) {
        let mut bytes = Zeroizing::new([0; 32]);
        fill_random(&mut *bytes);
        (DataKey::new(&bytes), self.wrapping.seal(&wrap_place(owner), &*bytes))
    }

    /// The data key in its wrapped form, of the same owner.
    ///
    /// # Errors
    /// [`SealError`] when it was wrapped by another master key or for another owner.
    pub fn unwrap_data_key(&self, owner: &[u8], wrapped: &[u8]) -> Result<DataKey, SealError> {
        let bytes = Zeroizing::new(self.wrapping.open(&wrap_place(owner), wrapped)?);
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| SealError::DoesNotOpen)?;
        Ok(DataKey::new(bytes))
    }

    /// A value to keep beside the data; see [`MasterKey::verify`].
    pub fn check_value(&self) -> Vec<u8> {
        self.wrapping.seal(CHECK, CHECK)
    }

    /// Proves that this is the key with which [`MasterKey::check_value`] was made.
    ///
    /// # Errors
    /// [`KeyError::Wrong`].
    pub fn verify(&self, check_value: &[u8]) -> Result<(), KeyError> {
        match self.wrapping.open(CHECK, check_value) {
            Ok(plain) if plain == CHECK => Ok(()),
            _ => Err(KeyError::Wrong(self.from.clone())),
        }
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey(hidden, from {})", self.from.display())
    }
}

fn wrap_place(owner: &[u8]) -> Vec<u8> {
    [b"caruman data key of ", owner].concat()
}

#[cfg(unix)]
pub(super) fn mode_of(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
pub(super) fn mode_of(_: &fs::Metadata) -> u32 {
    0o400
}

/// The 32 bytes of a key file with this first line.
pub(super) fn parse(text: &[u8], title: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines = text.lines();
    let (first, digits) = (lines.next()?, lines.next()?.as_bytes());
    if first != title || digits.len() != 64 || lines.any(|rest| !rest.trim().is_empty()) {
        return None;
    }
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
    }
    Some(bytes)
}

/// Makes a key file of 32 random bytes under this first line; where another process was first, its key stays.
pub(super) fn create(path: &Path, title: &str) -> io::Result<()> {
    let folder = path.parent().expect("a key lies in a folder");
    fs::create_dir_all(folder)?;
    let mut bytes = Zeroizing::new([0; 32]);
    fill_random(&mut *bytes);
    let mut text = Zeroizing::new(format!("{title}\n"));
    for byte in bytes.iter() {
        text.push_str(&format!("{byte:02x}"));
    }
    text.push('\n');
    let name = path.file_name().expect("a key file has a name").to_string_lossy();
    let temporary = folder.join(format!("{name}.{}.part", std::process::id()));
    let written = write_private(&temporary, text.as_bytes()).and_then(|()| match fs::hard_link(&temporary, path) {
        // Another process was first: its key is the key.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    // The temporary name goes in every case; a failure to remove it must not hide the first error.
    let removed = fs::remove_file(&temporary);
    written.and(removed)?;
    File::open(folder)?.sync_all()?;
    folder.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    // A part left by a killed process of the same number is worth nothing.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    }

    #[test]
    fn made_once_and_read_again() {
        let data = tempfile::tempdir().expect("a folder");
        let first = MasterKey::load_or_create(data.path()).expect("made");
        let check = first.check_value();
        let again = MasterKey::load_or_create(data.path()).expect("read");
        assert!(again.verify(&check).is_ok());
        let path = MasterKey::path_in(data.path());
        assert_eq!(mode_of(&fs::metadata(&path).expect("there")), 0o400);
        assert_eq!(fs::read_dir(path.parent().expect("keys")).expect("keys").count(), 1, "no temporary file is left");
        let (key, wrapped) = first.new_data_key(b"A9900000001Z");
        let sealed = key.seal(b"", b"words");
        let unwrapped = again.unwrap_data_key(b"A9900000001Z", &wrapped).expect("unwrapped");
        assert_eq!(unwrapped.open(b"", &sealed).as_deref(), Ok(&b"words"[..]));
        assert!(again.unwrap_data_key(b"A9900000002Z", &wrapped).is_err(), "a key belongs to its employer");
        assert!(!format!("{first:?} {key:?}").contains(&fs::read_to_string(&path).expect("text")[21..31]));
    }

    #[test]
    fn another_key_is_refused() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let check = MasterKey::load_or_create(one.path()).expect("made").check_value();
        let other = MasterKey::load_or_create(two.path()).expect("made");
        assert!(matches!(other.verify(&check), Err(KeyError::Wrong(_))));
    }

    #[test]
    fn files_that_are_no_keys_are_refused() {
        let data = tempfile::tempdir().expect("a folder");
        let path = data.path().join("given.key");
        assert!(matches!(MasterKey::load(&path), Err(KeyError::Missing(_))));
        let good = "0123456789abcdefABCDEF0123456789".repeat(2);
        for (text, is_key) in [
            (format!("{TITLE}\n{good}\n"), true),
            (format!("{TITLE}\n{good}"), true),
            (format!("{TITLE}\n{good}0\n"), false),
            (format!("{TITLE}\n{}\n", &good[1..]), false),
            (format!("{TITLE}\n{}g\n", &good[1..]), false),
            (format!("{TITLE}\n{good}\nmore\n"), false),
            (format!("caruman master key 2\n{good}\n"), false),
            (String::new(), false),
        ] {
            fs::write(&path, text).expect("written");
            chmod(&path, 0o600);
            assert_eq!(MasterKey::load(&path).is_ok(), is_key);
        }
        fs::write(&path, format!("{TITLE}\n{good}\n")).expect("written");
        for (mode, fine) in [(0o400, true), (0o600, true), (0o440, false), (0o404, false), (0o644, false)] {
            chmod(&path, mode);
            assert_eq!(MasterKey::load(&path).is_ok(), fine, "{mode:o}");
        }
    }
}
