//! A price as a signed integer with four decimals.

use crate::number::{self, NumberError};

/// Decimals that every price carries.
pub const PRICE_DECIMALS: u32 = 4;
/// One unit of currency or one index point, in price units.
pub const PRICE_SCALE: i64 = 10_000;

/// A price in units of 1/10,000; negative where the product allows it.
///
/// A won price carries four decimals like every other, so one type serves shares, futures and
/// options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

impl Price {
    /// Zero.
    pub const ZERO: Price = Price(0);

    /// A price of so many whole won or points.
    #[must_use]
    pub const fn from_whole(whole: i32) -> Price {
        Price(whole as i64 * PRICE_SCALE)
    }

    /// Reads decimal text such as `71500`, `-37.63` or `0.0500`.
    ///
    /// # Errors
    /// [`NumberError`] when the text is empty, not a plain decimal, has digits beyond the fourth
    /// decimal that are not zero, or does not fit.
    pub fn parse(text: &[u8]) -> Result<Price, NumberError> {
        number::parse_decimal(text, PRICE_DECIMALS).map(Price)
    }

    /// Writes the shortest decimal text and returns its length in bytes (at most 21).
    pub fn write(self, into: &mut [u8; number::DECIMAL_BYTES_MAX]) -> usize {
        number::write_decimal(self.0, PRICE_DECIMALS, into)
    }
}

impl core::fmt::Display for Price {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut text = [0; number::DECIMAL_BYTES_MAX];
        let length = self.write(&mut text);
        f.write_str(core::str::from_utf8(text.get(..length).unwrap_or(b"?")).unwrap_or("?"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_value_agree_both_ways() {
        for (text, value) in [
            ("0", 0),
            ("71500", 715_000_000),
            ("-37.63", -376_300),
            ("0.05", 500),
            ("-0.0001", -1),
            ("922337203685477.5807", i64::MAX),
            ("-922337203685477.5808", i64::MIN),
        ] {
            assert_eq!(Price::parse(text.as_bytes()), Ok(Price(value)), "{text}");
            assert_eq!(Price(value).to_string(), text);
        }
    }
}
