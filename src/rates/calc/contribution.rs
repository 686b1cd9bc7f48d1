//! `calc contribution`: what a wage pays in a month.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Answer, CalcError, Question, amount, date, given, released_from, required, wrong, yes_no};
use crate::domain::{Act4Category, ContributionMonth, Residency, Sen};
use crate::rates::{Act4Schedule, Person, RateBook, Reason, age_on};

/// The texts of its flags.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContributionQuestion {
    /// Contribution month, `2026-10`.
    pub month: Option<String>,
    /// Wages of the month in ringgit.
    pub wage: Option<String>,
    /// Date of birth, `1990-05-05`.
    pub born: Option<String>,
    /// `citizen`, `permanent_resident`, `temporary_resident` or `foreign`.
    pub residency: Option<String>,
    /// `yes` or `no`; `no` when absent.
    pub domestic_worker: Option<String>,
    /// `yes` or `no`; `no` when absent.
    pub first_insured_at_55_or_over: Option<String>,
    /// `yes` or `no`; not known when absent.
    pub eis_payable_before_57: Option<String>,
    /// `participating` or `released:2026-08`; takes part when absent.
    pub skbbk: Option<String>,
}

/// What a wage pays. Amounts in sen; nothing due is 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContributionAnswer {
    /// Category of insurance under Act 4.
    pub act4_category: Act4Category,
    /// Employer's share under Act 4.
    pub act4_employer_sen: Sen,
    /// Employee's share under Act 4, without SKBBK.
    pub act4_employee_sen: Sen,
    /// Employee's SKBBK amount.
    pub skbbk_sen: Sen,
    /// All of Act 4, with SKBBK.
    pub act4_total_sen: Sen,
    /// Employer's share of EIS.
    pub eis_employer_sen: Sen,
    /// Employee's share of EIS.
    pub eis_employee_sen: Sen,
    /// All of EIS.
    pub eis_total_sen: Sen,
    /// Both Acts.
    pub total_sen: Sen,
    /// The Act 4 table of the month.
    pub table: String,
    /// Reasons and remarks, one sentence each.
    pub because: Vec<String>,
}

impl Question for ContributionQuestion {
    type Answer = ContributionAnswer;
    const COLUMNS: &'static [&'static str] = &[
        "month",
        "wage",
        "born",
        "residency",
        "domestic_worker",
        "first_insured_at_55_or_over",
        "eis_payable_before_57",
        "skbbk",
    ];
    const REQUIRED: &'static [&'static str] = &["month", "wage", "born", "residency"];

    fn answer(&self, book: &RateBook) -> Result<ContributionAnswer, CalcError> {
        let month: ContributionMonth = required("month", self.month.as_ref())?;
        let wage = amount("wage", self.wage.as_ref())?;
        let born = given(self.born.as_ref()).ok_or_else(|| wrong("born", "is missing"))?;
        let born = date(born).ok_or_else(|| wrong("born", format!("\"{born}\" is not a date such as 1990-05-05")))?;
        let person = Person {
            birth_date: Some(born),
            residency: required::<Residency>("residency", self.residency.as_ref())?,
            domestic_worker: yes_no("domestic_worker", self.domestic_worker.as_ref())?.unwrap_or(false),
            first_insured_at_55_or_over: yes_no(
                "first_insured_at_55_or_over",
                self.first_insured_at_55_or_over.as_ref(),
            )?
            .unwrap_or(false),
            eis_payable_before_57: yes_no("eis_payable_before_57", self.eis_payable_before_57.as_ref())?,
            skbbk_released_from: released_from(self.skbbk.as_ref())?,
        };
        possible(book, &person, born, month)?;
        contribution(book, &person, month, wage)
    }
}

/// Refuses facts that contradict each other, since any answer to them would be wrong.
fn possible(book: &RateBook, person: &Person, born: NaiveDate, month: ContributionMonth) -> Result<(), CalcError> {
    if born > month.last_day() {
        return Err(wrong("born", format!("{born} lies after the contribution month {month}")));
    }
    let late = book.coverage().act4.late_entry_age;
    if person.first_insured_at_55_or_over && age_on(born, month.last_day()) < i32::from(late) {
        let what = format!("who was born on {born} is not yet {late} in {month}");
        return Err(wrong("first_insured_at_55_or_over", what));
    }
    Ok(())
}

/// What a person's wage pays in a month under both Acts.
///
/// # Errors
/// [`CalcError::NotCovered`] where no Act 4 table was published for the month.
pub fn contribution(
    book: &RateBook,
    person: &Person,
    month: ContributionMonth,
    wage: Sen,
) -> Result<ContributionAnswer, CalcError> {
    let table = book.act4(month)?;
    let (category, reason) = book.coverage().act4_category(person, month);
    let mut answer = ContributionAnswer {
        act4_category: category,
        act4_employer_sen: Sen::ZERO,
        act4_employee_sen: Sen::ZERO,
        skbbk_sen: Sen::ZERO,
        act4_total_sen: Sen::ZERO,
        eis_employer_sen: Sen::ZERO,
        eis_employee_sen: Sen::ZERO,
        eis_total_sen: Sen::ZERO,
        total_sen: Sen::ZERO,
        table: table.id.clone(),
        because: vec![reason.to_string()],
    };
    if wage.is_zero() {
        answer.because.push("no wages in the month: no contribution (Act 4 s. 5, Act 800 s. 16)".to_owned());
        return Ok(answer);
    }
    add_act4(book, person, month, wage, table, &mut answer);
    add_eis(book, person, month, wage, &mut answer)?;
    answer.total_sen = answer.act4_total_sen + answer.eis_total_sen;
    add_remarks(book, person, month, wage, table, &mut answer);
    Ok(answer)
}

fn add_act4(
    book: &RateBook,
    person: &Person,
    month: ContributionMonth,
    wage: Sen,
    table: &Act4Schedule,
    answer: &mut ContributionAnswer,
) {
    let skbbk = book.coverage().skbbk_liability(person, month);
    if let Some(row) = table.row_for(wage) {
        match answer.act4_category {
            Act4Category::First => {
                answer.act4_employer_sen = row.first_employer;
                answer.act4_employee_sen = row.first_employee;
            }
            Act4Category::Second => answer.act4_employer_sen = row.second_employer,
            Act4Category::None => {}
        }
        if answer.act4_category != Act4Category::None {
            answer.because.push(format!("Act 4: {} of {} ({})", band(wage, row.over, row.upto), table.id, table.law));
        }
        if skbbk.liable {
            answer.skbbk_sen = row.skbbk;
        }
    }
    answer.act4_total_sen = answer.act4_employer_sen + answer.act4_employee_sen + answer.skbbk_sen;
    // Before SKBBK there is nothing to explain.
    if !matches!(skbbk.reason, Reason::SkbbkNotStarted { .. } | Reason::SkbbkNotUnderAct4) {
        answer.because.push(skbbk.reason.to_string());
    }
}

fn add_eis(
    book: &RateBook,
    person: &Person,
    month: ContributionMonth,
    wage: Sen,
    answer: &mut ContributionAnswer,
) -> Result<(), CalcError> {
    let eis = book.coverage().eis_liable(person, month);
    answer.because.push(eis.reason.to_string());
    if !eis.liable {
        return Ok(());
    }
    let table = book.act800(month)?;
    if let Some(row) = table.row_for(wage) {
        answer.eis_employer_sen = row.employer;
        answer.eis_employee_sen = row.employee;
        answer.eis_total_sen = row.total();
        answer.because.push(format!("EIS: {} of {} ({})", band(wage, row.over, row.upto), table.id, table.law));
    }
    Ok(())
}

/// What a careful reader should know beside the amounts.
fn add_remarks(
    book: &RateBook,
    person: &Person,
    month: ContributionMonth,
    wage: Sen,
    table: &Act4Schedule,
    answer: &mut ContributionAnswer,
) {
    let law = &book.coverage().act4;
    let remarks = &mut answer.because;
    if let Some(age) = person.birth_date.and_then(|birth| book.coverage().boundary_birthday(birth, month)) {
        let what = "the age is tested on the last day of the month (Act 4 s. 6(8)); payroll programs differ";
        remarks.push(format!("note: {age} is attained in this month; {what}"));
    }
    if month <= law.exclusion_above_wage.last_month && wage > law.exclusion_above_wage.wage {
        remarks.push(format!(
            "note: until {} a person paid over RM{} who had never been insured was not compulsorily covered (Act 4 s. 5)",
            law.exclusion_above_wage.last_month, law.exclusion_above_wage.wage
        ));
    }
    if month < law.second_category_age_from {
        let (age, from) = (law.second_category_age, law.second_category_age_from);
        remarks
            .push(format!("note: the age of {age} holds from {from} (Act A1445); the age before was not established"));
    }
    if table.from.is_none() {
        remarks.push(format!("note: the first month of {} was not established", table.id));
    }
}

fn band(wage: Sen, over: Sen, upto: Option<Sen>) -> String {
    match upto {
        Some(upto) => format!("wage {wage} lies in the band over {over} up to {upto}"),
        None => format!("wage {wage} lies in the highest band, over {over},"),
    }
}

impl Answer for ContributionAnswer {
    const COLUMNS: &'static [&'static str] = &[
        "act4_category",
        "act4_employer_sen",
        "act4_employee_sen",
        "skbbk_sen",
        "act4_total_sen",
        "eis_employer_sen",
        "eis_employee_sen",
        "eis_total_sen",
        "total_sen",
        "table",
        "because",
    ];

    fn cells(&self) -> Vec<String> {
        let category = match self.act4_category {
            Act4Category::First => "first",
            Act4Category::Second => "second",
            Act4Category::None => "none",
        };
        let amounts = [
            self.act4_employer_sen,
            self.act4_employee_sen,
            self.skbbk_sen,
            self.act4_total_sen,
            self.eis_employer_sen,
            self.eis_employee_sen,
            self.eis_total_sen,
            self.total_sen,
        ];
        let mut cells = vec![category.to_owned()];
        cells.extend(amounts.iter().map(|amount| amount.0.to_string()));
        cells.extend([self.table.clone(), self.because.join("; ")]);
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(month: &str, wage: &str, born: &str, residency: &str) -> ContributionQuestion {
        let text = |text: &str| Some(text.to_owned());
        ContributionQuestion {
            month: text(month),
            wage: text(wage),
            born: text(born),
            residency: text(residency),
            ..ContributionQuestion::default()
        }
    }

    fn answer(question: &ContributionQuestion) -> ContributionAnswer {
        question.answer(RateBook::embedded()).expect("an answer")
    }

    /// Employer and employee under Act 4, SKBBK, EIS of each side.
    fn amounts(answer: &ContributionAnswer) -> [i64; 4] {
        assert_eq!(answer.eis_employer_sen, answer.eis_employee_sen);
        assert_eq!(answer.act4_total_sen, answer.act4_employer_sen + answer.act4_employee_sen + answer.skbbk_sen);
        assert_eq!(answer.eis_total_sen, answer.eis_employer_sen + answer.eis_employee_sen);
        assert_eq!(answer.total_sen, answer.act4_total_sen + answer.eis_total_sen);
        [answer.act4_employer_sen.0, answer.act4_employee_sen.0, answer.skbbk_sen.0, answer.eis_employer_sen.0]
    }

    #[test]
    fn the_examples_of_the_rules() {
        use Act4Category::{First, Second};
        for (question, category, expected, table) in [
            (ask("2024-11", "2150.00", "1989-05-05", "citizen"), First, [3765, 1075, 0, 430], "act4-2024-10"),
            (ask("2022-08", "5000.00", "1982-05-05", "citizen"), First, [6905, 1975, 0, 790], "act4-2016-06"),
            (ask("2023-06", "5000.00", "1983-05-05", "citizen"), First, [8665, 2475, 0, 990], "act4-2022-09"),
            (ask("2025-01", "7500.00", "1962-05-05", "citizen"), Second, [7440, 0, 0, 0], "act4-2024-10"),
            (ask("2026-07", "2000.00", "1986-05-05", "foreign"), First, [3415, 975, 1465, 0], "act4-skbbk-2026-06"),
            (ask("2026-10", "145.00", "1981-05-05", "citizen"), First, [295, 85, 125, 35], "act4-skbbk-2026-06"),
        ] {
            let answer = answer(&question);
            assert_eq!((answer.act4_category, amounts(&answer), answer.table.as_str()), (category, expected, table));
        }
    }

    #[test]
    fn the_document_has_its_keys_in_order() {
        let question = ContributionQuestion {
            skbbk: Some("released:2026-08".to_owned()),
            ..ask("2026-10", "3000.00", "1990-05-05", "citizen")
        };
        let answer = answer(&question);
        let json = serde_json::to_string(&answer).expect("json");
        let start = r#"{"act4_category":"first","act4_employer_sen":5165,"act4_employee_sen":1475,"skbbk_sen":0,"act4_total_sen":6640,"eis_employer_sen":590,"eis_employee_sen":590,"eis_total_sen":1180,"total_sen":7820,"table":"act4-skbbk-2026-06","because":["#;
        assert!(json.starts_with(start), "{json}");
        assert_eq!(
            answer.because,
            [
                "under 60 on the last day of the month: first category (Act 4 s. 6 and Third Schedule)",
                "Act 4: wage 3000.00 lies in the band over 2900.00 up to 3000.00 of act4-skbbk-2026-06 \
                 (Act 4, Third Schedule (Act A1788, phase 1))",
                "no SKBBK: released from 2026-08 (Act 4 s. 6, Act A1788 s. 3)",
                "EIS payable: aged 18 or over and under 60 (Act 800 s. 2 and First Schedule)",
                "EIS: wage 3000.00 lies in the band over 2900.00 up to 3000.00 of act800-2024-10 \
                 (Act 800, Second Schedule Part I (amendment in force 1 October 2024))",
            ]
        );
    }

    #[test]
    fn no_wages_pay_nothing() {
        let answer = answer(&ask("2026-10", "0", "1990-05-05", "citizen"));
        assert_eq!(amounts(&answer), [0; 4]);
        assert!(answer.because.iter().any(|sentence| sentence.starts_with("no wages")));
    }

    #[test]
    fn remarks_stand_beside_the_amounts() {
        let has =
            |question: &ContributionQuestion, part: &str| answer(question).because.iter().any(|b| b.contains(part));
        let never_insured = "who had never been insured";
        assert!(has(&ask("2016-05", "3000.01", "1980-01-01", "citizen"), never_insured));
        assert!(!has(&ask("2016-05", "3000.00", "1980-01-01", "citizen"), never_insured));
        assert!(!has(&ask("2016-06", "3000.01", "1980-01-01", "citizen"), never_insured));
        assert!(has(&ask("2026-10", "3000", "1966-10-31", "citizen"), "60 is attained"));
        assert!(has(&ask("2026-10", "3000", "1969-10-01", "citizen"), "57 is attained"));
        assert!(has(&ask("2012-12", "3000", "1950-10-01", "citizen"), "not established"));
        let foreign = answer(&ask("2018-12", "3000", "1980-01-01", "foreign"));
        assert_eq!((foreign.act4_category, amounts(&foreign)), (Act4Category::None, [0; 4]));
    }

    #[test]
    fn flags_change_the_answer() {
        let mut question = ask("2026-10", "3000", "1968-01-01", "citizen");
        assert_eq!(amounts(&answer(&question))[3], 590, "history not known");
        question.eis_payable_before_57 = Some("no".to_owned());
        assert_eq!(amounts(&answer(&question))[3], 0);
        question.first_insured_at_55_or_over = Some("yes".to_owned());
        assert_eq!(answer(&question).act4_category, Act4Category::Second);
        question.skbbk = Some("participating".to_owned());
        assert_eq!(amounts(&answer(&question))[2], 2215);
    }

    #[test]
    fn contradictions_and_missing_tables_are_refused() {
        let refused =
            |question: ContributionQuestion| question.answer(RateBook::embedded()).expect_err("refused").to_string();
        let text = |text: &str| Some(text.to_owned());
        let sound = || ask("2026-10", "3000", "1990-05-05", "citizen");
        assert!(refused(ask("2028-06", "3000", "1990-05-05", "citizen")).contains("SKBBK phase 2"));
        assert!(refused(ask("2026-10", "3000", "2026-11-01", "citizen")).starts_with("born: 2026-11-01 lies after"));
        assert!(refused(ask("2026-10", "3000", "", "citizen")).starts_with("born: is missing"));
        assert!(refused(ask("2026-10", "3000", "1990-02-30", "citizen")).starts_with("born:"));
        assert!(refused(ask("2026-10", "3000", "1990-05-05", "alien")).starts_with("residency:"));
        assert!(refused(ask("2026-10", "-1", "1990-05-05", "citizen")).starts_with("wage:"));
        let late = ContributionQuestion { first_insured_at_55_or_over: text("yes"), ..sound() };
        assert!(refused(late).starts_with("first_insured_at_55_or_over:"));
        for skbbk in ["released", "released:2026-13", "released:", "no"] {
            assert!(refused(ContributionQuestion { skbbk: text(skbbk), ..sound() }).starts_with("skbbk:"), "{skbbk}");
        }
        assert!(
            refused(ContributionQuestion { domestic_worker: text("x"), ..sound() }).starts_with("domestic_worker:")
        );
    }
}
