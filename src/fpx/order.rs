//! Order numbers: never given twice, by any node, before or after a back-up is put back.
//!
//! FPX refuses a number it has seen (codes 45, XN and XO), and an answer is found by its number. So every attempt to pay
//! gets two new ones, and what was counted after the last back-up must not be counted again when it is put back: numbers
//! of an instance other than the first end in the letters of that instance. Whoever puts a back-up back, or adds a node,
//! chooses a new [`Instance`].

use std::fmt;

use chrono::{DateTime, TimeZone};

use super::value::FpxTime;

/// What our exchange order numbers begin with.
const EXCHANGE_PREFIX: &str = "PKS";
/// What our seller order numbers begin with.
const SELLER_PREFIX: &str = "T";
/// The most that an exchange order number counts in a day.
const MOST_IN_A_DAY: u32 = 999_999;
/// The most that a seller order number counts.
const MOST_IN_ALL: u64 = 9_999_999_999;
/// Places of an instance: 36³ of them.
const INSTANCE_PLACES: u32 = 3;

/// Whose counters a number comes from. The first adds nothing to it, every other three letters or digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instance(u16);

impl Instance {
    /// The first: one node, no back-up put back yet.
    pub const FIRST: Instance = Instance(0);
    /// How many there are.
    pub const COUNT: u16 = 36_u16.pow(INSTANCE_PLACES);

    /// The instance of a number below [`Instance::COUNT`]; `None` from there on.
    pub fn new(number: u16) -> Option<Instance> {
        (number < Instance::COUNT).then_some(Instance(number))
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Instance::FIRST {
            return Ok(());
        }
        for place in (0..INSTANCE_PLACES).rev() {
            let digit = u32::from(self.0) / 36_u32.pow(place) % 36;
            let digit = char::from_digit(digit, 36).expect("below 36");
            write!(f, "{}", digit.to_ascii_uppercase())?;
        }
        Ok(())
    }
}

/// The counters of an instance, each already one higher than at the last attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderCounters {
    /// Attempts of this Malaysian day, from 1.
    pub of_the_day: u32,
    /// Attempts ever, from 1.
    pub in_all: u64,
}

/// The two numbers of one attempt: capital letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderNumbers {
    /// `fpx_sellerExOrderNo`: `PKS`, the Malaysian day, six digits, the instance.
    pub exchange: String,
    /// `fpx_sellerOrderNo`: `T`, ten digits, the instance.
    pub seller: String,
}

/// A counter is 0 or has run over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no order number can be made of the counters {} of the day and {} in all", .0.of_the_day, .0.in_all)]
pub struct CounterRange(pub OrderCounters);

/// Makes the numbers of the attempt that starts at `now`.
///
/// # Errors
/// [`CounterRange`]: from 1 to 999,999 in a day and to 9,999,999,999 in all.
pub fn order_numbers<Z: TimeZone>(
    now: &DateTime<Z>,
    counters: OrderCounters,
    instance: Instance,
) -> Result<OrderNumbers, CounterRange> {
    let OrderCounters { of_the_day, in_all } = counters;
    if !(1..=MOST_IN_A_DAY).contains(&of_the_day) || !(1..=MOST_IN_ALL).contains(&in_all) {
        return Err(CounterRange(counters));
    }
    let day = FpxTime::of(now).day().format("%Y%m%d");
    Ok(OrderNumbers {
        exchange: format!("{EXCHANGE_PREFIX}{day}{of_the_day:06}{instance}"),
        seller: format!("{SELLER_PREFIX}{in_all:010}{instance}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn numbers(now: &str, of_the_day: u32, in_all: u64, instance: u16) -> Result<OrderNumbers, CounterRange> {
        let now = DateTime::parse_from_rfc3339(now).expect("a moment");
        order_numbers(&now, OrderCounters { of_the_day, in_all }, Instance::new(instance).expect("an instance"))
    }

    #[test]
    fn the_first_instance_has_plain_numbers() {
        let made = numbers("2026-07-14T16:00:00Z", 1, 1, 0).expect("numbers");
        assert_eq!((made.exchange.as_str(), made.seller.as_str()), ("PKS20260715000001", "T0000000001"));
        let made = numbers("2026-07-15T23:59:59+08:00", 999_999, 9_999_999_999, 46_655).expect("numbers");
        assert_eq!((made.exchange.as_str(), made.seller.as_str()), ("PKS20260715999999ZZZ", "T9999999999ZZZ"));
        let made = numbers("2026-07-15T00:00:00+08:00", 1, 1, 37).expect("numbers");
        assert_eq!((made.exchange.as_str(), made.seller.as_str()), ("PKS20260715000001011", "T0000000001011"));
    }

    #[test]
    fn counters_start_at_one_and_end() {
        for (of_the_day, in_all) in [(0, 1), (1_000_000, 1), (1, 0), (1, 10_000_000_000)] {
            assert!(numbers("2026-07-15T00:00:00+08:00", of_the_day, in_all, 0).is_err(), "{of_the_day}, {in_all}");
        }
        assert_eq!((Instance::new(46_655).is_some(), Instance::new(46_656)), (true, None));
    }

    #[test]
    fn no_two_attempts_share_a_number() {
        let (mut exchange, mut seller) = (HashSet::new(), HashSet::new());
        let mut in_all = 0;
        for instance in [0, 1, 35, 36, 1_295, 1_296, 46_655] {
            for day in ["2026-07-15T12:00:00+08:00", "2026-07-16T12:00:00+08:00"] {
                for of_the_day in [1, 11, 111, 1_011, 100_001, 111_011] {
                    in_all += 1;
                    let made = numbers(day, of_the_day, in_all % 12 + 1, instance).expect("numbers");
                    assert!(made.exchange.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
                    assert!(made.exchange.len() <= 40 && made.seller.len() <= 40);
                    assert!(exchange.insert(made.exchange) && seller.insert(made.seller), "{instance} {in_all}");
                }
            }
        }
    }
}
