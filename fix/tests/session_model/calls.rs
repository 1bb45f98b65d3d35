//! What the caller of a session does, and what the clock does: all but the peer's messages.

use gwanmun_fix::session::{
    DisconnectReason, MSG_SEQ_NUM_MAX, Outcome, ResendProgress, SeqNumReset,
};

use crate::model::{Event, Model, Sent};
use crate::session_support::SECOND_NS;

/// The caller wants to write and there is no room, or it is not its turn.
pub(crate) struct NoRoom;

impl Model {
    /// The clock says this now. Where it was set back, what was before counts from here.
    pub(crate) fn set_clock(&mut self, now_ns: u64) {
        self.now_ns = now_ns;
        for (_, at_ns) in &mut self.line {
            *at_ns = now_ns.min(*at_ns);
        }
    }

    pub(crate) fn connect(&mut self) {
        self.disconnect();
        self.note(Event::Connected);
    }

    pub(crate) fn disconnect(&mut self) {
        self.line.clear();
        self.owed = None;
    }

    /// The process died and came back with its numbers.
    pub(crate) fn restart(&mut self) {
        self.disconnect();
        self.resets = 0;
    }

    pub(crate) fn logon(&mut self) -> Result<(), NoRoom> {
        let is_our_turn = !self.is_deaf() && !self.has(Event::OurLogon);
        if self.terms.is_acceptor || !is_our_turn || !self.has_room {
            return Err(NoRoom);
        }
        let is_reset = self.terms.reset != SeqNumReset::Never;
        if is_reset {
            self.reset();
        }
        let tells_expected = self.terms.sends_next_expected_msg_seq_num
            && self.terms.version.has_next_expected_msg_seq_num();
        let interval_s = u64::from(self.terms.heart_bt_int_s);
        let body = self.logon_body(interval_s, is_reset, tells_expected);
        self.say("A", body);
        self.note(Event::OurLogon);
        Ok(())
    }

    pub(crate) fn send(&mut self, msg_type: &'static str, id: &str) -> Result<(), NoRoom> {
        if !self.has_room || self.sent.len() as u64 >= MSG_SEQ_NUM_MAX {
            return Err(NoRoom);
        }
        self.say(msg_type, vec![(11, id.to_owned())]);
        Ok(())
    }

    pub(crate) fn logout(&mut self, text: &str) -> Outcome {
        if !self.is_logged_on() || self.has(Event::OurLogout) {
            return Outcome::Ignore;
        }
        if !self.has_room {
            return self.close(DisconnectReason::NoRoom);
        }
        self.say_logout(text);
        self.note(Event::OurLogout);
        Outcome::Answered
    }

    pub(crate) fn deadline(&mut self) -> Outcome {
        if self.deadline_ns().is_none_or(|due_ns| self.now_ns < due_ns) {
            return Outcome::Ignore;
        }
        if self.has(Event::AnsweredLogout) {
            return self.close(DisconnectReason::LoggedOut);
        }
        if self.has(Event::OurLogout) {
            return self.close(DisconnectReason::LogoutTimeout);
        }
        let Some(interval_s) = self.interval_s() else {
            return self.close(DisconnectReason::LogonTimeout);
        };
        let interval_ns = interval_s * SECOND_NS;
        if self.now_ns >= self.silence_ends_ns(interval_ns) {
            if self.tested_ns().is_some() {
                return self.close(DisconnectReason::PeerSilent);
            }
            if self.has_room {
                self.say("1", vec![(112, "TEST".to_owned())]);
            }
            self.note(Event::TestRequest);
        }
        if self.now_ns >= self.heartbeat_ns(interval_ns) {
            if self.has_room {
                self.say("0", Vec::new());
            } else {
                self.note(Event::Wrote);
            }
        }
        if self.written.is_empty() {
            Outcome::Ignore
        } else {
            Outcome::Answered
        }
    }

    /// Sends again what is owed, then asks for what is missing where that was put off.
    pub(crate) fn resend(&mut self, elsewhere: Option<u64>) -> ResendProgress {
        if !self.is_logged_on() {
            return ResendProgress::Idle;
        }
        while let Some((from, to)) = self.owed {
            let to = to.unwrap_or(self.sent.len() as u64);
            let is_filled = |number: &u64| !self.sent[*number as usize - 1].is_repeated();
            let next = (from..=to).find(|number| !is_filled(number));
            if let Some(msg_seq_num) = next.filter(|_| next == elsewhere) {
                // The run before it waits with it.
                return ResendProgress::Waiting { msg_seq_num };
            }
            let behind = next.unwrap_or(to + 1);
            let is_done = next.is_none() && from > to;
            if !is_done && !self.has_room {
                return ResendProgress::More;
            }
            if behind > from {
                let body = vec![(36, behind.to_string()), (123, "Y".to_owned())];
                let gap_fill = Sent {
                    msg_type: "4",
                    body,
                    at_ns: self.now_ns,
                };
                self.say_again(&gap_fill, from, self.now_ns);
            }
            match next {
                Some(number) => {
                    let sent = self.sent[number as usize - 1].clone();
                    self.say_again(&sent, number, sent.at_ns.min(self.now_ns));
                    self.owed = self.owed.map(|(_, to)| (number + 1, to));
                }
                None => self.owed = None,
            }
        }
        if self.must_ask() {
            if !self.has_room {
                return ResendProgress::More;
            }
            self.ask();
        }
        ResendProgress::Idle
    }
}
