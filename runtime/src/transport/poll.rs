//! One turn of looking at everything.
//!
//! In here: the order in which connections are looked at and events are told. Not in here: sending
//! (`Transport::flush`), ends (`ending`), and buffers.
//!
//! The order of a turn: new connections, connections on their way, what was asked for, the hot set,
//! some of the watched that have something, those that cannot be watched, ends, the rest of closed
//! streams, the timer.
//!
//! Behind a turn in which nothing happened, the first of the hot set that has something is the last
//! that is looked at: what it caused is sent before the others are asked, each of which costs a
//! system call. Turns that follow each other with work in them look at all, so nobody is put off by
//! more than one turn, and under load one send still takes what all lines have caused.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use super::sender::{Phase, Sender};
use super::socket::{self, Moved};
use super::watcher::Taken;
use super::{ClosedReason, ConnectionId, Event, ListenerId, Transport, Watcher, Wire};

impl<A: Watcher, W: Wire> Transport<A, W> {
    /// Looks at everything once and tells each event to `f` together with the sending half. `f`
    /// returns how many bytes of `Received` it consumed; for other events the value means nothing.
    /// Returns how many events there were.
    ///
    /// # Panics
    /// When `f` claims to have consumed more than it was shown.
    pub fn poll(&mut self, f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize) -> usize {
        self.watcher.turn(&self.clock);
        let mut events = self.accept(f);
        if !self.connecting.is_empty() {
            events += self.look_at_connecting(f);
        }
        if !self.sender.asked.is_empty() {
            self.answer_asked();
        }
        // Backwards, because one that leaves the set has its place taken by the last.
        let was_quiet = std::mem::take(&mut self.was_quiet);
        for place in (0..self.hot.len()).rev() {
            let slot = self.hot.at(place);
            let told = slot.map_or(0, |slot| self.look_at(slot, f));
            events += told;
            if was_quiet && told > 0 {
                break;
            }
        }
        while let Some(slot) = self.watcher.stirred() {
            self.make_ready(slot);
        }
        events += self.look_at_ready(f);
        events += self.look_at_swept(f);
        if !self.sender.ended.is_empty() {
            events += self.tell_ended(f);
        }
        if !self.lingering.is_empty() {
            self.linger();
        }
        if self.deadline_ns.is_some() && self.watcher.is_deadline_reached(&self.clock) {
            self.deadline_ns = None;
            let stamp = self.clock.now();
            f(Event::Deadline { stamp }, &mut self.sender);
            events += 1;
        }
        self.was_quiet = events == 0;
        events
    }

    fn accept(&mut self, f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize) -> usize {
        let mut events = 0;
        for _ in 0..self.terms.accepts_per_turn {
            let Some((listener, accepted)) = self.watcher.accepted() else {
                break;
            };
            let Ok((local, peer)) = socket::addresses(accepted.as_fd()) else {
                self.counts.accepts_vanished += 1;
                continue;
            };
            let ends = (local, peer);
            events += usize::from(self.adopt(listener, accepted, ends, f).is_some());
        }
        if self.watcher.failure().is_some() {
            self.counts.accepts_failed += 1;
        }
        events
    }

    /// Takes over a connected stream that somebody else accepted, for instance the near end of a
    /// relay, as if `listener` had: `Accepted` is told before this returns. The addresses, local
    /// and peer, are those that the connection is to have; nothing is asked of the socket, which
    /// must be one that does not block. Allocates nothing. `None` when there is no slot; the socket
    /// is then closed, and `TransportCounts::accepts_refused` counts it.
    pub fn adopt(
        &mut self,
        listener: ListenerId,
        socket: OwnedFd,
        (local, peer): (SocketAddr, SocketAddr),
        f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize,
    ) -> Option<ConnectionId> {
        let Some((slot, connection)) = self.inbound_slot() else {
            self.counts.accepts_refused += 1;
            return None;
        };
        if let Some(line) = self.sender.lines.get_mut(slot) {
            line.id = Some(connection);
            line.socket = Some(socket);
            line.phase = Phase::Open;
            line.addresses = Some((local, peer));
        }
        let stamp = self.clock.now();
        let event = Event::Accepted {
            listener,
            connection,
            peer,
            local,
            stamp,
        };
        f(event, &mut self.sender);
        self.settle(slot);
        Some(connection)
    }

    fn inbound_slot(&mut self) -> Option<(usize, ConnectionId)> {
        loop {
            let slot = self.inbound_free.take()?;
            // A slot whose numbers are used up is not given back.
            if let Some(connection) = self.sender.next_id(slot) {
                return Some((slot, connection));
            }
        }
    }

    fn look_at_connecting(&mut self, f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize) -> usize {
        let mut events = 0;
        for place in (0..self.connecting.len()).rev() {
            let Some(slot) = self.connecting.at(place) else {
                continue;
            };
            let Some(line) = self.sender.lines.get_mut(slot) else {
                continue;
            };
            let (Some(connection), Some(socket)) = (line.id, line.fd()) else {
                continue;
            };
            let Some(arrived) = socket::connected(socket) else {
                continue;
            };
            self.connecting.remove(slot);
            match arrived.and_then(|()| socket::addresses_of_two(socket)) {
                Ok((local, peer)) => {
                    line.phase = Phase::Open;
                    line.addresses = Some((local, peer));
                    let token = line.token;
                    self.hot.insert(slot);
                    let stamp = self.clock.now();
                    let event = Event::Connected {
                        connection,
                        token,
                        peer,
                        local,
                        stamp,
                    };
                    f(event, &mut self.sender);
                    events += 1;
                }
                Err(errno) => self.sender.end(slot, ClosedReason::Error(errno)),
            }
        }
        events
    }

    /// Some of the watched connections that have something, the longest waiting first.
    fn look_at_ready(&mut self, f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize) -> usize {
        let mut events = 0;
        for _ in 0..self.terms.watched_per_turn.min(self.ready.len()) {
            if let Some(slot) = self.ready.pop() {
                events += self.look_at(slot, f);
                self.settle(slot);
            }
        }
        for _ in 0..self
            .terms
            .strangers_per_turn
            .min(self.ready_strangers.len())
        {
            if let Some(slot) = self.ready_strangers.pop() {
                events += self.look_at(slot, f);
                self.settle(slot);
            }
        }
        events
    }

    /// All promoted connections that cannot be watched, and some strangers of that kind.
    fn look_at_swept(&mut self, f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize) -> usize {
        let mut events = 0;
        for place in (0..self.swept.len()).rev() {
            if let Some(slot) = self.swept.at(place) {
                events += self.look_at(slot, f);
                self.settle(slot);
            }
        }
        for _ in 0..self
            .terms
            .strangers_per_turn
            .min(self.swept_strangers.len())
        {
            let last = self.swept_strangers.len().saturating_sub(1);
            self.swept_next = self.swept_next.checked_sub(1).unwrap_or(last).min(last);
            if let Some(slot) = self.swept_strangers.at(self.swept_next) {
                events += self.look_at(slot, f);
                self.settle(slot);
            }
        }
        events
    }

    /// One receive of one connection, and what follows from it.
    fn look_at(
        &mut self,
        slot: usize,
        f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize,
    ) -> usize {
        let fresh = self.receive(slot);
        let (Some(line), Some(receiver)) = (
            self.sender.lines.get_mut(slot),
            self.receivers.get_mut(slot),
        ) else {
            return 0;
        };
        let (Some(connection), Phase::Open) = (line.id, line.phase) else {
            return 0;
        };
        if fresh == 0 && !line.deliver_again {
            return 0;
        }
        line.deliver_again = false;
        receiver.arrived(fresh);
        let is_full = receiver.is_full();
        let stamp = self.clock.now();
        let bytes = receiver.waiting();
        if bytes.is_empty() {
            return 0;
        }
        let event = Event::Received {
            connection,
            bytes,
            fresh,
            is_full,
            stamp,
        };
        let consumed = f(event, &mut self.sender);
        receiver.consume(consumed);
        if fresh > 0 && self.is_promoted(slot) {
            self.note_receive(slot);
        }
        1
    }

    /// Puts what there is of an open connection, as much as a turn may bring, behind what waits;
    /// tells how much that is. Ends the connection where there is nothing and nothing can come.
    #[inline]
    fn receive(&mut self, slot: usize) -> usize {
        let (Some(line), Some(receiver)) = (
            self.sender.lines.get_mut(slot),
            self.receivers.get_mut(slot),
        ) else {
            return 0;
        };
        let (Phase::Open, Some(socket)) = (line.phase, line.fd()) else {
            return 0;
        };
        // Nobody waits for one who is alone, and his burst costs least as a whole.
        let is_alone = self.large.len().saturating_add(1) >= self.terms.promoted_max;
        let room = receiver.room();
        let most = if is_alone {
            room.len()
        } else {
            room.len().min(self.terms.turn_bytes.max(1))
        };
        let room = room.get_mut(..most).unwrap_or_default();
        let mut may_come_more = false;
        let moved = if room.is_empty() {
            Moved::Nothing
        } else if let Some(limit) = self.wire.receive_at_most(room.len()) {
            let room = room.get_mut(..limit).unwrap_or_default();
            match self.watcher.take(slot, room) {
                Taken::Yours => socket::receive(socket, room),
                Taken::Bytes(length) => Moved::Bytes(length),
                Taken::Ended(reason) => Moved::Ended(reason),
                Taken::Wait => {
                    may_come_more = true;
                    Moved::Nothing
                }
            }
        } else {
            may_come_more = true;
            Moved::Nothing
        };
        match (moved, line.broken) {
            (Moved::Bytes(length), _) => return length,
            (Moved::Nothing, None) => {}
            (Moved::Nothing, Some(_)) if line.deliver_again => {}
            (Moved::Nothing, Some(_)) if may_come_more => self.watcher.unwatch(slot, socket),
            (Moved::Nothing, Some(reason)) => self.sender.end(slot, reason),
            // What waits is delivered before the end; the end is there at the next look too.
            (Moved::Ended(reason), broken) if line.deliver_again => {
                line.broken = broken.or(Some(reason));
                self.sender.asked.insert(slot);
            }
            (Moved::Ended(reason), broken) => self.sender.end(slot, broken.unwrap_or(reason)),
        }
        0
    }
}
