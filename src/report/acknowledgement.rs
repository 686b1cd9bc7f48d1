//! An acknowledgement on paper: front pages, then the people.

use serde_json::json;

use super::ReportError;
use super::labels::{LABELS, Label};
use super::model::{AcknowledgementDocument, PersonLine};
use super::press::{About, Press};
use super::sheet::{HEIGHT, LEFT, RIGHT, Sheet};
use super::text::{Ink, Style, shrink, width};
use super::{front, people};
use crate::domain::Sen;

/// Prints an acknowledgement (ACR under Act 4, ECR under Act 800) as PDF/A-3b, A4, Malay and English.
///
/// `people` are the acknowledged lines in the order of the file, held lines left out. Equal data give equal bytes.
///
/// # Errors
/// [`ReportError::TotalsDiffer`] where the people do not add up to the months: such a paper must not exist; the other
/// kinds where the words, the code or the PDF cannot be made.
pub fn acknowledgement(
    document: &AcknowledgementDocument,
    people: impl Iterator<Item = PersonLine>,
) -> Result<Vec<u8>, ReportError> {
    let people: Vec<PersonLine> = people.collect();
    let (front, list) = (document.total(), people.iter().map(|person| person.total).sum::<Sen>());
    if front != list {
        return Err(ReportError::TotalsDiffer { front, list });
    }
    print(document, &people)
}

fn print(document: &AcknowledgementDocument, people: &[PersonLine]) -> Result<Vec<u8>, ReportError> {
    let words = LABELS.schemes.of(document.scheme);
    let mut press = Press::new(About {
        title: format!("{} {} – {}", words.document, document.number, words.title.ms),
        issuer: document.issuer.clone(),
        identity: format!("{}/{}/{}", document.number, document.source.digest, document.received_at.to_rfc3339()),
        date: document.received_at,
        keywords: Vec::new(),
    })?;
    let front = front::sheets(document)?;
    let list = people::PeopleList::new(document, people);
    let pages = front.len() + list.pages();
    let mut page = 0;
    for mut sheet in front {
        page += 1;
        foot(&mut sheet, &document.number, &LABELS.page.computer, page, pages)?;
        press.print(&sheet);
    }
    for at in 0..list.pages() {
        page += 1;
        let mut sheet = list.sheet(at);
        foot(&mut sheet, &document.number, &LABELS.page.computer, page, pages)?;
        press.print(&sheet);
    }
    press.finish()
}

/// The foot of every page: number, how it was made, whom it binds, page n of m, letters that could not be drawn.
pub(crate) fn foot(
    sheet: &mut Sheet,
    number: &str,
    made: &Label,
    page: usize,
    pages: usize,
) -> Result<(), ReportError> {
    let words = &LABELS.page;
    let y = HEIGHT - 50.0;
    if !sheet.missing.is_empty() {
        let letters: Vec<String> = sheet.missing.iter().take(8).map(|c| format!("U+{:04X}", u32::from(*c))).collect();
        let note = words.missing.fill(&json!({ "letters": letters.join(", ") }))?;
        let text = format!("{} / {}", note.ms, note.en);
        sheet.text(LEFT, y - 4.5, text.as_str(), shrink(&text, Style::grey(6.4), RIGHT - LEFT, 0.5));
    }
    sheet.rule(LEFT, y, RIGHT - LEFT, 0.5, Ink::RULE);
    let count = words.page.fill(&json!({ "page": page, "pages": pages }))?;
    sheet.text_right(RIGHT, y + 11.0, count.ms.as_str(), Style::bold(7.4));
    sheet.text_right(RIGHT, y + 20.0, count.en.as_str(), Style::grey(6.6));
    sheet.text(LEFT, y + 11.0, number, Style::bold(7.4));
    let left = LEFT + if number.is_empty() { 0.0 } else { width(number, Style::bold(7.4)) + 12.0 };
    sheet.text(left, y + 11.0, format!("{} {}", made.ms, words.binding.ms), Style::regular(6.9));
    sheet.text(left, y + 20.0, format!("{} {}", made.en, words.binding.en), Style::grey(6.6));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::domain::Scheme;

    fn printed(document: &AcknowledgementDocument, count: usize) -> Vec<u8> {
        acknowledgement(document, sample::people(document, count)).expect("a PDF")
    }

    #[test]
    fn equal_data_give_equal_bytes() {
        let act4 = sample::with_people(&sample::document(Scheme::Act4, 1), 120);
        let act800 = sample::with_people(&sample::document(Scheme::Act800, 1), 7);
        let first = printed(&act4, 120);
        let other = printed(&act800, 7);
        assert_eq!(printed(&act4, 120), first);
        assert_eq!(printed(&act800, 7), other);
        assert_ne!(first, other);
        assert!(first.starts_with(b"%PDF-1.7"));
        for part in ["<pdfaid:part>3</pdfaid:part>", "<pdfaid:conformance>B</pdfaid:conformance>"] {
            assert!(first.windows(part.len()).any(|bytes| bytes == part.as_bytes()), "{part}");
        }
    }

    #[test]
    fn a_list_that_does_not_add_up_is_not_printed() {
        let document = sample::with_people(&sample::document(Scheme::Act4, 1), 10);
        for (count, right) in [(9, false), (10, true), (11, false)] {
            let result = acknowledgement(&document, sample::people(&document, count));
            assert_eq!(!matches!(result, Err(ReportError::TotalsDiffer { .. })), right, "{count}");
        }
    }

    #[test]
    fn lists_of_none_one_and_many_print() {
        for scheme in [Scheme::Act4, Scheme::Act800] {
            for count in [0, 1, 2, 43, 44, 45, 46, 47, 200] {
                printed(&sample::with_people(&sample::document(scheme, 1), count), count);
            }
        }
    }

    #[test]
    fn strange_names_print_visibly() {
        let document = sample::with_people(&sample::document(Scheme::Act4, 1), 3);
        for name in ["CONTOH 李", "", "\0\u{1}\t", "مثال", &"CONTOH ".repeat(21), &"X".repeat(150)] {
            let people = sample::people(&document, 3).map(|line| PersonLine { name: name.to_owned(), ..line });
            assert!(acknowledgement(&document, people).is_ok(), "{name:?}");
        }
    }
}
