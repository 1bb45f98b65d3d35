//! Cursors over big-endian bytes, shared by every message of this crate.
//!
//! [`Reader`] takes fields off the front of a message, [`Writer`] puts them there. Both are checked
//! at each step and know nothing of any message: widths and order stand in the message's own file.
//! Both begin with the message's length as a whole, so that the compiler can drop the later checks.

use gwanmun_market::{Price, Side, Text};

use crate::ouch::OuchError;
use crate::ouch::appendage::Appendage;

/// By how much a message of the older edition is shorter: it has no AppendageLength.
pub(crate) const APPENDAGE_LENGTH_BYTES: usize = 2;

/// Takes fields off the front of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts behind the type byte, which must be `message_type`, of at least `length_min` bytes.
    #[inline]
    pub(crate) fn start(
        bytes: &'a [u8],
        message_type: u8,
        length_min: usize,
    ) -> Result<Self, OuchError> {
        match bytes.split_first() {
            Some((&first, rest)) if first == message_type => {
                if bytes.len() < length_min {
                    return Err(OuchError::Truncated);
                }
                Ok(Reader { rest })
            }
            Some((&first, _)) => Err(OuchError::UnknownType(first)),
            None => Err(OuchError::Truncated),
        }
    }

    #[inline]
    fn take<const N: usize>(&mut self) -> Result<[u8; N], OuchError> {
        let (head, rest) = self.rest.split_first_chunk().ok_or(OuchError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Result<u8, OuchError> {
        self.take().map(u8::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Result<u16, OuchError> {
        self.take().map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Result<u32, OuchError> {
        self.take().map(u32::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u64(&mut self) -> Result<u64, OuchError> {
        self.take().map(u64::from_be_bytes)
    }

    /// A price in two's complement, as the profile has it.
    #[inline]
    pub(crate) fn price(&mut self) -> Result<Price, OuchError> {
        self.take().map(i64::from_be_bytes).map(Price)
    }

    /// An Alpha field.
    #[inline]
    pub(crate) fn text<const N: usize>(&mut self) -> Result<Text<N>, OuchError> {
        self.take().map(|padded| Text::from_padded(&padded))
    }

    #[inline]
    pub(crate) fn side(&mut self) -> Result<Side, OuchError> {
        let byte = self.u8()?;
        Side::from_ouch(byte).ok_or(OuchError::Side(byte))
    }

    /// `Y` or `N`.
    #[inline]
    pub(crate) fn flag(&mut self) -> Result<bool, OuchError> {
        match self.u8()? {
            b'Y' => Ok(true),
            b'N' => Ok(false),
            other => Err(OuchError::Flag(other)),
        }
    }

    /// AppendageLength and the appendage, with which the message ends.
    #[inline]
    pub(crate) fn appendage(mut self) -> Result<Appendage<'a>, OuchError> {
        let length = usize::from(self.u16()?);
        match self.rest.len() {
            present if present < length => Err(OuchError::Truncated),
            present if present > length => Err(OuchError::TrailingBytes),
            _ => Appendage::parse(self.rest),
        }
    }

    /// As [`Reader::appendage`], for a message whose older edition ends before AppendageLength.
    #[inline]
    pub(crate) fn appendage_or_end(self) -> Result<Appendage<'a>, OuchError> {
        if self.rest.is_empty() {
            Ok(Appendage::EMPTY)
        } else {
            self.appendage()
        }
    }

    /// The end of a message that has no appendage.
    #[inline]
    pub(crate) fn end(self) -> Result<(), OuchError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(OuchError::TrailingBytes)
        }
    }
}

/// Puts fields into a lent buffer, one behind the other. `None` means that the next does not fit.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    rest: &'a mut [u8],
    written: usize,
}

impl<'a> Writer<'a> {
    /// Starts with the type byte, in a buffer that has room for at least `length` bytes in all.
    #[inline]
    pub(crate) fn start(into: &'a mut [u8], message_type: u8, length: usize) -> Option<Self> {
        if into.len() < length {
            return None;
        }
        let mut writer = Writer {
            rest: into,
            written: 0,
        };
        writer.u8(message_type)?;
        Some(writer)
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let (head, rest) = core::mem::take(&mut self.rest).split_at_mut_checked(bytes.len())?;
        head.copy_from_slice(bytes);
        self.rest = rest;
        self.written += bytes.len();
        Some(())
    }

    #[inline]
    pub(crate) fn u8(&mut self, value: u8) -> Option<()> {
        self.bytes(&[value])
    }

    #[inline]
    pub(crate) fn u16(&mut self, value: u16) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    #[inline]
    pub(crate) fn u32(&mut self, value: u32) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    #[inline]
    pub(crate) fn u64(&mut self, value: u64) -> Option<()> {
        self.bytes(&value.to_be_bytes())
    }

    #[inline]
    pub(crate) fn price(&mut self, value: Price) -> Option<()> {
        self.bytes(&value.0.to_be_bytes())
    }

    #[inline]
    pub(crate) fn text<const N: usize>(&mut self, value: Text<N>) -> Option<()> {
        self.bytes(&value.padded())
    }

    #[inline]
    pub(crate) fn side(&mut self, value: Side) -> Option<()> {
        self.u8(value.to_ouch())
    }

    #[inline]
    pub(crate) fn flag(&mut self, value: bool) -> Option<()> {
        self.u8(if value { b'Y' } else { b'N' })
    }

    /// AppendageLength and the appendage; returns the message's length in bytes.
    #[inline]
    pub(crate) fn appendage(mut self, appendage: Appendage<'_>) -> Option<usize> {
        let bytes = appendage.as_bytes();
        self.u16(u16::try_from(bytes.len()).ok()?)?;
        self.bytes(bytes)?;
        Some(self.written)
    }

    /// The end of a message that has no appendage; returns its length in bytes.
    #[inline]
    pub(crate) fn end(self) -> usize {
        self.written
    }
}
