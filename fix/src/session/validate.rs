//! Judging the head of a message, in the order in which faults matter.
//!
//! In it: BeginString(8), MsgSeqNum(34), CompIDs, distance of SendingTime(52) from our clock, which
//! end the session; then, for a message whose turn it is, SendingTime's format and the rules of
//! PossDupFlag(43), which are answered with Reject(3); and what kind of message it is. Not in it:
//! BodyLength(9) and CheckSum(10) (see [`crate::frame`]), fields of the body. Next:
//! [`super::sequence`].

use super::fields;
use super::outcome::{DisconnectReason, Outcome};
use super::phrase::Phrase;
use super::terms::{ApplicationTypes, MSG_SEQ_NUM_MAX, SECOND_NS};
use super::{Answer, Phase, Session};
use crate::error::{FieldError, SessionRejectReason};
use crate::message::Message;
use crate::sink::Sink;
use crate::tag;

/// What a message is to the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Heartbeat,
    TestRequest,
    ResendRequest,
    Reject,
    SequenceReset,
    Logout,
    Logon,
    /// In the terms' list: delivered.
    Application,
    /// In the standard or the peers' own (MsgType beginning with U), but not in the terms' list.
    Unsupported,
    /// No message type of the version.
    Unknown,
}

/// A message whose head is sound enough to judge its number.
pub(super) struct Inbound<'a> {
    pub(super) kind: Kind,
    pub(super) msg_type: &'a [u8],
    pub(super) msg_seq_num: u64,
    pub(super) poss_dup: bool,
    /// SendingTime(52), read once.
    pub(super) sending_time_ns: Result<u64, FieldError>,
    /// A field that is wrong in itself, found before the session was asked.
    pub(super) defect: Option<FieldError>,
}

/// The result of judging the head.
pub(super) enum Checked<'a> {
    Fit(Inbound<'a>),
    /// The session is over or the fault is answered.
    Answered(Outcome),
}

impl Session {
    /// Judges what must be right before the number counts.
    pub(super) fn check_head<'a>(
        &mut self,
        message: &Message<'a>,
        defect: Option<FieldError>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<Checked<'a>, super::NoRoom> {
        let msg_type = message.msg_type();
        let kind = self.kind(msg_type);
        // An initiator that has not sent its own Logon(A) has nothing to be answered: whatever
        // comes before is no session, and a word from us would come before our Logon(A).
        let is_due = kind == Kind::Logon && self.terms.is_acceptor;
        if self.phase == Phase::AwaitingLogon && !is_due {
            return Ok(Checked::Answered(
                self.close(DisconnectReason::FirstMessageNotLogon),
            ));
        }
        if message.begin_string() != self.terms.version.begin_string() {
            let text = Phrase::new(b"Incorrect BeginString");
            return self
                .part(DisconnectReason::BeginString, &text, now_ns, sink)
                .map(Checked::Answered);
        }
        let Ok(msg_seq_num) = fields::seq_num(message, tag::MSG_SEQ_NUM) else {
            let text = Phrase::new(b"MsgSeqNum(34) is missing or not a number from 1 to ")
                .number(MSG_SEQ_NUM_MAX);
            return self
                .part(DisconnectReason::MsgSeqNumUnreadable, &text, now_ns, sink)
                .map(Checked::Answered);
        };
        let inbound = Inbound {
            kind,
            msg_type,
            msg_seq_num,
            poss_dup: message.poss_dup_flag(),
            sending_time_ns: message.sending_time_ns(),
            defect: defect.or_else(|| self.wrong_version(message)),
        };
        if let Some(error) = self.wrong_comp_id(message) {
            let reason = DisconnectReason::CompId;
            return self
                .refuse_and_part(&inbound, error, reason, now_ns, sink)
                .map(Checked::Answered);
        }
        if self.is_inaccurate(&inbound, now_ns) {
            let accuracy = SessionRejectReason::SendingTimeAccuracyProblem;
            let error = FieldError::new(tag::SENDING_TIME, accuracy);
            let reason = DisconnectReason::SendingTime;
            return self
                .refuse_and_part(&inbound, error, reason, now_ns, sink)
                .map(Checked::Answered);
        }
        Ok(Checked::Fit(inbound))
    }

    /// Ends the session over a fault: Logout(5) with a text, then the line.
    ///
    /// Before a Logon(A) is accepted only a wrong clock is answered: whoever does not even name the
    /// right session learns nothing here, but a peer whose clock is off must hear of it.
    fn part(
        &mut self,
        reason: DisconnectReason,
        text: &Phrase,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        if self.phase != Phase::AwaitingLogon || reason == DisconnectReason::SendingTime {
            self.write_logout(text.as_bytes(), now_ns, sink)?;
        }
        Ok(self.close(reason))
    }

    /// As `part`, with a Reject(3) before it that names the field.
    fn refuse_and_part(
        &mut self,
        inbound: &Inbound<'_>,
        error: FieldError,
        reason: DisconnectReason,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let text = match reason {
            DisconnectReason::CompId => Phrase::new(b"CompID problem"),
            _ => Phrase::new(b"SendingTime accuracy problem"),
        };
        if self.phase != Phase::AwaitingLogon || reason == DisconnectReason::SendingTime {
            if inbound.msg_seq_num == self.numbers.next_in {
                self.consume(inbound.msg_seq_num, now_ns);
            }
            let _ = self.refuse(inbound, error, text.as_bytes(), now_ns, sink)?;
        }
        self.part(reason, &text, now_ns, sink)
    }

    fn wrong_comp_id(&self, message: &Message<'_>) -> Option<FieldError> {
        let reason = SessionRejectReason::CompIdProblem;
        let expected = [
            (tag::SENDER_COMP_ID, self.terms.target_comp_id.as_bytes()),
            (tag::TARGET_COMP_ID, self.terms.sender_comp_id.as_bytes()),
        ];
        let wrong = expected
            .iter()
            .find(|(tag, id)| message.field(*tag) != Some(*id))?;
        Some(FieldError::new(wrong.0, reason))
    }

    /// Whether SendingTime(52) can be read and is too far from `now_ns`. One that cannot be read is
    /// answered later, when it is the message's turn.
    fn is_inaccurate(&self, inbound: &Inbound<'_>, now_ns: u64) -> bool {
        self.terms.check_latency
            && inbound.sending_time_ns.is_ok_and(|sending_time_ns| {
                now_ns.abs_diff(sending_time_ns) > u64::from(self.terms.max_latency_s) * SECOND_NS
            })
    }

    fn kind(&self, msg_type: &[u8]) -> Kind {
        match msg_type {
            b"0" => Kind::Heartbeat,
            b"1" => Kind::TestRequest,
            b"2" => Kind::ResendRequest,
            b"3" => Kind::Reject,
            b"4" => Kind::SequenceReset,
            b"5" => Kind::Logout,
            b"A" => Kind::Logon,
            _ => self.application_kind(msg_type),
        }
    }

    /// What an order is most often is asked first.
    fn application_kind(&self, msg_type: &[u8]) -> Kind {
        if let ApplicationTypes::Listed(types) = self.terms.application_types
            && types.contains(&msg_type)
        {
            return Kind::Application;
        }
        match self.terms.version.has_application_type(msg_type) {
            true if self.terms.application_types == ApplicationTypes::All => Kind::Application,
            true => Kind::Unsupported,
            false => Kind::Unknown,
        }
    }

    /// ApplVerID(1128) of a message, where it names another version than the session's.
    fn wrong_version(&self, message: &Message<'_>) -> Option<FieldError> {
        let own = self.terms.version.appl_ver_id()?;
        let named = message.field(tag::APPL_VER_ID)?;
        let reason = SessionRejectReason::UnsupportedApplicationVersion;
        (named != own).then_some(FieldError::new(tag::APPL_VER_ID, reason))
    }
}

impl Inbound<'_> {
    /// Judges a message whose turn it is, or a duplicate: fields wrong in themselves,
    /// SendingTime(52), PossDupFlag(43).
    ///
    /// A SequenceReset(4) may come without OrigSendingTime(122): it stands for messages that have
    /// none, and engines in use leave it out.
    pub(super) fn check_fields(&self, message: &Message<'_>) -> Result<(), FieldError> {
        if let Some(defect) = self.defect {
            return Err(defect);
        }
        let sending_time_ns = self.sending_time_ns?;
        if !fields::flag(message, tag::POSS_DUP_FLAG)? {
            return Ok(());
        }
        match message.orig_sending_time_ns()? {
            None if self.kind == Kind::SequenceReset => Ok(()),
            None => Err(FieldError::missing(tag::ORIG_SENDING_TIME)),
            Some(orig_sending_time_ns) if orig_sending_time_ns > sending_time_ns => {
                let reason = SessionRejectReason::SendingTimeAccuracyProblem;
                Err(FieldError::new(tag::ORIG_SENDING_TIME, reason))
            }
            Some(_) => Ok(()),
        }
    }
}
