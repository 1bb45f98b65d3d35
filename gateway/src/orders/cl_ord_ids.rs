//! Every ClOrdID(11) used today, and the order that each is about.
//!
//! Names stand one behind the other in the order of their use; an open-addressing table with linear
//! probing, at a load of at most one half, finds them. A place of that table is eight bytes: half
//! of the name's hash and where the name stands. So the question that every new order asks, whether
//! its name is new, costs one line of memory, and the answer is written to the same line; with the
//! names themselves in the table it was the coldest step of the order path. Names are never removed
//! within a day, so no tombstones are needed.
//!
//! The hash is FNV-1a: the keys are the members' own texts, and a member who makes his own
//! collisions slows only the probes of keys that he shares a table with, bounded by the capacity.

use gwanmun_market::ClOrdId;

use super::table::{SlotIndex, TableFull};

const EMPTY: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Name {
    session: u16,
    cl_ord_id: ClOrdId,
    slot: u32,
}

/// Where a name stands.
#[derive(Clone, Copy)]
struct Place {
    /// Upper half of the name's hash.
    tag: u32,
    /// Index of the name, or [`EMPTY`].
    name: u32,
}

/// Names of all sessions.
pub(super) struct ClOrdIds {
    /// Invariant: never longer than half of `places`, and never beyond its first capacity.
    names: Vec<Name>,
    /// Invariant: as many as a power of two.
    places: Box<[Place]>,
}

/// What a search came to.
enum Found {
    /// The name's index.
    Name(usize),
    /// The free place that the name would take.
    Free(usize),
}

impl ClOrdIds {
    /// Room for `names_max` names, a power of two, every page of it touched.
    pub(super) fn new(names_max: usize) -> ClOrdIds {
        debug_assert!(names_max.is_power_of_two());
        let none = Place {
            tag: 0,
            name: EMPTY,
        };
        let filler = Name {
            session: 0,
            cl_ord_id: ClOrdId::EMPTY,
            slot: EMPTY,
        };
        // Written once and taken back, so that no page is touched for the first time by an order.
        let mut names = vec![filler; names_max];
        names.clear();
        ClOrdIds {
            names,
            places: vec![none; names_max * 2].into_boxed_slice(),
        }
    }

    /// Names that find room.
    pub(super) fn capacity(&self) -> usize {
        self.places.len() / 2
    }

    /// Whether another name finds room.
    pub(super) fn has_room(&self) -> bool {
        self.names.len() < self.capacity()
    }

    /// Every name with its session and slot, in the order of use.
    pub(super) fn all(&self) -> impl Iterator<Item = (u16, &ClOrdId, SlotIndex)> {
        let names = self.names.iter();
        names.map(|name| (name.session, &name.cl_ord_id, SlotIndex(name.slot)))
    }

    /// The order that a session's name is about.
    pub(super) fn slot(&self, session: u16, cl_ord_id: &ClOrdId) -> Option<SlotIndex> {
        match self.search(session, cl_ord_id)? {
            Found::Name(name) => self.names.get(name).map(|name| SlotIndex(name.slot)),
            Found::Free(_) => None,
        }
    }

    /// Uses a name up for an order; one in use is about that order from here on.
    ///
    /// # Errors
    /// [`TableFull`] when there is no room for another name.
    pub(super) fn put(
        &mut self,
        session: u16,
        cl_ord_id: &ClOrdId,
        slot: SlotIndex,
    ) -> Result<(), TableFull> {
        if !self.has_room() {
            return Err(TableFull);
        }
        match self.search(session, cl_ord_id) {
            Some(Found::Name(name)) => {
                let name = self.names.get_mut(name).ok_or(TableFull)?;
                name.slot = slot.0;
            }
            Some(Found::Free(at)) => {
                let name = u32::try_from(self.names.len()).map_err(|_| TableFull)?;
                let tag = tag_of(hash(session, cl_ord_id));
                *self.places.get_mut(at).ok_or(TableFull)? = Place { tag, name };
                self.names.push(Name {
                    session,
                    cl_ord_id: *cl_ord_id,
                    slot: slot.0,
                });
            }
            None => return Err(TableFull),
        }
        Ok(())
    }

    /// `None` when the name is not there and no place is free.
    fn search(&self, session: u16, cl_ord_id: &ClOrdId) -> Option<Found> {
        let hash = hash(session, cl_ord_id);
        let (tag, mask) = (tag_of(hash), self.places.len() - 1);
        let mut at = usize::try_from(hash & u64::from(u32::MAX)).unwrap_or(0) & mask;
        for _ in 0..self.places.len() {
            let place = self.places.get(at)?;
            if place.name == EMPTY {
                return Some(Found::Free(at));
            }
            if place.tag == tag {
                let index = usize::try_from(place.name).ok()?;
                let name = self.names.get(index)?;
                if name.session == session && name.cl_ord_id == *cl_ord_id {
                    return Some(Found::Name(index));
                }
            }
            at = (at + 1) & mask;
        }
        None
    }
}

fn tag_of(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// FNV-1a, its bits mixed once more: both halves are used, and its low bits are weak.
fn hash(session: u16, cl_ord_id: &ClOrdId) -> u64 {
    let seed = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(session);
    let seed = seed.wrapping_mul(0x0100_0000_01b3);
    let bytes = cl_ord_id.as_bytes().iter();
    let sum = bytes.fold(seed, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (sum ^ (sum >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn name(number: u64) -> ClOrdId {
        ClOrdId::new(format!("{number:x}").as_bytes()).unwrap()
    }

    /// Against an ordered map, with few names so that many are used twice.
    #[test]
    fn it_says_what_a_map_says() {
        for seed in 0..64_u64 {
            let mut state = seed;
            let mut random = |below: u64| {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                (mixed ^ (mixed >> 31)) % below
            };
            let mut table = ClOrdIds::new(256);
            let mut map = BTreeMap::new();
            for step in 0..400_u32 {
                let (session, number) = (u16::try_from(random(3)).unwrap(), random(100));
                let key = (session, name(number));
                assert_eq!(table.slot(session, &key.1), map.get(&key).copied());
                if random(2) == 0 && table.has_room() {
                    assert_eq!(table.put(session, &key.1, SlotIndex(step)), Ok(()));
                    map.insert(key, SlotIndex(step));
                }
            }
            let mut all: Vec<_> = table.all().map(|(s, n, slot)| ((s, *n), slot)).collect();
            all.sort_unstable_by_key(|entry| entry.0);
            let expected: Vec<_> = map.into_iter().collect();
            assert_eq!(all, expected, "seed {seed}");
        }
    }

    #[test]
    fn it_says_when_it_is_full_and_finds_all_it_has() {
        let mut table = ClOrdIds::new(8);
        for number in 0..8 {
            assert!(table.has_room());
            assert_eq!(table.put(0, &name(number), SlotIndex(7)), Ok(()));
        }
        assert!(!table.has_room());
        assert_eq!(table.put(0, &name(8), SlotIndex(7)), Err(TableFull));
        assert_eq!(table.slot(0, &name(8)), None);
        assert_eq!(table.slot(0, &name(3)), Some(SlotIndex(7)));
    }
}
