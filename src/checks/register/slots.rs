//! The compact form of a register: slots in open addressing, days in three bytes, names apart.

use chrono::{Datelike, NaiveDate};

use crate::domain::{Employee, LeftReason, Residency};

/// No packed number is 0.
pub(super) const EMPTY: u64 = 0;

pub(super) const LEFT: u8 = 1;
pub(super) const DIED: u8 = 1 << 1;
pub(super) const FIRST_INSURED_AT_55_OR_OVER: u8 = 1 << 2;
pub(super) const EIS_HISTORY_KNOWN: u8 = 1 << 3;
pub(super) const EIS_PAYABLE_BEFORE_57: u8 = 1 << 4;
pub(super) const DOMESTIC_WORKER: u8 = 1 << 5;

pub(super) fn flags(employee: &Employee) -> u8 {
    let flag = |set: bool, flag: u8| if set { flag } else { 0 };
    flag(employee.left_reason == Some(LeftReason::Left), LEFT)
        | flag(employee.left_reason == Some(LeftReason::Died), DIED)
        | flag(employee.first_insured_at_55_or_over, FIRST_INSURED_AT_55_OR_OVER)
        | flag(employee.eis_payable_before_57.is_some(), EIS_HISTORY_KNOWN)
        | flag(employee.eis_payable_before_57 == Some(true), EIS_PAYABLE_BEFORE_57)
        | flag(employee.domestic_worker, DOMESTIC_WORKER)
}

/// One number of one employee.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Slot {
    pub key: u64,
    pub name_hash: u32,
    pub name_at: u32,
    pub birth_date: Day,
    pub employed_on: Day,
    pub registered_on: Day,
    pub left_on: Day,
    /// Index of the month, or 0.
    pub skbbk_released_from: u16,
    pub residency: Residency,
    pub flags: u8,
}

const _: () = assert!(size_of::<Slot>() == 32, "two slots lie in a cache line");

const FREE: Slot = Slot {
    key: EMPTY,
    name_hash: 0,
    name_at: 0,
    birth_date: Day::NONE,
    employed_on: Day::NONE,
    registered_on: Day::NONE,
    left_on: Day::NONE,
    skbbk_released_from: 0,
    residency: Residency::Citizen,
    flags: 0,
};

/// A day of the years 1 to 9999, or none, in three bytes: nine bits of month and day under the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day([u8; 3]);

impl Day {
    pub const NONE: Day = Day([0; 3]);

    pub fn new(date: NaiveDate) -> Option<Day> {
        let year = u32::try_from(date.year()).ok().filter(|year| (1..=9999).contains(year))?;
        let [low, middle, high, _] = (year << 9 | date.month() << 5 | date.day()).to_le_bytes();
        Some(Day([low, middle, high]))
    }

    #[inline]
    fn parts(self) -> Option<(u32, u32, u32)> {
        let [low, middle, high] = self.0;
        let day = u32::from_le_bytes([low, middle, high, 0]);
        (day != 0).then_some((day >> 9, day >> 5 & 15, day & 31))
    }

    pub fn date(self) -> Option<NaiveDate> {
        let (year, month, day) = self.parts()?;
        NaiveDate::from_ymd_opt(year as i32, month, day)
    }

    /// As `YYYYMMDD`.
    #[inline]
    pub fn number(self) -> Option<u32> {
        self.parts().map(|(year, month, day)| year * 10_000 + month * 100 + day)
    }
}

/// The people of one employer: open addressing, no deletion. A number's first place is its share of the table, so that a
/// table of any size can be used to seven eighths and grows by walking once through the old one.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub slots: Vec<Slot>,
    pub used: usize,
}

impl Table {
    #[inline]
    pub fn home(&self, key: u64) -> usize {
        // Fibonacci hashing spreads neighbours apart; the product with the size scales its result to the table.
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize
    }

    #[inline]
    pub fn get(&self, key: u64) -> Option<&Slot> {
        if self.used == 0 || key == EMPTY {
            return None;
        }
        let slot = &self.slots[self.place(key)];
        (slot.key == key).then_some(slot)
    }

    pub fn add(&mut self, slot: Slot) {
        if self.used * 8 >= self.slots.len() * 7 {
            let size = self.slots.len() + self.slots.len() / 2 + 8;
            for kept in std::mem::replace(&mut self.slots, vec![FREE; size]) {
                if kept.key != EMPTY {
                    let at = self.place(kept.key);
                    self.slots[at] = kept;
                }
            }
        }
        let at = self.place(slot.key);
        self.used += usize::from(self.slots[at].key == EMPTY);
        self.slots[at] = slot;
    }

    /// Where a number stands or belongs. There is always a free place.
    #[inline]
    fn place(&self, key: u64) -> usize {
        let mut at = self.home(key);
        while self.slots[at].key != EMPTY && self.slots[at].key != key {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        at
    }
}

/// Names one after the other, each behind its length, in pieces that never move.
#[derive(Debug, Default)]
pub(super) struct Names {
    pieces: Vec<Vec<u8>>,
}

impl Names {
    const PIECE: usize = 1 << 20;

    pub fn add(&mut self, name: &str) -> Result<u32, String> {
        let length = u16::try_from(name.len()).map_err(|_| "the name is too long".to_owned())?;
        let needed = size_of::<u16>() + name.len();
        if self.pieces.last().is_none_or(|piece| piece.len() + needed > Self::PIECE) {
            self.pieces.push(Vec::with_capacity(Self::PIECE));
        }
        let (number, piece) = (self.pieces.len() - 1, self.pieces.last_mut().expect("there is one"));
        let at =
            u32::try_from(number * Self::PIECE + piece.len()).map_err(|_| "the register is too large".to_owned())?;
        piece.extend_from_slice(&length.to_le_bytes());
        piece.extend_from_slice(name.as_bytes());
        Ok(at)
    }

    pub fn get(&self, at: u32) -> &str {
        let (number, at) = (at as usize / Self::PIECE, at as usize % Self::PIECE);
        let name = self.pieces.get(number).and_then(|piece| piece.get(at..)).and_then(|rest| {
            let (length, rest) = rest.split_first_chunk()?;
            rest.get(..usize::from(u16::from_le_bytes(*length)))
        });
        name.and_then(|name| std::str::from_utf8(name).ok()).expect("every slot holds the place of a name")
    }

    pub fn memory(&self) -> usize {
        self.pieces.iter().map(Vec::capacity).sum::<usize>() + self.pieces.capacity() * size_of::<Vec<u8>>()
    }
}
