//! Decimal text to integers and back, without floating point.
//!
//! FIX writes prices, quantities and counts as plain decimal text: an optional minus, digits, at
//! most one point. Anything else (`NaN`, `1e5`, `+1`, a blank, a NUL) is refused here, before a
//! number exists.

/// Why text is not the number it should be. The fault lies with the sender's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberError {
    /// No digits at all.
    Empty,
    /// A character that a plain decimal may not hold.
    NotANumber,
    /// Digits other than zero beyond the decimals this value has.
    TooPrecise,
    /// The value does not fit the integer that holds it.
    Overflow,
    /// A minus where only zero and above make sense.
    Negative,
}

impl NumberError {
    /// A short text for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            NumberError::Empty => "no digits",
            NumberError::NotANumber => "not a plain decimal number",
            NumberError::TooPrecise => "too many decimals",
            NumberError::Overflow => "number out of range",
            NumberError::Negative => "negative where only zero and above make sense",
        }
    }
}

/// Longest text [`write_decimal`] can produce: a minus, 19 digits and a point.
pub const DECIMAL_BYTES_MAX: usize = 21;

/// Reads a signed decimal as an integer scaled by `10^decimals`.
///
/// `5.` and `.5` are read; a lone point or a lone minus is not.
///
/// # Errors
/// [`NumberError`], never [`NumberError::Negative`].
pub fn parse_decimal(text: &[u8], decimals: u32) -> Result<i64, NumberError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let mut value: i64 = 0;
    let mut seen_digits = false;
    let mut fraction: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'.' if fraction.is_none() => fraction = Some(0),
            b'0'..=b'9' => {
                seen_digits = true;
                if let Some(taken) = fraction.as_mut() {
                    if *taken == decimals {
                        if byte != b'0' {
                            return Err(NumberError::TooPrecise);
                        }
                        continue;
                    }
                    *taken += 1;
                }
                value = push_digit(value, byte)?;
            }
            _ => return Err(NumberError::NotANumber),
        }
    }
    if !seen_digits {
        return Err(if text.is_empty() {
            NumberError::Empty
        } else {
            NumberError::NotANumber
        });
    }
    for _ in fraction.unwrap_or(0)..decimals {
        value = value.checked_mul(10).ok_or(NumberError::Overflow)?;
    }
    // Values are built below zero, because the negative range is the longer one.
    if negative {
        Ok(value)
    } else {
        value.checked_neg().ok_or(NumberError::Overflow)
    }
}

fn push_digit(value: i64, byte: u8) -> Result<i64, NumberError> {
    value
        .checked_mul(10)
        .and_then(|scaled| scaled.checked_sub(i64::from(byte - b'0')))
        .ok_or(NumberError::Overflow)
}

/// Reads a quantity: zero or above, whole, though `100.0` is read as 100 as the specification
/// allows.
///
/// # Errors
/// [`NumberError`] for anything else.
pub fn parse_quantity(text: &[u8]) -> Result<u32, NumberError> {
    let value = parse_decimal(text, 0)?;
    if value < 0 {
        return Err(NumberError::Negative);
    }
    u32::try_from(value).map_err(|_| NumberError::Overflow)
}

/// Writes `value / 10^decimals` as the shortest decimal text; returns its length in bytes.
pub fn write_decimal(value: i64, decimals: u32, into: &mut [u8; DECIMAL_BYTES_MAX]) -> usize {
    let mut reversed = [0_u8; DECIMAL_BYTES_MAX];
    let mut length = 0;
    let mut rest = value.unsigned_abs();
    let mut place = 0;
    let mut push = |byte: u8| {
        if let Some(slot) = reversed.get_mut(length) {
            *slot = byte;
            length += 1;
        }
    };
    let mut fraction_written = false;
    while rest > 0 || place <= decimals {
        let digit = u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if place == decimals && fraction_written {
            push(b'.');
        }
        if place >= decimals || digit != 0 || fraction_written {
            push(b'0' + digit);
            fraction_written |= place < decimals;
        }
        place += 1;
    }
    if value < 0 {
        push(b'-');
    }
    for (to, from) in into.iter_mut().zip(reversed.iter().take(length).rev()) {
        *to = *from;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_plain_decimal() {
        for (text, error) in [
            (&b""[..], NumberError::Empty),
            (b"-", NumberError::NotANumber),
            (b".", NumberError::NotANumber),
            (b"NaN", NumberError::NotANumber),
            (b"inf", NumberError::NotANumber),
            (b"1e5", NumberError::NotANumber),
            (b"+1", NumberError::NotANumber),
            (b" 1", NumberError::NotANumber),
            (b"1.2.3", NumberError::NotANumber),
            (b"100\0", NumberError::NotANumber),
            (b"--1", NumberError::NotANumber),
            (b"0.00001", NumberError::TooPrecise),
            (b"922337203685477.5808", NumberError::Overflow),
            (b"99999999999999999999", NumberError::Overflow),
        ] {
            assert_eq!(
                parse_decimal(text, 4),
                Err(error),
                "{:?}",
                String::from_utf8_lossy(text)
            );
        }
    }

    #[test]
    fn reads_quantities() {
        assert_eq!(parse_quantity(b"100"), Ok(100));
        assert_eq!(parse_quantity(b"100.00"), Ok(100));
        assert_eq!(parse_quantity(b"4294967295"), Ok(u32::MAX));
        assert_eq!(parse_quantity(b"4294967296"), Err(NumberError::Overflow));
        assert_eq!(parse_quantity(b"-1"), Err(NumberError::Negative));
        assert_eq!(parse_quantity(b"1.5"), Err(NumberError::TooPrecise));
    }

    #[test]
    fn every_written_number_reads_back() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        for _ in 0..100_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = state.cast_signed() >> (state % 60);
            for decimals in [0, 1, 4] {
                let mut text = [0; DECIMAL_BYTES_MAX];
                let length = write_decimal(value, decimals, &mut text);
                assert_eq!(parse_decimal(&text[..length], decimals), Ok(value));
            }
        }
    }
}
