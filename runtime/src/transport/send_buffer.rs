//! The bytes of one connection that wait to be sent, with the gates that hold them back.
//!
//! In here: reserving, committing with a gate, and which prefix may go. Not in here: the socket.
//!
//! A gate is a journal position: bytes may leave once the flush's own gate has reached it. Gates
//! are kept as a short list of (end of the bytes, gate). The list only rises: bytes behind a higher
//! gate wait for it even if their own is lower, since a stream has an order. When the list is full
//! the newest two are merged under the higher gate, which can only delay and never send early.

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
    start: usize,
    end: usize,
    reserved: usize,
    /// Offset in the stream of the byte at `start`: what was sent so far.
    sent: u64,
}

impl SendBuffer {
    pub(super) const fn new(store: Store) -> Self {
        Self {
            store,
            start: 0,
            end: 0,
            reserved: 0,
            sent: 0,
        }
    }

    /// Room for `length` bytes in one piece, behind everything that waits.
    pub(super) fn reserve(&mut self, length: usize) -> Option<&mut [u8]> {
        self.reserved = 0;
        let waiting = self.end - self.start;
        if length > self.store.bytes.len() - waiting {
            return None;
        }
        if length > self.store.bytes.len() - self.end {
            self.store.bytes.copy_within(self.start..self.end, 0);
            self.start = 0;
            self.end = waiting;
        }
        self.reserved = length;
        self.store.bytes.get_mut(self.end..self.end + length)
    }

    /// Takes over the first `length` bytes of what was reserved, to leave when `gate` is reached.
    pub(super) fn commit(&mut self, length: usize, gate: u64) {
        assert!(length <= self.reserved, "more was committed than reserved");
        self.reserved = 0;
        if length == 0 {
            return;
        }
        self.end += length;
        let end = self.sent + (self.end - self.start) as u64;
        let is_list_full = self.store.gates.len() == GATES_MAX;
        match self.store.gates.back_mut() {
            Some(last) if is_list_full || gate <= last.gate => {
                last.end = end;
                last.gate = last.gate.max(gate);
            }
            _ => self.store.gates.push_back(Gate { end, gate }),
        }
    }

    /// What may go when everything up to `gate_max` is reached.
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
        self.store
            .bytes
            .get(self.start..self.start + length)
            .unwrap_or_default()
    }

    /// Drops `length` bytes from the front: the socket has them now.
    pub(super) fn advance(&mut self, length: usize) {
        assert!(length <= self.end - self.start, "more was sent than waited");
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
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    pub(super) const fn queued(&self) -> usize {
        self.end - self.start
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
        self.start = 0;
        self.end = 0;
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
        let mut former = std::mem::replace(&mut self.store, store);
        if let (Some(into), Some(from)) = (
            self.store.bytes.get_mut(..waiting),
            former.bytes.get(self.start..self.end),
        ) {
            into.copy_from_slice(from);
        }
        // A store without bytes has had no gates to hand over, and one with bytes has room.
        self.store.gates.clear();
        self.store.gates.extend(former.gates.drain(..));
        self.start = 0;
        self.end = waiting.min(self.store.bytes.len());
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
