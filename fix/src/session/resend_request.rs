//! The peer's ResendRequest(2): what it asks for becomes a resend, which [`super::resend`] then
//! works off.
//!
//! In it: reading BeginSeqNo(7) and EndSeqNo(16), and joining a request with a resend that is still
//! running. Not in it: asking the peer (see [`super::sequence`]).

use super::outcome::Outcome;
use super::phrase::Phrase;
use super::resend::Resend;
use super::validate::Inbound;
use super::{Answer, Session, fields};
use crate::error::FieldError;
use crate::message::Message;
use crate::sink::Sink;
use crate::tag;

impl Session {
    /// A request whose turn it is, or that came too early; its own number is dealt with by the
    /// caller.
    pub(super) fn on_resend_request(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let (begin, end) = match asked_range(message) {
            Ok(range) => range,
            Err(error) => return self.refuse(inbound, error, b"", now_ns, sink),
        };
        let last = self.numbers.next_out - 1;
        if begin > last {
            let text = Phrase::new(b"BeginSeqNo(7) is higher than the last MsgSeqNum(34) sent, ")
                .number(last);
            let error = FieldError::value(tag::BEGIN_SEQ_NO);
            return self.refuse(inbound, error, text.as_bytes(), now_ns, sink);
        }
        // A request beyond what was sent means everything, with what follows while the resend runs.
        self.owe(begin, end.filter(|end| *end <= last));
        Ok(Outcome::Ignore)
    }

    /// A request above a gap of our own. It is answered first and our own ResendRequest(2) follows,
    /// so that two sides which both miss something never wait for each other. Its number stays
    /// missing: the peer fills it like any other.
    pub(super) fn on_early_request(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        self.note_gap(inbound.msg_seq_num, now_ns);
        if let Err(error) = inbound.check_fields(message) {
            return self.refuse_field(inbound, error, now_ns, sink);
        }
        self.on_resend_request(inbound, message, now_ns, sink)
    }

    /// Starts a resend, or widens the running one: it goes back where the new request begins before
    /// what is still to be sent, and reaches to the farther end.
    pub(super) fn owe(&mut self, begin: u64, end: Option<u64>) {
        debug_assert!(begin < self.numbers.next_out);
        self.resend = Some(match self.resend {
            None => Resend::new(begin, end),
            Some(running) => running.joined(begin, end),
        });
    }
}

/// BeginSeqNo(7) and EndSeqNo(16); no end where it is 0.
fn asked_range(message: &Message<'_>) -> Result<(u64, Option<u64>), FieldError> {
    let begin = fields::seq_num(message, tag::BEGIN_SEQ_NO)?;
    match message.uint(tag::END_SEQ_NO)? {
        0 => Ok((begin, None)),
        end if end < begin => Err(FieldError::value(tag::END_SEQ_NO)),
        end => Ok((begin, Some(end))),
    }
}
