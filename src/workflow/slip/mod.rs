//! A slip for one employee: proves that this person's amounts are inside an acknowledged, and perhaps paid, total without
//! showing colleagues. [`tree`] (sums and paths), [`proof`] (what is signed, and how it is checked).

pub mod proof;
pub mod tree;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::print::{PrintError, assemble, frozen_of};
use super::receipt::file_seal::{FileSeal, check_file, empty_seal, seal_file, text_in_file};
use super::receipt::signed::{beginning, is_part};
use crate::domain::states::AcknowledgementState;
use crate::domain::{ContributionMonth, IdentityNumber, Sen};
use crate::keys::receipt_key::{from_base64url, to_base64url};
use crate::keys::{ReceiptKey, ReceiptPublicKey};
use crate::report::ReportError;
use crate::report::model::PersonLine;
use crate::report::slip::{SlipDocument, SlipRow, slip as slip_paper};
use crate::store::{AcknowledgementRecord, Store, StoreError};
pub use proof::{SlipFault, SlipLine, SlipProof, Statement, check_slip};

/// The kind under which roots are kept.
const KIND: &str = "slip-root";
/// The kind of a whole proof among the texts in a PDF; it is not signed as such, what is inside it is.
const PROOF: &str = "P";
/// Longest text that a strict reader takes (PDF/A, ISO 19005-3 section 6.1.13), with room for what stands beside it.
const LONGEST: usize = 31_000;

/// Why no slip could be made.
#[derive(Debug, thiserror::Error)]
pub enum SlipError {
    /// The acknowledgement or its lines.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The paper.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Nobody with this number is on it.
    #[error("nobody with the identity number {person} is on {number}; look with `caruman contributions`")]
    NotOnIt {
        /// The number, masked.
        person: String,
        /// Which acknowledgement.
        number: String,
    },
    /// An amount below zero, or sums beyond all bounds.
    #[error("{0} has a line below zero; no slip can be made of it")]
    NoTree(String),
    /// The lines are no longer those of the first slip.
    #[error("the lines of {0} are not those of its first slip; restore the database")]
    OtherRoot(String),
    /// Too many lines for the strings of a PDF.
    #[error("too many months for one PDF; name one with --month, or write a .json")]
    TooLong,
}

/// What was published of an acknowledgement with its first slip.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct KeptRoot {
    root: String,
    people: usize,
    total_sen: Sen,
}

/// Whose slip, of which acknowledgement.
#[derive(Debug, Clone)]
pub struct SlipOf<'a> {
    /// ACR or ECR.
    pub number: &'a str,
    /// The person.
    pub id_number: &'a IdentityNumber,
    /// Only this month, where the acknowledgement has several.
    pub month: Option<ContributionMonth>,
    /// Number of the official receipt that paid it, and the day; `None` while it is not paid.
    pub receipt: Option<(String, NaiveDate)>,
}

/// A slip, not yet a file.
pub struct Slip {
    /// The proof, for a .json file.
    pub proof: SlipProof,
    document: SlipDocument,
}

/// Makes a slip. The root is kept with the first one; later ones must lead to the same root.
///
/// # Errors
/// [`SlipError`].
pub fn make_slip(
    store: &Store,
    key: &ReceiptKey,
    of: &SlipOf<'_>,
    now: DateTime<FixedOffset>,
) -> Result<Slip, SlipError> {
    let record = store.acknowledgement(of.number)?;
    match record.state {
        AcknowledgementState::Draft | AcknowledgementState::AwaitingApproval => {
            return Err(PrintError::Waits(record.number).into());
        }
        AcknowledgementState::Removed => return Err(PrintError::Withdrawn(record.number).into()),
        _ => {}
    }
    let (_, people) = assemble(store, &record)?;
    let lines: Vec<SlipLine> = (1..).zip(&people).map(|(at, person)| slip_line(at, person)).collect();
    let secret = store.data_key(&record.employer_code, now)?;
    let grown = proof::grow(&secret, &record.number, &lines).ok_or_else(|| SlipError::NoTree(record.number.clone()))?;
    let statement = statement(&record, of, &lines, to_base64url(&grown.root().hash))?;
    keep_root(store, &record, &statement, now)?;
    let wanted = |line: &SlipLine| {
        IdentityNumber::new(&line.id_number) == *of.id_number && of.month.is_none_or(|month| month == line.month)
    };
    let own: Vec<usize> = (0..lines.len()).filter(|at| wanted(&lines[*at])).collect();
    if own.is_empty() {
        return Err(SlipError::NotOnIt { person: of.id_number.masked(), number: record.number });
    }
    let proven = own.iter().map(|at| grown.prove(*at, &lines[*at])).collect();
    let proof = SlipProof { caruman_slip: 1, statement: statement.sign(key), lines: proven };
    let own: Vec<&SlipLine> = own.iter().map(|at| &lines[*at]).collect();
    Ok(Slip { document: document(&record, &statement, &own)?, proof })
}

fn slip_line(at: u64, person: &PersonLine) -> SlipLine {
    SlipLine {
        line: at,
        id_number: person.id.clone(),
        name: person.name.clone(),
        month: person.month,
        employer_sen: person.employer,
        employee_sen: person.employee,
        skbbk_sen: person.skbbk.unwrap_or(Sen::ZERO),
        total_sen: person.total,
    }
}

fn statement(
    record: &AcknowledgementRecord,
    of: &SlipOf<'_>,
    lines: &[SlipLine],
    root: String,
) -> Result<Statement, SlipError> {
    let (receipt, paid_on) = match &of.receipt {
        Some((number, day)) => (number.clone(), day.to_string()),
        None => (String::new(), String::new()),
    };
    Ok(Statement {
        number: record.number.clone(),
        scheme: record.scheme,
        employer_code: record.employer_code.clone(),
        issuer: frozen_of(record)?.issuer,
        people: lines.len(),
        total: lines.iter().map(|line| line.total_sen).sum(),
        root,
        receipt,
        paid_on,
    })
}

/// Keeps root and count the first time; afterwards they must be the same, and the total that of the acknowledgement.
fn keep_root(
    store: &Store,
    record: &AcknowledgementRecord,
    statement: &Statement,
    now: DateTime<FixedOffset>,
) -> Result<(), SlipError> {
    let other = || SlipError::OtherRoot(record.number.clone());
    let root = KeptRoot { root: statement.root.clone(), people: statement.people, total_sen: statement.total };
    let bytes = serde_json::to_vec(&root).expect("a root has a JSON form");
    let kept = match store.document(KIND, &record.number)? {
        Some(kept) => kept,
        None => store.save_document(KIND, &record.number, &record.employer_code, &bytes, now)?,
    };
    if kept == bytes && statement.total == record.total { Ok(()) } else { Err(other()) }
}

fn document(
    record: &AcknowledgementRecord,
    statement: &Statement,
    own: &[&SlipLine],
) -> Result<SlipDocument, SlipError> {
    let frozen = frozen_of(record)?;
    let row = |line: &&SlipLine| SlipRow {
        line: line.line,
        month: line.month,
        employer: line.employer_sen,
        employee: line.employee_sen,
        skbbk: line.skbbk_sen,
        total: line.total_sen,
    };
    Ok(SlipDocument {
        scheme: record.scheme,
        number: record.number.clone(),
        issuer: frozen.issuer,
        employer_code: frozen.employer_code,
        employer_name: frozen.employer_name,
        received_at: DateTime::parse_from_rfc3339(&record.received_at).unwrap_or_default(),
        id_number: own[0].id_number.clone(),
        name: own[0].name.clone(),
        rows: own.iter().map(row).collect(),
        people: statement.people,
        total: statement.total,
        root: statement.root.clone(),
        receipt: (!statement.receipt.is_empty()).then(|| (statement.receipt.clone(), statement.paid_on.clone())),
        statement: String::new(),
        keywords: Vec::new(),
    })
}

impl Slip {
    /// The slip on paper, with the whole proof inside the file, sealed.
    ///
    /// # Errors
    /// [`SlipError::TooLong`], [`SlipError::Report`].
    pub fn pdf(&self, key: &ReceiptKey) -> Result<Vec<u8>, SlipError> {
        let proof = serde_json::to_vec(&self.proof).expect("a slip has a JSON form");
        let proof = format!("{}{}", beginning(PROOF), to_base64url(&proof));
        if proof.len() > LONGEST {
            return Err(SlipError::TooLong);
        }
        let document = SlipDocument {
            statement: self.proof.statement.clone(),
            keywords: vec![proof, empty_seal()],
            ..self.document.clone()
        };
        Ok(seal_file(slip_paper(&document)?, key))
    }

    /// The slip as JSON.
    pub fn json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(&self.proof).expect("a slip has a JSON form");
        bytes.push(b'\n');
        bytes
    }
}

/// Proves a slip from its file, PDF or JSON, offline.
///
/// # Errors
/// [`SlipFault`].
pub fn verify_slip(bytes: &[u8], key: &ReceiptPublicKey) -> Result<(Statement, SlipProof), SlipFault> {
    let paper = bytes.starts_with(b"%PDF");
    let json = if paper {
        let text =
            text_in_file(bytes, PROOF).ok_or_else(|| SlipFault::NotASlip("there is no proof in it".to_owned()))?;
        debug_assert!(text.bytes().all(is_part));
        let inside = text.strip_prefix(&beginning(PROOF)).and_then(from_base64url);
        inside.ok_or_else(|| SlipFault::NotASlip("the proof in it cannot be read".to_owned()))?
    } else {
        bytes.to_vec()
    };
    let proof: SlipProof = serde_json::from_slice(&json).map_err(|error| SlipFault::NotASlip(error.to_string()))?;
    let statement = check_slip(&proof, key)?;
    if paper && check_file(bytes, key) != FileSeal::Whole {
        return Err(SlipFault::FileChanged);
    }
    Ok((statement, proof))
}
