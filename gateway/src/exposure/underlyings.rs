//! Sums by account and underlying: a fixed open-addressing table, keyed by two indices.

use super::Sent;

/// What an account has of everything that is written on one underlying: with its key 72 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UnderlyingSums {
    /// What it sent today.
    pub(crate) sent: Sent,
    /// The highest weight that positions may come to together, in 1/10,000 of a unit.
    pub(crate) high: i128,
    /// The lowest.
    pub(crate) low: i128,
}

impl UnderlyingSums {
    /// Nothing.
    pub(super) const NONE: UnderlyingSums = UnderlyingSums {
        sent: Sent::NONE,
        high: 0,
        low: 0,
    };
}

/// All of them.
pub(super) struct Underlyings {
    /// Invariant: a power of two, at least twice as many as there are pairs, as each pair has a
    /// position and there are twice as many slots as positions.
    entries: Box<[Option<(u32, UnderlyingSums)>]>,
}

impl Underlyings {
    /// Room for as many pairs as half of `slots`, a power of two.
    pub(super) fn new(slots: usize) -> Underlyings {
        debug_assert!(slots.is_power_of_two());
        Underlyings {
            entries: vec![None; slots].into_boxed_slice(),
        }
    }

    /// Every one with its account and underlying, in the order of the table.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, u32, &UnderlyingSums)> {
        let entries = self.entries.iter().flatten();
        entries.map(|(key, sums)| (key >> 16, key & 0xffff, sums))
    }

    pub(super) fn clear(&mut self) {
        self.entries.fill(None);
    }

    /// The place of a key, or the free one where it would be.
    fn find(&self, key: u32) -> Option<usize> {
        let length = self.entries.len();
        let hash = u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut at = usize::try_from(hash).unwrap_or(0) & (length - 1);
        for _ in 0..length {
            match self.entries.get(at)? {
                Some((other, _)) if *other != key => at = (at + 1) & (length - 1),
                _ => return Some(at),
            }
        }
        None
    }

    pub(super) fn of(&self, account: u16, underlying: u16) -> Option<&UnderlyingSums> {
        let at = self.find(key(account, underlying))?;
        let entry = self.entries.get(at)?.as_ref();
        entry.map(|(_, sums)| sums)
    }

    /// To change, made now if it is new.
    pub(super) fn of_mut(&mut self, account: u16, underlying: u16) -> Option<&mut UnderlyingSums> {
        let key = key(account, underlying);
        let entry = self.entries.get_mut(self.find(key)?)?;
        Some(&mut entry.get_or_insert((key, UnderlyingSums::default())).1)
    }
}

fn key(account: u16, underlying: u16) -> u32 {
    u32::from(account) << 16 | u32::from(underlying)
}
