//! Writing: every message of this side gets its header here.
//!
//! In it: application messages by [`Session::send`], and the two kinds of numbers, fresh and used
//! before. Not in it: which message to write when. Next: [`super::resend`].

use super::Session;
use super::outcome::NoRoom;
use super::terms::{MSG_SEQ_NUM_MAX, ROOM_BYTES_MIN};
use crate::encode::{Header, MessageWriter};
use crate::messages::sequence_reset;
use crate::sink::{Sent, Sink};
use crate::version::Dialect;

impl Session {
    /// Writes an application message under the next MsgSeqNum(34); `body` adds the fields behind
    /// the header.
    ///
    /// Also when no one is logged on: see the module's head.
    ///
    /// # Errors
    /// [`NoRoom`] when it does not fit; nothing is committed and no number is used.
    pub fn send(
        &mut self,
        msg_type: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Result<Sent, NoRoom> {
        self.write_fresh(msg_type, true, now_ns, sink, body)
    }

    /// Writes an administrative message under the next MsgSeqNum(34).
    pub(super) fn administer(
        &mut self,
        msg_type: &[u8],
        now_ns: u64,
        sink: &mut impl Sink,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Result<Sent, NoRoom> {
        self.write_fresh(msg_type, false, now_ns, sink, body)
    }

    fn write_fresh(
        &mut self,
        msg_type: &[u8],
        is_application: bool,
        now_ns: u64,
        sink: &mut impl Sink,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Result<Sent, NoRoom> {
        let msg_seq_num = self.numbers.next_out;
        if msg_seq_num > MSG_SEQ_NUM_MAX {
            return Err(NoRoom);
        }
        let header = self.header(msg_type, msg_seq_num, now_ns);
        let length = write(self.terms.dialect(), &header, sink, body)?;
        let sent = Sent {
            length,
            msg_seq_num,
            is_application,
            is_resend: false,
        };
        sink.commit(sent);
        self.numbers.next_out += 1;
        // Only what goes on a wire is a sign of life; administrative messages always do.
        if !is_application || self.is_logged_on() {
            self.last_sent_ns = now_ns;
        }
        Ok(sent)
    }

    /// Writes under a number used before: a possible duplicate, or a gap fill in its place.
    pub(super) fn write_again(
        &mut self,
        msg_type: &[u8],
        msg_seq_num: u64,
        orig_sending_time_ns: u64,
        now_ns: u64,
        sink: &mut impl Sink,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Result<Sent, NoRoom> {
        debug_assert!(msg_seq_num < self.numbers.next_out);
        let mut header = self.header(msg_type, msg_seq_num, now_ns);
        header.orig_sending_time_ns = Some(orig_sending_time_ns);
        let length = write(self.terms.dialect(), &header, sink, body)?;
        let is_application = msg_type != sequence_reset::MSG_TYPE;
        let sent = Sent {
            length,
            msg_seq_num,
            is_application,
            is_resend: true,
        };
        sink.commit(sent);
        self.last_sent_ns = now_ns;
        Ok(sent)
    }

    fn header<'v>(&'v self, msg_type: &'v [u8], msg_seq_num: u64, now_ns: u64) -> Header<'v> {
        Header {
            msg_type,
            sender_comp_id: self.terms.sender_comp_id.as_bytes(),
            target_comp_id: self.terms.target_comp_id.as_bytes(),
            msg_seq_num,
            sending_time_ns: now_ns,
            orig_sending_time_ns: None,
            last_msg_seq_num_processed: self.last_processed(),
        }
    }
}

impl Session {
    /// LastMsgSeqNumProcessed(369), where the terms have it and there was a message.
    fn last_processed(&self) -> Option<u64> {
        let last = self.numbers.next_in - 1;
        (self.terms.sends_last_msg_seq_num_processed && last > 0).then_some(last)
    }
}

/// Writes one whole message into the sink's room and returns its length in bytes; the caller
/// commits it.
fn write(
    dialect: Dialect,
    header: &Header<'_>,
    sink: &mut impl Sink,
    body: impl FnOnce(&mut MessageWriter<'_>),
) -> Result<usize, NoRoom> {
    let room = sink.room();
    if room.len() < ROOM_BYTES_MIN {
        return Err(NoRoom);
    }
    let mut writer = MessageWriter::start(room, dialect.version.begin_string());
    writer.set_dialect(dialect);
    header.write(&mut writer);
    body(&mut writer);
    writer.finish().ok_or(NoRoom)
}
