//! SystemEvent (`S`, venue to client): start and end of day.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. What it travels in: [`crate::soup`].

use super::OuchError;
use super::codes::EventCode;
use crate::wire::{Reader, Writer};

/// The venue's day starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemEvent {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// What happened.
    pub event_code: EventCode,
}

impl SystemEvent {
    /// First byte of the message.
    pub const TYPE: u8 = b'S';
    /// Length in bytes, always.
    pub const LENGTH: usize = 1 + 8 + 1;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        let message = SystemEvent {
            timestamp_ns: reader.u64()?,
            event_code: EventCode(reader.u8()?),
        };
        reader.end()?;
        Ok(message)
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u8(self.event_code.0)?;
        Some(writer.end())
    }
}

const _: () = assert!(SystemEvent::LENGTH == 10);
