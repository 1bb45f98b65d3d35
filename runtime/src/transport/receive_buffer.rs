//! The bytes of one connection that arrived and were not consumed yet: always in one piece.
//!
//! In here: where the next bytes go and which wait for their consumer. Not in here: the socket.

/// A fixed buffer, filled behind and consumed in front.
#[derive(Debug)]
pub(super) struct ReceiveBuffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl ReceiveBuffer {
    pub(super) const fn new(bytes: Box<[u8]>) -> Self {
        Self {
            bytes,
            start: 0,
            end: 0,
        }
    }

    /// The room behind what waits; empty only when the whole buffer waits. Moves what waits to the
    /// front when less than a quarter of the buffer is left, so that the move is rare and the next
    /// receive is not split into crumbs.
    pub(super) fn room(&mut self) -> &mut [u8] {
        let behind = self.bytes.len() - self.end;
        if self.start > 0 && behind < self.bytes.len() / 4 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        self.bytes.get_mut(self.end..).unwrap_or_default()
    }

    /// Takes over `length` bytes that were put into `room`.
    pub(super) fn arrived(&mut self, length: usize) {
        assert!(
            length <= self.bytes.len() - self.end,
            "more arrived than there was room for"
        );
        self.end += length;
    }

    pub(super) fn waiting(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end).unwrap_or_default()
    }

    pub(super) const fn is_full(&self) -> bool {
        self.start == 0 && self.end == self.bytes.len()
    }

    /// Drops `length` bytes from the front of what waits.
    pub(super) fn consume(&mut self, length: usize) {
        assert!(
            length <= self.end - self.start,
            "more was consumed than waited"
        );
        self.start += length;
        if self.start == self.end {
            self.clear();
        }
    }

    pub(super) const fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Goes on with another buffer of at least the same length, and returns the former one.
    pub(super) fn exchange(&mut self, bytes: Box<[u8]>) -> Box<[u8]> {
        let waiting = self.end - self.start;
        let former = std::mem::replace(&mut self.bytes, bytes);
        if let (Some(into), Some(from)) = (
            self.bytes.get_mut(..waiting),
            former.get(self.start..self.end),
        ) {
            into.copy_from_slice(from);
        }
        self.start = 0;
        self.end = waiting.min(self.bytes.len());
        former
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(length: usize) -> ReceiveBuffer {
        ReceiveBuffer::new(vec![0; length].into())
    }

    fn arrive(buffer: &mut ReceiveBuffer, bytes: &[u8]) {
        buffer.room()[..bytes.len()].copy_from_slice(bytes);
        buffer.arrived(bytes.len());
    }

    #[test]
    fn the_rest_stays_in_front() {
        let mut buffer = buffer(8);
        arrive(&mut buffer, b"abcdef");
        buffer.consume(4);
        assert_eq!(buffer.waiting(), b"ef");
        // Two of eight are left behind: not less than a quarter, so nothing moves.
        assert_eq!(buffer.room().len(), 2);
        arrive(&mut buffer, b"g");
        assert_eq!(buffer.room().len(), 5);
        assert_eq!(buffer.waiting(), b"efg");
    }

    #[test]
    fn full_means_that_all_of_it_waits() {
        let mut buffer = buffer(4);
        arrive(&mut buffer, b"abcd");
        assert!(buffer.is_full());
        assert!(buffer.room().is_empty());
        buffer.consume(1);
        assert!(!buffer.is_full());
        assert_eq!(buffer.room().len(), 1);
        buffer.consume(3);
        assert_eq!(buffer.room().len(), 4);
    }

    #[test]
    fn an_exchange_keeps_what_waits() {
        let mut buffer = buffer(4);
        arrive(&mut buffer, b"abcd");
        buffer.consume(1);
        assert_eq!(buffer.exchange(vec![0; 6].into()).len(), 4);
        assert_eq!(buffer.waiting(), b"bcd");
        assert_eq!(buffer.room().len(), 3);
    }
}
