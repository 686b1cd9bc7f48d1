//! A page before it is printed: a list of marks with places in points from the top left corner.

use std::collections::BTreeSet;

use super::text::{Ink, Style, missing, shrink, width};

/// A4 upright, in points.
pub(crate) const WIDTH: f32 = 595.28;
/// A4 upright, in points.
pub(crate) const HEIGHT: f32 = 841.89;
/// Left edge of what is printed.
pub(crate) const LEFT: f32 = 40.0;
/// Right edge of what is printed.
pub(crate) const RIGHT: f32 = WIDTH - 40.0;
/// Lowest place of the body; below it stands the footer.
pub(crate) const BOTTOM: f32 = HEIGHT - 62.0;

/// One thing on a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// A line of text; `y` is its base line.
    Text { x: f32, y: f32, style: Style, text: String },
    /// A filled shape: outlines of points, drawn together.
    Shape { outlines: Vec<Vec<(f32, f32)>>, ink: Ink },
}

/// A page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sheet {
    pub marks: Vec<Mark>,
    /// Letters that the embedded faces do not have; the footer explains the boxes drawn for them.
    pub missing: BTreeSet<char>,
}

impl Sheet {
    /// Text from `x` to the right.
    pub(crate) fn text(&mut self, x: f32, y: f32, text: impl Into<String>, style: Style) {
        let text = text.into();
        if !text.is_empty() {
            self.missing.extend(missing(&text, style));
            self.marks.push(Mark::Text { x, y, style, text });
        }
    }

    /// Text that ends at `x`.
    pub(crate) fn text_right(&mut self, x: f32, y: f32, text: impl Into<String>, style: Style) {
        let text = text.into();
        self.text(x - width(&text, style), y, text, style);
    }

    /// Text around `x`.
    pub(crate) fn text_centre(&mut self, x: f32, y: f32, text: impl Into<String>, style: Style) {
        let text = text.into();
        self.text(x - width(&text, style) / 2.0, y, text, style);
    }

    /// Text from `x` to the right, made smaller where it would be wider than `room`.
    pub(crate) fn text_fit(&mut self, x: f32, y: f32, room: f32, text: &str, style: Style) {
        self.text(x, y, text, shrink(text, style, room, 0.4));
    }

    /// A filled rectangle.
    pub(crate) fn fill(&mut self, x: f32, y: f32, wide: f32, high: f32, ink: Ink) {
        let outline = vec![(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)];
        self.marks.push(Mark::Shape { outlines: vec![outline], ink });
    }

    /// A level line, centred on `y`.
    pub(crate) fn rule(&mut self, x: f32, y: f32, wide: f32, thick: f32, ink: Ink) {
        self.fill(x, y - thick / 2.0, wide, thick, ink);
    }

    /// Level lines of one kind, drawn together.
    pub(crate) fn rules(&mut self, x: f32, places: &[f32], wide: f32, thick: f32, ink: Ink) {
        let outline = |y: &f32| {
            let (top, bottom) = (y - thick / 2.0, y + thick / 2.0);
            vec![(x, top), (x + wide, top), (x + wide, bottom), (x, bottom)]
        };
        if !places.is_empty() {
            self.marks.push(Mark::Shape { outlines: places.iter().map(outline).collect(), ink });
        }
    }

    /// An empty rectangle with a thin border.
    pub(crate) fn frame(&mut self, x: f32, y: f32, wide: f32, high: f32, thick: f32, ink: Ink) {
        let outer = vec![(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)];
        let (left, top, right, bottom) = (x + thick, y + thick, x + wide - thick, y + high - thick);
        // The other way round, so that it is a hole under the non-zero rule.
        let inner = vec![(left, top), (left, bottom), (right, bottom), (right, top)];
        self.marks.push(Mark::Shape { outlines: vec![outer, inner], ink });
    }
}
