//! DisableOrderEntry (`D`, client to venue): that a firm be kept from entering orders.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers:
//! [`super::disable_response`].

use super::appendage::Appendage;
use super::{Firm, OuchError};
use crate::wire::{Reader, Writer};

/// Asks that the venue take no more orders of a firm on this line's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisableOrderEntry<'a> {
    /// Number of the request, in the same series as those of orders.
    pub user_ref_num: u32,
    /// Firm that may enter no more orders.
    pub firm: Firm,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> DisableOrderEntry<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'D';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(DisableOrderEntry {
            user_ref_num: reader.u32()?,
            firm: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.user_ref_num)?;
        writer.text(self.firm)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(DisableOrderEntry::LENGTH == 11);
