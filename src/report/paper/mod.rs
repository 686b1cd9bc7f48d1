//! The paper forms that the files replaced: some counters, auditors and labour officers still ask for them.
//!
//! [`borang_8a`] and [`lampiran_1`] (monthly lists), [`arrears_list`] (after Borang 8B), [`joiners`] and [`leavers`]
//! (after Borang 2 and 3). This file holds what they share: head, box, signature, pages.

mod arrears;
mod monthly;
mod movement;
pub mod register;

pub use arrears::arrears_list;
pub use monthly::{borang_8a, lampiran_1};
pub use movement::{joiners, leavers};
pub use register::{borang_1, borang_2, borang_3};

use super::ReportError;
use super::acknowledgement::foot;
use super::labels::{Form, LABELS, Label};
use super::list::List;
use super::model::{Employer, Means, PaperDocument};
use super::people::{day, month};
use super::plan::PlannedPage;
use super::press::{About, Press};
use super::shapes;
use super::sheet::{BOTTOM, LEFT, RIGHT, Sheet};
use super::table::{Cell, Column, Table, grouped, money};
use super::text::{Ink, Style, shrink, width};
use crate::domain::{ContributionMonth, Sen};

/// Height of the signature block.
const SIGNATURE: f32 = 62.0;

/// What a form says above its list.
struct Head<'a> {
    document: &'a PaperDocument,
    form: &'a Form,
    /// Month or months, at the top right.
    period: String,
    /// Amount, due date and payment boxes; `None` for forms without money.
    amount: Option<Sen>,
    people: usize,
}

/// One run of pages with the same columns.
struct Part<'a> {
    columns: Vec<Column<'a>>,
    lines: usize,
    line: Box<dyn Fn(usize) -> Vec<Cell<'a>> + 'a>,
    /// Which months, where the form has several parts.
    period: Option<String>,
}

/// Prints a form: its parts one after the other, pages counted through.
fn print(head: &Head<'_>, parts: Vec<Part<'_>>) -> Result<Vec<u8>, ReportError> {
    let document = head.document;
    let made = document.prepared_at;
    let mut press = Press::new(About {
        title: format!("{} – {} – {}", head.form.name.ms, document.employer.code, head.period),
        issuer: document.issuer.clone(),
        identity: format!("{}/{}/{}/{}", head.form.name.en, document.employer.code, head.period, made.to_rfc3339()),
        date: made,
        keywords: Vec::new(),
    })?;
    let top = 172.0 + 10.0 * head.form.notes.len() as f32;
    let lists: Vec<(List<'_, '_>, Option<&str>)> = parts
        .iter()
        .map(|part| {
            let table = Table { left: LEFT, columns: part.columns.clone() };
            let bottom = BOTTOM - SIGNATURE;
            (List { table, lines: part.lines, line: &*part.line, top, bottom }, part.period.as_deref())
        })
        .collect();
    let plans: Vec<Vec<PlannedPage>> = lists.iter().map(|(list, _)| list.plan()).collect();
    let pages: usize = plans.iter().map(Vec::len).sum();
    let mut page = 0;
    for ((list, period), plan) in lists.iter().zip(&plans) {
        for (at, planned) in plan.iter().enumerate() {
            page += 1;
            let mut sheet = Sheet::default();
            head.draw(&mut sheet, period.unwrap_or(&head.period), page, pages);
            list.draw(&mut sheet, planned, at == 0, at + 1 == plan.len());
            signature(&mut sheet);
            foot(&mut sheet, document.number.as_deref().unwrap_or(""), &LABELS.page.paper, page, pages)?;
            press.print(&sheet);
        }
    }
    press.finish()
}

impl Head<'_> {
    fn draw(&self, sheet: &mut Sheet, period: &str, page: usize, pages: usize) {
        let words = LABELS.schemes.of(self.document.scheme);
        let ink = shapes::ink(self.document.scheme);
        shapes::sign(sheet, LEFT, 34.0, 44.0, self.document.scheme);
        let left = LEFT + 54.0;
        let name = Style::bold(20.0).ink(ink);
        sheet.text(left, 51.0, self.form.name.ms.as_str(), name);
        let after = left + width(&self.form.name.ms, name) + 10.0;
        sheet.text_fit(after, 44.0, RIGHT - 122.0 - after, &self.form.title.ms, Style::bold(11.5));
        sheet.text_fit(after, 54.5, RIGHT - 122.0 - after, &self.form.title.en, Style::grey(8.6));
        sheet.text(left, 65.0, words.short.ms.as_str(), Style::bold(9.0));
        let short = left + width(&words.short.ms, Style::bold(9.0)) + 6.0;
        sheet.text(short, 65.0, format!("{}  ·  {}", words.short.en, self.form.name.en), Style::grey(7.8));
        sheet.text(left, 75.5, format!("{}  ·  {}", words.act.ms, words.act.en), Style::grey(6.8));
        let paper = &LABELS.paper;
        caption(sheet, RIGHT, 40.0, &paper.month, true);
        let style = shrink(period, Style::bold(13.0), 130.0, 0.5);
        sheet.text_right(RIGHT, 53.5, period, style);
        if self.amount.is_some() {
            caption(sheet, RIGHT, 63.5, &paper.due, true);
            sheet.text_right(RIGHT, 75.5, day(self.document.due_date), Style::bold(10.5));
        }
        shapes::band(sheet, 83.0, 2.6, self.document.scheme);
        employer_box(sheet, 92.0, &self.document.employer);
        self.boxes(sheet, 92.0, page, pages);
        advice(sheet, 171.0, &self.form.notes);
    }

    /// Payment, people and sheet number; without money the reference and the day of printing.
    fn boxes(&self, sheet: &mut Sheet, top: f32, page: usize, pages: usize) {
        let paper = &LABELS.paper;
        let left = LEFT + 290.0;
        let (wide, half) = (RIGHT - left, (RIGHT - left) / 2.0);
        sheet.frame(left, top, wide, 66.0, 0.6, Ink::BLACK);
        sheet.rule(left, top + 33.0, wide, 0.5, Ink::RULE);
        let x = left + 6.0;
        match self.amount {
            Some(amount) => {
                let means = &self.document.means;
                caption(sheet, x, top + 10.0, &paper.payment, false);
                tick(sheet, x, top + 17.0, &paper.cash, *means == Means::Cash);
                tick(sheet, x + 44.0, top + 17.0, &paper.cheque, matches!(means, Means::Cheque(_)));
                let after = x + 59.0 + width(&paper.cheque.ms, Style::regular(7.6));
                if let Means::Cheque(number) = means {
                    sheet.text_fit(after, top + 24.0, left + half + 16.0 - after, number, Style::bold(8.0));
                }
                sheet.rule(after, top + 26.0, left + half + 16.0 - after, 0.4, Ink::BLACK);
                caption(sheet, left + wide - 6.0, top + 10.0, &paper.amount, true);
                let text = format!("RM {}", money(amount));
                let style = shrink(&text, Style::bold(12.0), half - 28.0, 0.5);
                sheet.text_right(left + wide - 6.0, top + 25.0, text, style);
            }
            None => {
                caption(sheet, x, top + 10.0, &paper.number, false);
                let number = self.document.number.as_deref().unwrap_or("–");
                sheet.text_fit(x, top + 23.0, half - 8.0, number, Style::bold(9.0));
                caption(sheet, left + half, top + 10.0, &paper.prepared, false);
                let made = day(self.document.prepared_at.date_naive());
                sheet.text(left + half, top + 23.0, made, Style::bold(9.0));
            }
        }
        caption(sheet, x, top + 43.0, &paper.people, false);
        sheet.text(x, top + 57.0, grouped(self.people as u64), Style::bold(11.0));
        caption(sheet, left + wide - 6.0, top + 43.0, &paper.sheet, true);
        sheet.text_right(left + wide - 6.0, top + 57.0, format!("{page} / {pages}"), Style::bold(11.0));
    }
}

/// Code, name and address.
fn employer_box(sheet: &mut Sheet, top: f32, employer: &Employer) {
    let paper = &LABELS.paper;
    sheet.frame(LEFT, top, 282.0, 66.0, 0.6, Ink::BLACK);
    caption(sheet, LEFT + 6.0, top + 10.0, &paper.employer, false);
    sheet.text(LEFT + 6.0, top + 23.0, employer.code.as_str(), Style::bold(11.0));
    if let Some(number) = &employer.company_number {
        let after = LEFT + 14.0 + width(&employer.code, Style::bold(11.0));
        sheet.text_fit(after, top + 23.0, LEFT + 276.0 - after, number, Style::grey(8.0));
    }
    let unknown = format!("{} / {}", LABELS.front.name_unknown.ms, LABELS.front.name_unknown.en);
    let name = employer.name.as_deref().unwrap_or(&unknown);
    sheet.text_fit(LEFT + 6.0, top + 35.0, 270.0, name, Style::bold(9.4));
    // Two lines hold any address: the first line alone, the rest behind each other.
    if let Some((first, rest)) = employer.address.split_first() {
        sheet.text_fit(LEFT + 6.0, top + 46.5, 270.0, first, Style::regular(8.0));
        sheet.text_fit(LEFT + 6.0, top + 57.0, 270.0, &rest.join(", "), Style::regular(8.0));
    }
}

/// Sentences under the head, one below the other from this base line.
fn advice(sheet: &mut Sheet, first: f32, notes: &[Label]) {
    for (at, note) in notes.iter().enumerate() {
        let base = first + 10.0 * at as f32;
        sheet.fill(LEFT + 1.0, base - 4.0, 2.8, 2.8, Ink::BLACK);
        let style = Style::regular(6.9);
        let room = RIGHT - LEFT - 8.0;
        let scale = (room / (width(&note.ms, style) + 6.0 + width(&note.en, Style::grey(6.5)))).min(1.0);
        let malay = style.size(style.size * scale);
        sheet.text(LEFT + 8.0, base, note.ms.as_str(), malay);
        let after = LEFT + 14.0 * scale.max(0.5) + width(&note.ms, malay);
        sheet.text(after, base, note.en.as_str(), Style::grey(6.5 * scale));
    }
}

/// A small label in both languages, from `x` or up to it.
fn caption(sheet: &mut Sheet, x: f32, y: f32, label: &Label, right: bool) {
    let text = format!("{} / {}", label.ms, label.en);
    let style = Style::grey(6.6);
    if right { sheet.text_right(x, y, text, style) } else { sheet.text(x, y, text, style) }
}

/// A box to tick, with its label.
fn tick(sheet: &mut Sheet, x: f32, y: f32, label: &Label, ticked: bool) {
    sheet.frame(x, y, 8.5, 8.5, 0.7, Ink::BLACK);
    if ticked {
        sheet.text_centre(x + 4.25, y + 7.2, "X", Style::bold(8.4));
    }
    sheet.text(x + 11.5, y + 7.0, label.ms.as_str(), Style::regular(7.6));
}

/// Places for signature, name, telephone and stamp.
fn signature(sheet: &mut Sheet) {
    let paper = &LABELS.paper;
    let (top, wide) = (BOTTOM - SIGNATURE + 10.0, RIGHT - LEFT);
    sheet.frame(LEFT, top, wide, SIGNATURE - 16.0, 0.6, Ink::BLACK);
    let labels = [&paper.signature, &paper.full_name, &paper.telephone, &paper.stamp];
    for (at, label) in labels.into_iter().enumerate() {
        let x = LEFT + wide / 4.0 * at as f32;
        if at > 0 {
            sheet.fill(x, top, 0.5, SIGNATURE - 16.0, Ink::RULE);
        }
        caption(sheet, x + 5.0, top + 9.0, label, false);
    }
}

/// `10/2026` or `08/2026 – 10/2026`
fn span(first: ContributionMonth, last: ContributionMonth) -> String {
    if first == last { month(first) } else { format!("{} – {}", month(first), month(last)) }
}
