//! Sealed blocks: up to 1,024 contribution lines of one submission in columns. `docs/block-format.md` has the picture.
//!
//! Everything here is pure, so that any thread can seal; the store only keeps the bytes.

use chrono::{Datelike, NaiveDate};

use super::columns::{ColumnReader, put_bits, put_number, put_optional, put_steps, put_texts, put_values};
pub use super::line::{IdentityNumberText, Line, LineRef};
use super::records::SubmissionId;
use crate::domain::{ContributionMonth, PersonName, Sen};
use crate::keys::{DataKey, SealError, compress, expand};

/// Most lines a block holds.
pub const BLOCK_LINES: usize = 1_024;
/// Version of the block format: outside the seal as first byte, and bound into it.
pub const BLOCK_VERSION: u8 = 1;
/// Bytes of the checksum that can be verified without a key.
const CHECKSUM: usize = 8;
/// A block never expands to more: 1,024 lines of 64 KiB, the longest line that is read.
const EXPANDED_LIMIT: usize = 64 << 20;

/// A block ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBlock {
    /// Place among the submission's blocks, from 0.
    pub number: u32,
    /// How many lines it holds.
    pub lines: u32,
    /// Holds lines that wait in a tray (a block holds either good lines or held ones).
    pub held: bool,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// Why a block cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Version byte of a later program.
    #[error("block format {0} is not known to this program; use the program that wrote it")]
    UnknownVersion(u8),
    /// The checksum over the kept bytes does not fit: damage on disk.
    #[error("a block of contribution lines is damaged on disk; restore a back-up")]
    Damaged,
    /// Wrong key or wrong place.
    #[error("a block of contribution lines: {0}")]
    Seal(#[from] SealError),
    /// The seal is good, the columns are not: a fault of the program that wrote it.
    #[error("a block of contribution lines opens but its columns make no sense; keep it and report this")]
    Columns,
}

/// A column that not every line fills.
#[derive(Default)]
struct Optional {
    present: Vec<bool>,
    values: Vec<i64>,
}

impl Optional {
    fn push(&mut self, value: Option<i64>) {
        self.present.push(value.is_some());
        self.values.extend(value);
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_optional(out, &self.present, &self.values);
    }

    fn clear(&mut self) {
        self.present.clear();
        self.values.clear();
    }
}

/// A column of texts in one piece.
#[derive(Default)]
struct Texts {
    ends: Vec<u32>,
    text: Vec<u8>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        self.ends.push(u32::try_from(self.text.len()).expect("1,024 lines of at most 64 KiB"));
    }

    fn clear(&mut self) {
        self.ends.clear();
        self.text.clear();
    }
}

/// Gathers lines into columns. Keep one for each thread: it is emptied, not freed, between blocks.
#[derive(Default)]
pub struct BlockBuilder {
    source_lines: Vec<i64>,
    id_numbers: Texts,
    names: Texts,
    months: Vec<i64>,
    // Wage, the four shares, date, status: in the order of the format.
    wages: Optional,
    act4_employer: Optional,
    act4_employee: Optional,
    eis_employer: Optional,
    eis_employee: Optional,
    dates: Optional,
    statuses: Optional,
    act4_totals: Vec<i64>,
    eis_totals: Vec<i64>,
    skbbk: Vec<i64>,
    held: Vec<bool>,
    encoded: Vec<u8>,
}

impl BlockBuilder {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lines gathered since the last [`BlockBuilder::finish`].
    pub fn len(&self) -> usize {
        self.source_lines.len()
    }

    /// True for no lines.
    pub fn is_empty(&self) -> bool {
        self.source_lines.is_empty()
    }

    /// True when the block must be finished before the next line.
    pub fn is_full(&self) -> bool {
        self.len() >= BLOCK_LINES
    }

    /// Adds a line; nothing is allocated once the columns have grown.
    ///
    /// # Panics
    /// When the block is full.
    pub fn push(&mut self, line: LineRef<'_>) {
        assert!(!self.is_full(), "a block holds {BLOCK_LINES} lines; finish it first");
        let sen = |amount: Option<Sen>| amount.map(|Sen(sen)| sen);
        self.source_lines.push(line.source_line as i64);
        self.id_numbers.push(line.id_number);
        self.names.push(line.name);
        self.months.push(i64::from(line.month.index()));
        self.wages.push(sen(line.wage));
        self.act4_employer.push(sen(line.act4_employer));
        self.act4_employee.push(sen(line.act4_employee));
        self.act4_totals.push(line.act4_total.0);
        self.eis_employer.push(sen(line.eis_employer));
        self.eis_employee.push(sen(line.eis_employee));
        self.eis_totals.push(line.eis_total.0);
        self.skbbk.push(line.skbbk.0);
        self.dates.push(line.date.map(|day| i64::from(day.num_days_from_ce())));
        self.statuses.push(line.status.map(i64::from));
        self.held.push(line.held);
    }

    /// Compresses, seals and checksums the gathered lines as block `number` of the submission, and empties the
    /// builder.
    pub fn finish(&mut self, key: &DataKey, submission: SubmissionId, number: u32) -> SealedBlock {
        self.encode();
        let sealed = key.seal(&place(submission, number), &compress(&self.encoded));
        let mut bytes = Vec::with_capacity(1 + CHECKSUM + sealed.len());
        bytes.push(BLOCK_VERSION);
        bytes.extend_from_slice(&checksum(&sealed));
        bytes.extend_from_slice(&sealed);
        let lines = u32::try_from(self.len()).expect("at most 1,024 lines");
        let held = self.held.contains(&true);
        self.clear();
        SealedBlock { number, lines, held, bytes }
    }

    fn encode(&mut self) {
        let out = &mut self.encoded;
        out.clear();
        put_number(out, self.source_lines.len() as u64);
        put_steps(out, &self.source_lines);
        put_steps(out, &self.months);
        put_bits(out, &self.held);
        for column in [&self.wages, &self.act4_employer, &self.act4_employee, &self.eis_employer, &self.eis_employee] {
            column.put(out);
        }
        for column in [&self.act4_totals, &self.eis_totals, &self.skbbk] {
            put_values(out, column);
        }
        self.dates.put(out);
        self.statuses.put(out);
        put_texts(out, &self.id_numbers.ends, &self.id_numbers.text);
        put_texts(out, &self.names.ends, &self.names.text);
    }

    fn clear(&mut self) {
        for column in
            [&mut self.source_lines, &mut self.months, &mut self.act4_totals, &mut self.eis_totals, &mut self.skbbk]
        {
            column.clear();
        }
        for column in [
            &mut self.wages,
            &mut self.act4_employer,
            &mut self.act4_employee,
            &mut self.eis_employer,
            &mut self.eis_employee,
            &mut self.dates,
            &mut self.statuses,
        ] {
            column.clear();
        }
        self.id_numbers.clear();
        self.names.clear();
        self.held.clear();
    }
}

/// Proves without a key that the kept bytes are those that were written (for `selfcheck` and back-ups).
///
/// # Errors
/// [`BlockError::Damaged`] or [`BlockError::UnknownVersion`].
pub fn verify(bytes: &[u8]) -> Result<(), BlockError> {
    sealed_part(bytes).map(|_| ())
}

/// Opens a block of this place.
///
/// # Errors
/// [`BlockError`]; any bytes whatever give an error or lines, never a panic.
pub fn open(bytes: &[u8], key: &DataKey, submission: SubmissionId, number: u32) -> Result<Vec<Line>, BlockError> {
    let packed = key.open(&place(submission, number), sealed_part(bytes)?)?;
    let columns = expand(&packed, EXPANDED_LIMIT)?;
    decode(&columns).ok_or(BlockError::Columns)
}

fn sealed_part(bytes: &[u8]) -> Result<&[u8], BlockError> {
    match bytes.split_first() {
        Some((&BLOCK_VERSION, rest)) => {
            let (sum, sealed) = rest.split_at_checked(CHECKSUM).ok_or(BlockError::Damaged)?;
            if checksum(sealed) == sum { Ok(sealed) } else { Err(BlockError::Damaged) }
        }
        Some((&other, _)) => Err(BlockError::UnknownVersion(other)),
        None => Err(BlockError::Damaged),
    }
}

fn checksum(sealed: &[u8]) -> [u8; CHECKSUM] {
    let digest = blake3::hash(sealed);
    std::array::from_fn(|i| digest.as_bytes()[i])
}

/// Where a block belongs: what the seal binds it to.
fn place(submission: SubmissionId, number: u32) -> [u8; 14] {
    let mut place = [0; 14];
    place[0] = b'B';
    place[1..9].copy_from_slice(&submission.0.to_le_bytes());
    place[9..13].copy_from_slice(&number.to_le_bytes());
    place[13] = BLOCK_VERSION;
    place
}

fn decode(columns: &[u8]) -> Option<Vec<Line>> {
    let mut reader = ColumnReader(columns);
    let lines = usize::try_from(reader.number()?).ok().filter(|lines| *lines <= BLOCK_LINES)?;
    let source_lines = reader.steps(lines)?;
    let months = reader.steps(lines)?;
    let held = reader.bits(lines)?;
    let [wages, act4_employer, act4_employee, eis_employer, eis_employee] = columns_of(|| reader.optional(lines))?;
    let [act4_totals, eis_totals, skbbk] = columns_of(|| reader.values(lines))?;
    let [dates, statuses] = columns_of(|| reader.optional(lines))?;
    let [id_numbers, names] = columns_of(|| reader.texts(lines))?;
    if !reader.0.is_empty() {
        return None;
    }
    let mut texts = id_numbers.into_iter().zip(names);
    let mut line = |i: usize| {
        let (id_number, name) = texts.next()?;
        let day = |days: i64| i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
        Some(Line {
            source_line: source_lines[i] as u64,
            id_number: IdentityNumberText(id_number),
            name: PersonName(name),
            month: u16::try_from(months[i]).ok().and_then(ContributionMonth::from_index)?,
            wage: wages[i].map(Sen),
            act4_employer: act4_employer[i].map(Sen),
            act4_employee: act4_employee[i].map(Sen),
            act4_total: Sen(act4_totals[i]),
            eis_employer: eis_employer[i].map(Sen),
            eis_employee: eis_employee[i].map(Sen),
            eis_total: Sen(eis_totals[i]),
            skbbk: Sen(skbbk[i]),
            date: dates[i].map_or(Some(None), |days| day(days).map(Some))?,
            status: statuses[i].map_or(Some(None), |status| u8::try_from(status).ok().map(Some))?,
            held: held[i],
        })
    };
    (0..lines).map(&mut line).collect()
}

/// So many columns of one kind, one after the other.
fn columns_of<const N: usize, T>(mut read: impl FnMut() -> Option<Vec<T>>) -> Option<[Vec<T>; N]> {
    (0..N).map(|_| read()).collect::<Option<Vec<_>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_line() -> impl Strategy<Value = Line> {
        let sen = || proptest::option::of(any::<i64>().prop_map(Sen));
        let month = (1900i32..2200, 1u32..13).prop_map(|(y, m)| ContributionMonth::new(y, m).expect("a month"));
        let day = proptest::option::of(
            (-100_000i32..1_000_000).prop_map(|d| NaiveDate::from_num_days_from_ce_opt(d).expect("a day")),
        );
        let who = (any::<u64>(), any::<String>(), any::<String>(), month);
        let amounts = (sen(), sen(), sen(), any::<i64>(), sen(), sen(), any::<i64>(), any::<i64>());
        let rest = (day, any::<Option<u8>>(), any::<bool>());
        (who, amounts, rest).prop_map(|((source_line, id, name, month), amounts, (date, status, held))| Line {
            source_line,
            id_number: IdentityNumberText(id),
            name: PersonName(name),
            month,
            wage: amounts.0,
            act4_employer: amounts.1,
            act4_employee: amounts.2,
            act4_total: Sen(amounts.3),
            eis_employer: amounts.4,
            eis_employee: amounts.5,
            eis_total: Sen(amounts.6),
            skbbk: Sen(amounts.7),
            date,
            status,
            held,
        })
    }

    fn key() -> DataKey {
        DataKey::new(&[7; 32])
    }

    fn sealed(lines: &[Line]) -> SealedBlock {
        let mut builder = BlockBuilder::new();
        lines.iter().for_each(|line| builder.push(line.borrowed()));
        assert_eq!(builder.len(), lines.len());
        let block = builder.finish(&key(), SubmissionId(5), 3);
        assert!(builder.is_empty());
        block
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_same_lines_come_out(lines in proptest::collection::vec(any_line(), 0..40)) {
            let block = sealed(&lines);
            prop_assert_eq!(block.lines as usize, lines.len());
            prop_assert_eq!(open(&block.bytes, &key(), SubmissionId(5), 3).expect("opens"), lines);
        }

        #[test]
        fn any_bytes_give_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(open(&bytes, &key(), SubmissionId(5), 3).is_err());
            // Past the seal as well: what a faulty writer could have put there.
            let _ = decode(&bytes);
        }

        #[test]
        fn a_flipped_bit_is_an_error(lines in proptest::collection::vec(any_line(), 1..5), at in any::<prop::sample::Index>()) {
            let mut bytes = sealed(&lines).bytes;
            let bit = at.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify(&bytes).is_err());
            prop_assert!(open(&bytes, &key(), SubmissionId(5), 3).is_err());
        }
    }

    fn a_line(source_line: u64) -> Line {
        Line {
            source_line,
            id_number: IdentityNumberText("900101149991".into()),
            name: PersonName("AHMAD CONTOH".into()),
            month: "2026-10".parse().expect("a month"),
            wage: None,
            act4_employer: None,
            act4_employee: None,
            act4_total: Sen(8_880),
            eis_employer: None,
            eis_employee: None,
            eis_total: Sen(0),
            skbbk: Sen(0),
            date: None,
            status: None,
            held: false,
        }
    }

    #[test]
    fn a_full_block_and_no_more() {
        let lines: Vec<Line> = (1..=BLOCK_LINES as u64).map(a_line).collect();
        let block = sealed(&lines);
        assert_eq!(open(&block.bytes, &key(), SubmissionId(5), 3).expect("opens"), lines);
        let mut builder = BlockBuilder::new();
        lines.iter().for_each(|line| builder.push(line.borrowed()));
        assert!(builder.is_full());
        let too_much = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| builder.push(lines[0].borrowed())));
        assert!(too_much.is_err());
    }

    #[test]
    fn a_block_opens_only_in_its_place() {
        let block = sealed(&[a_line(1)]);
        assert!(verify(&block.bytes).is_ok());
        let wrong = Err(BlockError::Seal(SealError::DoesNotOpen));
        assert_eq!(open(&block.bytes, &key(), SubmissionId(6), 3), wrong);
        assert_eq!(open(&block.bytes, &key(), SubmissionId(5), 4), wrong);
        assert_eq!(open(&block.bytes, &DataKey::new(&[8; 32]), SubmissionId(5), 3), wrong);
        assert_eq!(open(&[2, 0], &key(), SubmissionId(5), 3), Err(BlockError::UnknownVersion(2)));
    }

    #[test]
    fn persons_hide_themselves() {
        let shown = format!("{:?}", a_line(1));
        assert!(!shown.contains("AHMAD") && !shown.contains("900101"), "{shown}");
    }
}
