//! SequenceReset(35=4): jumps over sequence numbers, to fill a gap or to start anew.

use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"4";

/// Writes the body. GapFillFlag(123) is written only where it is set: its absence means reset.
pub fn write(writer: &mut MessageWriter<'_>, new_seq_no: u64, gap_fill_flag: bool) {
    writer.uint(tag::NEW_SEQ_NO, new_seq_no);
    if gap_fill_flag {
        writer.boolean(tag::GAP_FILL_FLAG, true);
    }
}

super::view! {
    /// SequenceReset(35=4) as it came.
    SequenceReset
}

impl SequenceReset<'_> {
    /// NewSeqNo(36).
    ///
    /// # Errors
    /// Missing, not a sequence number.
    pub fn new_seq_no(&self) -> Result<u64, FieldError> {
        self.message.seq_num(tag::NEW_SEQ_NO)
    }

    /// GapFillFlag(123); no where it is absent.
    ///
    /// # Errors
    /// Neither `Y` nor `N`.
    pub fn gap_fill_flag(&self) -> Result<bool, FieldError> {
        let flag = self
            .message
            .optional(tag::GAP_FILL_FLAG, |message, tag| message.boolean(tag));
        Ok(flag?.unwrap_or(false))
    }
}
