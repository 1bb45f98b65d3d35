//! String and its codes: Currency, Country, Exchange.
//!
//! The codes are checked for their form, not for whether somebody has issued them: such lists
//! change without the codec.

use super::ValueError;
use crate::digits;

/// A String of printable ASCII.
///
/// # Errors
/// Nothing at all, a control byte or one beyond ASCII (format, at it).
#[inline]
pub fn parse_printable(text: &[u8]) -> Result<&[u8], ValueError> {
    if digits::is_printable(text) && !text.is_empty() {
        return Ok(text);
    }
    let is_odd = |byte: &u8| !matches!(byte, b' '..=b'~');
    Err(ValueError::format(
        text.iter().position(is_odd).unwrap_or(0),
    ))
}

/// Currency: three capital letters (ISO 4217).
///
/// # Errors
/// Anything else (format).
///
/// ```
/// use gwanmun_fix::values::{ValueError, text};
/// assert_eq!(text::parse_currency(b"KRW"), Ok(*b"KRW"));
/// assert_eq!(text::parse_currency(b"krw"), Err(ValueError::format(0)));
/// ```
pub fn parse_currency(text: &[u8]) -> Result<[u8; 3], ValueError> {
    code(text, u8::is_ascii_uppercase)
}

/// Country: two capital letters (ISO 3166).
///
/// # Errors
/// Anything else (format).
pub fn parse_country(text: &[u8]) -> Result<[u8; 2], ValueError> {
    code(text, u8::is_ascii_uppercase)
}

/// Exchange: a market identifier of four capital letters or digits (ISO 10383).
///
/// # Errors
/// Anything else (format); the older codes of FIX 4.2 (`N`, `KS`) included, which are read as a
/// String.
pub fn parse_exchange(text: &[u8]) -> Result<[u8; 4], ValueError> {
    code(text, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    })
}

fn code<const N: usize>(text: &[u8], fits: impl Fn(&u8) -> bool) -> Result<[u8; N], ValueError> {
    match text.first_chunk::<N>() {
        Some(code) if text.len() == N && code.iter().all(&fits) => Ok(*code),
        _ => {
            let good = text.iter().take(N).take_while(|byte| fits(byte)).count();
            Err(ValueError::format(good))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert_eq!(parse_currency(b"KRW"), Ok(*b"KRW"));
        assert_eq!(parse_country(b"KR"), Ok(*b"KR"));
        assert_eq!(parse_exchange(b"XKRX"), Ok(*b"XKRX"));
        assert_eq!(parse_exchange(b"360T"), Ok(*b"360T"));
        for (text, at) in [
            ("", 0),
            ("KR", 2),
            ("KRWX", 3),
            ("KrW", 1),
            ("K1W", 1),
            ("KR\0", 2),
        ] {
            assert_eq!(
                parse_currency(text.as_bytes()),
                Err(ValueError::format(at)),
                "{text:?}"
            );
        }
        assert_eq!(parse_country(b"KOR"), Err(ValueError::format(2)));
        assert_eq!(parse_exchange(b"N"), Err(ValueError::format(1)));
        assert_eq!(parse_exchange(b"xkrx"), Err(ValueError::format(0)));
    }

    #[test]
    fn printable() {
        assert_eq!(parse_printable(b"a b~"), Ok(&b"a b~"[..]));
        for (text, at) in [
            (&b""[..], 0),
            (b"\0", 0),
            (b"abcdefgh\x7f", 8),
            (b"ab\xedc", 2),
        ] {
            assert_eq!(
                parse_printable(text),
                Err(ValueError::format(at)),
                "{text:?}"
            );
        }
    }
}
