//! HaltRecord (`H`): the venue's word on one kind of halt, for whomever it stops.

use gwanmun_market::{Halt, HaltKind, HaltScope, HaltSides};

use crate::ouch::OuchError;
use crate::wire::{Reader, Writer};

/// A halt begins, changes its stage or ends; each record replaces the one before for the same
/// scope, name and kind. Behind a login those in force come before the first market state, so that
/// what is not told by then is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HaltRecord {
    /// When the venue wrote it: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// The word.
    pub halt: Halt,
}

impl HaltRecord {
    /// First byte of the record.
    pub const TYPE: u8 = b'H';
    /// Length in bytes, always.
    pub const LENGTH: usize = 1 + 8 + 1 + 8 + 1 + 1 + 1 + 1;

    /// Reads a record.
    ///
    /// # Errors
    /// [`OuchError`]: another type, other than [`Self::LENGTH`] bytes, a scope, kind, level or side
    /// that is none ([`OuchError::Feed`]), or a reach that is neither `Y` nor `N`.
    pub fn parse(bytes: &[u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        let timestamp_ns = reader.u64()?;
        let (scope, name) = (reader.u8()?, reader.text()?);
        let (kind, level, sides) = (reader.u8()?, reader.u8()?, reader.u8()?);
        let kind = HaltKind::from_byte(kind).ok_or(OuchError::Feed(kind))?;
        let level = Some(level).filter(|&level| level <= kind.level_max());
        let record = HaltRecord {
            timestamp_ns,
            halt: Halt {
                kind,
                scope: HaltScope::from_parts(scope, name).ok_or(OuchError::Feed(scope))?,
                level: level.ok_or(OuchError::Feed(kind.to_byte()))?,
                sides: HaltSides::from_byte(sides).ok_or(OuchError::Feed(sides))?,
                is_everywhere: reader.flag()?,
            },
        };
        reader.end()?;
        Ok(record)
    }

    /// Writes the record; `None` when `into` has no room for [`Self::LENGTH`] bytes.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        let (scope, name) = self.halt.scope.to_parts();
        writer.u64(self.timestamp_ns)?;
        writer.u8(scope)?;
        writer.text(name)?;
        writer.u8(self.halt.kind.to_byte())?;
        writer.u8(self.halt.level)?;
        writer.u8(self.halt.sides.to_byte())?;
        writer.flag(self.halt.is_everywhere)?;
        Some(writer.end())
    }
}

const _: () = assert!(HaltRecord::LENGTH == 22);
