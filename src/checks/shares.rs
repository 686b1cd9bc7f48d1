//! Shares of a joint line: each against the row of its wage, or all of them against one lower row.

use super::amount::{Shares, band, category, category_on, category_with_skbbk_inside, eis_on, rows_for};
use super::context::MonthContext;
use super::pass::Pass;
use super::person::Facts;
use crate::domain::{Act4Category, Columns, Finding, FindingName, Sen};
use crate::rates::{Act4Row, Act800Row};

/// Judges wage, SOCSO, EIS and SKBBK of a joint line.
pub(super) fn judge(pass: &mut Pass<'_, '_>, shares: &Shares, facts: &Facts, month: &MonthContext<'_>) {
    if !month.skbbk_started && !shares.skbbk.is_zero() {
        let first = pass.context.book.coverage().skbbk.from;
        let finding = Finding::new(FindingName::SkbbkBeforeStart).at("skbbk", pass.columns("skbbk"));
        let finding = finding.found(shares.skbbk.to_string()).expected(first.to_string());
        pass.add(finding.with("month", month.month));
    }
    if shares.wage.is_zero() {
        return zero_wage(pass, shares);
    }
    let (Ok(act4), Ok(act800)) = (&month.act4, &month.act800) else { return };
    let Some((row, eis_row)) = rows_for(act4, act800, shares.wage) else { return };
    let inside = if month.skbbk_inside && shares.skbbk.is_zero() {
        category_with_skbbk_inside(row, shares.socso())
    } else {
        None
    };
    let own = category_on(row, shares.socso());
    let fits = (own.is_some() || inside.is_some()) && eis_on(eis_row, shares.eis());
    count_old_schedule(pass, shares, month, fits);
    if fits {
        let paid = own.or(inside);
        judge_category(pass, paid, facts);
        match (own, inside) {
            (None, Some(_)) => skbbk_inside(pass, shares, row),
            _ => skbbk(pass, shares, row, facts, month),
        }
        return;
    }
    mismatch(pass, shares, (row, eis_row), facts, month);
}

fn judge_category(pass: &mut Pass<'_, '_>, paid: Option<Act4Category>, facts: &Facts) {
    if let Some(paid) = paid
        && Some(paid) != facts.category
    {
        category(pass, paid, facts, "socso_employer", socso_columns);
    }
}

fn socso_columns(pass: &Pass<'_, '_>) -> Columns {
    Columns(pass.columns("socso_employer").0, pass.columns("socso_employee").1)
}

pub(super) fn eis_columns(pass: &Pass<'_, '_>) -> Columns {
    Columns(pass.columns("eis_employer").0, pass.columns("eis_employee").1)
}

fn zero_wage(pass: &mut Pass<'_, '_>, shares: &Shares) {
    let columns = pass.columns("wage");
    if shares.total().is_zero() {
        pass.add(Finding::new(FindingName::ZeroWithoutReason).at("wage", columns).found("0.00"));
    } else {
        let paid = shares.total().to_string();
        pass.add(Finding::new(FindingName::ZeroWageWithShares).at("wage", columns).found(paid));
    }
}

/// The shares are not those of the wage's row: perhaps those of one lower row (the wage column may hold gross pay), perhaps
/// of the table before; otherwise wrong.
fn mismatch(
    pass: &mut Pass<'_, '_>,
    shares: &Shares,
    rows: (&Act4Row, &Act800Row),
    facts: &Facts,
    month: &MonthContext<'_>,
) {
    let lower = lower_row(shares, month);
    let finding = match &lower {
        Some((row, _)) => {
            let expected = pair((rows.0.first_employer, rows.0.first_employee));
            Finding::new(FindingName::WageShareMismatch)
                .at("wage", pass.columns("wage"))
                .found(pair(shares.socso()))
                .expected(expected)
                .with("wage", shares.wage)
                .with("fits", band(row.over, row.upto))
        }
        None => return share_mismatches(pass, shares, rows, facts, month),
    };
    if let Some(old) = old_schedule(pass, shares, month) {
        let (old, finding) = (pass.here(old), pass.here(finding));
        pass.piece.old_schedule.on_top_row.push((old, vec![finding]));
    } else {
        pass.add(finding);
    }
    if let Some((row, paid)) = lower {
        judge_category(pass, Some(paid), facts);
        if category_on(row, shares.socso()).is_none() {
            skbbk_inside(pass, shares, row);
        } else {
            skbbk(pass, shares, row, facts, month);
        }
    }
}

/// A lower row on which everything that is paid stands, and the category paid there.
fn lower_row<'t>(shares: &Shares, month: &MonthContext<'t>) -> Option<(&'t Act4Row, Act4Category)> {
    let (Ok(act4), Ok(act800)) = (&month.act4, &month.act800) else { return None };
    let own = act4.row_index_for(shares.wage)?;
    act4.rows[..own].iter().rev().find_map(|row| {
        let wage = row.upto.unwrap_or(row.over + Sen(1));
        let skbbk = shares.skbbk.is_zero() || shares.skbbk == row.skbbk;
        let eis = act800.row_for(wage).is_some_and(|eis_row| eis_on(eis_row, shares.eis()));
        let inside = month.skbbk_inside && shares.skbbk.is_zero();
        let inside = if inside { category_with_skbbk_inside(row, shares.socso()) } else { None };
        category_on(row, shares.socso()).or(inside).filter(|_| skbbk && eis).map(|category| (row, category))
    })
}

/// One finding for each Act whose shares are wrong.
fn share_mismatches(
    pass: &mut Pass<'_, '_>,
    shares: &Shares,
    (row, eis_row): (&Act4Row, &Act800Row),
    facts: &Facts,
    month: &MonthContext<'_>,
) {
    let (Ok(act4), Ok(act800)) = (&month.act4, &month.act800) else { return };
    let mut wrong = Vec::new();
    if category_on(row, shares.socso()).is_none() {
        let due = match facts.category {
            Some(Act4Category::Second) => (row.second_employer, Sen::ZERO),
            _ => (row.first_employer, row.first_employee),
        };
        let finding = Finding::new(FindingName::ShareMismatch).at("socso_employer", socso_columns(pass));
        wrong.push(finding.found(pair(shares.socso())).expected(pair(due)).with("table", &act4.id));
    }
    if !eis_on(eis_row, shares.eis()) {
        let due = if facts.eis == Some(false) { (Sen::ZERO, Sen::ZERO) } else { (eis_row.employer, eis_row.employee) };
        let finding = Finding::new(FindingName::ShareMismatch).at("eis_employer", eis_columns(pass));
        wrong.push(finding.found(pair(shares.eis())).expected(pair(due)).with("table", &act800.id));
    }
    let wrong: Vec<Finding> = wrong.into_iter().map(|f| pass.here(f.with("wage", shares.wage))).collect();
    match old_schedule(pass, shares, month) {
        Some(old) => {
            let old = pass.here(old);
            pass.piece.old_schedule.on_top_row.push((old, wrong));
        }
        None => pass.piece.findings.extend(wrong),
    }
    skbbk(pass, shares, row, facts, month);
}

fn pair((employer, employee): (Sen, Sen)) -> String {
    format!("{employer} + {employee}")
}

/// The finding that the table with the ceiling before was used, if this line pays that table's top row.
fn old_schedule(pass: &Pass<'_, '_>, shares: &Shares, month: &MonthContext<'_>) -> Option<Finding> {
    let old = month.previous_act4?;
    if shares.wage <= old.wage_ceiling {
        return None;
    }
    category_on(old.top_row(), shares.socso())?;
    let old_eis = month.previous_act800.map(|table| table.top_row());
    if !old_eis.is_none_or(|row| eis_on(row, shares.eis())) {
        return None;
    }
    let row = month.act4.as_ref().ok()?.row_for(shares.wage)?;
    let finding = Finding::new(FindingName::OldSchedule).at("socso_employer", socso_columns(pass));
    let finding = finding.found(pair(shares.socso())).expected(pair((row.first_employer, row.first_employee)));
    Some(finding.with("table", &old.id).with("month", month.month))
}

fn count_old_schedule(pass: &mut Pass<'_, '_>, shares: &Shares, month: &MonthContext<'_>, fits: bool) {
    let over = month.previous_act4.is_some_and(|old| shares.wage > old.wage_ceiling);
    // A wage so little above the old ceiling that both tables agree says nothing about the table used.
    if over && (!fits || old_schedule(pass, shares, month).is_none()) {
        pass.piece.old_schedule.wages_over += 1;
    }
}

fn skbbk_inside(pass: &mut Pass<'_, '_>, shares: &Shares, row: &Act4Row) {
    let expected = shares.socso_employee - row.skbbk;
    let finding = Finding::new(FindingName::SkbbkInsideTotal).at("socso_employee", pass.columns("socso_employee"));
    pass.add(finding.found(row.skbbk.to_string()).expected(expected.to_string()));
}

/// SKBBK of a line whose other shares were judged (Act A1788; see `formats/rates/coverage.toml`).
fn skbbk(pass: &mut Pass<'_, '_>, shares: &Shares, row: &Act4Row, facts: &Facts, month: &MonthContext<'_>) {
    if !month.skbbk_started || shares.skbbk == row.skbbk {
        return;
    }
    let columns = pass.columns("skbbk");
    let due = row.skbbk.to_string();
    if !shares.skbbk.is_zero() {
        let found = shares.skbbk.to_string();
        return pass.add(Finding::new(FindingName::SkbbkMismatch).at("skbbk", columns).found(found).expected(due));
    }
    if month.skbbk_compulsory || facts.foreign {
        let reason = if month.skbbk_compulsory { "june" } else { "foreign" };
        let finding = Finding::new(FindingName::SkbbkMissing).at("skbbk", columns).expected(due);
        return pass.add(finding.with("reason", reason));
    }
    if !facts.released {
        pass.add(Finding::new(FindingName::SkbbkNilNoRelease).at("skbbk", columns).expected(due));
    }
}
