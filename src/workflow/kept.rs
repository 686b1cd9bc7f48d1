//! A line as a block keeps it, and what it pays for.

use crate::checks::amount::Amounts;
use crate::checks::history::{Stood, StoodAct};
use crate::domain::{Act4Category, ContributionMonth, Scheme, Sen};
use crate::rates::{RateBook, TotalKind};
use crate::reader::line::Record;
use crate::reader::value::{DateField, date_of};
use crate::store::block::LineRef;

/// Takes off what is acknowledged already: a short payment pays the rest, and an Act that was withdrawn alone is handed in
/// again without the other.
pub(super) fn only_the_difference(line: &mut LineRef<'_>, stood: &Stood, schemes: &[Scheme]) {
    if let Some(act4) = stood.act4.filter(|_| schemes.contains(&Scheme::Act4)) {
        line.act4_total -= act4.total;
        line.skbbk -= stood.skbbk;
        line.act4_employer = less(line.act4_employer, act4.employer, &act4);
        line.act4_employee = less(line.act4_employee, act4.employee, &act4);
    }
    if let Some(eis) = stood.eis.filter(|_| schemes.contains(&Scheme::Act800)) {
        line.eis_total -= eis.total;
        line.eis_employer = less(line.eis_employer, eis.employer, &eis);
        line.eis_employee = less(line.eis_employee, eis.employee, &eis);
    }
}

/// A share without what stands of it; unknown where a layout that carries only totals is among what stands.
fn less(share: Option<Sen>, stood: Sen, act: &StoodAct) -> Option<Sen> {
    share.filter(|_| act.employer + act.employee == act.total).map(|share| share - stood)
}

/// The line as a block keeps it.
pub(super) fn kept_line<'a>(
    record: &Record<'a>,
    source_line: u64,
    month: ContributionMonth,
    amounts: &Amounts,
    schemes: &[Scheme],
    held: bool,
) -> LineRef<'a> {
    let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
    let date = if let DateField::Day(day) = date_of(record.date()) { Some(day) } else { None };
    let status = record.status().first().copied().filter(|status| *status != b' ').map(|s| s.to_ascii_uppercase());
    let line = LineRef {
        source_line,
        id_number: text(record.id_number()),
        name: text(record.name),
        month,
        wage: None,
        act4_employer: None,
        act4_employee: None,
        act4_total: Sen::ZERO,
        eis_employer: None,
        eis_employee: None,
        eis_total: Sen::ZERO,
        skbbk: Sen::ZERO,
        date,
        status,
        held,
    };
    match amounts {
        Amounts::Total(total) if schemes == [Scheme::Act800] => LineRef { eis_total: *total, ..line },
        Amounts::Total(total) => LineRef { act4_total: *total, ..line },
        Amounts::Shares(s) => LineRef {
            wage: Some(s.wage),
            act4_employer: Some(s.socso_employer),
            act4_employee: Some(s.socso_employee),
            act4_total: s.socso_employer + s.socso_employee,
            eis_employer: Some(s.eis_employer),
            eis_employee: Some(s.eis_employee),
            eis_total: s.eis_employer + s.eis_employee,
            skbbk: s.skbbk,
            ..line
        },
    }
}

/// The category that a line pays in: by its shares, or by the only column of the table in which its total stands.
pub(super) fn is_second_category(line: &LineRef<'_>) -> bool {
    match line.act4_employee {
        Some(employee) => employee.is_zero() && !line.act4_total.is_zero(),
        None => RateBook::embedded().act4(line.month).is_ok_and(|table| {
            let kinds = table.total_kinds(line.act4_total);
            kinds.pays(Act4Category::Second) && !kinds.contains(TotalKind::First) && !kinds.pays(Act4Category::First)
        }),
    }
}
