//! Prints sheets as PDF/A-3b. The only file that speaks to the PDF library.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::{luma, rgb};
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

/// What the file says about itself. Nothing comes from a clock or from chance, so equal data give equal bytes.
pub(crate) struct About {
    pub title: String,
    pub issuer: String,
    /// Tells this document from every other; same data, same identity.
    pub identity: String,
    pub date: DateTime<FixedOffset>,
    /// What other programs find in the file without reading its pages; usually nothing.
    pub keywords: Vec<String>,
}

/// A PDF in the making.
pub(crate) struct Press {
    document: Document,
    run: Run,
}

/// Texts of one style on one base line. A row of a table is written as one run with gaps, not as ten texts: the library
/// repeats place and colour for each text, and that is most of the size and time of a long list.
#[derive(Default)]
struct Run {
    start: (f32, f32),
    style: Option<Style>,
    text: String,
    glyphs: Vec<KrillaGlyph>,
    /// Where the last glyph ends.
    pen: f32,
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
                .keywords(about.keywords)
                .creation_date(date),
        );
        Ok(Press { document, run: Run::default() })
    }

    /// Adds one page.
    pub(crate) fn print(&mut self, sheet: &Sheet) {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in &sheet.marks {
            match mark {
                Mark::Text { x, y, style, text } => {
                    if !self.run.goes_on(*x, *y, *style) {
                        self.run.print(&mut surface);
                        self.run.start = (*x, *y);
                    }
                    self.run.add(*x, *style, text);
                }
                Mark::Shape { outlines, ink } => {
                    self.run.print(&mut surface);
                    if let Some(path) = path(outlines) {
                        surface.set_fill(Some(fill(*ink)));
                        surface.draw_path(&path);
                    }
                }
            }
        }
        self.run.print(&mut surface);
        surface.finish();
        page.finish();
    }

    /// The bytes of the file.
    pub(crate) fn finish(self) -> Result<Vec<u8>, ReportError> {
        // The long form names each rule of the standard that was broken.
        self.document.finish().map_err(|error| ReportError::Pdf(format!("{error:?}")))
    }
}

fn part(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(0)
}

/// Greys are written as one number, colours as three.
fn fill(Ink(red, green, blue): Ink) -> Fill {
    let paint = if red == green && green == blue {
        luma::Color::new(red).into()
    } else {
        rgb::Color::new(red, green, blue).into()
    };
    Fill { paint, ..Fill::default() }
}

/// Hundredths of a point are finer than any printer, and short to write.
fn place(points: f32) -> f32 {
    (points * 100.0).round() / 100.0
}

impl Run {
    /// Whether a text at this place can join the run. Wide gaps break it: a gap is written in thousandths of the size,
    /// and strict readers take no number above 32,767.
    fn goes_on(&self, x: f32, y: f32, style: Style) -> bool {
        self.style == Some(style) && self.start.1 == y && x >= self.pen && x - self.pen < 30.0 * style.size
    }

    /// Latin text needs no shaping: one glyph for one letter, side by side.
    fn add(&mut self, x: f32, style: Style, text: &str) {
        if let Some(last) = self.glyphs.last_mut() {
            last.x_advance += (x - self.pen) / style.size;
        }
        let (face, before) = (face(style.weight), self.text.len());
        let mut wide = 0.0;
        self.glyphs.extend(text.char_indices().map(|(at, c)| {
            let (letter, at) = (face.letter(c), before + at);
            wide += letter.advance;
            KrillaGlyph::new(GlyphId::new(letter.glyph), letter.advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        }));
        self.text.push_str(text);
        self.style = Some(style);
        self.pen = x + wide * style.size;
    }

    /// Draws what has gathered, and starts anew.
    fn print(&mut self, surface: &mut Surface<'_>) {
        if let Some(style) = self.style.take() {
            let start = Point::from_xy(place(self.start.0), place(self.start.1));
            surface.set_fill(Some(fill(style.ink)));
            surface.draw_glyphs(start, &self.glyphs, face(style.weight).font.clone(), &self.text, style.size, false);
        }
        self.text.clear();
        self.glyphs.clear();
    }
}

fn path(outlines: &[Vec<(f32, f32)>]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for outline in outlines {
        let mut points = outline.iter().map(|&(x, y)| (place(x), place(y)));
        let (x, y) = points.next()?;
        builder.move_to(x, y);
        points.for_each(|(x, y)| builder.line_to(x, y));
        builder.close();
    }
    builder.finish()
}
