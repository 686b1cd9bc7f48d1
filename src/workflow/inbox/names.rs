//! What the answers to a file are called, and the file where it goes.

/// Longest name of an answer without its endings: file systems take 255 bytes.
const NAME_BYTES: usize = 180;

/// What the answers to a file are called: its name without `.txt`. A name that could not be used, or is too long, is made
/// safe, with the number of the delivery so that it is the only one.
pub fn answer_name(name: &[u8], delivery: i64) -> String {
    let stem = match name.len().checked_sub(4).map(|at| name.split_at(at)) {
        Some((stem, ending)) if ending.eq_ignore_ascii_case(b".txt") && !stem.is_empty() => stem,
        _ => name,
    };
    let safe = safe_text(stem);
    if safe.as_bytes() == stem { safe } else { format!("{safe}.{delivery}") }
}

/// Where a file goes: never a name that is there already, since the number of the delivery is in it.
pub fn moved_name(name: &[u8], delivery: i64) -> String {
    let safe = safe_text(name);
    match safe.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.len() <= 8 => format!("{stem}.{delivery}.{ending}"),
        _ => format!("{safe}.{delivery}"),
    }
}

/// Letters that every file system and shell takes; no hidden files.
fn safe_text(name: &[u8]) -> String {
    let mut safe = String::new();
    for c in String::from_utf8_lossy(name).chars() {
        let odd =
            c.is_control() || c == '\u{FFFD}' || "/\\:*?\"<>|".contains(c) || safe.is_empty() && ".-~".contains(c);
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
    use super::*;

    #[test]
    fn answers_are_called_like_their_files() {
        assert_eq!(answer_name(b"october.txt", 7), "october");
        assert_eq!(answer_name(b"OCTOBER.TXT", 7), "OCTOBER");
        assert_eq!(answer_name(b"sheet.csv", 7), "sheet.csv");
        assert_eq!(answer_name(b".txt", 7), "_txt.7");
        assert_eq!(answer_name(b"a\nb.txt", 7), "a_b.7");
        assert_eq!(answer_name(b"\xff\xfe.txt", 7), "__.7");
        assert_eq!(answer_name("gaji oktober é.txt".as_bytes(), 7), "gaji oktober é");
        let at = |length: usize| answer_name("x".repeat(length).as_bytes(), 7);
        assert_eq!((at(179).len(), at(180).len(), at(181)), (179, 180, format!("{}.7", "x".repeat(180))));
    }

    #[test]
    fn a_moved_file_keeps_its_ending() {
        assert_eq!(moved_name(b"october.txt", 12), "october.12.txt");
        assert_eq!(moved_name(b"october", 12), "october.12");
        assert_eq!(moved_name(b".hidden", 12), "_hidden.12");
        assert_eq!(moved_name(b"../x", 12), "_.12._x");
    }
}
