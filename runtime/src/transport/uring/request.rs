//! Which receive a completion is about, and the receives of forgotten connections that the kernel
//! may still have.
//!
//! A forgotten connection is nobody's any more, but its receive holds the socket open until it is
//! over: its cancellation may miss it, while it is on its way from one poll to the next, and is
//! then to be asked again, or the peer never sees the end.

use io_uring::squeue;

use crate::ring::Ring;

/// Where a request's number stands, above its slot.
const SERIAL_SHIFT: u32 = 24;
/// Slots that a request can name.
pub(super) const SLOTS_MAX: usize = 1 << SERIAL_SHIFT;

/// A request by its slot and its number there.
pub(super) fn request(slot: usize, serial: u32) -> u64 {
    u64::from(serial) << SERIAL_SHIFT | slot as u64
}

/// The slot of a request, and its number there.
pub(super) fn slot_and_serial(request: u64) -> (usize, u32) {
    let slot = usize::try_from(request).unwrap_or(0) & (SLOTS_MAX - 1);
    let serial = u32::try_from(request >> SERIAL_SHIFT).unwrap_or(0);
    (slot, serial)
}

/// Puts an entry into the queue, making room if there is none.
pub(super) fn push(ring: &mut Ring, entry: &squeue::Entry) -> bool {
    if ring.is_full() {
        // What stays in the queue then leaves no room, which the caller is told.
        let _ = ring.enter(0);
    }
    // SAFETY: neither a receive into lent buffers nor a cancellation points to a buffer.
    // JUSTIFICATION: see `Ring::push`.
    unsafe { ring.push(entry) }
}

/// Requests of forgotten connections that are not over.
#[derive(Debug)]
pub(super) struct Forgotten {
    /// Few at a time, since each is over within a turn or two. Never grows beyond its capacity;
    /// what finds no room is cancelled once, like all others, and not asked for again.
    requests: Vec<u64>,
}

impl Forgotten {
    pub(super) fn new(requests_max: usize) -> Forgotten {
        Forgotten {
            requests: Vec::with_capacity(requests_max),
        }
    }

    pub(super) fn add(&mut self, request: u64) {
        if self.requests.len() < self.requests.capacity() {
            self.requests.push(request);
        }
    }

    /// Whether one is not over.
    pub(super) fn has(&self, request: u64) -> bool {
        self.requests.contains(&request)
    }

    /// One is over.
    pub(super) fn over(&mut self, request: u64) {
        self.requests.retain(|other| *other != request);
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_read_back() {
        for slot in [0, 1, SLOTS_MAX - 1] {
            for serial in [0, 1, u32::MAX] {
                assert_eq!(slot_and_serial(request(slot, serial)), (slot, serial));
            }
        }
    }

    #[test]
    fn no_room_is_no_growth() {
        let mut forgotten = Forgotten::new(2);
        let room = u64::try_from(forgotten.requests.capacity()).unwrap();
        (0..room + 3).for_each(|request| forgotten.add(request));
        assert!(forgotten.has(room - 1) && !forgotten.has(room));
        forgotten.over(0);
        assert!(!forgotten.has(0));
        (0..room).for_each(|request| forgotten.over(request));
        assert!(forgotten.is_empty());
    }
}
