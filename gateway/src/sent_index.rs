//! Where the messages that the sessions sent lie in the journal, so that a resend copies them from
//! there.
//!
//! All sessions share one pool of pieces, each for [`PIECE_MESSAGES`] numbers in a row; a session's
//! map says which piece holds which numbers. So a day is covered however unevenly the sessions
//! send, and 512 of them cost little more than one. The pool is as large as the day: its size
//! follows the order table's. Some pieces are kept back for each session, so that one that sends
//! beyond all measure loses its own oldest messages and nobody else's.
//!
//! A message whose segment has left memory is *elsewhere*: the session waits, the gateway says
//! which segment it wants, and goes on when that is lent. The order core reads no file.

use gwanmun_fix::session::{History, Past as PastMessage};

use crate::edge::Past;
use crate::holes::{Hole, Holes};
use crate::sent_message::{Entry, NOTHING};
pub(crate) use crate::sent_message::{SentKind, SentMessage};

/// Messages that one order causes at most on the day's average: New, one or two fills, a
/// replacement or a cancel.
const MESSAGES_PER_ORDER: usize = 4;
/// Numbers in one piece: 4 KiB, which a piece's first message clears in some tens of nanoseconds.
const PIECE_MESSAGES: usize = 256;
/// Messages kept of each session whatever the others send: 18 hours of heartbeats, one a second.
const SENT_MIN: usize = 1 << 16;
/// Most messages kept of one session; its map has 256 KiB then. One that sends more on one day
/// cannot have the oldest sent again; its resend then waits for good, because a gap fill over them
/// would hide a loss.
const SENT_MAX: usize = 1 << 22;
/// Pieces kept back for each session.
const PIECES_MIN: usize = SENT_MIN / PIECE_MESSAGES;
/// Pieces of each session whose memory is touched at the start, beside those of the day's orders;
/// a session that sends more touches a page of its own for every 256 messages.
const PIECES_TOUCHED: usize = 4;

/// Messages of one session that a resend finds, by the size of the order table: as many as the
/// others leave of the day's, and never under 65,536.
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
const _: () = assert!(SENT_MIN.is_multiple_of(PIECE_MESSAGES));
// Lengths have 30 bits in an entry.
const _: () = assert!(crate::edge::EFFECT_BYTES_MAX < 1 << 30);

/// Which numbers a piece holds: those behind `run` times [`PIECE_MESSAGES`].
#[derive(Clone, Copy)]
struct Mapped {
    run: u64,
    piece: u32,
}

const NO_PIECE: u32 = u32::MAX;
const UNMAPPED: Mapped = Mapped {
    run: 0,
    piece: NO_PIECE,
};

/// One session's map.
struct SessionMap {
    /// A ring over the runs. Invariant: a power of two long.
    runs: Box<[Mapped]>,
    /// Invariant: how many of `runs` have a piece.
    held: usize,
    /// Numbers under which nothing was ever sent.
    holes: Holes,
}

/// The index of all sessions.
pub(crate) struct SentIndex {
    pool: Box<[Entry]>,
    /// Invariant: every piece is here or in one map, once. Never grows beyond its first capacity.
    free: Vec<u32>,
    sessions: Box<[SessionMap]>,
    /// Pieces that sessions may still want of what is kept back for them. Invariant: never more
    /// than are free.
    kept_back: usize,
}

impl SentIndex {
    /// An empty index, all of its memory taken.
    pub(crate) fn new(sessions: usize, orders_max: usize) -> SentIndex {
        let of_orders = orders_max
            .saturating_mul(MESSAGES_PER_ORDER)
            .div_ceil(PIECE_MESSAGES);
        let pieces = sessions * PIECES_MIN + of_orders;
        let mut pool = vec![NOTHING; pieces * PIECE_MESSAGES].into_boxed_slice();
        let touched = (of_orders + sessions * PIECES_TOUCHED).min(pieces) * PIECE_MESSAGES;
        // Through a black box, or the compiler keeps the lazily zeroed pages of the allocation.
        let touched = pool.get_mut(..touched).unwrap_or_default();
        touched.fill(core::hint::black_box(NOTHING));
        let runs = sent_max(orders_max) / PIECE_MESSAGES;
        let map = |_| SessionMap {
            runs: vec![UNMAPPED; runs].into_boxed_slice(),
            held: 0,
            holes: Holes::default(),
        };
        let last = u32::try_from(pieces).unwrap_or(NO_PIECE);
        SentIndex {
            pool,
            free: (0..last).rev().collect(),
            sessions: (0..sessions).map(map).collect(),
            kept_back: sessions * PIECES_MIN,
        }
    }

    /// Notes where a message lies.
    pub(crate) fn put(&mut self, session: u16, msg_seq_num: u64, message: SentMessage) {
        let run = run_of(msg_seq_num);
        let piece = match self.piece_of(session, run) {
            Some(piece) => piece,
            None => match self.map_piece(session, run) {
                Some(piece) => piece,
                None => return,
            },
        };
        if let Some(entry) = self.pool.get_mut(entry_at(piece, msg_seq_num)) {
            *entry = message.to_entry(msg_seq_num);
        }
    }

    /// Forgets a session's messages, as its numbers begin anew.
    pub(crate) fn forget(&mut self, session: u16) {
        self.forget_runs(session, |_| true);
        if let Some(map) = self.sessions.get_mut(usize::from(session)) {
            map.holes = Holes::default();
        }
    }

    fn forget_runs(&mut self, session: u16, is_over: impl Fn(u64) -> bool) {
        let Some(map) = self.sessions.get_mut(usize::from(session)) else {
            return;
        };
        let held_before = map.held.min(PIECES_MIN);
        let over = |mapped: &&mut Mapped| mapped.piece != NO_PIECE && is_over(mapped.run);
        for mapped in map.runs.iter_mut().filter(over) {
            self.free.push(mapped.piece);
            map.held -= 1;
            *mapped = UNMAPPED;
        }
        self.kept_back += held_before - map.held.min(PIECES_MIN);
        debug_assert!(self.kept_back <= self.free.len());
    }

    /// A session's numbers begin anew: its messages are forgotten but for those from `from` on,
    /// which stand under numbers of the new window then. Gives the next number of ours: 1 where
    /// nothing is kept.
    ///
    /// Numbers move down by whole pieces, so that no message is moved and nothing can be in
    /// another's way. What stands before `from` in the first piece, or never was, becomes gap
    /// fills: fewer than [`PIECE_MESSAGES`] numbers.
    pub(crate) fn begin_anew(&mut self, session: u16, from: u64, next_out: u64) -> u64 {
        let is_application = |number| {
            let found: Option<SentMessage> = self.find(session, number);
            found.is_some_and(|message| message.kind != SentKind::Administrative)
        };
        let Some(from) = (from.max(1)..next_out).find(|&number| is_application(number)) else {
            self.forget(session);
            return 1;
        };
        let first_run = run_of(from);
        let base = first_run * PIECE_MESSAGES as u64;
        self.forget_runs(session, |run| run < first_run);
        let Some(map) = self.sessions.get_mut(usize::from(session)) else {
            return 1;
        };
        map.holes = map.holes.moved_down(from, base);
        let length = map.runs.len();
        map.runs.rotate_left(place_of(first_run, length));
        let used = map.runs.iter_mut().filter(|it| it.piece != NO_PIECE);
        for mapped in used {
            let front = front_of(mapped.piece);
            let entries = self.pool.get_mut(front..front + PIECE_MESSAGES);
            let first = mapped.run * PIECE_MESSAGES as u64 + 1;
            for (number, entry) in (first..).zip(entries.unwrap_or_default()) {
                let kept = SentMessage::of_entry(*entry, number).map(SentMessage::renumbered);
                let message = if number < from {
                    Some(SentMessage::GAP_FILL)
                } else {
                    kept
                };
                *entry = message.map_or(NOTHING, |message| message.to_entry(number - base));
            }
            mapped.run -= first_run;
        }
        next_out - base
    }

    /// Whether these numbers can be left out of a session's sequence.
    pub(crate) fn has_room_for_hole(&self, session: u16, hole: Hole) -> bool {
        let map = self.sessions.get(usize::from(session));
        map.is_some_and(|map| map.holes.has_room(hole))
    }

    /// Numbers under which nothing will be sent. Tells whether there was room for them.
    pub(crate) fn put_hole(&mut self, session: u16, hole: Hole) -> bool {
        let map = self.sessions.get_mut(usize::from(session));
        map.is_some_and(|map| map.holes.put(hole))
    }

    /// Every hole of a session, in order.
    pub(crate) fn holes(&self, session: u16) -> &[Hole] {
        let map = self.sessions.get(usize::from(session));
        map.map_or(&[], |map| map.holes.all())
    }

    /// Whether a number was left out of a session's sequence.
    pub(crate) fn is_hole(&self, session: u16, msg_seq_num: u64) -> bool {
        let map = self.sessions.get(usize::from(session));
        map.is_some_and(|map| map.holes.has(msg_seq_num))
    }

    /// Where a message lies, if it is known.
    pub(crate) fn find(&self, session: u16, msg_seq_num: u64) -> Option<SentMessage> {
        let piece = self.piece_of(session, run_of(msg_seq_num))?;
        let entry = self.pool.get(entry_at(piece, msg_seq_num))?;
        SentMessage::of_entry(*entry, msg_seq_num)
    }

    /// The segment in which a message lies, if it is known.
    pub(crate) fn segment_of(&self, session: u16, msg_seq_num: u64) -> Option<u32> {
        self.find(session, msg_seq_num)
            .map(|message| message.place.segment)
    }

    /// Every message known of a session, by number. Numbers go up one by one until they begin anew,
    /// so all that is known lies within one map's length below `next_out`.
    pub(crate) fn entries(
        &self,
        session: u16,
        next_out: u64,
    ) -> impl Iterator<Item = (u64, SentMessage)> {
        let map = self.sessions.get(usize::from(session));
        let kept = map.map_or(0, |map| map.runs.len() * PIECE_MESSAGES) as u64;
        (next_out.saturating_sub(kept).max(1)..next_out)
            .filter_map(move |number| Some((number, self.find(session, number)?)))
    }

    fn piece_of(&self, session: u16, run: u64) -> Option<u32> {
        let map = self.sessions.get(usize::from(session))?;
        let mapped = map.runs.get(place_of(run, map.runs.len()))?;
        (mapped.piece != NO_PIECE && mapped.run == run).then_some(mapped.piece)
    }

    /// Gives a session an empty piece for a run: that of the run which stood in its place, a free
    /// one, or else the session's own oldest.
    fn map_piece(&mut self, session: u16, run: u64) -> Option<u32> {
        let map = self.sessions.get_mut(usize::from(session))?;
        let at = place_of(run, map.runs.len());
        let before = map.runs.get(at)?.piece;
        let piece = if before != NO_PIECE {
            before
        } else if map.held < PIECES_MIN || self.free.len() > self.kept_back {
            self.kept_back -= usize::from(map.held < PIECES_MIN);
            map.held += 1;
            self.free.pop()?
        } else {
            let used = map.runs.iter_mut().filter(|it| it.piece != NO_PIECE);
            let oldest = used.min_by_key(|it| it.run)?;
            core::mem::replace(oldest, UNMAPPED).piece
        };
        *map.runs.get_mut(at)? = Mapped { run, piece };
        let from = front_of(piece);
        let entries = self.pool.get_mut(from..from + PIECE_MESSAGES)?;
        entries.fill(NOTHING);
        Some(piece)
    }
}

fn place_of(run: u64, length: usize) -> usize {
    usize::try_from(run).unwrap_or(0) & (length - 1)
}

/// Which run a message belongs to: numbers begin at 1.
fn run_of(msg_seq_num: u64) -> u64 {
    msg_seq_num.saturating_sub(1) / PIECE_MESSAGES as u64
}

fn front_of(piece: u32) -> usize {
    usize::try_from(piece).unwrap_or(0) * PIECE_MESSAGES
}

fn entry_at(piece: u32, msg_seq_num: u64) -> usize {
    let within = msg_seq_num.saturating_sub(1) % PIECE_MESSAGES as u64;
    front_of(piece) + usize::try_from(within).unwrap_or(0)
}

/// The session's view of the journal while it resends.
pub(crate) struct SessionHistory<'a, P> {
    pub(crate) index: &'a SentIndex,
    pub(crate) session: u16,
    pub(crate) past: &'a P,
}

impl<P: Past> History for SessionHistory<'_, P> {
    fn sent(&self, msg_seq_num: u64) -> PastMessage<'_> {
        let Some(message) = self.index.find(self.session, msg_seq_num) else {
            return match self.index.is_hole(self.session, msg_seq_num) {
                true => PastMessage::Administrative,
                false => PastMessage::Elsewhere,
            };
        };
        let length = usize::try_from(message.length).unwrap_or(usize::MAX);
        let bytes = || self.past.read(message.place, length);
        match message.kind {
            SentKind::Administrative => PastMessage::Administrative,
            SentKind::Application => {
                bytes().map_or(PastMessage::Elsewhere, PastMessage::Application)
            }
            SentKind::Renumbered => bytes().map_or(PastMessage::Elsewhere, PastMessage::Renumbered),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::edge::Place;
    use crate::sent_message::LOW;

    fn message(number: u64) -> SentMessage {
        let low = u32::try_from(number & LOW).unwrap();
        SentMessage {
            place: Place {
                segment: low ^ 0xFFFF_0000,
                offset: low.rotate_left(7),
            },
            length: low & 0x3FFF,
            kind: SentKind::of(number.is_multiple_of(3)),
        }
    }

    #[test]
    fn the_map_follows_the_order_table_within_bounds() {
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
    fn a_day_sent_by_one_session_of_many_is_known_to_its_first_message() {
        let orders_max = 1 << 15;
        let mut index = SentIndex::new(8, orders_max);
        let day = (orders_max * MESSAGES_PER_ORDER) as u64;
        for number in 1..=day {
            index.put(5, number, message(number));
        }
        assert_eq!(index.find(5, 1), Some(message(1)));
        let known = index.entries(5, day + 1);
        assert!(known.map(|(number, _)| number).eq(1..=day));
        // The others have what is kept back for them.
        for session in [0, 7] {
            for number in 1..=SENT_MIN as u64 {
                index.put(session, number, message(number));
            }
            assert_eq!(index.find(session, 1), Some(message(1)));
        }
        assert_eq!(index.find(5, 1), Some(message(1)));
    }

    #[test]
    fn whoever_sends_beyond_all_measure_loses_his_own_oldest() {
        let mut index = SentIndex::new(2, 0);
        for number in 1..=300 {
            index.put(1, number, message(number));
        }
        let many = 3 * SENT_MIN as u64;
        for number in 1..=many {
            index.put(0, number, message(number));
        }
        assert_eq!(index.find(0, 1), None);
        let known = index.entries(0, many + 1).count() as u64;
        assert!(known > SENT_MIN as u64 - PIECE_MESSAGES as u64);
        assert!(
            index
                .entries(0, many + 1)
                .map(|it| it.0)
                .eq(many + 1 - known..=many)
        );
        assert_eq!(index.entries(1, 301).count(), 300);
    }

    #[test]
    fn what_is_forgotten_is_gone_and_its_room_is_free_again() {
        let mut index = SentIndex::new(2, 0);
        for _ in 0..20 {
            for number in 1..=20_000 {
                index.put(0, number, message(number));
            }
            assert_eq!(index.entries(0, 20_001).count(), 20_000);
            index.forget(0);
            assert_eq!(index.entries(0, 20_001).count(), 0);
        }
        assert_eq!(index.kept_back, 2 * PIECES_MIN);
    }

    /// Against what it says, from every border: kept messages under numbers that moved down by
    /// whole pieces, gap fills below, nothing above, and room for the others.
    #[test]
    fn messages_that_were_never_sent_are_kept_under_new_numbers() {
        let piece = PIECE_MESSAGES as u64;
        let ring = SENT_MIN as u64;
        for (sent, from) in [
            (1, 1),
            (10, 3),
            (piece, piece),
            (piece + 1, piece + 1),
            (10 * piece, 3 * piece),
            (10 * piece, 3 * piece + 1),
            // Pieces that stand at the ring's seam, and as many as it has.
            (ring + 5 * piece, ring - 3 * piece),
            (ring + 7, ring + 2),
            (2 * ring, ring + 2 * piece + 9),
        ] {
            let mut index = SentIndex::new(2, 0);
            for number in 1..=sent {
                index.put(1, number, message(number));
            }
            let first = (from..=sent).find(|number| number.is_multiple_of(3));
            let next = index.begin_anew(1, from, sent + 1);
            let Some(first) = first else {
                assert_eq!((next, index.find(1, 1)), (1, None));
                continue;
            };
            let base = sent + 1 - next;
            assert!(
                base.is_multiple_of(piece) && first - base <= piece,
                "{sent} {from}"
            );
            for number in 1..next {
                let expected = if number + base < first {
                    SentMessage::GAP_FILL
                } else {
                    message(number + base).renumbered()
                };
                assert_eq!(
                    index.find(1, number),
                    Some(expected),
                    "{sent} {from} {number}"
                );
            }
            assert_eq!(index.find(1, next), None);
            // What follows stands behind it, and the next beginning keeps what this one kept.
            index.put(1, next, message(3));
            assert_eq!(index.find(1, next), Some(message(3)));
            let again = index.begin_anew(1, first - base, next + 1);
            assert_eq!(again, next + 1);
            assert_eq!(
                index.find(1, first - base),
                Some(message(first).renumbered())
            );
            index.forget(1);
            assert_eq!(index.kept_back, 2 * PIECES_MIN);
            assert_eq!(index.free.len(), 2 * PIECES_MIN);
        }
    }

    /// Against a map, with jumps and new beginnings, over sessions that share the pool.
    #[test]
    fn it_says_what_a_map_says() {
        for seed in 0..16_u64 {
            let mut state = seed;
            let mut random = |below: u64| {
                state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                (mixed ^ (mixed >> 31)) % below
            };
            let mut index = SentIndex::new(3, 1_000);
            let mut map = BTreeMap::new();
            let mut next = [1_u64; 3];
            for _ in 0..20_000 {
                let session = u16::try_from(random(3)).unwrap();
                let number = &mut next[usize::from(session)];
                match random(2_000) {
                    0 => {
                        index.forget(session);
                        map.retain(|&(whose, _), _| whose != session);
                        *number = 1;
                    }
                    1 => *number += 3_000,
                    _ => *number += 1,
                }
                index.put(session, *number, message(*number));
                map.insert((session, *number), message(*number));
                let asked = random(*number + 2);
                let expected = map.get(&(session, asked)).copied();
                assert_eq!(index.find(session, asked), expected, "seed {seed}");
            }
        }
    }
}
