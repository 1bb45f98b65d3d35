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
    let not_digits = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    let eights = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
    (u32::try_from(eights).unwrap_or(0), not_digits)
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
