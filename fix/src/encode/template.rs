//! A message prepared once, of which some values are patched before each sending.
//!
//! Most of an order is the same as in the order before. A [`Template`] holds the whole message in
//! bytes that the caller lends, and knows where the values that change stand: its slots. Patching
//! one stores the new value over the old, and adds what it changes to the sum that CheckSum(10) is
//! made from; nothing else is read or written. Only where a value's width changes does what stands
//! behind it move, and BodyLength(9) with it. Slots whose width never changes (times, characters,
//! numbers with zeros in front) thus always cost the same.
//!
//! Nothing is allocated, at no time. Not here: sending, and sequence numbers.

use gwanmun_market::Price;

use super::pieces::Piece;
use super::room::masked;
use super::{TRAILER_BYTES, trailer};
use crate::time::{DateCache, Precision};
use crate::{SOH, digits};

/// One value of a template that is patched: given by the
/// [`TemplateBuilder`](super::TemplateBuilder).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub(super) u8);

/// Why a value was not patched. The template is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// The message would not fit the bytes that were lent.
    Full,
    /// The slot is of another template, or of another type of value.
    OtherSlot,
    /// The value has more digits than the slot, or is empty.
    Width,
}

/// What a slot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Char,
    /// A whole number in its shortest form.
    Uint,
    /// A whole number with zeros in front.
    Padded,
    Price,
    Timestamp(Precision),
}

/// Where a slot's value stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Invariant: `start + width` is inside the message, and SOH stands there.
    pub(super) start: usize,
    pub(super) width: usize,
    /// The sum of the value's bytes, modulo 256.
    pub(super) sum: u32,
    pub(super) kind: Kind,
}

/// A whole message, some values of which are patched: made by a
/// [`TemplateBuilder`](super::TemplateBuilder).
///
/// ```
/// use gwanmun_fix::encode::{TemplateBuilder, TemplateError};
/// use gwanmun_fix::time::Precision;
/// use gwanmun_fix::{Index, Message, tag};
///
/// let mut room = [0; 256];
/// let mut builder = TemplateBuilder::<4>::start(&mut room, b"FIX.4.4");
/// builder.fields(|writer| {
///     writer.bytes(tag::MSG_TYPE, b"D").bytes(tag::SENDER_COMP_ID, b"MEMBER");
/// });
/// let msg_seq_num = builder.padded(tag::MSG_SEQ_NUM, 9);
/// let sending_time = builder.timestamp(tag::SENDING_TIME, Precision::Microseconds);
/// let cl_ord_id = builder.text(tag::CL_ORD_ID);
/// let order_qty = builder.uint(tag::ORDER_QTY);
/// let mut order = builder.finish().expect("256 bytes are enough");
///
/// order.set_uint(msg_seq_num, 7)?;
/// order.set_timestamp(sending_time, 1_795_392_753_123_456_789)?;
/// order.set_text(cl_ord_id, b"C-1")?;
/// order.set_uint(order_qty, 100)?;
///
/// let mut index = Index::new();
/// let message = Message::parse(order.message(), &mut index).expect("a whole message");
/// assert_eq!(message.msg_seq_num(), Ok(7));
/// assert_eq!(message.field(tag::SENDING_TIME), Some(&b"20261123-00:12:33.123456"[..]));
/// assert_eq!(message.field(tag::CL_ORD_ID), Some(&b"C-1"[..]));
/// assert_eq!(message.quantity(tag::ORDER_QTY), Ok(100));
///
/// assert_eq!(order.set_uint(msg_seq_num, 1_000_000_000), Err(TemplateError::Width));
/// # Ok::<(), TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Template<'a, const SLOTS: usize> {
    pub(super) into: &'a mut [u8],
    /// Bytes in front of CheckSum(10). Invariant: it fits behind them.
    pub(super) length: usize,
    /// Where the digits of BodyLength(9) stand.
    pub(super) body_length: Place,
    /// The sum of those bytes, modulo 2^32.
    pub(super) sum: u32,
    /// In the order in which they stand in the message.
    pub(super) slots: [Place; SLOTS],
    pub(super) dates: DateCache,
}

impl<const SLOTS: usize> Template<'_, SLOTS> {
    /// Patches a whole number.
    ///
    /// # Errors
    /// Another kind of slot; more digits than it holds; no room.
    #[inline]
    pub fn set_uint(&mut self, slot: Slot, value: u64) -> Result<(), TemplateError> {
        let Place { width, kind, .. } = *self.place(slot)?;
        let piece = match kind {
            Kind::Padded if width > 8 => {
                let piece = Piece::padded(value, width).ok_or(TemplateError::Width)?;
                return self.put(slot, piece);
            }
            Kind::Padded => Piece::padded(value, width),
            Kind::Uint => Piece::uint(value),
            _ => return Err(TemplateError::OtherSlot),
        };
        self.put_short(slot, piece.ok_or(TemplateError::Width)?)
    }

    /// Patches a price.
    ///
    /// # Errors
    /// Another kind of slot; 10,000,000 whole units or more; no room.
    #[inline]
    pub fn set_price(&mut self, slot: Slot, value: Price) -> Result<(), TemplateError> {
        if self.place(slot)?.kind != Kind::Price {
            return Err(TemplateError::OtherSlot);
        }
        self.put(slot, Piece::price(value).ok_or(TemplateError::Width)?)
    }

    /// Patches a character; a control byte becomes `?`.
    ///
    /// # Errors
    /// Another kind of slot.
    #[inline]
    pub fn set_char(&mut self, slot: Slot, value: u8) -> Result<(), TemplateError> {
        if self.place(slot)?.kind != Kind::Char {
            return Err(TemplateError::OtherSlot);
        }
        self.put_short(slot, Piece::char(value))
    }

    /// Patches a text; control bytes become `?`.
    ///
    /// # Errors
    /// Another kind of slot; an empty text, which FIX has not; no room.
    #[inline]
    pub fn set_text(&mut self, slot: Slot, value: &[u8]) -> Result<(), TemplateError> {
        if self.place(slot)?.kind != Kind::Text {
            return Err(TemplateError::OtherSlot);
        }
        if value.is_empty() {
            return Err(TemplateError::Width);
        }
        match Piece::text(value) {
            Some(piece) => self.put(slot, piece),
            None => self.put_long(slot, value),
        }
    }

    /// Patches an instant, nanoseconds since the epoch; digits beyond the slot's precision are cut
    /// off.
    ///
    /// # Errors
    /// Another kind of slot.
    #[inline]
    pub fn set_timestamp(&mut self, slot: Slot, ns: u64) -> Result<(), TemplateError> {
        let Place { start, kind, .. } = *self.place(slot)?;
        let Kind::Timestamp(precision) = kind else {
            return Err(TemplateError::OtherSlot);
        };
        self.dates = self.dates.at(ns);
        let words = self.dates.words(ns).ended(precision);
        let room = self.into.get_mut(start..).unwrap_or(&mut []);
        let fits = match precision {
            Precision::Seconds => over::<17>(room, words),
            Precision::Milliseconds => over::<21>(room, words),
            Precision::Microseconds => over::<24>(room, words),
            Precision::Nanoseconds => over::<27>(room, words),
        };
        fits.ok_or(TemplateError::Full)?;
        // SOH is among the words and not in the value.
        self.resum(slot, digits::sum_of_four(words) - u32::from(SOH));
        Ok(())
    }

    /// The message as it is now, CheckSum(10) included.
    #[inline]
    pub fn message(&mut self) -> &[u8] {
        let [trailer @ .., _] = trailer(self.sum).to_le_bytes();
        let room = self.into.get_mut(self.length..);
        if let Some(room) = room.and_then(<[u8]>::first_chunk_mut::<TRAILER_BYTES>) {
            *room = trailer;
        }
        self.into.get(..self.length + TRAILER_BYTES).unwrap_or(&[])
    }

    #[inline(always)]
    fn place(&self, slot: Slot) -> Result<&Place, TemplateError> {
        match self.slots.get(usize::from(slot.0)) {
            Some(place) if place.width > 0 => Ok(place),
            _ => Err(TemplateError::OtherSlot),
        }
    }

    /// Takes the sum of a slot's new value instead of the old one's.
    #[inline(always)]
    fn resum(&mut self, slot: Slot, sum: u32) {
        if let Some(place) = self.slots.get_mut(usize::from(slot.0)) {
            self.sum = self.sum.wrapping_add(sum).wrapping_sub(place.sum);
            place.sum = sum;
        }
    }

    /// Stores a value.
    #[inline(always)]
    fn put(&mut self, slot: Slot, piece: Piece) -> Result<(), TemplateError> {
        if piece.length <= 8 {
            return self.put_short(slot, piece);
        }
        let room = self.room_at(slot, piece.length)?;
        let room = room.get_mut(..piece.length).unwrap_or(&mut []);
        // Two halves that may overlap, the second one ending with the value.
        *room.first_chunk_mut().ok_or(TemplateError::Full)? = piece.low.to_le_bytes();
        *room.last_chunk_mut().ok_or(TemplateError::Full)? = piece.last_eight().to_le_bytes();
        self.resum(slot, piece.sum());
        Ok(())
    }

    /// Stores a value of at most eight characters.
    #[inline(always)]
    fn put_short(&mut self, slot: Slot, piece: Piece) -> Result<(), TemplateError> {
        put_word(self.room_at(slot, piece.length)?, piece)?;
        self.resum(slot, digits::sum(piece.low));
        Ok(())
    }

    /// The bytes from a slot's value on, which is given another width where that differs.
    #[inline(always)]
    fn room_at(&mut self, slot: Slot, width: usize) -> Result<&mut [u8], TemplateError> {
        let place = self.place(slot)?;
        let mut start = place.start;
        if place.width != width {
            start = self.widen(slot, width)?;
        }
        self.into.get_mut(start..).ok_or(TemplateError::Full)
    }

    /// Stores a text of sixteen bytes and more.
    fn put_long(&mut self, slot: Slot, value: &[u8]) -> Result<(), TemplateError> {
        let room = self.room_at(slot, value.len())?;
        let room = room.get_mut(..value.len()).ok_or(TemplateError::Full)?;
        let sum = put_text(room, value).ok_or(TemplateError::Full)?;
        self.resum(slot, sum);
        Ok(())
    }

    /// Gives a slot another width, and BodyLength(9) the value that goes with it; tells where the
    /// slot then starts, since more digits there move it too.
    #[inline(never)]
    fn widen(&mut self, slot: Slot, width: usize) -> Result<usize, TemplateError> {
        let place = *self.place(slot)?;
        let body_start = self.body_length.start + self.body_length.width + 1;
        let body_length = self.length - body_start - place.width + width;
        let digits = u64::try_from(body_length).ok().and_then(Piece::uint);
        let digits = digits.ok_or(TemplateError::Full)?;
        let needed = body_start - self.body_length.width + digits.length + body_length;
        if needed + TRAILER_BYTES > self.into.len() {
            return Err(TemplateError::Full);
        }
        // Slots stand in the order of the message: this one and those before it stay.
        let behind = usize::from(slot.0) + 1;
        self.shift(place.start + place.width, place.start + width, behind);
        if let Some(place) = self.slots.get_mut(usize::from(slot.0)) {
            place.width = width;
        }
        let Place { start, width, .. } = self.body_length;
        if width != digits.length {
            self.shift(start + width, start + digits.length, 0);
        }
        let room = self.into.get_mut(start..).unwrap_or(&mut []);
        put_word(room, digits)?;
        self.sum = self
            .sum
            .wrapping_add(digits.sum())
            .wrapping_sub(self.body_length.sum);
        self.body_length.width = digits.length;
        self.body_length.sum = digits.sum();
        self.place(slot).map(|place| place.start)
    }

    /// Moves everything from one place on to another, and the slots with it: those from the slot
    /// `first` on.
    fn shift(&mut self, from: usize, to: usize, first: usize) {
        self.into.copy_within(from..self.length, to);
        self.length = self.length - from + to;
        let behind = self.slots.get_mut(first..).unwrap_or(&mut []);
        for place in behind.iter_mut().take_while(|place| place.width > 0) {
            place.start = place.start - from + to;
        }
    }
}

/// Stores the first `N` bytes of a timestamp's text, 17 at least.
#[inline(always)]
fn over<const N: usize>(room: &mut [u8], words: [u64; 4]) -> Option<()> {
    let room = room.first_chunk_mut::<N>()?;
    let [first, second, middle, last] = words;
    *room.first_chunk_mut()? = first.to_le_bytes();
    *room.get_mut(8..)?.first_chunk_mut()? = second.to_le_bytes();
    // The last eight bytes overlap with those before.
    let behind = match N {
        17 => second >> 8 | middle << 56,
        21 => second >> 40 | middle << 24,
        24 => middle,
        _ => {
            *room.get_mut(16..)?.first_chunk_mut()? = middle.to_le_bytes();
            middle >> 24 | last << 40
        }
    };
    *room.last_chunk_mut()? = behind.to_le_bytes();
    Some(())
}

/// Stores a text of eight bytes and more, `?` for each control byte, over one of its width; gives
/// the sum of its bytes.
#[inline(always)]
fn put_text(room: &mut [u8], value: &[u8]) -> Option<u32> {
    // The last eight bytes overlap with those before.
    let last = clean(value.last_chunk()?);
    let (words, rest) = value.as_chunks::<8>();
    let mut sum = digits::sum(last.unbounded_shr(8 * (8 - u32::try_from(rest.len()).ok()?)));
    for (to, from) in room.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        let word = clean(from);
        *to = word.to_le_bytes();
        sum = sum.wrapping_add(digits::sum(word));
    }
    *room.last_chunk_mut()? = last.to_le_bytes();
    Some(sum)
}

/// Eight bytes of text as a word, `?` for each control byte.
#[inline(always)]
fn clean(text: &[u8; 8]) -> u64 {
    let word = u64::from_le_bytes(*text);
    match digits::control_bytes(word) {
        0 => word,
        _ => masked(word),
    }
}

/// Stores a piece of at most eight characters, and over what follows what is there already: no
/// length takes another way. Eight bytes are always there, since a value, SOH and CheckSum(10) are
/// nine.
#[inline(always)]
fn put_word(room: &mut [u8], piece: Piece) -> Result<(), TemplateError> {
    let room = room.first_chunk_mut().ok_or(TemplateError::Full)?;
    let behind = u64::MAX.unbounded_shl(8 * u32::try_from(piece.length).unwrap_or(8));
    *room = (piece.low | u64::from_le_bytes(*room) & behind).to_le_bytes();
    Ok(())
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "small numbers from a seed")]
mod tests {
    use super::*;
    use crate::encode::{MessageWriter, TemplateBuilder};
    use crate::frame::{Frame, frame};
    use crate::testing::{Random, rounds};

    const TEXT: u32 = 58;

    /// What the slots of the order below hold.
    #[derive(Clone, Debug)]
    struct Values {
        padded: u64,
        time_ns: u64,
        text: Vec<u8>,
        uint: u64,
        char: u8,
        price: i64,
        other_text: Vec<u8>,
    }

    impl Values {
        fn random(random: &mut Random) -> Values {
            let mut text = |longest: u64| -> Vec<u8> {
                let length = 1 + random.below(longest);
                (0..length)
                    .map(|_| (random.next() & 0x7F) as u8)
                    .map(|byte| if byte == b'=' { b'_' } else { byte })
                    .collect()
            };
            let text_bytes = [text(20), text(40)];
            let [text, other_text] = text_bytes;
            let mut below = |digits: u64| random.below(10_u64.pow(digits as u32));
            Values {
                padded: below(9),
                time_ns: below(19),
                text,
                uint: below(7) >> below(1),
                char: b'1' + below(1) as u8,
                price: below(11).cast_signed() - below(10).cast_signed(),
                other_text,
            }
        }

        /// The obvious way: a message written anew.
        fn written(&self, precision: Precision, ballast: &[u8]) -> Vec<u8> {
            let mut into = vec![0; 12_000];
            let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
            writer.bytes(35, b"D");
            let padded = format!("{:09}", self.padded);
            writer
                .bytes(34, padded.as_bytes())
                .timestamp_in(52, self.time_ns, precision)
                .bytes(11, &self.text)
                .bytes(TEXT, ballast)
                .uint(38, self.uint)
                .char(54, self.char)
                .price(44, Price(self.price))
                .bytes(100, &self.other_text)
                .char(59, b'0');
            let length = writer.finish().unwrap();
            into.truncate(length);
            into
        }
    }

    struct Order<'a> {
        template: Template<'a, 7>,
        slots: [Slot; 7],
    }

    fn order<'a>(room: &'a mut [u8], precision: Precision, ballast: &[u8]) -> Option<Order<'a>> {
        let mut builder = TemplateBuilder::start(room, b"FIX.4.4");
        builder.fields(|writer| {
            writer.bytes(35, b"D");
        });
        let (padded, time) = (builder.padded(34, 9), builder.timestamp(52, precision));
        let text = builder.text(11);
        builder.fields(|writer| {
            writer.bytes(TEXT, ballast);
        });
        let (uint, char) = (builder.uint(38), builder.char(54));
        let (price, other_text) = (builder.price(44), builder.text(100));
        builder.fields(|writer| {
            writer.char(59, b'0');
        });
        Some(Order {
            template: builder.finish()?,
            slots: [padded, time, text, uint, char, price, other_text],
        })
    }

    impl Order<'_> {
        fn set(&mut self, slot: usize, values: &Values) -> Result<(), TemplateError> {
            let template = &mut self.template;
            let place = self.slots[slot];
            match slot {
                0 => template.set_uint(place, values.padded),
                1 => template.set_timestamp(place, values.time_ns),
                2 => template.set_text(place, &values.text),
                3 => template.set_uint(place, values.uint),
                4 => template.set_char(place, values.char),
                5 => template.set_price(place, Price(values.price)),
                _ => template.set_text(place, &values.other_text),
            }
        }
    }

    fn check(order: &mut Order<'_>, expected: &[u8]) {
        let message = order.template.message();
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert_eq!(shown(message), shown(expected));
        let length = message.len();
        assert_eq!(frame(message, usize::MAX), Frame::Whole { length });
    }

    /// Values patched in any order, some of them not at all, are those of a message written anew.
    #[test]
    fn a_patched_message_is_a_written_one() {
        let mut random = Random::seeded(41);
        let all = [
            Precision::Seconds,
            Precision::Milliseconds,
            Precision::Microseconds,
            Precision::Nanoseconds,
        ];
        // Ballast for which BodyLength(9) goes from two digits to three, and from three to four.
        for (round, ballast) in [1, 1, 700, 850, 900, 9_800].into_iter().enumerate() {
            let (mut room, ballast) = (vec![0; 12_000], vec![b'b'; ballast]);
            let precision = all[round % 4];
            let mut order = order(&mut room, precision, &ballast).unwrap();
            let mut values = Values::random(&mut random);
            for slot in 0..7 {
                order.set(slot, &values).unwrap();
            }
            check(&mut order, &values.written(precision, &ballast));
            for _ in 0..rounds(2_000) {
                let next = Values::random(&mut random);
                let slot = random.below(7) as usize;
                order.set(slot, &next).unwrap();
                match slot {
                    0 => values.padded = next.padded,
                    1 => values.time_ns = next.time_ns,
                    2 => values.text = next.text,
                    3 => values.uint = next.uint,
                    4 => values.char = next.char,
                    5 => values.price = next.price,
                    _ => values.other_text = next.other_text,
                }
                check(&mut order, &values.written(precision, &ballast));
            }
        }
    }

    #[test]
    fn a_refused_value_changes_nothing() {
        let mut room = [0; 160];
        let mut order = order(&mut room, Precision::Seconds, b"b").unwrap();
        let mut random = Random::seeded(42);
        let mut values = Values::random(&mut random);
        values.text = b"short".to_vec();
        // Long enough for three digits of BodyLength(9).
        values.other_text = b"forty characters that are all printable.".to_vec();
        values.price = 10_000;
        for slot in 0..7 {
            order.set(slot, &values).unwrap();
        }
        let expected = values.written(Precision::Seconds, b"b");
        let [padded, time, text, uint, char, price, _] = order.slots;
        let template = &mut order.template;
        let other = Err(TemplateError::OtherSlot);
        assert_eq!(template.set_uint(time, 1), other);
        assert_eq!(template.set_uint(price, 1), other);
        assert_eq!(template.set_timestamp(text, 1), other);
        assert_eq!(template.set_text(char, b"x"), other);
        assert_eq!(template.set_char(uint, b'x'), other);
        assert_eq!(template.set_price(padded, Price(1)), other);
        assert_eq!(template.set_uint(Slot(7), 1), other);
        let width = Err(TemplateError::Width);
        assert_eq!(template.set_uint(padded, 1_000_000_000), width);
        assert_eq!(template.set_uint(uint, 10_000_000), width);
        assert_eq!(template.set_price(price, Price(i64::MIN)), width);
        assert_eq!(template.set_text(text, b""), width);
        let full = Err(TemplateError::Full);
        assert_eq!(template.set_text(text, &[b'x'; 160]), full);
        check(&mut order, &expected);
        // Up to the last byte that there is, and not one further.
        let spare = 160 - expected.len();
        values.text = vec![b'y'; 5 + spare];
        order.set(2, &values).unwrap();
        check(&mut order, &values.written(Precision::Seconds, b"b"));
        assert_eq!(order.template.message().len(), 160);
        let slot = order.slots[5];
        assert_eq!(order.template.set_price(slot, Price(10_001)), full);
        check(&mut order, &values.written(Precision::Seconds, b"b"));
    }

    #[test]
    fn too_little_room_or_too_many_slots() {
        let mut whole = [0; 300];
        let length = {
            let mut order = order(&mut whole, Precision::Nanoseconds, b"b").unwrap();
            order.template.message().len()
        };
        for room in 0..300 {
            let mut room_bytes = vec![0; room];
            let made = order(&mut room_bytes, Precision::Nanoseconds, b"b");
            // The writer leaves room for three digits of BodyLength(9); here it has three.
            assert_eq!(made.is_some(), room >= length, "{room}");
        }
        let mut builder = TemplateBuilder::<1>::start(&mut whole, b"FIX.4.4");
        builder.char(54);
        builder.char(59);
        assert!(builder.finish().is_none());
    }
}
