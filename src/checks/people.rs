//! Who was seen: finds the same person twice in one employer's month, among millions of lines, in 16 bytes a person.

use super::record::id_key;

/// A person as one line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The identity number, packed: see [`id_key`].
    pub id: u64,
    /// Hash of the name, to tell a doubled line from a wrong number.
    pub name: u32,
    /// Physical line from 1. Four thousand million lines are beyond any file that is taken.
    pub line: u32,
}

/// The same number a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The line that repeats.
    pub line: u32,
    /// The line that came first.
    pub first: u32,
    /// With the same name.
    pub same_name: bool,
}

/// The people of one employer and month: open addressing, no deletion, grown by doubling.
#[derive(Debug)]
pub struct PeopleTable {
    slots: Vec<Seen>,
    used: usize,
}

const EMPTY: Seen = Seen { id: 0, name: 0, line: 0 };

/// How many look-ups are begun together, so that their cache misses overlap.
const TOGETHER: usize = 16;

impl Default for PeopleTable {
    fn default() -> Self {
        PeopleTable { slots: vec![EMPTY; 64], used: 0 }
    }
}

impl PeopleTable {
    /// Adds people in the order of the file and reports each that was there.
    pub fn add(&mut self, people: &[Seen], mut again: impl FnMut(Again)) {
        for group in people.chunks(TOGETHER) {
            while (self.used + group.len()) * 4 > self.slots.len() * 3 {
                self.grow();
            }
            // Independent loads first: the processor fetches them at the same time.
            let mut homes = [EMPTY; TOGETHER];
            for (home, person) in homes.iter_mut().zip(group) {
                *home = self.slots[self.home(person.id)];
            }
            for (person, home) in group.iter().zip(&homes) {
                if home.line != 0 && home.id == person.id {
                    again(Again { line: person.line, first: home.line, same_name: home.name == person.name });
                } else {
                    self.add_one(*person, &mut again);
                }
            }
        }
    }

    fn add_one(&mut self, person: Seen, again: &mut impl FnMut(Again)) {
        let mut at = self.home(person.id);
        loop {
            let slot = &mut self.slots[at];
            if slot.line == 0 {
                *slot = person;
                self.used += 1;
                return;
            }
            if slot.id == person.id {
                again(Again { line: person.line, first: slot.line, same_name: slot.name == person.name });
                return;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    #[inline]
    fn home(&self, id: u64) -> usize {
        // Fibonacci hashing: the high bits of a product with the golden ratio spread neighbours apart.
        (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - self.slots.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        // Small tables grow faster: an employer that outgrows one size mostly outgrows the next, and each growth moves all.
        let factor = if self.slots.len() < 16 * 1024 { 4 } else { 2 };
        let larger = vec![EMPTY; self.slots.len() * factor];
        let old = std::mem::replace(&mut self.slots, larger);
        for person in old.into_iter().filter(|slot| slot.line != 0) {
            let mut at = self.home(person.id);
            while self.slots[at].line != 0 {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = person;
        }
    }
}

/// A packed identity number for look-ups in a register: the same packing as in the table.
pub fn key_of(id_number: &str) -> Option<u64> {
    id_key(id_number.as_bytes())
}

/// A small hash of a name, by letters and digits in any case.
#[inline]
pub fn name_hash(name: &[u8]) -> u32 {
    let mut hash = 0u64;
    let mut pieces = name.chunks_exact(8);
    for piece in &mut pieces {
        hash = mix(hash, u64::from_le_bytes(piece.try_into().unwrap_or_default()));
    }
    let mut last = [b' '; 8];
    last[..pieces.remainder().len()].copy_from_slice(pieces.remainder());
    (mix(hash, u64::from_le_bytes(last)) >> 32) as u32
}

#[inline]
fn mix(hash: u64, piece: u64) -> u64 {
    // Without bit 5 of each byte, small and capital letters are the same.
    ((hash.rotate_left(23)) ^ (piece & 0xDFDF_DFDF_DFDF_DFDF)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_found_at_any_size() {
        for count in [1u32, 15, 16, 17, 5_000] {
            let people: Vec<Seen> =
                (1..=count).map(|line| Seen { id: u64::from(line) * 1_000_003, name: line, line }).collect();
            let mut table = PeopleTable::default();
            let mut found = Vec::new();
            table.add(&people, |again| found.push(again));
            assert!(found.is_empty());
            let second: Vec<Seen> =
                people.iter().map(|p| Seen { line: p.line + count, name: p.name ^ (p.line & 1), ..*p }).collect();
            table.add(&second, |again| found.push(again));
            assert_eq!(found.len(), count as usize);
            assert!(found.iter().all(|a| a.first + count == a.line && a.same_name == (a.first % 2 == 0)));
        }
    }

    #[test]
    fn repeats_inside_one_group() {
        let person = |line| Seen { id: 7, name: 1, line };
        let mut found = Vec::new();
        PeopleTable::default().add(&[person(1), person(2), person(3)], |again| found.push((again.first, again.line)));
        assert_eq!(found, [(1, 2), (1, 3)]);
    }

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(name_hash(b"Ahmad Contoh"), name_hash(b"AHMAD CONTOH"));
        assert_ne!(name_hash(b"AHMAD CONTOH"), name_hash(b"AHMAD CONTOH B"));
    }
}
