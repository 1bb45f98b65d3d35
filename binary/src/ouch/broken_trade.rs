//! BrokenTrade (`B`, venue to client): an execution was undone.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. What it undoes: [`super::executed`].

use gwanmun_market::OrderId;

use super::OuchError;
use super::appendage::Appendage;
use super::codes::BrokenTradeReason;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// A trade told earlier did not happen after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenTrade<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Number of the trade, as [`Executed`](super::Executed) gave it.
    pub match_number: u64,
    /// Why.
    pub reason: BrokenTradeReason,
    /// ClOrdID of the order.
    pub cl_ord_id: OrderId,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> BrokenTrade<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'B';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 8 + 1 + 14 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(BrokenTrade {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            match_number: reader.u64()?,
            reason: BrokenTradeReason(reader.u8()?),
            cl_ord_id: reader.text()?,
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.u64(self.match_number)?;
        writer.u8(self.reason.0)?;
        writer.text(self.cl_ord_id)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(BrokenTrade::LENGTH == 38);
