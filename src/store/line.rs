//! A contribution line, as it goes into a block and comes out.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::{ContributionMonth, IdentityNumber, PersonName, Sen};

/// One contribution line as the file carries it. What is the same for a whole submission (employer, company number)
/// is kept there once. Identity and name hide themselves in `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Physical line in the original, from 1.
    pub source_line: u64,
    /// Identity number as read.
    pub id_number: IdentityNumberText,
    /// Name as read, in UTF-8.
    pub name: PersonName,
    /// Contribution month.
    pub month: ContributionMonth,
    /// Monthly wage, where the layout carries one.
    pub wage: Option<Sen>,
    /// Employer's share under Act 4, where the layout carries shares.
    pub act4_employer: Option<Sen>,
    /// Employee's share under Act 4 without SKBBK, where the layout carries shares.
    pub act4_employee: Option<Sen>,
    /// Act 4 contribution without SKBBK.
    pub act4_total: Sen,
    /// Employer's share under Act 800, where the layout carries shares.
    pub eis_employer: Option<Sen>,
    /// Employee's share under Act 800, where the layout carries shares.
    pub eis_employee: Option<Sen>,
    /// Act 800 contribution.
    pub eis_total: Sen,
    /// SKBBK (from June 2026), paid under Act 4.
    pub skbbk: Sen,
    /// Day of joining, leaving or death.
    pub date: Option<NaiveDate>,
    /// Status letter.
    pub status: Option<u8>,
    /// Waits in a tray until mended.
    pub held: bool,
}

/// The identity number exactly as written (a held line may carry anything). Masked in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityNumberText(pub String);

impl IdentityNumberText {
    /// The number without blanks and separators, for comparing persons.
    pub fn number(&self) -> IdentityNumber {
        IdentityNumber::new(&self.0)
    }
}

impl fmt::Debug for IdentityNumberText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::domain::identity::mask(&self.0))
    }
}

impl Line {
    /// The same line, borrowing its texts.
    pub fn borrowed(&self) -> LineRef<'_> {
        LineRef {
            source_line: self.source_line,
            id_number: &self.id_number.0,
            name: &self.name.0,
            month: self.month,
            wage: self.wage,
            act4_employer: self.act4_employer,
            act4_employee: self.act4_employee,
            act4_total: self.act4_total,
            eis_employer: self.eis_employer,
            eis_employee: self.eis_employee,
            eis_total: self.eis_total,
            skbbk: self.skbbk,
            date: self.date,
            status: self.status,
            held: self.held,
        }
    }
}

/// A [`Line`] that borrows its texts: what the reader pushes into a [`BlockBuilder`](super::block::BlockBuilder).
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the fields are those of Line")]
pub struct LineRef<'a> {
    pub source_line: u64,
    pub id_number: &'a str,
    pub name: &'a str,
    pub month: ContributionMonth,
    pub wage: Option<Sen>,
    pub act4_employer: Option<Sen>,
    pub act4_employee: Option<Sen>,
    pub act4_total: Sen,
    pub eis_employer: Option<Sen>,
    pub eis_employee: Option<Sen>,
    pub eis_total: Sen,
    pub skbbk: Sen,
    pub date: Option<NaiveDate>,
    pub status: Option<u8>,
    pub held: bool,
}
