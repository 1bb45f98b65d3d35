//! Which order a venue means by a UserRefNum, its own numbers and those of every other venue in one
//! table.
//!
//! A venue's numbers are given out one after the other, so what is asked for next lies near what
//! was asked for last: numbers are kept in blocks of [`BLOCK`] neighbours, two cache lines, and
//! only the block's place is a hash. Within that it is open addressing with linear probing at a
//! load of at most one half; entries are never removed within a day, so no tombstones are needed.

use super::{SlotIndex, TableFull};
use crate::terms::VENUES_MAX;

/// Consecutive numbers that stand side by side.
const BLOCK: u32 = 16;
/// Bits of an entry's place that are its slot; the two above are its venue. The configuration
/// allows 2^26 orders.
const SLOT_BITS: u32 = 30;

const _: () = assert!(VENUES_MAX <= 1 << (u32::BITS - SLOT_BITS));

/// UserRefNum, then venue and slot in one word: an entry is eight bytes.
#[derive(Clone, Copy)]
struct Entry {
    /// Zero, which is no UserRefNum, in a free entry.
    user_ref_num: u32,
    place: u32,
}

/// Not all zeros, so that the start writes it and no page is touched for the first time by an
/// order.
const FREE: Entry = Entry {
    user_ref_num: 0,
    place: u32::MAX,
};

/// Slots by venue and UserRefNum.
pub(crate) struct UserRefIndex {
    /// Invariant: a power of two, of at least [`BLOCK`], at most half of it taken.
    entries: Box<[Entry]>,
    count: usize,
}

impl UserRefIndex {
    /// Room for half as many numbers as there are entries.
    #[must_use]
    pub(crate) fn new(entries: usize) -> UserRefIndex {
        let length = entries.max(BLOCK as usize).next_power_of_two();
        UserRefIndex {
            entries: vec![FREE; length].into_boxed_slice(),
            count: 0,
        }
    }

    /// Whether another number finds room.
    #[must_use]
    pub(crate) fn has_room(&self) -> bool {
        self.count < self.entries.len() / 2
    }

    fn home(&self, venue: u16, user_ref_num: u32) -> usize {
        let block = u64::from(user_ref_num / BLOCK) << 16 | u64::from(venue);
        // High bits are the well-mixed ones of a multiplicative hash.
        let mixed = block.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let at = mixed * u64::from(BLOCK) + u64::from(user_ref_num % BLOCK);
        usize::try_from(at).unwrap_or(0) & (self.entries.len() - 1)
    }

    /// The slot of the order that a venue knows, or knew, by a number.
    #[must_use]
    pub(crate) fn find(&self, venue: u16, user_ref_num: u32) -> Option<SlotIndex> {
        let mut at = self.home(venue, user_ref_num);
        for _ in 0..self.entries.len() {
            let entry = self.entries.get(at)?;
            if entry.user_ref_num == 0 {
                return None;
            }
            if entry.user_ref_num == user_ref_num && entry.venue() == venue {
                return Some(entry.slot());
            }
            at = (at + 1) & (self.entries.len() - 1);
        }
        None
    }

    /// Notes which order a venue's number is about; the first word about it stays.
    ///
    /// # Errors
    /// [`TableFull`] when there is no room, or no such number, venue or slot.
    pub(crate) fn note(
        &mut self,
        venue: u16,
        user_ref_num: u32,
        slot: SlotIndex,
    ) -> Result<(), TableFull> {
        let is_one = usize::from(venue) < VENUES_MAX && slot.0 < 1 << SLOT_BITS;
        if user_ref_num == 0 || !is_one {
            return Err(TableFull);
        }
        let has_room = self.has_room();
        let mut at = self.home(venue, user_ref_num);
        while let Some(entry) = self.entries.get_mut(at) {
            if entry.user_ref_num == 0 {
                if !has_room {
                    return Err(TableFull);
                }
                *entry = Entry {
                    user_ref_num,
                    place: u32::from(venue) << SLOT_BITS | slot.0,
                };
                self.count += 1;
                return Ok(());
            }
            if entry.user_ref_num == user_ref_num && entry.venue() == venue {
                return Ok(());
            }
            at = (at + 1) & (self.entries.len() - 1);
        }
        Err(TableFull)
    }

    /// Every number with its venue and slot, in the order of the table.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (u16, u32, SlotIndex)> {
        let used = self.entries.iter().filter(|entry| entry.user_ref_num != 0);
        used.map(|entry| (entry.venue(), entry.user_ref_num, entry.slot()))
    }
}

impl Entry {
    fn venue(self) -> u16 {
        u16::try_from(self.place >> SLOT_BITS).unwrap_or(u16::MAX)
    }

    const fn slot(self) -> SlotIndex {
        SlotIndex(self.place & ((1 << SLOT_BITS) - 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_number_is_found_at_its_venue_and_nowhere_else() {
        for seed in 1..=10_u32 {
            let mut random = u64::from(seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut below = |end: u32| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                u32::try_from((random >> 11) % u64::from(end)).unwrap()
            };
            let mut index = UserRefIndex::new(1 << 12);
            let mut twin: BTreeMap<(u16, u32), u32> = BTreeMap::new();
            let mut next = [1, 1, 1, u32::MAX - 4_000];
            while index.has_room() {
                let venue = u16::try_from(below(4)).unwrap();
                let number = next[usize::from(venue)];
                next[usize::from(venue)] += 1 + below(seed % 3 + 1);
                let slot = below(1 << SLOT_BITS);
                assert_eq!(index.note(venue, number, SlotIndex(slot)), Ok(()));
                assert_eq!(index.note(venue, number, SlotIndex(7)), Ok(()));
                twin.insert((venue, number), slot);
            }
            assert_eq!(twin.len(), 1 << 11);
            assert_eq!(index.note(0, 900_000, SlotIndex(0)), Err(TableFull));
            for venue in 0..4 {
                for number in (1..6_000).chain(u32::MAX - 4_100..u32::MAX) {
                    let expected = twin.get(&(venue, number)).map(|&slot| SlotIndex(slot));
                    assert_eq!(
                        index.find(venue, number),
                        expected,
                        "{seed} {venue} {number}"
                    );
                }
            }
            let all: BTreeMap<_, _> = index
                .entries()
                .map(|(venue, number, slot)| ((venue, number), slot.0))
                .collect();
            assert_eq!(all, twin);
        }
    }

    #[test]
    fn numbers_in_a_row_are_neighbours() {
        let index = UserRefIndex::new(1 << 16);
        for venue in 0..4 {
            for number in (BLOCK..BLOCK * 2 - 1).chain(BLOCK * 77..BLOCK * 78 - 1) {
                let (this, next) = (index.home(venue, number), index.home(venue, number + 1));
                assert_eq!(next, this + 1);
            }
        }
    }

    #[test]
    fn what_is_no_number_venue_or_slot_is_refused() {
        let mut index = UserRefIndex::new(64);
        for (venue, number, slot) in [(0, 0, 0), (4, 1, 0), (u16::MAX, 1, 0), (0, 1, 1 << 30)] {
            assert_eq!(index.note(venue, number, SlotIndex(slot)), Err(TableFull));
            assert_eq!(index.find(venue, number), None);
        }
    }
}
