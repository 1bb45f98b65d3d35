//! Connections that have ended: telling it once, giving buffers and slots back, and reading a
//! peer's rest away.
//!
//! Not in here: what ends a connection (`poll`, `flush`, the sender).

use super::sender::{Phase, Sender};
use super::socket::{self, Moved};
use super::{ClosedReason, Event, Transport, Watcher, Wire};

/// Bytes of a closed peer's rest that are read and dropped in one go.
const DROPPED_BYTES: usize = 4096;

impl<A: Watcher, W: Wire> Transport<A, W> {
    /// Tells each end, and gives back what the connection had.
    pub(super) fn tell_ended(
        &mut self,
        f: &mut impl FnMut(Event<'_>, &mut Sender) -> usize,
    ) -> usize {
        let mut events = 0;
        // Those that end while ends are told are told in the next turn.
        for place in (0..self.sender.ended.len()).rev() {
            let Some(slot) = self.sender.ended.at(place) else {
                continue;
            };
            let Some(line) = self.sender.lines.get_mut(slot) else {
                continue;
            };
            let (Some(connection), Phase::Ended(reason)) = (line.id, line.phase) else {
                continue;
            };
            let token = line.token;
            let has_failed = line.addresses.is_none();
            self.sender.ended.remove(slot);
            self.release(slot);
            let stamp = self.clock.now();
            let event = match reason {
                ClosedReason::Error(error) if has_failed => Event::ConnectFailed {
                    connection,
                    token,
                    error,
                    stamp,
                },
                _ => Event::Closed {
                    connection,
                    reason,
                    stamp,
                },
            };
            f(event, &mut self.sender);
            events += 1;
        }
        events
    }

    /// Takes a connection out of every set and gives its buffers back; the slot too, unless a rest
    /// of the peer's stream is to be read.
    fn release(&mut self, slot: usize) {
        self.leave_sets(slot);
        let (Some(line), Some(receiver), Some(spare)) = (
            self.sender.lines.get_mut(slot),
            self.receivers.get_mut(slot),
            self.spare.get_mut(slot),
        ) else {
            return;
        };
        line.id = None;
        line.out.restart();
        line.broken = None;
        line.stuck_since_ns = 0;
        line.deliver_again = false;
        line.promote = false;
        line.stay_hot = false;
        line.addresses = None;
        receiver.clear();
        if let Some((receive, send)) = spare.take() {
            self.large
                .push((receiver.exchange(receive), line.out.exchange(send)));
        }
        if line.socket.is_some() {
            line.phase = Phase::Lingering;
            self.lingering.insert(slot);
        } else {
            self.free(slot);
        }
    }

    fn free(&mut self, slot: usize) {
        if let Some(line) = self.sender.lines.get_mut(slot) {
            line.phase = Phase::Free;
            line.socket = None;
        }
        if slot < self.terms.outbound_max {
            self.outbound_free.give_back(slot);
        } else {
            self.inbound_free.give_back(slot);
        }
    }

    /// Reads and drops the rest of one peer's stream, a little in each turn.
    pub(super) fn linger(&mut self) {
        self.linger_next = self.linger_next.wrapping_add(1);
        let place = self.linger_next % self.lingering.len();
        let Some(slot) = self.lingering.at(place) else {
            return;
        };
        let Some(line) = self.sender.lines.get_mut(slot) else {
            return;
        };
        let mut dropped = [0; DROPPED_BYTES];
        let moved = line
            .fd()
            .map(|socket| socket::receive(socket, &mut dropped));
        let is_over = match moved {
            // Also while bytes come: a peer that goes on sending may not keep the slot.
            Some(Moved::Bytes(_) | Moved::Nothing) => self.clock.now().ns >= line.linger_until_ns,
            Some(Moved::Ended(_)) | None => true,
        };
        if is_over {
            self.lingering.remove(slot);
            self.free(slot);
        }
    }
}
