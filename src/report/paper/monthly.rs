//! Borang 8A and Lampiran 1: the monthly lists.

use super::{Head, Part, print, span};
use crate::domain::Sen;
use crate::report::ReportError;
use crate::report::labels::LABELS;
use crate::report::model::{PaperDocument, PersonLine};
use crate::report::people::month;
use crate::report::sheet::{LEFT, RIGHT};
use crate::report::table::{Cell, Column};

/// Borang 8A, the monthly contribution schedule of Act 4: columns 1 to 6, X for leavers, dates as ddmmyyyy.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn borang_8a(document: &PaperDocument, people: impl Iterator<Item = PersonLine>) -> Result<Vec<u8>, ReportError> {
    let people: Vec<PersonLine> = people.collect();
    let (paper, form) = (&LABELS.paper, &LABELS.paper.borang_8a);
    let columns = vec![
        Column::left(&paper.column_1, 88.0),
        Column::centre(&paper.column_2, 30.0),
        Column::centre(&paper.column_3, 76.0),
        Column::centre(&paper.column_4, 56.0),
        Column::left(&paper.column_5, RIGHT - LEFT - 328.0),
        Column::money(&paper.column_6, 78.0),
    ];
    let people = &people;
    let line = move |at: usize| {
        let person = &people[at];
        let moved = matches!(person.status, Some('B' | 'H' | 'M'));
        let left = matches!(person.status, Some('H' | 'M'));
        let date = person.date.filter(|_| moved).map(|date| date.format("%d%m%Y").to_string());
        vec![
            Cell::text(person.id.as_str()),
            Cell::text(if left { "X" } else { "" }),
            Cell::text(date.unwrap_or_default()),
            Cell::text(""),
            Cell::text(person.name.as_str()),
            Cell::Money(Some(person.total)),
        ]
    };
    let head =
        Head { document, form, period: month(document.month), amount: Some(total(people)), people: people.len() };
    print(&head, vec![Part { columns, lines: people.len(), line: Box::new(line), period: None }])
}

/// Lampiran 1, the monthly list of Act 800: number, employer code, IC, name, month, amount.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn lampiran_1(document: &PaperDocument, people: impl Iterator<Item = PersonLine>) -> Result<Vec<u8>, ReportError> {
    let people: Vec<PersonLine> = people.collect();
    let (paper, words) = (&LABELS.paper, &LABELS.people);
    let columns = vec![
        Column::right(&words.no, 32.0),
        Column::left(&paper.employer_code, 78.0),
        Column::left(&paper.id, 82.0),
        Column::left(&paper.name, RIGHT - LEFT - 318.0),
        Column::centre(&words.month, 52.0),
        Column::money(&paper.total, 74.0),
    ];
    let people = &people;
    let line = move |at: usize| {
        let person = &people[at];
        vec![
            Cell::text((at + 1).to_string()),
            Cell::text(document.employer.code.as_str()),
            Cell::text(person.id.as_str()),
            Cell::text(person.name.as_str()),
            Cell::text(month(person.month)),
            Cell::Money(Some(person.total)),
        ]
    };
    let first = people.iter().map(|person| person.month).min().unwrap_or(document.month);
    let last = people.iter().map(|person| person.month).max().unwrap_or(document.month);
    let head = Head {
        document,
        form: &paper.lampiran_1,
        period: span(first, last),
        amount: Some(total(people)),
        people: people.len(),
    };
    print(&head, vec![Part { columns, lines: people.len(), line: Box::new(line), period: None }])
}

fn total(people: &[PersonLine]) -> Sen {
    people.iter().map(|person| person.total).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scheme;
    use crate::report::sample;

    #[test]
    fn monthly_forms_print_the_same_bytes_twice() {
        let document = sample::paper(Scheme::Act4);
        let source = sample::document(Scheme::Act4, 1);
        for count in [0, 1, 35, 90] {
            let first = borang_8a(&document, sample::people(&source, count)).expect("a PDF");
            let other = lampiran_1(&document, sample::people(&source, count)).expect("a PDF");
            assert_ne!(first, other);
            assert_eq!(borang_8a(&document, sample::people(&source, count)).expect("a PDF"), first);
        }
    }
}
