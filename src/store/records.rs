//! What goes into the store and comes out of it: plain records, no behaviour beyond their written forms.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::domain::states::{AcknowledgementState, SubmissionState};
use crate::domain::{ContributionMonth, Scheme, Sen, SubmissionKind};

/// The office's own data key, for what has no employer (a refused file).
pub const OFFICE: &str = "";

/// A submission inside the program: known before the database hears of it, so that blocks can be sealed for it.
/// People see its [`SubmissionNumber`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionId(pub i64);

/// A delivery of a file inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArrivalId(pub i64);

impl SubmissionId {
    /// A new one, different from every other on every node.
    pub fn fresh() -> Self {
        Self(fresh_id())
    }
}

impl ArrivalId {
    /// A new one, different from every other on every node.
    pub fn fresh() -> Self {
        Self(fresh_id())
    }
}

/// Milliseconds since 2026 in the upper 40 bits, a random start below, counted on within this process: ids rise, so
/// that rows are added at the end of their table. A clash between two nodes (never seen) would fail on the primary
/// key and roll back, not mix anything up.
fn fresh_id() -> i64 {
    const START_OF_2026: u64 = 1_767_225_600_000;
    static LAST: AtomicI64 = AtomicI64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_millis() as u64);
    let millis = since.saturating_sub(START_OF_2026) & ((1 << 40) - 1);
    let mut random = [0; 4];
    aws_lc_rs::rand::fill(&mut random).expect("the system's random source answers");
    // 22 random bits leave the 23rd free for counting on.
    let candidate = (millis << 23) as i64 | i64::from(u32::from_le_bytes(random) >> 10);
    let next = |last: i64| if candidate > last { candidate } else { last + 1 };
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
    next(last.expect("the update always gives a value"))
}

/// A submission as people know it: `S-000123`, counted from 1 without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionNumber(pub i64);

impl fmt::Display for SubmissionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("S-{:06}", self.0))
    }
}

impl FromStr for SubmissionNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("S-").or_else(|| text.strip_prefix("s-")).unwrap_or(text);
        let fine = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = if fine { digits.parse().ok() } else { None };
        number.map(Self).ok_or_else(|| format!("\"{text}\" is not a submission; write its number such as S-000123"))
    }
}

/// A delivery: the first thing kept of a file.
#[derive(Debug, Clone)]
pub struct NewArrival {
    /// Made by [`ArrivalId::fresh`].
    pub id: ArrivalId,
    /// BLAKE3 of all bytes.
    pub digest: [u8; 32],
    /// Length in bytes.
    pub size: u64,
    /// Name of the file without its folder.
    pub file_name: String,
    /// `command-line`, `web`, `folder` …
    pub origin: String,
    /// When.
    pub received_at: DateTime<FixedOffset>,
    /// The original, sealed; `None` when it lies in the vault folder (already flushed). Ignored when the same bytes
    /// are kept already.
    pub original: Option<Vec<u8>>,
}

/// One employer's part of an arrival, judged.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// Made by [`SubmissionId::fresh`]; its blocks are sealed for it.
    pub id: SubmissionId,
    /// Where it came in.
    pub arrival: ArrivalId,
    /// BLAKE3 of the file.
    pub digest: [u8; 32],
    /// Employer code, or [`OFFICE`] when none could be read.
    pub employer_code: String,
    /// Company number as the file has it, or empty.
    pub company_number: String,
    /// Layout id, or empty.
    pub layout: String,
    /// The Acts it holds, Act 4 first.
    pub schemes: Vec<Scheme>,
    /// `utf-8` or `windows-1252`.
    pub encoding: String,
    /// `whole` or `good-lines`.
    pub policy: String,
    /// Fingerprint of the law and layouts that judged it.
    pub rule_pack: String,
    /// When it was judged.
    pub checked_at: DateTime<FixedOffset>,
    /// When it was received: decides whether it is late.
    pub received_at: DateTime<FixedOffset>,
    /// What became of it: any state but `Arrived` that [`SubmissionState::next`] leads to.
    pub state: SubmissionState,
    /// Records read.
    pub lines: u64,
    /// Of these, good.
    pub accepted_lines: u64,
    /// Of these, waiting in a tray.
    pub held_lines: u64,
    /// For a repeat: the submission that answers.
    pub repeat_of: Option<SubmissionId>,
    /// Why it is handed in.
    pub kind: SubmissionKind,
    /// For mended lines: the submission in whose tray they waited.
    pub supplement_to: Option<SubmissionId>,
    /// The check document (`check --output json`) with all findings, sealed by [`super::seal_document`].
    pub document: Option<Vec<u8>>,
    /// What the file says, a row for each month and Act.
    pub totals: Vec<TotalRow>,
    /// Blocks not already given to [`super::Group::add_blocks`].
    pub blocks: Vec<super::block::SealedBlock>,
    /// Lines that wait.
    pub held: Vec<HeldLine>,
}

/// What a submission says for a month and an Act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow {
    /// Contribution month.
    pub month: ContributionMonth,
    /// Act.
    pub scheme: Scheme,
    /// Persons with a contribution.
    pub people: u64,
    /// Employer's share, where the layout carries shares.
    pub employer: Option<Sen>,
    /// Employee's share without SKBBK, where the layout carries shares.
    pub employee: Option<Sen>,
    /// SKBBK.
    pub skbbk: Sen,
    /// All together.
    pub total: Sen,
    /// Last day to pay.
    pub due_date: NaiveDate,
    /// Days after the due date on the day it was received.
    pub days_late: u32,
    /// Late interest on the day it was received, by the profile in force.
    pub interest: Sen,
}

/// A line that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLine {
    /// Physical line in the original.
    pub line: u64,
    /// Tray it waits in.
    pub tray: String,
    /// Codes of what is wrong with it, joined by commas.
    pub codes: String,
    /// What became of it.
    pub state: HeldState,
    /// The submission with which it left, mended.
    pub freed_by: Option<SubmissionId>,
}

/// What became of a line that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldState {
    /// It waits to be mended.
    Waiting,
    /// It left with a later submission.
    Freed,
    /// Somebody gave it up.
    Dropped,
}

impl HeldState {
    /// The name kept and printed.
    pub const fn id(self) -> &'static str {
        match self {
            HeldState::Waiting => "waiting",
            HeldState::Freed => "freed",
            HeldState::Dropped => "dropped",
        }
    }

    /// The state with this name.
    pub(super) fn of(id: &str) -> Option<HeldState> {
        [HeldState::Waiting, HeldState::Freed, HeldState::Dropped].into_iter().find(|state| state.id() == id)
    }
}

/// An acknowledgement to issue.
#[derive(Debug, Clone)]
pub struct NewAcknowledgement {
    /// For which submission.
    pub submission: SubmissionId,
    /// Whose.
    pub employer_code: String,
    /// ACR for Act 4, ECR for Act 800.
    pub scheme: Scheme,
    /// Persons.
    pub people: u64,
    /// Amount to pay.
    pub total: Sen,
    /// Everything the printed page shows, as JSON without identities; never changed.
    pub frozen: String,
    /// When: decides the number's month.
    pub received_at: DateTime<FixedOffset>,
}

/// Something that happened. The portal steps of EIS (asked, confirmed, saved, reviewed, ended) are events as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// Who did it: a user, a folder, a job.
    pub who: String,
    /// What it happened to: a printed submission or acknowledgement number.
    pub subject: String,
    /// One word: `taken`, `numbered`, `confirmed` …
    pub what: String,
    /// More, without identities.
    pub detail: String,
}

/// An event as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Place in the sequence, from 1.
    pub id: i64,
    /// RFC 3339.
    pub at: String,
    /// Who did it.
    pub who: String,
    /// What it happened to.
    pub subject: String,
    /// What happened.
    pub what: String,
    /// More.
    pub detail: String,
}

/// The first submission of the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// Inside the program.
    pub submission: SubmissionId,
    /// As printed.
    pub number: SubmissionNumber,
    /// Its acknowledgements.
    pub acknowledgements: Vec<(Scheme, String)>,
}

/// A submission as kept, without its lines and findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionSummary {
    /// Inside the program.
    pub id: SubmissionId,
    /// As printed.
    pub number: SubmissionNumber,
    /// Where it came in.
    pub arrival: ArrivalId,
    /// BLAKE3 of the file.
    pub digest: [u8; 32],
    /// Name of the file.
    pub file_name: String,
    /// Employer code, or [`OFFICE`].
    pub employer_code: String,
    /// Company number as the file has it.
    pub company_number: String,
    /// Layout id.
    pub layout: String,
    /// The Acts it holds.
    pub schemes: Vec<Scheme>,
    /// Encoding.
    pub encoding: String,
    /// Policy.
    pub policy: String,
    /// Fingerprint of the law that judged it.
    pub rule_pack: String,
    /// When it was judged, RFC 3339.
    pub checked_at: String,
    /// When it was received, RFC 3339.
    pub received_at: String,
    /// What became of it.
    pub state: SubmissionState,
    /// Records read.
    pub lines: u64,
    /// Of these, good.
    pub accepted_lines: u64,
    /// Of these, waiting.
    pub held_lines: u64,
    /// For a repeat: the submission that answers.
    pub repeat_of: Option<SubmissionId>,
    /// Why it was handed in.
    pub kind: SubmissionKind,
    /// For mended lines: the submission in whose tray they waited.
    pub supplement_to: Option<SubmissionId>,
}

/// An acknowledgement as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcknowledgementRecord {
    /// `ACR…` or `ECR…`.
    pub number: String,
    /// For which submission.
    pub submission: SubmissionId,
    /// Whose.
    pub employer_code: String,
    /// Act.
    pub scheme: Scheme,
    /// Where it stands.
    pub state: AcknowledgementState,
    /// Persons.
    pub people: u64,
    /// Amount to pay.
    pub total: Sen,
    /// What was frozen.
    pub frozen: String,
    /// RFC 3339.
    pub received_at: String,
}

/// Which submissions or acknowledgements; newest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this employer's.
    pub employer_code: Option<String>,
    /// Only those with a total for this month.
    pub month: Option<ContributionMonth>,
    /// Only those of this Act.
    pub scheme: Option<Scheme>,
    /// Only in this state, by its id.
    pub state: Option<&'static str>,
    /// Only this submission, or only its acknowledgements.
    pub submission: Option<SubmissionId>,
    /// At most so many; 0 for all.
    pub limit: u32,
}

/// The Acts in their kept form: `act4`, `act800` or `act4,act800`.
pub(super) fn schemes_text(schemes: &[Scheme]) -> String {
    schemes.iter().map(|scheme| scheme.id()).collect::<Vec<_>>().join(",")
}

/// [`schemes_text`] read back; an error says what is no Act.
pub(super) fn schemes_of(text: &str) -> Result<Vec<Scheme>, String> {
    text.split(',').filter(|scheme| !scheme.is_empty()).map(str::parse).collect()
}

/// The submission state with this id.
pub(super) fn submission_state(id: &str) -> Option<SubmissionState> {
    SubmissionState::ALL.into_iter().find(|state| state.id() == id)
}

/// The acknowledgement state with this id.
pub(super) fn acknowledgement_state(id: &str) -> Option<AcknowledgementState> {
    AcknowledgementState::ALL.into_iter().find(|state| state.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_never_repeat() {
        let ids: Vec<i64> = (0..10_000).map(|_| fresh_id()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids[0] > 0);
    }

    #[test]
    fn submission_numbers_are_read_as_printed() {
        assert_eq!(SubmissionNumber(123).to_string(), "S-000123");
        assert_eq!(SubmissionNumber(1_234_567).to_string(), "S-1234567");
        for text in ["S-000123", "s-123", "123"] {
            assert_eq!(text.parse(), Ok(SubmissionNumber(123)), "{text}");
        }
        for text in ["", "S-", "S-12x", "S--1", "ACR112260000001", "99999999999999999999"] {
            assert!(text.parse::<SubmissionNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn acts_are_kept_in_words() {
        let both = [Scheme::Act4, Scheme::Act800];
        assert_eq!(schemes_text(&both), "act4,act800");
        assert_eq!(schemes_of("act4,act800"), Ok(both.to_vec()));
        assert_eq!(schemes_of(""), Ok(vec![]));
        assert!(schemes_of("act4,act5").is_err());
    }
}
