//! Leaving: Logout(5) from either side.
//!
//! In it: asking, answering, waiting for the other side. Who asks closes the line after the answer;
//! who answers leaves closing to the peer for a while, so that the answer is read before the line
//! goes. Not in it: Logouts over a fault (see [`super::validate`], [`super::sequence`]). Next:
//! [`super::logon`].

use super::outcome::{DisconnectReason, NoRoom, Outcome};
use super::terms::TEXT_BYTES_MAX;
use super::{Answer, Phase, Session};
use crate::messages::logout::{self, SessionStatus};
use crate::sink::{Sent, Sink};

impl Session {
    /// Starts a logout from our side; the peer has the terms' time to answer. Messages in between
    /// are taken as before. Without a Logon there is nothing to leave: `Ignore`.
    pub fn logout(&mut self, text: &[u8], now_ns: u64, sink: &mut impl Sink) -> Outcome {
        if self.phase != Phase::LoggedOn {
            return Outcome::Ignore;
        }
        match self.write_logout(text, now_ns, sink) {
            Ok(()) => {
                self.enter(Phase::LogoutSent, now_ns);
                Outcome::Answered
            }
            Err(NoRoom) => self.close(DisconnectReason::NoRoom),
        }
    }

    /// Acceptor: writes the Logout(5) that answers a Logon(A) which this session was never given,
    /// since its time or its password does not allow it.
    ///
    /// Our number is used up, as the peer counts it too; the Logon(A)'s is not. Whichever way the
    /// peer counted its own, its next Logon(A) is not too low, and a gap can be filled.
    ///
    /// # Errors
    /// [`NoRoom`] as for `send`.
    pub fn refuse_line(
        &mut self,
        (text, status): (&[u8], SessionStatus),
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<Sent, NoRoom> {
        debug_assert!(self.terms.is_acceptor && self.phase == Phase::Disconnected);
        let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
        self.administer(logout::MSG_TYPE, now_ns, sink, |writer| {
            logout::write_refusal(writer, text, status);
        })
    }

    /// The peer's Logout(5), expected or too high; what is missing is fetched after the next
    /// Logon(A).
    pub(super) fn on_logout(&mut self, now_ns: u64, sink: &mut impl Sink) -> Answer {
        if self.phase == Phase::LogoutSent {
            return Ok(self.close(DisconnectReason::LoggedOut));
        }
        self.write_logout(b"", now_ns, sink)?;
        self.enter(Phase::LogoutAnswered, now_ns);
        Ok(Outcome::Answered)
    }

    /// Writes Logout(5).
    pub(super) fn write_logout(
        &mut self,
        text: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
        self.administer(logout::MSG_TYPE, now_ns, sink, |writer| {
            logout::write(writer, text)
        })?;
        Ok(())
    }
}
