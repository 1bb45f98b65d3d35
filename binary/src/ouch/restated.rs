//! Restated (`R`, venue to client): the venue changed an order by itself.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. The new values: [`super::appendage`].

use super::OuchError;
use super::appendage::Appendage;
use super::codes::RestatedReason;
use crate::wire::{Reader, Writer};

/// OrderRestated: the venue changed the order by itself, not asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restated<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// What changed; the new values are in the appendage.
    pub reason: RestatedReason,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> Restated<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'R';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 1 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(Restated {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            reason: RestatedReason(reader.u8()?),
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.u8(self.reason.0)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(Restated::LENGTH == 16);
