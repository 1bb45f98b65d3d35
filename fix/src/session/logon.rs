//! Coming together: Logon(A) from either side.
//!
//! In it: what must be right in the peer's Logon(A), the answer, ResetSeqNumFlag(141),
//! NextExpectedMsgSeqNum(789), a number too high (accepted, then asked for) or too low (refused),
//! and a Logon(A) on a line that is logged on. Not in it: credentials, which the caller has checked
//! before. Next: [`super::heartbeat`].

use super::outcome::{DisconnectReason, NoRoom, Outcome};
use super::phrase::Phrase;
use super::terms::{PEER_MESSAGE_BYTES_MIN, SECOND_NS, SeqNumReset, SessionTerms};
use super::validate::{Inbound, Kind};
use super::{Answer, Numbers, Phase, Session, fields};
use crate::encode::MessageWriter;
use crate::error::{FieldError, SessionRejectReason};
use crate::message::Message;
use crate::messages::logon;
use crate::sink::{Sent, Sink};
use crate::tag;

/// What a Logon(A) asks for.
struct Wishes {
    heart_bt_int_s: u64,
    reset_seq_num: bool,
    next_expected_msg_seq_num: Option<u64>,
}

impl Wishes {
    /// Whether NextExpectedMsgSeqNum(789) tells of a message that was never sent.
    fn expects_beyond(&self, next_out: u64) -> bool {
        self.next_expected_msg_seq_num
            .is_some_and(|expected| expected > next_out)
    }
}

impl Session {
    /// Initiator: sends our Logon(A), once, on a line just connected; `credentials` adds fields
    /// such as Username(553).
    ///
    /// With `reset_on_logon` in the terms both numbers go to 1 first and ResetSeqNumFlag(141)=Y is
    /// sent.
    ///
    /// # Errors
    /// [`NoRoom`] as for `send`, and where it is not our turn: an acceptor answers, and a second
    /// Logon(A) is none.
    pub fn logon(
        &mut self,
        now_ns: u64,
        sink: &mut impl Sink,
        credentials: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Result<Sent, NoRoom> {
        if self.terms.is_acceptor || self.phase != Phase::AwaitingLogon {
            return Err(NoRoom);
        }
        let numbers_before = self.numbers;
        let reset_seq_num = self.terms.reset != SeqNumReset::Never;
        if reset_seq_num {
            self.numbers = Numbers::FIRST;
        }
        let tells_expected = self.terms.sends_next_expected_msg_seq_num
            && self.terms.version.has_next_expected_msg_seq_num();
        let wishes = Wishes {
            heart_bt_int_s: u64::from(self.terms.heart_bt_int_s),
            reset_seq_num,
            next_expected_msg_seq_num: tells_expected.then_some(self.numbers.next_in),
        };
        let own = self.terms;
        let sent = self.administer(logon::MSG_TYPE, now_ns, sink, |writer| {
            write_wishes(writer, &own, &wishes);
            credentials(writer);
        });
        match sent {
            Ok(_) => {
                self.reset_count += u32::from(reset_seq_num);
                self.enter(Phase::LogonSent, now_ns);
            }
            Err(NoRoom) => self.numbers = numbers_before,
        }
        sent
    }

    /// A message on a line that is not logged on yet; an acceptor gets here with a Logon(A) only,
    /// an initiator behind its own.
    pub(super) fn take_before_logon(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        match inbound.kind {
            Kind::Logon => self.on_first_logon(inbound, message, now_ns, sink),
            Kind::Logout | Kind::Reject => {
                if inbound.msg_seq_num == self.numbers.next_in {
                    self.consume(inbound.msg_seq_num, now_ns);
                }
                if inbound.kind == Kind::Reject {
                    return Ok(Outcome::Ignore);
                }
                Ok(self.close(DisconnectReason::LogonRefusedByPeer))
            }
            _ => Ok(self.close(DisconnectReason::FirstMessageNotLogon)),
        }
    }

    /// The Logon(A) that opens the session.
    fn on_first_logon(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let wishes = match self.read_wishes(inbound, message) {
            Ok(wishes) => wishes,
            Err(error) => return self.refuse_logon(inbound, error, now_ns, sink),
        };
        let is_asked = wishes.reset_seq_num;
        if is_asked && (self.terms.reset == SeqNumReset::Never || inbound.msg_seq_num != 1) {
            let error = FieldError::value(tag::RESET_SEQ_NUM_FLAG);
            return self.refuse_logon(inbound, error, now_ns, sink);
        }
        // An initiator that asks for it has gone back to 1 with its own Logon(A).
        let resets =
            self.terms.is_acceptor && (is_asked || self.terms.reset == SeqNumReset::EachLogon);
        let numbers = if resets { Numbers::FIRST } else { self.numbers };
        if inbound.msg_seq_num < numbers.next_in {
            return self.part_too_low(inbound.msg_seq_num, now_ns, sink);
        }
        let before_answer = numbers.next_out;
        if wishes.expects_beyond(before_answer) {
            return self.refuse_next_expected(inbound, before_answer, now_ns, sink);
        }
        // A Logon(A) that is refused resets nothing: here it is accepted.
        self.numbers = numbers;
        self.reset_count += u32::from(resets);
        if inbound.msg_seq_num == self.numbers.next_in {
            self.consume(inbound.msg_seq_num, now_ns);
        } else {
            self.note_gap(inbound.msg_seq_num, now_ns);
        }
        self.heart_bt_int_ns = wishes.heart_bt_int_s * SECOND_NS;
        if self.terms.is_acceptor {
            self.answer_logon(&wishes, now_ns, sink)?;
        }
        self.enter(Phase::LoggedOn, now_ns);
        self.start_recovery(&wishes, before_answer, now_ns, sink)?;
        let wrote = self.numbers.next_out != before_answer;
        Ok(if wrote {
            Outcome::Answered
        } else {
            Outcome::Ignore
        })
    }

    fn answer_logon(
        &mut self,
        wishes: &Wishes,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        // Where the peer tells what it expects, it is told what we expect, and sends it without
        // being asked.
        let next_in = self.numbers.next_in;
        let answer = Wishes {
            next_expected_msg_seq_num: wishes.next_expected_msg_seq_num.map(|_| next_in),
            ..*wishes
        };
        let own = self.terms;
        self.administer(logon::MSG_TYPE, now_ns, sink, |writer| {
            write_wishes(writer, &own, &answer);
        })?;
        Ok(())
    }

    /// After both Logons: what the peer missed before `before_answer` is owed to it where it told
    /// so, and what we missed is asked for where it is not coming anyway.
    fn start_recovery(
        &mut self,
        wishes: &Wishes,
        before_answer: u64,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        if let Some(expected) = wishes.next_expected_msg_seq_num {
            if expected < before_answer {
                // To infinity: the answer itself came too early for the peer.
                self.owe(expected, None);
            }
            if self.terms.is_acceptor {
                if let Some(gap) = &mut self.gap {
                    gap.asked_to = Some(u64::MAX);
                }
                return Ok(());
            }
        }
        if self.owes_resend_request() {
            self.ask(now_ns, sink)?;
        }
        Ok(())
    }

    /// A Logon(A) although we are logged on: with ResetSeqNumFlag(141)=Y both sides start again
    /// from 1 on the same line where the terms allow it; any other is refused and the session
    /// stays.
    pub(super) fn on_logon_again(
        &mut self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let asks_reset = fields::flag(message, tag::RESET_SEQ_NUM_FLAG) == Ok(true);
        if asks_reset && self.terms.reset != SeqNumReset::Never && inbound.msg_seq_num == 1 {
            let wishes = match self.read_wishes(inbound, message) {
                Ok(wishes) => wishes,
                Err(error) => return self.refuse_logon(inbound, error, now_ns, sink),
            };
            if wishes.expects_beyond(Numbers::FIRST.next_out) {
                let next_out = Numbers::FIRST.next_out;
                return self.refuse_next_expected(inbound, next_out, now_ns, sink);
            }
            self.numbers = Numbers {
                next_in: 2,
                next_out: 1,
            };
            self.reset_count += 1;
            self.gap = None;
            self.resend = None;
            self.heart_bt_int_ns = wishes.heart_bt_int_s * SECOND_NS;
            self.answer_logon(&wishes, now_ns, sink)?;
            return Ok(Outcome::Answered);
        }
        if inbound.msg_seq_num < self.numbers.next_in {
            return self.on_too_low(inbound, message, now_ns, sink);
        }
        if inbound.msg_seq_num > self.numbers.next_in {
            return self.on_too_high(inbound, now_ns, sink);
        }
        self.consume(inbound.msg_seq_num, now_ns);
        let error = FieldError::new(tag::MSG_TYPE, SessionRejectReason::Other);
        self.refuse(inbound, error, b"Logon(A) although logged on", now_ns, sink)
    }

    /// Reads a Logon(A) and holds it against the terms.
    fn read_wishes(
        &self,
        inbound: &Inbound<'_>,
        message: &Message<'_>,
    ) -> Result<Wishes, FieldError> {
        inbound.check_fields(message)?;
        if message.uint(tag::ENCRYPT_METHOD)? != 0 {
            return Err(FieldError::value(tag::ENCRYPT_METHOD));
        }
        let heart_bt_int_s = message.uint(tag::HEART_BT_INT)?;
        let allowed =
            u64::from(self.terms.heart_bt_int_s_min)..=u64::from(self.terms.heart_bt_int_s);
        if !allowed.contains(&heart_bt_int_s) {
            return Err(FieldError::value(tag::HEART_BT_INT));
        }
        let reset_seq_num = fields::flag(message, tag::RESET_SEQ_NUM_FLAG)?;
        let next_expected_msg_seq_num = if self.terms.version.has_next_expected_msg_seq_num() {
            message.optional(tag::NEXT_EXPECTED_MSG_SEQ_NUM, fields::seq_num)?
        } else {
            None
        };
        self.check_agreement(message)?;
        Ok(Wishes {
            heart_bt_int_s,
            reset_seq_num,
            next_expected_msg_seq_num,
        })
    }

    /// What a Logon(A) tells about the messages to come: the application's version, and the longest
    /// message that the peer takes.
    fn check_agreement(&self, message: &Message<'_>) -> Result<(), FieldError> {
        if let Some(own) = self.terms.version.appl_ver_id()
            && message.required(tag::DEFAULT_APPL_VER_ID)? != own
        {
            let reason = SessionRejectReason::UnsupportedApplicationVersion;
            return Err(FieldError::new(tag::DEFAULT_APPL_VER_ID, reason));
        }
        match message.optional(tag::MAX_MESSAGE_SIZE, |message, tag| message.uint(tag))? {
            Some(bytes_max) if bytes_max < PEER_MESSAGE_BYTES_MIN => {
                Err(FieldError::value(tag::MAX_MESSAGE_SIZE))
            }
            _ => Ok(()),
        }
    }

    /// Reject(3) that names the field, Logout(5), end of the line. The peer is who it says, so it
    /// gets an answer.
    fn refuse_logon(
        &mut self,
        inbound: &Inbound<'_>,
        error: FieldError,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let text = match error.tag {
            tag::HEART_BT_INT => Phrase::new(b"HeartBtInt(108) must be a number from ")
                .number(self.terms.heart_bt_int_s_min.into())
                .words(b" to ")
                .number(self.terms.heart_bt_int_s.into()),
            tag::ENCRYPT_METHOD => Phrase::new(b"EncryptMethod(98) must be 0"),
            tag::RESET_SEQ_NUM_FLAG if self.terms.reset == SeqNumReset::Never => {
                Phrase::new(b"ResetSeqNumFlag(141)=Y is not agreed")
            }
            tag::RESET_SEQ_NUM_FLAG => {
                Phrase::new(b"ResetSeqNumFlag(141)=Y goes with MsgSeqNum(34)=1")
            }
            tag::MAX_MESSAGE_SIZE => Phrase::new(b"MaxMessageSize(383) must be a number from ")
                .number(PEER_MESSAGE_BYTES_MIN),
            tag::DEFAULT_APPL_VER_ID => Phrase::new(b"DefaultApplVerID(1137) must be ")
                .words(self.terms.version.appl_ver_id().unwrap_or(b"")),
            _ => Phrase::new(error.reason.text().as_bytes()),
        };
        self.refuse_logon_with(inbound, error, &text, now_ns, sink)
    }

    /// The peer expects what was never sent; `next_out` is what the Logon(A) would find.
    fn refuse_next_expected(
        &mut self,
        inbound: &Inbound<'_>,
        next_out: u64,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        let error = FieldError::value(tag::NEXT_EXPECTED_MSG_SEQ_NUM);
        let text =
            Phrase::new(b"NextExpectedMsgSeqNum(789) is higher than what was sent, next is ")
                .number(next_out);
        self.refuse_logon_with(inbound, error, &text, now_ns, sink)
    }

    fn refuse_logon_with(
        &mut self,
        inbound: &Inbound<'_>,
        error: FieldError,
        text: &Phrase,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Answer {
        if inbound.msg_seq_num == self.numbers.next_in {
            self.consume(inbound.msg_seq_num, now_ns);
        }
        let _ = self.refuse(inbound, error, text.as_bytes(), now_ns, sink)?;
        self.write_logout(text.as_bytes(), now_ns, sink)?;
        Ok(self.close(DisconnectReason::LogonRefused))
    }
}

fn write_wishes(writer: &mut MessageWriter<'_>, own: &SessionTerms, wishes: &Wishes) {
    writer
        .uint(tag::ENCRYPT_METHOD, 0)
        .uint(tag::HEART_BT_INT, wishes.heart_bt_int_s);
    if wishes.reset_seq_num {
        writer.boolean(tag::RESET_SEQ_NUM_FLAG, true);
    }
    if own.message_bytes_max > 0 {
        writer.uint(tag::MAX_MESSAGE_SIZE, own.message_bytes_max.into());
    }
    if let Some(expected) = wishes.next_expected_msg_seq_num {
        writer.uint(tag::NEXT_EXPECTED_MSG_SEQ_NUM, expected);
    }
    if let Some(appl_ver_id) = own.version.appl_ver_id() {
        writer.bytes(tag::DEFAULT_APPL_VER_ID, appl_ver_id);
    }
}
