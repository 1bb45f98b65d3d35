//! The table that a scan fills: each field's tag and where its value lies.
//!
//! It holds no bytes. The caller keeps one per connection or per core and lends it to
//! [`crate::Message::parse`] anew for each message, so that reading a message allocates nothing.
//! The slots are the index's own ([`Index::new`]), or lent by a caller who knows better how many
//! fields his messages have ([`Index::lent`]).

use crate::shapes::Shape;

/// Fields that one message may have in an index with slots of its own. A NewOrderSingle has about
/// 20, a snapshot of a hundred levels about 600; a longer message is refused with
/// SessionRejectReason(373)=99 rather than cut.
pub const FIELDS_MAX: usize = 1024;

/// Bytes that one indexed message may have: places are kept in 16 bits. A longer message is refused
/// as one with too many fields is.
pub const MESSAGE_BYTES_MAX: usize = 1 << 16;

/// Where a field lies in its message: its `=`, and the byte behind its value, both counted from the
/// front of the message.
pub type Place = [u16; 2];

/// Slots for the fields of one message.
#[derive(Clone, Debug)]
pub struct Index<S = OwnSlots> {
    /// Invariant: never more than there are slots; those below it are filled.
    count: usize,
    slots: S,
}

/// [`FIELDS_MAX`] slots within the index.
#[derive(Clone, Debug)]
pub struct OwnSlots {
    tags: [u32; FIELDS_MAX],
    places: [Place; FIELDS_MAX],
}

/// Slots that a caller lends.
#[derive(Debug)]
pub struct LentSlots<'s> {
    tags: &'s mut [u32],
    places: &'s mut [Place],
}

/// Where an index keeps its slots; [`OwnSlots`] and [`LentSlots`] are all there are.
pub trait Slots: sealed::Sealed {}

impl Slots for OwnSlots {}
impl Slots for LentSlots<'_> {}

pub(crate) mod sealed {
    use super::{LentSlots, OwnSlots, Place, SlotsMut};

    /// What the crate does with slots.
    pub trait Sealed {
        fn tags(&self) -> &[u32];
        fn places(&self) -> &[Place];
        fn all_mut(&mut self) -> SlotsMut<'_>;
    }

    impl Sealed for OwnSlots {
        #[inline]
        fn tags(&self) -> &[u32] {
            &self.tags
        }

        #[inline]
        fn places(&self) -> &[Place] {
            &self.places
        }

        #[inline]
        fn all_mut(&mut self) -> SlotsMut<'_> {
            SlotsMut {
                tags: &mut self.tags,
                places: &mut self.places,
            }
        }
    }

    impl Sealed for LentSlots<'_> {
        #[inline]
        fn tags(&self) -> &[u32] {
            self.tags
        }

        #[inline]
        fn places(&self) -> &[Place] {
            self.places
        }

        #[inline]
        fn all_mut(&mut self) -> SlotsMut<'_> {
            SlotsMut {
                tags: self.tags,
                places: self.places,
            }
        }
    }
}

/// Slots to write to.
#[derive(Debug)]
pub struct SlotsMut<'i> {
    pub(crate) tags: &'i mut [u32],
    pub(crate) places: &'i mut [Place],
}

impl Index {
    /// An empty table of 8 KiB: keep it in a long-lived struct.
    #[must_use]
    pub const fn new() -> Index {
        Index {
            count: 0,
            slots: OwnSlots {
                tags: [0; FIELDS_MAX],
                places: [[0; 2]; FIELDS_MAX],
            },
        }
    }
}

impl<'s> Index<LentSlots<'s>> {
    /// An empty table over lent slots, as many as the shorter of both slices has. A message with
    /// more fields is refused with SessionRejectReason(373)=99.
    #[must_use]
    pub fn lent(tags: &'s mut [u32], places: &'s mut [Place]) -> Index<LentSlots<'s>> {
        let count = tags.len().min(places.len());
        let (tags, places) = (tags.split_at_mut(count).0, places.split_at_mut(count).0);
        Index {
            count: 0,
            slots: LentSlots { tags, places },
        }
    }
}

impl<S: Slots> Index<S> {
    /// Fields in the table.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The field in a slot: tag, first byte of the value, and the byte behind it.
    #[must_use]
    pub fn slot(&self, slot: usize) -> Option<(u32, usize, usize)> {
        self.fields().slot(slot)
    }

    /// Tags of all fields, in wire order.
    #[must_use]
    pub fn tags(&self) -> &[u32] {
        self.fields().tags
    }

    /// The first slot that holds the tag.
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<usize> {
        self.fields().find(tag)
    }

    #[inline]
    pub(crate) fn fields(&self) -> Fields<'_> {
        Fields {
            tags: self.slots.tags().get(..self.count).unwrap_or(&[]),
            places: self.slots.places().get(..self.count).unwrap_or(&[]),
            shape: None,
        }
    }

    /// Everything to write to; who has written says how much by [`Index::set_count`].
    #[inline]
    pub(crate) fn slots_mut(&mut self) -> SlotsMut<'_> {
        self.slots.all_mut()
    }

    /// Tells how many slots were filled; a count beyond the last slot leaves none.
    #[inline]
    pub(crate) fn set_count(&mut self, count: usize) {
        self.count = if count <= self.slots.tags().len() {
            count
        } else {
            0
        };
    }
}

/// The filled slots, for reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) tags: &'a [u32],
    /// As many as tags.
    pub(crate) places: &'a [Place],
    /// Invariant: one with these tags.
    pub(crate) shape: Option<&'a Shape>,
}

impl Fields<'_> {
    #[inline]
    pub(crate) fn slot(self, slot: usize) -> Option<(u32, usize, usize)> {
        let &[equals, end] = self.places.get(slot)?;
        let tag = *self.tags.get(slot)?;
        Some((tag, usize::from(equals) + 1, usize::from(end)))
    }

    /// Whether a field has no value. All are looked at, without a branch for each.
    #[cfg(feature = "dictionary")]
    pub(crate) fn has_empty_value(self) -> bool {
        let lengths = self.places.iter().map(|&[equals, end]| end - equals);
        lengths.fold(false, |found, length| found | (length == 1))
    }

    /// The first slot that holds the tag.
    #[inline]
    pub(crate) fn find(self, tag: u32) -> Option<usize> {
        let Some(shape) = self.shape else {
            return search(self.tags, tag);
        };
        let first = shape.first_slot(tag)?;
        if self.tags.get(first) == Some(&tag) {
            return Some(first);
        }
        // Another tag has its place in the shape's table.
        search(self.tags, tag)
    }
}

/// Where the tag stands first: eight at a time, without a branch for each, for a message has few
/// fields, and which one is asked for cannot be guessed.
#[inline]
fn search(tags: &[u32], tag: u32) -> Option<usize> {
    let (eights, rest) = tags.as_chunks::<8>();
    for (nth, eight) in eights.iter().enumerate() {
        let found = u64::from_le_bytes(eight.map(|held| u8::from(held == tag)));
        if found != 0 {
            return Some(8 * nth + found.trailing_zeros() as usize / 8);
        }
    }
    let in_rest = rest.iter().position(|&held| held == tag)?;
    Some(8 * eights.len() + in_rest)
}

impl SlotsMut<'_> {
    /// Takes a field as the one in this slot, or says no when there is no such slot or the field
    /// lies too far back.
    pub(crate) fn put(&mut self, slot: usize, tag: u32, start: usize, end: usize) -> bool {
        let (Some(equals), Ok(end)) = (start.checked_sub(1), u16::try_from(end)) else {
            return false;
        };
        let (Ok(equals), Some(tag_slot), Some(place)) = (
            u16::try_from(equals),
            self.tags.get_mut(slot),
            self.places.get_mut(slot),
        ) else {
            return false;
        };
        *tag_slot = tag;
        *place = [equals, end];
        true
    }
}

impl Default for Index {
    fn default() -> Self {
        Index::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_and_nothing_of_earlier_messages() {
        let mut index = Index::new();
        for count in [20, 0, 1, 7, 8, 9, 16, 17] {
            index.set_count(0);
            for slot in 0..count {
                let tag = u32::try_from(100 + slot / 2).unwrap();
                assert!(index.slots_mut().put(slot, tag, slot + 2, slot + 3));
            }
            index.set_count(count);
            for tag in 100..120 {
                let expected = index.tags().iter().position(|&held| held == tag);
                assert_eq!(index.find(tag), expected, "{count} {tag}");
            }
        }
    }

    #[test]
    fn places_that_do_not_fit_are_refused() {
        let (mut tags, mut places) = ([0; 3], [[0; 2]; 2]);
        let mut index = Index::lent(&mut tags, &mut places);
        let mut put = |slot, start, end| index.slots_mut().put(slot, 1, start, end);
        assert!(put(0, 2, 65_535) && put(1, 65_535, 65_535));
        assert!(!put(0, 2, 65_536) && !put(0, 0, 1) && !put(2, 2, 3));
        index.set_count(3);
        assert_eq!(index.count(), 0);
        index.set_count(2);
        assert_eq!(index.slot(1), Some((1, 65_535, 65_535)));
        assert_eq!(index.slot(2), None);
    }
}
