//! Sending again what the peer missed, a step at a time.
//!
//! A resend walks over the numbers asked for. A message kept by the caller's [`History`] is written
//! again with PossDupFlag(43)=Y, OrigSendingTime(122) and a new SendingTime(52); a run of numbers
//! that stand for administrative messages becomes one SequenceReset(4) gap fill. Departures worth
//! knowing:
//!
//! 1. A step stops where the sink has no room or a bounded count of numbers was looked at, and goes
//!    on later: a resend of a whole day neither fills memory nor stalls live messages, which may be
//!    sent between two steps.
//! 2. A resend to infinity ends where it has caught up with the live messages, not at the last
//!    number known when it was asked for. A receiver that drops everything above its gap, as ours
//!    does, thereby gets what it dropped.
//! 3. A run that is interrupted by the end of a step is remembered and still becomes one gap fill,
//!    up to a bounded count of numbers.
//!
//! Not in it: keeping messages. Next: [`super::resend_request`].

use super::Session;
use super::outcome::NoRoom;
use super::terms::ROOM_BYTES_MIN;
use crate::encode::MessageWriter;
use crate::index::Index;
use crate::message::Message;
use crate::messages::sequence_reset;
use crate::sink::Sink;
use crate::tag;

/// Numbers looked at in one step at most: a day of heartbeats alone is walked over in a few dozen
/// turns, and no turn takes longer than writing a few hundred messages.
const NUMBERS_PER_STEP_MAX: usize = 256;

/// Numbers that one gap fill stands for at most. A day of heartbeats alone thus becomes a few
/// messages, so that a caller whose turns end with something written takes no turn for all of it.
const RUN_NUMBERS_MAX: u64 = 16_384;

/// What was sent, by number.
pub trait History {
    /// What was sent under this number; it is below `next_out` and was not reset since.
    fn sent(&self, msg_seq_num: u64) -> Past<'_>;
}

/// What became of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past<'a> {
    /// A message to send again: the bytes as first committed, with `is_application`.
    Application(&'a [u8]),
    /// The same for one that was committed under another number, before the numbers began anew.
    Renumbered(&'a [u8]),
    /// An administrative message, or nothing: a gap fill stands for it.
    Administrative,
    /// Not in memory now. The session waits until it is.
    Elsewhere,
}

/// How far a resend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum ResendProgress {
    /// Nothing is owed.
    Idle,
    /// More is owed: call again next turn, or when the sink has room.
    More,
    /// The message with this number is needed in memory, or cannot be read there; nothing was
    /// skipped.
    Waiting {
        /// MsgSeqNum(34) to fetch.
        msg_seq_num: u64,
    },
}

/// A resend under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resend {
    /// The number to look at next.
    next: u64,
    /// First number of the run of administrative messages before `next`. Invariant: at most `next`,
    /// and equal to it where there is no run.
    run_from: u64,
    /// Last number owed; none where the resend goes on until it has caught up.
    end: Option<u64>,
}

impl Resend {
    pub(super) const fn new(begin: u64, end: Option<u64>) -> Resend {
        Resend {
            next: begin,
            run_from: begin,
            end,
        }
    }

    /// This resend with another range added.
    pub(super) fn joined(self, begin: u64, end: Option<u64>) -> Resend {
        let end = self.end.zip(end).map(|(one, other)| one.max(other));
        if begin < self.run_from {
            Resend::new(begin, end)
        } else {
            Resend { end, ..self }
        }
    }
}

impl Session {
    /// Does a part of what is owed to the peer: messages to send again, then our own
    /// ResendRequest(2) where it was put off. Writes as much as the sink has room for, within a
    /// bound per step.
    pub fn resend_step(
        &mut self,
        now_ns: u64,
        history: &impl History,
        sink: &mut impl Sink,
    ) -> ResendProgress {
        if !self.is_logged_on() {
            return ResendProgress::Idle;
        }
        let Some(mut resend) = self.resend else {
            return self.ask_if_owed(now_ns, sink);
        };
        let progress = self.advance(&mut resend, now_ns, history, sink);
        debug_assert!(resend.run_from <= resend.next && resend.next <= self.numbers.next_out);
        match progress {
            Ok(ResendProgress::Idle) => {
                self.resend = None;
                self.ask_if_owed(now_ns, sink)
            }
            Ok(progress) => {
                self.resend = Some(resend);
                progress
            }
            Err(NoRoom) => {
                self.resend = Some(resend);
                ResendProgress::More
            }
        }
    }

    fn advance(
        &mut self,
        resend: &mut Resend,
        now_ns: u64,
        history: &impl History,
        sink: &mut impl Sink,
    ) -> Result<ResendProgress, NoRoom> {
        for _ in 0..NUMBERS_PER_STEP_MAX {
            let last = resend.end.unwrap_or(self.numbers.next_out - 1);
            if resend.next > last {
                self.fill_run(resend, now_ns, sink)?;
                return Ok(ResendProgress::Idle);
            }
            let msg_seq_num = resend.next;
            match history.sent(msg_seq_num) {
                Past::Administrative => {
                    resend.next += 1;
                    if resend.next - resend.run_from >= RUN_NUMBERS_MAX {
                        self.fill_run(resend, now_ns, sink)?;
                        return Ok(ResendProgress::More);
                    }
                }
                found @ (Past::Application(bytes) | Past::Renumbered(bytes)) => {
                    self.fill_run(resend, now_ns, sink)?;
                    let is_its_own = matches!(found, Past::Application(_));
                    if !self.repeat((msg_seq_num, is_its_own), bytes, now_ns, sink)? {
                        return Ok(ResendProgress::Waiting { msg_seq_num });
                    }
                    *resend = Resend::new(msg_seq_num + 1, resend.end);
                }
                Past::Elsewhere => return Ok(ResendProgress::Waiting { msg_seq_num }),
            }
        }
        Ok(ResendProgress::More)
    }

    /// Writes the gap fill for the run before `resend.next`, if there is one.
    fn fill_run(
        &mut self,
        resend: &mut Resend,
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<(), NoRoom> {
        if resend.run_from == resend.next {
            return Ok(());
        }
        // A gap fill was never sent before: its OrigSendingTime(122) is its SendingTime(52).
        let gap_fill = sequence_reset::MSG_TYPE;
        self.write_again(gap_fill, resend.run_from, now_ns, now_ns, sink, |writer| {
            sequence_reset::write(writer, resend.next, true);
        })?;
        resend.run_from = resend.next;
        Ok(())
    }

    /// Writes a kept message again; `false` where the bytes kept are not the message of that
    /// number. Then nothing is written: a gap fill over it would hide the loss.
    fn repeat(
        &mut self,
        (msg_seq_num, is_its_own): (u64, bool),
        bytes: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
    ) -> Result<bool, NoRoom> {
        let mut index = Index::new();
        let Ok(original) = Message::parse(bytes, &mut index) else {
            return Ok(false);
        };
        let Ok(sending_time_ns) = original.sending_time_ns() else {
            return Ok(false);
        };
        if is_its_own && original.msg_seq_num() != Ok(msg_seq_num) {
            return Ok(false);
        }
        // Where our own clock was set back in between, the original time must still not be the
        // later one.
        let orig_sending_time_ns = sending_time_ns.min(now_ns);
        let msg_type = original.msg_type();
        self.write_again(
            msg_type,
            msg_seq_num,
            orig_sending_time_ns,
            now_ns,
            sink,
            |writer| {
                copy_body(&original, writer);
            },
        )?;
        Ok(true)
    }

    /// The ResendRequest(2) that waited for the peer's own to be answered.
    fn ask_if_owed(&mut self, now_ns: u64, sink: &mut impl Sink) -> ResendProgress {
        if self.owes_resend_request() && self.ask(now_ns, sink).is_err() {
            return ResendProgress::More;
        }
        ResendProgress::Idle
    }
}

/// Every field that is not written anew, in its order.
fn copy_body(original: &Message<'_>, writer: &mut MessageWriter<'_>) {
    let mut length_tag = None;
    for (tag, value) in original.fields() {
        match tag {
            tag::BEGIN_STRING
            | tag::BODY_LENGTH
            | tag::MSG_TYPE
            | tag::SENDER_COMP_ID
            | tag::TARGET_COMP_ID
            | tag::MSG_SEQ_NUM
            | tag::POSS_DUP_FLAG
            | tag::SENDING_TIME
            | tag::ORIG_SENDING_TIME
            | tag::LAST_MSG_SEQ_NUM_PROCESSED
            | tag::CHECK_SUM => {}
            _ if tag::data_of_length(tag).is_some() => length_tag = Some(tag),
            _ => match length_tag.take() {
                Some(length) if tag::data_of_length(length) == Some(tag) => {
                    writer.data(length, tag, value);
                }
                _ => {
                    writer.bytes(tag, value);
                }
            },
        }
    }
}

const _: () = assert!(
    ROOM_BYTES_MIN >= 1024,
    "a gap fill fits any room that counts as room"
);
