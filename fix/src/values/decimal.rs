//! float, and what is built on it: Price, Qty, Amt, PriceOffset, Percentage.
//!
//! A plain decimal: an optional minus, digits, at most one point; `5.` and `.5` are read, a lone
//! point or minus is not. It becomes an integer scaled by a power of ten, exactly or not at all: a
//! digit beyond the scale is refused unless it is zero. No exponent, no plus, no NaN, no blanks
//! (FIX 4.4, volume 1, data types; R-84).
//!
//! Departures from the obvious loop, for one to eight digits in front of the point and up to seven
//! behind:
//! 1. The last eight characters are one word, loaded by its end, so that no step depends on how
//!    long the text is.
//! 2. The point is found as a bit; how many zero bytes stand above that bit is how many decimals
//!    there are, and in front of it ends a second word of eight.
//! 3. Eight digits become a number by three multiplications, in both words at once.
//!
//! Everything longer, and everything wrong, goes through the obvious loop, which also says what is
//! wrong and where.

use super::ValueError;
use crate::digits::Value;

/// A decimal as it was written: `12.50` is 1250 with two decimals.
///
/// Equality is that of the text: `12.5` and `12.50` differ. To compare values, bring both to one
/// scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// All digits, without the point.
    pub mantissa: i64,
    /// How many of them stand behind the point.
    pub decimals: u8,
}

impl Decimal {
    /// Reads a decimal with as many digits behind the point as it has.
    ///
    /// # Errors
    /// Not a plain decimal (format); beyond 64 bits or 255 decimals (range).
    ///
    /// ```
    /// use gwanmun_fix::values::Decimal;
    /// let price = Decimal::parse(b"-37.630")?;
    /// assert_eq!(price, Decimal { mantissa: -37_630, decimals: 3 });
    /// assert_eq!(price.scaled(4), Some(-376_300));
    /// assert_eq!(price.scaled(1), None);
    /// # Ok::<(), gwanmun_fix::values::ValueError>(())
    /// ```
    #[inline]
    pub fn parse(text: &[u8]) -> Result<Decimal, ValueError> {
        as_written(Value::alone(text))
    }

    /// The same value as an integer scaled by `10^decimals`, `None` where it is not a whole number
    /// of those or does not fit.
    #[must_use]
    pub fn scaled(self, decimals: u32) -> Option<i64> {
        let held = u32::from(self.decimals);
        if self.mantissa == 0 {
            Some(0)
        } else if held <= decimals {
            self.mantissa
                .checked_mul(10_i64.checked_pow(decimals - held)?)
        } else {
            let divisor = 10_i64.checked_pow(held - decimals)?;
            (self.mantissa % divisor == 0).then_some(self.mantissa / divisor)
        }
    }
}

/// Reads a decimal as an integer scaled by `10^decimals`.
///
/// # Errors
/// Not a plain decimal (format, at the byte that is none); a digit other than zero beyond the
/// scale, or a value that does not fit (range, at the digit that is too many, or at the end where
/// scaling makes it too large).
///
/// ```
/// use gwanmun_fix::values::{ValueError, decimal};
/// assert_eq!(decimal::parse_scaled(b"71500", 4), Ok(715_000_000));
/// assert_eq!(decimal::parse_scaled(b"-0.05", 4), Ok(-500));
/// // Exactly or not at all.
/// assert_eq!(decimal::parse_scaled(b"1.00001", 4), Err(ValueError::range(6)));
/// assert_eq!(decimal::parse_scaled(b"1.2.3", 4), Err(ValueError::format(3)));
/// assert_eq!(decimal::parse_scaled(b"NaN", 4), Err(ValueError::format(0)));
/// ```
#[inline]
pub fn parse_scaled(text: &[u8], decimals: u32) -> Result<i64, ValueError> {
    scaled(Value::alone(text), decimals)
}

/// As [`parse_scaled`] where what stands in front is at hand.
#[inline(always)]
pub(crate) fn scaled(value: Value<'_>, decimals: u32) -> Result<i64, ValueError> {
    match short_scaled(value, decimals) {
        Some(number) => Ok(number),
        None => plain(value.text(), Some(decimals)).map(|decimal| decimal.mantissa),
    }
}

/// As [`Decimal::parse`] where what stands in front is at hand.
#[inline(always)]
pub(super) fn as_written(value: Value<'_>) -> Result<Decimal, ValueError> {
    match value.decimal() {
        Some(parts) => {
            let power = POWERS.get(parts.decimals as usize).unwrap_or(&1);
            // Fifteen digits at most.
            let magnitude = i64::from(parts.whole) * power + i64::from(parts.behind);
            Ok(Decimal {
                mantissa: signed(magnitude, parts.is_negative),
                decimals: u8::try_from(parts.decimals).unwrap_or(0),
            })
        }
        None => plain(value.text(), None),
    }
}

#[inline(always)]
fn short_scaled(value: Value<'_>, decimals: u32) -> Option<i64> {
    let parts = value.decimal()?;
    let power = POWERS.get(decimals as usize)?;
    let power_behind = POWERS.get(decimals.checked_sub(parts.decimals)? as usize)?;
    // What is behind the point is less than one, so the second product fits where the first does.
    let magnitude = i64::from(parts.whole)
        .checked_mul(*power)?
        .checked_add(i64::from(parts.behind) * power_behind)?;
    Some(signed(magnitude, parts.is_negative))
}

#[inline(always)]
const fn signed(magnitude: i64, is_negative: bool) -> i64 {
    if is_negative { -magnitude } else { magnitude }
}

/// Powers of ten that 64 bits hold with a sign.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut rest: &mut [i64] = &mut powers;
    let mut power = 1_i64;
    while let [first, behind @ ..] = rest {
        *first = power;
        power = power.saturating_mul(10);
        rest = behind;
    }
    powers
};

/// The obvious way, for texts of every length; without a scale as many decimals as are written.
#[cold]
fn plain(text: &[u8], scale: Option<u32>) -> Result<Decimal, ValueError> {
    let (digits, sign_bytes) = match text {
        [b'-', digits @ ..] => (digits, 1),
        digits => (digits, 0),
    };
    plain_form(digits).map_err(|error| error.behind(sign_bytes))?;
    // Below zero, where the range is longer by one.
    let mut below: i64 = 0;
    let mut decimals: Option<u32> = None;
    for (at, &byte) in digits.iter().enumerate() {
        let too_many = ValueError::range(at + sign_bytes);
        let Some(digit) = byte.checked_sub(b'0') else {
            decimals = Some(0);
            continue;
        };
        if let Some(taken) = decimals.as_mut() {
            if Some(*taken) == scale {
                if digit != 0 {
                    return Err(too_many);
                }
                continue;
            }
            *taken += 1;
        }
        below = below
            .checked_mul(10)
            .and_then(|tens| tens.checked_sub(digit.into()))
            .ok_or(too_many)?;
    }
    let end = ValueError::range(text.len());
    let taken = decimals.unwrap_or(0);
    if below != 0 {
        let power = 10_i64.checked_pow(scale.unwrap_or(taken) - taken);
        below = power
            .and_then(|power| below.checked_mul(power))
            .ok_or(end)?;
    }
    Ok(Decimal {
        mantissa: if sign_bytes != 0 {
            below
        } else {
            below.checked_neg().ok_or(end)?
        },
        decimals: u8::try_from(taken).map_err(|_| end)?,
    })
}

/// Digits and at most one point.
fn plain_form(digits: &[u8]) -> Result<(), ValueError> {
    let mut has_point = false;
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' if !has_point => has_point = true,
            _ => return Err(ValueError::format(at)),
        }
    }
    if digits.len() == usize::from(has_point) {
        return Err(ValueError::format(digits.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_at_four_decimals() {
        for (text, expected) in [
            ("0", Ok(0)),
            ("-0", Ok(0)),
            ("0.0", Ok(0)),
            ("5.", Ok(50_000)),
            (".5", Ok(5_000)),
            ("-.5", Ok(-5_000)),
            ("-37.63", Ok(-376_300)),
            ("0000000000000000000000000000001.5", Ok(15_000)),
            ("1.5000000000000000000000000000000", Ok(15_000)),
            ("0.0001", Ok(1)),
            ("0.00010", Ok(1)),
            ("99999999999999.9999", Ok(999_999_999_999_999_999)),
            ("922337203685477.5807", Ok(i64::MAX)),
            ("-922337203685477.5808", Ok(i64::MIN)),
            ("922337203685477.5808", Err(ValueError::range(20))),
            ("-922337203685477.5809", Err(ValueError::range(20))),
            ("922337203685478", Err(ValueError::range(15))),
            ("9999999999999999", Err(ValueError::range(16))),
            ("1234567890123456789012345", Err(ValueError::range(19))),
            ("0.00001", Err(ValueError::range(6))),
            ("0.000000000000000000001", Err(ValueError::range(22))),
            ("-1.23456", Err(ValueError::range(7))),
            ("", Err(ValueError::format(0))),
            ("-", Err(ValueError::format(1))),
            (".", Err(ValueError::format(1))),
            ("-.", Err(ValueError::format(2))),
            ("..", Err(ValueError::format(1))),
            ("1..2", Err(ValueError::format(2))),
            ("1.2.3", Err(ValueError::format(3))),
            (".1.", Err(ValueError::format(2))),
            ("--1", Err(ValueError::format(1))),
            ("1-", Err(ValueError::format(1))),
            ("1.-2", Err(ValueError::format(2))),
            ("+1", Err(ValueError::format(0))),
            ("1e5", Err(ValueError::format(1))),
            ("1E5", Err(ValueError::format(1))),
            ("NaN", Err(ValueError::format(0))),
            ("-inf", Err(ValueError::format(1))),
            ("1,000", Err(ValueError::format(1))),
            (" 1", Err(ValueError::format(0))),
            ("1 ", Err(ValueError::format(1))),
            ("1\0", Err(ValueError::format(1))),
            ("\x001", Err(ValueError::format(0))),
            ("1/2", Err(ValueError::format(1))),
            ("1:2", Err(ValueError::format(1))),
            ("99999999999999999999.x", Err(ValueError::format(21))),
        ] {
            assert_eq!(parse_scaled(text.as_bytes(), 4), expected, "{text:?}");
        }
    }

    #[test]
    fn every_scale() {
        assert_eq!(parse_scaled(b"7", 0), Ok(7));
        assert_eq!(parse_scaled(b"7.0", 0), Ok(7));
        assert_eq!(parse_scaled(b"7.5", 0), Err(ValueError::range(2)));
        assert_eq!(parse_scaled(b"7", 18), Ok(7_000_000_000_000_000_000));
        assert_eq!(parse_scaled(b"7", 19), Err(ValueError::range(1)));
        assert_eq!(
            parse_scaled(b"0.0000000000000000007", 19),
            Ok(7),
            "nineteen decimals"
        );
        for scale in [20, 255, u32::MAX] {
            assert_eq!(parse_scaled(b"0", scale), Ok(0));
            assert_eq!(parse_scaled(b"1", scale), Err(ValueError::range(1)));
        }
    }

    #[test]
    fn as_it_was_written() {
        let written = |mantissa, decimals| Ok(Decimal { mantissa, decimals });
        for (text, expected) in [
            ("12.50", written(1_250, 2)),
            ("12.", written(12, 0)),
            (".0", written(0, 1)),
            ("-0.000", written(0, 3)),
            ("9223372036854775807", written(i64::MAX, 0)),
            ("-.9223372036854775808", written(i64::MIN, 19)),
            (".9223372036854775808", Err(ValueError::range(20))),
            ("1.0000000000000000000", Err(ValueError::range(20))),
            ("1.2.3", Err(ValueError::format(3))),
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), expected, "{text:?}");
        }
        let zeros = |count: usize| [b".".to_vec(), vec![b'0'; count]].concat();
        assert_eq!(Decimal::parse(&zeros(255)), written(0, 255));
        assert_eq!(Decimal::parse(&zeros(256)), Err(ValueError::range(257)));
    }

    #[test]
    fn from_scale_to_scale() {
        let decimal = |mantissa, decimals| Decimal { mantissa, decimals };
        assert_eq!(decimal(1_250, 2).scaled(1), Some(125));
        assert_eq!(decimal(1_250, 2).scaled(0), None);
        assert_eq!(decimal(0, 255).scaled(0), Some(0));
        assert_eq!(decimal(1, 255).scaled(0), None);
        assert_eq!(decimal(i64::MIN, 0).scaled(0), Some(i64::MIN));
        assert_eq!(decimal(i64::MIN, 0).scaled(1), None);
        assert_eq!(decimal(-10, 1).scaled(u32::MAX), None);
    }
}
