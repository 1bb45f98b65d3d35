//! What an operator sets by hand, without the peer's agreement: one sequence number, for a peer
//! that lost its numbers and cannot do a reset of both, and other terms between two lines.
//!
//! Not in it: which numbers may be set. Numbers that were sent stay sent, so a caller sets the
//! outgoing one upwards only, and lets [`super::History`] say `Administrative` for the numbers left
//! out.

use super::terms::{MSG_SEQ_NUM_MAX, SessionTerms};
use super::{Phase, Session};

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

    /// Takes other terms, from the next line on; numbers stay. While there is a line nothing
    /// changes, since what was said on it holds: tells whether there was none.
    pub fn set_terms(&mut self, terms: SessionTerms) -> bool {
        let has_no_line = self.phase == Phase::Disconnected;
        if has_no_line {
            self.terms = terms;
        }
        has_no_line
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

    #[test]
    fn terms_change_between_two_lines_alone() {
        let id = |text: &[u8]| Text::new(text).unwrap();
        let before = SessionTerms::new(id(b"GATE"), id(b"MEMBER"), true);
        let after = SessionTerms {
            heart_bt_int_s: before.heart_bt_int_s + 1,
            ..before
        };
        let mut session = Session::new(before);
        session.on_connect(1);
        assert!(!session.set_terms(after));
        assert_eq!(*session.terms(), before);
        session.set_next_in(5);
        session.on_disconnect();
        assert!(session.set_terms(after));
        assert_eq!(*session.terms(), after);
        assert_eq!(session.numbers().next_in, 5);
    }
}
