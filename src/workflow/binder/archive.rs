//! A zip whose bytes depend on nothing but its entries: fixed order, fixed times, and a signed manifest of digests.

use std::io::{self, Read, Seek, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::keys::{ReceiptKey, ReceiptPublicKey};
use crate::workflow::receipt::CodeFault;
use crate::workflow::receipt::signed::{open_text, sign_text};

/// Names of the two last entries.
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
/// The kind of a manifest among signed texts.
const KIND: &str = "B";
/// Version of the manifest.
const VERSION: u32 = 1;
/// Largest manifest or signature that is read, in bytes.
const MANIFEST_LIMIT: u64 = 64 << 20;

/// What the binder is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Employer's code.
    pub employer_code: String,
    /// `2026-10`.
    pub month: String,
    /// Who issues it.
    pub issuer: String,
}

/// One entry of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Its name in the archive.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// BLAKE3, hexadecimal.
    pub blake3: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Everything in a binder, with digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub caruman_binder: u32,
    /// What it is of.
    #[serde(flatten)]
    pub about: About,
    /// The entries, in order.
    pub entries: Vec<ManifestEntry>,
}

/// Why an archive proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// Cannot be read or written.
    #[error("the binder cannot be read or written: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The same.
    #[error("the binder cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The manifest is missing or strange.
    #[error("this is no binder: {0}")]
    NotABinder(String),
    /// The signature.
    #[error(transparent)]
    Code(#[from] CodeFault),
    /// An entry.
    #[error("NOT GENUINE: {0} was changed, added or taken away")]
    Changed(String),
}

/// A binder in the making.
pub struct Archive<W: Write + Seek> {
    zip: ZipWriter<W>,
    manifest: Manifest,
}

impl<W: Write + Seek> Archive<W> {
    /// Begins a binder.
    pub fn new(out: W, about: About) -> Self {
        Self { zip: ZipWriter::new(out), manifest: Manifest { caruman_binder: VERSION, about, entries: Vec::new() } }
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveFault> {
        self.write(name, bytes)?;
        self.manifest.entries.push(entry(name, bytes));
        Ok(())
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveFault> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::default())
            .large_file(bytes.len() > (u32::MAX / 2) as usize)
            .unix_permissions(0o644);
        self.zip.start_file(name, options)?;
        Ok(self.zip.write_all(bytes)?)
    }

    /// Writes manifest and signature; gives what it was written to.
    ///
    /// # Errors
    /// [`ArchiveFault`].
    pub fn finish(mut self, key: &ReceiptKey) -> Result<W, ArchiveFault> {
        let mut manifest = serde_json::to_vec_pretty(&self.manifest).expect("a manifest has a JSON form");
        manifest.push(b'\n');
        let about = self.manifest.about.clone();
        let digest = blake3::hash(&manifest).to_hex().to_string();
        let signed = sign_text(KIND, &[&about.employer_code, &about.month, &digest, &about.issuer], key);
        self.write(MANIFEST, &manifest)?;
        self.write(SIGNATURE, format!("{signed}\n").as_bytes())?;
        Ok(self.zip.finish()?)
    }
}

fn entry(name: &str, bytes: &[u8]) -> ManifestEntry {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let blake3 = blake3::hash(bytes).to_hex().to_string();
    ManifestEntry { name: name.to_owned(), bytes: bytes.len() as u64, blake3, sha256 }
}

/// Proves a binder, offline: the manifest is signed, and every entry is there as it says, and none besides.
///
/// # Errors
/// [`ArchiveFault`].
pub fn check_archive(file: impl Read + Seek, key: &ReceiptPublicKey) -> Result<Manifest, ArchiveFault> {
    let mut zip = ZipArchive::new(file)?;
    let mut read = |name: &str, limit: u64| -> Result<Vec<u8>, ArchiveFault> {
        let missing = |_| ArchiveFault::NotABinder(format!("{name} is missing"));
        let mut bytes = Vec::new();
        zip.by_name(name).map_err(missing)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let written = read(MANIFEST, MANIFEST_LIMIT)?;
    let signed = String::from_utf8_lossy(&read(SIGNATURE, MANIFEST_LIMIT)?).into_owned();
    let fields = open_text(&signed, KIND, "a binder", key)?;
    let digest = blake3::hash(&written).to_hex().to_string();
    if fields.get(2) != Some(&digest) {
        return Err(ArchiveFault::Changed(MANIFEST.to_owned()));
    }
    let strange = |error: serde_json::Error| ArchiveFault::NotABinder(error.to_string());
    let manifest: Manifest = serde_json::from_slice(&written).map_err(strange)?;
    for said in &manifest.entries {
        let changed = || ArchiveFault::Changed(said.name.clone());
        let bytes = read(&said.name, said.bytes.saturating_add(1)).map_err(|_| changed())?;
        if entry(&said.name, &bytes) != *said {
            return Err(changed());
        }
    }
    let known =
        |name: &str| [MANIFEST, SIGNATURE].contains(&name) || manifest.entries.iter().any(|entry| entry.name == name);
    for at in 0..zip.len() {
        let name = zip.by_index(at)?.name()?.into_owned();
        if !known(&name) {
            return Err(ArchiveFault::Changed(name));
        }
    }
    // The same name twice would let one reader see what another does not.
    if zip.len() == manifest.entries.len() + 2 {
        Ok(manifest)
    } else {
        Err(ArchiveFault::Changed("an entry".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::workflow::receipt::signed::tests::key;

    fn binder(key: &ReceiptKey, words: &[u8]) -> Vec<u8> {
        let (employer_code, month) = ("A9900000001Z".to_owned(), "2026-10".to_owned());
        let about = About { employer_code, month, issuer: "PEJABAT CONTOH".to_owned() };
        let mut archive = Archive::new(Cursor::new(Vec::new()), about);
        archive.add("README.txt", words).expect("added");
        archive.add("source/a.txt", b"").expect("added");
        archive.finish(key).expect("finished").into_inner()
    }

    #[test]
    fn equal_entries_give_equal_bytes_that_prove_themselves() {
        let key = key();
        let first = binder(&key, b"words");
        assert_eq!(first, binder(&key, b"words"));
        let manifest = check_archive(Cursor::new(&first), &key.public()).expect("genuine");
        assert_eq!(manifest.entries.len(), 2);
        assert_eq!(manifest.entries[0].bytes, 5);
        assert!(check_archive(Cursor::new(&first), &super::tests::key().public()).is_err());
        assert!(check_archive(Cursor::new(b"no zip"), &key.public()).is_err());
    }

    #[test]
    fn an_exchanged_entry_is_noticed() {
        let key = key();
        let (good, other) = (binder(&key, b"words"), binder(&key, b"sword"));
        let mut from = ZipArchive::new(Cursor::new(&good)).expect("a zip");
        let mut exchange = |added: bool| {
            let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
            for at in 0..from.len() {
                let mut file = from.by_index(at).expect("an entry");
                let name = file.name().expect("a name").into_owned();
                zip.start_file(name.as_str(), SimpleFileOptions::default()).expect("begun");
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).expect("read");
                if !added && name == "README.txt" {
                    bytes[0] ^= 1;
                }
                zip.write_all(&bytes).expect("written");
            }
            if added {
                zip.start_file("source/b.txt", SimpleFileOptions::default()).expect("begun");
            }
            zip.finish().expect("finished").into_inner()
        };
        for added in [false, true] {
            let fault = check_archive(Cursor::new(exchange(added)), &key.public()).expect_err("changed");
            assert!(matches!(fault, ArchiveFault::Changed(_)), "{fault}");
        }
        assert!(check_archive(Cursor::new(other), &key.public()).is_ok());
    }
}
