//! One entry of a repeating group: its fields by tag and the groups within it. Its getters by data
//! type, which a message has too, are in `values/field_getters.rs`.

use super::{Group, Groups};
use crate::digits::Value;
use crate::error::FieldError;
use crate::message::Message;
use crate::values::decimal::scaled;
use crate::values::integer::parse_uint;

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
    pub(crate) fn find(&self, tag: u32) -> Option<usize> {
        let tags = self.message.tags().get(self.start..self.end)?;
        let place = tags.iter().position(|&held| held == tag)?;
        Some(self.start + place)
    }

    /// As [`Message::number_at`].
    #[inline(always)]
    pub(crate) fn number_at(&self, slot: usize) -> Option<Value<'a>> {
        self.message.number_at(slot)
    }

    /// The entries of a group within this one.
    ///
    /// # Errors
    /// NumInGroup is not a number of 32 bits.
    pub fn groups<'n>(&self, group: &'n Group) -> Result<Groups<'a, 'n>, FieldError> {
        Groups::within(self.message, self.start, self.end, group)
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
}

/// NumInGroup.
pub(super) fn count(tag: u32, value: &[u8]) -> Result<u32, FieldError> {
    let count = parse_uint(value).map_err(|error| error.of(tag))?;
    u32::try_from(count).map_err(|_| FieldError::value(tag))
}
