//! The employee pages of an acknowledgement.

use chrono::NaiveDate;

use super::labels::LABELS;
use super::list::List;
use super::model::{AcknowledgementDocument, PersonLine};
use super::plan::PlannedPage;
use super::shapes;
use super::sheet::{BOTTOM, LEFT, RIGHT, Sheet};
use super::table::{Cell, Column, Table};
use super::text::{Style, shrink, width};
use crate::domain::ContributionMonth;

/// Top edge of the list on employee pages.
const TOP: f32 = 104.0;

/// `31/12/2026`
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// `12/2026`
pub(crate) fn month(month: ContributionMonth) -> String {
    format!("{:02}/{:04}", month.month(), month.year())
}

/// Which columns the data can fill; a column nobody has a value for would only take room from the names.
#[derive(Debug, Clone, Copy)]
struct Filled {
    month: bool,
    wage: bool,
    shares: bool,
    skbbk: bool,
}

/// All employee pages, planned.
pub(crate) struct PeopleList<'a> {
    document: &'a AcknowledgementDocument,
    people: &'a [PersonLine],
    filled: Filled,
    plan: Vec<PlannedPage>,
}

impl<'a> PeopleList<'a> {
    pub(crate) fn new(document: &'a AcknowledgementDocument, people: &'a [PersonLine]) -> PeopleList<'a> {
        let filled = Filled {
            month: document.months.len() > 1,
            wage: people.iter().any(|person| person.wage.is_some()),
            shares: people.iter().any(|person| person.employer.is_some() || person.employee.is_some()),
            skbbk: people.iter().any(|person| person.skbbk.is_some()),
        };
        let mut list = PeopleList { document, people, filled, plan: Vec::new() };
        list.plan = list.with_list(|list| list.plan());
        list
    }

    /// How many pages.
    pub(crate) fn pages(&self) -> usize {
        self.plan.len()
    }

    /// One page, without its foot.
    pub(crate) fn sheet(&self, at: usize) -> Sheet {
        let mut sheet = Sheet::default();
        continued(&mut sheet, self.document);
        let words = &LABELS.people;
        sheet.text(LEFT, TOP - 11.0, words.title.ms.as_str(), Style::bold(10.5));
        let after = LEFT + width(&words.title.ms, Style::bold(10.5)) + 6.0;
        sheet.text(after, TOP - 11.0, words.title.en.as_str(), Style::grey(8.4));
        sheet.text_right(RIGHT, TOP - 15.5, words.legend.ms.as_str(), Style::regular(6.4));
        sheet.text_right(RIGHT, TOP - 7.5, words.legend.en.as_str(), Style::grey(6.2));
        self.with_list(|list| list.draw(&mut sheet, &self.plan[at], at == 0, at + 1 == self.plan.len()));
        sheet
    }

    fn with_list<T>(&self, work: impl FnOnce(&List<'_, '_>) -> T) -> T {
        let line = |at: usize| self.cells(at);
        let table = Table { left: LEFT, columns: self.columns() };
        work(&List { table, lines: self.people.len(), line: &line, top: TOP, bottom: BOTTOM })
    }

    fn columns(&self) -> Vec<Column<'static>> {
        let words = &LABELS.people;
        let mut columns = vec![Column::right(&words.no, 30.0), Column::left(&words.id, 58.0)];
        let mut amounts = Vec::new();
        if self.filled.month {
            amounts.push(Column::centre(&words.month, 38.0));
        }
        amounts.push(Column::left(&words.status, 60.0));
        if self.filled.wage {
            amounts.push(Column::right(&words.wage, 50.0));
        }
        if self.filled.shares {
            amounts.push(Column::money(&words.employer, 47.0));
            amounts.push(Column::money(&words.employee, 47.0));
        }
        if self.filled.skbbk {
            amounts.push(Column::money(&words.skbbk, 43.0));
        }
        amounts.push(Column::money(&words.total, 54.0));
        let taken: f32 = columns.iter().chain(&amounts).map(|column| column.wide).sum();
        columns.push(Column::left(&words.name, RIGHT - LEFT - taken));
        columns.extend(amounts);
        columns
    }

    fn cells(&self, at: usize) -> Vec<Cell<'a>> {
        let person = &self.people[at];
        let mut cells = Vec::with_capacity(10);
        cells.extend([
            Cell::text((at + 1).to_string()),
            Cell::text(person.id.as_str()),
            Cell::text(person.name.as_str()),
        ]);
        if self.filled.month {
            cells.push(Cell::text(month(person.month)));
        }
        cells.push(Cell::text(match (person.status, person.date) {
            (None, None) => String::new(),
            (Some(status), None) => status.to_string(),
            (None, Some(date)) => day(date),
            (Some(status), Some(date)) => format!("{status}  {}", day(date)),
        }));
        if self.filled.wage {
            cells.push(Cell::Money(person.wage));
        }
        if self.filled.shares {
            cells.extend([Cell::Money(person.employer), Cell::Money(person.employee)]);
        }
        if self.filled.skbbk {
            cells.push(Cell::Money(person.skbbk));
        }
        cells.push(Cell::Money(Some(person.total)));
        cells
    }
}

/// The small head of every page after the first; gives the place below it.
pub(crate) fn continued(sheet: &mut Sheet, document: &AcknowledgementDocument) -> f32 {
    let words = LABELS.schemes.of(document.scheme);
    let ink = shapes::ink(document.scheme);
    shapes::sign(sheet, LEFT, 34.0, 30.0, document.scheme);
    let left = LEFT + 38.0;
    sheet.text(left, 48.0, format!("{} {}", words.document, document.number), Style::bold(12.0).ink(ink));
    sheet.text(left, 60.0, words.short.ms.as_str(), Style::bold(8.0));
    let after = left + width(&words.short.ms, Style::bold(8.0)) + 6.0;
    sheet.text(after, 60.0, words.short.en.as_str(), Style::grey(7.4));
    let employer = &document.employer;
    sheet.text_right(RIGHT, 48.0, employer.code.as_str(), Style::bold(9.5));
    if let Some(name) = &employer.name {
        let style = shrink(name, Style::regular(8.2), 320.0, 0.4);
        sheet.text_right(RIGHT, 60.0, name.as_str(), style);
    }
    shapes::band(sheet, 69.0, 2.4, document.scheme);
    82.0
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::domain::{Scheme, Sen};

    #[test]
    fn the_grand_total_is_the_sum_of_the_people() {
        for count in [0, 1, 44, 45, 46, 500] {
            let document = sample::document(Scheme::Act4, 1);
            let people: Vec<PersonLine> = sample::people(&document, count).collect();
            let list = PeopleList::new(&document, &people);
            let grand = &list.plan.last().expect("a page").carried_forward;
            let total: Sen = people.iter().map(|person| person.total).sum();
            assert_eq!(grand.last(), Some(&total), "{count}");
            assert_eq!(list.plan.iter().map(|page| page.lines.len()).sum::<usize>(), count);
        }
    }

    #[test]
    fn one_page_holds_what_it_can_and_the_next_line_opens_another() {
        let document = sample::document(Scheme::Act4, 1);
        let pages = |count: usize| {
            let people: Vec<PersonLine> = sample::people(&document, count).collect();
            PeopleList::new(&document, &people).pages()
        };
        let full = (1..200).take_while(|count| pages(*count) == 1).last().expect("at least one line on a page");
        assert!(full > 35, "{full}");
        assert_eq!((pages(0), pages(full), pages(full + 1)), (1, 1, 2));
    }

    #[test]
    fn a_layout_with_totals_only_has_no_columns_for_shares() {
        let document = sample::document(Scheme::Act4, 1);
        let bare = |line: PersonLine| PersonLine { employer: None, employee: None, skbbk: None, wage: None, ..line };
        let people: Vec<PersonLine> = sample::people(&document, 3).map(bare).collect();
        let list = PeopleList::new(&document, &people);
        assert_eq!(list.columns().len(), 5);
        assert_eq!(list.cells(0).len(), 5);
    }
}
