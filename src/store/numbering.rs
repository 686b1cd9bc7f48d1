//! Numbers in series, as `selfcheck` proves them: what stands in a table against what its counter says.

use super::audit::Audit;
use super::error::StoreError;

/// A table whose rows are numbered from 1, without a gap and without a repeat, in one series or several.
#[derive(Debug)]
pub struct Numbering {
    /// The table.
    pub table: &'static str,
    /// Its rows: `number`, the `kind` and `period` of its series, and the `prefix` before the serial.
    rows: &'static str,
    /// Digits of the serial at least; 0: as few as it takes.
    digits: usize,
    /// Every kind of series.
    kinds: &'static str,
}

/// A row that breaks its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unnumbered {
    /// This number does not follow the one before it.
    Gap(String),
    /// This series' counter stands at another number than its last row.
    Counter(String),
}

/// All series but those of events, submissions and acknowledgements, which have checks of their own. Not every number of
/// deliveries, order numbers and stray messages is used.
pub const NUMBERINGS: &[Numbering] = &[
    Numbering {
        table: "receipt",
        rows: "select number, 'receipt-' || scheme as kind, substr(number, 1, 4) as period, \
               substr(number, 1, 4) || case scheme when 'act800' then 'E' else '' end as prefix from receipt",
        digits: 10,
        kinds: "'receipt-act4', 'receipt-act800'",
    },
    Numbering {
        table: "charge",
        rows: "select number, 'charge-' || kind as kind, \
               '20' || substr(number, 7, 2) || '-' || substr(number, 4, 2) as period, \
               case kind when 'interest' then 'FCL' else 'KMP' end || substr(number, 4, 5) as prefix from charge",
        digits: 7,
        kinds: "'charge-interest', 'charge-compound'",
    },
    Numbering {
        table: "payment",
        rows: "select number, 'payment' as kind, '' as period, 'P-' as prefix from payment",
        digits: 6,
        kinds: "'payment'",
    },
    Numbering {
        table: "offline_payment",
        rows: "select number, 'offline-payment' as kind, '' as period, 'O-' as prefix from offline_payment",
        digits: 6,
        kinds: "'offline-payment'",
    },
    Numbering {
        table: "office_case",
        rows: "select number, 'case' as kind, '' as period, 'C-' as prefix from office_case",
        digits: 6,
        kinds: "'case'",
    },
    Numbering {
        table: "journal",
        rows: "select distinct cast(entry as text) as number, 'journal' as kind, '' as period, '' as prefix from journal",
        digits: 0,
        kinds: "'journal'",
    },
    Numbering {
        table: "outbox",
        rows: "select cast(id as text) as number, 'outbox' as kind, '' as period, '' as prefix from outbox",
        digits: 0,
        kinds: "'outbox'",
    },
];

impl Numbering {
    /// The first number that is not the one its place in the series demands.
    fn gap(&self) -> String {
        let (rows, place) = (self.rows, "cast(place as text)");
        let padded = match self.digits {
            0 => place.to_owned(),
            digits => {
                let (zeros, beyond) = ("0".repeat(digits), format!("1{}", "0".repeat(digits)));
                format!(
                    "case when place < {beyond} then substr('{zeros}', length({place}) + 1) || {place} else {place} end"
                )
            }
        };
        format!(
            "select named from (select number as named, prefix, \
             row_number() over (partition by kind, period order by length(number), number) as place \
             from ({rows}) listed) numbered where named <> prefix || {padded} order by length(named), named limit 1"
        )
    }

    /// The first series whose counter is not the number of its rows.
    fn counter(&self) -> String {
        let (rows, kinds) = (self.rows, self.kinds);
        format!(
            "select trim(kind || ' ' || period) as named from (select kind, period, sum(last) as counted, \
             sum(found) as found from (select kind, period, last, 0 as found from series where kind in ({kinds}) \
             union all select kind, period, 0 as last, count(*) as found from ({rows}) listed group by kind, period) \
             sides group by kind, period) compared where counted <> found order by 1 limit 1"
        )
    }
}

impl Audit<'_> {
    /// The first number of a table that breaks its series.
    ///
    /// # Errors
    /// [`StoreError`] of the database.
    pub fn unnumbered(&mut self, numbering: &Numbering) -> Result<Option<Unnumbered>, StoreError> {
        if let Some(number) = self.first(&numbering.gap())? {
            return Ok(Some(Unnumbered::Gap(number)));
        }
        Ok(self.first(&numbering.counter())?.map(Unnumbered::Counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    /// Numbers in the order of length, then of letters, against their places.
    fn first_gap(numbers: &[&str], digits: usize) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(None, folder.path(), None).expect("a store");
        let all = numbers.iter().map(|number| format!("select '{number}' as number")).collect::<Vec<_>>();
        let rows =
            format!("select number, 'k' as kind, '' as period, 'P-' as prefix from ({})", all.join(" union all "));
        let numbering = Numbering { table: "t", rows: rows.leak(), digits, kinds: "'k'" };
        store.begin_audit().expect("a look").first(&numbering.gap()).expect("asked")
    }

    #[test]
    fn serials_follow_each_other_below_at_and_above_their_digits() {
        assert_eq!(first_gap(&["P-1", "P-2", "P-9", "P-3"], 1).as_deref(), Some("P-9"));
        let ten: Vec<String> = (1..=11).map(|serial| format!("P-{serial}")).collect();
        let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
        assert_eq!(first_gap(&ten, 1), None, "9, 10 and 11 where one digit is usual");
        assert_eq!(first_gap(&ten, 0), None);
        assert_eq!(first_gap(&ten, 2).as_deref(), Some("P-1"));
        assert_eq!(first_gap(&["P-01", "P-02"], 2), None);
        assert_eq!(first_gap(&["P-01", "P-01"], 2).as_deref(), Some("P-01"), "a repeat");
        assert_eq!(first_gap(&["P-02"], 2).as_deref(), Some("P-02"), "the first is missing");
        assert_eq!(first_gap(&["X-01"], 2).as_deref(), Some("X-01"));
    }
}
