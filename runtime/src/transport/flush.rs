//! The one place that sends.
//!
//! In here: what may go goes, once per turn and connection; and the orderly end of a connection
//! that closes after its last byte. Not in here: which gate has been reached: the caller knows.

use super::sender::Phase;
use super::socket::{self, Moved};
use super::{ClosedReason, ConnectionId, Transport, Watcher, Wire};
use crate::clock::Stamp;

impl<A: Watcher, W: Wire> Transport<A, W> {
    /// Sends what was committed behind gates up to `gate_max`, for each connection in one call, and
    /// tells for each that took something: how many bytes, how many before, and when.
    pub fn flush(&mut self, gate_max: u64, f: &mut impl FnMut(ConnectionId, usize, u64, Stamp)) {
        // Backwards, because a connection that is done leaves the set and the last takes its place.
        for place in (0..self.sender.queued.len()).rev() {
            if let Some(slot) = self.sender.queued.at(place) {
                self.flush_one(slot, gate_max, f);
            }
        }
    }

    fn flush_one(
        &mut self,
        slot: usize,
        gate_max: u64,
        f: &mut impl FnMut(ConnectionId, usize, u64, Stamp),
    ) {
        let Some(line) = self.sender.lines.get_mut(slot) else {
            return;
        };
        let (Some(connection), Some(socket)) = (line.id, line.fd()) else {
            return;
        };
        let sendable = line.out.sendable(gate_max);
        if !sendable.is_empty() {
            let Some(limit) = self.wire.send_at_most(sendable.len()) else {
                return;
            };
            match socket::send(socket, sendable.get(..limit).unwrap_or(sendable)) {
                Moved::Bytes(length) => {
                    let before = line.out.sent();
                    line.out.advance(length);
                    line.stuck_since_ns = 0;
                    f(connection, length, before, self.clock.now());
                }
                Moved::Nothing => {
                    self.wait_for_reader(slot);
                    return;
                }
                Moved::Ended(reason) => {
                    self.sender.break_off(slot, reason);
                    return;
                }
            }
        }
        if line.out.queued() == 0 {
            let is_draining = line.phase == Phase::Draining;
            self.sender.queued.remove(slot);
            if is_draining {
                self.end_in_order(slot);
            }
        }
    }

    /// The kernel takes no more for this peer: it has so long to read something.
    fn wait_for_reader(&mut self, slot: usize) {
        let now_ns = self.clock.now().ns;
        let Some(line) = self.sender.lines.get_mut(slot) else {
            return;
        };
        if line.stuck_since_ns == 0 {
            line.stuck_since_ns = now_ns;
        } else if now_ns.saturating_sub(line.stuck_since_ns) > self.terms.not_reading_ns {
            self.sender.end(slot, ClosedReason::NotReading);
        }
    }

    /// Everything was sent: ends our stream, tells the application, and reads the peer's rest.
    fn end_in_order(&mut self, slot: usize) {
        let now_ns = self.clock.now().ns;
        let Some(line) = self.sender.lines.get_mut(slot) else {
            return;
        };
        if let Some(socket) = line.fd() {
            socket::end_sending(socket);
        }
        let kept = line.socket.take();
        line.linger_until_ns = now_ns.saturating_add(self.terms.linger_ns);
        self.sender.end(slot, ClosedReason::Local);
        if let Some(line) = self.sender.lines.get_mut(slot) {
            line.socket = kept;
        }
    }
}
