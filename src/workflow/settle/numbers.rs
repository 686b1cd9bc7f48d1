//! Order numbers of a new attempt.

use chrono::{DateTime, FixedOffset};

use crate::fpx::order::{Instance, OrderCounters, OrderNumbers, order_numbers as made};
use crate::store::{Group, StoreError};

/// What one instance counts in a day.
const OF_AN_INSTANCE: i64 = 999_999;

/// The numbers of an attempt that starts now: new ones, also after a back-up was put back (decision 13).
///
/// # Errors
/// [`StoreError::SeriesFull`], or of the database.
pub fn order_numbers(group: &mut Group<'_>, now: DateTime<FixedOffset>) -> Result<OrderNumbers, StoreError> {
    let values = group.order_counters(now)?;
    let (instance, of_the_day) = places(values.of_the_day);
    let full = || StoreError::SeriesFull("order".to_owned());
    let counters = OrderCounters { of_the_day, in_all: u64::try_from(values.in_all).map_err(|_| full())? };
    made(&now, counters, instance.ok_or_else(full)?).map_err(|_| full())
}

/// The six digits have no room for a tenth of a second beyond the 999,999th: such numbers get letters at their end.
fn places(of_the_day: i64) -> (Option<Instance>, u32) {
    let instance = u16::try_from((of_the_day - 1) / OF_AN_INSTANCE).ok().and_then(Instance::new);
    let digits = (of_the_day - 1) % OF_AN_INSTANCE + 1;
    (instance, u32::try_from(digits).expect("at most six digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_at_and_above_six_digits() {
        let instance = |number| Instance::new(number).expect("an instance");
        assert_eq!(places(1), (Some(instance(0)), 1));
        assert_eq!(places(864_000), (Some(instance(0)), 864_000));
        assert_eq!(places(999_999), (Some(instance(0)), 999_999));
        assert_eq!(places(1_000_000), (Some(instance(1)), 1));
        assert_eq!(places(1_999_998), (Some(instance(1)), 999_999));
        assert_eq!(places(1_999_999), (Some(instance(2)), 1));
        assert_eq!(places(46_656 * 999_999), (Some(instance(46_655)), 999_999));
        assert_eq!(places(46_656 * 999_999 + 1).0, None);
    }
}
