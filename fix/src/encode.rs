//! Writing messages: fields one by one into lent bytes, then BodyLength(9) and CheckSum(10).
//!
//! BodyLength(9) stands before the body whose length it tells, in its shortest form, because some engines refuse leading
//! zeros. The writer leaves room for three digits, which nearly every message needs, and moves the body where it guessed
//! wrong. Not here: which fields a message has (see [`crate::messages`]) and sequence numbers (the session's).

use gwanmun_market::{Price, number};

use crate::time::{self, Precision};
use crate::{SOH, frame, tag};

/// Digits that room is left for: a body of 100 to 999 bytes is not moved.
const BODY_LENGTH_DIGITS_GUESSED: usize = 3;

/// Writes one message into lent bytes.
///
/// What does not fit is dropped, and [`MessageWriter::finish`] then returns `None`: the caller checks once.
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
    /// Starts a message: BeginString(8), and room for BodyLength(9). MsgType(35) must be the first field put.
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

    /// A text field. Control bytes, SOH above all, are written as `?`, so that no value can end its field or pass for
    /// another. An empty value writes no field, because FIX has no empty fields.
    pub fn bytes(&mut self, tag: u32, value: &[u8]) -> &mut Self {
        if value.is_empty() {
            return self;
        }
        self.tag(tag);
        let start = self.length;
        self.raw(value);
        for byte in self.into.get_mut(start..self.length).unwrap_or(&mut []) {
            if byte.is_ascii_control() {
                *byte = b'?';
            }
        }
        self.raw(&[SOH]);
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
    pub fn char(&mut self, tag: u32, value: u8) -> &mut Self {
        self.bytes(tag, &[value])
    }

    /// `Y` or `N`.
    pub fn boolean(&mut self, tag: u32, value: bool) -> &mut Self {
        self.bytes(tag, if value { b"Y" } else { b"N" })
    }

    /// A whole number, zero or above.
    pub fn uint(&mut self, tag: u32, value: u64) -> &mut Self {
        self.tag(tag);
        self.number(value);
        self.raw(&[SOH]);
        self
    }

    /// A whole number.
    pub fn int(&mut self, tag: u32, value: i64) -> &mut Self {
        self.tag(tag);
        if value < 0 {
            self.raw(b"-");
        }
        self.number(value.unsigned_abs());
        self.raw(&[SOH]);
        self
    }

    /// A price in its shortest form.
    pub fn price(&mut self, tag: u32, value: Price) -> &mut Self {
        let mut text = [0; number::DECIMAL_BYTES_MAX];
        let length = value.write(&mut text);
        self.tag(tag);
        self.raw(text.get(..length).unwrap_or(&[]));
        self.raw(&[SOH]);
        self
    }

    /// A UTCTimestamp in nanoseconds.
    pub fn timestamp(&mut self, tag: u32, ns: u64) -> &mut Self {
        self.timestamp_in(tag, ns, Precision::Nanoseconds)
    }

    /// A UTCTimestamp in a precision that the peer reads.
    pub fn timestamp_in(&mut self, tag: u32, ns: u64, precision: Precision) -> &mut Self {
        let mut text = [0; time::TIMESTAMP_BYTES_MAX];
        let length = time::write_utc_timestamp(ns, precision, &mut text);
        self.tag(tag);
        self.raw(text.get(..length).unwrap_or(&[]));
        self.raw(&[SOH]);
        self
    }

    /// Ends the message with BodyLength(9) and CheckSum(10); returns its length in bytes, `None` when it did not fit.
    #[must_use]
    pub fn finish(mut self) -> Option<usize> {
        if self.is_full {
            return None;
        }
        let body_start = self.digits_start + BODY_LENGTH_DIGITS_GUESSED + 1;
        let body_length = self.length.checked_sub(body_start)?;
        let mut digits = [0; UINT_DIGITS_MAX];
        let digits = write_uint(u64::try_from(body_length).ok()?, &mut digits);
        let digits_end = self.digits_start + digits.len();
        if digits.len() != BODY_LENGTH_DIGITS_GUESSED {
            let end = digits_end + 1 + body_length;
            if end > self.into.len() {
                return None;
            }
            self.into
                .copy_within(body_start..self.length, digits_end + 1);
            self.length = end;
        }
        self.into
            .get_mut(self.digits_start..digits_end)?
            .copy_from_slice(digits);
        *self.into.get_mut(digits_end)? = SOH;
        let sum = frame::check_sum(self.into.get(..self.length)?);
        let digits = [sum / 100, sum / 10 % 10, sum % 10].map(|digit| b'0' + digit);
        self.tag(tag::CHECK_SUM);
        self.raw(&digits);
        self.raw(&[SOH]);
        (!self.is_full).then_some(self.length)
    }

    fn tag(&mut self, tag: u32) {
        self.number(tag.into());
        self.raw(b"=");
    }

    fn number(&mut self, value: u64) {
        let mut digits = [0; UINT_DIGITS_MAX];
        let digits = write_uint(value, &mut digits);
        self.raw(digits);
    }

    fn raw(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        match self.into.get_mut(self.length..end) {
            Some(room) if !self.is_full => {
                room.copy_from_slice(bytes);
                self.length = end;
            }
            _ => self.is_full = true,
        }
    }
}

/// Digits of the largest 64-bit number.
const UINT_DIGITS_MAX: usize = 20;

/// Writes a number at the end of `into` and returns its digits.
fn write_uint(mut value: u64, into: &mut [u8; UINT_DIGITS_MAX]) -> &[u8] {
    let mut start = into.len();
    for slot in into.iter_mut().rev() {
        *slot = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        start -= 1;
        if value == 0 {
            break;
        }
    }
    into.get(start..).unwrap_or(&[])
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
    use crate::testing::whole;

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
        assert!(
            into[length..]
                .iter()
                .all(|&byte| byte == b'#' || length < 120),
            "wrote beyond"
        );
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
