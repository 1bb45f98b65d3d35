//! MassCancel (`C`, client to venue): that many orders be taken off at once.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers:
//! [`super::mass_cancel_response`], then [`super::canceled`] for each order.

use gwanmun_market::Symbol;

use super::appendage::Appendage;
use super::{Firm, OuchError};
use crate::wire::{Reader, Writer};

/// Asks that all orders of a firm, or those in one instrument, be taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MassCancel<'a> {
    /// Number of the request, in the same series as those of orders.
    pub user_ref_num: u32,
    /// Firm whose orders are meant.
    pub firm: Firm,
    /// Instrument whose orders are meant; blank for all.
    pub symbol: Symbol,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> MassCancel<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'C';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 4 + 8 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(MassCancel {
            user_ref_num: reader.u32()?,
            firm: reader.text()?,
            symbol: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.user_ref_num)?;
        writer.text(self.firm)?;
        writer.text(self.symbol)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(MassCancel::LENGTH == 19);
