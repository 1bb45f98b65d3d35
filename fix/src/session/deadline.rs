//! What a session does by itself when time has passed.
//!
//! In it: the one deadline that a session has at a time, by its phase, and a caller's clock that
//! was set back. Not in it: signs of life ([`super::heartbeat`]).

use super::outcome::{DisconnectReason, Outcome};
use super::{Phase, Session, terms};
use crate::sink::Sink;

impl Session {
    /// When `on_deadline` wants to be called, if ever.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let after = |seconds: u32| {
            self.phase_since_ns
                .saturating_add(u64::from(seconds) * terms::SECOND_NS)
        };
        match self.phase {
            Phase::Disconnected | Phase::Closing => None,
            Phase::AwaitingLogon | Phase::LogonSent => Some(after(self.terms.logon_timeout_s)),
            Phase::LogoutSent | Phase::LogoutAnswered => Some(after(self.terms.logout_timeout_s)),
            Phase::LoggedOn => self.next_watch_ns(),
        }
    }

    /// Does what is due at `now_ns`; nothing when it is early.
    ///
    /// A caller whose clock was set back calls it then too: the next deadline counts from there,
    /// and would otherwise be as late as the clock went back.
    pub fn on_deadline(&mut self, now_ns: u64, sink: &mut impl Sink) -> Outcome {
        self.follow_clock(now_ns);
        if self
            .next_deadline_ns()
            .is_none_or(|deadline_ns| now_ns < deadline_ns)
        {
            return Outcome::Ignore;
        }
        match self.phase {
            Phase::Disconnected | Phase::Closing => Outcome::Ignore,
            Phase::AwaitingLogon | Phase::LogonSent => self.close(DisconnectReason::LogonTimeout),
            Phase::LogoutAnswered => self.close(DisconnectReason::LoggedOut),
            Phase::LogoutSent => self.close(DisconnectReason::LogoutTimeout),
            Phase::LoggedOn => self.watch(now_ns, sink),
        }
    }

    /// Nothing lies ahead of the caller's clock: what does, since the clock was set back, counts
    /// from now.
    fn follow_clock(&mut self, now_ns: u64) {
        self.phase_since_ns = self.phase_since_ns.min(now_ns);
        self.last_received_ns = self.last_received_ns.min(now_ns);
        self.last_sent_ns = self.last_sent_ns.min(now_ns);
        self.test_request.follow_clock(now_ns);
        if let Some(gap) = &mut self.gap {
            gap.moved_ns = gap.moved_ns.min(now_ns);
        }
    }
}
