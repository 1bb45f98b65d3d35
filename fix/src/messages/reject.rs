//! Reject(35=3): a message that breaks the session layer's rules.

use crate::encode::MessageWriter;
use crate::error::{FieldError, SessionRejectReason};
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"3";

/// The body of a Reject(35=3) to write.
#[derive(Clone, Copy, Debug)]
pub struct Body<'v> {
    /// RefSeqNum(45): MsgSeqNum(34) of the refused message.
    pub ref_seq_num: u64,
    /// RefMsgType(372); empty writes none.
    pub ref_msg_type: &'v [u8],
    /// RefTagID(371) and SessionRejectReason(373); tag 0 writes no RefTagID(371), and a reason that
    /// the version has not is left to the text.
    pub error: FieldError,
    /// Text(58); the reason's own text is written where it is empty.
    pub text: &'v [u8],
}

impl Body<'_> {
    /// Writes the fields behind the header.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        let text = if self.text.is_empty() {
            self.error.reason.text().as_bytes()
        } else {
            self.text
        };
        writer
            .uint(tag::REF_SEQ_NUM, self.ref_seq_num)
            .bytes(tag::TEXT, text);
        if self.error.tag != 0 {
            writer.uint(tag::REF_TAG_ID, self.error.tag.into());
        }
        writer.bytes(tag::REF_MSG_TYPE, self.ref_msg_type);
        if writer.version().has_reason(self.error.reason) {
            let number = self.error.reason.number();
            writer.uint(tag::SESSION_REJECT_REASON, number.into());
        }
    }
}

super::view! {
    /// Reject(35=3) as it came.
    Reject
}

impl<'a> Reject<'a> {
    /// RefSeqNum(45).
    ///
    /// # Errors
    /// Missing, not a sequence number.
    pub fn ref_seq_num(&self) -> Result<u64, FieldError> {
        self.message.seq_num(tag::REF_SEQ_NUM)
    }

    /// RefTagID(371).
    ///
    /// # Errors
    /// Not a number.
    pub fn ref_tag_id(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::REF_TAG_ID, |message, tag| message.uint(tag))
    }

    /// RefMsgType(372).
    #[must_use]
    pub fn ref_msg_type(&self) -> Option<&'a [u8]> {
        self.message.field(tag::REF_MSG_TYPE)
    }

    /// SessionRejectReason(373).
    ///
    /// # Errors
    /// Not a number, or not of FIX 4.4.
    pub fn session_reject_reason(&self) -> Result<Option<SessionRejectReason>, FieldError> {
        self.message
            .optional(tag::SESSION_REJECT_REASON, |message, tag| {
                SessionRejectReason::from_number(message.uint(tag)?).ok_or(FieldError::value(tag))
            })
    }

    /// Text(58); empty where there is none.
    #[must_use]
    pub fn text(&self) -> &'a [u8] {
        self.message.field(tag::TEXT).unwrap_or(&[])
    }
}
