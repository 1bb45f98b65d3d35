//! Refusing a message: session Reject(3) and BusinessMessageReject(j).
//!
//! In it: writing both, for the session itself and for the caller whose typed view found a wrong
//! field. Both take part in resends: the specification leaves Reject(3) out of the administrative
//! messages that are gap-filled, and a lost one would leave the peer's order without an answer. Not
//! in it: deciding that a field is wrong. Next: [`super::validate`].

use super::outcome::{NoRoom, Outcome};
use super::terms::TEXT_BYTES_MAX;
use super::validate::{Inbound, Kind};
use super::{Answer, Session};
use crate::error::{FieldError, SessionRejectReason};
use crate::message::Message;
use crate::messages::business_message_reject::{self, BusinessRejectReason};
use crate::messages::reject;
use crate::sink::{Sent, Sink};
use crate::tag;

/// Longest MsgType(35) repeated in RefMsgType(372), and longest BusinessRejectRefID(379), in bytes.
const REFERENCE_BYTES_MAX: usize = 64;

impl Session {
    /// Writes Reject(3): RefSeqNum(45), RefTagID(371), RefMsgType(372), SessionRejectReason(373),
    /// and Text(58), which is the reason in words where `text` is empty.
    ///
    /// The number of the message refused is used up already when the caller got `Deliver` for it.
    ///
    /// # Errors
    /// [`NoRoom`] as for `send`.
    pub fn reject(
        &mut self,
        ref_seq_num: u64,
        error: FieldError,
        ref_msg_type: &[u8],
        text: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<Sent, NoRoom> {
        let body = reject::Body {
            ref_seq_num,
            ref_msg_type: cut(ref_msg_type, REFERENCE_BYTES_MAX),
            error,
            text: cut(text, TEXT_BYTES_MAX),
        };
        self.send(reject::MSG_TYPE, now_ns, sink, |writer| body.write(writer))
    }

    /// Writes BusinessMessageReject(j), with Text(58), RefMsgType(372) and BusinessRejectRefID(379)
    /// cut where they are longer than a peer may make us write.
    ///
    /// # Errors
    /// [`NoRoom`] as for `send`.
    pub fn business_reject(
        &mut self,
        body: &business_message_reject::Body<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<Sent, NoRoom> {
        let body = business_message_reject::Body {
            ref_msg_type: cut(body.ref_msg_type, REFERENCE_BYTES_MAX),
            business_reject_ref_id: cut(body.business_reject_ref_id, REFERENCE_BYTES_MAX),
            text: cut(body.text, TEXT_BYTES_MAX),
            ..*body
        };
        let msg_type = business_message_reject::MSG_TYPE;
        self.send(msg_type, now_ns, sink, |writer| body.write(writer))
    }

    /// Refuses an inbound message on the session's own account. A Reject(3) is never answered with
    /// another one: two sides would go on for ever.
    pub(super) fn refuse(
        &mut self,
        inbound: &Inbound<'_>,
        error: FieldError,
        text: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        if inbound.kind == Kind::Reject {
            return Ok(Outcome::Ignore);
        }
        self.reject(
            inbound.msg_seq_num,
            error,
            inbound.msg_type,
            text,
            now_ns,
            sink,
        )?;
        Ok(Outcome::Answered)
    }

    /// Refuses a message for a field of its head. One whose OrigSendingTime(122) is later than its
    /// SendingTime(52) ends the session besides: its numbers cannot be trusted.
    pub(super) fn refuse_field(
        &mut self,
        inbound: &Inbound<'_>,
        error: FieldError,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let outcome = self.refuse(inbound, error, b"", now_ns, sink)?;
        let later = SessionRejectReason::SendingTimeAccuracyProblem;
        if (error.tag, error.reason) != (tag::ORIG_SENDING_TIME, later) {
            return Ok(outcome);
        }
        Ok(match self.logout(later.text().as_bytes(), now_ns, sink) {
            // A logout is under way already.
            Outcome::Ignore => outcome,
            leaving => leaving,
        })
    }

    /// A message type that the version does not have.
    pub(super) fn on_unknown_type(
        &mut self,
        inbound: &Inbound<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let error = FieldError::new(tag::MSG_TYPE, SessionRejectReason::InvalidMsgType);
        self.refuse(inbound, error, b"", now_ns, sink)
    }

    /// A message type that the version has and this session does not take. A
    /// BusinessMessageReject(j) stays unanswered for the reason given at `refuse`.
    pub(super) fn on_unsupported(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        if inbound.msg_type == business_message_reject::MSG_TYPE {
            return Ok(Outcome::Ignore);
        }
        let body = business_message_reject::Body {
            ref_seq_num: inbound.msg_seq_num,
            ref_msg_type: inbound.msg_type,
            business_reject_ref_id: message.field(tag::CL_ORD_ID).unwrap_or(b""),
            reason: BusinessRejectReason::UnsupportedMessageType,
            refusal: None,
            text: b"Unsupported Message Type",
        };
        self.business_reject(&body, now_ns, sink)?;
        Ok(Outcome::Answered)
    }
}

fn cut(bytes: &[u8], bytes_max: usize) -> &[u8] {
    bytes.get(..bytes_max).unwrap_or(bytes)
}
