//! One sequence number set by hand, without the peer's agreement: for a peer that lost its numbers
//! and cannot do a reset of both.
//!
//! Not in it: what may be set. Numbers that were sent stay sent, so a caller sets the outgoing one
//! upwards only, and lets [`super::History`] say `Administrative` for the numbers left out.

use super::Session;
use super::terms::MSG_SEQ_NUM_MAX;

impl Session {
    /// Expects `next_in` from the peer's next message on, up or down, with a line or without.
    /// Upwards, what the peer sent below is never asked for. Downwards, a peer that goes on where
    /// it was is asked for everything from there on, and what it sends again is taken as new.
    ///
    /// A number outside 1..=[`MSG_SEQ_NUM_MAX`] is brought into it.
    pub fn set_next_in(&mut self, next_in: u64) {
        self.numbers.next_in = next_in.clamp(1, MSG_SEQ_NUM_MAX);
        // What is missing is counted from the new number; the next message tells it.
        self.gap = None;
    }

    /// Gives `next_out` to the next message. The peer sees a gap and asks for it; no message was
    /// ever sent under the numbers left out. Lower than it is, nothing changes: two messages of
    /// one number could not be told apart in a resend.
    ///
    /// A number over [`MSG_SEQ_NUM_MAX`] is brought down to it.
    pub fn set_next_out(&mut self, next_out: u64) {
        let next_out = next_out.min(MSG_SEQ_NUM_MAX);
        self.numbers.next_out = self.numbers.next_out.max(next_out);
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Text;

    use super::*;
    use crate::session::{Numbers, SessionTerms};

    #[test]
    fn numbers_stay_within_their_bounds() {
        let id = |text: &[u8]| Text::new(text).unwrap();
        let mut session = Session::new(SessionTerms::new(id(b"GATE"), id(b"MEMBER"), true));
        let mut check = |next_in, next_out, expected| {
            session.set_next_in(next_in);
            session.set_next_out(next_out);
            let Numbers { next_in, next_out } = session.numbers();
            assert_eq!((next_in, next_out), expected);
        };
        check(5, 7, (5, 7));
        check(0, 6, (1, 7));
        check(MSG_SEQ_NUM_MAX, 8, (MSG_SEQ_NUM_MAX, 8));
        check(u64::MAX, u64::MAX, (MSG_SEQ_NUM_MAX, MSG_SEQ_NUM_MAX));
    }
}
