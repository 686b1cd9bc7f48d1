//! Over the limit: the fewest payments that carry everything, without cutting an acknowledgement in two.
//!
//! Finding the fewest is hard in general. A plain filling in the order given (oldest and costliest first) is taken where no
//! filling can need fewer; else fillings by size are tried, and for small sets every one that could be better. With many
//! items the count may be one above the least possible; a limit is never exceeded.

use std::cmp::Reverse;

use crate::domain::Sen;

/// Up to so many items every filling is tried.
const TRY_ALL_UP_TO: usize = 40;

/// So many placements are tried at most.
const PATIENCE: u32 = 400_000;

/// Packs amounts, each above zero and within the limit, into the fewest payments; gives the places of each payment's items
/// in ascending order, payments by their first item. Where `minimum` can be reached in every payment by moving one item,
/// it is.
pub fn pack(amounts: &[Sen], limit: Sen, minimum: Sen) -> Vec<Vec<usize>> {
    let in_order: Vec<usize> = (0..amounts.len()).collect();
    let mut by_size = in_order.clone();
    by_size.sort_by_key(|place| Reverse(amounts[*place]));
    let mut best = first_fit(amounts, &in_order, limit);
    let least = least_count(amounts, &by_size, limit);
    if best.len() > least {
        let other = best_fit(amounts, &by_size, limit);
        if other.len() < best.len() {
            best = other;
        }
    }
    if best.len() > least && amounts.len() <= TRY_ALL_UP_TO {
        let mut search = Search { amounts, order: &by_size, limit, least, patience: PATIENCE, open: Vec::new(), best };
        search.place(0);
        best = search.best;
    }
    raise_to_minimum(&mut best, amounts, limit, minimum);
    best.iter_mut().for_each(|payment| payment.sort_unstable());
    best.sort_by_key(|payment| payment.first().copied());
    best
}

fn sum(amounts: &[Sen], places: &[usize]) -> Sen {
    places.iter().map(|place| amounts[*place]).sum()
}

/// No filling needs fewer: by the sum, and because no two items above half the limit share a payment.
fn least_count(amounts: &[Sen], by_size: &[usize], limit: Sen) -> usize {
    let total = sum(amounts, by_size).0;
    let by_sum = usize::try_from((total + limit.0 - 1) / limit.0.max(1)).unwrap_or(usize::MAX);
    by_sum.max(amounts.iter().filter(|amount| amount.0 * 2 > limit.0).count())
}

fn first_fit(amounts: &[Sen], order: &[usize], limit: Sen) -> Vec<Vec<usize>> {
    let mut payments: Vec<(Sen, Vec<usize>)> = Vec::new();
    for place in order {
        let amount = amounts[*place];
        match payments.iter_mut().find(|(full, _)| *full + amount <= limit) {
            Some((full, items)) => {
                *full += amount;
                items.push(*place);
            }
            None => payments.push((amount, vec![*place])),
        }
    }
    payments.into_iter().map(|(_, items)| items).collect()
}

fn best_fit(amounts: &[Sen], order: &[usize], limit: Sen) -> Vec<Vec<usize>> {
    let mut payments: Vec<(Sen, Vec<usize>)> = Vec::new();
    for place in order {
        let amount = amounts[*place];
        let fitting = payments.iter_mut().filter(|(full, _)| *full + amount <= limit);
        match fitting.max_by_key(|(full, _)| *full) {
            Some((full, items)) => {
                *full += amount;
                items.push(*place);
            }
            None => payments.push((amount, vec![*place])),
        }
    }
    payments.into_iter().map(|(_, items)| items).collect()
}

/// Every filling that could be better than the best one known, largest items first.
struct Search<'a> {
    amounts: &'a [Sen],
    order: &'a [usize],
    limit: Sen,
    least: usize,
    patience: u32,
    open: Vec<(Sen, Vec<usize>)>,
    best: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn place(&mut self, next: usize) {
        if self.best.len() == self.least || self.patience == 0 {
            return;
        }
        self.patience -= 1;
        let Some(place) = self.order.get(next) else {
            if self.open.len() < self.best.len() {
                self.best = self.open.iter().map(|(_, items)| items.clone()).collect();
            }
            return;
        };
        let free: i64 = self.open.iter().map(|(full, _)| self.limit.0 - full.0).sum();
        let rest = sum(self.amounts, &self.order[next..]).0 - free;
        let more = if rest > 0 { (rest + self.limit.0 - 1) / self.limit.0 } else { 0 };
        if self.open.len() as i64 + more >= self.best.len() as i64 {
            return;
        }
        let amount = self.amounts[*place];
        let mut tried: Vec<Sen> = Vec::new();
        for at in 0..self.open.len() {
            let full = self.open[at].0;
            if full + amount > self.limit || tried.contains(&full) {
                continue;
            }
            tried.push(full);
            self.open[at].0 += amount;
            self.open[at].1.push(*place);
            self.place(next + 1);
            self.open[at].0 -= amount;
            self.open[at].1.pop();
        }
        if self.open.len() + 1 < self.best.len() {
            self.open.push((amount, vec![*place]));
            self.place(next + 1);
            self.open.pop();
        }
    }
}

/// A payment below the minimum takes an item of another one that can spare it.
fn raise_to_minimum(payments: &mut [Vec<usize>], amounts: &[Sen], limit: Sen, minimum: Sen) {
    for poor in 0..payments.len() {
        let own = sum(amounts, &payments[poor]);
        if own >= minimum {
            continue;
        }
        let found = (0..payments.len()).filter(|rich| *rich != poor).find_map(|rich| {
            let full = sum(amounts, &payments[rich]);
            let fine = |amount: Sen| full - amount >= minimum && own + amount >= minimum && own + amount <= limit;
            payments[rich].iter().position(|place| fine(amounts[*place])).map(|at| (rich, at))
        });
        if let Some((rich, at)) = found {
            let item = payments[rich].remove(at);
            payments[poor].push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn packed(amounts: &[i64], limit: i64) -> Vec<Vec<usize>> {
        let amounts: Vec<Sen> = amounts.iter().copied().map(Sen).collect();
        pack(&amounts, Sen(limit), Sen(1))
    }

    /// The fewest payments, by trying every set: another way than the one above.
    fn fewest(amounts: &[i64], limit: i64) -> usize {
        let mut best = vec![(usize::MAX, i64::MAX); 1 << amounts.len()];
        best[0] = (1, 0);
        for set in 0..best.len() {
            for (item, amount) in amounts.iter().enumerate().filter(|(item, _)| set & (1 << item) == 0) {
                let (count, full) = best[set];
                let with = if full + amount <= limit { (count, full + amount) } else { (count + 1, *amount) };
                let other = set | (1 << item);
                best[other] = best[other].min(with);
            }
        }
        best[best.len() - 1].0
    }

    #[test]
    fn oldest_first_where_that_needs_no_more() {
        assert_eq!(packed(&[60, 50, 40, 30], 100), [vec![0, 2], vec![1, 3]]);
        assert_eq!(packed(&[100, 100], 100), [vec![0], vec![1]]);
        assert_eq!(packed(&[50, 50, 1], 100), [vec![0, 1], vec![2]]);
        assert_eq!(packed(&[], 100), Vec::<Vec<usize>>::new());
    }

    #[test]
    fn order_gives_way_to_the_count() {
        // In order: 30+30+30, 70, 70, 70.
        let amounts = [30, 30, 30, 70, 70, 70];
        assert_eq!(packed(&amounts, 100).len(), 3);
        // Neither order nor size alone finds three here.
        let hard = [44, 24, 24, 22, 21, 17, 8, 8, 6, 6];
        assert_eq!(packed(&hard, 60).len(), fewest(&hard, 60));
    }

    #[test]
    fn a_poor_payment_takes_an_item() {
        let amounts: Vec<Sen> = [9_900, 100, 50].map(Sen).to_vec();
        let payments = pack(&amounts, Sen(10_000), Sen(100));
        assert!(payments.iter().all(|places| sum(&amounts, places) >= Sen(100)), "{payments:?}");
    }

    #[test]
    fn a_thousand_items_are_packed_at_once() {
        let amounts: Vec<i64> = (0..1_000).map(|n| 50_000 + n * 7_919 % 900_000).collect();
        let payments = packed(&amounts, 3_000_000);
        let total: i64 = amounts.iter().sum();
        assert!(payments.len() as i64 <= total / 3_000_000 + 2, "{}", payments.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]
        #[test]
        fn never_over_and_never_more_than_the_best(
            amounts in prop::collection::vec(1_i64..=100, 1..11), limit in 100_i64..=140,
        ) {
            let payments = packed(&amounts, limit);
            for payment in &payments {
                prop_assert!(payment.iter().map(|place| amounts[*place]).sum::<i64>() <= limit);
            }
            let mut places: Vec<usize> = payments.concat();
            places.sort_unstable();
            prop_assert_eq!(places, (0..amounts.len()).collect::<Vec<_>>());
            prop_assert_eq!(payments.len(), fewest(&amounts, limit));
        }
    }
}
