//! Originals, read to their ends.

use std::io::{self, Read};

use super::{Breach, Look, SelfcheckError};
use crate::store::KeptOriginal;
use crate::vault::VaultError;

/// Every original opens, has the size of its row, and its BLAKE3 is its name.
pub(super) fn originals(look: &mut Look<'_>) -> Result<Option<Breach>, SelfcheckError> {
    let mut last = Vec::new();
    loop {
        let page = look.audit.originals_after(&last)?;
        let Some((end, _)) = page.last() else { return Ok(None) };
        last = end.to_vec();
        for (digest, size) in &page {
            let fault = match look.store.original(digest)? {
                Some(KeptOriginal::Sealed(sealed)) => {
                    let opened = look.vault.read_sealed(digest, sealed.as_slice());
                    opened.map_or_else(|error| fault_of(error).map(Some), |mut reader| length(&mut reader, *size))
                }
                Some(KeptOriginal::InVault) => {
                    let opened = look.vault.read(digest);
                    opened.map_or_else(|error| fault_of(error).map(Some), |mut reader| length(&mut reader, *size))
                }
                None => Ok(Some("it is not there".to_owned())),
            }?;
            if let Some(why) = fault {
                let key = blake3::Hash::from_bytes(*digest).to_hex().to_string();
                let says = format!("is not what was kept: {why}");
                return Ok(Some(Breach { law: "vault", table: "original", key, says }));
            }
        }
    }
}

/// Reads to the end, where the reader compares the digest; gives what is wrong.
fn length(original: &mut impl Read, size: u64) -> Result<Option<String>, VaultError> {
    match io::copy(original, &mut io::sink()) {
        Ok(found) if found == size => Ok(None),
        Ok(found) => Ok(Some(format!("it has {found} bytes, and {size} were counted"))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Ok(Some("it does not open as its name says".to_owned()))
        }
        Err(source) => Err(VaultError::Io { path: "vault".into(), source }),
    }
}

/// What is wrong with the original, or that the file system said no.
fn fault_of(error: VaultError) -> Result<String, VaultError> {
    match error {
        VaultError::Missing(_) | VaultError::Damaged { .. } | VaultError::Changed => Ok(error.to_string()),
        VaultError::Io { .. } => Err(error),
    }
}
