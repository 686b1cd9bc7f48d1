//! Fast ways through a table: from a wage to its row, from a total to what it pays, and the neighbours of an amount.

use crate::domain::Sen;

/// A total that the law prints, with the wages that lead to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LegalTotal {
    /// The total.
    pub total: Sen,
    /// Wages above this.
    pub over: Sen,
    /// Wages up to this, inclusive; `None` without upper limit.
    pub upto: Option<Sen>,
}

/// The legal totals on either side of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearestTotals {
    /// The largest one below the amount.
    pub below: Option<LegalTotal>,
    /// The smallest one above the amount.
    pub above: Option<LegalTotal>,
}

/// From a wage to its row by one division: all band edges are multiples of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BandIndex {
    /// Greatest common divisor of the band edges, in sen.
    step: i64,
    /// Row for each step below the last row's lower edge.
    rows: Vec<u8>,
    /// The last row.
    last: usize,
}

impl BandIndex {
    /// `edges`: the lower limits of all rows, rising from zero. The loader has proved that.
    pub(super) fn new(edges: impl Iterator<Item = Sen>) -> Self {
        let edges: Vec<i64> = edges.map(|edge| edge.0).collect();
        let step = edges.iter().fold(0, |a, b| greatest_common_divisor(a, *b)).max(1);
        let mut rows = Vec::new();
        for (row, pair) in edges.windows(2).enumerate() {
            let row = u8::try_from(row).expect("the loader takes at most 255 rows");
            rows.extend((0..(pair[1] - pair[0]) / step).map(|_| row));
        }
        BandIndex { step, rows, last: edges.len().saturating_sub(1) }
    }

    pub(super) fn row(&self, wage: Sen) -> Option<usize> {
        if wage.0 <= 0 {
            return None;
        }
        // One sen less, because the upper edge of a band belongs to it.
        let place = usize::try_from((wage.0 - 1) / self.step).ok()?;
        Some(self.rows.get(place).map_or(self.last, |row| usize::from(*row)))
    }
}

fn greatest_common_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Neighbours of an amount among rising totals; rows that print the same total are one wage band.
pub(super) fn nearest(amount: Sen, rows: impl Iterator<Item = LegalTotal>) -> NearestTotals {
    let mut found = NearestTotals { below: None, above: None };
    for row in rows {
        let side = match row.total.cmp(&amount) {
            std::cmp::Ordering::Less => &mut found.below,
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => &mut found.above,
        };
        match side {
            Some(band) if band.total == row.total => band.upto = row.upto,
            Some(_) if row.total > amount => break,
            _ => *side = Some(row),
        }
    }
    found
}

/// One byte of marks for each sen up to the highest total.
pub(super) fn dense(marks: impl Iterator<Item = (Sen, u8)>) -> Vec<u8> {
    let mut all = Vec::new();
    for (total, mark) in marks {
        let place = usize::try_from(total.0).expect("printed amounts have no sign");
        if all.len() <= place {
            all.resize(place + 1, 0);
        }
        all[place] |= mark;
    }
    all
}

/// The marks of a total; none beyond the highest.
pub(super) fn at(marks: &[u8], total: Sen) -> u8 {
    usize::try_from(total.0).ok().and_then(|place| marks.get(place)).copied().unwrap_or(0)
}
