//! Writing messages: fields one by one into lent bytes, then BodyLength(9) and CheckSum(10).
//!
//! BodyLength(9) stands before the body whose length it tells, in its shortest form, because some
//! engines refuse leading zeros. The writer leaves room for three digits, which nearly every
//! message needs, and moves the body where it guessed wrong. A message of which little changes from
//! one to the next is kept as a [`Template`] and patched, its sum along with it. Not here: which
//! fields a message has (see [`crate::messages`]) and sequence numbers (the session's).

use gwanmun_market::Price;

use crate::time::{DateCache, Precision};
use crate::values::Decimal;
use crate::version::{Dialect, Version};
use crate::{SOH, digits};

use pieces::{Piece, sum_of};
use room::{
    Digits, ROOM_BYTES, Room, TRAILER_BYTES, put_any, put_long_text, put_price, put_short,
    put_text, put_timestamp, put_uint, store, tag_word, trailer,
};

mod header;
mod pieces;
mod room;
mod template;
mod template_builder;

pub use header::Header;
pub use template::{Slot, Template, TemplateError};
pub use template_builder::TemplateBuilder;

/// Digits that room is left for: a body of 100 to 999 bytes is not moved.
const BODY_LENGTH_DIGITS_GUESSED: usize = 3;

/// Writes one message into lent bytes.
///
/// What does not fit is dropped, and [`MessageWriter::finish`] then returns `None`: the caller
/// checks once.
///
/// ```
/// use gwanmun_fix::{MessageWriter, tag};
///
/// let mut room = [0; 256];
/// let mut writer = MessageWriter::start(&mut room, b"FIX.4.4");
/// writer
///     .bytes(tag::MSG_TYPE, b"0")
///     .bytes(tag::SENDER_COMP_ID, b"GATE")
///     .bytes(tag::TARGET_COMP_ID, b"MEMBER")
///     .uint(tag::MSG_SEQ_NUM, 7)
///     .timestamp(tag::SENDING_TIME, 1_795_392_753_123_456_789);
/// let length = writer.finish().expect("256 bytes are enough");
/// assert_eq!(
///     room[..length].escape_ascii().to_string().replace("\\x01", "|"),
///     "8=FIX.4.4|9=59|35=0|49=GATE|56=MEMBER|34=7|52=20261123-00:12:33.123456789|10=240|"
/// );
///
/// // Too little room is an answer, not a panic.
/// let mut writer = MessageWriter::start(&mut room[..20], b"FIX.4.4");
/// writer.bytes(tag::MSG_TYPE, b"0");
/// assert_eq!(writer.finish(), None);
/// ```
#[derive(Debug)]
pub struct MessageWriter<'a> {
    /// Emptied when something did not fit, so that nothing behind it fits either.
    into: &'a mut [u8],
    /// Bytes written; invariant: at most `into.len()` unless `is_full`.
    length: usize,
    /// Where the digits of BodyLength(9) go.
    digits_start: usize,
    dates: DateCache,
    dialect: Dialect,
    is_full: bool,
}

impl<'a> MessageWriter<'a> {
    /// Starts a message: BeginString(8), and room for BodyLength(9). MsgType(35) must be the first
    /// field put.
    #[inline]
    pub fn start(into: &'a mut [u8], begin_string: &[u8]) -> MessageWriter<'a> {
        let mut writer = MessageWriter {
            into,
            length: 0,
            digits_start: 0,
            dates: DateCache::new(),
            dialect: Dialect::default(),
            is_full: false,
        };
        writer.word(u64::from_le_bytes(*b"8=\0\0\0\0\0\0"), 2);
        match digits::short_word(begin_string) {
            Some(word) => writer.word(word, begin_string.len()),
            None => writer.any(begin_string),
        }
        writer.word(u64::from_le_bytes(*b"\x019=\0\0\0\0\0"), 3);
        writer.digits_start = writer.length;
        // The digits are summed when they are known.
        writer.length += BODY_LENGTH_DIGITS_GUESSED;
        writer.word(u64::from(SOH), 1);
        writer
    }

    /// Whether something did not fit.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// A text field. Control bytes, SOH above all, are written as `?`, so that no value can end its
    /// field or pass for another. An empty value writes no field, because FIX has no empty fields.
    #[inline(always)]
    pub fn bytes(&mut self, tag: u32, value: &[u8]) -> &mut Self {
        if value.is_empty() {
            return self;
        }
        if !self.field(tag, |room, at| put_text(room, at, value)) {
            self.tag(tag);
            let written = put_long_text(self.into, self.length, value);
            self.take(written);
        }
        self
    }

    /// A data field behind its length field: any bytes at all. Empty data write neither.
    pub fn data(&mut self, length_tag: u32, data_tag: u32, value: &[u8]) -> &mut Self {
        if value.is_empty() {
            return self;
        }
        self.uint(length_tag, u64::try_from(value.len()).unwrap_or(u64::MAX));
        self.tag(data_tag);
        self.any(value);
        self.soh();
        self
    }

    /// A field of one character.
    #[inline(always)]
    pub fn char(&mut self, tag: u32, value: u8) -> &mut Self {
        self.field(tag, |room, at| {
            put_short(room, at, Some(Piece::char(value)))
        });
        self
    }

    /// `Y` or `N`.
    #[inline(always)]
    pub fn boolean(&mut self, tag: u32, value: bool) -> &mut Self {
        self.char(tag, if value { b'Y' } else { b'N' })
    }

    /// A whole number, zero or above.
    #[inline(always)]
    pub fn uint(&mut self, tag: u32, value: u64) -> &mut Self {
        if !self.field(tag, |room, at| put_uint(room, at, value)) {
            self.digits(tag, Digits::new(false, value));
        }
        self
    }

    /// A whole number.
    #[inline]
    pub fn int(&mut self, tag: u32, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.uint(tag, value),
            Err(_) => {
                self.digits(tag, Digits::new(true, value.unsigned_abs()));
                self
            }
        }
    }

    /// A price in its shortest form.
    #[inline(always)]
    pub fn price(&mut self, tag: u32, value: Price) -> &mut Self {
        if !self.field(tag, |room, at| put_price(room, at, value)) {
            self.digits(tag, Digits::of_price(value));
        }
        self
    }

    /// A decimal with exactly the decimals that it has: 1250 with two is `12.50`.
    pub fn decimal(&mut self, tag: u32, value: Decimal) -> &mut Self {
        let magnitude = value.mantissa.unsigned_abs();
        // Beyond 64 bits every digit stands behind the point.
        let power = 10_u64.checked_pow(value.decimals.into());
        let (whole, mut behind) = match power {
            Some(power) => (magnitude / power, magnitude % power),
            None => (0, magnitude),
        };
        let front = Digits::new(value.mantissa < 0, whole);
        self.tag(tag);
        self.any(front.text());
        if value.decimals > 0 {
            let mut text = [b'0'; u8::MAX as usize];
            let text = text.get_mut(..value.decimals.into()).unwrap_or(&mut []);
            for digit in text.iter_mut().rev() {
                *digit += u8::try_from(behind % 10).unwrap_or(0);
                behind /= 10;
            }
            self.word(u64::from(b'.'), 1);
            self.any(text);
        }
        self.soh();
        self
    }

    /// What is written from here on is written so; FIX.4.4 with nanoseconds until then. The whole
    /// bodies of [`crate::messages`] look at the version too.
    pub const fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    /// The version that a whole body is written in.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.dialect.version
    }

    /// A UTCTimestamp in the dialect's precision; what is finer is cut off.
    #[inline(always)]
    pub fn timestamp(&mut self, tag: u32, ns: u64) -> &mut Self {
        self.timestamp_in(tag, ns, self.dialect.precision)
    }

    /// A UTCTimestamp in a precision that the peer reads.
    #[inline(always)]
    pub fn timestamp_in(&mut self, tag: u32, ns: u64, precision: Precision) -> &mut Self {
        self.dates = self.dates.at(ns);
        let dates = self.dates;
        self.field(tag, |room, at| {
            put_timestamp(room, at, dates, ns, precision)
        });
        self
    }

    /// Ends the message with BodyLength(9) and CheckSum(10); returns its length in bytes, `None`
    /// when it did not fit. (A body of 100 MB or more does not fit either.)
    #[must_use]
    #[inline]
    pub fn finish(self) -> Option<usize> {
        let (_, length) = self.finish_in_place()?;
        Some(length)
    }

    /// As [`MessageWriter::finish`], and the bytes that were lent.
    #[inline(always)]
    fn finish_in_place(mut self) -> Option<(&'a mut [u8], usize)> {
        if self.is_full {
            return None;
        }
        let body_start = self.digits_start + BODY_LENGTH_DIGITS_GUESSED + 1;
        let body_length = self.length.checked_sub(body_start)?;
        let digits = Piece::uint(u64::try_from(body_length).ok()?)?;
        let digits_end = self.digits_start + digits.length;
        if digits.length != BODY_LENGTH_DIGITS_GUESSED {
            let end = digits_end + 1 + body_length;
            if end > self.into.len() {
                return None;
            }
            self.into
                .copy_within(body_start..self.length, digits_end + 1);
            self.length = end;
        }
        let text = digits.ended().bytes();
        // The width that was guessed is stored whole.
        if let ([a, b, c, SOH, ..], Some(room)) = (text, self.into.get_mut(self.digits_start..)) {
            *room.first_chunk_mut()? = [a, b, c, SOH];
        } else {
            let room = self.into.get_mut(self.digits_start..=digits_end)?;
            for (to, from) in room.iter_mut().zip(text) {
                *to = from;
            }
        }
        // Summing each value while it is in a register was tried and took five hundredths longer:
        // seven instructions for each word, against two for every sixteen bytes of one pass.
        let sum = sum_of(self.into.get(..self.length)?);
        self.word(trailer(sum), TRAILER_BYTES);
        (!self.is_full).then_some((self.into, self.length))
    }

    // Nothing below that is called rather than inlined is given the writer itself, only what it
    // needs of it: so the writer stays in registers, and a field does not wait for the one before.

    /// A whole field: the tag, and what `put` stores behind it, SOH included, and tells the length
    /// of. Where there is none, nothing is written and the answer is no.
    #[inline(always)]
    fn field(&mut self, tag: u32, put: impl FnOnce(&mut Room, usize) -> usize) -> bool {
        let (tag_word, tag_bytes) = tag_word(tag).unwrap_or((0, 0));
        // One look at the room that is left; what is stored too much is written over.
        if let Some(room) = self.room::<ROOM_BYTES>()
            && tag_bytes > 0
        {
            store(room, 0, tag_word);
            let length = put(room, tag_bytes);
            if length == 0 {
                return false;
            }
            self.length += tag_bytes + length;
            return true;
        }
        let mut room = [0; ROOM_BYTES];
        let length = put(&mut room, 0);
        if length > 0 {
            self.tag(tag);
            self.any(room.get(..length).unwrap_or(&[]));
        }
        length > 0
    }

    /// A field with a number of any length.
    #[inline(always)]
    fn digits(&mut self, tag: u32, digits: Digits) {
        self.tag(tag);
        self.any(digits.text());
        self.soh();
    }

    /// The tag and `=`. It is made part of its caller, where the tag is a constant and nothing is
    /// left to compute.
    #[inline(always)]
    fn tag(&mut self, tag: u32) {
        match tag_word(tag) {
            Some((word, length)) => self.word(word, length),
            None => {
                self.any(Digits::new(false, tag.into()).text());
                self.word(u64::from(b'='), 1);
            }
        }
    }

    #[inline(always)]
    fn soh(&mut self) {
        self.word(u64::from(SOH), 1);
    }

    /// The next bytes, where so many are left.
    #[inline(always)]
    fn room<const N: usize>(&mut self) -> Option<&mut [u8; N]> {
        self.into.get_mut(self.length..)?.first_chunk_mut()
    }

    /// The first `length` bytes of a word, at most eight, behind which it is zero. All eight are
    /// stored where there is room, and what follows is written over.
    #[inline(always)]
    fn word(&mut self, word: u64, length: usize) {
        match self.room() {
            Some(room) => {
                *room = word.to_le_bytes();
                self.length += length;
            }
            None => self.any(word.to_le_bytes().get(..length).unwrap_or(&[])),
        }
    }

    /// Any bytes.
    #[inline(always)]
    fn any(&mut self, bytes: &[u8]) {
        let written = put_any(self.into, self.length, bytes);
        self.take(written);
    }

    /// Goes on behind what was written; nothing fits any more where it did not.
    #[inline(always)]
    fn take(&mut self, written: Option<usize>) {
        match written {
            Some(length) => self.length += length,
            None => {
                self.is_full = true;
                self.into = &mut [];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Frame, frame};
    use crate::index::Index;
    use crate::message::Message;
    use crate::tag;
    use crate::testing::{Random, rounds, whole};

    fn header(msg_type: &[u8]) -> Header<'_> {
        Header {
            msg_type,
            sender_comp_id: b"GATE",
            target_comp_id: b"MEMBER",
            msg_seq_num: 7,
            sending_time_ns: 1_795_392_753_123_456_789,
            orig_sending_time_ns: None,
            last_msg_seq_num_processed: None,
        }
    }

    /// Writes into as many bytes as are given.
    fn written(room: usize, fill: impl FnOnce(&mut MessageWriter<'_>)) -> Option<Vec<u8>> {
        let mut into = vec![b'#'; room];
        let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
        fill(&mut writer);
        let length = writer.finish()?;
        into.truncate(length);
        Some(into)
    }

    #[test]
    fn each_kind_of_field() {
        let bytes = written(1_000, |writer| {
            header(b"D").write(writer);
            writer
                .char(tag::SIDE, b'1')
                .uint(tag::ORDER_QTY, 0)
                .uint(tag::CUM_QTY, u64::MAX)
                .int(tag::GATE_LIMIT, i64::MIN)
                .int(tag::GATE_OBSERVED, -1)
                .price(tag::PRICE, Price(-376_300))
                .boolean(tag::GAP_FILL_FLAG, true)
                .boolean(tag::RESET_SEQ_NUM_FLAG, false)
                .timestamp_in(tag::TRANSACT_TIME, 0, Precision::Milliseconds)
                .bytes(tag::TEXT, b"")
                .data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, b"a\x01b")
                .data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, b"");
        });
        let expected = whole(
            "35=D|34=7|49=GATE|52=20261123-00:12:33.123456789|56=MEMBER|54=1|38=0|\
             14=18446744073709551615|20111=-9223372036854775808|20112=-1|44=-37.63|123=Y|141=N|\
             60=19700101-00:00:00.000|95=3|96=a|b|",
        );
        assert_eq!(
            bytes.unwrap().escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
    }

    /// Numbers, tags and texts of every length against the standard library's formatting.
    #[test]
    fn every_value_is_written_as_the_plain_way_would() {
        let mut random = Random::seeded(4);
        for round in 0..rounds(20_000) {
            let round = u32::try_from(round % 100_800).unwrap();
            let tag = 1 + u32::try_from(random.below(10_u64.pow(round % 8))).unwrap();
            let uint = random.next() >> (round % 64);
            let int = random.next().cast_signed() >> (round % 64);
            let price = Price(random.next().cast_signed() >> (round / 7 % 64));
            let text: Vec<u8> = (0..round % 40)
                .map(|_| b' ' + (random.next() % 90) as u8)
                .collect();
            let text = String::from_utf8(text).unwrap() + "!";
            let bytes = written(300, |writer| {
                writer
                    .uint(tag, uint)
                    .int(tag, int)
                    .price(tag, price)
                    .bytes(tag, text.as_bytes());
            });
            let body = format!("{tag}={uint}|{tag}={int}|{tag}={price}|{tag}=");
            let body = body.replace('|', "\x01") + &text + "\x01";
            let bytes = bytes.unwrap();
            let body_start = bytes.iter().position(|&byte| byte == SOH).unwrap() + 1;
            let body_start = bytes[body_start..]
                .iter()
                .position(|&byte| byte == SOH)
                .unwrap()
                + body_start
                + 1;
            assert_eq!(
                bytes[body_start..bytes.len() - 7]
                    .escape_ascii()
                    .to_string(),
                body.as_bytes().escape_ascii().to_string()
            );
        }
    }

    #[test]
    fn a_repeated_message_says_so() {
        let bytes = written(200, |writer| {
            Header {
                orig_sending_time_ns: Some(1),
                ..header(b"8")
            }
            .write(writer);
        });
        let expected = whole(
            "35=8|34=7|43=Y|49=GATE|52=20261123-00:12:33.123456789|56=MEMBER|\
             122=19700101-00:00:00.000000001|",
        );
        assert_eq!(bytes.unwrap(), expected);
    }

    #[test]
    fn no_value_ends_its_field() {
        let text = b"a\x0155=EVIL\x0110=000\x01\0\n\x7f\xed\x95\x9c";
        let bytes = written(200, |writer| {
            writer
                .bytes(tag::MSG_TYPE, b"5")
                .bytes(tag::TEXT, text)
                .char(tag::SIDE, SOH);
        });
        let bytes = bytes.unwrap();
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        assert_eq!(
            message.field(tag::TEXT),
            Some(&b"a?55=EVIL?10=000????\xed\x95\x9c"[..])
        );
        assert_eq!(message.field(tag::SIDE), Some(&b"?"[..]));
        assert_eq!(message.fields().count(), 6);
    }

    #[test]
    fn every_body_length_in_every_room() {
        // Around 9, 99, 999 and 9,999 bytes the digits of BodyLength(9) become one more.
        for text_length in (0..130).chain(980..1_010).chain(9_980..10_010) {
            let text = "t".repeat(text_length);
            let expected = match text_length {
                0 => whole("35=5|"),
                _ => whole(&format!("35=5|58={text}|")),
            };
            let fill = |writer: &mut MessageWriter<'_>| {
                writer
                    .bytes(tag::MSG_TYPE, b"5")
                    .bytes(tag::TEXT, text.as_bytes());
            };
            let length = expected.len();
            assert_eq!(frame(&expected, usize::MAX), Frame::Whole { length });
            assert_eq!(
                written(length + 200, fill),
                Some(expected.clone()),
                "{text_length}"
            );
            // While it is written, a body of one or two digits' length needs the room of three.
            let spare = 5_usize.saturating_sub((expected.len() - 22).to_string().len() + 2);
            assert_eq!(
                written(length + spare, fill),
                Some(expected),
                "{text_length}"
            );
            for room in [0, 1, 10, 14, length / 2, length - 8, length - 1] {
                assert_eq!(written(room, fill), None, "{text_length} in {room}");
            }
        }
    }
}
