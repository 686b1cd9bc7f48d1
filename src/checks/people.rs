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

/// The people of one employer and month: open addressing, no deletion, grown by doubling. The numbers stand apart from the
/// rest, so that a look-up touches half the memory.
#[derive(Debug)]
pub struct PeopleTable {
    ids: Vec<u64>,
    others: Vec<(u32, u32)>,
    used: usize,
}

/// No packed number is 0.
const EMPTY: u64 = 0;

/// How many look-ups are begun together, so that their cache misses overlap.
const TOGETHER: usize = 16;

impl Default for PeopleTable {
    fn default() -> Self {
        PeopleTable { ids: vec![EMPTY; 64], others: vec![(0, 0); 64], used: 0 }
    }
}

impl PeopleTable {
    /// Adds people in the order of the file and reports each that was there.
    pub fn add(&mut self, people: impl ExactSizeIterator<Item = Seen>, mut again: impl FnMut(Again)) {
        let mut group = [Seen { id: 0, name: 0, line: 0 }; TOGETHER];
        let mut people = people;
        loop {
            let count = group.iter_mut().zip(people.by_ref()).map(|(slot, person)| *slot = person).count();
            if count == 0 {
                return;
            }
            // Seven eighths full: longer runs to look through, but half the memory stays in a core's cache.
            while (self.used + count) * 8 > self.ids.len() * 7 {
                self.grow();
            }
            // Independent loads first: the processor fetches them at the same time.
            let mut homes = [0; TOGETHER];
            for (home, person) in homes.iter_mut().zip(&group[..count]) {
                *home = self.ids[self.home(person.id)];
            }
            let homes = std::hint::black_box(homes);
            for (person, home) in group[..count].iter().zip(homes) {
                self.add_one(*person, home, &mut again);
            }
        }
    }

    #[inline]
    fn add_one(&mut self, person: Seen, home: u64, again: &mut impl FnMut(Again)) {
        let mut at = self.home(person.id);
        if home != EMPTY && home != person.id {
            at = (at + 1) & (self.ids.len() - 1);
        }
        loop {
            if self.ids[at] == EMPTY {
                self.ids[at] = person.id;
                self.others[at] = (person.name, person.line);
                self.used += 1;
                return;
            }
            if self.ids[at] == person.id {
                let (name, first) = self.others[at];
                again(Again { line: person.line, first, same_name: name == person.name });
                return;
            }
            at = (at + 1) & (self.ids.len() - 1);
        }
    }

    /// Everybody's packed number, in no order.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.ids.iter().copied().filter(|id| *id != EMPTY)
    }

    /// True when the person was seen.
    pub fn contains(&self, id: u64) -> bool {
        let mut at = self.home(id);
        while self.ids[at] != EMPTY {
            if self.ids[at] == id {
                return true;
            }
            at = (at + 1) & (self.ids.len() - 1);
        }
        false
    }

    #[inline]
    fn home(&self, id: u64) -> usize {
        // Fibonacci hashing: the high bits of a product with the golden ratio spread neighbours apart.
        (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - self.ids.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        // Small tables grow faster: an employer that outgrows one size mostly outgrows the next, and each growth moves all.
        let size = self.ids.len() * if self.ids.len() < 64 * 1024 { 4 } else { 2 };
        let ids = std::mem::replace(&mut self.ids, vec![EMPTY; size]);
        let others = std::mem::replace(&mut self.others, vec![(0, 0); size]);
        for (id, other) in ids.into_iter().zip(others).filter(|(id, _)| *id != EMPTY) {
            let mut at = self.home(id);
            while self.ids[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            (self.ids[at], self.others[at]) = (id, other);
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
            table.add(people.iter().copied(), |again| found.push(again));
            assert!(found.is_empty());
            let second: Vec<Seen> =
                people.iter().map(|p| Seen { line: p.line + count, name: p.name ^ (p.line & 1), ..*p }).collect();
            table.add(second.iter().copied(), |again| found.push(again));
            assert_eq!(found.len(), count as usize);
            assert!(found.iter().all(|a| a.first + count == a.line && a.same_name == (a.first % 2 == 0)));
        }
    }

    #[test]
    fn repeats_inside_one_group() {
        let person = |line| Seen { id: 7, name: 1, line };
        let mut found = Vec::new();
        PeopleTable::default()
            .add([person(1), person(2), person(3)].into_iter(), |again| found.push((again.first, again.line)));
        assert_eq!(found, [(1, 2), (1, 3)]);
    }

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(name_hash(b"Ahmad Contoh"), name_hash(b"AHMAD CONTOH"));
        assert_ne!(name_hash(b"AHMAD CONTOH"), name_hash(b"AHMAD CONTOH B"));
    }
}
