//! One entry of a repeating group: its fields, by tag and by type, and the groups within it.

use gwanmun_market::{PRICE_DECIMALS, Price, Text};

use super::{Group, Groups};
use crate::digits::Value;
use crate::error::FieldError;
use crate::message::Message;
use crate::values::ValueError;
use crate::values::character::parse_char;
use crate::values::decimal::scaled;
use crate::values::integer::{self, parse_uint};
use crate::values::text::parse_printable;
use crate::values::utc_timestamp::parse_utc_timestamp;

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
        self.message.value_at(self.find(tag)?)
    }

    /// As [`Entry::field`], asking first at the place where the tag stood in an entry before;
    /// `place` is 0 at first, and keeps that place. For loops that read the same fields of many
    /// entries.
    #[must_use]
    #[inline]
    pub fn field_near(&self, tag: u32, place: &mut usize) -> Option<&'a [u8]> {
        self.message.value_at(self.find_near(tag, place)?)
    }

    /// The slot of the first field with this tag, asked for at a place first.
    #[inline]
    fn find_near(&self, tag: u32, place: &mut usize) -> Option<usize> {
        let tags = self.message.tags().get(self.start..self.end)?;
        if tags.get(*place) != Some(&tag) {
            *place = tags.iter().position(|&held| held == tag)?;
        }
        Some(self.start + *place)
    }

    /// The slot of the first field with this tag.
    #[inline]
    fn find(&self, tag: u32) -> Option<usize> {
        let tags = self.message.tags().get(self.start..self.end)?;
        let place = tags.iter().position(|&held| held == tag)?;
        Some(self.start + place)
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
    #[inline]
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

    /// As [`Message::read_with`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn read_with<T>(
        &self,
        tag: u32,
        reader: impl FnOnce(&'a [u8]) -> Result<T, ValueError>,
    ) -> Result<T, FieldError> {
        reader(self.required(tag)?).map_err(|error| error.of(tag))
    }

    /// As [`Entry::read_with`], of the value in a slot, with what stands in front of it: a number
    /// shorter than eight bytes is then read as fast as any other.
    #[inline(always)]
    fn read_number<T>(
        &self,
        tag: u32,
        slot: Option<usize>,
        reader: impl FnOnce(Value<'a>) -> Result<T, ValueError>,
    ) -> Result<T, FieldError> {
        let value = slot.and_then(|slot| self.message.number_at(slot));
        reader(value.ok_or(FieldError::missing(tag))?).map_err(|error| error.of(tag))
    }

    /// As [`Message::text`].
    ///
    /// # Errors
    /// As there.
    pub fn text<const N: usize>(&self, tag: u32) -> Result<Text<N>, FieldError> {
        let value = self.read_with(tag, parse_printable)?;
        Text::new(value).ok_or(FieldError::value(tag))
    }

    /// As [`Message::char`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn char(&self, tag: u32) -> Result<u8, FieldError> {
        self.read_with(tag, parse_char)
    }

    /// As [`Message::uint`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn uint(&self, tag: u32) -> Result<u64, FieldError> {
        self.read_number(tag, self.find(tag), integer::uint)
    }

    /// As [`Message::scaled`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn scaled(&self, tag: u32, decimals: u32) -> Result<i64, FieldError> {
        self.read_number(tag, self.find(tag), |value| scaled(value, decimals))
    }

    /// As [`Entry::scaled`], found as by [`Entry::field_near`].
    ///
    /// # Errors
    /// As [`Entry::scaled`].
    #[inline]
    pub fn scaled_near(
        &self,
        tag: u32,
        place: &mut usize,
        decimals: u32,
    ) -> Result<i64, FieldError> {
        let slot = self.find_near(tag, place);
        self.read_number(tag, slot, |value| scaled(value, decimals))
    }

    /// As [`Message::price`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn price(&self, tag: u32) -> Result<Price, FieldError> {
        self.scaled(tag, PRICE_DECIMALS).map(Price)
    }

    /// As [`Message::quantity`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn quantity(&self, tag: u32) -> Result<u32, FieldError> {
        let whole = self.scaled(tag, 0)?;
        u32::try_from(whole).map_err(|_| FieldError::value(tag))
    }

    /// As [`Message::timestamp_ns`].
    ///
    /// # Errors
    /// As there.
    #[inline]
    pub fn timestamp_ns(&self, tag: u32) -> Result<u64, FieldError> {
        self.read_with(tag, parse_utc_timestamp)
    }
}

/// NumInGroup.
pub(super) fn count(tag: u32, value: &[u8]) -> Result<u32, FieldError> {
    let count = parse_uint(value).map_err(|error| error.of(tag))?;
    u32::try_from(count).map_err(|_| FieldError::value(tag))
}
