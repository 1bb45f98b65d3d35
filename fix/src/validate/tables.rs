//! The tables that a dictionary is compiled into, and how they are read.
//!
//! Tags become *ordinals*, dense numbers from 1 in the order of the tags: one lookup in a flat
//! table for tags below [`NEAR_TAGS`], a binary search for the few above. A message, and a group
//! within it, is a *level*: the fields that may stand there, numbered from 0 by *position*. A level
//! knows the place of an ordinal by one lookup too, in a window from its lowest ordinal to its
//! highest; which positions were seen, and which are required, are bits.

use super::value::Values;

/// Tags that are looked up at once. Those of the standard files end below 3,000, those of
/// QuickFIX's largest at 50,002, and user-defined ones begin at 5,000 and 20,000.
pub(super) const NEAR_TAGS: u32 = 65_536;

/// Where a field stands in a level.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// The position and one, 0 where the level has no such field.
    pub(super) after_position: u16,
    /// The level of the group that the field counts, 0 for none: level 0 is never a group's.
    pub(super) group: u16,
}

/// A message's fields, or those of a group's entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    /// The ordinal of the first place in the window.
    pub(super) first_ordinal: usize,
    pub(super) places: Box<[Place]>,
    /// By position.
    pub(super) tags: Box<[u32]>,
    /// A bit for each position.
    pub(super) required: Box<[u64]>,
    /// Positions from here on are the body's, and those from `trailer_start` on the trailer's. Both
    /// are 0 in a group.
    pub(super) body_start: u16,
    pub(super) trailer_start: u16,
    /// NumInGroup of a group, 0 for a message.
    pub(super) count_tag: u32,
}

impl Level {
    /// The place of an ordinal, if the level has it.
    #[inline]
    pub(super) fn place(&self, ordinal: u16) -> Option<Place> {
        let at = usize::from(ordinal).wrapping_sub(self.first_ordinal);
        let place = *self.places.get(at)?;
        (place.after_position != 0).then_some(place)
    }

    /// The lowest required position that is not among those seen, as its tag.
    #[inline]
    pub(super) fn missing(&self, seen: &[u64]) -> Option<u32> {
        for (word, (&required, &seen)) in self.required.iter().zip(seen).enumerate() {
            let missing = required & !seen;
            if missing != 0 {
                let position = 64 * word + missing.trailing_zeros() as usize;
                return self.tags.get(position).copied();
            }
        }
        None
    }
}

/// Everything that is known of a dictionary.
#[derive(Debug)]
pub(super) struct Tables {
    /// By tag; 0 for one that the dictionary has not.
    pub(super) near: Box<[u16]>,
    /// Tags from [`NEAR_TAGS`] on with their ordinals, sorted.
    pub(super) far: Box<[(u32, u16)]>,
    /// Level 0 has the header and the trailer, for messages without a MsgType(35).
    pub(super) levels: Box<[Level]>,
    /// Levels of messages whose MsgType(35) has one character, by it, and two, by both; 0 for none.
    pub(super) short: Box<[u16]>,
    pub(super) double: Box<[u16]>,
    /// Others, sorted.
    pub(super) long: Box<[(Box<[u8]>, u16)]>,
    pub(super) values: Values,
}

/// Visible characters of ASCII, of which MsgType(35) consists.
pub(super) const GRAPHIC: usize = 94;

/// The number of a visible character, from 0.
pub(super) fn graphic(byte: u8) -> Option<usize> {
    byte.is_ascii_graphic().then(|| usize::from(byte - b'!'))
}

impl Tables {
    /// The ordinal of a tag, 0 for one that the dictionary has not.
    #[inline]
    pub(super) fn ordinal(&self, tag: u32) -> u16 {
        let near = usize::try_from(tag).ok().and_then(|tag| self.near.get(tag));
        match near {
            Some(&ordinal) => ordinal,
            None => self.far_ordinal(tag),
        }
    }

    #[cold]
    fn far_ordinal(&self, tag: u32) -> u16 {
        let found = self.far.binary_search_by_key(&tag, |&(far, _)| far);
        let far = found.ok().and_then(|at| self.far.get(at));
        far.map_or(0, |&(_, ordinal)| ordinal)
    }

    /// The level of a message type.
    #[inline]
    pub(super) fn message(&self, msg_type: &[u8]) -> Option<u16> {
        let level = match *msg_type {
            [only] => *self.short.get(graphic(only)?)?,
            [first, second] => *self
                .double
                .get(graphic(first)? * GRAPHIC + graphic(second)?)?,
            _ => self.long_message(msg_type)?,
        };
        (level != 0).then_some(level)
    }

    #[cold]
    fn long_message(&self, msg_type: &[u8]) -> Option<u16> {
        let found = self
            .long
            .binary_search_by(|(long, _)| (**long).cmp(msg_type));
        self.long.get(found.ok()?).map(|&(_, level)| level)
    }

    pub(super) fn level(&self, level: u16) -> Option<&Level> {
        self.levels.get(usize::from(level))
    }

    /// Words of 64 bits that the largest level's positions take.
    pub(super) fn words_max(&self) -> usize {
        let words = self.levels.iter().map(|level| level.required.len());
        words.max().unwrap_or(0)
    }

    pub(super) fn bytes(&self) -> usize {
        let level = |level: &Level| {
            size_of_val(&*level.places) + size_of_val(&*level.tags) + size_of_val(&*level.required)
        };
        self.levels.iter().map(level).sum::<usize>()
            + size_of_val(&*self.levels)
            + size_of_val(&*self.near)
            + size_of_val(&*self.short)
            + size_of_val(&*self.double)
            + self.values.bytes()
    }
}
