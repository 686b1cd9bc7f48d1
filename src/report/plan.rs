//! Which lines stand on which page, and the sums at the foot of each. No drawing here.

use std::ops::Range;

use crate::domain::Sen;

/// A last page carries at least this many lines, so that no line stands alone.
const LAST_PAGE_LINES: usize = 3;

/// One page of a list. The sums are one per summed column, from left to right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedPage {
    /// Lines on this page, counted from 0.
    pub lines: Range<usize>,
    /// Sum of all pages before.
    pub brought_forward: Vec<Sen>,
    /// Sum of this page.
    pub page_total: Vec<Sen>,
    /// `brought_forward` + `page_total`; the grand total on the last page.
    pub carried_forward: Vec<Sen>,
}

/// One line of a list as the plan sees it.
pub(crate) struct PlannedLine {
    /// Height in points.
    pub height: f32,
    /// Amounts of the summed columns.
    pub amounts: Vec<Sen>,
}

/// Spreads lines over pages with this much room in points. There is always at least one page.
///
/// A line higher than a page gets a page of its own.
pub(crate) fn plan(lines: impl Iterator<Item = PlannedLine>, columns: usize, room: f32) -> Vec<PlannedPage> {
    let mut starts = vec![0];
    let mut amounts: Vec<Sen> = Vec::new();
    let (mut used, mut count) = (0.0, 0);
    for line in lines {
        assert_eq!(line.amounts.len(), columns, "every line has every summed column");
        if used + line.height > room && used > 0.0 {
            starts.push(count);
            used = 0.0;
        }
        used += line.height;
        amounts.extend(line.amounts);
        count += 1;
    }
    keep_company(&mut starts, count);
    starts.push(count);
    let mut brought_forward = vec![Sen::ZERO; columns];
    let page = |edges: &[usize]| {
        let lines = edges[0]..edges[1];
        let of = |column: usize| lines.clone().map(move |line| line * columns + column);
        let page_total: Vec<Sen> = (0..columns).map(|column| of(column).map(|at| amounts[at]).sum()).collect();
        let carried_forward: Vec<Sen> = brought_forward.iter().zip(&page_total).map(|(a, b)| *a + *b).collect();
        let before = std::mem::replace(&mut brought_forward, carried_forward.clone());
        PlannedPage { lines, brought_forward: before, page_total, carried_forward }
    };
    starts.windows(2).map(page).collect()
}

/// Moves lines from the last page but one to the last, where fewer than three would stand.
fn keep_company(starts: &mut [usize], count: usize) {
    if let [.., before, last] = starts {
        let wanted = count.saturating_sub(LAST_PAGE_LINES);
        if wanted > *before + LAST_PAGE_LINES {
            *last = (*last).min(wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(count: usize, room: f32) -> Vec<PlannedPage> {
        let line = |i: usize| PlannedLine { height: 10.0, amounts: vec![Sen(i as i64 + 1), Sen(100)] };
        plan((0..count).map(line), 2, room)
    }

    #[test]
    fn sums_are_carried_forward_to_the_grand_total() {
        for count in [0, 1, 9, 10, 11, 12, 13, 20, 21, 95] {
            let pages = pages(count, 100.0);
            let n = count as i64;
            let mut carried = vec![Sen::ZERO; 2];
            let mut next = 0;
            for page in &pages {
                assert_eq!(page.lines.start, next, "no line is lost or doubled");
                assert_eq!(page.brought_forward, carried);
                carried = page.carried_forward.clone();
                assert_eq!(carried[0], page.brought_forward[0] + page.page_total[0]);
                assert!(page.lines.len() <= 10);
                next = page.lines.end;
            }
            assert_eq!(next, count);
            assert_eq!(carried, [Sen(n * (n + 1) / 2), Sen(100 * n)], "{count} lines");
            let totals: Sen = pages.iter().map(|page| page.page_total[0]).sum();
            assert_eq!(totals, carried[0]);
        }
    }

    #[test]
    fn pages_for_none_one_a_full_page_and_one_more() {
        let counts = |count| pages(count, 100.0).iter().map(|page| page.lines.len()).collect::<Vec<_>>();
        assert_eq!(counts(0), [0]);
        assert_eq!(counts(1), [1]);
        assert_eq!(counts(10), [10]);
        assert_eq!(counts(11), [8, 3], "no line stands alone on the last page");
        assert_eq!(counts(12), [9, 3]);
        assert_eq!(counts(13), [10, 3]);
        assert_eq!(counts(21), [10, 8, 3]);
    }

    #[test]
    fn a_line_higher_than_the_page_still_stands() {
        let tall = (0..2).map(|_| PlannedLine { height: 500.0, amounts: Vec::new() });
        assert_eq!(plan(tall, 0, 100.0).len(), 2);
    }
}
