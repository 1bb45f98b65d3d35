//! How a template is made: constant fields and slots, one after the other.
//!
//! Not here: patching, which is [`Template`]'s.

use super::pieces::sum_of;
use super::template::{Kind, Place, Slot, Template};
use super::{MessageWriter, TRAILER_BYTES};
use crate::SOH;
use crate::time::{DateCache, Precision};

/// Prepares a [`Template`]: constant fields and slots in the order they shall stand in.
///
/// What does not fit is dropped, and [`TemplateBuilder::finish`] then returns `None`. FIX has no
/// empty values, so a slot that is never set says `0`, or the epoch: set each before sending.
#[derive(Debug)]
pub struct TemplateBuilder<'a, const SLOTS: usize> {
    writer: MessageWriter<'a>,
    slots: [Place; SLOTS],
    count: usize,
}

impl<'a, const SLOTS: usize> TemplateBuilder<'a, SLOTS> {
    /// Starts a message as [`MessageWriter::start`] does. MsgType(35) must be the first field.
    pub fn start(into: &'a mut [u8], begin_string: &[u8]) -> TemplateBuilder<'a, SLOTS> {
        TemplateBuilder {
            writer: MessageWriter::start(into, begin_string),
            slots: [NOWHERE; SLOTS],
            count: 0,
        }
    }

    /// Fields that stay as they are.
    pub fn fields(&mut self, write: impl FnOnce(&mut MessageWriter<'_>)) -> &mut Self {
        // A writer of a shorter life for the caller, who could else keep a reference to it.
        write(&mut self.writer);
        self
    }

    /// A text of any width.
    pub fn text(&mut self, tag: u32) -> Slot {
        self.slot(tag, Kind::Text, b"0")
    }

    /// One character.
    pub fn char(&mut self, tag: u32) -> Slot {
        self.slot(tag, Kind::Char, b"0")
    }

    /// A whole number in its shortest form, below 10,000,000.
    pub fn uint(&mut self, tag: u32) -> Slot {
        self.slot(tag, Kind::Uint, b"0")
    }

    /// A whole number with zeros in front, as FIX allows: always so many digits, 1 to 16 of them.
    pub fn padded(&mut self, tag: u32, digits: u8) -> Slot {
        let zeros = [b'0'; 16];
        let digits = usize::from(digits).clamp(1, 16);
        self.slot(tag, Kind::Padded, zeros.get(..digits).unwrap_or(&zeros))
    }

    /// A price in its shortest form, of fewer than 10,000,000 whole units.
    pub fn price(&mut self, tag: u32) -> Slot {
        self.slot(tag, Kind::Price, b"0")
    }

    /// A UTCTimestamp of this precision.
    pub fn timestamp(&mut self, tag: u32, precision: Precision) -> Slot {
        let text = b"19700101-00:00:00.000000000";
        let text = text.get(..precision.text_bytes()).unwrap_or(text);
        self.slot(tag, Kind::Timestamp(precision), text)
    }

    /// The message with its slots; `None` where it did not fit, or has more slots than `SLOTS` or
    /// 255.
    #[must_use]
    pub fn finish(self) -> Option<Template<'a, SLOTS>> {
        let (begin, written) = (self.writer.digits_start, self.writer.length);
        if self.count > SLOTS || SLOTS > usize::from(u8::MAX) {
            return None;
        }
        let (into, length) = self.writer.finish_in_place()?;
        // Where BodyLength(9) has not the width that was guessed, everything behind has moved.
        let end = length - TRAILER_BYTES;
        let mut slots = self.slots;
        for place in slots.iter_mut().take(self.count) {
            place.start = (place.start + end).checked_sub(written)?;
        }
        let digits = into.get(begin..end)?;
        let width = digits.iter().position(|&byte| byte == SOH)?;
        let body_length = Place {
            start: begin,
            width,
            sum: sum_of(digits.get(..width)?),
            kind: Kind::Uint,
        };
        let sum = sum_of(into.get(..end)?);
        Some(Template {
            into,
            length: end,
            body_length,
            sum,
            slots,
            dates: DateCache::new(),
        })
    }

    fn slot(&mut self, tag: u32, kind: Kind, value: &[u8]) -> Slot {
        self.writer.bytes(tag, value);
        if let Some(place) = self.slots.get_mut(self.count) {
            *place = Place {
                start: self.writer.length.saturating_sub(value.len() + 1),
                width: value.len(),
                sum: sum_of(value),
                kind,
            };
        }
        let slot = Slot(u8::try_from(self.count).unwrap_or(u8::MAX));
        self.count += 1;
        slot
    }
}

const NOWHERE: Place = Place {
    start: 0,
    width: 0,
    sum: 0,
    kind: Kind::Text,
};
