//! What the answers to a file are called, and the file where it goes.

/// Longest name of an answer without its endings: file systems take 255 bytes.
const NAME_BYTES: usize = 180;
/// Longest ending of a name, in letters.
const ENDING_LETTERS: usize = 4;

/// What the answers to a file are called. No two names have the same:
/// - `october.txt` → `october`: `.txt`, in small letters, is left away, unless what is left has an ending itself;
/// - `OCTOBER.TXT`, `sheet.csv`, `sheet.csv.txt` → the whole name: it has another ending;
/// - `october` → `october.file`: it has none (`.file` itself counts as none).
///
/// A name that could not be used, or is too long, is made safe, with `~` and the number of the delivery so that it is the
/// only one: no name that can be used has a `~`.
pub fn answer_name(name: &[u8], delivery: i64) -> String {
    let (stem, added) = match name.strip_suffix(b".txt") {
        Some(stem) if !stem.is_empty() && ending(stem).is_none() => (stem, ""),
        _ if ending(name).is_some_and(|ending| ending != b"file") => (name, ""),
        _ => (name, ".file"),
    };
    let safe = safe_text(stem);
    if safe.as_bytes() == stem { format!("{safe}{added}") } else { format!("{safe}~{delivery}{added}") }
}

/// One to four letters behind the last dot.
fn ending(name: &[u8]) -> Option<&[u8]> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let ending = &name[dot + 1..];
    let sound = dot > 0 && (1..=ENDING_LETTERS).contains(&ending.len()) && ending.iter().all(u8::is_ascii_alphabetic);
    sound.then_some(ending)
}

/// Where a file goes: never a name that is there already, since the number of the delivery is in it.
pub fn moved_name(name: &[u8], delivery: i64) -> String {
    let safe = safe_text(name);
    match safe.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 8 => format!("{stem}.{delivery}.{ending}"),
        _ => format!("{safe}.{delivery}"),
    }
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// True for letters that are not seen, or that turn others around so that another name is read: control characters,
/// marks of direction, joiners and blanks without width, separators of lines.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A name as a line of text: what cannot be printed is marked.
pub fn printable(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    text.chars().map(|c| if is_unseen(c) { '\u{FFFD}' } else { c }).collect()
}

/// Letters that every file system and shell takes; no hidden files.
fn safe_text(name: &[u8]) -> String {
    let mut safe = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        let odd = is_unseen(c) || c == '\u{FFFD}' || "/\\:*?\"<>|~".contains(c) || safe.is_empty() && ".-".contains(c);
        let c = if odd { '_' } else { c };
        if safe.len() + c.len_utf8() > NAME_BYTES {
            break;
        }
        safe.push(c);
    }
    if safe.is_empty() { "_".to_owned() } else { safe }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_called_like_their_files() {
        assert_eq!(answer_name(b"october.txt", 7), "october");
        assert_eq!(answer_name(b"october.2026.txt", 7), "october.2026");
        assert_eq!(answer_name(b"OCTOBER.TXT", 7), "OCTOBER.TXT");
        assert_eq!(answer_name(b"sheet.csv", 7), "sheet.csv");
        assert_eq!(answer_name(b"october", 7), "october.file");
        assert_eq!(answer_name(b".txt", 7), "_txt~7.file");
        assert_eq!(answer_name(b"a\nb.txt", 7), "a_b~7");
        assert_eq!(answer_name(b"\xff\xfe.txt", 7), "__~7");
        assert_eq!(answer_name(b"a~b.txt", 7), "a_b~7");
        for unseen in ["\u{202E}", "\u{200B}", "\u{2028}", "\u{2066}", "\u{FEFF}", "\u{7F}"] {
            assert_eq!(answer_name(format!("a{unseen}b.txt").as_bytes(), 7), "a_b~7", "{unseen:?}");
        }
        assert_eq!(answer_name("a\u{2010}\u{2030}.txt".as_bytes(), 7), "a\u{2010}\u{2030}");
        assert_eq!(answer_name("gaji oktober é.txt".as_bytes(), 7), "gaji oktober é");
        let at = |length: usize| answer_name("x".repeat(length).as_bytes(), 7);
        assert_eq!((at(179).len(), at(180).len(), at(181)), (184, 185, format!("{}~7.file", "x".repeat(180))));
    }

    #[test]
    fn no_two_names_share_an_answer() {
        let mut names: Vec<String> =
            vec!["oct".to_owned(), "oct.2026".to_owned(), "a.abcd".to_owned(), "a.abcde".to_owned()];
        for ending in [".txt", ".TXT", ".Txt", ".csv", ".file", ".7z", "."] {
            let more: Vec<String> = names.iter().map(|name| format!("{name}{ending}")).collect();
            names.extend(more);
        }
        names.sort();
        names.dedup();
        let answers: std::collections::HashSet<String> =
            names.iter().filter(|name| name.len() < 150).map(|name| answer_name(name.as_bytes(), 7)).collect();
        assert_eq!(answers.len(), names.iter().filter(|name| name.len() < 150).count());
        assert_eq!(answers.len(), 4 * 128);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn nor_do_names_at_random(names in proptest::collection::btree_set(
            proptest::collection::vec(prop::sample::select(&b"ab12.~_\t\xFF-txtfilecsv"[..]), 1..9), 2..40),
            endings in proptest::collection::vec(prop::sample::select(&["", ".txt", ".1.txt", "~1.txt", ".1", "~1"][..]), 40))
        {
            let ended = names.iter().zip(&endings).map(|(name, ending)| [name, ending.as_bytes()].concat());
            let names: std::collections::BTreeSet<Vec<u8>> = names.iter().cloned().chain(ended).collect();
            // Each has a delivery of its own, of few digits, as they are written into other names.
            let answers: std::collections::BTreeSet<String> =
                (1..).zip(&names).map(|(delivery, name)| answer_name(name, delivery)).collect();
            prop_assert_eq!(answers.len(), names.len());
        }
    }

    #[test]
    fn a_moved_file_keeps_its_ending() {
        assert_eq!(moved_name(b"october.txt", 12), "october.12.txt");
        assert_eq!(moved_name(b"october", 12), "october.12");
        assert_eq!(moved_name(b".hidden", 12), "_hidden.12");
        assert_eq!(moved_name(b"../x", 12), "_.12._x");
    }
}
