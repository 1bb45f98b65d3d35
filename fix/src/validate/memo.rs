//! What validation keeps between messages: room to work in, and shapes that were right.

use super::Validator;
use super::value::{Quick, Values};
use super::walk::{NONE, read_count};
use crate::dictionary::GROUP_DEPTH_MAX;
use crate::message::Message;
use crate::time::DateCache;
use crate::values::utc_time_only;

/// Shapes kept for all message types together. A member's session uses a handful; a busy venue
/// line a few dozen. A new one takes the place of the oldest.
const SHAPES_MAX: usize = 64;
/// Shapes of one message type.
const WAYS: usize = 4;
/// Fields of the longest message whose shape is kept. An incremental refresh of ten entries has 90;
/// longer messages go the whole way each time.
const SHAPE_FIELDS_MAX: usize = 128;
const NO_SHAPE: u8 = u8::MAX;
const _: () = assert!(SHAPES_MAX < NO_SHAPE as usize);

/// What one session, or one core, needs to validate: made once, lent to each call.
///
/// It holds no bytes of messages.
#[derive(Debug)]
pub struct Memo {
    /// The message at 0 and the groups open within it.
    pub(super) open: [Open; GROUP_DEPTH_MAX + 1],
    /// Bits of positions seen, `words` of them for each of `open`.
    seen: Box<[u64]>,
    words: usize,
    /// What the message in hand has at each place that must be looked at.
    noted: [Look; SHAPE_FIELDS_MAX],
    /// `None` when there is no room.
    noted_count: Option<usize>,
    /// The date of the last UTCTimestamp.
    dates: DateCache,
    shapes: Box<[Shape]>,
    next_shape: usize,
    /// Shapes of a level, by its number.
    ways: Box<[[u8; WAYS]]>,
    is_learning: bool,
    hits: u64,
}

/// A message or a group in progress.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Open {
    pub(super) level: u16,
    /// The section reached in a message, the position reached in an entry.
    pub(super) last: u16,
    /// The position that begins each entry.
    pub(super) delimiter: u16,
    pub(super) entries: u32,
    /// What NumInGroup says, `None` where that is no number.
    pub(super) wanted: Option<u32>,
}

/// A value to look at.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    slot: u16,
    ordinal: u16,
    quick: Quick,
    /// What NumInGroup said, `u32::MAX` for a field that is none.
    count: u32,
}

const NO_COUNT: u32 = u32::MAX;

/// The tags of a message that was right, one by one, and where values must be looked at.
#[derive(Clone, Debug)]
struct Shape {
    level: u16,
    count: usize,
    looks_count: usize,
    tags: [u32; SHAPE_FIELDS_MAX],
    /// Sorted by the kind of look: their order changes no answer, since a value that is not right
    /// sends the message the whole way.
    looks: [Look; SHAPE_FIELDS_MAX],
}

impl Memo {
    /// Room for messages of a validator's dictionary, about 100 KB.
    #[must_use]
    pub fn new(validator: &Validator) -> Memo {
        let words = validator.tables.words_max();
        let shape = Shape {
            level: 0,
            count: 0,
            looks_count: 0,
            tags: [0; SHAPE_FIELDS_MAX],
            looks: [Look::default(); SHAPE_FIELDS_MAX],
        };
        Memo {
            open: [Open::default(); GROUP_DEPTH_MAX + 1],
            seen: vec![0; words * (GROUP_DEPTH_MAX + 1)].into(),
            words,
            noted: [Look::default(); SHAPE_FIELDS_MAX],
            noted_count: Some(0),
            dates: DateCache::new(),
            shapes: vec![shape; SHAPES_MAX].into(),
            next_shape: 0,
            ways: vec![[NO_SHAPE; WAYS]; validator.tables.levels.len()].into(),
            is_learning: true,
            hits: 0,
        }
    }

    /// The same without shapes: each message goes the whole way. For tests and comparisons.
    #[must_use]
    pub fn without_shapes(validator: &Validator) -> Memo {
        Memo {
            is_learning: false,
            ..Memo::new(validator)
        }
    }

    /// Messages so far whose shape was known and which were right.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// Whether the message is right because one of its shape was, and its values are.
    #[inline]
    pub(super) fn knows(
        &mut self,
        validator: &Validator,
        level: u16,
        message: &Message<'_>,
    ) -> bool {
        let Some(ways) = self.ways.get(usize::from(level)) else {
            return false;
        };
        let tags = message.tags();
        let shapes = ways
            .iter()
            .map_while(|&way| self.shapes.get(usize::from(way)));
        let Some(shape) = shapes
            .into_iter()
            .find(|shape| shape.tags.get(..shape.count) == Some(tags))
        else {
            return false;
        };
        let is_right = shape.values_are_right(validator, message, &mut self.dates);
        self.hits += u64::from(is_right);
        is_right
    }

    pub(super) fn start(&mut self) {
        self.noted_count = Some(0);
    }

    pub(super) fn note(&mut self, values: &Values, slot: usize, ordinal: u16, count: Option<u32>) {
        let room = self.noted_count.and_then(|count| self.noted.get_mut(count));
        if let (Some(room), Ok(slot)) = (room, u16::try_from(slot)) {
            *room = Look {
                slot,
                ordinal,
                quick: match count {
                    None => values.quick(ordinal),
                    Some(_) => Quick::No,
                },
                count: count.unwrap_or(NO_COUNT),
            };
            self.noted_count = self.noted_count.map(|count| count + 1);
        } else {
            self.noted_count = None;
        }
    }

    /// Keeps the shape of the message in hand, which was right.
    pub(super) fn learn(&mut self, level: u16, tags: &[u32]) {
        let Some(looks_count) = self.noted_count.filter(|_| self.is_learning) else {
            return;
        };
        let Some(shape) = self.shapes.get_mut(self.next_shape) else {
            return;
        };
        let Some(place) = shape.tags.get_mut(..tags.len()) else {
            return;
        };
        // Its former owner loses it; others move up, so that no gap hides them.
        if let Some(ways) = self.ways.get_mut(usize::from(shape.level)) {
            let mut kept = [NO_SHAPE; WAYS];
            let others = ways
                .iter()
                .filter(|&&way| usize::from(way) != self.next_shape);
            kept.iter_mut()
                .zip(others)
                .for_each(|(to, &from)| *to = from);
            *ways = kept;
        }
        place.copy_from_slice(tags);
        shape.level = level;
        shape.count = tags.len();
        shape.looks_count = looks_count;
        shape.looks = self.noted;
        if let Some(looks) = shape.looks.get_mut(..looks_count) {
            looks.sort_unstable_by_key(|look| (look.quick, look.slot));
        }
        if let (Some(ways), Ok(way)) = (
            self.ways.get_mut(usize::from(level)),
            u8::try_from(self.next_shape),
        ) {
            // The newest in front; the oldest of too many falls out and is only overwritten later.
            ways.rotate_right(1);
            if let Some(first) = ways.first_mut() {
                *first = way;
            }
        }
        self.next_shape = (self.next_shape + 1) % SHAPES_MAX;
    }

    #[inline]
    pub(super) fn is_seen(&self, depth: usize, position: u16) -> bool {
        let word = self.seen(depth).get(usize::from(position) / 64);
        word.is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    #[inline]
    pub(super) fn see(&mut self, depth: usize, position: u16) {
        let at = depth * self.words + usize::from(position) / 64;
        if let Some(word) = self.seen.get_mut(at) {
            *word |= 1 << (position % 64);
        }
    }

    pub(super) fn seen(&self, depth: usize) -> &[u64] {
        let start = depth * self.words;
        self.seen.get(start..start + self.words).unwrap_or(&[])
    }

    /// Clears the first words of a depth.
    pub(super) fn forget(&mut self, depth: usize, words: usize) {
        let start = depth * self.words;
        if let Some(seen) = self.seen.get_mut(start..start + words.min(self.words)) {
            seen.fill(0);
        }
    }
}

impl Shape {
    #[inline]
    fn values_are_right(
        &self,
        validator: &Validator,
        message: &Message<'_>,
        dates: &mut DateCache,
    ) -> bool {
        if message.has_empty_value() {
            return false;
        }
        let looks = self.looks.get(..self.looks_count).unwrap_or(&[]);
        looks.iter().all(|look| {
            let Some(value) = message.number_at(look.slot.into()) else {
                return false;
            };
            let is_right = match look.quick {
                Quick::Listed => {
                    let values = &validator.tables.values;
                    values.is_listed_character(look.ordinal, value.text())
                }
                Quick::Uint => value.uint().is_some(),
                Quick::Decimal => value.decimal().is_some(),
                Quick::UtcTimestamp => dates.quick(value.text()).is_some(),
                Quick::UtcTimeOnly => utc_time_only::quick(value.text()).is_some(),
                Quick::No => false,
            };
            is_right || look.is_right(validator, value.text())
        })
    }
}

impl Look {
    /// The whole look.
    #[inline(never)]
    fn is_right(&self, validator: &Validator, value: &[u8]) -> bool {
        let checks = validator.checks;
        let values = &validator.tables.values;
        if values
            .check(self.ordinal, value, checks.format, checks.value)
            .is_some()
        {
            return false;
        }
        self.count == NO_COUNT || !checks.group_count || read_count(value) == Some(self.count)
    }
}

const _: () = assert!(NONE == u16::MAX);
