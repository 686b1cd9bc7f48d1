//! What is wrong with a file, in a form that every way out can print.

use std::fmt;

use serde::{Serialize, Serializer};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; holds nothing.
    Note,
    /// May be a fault; holds nothing.
    Warn,
    /// Holds the line until it is mended.
    Fix,
    /// Refuses the file.
    Stop,
}

impl Severity {
    /// `stop`, `fix`, `warn` or `note`.
    pub const fn id(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warn => "warn",
            Severity::Fix => "fix",
            Severity::Stop => "stop",
        }
    }
}

/// First and last column of a field, counted from 1, as the official layout prints them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns(pub u16, pub u16);

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        [self.0, self.1].serialize(s)
    }
}

macro_rules! finding_names {
    ($($variant:ident $code:literal $name:literal $severity:ident,)*) => {
        /// Every finding there is. Its law, explanation, samples and sentences are data: `formats/findings.toml` and
        /// `formats/messages/`. A code is never used again for another meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is explained in formats/messages and docs/findings.md")]
        pub enum FindingName { $($variant,)* }

        impl FindingName {
            /// All of them, in the order of their codes' families.
            pub const ALL: &'static [FindingName] = &[$(FindingName::$variant,)*];

            /// One letter for the family and three digits.
            pub const fn code(self) -> &'static str {
                match self { $(FindingName::$variant => $code,)* }
            }

            /// The name in words joined by hyphens.
            pub const fn name(self) -> &'static str {
                match self { $(FindingName::$variant => $name,)* }
            }

            /// Its usual severity. `layout-retired` and `id-date-impossible` also occur with another.
            pub const fn severity(self) -> Severity {
                match self { $(FindingName::$variant => Severity::$severity,)* }
            }
        }
    };
}

finding_names! {
    FileEmpty "F101" "file-empty" Stop,
    FileTooLarge "F102" "file-too-large" Stop,
    NotAContributionFile "F103" "not-a-contribution-file" Stop,
    LayoutUnknown "F104" "layout-unknown" Stop,
    LayoutRetired "F105" "layout-retired" Warn,
    EncodingInvalid "F106" "encoding-invalid" Stop,
    LineLength "F107" "line-length" Fix,
    NameShiftsLine "F108" "name-shifts-line" Fix,
    RecordSplit "F109" "record-split" Fix,
    HeaderOrFooterLine "F110" "header-or-footer-line" Fix,
    LayoutMixed "F111" "layout-mixed" Fix,
    SchemeUndecided "F112" "scheme-undecided" Fix,
    FileDoubled "F113" "file-doubled" Fix,
    EncodingDoubled "F114" "encoding-doubled" Fix,
    SchemeContradictsName "F115" "scheme-contradicts-name" Warn,
    LayoutVersionsMixed "F116" "layout-versions-mixed" Warn,
    ControlCharacter "F117" "control-character" Warn,
    RecordIndented "F118" "record-indented" Warn,
    LineEndingMixed "F119" "line-ending-mixed" Warn,
    RepeatOfEarlierFile "F120" "repeat-of-earlier-file" Warn,
    ByteOrderMark "F121" "byte-order-mark" Note,
    EncodingConverted "F122" "encoding-converted" Note,
    BlankLine "F123" "blank-line" Note,
    ControlZ "F124" "control-z" Note,
    LayoutNotForMonth "F125" "layout-not-for-month" Note,
    Wrapper "F126" "wrapper" Note,

    EmployerCodeFormat "R101" "employer-code-format" Fix,
    EmployerCodeSpaces "R102" "employer-code-spaces" Fix,
    EmployerUnknown "R103" "employer-unknown" Fix,
    IdMissing "R104" "id-missing" Fix,
    IdFormat "R105" "id-format" Fix,
    IdDateImpossible "R106" "id-date-impossible" Fix,
    NameMissing "R107" "name-missing" Fix,
    MonthFormat "R108" "month-format" Fix,
    MonthInFuture "R109" "month-in-future" Fix,
    AmountFormat "R110" "amount-format" Fix,
    DateFormat "R111" "date-format" Fix,
    StatusUnknown "R112" "status-unknown" Fix,
    CompanyNumberFormat "R113" "company-number-format" Warn,
    EmployerCodeOldOrLowerCase "R114" "employer-code-old-or-lower-case" Warn,
    IdBirthplaceUnknown "R115" "id-birthplace-unknown" Warn,
    IdLooksLikePassport "R116" "id-looks-like-passport" Warn,
    StatusWithoutDate "R117" "status-without-date" Warn,
    DateOutOfMonth "R118" "date-out-of-month" Warn,
    ZeroAsSingleDigit "R119" "zero-as-single-digit" Warn,
    NameControlCharacter "R120" "name-control-character" Warn,
    ForeignWorkerNumber "R121" "foreign-worker-number" Note,
    NameTransliterated "R122" "name-transliterated" Note,

    AmountNotInSchedule "A101" "amount-not-in-schedule" Fix,
    AmountLooksLikeWage "A102" "amount-looks-like-wage" Fix,
    ShareMismatch "A103" "share-mismatch" Fix,
    OldSchedule "A104" "old-schedule" Fix,
    CategoryMismatch "A105" "category-mismatch" Fix,
    SkbbkMismatch "A106" "skbbk-mismatch" Fix,
    SkbbkMissing "A107" "skbbk-missing" Fix,
    SkbbkBeforeStart "A108" "skbbk-before-start" Fix,
    ZeroWageWithShares "A109" "zero-wage-with-shares" Fix,
    ScheduleNotCovered "A110" "schedule-not-covered" Fix,
    WageShareMismatch "A111" "wage-share-mismatch" Warn,
    SkbbkInsideTotal "A112" "skbbk-inside-total" Warn,
    SkbbkNilNoRelease "A113" "skbbk-nil-no-release" Note,
    ZeroWithoutReason "A114" "zero-without-reason" Note,

    EisNotEligible "P101" "eis-not-eligible" Fix,
    DuplicatePerson "P102" "duplicate-person" Fix,
    SameIdOtherName "P103" "same-id-other-name" Fix,
    EmployeeUnregistered "P104" "employee-unregistered" Fix,
    RegistrationLate "P105" "registration-late" Fix,
    BirthdayMonth "P106" "birthday-month" Warn,
    NameDiffers "P107" "name-differs" Warn,
    LeftEmployee "P108" "left-employee" Warn,
    RegistrationDue "P109" "registration-due" Warn,
    EisMissing "P110" "eis-missing" Note,
    SecondCategoryUnder60 "P111" "second-category-under-60" Note,

    AlreadySubmitted "W101" "already-submitted" Fix,
    SeveralEmployers "W102" "several-employers" Warn,
    SeveralMonths "W103" "several-months" Warn,
    PastDue "W104" "past-due" Warn,
    MissingSinceLastMonth "W105" "missing-since-last-month" Warn,
    DueSoonRestDay "W106" "due-soon-rest-day" Warn,
    Supplementary "W107" "supplementary" Note,
    RegisterSeeded "W108" "register-seeded" Note,
    LineOfAnotherPart "W109" "line-of-another-part" Warn,
}

impl FindingName {
    /// The finding with this code (`A101`) or name (`amount-not-in-schedule`), in any case.
    pub fn find(code_or_name: &str) -> Option<FindingName> {
        let wanted = code_or_name.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|f| f.code().eq_ignore_ascii_case(wanted) || f.name().eq_ignore_ascii_case(wanted))
    }

    /// `file`, `record`, `amount`, `person` or `whole`.
    pub const fn family(self) -> &'static str {
        match self.code().as_bytes()[0] {
            b'F' => "file",
            b'R' => "record",
            b'A' => "amount",
            b'P' => "person",
            _ => "whole",
        }
    }
}

impl fmt::Display for FindingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One thing wrong, or worth knowing, in a file. Sentences are made from it only when somebody reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub name: FindingName,
    /// How much it weighs here.
    pub severity: Severity,
    /// Physical line, from 1; `None` when it speaks of the whole file, or of an employer's whole part.
    pub line: Option<u64>,
    /// Whose line or part it is about: the place in the check's list of employers. `None` when it is the file's own, or
    /// when the line does not say whose it is.
    pub employer: Option<u32>,
    /// Columns of the official layout.
    pub columns: Option<Columns>,
    /// Field of the layout, as `formats/text/*.toml` names it.
    pub field: Option<&'static str>,
    /// What stands there. Raw: mask it with [`Finding::found_masked`] before anybody sees it.
    pub found: Option<Box<str>>,
    /// What should stand there.
    pub expected: Option<Box<str>>,
    /// Further values the sentence needs, by the names used in `formats/messages`.
    pub details: Details,
}

/// Further named values of a sentence; none in most findings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details(Option<Box<Named>>);

/// Names and values.
type Named = Vec<(&'static str, Box<str>)>;

impl Details {
    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().flat_map(|list| list.iter().map(|(name, value)| (*name, value.as_ref())))
    }
}

impl Finding {
    /// A finding about the whole file, at its usual severity.
    pub fn new(name: FindingName) -> Self {
        Finding {
            name,
            severity: name.severity(),
            line: None,
            employer: None,
            columns: None,
            field: None,
            found: None,
            expected: None,
            details: Details(None),
        }
    }

    /// Weighs this much here.
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// On this physical line, counted from 1.
    pub fn line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// About this employer's line or part.
    pub fn of(mut self, employer: u32) -> Self {
        self.employer = Some(employer);
        self
    }

    /// In this field of the layout.
    pub fn at(mut self, field: &'static str, columns: Columns) -> Self {
        self.field = Some(field);
        self.columns = Some(columns);
        self
    }

    /// What stands there.
    pub fn found(mut self, found: impl Into<Box<str>>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// What should stand there.
    pub fn expected(mut self, expected: impl Into<Box<str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// A further value for the sentence.
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.details.0.get_or_insert_default().push((name, value.to_string().into()));
        self
    }

    /// What stands there, with identity numbers hidden unless `show`.
    pub fn found_masked(&self, show: bool) -> Option<String> {
        let found = self.found.as_deref()?;
        Some(match self.field {
            _ if show => found.to_owned(),
            Some("id_number") => super::identity::mask(found),
            // Twelve digits may stand where a code belongs, and say nothing of a person.
            Some("employer_code") => found.to_owned(),
            _ => super::identity::mask_numbers(found),
        })
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name.code(), self.name)?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        if let (Some(field), Some(Columns(first, last))) = (self.field, self.columns) {
            write!(f, " {field} {first}-{last}")?;
        }
        write!(f, " found {:?} expected {:?}", self.found_masked(false), self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique() {
        for (i, a) in FindingName::ALL.iter().enumerate() {
            for b in &FindingName::ALL[i + 1..] {
                assert_ne!(a.code(), b.code());
                assert_ne!(a.name(), b.name());
            }
            assert_eq!(FindingName::find(a.code()), Some(*a));
            assert_eq!(FindingName::find(a.name()), Some(*a));
        }
    }

    #[test]
    fn identities_stay_hidden() {
        let finding = Finding::new(FindingName::IdFormat).at("id_number", Columns(33, 44)).found("900101149991");
        assert!(!format!("{finding:?}").contains("900101"));
        assert_eq!(finding.found_masked(true).as_deref(), Some("900101149991"));
    }
}
