//! Values as words of text: up to eight or sixteen characters, the first in the lowest byte, zeros
//! behind the last.
//!
//! What the writer and the template share. A word is made in registers, stored whole, and summed
//! where it is, so that CheckSum(10) needs no second look at memory. Not here: where the words go.

use gwanmun_market::{PRICE_SCALE, Price};

use crate::SOH;
use crate::digits::{self, sum};

/// Text of at most sixteen characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// The first eight characters, the first in the lowest byte; zeros behind the last.
    pub(super) low: u64,
    /// Those behind the first eight.
    pub(super) high: u64,
    /// How many; at most 16.
    pub(super) length: usize,
}

impl Piece {
    /// At most eight characters.
    #[inline(always)]
    const fn short(low: u64, length: usize) -> Piece {
        Piece {
            low,
            high: 0,
            length,
        }
    }

    /// One character; a control byte becomes `?`.
    #[inline(always)]
    pub(super) fn char(value: u8) -> Piece {
        let value = if value.is_ascii_control() {
            b'?'
        } else {
            value
        };
        Piece::short(value.into(), 1)
    }

    /// A whole number in its shortest form, `None` from 10,000,000 on.
    #[inline(always)]
    pub(super) fn uint(value: u64) -> Option<Piece> {
        let value = u32::try_from(value).ok().filter(|&n| n < 10_000_000)?;
        let (word, length) = digits::shortest(value);
        Some(Piece::short(word, length as usize))
    }

    /// A whole number with zeros in front, so that it has `width` digits; `None` where it has more
    /// or the width is above sixteen.
    #[inline(always)]
    pub(super) fn padded(value: u64, width: usize) -> Option<Piece> {
        if width <= 8 {
            let word = padded_eight(value, width)?;
            return Some(Piece::short(word, width));
        }
        let front_width = width.checked_sub(8).filter(|&front| front <= 8)?;
        let front = padded_eight(value / 100_000_000, front_width)?;
        let back = digits::eight(u32::try_from(value % 100_000_000).ok()?);
        Some(Piece {
            low: front | back.unbounded_shl(bits(front_width)),
            high: back.unbounded_shr(64 - bits(front_width)),
            length: width,
        })
    }

    /// A price in its shortest form, `None` from 10,000,000 whole units on.
    #[inline(always)]
    pub(super) fn price(value: Price) -> Option<Piece> {
        let is_negative = value.0 < 0;
        let magnitude = value.0.unsigned_abs();
        let scale = PRICE_SCALE.unsigned_abs();
        let whole = Piece::uint(magnitude / scale)?;
        let (decimals, decimals_length) = four_decimals(magnitude % scale);
        let (sign, sign_length) = if is_negative { (b'-', 1) } else { (0, 0) };
        let length = sign_length + whole.length;
        let front = u64::from(sign) | whole.low << (8 * sign_length);
        // At most eight characters are in front of the point, and at least one is.
        Some(Piece {
            low: front | decimals.unbounded_shl(bits(length)),
            high: decimals.unbounded_shr(64 - bits(length)),
            length: length + decimals_length,
        })
    }

    /// Text of at most fifteen bytes, `?` for each control byte; `None` for a longer one.
    #[inline(always)]
    pub(super) fn text(value: &[u8]) -> Option<Piece> {
        let length = value.len();
        let (low, high, odd) = match (value.first_chunk::<8>(), value.last_chunk::<8>()) {
            (Some(first), Some(last)) if length < 16 => {
                let [low, last] = [first, last].map(|half| u64::from_le_bytes(*half));
                // Two halves that overlap, of the second only what the first does not have.
                let high = last.unbounded_shr(128 - bits(length));
                (
                    low,
                    high,
                    digits::control_bytes(low) | digits::control_bytes(last),
                )
            }
            _ => {
                let low = digits::short_word(value)?;
                // The bytes behind are looked at as spaces.
                let spaces = digits::SPACES.unbounded_shl(bits(length));
                (low, 0, digits::control_bytes(low | spaces))
            }
        };
        let (low, high) = if odd == 0 {
            (low, high)
        } else {
            masked(low, high, length)
        };
        Some(Piece { low, high, length })
    }

    /// The same with SOH behind it; at most fifteen characters have room for it.
    #[inline(always)]
    pub(super) fn ended(self) -> Piece {
        debug_assert!(self.length < 16);
        let end = u64::from(SOH);
        // A shift by 64 and more, one below zero included, leaves nothing.
        Piece {
            low: self.low | end.unbounded_shl(bits(self.length)),
            high: self.high | end.unbounded_shl(bits(self.length).wrapping_sub(64)),
            length: self.length + 1,
        }
    }

    /// The sum of its bytes.
    #[inline(always)]
    pub(super) fn sum(self) -> u32 {
        sum(self.low) + sum(self.high)
    }

    /// All sixteen bytes.
    #[inline(always)]
    pub(super) const fn bytes(self) -> [u8; 16] {
        (self.low as u128 | (self.high as u128) << 64).to_le_bytes()
    }

    /// The last eight of at least eight characters.
    #[inline(always)]
    pub(super) fn last_eight(self) -> u64 {
        let before = bits(self.length).wrapping_sub(64);
        self.low.unbounded_shr(before) | self.high.unbounded_shl(64_u32.wrapping_sub(before))
    }
}

/// The last `width` digits of a number, at most eight; `None` where it has more.
#[inline(always)]
fn padded_eight(value: u64, width: usize) -> Option<u64> {
    let value = u32::try_from(value).ok().filter(|&n| n < 100_000_000)?;
    let word = digits::eight(value);
    // What is cut off in front must be zeros.
    let lost = (word ^ digits::ZEROS).unbounded_shl(bits(width));
    (lost == 0).then_some(word.unbounded_shr(64 - bits(width)))
}

/// Bits of so many bytes, of which there are few.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "a length of at most sixteen bytes"
)]
const fn bits(bytes: usize) -> u32 {
    8 * bytes as u32
}

/// The sum of any bytes, modulo 256.
#[inline]
pub(super) fn sum_of(bytes: &[u8]) -> u32 {
    let (blocks, rest) = bytes.as_chunks::<16>();
    // Sixteen sums modulo 256 side by side, which the compiler keeps in one vector.
    let mut lanes = [0_u8; 16];
    for block in blocks {
        for (lane, byte) in lanes.iter_mut().zip(block) {
            *lane = lane.wrapping_add(*byte);
        }
    }
    let (words, rest) = rest.as_chunks::<8>();
    let (halves, _) = lanes.as_chunks::<8>();
    let mut total = sum(digits::short_word(rest).unwrap_or(0));
    for word in words.iter().chain(halves) {
        total += sum(u64::from_le_bytes(*word));
    }
    total & 0xFF
}

/// The point and up to four decimals without zeros at their end, and how many bytes; nothing for
/// zero.
#[inline(always)]
fn four_decimals(decimals: u64) -> (u64, usize) {
    if decimals == 0 {
        return (0, 0);
    }
    // Two numbers below 100 in bytes 0 and 2, then the tens and ones of both.
    let pairs = (decimals / 100) | (decimals % 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F;
    let values = tens | (pairs - tens * 10) << 8;
    let zeros = values.leading_zeros() / 8 - 4;
    let word = values | (digits::ZEROS >> 32);
    let kept = (word & (0xFFFF_FFFF >> (8 * zeros))) << 8 | u64::from(b'.');
    (kept, 5 - zeros as usize)
}

/// Text with `?` for each control byte among its first `length` ones.
#[cold]
#[inline(never)]
fn masked(low: u64, high: u64, length: usize) -> (u64, u64) {
    let mut halves = [low.to_le_bytes(), high.to_le_bytes()];
    for byte in halves.as_flattened_mut().iter_mut().take(length) {
        if byte.is_ascii_control() {
            *byte = b'?';
        }
    }
    let [low, high] = halves.map(u64::from_le_bytes);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn text(piece: Piece) -> String {
        let bytes = piece.bytes();
        assert!(bytes[piece.length..].iter().all(|&byte| byte == 0));
        assert_eq!(piece.sum() & 0xFF, sum_of(&bytes));
        if piece.length >= 8 {
            let last = &bytes[piece.length - 8..piece.length];
            assert_eq!(piece.last_eight().to_le_bytes(), last);
        }
        String::from_utf8(bytes[..piece.length].to_vec()).unwrap()
    }

    #[test]
    fn numbers_of_every_length() {
        let mut random = Random::seeded(31);
        for round in 0..100_000_u64 {
            let value = random.below(10_u64.pow((round % 8) as u32));
            assert_eq!(text(Piece::uint(value).unwrap()), value.to_string());
            let width = (round % 18) as usize;
            let value = random.below(10_u64.pow((round % 19) as u32));
            let expected = format!("{value:0width$}");
            let fits = width <= 16 && (expected.len() == width || (value, width) == (0, 0));
            match Piece::padded(value, width) {
                Some(piece) if width > 0 => assert_eq!(text(piece), expected),
                Some(piece) => assert_eq!((text(piece).as_str(), value), ("", 0)),
                None => assert!(!fits, "{value} in {width}"),
            }
            let price = Price(random.next().cast_signed() >> (24 + round % 40));
            if let Some(piece) = Piece::price(price) {
                assert_eq!(text(piece), price.to_string());
            } else {
                assert!(price.0.unsigned_abs() >= 100_000_000_000);
            }
        }
        assert!(Piece::uint(10_000_000).is_none());
        assert!(Piece::price(Price(100_000_000_000)).is_none());
    }

    #[test]
    fn sums_of_every_length() {
        let mut random = Random::seeded(32);
        let bytes: Vec<u8> = (0..300).map(|_| (random.next() & 0xFF) as u8).collect();
        for length in 0..bytes.len() {
            let plain: u32 = bytes[..length].iter().map(|&byte| u32::from(byte)).sum();
            assert_eq!(sum_of(&bytes[..length]), plain & 0xFF);
        }
    }

    #[test]
    fn texts_of_every_length() {
        for length in 0..16 {
            let mut value = vec![b'a'; length];
            for place in 0..length {
                for byte in 0..=127 {
                    value[place] = byte;
                    let expected = if byte.is_ascii_control() { b'?' } else { byte };
                    let written = text(Piece::text(&value).unwrap());
                    value[place] = expected;
                    assert_eq!(written.as_bytes(), value);
                }
                value[place] = b'b';
            }
        }
        assert!(Piece::text(&[b'a'; 16]).is_none());
    }
}
