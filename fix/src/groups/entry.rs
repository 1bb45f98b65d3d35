//! One entry of a repeating group: its fields, by tag and by type, and the groups within it.

use gwanmun_market::{Price, Text, number};

use super::{Group, Groups};
use crate::error::FieldError;
use crate::message::Message;
use crate::{digits, time};

/// One entry of a repeating group.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a, 'g> {
    message: Message<'a>,
    group: &'g Group,
    /// Invariant: `start..end` are slots of the message, at least one.
    start: usize,
    end: usize,
}

impl<'a, 'g> Entry<'a, 'g> {
    pub(super) const fn new(
        message: Message<'a>,
        group: &'g Group,
        start: usize,
        end: usize,
    ) -> Entry<'a, 'g> {
        Entry {
            message,
            group,
            start,
            end,
        }
    }

    /// The group that it is an entry of.
    #[must_use]
    pub const fn group(&self) -> &'g Group {
        self.group
    }

    /// The slots of its fields in the message, nested entries included.
    #[must_use]
    pub const fn slots(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    /// Tag and value of each field in wire order, nested entries included.
    pub fn fields(&self) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        let message = self.message;
        let slots = self.start..self.end;
        slots.filter_map(move |slot| Some((message.tag_at(slot)?, message.value_at(slot)?)))
    }

    /// The value of the first field with this tag. A tag that a nested group has too is found where
    /// it stands first.
    #[must_use]
    #[inline]
    pub fn field(&self, tag: u32) -> Option<&'a [u8]> {
        let tags = self.message.tags().get(self.start..self.end)?;
        let place = tags.iter().position(|&held| held == tag)?;
        self.message.value_at(self.start + place)
    }

    /// As [`Entry::field`], asking first at the place where the tag stood in an entry before;
    /// `place` is 0 at first, and keeps that place. For loops that read the same fields of many
    /// entries.
    #[must_use]
    #[inline]
    pub fn field_near(&self, tag: u32, place: &mut usize) -> Option<&'a [u8]> {
        let tags = self.message.tags().get(self.start..self.end)?;
        if tags.get(*place) != Some(&tag) {
            *place = tags.iter().position(|&held| held == tag)?;
        }
        self.message.value_at(self.start + *place)
    }

    /// The entries of a group within this one.
    ///
    /// # Errors
    /// NumInGroup is not a number of 32 bits.
    pub fn groups<'n>(&self, group: &'n Group) -> Result<Groups<'a, 'n>, FieldError> {
        Groups::within(self.message, self.start, self.end, group)
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// Missing.
    pub fn required(&self, tag: u32) -> Result<&'a [u8], FieldError> {
        self.field(tag).ok_or(FieldError::missing(tag))
    }

    /// Applies a getter where the field is there.
    ///
    /// # Errors
    /// Those of the getter.
    pub fn optional<T>(
        &self,
        tag: u32,
        getter: impl FnOnce(&Self, u32) -> Result<T, FieldError>,
    ) -> Result<Option<T>, FieldError> {
        match self.field(tag) {
            None => Ok(None),
            Some(_) => getter(self, tag).map(Some),
        }
    }

    /// As [`Message::text`].
    ///
    /// # Errors
    /// As there.
    pub fn text<const N: usize>(&self, tag: u32) -> Result<Text<N>, FieldError> {
        let value = self.required(tag)?;
        if !digits::is_printable(value) {
            return Err(FieldError::format(tag));
        }
        Text::new(value).ok_or(FieldError::value(tag))
    }

    /// As [`Message::char`].
    ///
    /// # Errors
    /// As there.
    pub fn char(&self, tag: u32) -> Result<u8, FieldError> {
        match self.required(tag)? {
            &[value] => Ok(value),
            _ => Err(FieldError::format(tag)),
        }
    }

    /// As [`Message::uint`].
    ///
    /// # Errors
    /// As there.
    pub fn uint(&self, tag: u32) -> Result<u64, FieldError> {
        uint(tag, self.required(tag)?)
    }

    /// As [`Message::price`].
    ///
    /// # Errors
    /// As there.
    pub fn price(&self, tag: u32) -> Result<Price, FieldError> {
        Price::parse(self.required(tag)?).map_err(|error| FieldError::number(tag, error))
    }

    /// As [`Message::quantity`].
    ///
    /// # Errors
    /// As there.
    pub fn quantity(&self, tag: u32) -> Result<u32, FieldError> {
        number::parse_quantity(self.required(tag)?).map_err(|error| FieldError::number(tag, error))
    }

    /// As [`Message::timestamp_ns`].
    ///
    /// # Errors
    /// As there.
    pub fn timestamp_ns(&self, tag: u32) -> Result<u64, FieldError> {
        time::parse_utc_timestamp(self.required(tag)?).map_err(|error| match error {
            time::TimeError::Format => FieldError::format(tag),
            time::TimeError::Range => FieldError::value(tag),
        })
    }
}

/// NumInGroup.
pub(super) fn count(tag: u32, value: &[u8]) -> Result<u32, FieldError> {
    u32::try_from(uint(tag, value)?).map_err(|_| FieldError::value(tag))
}

fn uint(tag: u32, value: &[u8]) -> Result<u64, FieldError> {
    if let Some(number) = digits::read_short(value) {
        return Ok(number.into());
    }
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(FieldError::format(tag));
    }
    let digit = |sum: u64, byte: &u8| sum.checked_mul(10)?.checked_add((byte - b'0').into());
    let number = digits.iter().try_fold(0, digit);
    number
        .filter(|_| digits.len() == value.len())
        .ok_or(FieldError::value(tag))
}
