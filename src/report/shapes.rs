//! Shapes that tell the Acts apart without colour, and the square code of a number.

use qrcodegen::{QrCode, QrCodeEcc};

use super::ReportError;
use super::labels::LABELS;
use super::sheet::{LEFT, Mark, RIGHT, Sheet};
use super::text::{Ink, Style, shrink};
use crate::domain::Scheme;

/// Ink of an Act: blue and vermilion, which people with any colour vision tell apart (palette of Okabe and Ito); the
/// shape and the band say it again in black and white.
pub(crate) const fn ink(scheme: Scheme) -> Ink {
    match scheme {
        Scheme::Act4 => Ink(0, 84, 147),
        Scheme::Act800 => Ink(178, 70, 0),
    }
}

/// The sign of an Act in a square with this side: a disc for Act 4, a diamond for Act 800, with the number inside.
pub(crate) fn sign(sheet: &mut Sheet, x: f32, y: f32, side: f32, scheme: Scheme) {
    let (centre, radius) = ((x + side / 2.0, y + side / 2.0), side / 2.0);
    let corners: u16 = match scheme {
        Scheme::Act4 => 72,
        Scheme::Act800 => 4,
    };
    let outline = (0..corners).map(|at| {
        let angle = std::f32::consts::TAU * f32::from(at) / f32::from(corners);
        (centre.0 + radius * angle.sin(), centre.1 - radius * angle.cos())
    });
    sheet.marks.push(Mark::Shape { outlines: vec![outline.collect()], ink: ink(scheme) });
    let text = &LABELS.schemes.of(scheme).mark;
    let style = shrink(text, Style::bold(side * 0.62).ink(Ink::WHITE), side * 0.56, 0.1);
    sheet.text_centre(centre.0, centre.1 + style.size * 0.36, text.as_str(), style);
}

/// The band across the page: solid for Act 4, broken for Act 800.
pub(crate) fn band(sheet: &mut Sheet, y: f32, high: f32, scheme: Scheme) {
    match scheme {
        Scheme::Act4 => sheet.fill(LEFT, y, RIGHT - LEFT, high, ink(scheme)),
        Scheme::Act800 => {
            let (pieces, gap) = (24_u8, 4.0);
            let wide = (RIGHT - LEFT + gap) / f32::from(pieces);
            let piece = |at: u8| {
                let (left, right) = (LEFT + wide * f32::from(at), LEFT + wide * f32::from(at + 1) - gap);
                vec![(left, y), (right, y), (right, y + high), (left, y + high)]
            };
            sheet.marks.push(Mark::Shape { outlines: (0..pieces).map(piece).collect(), ink: ink(scheme) });
        }
    }
}

/// A QR code of a text, drawn as squares; it holds the text as it is, for a counter's scanner.
pub(crate) fn square_code(sheet: &mut Sheet, x: f32, y: f32, side: f32, text: &str) -> Result<(), ReportError> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| ReportError::Code(error.to_string()))?;
    let module = side / code.size() as f32;
    let mut outlines = Vec::new();
    for row in 0..code.size() {
        let mut column = 0;
        while column < code.size() {
            let start = column;
            while code.get_module(column, row) {
                column += 1;
            }
            if column > start {
                let (left, right) = (x + module * start as f32, x + module * column as f32);
                let (top, bottom) = (y + module * row as f32, y + module * (row + 1) as f32);
                outlines.push(vec![(left, top), (right, top), (right, bottom), (left, bottom)]);
            }
            column += 1;
        }
    }
    sheet.marks.push(Mark::Shape { outlines, ink: Ink::BLACK });
    Ok(())
}
