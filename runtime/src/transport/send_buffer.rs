//! The bytes of one connection that wait to be sent, with the gates that hold them back.
//!
//! In here: reserving, committing with a gate, and which prefix may go. Not in here: the socket.
//!
//! A gate is a journal position: bytes may leave once the flush's own gate has reached it. Gates
//! are kept as a short list of (end of the bytes, gate). The list only rises: bytes behind a higher
//! gate wait for it even if their own is lower, since a stream has an order. When the list is full
//! the newest two are merged under the higher gate, which can only delay and never send early.
//!
//! What is reserved is one piece, and so is what goes. When the room behind what waits is too short
//! the next piece begins at the front, as soon as it fits there before the oldest; what waits is
//! then two pieces. Moving it to the front instead was what we had: a peer who reads a little at a
//! time, in front of a buffer that is nearly full, had all of it moved for each message. Such a
//! message is refused now, though more than its length may be free, by less than the longest one
//! before it.

use std::collections::VecDeque;

/// Distinct gates that wait at once before they are merged. One per turn and connection is usual; a
/// disk that takes 1 ms to sync at a turn of 10 us makes a hundred.
pub(super) const GATES_MAX: usize = 128;

#[derive(Clone, Copy, Debug)]
struct Gate {
    /// Offset in the stream of the first byte behind this gate's bytes.
    end: u64,
    gate: u64,
}

/// What a send buffer is made of: memory for bytes and for their gates.
#[derive(Debug)]
pub(super) struct Store {
    bytes: Box<[u8]>,
    /// Never grows beyond `GATES_MAX`.
    gates: VecDeque<Gate>,
}

impl Store {
    /// A store of these bytes. Without any it takes no memory at all: a stranger who is never
    /// answered needs no gates either.
    pub(super) fn new(bytes: Box<[u8]>) -> Self {
        let gates = if bytes.is_empty() { 0 } else { GATES_MAX };
        Self {
            bytes,
            gates: VecDeque::with_capacity(gates),
        }
    }
}

/// A fixed buffer with a rising list of gates.
#[derive(Debug)]
pub(super) struct SendBuffer {
    store: Store,
    /// The oldest piece is `start..first_end`.
    start: usize,
    first_end: usize,
    /// A younger piece from the front on, when there is one: `0..second_end`, before `start`.
    second_end: usize,
    /// Where the reservation lies.
    reserved_at: usize,
    reserved: usize,
    /// Offset in the stream of the byte at `start`: what was sent so far.
    sent: u64,
}

impl SendBuffer {
    pub(super) const fn new(store: Store) -> Self {
        Self {
            store,
            start: 0,
            first_end: 0,
            second_end: 0,
            reserved_at: 0,
            reserved: 0,
            sent: 0,
        }
    }

    /// Room for `length` bytes in one piece, behind everything that waits.
    pub(super) fn reserve(&mut self, length: usize) -> Option<&mut [u8]> {
        self.reserved = 0;
        self.reserved_at = self.place_for(length)?;
        self.reserved = length;
        self.store
            .bytes
            .get_mut(self.reserved_at..self.reserved_at + length)
    }

    fn place_for(&mut self, length: usize) -> Option<usize> {
        let capacity = self.capacity();
        if self.second_end > 0 {
            return (length <= self.start - self.second_end).then_some(self.second_end);
        }
        if length <= capacity - self.first_end {
            return Some(self.first_end);
        }
        if length <= self.start {
            return Some(0);
        }
        // Only for a message of a quarter of the buffer or more: so what is moved for it is at most
        // twice as long.
        let waiting = self.queued();
        if waiting > capacity / 2 || length > capacity - waiting {
            return None;
        }
        self.store.bytes.copy_within(self.start..self.first_end, 0);
        (self.start, self.first_end) = (0, waiting);
        Some(waiting)
    }

    /// Takes over the first `length` bytes of what was reserved, to leave when `gate` is reached.
    pub(super) fn commit(&mut self, length: usize, gate: u64) {
        assert!(length <= self.reserved, "more was committed than reserved");
        self.reserved = 0;
        if length == 0 {
            return;
        }
        if self.second_end == 0 && self.reserved_at == self.first_end {
            self.first_end += length;
        } else {
            self.second_end = self.reserved_at + length;
        }
        let end = self.sent + self.queued() as u64;
        let is_list_full = self.store.gates.len() == GATES_MAX;
        match self.store.gates.back_mut() {
            Some(last) if is_list_full || gate <= last.gate => {
                last.end = end;
                last.gate = last.gate.max(gate);
            }
            _ => self.store.gates.push_back(Gate { end, gate }),
        }
    }

    /// What may go when everything up to `gate_max` is reached, as far as it is one piece.
    pub(super) fn sendable(&self, gate_max: u64) -> &[u8] {
        let reached = self
            .store
            .gates
            .partition_point(|gate| gate.gate <= gate_max);
        let last = reached
            .checked_sub(1)
            .and_then(|place| self.store.gates.get(place));
        let end = last.map_or(self.sent, |gate| gate.end);
        let length = usize::try_from(end - self.sent).unwrap_or(0);
        let first = self.first_end - self.start;
        self.store
            .bytes
            .get(self.start..self.start + length.min(first))
            .unwrap_or_default()
    }

    /// Drops `length` bytes from the front: the socket has them now.
    pub(super) fn advance(&mut self, length: usize) {
        let first = self.first_end - self.start;
        assert!(length <= first, "more was sent than waited");
        self.start += length;
        self.sent += length as u64;
        while self
            .store
            .gates
            .front()
            .is_some_and(|gate| gate.end <= self.sent)
        {
            self.store.gates.pop_front();
        }
        if self.start == self.first_end {
            (self.start, self.first_end) = (0, self.second_end);
            self.second_end = 0;
        }
    }

    pub(super) const fn queued(&self) -> usize {
        self.first_end - self.start + self.second_end
    }

    pub(super) const fn capacity(&self) -> usize {
        self.store.bytes.len()
    }

    /// Bytes the socket has taken so far.
    pub(super) const fn sent(&self) -> u64 {
        self.sent
    }

    /// Forgets what waits, and what a reservation was about.
    pub(super) fn discard(&mut self) {
        (self.start, self.first_end, self.second_end) = (0, 0, 0);
        self.reserved = 0;
        self.store.gates.clear();
    }

    /// Begins a new stream.
    pub(super) fn restart(&mut self) {
        self.discard();
        self.sent = 0;
    }

    /// Goes on with another store of at least the same length, and returns the former one.
    pub(super) fn exchange(&mut self, store: Store) -> Store {
        let waiting = self.queued();
        let first = self.first_end - self.start;
        let mut former = std::mem::replace(&mut self.store, store);
        if let (Some((into, behind)), Some(from), Some(second)) = (
            self.store
                .bytes
                .get_mut(..waiting)
                .map(|into| into.split_at_mut(first)),
            former.bytes.get(self.start..self.first_end),
            former.bytes.get(..self.second_end),
        ) {
            into.copy_from_slice(from);
            behind.copy_from_slice(second);
        }
        // A store without bytes has had no gates to hand over, and one with bytes has room.
        self.store.gates.clear();
        self.store.gates.extend(former.gates.drain(..));
        (self.start, self.second_end) = (0, 0);
        self.first_end = waiting.min(self.store.bytes.len());
        self.reserved = 0;
        former
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(length: usize) -> SendBuffer {
        SendBuffer::new(Store::new(vec![0; length].into()))
    }

    fn put(buffer: &mut SendBuffer, bytes: &[u8], gate: u64) {
        buffer.reserve(bytes.len()).unwrap().copy_from_slice(bytes);
        buffer.commit(bytes.len(), gate);
    }

    #[test]
    fn only_bytes_behind_a_reached_gate_go() {
        let mut buffer = buffer(16);
        put(&mut buffer, b"ab", 10);
        put(&mut buffer, b"cd", 20);
        put(&mut buffer, b"ef", 20);
        put(&mut buffer, b"g", 15); // later in the stream, so it waits for 20 as well
        put(&mut buffer, b"h", 30);
        assert_eq!(buffer.sendable(9), b"");
        assert_eq!(buffer.sendable(10), b"ab");
        assert_eq!(buffer.sendable(19), b"ab");
        buffer.advance(1);
        assert_eq!(buffer.sendable(10), b"b");
        assert_eq!(buffer.sendable(29), b"bcdefg");
        buffer.advance(6);
        assert_eq!(buffer.sendable(29), b"");
        assert_eq!(buffer.sendable(u64::MAX), b"h");
        buffer.advance(1);
        assert_eq!((buffer.queued(), buffer.sent()), (0, 8));
    }

    #[test]
    fn no_room_is_said_and_the_front_makes_room() {
        let mut buffer = buffer(4);
        put(&mut buffer, b"abc", 0);
        assert!(buffer.reserve(2).is_none());
        assert!(buffer.reserve(1).is_some());
        buffer.commit(0, 0);
        buffer.advance(2);
        put(&mut buffer, b"def", 0);
        assert_eq!(buffer.sendable(0), b"cdef");
        assert!(buffer.reserve(5).is_none());
    }

    /// Against a plain queue, with pieces of all lengths and sends of any part: the same bytes in
    /// the same order, and no room only where less is free than the length and the longest.
    #[test]
    fn the_stream_is_what_was_committed_however_it_lies() {
        for seed in 1..=40_u64 {
            let mut state = seed;
            let mut below = |limit: usize| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                usize::try_from(state >> 33).unwrap() % limit
            };
            let capacity = 20 + below(200);
            let mut buffer = buffer(capacity);
            let mut twin = VecDeque::new();
            let (mut next, mut wraps, mut gate) = (0_u8, 0, 0);
            for step in 0..4_000 {
                let length = 1 + below(capacity / 3);
                if let Some(room) = buffer.reserve(length) {
                    assert_eq!(room.len(), length, "seed {seed}, step {step}");
                    let used = length - below(length).min(2);
                    for byte in room.iter_mut().take(used) {
                        next = next.wrapping_add(1);
                        *byte = next;
                        twin.push_back(next);
                    }
                    gate += 1;
                    buffer.commit(used, gate);
                    wraps += usize::from(buffer.second_end > 0);
                } else {
                    let free = capacity - buffer.queued();
                    assert!(
                        free < length + capacity / 3,
                        "seed {seed}, step {step}: {free}, {length}"
                    );
                }
                assert_eq!(buffer.queued(), twin.len());
                if below(40) == 0 {
                    buffer.exchange(Store::new(vec![0; capacity].into()));
                }
                let sendable = buffer.sendable(gate);
                assert!(!sendable.is_empty());
                let sent = below(sendable.len() + 1);
                let expected: Vec<u8> = twin.drain(..sent).collect();
                assert_eq!(sendable[..sent], expected, "seed {seed}, step {step}");
                buffer.advance(sent);
                if twin.is_empty() {
                    buffer.restart();
                }
            }
            assert!(wraps > 0, "seed {seed}");
        }
    }

    /// Nothing is moved for a peer who reads as much as he is sent in front of a full buffer.
    #[test]
    fn a_full_buffer_of_which_a_little_is_read_at_a_time_stays_where_it_is() {
        let mut buffer = buffer(1_000);
        let message = [7; 30];
        while buffer.reserve(30).is_some() {
            put(&mut buffer, &message, 0);
        }
        let mut places = Vec::new();
        for _ in 0..2_000 {
            let waiting = buffer.sendable(0).len();
            buffer.advance(waiting.min(29));
            let start = buffer.start;
            if buffer.reserve(30).is_some() {
                put(&mut buffer, &message, 0);
                places.push(buffer.reserved_at);
            }
            assert_eq!(buffer.start, start, "what waits was moved");
        }
        assert!(places.len() > 1_500, "{}", places.len());
    }

    #[test]
    fn a_full_list_of_gates_delays_and_never_hurries() {
        let mut buffer = buffer(GATES_MAX + 8);
        for gate in 0..=GATES_MAX as u64 {
            put(&mut buffer, b"x", gate);
        }
        let last = GATES_MAX as u64;
        assert_eq!(buffer.sendable(last - 2).len(), GATES_MAX - 1);
        assert_eq!(buffer.sendable(last - 1).len(), GATES_MAX - 1);
        assert_eq!(buffer.sendable(last).len(), GATES_MAX + 1);
    }

    #[test]
    fn an_exchange_keeps_bytes_and_gates() {
        let mut buffer = buffer(4);
        put(&mut buffer, b"ab", 1);
        put(&mut buffer, b"cd", 2);
        buffer.advance(1);
        buffer.exchange(Store::new(vec![0; 8].into()));
        assert_eq!(buffer.sendable(1), b"b");
        assert_eq!(buffer.sendable(2), b"bcd");
        put(&mut buffer, b"efghi", 2);
        assert_eq!(buffer.sendable(2), b"bcdefghi");
    }

    #[test]
    fn a_store_without_bytes_takes_no_memory_and_no_bytes() {
        let empty = Store::new(Box::new([]));
        assert_eq!(empty.gates.capacity(), 0);
        let mut buffer = SendBuffer::new(empty);
        assert!(buffer.reserve(1).is_none());
        assert_eq!(
            (buffer.capacity(), buffer.sendable(u64::MAX)),
            (0, &b""[..])
        );
        let former = buffer.exchange(Store::new(vec![0; 4].into()));
        assert!(former.bytes.is_empty());
        put(&mut buffer, b"abcd", 1);
        buffer.advance(4);
        buffer.restart();
        let large = buffer.exchange(former);
        assert_eq!((large.bytes.len(), buffer.capacity()), (4, 0));
        assert_eq!(buffer.store.gates.capacity(), 0, "nothing was allocated");
    }
}
