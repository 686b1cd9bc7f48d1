//! Prints sheets as PDF/A-3b. The only file that speaks to the PDF library.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{Path, PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

use super::ReportError;
use super::fonts::face;
use super::sheet::{HEIGHT, Mark, Sheet, WIDTH};
use super::text::{Ink, Style};

/// What the file says about itself. Nothing here comes from a clock or from chance, so that equal data give equal bytes.
pub(crate) struct About {
    pub title: String,
    pub issuer: String,
    /// Tells this document from every other; same data, same identity.
    pub identity: String,
    pub date: DateTime<FixedOffset>,
}

/// A PDF in the making.
pub(crate) struct Press {
    document: Document,
    glyphs: Vec<KrillaGlyph>,
}

impl Press {
    pub(crate) fn new(about: About) -> Result<Press, ReportError> {
        let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A3_B).finish();
        let configuration = configuration.map_err(|error| ReportError::Pdf(format!("{error:?}")))?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let offset = about.date.offset().local_minus_utc();
        let date = krilla::metadata::DateTime::new(u16::try_from(about.date.year()).unwrap_or(0))
            .month(part(about.date.month()))
            .day(part(about.date.day()))
            .hour(part(about.date.hour()))
            .minute(part(about.date.minute()))
            .second(part(about.date.second()))
            .utc_offset_hour(i8::try_from(offset / 3600).unwrap_or(0))
            .utc_offset_minute(part((offset % 3600 / 60).unsigned_abs()));
        document.set_metadata(
            Metadata::new()
                .title(about.title)
                .authors(vec![about.issuer])
                .creator(env!("CARGO_PKG_NAME").to_owned())
                .language("ms".to_owned())
                .document_id(about.identity)
                .creation_date(date),
        );
        Ok(Press { document, glyphs: Vec::new() })
    }

    /// Adds one page.
    pub(crate) fn print(&mut self, sheet: &Sheet) {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        let mut ink = None;
        for mark in &sheet.marks {
            let wanted = match mark {
                Mark::Text { style, .. } => style.ink,
                Mark::Shape { ink, .. } => *ink,
            };
            if ink != Some(wanted) {
                surface.set_fill(Some(fill(wanted)));
                ink = Some(wanted);
            }
            match mark {
                Mark::Text { x, y, style, text } => {
                    letters(&mut surface, &mut self.glyphs, Point::from_xy(*x, *y), text, *style);
                }
                Mark::Shape { outlines, .. } => {
                    if let Some(path) = path(outlines) {
                        surface.draw_path(&path);
                    }
                }
            }
        }
        surface.finish();
        page.finish();
    }

    /// The bytes of the file.
    pub(crate) fn finish(self) -> Result<Vec<u8>, ReportError> {
        self.document.finish().map_err(|error| ReportError::Pdf(error.to_string()))
    }
}

fn part(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(0)
}

fn fill(Ink(red, green, blue): Ink) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

/// Latin text needs no shaping: one glyph for one letter, side by side.
fn letters(surface: &mut Surface<'_>, glyphs: &mut Vec<KrillaGlyph>, start: Point, text: &str, style: Style) {
    let face = face(style.weight);
    glyphs.clear();
    glyphs.extend(text.char_indices().map(|(at, c)| {
        let letter = face.letter(c);
        KrillaGlyph::new(GlyphId::new(letter.glyph), letter.advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
    }));
    surface.draw_glyphs(start, glyphs, face.font.clone(), text, style.size, false);
}

fn path(outlines: &[Vec<(f32, f32)>]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for outline in outlines {
        let mut points = outline.iter();
        let &(x, y) = points.next()?;
        builder.move_to(x, y);
        points.for_each(|&(x, y)| builder.line_to(x, y));
        builder.close();
    }
    builder.finish()
}
