//! One direction of a connection: what is due, held and remembered.
//!
//! In it: the steps told at the head of the parent module. Not in it: flags that concern both
//! directions (see `stream.rs`).

use std::collections::BTreeMap;

use super::{Counts, HELD_BYTES_MAX, HELD_SEGMENTS_MAX, REMEMBERED_BYTES_MAX, StreamEvent, Toward};
use crate::read::TcpSegment;
use crate::tcp_synth::flag;

/// Farther ahead than any window: such a segment is not of this connection.
const AHEAD_MAX: u64 = 1 << 30;
/// What one held segment costs beside its bytes, for the memory account.
const HELD_COST: usize = 64;

/// A segment that came before an earlier byte.
#[derive(Debug)]
struct Held {
    stamp_ns: u64,
    bytes: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Half {
    toward: Toward,
    /// Sequence number of offset 0, once known.
    pub(super) start: Option<u32>,
    /// Offset of the next byte due.
    next: u64,
    /// Held segments by offset, then by order of arrival.
    held: BTreeMap<(u64, u64), Held>,
    held_bytes: usize,
    arrivals: u64,
    /// The bytes given out last; they end at `next`.
    remembered: Vec<u8>,
    /// Offset behind the last byte, once a FIN told it.
    finish: Option<u64>,
}

/// Everything a half needs to say something.
pub(super) struct Speaker<'c, F> {
    pub(super) stream: u32,
    pub(super) counts: &'c mut Counts,
    pub(super) out: &'c mut F,
}

impl Half {
    pub(super) fn new(toward: Toward) -> Self {
        Self {
            toward,
            start: None,
            next: 0,
            held: BTreeMap::new(),
            held_bytes: 0,
            arrivals: 0,
            remembered: Vec::new(),
            finish: None,
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.held_bytes + self.held.len() * HELD_COST + self.remembered.capacity()
    }

    pub(super) fn is_finished(&self) -> bool {
        self.finish.is_some_and(|finish| self.next >= finish)
    }

    /// The offset of a sequence number, as near to the next byte due as 32 bits allow; `None`
    /// before offset 0 or too far ahead.
    fn offset_of(&self, sequence: u32) -> Option<u64> {
        let [a, b, c, d, ..] = self.next.to_le_bytes();
        let due = self.start?.wrapping_add(u32::from_le_bytes([a, b, c, d]));
        let ahead = i64::from(sequence.wrapping_sub(due).cast_signed());
        let offset = self.next.checked_add_signed(ahead)?;
        (offset <= self.next + AHEAD_MAX).then_some(offset)
    }

    /// Takes the payload (and FIN) of a segment whose first byte has this sequence number.
    pub(super) fn push<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        sequence: u32,
        stamp_ns: u64,
        segment: &TcpSegment<'_>,
        speaker: &mut Speaker<'_, F>,
    ) {
        let payload = segment.payload;
        let Some(offset) = self.offset_of(sequence) else {
            self.before_start(sequence, stamp_ns, payload, speaker);
            return;
        };
        let end = offset.saturating_add(payload.len() as u64);
        let whole_end = end.saturating_add(u64::from(segment.missing));
        if segment.flags & flag::FIN != 0 {
            self.finish.get_or_insert(whole_end);
        }
        self.place(offset, stamp_ns, payload, speaker);
        if segment.missing > 0 && self.next == end {
            self.skip(whole_end, speaker);
            self.release(speaker);
        }
        while self.held_bytes > HELD_BYTES_MAX || self.held.len() > HELD_SEGMENTS_MAX {
            self.skip_to_held(speaker);
        }
    }

    /// Bytes that begin before offset 0: the front cannot be placed, what reaches beyond it can.
    fn before_start<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        sequence: u32,
        stamp_ns: u64,
        payload: &[u8],
        speaker: &mut Speaker<'_, F>,
    ) {
        let start = self.start.unwrap_or(sequence);
        let early = usize::try_from(start.wrapping_sub(sequence)).unwrap_or(usize::MAX);
        let (front, rest) = payload.split_at_checked(early).unwrap_or((payload, &[]));
        // A keep-alive of one old byte in front of an idle direction means nothing.
        let is_probe = early == 1 && matches!(front, [0]) && rest.is_empty();
        if !front.is_empty() && !is_probe {
            speaker.counts.unplaced_bytes += front.len() as u64;
            let (stream, toward) = (speaker.stream, self.toward);
            (speaker.out)(StreamEvent::Unplaced {
                stream,
                toward,
                stamp_ns,
                bytes: front,
            });
        }
        if !rest.is_empty() && self.next < AHEAD_MAX {
            self.place(0, stamp_ns, rest, speaker);
        }
    }

    /// Gives out, holds or compares bytes at an offset; then releases what became due.
    fn place<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        offset: u64,
        stamp_ns: u64,
        bytes: &[u8],
        speaker: &mut Speaker<'_, F>,
    ) {
        if bytes.is_empty() {
            return;
        }
        if offset > self.next {
            speaker.counts.early_segments += 1;
            self.arrivals += 1;
            self.held_bytes += bytes.len();
            let held = Held {
                stamp_ns,
                bytes: bytes.to_vec(),
            };
            self.held.insert((offset, self.arrivals), held);
            return;
        }
        self.take(offset, stamp_ns, bytes, speaker);
        self.release(speaker);
    }

    /// Bytes at or before the next offset due: the old part is compared, the new part given out.
    fn take<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        offset: u64,
        stamp_ns: u64,
        bytes: &[u8],
        speaker: &mut Speaker<'_, F>,
    ) {
        let known = usize::try_from(self.next.saturating_sub(offset)).unwrap_or(usize::MAX);
        let (old, new) = bytes.split_at_checked(known).unwrap_or((bytes, &[]));
        if !old.is_empty() {
            self.compare(offset, stamp_ns, old, speaker);
        }
        if new.is_empty() {
            return;
        }
        let (stream, toward, offset) = (speaker.stream, self.toward, self.next);
        speaker.counts.bytes += new.len() as u64;
        (speaker.out)(StreamEvent::Data {
            stream,
            toward,
            stamp_ns,
            offset,
            bytes: new,
        });
        self.next += new.len() as u64;
        self.remember(new);
    }

    fn remember(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(REMEMBERED_BYTES_MAX);
        let room = REMEMBERED_BYTES_MAX * 2 - kept;
        if self.remembered.len() > room {
            let surplus = self.remembered.len() - (REMEMBERED_BYTES_MAX - kept);
            self.remembered.drain(..surplus.min(self.remembered.len()));
        }
        self.remembered
            .extend_from_slice(bytes.get(bytes.len() - kept..).unwrap_or_default());
    }

    /// Compares bytes that came again with those given out, as far back as remembered.
    fn compare<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        offset: u64,
        stamp_ns: u64,
        old: &[u8],
        speaker: &mut Speaker<'_, F>,
    ) {
        speaker.counts.repeated_bytes += old.len() as u64;
        let first_remembered = self.next - self.remembered.len() as u64;
        let too_old = first_remembered
            .saturating_sub(offset)
            .min(old.len() as u64);
        speaker.counts.uncompared_bytes += too_old;
        let old = old
            .get(usize::try_from(too_old).unwrap_or(usize::MAX)..)
            .unwrap_or_default();
        let offset = offset + too_old;
        let from = usize::try_from(offset.saturating_sub(first_remembered)).unwrap_or(usize::MAX);
        let known = self.remembered.get(from..).unwrap_or_default();
        let Some(at) = known
            .iter()
            .zip(old)
            .position(|(first, second)| first != second)
        else {
            return;
        };
        // Probes for an open window or a living peer repeat the last byte as zero.
        if matches!(old, [0]) && known.len() == 1 {
            return;
        }
        let (first, second) = (known.get(at..old.len()), old.get(at..));
        speaker.counts.conflicts += 1;
        (speaker.out)(StreamEvent::Conflict {
            stream: speaker.stream,
            toward: self.toward,
            stamp_ns,
            offset: offset + at as u64,
            first: first.unwrap_or_default(),
            second: second.unwrap_or_default(),
        });
    }

    /// Gives out held segments as long as the first of them is due.
    fn release<F: FnMut(StreamEvent<'_>)>(&mut self, speaker: &mut Speaker<'_, F>) {
        while let Some(first) = self.held.first_entry() {
            if first.key().0 > self.next {
                return;
            }
            let ((offset, _), held) = first.remove_entry();
            self.held_bytes -= held.bytes.len();
            self.take(offset, held.stamp_ns, &held.bytes, speaker);
        }
    }

    /// Gives up on what is missing before the first held segment; false if nothing is held.
    pub(super) fn skip_to_held<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        speaker: &mut Speaker<'_, F>,
    ) -> bool {
        let Some((&(offset, _), _)) = self.held.first_key_value() else {
            return false;
        };
        self.skip(offset, speaker);
        self.release(speaker);
        true
    }

    /// Names what is missing before a FIN.
    pub(super) fn skip_to_finish<F: FnMut(StreamEvent<'_>)>(
        &mut self,
        speaker: &mut Speaker<'_, F>,
    ) {
        if let Some(finish) = self.finish {
            self.skip(finish, speaker);
        }
    }

    /// Names the bytes from the next one due up to `offset` as missing.
    fn skip<F: FnMut(StreamEvent<'_>)>(&mut self, offset: u64, speaker: &mut Speaker<'_, F>) {
        if offset <= self.next {
            return;
        }
        let length = offset - self.next;
        let (stream, toward) = (speaker.stream, self.toward);
        speaker.counts.gaps += 1;
        speaker.counts.gap_bytes += length;
        (speaker.out)(StreamEvent::Gap {
            stream,
            toward,
            offset: self.next,
            length,
        });
        self.next = offset;
        self.remembered.clear();
    }
}
