//! The messages of a set as they lie in memory: close together and used again and again, or so many
//! that each one comes from main memory.
//!
//! A pass goes over the messages once. On cold ground each pass takes other messages, in an order
//! that no prefetcher follows, and comes back to them only when more than [`COLD_BYTES`] have been
//! touched since.

use std::cell::Cell;

use crate::message_sets::{Made, check_sum, make};
use crate::random::Random;

/// Seed of all messages.
pub const SEED: u64 = 20_261_126;
/// What cold ground holds: twice the last-level cache of the machines that we measure on.
const COLD_BYTES: usize = 64 << 20;
/// Messages of a pass on cold ground.
const COLD_PASS: usize = 4_096;
/// The set on cold ground.
pub const COLD: &str = "nos-cold";

/// Messages in memory.
#[derive(Debug)]
pub struct Ground {
    /// The different messages, with what they say.
    pub made: Vec<Made>,
    bytes: Vec<u8>,
    /// Where each message begins and ends; invariant: within `bytes`.
    places: Vec<(usize, usize)>,
    pass: usize,
    next: Cell<usize>,
}

impl Ground {
    /// The ground of a set by its name, [`COLD`] included.
    ///
    /// # Panics
    /// When there is no such set.
    #[must_use]
    pub fn new(set: &str) -> Ground {
        let made = make(if set == COLD { "nos" } else { set }, SEED);
        Ground::of(made, set == COLD)
    }

    /// The same messages under another BeginString(8), for a peer that knows no other. What they
    /// say stays, but for where the fields lie.
    #[must_use]
    pub fn under(begin_string: &str, set: &str) -> Ground {
        let mut made = make(set, SEED);
        for one in &mut made {
            let summed = one.bytes.len() - 7;
            let rest = one.bytes.get("8=FIX.4.4".len()..summed).unwrap_or(&[]);
            let mut bytes = format!("8={begin_string}").into_bytes();
            bytes.extend_from_slice(rest);
            bytes.extend_from_slice(format!("10={:03}\x01", check_sum(&bytes)).as_bytes());
            one.bytes = bytes;
            one.fields.clear();
        }
        Ground::of(made, false)
    }

    fn of(made: Vec<Made>, is_cold: bool) -> Ground {
        assert!(!made.is_empty(), "there is no such set");
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        loop {
            for one in &made {
                let start = bytes.len();
                bytes.extend_from_slice(&one.bytes);
                places.push((start, bytes.len()));
            }
            if !is_cold || bytes.len() >= COLD_BYTES {
                break;
            }
        }
        let pass = if is_cold { COLD_PASS } else { places.len() };
        if is_cold {
            let mut random = Random::new(SEED);
            for at in (1..places.len()).rev() {
                let bound = u32::try_from(at + 1).unwrap_or(u32::MAX);
                places.swap(at, usize::try_from(random.below(bound)).unwrap_or(0));
            }
        }
        Ground {
            made,
            bytes,
            places,
            pass,
            next: Cell::new(0),
        }
    }

    /// Messages in a pass.
    #[must_use]
    pub fn pass_count(&self) -> usize {
        self.pass
    }

    /// The longest message in bytes.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.made
            .iter()
            .map(|made| made.bytes.len())
            .max()
            .unwrap_or(0)
    }

    /// Most fields of a message.
    #[must_use]
    pub fn fields_max(&self) -> usize {
        self.made
            .iter()
            .map(|made| made.fields.len())
            .max()
            .unwrap_or(0)
    }

    /// Where the messages of the next pass lie.
    fn places(&self) -> &[(usize, usize)] {
        let at = self.next.get();
        let end = at + self.pass;
        let after = if end + self.pass > self.places.len() {
            0
        } else {
            end
        };
        self.next.set(after);
        self.places.get(at..end).unwrap_or(&[])
    }

    /// The messages of the next pass.
    pub fn messages(&self) -> impl Iterator<Item = &[u8]> {
        let places = self.places().iter();
        places.filter_map(|&(start, end)| self.bytes.get(start..end))
    }

    /// For each message of the next pass, all that lies in memory from its first byte on: as a
    /// stream would have it, whose next end is not known.
    pub fn streams(&self) -> impl Iterator<Item = &[u8]> {
        let places = self.places().iter();
        places.filter_map(|&(start, _)| self.bytes.get(start..))
    }
}
