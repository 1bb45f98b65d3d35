//! CancelOrder (`X`, client to venue): less of an order, or none.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers: [`super::canceled`],
//! [`super::cancel_pending`], [`super::cancel_reject`].

use super::OuchError;
use super::appendage::Appendage;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// Asks that an order be reduced or taken off.
///
/// Ignored silently when the order is no longer live: then no answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelOrder<'a> {
    /// Number of the order.
    pub user_ref_num: u32,
    /// New total that the order may ever execute; 0 takes off all that is left.
    pub quantity: u32,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> CancelOrder<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'X';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(CancelOrder {
            user_ref_num: reader.u32()?,
            quantity: reader.u32()?,
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.user_ref_num)?;
        writer.u32(self.quantity)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(CancelOrder::LENGTH == 11);
