//! UTCTimeOnly: `HH:MM:SS` with no, three, six or nine decimals, as nanoseconds since midnight.
//!
//! Departures from the obvious way, for texts that are right:
//! 1. `HH:MM:SS` is one word: one multiplication makes three numbers of its six digits.
//! 2. What may be wrong is gathered as bits and looked at once.
//!
//! What is not right so far, leap seconds included, goes the obvious way, which also says what is
//! wrong and where.

use super::{ValueError, form, form_of, number_at};
use crate::digits::{self, ZEROS};

/// Nanoseconds of a second.
pub(super) const NS_PER_SECOND: u64 = 1_000_000_000;

/// Reads a time of day as nanoseconds since midnight.
///
/// A leap second, `23:59:60`, counts on: its nanoseconds are the only ones from 86,400 s on.
///
/// # Errors
/// Not of the form, fractions of other lengths included (format); no such hour, minute or second
/// (range, at it); twelve decimals, which are picoseconds and not held here (range, at the tenth).
///
/// ```
/// use gwanmun_fix::values::{ValueError, utc_time_only};
/// assert_eq!(utc_time_only::parse(b"00:00:01.5"), Err(ValueError::format(10)));
/// assert_eq!(utc_time_only::parse(b"00:00:01.500"), Ok(1_500_000_000));
/// ```
#[inline]
pub fn parse(text: &[u8]) -> Result<u64, ValueError> {
    match quick(text) {
        Some(ns) => Ok(ns),
        None => plain(text),
    }
}

/// A text that is right and no leap second, `None` for all others.
#[inline(always)]
pub(crate) fn quick(text: &[u8]) -> Option<u64> {
    const COLONS: u64 = 0x0000_FF00_00FF_0000;
    let (fraction_ns, odd_fraction) = quick_fraction_ns(text)?;
    let clock = u64::from_le_bytes(*text.first_chunk()?) ^ u64::from_le_bytes(*b"00:00:00");
    let odd_clock = digits::not_digits(clock) | (clock & COLONS);
    // Byte 0, 3 and 6: hour, minute and second.
    let pairs = clock.wrapping_mul(10).wrapping_add(clock >> 8);
    let [hour, minute, second] = [0, 24, 48].map(|shift| (pairs >> shift) & 0xFF);
    let is_late = (hour > 23) | (minute > 59) | (second > 59);
    if (odd_clock | odd_fraction) != 0 || is_late {
        return None;
    }
    Some((hour * 3_600 + minute * 60 + second) * NS_PER_SECOND + fraction_ns)
}

/// Nanoseconds of what stands behind the seconds, and bits that are set where something there is
/// wrong; `None` for a length that there is not.
#[inline(always)]
fn quick_fraction_ns(text: &[u8]) -> Option<(u64, u64)> {
    match text.len() {
        8 => Some((0, 0)),
        12 => {
            // `.` and three digits at the end of a word.
            let bytes = text.last_chunk()?;
            let word = u64::from(u32::from_le_bytes(*bytes) ^ u32::from_le_bytes(*b".000")) << 32;
            let (number, odd) = digits::number(word);
            Some((u64::from(number) * 1_000_000, odd | (word & 0xFF << 32)))
        }
        15 => {
            // A digit of the seconds, `.`, and six digits.
            let word = u64::from_le_bytes(*text.last_chunk()?) ^ u64::from_le_bytes(*b"0.000000");
            let (number, odd) = digits::number(word & !0xFFFF);
            Some((u64::from(number) * 1_000, odd | (word & 0xFF00)))
        }
        18 => {
            let point = u64::from(*text.get(8)? ^ b'.');
            let first = u64::from(text.get(9)? ^ b'0');
            let (number, odd) = digits::number(u64::from_le_bytes(*text.last_chunk()?) ^ ZEROS);
            let ns = first * 100_000_000 + u64::from(number);
            Some((ns, odd | point | u64::from(first > 9)))
        }
        _ => None,
    }
}

/// The obvious way, for every text.
#[cold]
pub(super) fn plain(text: &[u8]) -> Result<u64, ValueError> {
    form(text, b"00:00:00")?;
    let fraction = fraction_ns(text.get(8..).unwrap_or(&[])).map_err(|error| error.behind(8));
    form_of(&fraction)?;
    let [hour, minute, second] = [0, 3, 6].map(|at| number_at(text, at, 2));
    in_range(hour, minute, second)?;
    let seconds = u64::from(hour * 3_600 + minute * 60 + second);
    Ok(seconds * NS_PER_SECOND + fraction?)
}

/// Whether there is such a time; the places of errors are those of `HH:MM:SS`.
pub(super) fn in_range(hour: u32, minute: u32, second: u32) -> Result<(), ValueError> {
    let is_leap_second = (hour, minute, second) == (23, 59, 60);
    if hour > 23 {
        Err(ValueError::range(0))
    } else if minute > 59 {
        Err(ValueError::range(3))
    } else if second > 59 && !is_leap_second {
        Err(ValueError::range(6))
    } else {
        Ok(())
    }
}

/// Nanoseconds of what follows the seconds: nothing, or a point and three, six or nine digits.
pub(super) fn fraction_ns(text: &[u8]) -> Result<u64, ValueError> {
    let Some((&point, digits)) = text.split_first() else {
        return Ok(0);
    };
    if point != b'.' {
        return Err(ValueError::format(0));
    }
    if let Some(at) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
        return Err(ValueError::format(1 + at));
    }
    let number = |at, length| u64::from(number_at(digits, at, length));
    match digits.len() {
        3 => Ok(number(0, 3) * 1_000_000),
        6 => Ok(number(0, 6) * 1_000),
        9 => Ok(number(0, 1) * 100_000_000 + number(1, 8)),
        12 => Err(ValueError::range(10)),
        // What is missing, or too much, is at the end of the longest form that fits.
        length => Err(ValueError::format(1 + length.min(9))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        for (text, expected) in [
            ("00:00:00", Ok(0)),
            ("23:59:59", Ok(86_399_000_000_000)),
            ("23:59:60", Ok(86_400_000_000_000)),
            ("23:59:60.999999999", Ok(86_400_999_999_999)),
            ("09:30:15.001", Ok(34_215_001_000_000)),
            ("09:30:15.000001", Ok(34_215_000_001_000)),
            ("09:30:15.000000001", Ok(34_215_000_000_001)),
            ("24:00:00", Err(ValueError::range(0))),
            ("00:60:00", Err(ValueError::range(3))),
            ("00:00:60", Err(ValueError::range(6))),
            ("23:58:60", Err(ValueError::range(6))),
            ("23:59:61", Err(ValueError::range(6))),
            ("99:99:99", Err(ValueError::range(0))),
            ("00:00:00.123456789012", Err(ValueError::range(18))),
            ("24:00:00.1", Err(ValueError::format(10))),
            ("", Err(ValueError::format(0))),
            ("00:00:0", Err(ValueError::format(7))),
            ("00:00", Err(ValueError::format(5))),
            ("0:00:00", Err(ValueError::format(1))),
            ("00-00-00", Err(ValueError::format(2))),
            ("00:00:00,123", Err(ValueError::format(8))),
            ("00:00:00.", Err(ValueError::format(9))),
            ("00:00:00.1", Err(ValueError::format(10))),
            ("00:00:00.1234", Err(ValueError::format(13))),
            ("00:00:00.1234567890", Err(ValueError::format(18))),
            ("00:00:00.12a", Err(ValueError::format(11))),
            ("00:00:00.12\0", Err(ValueError::format(11))),
            ("00:00:00Z", Err(ValueError::format(8))),
            ("-0:00:00", Err(ValueError::format(0))),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text:?}");
        }
    }
}
