//! Shapes: in which order a counterparty's messages have their tags.
//!
//! Programs write the same fields in the same order, message after message. A shape is such an
//! order, learned from a message, with a table that says where each tag stands. When all tags of a
//! later message equal a shape's, its fields are found by a look at the table instead of a search.
//! So a shape cannot change what is found, only how fast: the table was made by the rule of the
//! search, from the very tags that were compared.
//!
//! A caller keeps one [`Shapes`] per session, or per core for sessions whose members use the same
//! programs. Learning is bounded: messages that always differ are soon no longer learned from.

use crate::message::twice;

/// Shapes that are kept apart by MsgType(35) and number of fields.
const SETS: usize = 16;
/// Shapes that differ in neither.
const WAYS: usize = 2;
/// Fields that a shape may have; longer messages are mostly entries of groups, and differ.
const SHAPE_FIELDS_MAX: usize = 64;
/// Places of a shape's table, by the lowest bits of a tag.
const PLACES: usize = 256;
/// Stands for no slot.
const ABSENT: u8 = u8::MAX;
const _: () = assert!(SHAPE_FIELDS_MAX < ABSENT as usize);
/// What learning one shape costs, in messages that must pass by, ...
const LEARNING_COST: usize = 16;
/// ... and how far ahead learning may run: all shapes, once.
const DEBT_MAX: usize = LEARNING_COST * SETS * WAYS;

/// Learned shapes, 25 KiB: box them, or keep them in a long-lived struct.
///
/// ```
/// use gwanmun_fix::{Index, Message, Shapes};
///
/// let heartbeat = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
/// let (mut index, mut shapes) = (Index::new(), Box::new(Shapes::new()));
/// for _ in 0..100 {
///     let taken = Message::take_with_shapes(heartbeat, 4096, &mut index, &mut shapes);
///     let (message, fault) = taken.unwrap();
///     assert_eq!((message.msg_type(), fault), (&b"0"[..], None));
/// }
/// // A shape is learned when messages of it keep coming; no answer depends on it.
/// assert!(shapes.hits() > 50);
/// ```
#[derive(Clone, Debug)]
pub struct Shapes {
    sets: [[Shape; WAYS]; SETS],
    /// The way of each set that is learned anew next.
    next_ways: [u8; SETS],
    is_on: bool,
    /// See [`LEARNING_COST`].
    debt: usize,
    hits: u64,
    misses: u64,
}

/// One order of tags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Zero where nothing was learned yet.
    count: usize,
    tags: [u32; SHAPE_FIELDS_MAX],
    /// A tag that stands once in a message stands twice in it.
    has_twice: bool,
    /// The first slot whose tag has these lowest bits.
    slots: [u8; PLACES],
}

impl Shapes {
    /// No shapes yet.
    #[must_use]
    pub const fn new() -> Shapes {
        const NOTHING: Shape = Shape {
            count: 0,
            tags: [0; SHAPE_FIELDS_MAX],
            has_twice: false,
            slots: [ABSENT; PLACES],
        };
        Shapes {
            sets: [[NOTHING; WAYS]; SETS],
            next_ways: [0; SETS],
            is_on: true,
            debt: 0,
            hits: 0,
            misses: 0,
        }
    }

    /// Switches them on, as they are at first, or off: every field is searched for then. No answer
    /// depends on it.
    pub const fn set_on(&mut self, is_on: bool) {
        self.is_on = is_on;
    }

    /// Messages whose shape was known.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// Messages whose shape was not known; those with more than 64 fields are not counted.
    #[must_use]
    pub const fn misses(&self) -> u64 {
        self.misses
    }

    /// The shape of a message with these tags, if it is a known one; else it may be learned.
    #[inline]
    pub(crate) fn recognise(&mut self, msg_type: u8, tags: &[u32]) -> Option<&Shape> {
        if !self.is_on || tags.len() > SHAPE_FIELDS_MAX || tags.is_empty() {
            return None;
        }
        let set = (usize::from(msg_type) * 5 + tags.len()) % SETS;
        let ways = self.sets.get(set)?;
        let way = ways.iter().position(|shape| shape.is_of(tags));
        self.debt = self.debt.saturating_sub(1);
        match way {
            Some(way) => {
                self.hits += 1;
                self.sets.get(set)?.get(way)
            }
            None => {
                self.misses += 1;
                self.learn(set, tags);
                None
            }
        }
    }

    #[cold]
    fn learn(&mut self, set: usize, tags: &[u32]) {
        if self.debt > DEBT_MAX {
            return;
        }
        let (Some(ways), Some(next)) = (self.sets.get_mut(set), self.next_ways.get_mut(set)) else {
            return;
        };
        if let Some(shape) = ways.get_mut(usize::from(*next) % WAYS) {
            shape.learn(tags);
            *next = next.wrapping_add(1);
            self.debt += LEARNING_COST;
        }
    }
}

impl Default for Shapes {
    fn default() -> Self {
        Shapes::new()
    }
}

impl Shape {
    #[inline]
    fn is_of(&self, tags: &[u32]) -> bool {
        self.tags.get(..self.count) == Some(tags)
    }

    fn learn(&mut self, tags: &[u32]) {
        self.count = 0;
        self.slots = [ABSENT; PLACES];
        for (slot, (to, &tag)) in self.tags.iter_mut().zip(tags).enumerate() {
            *to = tag;
            if let Some(place) = self.slots.get_mut(tag as usize % PLACES)
                && *place == ABSENT
            {
                *place = u8::try_from(slot).unwrap_or(ABSENT);
            }
            self.count = slot + 1;
        }
        self.has_twice = twice(tags).is_some();
    }

    /// Whether [`twice`] finds one in messages of this shape.
    #[inline]
    pub(crate) const fn has_twice(&self) -> bool {
        self.has_twice
    }

    /// The first slot whose tag shares the tag's place in the table. Where there is none, the tag
    /// does not stand in the message.
    #[inline]
    pub(crate) fn first_slot(&self, tag: u32) -> Option<usize> {
        let slot = *self.slots.get(tag as usize % PLACES)?;
        (slot != ABSENT).then_some(slot.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Random, whole};
    use crate::{Index, Message};

    /// Every lookup by shape against the search.
    fn check(bytes: &[u8], shapes: &mut Shapes) {
        let (mut index, mut plain_index) = (Index::new(), Index::new());
        let (message, fault) = Message::read_with_shapes(bytes, &mut index, shapes);
        let (expected, expected_fault) = Message::read(bytes, &mut plain_index);
        assert_eq!(fault, expected_fault);
        assert!(message.fields().eq(expected.fields()));
        assert_eq!(message.duplicate_tag(), expected.duplicate_tag());
        for tag in (0..1_200).chain([20_101, 20_357, 999_999]) {
            assert_eq!(message.field(tag), expected.field(tag), "{tag}");
        }
    }

    #[test]
    fn lookups_by_shape_are_those_of_the_search() {
        let mut random = Random::seeded(7);
        let mut shapes = Shapes::new();
        // Few orders, and now and then one that was never seen; tags that share a place in the
        // table (1, 257, 513; 20101 and 20357) and tags that stand twice.
        let tags = [1, 257, 513, 11, 11, 38, 44, 54, 55, 60, 20_101, 20_357];
        for _ in 0..3_000 {
            let count = 3 + random.below(5);
            let is_new = random.below(20) == 0;
            let first = random.below(if is_new { 12 } else { 2 });
            let body: String = (0..count)
                .map(|nth| {
                    let tag = tags[usize::try_from(first + nth).unwrap() % tags.len()];
                    format!("{tag}=v{}|", random.below(1_000))
                })
                .collect();
            let kind = random.pick(&["D", "F", "8"]);
            check(&whole(&format!("35={kind}|{body}")), &mut shapes);
        }
        assert!(shapes.hits() > 1_000 && shapes.misses() > 30, "{shapes:?}");
    }

    #[test]
    fn switched_off_they_learn_and_count_nothing() {
        let mut shapes = Shapes::new();
        shapes.set_on(false);
        for _ in 0..3 {
            check(&whole("35=D|11=A|55=B|"), &mut shapes);
        }
        assert_eq!((shapes.hits(), shapes.misses()), (0, 0));
        shapes.set_on(true);
        for _ in 0..3 {
            check(&whole("35=D|11=A|55=B|"), &mut shapes);
        }
        assert_eq!((shapes.hits(), shapes.misses()), (2, 1));
    }

    #[test]
    fn messages_that_always_differ_are_soon_not_learned() {
        let mut shapes = Shapes::new();
        let mut learned = 0;
        for number in 1..2_000_u32 {
            let before = shapes.debt;
            assert!(shapes.recognise(b'D', &[8, 9, 35, number, 10]).is_none());
            learned += u32::from(shapes.debt > before);
        }
        assert!(learned < 200, "{learned}");
        let too_long = [8; SHAPE_FIELDS_MAX + 1];
        assert!(shapes.recognise(b'W', &too_long).is_none());
        assert_eq!(shapes.misses(), 1_999);
    }
}
