//! Employees to register, after Borang 2: one card each.

use super::{BODY_END, JoiningEmployee, Print, RegisterPaper, both, field, kind, residency, standing};
use crate::domain::Sen;
use crate::report::ReportError;
use crate::report::labels::{LABELS, Label};
use crate::report::people::day;
use crate::report::sheet::{LEFT, RIGHT, Sheet};
use crate::report::table::money;
use crate::report::text::{Ink, Style, shrink, width, wrap};

/// Height of a card's head.
const HEAD: f32 = 17.0;
/// Height of a row of fields.
const ROW: f32 = 25.0;
/// Height of a card with the space below it.
const CARD: f32 = HEAD + 3.0 * ROW + 8.0;

/// Borang 2: every employee on a card with the days that are left to register, in the order given.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn borang_2(paper: &RegisterPaper, employees: &[JoiningEmployee]) -> Result<Vec<u8>, ReportError> {
    let print = Print {
        paper,
        form: &LABELS.register.borang_2,
        all: Some(&LABELS.register.unregistered),
        people: employees.len(),
    };
    let cards = cards_a_page(&print);
    let pages = employees.len().div_ceil(cards).max(1);
    print.pages(pages, |sheet, page| {
        let first = page * cards;
        let here = &employees[first..employees.len().min(first + cards)];
        for (at, employee) in here.iter().enumerate() {
            let top = print.body_start() + 8.0 + CARD * at as f32;
            card(sheet, &print, top, first + at + 1, employee)?;
        }
        if here.is_empty() {
            let none = both(&LABELS.people.none);
            sheet.text(LEFT, print.body_start() + 20.0, none, Style::grey(9.0));
        }
        print.count(sheet, here.len(), first + here.len())
    })
}

fn cards_a_page(print: &Print<'_>) -> usize {
    let room = BODY_END - print.body_start() - 8.0;
    (room / CARD) as usize
}

fn card(
    sheet: &mut Sheet,
    print: &Print<'_>,
    top: f32,
    number: usize,
    employee: &JoiningEmployee,
) -> Result<(), ReportError> {
    let wide = RIGHT - LEFT;
    let today = print.paper.prepared_at.date_naive();
    let (label, late) = standing(employee.register_by, employee.registered_on, today)?;
    sheet.fill(LEFT, top, wide, HEAD, Ink::TINT);
    let badge = badge(sheet, top, &label, late);
    let count = format!("{number}.");
    sheet.text(LEFT + 5.0, top + 12.0, count.as_str(), Style::bold(9.5));
    let name = LEFT + 10.0 + width(&count, Style::bold(9.5));
    name_in(sheet, (name, top, badge - name - 6.0), &employee.name);
    sheet.frame(LEFT, top, wide, HEAD + 3.0 * ROW, 0.7, Ink::BLACK);
    for (at, cells) in rows(employee).iter().enumerate() {
        let y = top + HEAD + ROW * at as f32;
        sheet.rule(LEFT, y, wide, 0.4, Ink::RULE);
        let mut x = LEFT;
        for (cell, (label, value, part)) in cells.iter().enumerate() {
            if cell > 0 {
                sheet.fill(x, y, 0.4, ROW, Ink::HAIR);
            }
            let room = wide * f32::from(*part) / 100.0;
            field(sheet, (x, y, room), label, value, Style::regular(8.8));
            x += room;
        }
    }
    Ok(())
}

/// The name on one line; a very long one on two.
fn name_in(sheet: &mut Sheet, (x, top, room): (f32, f32, f32), name: &str) {
    let (style, small) = (Style::bold(9.5), Style::bold(6.6));
    let lines = wrap(name, small, room);
    if width(name, style) * 0.7 <= room || lines.len() != 2 {
        return sheet.text_fit(x, top + 12.0, room, name, style);
    }
    for (at, line) in lines.into_iter().enumerate() {
        sheet.text(x, top + 7.3 + 7.4 * at as f32, line, small);
    }
}

/// How registration stands, at the right of a card's head: white on black where it is late. Gives its left edge.
fn badge(sheet: &mut Sheet, top: f32, label: &Label, late: bool) -> f32 {
    let text = both(label);
    let style = shrink(&text, Style::bold(7.8), 200.0, 0.6);
    let left = RIGHT - width(&text, style) - 12.0;
    if late {
        sheet.fill(left, top, RIGHT - left, HEAD, Ink::BLACK);
    }
    let ink = if late { Ink::WHITE } else { Ink::BLACK };
    sheet.text(left + 6.0, top + 11.6, text, style.ink(ink));
    left
}

/// Labels, values and widths in hundredths, row by row.
fn rows(employee: &JoiningEmployee) -> [Vec<(&'static Label, String, u8)>; 3] {
    let words = &LABELS.register;
    let amount = |amount: Option<Sen>| amount.map(money).unwrap_or_default();
    let date = |date: Option<chrono::NaiveDate>| date.map(day).unwrap_or_default();
    let wages = match (employee.monthly_wage, employee.allowances) {
        (None, None) => None,
        (wage, allowances) => Some(wage.unwrap_or_default() + allowances.unwrap_or_default()),
    };
    let mut first = vec![
        (&words.id, employee.id.clone(), 27),
        (&words.id_kind, employee.id_kind.map(|id| both(kind(id))).unwrap_or_default(), 28),
        (&words.birth_date, date(employee.birth_date), 17),
        (&words.residency, both(residency(employee.residency)), 28),
    ];
    if let Some(ssfw) = &employee.ssfw {
        first[1] = (&words.ssfw, ssfw.clone(), 28);
    }
    [
        first,
        vec![
            (&words.employed_on, date(employee.employed_on), 27),
            (&words.register_by, date(employee.register_by), 28),
            (&words.occupation, employee.occupation.clone(), 45),
        ],
        vec![
            (&words.monthly_wage, amount(employee.monthly_wage), 27),
            (&words.allowances, amount(employee.allowances), 28),
            (&words.wages, amount(wages), 45),
        ],
    ]
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::super::tests::paper;
    use super::*;
    use crate::domain::{IdKind, Residency};

    fn employees(count: usize) -> Vec<JoiningEmployee> {
        let start = NaiveDate::from_ymd_opt(2026, 10, 10).expect("a day");
        let employee = |at: usize| {
            let employed_on = (at % 7 != 6).then(|| start + Days::new(at as u64 * 2));
            JoiningEmployee {
                id: format!("90010114{at:04}"),
                id_kind: (at % 3 != 2).then_some(IdKind::MyKad),
                ssfw: (at % 5 == 4).then(|| "990000000017".to_owned()),
                name: if at % 4 == 3 { "CONTOH ".repeat(21) } else { "CONTOH BINTI UJIAN".to_owned() },
                birth_date: NaiveDate::from_ymd_opt(1990, 1, 1).filter(|_| at % 6 != 5),
                residency: [Residency::Citizen, Residency::Foreign][usize::from(at % 5 == 4)],
                employed_on,
                register_by: employed_on.map(|day| day + Days::new(30)),
                registered_on: (at % 8 == 7).then(|| start + Days::new(60)),
                occupation: if at.is_multiple_of(2) { "Kerani akaun".to_owned() } else { String::new() },
                monthly_wage: Some(Sen(250_000)),
                allowances: (at.is_multiple_of(2)).then_some(Sen(30_000)),
            }
        };
        (0..count).map(employee).collect()
    }

    #[test]
    fn every_number_of_cards_prints_the_same_twice() {
        let cards = cards_a_page(&Print {
            paper: &paper(),
            form: &LABELS.register.borang_2,
            all: Some(&LABELS.register.unregistered),
            people: 0,
        });
        assert!((4..=6).contains(&cards), "{cards}");
        for count in [0, 1, cards, cards + 1, 40] {
            let people = employees(count);
            assert_eq!(borang_2(&paper(), &people).expect("a PDF"), borang_2(&paper(), &people).expect("a PDF"));
        }
    }

    #[test]
    fn cards_stay_above_the_signatures() {
        let paper = paper();
        let print = Print {
            paper: &paper,
            form: &LABELS.register.borang_2,
            all: Some(&LABELS.register.unregistered),
            people: 0,
        };
        let end = print.body_start() + 8.0 + CARD * cards_a_page(&print) as f32;
        assert!(end <= BODY_END + 8.0, "{end}");
        for cells in rows(&employees(5)[4]) {
            assert_eq!(cells.iter().map(|(_, _, part)| u32::from(*part)).sum::<u32>(), 100);
        }
    }
}
