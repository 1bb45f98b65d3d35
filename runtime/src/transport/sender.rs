//! The sending half of every connection, and its state.
//!
//! In here: what the application may do to a connection from anywhere: reserve, commit, close,
//! promote. Not in here: receiving (`poll`), and the one place that sends (`Transport::flush`).

use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::send_buffer::{SendBuffer, Store};
use super::slots::SlotSet;
use super::{ClosedReason, ConnectionId, TransportTerms};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The slot is free, or was given up for good.
    Free,
    /// Outbound, not arrived yet.
    Connecting,
    /// Both ways open.
    Open,
    /// Closes once everything that waits was sent; nothing is delivered any more.
    Draining,
    /// Told closed; our side has ended its stream and the peer's rest is read and dropped, because
    /// closing a socket with unread bytes would take our last bytes from the peer.
    Lingering,
    /// Over; the application has yet to be told.
    Ended(ClosedReason),
}

/// One slot's sending half.
#[derive(Debug)]
pub(super) struct Line {
    /// The connection in this slot, `None` while it is free and once it was told closed.
    pub(super) id: Option<ConnectionId>,
    pub(super) phase: Phase,
    pub(super) socket: Option<OwnedFd>,
    pub(super) out: SendBuffer,
    pub(super) token: u32,
    /// Why sending failed. What arrived before is still read and delivered.
    pub(super) broken: Option<ClosedReason>,
    pub(super) deliver_again: bool,
    pub(super) promote: bool,
    pub(super) stay_hot: bool,
    pub(super) linger_until_ns: u64,
    /// Since when the peer takes nothing of what waits for it; zero while it does.
    pub(super) stuck_since_ns: u64,
    pub(super) addresses: Option<(SocketAddr, SocketAddr)>,
    /// How many connections this slot has had.
    pub(super) generation: u32,
}

impl Line {
    pub(super) fn new(out: Box<[u8]>) -> Self {
        Self {
            id: None,
            phase: Phase::Free,
            socket: None,
            out: SendBuffer::new(Store::new(out)),
            token: 0,
            broken: None,
            deliver_again: false,
            promote: false,
            stay_hot: false,
            linger_until_ns: 0,
            stuck_since_ns: 0,
            addresses: None,
            generation: 0,
        }
    }

    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }
}

/// The sending half of all connections. The callback of `Transport::poll` gets it beside the event.
#[derive(Debug)]
pub struct Sender {
    pub(super) lines: Box<[Line]>,
    slot_bits: u32,
    /// Connections with something to send.
    pub(super) queued: SlotSet,
    /// Connections that are over and not told yet.
    pub(super) ended: SlotSet,
    /// Connections about which something was asked that the next poll does: it looks at them even
    /// if they are watched.
    pub(super) asked: SlotSet,
}

impl Sender {
    pub(super) fn new(terms: &TransportTerms) -> Self {
        let slots = terms.slots();
        let line = |slot| {
            let is_outbound = slot < terms.outbound_max;
            Line::new(super::buffer(terms.send_bytes_of(is_outbound)))
        };
        Self {
            lines: (0..slots).map(line).collect(),
            slot_bits: slots.next_power_of_two().trailing_zeros().max(1),
            queued: SlotSet::new(slots),
            ended: SlotSet::new(slots),
            asked: SlotSet::new(slots),
        }
    }

    /// The identity of the slot's next connection. Never the same twice; `None` when the slot's
    /// numbers are used up, after at least a million connections in it.
    pub(super) fn next_id(&mut self, slot: usize) -> Option<ConnectionId> {
        let bits = self.slot_bits;
        let line = self.lines.get_mut(slot)?;
        line.generation += 1;
        if line.generation >= u32::MAX >> bits {
            return None;
        }
        Some(ConnectionId(
            line.generation << bits | u32::try_from(slot).ok()?,
        ))
    }

    /// The slot of a living connection.
    #[inline]
    pub(super) fn slot_of(&self, connection: ConnectionId) -> Option<usize> {
        let slot = (connection.0 & ((1 << self.slot_bits) - 1)) as usize;
        let line = self.lines.get(slot)?;
        (line.id == Some(connection)).then_some(slot)
    }

    fn line_mut(&mut self, connection: ConnectionId) -> Option<(usize, &mut Line)> {
        let slot = self.slot_of(connection)?;
        self.lines.get_mut(slot).map(|line| (slot, line))
    }

    /// Room for `length` bytes to this peer, in one piece. `None` when there is no room behind what
    /// waits already, or the connection is not open. A second reservation replaces the first.
    #[inline]
    #[must_use]
    pub fn reserve(&mut self, connection: ConnectionId, length: usize) -> Option<&mut [u8]> {
        let (_, line) = self.line_mut(connection)?;
        if line.phase != Phase::Open || line.broken.is_some() {
            return None;
        }
        line.out.reserve(length)
    }

    /// Commits the first `length` bytes of what was reserved. They leave with the first flush whose
    /// gate has reached `gate`, and not before bytes that were committed earlier. On a connection
    /// that ended since it was reserved nothing happens.
    ///
    /// # Panics
    /// When `length` is more than was reserved.
    #[inline]
    pub fn commit(&mut self, connection: ConnectionId, length: usize, gate: u64) {
        let Some((slot, line)) = self.line_mut(connection) else {
            return;
        };
        if line.phase == Phase::Open && line.broken.is_none() {
            line.out.commit(length, gate);
            if length > 0 {
                self.queued.insert(slot);
            }
        }
    }

    /// Bytes that are committed and not taken by the socket yet.
    #[must_use]
    pub fn queued(&self, connection: ConnectionId) -> usize {
        let line = self
            .slot_of(connection)
            .and_then(|slot| self.lines.get(slot));
        line.map_or(0, |line| line.out.queued())
    }

    /// Bytes the socket has taken since the connection began.
    #[must_use]
    pub fn sent(&self, connection: ConnectionId) -> u64 {
        let line = self
            .slot_of(connection)
            .and_then(|slot| self.lines.get(slot));
        line.map_or(0, |line| line.out.sent())
    }

    /// Size of the connection's send buffer: what `reserve` can give at most.
    #[must_use]
    pub fn capacity(&self, connection: ConnectionId) -> usize {
        let line = self
            .slot_of(connection)
            .and_then(|slot| self.lines.get(slot));
        line.map_or(0, |line| line.out.capacity())
    }

    /// Whether bytes can still be committed.
    #[must_use]
    pub fn is_open(&self, connection: ConnectionId) -> bool {
        let line = self
            .slot_of(connection)
            .and_then(|slot| self.lines.get(slot));
        line.is_some_and(|line| line.phase == Phase::Open && line.broken.is_none())
    }

    /// Local and peer address, once connected.
    #[must_use]
    pub fn addresses(&self, connection: ConnectionId) -> Option<(SocketAddr, SocketAddr)> {
        self.slot_of(connection)
            .and_then(|slot| self.lines.get(slot))?
            .addresses
    }

    /// Closes once everything committed was sent (each at its gate). From now on nothing that
    /// arrives is delivered. `Closed` with `Local` follows when the last byte was sent; if it never
    /// is, because the peer does not read or a gate is not reached, `close` ends it.
    pub fn close_after_flush(&mut self, connection: ConnectionId) {
        let Some((slot, line)) = self.line_mut(connection) else {
            return;
        };
        match line.phase {
            Phase::Open if line.broken.is_none() => {
                line.phase = Phase::Draining;
                self.queued.insert(slot);
            }
            Phase::Connecting | Phase::Open => self.end(slot, ClosedReason::Local),
            _ => {}
        }
    }

    /// Closes at once; what waits is dropped. `Closed` with `Local` follows at the next poll.
    pub fn close(&mut self, connection: ConnectionId) {
        if let Some((slot, line)) = self.line_mut(connection)
            && !matches!(line.phase, Phase::Ended(_))
        {
            self.end(slot, ClosedReason::Local);
        }
    }

    /// Delivers what waits in the receive buffer once more at its next turn, even if nothing new
    /// arrives: for a receiver that had to leave whole messages for lack of room elsewhere.
    pub fn deliver_again(&mut self, connection: ConnectionId) {
        if let Some((slot, line)) = self.line_mut(connection) {
            line.deliver_again = true;
            self.asked.insert(slot);
        }
    }

    /// Gives an accepted connection the large buffers, and a place in the hot set if one is free,
    /// from the next poll on: it has turned out not to be a stranger. When `promoted_max` have them
    /// already it stays as it is, and `TransportCounts::promotions_refused` counts it.
    pub fn promote(&mut self, connection: ConnectionId) {
        if let Some((slot, line)) = self.line_mut(connection) {
            line.promote = true;
            self.asked.insert(slot);
        }
    }

    /// Keeps a promoted connection in the hot set from the next poll on, however silent it is. When
    /// `hot_max` others are kept there already, it comes and goes as it speaks, and
    /// `TransportCounts::hot_refused` counts it.
    pub fn keep_hot(&mut self, connection: ConnectionId) {
        if let Some((slot, line)) = self.line_mut(connection) {
            line.stay_hot = true;
            self.asked.insert(slot);
        }
    }

    /// The end of a connection, to be told at the next poll.
    pub(super) fn end(&mut self, slot: usize, reason: ClosedReason) {
        let Some(line) = self.lines.get_mut(slot) else {
            return;
        };
        line.phase = Phase::Ended(reason);
        line.socket = None;
        line.out.discard();
        self.queued.remove(slot);
        self.ended.insert(slot);
    }

    /// Sending failed: nothing more goes out, but what arrived before is still to be read.
    pub(super) fn break_off(&mut self, slot: usize, reason: ClosedReason) {
        let Some(line) = self.lines.get_mut(slot) else {
            return;
        };
        if line.phase == Phase::Draining {
            self.end(slot, reason);
            return;
        }
        line.broken = Some(reason);
        line.out.discard();
        self.queued.remove(slot);
        self.asked.insert(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_never_used_twice() {
        let terms = TransportTerms {
            connections_max: 2,
            outbound_max: 1,
            receive_bytes: 1,
            send_bytes: 1,
            stranger_send_bytes: 1,
            ..TransportTerms::default()
        };
        let mut sender = Sender::new(&terms);
        let first: Vec<_> = (0..3).filter_map(|slot| sender.next_id(slot)).collect();
        let second: Vec<_> = (0..3).filter_map(|slot| sender.next_id(slot)).collect();
        assert_eq!(first, [ConnectionId(4), ConnectionId(5), ConnectionId(6)]);
        assert_eq!(second, [ConnectionId(8), ConnectionId(9), ConnectionId(10)]);
        assert_eq!(sender.slot_of(ConnectionId(4)), None, "nobody has it now");
        sender.lines[1].generation = (u32::MAX >> 2) - 2;
        assert!(sender.next_id(1).is_some_and(|last| last.0 > u32::MAX - 8));
        assert_eq!(sender.next_id(1), None);
    }
}
