//! Whose line a connection is, in one step however many sessions there are.
//!
//! An open-addressing table of fixed size with linear probing, keyed by the connection's number.
//! Lines come and go all day, so an entry that goes moves the ones behind it up, and no tombstones
//! pile up. The table is twice as large as the lines there can be; nothing here allocates after
//! `new`, and nothing depends on a random seed.

/// Whose line a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineOwner {
    /// The order line of a venue.
    Venue(u16),
    /// The market state line of a venue.
    Feed(u16),
    /// A member session's.
    Member(u16),
    /// No one's: a line that we are closing.
    Nobody,
}

/// Owners by connection.
pub(crate) struct Owners {
    /// Invariant: a power of two, at most half of it taken; between an entry's own place and where
    /// it stands there is no free one. [`LineOwner::Nobody`] marks a free one.
    entries: Box<[(u32, LineOwner)]>,
}

impl Owners {
    /// Room for so many lines at a time.
    #[must_use]
    pub(crate) fn new(lines_max: usize) -> Owners {
        let length = (lines_max.max(1) * 2).next_power_of_two();
        Owners {
            entries: vec![(0, LineOwner::Nobody); length].into_boxed_slice(),
        }
    }

    /// The place where looking for a connection begins.
    fn home(&self, connection: u32) -> usize {
        // High bits are the well-mixed ones of a multiplicative hash.
        let mixed = u64::from(connection).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(mixed >> 32).unwrap_or(0) & (self.entries.len() - 1)
    }

    /// Whose line a connection is.
    #[must_use]
    pub(crate) fn of(&self, connection: u32) -> LineOwner {
        self.find(connection)
            .and_then(|at| self.entries.get(at))
            .map_or(LineOwner::Nobody, |entry| entry.1)
    }

    fn find(&self, connection: u32) -> Option<usize> {
        let mut at = self.home(connection);
        loop {
            let &(key, owner) = self.entries.get(at)?;
            if owner == LineOwner::Nobody {
                return None;
            }
            if key == connection {
                return Some(at);
            }
            at = (at + 1) & (self.entries.len() - 1);
        }
    }

    /// A connection is someone's from now on.
    pub(crate) fn put(&mut self, connection: u32, owner: LineOwner) {
        debug_assert!(owner != LineOwner::Nobody);
        let mut at = self.home(connection);
        // The table is twice as large as the lines there are, so a free place comes.
        while let Some(entry) = self.entries.get_mut(at) {
            if entry.1 == LineOwner::Nobody || entry.0 == connection {
                *entry = (connection, owner);
                return;
            }
            at = (at + 1) & (self.entries.len() - 1);
        }
    }

    /// A connection is no one's any more.
    pub(crate) fn remove(&mut self, connection: u32) {
        let Some(mut free) = self.find(connection) else {
            return;
        };
        let mask = self.entries.len() - 1;
        let mut at = free;
        loop {
            at = (at + 1) & mask;
            let entry = self.entries.get(at).copied();
            let Some((key, owner)) = entry.filter(|entry| entry.1 != LineOwner::Nobody) else {
                break;
            };
            // An entry may move up to the free place unless its own place lies behind that.
            let from_home = at.wrapping_sub(self.home(key)) & mask;
            let from_free = at.wrapping_sub(free) & mask;
            if from_home >= from_free {
                if let Some(place) = self.entries.get_mut(free) {
                    *place = (key, owner);
                }
                free = at;
            }
        }
        if let Some(place) = self.entries.get_mut(free) {
            *place = (0, LineOwner::Nobody);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES_MAX: usize = 24;

    /// The obvious twin: a list that is searched from its front.
    fn linear(lines: &[(u32, LineOwner)], connection: u32) -> LineOwner {
        let found = lines.iter().find(|line| line.0 == connection);
        found.map_or(LineOwner::Nobody, |line| line.1)
    }

    #[test]
    fn agrees_with_a_linear_search_after_every_step() {
        for seed in 1..=20_u64 {
            let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut below = |end: u64| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                (random >> 11) % end
            };
            let mut owners = Owners::new(LINES_MAX);
            let mut lines: Vec<(u32, LineOwner)> = Vec::new();
            for step in 0..4_000 {
                // Few numbers, so that the same ones come back and the probes are long.
                let connection = u32::try_from(below(60)).unwrap();
                let is_bound = linear(&lines, connection) != LineOwner::Nobody;
                if below(2) == 0 && lines.len() < LINES_MAX && !is_bound {
                    let index = u16::try_from(below(600)).unwrap();
                    let owner = match below(3) {
                        0 => LineOwner::Venue(index),
                        1 => LineOwner::Feed(index),
                        _ => LineOwner::Member(index),
                    };
                    owners.put(connection, owner);
                    lines.push((connection, owner));
                } else {
                    owners.remove(connection);
                    lines.retain(|line| line.0 != connection);
                }
                for connection in 0..60 {
                    let expected = linear(&lines, connection);
                    let context = (seed, step, connection);
                    assert_eq!(owners.of(connection), expected, "{context:?}");
                }
            }
        }
    }

    #[test]
    fn a_full_house_is_found_and_leaves_nothing_behind() {
        let mut owners = Owners::new(512);
        let numbers = || (0..512_u32).map(|index| index.wrapping_mul(0x0100_0001));
        for (index, connection) in (0..).zip(numbers()) {
            owners.put(connection, LineOwner::Member(index));
        }
        for (index, connection) in (0..).zip(numbers()) {
            assert_eq!(owners.of(connection), LineOwner::Member(index));
            owners.remove(connection);
            assert_eq!(owners.of(connection), LineOwner::Nobody);
        }
        let is_free = |entry: &(u32, LineOwner)| entry.1 == LineOwner::Nobody;
        assert!(owners.entries.iter().all(is_free));
        assert_eq!(owners.of(u32::MAX), LineOwner::Nobody);
    }
}
