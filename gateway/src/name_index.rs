//! Where a name stands in a sorted table: one look at a table of hashes instead of a dozen at rows
//! all over memory.
//!
//! Names are the operator's (accounts, symbols), so nobody can make them fall together, and the
//! hash needs no key. It is made of the name's bytes as words, without a loop over them. Places
//! are eight bytes at a load of at most one half, and are never taken back.

use gwanmun_market::Text;

const EMPTY: u16 = u16::MAX;
const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Where a row stands, beside the upper half of its name's hash.
#[derive(Clone, Copy, Debug)]
struct Place {
    tag: u32,
    row: u16,
}

/// Rows of one table by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameIndex {
    /// Invariant: none, or a power of two and at least twice as many as rows.
    places: Box<[Place]>,
}

impl NameIndex {
    /// Of the names of all rows, in the order of the rows: at most 65,534.
    pub(crate) fn new<'a, const N: usize>(
        names: impl ExactSizeIterator<Item = &'a Text<N>>,
    ) -> NameIndex {
        let free = Place { tag: 0, row: EMPTY };
        let mut places = vec![free; (names.len().max(1) * 2).next_power_of_two()];
        for (row, name) in (0..EMPTY).zip(names) {
            let hash = hash(name);
            let mask = places.len() - 1;
            let mut at = place_of(hash, mask);
            while places.get(at).is_some_and(|place| place.row != EMPTY) {
                at = (at + 1) & mask;
            }
            if let Some(place) = places.get_mut(at) {
                let tag = tag_of(hash);
                *place = Place { tag, row };
            }
        }
        NameIndex {
            places: places.into_boxed_slice(),
        }
    }

    /// The row of a name; `is_row` tells whether a row has it.
    #[inline]
    pub(crate) fn row<const N: usize>(
        &self,
        name: &Text<N>,
        is_row: impl Fn(u16) -> bool,
    ) -> Option<u16> {
        let mask = self.places.len().checked_sub(1)?;
        let hash = hash(name);
        let mut at = place_of(hash, mask);
        loop {
            let place = self.places.get(at)?;
            if place.row == EMPTY {
                return None;
            }
            if place.tag == tag_of(hash) && is_row(place.row) {
                return Some(place.row);
            }
            at = (at + 1) & mask;
        }
    }
}

#[inline]
fn hash<const N: usize>(name: &Text<N>) -> u64 {
    let (words, rest) = name.zero_padded().as_chunks::<8>();
    let mut hash = 0_u64;
    for word in words {
        hash = mixed(hash ^ u64::from_le_bytes(*word));
    }
    // Names of other lengths than a multiple of eight bytes.
    for &byte in rest {
        hash = mixed(hash ^ u64::from(byte));
    }
    hash
}

/// Both halves of a product put together, so that each bit of the word reaches all.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn mixed(word: u64) -> u64 {
    let product = u128::from(word ^ ODD) * u128::from(ODD);
    let halves = [product, product >> 64].map(|half| half as u64);
    halves[0] ^ halves[1]
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn place_of(hash: u64, mask: usize) -> usize {
    hash as usize & mask
}

fn tag_of(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<const N: usize>(count: usize) -> Vec<Text<N>> {
        let names = (0..count).map(|number| Text::new(format!("{number:06}").as_bytes()));
        names.map(|name| name.unwrap()).collect()
    }

    fn each_is_found<const N: usize>(count: usize) {
        let all = names::<N>(count);
        let index = NameIndex::new(all.iter());
        let find = |name: &Text<N>| index.row(name, |row| all.get(usize::from(row)) == Some(name));
        for (row, name) in all.iter().enumerate() {
            assert_eq!(find(name), u16::try_from(row).ok(), "{name}");
        }
        for unknown in ["", "00000", "999999", "00000a"] {
            assert_eq!(
                find(&Text::new(unknown.as_bytes()).unwrap()),
                None,
                "{unknown}"
            );
        }
    }

    #[test]
    fn every_name_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 100, 4_096, 65_534] {
            each_is_found::<8>(count);
        }
        each_is_found::<16>(1_024);
        each_is_found::<14>(100);
    }

    #[test]
    fn no_names_find_nothing() {
        let index = NameIndex::default();
        assert_eq!(index.row(&Text::<8>::EMPTY, |_| true), None);
    }

    #[test]
    fn names_of_a_market_stand_near_their_place() {
        // Series of one underlying differ in few characters.
        let series = |number: usize| format!("2{:03}{:04}", number % 1_000, number / 7);
        let all: Vec<Text<8>> = (0..4_096)
            .map(|number| Text::new(series(number).as_bytes()).unwrap())
            .collect();
        let index = NameIndex::new(all.iter());
        let mask = index.places.len() - 1;
        let steps = index.places.iter().enumerate().filter_map(|(at, place)| {
            let name = all.get(usize::from(place.row))?;
            Some(at.wrapping_sub(place_of(hash(name), mask)) & mask)
        });
        let (count, sum) = steps.fold((0, 0), |(count, sum), step| (count + 1, sum + step));
        assert_eq!(count, 4_096);
        assert!(sum < 4_096, "{sum} steps over {count} names");
    }
}
