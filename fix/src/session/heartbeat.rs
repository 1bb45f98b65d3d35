//! Signs of life: Heartbeat(0) from us after a silence of ours, and what a silence of the peer
//! leads to.
//!
//! In it: the two clocks of a logged-on session. After one interval without a message from us a
//! Heartbeat(0) goes out; after 1.2 intervals without one from the peer a TestRequest(1); after 2.4
//! intervals the line is closed. Not in it: the interval itself (see [`super::logon`]). Next:
//! [`super::test_request`].

use super::Session;
use super::outcome::{DisconnectReason, NoRoom, Outcome};
use crate::messages::heartbeat;
use crate::sink::Sink;

impl Session {
    /// When the next of the clocks runs out; none where no heartbeats are agreed.
    pub(super) fn next_watch_ns(&self) -> Option<u64> {
        if self.heart_bt_int_ns == 0 {
            return None;
        }
        let ours_ns = self.last_sent_ns.saturating_add(self.heart_bt_int_ns);
        Some(ours_ns.min(self.peer_limit_ns()))
    }

    /// When the peer's silence is long enough for the next step. The second one counts from our
    /// TestRequest(1), so that a peer gets its time also where we were late ourselves.
    fn peer_limit_ns(&self) -> u64 {
        let reasonable_ns = self.heart_bt_int_ns + self.heart_bt_int_ns / 5;
        self.test_request
            .outstanding_since_ns()
            .unwrap_or(self.last_received_ns)
            .saturating_add(reasonable_ns)
    }

    /// Does what the clocks ask for. Where the sink has no room the step counts as done: a
    /// Heartbeat behind a full buffer tells the peer nothing, and its silence ends the session
    /// anyway.
    pub(super) fn watch(&mut self, now_ns: u64, sink: &mut impl Sink) -> Outcome {
        let mut outcome = Outcome::Ignore;
        if now_ns >= self.peer_limit_ns() {
            if self.test_request.outstanding_since_ns().is_some() {
                return self.close(DisconnectReason::PeerSilent);
            }
            if self.write_test_request(now_ns, sink).is_ok() {
                outcome = Outcome::Answered;
            }
        }
        if now_ns >= self.last_sent_ns.saturating_add(self.heart_bt_int_ns) {
            if self.write_heartbeat(b"", now_ns, sink).is_ok() {
                outcome = Outcome::Answered;
            }
            self.last_sent_ns = now_ns;
        }
        outcome
    }

    /// Writes Heartbeat(0); `test_req_id` is empty where none was asked for.
    pub(super) fn write_heartbeat(
        &mut self,
        test_req_id: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        self.administer(heartbeat::MSG_TYPE, now_ns, sink, |writer| {
            heartbeat::write(writer, test_req_id);
        })?;
        Ok(())
    }
}
