//! The getters by data type that a message and an entry of a group have alike, written once.
//!
//! They take a field's slot and the value in it from `find` and `number_at` of either. A macro and
//! not a trait, so that they are methods which nobody has to import. Those of a message alone are
//! in `getters.rs`, those for loops over entries in `groups/entry.rs`.

use gwanmun_market::{PRICE_DECIMALS, Price, Text};

use super::{ValueError, character, decimal, integer, text, utc_timestamp};
use crate::digits::Value;
use crate::error::FieldError;
use crate::groups::Entry;
use crate::message::Message;

macro_rules! field_getters {
    ($of:ty) => {
        impl<'a> $of {
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
            #[inline]
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

            /// Reads a field's value by one of the readers in [`crate::values`].
            ///
            /// # Errors
            /// Missing; what the reader says.
            ///
            /// ```
            /// use gwanmun_fix::groups::Entry;
            /// use gwanmun_fix::values::Date;
            /// use gwanmun_fix::{FieldError, Message};
            ///
            /// fn trade_date(message: &Message<'_>) -> Result<Date, FieldError> {
            ///     message.read_with(75, Date::parse)
            /// }
            ///
            /// fn leg_maturity(entry: &Entry<'_, '_>) -> Result<Date, FieldError> {
            ///     entry.read_with(611, Date::parse)
            /// }
            /// ```
            #[inline]
            pub fn read_with<T>(
                &self,
                tag: u32,
                reader: impl FnOnce(&'a [u8]) -> Result<T, ValueError>,
            ) -> Result<T, FieldError> {
                reader(self.required(tag)?).map_err(|error| error.of(tag))
            }

            /// As `read_with`, of the value in a slot, with what stands in front of it for the
            /// readers of numbers: one shorter than eight bytes is then read as fast as any other.
            #[inline(always)]
            pub(crate) fn read_number<T>(
                &self,
                tag: u32,
                slot: Option<usize>,
                reader: impl FnOnce(Value<'a>) -> Result<T, ValueError>,
            ) -> Result<T, FieldError> {
                let value = slot.and_then(|slot| self.number_at(slot));
                reader(value.ok_or(FieldError::missing(tag))?).map_err(|error| error.of(tag))
            }

            /// Text that fits `N` bytes, printable ASCII alone.
            ///
            /// # Errors
            /// Missing; other characters (format); longer than `N` (value).
            pub fn text<const N: usize>(&self, tag: u32) -> Result<Text<N>, FieldError> {
                let value = self.read_with(tag, text::parse_printable)?;
                Text::new(value).ok_or(ValueError::range(N).of(tag))
            }

            /// One character.
            ///
            /// # Errors
            /// Missing; not one character, or a control byte (format).
            #[inline]
            pub fn char(&self, tag: u32) -> Result<u8, FieldError> {
                self.read_with(tag, character::parse_char)
            }

            /// A whole number, zero or above: Length, NumInGroup and the like.
            ///
            /// # Errors
            /// Missing; not digits (format); negative or beyond 64 bits (value).
            #[inline]
            pub fn uint(&self, tag: u32) -> Result<u64, FieldError> {
                self.read_number(tag, self.find(tag), integer::uint)
            }

            /// A signed decimal as an integer scaled by `10^decimals`: exactly, or an error.
            ///
            /// # Errors
            /// Missing; not a plain decimal, `NaN` and a trailing NUL included (format); too large
            /// or too precise (value) (R-84).
            #[inline]
            pub fn scaled(&self, tag: u32, decimals: u32) -> Result<i64, FieldError> {
                self.read_number(tag, self.find(tag), |value| {
                    decimal::scaled(value, decimals)
                })
            }

            /// A signed price with at most four decimals (R-46).
            ///
            /// # Errors
            /// As [`Self::scaled`].
            #[inline]
            pub fn price(&self, tag: u32) -> Result<Price, FieldError> {
                self.scaled(tag, PRICE_DECIMALS).map(Price)
            }

            /// A whole quantity, zero or above; `100.0` is 100.
            ///
            /// # Errors
            /// Missing; not a plain decimal (format); negative, a fraction or beyond 32 bits
            /// (value).
            #[inline]
            pub fn quantity(&self, tag: u32) -> Result<u32, FieldError> {
                u32::try_from(self.scaled(tag, 0)?).map_err(|_| FieldError::value(tag))
            }

            /// A UTCTimestamp in nanoseconds since the epoch.
            ///
            /// # Errors
            /// Missing; not of the form (format); no such time (value).
            #[inline]
            pub fn timestamp_ns(&self, tag: u32) -> Result<u64, FieldError> {
                self.read_with(tag, utc_timestamp::parse_utc_timestamp)
            }
        }
    };
}

field_getters!(Message<'a>);
field_getters!(Entry<'a, '_>);
