//! Where the messages that a session sent lie in the journal, so that a resend copies them from
//! there.
//!
//! A ring over the latest MsgSeqNums, large enough for the whole trading day: its size follows the
//! order table's. A message whose segment has left memory is *elsewhere*: the session waits, the
//! gateway says which segment it wants, and goes on when that is lent. The order core reads no
//! file.

use gwanmun_fix::session::{History, Past as PastMessage};

use crate::edge::{Past, Place};

/// Messages that one order causes at most on the day's average: New, one or two fills, a
/// replacement or a cancel.
const MESSAGES_PER_ORDER: usize = 4;
/// Fewest messages kept, so that a session of heartbeats and rejects is covered in a small
/// configuration too: 1.5 MiB.
const SENT_MIN: usize = 1 << 16;
/// Most messages kept: 96 MiB a session. A session that sends more on one day cannot have the
/// oldest sent again; its resend then waits for good, because a gap fill over them would hide a
/// loss.
const SENT_MAX: usize = 1 << 22;

/// Messages per session that a resend finds, by the size of the order table.
#[must_use]
pub const fn sent_max(orders_max: usize) -> usize {
    let wanted = orders_max.saturating_mul(MESSAGES_PER_ORDER);
    if wanted >= SENT_MAX {
        SENT_MAX
    } else if wanted <= SENT_MIN {
        SENT_MIN
    } else {
        wanted.next_power_of_two()
    }
}

const _: () = assert!(SENT_MIN.is_power_of_two() && SENT_MAX.is_power_of_two());

#[derive(Clone, Copy, Default)]
struct Entry {
    /// Zero: nothing here yet.
    msg_seq_num: u32,
    /// How often numbers had begun anew when it was put; other entries are forgotten.
    generation: u32,
    place: Place,
    length: u32,
    is_application: bool,
}

/// The index of one session.
pub(crate) struct SentIndex {
    /// Invariant: a power of two long.
    ring: Box<[Entry]>,
    generation: u32,
}

impl SentIndex {
    /// An empty index for so many messages, a power of two.
    pub(crate) fn new(sent_max: usize) -> SentIndex {
        SentIndex {
            ring: vec![Entry::default(); sent_max.next_power_of_two()].into_boxed_slice(),
            generation: 0,
        }
    }

    fn at(&self, msg_seq_num: u64) -> usize {
        usize::try_from(msg_seq_num).unwrap_or(0) & (self.ring.len() - 1)
    }

    /// Notes where a message lies.
    pub(crate) fn put(
        &mut self,
        msg_seq_num: u64,
        place: Place,
        length: u32,
        is_application: bool,
    ) {
        let at = self.at(msg_seq_num);
        if let Some(entry) = self.ring.get_mut(at) {
            *entry = Entry {
                // Sessions send no number beyond 31 bits.
                msg_seq_num: u32::try_from(msg_seq_num).unwrap_or(0),
                generation: self.generation,
                place,
                length,
                is_application,
            };
        }
    }

    /// Forgets everything, as the numbers begin anew. Costs nothing: entries of an earlier
    /// generation are not looked at.
    pub(crate) fn forget(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    fn find(&self, msg_seq_num: u64) -> Option<&Entry> {
        let is_it = |entry: &&Entry| {
            u64::from(entry.msg_seq_num) == msg_seq_num && entry.generation == self.generation
        };
        self.ring.get(self.at(msg_seq_num)).filter(is_it)
    }

    /// The segment in which a message lies, if it is known.
    pub(crate) fn segment_of(&self, msg_seq_num: u64) -> Option<u32> {
        self.find(msg_seq_num).map(|entry| entry.place.segment)
    }

    /// Number, place and length of every message known, by number. Numbers go up one by one until
    /// they begin anew, so all that is known lies within one ring's length below `next_out`.
    pub(crate) fn entries(&self, next_out: u64) -> impl Iterator<Item = (u64, Place, u32, bool)> {
        let kept = u64::try_from(self.ring.len()).unwrap_or(u64::MAX);
        // An entry never written has number 0, which no message has.
        (next_out.saturating_sub(kept).max(1)..next_out).filter_map(|msg_seq_num| {
            let entry = self.find(msg_seq_num)?;
            Some((msg_seq_num, entry.place, entry.length, entry.is_application))
        })
    }
}

/// The session's view of the journal while it resends.
pub(crate) struct SessionHistory<'a, P> {
    pub(crate) index: &'a SentIndex,
    pub(crate) past: &'a P,
}

impl<P: Past> History for SessionHistory<'_, P> {
    fn sent(&self, msg_seq_num: u64) -> PastMessage<'_> {
        let Some(entry) = self.index.find(msg_seq_num) else {
            return PastMessage::Elsewhere;
        };
        if !entry.is_application {
            return PastMessage::Administrative;
        }
        let length = usize::try_from(entry.length).unwrap_or(usize::MAX);
        self.past
            .read(entry.place, length)
            .map_or(PastMessage::Elsewhere, PastMessage::Application)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(offset: u32) -> Place {
        Place { segment: 3, offset }
    }

    #[test]
    fn the_ring_follows_the_order_table_within_bounds() {
        for (orders_max, expected) in [
            (0, SENT_MIN),
            (1 << 14, SENT_MIN),
            ((1 << 14) + 1, 1 << 17),
            (1 << 18, 1 << 20),
            (1 << 20, SENT_MAX),
            (usize::MAX, SENT_MAX),
        ] {
            assert_eq!(sent_max(orders_max), expected, "{orders_max}");
        }
    }

    #[test]
    fn the_latest_messages_are_found_and_older_ones_are_not() {
        let mut index = SentIndex::new(8);
        assert_eq!(index.entries(1).chain(index.entries(9)).count(), 0);
        for msg_seq_num in 1..=20_u32 {
            index.put(u64::from(msg_seq_num), place(msg_seq_num), 5, true);
        }
        assert_eq!(index.segment_of(12), None);
        assert_eq!(index.segment_of(13), Some(3));
        assert_eq!(index.segment_of(0), None);
        let known: Vec<u64> = index.entries(21).map(|entry| entry.0).collect();
        assert_eq!(known, (13..=20).collect::<Vec<u64>>());
        index.forget();
        assert_eq!(index.entries(21).count(), 0);
        index.put(1, place(1), 5, false);
        assert_eq!(index.entries(2).count(), 1);
    }
}
