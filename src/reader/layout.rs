//! Official layouts, as data: `formats/text/*.toml` states positions as the authority prints them.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use nom::Parser;
use nom::bytes::complete::tag;
use nom::character::complete::u16 as number;
use nom::combinator::all_consuming;
use nom::sequence::separated_pair;
use serde::Deserialize;

use crate::domain::{Columns, ContributionMonth, Scheme};

/// Which official text layout a line has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayoutId {
    /// One-Act record of 223 characters, SOCSO or EIS.
    Contribution223,
    /// Joint record of 278 characters without SKBBK.
    Joint278V1,
    /// Joint record of 278 characters with SKBBK.
    Joint278V2,
    /// Legacy diskette record of 83 characters.
    Brg8a83,
}

impl LayoutId {
    /// All text layouts.
    pub const ALL: [LayoutId; 4] =
        [LayoutId::Contribution223, LayoutId::Joint278V1, LayoutId::Joint278V2, LayoutId::Brg8a83];

    /// The id used on the command line and in JSON.
    pub const fn id(self) -> &'static str {
        match self {
            LayoutId::Contribution223 => "contribution-223",
            LayoutId::Joint278V1 => "joint-278-v1",
            LayoutId::Joint278V2 => "joint-278-v2",
            LayoutId::Brg8a83 => "brg8a-83",
        }
    }

    /// The layout with this id.
    pub fn find(id: &str) -> Option<LayoutId> {
        Self::ALL.into_iter().find(|layout| layout.id() == id)
    }

    /// True for the joint layouts, which carry wages and shares of both Acts.
    pub const fn is_joint(self) -> bool {
        matches!(self, LayoutId::Joint278V1 | LayoutId::Joint278V2)
    }
}

/// A text layout: where each field stands, when it is taken, which deviations are read.
#[derive(Debug)]
pub struct Layout {
    /// Which.
    pub id: LayoutId,
    /// In words, for people.
    pub title: String,
    /// Characters of a whole record.
    pub record_length: usize,
    /// Shortest line that still holds every figure when trailing blanks were cut.
    pub trimmed_to: usize,
    /// Characters by which the last field may overflow the record (BRG8A amounts of RM100.00 and more).
    pub overflow: usize,
    /// Acts the record pays; empty where the record does not say.
    pub schemes: Vec<Scheme>,
    /// Last day on which ASSIST takes this layout; `None` while no end is known.
    pub uploads_until: Option<NaiveDate>,
    /// Contribution months for which the layout is meant.
    pub months: (Option<ContributionMonth>, Option<ContributionMonth>),
    /// Contribution months in which SKBBK may lawfully stand inside the SOCSO amounts of this layout.
    pub skbbk_inside_total: Option<(ContributionMonth, ContributionMonth)>,
    /// Positions.
    pub fields: Vec<Field>,
    /// The same positions by role, for the reader's inner loop.
    pub at: Positions,
}

/// A field of a layout.
#[derive(Debug)]
pub struct Field {
    /// Its name, as findings carry it.
    pub name: &'static str,
    /// Where the official table puts it.
    pub columns: Columns,
}

/// Byte ranges by role, from 0; empty where the layout has no such field.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name in formats/text")]
pub struct Positions {
    pub employer_code: Range<usize>,
    pub company_number: Range<usize>,
    pub id_number: Range<usize>,
    pub name: Range<usize>,
    pub month: Range<usize>,
    pub amount: Range<usize>,
    pub date: Range<usize>,
    pub status: Range<usize>,
    pub wage: Range<usize>,
    pub socso_employer: Range<usize>,
    pub socso_employee: Range<usize>,
    pub eis_employer: Range<usize>,
    pub eis_employee: Range<usize>,
    pub skbbk: Range<usize>,
    /// The amount may run over the end of its field, which is the last one.
    pub runs_over: bool,
}

impl Layout {
    /// The layout of this id, as compiled in.
    pub fn get(id: LayoutId) -> &'static Layout {
        &LAYOUTS[id as usize]
    }

    /// Columns of a field.
    ///
    /// # Panics
    /// When the layout has no such field: names are constants of the rules.
    pub fn columns(&self, name: &str) -> Columns {
        self.fields.iter().find(|f| f.name == name).map(|f| f.columns).expect("rules ask for fields of their layout")
    }

    /// True when SKBBK may stand inside the SOCSO amounts for this month.
    pub fn skbbk_may_be_inside(&self, month: ContributionMonth) -> bool {
        self.skbbk_inside_total.is_some_and(|(first, last)| first <= month && month <= last)
    }
}

/// Names a layout may use, so that findings can carry them without a copy.
pub const FIELD_NAMES: [&str; 17] = [
    "employer_code",
    "company_number",
    "id_number",
    "name",
    "month",
    "amount",
    "date",
    "status",
    "wage",
    "socso_employer",
    "socso_employee",
    "eis_employer",
    "eis_employee",
    "skbbk",
    "social_security_number",
    "filler_1",
    "filler_2",
];

/// Texts of the layouts as compiled in, for the fingerprint of the rule pack.
pub const LAYOUT_TEXTS: [(&str, &str); 4] = [
    ("text/contribution-223.toml", include_str!("../../formats/text/contribution-223.toml")),
    ("text/joint-278-v1.toml", include_str!("../../formats/text/joint-278-v1.toml")),
    ("text/joint-278-v2.toml", include_str!("../../formats/text/joint-278-v2.toml")),
    ("text/brg8a-83.toml", include_str!("../../formats/text/brg8a-83.toml")),
];

static LAYOUTS: LazyLock<Vec<Layout>> = LazyLock::new(|| {
    LAYOUT_TEXTS
        .iter()
        .map(|(name, text)| Layout::parse(text).unwrap_or_else(|error| panic!("formats/{name}: {error}")))
        .collect()
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutFile {
    id: String,
    title: String,
    record_length: usize,
    schemes: Vec<Scheme>,
    #[serde(rename = "last_day_checked")]
    _last_day_checked: String,
    assist: AssistPart,
    #[serde(default)]
    months: MonthsPart,
    dialects: DialectsPart,
    field: Vec<FieldPart>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssistPart {
    uploads_until: Option<NaiveDate>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct MonthsPart {
    first: Option<ContributionMonth>,
    last: Option<ContributionMonth>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DialectsPart {
    trimmed_to: usize,
    skbbk_inside_total: Option<(ContributionMonth, ContributionMonth)>,
    #[serde(default)]
    amount_overflows_by: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldPart {
    name: String,
    at: String,
}

impl Layout {
    /// Reads a layout and proves that its fields tile the record from 1 to its length.
    ///
    /// # Errors
    /// One sentence that says which part of the text is wrong.
    pub fn parse(text: &str) -> Result<Layout, String> {
        let file: LayoutFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let id = LayoutId::find(&file.id).ok_or_else(|| format!("no layout is called {}", file.id))?;
        let mut fields = Vec::new();
        let mut at = Positions::default();
        let mut end = 0;
        for part in &file.field {
            let columns = columns_of(&part.at)
                .ok_or_else(|| format!("field {}: \"{}\" is not first-last", part.name, part.at))?;
            if columns.0 != end + 1 || columns.1 < columns.0 {
                return Err(format!("field {} does not begin where the one before it ends", part.name));
            }
            end = columns.1;
            let name = FIELD_NAMES.into_iter().find(|name| *name == part.name);
            let name = name.ok_or_else(|| format!("no field is called {}", part.name))?;
            at.set(name, usize::from(columns.0) - 1..usize::from(columns.1));
            fields.push(Field { name, columns });
        }
        if usize::from(end) != file.record_length {
            return Err(format!("the fields end at {end} but the record has {} characters", file.record_length));
        }
        at.runs_over = file.dialects.amount_overflows_by > 0;
        Ok(Layout {
            id,
            title: file.title,
            record_length: file.record_length,
            trimmed_to: file.dialects.trimmed_to,
            overflow: file.dialects.amount_overflows_by,
            schemes: file.schemes,
            uploads_until: file.assist.uploads_until,
            months: (file.months.first, file.months.last),
            skbbk_inside_total: file.dialects.skbbk_inside_total,
            fields,
            at,
        })
    }
}

impl Positions {
    fn set(&mut self, name: &str, range: Range<usize>) {
        match name {
            "employer_code" => self.employer_code = range,
            "company_number" => self.company_number = range,
            "id_number" => self.id_number = range,
            "name" => self.name = range,
            "month" => self.month = range,
            "amount" => self.amount = range,
            "date" => self.date = range,
            "status" => self.status = range,
            "wage" => self.wage = range,
            "socso_employer" => self.socso_employer = range,
            "socso_employee" => self.socso_employee = range,
            "eis_employer" => self.eis_employer = range,
            "eis_employee" => self.eis_employee = range,
            "skbbk" => self.skbbk = range,
            _ => {}
        }
    }
}

/// Reads positions as printed: `195-200`, both counted from 1 and both inside.
fn columns_of(text: &str) -> Option<Columns> {
    let parsed: nom::IResult<&str, (u16, u16)> = all_consuming(separated_pair(number, tag("-"), number)).parse(text);
    parsed.ok().map(|(_, (first, last))| Columns(first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_tiles_its_record() {
        for id in LayoutId::ALL {
            let layout = Layout::get(id);
            assert_eq!(layout.id, id);
            let total: usize = layout.fields.iter().map(|f| usize::from(f.columns.1 - f.columns.0) + 1).sum();
            assert_eq!(total, layout.record_length);
        }
    }

    #[test]
    fn positions_are_those_printed() {
        let layout = Layout::get(LayoutId::Joint278V2);
        assert_eq!(layout.columns("month"), Columns(195, 200));
        assert_eq!(layout.at.skbbk, 238..244);
        assert_eq!(Layout::get(LayoutId::Contribution223).at.amount, 200..214);
    }

    #[test]
    fn a_gap_or_an_overlap_is_refused() {
        let good = LAYOUT_TEXTS[0].1;
        assert!(Layout::parse(good).is_ok());
        for (from, to) in [("201-214", "202-214"), ("201-214", "200-214"), ("223-223", "223-224"), ("13-32", "13")] {
            assert!(Layout::parse(&good.replace(from, to)).is_err(), "{from} -> {to}");
        }
    }
}
