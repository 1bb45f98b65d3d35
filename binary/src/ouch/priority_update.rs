//! PriorityUpdate (`T`, venue to client): an order got another place in the queue.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. Its number until then: [`super::accepted`].

use gwanmun_market::Price;

use super::OuchError;
use super::appendage::Appendage;
use super::codes::Display;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// OrderPriorityUpdate: the order stands at another place in the queue, under another reference
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityUpdate<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Price at which it stands.
    pub price: Price,
    /// Display from now on.
    pub display: Display,
    /// The venue's new number of the order.
    pub order_reference_number: u64,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> PriorityUpdate<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'T';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 8 + 1 + 8 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(PriorityUpdate {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            price: reader.price()?,
            display: Display(reader.u8()?),
            order_reference_number: reader.u64()?,
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.price(self.price)?;
        writer.u8(self.display.0)?;
        writer.u64(self.order_reference_number)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(PriorityUpdate::LENGTH == 32);
