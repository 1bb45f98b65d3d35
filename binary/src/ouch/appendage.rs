//! The appendage: optional fields behind a message, each as (Length, Tag, value).
//!
//! In it: [`Appendage`], bytes that have been walked once and are known to be whole; [`TagValue`],
//! the fields that OUCH 5.0 names; [`AppendageWriter`], which makes an appendage in a lent buffer.
//! Length counts the tag and the value. A tag that is not known here is stepped over by its length,
//! kept in the bytes and still seen by [`Appendage::entries`]; an entry that ends behind the
//! message, one without a tag, or a known tag of the wrong width is an error.
//!
//! ```
//! use gwanmun_binary::ouch::appendage::{AppendageWriter, TagValue};
//! let mut room = [0; 8];
//! let mut writer = AppendageWriter::new(&mut room);
//! writer.put(TagValue::MinQty(100)).unwrap();
//! let appendage = writer.finish();
//! assert_eq!(appendage.as_bytes(), [5, 3, 0, 0, 0, 100]);
//! assert_eq!(appendage.min_qty(), Some(100));
//! ```

use gwanmun_market::{Price, Side, Text};

use super::OuchError;

/// Longest value that an entry can carry: its length byte counts the tag too.
pub const VALUE_BYTES_MAX: usize = 254;

/// The appendage of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appendage<'a> {
    /// Invariant: whole entries from front to end, known tags with their own width and readable
    /// values; at most `u16::MAX` bytes.
    bytes: &'a [u8],
}

impl<'a> Appendage<'a> {
    /// No options.
    pub const EMPTY: Appendage<'static> = Appendage { bytes: &[] };

    /// Walks the bytes behind AppendageLength, which must be whole entries.
    ///
    /// # Errors
    /// [`OuchError::Appendage`] when an entry has no tag or ends behind the bytes;
    /// [`OuchError::AppendageValue`] when a known tag has another width than its own or a value
    /// that it cannot have.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        if bytes.len() > usize::from(u16::MAX) {
            return Err(OuchError::Appendage);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let (entry, behind) = split_entry(rest).ok_or(OuchError::Appendage)?;
            if is_known(entry.tag) && TagValue::read(entry).is_none() {
                return Err(OuchError::AppendageValue(entry.tag));
            }
            rest = behind;
        }
        Ok(Appendage { bytes })
    }

    /// The bytes as they travel, without AppendageLength.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether there are no options.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Every entry in wire order, known or not.
    #[must_use]
    pub const fn entries(&self) -> Entries<'a> {
        Entries { rest: self.bytes }
    }

    /// The fields that OUCH names, in wire order; others are stepped over.
    pub fn values(&self) -> impl Iterator<Item = TagValue> + 'a {
        self.entries().filter_map(TagValue::read)
    }

    /// MinQty(3), the first when there are several. Equal to Quantity it makes an immediate order
    /// fill or kill.
    #[must_use]
    pub fn min_qty(&self) -> Option<u32> {
        self.values().find_map(|value| match value {
            TagValue::MinQty(quantity) => Some(quantity),
            _ => None,
        })
    }
}

impl Default for Appendage<'_> {
    fn default() -> Self {
        Appendage::EMPTY
    }
}

/// One entry as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Tag.
    pub tag: u8,
    /// What stands behind the tag, at most [`VALUE_BYTES_MAX`] bytes.
    pub value: &'a [u8],
}

/// The entries of an [`Appendage`], in wire order.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (entry, rest) = split_entry(self.rest)?;
        self.rest = rest;
        Some(entry)
    }
}

fn split_entry(bytes: &[u8]) -> Option<(Entry<'_>, &[u8])> {
    let (&length, behind) = bytes.split_first()?;
    let (entry, rest) = behind.split_at_checked(usize::from(length))?;
    let (&tag, value) = entry.split_first()?;
    Some((Entry { tag, value }, rest))
}

/// An optional field that OUCH 5.0 names. One-letter fields are kept as their byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagValue {
    /// Tag 1: the order's second reference at the venue.
    SecondaryOrdRefNum(u64),
    /// Tag 2: the firm on whose behalf the message speaks.
    Firm(Text<4>),
    /// Tag 3: least quantity that may execute.
    MinQty(u32),
    /// Tag 4.
    CustomerType(u8),
    /// Tag 5: most quantity to show.
    MaxFloor(u32),
    /// Tag 6.
    PriceType(u8),
    /// Tag 7: signed distance from the price pegged to, four decimals.
    PegOffset(i32),
    /// Tag 9.
    DiscretionPrice(Price),
    /// Tag 10.
    DiscretionPriceType(u8),
    /// Tag 11: signed, four decimals.
    DiscretionPegOffset(i32),
    /// Tag 12.
    PostOnly(u8),
    /// Tag 13.
    RandomReserves(u32),
    /// Tag 14.
    Route(Text<4>),
    /// Tag 15: seconds until the order ends.
    ExpireTime(u32),
    /// Tag 16.
    TradeNow(u8),
    /// Tag 17.
    HandleInst(u8),
    /// Tag 18.
    BboWeightIndicator(u8),
    /// Tag 22: quantity shown now.
    DisplayQuantity(u32),
    /// Tag 23: price shown now.
    DisplayPrice(Price),
    /// Tag 24.
    GroupId(u16),
    /// Tag 25.
    SharesLocated(u8),
    /// Tag 26.
    LocateBroker(Text<4>),
    /// Tag 27.
    Side(Side),
    /// Tag 28: index of the number series that UserRefNum belongs to.
    UserRefIdx(u8),
}

/// Whether [`TagValue`] has a variant for the tag.
const fn is_known(tag: u8) -> bool {
    matches!(tag, 1..=7 | 9..=18 | 22..=28)
}

impl TagValue {
    /// Reads a known tag; `None` for an unknown one, a wrong width or an impossible value.
    fn read(entry: Entry<'_>) -> Option<TagValue> {
        let value = entry.value;
        Some(match entry.tag {
            1 => TagValue::SecondaryOrdRefNum(u64::from_be_bytes(value.try_into().ok()?)),
            2 => TagValue::Firm(Text::from_padded(value.try_into().ok()?)),
            3 => TagValue::MinQty(u32::from_be_bytes(value.try_into().ok()?)),
            4 => TagValue::CustomerType(u8::from_be_bytes(value.try_into().ok()?)),
            5 => TagValue::MaxFloor(u32::from_be_bytes(value.try_into().ok()?)),
            6 => TagValue::PriceType(u8::from_be_bytes(value.try_into().ok()?)),
            7 => TagValue::PegOffset(i32::from_be_bytes(value.try_into().ok()?)),
            9 => TagValue::DiscretionPrice(Price(i64::from_be_bytes(value.try_into().ok()?))),
            10 => TagValue::DiscretionPriceType(u8::from_be_bytes(value.try_into().ok()?)),
            11 => TagValue::DiscretionPegOffset(i32::from_be_bytes(value.try_into().ok()?)),
            12 => TagValue::PostOnly(u8::from_be_bytes(value.try_into().ok()?)),
            13 => TagValue::RandomReserves(u32::from_be_bytes(value.try_into().ok()?)),
            14 => TagValue::Route(Text::from_padded(value.try_into().ok()?)),
            15 => TagValue::ExpireTime(u32::from_be_bytes(value.try_into().ok()?)),
            16 => TagValue::TradeNow(u8::from_be_bytes(value.try_into().ok()?)),
            17 => TagValue::HandleInst(u8::from_be_bytes(value.try_into().ok()?)),
            18 => TagValue::BboWeightIndicator(u8::from_be_bytes(value.try_into().ok()?)),
            22 => TagValue::DisplayQuantity(u32::from_be_bytes(value.try_into().ok()?)),
            23 => TagValue::DisplayPrice(Price(i64::from_be_bytes(value.try_into().ok()?))),
            24 => TagValue::GroupId(u16::from_be_bytes(value.try_into().ok()?)),
            25 => TagValue::SharesLocated(u8::from_be_bytes(value.try_into().ok()?)),
            26 => TagValue::LocateBroker(Text::from_padded(value.try_into().ok()?)),
            27 => TagValue::Side(Side::from_ouch(u8::from_be_bytes(value.try_into().ok()?))?),
            28 => TagValue::UserRefIdx(u8::from_be_bytes(value.try_into().ok()?)),
            _ => return None,
        })
    }

    /// The field's tag.
    #[must_use]
    pub const fn tag(self) -> u8 {
        match self {
            TagValue::SecondaryOrdRefNum(_) => 1,
            TagValue::Firm(_) => 2,
            TagValue::MinQty(_) => 3,
            TagValue::CustomerType(_) => 4,
            TagValue::MaxFloor(_) => 5,
            TagValue::PriceType(_) => 6,
            TagValue::PegOffset(_) => 7,
            TagValue::DiscretionPrice(_) => 9,
            TagValue::DiscretionPriceType(_) => 10,
            TagValue::DiscretionPegOffset(_) => 11,
            TagValue::PostOnly(_) => 12,
            TagValue::RandomReserves(_) => 13,
            TagValue::Route(_) => 14,
            TagValue::ExpireTime(_) => 15,
            TagValue::TradeNow(_) => 16,
            TagValue::HandleInst(_) => 17,
            TagValue::BboWeightIndicator(_) => 18,
            TagValue::DisplayQuantity(_) => 22,
            TagValue::DisplayPrice(_) => 23,
            TagValue::GroupId(_) => 24,
            TagValue::SharesLocated(_) => 25,
            TagValue::LocateBroker(_) => 26,
            TagValue::Side(_) => 27,
            TagValue::UserRefIdx(_) => 28,
        }
    }
}

/// Makes an [`Appendage`] in a lent buffer.
#[derive(Debug)]
pub struct AppendageWriter<'a> {
    into: &'a mut [u8],
    /// Invariant: `into[..length]` are whole entries as [`Appendage`] wants them.
    length: usize,
}

impl<'a> AppendageWriter<'a> {
    /// Starts with no entries.
    #[must_use]
    pub const fn new(into: &'a mut [u8]) -> Self {
        AppendageWriter { into, length: 0 }
    }

    /// Adds a field that OUCH names; `None`, and nothing written, when there is no room.
    #[must_use = "an option that found no room is not in the message"]
    pub fn put(&mut self, value: TagValue) -> Option<()> {
        let tag = value.tag();
        match value {
            TagValue::SecondaryOrdRefNum(number) => self.push(tag, &number.to_be_bytes()),
            TagValue::MinQty(number)
            | TagValue::MaxFloor(number)
            | TagValue::RandomReserves(number)
            | TagValue::ExpireTime(number)
            | TagValue::DisplayQuantity(number) => self.push(tag, &number.to_be_bytes()),
            TagValue::PegOffset(number) | TagValue::DiscretionPegOffset(number) => {
                self.push(tag, &number.to_be_bytes())
            }
            TagValue::Firm(text) | TagValue::Route(text) | TagValue::LocateBroker(text) => {
                self.push(tag, &text.padded())
            }
            TagValue::DiscretionPrice(price) | TagValue::DisplayPrice(price) => {
                self.push(tag, &price.0.to_be_bytes())
            }
            TagValue::GroupId(number) => self.push(tag, &number.to_be_bytes()),
            TagValue::Side(side) => self.push(tag, &[side.to_ouch()]),
            TagValue::CustomerType(byte)
            | TagValue::PriceType(byte)
            | TagValue::DiscretionPriceType(byte)
            | TagValue::PostOnly(byte)
            | TagValue::TradeNow(byte)
            | TagValue::HandleInst(byte)
            | TagValue::BboWeightIndicator(byte)
            | TagValue::SharesLocated(byte)
            | TagValue::UserRefIdx(byte) => self.push(tag, &[byte]),
        }
    }

    /// Adds any entry, for tags that [`TagValue`] does not name; `None`, and nothing written, when
    /// there is no room, the value is longer than [`VALUE_BYTES_MAX`], or the tag is a named one
    /// and the value not one of its own.
    #[must_use = "an option that found no room is not in the message"]
    pub fn put_entry(&mut self, entry: Entry<'_>) -> Option<()> {
        if is_known(entry.tag) {
            return self.put(TagValue::read(entry)?);
        }
        self.push(entry.tag, entry.value)
    }

    /// The appendage made of what was put.
    #[must_use]
    pub fn finish(self) -> Appendage<'a> {
        let bytes: &'a [u8] = self.into;
        Appendage {
            bytes: bytes.get(..self.length).unwrap_or(&[]),
        }
    }

    fn push(&mut self, tag: u8, value: &[u8]) -> Option<()> {
        let length_byte = u8::try_from(value.len() + 1).ok()?;
        let end = self.length + value.len() + 2;
        if end > usize::from(u16::MAX) {
            return None;
        }
        let room = self.into.get_mut(self.length..end)?;
        let (head, body) = room.split_first_chunk_mut::<2>()?;
        *head = [length_byte, tag];
        body.copy_from_slice(value);
        self.length = end;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_an_error() {
        for (bytes, read) in [
            (&b""[..], Ok(())),
            (b"\x00", Err(OuchError::Appendage)),
            (b"\x01", Err(OuchError::Appendage)),
            (b"\x02\x40", Err(OuchError::Appendage)),
            (b"\x01\x40", Ok(())),
            (b"\x02\x40x", Ok(())),
            (b"\x02\x40x\x05", Err(OuchError::Appendage)),
            (b"\x05\x03\0\0\0\x01", Ok(())),
            (b"\x05\x03\0\0\0", Err(OuchError::Appendage)),
            (b"\x04\x03\0\0\0", Err(OuchError::AppendageValue(3))),
            (b"\x01\x03", Err(OuchError::AppendageValue(3))),
            (b"\x02\x1B?", Err(OuchError::AppendageValue(27))),
            (b"\x02\x1BB", Ok(())),
        ] {
            assert_eq!(Appendage::parse(bytes).map(|_| ()), read, "{bytes:?}");
        }
    }

    #[test]
    fn unknown_tags_are_stepped_over_and_kept() {
        let bytes = b"\x03\x40ok\x05\x03\0\0\0\x07\x01\xFF\x05\x03\0\0\0\x08";
        let appendage = Appendage::parse(bytes).unwrap();
        let values: Vec<TagValue> = appendage.values().collect();
        assert_eq!(values, [TagValue::MinQty(7), TagValue::MinQty(8)]);
        assert_eq!(appendage.min_qty(), Some(7), "the first one counts");
        assert_eq!(appendage.entries().count(), 4);
        assert_eq!(appendage.as_bytes(), bytes);
    }

    #[test]
    fn the_longest_value_and_the_longest_appendage() {
        let mut room = vec![0; 70_000];
        let value = [7; VALUE_BYTES_MAX + 1];
        let mut writer = AppendageWriter::new(&mut room);
        assert_eq!(
            writer.put_entry(Entry {
                tag: 64,
                value: &value
            }),
            None
        );
        let longest = Entry {
            tag: 64,
            value: value.split_last().unwrap().1,
        };
        let entries = usize::from(u16::MAX) / (VALUE_BYTES_MAX + 2);
        for _ in 0..entries {
            writer.put_entry(longest).unwrap();
        }
        assert_eq!(
            writer.put_entry(longest),
            None,
            "AppendageLength has two bytes"
        );
        let appendage = writer.finish();
        assert_eq!(appendage.entries().count(), entries);
        assert_eq!(Appendage::parse(appendage.as_bytes()), Ok(appendage));
    }

    #[test]
    fn what_finds_no_room_is_not_written() {
        let mut room = [0xEE; 8];
        let mut writer = AppendageWriter::new(&mut room);
        writer.put(TagValue::MinQty(1)).unwrap();
        assert_eq!(writer.put(TagValue::MaxFloor(2)), None);
        assert_eq!(
            writer.put_entry(Entry {
                tag: 3,
                value: b"short"
            }),
            None,
            "a named tag"
        );
        assert_eq!(writer.finish().as_bytes(), b"\x05\x03\0\0\0\x01");
        assert_eq!(room[6..], [0xEE, 0xEE]);
    }
}
