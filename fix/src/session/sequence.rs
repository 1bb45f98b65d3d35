//! Where a message's number stands: its turn, too high, too low.
//!
//! In it: advancing, gap detection, possible duplicates. A gap is asked for once, to infinity. What
//! arrives above it meanwhile is dropped, because the peer sends everything from the gap on again,
//! so nothing has to be kept here. Asking again happens only when a message above the gap arrives
//! after a whole interval in which nothing moved: the peer may have fixed the end of its resend
//! before it sent something we dropped. Not in it: SequenceReset(4) (see
//! [`super::sequence_reset`]). Next: [`super::resend_request`].

use super::outcome::{DisconnectReason, Outcome};
use super::phrase::Phrase;
use super::terms::SECOND_NS;
use super::validate::{Inbound, Kind};
use super::{Answer, NoRoom, Phase, Session};
use crate::message::Message;
use crate::messages::resend_request;
use crate::sink::Sink;

/// Patience with a gap where no heartbeats are agreed.
const PATIENCE_NS: u64 = 30 * SECOND_NS;

/// What the peer owes us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Highest MsgSeqNum(34) seen; the gap is closed behind it.
    pub(super) highest: u64,
    /// Up to which number a ResendRequest(2) is out; none where none is. It waits while we answer
    /// the peer's own, so that two sides that ask at the same moment do not wait for each other.
    pub(super) asked_to: Option<u64>,
    /// When the ResendRequest(2) was sent or a message of the gap arrived last.
    pub(super) moved_ns: u64,
}

impl Session {
    /// The expected message was taken; the next one is expected.
    pub(super) fn consume(&mut self, msg_seq_num: u64, now_ns: u64) {
        debug_assert_eq!(msg_seq_num, self.numbers.next_in);
        self.expect(msg_seq_num + 1, now_ns);
    }

    /// Sets the number expected next, upwards only, and closes the gap when that is behind it.
    pub(super) fn expect(&mut self, next_in: u64, now_ns: u64) {
        debug_assert!(next_in >= self.numbers.next_in);
        self.numbers.next_in = next_in;
        self.gap = self.gap.filter(|gap| gap.highest >= next_in);
        if let Some(gap) = &mut self.gap {
            gap.moved_ns = now_ns;
            // A part of the gap is closed: the next one is to be asked for.
            gap.asked_to = gap.asked_to.filter(|end| *end >= next_in);
        }
    }

    /// Something before this message is missing: ask for it, once.
    pub(super) fn on_too_high(
        &mut self,
        inbound: &Inbound<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        debug_assert!(inbound.msg_seq_num > self.numbers.next_in);
        let patience_ns = if self.heart_bt_int_ns == 0 {
            PATIENCE_NS
        } else {
            self.heart_bt_int_ns
        };
        if let Some(gap) = &mut self.gap {
            gap.highest = gap.highest.max(inbound.msg_seq_num);
            if now_ns.saturating_sub(gap.moved_ns) < patience_ns {
                return Ok(Outcome::Ignore);
            }
        }
        self.note_gap(inbound.msg_seq_num, now_ns);
        self.ask(now_ns, sink)?;
        Ok(Outcome::Answered)
    }

    /// Remembers a gap below `highest` without asking for it yet.
    pub(super) fn note_gap(&mut self, highest: u64, now_ns: u64) {
        debug_assert!(highest >= self.numbers.next_in);
        match &mut self.gap {
            Some(gap) => gap.highest = gap.highest.max(highest),
            None => {
                self.gap = Some(Gap {
                    highest,
                    asked_to: None,
                    moved_ns: now_ns,
                })
            }
        }
    }

    /// Whether a gap is noted whose ResendRequest(2) is not out.
    pub(super) const fn owes_resend_request(&self) -> bool {
        matches!(self.gap, Some(Gap { asked_to: None, .. }))
    }

    /// Sends ResendRequest(2) from the number expected: to infinity, or, where the terms bound a
    /// request and more is missing, for so many.
    pub(super) fn ask(&mut self, now_ns: u64, sink: &mut impl Sink) -> Result<(), NoRoom> {
        let begin = self.numbers.next_in;
        let part = u64::from(self.terms.resend_request_numbers_max);
        let highest = self.gap.map_or(begin, |gap| gap.highest);
        let end = begin
            .checked_add(part)
            .filter(|end| part > 0 && *end <= highest)
            .map(|end| end - 1);
        self.administer(resend_request::MSG_TYPE, now_ns, sink, |writer| {
            resend_request::write(writer, begin, end.unwrap_or(0));
        })?;
        if let Some(gap) = &mut self.gap {
            gap.asked_to = Some(end.unwrap_or(u64::MAX));
            gap.moved_ns = now_ns;
        }
        Ok(())
    }

    /// A number used before: a possible duplicate is dropped, anything else ends the session, since
    /// the two sides no longer mean the same sequence.
    pub(super) fn on_too_low(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        debug_assert!(inbound.msg_seq_num < self.numbers.next_in);
        if inbound.poss_dup {
            return match inbound.check_fields(message) {
                Err(_) if self.terms.is_lenient => Ok(Outcome::Ignore),
                Ok(()) => Ok(Outcome::Ignore),
                Err(error) => self.refuse_field(inbound, error, now_ns, sink),
            };
        }
        // The answer to our Logout is one even from a peer that lost its numbers.
        if inbound.kind == Kind::Logout && self.phase == Phase::LogoutSent {
            return self.on_logout(now_ns, sink);
        }
        self.part_too_low(inbound.msg_seq_num, now_ns, sink)
    }

    /// Logout(5) that tells both numbers, then the line.
    pub(super) fn part_too_low(
        &mut self,
        received: u64,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let text = Phrase::new(b"MsgSeqNum too low, expecting ")
            .number(self.numbers.next_in)
            .words(b" but received ")
            .number(received);
        self.write_logout(text.as_bytes(), now_ns, sink)?;
        Ok(self.close(DisconnectReason::MsgSeqNumTooLow))
    }
}
