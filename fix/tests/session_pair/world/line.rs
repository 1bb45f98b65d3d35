//! The line between the two: how it comes and goes, what is lost or doubled on it, and what becomes
//! of a message that arrives.

use gwanmun_fix::session::{DisconnectReason, Outcome};
use gwanmun_fix::{Frame, Index, Message, frame, tag};

use super::World;
use crate::session_support::readable;
use crate::tally::Count;

const MESSAGE_BYTES_MAX: usize = 4096;

impl World {
    pub(super) fn connect(&mut self) {
        self.is_connected = true;
        self.tally.count(Count::Lines);
        for side in &mut self.sides {
            let clock_ns = side.clock_ns(self.now_ns);
            side.session.on_connect(clock_ns);
        }
        self.maybe_fail_disk(0);
        let initiator = &mut self.sides[0];
        let clock_ns = initiator.clock_ns(self.now_ns);
        let sent = initiator
            .session
            .logon(clock_ns, &mut initiator.outbox, |_| {});
        assert!(sent.is_ok() || initiator.record.is_some());
        self.ship(0, true);
    }

    /// The line goes: some of what is on its way still arrives, unless both sides are gone at once.
    pub(super) fn drop_line(&mut self) {
        for at in 0..2 {
            let reaches = self.random.below(self.sides[at].wire.len() as u64 + 1);
            self.arrive(at, reaches as usize);
        }
        self.is_connected = false;
        for at in 0..2 {
            self.sides[at].session.on_disconnect();
            self.sides[at].wire.clear();
            self.sides[at].arrived.clear();
            if self.has_faults && self.random.once_in(3) {
                // The process is gone; its numbers come back from its records.
                self.tally.count(Count::Restarts);
                let numbers = self.sides[at].session.numbers();
                self.sides[at].restart(numbers);
            }
        }
    }

    /// Ends a step of a side: keeps what it wrote and puts it on the wire, or buries the process.
    /// Tells whether it lives.
    pub(super) fn ship(&mut self, from: usize, is_on_wire: bool) -> bool {
        if self.sides[from].dies() {
            self.tally.count(Count::DiskFailed);
            return false;
        }
        for (sent, bytes) in self.sides[from].outbox.take() {
            self.tally.trace(&bytes);
            self.tally.count(Count::Messages);
            if sent.is_resend {
                self.tally.count(if sent.is_application {
                    Count::Repeated
                } else {
                    Count::GapFills
                });
            }
            if sent.is_application && !sent.is_resend && is_reject(&bytes) {
                self.sides[from].rejects_sent += 1;
            }
            self.sides[from].store.keep(sent, &bytes);
            if !is_on_wire || !self.is_connected {
                continue;
            }
            let copies = match self.random.below(200) {
                0..4 if self.has_faults => 0,
                4..6 if self.has_faults => 2,
                _ => 1,
            };
            match copies {
                0 => self.tally.count(Count::Dropped),
                2 => self.tally.count(Count::Duplicated),
                _ => {}
            }
            for _ in 0..copies {
                self.sides[1 - from].wire.extend_from_slice(&bytes);
            }
        }
        true
    }

    /// Moves bytes of the wire into a side and lets it take what is whole.
    pub(super) fn arrive(&mut self, at: usize, count: usize) {
        let side = &mut self.sides[at];
        side.arrived.extend(side.wire.drain(..count));
        side.is_damaged &= !side.wire.is_empty() || !side.arrived.is_empty();
        loop {
            let side = &mut self.sides[at];
            let bytes = match frame::frame(&side.arrived, MESSAGE_BYTES_MAX) {
                Frame::Whole { length } => side.arrived.drain(..length).collect::<Vec<u8>>(),
                Frame::Garbled { skip, .. } => {
                    side.arrived.drain(..skip);
                    continue;
                }
                Frame::Partial => return,
                Frame::Unframeable(_) => {
                    side.arrived.clear();
                    side.session.on_disconnect();
                    return;
                }
            };
            if !self.take(at, &bytes) {
                return;
            }
        }
    }

    /// One whole message; tells whether the side lives.
    fn take(&mut self, at: usize, bytes: &[u8]) -> bool {
        self.maybe_fail_disk(at);
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).unwrap();
        let side = &mut self.sides[at];
        let clock_ns = side.clock_ns(self.now_ns);
        let before = side.session.numbers().next_in;
        let outcome = side
            .session
            .on_message(&message, clock_ns, &mut side.outbox);
        if !self.ship(at, true) {
            return false;
        }
        let side = &mut self.sides[at];
        let was_taken = side.session.numbers().next_in == before + 1;
        // One that seems too old or too new is refused, which its sender is told by Reject(3).
        let is_refused = outcome == Outcome::Disconnect(DisconnectReason::SendingTime);
        let is_application = matches!(message.msg_type(), b"8" | b"D");
        if outcome == Outcome::Deliver || is_refused && was_taken && is_application {
            let number = message.uint(tag::CL_ORD_ID).unwrap();
            side.received.push(number);
            let count = side.received.len() as u64;
            assert_eq!(count, number, "exactly once, in order: {}", readable(bytes));
        }
        side.rejects_received += u64::from(was_taken && message.msg_type() == b"3");
        if outcome == Outcome::Deliver {
            self.tally.count(Count::Delivered);
        } else if is_refused {
            self.tally.count(Count::Refused);
        }
        self.judge(at, outcome);
        true
    }

    /// A line that either side wants closed is marked by its session alone; `tick` drops it.
    pub(super) fn judge(&mut self, at: usize, outcome: Outcome) {
        let Outcome::Disconnect(reason) = outcome else {
            return;
        };
        let is_expected = match reason {
            DisconnectReason::PeerSilent
            | DisconnectReason::LogonTimeout
            | DisconnectReason::LoggedOut
            | DisconnectReason::LogoutTimeout
            // A damaged Logon(A) leaves the next message to be the first one.
            | DisconnectReason::FirstMessageNotLogon => true,
            DisconnectReason::SendingTime | DisconnectReason::LogonRefusedByPeer => {
                self.tally.has(Count::ClockForth) || self.tally.has(Count::ClockBack)
            }
            DisconnectReason::MsgSeqNumTooLow => self.tally.has(Count::Duplicated),
            _ => false,
        };
        assert!(is_expected, "side {at}: {reason:?}");
        self.sides[at].session.on_disconnect();
    }
}

fn is_reject(bytes: &[u8]) -> bool {
    let mut index = Index::new();
    Message::parse(bytes, &mut index).unwrap().msg_type() == b"3"
}
