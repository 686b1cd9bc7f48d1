//! The two embedded faces: which glyph draws a letter, and how wide it is.

use std::sync::LazyLock;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// Liberation Sans, SIL Open Font License 1.1 (the licence lies beside the files).
const REGULAR: &[u8] = include_bytes!("../../formats/templates/report/fonts/LiberationSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../formats/templates/report/fonts/LiberationSans-Bold.ttf");

/// Drawn in place of a letter that the face does not have: an empty box that nobody takes for a letter.
const MISSING: char = '□';

/// Letters below this are looked up in a table: all of Latin as names carry it.
const TABLE: u32 = 0x250;

/// Weight of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// How one letter is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Letter {
    /// Glyph number inside the face, never 0.
    pub glyph: u32,
    /// Width as a part of the font size.
    pub advance: f32,
    /// False where the box stands in for the letter.
    pub known: bool,
}

/// A face, parsed once for the whole program.
pub(crate) struct Face {
    /// What is embedded.
    pub font: Font,
    source: FontRef<'static>,
    units: f32,
    table: Vec<Letter>,
}

static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| [Face::new(REGULAR), Face::new(BOLD)]);

/// The face of a weight.
pub(crate) fn face(weight: Weight) -> &'static Face {
    match weight {
        Weight::Regular => &FACES[0],
        Weight::Bold => &FACES[1],
    }
}

impl Face {
    fn new(bytes: &'static [u8]) -> Face {
        let source = FontRef::new(bytes).expect("the embedded font can be read");
        let units = f32::from(source.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        let font = Font::new(bytes.into(), 0).expect("the embedded font can be read");
        let mut face = Face { font, source, units, table: Vec::new() };
        face.table = (0..TABLE).filter_map(char::from_u32).map(|c| face.look_up(c)).collect();
        face
    }

    fn look_up(&self, letter: char) -> Letter {
        let advances = self.source.glyph_metrics(Size::unscaled(), LocationRef::default());
        let drawn = |c: char, known: bool| {
            let glyph = self.source.charmap().map(c).filter(|glyph| glyph.to_u32() != 0)?;
            let advance = advances.advance_width(glyph)? / self.units;
            Some(Letter { glyph: glyph.to_u32(), advance, known })
        };
        let wanted = if letter.is_control() { None } else { drawn(letter, true) };
        wanted.or_else(|| drawn(MISSING, false)).expect("the embedded font has the box")
    }

    /// How a letter is drawn. Control characters and letters outside the face become the box.
    pub(crate) fn letter(&self, letter: char) -> Letter {
        self.table.get(letter as usize).copied().unwrap_or_else(|| self.look_up(letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_visible_glyph() {
        for weight in [Weight::Regular, Weight::Bold] {
            let face = face(weight);
            let boxed = face.letter(MISSING);
            for letter in ['A', 'z', '0', '@', 'é', 'Ŵ', '–', 'ế'] {
                assert!(face.letter(letter).known, "{letter}");
            }
            for letter in ['李', 'க', '\0', '\t', '\u{2FFFF}'] {
                let drawn = face.letter(letter);
                assert_eq!((drawn.glyph, drawn.known), (boxed.glyph, false), "{letter:?}");
            }
            assert!(boxed.glyph != 0 && boxed.advance > 0.0);
        }
    }
}
