//! The standard header, as a session writes it.

use super::MessageWriter;
use crate::tag;

/// The standard header behind BodyLength(9), as a session writes it: MsgType(35), then in the order
/// of their tags, which is the one that most engines write and some compare.
#[derive(Clone, Copy, Debug)]
pub struct Header<'v> {
    /// MsgType(35).
    pub msg_type: &'v [u8],
    /// SenderCompID(49).
    pub sender_comp_id: &'v [u8],
    /// TargetCompID(56).
    pub target_comp_id: &'v [u8],
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// SendingTime(52), nanoseconds since the epoch.
    pub sending_time_ns: u64,
    /// For a repeated message: OrigSendingTime(122), with PossDupFlag(43)=Y.
    pub orig_sending_time_ns: Option<u64>,
    /// LastMsgSeqNumProcessed(369), where both sides agreed on it.
    pub last_msg_seq_num_processed: Option<u64>,
}

impl Header<'_> {
    /// Writes the header. It must come first.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        writer
            .bytes(tag::MSG_TYPE, self.msg_type)
            .uint(tag::MSG_SEQ_NUM, self.msg_seq_num);
        if self.orig_sending_time_ns.is_some() {
            writer.boolean(tag::POSS_DUP_FLAG, true);
        }
        writer
            .bytes(tag::SENDER_COMP_ID, self.sender_comp_id)
            .timestamp(tag::SENDING_TIME, self.sending_time_ns)
            .bytes(tag::TARGET_COMP_ID, self.target_comp_id);
        if let Some(ns) = self.orig_sending_time_ns {
            writer.timestamp(tag::ORIG_SENDING_TIME, ns);
        }
        if let Some(number) = self.last_msg_seq_num_processed {
            writer.uint(tag::LAST_MSG_SEQ_NUM_PROCESSED, number);
        }
    }
}
