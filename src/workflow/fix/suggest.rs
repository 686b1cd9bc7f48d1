//! What a row proposes. Rules of form come from the line itself; who a person is comes from what was accepted before.
//! Money is never proposed.

use chrono::{Datelike, NaiveDate};

use super::MONEY_FIELDS;
use crate::checks::FileCheck;
use crate::domain::{ContributionMonth, EmployerCode, FindingName};
use crate::reader::value::month_of;
use crate::reader::{Layout, LayoutId};

/// What is known of an employer's people: last month's accepted lines, or the register.
pub trait Suggestions: Sync {
    /// The identity number of the one person of this name; `None` where there is none, or more than one.
    fn id_for_name(&self, employer_code: &str, name: &str) -> Option<String>;

    /// The name of the person with this identity number.
    fn name_for_id(&self, employer_code: &str, id_number: &str) -> Option<String>;
}

/// Nothing is known of anybody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSuggestions;

impl Suggestions for NoSuggestions {
    fn id_for_name(&self, _: &str, _: &str) -> Option<String> {
        None
    }

    fn name_for_id(&self, _: &str, _: &str) -> Option<String> {
        None
    }
}

/// What a line says of itself.
#[derive(Clone, Copy)]
pub(super) struct Said<'l> {
    pub employer_code: &'l str,
    pub id_number: &'l str,
    pub name: &'l str,
    pub month: &'l str,
    pub date: &'l str,
    pub status: &'l str,
}

/// Proposes values for one file.
#[derive(Clone, Copy)]
pub(super) struct Proposer<'a> {
    pub layout: &'static Layout,
    pub known: &'a dyn Suggestions,
    /// The month of every line that has one, where it is the same.
    pub month: Option<ContributionMonth>,
}

impl<'a> Proposer<'a> {
    pub fn new(layout: &'static Layout, check: &FileCheck, known: &'a dyn Suggestions) -> Self {
        let first = check.totals.first().map(|total| total.month);
        let month = first.filter(|month| check.totals.iter().all(|total| total.month == *month));
        Proposer { layout, known, month }
    }

    /// What should probably stand in the field; `None` where nothing can be said, and always for money.
    pub fn propose(&self, finding: FindingName, field: &str, said: &Said<'_>) -> Option<String> {
        if MONEY_FIELDS.contains(&field) {
            return None;
        }
        let (value, now) = match field {
            "employer_code" => (self.employer_code(said.employer_code), said.employer_code),
            "id_number" => (self.id_number(finding, said), said.id_number),
            "name" => (self.name(finding, said), if finding == FindingName::EncodingDoubled { "" } else { said.name }),
            "month" => (self.month_of(finding, said.month), said.month),
            "date" => (date_reordered(said.date), said.date),
            "status" => (status(said.status), said.status),
            _ => (None, ""),
        };
        // A proposal that the field cannot take, or that changes nothing, is none.
        value.filter(|value| value != now && super::value::written(self.layout, field, value).is_ok())
    }

    fn employer_code(&self, found: &str) -> Option<String> {
        let code = EmployerCode::read(found).1?;
        let code = code.as_str();
        let nine = self.layout.id == LayoutId::Brg8a83 && &code[3..6] == "000";
        Some(if nine { format!("{}{}", &code[..3], &code[6..]) } else { code.to_owned() })
    }

    fn id_number(&self, finding: FindingName, said: &Said<'_>) -> Option<String> {
        use FindingName as F;
        if !matches!(
            finding,
            F::IdMissing
                | F::IdFormat
                | F::IdDateImpossible
                | F::DuplicatePerson
                | F::SameIdOtherName
                | F::EmployeeUnregistered
        ) {
            return None;
        }
        let joined: String = said.id_number.chars().filter(|c| !matches!(c, '-' | ' ' | '/' | '.')).collect();
        let is_number = joined.len() == 12 && joined.bytes().all(|byte| byte.is_ascii_digit());
        if finding == F::IdFormat && is_number {
            return Some(joined);
        }
        if said.name.is_empty() {
            return None;
        }
        self.known.id_for_name(&self.employer(said), said.name)
    }

    fn name(&self, finding: FindingName, said: &Said<'_>) -> Option<String> {
        match finding {
            // The reader has undone the double encoding.
            FindingName::EncodingDoubled => Some(said.name.to_owned()),
            FindingName::NameMissing | FindingName::NameShiftsLine if !said.id_number.is_empty() => {
                self.known.name_for_id(&self.employer(said), said.id_number)
            }
            _ => None,
        }
    }

    fn employer(&self, said: &Said<'_>) -> String {
        EmployerCode::read(said.employer_code).1.map_or_else(|| said.employer_code.to_owned(), |code| code.to_string())
    }

    fn month_of(&self, finding: FindingName, found: &str) -> Option<String> {
        if finding != FindingName::MonthFormat {
            return None;
        }
        let digits: String = found.chars().filter(char::is_ascii_digit).collect();
        // `202605` is no month in MMYYYY, and only one when its year is put behind.
        let turned = (digits.len() == 6).then(|| format!("{}{}", &digits[4..], &digits[..4]));
        let turned = turned.and_then(|turned| month_of(turned.as_bytes()));
        turned.filter(|month| (1950..2100).contains(&month.year())).or(self.month).map(ContributionMonth::mmyyyy)
    }
}

/// The one day that the digits can mean, in `DDMMYYYY`; `None` where they can mean several or none.
fn date_reordered(found: &str) -> Option<String> {
    let digits: String = found.chars().filter(char::is_ascii_digit).collect();
    let separators = found.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ' '));
    let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
    let day = |year: u32, month: Option<u32>, day: Option<u32>| {
        NaiveDate::from_ymd_opt(year.cast_signed(), month?, day?).filter(|day| (1950..2100).contains(&day.year()))
    };
    let short = |year: u32| if year < 50 { 2000 + year } else { 1900 + year };
    let mut days: Vec<NaiveDate> = match digits.len() {
        8 => [
            number(4, 8).and_then(|year| day(year, number(2, 4), number(0, 2))),
            number(4, 8).and_then(|year| day(year, number(0, 2), number(2, 4))),
            number(0, 4).and_then(|year| day(year, number(4, 6), number(6, 8))),
        ]
        .into_iter()
        .flatten()
        .collect(),
        6 => [
            number(4, 6).and_then(|year| day(short(year), number(2, 4), number(0, 2))),
            number(4, 6).and_then(|year| day(short(year), number(0, 2), number(2, 4))),
            number(0, 2).and_then(|year| day(short(year), number(2, 4), number(4, 6))),
        ]
        .into_iter()
        .flatten()
        .collect(),
        _ => Vec::new(),
    };
    days.sort_unstable();
    days.dedup();
    match days[..] {
        [day] if separators => Some(format!("{:02}{:02}{:04}", day.day(), day.month(), day.year())),
        _ => None,
    }
}

/// A letter of field 8 in capitals.
fn status(found: &str) -> Option<String> {
    let upper = found.trim().to_uppercase();
    ["B", "H", "M", "S", "T"].contains(&upper.as_str()).then_some(upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Known;

    impl Suggestions for Known {
        fn id_for_name(&self, employer_code: &str, name: &str) -> Option<String> {
            (employer_code == "A9900000001Z" && name == "CONTOH").then(|| "900101149991".to_owned())
        }

        fn name_for_id(&self, _: &str, id_number: &str) -> Option<String> {
            (id_number == "900101149991").then(|| "CONTOH".to_owned())
        }
    }

    const SAID: Said<'_> = Said {
        employer_code: "A99 00000001Z",
        id_number: "900101149991",
        name: "CONTOH",
        month: "132026",
        date: "20260504",
        status: "b",
    };

    fn proposed(finding: FindingName, field: &str, said: &Said<'_>) -> Option<String> {
        let month = ContributionMonth::new(2026, 5);
        Proposer { layout: Layout::get(LayoutId::Contribution223), known: &Known, month }.propose(finding, field, said)
    }

    #[test]
    fn fields_of_form() {
        use FindingName as F;
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(proposed(F::EmployerCodeSpaces, "employer_code", &SAID), some("A9900000001Z"));
        assert_eq!(proposed(F::EmployerCodeFormat, "employer_code", &Said { employer_code: "?", ..SAID }), None);
        assert_eq!(proposed(F::MonthFormat, "month", &SAID), some("052026"));
        assert_eq!(proposed(F::MonthFormat, "month", &Said { month: "202604", ..SAID }), some("042026"));
        assert_eq!(proposed(F::MonthInFuture, "month", &Said { month: "122026", ..SAID }), None);
        assert_eq!(proposed(F::DateFormat, "date", &SAID), some("04052026"));
        assert_eq!(proposed(F::StatusUnknown, "status", &SAID), some("B"));
        assert_eq!(proposed(F::StatusUnknown, "status", &Said { status: "X", ..SAID }), None);
    }

    #[test]
    fn people_by_what_is_known() {
        use FindingName as F;
        let blank = Said { id_number: "", ..SAID };
        assert_eq!(proposed(F::IdMissing, "id_number", &blank).as_deref(), Some("900101149991"));
        let dashes = Said { id_number: "900101-14-99", ..SAID };
        assert_eq!(proposed(F::IdFormat, "id_number", &dashes).as_deref(), Some("900101149991"));
        assert_eq!(proposed(F::DuplicatePerson, "id_number", &SAID), None, "the same number again is no proposal");
        assert_eq!(proposed(F::RegistrationLate, "id_number", &blank), None);
        assert_eq!(proposed(F::NameMissing, "name", &Said { name: "", ..SAID }).as_deref(), Some("CONTOH"));
        assert_eq!(proposed(F::EncodingDoubled, "name", &SAID).as_deref(), Some("CONTOH"));
    }

    #[test]
    fn dates_only_when_they_mean_one_day() {
        for (found, expected) in [
            ("20260504", Some("04052026")),
            ("05312026", Some("31052026")),
            ("31/05/60", Some("31051960")),
            ("31/05/26", None),
            ("04/05/26", None),
            ("31042026", None),
            ("XX052026", None),
            ("ABCD0526", None),
        ] {
            assert_eq!(date_reordered(found).as_deref(), expected, "{found}");
        }
    }

    #[test]
    fn money_is_never_proposed() {
        for field in MONEY_FIELDS {
            for finding in FindingName::ALL {
                assert_eq!(proposed(*finding, field, &SAID), None);
            }
        }
    }
}
