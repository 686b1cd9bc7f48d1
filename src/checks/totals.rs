//! What a file pays and by when: sums of each employer, month and Act, due dates, late interest so far.

use super::Total;
use super::context::Act;
use super::pass::Sums;
use super::whole::Whole;
use crate::domain::{ContributionMonth, Finding, FindingName, Scheme, Sen};
use crate::rates::InterestProfile;

impl Whole<'_, '_> {
    pub(super) fn totals(&self) -> Vec<Total> {
        let mut totals: Vec<Total> =
            self.groups.iter().flat_map(|((code, month), sums)| self.total(code, *month, sums)).collect();
        totals.sort_by(|a, b| (&a.employer_code, a.month, a.scheme).cmp(&(&b.employer_code, b.month, b.scheme)));
        totals
    }

    fn total(&self, code: &str, month: ContributionMonth, sums: &Sums) -> Vec<Total> {
        let joint = self.decided.act == Act::Joint;
        let schemes: &[Scheme] = match self.decided.act {
            Act::One(Scheme::Act4) => &[Scheme::Act4],
            Act::One(Scheme::Act800) => &[Scheme::Act800],
            Act::Joint => &[Scheme::Act4, Scheme::Act800],
            Act::Undecided => &[],
        };
        let of = |scheme: &Scheme| {
            let (people, employer, employee, skbbk, total) = match scheme {
                Scheme::Act4 => (sums.act4_people, sums.act4_employer, sums.act4_employee, sums.skbbk, sums.act4_total),
                Scheme::Act800 => {
                    (sums.act800_people, sums.act800_employer, sums.act800_employee, Sen::ZERO, sums.act800_total)
                }
            };
            let dues = self.context.book.dues();
            let late = dues.late_interest(total, month, self.context.today, InterestProfile::Statute);
            Total {
                employer_code: code.to_owned(),
                month,
                scheme: *scheme,
                people,
                employer: joint.then_some(employer),
                employee: joint.then_some(employee),
                skbbk,
                total,
                due_date: late.due_date,
                days_late: late.days_late,
                interest_daily: late.daily,
                interest_top_up: late.minimum_top_up,
                interest: late.interest,
                interest_tomorrow: late.tomorrow,
            }
        };
        schemes.iter().map(of).collect()
    }

    /// A month that is late, or soon due on a rest day.
    pub(super) fn due(&self, month: ContributionMonth, totals: &[Total]) -> Option<Finding> {
        let dues = self.context.book.dues();
        let due = dues.due_day(month, None);
        let days = (due.date - self.context.today).num_days();
        if days < 0 {
            let of_month = totals.iter().filter(|t| t.month == month);
            let (amount, tomorrow) =
                of_month.fold((Sen::ZERO, Sen::ZERO), |sum, t| (sum.0 + t.interest, sum.1 + t.interest_tomorrow));
            let finding = Finding::new(FindingName::PastDue).expected(due.date.to_string()).with("month", month);
            return Some(finding.with("days", -days).with("amount", amount).with("tomorrow", tomorrow));
        }
        let rest = due.rest_day.filter(|rest| rest.is_national() && days <= i64::from(dues.rest_day_warning_days))?;
        let finding = Finding::new(FindingName::DueSoonRestDay).expected(due.date.to_string()).with("month", month);
        Some(finding.with("rest", rest).with("days", days))
    }
}
