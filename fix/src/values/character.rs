//! char and Boolean: one character.

use super::ValueError;

/// Reads one printable character.
///
/// # Errors
/// None, or another one behind it, or a control byte (format). Bytes from 0x80 on are let through,
/// because they are part of a text in the session's character set.
pub fn parse_char(text: &[u8]) -> Result<u8, ValueError> {
    match text {
        &[value] if !value.is_ascii_control() => Ok(value),
        [] | [_] => Err(ValueError::format(0)),
        _ => Err(ValueError::format(1)),
    }
}

/// Reads `Y` or `N`.
///
/// # Errors
/// Not one character (format); another one (range).
///
/// ```
/// use gwanmun_fix::values::{ValueError, character};
/// assert_eq!(character::parse_boolean(b"Y"), Ok(true));
/// assert_eq!(character::parse_boolean(b"y"), Err(ValueError::range(0)));
/// ```
pub fn parse_boolean(text: &[u8]) -> Result<bool, ValueError> {
    match parse_char(text)? {
        b'Y' => Ok(true),
        b'N' => Ok(false),
        _ => Err(ValueError::range(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(parse_char(b"1"), Ok(b'1'));
        assert_eq!(parse_char(b" "), Ok(b' '));
        assert_eq!(parse_char(b"\xed"), Ok(0xED));
        for (text, at) in [
            (&b""[..], 0),
            (b"\0", 0),
            (b"\x7f", 0),
            (b"12", 1),
            (b"\0\0", 1),
        ] {
            assert_eq!(parse_char(text), Err(ValueError::format(at)), "{text:?}");
            assert_eq!(parse_boolean(text), Err(ValueError::format(at)), "{text:?}");
        }
        assert_eq!(parse_boolean(b"Y"), Ok(true));
        assert_eq!(parse_boolean(b"N"), Ok(false));
        for text in [b"y", b"n", b"1", b"0", b" "] {
            assert_eq!(parse_boolean(text), Err(ValueError::range(0)));
        }
    }
}
