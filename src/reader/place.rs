//! How the characters of a line lie on the record: as they are, indented, pushed by the name, or counted in other units.

use std::ops::Range;

use super::layout::{Layout, LayoutId};
use super::value::{is_number_or_blank, month_of};

/// Blanks by which a line may be indented and is still realigned.
const INDENT_MAX: usize = 16;

/// Characters by which a name may be too long. What is longer still is something else: two records in one line.
const OVERLONG_MAX: usize = 150;

/// Stands in an ASCII field for a character that is not ASCII, so that every format rule refuses it.
pub(super) const NOT_ASCII: u8 = b'?';

/// How the characters of a line lie on the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub indent: usize,
    /// By how many characters everything behind the name stands further right (left where negative).
    pub shift: isize,
    /// The part of the shift that an over-long name explains.
    pub overlong: usize,
    pub amount_width: usize,
    /// The month and the figures behind it are where they belong.
    pub sure: bool,
}

/// A place that is beyond doubt, with a name of the right length.
pub(super) fn place_surely(layout: &Layout, chars: &[char]) -> Option<Place> {
    place(layout, chars).filter(|place| place.sure && place.overlong == 0)
}

/// Finds how a line lies on a record: as it is, indented, pushed by its name, or counted in other units.
///
/// Columns 1 to 44 are reliable from the left, and everything from the month on from the right end, in every producer
/// seen; between them stands the name.
pub(super) fn place(layout: &Layout, chars: &[char]) -> Option<Place> {
    let length = chars.iter().rposition(|c| *c != ' ').map_or(0, |at| at + 1);
    if layout.id == LayoutId::Brg8a83 {
        return place_legacy(layout, chars, length);
    }
    let fits = |length: usize| (layout.trimmed_to..=layout.record_length).contains(&length);
    let plain = Place { indent: 0, shift: 0, overlong: 0, amount_width: 0, sure: true };
    let indent = chars.iter().position(|c| *c != ' ').unwrap_or(0);
    if indent == 0 && fits(length) && tail_is_right(layout, chars, 0, 0) {
        return Some(plain);
    }
    if (1..=INDENT_MAX).contains(&indent) && fits(length - indent) && tail_is_right(layout, chars, indent, 0) {
        return Some(Place { indent, ..plain });
    }
    // Producers that count UTF-16 units pad too little, those that count a letter and its accent as one pad too much.
    let name = chars.get(layout.at.name.clone()).unwrap_or_default();
    let units: usize = name.iter().map(|c| c.len_utf16() - 1).sum();
    let marks = name.iter().filter(|c| is_combining(**c)).count();
    for shift in [-(units as isize), marks as isize] {
        if shift != 0 && fits(length.saturating_add_signed(-shift)) && tail_is_right(layout, chars, 0, shift) {
            return Some(Place { shift, ..plain });
        }
    }
    let most = length.saturating_sub(layout.trimmed_to).min(OVERLONG_MAX);
    let shifted = (1..=most).find(|shift| fits(length - shift) && tail_is_right(layout, chars, 0, *shift as isize));
    if let Some(overlong) = shifted {
        return Some(Place { shift: overlong as isize, overlong, ..plain });
    }
    fits(length).then_some(Place { sure: false, ..plain })
}

/// BRG8A: the name stands near the end, behind the month; an over-long one pushes only the amount.
fn place_legacy(layout: &Layout, chars: &[char], length: usize) -> Option<Place> {
    let month_right =
        |indent: usize| field(chars, layout.at.month.clone(), indent, 0).is_some_and(|m| month_of(&m).is_some());
    let digits = |range: Range<usize>| chars.get(range).is_some_and(|f| f.iter().all(char::is_ascii_digit));
    let plain =
        Place { indent: 0, shift: 0, overlong: 0, amount_width: layout.at.amount.len() + layout.overflow, sure: true };
    let whole = layout.record_length + layout.overflow;
    if length < layout.trimmed_to || !month_right(0) {
        let exact = (layout.record_length..=whole).contains(&length);
        return exact.then_some(Place { sure: false, ..plain });
    }
    if length <= whole {
        return Some(plain);
    }
    let overlong = length - layout.record_length;
    digits(layout.at.amount.start + overlong..length).then_some(Place { shift: overlong as isize, overlong, ..plain })
}

/// The characters of a field as ASCII bytes; `None` where the line is too short to hold its first character.
fn field(chars: &[char], range: Range<usize>, indent: usize, shift: isize) -> Option<Vec<u8>> {
    let from = (range.start + indent).checked_add_signed(shift)?;
    let to = (range.end + indent).checked_add_signed(shift)?.min(chars.len());
    let part = chars.get(from..to)?;
    Some(part.iter().map(|c| if c.is_ascii() { *c as u8 } else { NOT_ASCII }).collect())
}

/// True when a month and figures stand where the layout wants them, given the indentation and the shift.
fn tail_is_right(layout: &Layout, chars: &[char], indent: usize, shift: isize) -> bool {
    let at = &layout.at;
    let month = field(chars, at.month.clone(), indent, shift);
    if month.is_none_or(|m| month_of(&m).is_none()) {
        return false;
    }
    let numbers = [&at.amount, &at.wage, &at.socso_employer, &at.socso_employee, &at.eis_employer, &at.eis_employee];
    numbers
        .into_iter()
        .filter(|range| !range.is_empty())
        .all(|range| field(chars, range.clone(), indent, shift).is_none_or(|number| is_number_or_blank(&number)))
}

/// A mark that joins the letter before it.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE2F}' | '\u{200D}')
}
