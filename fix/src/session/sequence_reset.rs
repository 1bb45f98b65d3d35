//! SequenceReset(4) from the peer, in both modes.
//!
//! In it: gap fill (GapFillFlag(123)=Y), which stands for messages that are not sent again and
//! obeys the sequence; and reset, which is heard regardless of its own number and only ever raises
//! the number expected. Not in it: the gap fills that we send (see [`super::resend`]).

use super::outcome::Outcome;
use super::validate::Inbound;
use super::{Answer, Session, fields};
use crate::error::FieldError;
use crate::message::Message;
use crate::sink::Sink;
use crate::tag;

/// Whether this SequenceReset(4) is a gap fill; anything but Y means reset.
pub(super) fn is_gap_fill(message: &Message<'_>) -> bool {
    message.field(tag::GAP_FILL_FLAG) == Some(b"Y")
}

impl Session {
    /// A gap fill whose turn it is: NewSeqNo(36) is expected next.
    pub(super) fn on_gap_fill(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        match fields::seq_num(message, tag::NEW_SEQ_NO) {
            Ok(new_seq_no) if new_seq_no > inbound.msg_seq_num => {
                self.expect(new_seq_no, now_ns);
                Ok(Outcome::Ignore)
            }
            Ok(_) => {
                self.consume(inbound.msg_seq_num, now_ns);
                self.refuse(
                    inbound,
                    FieldError::value(tag::NEW_SEQ_NO),
                    b"",
                    now_ns,
                    sink,
                )
            }
            Err(error) => {
                self.consume(inbound.msg_seq_num, now_ns);
                self.refuse(inbound, error, b"", now_ns, sink)
            }
        }
    }

    /// A reset: NewSeqNo(36) is expected next unless that would go back. Its own number is not
    /// looked at, and where it is refused the number expected stays as it is.
    pub(super) fn on_reset(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        if let Some(error) = inbound.defect {
            return self.refuse(inbound, error, b"", now_ns, sink);
        }
        match fields::seq_num(message, tag::NEW_SEQ_NO) {
            Ok(new_seq_no) if new_seq_no >= self.numbers.next_in => {
                self.expect(new_seq_no, now_ns);
                // The peer has given up what was before: what we wait for below is not coming.
                self.gap = None;
                Ok(Outcome::Ignore)
            }
            Ok(_) => self.refuse(
                inbound,
                FieldError::value(tag::NEW_SEQ_NO),
                b"",
                now_ns,
                sink,
            ),
            Err(error) => self.refuse(inbound, error, b"", now_ns, sink),
        }
    }
}
