//! The month binder: everything of one employer and month in one zip that opens offline, proves itself, and is the same
//! byte for byte when it is built again. [`archive`] (the zip), [`trail`] (what happened to the
//! money); [`person`] does the same for one employee.

pub mod archive;
pub mod person;
pub mod trail;

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

use super::mend::original;
use super::print::{Form, PrintError, print_form};
use super::receipt::{Receipt, ReceiptError, print_receipt, receipts};
use super::slip::SlipError;
use crate::checks::scan::scan;
use crate::domain::states::{AcknowledgementState, SubmissionState};
use crate::domain::{ContributionMonth, EmployerCode};
use crate::keys::ReceiptKey;
use crate::reader::identify::identify;
use crate::reader::line::{Line, LineReader, lines, split_at_lone_returns};
use crate::store::receipts::ReceiptFilter;
use crate::store::{Filter, Store, StoreError, SubmissionNumber, SubmissionSummary};
use crate::vault::Vault;
use archive::{About, Archive};
pub use archive::{ArchiveFault, Manifest, check_archive};
pub use person::{PersonOf, write_person};
pub use trail::payment_trail;

/// Why no binder could be made.
#[derive(Debug, thiserror::Error)]
pub enum BinderError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An acknowledgement.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// A receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The zip.
    #[error(transparent)]
    Archive(#[from] ArchiveFault),
    /// A source file.
    #[error("the original of {number} cannot be read: {source}")]
    Original {
        /// Whose.
        number: SubmissionNumber,
        /// Why.
        source: io::Error,
    },
    /// A slip.
    #[error(transparent)]
    Slip(#[from] SlipError),
    /// No line of this person.
    #[error("nobody with the identity number {person} was handed in by {employer_code} in this time")]
    Nobody {
        /// Employer.
        employer_code: String,
        /// The number, masked.
        person: String,
    },
    /// There is nothing.
    #[error("nothing was handed in by {employer_code} for {month}")]
    Nothing {
        /// Employer.
        employer_code: String,
        /// Month.
        month: ContributionMonth,
    },
}

/// Which binder, and who makes it.
pub struct BinderOf<'a> {
    /// Employer.
    pub employer_code: &'a str,
    /// Contribution month.
    pub month: ContributionMonth,
    /// Who issues it.
    pub issuer: &'a str,
    /// Signs the manifest and receipts that were never printed.
    pub key: &'a ReceiptKey,
    /// The moment at which documents that were never printed are kept; nothing in the binder depends on it.
    pub now: DateTime<FixedOffset>,
}

/// What a binder holds, looked up.
struct Contents {
    submissions: Vec<SubmissionSummary>,
    acknowledgements: Vec<String>,
    receipts: Vec<Receipt>,
}

/// Writes the binder. `trail` may say more about the money than [`payment_trail`]; `None` takes that.
///
/// # Errors
/// [`BinderError`].
pub fn write_binder<W: Write + Seek>(
    store: &Store,
    vault: &Vault,
    of: &BinderOf<'_>,
    trail: Option<Value>,
    out: W,
) -> Result<W, BinderError> {
    let contents = contents(store, of)?;
    let about =
        About { employer_code: of.employer_code.to_owned(), month: of.month.to_string(), issuer: of.issuer.to_owned() };
    let mut archive = Archive::new(out, about);
    archive.add("README.txt", readme(of).as_bytes())?;
    sources(store, vault, of, &contents, &mut archive)?;
    for submission in &contents.submissions {
        let check = store.check_document(submission)?;
        if let Some(check) = check {
            archive.add(&format!("check/{}.json", submission.number), check.as_bytes())?;
        }
        let events = store.events(&submission.number.to_string())?;
        let events: Vec<Value> = events.iter().map(trail::shown_event).collect();
        archive.add(&format!("check/{}-events.json", submission.number), &pretty(&json!(events)))?;
    }
    for number in &contents.acknowledgements {
        let bytes = print_form(store, number, Form::Acknowledgement, of.now)?;
        archive.add(&format!("acknowledgements/{number}.pdf"), &bytes)?;
    }
    for receipt in &contents.receipts {
        let bytes = print_receipt(store, of.key, &receipt.frozen, of.now)?;
        archive.add(&format!("receipts/{}.pdf", receipt.record.number), &bytes)?;
    }
    let trail = match trail {
        Some(trail) => trail,
        None => payment_trail(store, of.employer_code, &contents.acknowledgements, &contents.receipts)?,
    };
    archive.add("payments/trail.json", &pretty(&trail))?;
    Ok(archive.finish(of.key)?)
}

fn contents(store: &Store, of: &BinderOf<'_>) -> Result<Contents, BinderError> {
    let employer_code = Some(of.employer_code.to_owned());
    let filter = Filter { employer_code: employer_code.clone(), month: Some(of.month), ..Filter::default() };
    let mut submissions = store.submissions(&filter)?;
    submissions.retain(|submission| submission.state != SubmissionState::Repeat);
    submissions.sort_by_key(|submission| submission.number);
    if submissions.is_empty() {
        let employer_code = of.employer_code.to_owned();
        return Err(BinderError::Nothing { employer_code, month: of.month });
    }
    let stands = |state| {
        use AcknowledgementState as S;
        !matches!(state, S::Draft | S::AwaitingApproval | S::Removed)
    };
    let found = store.acknowledgements(&filter)?.into_iter().filter(|record| stands(record.state));
    let mut acknowledgements: Vec<String> = found.map(|record| record.number).collect();
    acknowledgements.sort_unstable();
    let filter = ReceiptFilter { employer_code, ..ReceiptFilter::default() };
    let mut receipts = receipts(store, &filter, None)?;
    let pays = |receipt: &Receipt| receipt.frozen.lines.iter().any(|line| acknowledgements.contains(&line.reference));
    receipts.retain(|receipt| receipt.covers(of.month) || pays(receipt));
    receipts.sort_by(|a, b| a.record.number.cmp(&b.record.number));
    Ok(Contents { submissions, acknowledgements, receipts })
}

fn readme(of: &BinderOf<'_>) -> String {
    include_str!("../../../formats/templates/binder/readme.txt")
        .replace("{{employer}}", of.employer_code)
        .replace("{{month}}", &of.month.to_string())
        .replace("{{issuer}}", of.issuer)
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("values have a JSON form");
    bytes.push(b'\n');
    bytes
}

/// Each source file once, as it was received; of a file with several employers, this employer's lines.
fn sources<W: Write + Seek>(
    store: &Store,
    vault: &Vault,
    of: &BinderOf<'_>,
    contents: &Contents,
    archive: &mut Archive<W>,
) -> Result<(), BinderError> {
    let mut seen = BTreeSet::new();
    for submission in contents.submissions.iter().filter(|submission| seen.insert(submission.digest)) {
        let wrong = |source| BinderError::Original { number: submission.number, source };
        let bytes = original(store, vault, submission).map_err(wrong)?;
        let bytes = own_lines(bytes, of.employer_code).map_err(wrong)?;
        let name = format!("source/{}-{}", submission.number, plain_name(&submission.file_name));
        archive.add(&name, &bytes)?;
    }
    Ok(())
}

/// The file itself where it is this employer's alone.
fn own_lines(bytes: Vec<u8>, employer_code: &str) -> io::Result<Vec<u8>> {
    if scan(bytes.as_slice(), 1)?.employers.len() <= 1 {
        return Ok(bytes);
    }
    let Ok(identity) = identify(bytes.as_slice())? else { return Ok(bytes) };
    let start = usize::try_from(identity.start).map_or(bytes.len(), |start| start.min(bytes.len()));
    let mut reader = LineReader::new(identity.layout, identity.wrapper);
    let mut own = Vec::new();
    for (line, _) in lines(&bytes[start..], identity.line_end) {
        for part in split_at_lone_returns(line.strip_suffix(b"\r").unwrap_or(line)) {
            let Line::Record(record) = reader.read(part) else { continue };
            let code = EmployerCode::read(&String::from_utf8_lossy(record.employer_code())).1;
            if code.is_some_and(|code| code.as_str() == employer_code) {
                own.extend_from_slice(part);
                own.extend_from_slice(b"\r\n");
            }
        }
    }
    Ok(own)
}

/// A name that is a name on every system, and no path.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).take(100).collect();
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_no_paths() {
        assert_eq!(plain_name("../SOCSO OKT/26.txt"), "_SOCSO_OKT_26.txt");
        assert_eq!(plain_name("oktober.txt"), "oktober.txt");
        assert_eq!(plain_name(&"x".repeat(300)).len(), 100);
    }

    #[test]
    fn the_readme_names_what_it_is_of() {
        let data = tempfile::tempdir().expect("a folder");
        let key = ReceiptKey::load_or_create(data.path()).expect("a key");
        let month = "2026-10".parse().expect("a month");
        let now = "2026-11-10T09:00:00+08:00".parse().expect("a moment");
        let text = readme(&BinderOf { employer_code: "A9900000001Z", month, issuer: "PEJABAT", key: &key, now });
        assert!(text.contains("A9900000001Z") && text.contains("2026-10") && !text.contains("{{"));
    }
}
