//! Finding whole messages in a stream of bytes: the specification's rule for garbled messages.
//!
//! A message is `8=FIX`..., `9=` and so many digits, `35=`, the body, and `10=nnn` exactly where
//! BodyLength(9) says, with the right sum. [`frame`] looks at the front of what was received and
//! not yet consumed, and answers one of four things. Its answers do not depend on how the bytes
//! were cut on their way: everything is decided from the front on, by the first byte that cannot be
//! right.
//!
//! Where a message is garbled, reading goes on at the next `8=FIX`, even inside the garbled one: a
//! wrong BodyLength(9) must not swallow the good message behind. With one exception: a message that
//! ends where it says and has only a wrong sum is skipped whole, because its ends are known, and
//! what a damaged data field contains must not be taken for a message.
//!
//! Not here: fields (see [`crate::message`]) and what a session does about garbled messages.

use memchr::memmem;

use crate::{SOH, digits, scan};

/// What is at the front of the received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole message with the right sum.
    Whole {
        /// Its bytes, CheckSum(10) and its SOH included.
        length: usize,
    },
    /// So far a message, or nothing at all. Always shorter than the limit.
    Partial,
    /// Bytes to drop without an answer.
    Garbled {
        /// How many; above zero. What follows is, or may become, the start of a message.
        skip: usize,
        /// Why. [`Garble::BeginString`] alone says that these bytes never looked like FIX, which a
        /// caller may forgive a member and not a stranger.
        reason: Garble,
    },
    /// The message would be longer than the limit: there is nothing to wait for, and the line
    /// should be closed.
    Unframeable(Garble),
}

/// What makes bytes no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garble {
    /// They do not begin with BeginString(8)=FIX... .
    BeginString,
    /// BodyLength(9) is not the second field, or not a number.
    BodyLength,
    /// BodyLength(9) makes the message longer than the limit.
    BodyLengthOverLimit,
    /// MsgType(35) is not the third field.
    MsgType,
    /// CheckSum(10) is not where BodyLength(9) says.
    Trailer,
    /// CheckSum(10) is not the sum of the bytes.
    CheckSum,
}

impl Garble {
    /// A short text for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Garble::BeginString => "bytes that start no FIX message",
            Garble::BodyLength => "BodyLength(9) is not the second field or not a number",
            Garble::BodyLengthOverLimit => "BodyLength(9) is over the limit",
            Garble::MsgType => "MsgType(35) is not the third field",
            Garble::Trailer => "CheckSum(10) is not where BodyLength(9) says",
            Garble::CheckSum => "CheckSum(10) is wrong",
        }
    }
}

/// What every message begins with.
const START: &[u8] = b"8=FIX";
/// Bytes that BeginString(8) may have behind `FIX`: `.4.4` and `T.1.1` need four and five.
const VERSION_BYTES_MAX: usize = 8;
/// Digits that BodyLength(9) may have; leading zeros are read.
const BODY_LENGTH_DIGITS_MAX: usize = 10;
/// `10=nnn` and SOH.
const TRAILER_BYTES: usize = 7;

/// Tells what stands at the front of `bytes`. `message_bytes_max` bounds the whole message, head
/// and trailer included.
///
/// ```
/// use gwanmun_fix::{Frame, Garble, frame::frame};
///
/// let heartbeat = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
/// assert_eq!(frame(heartbeat, 4096), Frame::Whole { length: 26 });
/// assert_eq!(frame(&heartbeat[..20], 4096), Frame::Partial);
/// let mut spoiled = *heartbeat;
/// spoiled[17] = b'1';
/// let reason = Garble::CheckSum;
/// assert_eq!(frame(&spoiled, 4096), Frame::Garbled { skip: 26, reason });
/// ```
#[must_use]
pub fn frame(bytes: &[u8], message_bytes_max: usize) -> Frame {
    if let Some(likely) = likely(bytes, message_bytes_max)
        && check_sum(likely.summed) == likely.check_sum
    {
        let length = likely.message.len();
        return Frame::Whole { length };
    }
    frame_carefully(bytes, message_bytes_max)
}

/// As [`frame`] by a given front of the scan, which has the sum, for tests and benches that compare
/// them.
#[must_use]
pub fn frame_by(front: scan::Front, bytes: &[u8], message_bytes_max: usize) -> Frame {
    if let Some(likely) = likely(bytes, message_bytes_max)
        && scan::check_sum_by(front, likely.summed) == likely.check_sum
    {
        let length = likely.message.len();
        return Frame::Whole { length };
    }
    frame_carefully(bytes, message_bytes_max)
}

/// What is a whole message if its sum is right.
pub(crate) struct Likely<'a> {
    pub(crate) message: &'a [u8],
    /// The message without its trailer.
    pub(crate) summed: &'a [u8],
    /// CheckSum(10).
    pub(crate) check_sum: u8,
    /// The sum of the trailer itself, modulo 256.
    pub(crate) trailer_sum: u8,
}

/// Reads the ends of a message with one of the usual heads, eight bytes at a time; `None` for all
/// others, whole messages among them, which are left to [`frame_carefully`].
#[inline]
pub(crate) fn likely(bytes: &[u8], message_bytes_max: usize) -> Option<Likely<'_>> {
    let (body_start, body_length) = likely_body(bytes)?;
    let body_end = body_start + body_length;
    let length = body_end + TRAILER_BYTES;
    if length > message_bytes_max {
        return None;
    }
    let message = bytes.get(..length)?;
    // SOH behind the body, and the trailer.
    let tail = u64::from_be_bytes(*message.last_chunk()?);
    let digits = (tail ^ TRAILER) & 0xFFFF_FF00;
    let [.., hundreds, tens, ones, _] = digits.to_be_bytes();
    let is_trailer = tail & !0xFFFF_FF00 == TRAILER & !0xFFFF_FF00;
    let check_sum = 100 * u16::from(hundreds) + 10 * u16::from(tens) + u16::from(ones);
    let is_number = (hundreds <= 9) & (tens <= 9) & (ones <= 9);
    let is_msg_type = message.get(body_start..)?.starts_with(b"35=");
    if !(is_trailer & is_number & is_msg_type) {
        return None;
    }
    Some(Likely {
        message,
        summed: message.get(..body_end)?,
        check_sum: u8::try_from(check_sum).ok()?,
        trailer_sum: TRAILER_SUM
            .wrapping_add(hundreds)
            .wrapping_add(tens)
            .wrapping_add(ones),
    })
}

/// SOH, `10=000` and SOH as a word, the first byte highest.
const TRAILER: u64 = u64::from_be_bytes(*b"\x0110=000\x01");
/// The bytes of `10=000` and SOH, added up.
const TRAILER_SUM: u8 = b'1'
    .wrapping_add(b'=')
    .wrapping_add(SOH)
    .wrapping_add(b'0'.wrapping_mul(4));

/// Where the body starts and how long it is, behind a head of the form `8=FIX.4.4|9=123|` or
/// `8=FIXT.1.1|9=123|`, with up to seven digits.
#[inline]
fn likely_body(bytes: &[u8]) -> Option<(usize, usize)> {
    const FIX_4: u64 = u64::from_le_bytes(*b"8=FIX.4.");
    const FIXT_1: u64 = u64::from_le_bytes(*b"8=FIXT.1");
    let head = bytes.first_chunk::<24>()?;
    let [start, middle, _] = head.as_chunks::<8>().0 else {
        return None;
    };
    let digits_start = match u64::from_le_bytes(*start) {
        FIX_4 if matches!(*middle, [b'0'..=b'9', SOH, b'9', b'=', ..]) => 12,
        FIXT_1 if middle.starts_with(b".1\x019=") => 13,
        _ => return None,
    };
    let text = u64::from_le_bytes(*bytes.get(digits_start..)?.first_chunk()?);
    let no_soh = text ^ 0x0101_0101_0101_0101;
    // The lowest bit that is set belongs to the first SOH.
    let soh = no_soh.wrapping_sub(0x0101_0101_0101_0101) & !no_soh & 0x8080_8080_8080_8080;
    let digit_count = soh.trailing_zeros() as usize / 8;
    if soh == 0 || digit_count == 0 {
        return None;
    }
    let missing = 64 - 8 * digit_count;
    let (number, not_digits) = digits::number((text ^ digits::ZEROS) << missing);
    let body_length = usize::try_from(number).ok()?;
    (not_digits == 0).then_some((digits_start + digit_count + 1, body_length))
}

/// As [`frame`], for all bytes: this says what is right.
fn frame_carefully(bytes: &[u8], message_bytes_max: usize) -> Frame {
    let head = match read_head(bytes, message_bytes_max) {
        Ok(head) => head,
        Err(Head::Partial) => return Frame::Partial,
        Err(Head::OverLimit) => return Frame::Unframeable(Garble::BodyLengthOverLimit),
        Err(Head::Garbled(reason)) => {
            return Frame::Garbled {
                skip: next_start(bytes),
                reason,
            };
        }
    };
    let body_end = head.body_start + head.body_length;
    let length = body_end + TRAILER_BYTES;
    let Some(message) = bytes.get(..length) else {
        // The third field is looked at before the rest has come, so that a false start is not
        // waited for.
        return match bytes
            .get(head.body_start..)
            .map(|body| starts_with(body, b"35="))
        {
            Some(Start::No) => Frame::Garbled {
                skip: next_start(bytes),
                reason: Garble::MsgType,
            },
            _ => Frame::Partial,
        };
    };
    let (summed, trailer) = message.split_at_checked(body_end).unwrap_or((message, &[]));
    if !summed
        .get(head.body_start..)
        .unwrap_or(&[])
        .starts_with(b"35=")
    {
        return Frame::Garbled {
            skip: next_start(bytes),
            reason: Garble::MsgType,
        };
    }
    let [b'1', b'0', b'=', hundreds, tens, ones, SOH] = trailer else {
        return Frame::Garbled {
            skip: next_start(bytes),
            reason: Garble::Trailer,
        };
    };
    if summed.last() != Some(&SOH) || ![hundreds, tens, ones].iter().all(|d| d.is_ascii_digit()) {
        return Frame::Garbled {
            skip: next_start(bytes),
            reason: Garble::Trailer,
        };
    }
    let digit = |byte: &u8| u32::from(byte - b'0');
    let written = digit(hundreds) * 100 + digit(tens) * 10 + digit(ones);
    if written != u32::from(check_sum(summed)) {
        return Frame::Garbled {
            skip: length,
            reason: Garble::CheckSum,
        };
    }
    Frame::Whole { length }
}

/// CheckSum(10) of the bytes: their sum modulo 256.
#[must_use]
#[inline]
pub fn check_sum(bytes: &[u8]) -> u8 {
    scan::check_sum(bytes)
}

/// The first two fields.
struct Whereabouts {
    body_start: usize,
    body_length: usize,
}

/// Why there are no two fields.
enum Head {
    Partial,
    Garbled(Garble),
    OverLimit,
}

fn read_head(bytes: &[u8], message_bytes_max: usize) -> Result<Whereabouts, Head> {
    match starts_with(bytes, START) {
        Start::Yes => {}
        Start::Maybe => return Err(Head::Partial),
        Start::No => return Err(Head::Garbled(Garble::BeginString)),
    }
    let mut at = START.len();
    loop {
        match bytes.get(at) {
            None => return Err(Head::Partial),
            Some(&SOH) => break,
            Some(b'A'..=b'Z' | b'0'..=b'9' | b'.') if at < START.len() + VERSION_BYTES_MAX => {
                at += 1;
            }
            Some(_) => return Err(Head::Garbled(Garble::BeginString)),
        }
    }
    at += 1;
    match starts_with(bytes.get(at..).unwrap_or(&[]), b"9=") {
        Start::Yes => {}
        Start::Maybe => return Err(Head::Partial),
        Start::No => return Err(Head::Garbled(Garble::BodyLength)),
    }
    let digits_start = at + 2;
    at = digits_start;
    let mut body_length: usize = 0;
    loop {
        match bytes.get(at) {
            None => return Err(Head::Partial),
            Some(&SOH) if at > digits_start => break,
            Some(digit @ b'0'..=b'9') if at < digits_start + BODY_LENGTH_DIGITS_MAX => {
                // Ten digits fit 64 bits; where a word has 32, saturating is over the limit too.
                body_length = body_length
                    .saturating_mul(10)
                    .saturating_add((digit - b'0').into());
                at += 1;
                let length = body_length.saturating_add(at + 1 + TRAILER_BYTES);
                if length > message_bytes_max {
                    return Err(Head::OverLimit);
                }
            }
            Some(_) => return Err(Head::Garbled(Garble::BodyLength)),
        }
    }
    Ok(Whereabouts {
        body_start: at + 1,
        body_length,
    })
}

/// Whether bytes begin with something.
enum Start {
    Yes,
    /// All there is agrees.
    Maybe,
    No,
}

fn starts_with(bytes: &[u8], wanted: &[u8]) -> Start {
    if bytes.starts_with(wanted) {
        Start::Yes
    } else if wanted.starts_with(bytes) {
        Start::Maybe
    } else {
        Start::No
    }
}

/// Where, behind the first byte, the next message may begin: at a whole `8=FIX`, or at the front
/// part of one that ends the bytes, or behind them all.
fn next_start(bytes: &[u8]) -> usize {
    let behind = bytes.get(1..).unwrap_or(&[]);
    if let Some(found) = memmem::find(behind, START) {
        return 1 + found;
    }
    let ends = (1..START.len()).rev();
    let mut starts = ends.filter(|&length| behind.ends_with(START.get(..length).unwrap_or(START)));
    bytes.len() - starts.next().unwrap_or(0)
}

#[cfg(test)]
mod tests;
