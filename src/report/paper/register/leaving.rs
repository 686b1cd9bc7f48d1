//! Employees who left, after Borang 3.

use super::{BODY_END, LeavingEmployee, Print, RegisterPaper, both, kind};
use crate::domain::LeftReason;
use crate::report::ReportError;
use crate::report::labels::LABELS;
use crate::report::list::List;
use crate::report::people::day;
use crate::report::sheet::{LEFT, RIGHT};
use crate::report::table::{Cell, Column, Table};

/// Borang 3: a list of those who left with last day and reason, in the order given.
///
/// # Errors
/// [`ReportError`] where the words or the PDF cannot be made.
pub fn borang_3(paper: &RegisterPaper, employees: &[LeavingEmployee]) -> Result<Vec<u8>, ReportError> {
    let print =
        Print { paper, form: &LABELS.register.borang_3, all: Some(&LABELS.register.all), people: employees.len() };
    let (words, labels) = (&LABELS.register, &LABELS.paper);
    let dates = [Column::centre(&words.employed_on, 72.0), Column::centre(&words.left_on, 58.0)];
    let fixed = 26.0 + 70.0 + 84.0 + 72.0 + 58.0 + 92.0;
    let mut columns = vec![
        Column::right(&LABELS.people.no, 26.0),
        Column::left(&words.id, 70.0),
        Column::left(&words.id_kind, 84.0),
        Column::left(&labels.name, RIGHT - LEFT - fixed),
    ];
    columns.extend(dates);
    columns.push(Column::left(&labels.reason, 92.0));
    let line = |at: usize| cells(at, &employees[at]);
    let table = Table { left: LEFT, columns };
    let top = print.body_start() + 6.0;
    let list = List { table, lines: employees.len(), line: &line, top, bottom: BODY_END };
    let plan = list.plan();
    print.pages(plan.len(), |sheet, page| {
        let planned = &plan[page];
        list.draw(sheet, planned, page == 0, page + 1 == plan.len());
        print.count(sheet, planned.lines.len(), planned.lines.end)
    })
}

fn cells(at: usize, employee: &LeavingEmployee) -> Vec<Cell<'_>> {
    let date = |date: Option<chrono::NaiveDate>| Cell::text(date.map_or_else(|| "–".to_owned(), day));
    let reason = employee.reason.map(|reason| match reason {
        LeftReason::Left => &LABELS.paper.reason_left,
        LeftReason::Died => &LABELS.paper.reason_died,
    });
    vec![
        Cell::text((at + 1).to_string()),
        Cell::text(employee.id.as_str()),
        Cell::text(employee.id_kind.map_or_else(|| "–".to_owned(), |id| both(kind(id)))),
        Cell::text(employee.name.as_str()),
        date(employee.employed_on),
        date(employee.left_on),
        Cell::text(reason.map_or_else(|| "–".to_owned(), both)),
    ]
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::tests::paper;
    use super::*;
    use crate::domain::IdKind;

    #[test]
    fn lists_of_any_length_print_the_same_twice() {
        for count in [0, 1, 30, 90, 400] {
            let employee = |at: usize| LeavingEmployee {
                id: format!("90010114{at:04}"),
                id_kind: (at.is_multiple_of(2)).then_some(IdKind::MyKad),
                name: if at % 4 == 3 { "CONTOH ".repeat(21) } else { "CONTOH BINTI UJIAN".to_owned() },
                employed_on: NaiveDate::from_ymd_opt(2020, 1, 1).filter(|_| at.is_multiple_of(3)),
                left_on: NaiveDate::from_ymd_opt(2026, 10, 31),
                reason: [Some(LeftReason::Left), Some(LeftReason::Died), None][at % 3],
            };
            let people: Vec<_> = (0..count).map(employee).collect();
            assert_eq!(borang_3(&paper(), &people).expect("a PDF"), borang_3(&paper(), &people).expect("a PDF"));
        }
    }
}
