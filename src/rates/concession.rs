//! Waivers and discounts of late interest that PERKESO gave: dated, and applied only where the data say so.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::due::Dues;
use crate::domain::Sen;

/// A waiver or discount of late interest that was given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concession {
    /// `waiver` or `discount`.
    pub kind: String,
    /// Of what.
    pub what: String,
    /// How much of the interest; `None` for all or where not known.
    pub percent: Option<u8>,
    /// First day.
    pub first_day: NaiveDate,
    /// Last day.
    pub last_day: NaiveDate,
    /// Taken off what is paid in these days; otherwise only told.
    #[serde(default)]
    pub applies: bool,
    /// Where it was announced; whatever applies has one.
    pub source: Option<String>,
}

impl Concession {
    /// How much of the interest is given up, in percent.
    pub const fn share(&self) -> u8 {
        match self.percent {
            Some(percent) => percent,
            None => 100,
        }
    }

    /// What is taken off interest, to the sen, half up.
    pub fn off(&self, interest: Sen) -> Sen {
        Sen::from_ringgit_half_up(interest.ringgit() * Decimal::from(self.share()) / Decimal::ONE_HUNDRED)
    }

    /// What is wrong with it, if anything: what applies must say how much, when and who said so.
    fn fault(&self) -> Option<&'static str> {
        match (self.kind.as_str(), self.percent) {
            _ if self.first_day > self.last_day => Some("a concession ends after it begins"),
            (_, Some(percent)) if !(1..=100).contains(&percent) => Some("the percent of a concession is 1 to 100"),
            ("waiver", None) | ("waiver" | "discount", Some(_)) => {
                let sourced = self.source.as_deref().is_some_and(|source| !source.trim().is_empty());
                (self.applies && !sourced).then_some("a concession that applies names its source")
            }
            ("discount", None) => self.applies.then_some("a discount that applies has its percent"),
            _ => Some("a concession is a waiver or a discount"),
        }
    }
}

impl Dues {
    /// The concession that is taken off interest paid on a day: the most generous one that applies.
    pub fn concession_on(&self, day: NaiveDate) -> Option<&Concession> {
        let holds = |one: &&Concession| one.applies && one.first_day <= day && day <= one.last_day;
        self.concessions.iter().filter(holds).max_by_key(|one| one.share())
    }

    /// Every concession can be reckoned with.
    pub(super) fn prove_concessions(&self) -> Result<(), String> {
        match self.concessions.iter().find_map(|one| one.fault().map(|fault| (one, fault))) {
            Some((one, fault)) => Err(format!("{fault} ({}, {})", one.what, one.first_day)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rates::RateBook;

    const TEXT: &str = include_str!("../../formats/dues/late-interest.toml");

    fn with(concession: &str) -> Result<RateBook, String> {
        let text = format!("{TEXT}\n[[concession]]\n{concession}");
        RateBook::load(&move |asked| (asked == "dues/late-interest.toml").then(|| text.clone()))
            .map_err(|error| error.to_string())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn what_is_only_told_takes_nothing_off() {
        let dues = RateBook::embedded().dues();
        assert!(dues.concessions.len() >= 4);
        for one in &dues.concessions {
            assert_eq!((one.applies, dues.concession_on(one.first_day)), (false, None), "{}", one.what);
        }
    }

    #[test]
    fn it_holds_from_its_first_day_to_its_last() {
        let days = "first_day = \"2027-01-10\"\nlast_day = \"2027-02-28\"";
        let book = with(&format!(
            "kind = \"discount\"\nwhat = \"campaign\"\npercent = 80\n{days}\napplies = true\nsource = \"notice\""
        ));
        let book = book.expect("sound");
        for (on, percent) in [
            ("2027-01-09", None),
            ("2027-01-10", Some(80)),
            ("2027-02-01", Some(80)),
            ("2027-02-28", Some(80)),
            ("2027-03-01", None),
        ] {
            assert_eq!(book.dues().concession_on(day(on)).map(Concession::share), percent, "{on}");
        }
        let found = book.dues().concession_on(day("2027-02-01")).expect("it holds");
        assert_eq!([500, 501, 503, 0].map(|sen| found.off(Sen(sen)).0), [400, 401, 402, 0]);
    }

    #[test]
    fn what_cannot_be_reckoned_is_refused() {
        let days = "what = \"x\"\nfirst_day = \"2027-01-10\"\nlast_day = \"2027-02-28\"";
        let sourced = "applies = true\nsource = \"notice\"";
        for (concession, fine) in [
            (format!("kind = \"waiver\"\n{days}\n{sourced}"), true),
            (format!("kind = \"waiver\"\n{days}"), true),
            (format!("kind = \"waiver\"\n{days}\napplies = true"), false),
            (format!("kind = \"discount\"\n{days}\n{sourced}"), false),
            (format!("kind = \"discount\"\npercent = 0\n{days}\n{sourced}"), false),
            (format!("kind = \"discount\"\npercent = 1\n{days}\n{sourced}"), true),
            (format!("kind = \"discount\"\npercent = 100\n{days}\n{sourced}"), true),
            (format!("kind = \"discount\"\npercent = 101\n{days}\n{sourced}"), false),
            (format!("kind = \"gift\"\n{days}"), false),
            (
                "kind = \"waiver\"\nwhat = \"x\"\nfirst_day = \"2027-02-02\"\nlast_day = \"2027-02-01\"".to_owned(),
                false,
            ),
        ] {
            assert_eq!(with(&concession).is_ok(), fine, "{concession}");
        }
    }
}
