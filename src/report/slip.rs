//! The slip of one employee on paper.

use chrono::{DateTime, FixedOffset};
use serde_json::json;

use super::ReportError;
use super::acknowledgement::foot;
use super::flow::Flow;
use super::front::{amount_block, pair};
use super::labels::{LABELS, Label};
use super::people::month;
use super::press::{About, Press};
use super::receipt::words::WORDS;
use super::shapes;
use super::sheet::{LEFT, RIGHT, Sheet};
use super::table::{Cell, Column, HEAD, ROW, Table, grouped, money};
use super::text::{Ink, Style, width};
use crate::domain::{ContributionMonth, Scheme, Sen};

/// Everything that a slip shows.
#[derive(Clone)]
pub struct SlipDocument {
    /// Act.
    pub scheme: Scheme,
    /// ACR or ECR.
    pub number: String,
    /// Who issues it.
    pub issuer: String,
    /// Employer's code.
    pub employer_code: String,
    /// Employer's name, or empty.
    pub employer_name: String,
    /// When the acknowledgement was made.
    pub received_at: DateTime<FixedOffset>,
    /// Identity number of the employee.
    pub id_number: String,
    /// Name of the employee.
    pub name: String,
    /// The employee's lines.
    pub rows: Vec<SlipRow>,
    /// Lines of the whole acknowledgement.
    pub people: usize,
    /// Its total.
    pub total: Sen,
    /// Root of the tree over it.
    pub root: String,
    /// Official receipt and day of payment.
    pub receipt: Option<(String, String)>,
    /// What the issuer signed.
    pub statement: String,
    /// Words for the file's own description.
    pub keywords: Vec<String>,
}

/// One month of the employee.
#[derive(Debug, Clone)]
pub struct SlipRow {
    /// Place in the list.
    pub line: u64,
    /// Month.
    pub month: ContributionMonth,
    /// Employer's share, where it is known.
    pub employer: Option<Sen>,
    /// Employee's share, where it is known.
    pub employee: Option<Sen>,
    /// SKBBK.
    pub skbbk: Sen,
    /// Everything.
    pub total: Sen,
}

/// Prints a slip as PDF/A-3b, A4, Malay and English. Equal data give equal bytes.
///
/// # Errors
/// [`ReportError`] where the words, the code or the PDF cannot be made.
pub fn slip(document: &SlipDocument) -> Result<Vec<u8>, ReportError> {
    let mut press = Press::new(About {
        title: format!("{} {}", WORDS.slip.title.ms, document.number),
        issuer: document.issuer.clone(),
        identity: document.keywords.concat(),
        date: document.received_at,
        keywords: document.keywords.clone(),
    })?;
    let head = |sheet: &mut Sheet| {
        shapes::band(sheet, 40.0, 3.0, document.scheme);
        52.0
    };
    let mut flow = Flow { sheets: Vec::new(), y: 0.0, head: &head };
    title(flow.sheet(), document)?;
    flow.y = 246.0;
    rows(&mut flow, document);
    let own = document.rows.iter().map(|row| row.total).sum();
    amount_block(&mut flow, &WORDS.slip.own_total, document.scheme, own)?;
    inside(&mut flow, document);
    flow.sentence(&WORDS.slip.how, Style::regular(8.0), true);
    flow.sentence(&WORDS.slip.verify_note, Style::regular(8.0), true);
    flow.sentence(&LABELS.page.binding, Style::regular(8.0), true);
    let pages = flow.sheets.len();
    for (at, mut sheet) in flow.sheets.into_iter().enumerate() {
        foot(&mut sheet, &document.number, &LABELS.page.computer, at + 1, pages)?;
        press.print(&sheet);
    }
    press.finish()
}

fn title(sheet: &mut Sheet, document: &SlipDocument) -> Result<(), ReportError> {
    let (words, act) = (&WORDS.slip, LABELS.schemes.of(document.scheme));
    let issued = &LABELS.page.issued_by;
    let by = format!("{} / {}", issued.ms, issued.en);
    sheet.text(LEFT, 38.0, by.as_str(), Style::grey(7.0));
    let after = LEFT + width(&by, Style::grey(7.0)) + 6.0;
    sheet.text_fit(after, 38.0, RIGHT - after, &document.issuer, Style::bold(8.6));
    shapes::band(sheet, 44.0, 4.0, document.scheme);
    shapes::sign(sheet, LEFT, 57.0, 60.0, document.scheme);
    let (left, side) = (LEFT + 72.0, 112.0);
    let room = RIGHT - side - 10.0 - left;
    sheet.text_fit(left, 76.0, room, &act.short.ms, Style::bold(20.0).ink(shapes::ink(document.scheme)));
    sheet.text_fit(left, 96.0, room, &words.title.ms, Style::bold(15.0));
    sheet.text_fit(left, 108.0, room, &words.title.en, Style::grey(9.0));
    shapes::square_code(sheet, RIGHT - side, 56.0, side, &document.statement)?;
    let notice = words.notice.fill(&json!({ "document": act.document }))?;
    sheet.text_fit(LEFT, 133.0, RIGHT - side - 10.0 - LEFT, &notice.ms, Style::regular(7.8));
    sheet.text_fit(LEFT, 143.0, RIGHT - side - 10.0 - LEFT, &notice.en, Style::grey(7.0));
    let (top, middle) = (184.0, LEFT + 268.0);
    sheet.text(LEFT, top, words.person.ms.as_str(), Style::bold(8.0));
    sheet.text(LEFT + width(&words.person.ms, Style::bold(8.0)) + 5.0, top, words.person.en.as_str(), Style::grey(6.8));
    sheet.rule(LEFT, top + 4.0, 252.0, 0.5, Ink::BLACK);
    pair(sheet, LEFT, top + 6.0, 252.0, &words.id, &document.id_number, Style::bold(11.0));
    pair(sheet, LEFT, top + 30.0, 252.0, &words.name, &document.name, Style::bold(10.5));
    let employer = &WORDS.receipt.employer;
    let below = top;
    sheet.text(middle, below, employer.ms.as_str(), Style::bold(8.0));
    let after = middle + width(&employer.ms, Style::bold(8.0)) + 5.0;
    sheet.text(after, below, employer.en.as_str(), Style::grey(6.8));
    sheet.rule(middle, below + 4.0, RIGHT - middle, 0.5, Ink::BLACK);
    sheet.text_fit(middle, below + 17.0, RIGHT - middle, &document.employer_code, Style::bold(10.5));
    sheet.text_fit(middle, below + 31.0, RIGHT - middle, &document.employer_name, Style::regular(9.4));
    Ok(())
}

/// The employee's months.
fn rows(flow: &mut Flow<'_>, document: &SlipDocument) {
    let words = &WORDS.slip;
    let skbbk = document.rows.iter().any(|row| !row.skbbk.is_zero());
    let mut columns = vec![
        Column::left(&words.month, 110.0),
        Column::right(&words.line, 60.0),
        Column::right(&words.employer_share, 86.0),
        Column::right(&words.employee_share, 86.0),
    ];
    if skbbk {
        columns.push(Column::right(&words.skbbk, 76.0));
    }
    columns.push(Column::right(&WORDS.receipt.amount, 80.0));
    columns[0].wide += RIGHT - LEFT - columns.iter().map(|column| column.wide).sum::<f32>();
    let row = |row: &SlipRow| {
        let mut cells = vec![Cell::text(month(row.month)), Cell::text(row.line.to_string())];
        cells.extend([Cell::Money(row.employer), Cell::Money(row.employee)]);
        if skbbk {
            cells.push(Cell::Money(Some(row.skbbk)));
        }
        cells.push(Cell::Money(Some(row.total)));
        cells
    };
    let rows: Vec<_> = document.rows.iter().map(row).collect();
    flow.room(HEAD + 2.0 * ROW);
    flow.table(&Table { left: LEFT, columns }, &rows, None);
}

/// The list that the amount is inside of.
fn inside(flow: &mut Flow<'_>, document: &SlipDocument) {
    let words = &WORDS.slip;
    let paid = match &document.receipt {
        Some((number, day)) => format!("{number}  ·  {day}"),
        None => format!("{} / {}", words.not_paid.ms, words.not_paid.en),
    };
    let facts: [(&Label, String); 5] = [
        (&LABELS.schemes.of(document.scheme).number, document.number.clone()),
        (&words.people, grouped(document.people as u64)),
        (&words.document_total, money(document.total)),
        (&words.receipt, paid),
        (&words.root, document.root.clone()),
    ];
    flow.heading(&words.inside, 16.0 * facts.len() as f32 + 8.0);
    for (label, value) in facts {
        let y = flow.y + 11.0;
        let sheet = flow.sheet();
        sheet.text(LEFT, y, format!("{} / {}", label.ms, label.en), Style::grey(7.4));
        sheet.text_fit(LEFT + 190.0, y, RIGHT - LEFT - 190.0, &value, Style::bold(9.4));
        sheet.rule(LEFT, y + 4.0, RIGHT - LEFT, 0.35, Ink::HAIR);
        flow.y += 15.5;
    }
    flow.y += 8.0;
}
