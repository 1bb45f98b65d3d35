//! Decimal digits eight at a time: one 64-bit word holds eight characters, the first in its lowest
//! byte.
//!
//! The codec's inner loops, shared by numbers, times and tags. Not here: what a number means.

/// Eight times `0`.
pub(crate) const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The number that eight characters make, `None` where one is no digit.
#[inline]
pub(crate) fn read_eight(text: [u8; 8]) -> Option<u32> {
    let digits = u64::from_le_bytes(text) ^ ZEROS;
    let (number, not_digits) = number(digits);
    if not_digits == 0 { Some(number) } else { None }
}

/// The number that one to eight characters make, `None` for more or none, or where one is no digit.
#[inline]
pub(crate) fn read_short(text: &[u8]) -> Option<u32> {
    let missing = 8_usize
        .checked_sub(text.len())
        .filter(|&missing| missing < 8)?;
    // Zero bytes come in front, for the digit zero.
    let (number, not_digits) = number((short_word(text)? ^ ZEROS) << (8 * missing));
    if not_digits == 0 { Some(number) } else { None }
}

/// The number that eight digit values make, and bits that are set where one is above nine.
#[inline(always)]
pub(crate) fn number(digits: u64) -> (u32, u64) {
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    let eights = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    (u32::try_from(eights).unwrap_or(0), not_digits(digits))
}

/// Bits that are set where one of eight digit values is above nine.
#[inline(always)]
pub(crate) fn not_digits(digits: u64) -> u64 {
    (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
}

/// The eight digits of a number below 100,000,000, leading zeros included.
#[inline]
pub(crate) fn eight(number: u32) -> u64 {
    debug_assert!(number < 100_000_000);
    // Two, then four, then eight numbers in lanes of one word; each division is a multiplication
    // by the rounded reciprocal, exact for so few digits.
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | ((fours - hundreds * 100) << 16);
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    (tens | ((pairs - tens * 10) << 8)) | ZEROS
}

/// The three digits of a number below 1,000, leading zeros included.
#[inline]
pub(crate) fn three(number: u32) -> u64 {
    debug_assert!(number < 1_000);
    // Multiplied by the rounded reciprocals, exact for so few digits.
    let number = u64::from(number);
    let hundreds = (number * 5_243) >> 19;
    let rest = number - hundreds * 100;
    let tens = (rest * 103) >> 10;
    (hundreds | tens << 8 | (rest - tens * 10) << 16) + u64::from_le_bytes(*b"000\0\0\0\0\0")
}

/// A number below 100,000,000 in its shortest form: characters, and how many.
#[inline]
pub(crate) fn shortest(number: u32) -> (u64, u32) {
    let text = eight(number);
    // The last digit is written even if it is zero.
    let leading_zeros = ((text ^ ZEROS) | 1 << 63).trailing_zeros() / 8;
    (text >> (8 * leading_zeros), 8 - leading_zeros)
}

/// Up to eight bytes as a word, zeros behind them; `None` for more.
#[inline]
pub(crate) fn short_word(bytes: &[u8]) -> Option<u64> {
    match *bytes {
        [] => Some(0),
        [a] => Some(u64::from(a)),
        [a, b] => Some(u64::from_le_bytes([a, b, 0, 0, 0, 0, 0, 0])),
        [a, b, c] => Some(u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0])),
        _ if bytes.len() <= 8 => {
            // Two overlapping halves.
            let low = u64::from(u32::from_le_bytes(*bytes.first_chunk()?));
            let high = u64::from(u32::from_le_bytes(*bytes.last_chunk()?));
            Some(low | high << (8 * (bytes.len() - 4)))
        }
        _ => None,
    }
}

/// A value where it stands, so that eight bytes may be loaded that end with it, whatever is in
/// front.
///
/// A value's length is as unpredictable as the value. Loaded by its end and with what is in front
/// cut off by a shift, every length takes the same instructions and no branch. One word of sixteen
/// bytes instead of two of eight was tried: its shifts by a variable took 6 % longer for five
/// values of an order on Zen 4.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    /// The value's bytes and those in front of it.
    bytes: &'a [u8],
    /// Invariant: `start` to `end` is the value, in `bytes`.
    start: usize,
    end: usize,
}

impl<'a> Value<'a> {
    /// The value from one place of the bytes to another; `None` where it does not lie within them.
    #[inline(always)]
    pub(crate) fn between(bytes: &'a [u8], start: usize, end: usize) -> Option<Value<'a>> {
        (start <= end && end <= bytes.len()).then_some(Value { bytes, start, end })
    }

    /// A value of which nothing else is known.
    #[inline(always)]
    pub(crate) fn alone(value: &'a [u8]) -> Value<'a> {
        Value {
            bytes: value,
            start: 0,
            end: value.len(),
        }
    }

    /// The value's bytes.
    #[inline(always)]
    pub(crate) fn text(self) -> &'a [u8] {
        self.bytes.get(self.start..self.end).unwrap_or(&[])
    }

    /// Digit values of the last `length` characters in front of `end`, 1 to 8 of them, zeros in
    /// front. Of another length as many as it is modulo eight.
    #[inline(always)]
    fn digits_before(self, end: usize, length: usize) -> u64 {
        let front = self.bytes.get(..end).unwrap_or(&[]);
        let word = match front.last_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None => near_front(front),
        };
        // 64 bits less eight for each character, modulo 64 as the processor counts shifts.
        let shift = low_bits(length).wrapping_mul(8).wrapping_neg();
        (word ^ ZEROS).wrapping_shr(shift).wrapping_shl(shift)
    }

    /// The number that one to sixteen digits make, `None` where one is no digit.
    #[inline(always)]
    pub(crate) fn uint(self) -> Option<u64> {
        let length = self.end - self.start;
        if length.wrapping_sub(1) < 8 {
            let (value, odd) = number(self.digits_before(self.end, length));
            return (odd == 0).then_some(value.into());
        }
        let behind = length.checked_sub(8).filter(|&n| 0 < n && n <= 8)?;
        let (back, odd) = number(self.digits_before(self.end, 8));
        let (front, odd_front) = number(self.digits_before(self.end - 8, behind));
        let value = u64::from(front) * 100_000_000 + u64::from(back);
        (odd | odd_front == 0).then_some(value)
    }

    /// As [`Value::uint`] behind an optional minus, and whether there is one.
    #[inline(always)]
    pub(crate) fn int(self) -> (Option<u64>, bool) {
        let is_negative = self.bytes.get(self.start) == Some(&b'-') && self.start < self.end;
        let start = self.start + usize::from(is_negative);
        (Value { start, ..self }.uint(), is_negative)
    }

    /// A decimal as the number that all its digits make, how many of them stand behind the point,
    /// and whether a minus stands in front of it all. `None` where it is no plain decimal; of more
    /// than eight characters also where it has none or more than eight digits in front of the
    /// point, or more than seven behind.
    #[inline(always)]
    pub(crate) fn decimal(self) -> Option<Parts> {
        let is_negative = self.bytes.get(self.start) == Some(&b'-') && self.start < self.end;
        let start = self.start + usize::from(is_negative);
        let length = self.end - start;
        if length > 8 {
            return Value { start, ..self }.long_decimal(is_negative);
        }
        if length == 0 {
            return None;
        }
        let (last, decimals, point_bytes) = self.point(length);
        // Both sides of the point pushed together: what is in front of it moves over it.
        let behind_point = u64::MAX >> (8 * decimals);
        let in_front = last & (behind_point >> (8 * point_bytes));
        let (digits, odd) = number(last & !behind_point | in_front << (8 * point_bytes));
        (odd == 0 && length > usize::from(point_bytes)).then_some(Parts {
            digits: digits.into(),
            decimals,
            is_negative,
        })
    }

    /// As [`Value::decimal`] for more than eight characters, none of them a minus.
    #[inline(never)]
    fn long_decimal(self, is_negative: bool) -> Option<Parts> {
        let (last, decimals, point_bytes) = self.point(8);
        let behind = last & !(u64::MAX >> (8 * decimals));
        let whole_end = self.end - decimals as usize - usize::from(point_bytes);
        let whole_length = whole_end.wrapping_sub(self.start);
        let (behind, odd_behind) = number(behind);
        let (whole, odd_whole) = number(self.digits_before(whole_end, whole_length));
        let is_short = whole_length.wrapping_sub(1) < 8;
        (is_short && odd_behind | odd_whole == 0).then_some(Parts {
            digits: u64::from(whole) * 10_u64.pow(decimals) + u64::from(behind),
            decimals,
            is_negative,
        })
    }

    /// Digit values of the last `length` characters, 1 to 8 of them, how many stand behind the last
    /// point among them, and the bytes of the point: 1 where there is one. Without one there are no
    /// decimals.
    #[inline(always)]
    fn point(self, length: usize) -> (u64, u32, u8) {
        const DOTS: u64 = (b'.' ^ b'0') as u64 * 0x0101_0101_0101_0101;
        const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
        let last = self.digits_before(self.end, length);
        // The high bit of each byte that is a point; one too many is no digit in what follows.
        let odd = last ^ DOTS;
        let dots = !(((odd & LOW) + LOW) | odd) & !LOW;
        // Without a point there are eight zero bytes above it.
        (last, (dots.leading_zeros() / 8) & 7, u8::from(dots != 0))
    }
}

/// The low half of a length, all that a shift looks at.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "shifts count modulo 64 bits"
)]
const fn low_bits(length: usize) -> u32 {
    length as u32
}

/// What a decimal is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    /// All digits as one number, below 10^15.
    pub(crate) digits: u64,
    /// How many of them stand behind the point; at most 7.
    pub(crate) decimals: u32,
    pub(crate) is_negative: bool,
}

/// Fewer than eight bytes, at the end of a word.
#[cold]
fn near_front(bytes: &[u8]) -> u64 {
    let missing = u32::try_from(8 - bytes.len().min(8)).unwrap_or(0);
    short_word(bytes).unwrap_or(0).unbounded_shl(8 * missing)
}

/// Bits that are set where one of the eight bytes is an ASCII control byte.
#[inline]
pub(crate) fn control_bytes(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let low_seven = word & !HIGH;
    // Below 0x20: adding 0x60 does not reach 0x80. 0x7F: it becomes zero.
    let below = !(low_seven + 0x6060_6060_6060_6060);
    let delete = !((low_seven ^ 0x7F7F_7F7F_7F7F_7F7F) + 0x7F7F_7F7F_7F7F_7F7F);
    (below | delete) & !word & HIGH
}

/// The sum of eight bytes, at most 2,040.
#[inline(always)]
pub(crate) const fn sum(word: u64) -> u32 {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    let pairs = (word & EVEN) + ((word >> 8) & EVEN);
    // The top lane of the product is the sum of all four.
    (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}

/// The sum of 32 bytes.
#[inline(always)]
pub(crate) const fn sum_of_four([a, b, c, d]: [u64; 4]) -> u32 {
    const EVEN: u64 = 0x00FF_00FF_00FF_00FF;
    // Each lane of 16 bits adds up eight bytes, the top lane of the product all 32.
    let even = (a & EVEN) + (b & EVEN) + (c & EVEN) + (d & EVEN);
    let odd = (a >> 8 & EVEN) + (b >> 8 & EVEN) + (c >> 8 & EVEN) + (d >> 8 & EVEN);
    ((even + odd).wrapping_mul(0x0001_0001_0001_0001) >> 48) as u32
}

/// Whether all of the text is printable ASCII.
#[inline]
pub(crate) fn is_printable(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let mut odd = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        odd |= control_bytes(word) | (word & 0x8080_8080_8080_8080);
    }
    let word = short_word(rest).unwrap_or(0);
    // Zeros behind the rest count as spaces.
    let behind = u64::MAX.unbounded_shl(8 * u32::try_from(rest.len()).unwrap_or(8)) & SPACES;
    odd |= control_bytes(word | behind) | (word & 0x8080_8080_8080_8080);
    odd == 0
}

/// Eight spaces.
pub(crate) const SPACES: u64 = 0x2020_2020_2020_2020;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn check(number: u32) {
        let text = format!("{number:08}");
        assert_eq!(eight(number).to_le_bytes(), text.as_bytes());
        assert_eq!(read_eight(eight(number).to_le_bytes()), Some(number));
        let (word, length) = shortest(number);
        let shortest = number.to_string();
        assert_eq!(
            &word.to_le_bytes()[..usize::try_from(length).unwrap()],
            shortest.as_bytes()
        );
    }

    #[test]
    fn numbers_and_their_digits() {
        for number in (0..100_000).chain(99_900_000..100_000_000) {
            check(number);
        }
        let mut random = Random::seeded(3);
        for _ in 0..200_000 {
            let digits = u32::try_from(random.below(9)).unwrap();
            check(u32::try_from(random.below(10_u64.pow(digits))).unwrap());
        }
    }

    #[test]
    fn three_digits() {
        for number in 0..1_000 {
            let text = three(number).to_le_bytes();
            assert_eq!(text, format!("{number:03}\0\0\0\0\0").as_bytes());
        }
    }

    #[test]
    fn numbers_of_every_length() {
        let mut text = b"98765432".to_vec();
        for length in 1..=8 {
            let expected = std::str::from_utf8(&text[..length]).unwrap().parse().ok();
            assert_eq!(read_short(&text[..length]), expected);
            for place in 0..length {
                for byte in (0..b'0').chain(b':'..=255) {
                    let digit = std::mem::replace(&mut text[place], byte);
                    assert_eq!(read_short(&text[..length]), None, "{length} {place} {byte}");
                    text[place] = digit;
                }
            }
        }
        assert_eq!(read_short(b""), None);
        assert_eq!(read_short(b"123456789"), None);
        assert_eq!(read_short(b"00000000"), Some(0));
    }

    #[test]
    fn what_is_no_digit() {
        for place in 0..8 {
            for byte in 0..=255_u8 {
                let mut text = *b"12345678";
                text[place] = byte;
                assert_eq!(
                    read_eight(text).is_some(),
                    byte.is_ascii_digit(),
                    "{place} {byte}"
                );
            }
        }
    }

    #[test]
    fn sums_of_words() {
        let mut random = Random::seeded(5);
        for round in 0..10_000 {
            let words = [(); 4].map(|()| if round == 0 { u64::MAX } else { random.next() });
            let plain = |words: &[u64]| -> u32 {
                let bytes = words.iter().flat_map(|word| word.to_le_bytes());
                bytes.map(u32::from).sum()
            };
            assert_eq!(sum_of_four(words), plain(&words));
            assert_eq!(sum(words[0]), plain(&words[..1]));
        }
    }

    #[test]
    fn words_of_short_text() {
        let text = b"abcdefghi";
        for length in 0..=8 {
            let mut expected = [0; 8];
            expected[..length].copy_from_slice(&text[..length]);
            assert_eq!(
                short_word(&text[..length]),
                Some(u64::from_le_bytes(expected))
            );
        }
        assert_eq!(short_word(text), None);
    }

    #[test]
    fn printable_text_of_every_length() {
        for length in 0..20 {
            let mut text = vec![b'a'; length];
            assert!(is_printable(&text));
            for place in 0..length {
                for byte in 0..=255 {
                    text[place] = byte;
                    assert_eq!(is_printable(&text), matches!(byte, b' '..=b'~'), "{byte}");
                }
                text[place] = b'~';
            }
        }
    }

    #[test]
    fn control_bytes_are_found() {
        for place in 0..8 {
            for byte in 0..=255_u8 {
                for around in [b' ', b'~', 0xFF, 0x80] {
                    let mut text = [around; 8];
                    text[place] = byte;
                    let found = control_bytes(u64::from_le_bytes(text)) != 0;
                    assert_eq!(found, byte.is_ascii_control(), "{place} {byte}");
                }
            }
        }
    }
}
