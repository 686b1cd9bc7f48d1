//! Amounts against the printed tables of the month: totals of one-Act lines, shares of joint lines, SKBBK.

use std::fmt::Write as _;

use super::context::{Act, MonthContext};
use super::pass::{Pass, Sums};
use super::person::Facts;
use crate::domain::{Act4Category, Columns, Finding, FindingName, Scheme, Sen};
use crate::rates::{Act4Row, Act4Schedule, Act800Row, Act800Schedule, TotalKind};
use crate::reader::LayoutId;
use crate::reader::line::Record;
use crate::reader::value::{Figure, figure, legacy_figure};

/// What a line pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amounts {
    /// One total of both shares.
    Total(Sen),
    /// Wage and shares.
    Shares(Shares),
}

/// Wage and shares of a joint line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the amount of that name")]
pub struct Shares {
    pub wage: Sen,
    pub socso_employer: Sen,
    pub socso_employee: Sen,
    pub eis_employer: Sen,
    pub eis_employee: Sen,
    pub skbbk: Sen,
}

impl Shares {
    /// Both SOCSO shares, without SKBBK.
    pub fn socso(&self) -> (Sen, Sen) {
        (self.socso_employer, self.socso_employee)
    }

    /// Both EIS shares.
    pub fn eis(&self) -> (Sen, Sen) {
        (self.eis_employer, self.eis_employee)
    }

    /// Everything that is paid.
    pub fn total(&self) -> Sen {
        self.socso_employer + self.socso_employee + self.eis_employer + self.eis_employee + self.skbbk
    }
}

impl Amounts {
    /// EIS of both sides; the total of a one-Act line counts as such.
    pub fn eis_total(&self) -> Sen {
        match self {
            Amounts::Total(total) => *total,
            Amounts::Shares(s) => s.eis_employer + s.eis_employee,
        }
    }

    pub(super) fn add_to(&self, sums: &mut Sums, act: Act) {
        match (self, act) {
            (Amounts::Total(total), Act::One(Scheme::Act800)) => {
                sums.act800_people += 1;
                sums.act800_total += *total;
            }
            (Amounts::Total(total), _) => {
                sums.act4_people += 1;
                sums.act4_total += *total;
            }
            (Amounts::Shares(s), _) => {
                sums.act4_people += 1;
                sums.act4_employer += s.socso_employer;
                sums.act4_employee += s.socso_employee;
                sums.skbbk += s.skbbk;
                sums.act4_total += s.socso_employer + s.socso_employee + s.skbbk;
                sums.act800_people += u64::from(!self.eis_total().is_zero());
                sums.act800_employer += s.eis_employer;
                sums.act800_employee += s.eis_employee;
                sums.act800_total += self.eis_total();
            }
        }
    }
}

/// The amounts of a line, without judging them: for a second reading of a line that was judged.
pub fn amounts_of(record: &Record<'_>, layout: LayoutId) -> Option<Amounts> {
    if !layout.is_joint() {
        let read = if layout == LayoutId::Brg8a83 { legacy_figure(record.amount()) } else { figure(record.amount()) };
        return read.map(|f| Amounts::Total(f.sen));
    }
    let sen = |field| figure(field).map(|f| f.sen);
    Some(Amounts::Shares(Shares {
        wage: sen(record.wage())?,
        socso_employer: sen(record.socso_employer())?,
        socso_employee: sen(record.socso_employee())?,
        eis_employer: sen(record.eis_employer())?,
        eis_employee: sen(record.eis_employee())?,
        skbbk: sen(record.skbbk())?,
    }))
}

/// Reads the amounts and says which fields are no amounts.
pub(super) fn read(pass: &mut Pass<'_, '_>, record: &Record<'_>) -> Option<Amounts> {
    let layout = pass.context.layout.id;
    let mut single_zero = None;
    let mut sound = true;
    let mut one = |pass: &mut Pass<'_, '_>, field: &'static str, text: &[u8], read: Option<Figure>| {
        match read {
            Some(figure) => {
                if figure.single_zero && single_zero.is_none() {
                    single_zero = Some((field, text.len()));
                }
                return figure.sen;
            }
            None => {
                sound = false;
                pass.add_at(FindingName::AmountFormat, field, text);
            }
        }
        Sen::ZERO
    };
    let amounts = if layout.is_joint() {
        let mut field = |pass: &mut Pass<'_, '_>, name, text| one(pass, name, text, figure(text));
        let shares = Shares {
            wage: field(pass, "wage", record.wage()),
            socso_employer: field(pass, "socso_employer", record.socso_employer()),
            socso_employee: field(pass, "socso_employee", record.socso_employee()),
            eis_employer: field(pass, "eis_employer", record.eis_employer()),
            eis_employee: field(pass, "eis_employee", record.eis_employee()),
            skbbk: field(pass, "skbbk", record.skbbk()),
        };
        let blank = record.skbbk().iter().all(|b| *b == b' ');
        *(if blank { &mut pass.piece.skbbk_blank } else { &mut pass.piece.skbbk_digits }) += 1;
        Amounts::Shares(shares)
    } else {
        let read = if layout == LayoutId::Brg8a83 { legacy_figure(record.amount()) } else { figure(record.amount()) };
        Amounts::Total(one(pass, "amount", record.amount(), read))
    };
    if let Some((field, width)) = single_zero {
        let finding = pass.at(FindingName::ZeroAsSingleDigit, field, b"0").expected("0".repeat(width.min(4)));
        pass.add(finding);
    }
    sound.then_some(amounts)
}

/// Judges amounts that could be read.
pub(super) fn judge(
    pass: &mut Pass<'_, '_>,
    record: &Record<'_>,
    amounts: &Amounts,
    facts: &Facts,
    month: &MonthContext<'_>,
) {
    if !covered(pass, month) {
        return;
    }
    match (amounts, pass.context.act) {
        (Amounts::Shares(shares), _) => super::shares::judge(pass, shares, facts, month),
        (Amounts::Total(total), _) if total.is_zero() => {
            let reason = record.status().first().is_some_and(|s| matches!(s.to_ascii_uppercase(), b'S' | b'T'));
            if !reason {
                pass.add_at(FindingName::ZeroWithoutReason, "amount", b"");
            }
        }
        (Amounts::Total(total), Act::One(Scheme::Act4)) => act4_total(pass, *total, facts, month),
        (Amounts::Total(total), Act::One(Scheme::Act800)) => act800_total(pass, *total, month),
        (Amounts::Total(_), Act::Undecided | Act::Joint) => {}
    }
}

/// Says by name which table is missing, once a line.
fn covered(pass: &mut Pass<'_, '_>, month: &MonthContext<'_>) -> bool {
    let act = pass.context.act;
    let act4 = month.act4.as_ref().err().filter(|_| act.pays_act4());
    let act800 = month.act800.as_ref().err().filter(|_| act.pays_act800());
    let Some(missing) = act4.or(act800) else {
        return true;
    };
    let finding = Finding::new(FindingName::ScheduleNotCovered)
        .at("month", pass.columns("month"))
        .found(month.month.mmyyyy())
        .with("month", month.month)
        .with("scheme", missing.scheme)
        .with("reason", &missing.reason);
    pass.add(finding);
    false
}

/// The total of a SOCSO line: one of the table's totals, perhaps with SKBBK inside.
fn act4_total(pass: &mut Pass<'_, '_>, total: Sen, facts: &Facts, month: &MonthContext<'_>) {
    let Ok(table) = month.act4 else { return };
    let kinds = table.total_kinds(total);
    let plain = kinds.contains(TotalKind::First) || kinds.contains(TotalKind::Second);
    let inside = !plain && month.skbbk_inside && !kinds.is_empty();
    if !plain && !inside {
        let top = TotalKind::ALL.into_iter().filter(|kind| month.skbbk_inside || !kind.has_skbbk());
        let top = top.map(|kind| table.top_row().total(kind)).max().unwrap_or_default();
        let kind = if facts.category == Some(Act4Category::Second) { TotalKind::Second } else { TotalKind::First };
        let nearest = table.nearest_totals(total, kind);
        return wrong_total(pass, total, top, &bands(nearest.below.iter().chain(nearest.above.iter())), &table.id);
    }
    if inside {
        let kind = kinds.iter().find(|kind| kind.has_skbbk()).unwrap_or(TotalKind::FirstWithSkbbk);
        if let Some((_, row)) = table.rows_paying_total(total, kind).next() {
            let expected = total - row.skbbk;
            let finding = Finding::new(FindingName::SkbbkInsideTotal).at("amount", pass.columns("amount"));
            pass.add(finding.found(row.skbbk.to_string()).expected(expected.to_string()));
        }
    }
    let pays = |category| if inside { kinds.pays(category) } else { kinds.contains(plain_kind(category)) };
    let paid = match (pays(Act4Category::First), pays(Act4Category::Second)) {
        (true, false) => Some(Act4Category::First),
        (false, true) => Some(Act4Category::Second),
        _ => None, // the same total stands in both columns
    };
    if let Some(paid) = paid {
        category(pass, paid, facts, "amount", |pass| pass.columns("amount"));
    }
}

fn plain_kind(category: Act4Category) -> TotalKind {
    if category == Act4Category::First { TotalKind::First } else { TotalKind::Second }
}

fn act800_total(pass: &mut Pass<'_, '_>, total: Sen, month: &MonthContext<'_>) {
    let Ok(table) = month.act800 else { return };
    if !table.is_total(total) {
        let nearest = table.nearest_totals(total);
        wrong_total(
            pass,
            total,
            table.top_row().total(),
            &bands(nearest.below.iter().chain(nearest.above.iter())),
            &table.id,
        );
    }
}

fn wrong_total(pass: &mut Pass<'_, '_>, total: Sen, top: Sen, nearest: &str, table: &str) {
    let columns = pass.columns("amount");
    let finding = if total > top {
        Finding::new(FindingName::AmountLooksLikeWage).expected(top.to_string())
    } else {
        Finding::new(FindingName::AmountNotInSchedule).expected(nearest).with("table", table)
    };
    pass.add(finding.at("amount", columns).found(total.to_string()));
}

/// `68.60 (wage 2,900.00 to 3,000.00), 71.10 (…)`: totals with the wages that pay them.
fn bands<'t>(totals: impl Iterator<Item = &'t crate::rates::LegalTotal>) -> String {
    let mut text = String::new();
    for total in totals {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}{} ({})", total.total, band(total.over, total.upto));
    }
    text
}

/// A band of wages: over, and up to and including.
pub(super) fn band(over: Sen, upto: Option<Sen>) -> String {
    match upto {
        Some(upto) => format!("RM {over} < wage <= RM {upto}"),
        None => format!("wage > RM {over}"),
    }
}

/// Compares the category that was paid with the one the person is in.
pub(super) fn category(
    pass: &mut Pass<'_, '_>,
    paid: Act4Category,
    facts: &Facts,
    field: &'static str,
    columns: impl Fn(&Pass<'_, '_>) -> Columns,
) {
    let Some(due) = facts.category else { return };
    let age = pass.context.book.coverage().act4.second_category_age;
    if paid == due || facts.birthday.is_some_and(|(birthday, _)| birthday == age) {
        return;
    }
    let finding = if due == Act4Category::First && paid == Act4Category::Second && !facts.registered {
        // A file alone cannot tell who first came under Act 4 at 55 or over.
        Finding::new(FindingName::SecondCategoryUnder60).with("age", facts.age.unwrap_or_default())
    } else {
        let word = |category| match category {
            Act4Category::First => "first",
            Act4Category::Second => "second",
            Act4Category::None => "none",
        };
        let finding = Finding::new(FindingName::CategoryMismatch).found(word(paid)).expected(word(due));
        finding.with("age", facts.age.unwrap_or_default())
    };
    let columns = columns(pass);
    pass.add(finding.at(field, columns));
}

/// Which category's SOCSO shares these are on a row, if any.
pub(super) fn category_on(row: &Act4Row, socso: (Sen, Sen)) -> Option<Act4Category> {
    if socso == (row.first_employer, row.first_employee) {
        Some(Act4Category::First)
    } else if socso == (row.second_employer, Sen::ZERO) {
        Some(Act4Category::Second)
    } else {
        None
    }
}

/// The same with SKBBK added to the employee's share.
pub(super) fn category_with_skbbk_inside(row: &Act4Row, socso: (Sen, Sen)) -> Option<Act4Category> {
    if row.skbbk.is_zero() { None } else { category_on(row, (socso.0, socso.1 - row.skbbk)) }
}

/// The EIS shares are those of the row, or nothing.
pub(super) fn eis_on(row: &Act800Row, eis: (Sen, Sen)) -> bool {
    eis == (row.employer, row.employee) || eis == (Sen::ZERO, Sen::ZERO)
}

/// Rows of both tables for the same wage.
pub(super) fn rows_for<'t>(
    act4: &'t Act4Schedule,
    act800: &'t Act800Schedule,
    wage: Sen,
) -> Option<(&'t Act4Row, &'t Act800Row)> {
    Some((act4.row_for(wage)?, act800.row_for(wage)?))
}
