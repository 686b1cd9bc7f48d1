//! Joiners and leavers, after Borang 2 and Borang 3.

use super::{Head, Part, print};
use crate::report::ReportError;
use crate::report::labels::{Form, LABELS};
use crate::report::model::{PaperDocument, PersonLine};
use crate::report::people::{day, month};
use crate::report::sheet::{LEFT, RIGHT};
use crate::report::table::{Cell, Column};

/// New employees (status B) with start date and wage. Lines of other people are left out.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn joiners(document: &PaperDocument, people: impl Iterator<Item = PersonLine>) -> Result<Vec<u8>, ReportError> {
    let people: Vec<PersonLine> = people.filter(|person| person.status == Some('B')).collect();
    let paper = &LABELS.paper;
    let last = Column::right(&paper.wage, 76.0);
    let cell = |person: &PersonLine| Cell::Money(person.wage);
    list(document, &paper.joiners, &people, Column::centre(&paper.start_date, 82.0), last, cell)
}

/// Employees who left (status H) or died (status M) with date and reason. Lines of other people are left out.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn leavers(document: &PaperDocument, people: impl Iterator<Item = PersonLine>) -> Result<Vec<u8>, ReportError> {
    let people: Vec<PersonLine> = people.filter(|person| matches!(person.status, Some('H' | 'M'))).collect();
    let paper = &LABELS.paper;
    let last = Column::left(&paper.reason, 122.0);
    let cell = |person: &PersonLine| {
        let reason = if person.status == Some('M') { &paper.reason_died } else { &paper.reason_left };
        Cell::text(format!("{} / {}", reason.ms, reason.en))
    };
    list(document, &paper.leavers, &people, Column::centre(&paper.leaving_date, 82.0), last, cell)
}

fn list<'a>(
    document: &'a PaperDocument,
    form: &'a Form,
    people: &'a [PersonLine],
    date: Column<'a>,
    last: Column<'a>,
    cell: impl Fn(&'a PersonLine) -> Cell<'a> + 'a,
) -> Result<Vec<u8>, ReportError> {
    let (paper, words) = (&LABELS.paper, &LABELS.people);
    let rest = RIGHT - LEFT - 32.0 - 90.0 - date.wide - last.wide;
    let columns = vec![
        Column::right(&words.no, 32.0),
        Column::left(&paper.id, 90.0),
        Column::left(&paper.name, rest),
        date,
        last,
    ];
    let line = move |at: usize| {
        let person = &people[at];
        vec![
            Cell::text((at + 1).to_string()),
            Cell::text(person.id.as_str()),
            Cell::text(person.name.as_str()),
            Cell::text(person.date.map_or("–".to_owned(), day)),
            cell(person),
        ]
    };
    let head = Head { document, form, period: month(document.month), amount: None, people: people.len() };
    print(&head, vec![Part { columns, lines: people.len(), line: Box::new(line), period: None }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scheme;
    use crate::report::sample;

    #[test]
    fn joiners_and_leavers_print_with_and_without_people() {
        let document = sample::paper(Scheme::Act4);
        let source = sample::document(Scheme::Act4, 1);
        for count in [0, 3, 4, 400] {
            let people = || sample::people(&source, count);
            let left = || people().map(|line| PersonLine { status: line.status.map(|_| 'H'), ..line });
            assert_eq!(joiners(&document, people()).expect("a PDF"), joiners(&document, people()).expect("a PDF"));
            assert!(leavers(&document, left()).is_ok());
        }
    }
}
