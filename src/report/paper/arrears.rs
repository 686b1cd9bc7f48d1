//! The list of arrears, after Borang 8B: people down, months across, amounts inside.

use std::collections::{BTreeSet, HashMap};

use super::{Head, Part, print, span};
use crate::domain::{ContributionMonth, Sen};
use crate::report::ReportError;
use crate::report::labels::{LABELS, Label};
use crate::report::model::{PaperDocument, PersonLine};
use crate::report::people::month;
use crate::report::sheet::{LEFT, RIGHT};
use crate::report::table::{Cell, Column};

/// So many months stand side by side; more go on further sheets.
const MONTHS: usize = 6;

/// One person with what is owed for each month.
#[derive(Debug, PartialEq, Eq)]
struct Debtor {
    id: String,
    name: String,
    owed: HashMap<ContributionMonth, Sen>,
}

/// The list of arrears over several months, one line for each person, one column for each month.
///
/// Lines of one identity number are one person; two lines of a person in one month are added.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn arrears_list(
    document: &PaperDocument,
    people: impl Iterator<Item = PersonLine>,
) -> Result<Vec<u8>, ReportError> {
    let (debtors, months) = gather(people);
    let form = &LABELS.paper.arrears;
    let whole = match (months.first(), months.last()) {
        (Some(first), Some(last)) => span(*first, *last),
        _ => month(document.month),
    };
    let head = Head {
        document,
        form,
        period: whole,
        amount: Some(debtors.iter().flat_map(|debtor| debtor.owed.values()).copied().sum()),
        people: debtors.len(),
    };
    let parts = match months.is_empty() {
        true => vec![part(&debtors, &[])],
        false => months.chunks(MONTHS).map(|months| part(&debtors, months)).collect(),
    };
    print(&head, parts)
}

/// People in the order in which they come, months in order of time.
fn gather(people: impl Iterator<Item = PersonLine>) -> (Vec<Debtor>, Vec<ContributionMonth>) {
    let mut debtors: Vec<Debtor> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut months = BTreeSet::new();
    for person in people {
        months.insert(person.month);
        let at = *places.entry(person.id.clone()).or_insert_with(|| {
            debtors.push(Debtor { id: person.id, name: person.name, owed: HashMap::new() });
            debtors.len() - 1
        });
        *debtors[at].owed.entry(person.month).or_default() += person.total;
    }
    (debtors, months.into_iter().collect())
}

fn part<'a>(debtors: &'a [Debtor], months: &[ContributionMonth]) -> Part<'a> {
    let (paper, words) = (&LABELS.paper, &LABELS.people);
    let wide = 43.0;
    let rest = RIGHT - LEFT - 28.0 - 72.0 - 56.0 - wide * months.len() as f32;
    let mut columns =
        vec![Column::right(&words.no, 28.0), Column::left(&paper.id, 72.0), Column::left(&paper.name, rest)];
    columns.extend(months.iter().map(|at| {
        let title = Label { ms: month(*at), en: "RM".to_owned() };
        Column { title: std::borrow::Cow::Owned(title), ..Column::money(&paper.total, wide) }
    }));
    columns.push(Column::money(&paper.total, 56.0));
    let period = months.first().zip(months.last()).map(|(first, last)| span(*first, *last));
    let months = months.to_vec();
    let line = move |at: usize| {
        let debtor = &debtors[at];
        let owed: Vec<Option<Sen>> = months.iter().map(|month| debtor.owed.get(month).copied()).collect();
        let mut cells =
            vec![Cell::text((at + 1).to_string()), Cell::text(debtor.id.as_str()), Cell::text(debtor.name.as_str())];
        cells.extend(owed.iter().map(|amount| Cell::Money(*amount)));
        cells.push(Cell::Money(Some(owed.iter().flatten().copied().sum())));
        cells
    };
    Part { columns, lines: debtors.len(), line: Box::new(line), period }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scheme;
    use crate::report::sample;

    fn owing(months: u16) -> Vec<PersonLine> {
        let document = sample::document(Scheme::Act4, 1);
        let people: Vec<PersonLine> = sample::people(&document, 5).collect();
        let back = |line: &PersonLine, back: u16| {
            let month = ContributionMonth::from_index(line.month.index() - back).expect("a month");
            PersonLine { month, ..line.clone() }
        };
        (0..months).flat_map(|at| people.iter().map(move |line| back(line, at)).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn people_are_one_line_and_nothing_is_lost() {
        let lines = owing(7);
        let total: Sen = lines.iter().map(|line| line.total).sum();
        let (debtors, months) = gather(lines.into_iter());
        assert_eq!((debtors.len(), months.len()), (5, 7));
        assert!(months.is_sorted());
        assert_eq!(debtors.iter().flat_map(|debtor| debtor.owed.values()).copied().sum::<Sen>(), total);
    }

    #[test]
    fn no_month_one_month_a_full_sheet_and_one_more() {
        let document = sample::paper(Scheme::Act4);
        for months in [0, 1, 6, 7, 13] {
            let first = arrears_list(&document, owing(months).into_iter()).expect("a PDF");
            assert_eq!(arrears_list(&document, owing(months).into_iter()).expect("a PDF"), first, "{months}");
        }
    }
}
