//! Forms of the register, after Borang 1 (employer in), Borang 2 (employees in) and Borang 3 (employees out).
//!
//! They are printed from what the register says on a day, not from a file, and serve both Acts. This file holds what
//! goes in and what the three share.

mod employer;
mod joining;
mod leaving;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::json;

pub use employer::borang_1;
pub use joining::borang_2;
pub use leaving::borang_3;

use super::{SIGNATURE, advice, caption, employer_box, signature};
use crate::domain::{IdKind, LeftReason, Residency, Scheme, Sen};
use crate::report::ReportError;
use crate::report::acknowledgement::foot;
use crate::report::labels::{Form, LABELS, Label};
use crate::report::model::Employer;
use crate::report::people::day;
use crate::report::press::{About, Press};
use crate::report::shapes;
use crate::report::sheet::{BOTTOM, LEFT, RIGHT, Sheet};
use crate::report::table::grouped;
use crate::report::text::{Ink, Style, width};

/// Lowest place of the body, above the sums of the sheet and the signatures.
const BODY_END: f32 = BOTTOM - SIGNATURE - 14.0;

/// The head of a form of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterPaper {
    /// When the register was asked; also the date of the PDF, and the day from which days left are counted.
    pub prepared_at: DateTime<FixedOffset>,
    /// Who prints it.
    pub issuer: String,
    /// The employer.
    pub employer: Employer,
    /// First and last day asked for; open where `None`.
    pub span: (Option<NaiveDate>, Option<NaiveDate>),
}

/// What Borang 1 says beside the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmployerForm {
    /// First day as an employer.
    pub liable_since: Option<NaiveDate>,
    /// Last day to register as one.
    pub register_by: Option<NaiveDate>,
    /// Mail address for notices.
    pub notice_address: Option<String>,
    /// Employees on the day.
    pub employees: u64,
    /// Of these not yet registered.
    pub not_registered: u64,
}

/// An employee of Borang 2.
#[derive(Clone, PartialEq, Eq)]
pub struct JoiningEmployee {
    /// Identity number.
    pub id: String,
    /// What it is.
    pub id_kind: Option<IdKind>,
    /// PERKESO's foreign-worker number.
    pub ssfw: Option<String>,
    /// Name.
    pub name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Residency.
    pub residency: Residency,
    /// First day of employment.
    pub employed_on: Option<NaiveDate>,
    /// Last day to register.
    pub register_by: Option<NaiveDate>,
    /// Day of registration.
    pub registered_on: Option<NaiveDate>,
    /// Occupation, or empty.
    pub occupation: String,
    /// Monthly wage.
    pub monthly_wage: Option<Sen>,
    /// Monthly allowances that count as wages.
    pub allowances: Option<Sen>,
}

/// An employee of Borang 3.
#[derive(Clone, PartialEq, Eq)]
pub struct LeavingEmployee {
    /// Identity number.
    pub id: String,
    /// What it is.
    pub id_kind: Option<IdKind>,
    /// Name.
    pub name: String,
    /// First day of employment.
    pub employed_on: Option<NaiveDate>,
    /// Last day of employment.
    pub left_on: Option<NaiveDate>,
    /// Why it ended.
    pub reason: Option<LeftReason>,
}

/// Shows no identity in logs.
impl std::fmt::Debug for JoiningEmployee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JoiningEmployee").field("employed_on", &self.employed_on).finish_non_exhaustive()
    }
}

/// Shows no identity in logs.
impl std::fmt::Debug for LeavingEmployee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LeavingEmployee").field("left_on", &self.left_on).finish_non_exhaustive()
    }
}

/// One form with its pages.
struct Print<'a> {
    paper: &'a RegisterPaper,
    form: &'a Form,
    /// What the period is called where no days were asked for; `None` for a form without people.
    all: Option<&'a Label>,
    people: usize,
}

impl Print<'_> {
    /// Prints every page: head, body, signatures, foot.
    fn pages(
        &self,
        pages: usize,
        mut body: impl FnMut(&mut Sheet, usize) -> Result<(), ReportError>,
    ) -> Result<Vec<u8>, ReportError> {
        let (paper, code) = (self.paper, &self.paper.employer.code);
        let span = self.span();
        let mut press = Press::new(About {
            title: format!("{} – {code} – {}", self.form.name.ms, day(paper.prepared_at.date_naive())),
            issuer: paper.issuer.clone(),
            identity: format!("{}/{code}/{span}/{}", self.form.name.en, paper.prepared_at.to_rfc3339()),
            date: paper.prepared_at,
            keywords: Vec::new(),
        })?;
        for page in 0..pages {
            let mut sheet = Sheet::default();
            self.head(&mut sheet, page + 1, pages);
            body(&mut sheet, page)?;
            signature(&mut sheet);
            foot(&mut sheet, "", &LABELS.page.paper, page + 1, pages)?;
            press.print(&sheet);
        }
        press.finish()
    }

    /// Where the body begins.
    fn body_start(&self) -> f32 {
        self.advice_at() - 3.0 + 10.0 * self.form.notes.len() as f32
    }

    /// Base line of the first sentence of advice: below the boxes, where the form has any.
    fn advice_at(&self) -> f32 {
        if self.all.is_some() { 171.0 } else { 100.0 }
    }

    /// `01/10/2026 – 31/10/2026`, open ends as `…`; all where nothing was asked.
    fn span(&self) -> String {
        let end = |end: Option<NaiveDate>| end.map_or_else(|| "…".to_owned(), day);
        match self.paper.span {
            (None, None) => self.all.map(both).unwrap_or_default(),
            (from, to) => format!("{} – {}", end(from), end(to)),
        }
    }

    fn head(&self, sheet: &mut Sheet, page: usize, pages: usize) {
        let words = &LABELS.register;
        shapes::sign(sheet, LEFT, 34.0, 22.0, Scheme::Act4);
        shapes::sign(sheet, LEFT + 22.0, 56.0, 22.0, Scheme::Act800);
        let left = LEFT + 54.0;
        let name = Style::bold(20.0);
        sheet.text(left, 51.0, self.form.name.ms.as_str(), name);
        let after = left + width(&self.form.name.ms, name) + 10.0;
        sheet.text_fit(after, 44.0, RIGHT - after, &self.form.title.ms, Style::bold(11.5));
        sheet.text_fit(after, 54.5, RIGHT - after, &self.form.title.en, Style::grey(8.6));
        sheet.text(left, 65.0, words.both_acts.ms.as_str(), Style::bold(9.0));
        let short = left + width(&words.both_acts.ms, Style::bold(9.0)) + 6.0;
        sheet.text(short, 65.0, format!("{}  ·  {}", words.both_acts.en, self.form.name.en), Style::grey(7.8));
        let acts = [&LABELS.schemes.act4.act.ms, &LABELS.schemes.act800.act.ms];
        sheet.text_fit(left, 75.5, RIGHT - left, &format!("{}  ·  {}", acts[0], acts[1]), Style::grey(6.8));
        shapes::band(sheet, 83.0, 1.3, Scheme::Act4);
        shapes::band(sheet, 85.0, 1.3, Scheme::Act800);
        if self.all.is_some() {
            employer_box(sheet, 92.0, &self.paper.employer);
            self.boxes(sheet, 92.0, page, pages);
        }
        advice(sheet, self.advice_at(), &self.form.notes);
    }

    /// Period and day of printing, people and sheet number.
    fn boxes(&self, sheet: &mut Sheet, top: f32, page: usize, pages: usize) {
        let (paper, words) = (&LABELS.paper, &LABELS.register);
        let left = LEFT + 290.0;
        let right = RIGHT - 6.0;
        sheet.frame(left, top, RIGHT - left, 66.0, 0.6, Ink::BLACK);
        sheet.rule(left, top + 33.0, RIGHT - left, 0.5, Ink::RULE);
        let x = left + 6.0;
        caption(sheet, x, top + 10.0, &words.period, false);
        match (self.paper.span, self.all) {
            ((None, None), Some(all)) => {
                sheet.text_fit(x, top + 20.0, 138.0, &all.ms, Style::bold(8.6));
                sheet.text_fit(x, top + 28.5, 138.0, &all.en, Style::grey(7.0));
            }
            _ => sheet.text_fit(x, top + 23.0, 138.0, &self.span(), Style::bold(9.0)),
        }
        caption(sheet, right, top + 10.0, &paper.prepared, true);
        sheet.text_right(right, top + 23.0, day(self.paper.prepared_at.date_naive()), Style::bold(9.0));
        caption(sheet, x, top + 43.0, &paper.people, false);
        sheet.text(x, top + 57.0, grouped(self.people as u64), Style::bold(11.0));
        caption(sheet, right, top + 43.0, &paper.sheet, true);
        sheet.text_right(right, top + 57.0, format!("{page} / {pages}"), Style::bold(11.0));
    }

    /// How many people stand on this sheet and on all so far.
    fn count(&self, sheet: &mut Sheet, here: usize, so_far: usize) -> Result<(), ReportError> {
        let values = json!({ "here": here, "so_far": so_far, "all": self.people });
        let words = [LABELS.register.on_sheet.fill(&values)?, LABELS.register.so_far.fill(&values)?];
        let base = BODY_END + 10.0;
        let style = Style::bold(7.6);
        sheet.text(LEFT, base, words[0].ms.as_str(), style);
        sheet.text(LEFT + width(&words[0].ms, style) + 5.0, base, words[0].en.as_str(), Style::grey(6.8));
        let english = width(&words[1].en, Style::grey(6.8));
        sheet.text_right(RIGHT - english - 5.0, base, words[1].ms.as_str(), style);
        sheet.text_right(RIGHT, base, words[1].en.as_str(), Style::grey(6.8));
        Ok(())
    }
}

/// A label above its value in a cell of a frame; a line to write on where there is no value.
fn field(sheet: &mut Sheet, (x, y, room): (f32, f32, f32), label: &Label, value: &str, style: Style) {
    let text = format!("{} / {}", label.ms, label.en);
    sheet.text_fit(x + 5.0, y + 8.5, room - 8.0, &text, Style::grey(6.4));
    if value.is_empty() {
        sheet.rule(x + 5.0, y + 21.5, room - 12.0, 0.4, Ink::RULE);
    } else {
        sheet.text_fit(x + 5.0, y + 19.5, room - 10.0, value, style);
    }
}

/// `Tentera / army`
fn both(label: &Label) -> String {
    format!("{} / {}", label.ms, label.en)
}

fn kind(kind: IdKind) -> &'static Label {
    let words = &LABELS.register.kinds;
    match kind {
        IdKind::MyKad => &words.mykad,
        IdKind::OldCard => &words.old_card,
        IdKind::Army => &words.army,
        IdKind::Police => &words.police,
        IdKind::ForeignWorker => &words.foreign_worker,
        IdKind::Other => &words.other,
    }
}

fn residency(residency: Residency) -> &'static Label {
    let words = &LABELS.register.residencies;
    match residency {
        Residency::Citizen => &words.citizen,
        Residency::PermanentResident => &words.permanent_resident,
        Residency::TemporaryResident => &words.temporary_resident,
        Residency::Foreign => &words.foreign,
    }
}

/// How registration stands on a day, and whether it is or was late.
fn standing(
    register_by: Option<NaiveDate>,
    registered_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(Label, bool), ReportError> {
    let words = &LABELS.register;
    let Some(limit) = register_by else {
        let known = registered_on.map(|on| words.registered.fill(&json!({ "day": day(on) })));
        return Ok((known.unwrap_or_else(|| Ok(words.start_unknown.clone()))?, false));
    };
    let days = (limit - registered_on.unwrap_or(today)).num_days();
    let values = json!({ "days": days.abs(), "day": registered_on.map(day).unwrap_or_default() });
    let label = match (registered_on, days) {
        (Some(_), 0..) => &words.registered,
        (Some(_), _) => &words.registered_late,
        (None, 0) => &words.last_day,
        (None, 1..) => &words.days_left,
        (None, _) => &words.days_late,
    };
    Ok((label.fill(&values)?, days < 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    pub(super) fn paper() -> RegisterPaper {
        RegisterPaper {
            prepared_at: sample::moment(),
            issuer: "Pusat Kutipan Contoh".to_owned(),
            employer: sample::employer(),
            span: (None, None),
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn days_left_and_late_at_the_limit() {
        let limit = Some(date("2026-10-31"));
        let said = |today: &str, registered: Option<&str>| {
            let (label, late) = standing(limit, registered.map(date), date(today)).expect("words");
            (label.en, late)
        };
        assert_eq!(said("2026-10-30", None), ("days left: 1".to_owned(), false));
        assert_eq!(said("2026-10-31", None), ("last day is today".to_owned(), false));
        assert_eq!(said("2026-11-01", None), ("DAYS LATE: 1".to_owned(), true));
        assert!(!said("2026-11-18", Some("2026-10-31")).1);
        assert_eq!(said("2026-11-18", Some("2026-11-02")), ("registered, days late: 2".to_owned(), true));
        assert!(!standing(None, None, date("2026-11-18")).expect("words").1);
    }

    #[test]
    fn spans_are_said_with_their_open_ends() {
        let form = &LABELS.register.borang_2;
        let said = |from: Option<&str>, to: Option<&str>| {
            let paper = RegisterPaper { span: (from.map(date), to.map(date)), ..paper() };
            Print { paper: &paper, form, all: Some(&LABELS.register.all), people: 0 }.span()
        };
        assert_eq!(said(Some("2026-10-01"), Some("2026-10-31")), "01/10/2026 – 31/10/2026");
        assert_eq!(said(None, Some("2026-10-31")), "… – 31/10/2026");
        assert_eq!(said(None, None), "semua / all");
    }
}
