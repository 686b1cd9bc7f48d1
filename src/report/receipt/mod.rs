//! An official receipt on paper: what was paid, by whom, how, and a code that proves it.

mod lines;
pub(crate) mod words;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::json;

use super::ReportError;
use super::acknowledgement::foot;
use super::flow::Flow;
use super::front::{amount_block, moment, pair};
use super::labels::{LABELS, Label};
use super::model::Employer;
use super::people::day;
use super::press::{About, Press};
use super::shapes;
use super::sheet::{LEFT, RIGHT, Sheet};
use super::table::money;
use super::text::{Ink, Style, shrink, width, wrap};
use crate::domain::{ContributionMonth, PaidBy, PaymentModel, ReceiptLineKind, Scheme, Sen};
use words::WORDS;

/// Everything that a receipt shows.
#[derive(Debug, Clone)]
pub struct ReceiptDocument {
    /// Act.
    pub scheme: Scheme,
    /// Number of the receipt.
    pub number: String,
    /// Who issues it.
    pub issuer: String,
    /// Who paid.
    pub employer: Employer,
    /// Day of the payment.
    pub paid_on: NaiveDate,
    /// Moment of the payment, where it is known.
    pub paid_at: Option<DateTime<FixedOffset>>,
    /// How the money came.
    pub means: PaidBy,
    /// Personal or corporate, over FPX.
    pub model: Option<PaymentModel>,
    /// Number of the payment, or empty.
    pub payment: String,
    /// Seller's order number, or empty.
    pub seller_order_number: String,
    /// FPX transaction id, or empty.
    pub transaction_id: String,
    /// Buyer's bank, as it is shown, or empty.
    pub bank: String,
    /// Cheque number, transfer reference, counter slip; or empty.
    pub evidence: String,
    /// Who prepared the payment, or empty.
    pub maker: String,
    /// Who approved it, or empty.
    pub approved_by: String,
    /// What was paid.
    pub lines: Vec<ReceiptLine>,
    /// The verification code.
    pub code: String,
    /// Words for the file's own description, which other programs find without reading the pages.
    pub keywords: Vec<String>,
}

/// One line of a receipt.
#[derive(Debug, Clone)]
pub struct ReceiptLine {
    /// What for.
    pub kind: ReceiptLineKind,
    /// ACR, ECR or the charge's own number.
    pub reference: String,
    /// Months it covers, in order.
    pub months: Vec<ContributionMonth>,
    /// Amount, SKBBK included.
    pub amount: Sen,
    /// Of this, SKBBK.
    pub skbbk: Sen,
}

impl ReceiptDocument {
    /// The sum of the lines.
    pub fn total(&self) -> Sen {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

/// Prints an official receipt as PDF/A-3b, A4, Malay and English. Equal data give equal bytes.
///
/// # Errors
/// [`ReportError`] where the words, the code or the PDF cannot be made.
pub fn receipt(document: &ReceiptDocument) -> Result<Vec<u8>, ReportError> {
    let title = &WORDS.receipt.title;
    let midnight = document.paid_on.and_hms_opt(0, 0, 0).expect("midnight exists").and_utc().fixed_offset();
    let mut press = Press::new(About {
        title: format!("{} {} – {}", title.ms, document.number, LABELS.schemes.of(document.scheme).short.ms),
        issuer: document.issuer.clone(),
        identity: document.code.clone(),
        date: document.paid_at.unwrap_or(midnight),
        keywords: document.keywords.clone(),
    })?;
    let sheets = sheets(document)?;
    let pages = sheets.len();
    for (at, mut sheet) in sheets.into_iter().enumerate() {
        foot(&mut sheet, &document.number, &LABELS.page.computer, at + 1, pages)?;
        press.print(&sheet);
    }
    press.finish()
}

/// All pages, without their feet.
fn sheets(document: &ReceiptDocument) -> Result<Vec<Sheet>, ReportError> {
    let head = |sheet: &mut Sheet| continued(sheet, document);
    let mut flow = Flow { sheets: Vec::new(), y: 0.0, head: &head };
    title(flow.sheet(), document)?;
    flow.y = facts(flow.sheet(), document, 176.0) + 4.0;
    let on_front = lines::fit_on_front(document, &flow);
    if on_front {
        lines::on_front(&mut flow, document);
    } else {
        lines::summary(&mut flow, document)?;
    }
    amount_block(&mut flow, &WORDS.receipt.total, document.scheme, document.total())?;
    within(&mut flow, document)?;
    proof(&mut flow, document);
    let mut sheets = flow.sheets;
    if !on_front {
        sheets.extend(lines::pages(document));
    }
    Ok(sheets)
}

/// Sign and name of the Act, name of the document, code, number and day.
fn title(sheet: &mut Sheet, document: &ReceiptDocument) -> Result<(), ReportError> {
    let (words, act) = (&WORDS.receipt, LABELS.schemes.of(document.scheme));
    let ink = shapes::ink(document.scheme);
    let issued = &LABELS.page.issued_by;
    let by = format!("{} / {}", issued.ms, issued.en);
    sheet.text(LEFT, 38.0, by.as_str(), Style::grey(7.0));
    let after = LEFT + width(&by, Style::grey(7.0)) + 6.0;
    sheet.text_fit(after, 38.0, RIGHT - after, &document.issuer, Style::bold(8.6));
    shapes::band(sheet, 44.0, 4.0, document.scheme);
    shapes::sign(sheet, LEFT, 57.0, 60.0, document.scheme);
    let (left, side) = (LEFT + 72.0, 108.0);
    let room = RIGHT - side - 10.0 - left;
    sheet.text_fit(left, 79.0, room, &act.short.ms, Style::bold(27.0).ink(ink));
    let name = Style::bold(17.0);
    sheet.text(left, 101.0, words.title.ms.as_str(), name);
    sheet.text(left + width(&words.title.ms, name) + 8.0, 101.0, words.title.en.as_str(), Style::grey(10.5));
    let law = format!("{}  ·  {}", act.act.ms, act.act.en);
    sheet.text(left, 114.0, law.as_str(), shrink(&law, Style::grey(7.2), room, 0.5));
    shapes::square_code(sheet, RIGHT - side, 56.0, side, &document.code)?;
    let (top, high, wide) = (126.0, 40.0, RIGHT - side - 12.0 - LEFT);
    sheet.frame(LEFT, top, wide, high, 0.9, Ink::BLACK);
    pair(sheet, LEFT + 9.0, top + 3.0, 190.0, &words.number, &document.number, Style::bold(19.0));
    pair(sheet, LEFT + 224.0, top + 3.0, wide - 230.0, &words.paid_on, &day(document.paid_on), Style::bold(19.0));
    Ok(())
}

/// Employer on the left, payment on the right; gives the place below.
fn facts(sheet: &mut Sheet, document: &ReceiptDocument, top: f32) -> f32 {
    let (words, middle) = (&WORDS.receipt, LEFT + 256.0);
    for (x, label, wide) in [(LEFT, &words.employer, 240.0), (middle, &words.payment, RIGHT - middle)] {
        sheet.text(x, top + 9.0, label.ms.as_str(), Style::bold(8.0));
        sheet.text(x + width(&label.ms, Style::bold(8.0)) + 5.0, top + 9.0, label.en.as_str(), Style::grey(6.8));
        sheet.rule(x, top + 13.0, wide, 0.5, Ink::BLACK);
    }
    let employer = &document.employer;
    let (bold, plain) = (Style::bold(10.0), Style::regular(8.6));
    pair(sheet, LEFT, top + 15.0, 238.0, &words.employer_code, &employer.code, Style::bold(12.0));
    let mut y = named(sheet, top + 41.0, &words.employer_name, employer.name.as_deref(), bold);
    if !employer.address.is_empty() {
        sheet.text(LEFT, y + 7.0, format!("{} / {}", words.address.ms, words.address.en), Style::grey(6.8));
        y += 17.0;
        for line in employer.address.iter().flat_map(|line| wrap(line, Style::regular(8.4), 238.0)) {
            sheet.text(LEFT, y, line, Style::regular(8.4));
            y += 10.4;
        }
    }
    let mut right = top + 18.0;
    for (label, value) in payment_facts(document) {
        let style = if label.ms == words.transaction_id.ms { Style::bold(12.0) } else { plain };
        let text = format!("{} / {}", label.ms, label.en);
        sheet.text(middle, right + 9.0, text.as_str(), shrink(&text, Style::grey(6.8), 116.0, 0.5));
        for line in wrap(&value, style, RIGHT - middle - 121.0) {
            sheet.text(middle + 121.0, right + 9.4, line, style);
            right += style.size + 2.0;
        }
        right += 3.2;
    }
    y.max(right) + 4.0
}

/// A label with a name below it that may need several lines; gives the place below.
fn named(sheet: &mut Sheet, top: f32, label: &Label, name: Option<&str>, style: Style) -> f32 {
    let words = &WORDS.receipt;
    sheet.text(LEFT, top + 7.0, format!("{} / {}", label.ms, label.en), Style::grey(6.8));
    let mut y = top + 18.5;
    let Some(name) = name else {
        let unknown = format!("{} / {}", words.name_unknown.ms, words.name_unknown.en);
        sheet.text(LEFT, y, unknown, Style::grey(8.4));
        return y + 5.0;
    };
    for line in wrap(name, style, 238.0) {
        sheet.text(LEFT, y, line, style);
        y += style.size + 2.0;
    }
    y - 6.0
}

/// What is known of the payment; what is not known is left out.
fn payment_facts(document: &ReceiptDocument) -> Vec<(&'static Label, String)> {
    let words = &WORDS.receipt;
    let evidence = match document.means {
        PaidBy::Fpx | PaidBy::Transfer => &words.evidence_transfer,
        PaidBy::Counter => &words.evidence_counter,
        PaidBy::Cheque => &words.evidence_cheque,
    };
    let mut facts = vec![
        (&words.transaction_id, document.transaction_id.clone()),
        (evidence, document.evidence.clone()),
        (&words.bank, document.bank.clone()),
        (&words.means, WORDS.means.of(document.means, document.model)),
        (&words.paid_at, document.paid_at.map(moment).unwrap_or_default()),
        (&words.seller_order, document.seller_order_number.clone()),
        (&words.payment_number, document.payment.clone()),
        (&words.maker, document.maker.clone()),
        (&words.approved_by, document.approved_by.clone()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

/// What is part of the amount, and what this receipt is not for.
fn within(flow: &mut Flow<'_>, document: &ReceiptDocument) -> Result<(), ReportError> {
    let words = &WORDS.receipt;
    let of = |kind| document.lines.iter().filter(move |line| line.kind == kind).map(|line| line.amount).sum::<Sen>();
    let parts = [
        (&words.skbbk_within, document.lines.iter().map(|line| line.skbbk).sum::<Sen>()),
        (&words.interest_within, of(ReceiptLineKind::Interest)),
        (&words.compound_within, of(ReceiptLineKind::Compound)),
    ];
    for (label, amount) in parts.into_iter().filter(|(_, amount)| !amount.is_zero()) {
        flow.sentence(&label.fill(&json!({ "amount": money(amount) }))?, Style::bold(8.0), true);
    }
    let short = &LABELS.schemes.of(document.scheme).short;
    let only = Label {
        ms: words.only.fill(&json!({ "act": short.ms }))?.ms,
        en: words.only.fill(&json!({ "act": short.en }))?.en,
    };
    flow.sentence(&only, Style::regular(8.0), true);
    flow.sentence(&LABELS.page.binding, Style::regular(8.0), true);
    Ok(())
}

/// How the receipt is proven, with the code as text.
fn proof(flow: &mut Flow<'_>, document: &ReceiptDocument) {
    let words = &WORDS.receipt;
    let style = Style::regular(6.6);
    let code = wrap(&document.code, style, RIGHT - LEFT - 12.0);
    let high = 8.0 + 8.4 * code.len() as f32;
    flow.heading(&words.verify, high + 44.0);
    flow.sentence(&words.verify_note, Style::regular(8.0), false);
    flow.room(high + 4.0);
    let top = flow.y + 2.0;
    let sheet = flow.sheet();
    sheet.frame(LEFT, top, RIGHT - LEFT, high, 0.5, Ink::RULE);
    for (at, line) in code.into_iter().enumerate() {
        sheet.text(LEFT + 6.0, top + 10.0 + 8.4 * at as f32, line, style);
    }
    flow.y = top + high + 6.0;
}

/// The head of a further page; gives the place below it.
fn continued(sheet: &mut Sheet, document: &ReceiptDocument) -> f32 {
    let (words, act) = (&WORDS.receipt, LABELS.schemes.of(document.scheme));
    shapes::sign(sheet, LEFT, 34.0, 30.0, document.scheme);
    let left = LEFT + 40.0;
    let style = Style::bold(12.0).ink(shapes::ink(document.scheme));
    sheet.text(left, 46.0, act.short.ms.as_str(), style);
    let after = left + width(&act.short.ms, style) + 10.0;
    sheet.text(after, 46.0, format!("{} {}", words.title.ms, document.number), Style::bold(10.5));
    let continued = format!("{} / {}", words.continued.ms, words.continued.en);
    sheet.text_right(RIGHT, 46.0, continued.as_str(), Style::grey(7.2));
    let who = [Some(document.employer.code.as_str()), document.employer.name.as_deref()];
    let who: Vec<&str> = who.into_iter().flatten().collect();
    let who = format!("{}  ·  {}", who.join("  "), day(document.paid_on));
    sheet.text_fit(left, 60.0, RIGHT - left, &who, Style::regular(8.2));
    shapes::band(sheet, 70.0, 3.0, document.scheme);
    80.0
}
