//! The table that a scan fills: each field's tag and where its value lies.
//!
//! It holds no bytes. The caller keeps one per connection or per core and lends it to
//! [`crate::Message::parse`] anew for each message, so that reading a message allocates nothing.

/// Fields that one message may have. A NewOrderSingle has about 20, an ExecutionReport about 30;
/// the order messages that we read stay far below, and a longer message is refused with
/// SessionRejectReason(373)=99 rather than cut.
pub const FIELDS_MAX: usize = 512;

/// Slots for the fields of one message.
#[derive(Clone, Debug)]
pub struct Index {
    /// Invariant: at most [`FIELDS_MAX`]; slots below it are filled.
    count: usize,
    tags: [u32; FIELDS_MAX],
    /// Where each value begins and ends, in bytes from the front of the message.
    starts: [u32; PLACES_MAX],
    ends: [u32; PLACES_MAX],
}

/// A place for each field, and as many as one block of the vector scan may add beyond the last.
pub(crate) const PLACES_MAX: usize = FIELDS_MAX + 64;

impl Index {
    /// An empty table of about 7 KiB: box it, or keep it in a long-lived struct.
    #[must_use]
    pub const fn new() -> Index {
        Index {
            count: 0,
            tags: [0; FIELDS_MAX],
            starts: [0; PLACES_MAX],
            ends: [0; PLACES_MAX],
        }
    }

    /// Fields in the table.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The field in a slot: tag, first byte of the value, and the byte behind it.
    #[must_use]
    pub fn slot(&self, slot: usize) -> Option<(u32, usize, usize)> {
        if slot >= self.count {
            return None;
        }
        let start = usize::try_from(*self.starts.get(slot)?).ok()?;
        let end = usize::try_from(*self.ends.get(slot)?).ok()?;
        Some((*self.tags.get(slot)?, start, end))
    }

    /// Whether a field has no value. All are looked at, without a branch for each.
    #[cfg(feature = "dictionary")]
    pub(crate) fn has_empty_value(&self) -> bool {
        let places = self.starts.iter().zip(&self.ends).take(self.count);
        places.fold(false, |found, (start, end)| found | (start == end))
    }

    /// Tags of all fields, in wire order.
    #[must_use]
    pub fn tags(&self) -> &[u32] {
        self.tags.get(..self.count).unwrap_or(&[])
    }

    /// The first slot that holds the tag.
    #[must_use]
    pub fn find(&self, tag: u32) -> Option<usize> {
        // Eight at a time, without a branch for each: a message has few fields, and which one is
        // asked for cannot be guessed.
        let eights = self
            .tags
            .as_chunks::<8>()
            .0
            .iter()
            .take(self.count.div_ceil(8));
        for (nth, eight) in eights.enumerate() {
            let found = u64::from_le_bytes(eight.map(|held| u8::from(held == tag)));
            if found != 0 {
                // Behind the last field stand tags of earlier messages.
                let slot = 8 * nth + found.trailing_zeros() as usize / 8;
                return (slot < self.count).then_some(slot);
            }
        }
        None
    }

    /// Everything to write to, for the vector scan: it keeps the invariant by [`Index::set_count`].
    #[inline]
    pub(crate) fn slots_mut(&mut self) -> SlotsMut<'_> {
        SlotsMut {
            tags: &mut self.tags,
            starts: &mut self.starts,
            ends: &mut self.ends,
        }
    }

    /// Tells how many slots the vector scan has filled; a count beyond the last slot leaves none.
    #[inline]
    pub(crate) fn set_count(&mut self, count: usize) {
        self.count = if count <= FIELDS_MAX { count } else { 0 };
    }

    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    /// Takes a field, or says no when the table is full or an offset does not fit 32 bits.
    pub(crate) fn push(&mut self, tag: u32, start: usize, end: usize) -> bool {
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else {
            return false;
        };
        let (Some(tag_slot), Some(start_slot), Some(end_slot)) = (
            self.tags.get_mut(self.count),
            self.starts.get_mut(self.count),
            self.ends.get_mut(self.count),
        ) else {
            return false;
        };
        *tag_slot = tag;
        *start_slot = start;
        *end_slot = end;
        self.count += 1;
        true
    }
}

/// See [`Index::slots_mut`].
pub(crate) struct SlotsMut<'i> {
    pub(crate) tags: &'i mut [u32; FIELDS_MAX],
    pub(crate) starts: &'i mut [u32; PLACES_MAX],
    pub(crate) ends: &'i mut [u32; PLACES_MAX],
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
            index.clear();
            for slot in 0..count {
                assert!(index.push(u32::try_from(100 + slot / 2).unwrap(), slot, slot));
            }
            for tag in 100..120 {
                let expected = index.tags().iter().position(|&held| held == tag);
                assert_eq!(index.find(tag), expected, "{count} {tag}");
            }
        }
    }
}
