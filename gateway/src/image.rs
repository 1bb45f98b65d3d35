//! Small values to bytes and back, for the state images inside effect records.
//!
//! Everything is little-endian and of fixed order; a text is its length in one byte and then its
//! bytes. Readers return
//! `None` where bytes are missing or impossible, so a damaged image can not become a wrong state.

use gwanmun_market::Text;

/// Writes values one after the other into lent bytes; what does not fit is remembered and told at
/// the end.
pub struct ImageWriter<'a> {
    into: &'a mut [u8],
    used: usize,
    has_overflowed: bool,
}

impl<'a> ImageWriter<'a> {
    /// Starts at the front of `into`.
    pub fn new(into: &'a mut [u8]) -> ImageWriter<'a> {
        ImageWriter {
            into,
            used: 0,
            has_overflowed: false,
        }
    }

    /// Bytes written, or `None` when something did not fit.
    #[must_use]
    pub fn finish(self) -> Option<usize> {
        (!self.has_overflowed).then_some(self.used)
    }

    /// Appends raw bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        match self.into.get_mut(self.used..self.used + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.used += bytes.len();
            }
            None => self.has_overflowed = true,
        }
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    /// Appends two bytes.
    pub fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    /// Appends four bytes.
    pub fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    /// Appends eight bytes.
    pub fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    /// Appends eight bytes, signed.
    pub fn i64(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    /// Appends sixteen bytes, signed.
    pub fn i128(&mut self, value: i128) {
        self.bytes(&value.to_le_bytes());
    }

    /// Appends a text with its length in front.
    pub fn text<const N: usize>(&mut self, text: &Text<N>) {
        let bytes = text.as_bytes();
        self.u8(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.bytes(bytes);
    }
}

/// Reads values in the order in which they were written.
pub struct ImageReader<'a> {
    from: &'a [u8],
}

impl<'a> ImageReader<'a> {
    /// Starts at the front of `from`.
    #[must_use]
    pub const fn new(from: &'a [u8]) -> ImageReader<'a> {
        ImageReader { from }
    }

    /// Whether everything is read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.from.is_empty()
    }

    /// The next `length` bytes.
    pub fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.from.split_at_checked(length)?;
        self.from = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// One byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Eight bytes, signed.
    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// Sixteen bytes, signed.
    pub fn i128(&mut self) -> Option<i128> {
        self.array().map(i128::from_le_bytes)
    }

    /// A text with its length in front.
    pub fn text<const N: usize>(&mut self) -> Option<Text<N>> {
        let length = self.u8()?;
        Text::new(self.bytes(usize::from(length))?)
    }
}
