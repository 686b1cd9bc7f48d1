//! Columns of a block: how one kind of value after another becomes bytes, and back. `docs/block-format.md` is the
//! picture of this file.
//!
//! Reading never trusts a length: every call checks what is left, so damaged bytes give `None`, never a panic.

/// Every line lacks the value.
const NONE: u8 = 0;
/// Every line has the value.
const ALL: u8 = 1;
/// A bit for each line says whether it has one.
const SOME: u8 = 2;

/// Seven bits a byte, lowest first; the highest bit says that more follow.
pub(super) fn put_number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Small numbers of either sign become small numbers without one: 0, -1, 1, -2 … become 0, 1, 2, 3 …
fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Each value as its difference from the one before.
pub(super) fn put_steps(out: &mut Vec<u8>, values: &[i64]) {
    let mut before = 0i64;
    for &value in values {
        put_number(out, fold(value.wrapping_sub(before)));
        before = value;
    }
}

/// Each value for itself.
pub(super) fn put_values(out: &mut Vec<u8>, values: &[i64]) {
    for &value in values {
        put_number(out, fold(value));
    }
}

/// One bit for each line, or a single byte when all lines agree.
pub(super) fn put_bits(out: &mut Vec<u8>, bits: &[bool]) {
    let set = bits.iter().filter(|bit| **bit).count();
    if set == 0 {
        out.push(NONE);
    } else if set == bits.len() {
        out.push(ALL);
    } else {
        out.push(SOME);
        out.extend(bits.chunks(8).map(|eight| eight.iter().rev().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit))));
    }
}

/// Which lines have a value, then the values of those that have.
pub(super) fn put_optional(out: &mut Vec<u8>, present: &[bool], values: &[i64]) {
    put_bits(out, present);
    put_values(out, values);
}

/// The length of each text, then all texts in one piece.
pub(super) fn put_texts(out: &mut Vec<u8>, ends: &[u32], text: &[u8]) {
    let mut before = 0;
    for &end in ends {
        put_number(out, u64::from(end - before));
        before = end;
    }
    out.extend_from_slice(text);
}

/// Reads columns from the front of the bytes.
pub(super) struct ColumnReader<'a>(pub(super) &'a [u8]);

impl<'a> ColumnReader<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for place in 0..10 {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit only.
            if place == 9 && bits > 1 {
                return None;
            }
            value |= bits << (7 * place);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn steps(&mut self, lines: usize) -> Option<Vec<i64>> {
        let mut before = 0i64;
        let mut next = || {
            before = before.wrapping_add(unfold(self.number()?));
            Some(before)
        };
        (0..lines).map(|_| next()).collect()
    }

    pub(super) fn bits(&mut self, lines: usize) -> Option<Vec<bool>> {
        match self.byte()? {
            NONE => Some(vec![false; lines]),
            ALL => Some(vec![true; lines]),
            SOME => {
                let packed = self.bytes(lines.div_ceil(8))?;
                Some((0..lines).map(|i| packed[i / 8] >> (i % 8) & 1 == 1).collect())
            }
            _ => None,
        }
    }

    pub(super) fn optional(&mut self, lines: usize) -> Option<Vec<Option<i64>>> {
        let present = self.bits(lines)?;
        present.into_iter().map(|has| if has { Some(Some(unfold(self.number()?))) } else { Some(None) }).collect()
    }

    pub(super) fn values(&mut self, lines: usize) -> Option<Vec<i64>> {
        (0..lines).map(|_| Some(unfold(self.number()?))).collect()
    }

    pub(super) fn texts(&mut self, lines: usize) -> Option<Vec<String>> {
        let lengths = (0..lines).map(|_| usize::try_from(self.number()?).ok()).collect::<Option<Vec<_>>>()?;
        lengths.into_iter().map(|length| std::str::from_utf8(self.bytes(length)?).ok().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_at_every_width() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut out = Vec::new();
            put_number(&mut out, value);
            let mut reader = ColumnReader(&out);
            assert_eq!((reader.number(), reader.0.len()), (Some(value), 0));
            assert_eq!(ColumnReader(&out[..out.len() - 1]).number(), None, "cut off");
        }
        assert_eq!(ColumnReader(&[0xff; 10]).number(), None, "more than 64 bits");
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unfold(fold(value)), value);
        }
    }

    #[test]
    fn steps_may_go_anywhere() {
        let values = [5, 6, 7, i64::MAX, i64::MIN, 0];
        let mut out = Vec::new();
        put_steps(&mut out, &values);
        assert_eq!(ColumnReader(&out).steps(6).as_deref(), Some(&values[..]));
    }

    #[test]
    fn bits_below_at_and_above_a_byte() {
        for lines in [0, 1, 7, 8, 9, 17] {
            for pattern in [|_| false, |_| true, |i: usize| i.is_multiple_of(3)] {
                let bits: Vec<bool> = (0..lines).map(pattern).collect();
                let mut out = Vec::new();
                put_bits(&mut out, &bits);
                assert_eq!(ColumnReader(&out).bits(lines), Some(bits));
            }
        }
        assert_eq!(ColumnReader(&[3]).bits(1), None);
        assert_eq!(ColumnReader(&[SOME]).bits(1), None);
    }
}
