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

/// A fixed buffer with a rising list of gates.
#[derive(Debug)]
pub(super) struct SendBuffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
    reserved: usize,
    /// Offset in the stream of the byte at `start`: what was sent so far.
    sent: u64,
    /// Never grows beyond `GATES_MAX`.
    gates: VecDeque<Gate>,
}

impl SendBuffer {
    pub(super) fn new(bytes: Box<[u8]>) -> Self {
        let gates = VecDeque::with_capacity(GATES_MAX);
        Self {
            bytes,
            start: 0,
            end: 0,
            reserved: 0,
            sent: 0,
            gates,
        }
    }

    /// Room for `length` bytes in one piece, behind everything that waits.
    pub(super) fn reserve(&mut self, length: usize) -> Option<&mut [u8]> {
        self.reserved = 0;
        let waiting = self.end - self.start;
        if length > self.bytes.len() - waiting {
            return None;
        }
        if length > self.bytes.len() - self.end {
            self.bytes.copy_within(self.start..self.end, 0);
            self.start = 0;
            self.end = waiting;
        }
        self.reserved = length;
        self.bytes.get_mut(self.end..self.end + length)
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
        let is_list_full = self.gates.len() == GATES_MAX;
        match self.gates.back_mut() {
            Some(last) if is_list_full || gate <= last.gate => {
                last.end = end;
                last.gate = last.gate.max(gate);
            }
            _ => self.gates.push_back(Gate { end, gate }),
        }
    }

    /// What may go when everything up to `gate_max` is reached.
    pub(super) fn sendable(&self, gate_max: u64) -> &[u8] {
        let reached = self.gates.partition_point(|gate| gate.gate <= gate_max);
        let last = reached
            .checked_sub(1)
            .and_then(|place| self.gates.get(place));
        let end = last.map_or(self.sent, |gate| gate.end);
        let length = usize::try_from(end - self.sent).unwrap_or(0);
        self.bytes
            .get(self.start..self.start + length)
            .unwrap_or_default()
    }

    /// Drops `length` bytes from the front: the socket has them now.
    pub(super) fn advance(&mut self, length: usize) {
        assert!(length <= self.end - self.start, "more was sent than waited");
        self.start += length;
        self.sent += length as u64;
        while self.gates.front().is_some_and(|gate| gate.end <= self.sent) {
            self.gates.pop_front();
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
        self.bytes.len()
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
        self.gates.clear();
    }

    /// Begins a new stream.
    pub(super) fn restart(&mut self) {
        self.discard();
        self.sent = 0;
    }

    /// Goes on with another buffer of at least the same length, and returns the former one.
    pub(super) fn exchange(&mut self, bytes: Box<[u8]>) -> Box<[u8]> {
        let waiting = self.queued();
        let former = std::mem::replace(&mut self.bytes, bytes);
        if let (Some(into), Some(from)) = (
            self.bytes.get_mut(..waiting),
            former.get(self.start..self.end),
        ) {
            into.copy_from_slice(from);
        }
        self.start = 0;
        self.end = waiting.min(self.bytes.len());
        self.reserved = 0;
        former
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(length: usize) -> SendBuffer {
        SendBuffer::new(vec![0; length].into())
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
        buffer.exchange(vec![0; 8].into());
        assert_eq!(buffer.sendable(1), b"b");
        assert_eq!(buffer.sendable(2), b"bcd");
        put(&mut buffer, b"efghi", 2);
        assert_eq!(buffer.sendable(2), b"bcdefghi");
    }
}
