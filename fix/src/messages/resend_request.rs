//! ResendRequest(35=2): asks for messages again.

use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"2";

/// Writes the body; `end_seq_no` 0 means all that there are.
pub fn write(writer: &mut MessageWriter<'_>, begin_seq_no: u64, end_seq_no: u64) {
    writer
        .uint(tag::BEGIN_SEQ_NO, begin_seq_no)
        .uint(tag::END_SEQ_NO, end_seq_no);
}

super::view! {
    /// ResendRequest(35=2) as it came.
    ResendRequest
}

impl ResendRequest<'_> {
    /// BeginSeqNo(7).
    ///
    /// # Errors
    /// Missing, not a sequence number.
    pub fn begin_seq_no(&self) -> Result<u64, FieldError> {
        self.message.seq_num(tag::BEGIN_SEQ_NO)
    }

    /// EndSeqNo(16); 0 means all that there are.
    ///
    /// # Errors
    /// Missing, not a number.
    pub fn end_seq_no(&self) -> Result<u64, FieldError> {
        self.message.uint(tag::END_SEQ_NO)
    }
}
