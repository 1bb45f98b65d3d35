//! AccountQuery (`Q`, client to venue): the next UserRefNum.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers:
//! [`super::account_query_response`].

use super::OuchError;
use super::appendage::Appendage;
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// Asks which UserRefNum comes next.
///
/// The answer stands behind everything that the venue sent before it, so it also marks the end of a
/// replay, for which SoupBinTCP has no mark of its own (`SCHEMA.md`, section Recovery).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountQuery<'a> {
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> AccountQuery<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'Q';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(AccountQuery {
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(AccountQuery::LENGTH == 3);
