//! int, and what is built on it: Length, SeqNum, NumInGroup, TagNum, DayOfMonth.
//!
//! Digits with an optional minus; leading zeros are allowed by the specification (FIX 4.4, volume
//! 1, data types). No plus, no point, no blanks.

use super::ValueError;
use crate::digits::Value;

/// Reads a whole number, zero or above.
///
/// # Errors
/// Not digits (format); a minus before digits (range, at the minus); beyond 64 bits (range, at the
/// first digit that is too many).
///
/// ```
/// use gwanmun_fix::values::{ValueError, integer};
/// assert_eq!(integer::parse_uint(b"0042"), Ok(42));
/// assert_eq!(integer::parse_uint(b"4 2"), Err(ValueError::format(1)));
/// assert_eq!(integer::parse_uint(b"18446744073709551616"), Err(ValueError::range(19)));
/// ```
#[inline]
pub fn parse_uint(text: &[u8]) -> Result<u64, ValueError> {
    uint(Value::alone(text))
}

/// As [`parse_uint`] where what stands in front is at hand.
#[inline(always)]
pub(crate) fn uint(value: Value<'_>) -> Result<u64, ValueError> {
    match value.uint() {
        Some(number) => Ok(number),
        None => long_uint(value.text()),
    }
}

/// Reads a whole number.
///
/// # Errors
/// Not digits behind an optional minus (format); beyond 64 bits (range, at the first digit that is
/// too many).
///
/// ```
/// use gwanmun_fix::values::{ValueError, integer};
/// assert_eq!(integer::parse_int(b"-9223372036854775808"), Ok(i64::MIN));
/// assert_eq!(integer::parse_int(b"+1"), Err(ValueError::format(0)));
/// ```
#[inline]
pub fn parse_int(text: &[u8]) -> Result<i64, ValueError> {
    int(Value::alone(text))
}

/// As [`parse_int`] where what stands in front is at hand.
#[inline(always)]
pub(super) fn int(value: Value<'_>) -> Result<i64, ValueError> {
    let (number, is_negative) = value.int();
    match number.and_then(|number| i64::try_from(number).ok()) {
        Some(number) if is_negative => Ok(-number),
        Some(number) => Ok(number),
        None => long_int(value.text()),
    }
}

/// A whole number of any length, or what is wrong with it.
#[cold]
fn long_uint(text: &[u8]) -> Result<u64, ValueError> {
    let (digits, sign_bytes) = match text {
        [b'-', digits @ ..] => (digits, 1),
        digits => (digits, 0),
    };
    all_digits(digits).map_err(|error| error.behind(sign_bytes))?;
    if sign_bytes != 0 {
        return Err(ValueError::range(0));
    }
    let mut number: u64 = 0;
    for (at, &byte) in digits.iter().enumerate() {
        number = number
            .checked_mul(10)
            .and_then(|tens| tens.checked_add((byte - b'0').into()))
            .ok_or(ValueError::range(at))?;
    }
    Ok(number)
}

#[cold]
fn long_int(text: &[u8]) -> Result<i64, ValueError> {
    let (digits, sign_bytes) = match text {
        [b'-', digits @ ..] => (digits, 1),
        digits => (digits, 0),
    };
    all_digits(digits).map_err(|error| error.behind(sign_bytes))?;
    // Below zero, where the range is longer by one.
    let mut below: i64 = 0;
    for (at, &byte) in digits.iter().enumerate() {
        let error = ValueError::range(at + sign_bytes);
        below = below
            .checked_mul(10)
            .and_then(|tens| tens.checked_sub((byte - b'0').into()))
            .ok_or(error)?;
    }
    if sign_bytes != 0 {
        return Ok(below);
    }
    let last = digits.len().saturating_sub(1);
    below.checked_neg().ok_or(ValueError::range(last))
}

fn all_digits(digits: &[u8]) -> Result<(), ValueError> {
    match digits.iter().position(|byte| !byte.is_ascii_digit()) {
        None if digits.is_empty() => Err(ValueError::format(0)),
        None => Ok(()),
        Some(at) => Err(ValueError::format(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsigned_at_the_edges() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("7", Ok(7)),
            ("0000000000000000000000000000007", Ok(7)),
            ("9999999999999999", Ok(9_999_999_999_999_999)),
            ("10000000000000000", Ok(10_000_000_000_000_000)),
            ("18446744073709551615", Ok(u64::MAX)),
            ("18446744073709551616", Err(ValueError::range(19))),
            ("99999999999999999999", Err(ValueError::range(19))),
            ("1111111111111111111111111", Err(ValueError::range(20))),
            ("-1", Err(ValueError::range(0))),
            ("-0", Err(ValueError::range(0))),
            ("", Err(ValueError::format(0))),
            ("-", Err(ValueError::format(1))),
            ("--1", Err(ValueError::format(1))),
            ("+1", Err(ValueError::format(0))),
            ("1.0", Err(ValueError::format(1))),
            ("1,000", Err(ValueError::format(1))),
            (" 1", Err(ValueError::format(0))),
            ("1 ", Err(ValueError::format(1))),
            ("12\0", Err(ValueError::format(2))),
            ("\0", Err(ValueError::format(0))),
            ("NaN", Err(ValueError::format(0))),
            ("0x1F", Err(ValueError::format(1))),
            ("1e5", Err(ValueError::format(1))),
            ("99999999999999999999x", Err(ValueError::format(20))),
        ] {
            assert_eq!(parse_uint(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn signed_at_the_edges() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("-1", Ok(-1)),
            ("-000000000000000000000001", Ok(-1)),
            ("9223372036854775807", Ok(i64::MAX)),
            ("-9223372036854775808", Ok(i64::MIN)),
            ("9223372036854775808", Err(ValueError::range(18))),
            ("-9223372036854775809", Err(ValueError::range(19))),
            ("-9999999999999999", Ok(-9_999_999_999_999_999)),
            ("", Err(ValueError::format(0))),
            ("-", Err(ValueError::format(1))),
            ("--1", Err(ValueError::format(1))),
            ("1-", Err(ValueError::format(1))),
            ("-1.0", Err(ValueError::format(2))),
            ("-\0", Err(ValueError::format(1))),
        ] {
            assert_eq!(parse_int(text.as_bytes()), expected, "{text:?}");
        }
    }
}
