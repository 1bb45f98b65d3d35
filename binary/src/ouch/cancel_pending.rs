//! CancelPending (`P`, venue to client): a cancel has to wait.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. The request: [`super::cancel_order`].

use super::OuchError;
use super::appendage::Appendage;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// The order cannot leave yet, as in the last part of an auction; it will when it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelPending<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> CancelPending<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'P';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(CancelPending {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(CancelPending::LENGTH == 15);
