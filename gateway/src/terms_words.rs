//! Words of the terms' text: any bytes as one word without a blank, and back.

use core::fmt::Write as _;

use gwanmun_market::Text;

/// Indices with blanks between them.
pub(crate) struct Indices<'a>(pub(crate) &'a [u16]);

impl core::fmt::Display for Indices<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (at, index) in self.0.iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{index}")?;
        }
        Ok(())
    }
}

/// A peer's or operator's text as one word.
pub(crate) struct Word<'a>(pub(crate) &'a [u8]);

impl core::fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for &byte in self.0 {
            if matches!(byte, b'!'..=b'~') && byte != b'%' {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// A word's text.
pub(crate) fn text<const N: usize>(word: &str) -> Option<Text<N>> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        if byte == b'%' {
            let (digits, behind) = behind.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    Text::new(&bytes)
}
