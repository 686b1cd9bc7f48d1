//! Which Act a 223 file is for: told, or shown by its amounts, or hinted at by its name. Never guessed in silence.

use std::io;

use super::amount::{Amounts, amounts_of};
use super::context::Act;
use super::{Options, SchemeBasis};
use crate::domain::{ContributionMonth, Finding, FindingName, Scheme};
use crate::rates::RateBook;
use crate::reader::chunk::CHUNK_BYTES;
use crate::reader::identify::{Identity, scheme_in_name};
use crate::reader::line::{Line, LineReader, Record, split_at_lone_returns};
use crate::reader::{ByteSource, Layout, LayoutId};

/// By how much the lines that only one Act's table explains must outnumber those of the other: single slips do not turn a
/// file round.
const MAJORITY: u64 = 3;

/// The Act of a file and why.
#[derive(Debug, Clone)]
pub struct Decided {
    /// What its amounts pay.
    pub act: Act,
    /// On what that rests; `None` where the layout says it.
    pub basis: Option<SchemeBasis>,
    /// What is to be said about it.
    pub findings: Vec<Finding>,
}

/// Decides before the lines are judged, from as many pieces of the file as it takes.
///
/// # Errors
/// What the source reports.
pub fn decide<S: ByteSource + ?Sized>(source: &S, identity: &Identity, options: &Options<'_>) -> io::Result<Decided> {
    match Layout::get(identity.layout).schemes.as_slice() {
        [] => {}
        [one] => return Ok(Decided { act: Act::One(*one), basis: None, findings: Vec::new() }),
        _ => return Ok(Decided { act: Act::Joint, basis: None, findings: Vec::new() }),
    }
    let named = scheme_in_name(options.file_name);
    let (scheme, basis) = match options.scheme {
        Some(told) => (Some(told), Some(SchemeBasis::Told)),
        None => match by_amounts(source, identity, options.book)? {
            Some(shown) => (Some(shown), Some(SchemeBasis::Amounts)),
            None => (named, named.map(|_| SchemeBasis::FileName)),
        },
    };
    let Some(scheme) = scheme else {
        let findings = vec![Finding::new(FindingName::SchemeUndecided)];
        return Ok(Decided { act: Act::Undecided, basis: None, findings });
    };
    let contradiction = named
        .filter(|named| *named != scheme)
        .map(|named| Finding::new(FindingName::SchemeContradictsName).found(named.id()).expected(scheme.id()));
    Ok(Decided { act: Act::One(scheme), basis, findings: contradiction.into_iter().collect() })
}

fn by_amounts<S: ByteSource + ?Sized>(source: &S, identity: &Identity, book: &RateBook) -> io::Result<Option<Scheme>> {
    let mut reader = LineReader::new(identity.layout, identity.wrapper);
    let mut counts = [0u64; 2];
    let mut buffer = vec![0; CHUNK_BYTES as usize];
    let mut offset = identity.start;
    loop {
        let count = source.read_at(&mut buffer, offset)?;
        // Lines cut by the edges of the pieces are left out: whole ones are enough to decide.
        for line in buffer[..count].split(|b| *b == identity.line_end).flat_map(split_at_lone_returns) {
            match reader.regular(line) {
                Some(record) => tally(&record, identity.layout, book, &mut counts),
                None => {
                    if let Line::Record(record) = reader.read(line) {
                        tally(&record, identity.layout, book, &mut counts);
                    }
                }
            }
        }
        let [act4, act800] = counts;
        if act4 > 0 && act4 >= MAJORITY * act800 {
            return Ok(Some(Scheme::Act4));
        }
        if act800 > 0 && act800 >= MAJORITY * act4 {
            return Ok(Some(Scheme::Act800));
        }
        if count == 0 {
            return Ok(None);
        }
        offset += count as u64;
    }
}

/// Counts an amount that stands in one Act's table only.
fn tally(record: &Record<'_>, layout: LayoutId, book: &RateBook, counts: &mut [u64; 2]) {
    let Some(month) = record.month else { return };
    if let Some(Amounts::Total(total)) = amounts_of(record, layout)
        && !total.is_zero()
    {
        let act4 = book.act4(month).is_ok_and(|table| !table.total_kinds(total).is_empty());
        let act800 = book.act800(month).is_ok_and(|table| table.is_total(total));
        match (act4, act800) {
            (true, false) => counts[0] += 1,
            (false, true) => counts[1] += 1,
            _ => above_both(total, month, book, counts),
        }
    }
}

/// An amount above every EIS total can only be meant for Act 4.
fn above_both(total: crate::domain::Sen, month: ContributionMonth, book: &RateBook, counts: &mut [u64; 2]) {
    let act4_top = book.act4(month).map_or(0, |table| table.top_row().first_total().0);
    let act800_top = book.act800(month).map_or(0, |table| table.top_row().total().0);
    if total.0 > act800_top && total.0 <= act4_top {
        counts[0] += 1;
    }
}
