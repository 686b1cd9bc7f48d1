//! The front pages of an acknowledgement: what, for whom, how much, by when, made from what.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::json;

use super::ReportError;
use super::flow::Flow;
use super::labels::{LABELS, Label};
use super::model::{AcknowledgementDocument, Interest, Kind, MonthLine};
use super::people::{continued, day, month};
use super::shapes;
use super::sheet::{LEFT, RIGHT, Sheet};
use super::table::{Cell, Column, HEAD, ROW, Table, grouped, money};
use super::text::{Ink, Style, shrink, width, wrap};
use super::words::amount_in_words;
use crate::domain::{Scheme, Sen};

/// `10/11/2026 09:15:32 (UTC+08:00)`
pub(crate) fn moment(time: DateTime<FixedOffset>) -> String {
    time.format("%d/%m/%Y %H:%M:%S (UTC%:z)").to_string()
}

/// The front pages, without their feet.
pub(crate) fn sheets(document: &AcknowledgementDocument) -> Result<Vec<Sheet>, ReportError> {
    let head = |sheet: &mut Sheet| continued(sheet, document);
    let mut flow = Flow { sheets: Vec::new(), y: 0.0, head: &head };
    title(flow.sheet(), document)?;
    flow.y = parties(flow.sheet(), document, 175.0);
    months(&mut flow, document);
    amount_block(&mut flow, &LABELS.front.to_pay, document.scheme, document.total())?;
    dues(&mut flow, document)?;
    ways_to_pay(&mut flow, document)?;
    source(&mut flow, document)?;
    if document.scheme == Scheme::Act800 && !document.not_eligible.is_empty() {
        not_eligible(&mut flow, document);
    }
    Ok(flow.sheets)
}

/// Sign, name of the document, code, and the notice that this is no receipt.
fn title(sheet: &mut Sheet, document: &AcknowledgementDocument) -> Result<(), ReportError> {
    let words = LABELS.schemes.of(document.scheme);
    let ink = shapes::ink(document.scheme);
    let issued = &LABELS.page.issued_by;
    sheet.text(LEFT, 38.0, format!("{} / {}", issued.ms, issued.en), Style::grey(7.0));
    let after = LEFT + width(&format!("{} / {}", issued.ms, issued.en), Style::grey(7.0)) + 6.0;
    sheet.text_fit(after, 38.0, RIGHT - after, &document.issuer, Style::bold(8.6));
    shapes::band(sheet, 44.0, 4.0, document.scheme);
    shapes::sign(sheet, LEFT, 57.0, 60.0, document.scheme);
    let left = LEFT + 72.0;
    let code = Style::bold(38.0).ink(ink);
    sheet.text(left, 87.0, words.document.as_str(), code);
    let long = left + width(&words.document, code) + 12.0;
    sheet.text_fit(long, 72.0, RIGHT - 84.0 - long, &words.title.ms, Style::bold(13.0));
    sheet.text(long, 85.0, words.title.en.as_str(), Style::grey(10.0));
    sheet.text(left, 105.0, words.short.ms.as_str(), Style::bold(12.0).ink(ink));
    let short = left + width(&words.short.ms, Style::bold(12.0)) + 8.0;
    sheet.text(short, 105.0, words.short.en.as_str(), Style::grey(9.5));
    sheet.text(left, 117.0, format!("{}  ·  {}", words.act.ms, words.act.en), Style::grey(7.2));
    shapes::square_code(sheet, RIGHT - 64.0, 56.0, 64.0, &document.number)?;
    let front = &LABELS.front;
    let (top, high, dark) = (128.0, 40.0, 108.0);
    sheet.frame(LEFT, top, RIGHT - LEFT, high, 0.9, Ink::BLACK);
    sheet.fill(LEFT, top, dark, high, Ink::BLACK);
    let centre = LEFT + dark / 2.0;
    sheet.text_centre(centre, top + 18.5, front.not_receipt.ms.as_str(), Style::bold(11.5).ink(Ink::WHITE));
    sheet.text_centre(centre, top + 30.0, front.not_receipt.en.as_str(), Style::regular(7.8).ink(Ink::WHITE));
    let (left, room) = (LEFT + dark + 9.0, RIGHT - LEFT - dark - 14.0);
    sheet.text_fit(left, top + 12.5, room, &front.notice.ms, Style::regular(8.4));
    sheet.text_fit(left, top + 22.5, room, &front.notice.en, Style::grey(7.6));
    let binding = &LABELS.page.binding;
    sheet.text(left, top + 34.0, binding.ms.as_str(), Style::bold(8.0));
    let after = left + width(&binding.ms, Style::bold(8.0)) + 6.0;
    sheet.text_fit(after, top + 34.0, RIGHT - 5.0 - after, &binding.en, Style::grey(7.6));
    Ok(())
}

/// A label above its value.
pub(crate) fn pair(sheet: &mut Sheet, x: f32, y: f32, room: f32, label: &Label, value: &str, style: Style) {
    sheet.text(x, y + 7.0, format!("{} / {}", label.ms, label.en), Style::grey(6.8));
    sheet.text_fit(x, y + 9.0 + style.size, room, value, style);
}

/// Employer on the left, submission on the right; gives the place below.
fn parties(sheet: &mut Sheet, document: &AcknowledgementDocument, top: f32) -> f32 {
    let front = &LABELS.front;
    let middle = LEFT + 286.0;
    for (x, label) in [(LEFT, &front.employer), (middle, &front.submission)] {
        sheet.text(x, top + 9.0, label.ms.as_str(), Style::bold(8.0));
        sheet.text(x + width(&label.ms, Style::bold(8.0)) + 5.0, top + 9.0, label.en.as_str(), Style::grey(6.8));
    }
    sheet.rule(LEFT, top + 13.0, 270.0, 0.5, Ink::BLACK);
    sheet.rule(middle, top + 13.0, RIGHT - middle, 0.5, Ink::BLACK);
    let employer = &document.employer;
    let mut y = top + 27.0;
    match &employer.name {
        Some(name) => {
            for line in wrap(name, Style::bold(10.5), 268.0) {
                sheet.text(LEFT, y, line, Style::bold(10.5));
                y += 12.5;
            }
        }
        None => {
            sheet.text(LEFT, y, format!("{} / {}", front.name_unknown.ms, front.name_unknown.en), Style::grey(8.4));
            y += 12.5;
        }
    }
    for line in &employer.address {
        sheet.text_fit(LEFT, y, 268.0, line, Style::regular(8.4));
        y += 10.4;
    }
    pair(sheet, LEFT, y - 6.0, 130.0, &front.employer_code, &employer.code, Style::bold(10.0));
    if let Some(number) = &employer.company_number {
        pair(sheet, LEFT + 138.0, y - 6.0, 130.0, &front.company_number, number, Style::regular(9.4));
    }
    let left_end = y + 20.0;
    let room = RIGHT - middle;
    let words = LABELS.schemes.of(document.scheme);
    pair(sheet, middle, top + 15.0, room, &words.number, &document.number, Style::bold(15.0));
    pair(sheet, middle, top + 45.0, room, &front.received, &moment(document.received_at), Style::regular(9.4));
    let kind = match document.kind {
        Kind::Monthly => &LABELS.kinds.monthly,
        Kind::Arrears => &LABELS.kinds.arrears,
        Kind::ShortPayment => &LABELS.kinds.short_payment,
        Kind::Supplementary => &LABELS.kinds.supplementary,
        Kind::Nil => &LABELS.kinds.nil,
    };
    let kind = format!("{} / {}", kind.ms, kind.en);
    pair(sheet, middle, top + 69.0, room, &front.kind, &kind, Style::regular(9.4));
    left_end.max(top + 94.0)
}

/// The table of months with its total.
fn months(flow: &mut Flow<'_>, document: &AcknowledgementDocument) {
    let words = &LABELS.front;
    let all = &document.months;
    let act4 = document.scheme == Scheme::Act4;
    let shares = all.iter().any(|line| line.employer.is_some() || line.employee.is_some());
    let skbbk = act4 && all.iter().any(|line| line.skbbk.is_some());
    let mut columns = vec![Column::left(&words.month, 62.0), Column::right(&words.people, 56.0)];
    if act4 {
        columns.extend([Column::right(&words.first_category, 56.0), Column::right(&words.second_category, 56.0)]);
    }
    if shares {
        columns.extend([Column::right(&words.employer_share, 76.0), Column::right(&words.employee_share, 76.0)]);
    }
    if skbbk {
        columns.push(Column::right(&words.skbbk, 62.0));
    }
    columns.push(Column::right(&words.total, 80.0));
    let spare = RIGHT - LEFT - columns.iter().map(|column| column.wide).sum::<f32>();
    let share = spare / (columns.len() - 1) as f32;
    columns.iter_mut().skip(1).for_each(|column| column.wide += share);
    let row = |line: &MonthLine, name: String| {
        let mut cells = vec![Cell::text(name), count(line.people)];
        if act4 {
            cells.extend([count(line.first_category), count(line.second_category)]);
        }
        if shares {
            cells.extend([Cell::Money(line.employer), Cell::Money(line.employee)]);
        }
        if skbbk {
            cells.push(Cell::Money(line.skbbk));
        }
        cells.push(Cell::Money(Some(line.total)));
        cells
    };
    let rows: Vec<_> = all.iter().map(|line| row(line, month(line.month))).collect();
    let total = all.first().filter(|_| all.len() > 1).map(|first| row(&sum(first, all), words.sum.ms.clone()));
    flow.heading(&words.months, HEAD + 2.0 * ROW);
    flow.table(&Table { left: LEFT, columns }, &rows, total);
}

fn count(value: u32) -> Cell<'static> {
    Cell::text(grouped(u64::from(value)))
}

/// All months as one line; a share is known only where every month knows it.
fn sum(first: &MonthLine, all: &[MonthLine]) -> MonthLine {
    let amount = |of: fn(&MonthLine) -> Option<Sen>| all.iter().map(of).try_fold(Sen::ZERO, |a, b| Some(a + b?));
    // SKBBK starts in June 2026: a month before it counts as nothing.
    let skbbk = all.iter().map(|line| line.skbbk.unwrap_or(Sen::ZERO)).sum();
    MonthLine {
        people: all.iter().map(|line| line.people).sum(),
        first_category: all.iter().map(|line| line.first_category).sum(),
        second_category: all.iter().map(|line| line.second_category).sum(),
        employer: amount(|line| line.employer),
        employee: amount(|line| line.employee),
        skbbk: Some(skbbk),
        total: all.iter().map(|line| line.total).sum(),
        interest: None,
        holiday_profile: None,
        ..*first
    }
}

/// An amount, large, in figures and words.
pub(crate) fn amount_block(flow: &mut Flow<'_>, label: &Label, scheme: Scheme, amount: Sen) -> Result<(), ReportError> {
    let words = amount_in_words(amount)?;
    let room = RIGHT - LEFT - 20.0;
    let (malay, english) = (wrap(&words.ms, Style::bold(8.6), room), wrap(&words.en, Style::grey(7.8), room));
    let height = 37.0 + 10.6 * malay.len() as f32 + 9.6 * english.len() as f32;
    flow.y += 3.0;
    flow.room(height + 6.0);
    let top = flow.y;
    let sheet = flow.sheet();
    sheet.fill(LEFT, top, RIGHT - LEFT, height, Ink::TINT);
    sheet.fill(LEFT, top, 4.0, height, shapes::ink(scheme));
    sheet.text(LEFT + 14.0, top + 17.0, label.ms.as_str(), Style::bold(10.0));
    sheet.text(LEFT + 14.0, top + 27.0, label.en.as_str(), Style::grey(7.6));
    sheet.text_right(RIGHT - 10.0, top + 25.0, format!("RM {}", money(amount)), Style::bold(20.0));
    let mut y = top + 42.0;
    for line in malay {
        sheet.text(LEFT + 14.0, y, line, Style::bold(8.6));
        y += 10.6;
    }
    for line in english {
        sheet.text(LEFT + 14.0, y - 0.6, line, Style::grey(7.8));
        y += 9.6;
    }
    flow.y = top + height + 6.0;
    Ok(())
}

/// Due dates and late interest, apart from the amount: plain daily, with the floor, and one day later.
fn dues(flow: &mut Flow<'_>, document: &AcknowledgementDocument) -> Result<(), ReportError> {
    let words = &LABELS.front;
    let columns = vec![
        Column::left(&words.month, 54.0),
        Column::left(&words.due_date, 74.0),
        Column::left(&words.profile, RIGHT - LEFT - 436.0),
        Column::right(&words.days_late, 52.0),
        Column::right(&words.daily, 70.0),
        Column::right(&words.minimum, 64.0),
        Column::right(&words.interest, 58.0),
        Column::right(&words.tomorrow, 64.0),
    ];
    let profile = format!("{} / {}", words.no_profile.ms, words.no_profile.en);
    let row = |line: &MonthLine, sums: Option<(String, String)>| {
        let interest = line.interest;
        let days = interest.map_or("0".to_owned(), |interest| grouped(u64::from(interest.days_late)));
        let (first, second, third, fourth) = match sums {
            Some((name, blank)) => (name, blank.clone(), blank.clone(), blank),
            None => {
                let profile = line.holiday_profile.clone().unwrap_or_else(|| profile.clone());
                (month(line.month), day(line.due_date), profile, days)
            }
        };
        let mut cells = vec![Cell::text(first), Cell::text(second), Cell::text(third), Cell::text(fourth)];
        cells.extend([
            Cell::Money(interest.map(|interest| interest.daily)),
            Cell::Money(interest.map(|interest| interest.minimum_top_up)),
            Cell::Money(interest.map(|interest| interest.total)),
            Cell::Money(interest.map(|interest| interest.tomorrow)),
        ]);
        cells
    };
    let rows: Vec<_> = document.months.iter().map(|line| row(line, None)).collect();
    let late = document.months.iter().filter(|line| line.interest.is_some()).count();
    let total = document.months.first().filter(|_| late > 1).map(|first| {
        let line = MonthLine { interest: Some(interest_of_all(&document.months)), ..first.clone() };
        row(&line, Some((words.sum.ms.clone(), String::new())))
    });
    let values = json!({
        "day": day(document.received_at.date_naive()),
        "document": LABELS.schemes.of(document.scheme).document,
    });
    let note = if late > 0 { &words.dues_note } else { &words.dues_none };
    flow.heading(&words.dues, HEAD + 5.0 * ROW);
    flow.sentence(&note.fill(&values)?, Style::regular(8.0), false);
    flow.table(&Table { left: LEFT, columns }, &rows, total);
    Ok(())
}

fn interest_of_all(months: &[MonthLine]) -> Interest {
    let sum = |of: fn(&Interest) -> Sen| months.iter().filter_map(|line| line.interest.as_ref()).map(of).sum();
    Interest {
        days_late: 0,
        daily: sum(|interest| interest.daily),
        minimum_top_up: sum(|interest| interest.minimum_top_up),
        total: sum(|interest| interest.total),
        tomorrow: sum(|interest| interest.tomorrow),
    }
}

/// How to pay, and until when.
fn ways_to_pay(flow: &mut Flow<'_>, document: &AcknowledgementDocument) -> Result<(), ReportError> {
    let words = &LABELS.front;
    let first: Option<NaiveDate> = document.months.iter().map(|line| line.due_date).min();
    let received = document.received_at.date_naive();
    let values = json!({
        "day": first.map(day).unwrap_or_default(),
        "document": LABELS.schemes.of(document.scheme).document,
        "number": document.number,
        "total": money(document.total()),
    });
    flow.heading(&words.pay, 60.0);
    if let Some(first) = first {
        let until = if first < received { &words.until_past } else { &words.until };
        flow.sentence(&until.fill(&values)?, Style::bold(8.2), false);
    }
    let style = Style::regular(8.0);
    flow.sentence(&words.fpx.fill(&values)?, style, true);
    flow.sentence(&words.counter.fill(&values)?, style, true);
    match document.scheme {
        Scheme::Act4 => flow.sentence(&words.transfer.fill(&values)?, style, true),
        Scheme::Act800 => flow.sentence(&words.transfer_exact.fill(&values)?, Style::bold(8.0), true),
    }
    Ok(())
}

/// File, digest, layout, rules, people who sent, approved and confirmed, and lines held back.
fn source(flow: &mut Flow<'_>, document: &AcknowledgementDocument) -> Result<(), ReportError> {
    let words = &LABELS.front;
    let source = &document.source;
    let plain = |text: &str| Label { ms: text.to_owned(), en: String::new() };
    let held = if document.held.lines == 0 {
        plain(&format!("{} / {}", words.held_none.ms, words.held_none.en))
    } else {
        words.held_some.fill(&json!({
            "lines": grouped(u64::from(document.held.lines)),
            "total": money(document.held.total),
        }))?
    };
    let mut facts = vec![
        (&words.held, held),
        (&words.file, plain(&source.file_name)),
        (&words.digest, plain(&source.digest)),
        (&words.layout, plain(&format!("{}  ·  {}", source.layout, source.rule_pack))),
        (&words.sent_by, plain(&source.sent_by)),
    ];
    if let Some(approved) = &source.approved_by {
        facts.push((&words.approved_by, plain(approved)));
    }
    if let Some((time, user)) = &document.confirmed {
        facts.push((&words.confirmed, plain(&format!("{}  ·  {user}", moment(*time)))));
    }
    let (style, grey, room) = (Style::regular(7.6), Style::grey(6.8), RIGHT - LEFT - 152.0);
    let rows: Vec<_> = facts
        .iter()
        .map(|(label, text)| {
            let malay = wrap(&text.ms, style, room).into_iter().map(|line| (line, style));
            let english = wrap(&text.en, grey, room).into_iter().map(|line| (line, grey));
            (label, malay.chain(english).filter(|(line, _)| !line.is_empty()).collect::<Vec<_>>())
        })
        .collect();
    let height: f32 = rows.iter().map(|(_, lines)| 3.4 + 9.0 * lines.len() as f32).sum();
    flow.y += 4.0;
    flow.room(height + 20.0);
    let (mut y, sheet) = (flow.y, flow.sheet());
    sheet.text(LEFT, y + 9.0, words.source.ms.as_str(), Style::bold(8.0));
    let after = LEFT + width(&words.source.ms, Style::bold(8.0)) + 5.0;
    sheet.text(after, y + 9.0, words.source.en.as_str(), Style::grey(6.8));
    sheet.rule(LEFT, y + 13.0, RIGHT - LEFT, 0.5, Ink::BLACK);
    y += 15.0;
    for (label, lines) in rows {
        let text = format!("{} / {}", label.ms, label.en);
        sheet.text(LEFT, y + 8.4, text.as_str(), shrink(&text, Style::grey(7.0), 146.0, 0.5));
        for (line, style) in lines {
            sheet.text(LEFT + 152.0, y + 8.4, line, style);
            y += 9.0;
        }
        y += 3.4;
    }
    flow.y = y + 4.0;
    Ok(())
}

/// People of the file who are outside Act 800, with the rule for each.
fn not_eligible(flow: &mut Flow<'_>, document: &AcknowledgementDocument) {
    let words = &LABELS.front;
    // Note, head and the first rows stand together.
    flow.heading(&words.not_eligible, 22.0 + HEAD + ROW * document.not_eligible.len().min(3) as f32);
    flow.sentence(&words.not_eligible_note, Style::regular(8.0), false);
    let columns = vec![
        Column::right(&words.source_line, 36.0),
        Column::left(&LABELS.people.id, 68.0),
        Column::left(&LABELS.people.name, 180.0),
        Column::left(&words.reason, RIGHT - LEFT - 284.0),
    ];
    let rows: Vec<_> = document
        .not_eligible
        .iter()
        .map(|person| {
            vec![
                Cell::text(person.line.to_string()),
                Cell::text(person.id.as_str()),
                Cell::text(person.name.as_str()),
                Cell::text(person.reason.as_str()),
            ]
        })
        .collect();
    flow.table(&Table { left: LEFT, columns }, &rows, None);
}
