//! EnableResponse (`K`, venue to client): a firm is let in again.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. The request: [`super::enable_order_entry`].

use super::appendage::Appendage;
use super::{Firm, OuchError};
use crate::wire::{Reader, Writer};

/// The venue took an [`EnableOrderEntry`](super::EnableOrderEntry).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnableResponse<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the request.
    pub user_ref_num: u32,
    /// Firm that may enter orders again.
    pub firm: Firm,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> EnableResponse<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'K';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(EnableResponse {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            firm: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.text(self.firm)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(EnableResponse::LENGTH == 19);
