//! The employer, after Borang 1.

use super::{EmployerForm, Print, RegisterPaper, field};
use crate::report::ReportError;
use crate::report::labels::{LABELS, Label};
use crate::report::people::day;
use crate::report::sheet::{LEFT, RIGHT, Sheet};
use crate::report::table::grouped;
use crate::report::text::{Ink, Style};

/// Height of a row of the form.
const ROW: f32 = 27.0;

/// Borang 1: the employer's particulars, with lines to write on where the register has none.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn borang_1(paper: &RegisterPaper, form: &EmployerForm) -> Result<Vec<u8>, ReportError> {
    let print = Print { paper, form: &LABELS.register.borang_1, all: None, people: 0 };
    print.pages(1, |sheet, _| {
        draw(sheet, &print, form);
        Ok(())
    })
}

fn draw(sheet: &mut Sheet, print: &Print<'_>, form: &EmployerForm) {
    let (words, employer) = (&LABELS.register, &print.paper.employer);
    let (wide, top) = (RIGHT - LEFT, print.body_start() + 8.0);
    let strong = Style::bold(10.0);
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut y = top;
    let mut row = |sheet: &mut Sheet, cells: &[(&Label, String)], high: f32| {
        sheet.frame(LEFT, y, wide, high + 0.6, 0.6, Ink::BLACK);
        let room = wide / cells.len() as f32;
        for (at, (label, value)) in cells.iter().enumerate() {
            let x = LEFT + room * at as f32;
            if at > 0 {
                sheet.fill(x, y, 0.5, high, Ink::RULE);
            }
            field(sheet, (x, y, room), label, value, strong);
        }
        y += high;
    };
    let number = or_empty(&employer.company_number);
    row(sheet, &[(&words.employer_code, employer.code.clone()), (&words.company_number, number)], ROW);
    row(sheet, &[(&words.employer_name, or_empty(&employer.name))], ROW);
    let lines = employer.address.len().max(1) as f32;
    let address = [(&words.address, employer.address.first().cloned().unwrap_or_default())];
    row(sheet, &address, ROW + 12.0 * (lines - 1.0));
    row(sheet, &[(&words.notice_address, or_empty(&form.notice_address))], ROW);
    let since = form.liable_since.map(day).unwrap_or_default();
    let by = form.register_by.map(day).unwrap_or_default();
    row(sheet, &[(&words.liable_since, since), (&words.register_by, by)], ROW);
    let count = |people: u64| grouped(people);
    row(sheet, &[(&words.employees, count(form.employees)), (&words.not_registered, count(form.not_registered))], ROW);
    row(sheet, &[(&LABELS.paper.prepared, day(print.paper.prepared_at.date_naive()))], ROW);
    let below = y + 18.0;
    for (at, line) in employer.address.iter().enumerate().skip(1) {
        let base = top + 2.0 * ROW + 19.5 + 12.0 * at as f32;
        sheet.text_fit(LEFT + 5.0, base, wide - 10.0, line, strong);
    }
    sheet.text(LEFT, below, words.declaration.ms.as_str(), Style::bold(9.0));
    sheet.text(LEFT, below + 11.0, words.declaration.en.as_str(), Style::grey(8.0));
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::tests::paper;
    use super::*;
    use crate::report::model::Employer;

    #[test]
    fn it_prints_with_everything_and_with_next_to_nothing() {
        let full = EmployerForm {
            liable_since: NaiveDate::from_ymd_opt(2026, 11, 2),
            register_by: NaiveDate::from_ymd_opt(2026, 12, 2),
            notice_address: Some("gaji@contoh.example".to_owned()),
            employees: 1_234,
            not_registered: 5,
        };
        assert_eq!(borang_1(&paper(), &full).expect("a PDF"), borang_1(&paper(), &full).expect("a PDF"));
        let none = EmployerForm {
            liable_since: None,
            register_by: None,
            notice_address: None,
            employees: 0,
            not_registered: 0,
        };
        let employer =
            Employer { code: "A9900000001Z".to_owned(), name: None, address: Vec::new(), company_number: None };
        let bare = RegisterPaper { employer, ..paper() };
        assert!(borang_1(&bare, &none).expect("a PDF").starts_with(b"%PDF-1.7"));
    }
}
