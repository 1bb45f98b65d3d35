//! ModifyOrder (`M`, client to venue): another side or less of an order.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers: [`super::modified`].

use gwanmun_market::Side;

use super::OuchError;
use super::appendage::Appendage;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// Asks for another kind of sale, or less quantity, without loss of time priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModifyOrder<'a> {
    /// Number of the order.
    pub user_ref_num: u32,
    /// New side, between the kinds of sale only.
    pub side: Side,
    /// New total, what is executed included; it can only become less.
    pub quantity: u32,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> ModifyOrder<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'M';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 1 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a side that is none, a damaged
    /// appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(ModifyOrder {
            user_ref_num: reader.u32()?,
            side: reader.side()?,
            quantity: reader.u32()?,
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.user_ref_num)?;
        writer.side(self.side)?;
        writer.u32(self.quantity)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(ModifyOrder::LENGTH == 12);
