//! Short text of fixed capacity, copied by value.

/// At most `N` bytes of text, kept with zero bytes behind it.
///
/// Two texts are equal when their bytes are. The bytes are a peer's: escape them wherever they are
/// shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    /// Invariant: bytes from `length` on are zero, so that derived equality and hashing compare
    /// text alone.
    bytes: [u8; N],
    /// Invariant: at most `N`, and `N` at most 255.
    length: u8,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Text<N> = Text {
        bytes: [0; N],
        length: 0,
    };

    /// Takes the bytes, or `None` when they are more than `N`.
    #[must_use]
    pub fn new(text: &[u8]) -> Option<Text<N>> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Text {
            bytes,
            length: u8::try_from(text.len()).ok()?,
        })
    }

    /// Takes bytes padded with spaces on the right, as OUCH's Alpha fields are.
    #[must_use]
    pub fn from_padded(padded: &[u8; N]) -> Text<N> {
        let length = padded
            .iter()
            .rposition(|&byte| byte != b' ')
            .map_or(0, |last| last + 1);
        Text::new(padded.get(..length).unwrap_or(&[])).unwrap_or(Text::EMPTY)
    }

    /// The bytes padded with spaces on the right to `N`.
    #[must_use]
    pub fn padded(&self) -> [u8; N] {
        let mut padded = [b' '; N];
        for (to, from) in padded.iter_mut().zip(self.as_bytes()) {
            *to = *from;
        }
        padded
    }

    /// The bytes with zeros behind them up to `N`: texts that differ in nothing but zero bytes at
    /// their ends look the same here. Always of one length, so that a hash needs no loop over it.
    #[must_use]
    pub const fn zero_padded(&self) -> &[u8; N] {
        &self.bytes
    }

    /// The text's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// Whether there is no text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl<const N: usize> Default for Text<N> {
    fn default() -> Self {
        Text::EMPTY
    }
}

impl<const N: usize> core::fmt::Display for Text<N> {
    /// Shows the text with every byte outside printable ASCII escaped.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.as_bytes().escape_ascii(), f)
    }
}

impl<const N: usize> core::fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_up_to_its_capacity() {
        assert_eq!(Text::<4>::new(b"").map(|text| text.is_empty()), Some(true));
        assert_eq!(Text::<4>::new(b"abcd").unwrap().as_bytes(), b"abcd");
        assert_eq!(Text::<4>::new(b"abcde"), None);
    }

    #[test]
    fn pads_and_unpads() {
        let symbol = Text::<8>::new(b"005930").unwrap();
        assert_eq!(&symbol.padded(), b"005930  ");
        assert_eq!(symbol.zero_padded(), b"005930\0\0");
        assert_eq!(Text::from_padded(b"005930  "), symbol);
        assert_eq!(Text::from_padded(b"        "), Text::<8>::EMPTY);
    }

    #[test]
    fn shows_control_bytes_escaped() {
        assert_eq!(
            Text::<8>::new(b"a\x1b[2J").unwrap().to_string(),
            "a\\x1b[2J"
        );
    }
}
