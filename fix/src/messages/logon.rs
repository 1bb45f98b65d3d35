//! Logon(35=A): who is there, and how often to show signs of life.

use crate::encode::MessageWriter;
use crate::error::FieldError;
use crate::tag;

/// MsgType(35).
pub const MSG_TYPE: &[u8] = b"A";

/// The body of a Logon(35=A) to write.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body<'v> {
    /// HeartBtInt(108), seconds.
    pub heart_bt_int_s: u32,
    /// ResetSeqNumFlag(141); written only where it is set.
    pub reset_seq_num_flag: bool,
    /// Username(553); empty writes none.
    pub username: &'v [u8],
    /// Password(554); empty writes none.
    pub password: &'v [u8],
}

impl Body<'_> {
    /// Writes the fields behind the header. EncryptMethod(98) is always 0, none.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        writer
            .uint(tag::ENCRYPT_METHOD, 0)
            .uint(tag::HEART_BT_INT, self.heart_bt_int_s.into());
        if self.reset_seq_num_flag {
            writer.boolean(tag::RESET_SEQ_NUM_FLAG, true);
        }
        writer
            .bytes(tag::USERNAME, self.username)
            .bytes(tag::PASSWORD, self.password);
    }
}

super::view! {
    /// Logon(35=A) as it came. Its `Debug` form shows where Password(554) lies and, through the
    /// message, what it is: do not log it.
    Logon
}

impl<'a> Logon<'a> {
    /// EncryptMethod(98).
    ///
    /// # Errors
    /// Missing, not a number, negative.
    pub fn encrypt_method(&self) -> Result<u64, FieldError> {
        self.message.uint(tag::ENCRYPT_METHOD)
    }

    /// HeartBtInt(108), seconds.
    ///
    /// # Errors
    /// Missing, not a number, negative.
    pub fn heart_bt_int_s(&self) -> Result<u64, FieldError> {
        self.message.uint(tag::HEART_BT_INT)
    }

    /// ResetSeqNumFlag(141); no where it is absent.
    ///
    /// # Errors
    /// Neither `Y` nor `N`.
    pub fn reset_seq_num_flag(&self) -> Result<bool, FieldError> {
        let flag = self
            .message
            .optional(tag::RESET_SEQ_NUM_FLAG, |message, tag| message.boolean(tag));
        Ok(flag?.unwrap_or(false))
    }

    /// NextExpectedMsgSeqNum(789).
    ///
    /// # Errors
    /// Not a sequence number.
    pub fn next_expected_msg_seq_num(&self) -> Result<Option<u64>, FieldError> {
        let tag = tag::NEXT_EXPECTED_MSG_SEQ_NUM;
        self.message
            .optional(tag, |message, tag| message.seq_num(tag))
    }

    /// MaxMessageSize(383), bytes.
    ///
    /// # Errors
    /// Not a number.
    pub fn max_message_size(&self) -> Result<Option<u64>, FieldError> {
        self.message
            .optional(tag::MAX_MESSAGE_SIZE, |message, tag| message.uint(tag))
    }

    /// Username(553).
    #[must_use]
    pub fn username(&self) -> Option<&'a [u8]> {
        self.message.field(tag::USERNAME)
    }

    /// Password(554). Compare it in constant time, and never write it anywhere.
    #[must_use]
    pub fn password(&self) -> Option<&'a [u8]> {
        self.message.field(tag::PASSWORD)
    }

    /// RawData(96), which some use for credentials.
    #[must_use]
    pub fn raw_data(&self) -> Option<&'a [u8]> {
        self.message.field(tag::RAW_DATA)
    }
}
