//! Every ClOrdID(11) used today, and the order that each is about.
//!
//! Names stand one behind the other in the order of their use; an open-addressing table with linear
//! probing, at a load of at most one half, finds them. A place of that table is eight bytes: half
//! of the name's hash and where the name stands. So the question that every new order asks, whether
//! its name is new, costs one line of memory, and the answer is written to the same line; with the
//! names themselves in the table it was the coldest step of the order path. Names are never removed
//! within a day, so no tombstones are needed.
//!
//! Members count: names that differ in their last character alone stand side by side in a block of
//! [`BLOCK`] places, two cache lines, and only the block's place is a hash. Nine of ten new names
//! are so looked for in memory that the one before has brought near.
//!
//! The names are the members' own texts, and one table serves all: who could make names that fall
//! together would slow everybody's orders. So the hash has a key, which a live gateway is given at
//! its start ([`ClOrdIds::set_key`]) and nobody outside knows. It changes where names stand and no
//! answer, so a replay needs none. A name is four words; each is put to a part of the key, and two
//! and two are multiplied to 128 bits, whose halves are put together.

use gwanmun_market::ClOrdId;

use super::table::{SlotIndex, TableFull};

const EMPTY: u32 = u32::MAX;

/// Places for names that differ in their last character: all digits, and most letters, differ in
/// these low bits.
const BLOCK: usize = 16;

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

/// What the hash is made with.
#[derive(Clone, Copy)]
struct Key([u64; 4]);

/// Names of all sessions.
pub(super) struct ClOrdIds {
    key: Key,
    /// All there can be, half as many as `places`; those behind `count` hold no name yet.
    names: Box<[Name]>,
    /// Invariant: never more than there are names.
    count: usize,
    /// Invariant: as many as a power of two.
    places: Box<[Place]>,
}

/// What a search came to.
enum Found {
    /// The name's index.
    Name(usize),
    /// The free place that the name would take, and the tag that it would have.
    Free(usize, u32),
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
        ClOrdIds {
            key: Key::new(0),
            names: vec![filler; names_max].into_boxed_slice(),
            count: 0,
            places: vec![none; names_max * 2].into_boxed_slice(),
        }
    }

    /// Takes a key that whoever makes names does not know; before the first name.
    pub(super) fn set_key(&mut self, number: u64) {
        debug_assert_eq!(self.count, 0, "names stand where the key before put them");
        self.key = Key::new(number);
    }

    /// Names that find room.
    pub(super) fn capacity(&self) -> usize {
        self.names.len()
    }

    /// Reads what the next name will write, so that it finds it near. Changes nothing.
    pub(super) fn warm(&self) {
        if let Some(name) = self.names.get(self.count) {
            core::hint::black_box(*name);
        }
    }

    /// Whether another name finds room.
    pub(super) fn has_room(&self) -> bool {
        self.count < self.capacity()
    }

    /// Every name with its session and slot, in the order of use.
    pub(super) fn all(&self) -> impl Iterator<Item = (u16, &ClOrdId, SlotIndex)> {
        let names = self.names.iter().take(self.count);
        names.map(|name| (name.session, &name.cl_ord_id, SlotIndex(name.slot)))
    }

    /// The order that a session's name is about.
    pub(super) fn slot(&self, session: u16, cl_ord_id: &ClOrdId) -> Option<SlotIndex> {
        match self.search(session, cl_ord_id)? {
            Found::Name(name) => self.names.get(name).map(|name| SlotIndex(name.slot)),
            Found::Free(..) => None,
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
            Some(Found::Free(at, tag)) => {
                let name = u32::try_from(self.count).map_err(|_| TableFull)?;
                *self.names.get_mut(self.count).ok_or(TableFull)? = Name {
                    session,
                    cl_ord_id: *cl_ord_id,
                    slot: slot.0,
                };
                *self.places.get_mut(at).ok_or(TableFull)? = Place { tag, name };
                self.count += 1;
            }
            None => return Err(TableFull),
        }
        Ok(())
    }

    /// `None` when the name is not there and no place is free.
    fn search(&self, session: u16, cl_ord_id: &ClOrdId) -> Option<Found> {
        let (home, tag) = self.key.home_and_tag(session, cl_ord_id);
        let mask = self.places.len() - 1;
        let mut at = home & mask;
        for _ in 0..self.places.len() {
            let place = self.places.get(at)?;
            if place.name == EMPTY {
                return Some(Found::Free(at, tag));
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

impl Key {
    /// The parts of a key, from one number.
    fn new(number: u64) -> Key {
        let part = |at: u64| {
            let step = number.wrapping_add(KEY_STEP.wrapping_mul(at + 1));
            let mixed = (step ^ (step >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        };
        Key([part(0), part(1), part(2), part(3)])
    }

    /// Where the look for a name begins, before it is cut to the table, and the name's tag. Both
    /// are of the name without its last character, which is then put to each.
    fn home_and_tag(&self, session: u16, cl_ord_id: &ClOrdId) -> (usize, u32) {
        let (words, rest) = cl_ord_id.zero_padded().as_chunks::<8>();
        debug_assert!(
            rest.is_empty() && words.len() == self.0.len(),
            "a name's room is as many words as a key"
        );
        let text = cl_ord_id.as_bytes();
        let last = text.last().copied().unwrap_or(0);
        let last_at = text.len().saturating_sub(1);
        let mut parts = self.0;
        for (at, (part, word)) in parts.iter_mut().zip(words).enumerate() {
            let left_out = if at == last_at / 8 {
                0xFF << (8 * (last_at % 8))
            } else {
                0
            };
            *part ^= u64::from_le_bytes(*word) & !left_out;
        }
        let [first, second, third, fourth] = parts;
        let [one, other, ..] = self.0;
        let front = folded(first, second) ^ one.rotate_left(u32::from(session % 64));
        let back = folded(third, fourth) ^ other.wrapping_add(u64::from(session));
        let mixed = folded(front, back);
        let block = usize::try_from(mixed & u64::from(u32::MAX)).unwrap_or(0);
        let tag = u32::try_from(mixed >> 32).unwrap_or(0);
        let place = block.wrapping_mul(BLOCK) + usize::from(last) % BLOCK;
        (place, tag.wrapping_add(u32::from(last)))
    }
}

/// Both halves of a product.
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let low = u64::try_from(product & u128::from(u64::MAX)).unwrap_or(0);
    let high = u64::try_from(product >> 64).unwrap_or(0);
    low ^ high
}

/// An odd number without a pattern in its bits: 2^64 over the golden ratio.
const KEY_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

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

    /// However names count, a full table finds them within a few lines of memory.
    #[test]
    fn blocks_of_neighbours_do_not_pile_up() {
        const NAMES: u64 = 1 << 14;
        let texts: [fn(u64) -> String; 5] = [
            |number| format!("O-20261123-{number:08}"),
            |number| format!("{number:x}"),
            |number| format!("{number}-A"),
            |number| format!("{:032}", number * 1_000),
            |number| format!("{:x}", number.wrapping_mul(0xD134_2543_DE82_EF95)),
        ];
        for text in texts {
            let mut table = ClOrdIds::new(usize::try_from(NAMES).unwrap());
            for number in 0..NAMES {
                let name = ClOrdId::new(text(number).as_bytes()).unwrap();
                assert_eq!(table.put(1, &name, SlotIndex(0)), Ok(()));
            }
            let mask = table.places.len() - 1;
            let steps = |(at, place): (usize, &Place)| {
                let name = table.names.get(place.name as usize)?;
                let (home, _) = table.key.home_and_tag(name.session, &name.cl_ord_id);
                Some(at.wrapping_sub(home) & mask)
            };
            let all: Vec<_> = table.places.iter().enumerate().filter_map(steps).collect();
            assert_eq!(all.len() as u64, NAMES);
            let sum: usize = all.iter().sum();
            assert!(sum <= 16 * all.len(), "{}: {sum}", text(1));
        }
    }

    /// Names that someone has found to fall together under one key are apart under another, and
    /// the table gives the same answers.
    #[test]
    fn names_made_to_collide_are_apart_under_another_key() {
        const PLACES: usize = 1 << 10;
        let home = |key: Key, name: &ClOrdId| key.home_and_tag(1, name).0 % PLACES / BLOCK;
        let known = Key::new(0);
        let together: Vec<ClOrdId> = (0..200_000_u64)
            .map(|number| ClOrdId::new(format!("{number}0").as_bytes()).unwrap())
            .filter(|name| home(known, name) == 7)
            .take(400)
            .collect();
        assert_eq!(together.len(), 400);
        for number in 1..20 {
            let key = Key::new(number);
            let mut blocks = vec![0_u32; PLACES / BLOCK];
            for name in &together {
                blocks[home(key, name)] += 1;
            }
            assert!(
                blocks.iter().all(|count| *count < 32),
                "{number}: {blocks:?}"
            );
            let mut table = ClOrdIds::new(512);
            table.set_key(number);
            for (slot, name) in (0..).zip(&together) {
                assert_eq!(table.slot(1, name), None);
                assert_eq!(table.put(1, name, SlotIndex(slot)), Ok(()));
                assert_eq!(table.slot(1, name), Some(SlotIndex(slot)));
                assert_eq!(table.slot(2, name), None);
            }
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
