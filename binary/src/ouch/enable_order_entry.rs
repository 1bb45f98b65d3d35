//! EnableOrderEntry (`E`, client to venue): that a firm be let in again.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers:
//! [`super::enable_response`].

use super::appendage::Appendage;
use super::{Firm, OuchError};
use crate::wire::{Reader, Writer};

/// Takes a [`DisableOrderEntry`](super::DisableOrderEntry) back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnableOrderEntry<'a> {
    /// Number of the request, in the same series as those of orders.
    pub user_ref_num: u32,
    /// Firm that may enter orders again.
    pub firm: Firm,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> EnableOrderEntry<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'E';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 4 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(EnableOrderEntry {
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

const _: () = assert!(EnableOrderEntry::LENGTH == 11);
