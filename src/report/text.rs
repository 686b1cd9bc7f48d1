//! Measuring, shrinking and wrapping text. Sizes and widths are in points (1/72 inch).

use super::fonts::{Weight, face};

/// Colour of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink(pub u8, pub u8, pub u8);

impl Ink {
    pub(crate) const BLACK: Ink = Ink(0, 0, 0);
    pub(crate) const GREY: Ink = Ink(85, 85, 85);
    pub(crate) const RULE: Ink = Ink(150, 150, 150);
    pub(crate) const HAIR: Ink = Ink(214, 214, 214);
    pub(crate) const TINT: Ink = Ink(242, 242, 242);
    pub(crate) const WHITE: Ink = Ink(255, 255, 255);
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub size: f32,
    pub weight: Weight,
    pub ink: Ink,
}

impl Style {
    pub(crate) const fn regular(size: f32) -> Style {
        Style { size, weight: Weight::Regular, ink: Ink::BLACK }
    }

    pub(crate) const fn bold(size: f32) -> Style {
        Style { size, weight: Weight::Bold, ink: Ink::BLACK }
    }

    /// For the second language and for what may be overlooked.
    pub(crate) const fn grey(size: f32) -> Style {
        Style { size, weight: Weight::Regular, ink: Ink::GREY }
    }

    pub(crate) const fn ink(self, ink: Ink) -> Style {
        Style { ink, ..self }
    }

    pub(crate) const fn size(self, size: f32) -> Style {
        Style { size, ..self }
    }
}

/// Width of a text.
pub(crate) fn width(text: &str, style: Style) -> f32 {
    let face = face(style.weight);
    text.chars().map(|c| face.letter(c).advance).sum::<f32>() * style.size
}

/// The style, made smaller until the text fits, but not below `smallest` times its size.
pub(crate) fn shrink(text: &str, style: Style, room: f32, smallest: f32) -> Style {
    let needed = width(text, style);
    if needed <= room { style } else { style.size(style.size * (room / needed).max(smallest)) }
}

/// Cuts a text into lines that fit: between words, inside a word only where it is wider than the room.
pub(crate) fn wrap(text: &str, style: Style, room: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, style) <= room {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if width(&line, style) > room && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, letter.to_string()));
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The letters of a text that the face does not have.
pub(crate) fn missing(text: &str, style: Style) -> impl Iterator<Item = char> {
    text.chars().filter(move |c| !face(style.weight).letter(*c).known)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style::regular(10.0);

    #[test]
    fn lines_fit_and_lose_nothing() {
        let text = "CONTOH BIN CONTOH A/L CONTOHCONTOHCONTOHCONTOHCONTOHCONTOH SATU";
        for room in [20.0, 60.0, 100.0, 1000.0] {
            let lines = wrap(text, STYLE, room);
            assert!(lines.iter().all(|line| width(line, STYLE) <= room), "{room} {lines:?}");
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            assert_eq!(letters(&lines.concat()), letters(text));
        }
        assert_eq!(wrap("", STYLE, 50.0), [""]);
        assert_eq!(wrap("A", STYLE, 0.1), ["A"], "a letter wider than the room still stands on a line");
    }

    #[test]
    fn shrinking_stops_at_the_smallest_size() {
        let room = width("CONTOH", STYLE);
        assert_eq!(shrink("CONTOH", STYLE, room, 0.8), STYLE);
        assert!(shrink("CONTOHA", STYLE, room, 0.5).size < STYLE.size);
        assert_eq!(shrink(&"CONTOH".repeat(9), STYLE, room, 0.8).size, 8.0);
    }
}
