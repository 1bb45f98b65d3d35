//! Writing messages: fields one by one into lent bytes, then BodyLength(9) and CheckSum(10).
//!
//! BodyLength(9) stands before the body whose length it tells, in its shortest form, because some
//! engines refuse leading zeros. The writer leaves room for three digits, which nearly every
//! message needs, and moves the body where it guessed wrong. Not here: which fields a message has
//! (see [`crate::messages`]) and sequence numbers (the session's).

use gwanmun_market::{PRICE_SCALE, Price};

use crate::time::{self, Precision};
use crate::{SOH, digits, frame, tag};

/// Digits that room is left for: a body of 100 to 999 bytes is not moved.
const BODY_LENGTH_DIGITS_GUESSED: usize = 3;

/// Writes one message into lent bytes.
///
/// What does not fit is dropped, and [`MessageWriter::finish`] then returns `None`: the caller
/// checks once.
#[derive(Debug)]
pub struct MessageWriter<'a> {
    into: &'a mut [u8],
    /// Bytes written; invariant: at most `into.len()`.
    length: usize,
    /// Where the digits of BodyLength(9) go.
    digits_start: usize,
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
            is_full: false,
        };
        writer.raw(b"8=");
        writer.raw(begin_string);
        writer.raw(b"\x019=");
        writer.digits_start = writer.length;
        writer.raw(&[b'0'; BODY_LENGTH_DIGITS_GUESSED]);
        writer.raw(&[SOH]);
        writer
    }

    /// Whether something did not fit.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.is_full
    }

    /// A text field. Control bytes, SOH above all, are written as `?`, so that no value can end its
    /// field or pass for another. An empty value writes no field, because FIX has no empty fields.
    #[inline]
    pub fn bytes(&mut self, tag: u32, value: &[u8]) -> &mut Self {
        if !value.is_empty() {
            self.tag(tag);
            self.text(value);
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
        self.raw(value);
        self.raw(&[SOH]);
        self
    }

    /// A field of one character.
    #[inline]
    pub fn char(&mut self, tag: u32, value: u8) -> &mut Self {
        let value = if value.is_ascii_control() {
            b'?'
        } else {
            value
        };
        self.tag(tag);
        self.word(u64::from_le_bytes([value, SOH, 0, 0, 0, 0, 0, 0]), 2);
        self
    }

    /// `Y` or `N`.
    #[inline]
    pub fn boolean(&mut self, tag: u32, value: bool) -> &mut Self {
        self.char(tag, if value { b'Y' } else { b'N' })
    }

    /// A whole number, zero or above.
    #[inline]
    pub fn uint(&mut self, tag: u32, value: u64) -> &mut Self {
        self.tag(tag);
        self.number(value);
        self.soh();
        self
    }

    /// A whole number.
    #[inline]
    pub fn int(&mut self, tag: u32, value: i64) -> &mut Self {
        self.tag(tag);
        if value < 0 {
            self.word(u64::from(b'-'), 1);
        }
        self.number(value.unsigned_abs());
        self.soh();
        self
    }

    /// A price in its shortest form.
    #[inline]
    pub fn price(&mut self, tag: u32, value: Price) -> &mut Self {
        self.tag(tag);
        self.decimal(value);
        self.soh();
        self
    }

    /// A UTCTimestamp in nanoseconds.
    #[inline]
    pub fn timestamp(&mut self, tag: u32, ns: u64) -> &mut Self {
        self.timestamp_in(tag, ns, Precision::Nanoseconds)
    }

    /// A UTCTimestamp in a precision that the peer reads.
    #[inline]
    pub fn timestamp_in(&mut self, tag: u32, ns: u64, precision: Precision) -> &mut Self {
        self.tag(tag);
        self.utc_timestamp(ns, precision);
        self.soh();
        self
    }

    /// Ends the message with BodyLength(9) and CheckSum(10); returns its length in bytes, `None`
    /// when it did not fit. (A body of 100 MB or more does not fit either.)
    #[must_use]
    pub fn finish(mut self) -> Option<usize> {
        if self.is_full {
            return None;
        }
        let body_start = self.digits_start + BODY_LENGTH_DIGITS_GUESSED + 1;
        let body_length = self.length.checked_sub(body_start)?;
        let body_length_u32 = u32::try_from(body_length)
            .ok()
            .filter(|&n| n < 100_000_000)?;
        let (digits, digits_length) = digits::shortest(body_length_u32);
        let digits_end = self.digits_start + digits_length as usize;
        if digits_end - self.digits_start != BODY_LENGTH_DIGITS_GUESSED {
            let end = digits_end + 1 + body_length;
            if end > self.into.len() {
                return None;
            }
            self.into
                .copy_within(body_start..self.length, digits_end + 1);
            self.length = end;
        }
        let room = self.into.get_mut(self.digits_start..digits_end)?;
        for (to, from) in room.iter_mut().zip(digits.to_le_bytes()) {
            *to = from;
        }
        *self.into.get_mut(digits_end)? = SOH;
        let sum = frame::check_sum(self.into.get(..self.length)?);
        let [hundreds, tens, ones] = [sum / 100, sum / 10 % 10, sum % 10].map(|digit| b'0' + digit);
        self.word(
            u64::from_le_bytes([b'1', b'0', b'=', hundreds, tens, ones, SOH, 0]),
            7,
        );
        (!self.is_full).then_some(self.length)
    }

    /// The tag and `=`. It is made part of its caller, where the tag is a constant and nothing is
    /// left to compute.
    #[inline(always)]
    fn tag(&mut self, tag: u32) {
        match tag_word(tag) {
            Some((word, length)) => self.word(word, length),
            None => {
                self.number(tag.into());
                self.word(u64::from(b'='), 1);
            }
        }
    }

    #[inline(always)]
    fn soh(&mut self) {
        self.word(u64::from(SOH), 1);
    }

    fn number(&mut self, value: u64) {
        match u32::try_from(value) {
            Ok(value) if value < 100_000_000 => {
                let (word, length) = digits::shortest(value);
                self.word(word, length);
            }
            _ => self.large_number(value),
        }
    }

    #[cold]
    fn large_number(&mut self, value: u64) {
        self.number(value / 100_000_000);
        self.word(
            digits::eight(u32::try_from(value % 100_000_000).unwrap_or(0)),
            8,
        );
    }

    fn decimal(&mut self, value: Price) {
        if value.0 < 0 {
            self.word(u64::from(b'-'), 1);
        }
        let magnitude = value.0.unsigned_abs();
        let scale = PRICE_SCALE.unsigned_abs();
        self.number(magnitude / scale);
        let decimals = u32::try_from(magnitude % scale).unwrap_or(0);
        if decimals != 0 {
            // Four digits, from which zeros at the end are cut off, behind the point.
            let word = digits::eight(decimals) >> 32;
            let zeros = (word ^ (digits::ZEROS >> 32)).leading_zeros() / 8 - 4;
            self.word(word << 8 | u64::from(b'.'), 5 - zeros);
        }
    }

    fn utc_timestamp(&mut self, ns: u64, precision: Precision) {
        let mut text = [0; time::TIMESTAMP_BYTES_MAX];
        let length = time::write_utc_timestamp(ns, precision, &mut text);
        match self
            .into
            .get_mut(self.length..)
            .and_then(|room| room.first_chunk_mut())
        {
            // All of it is copied, because a known number of bytes takes four stores and no call.
            Some(room) if !self.is_full => {
                *room = text;
                self.length += length;
            }
            _ => self.raw(text.get(..length).unwrap_or(&[])),
        }
    }

    /// The value of a text field, and SOH.
    fn text(&mut self, value: &[u8]) {
        let (words, rest) = value.as_chunks::<8>();
        for word in words {
            let word = u64::from_le_bytes(*word);
            self.word(
                if digits::control_bytes(word) == 0 {
                    word
                } else {
                    masked(word)
                },
                8,
            );
        }
        let word = digits::short_word(rest).unwrap_or(0);
        // Bytes behind the rest are zero, and of no interest: they are looked at as spaces.
        let beyond = u64::MAX.unbounded_shl(8 * u32::try_from(rest.len()).unwrap_or(8));
        let is_clean = digits::control_bytes(word | (beyond & digits::SPACES)) == 0;
        let word = if is_clean {
            word
        } else {
            masked(word) & !beyond
        };
        let length = u32::try_from(rest.len()).unwrap_or(0);
        self.word(word | u64::from(SOH) << (8 * length), length + 1);
    }

    /// The first `length` bytes of a word, at most eight. All eight are stored where there is room,
    /// and what follows is written over.
    #[inline(always)]
    fn word(&mut self, word: u64, length: u32) {
        match self
            .into
            .get_mut(self.length..)
            .and_then(|room| room.first_chunk_mut())
        {
            Some(room) if !self.is_full => {
                *room = word.to_le_bytes();
                self.length += length as usize;
            }
            _ => self.last_word(word, length),
        }
    }

    /// As [`MessageWriter::word`] where fewer than eight bytes are left.
    #[cold]
    fn last_word(&mut self, word: u64, length: u32) {
        self.raw(word.to_le_bytes().get(..length as usize).unwrap_or(&[]));
    }

    fn raw(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        match self.into.get_mut(self.length..end) {
            Some(room) if !self.is_full => {
                room.copy_from_slice(bytes);
                self.length = end;
            }
            _ => self.is_full = true,
        }
    }
}

/// Eight bytes with `?` for each control byte.
#[cold]
fn masked(word: u64) -> u64 {
    let mask = |byte: u8| if byte.is_ascii_control() { b'?' } else { byte };
    u64::from_le_bytes(word.to_le_bytes().map(mask))
}

/// A tag of up to five digits, and `=`: characters, and how many.
#[inline(always)]
const fn tag_word(tag: u32) -> Option<(u64, u32)> {
    let length = match tag {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        1_000..10_000 => 4,
        10_000..100_000 => 5,
        _ => return None,
    };
    let five = (tag / 10_000) as u64
        | ((tag / 1_000 % 10) as u64) << 8
        | ((tag / 100 % 10) as u64) << 16
        | ((tag / 10 % 10) as u64) << 24
        | ((tag % 10) as u64) << 32;
    let text = ((five | digits::ZEROS) & 0xFF_FFFF_FFFF) | (b'=' as u64) << 40;
    Some((text >> (8 * (5 - length)), length + 1))
}

/// The standard header behind BodyLength(9), as a session writes it.
#[derive(Clone, Copy, Debug)]
pub struct Header<'v> {
    /// MsgType(35).
    pub msg_type: &'v [u8],
    /// SenderCompID(49).
    pub sender_comp_id: &'v [u8],
    /// TargetCompID(56).
    pub target_comp_id: &'v [u8],
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// SendingTime(52), nanoseconds since the epoch.
    pub sending_time_ns: u64,
    /// For a repeated message: OrigSendingTime(122), with PossDupFlag(43)=Y.
    pub orig_sending_time_ns: Option<u64>,
}

impl Header<'_> {
    /// Writes the header. It must come first.
    pub fn write(&self, writer: &mut MessageWriter<'_>) {
        writer
            .bytes(tag::MSG_TYPE, self.msg_type)
            .bytes(tag::SENDER_COMP_ID, self.sender_comp_id)
            .bytes(tag::TARGET_COMP_ID, self.target_comp_id)
            .uint(tag::MSG_SEQ_NUM, self.msg_seq_num);
        if self.orig_sending_time_ns.is_some() {
            writer.boolean(tag::POSS_DUP_FLAG, true);
        }
        writer.timestamp(tag::SENDING_TIME, self.sending_time_ns);
        if let Some(ns) = self.orig_sending_time_ns {
            writer.timestamp(tag::ORIG_SENDING_TIME, ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Frame, frame};
    use crate::index::Index;
    use crate::message::Message;
    use crate::testing::{Random, whole};

    fn header(msg_type: &[u8]) -> Header<'_> {
        Header {
            msg_type,
            sender_comp_id: b"GATE",
            target_comp_id: b"MEMBER",
            msg_seq_num: 7,
            sending_time_ns: 1_795_392_753_123_456_789,
            orig_sending_time_ns: None,
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
            "35=D|49=GATE|56=MEMBER|34=7|52=20261123-00:12:33.123456789|54=1|38=0|\
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
        for round in 0..20_000_u32 {
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
            "35=8|49=GATE|56=MEMBER|34=7|43=Y|52=20261123-00:12:33.123456789|\
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
