//! What a user was ever sent, by sequence number, for the whole day.
//!
//! In it: [`Stream`], which is appended to whether or not the user is connected; a line reads from
//! it at its own pace, so a slow reader costs no memory of its own. Not in it: packets.

/// Most bytes that a stream holds: some 30 million reports, beyond any day of one user.
pub const STREAM_BYTES_MAX: usize = 2 << 30;

/// All sequenced messages of one user; the first has number 1.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    bytes: Vec<u8>,
    /// Invariant: rising; where in `bytes` each message ends.
    ends: Vec<usize>,
}

impl Stream {
    /// Adds a message and returns its number; `None`, and nothing added, when the stream is full.
    pub fn push(&mut self, message: &[u8]) -> Option<u64> {
        if self.bytes.len() + message.len() > STREAM_BYTES_MAX {
            return None;
        }
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
        u64::try_from(self.ends.len()).ok()
    }

    /// The message with a number; `None` for 0 and for numbers not reached yet.
    #[must_use]
    pub fn message(&self, number: u64) -> Option<&[u8]> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.bytes.get(start..end)
    }

    /// Number that the next message will have.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        u64::try_from(self.ends.len())
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_at_one_and_stay() {
        let mut stream = Stream::default();
        assert_eq!(stream.next_number(), 1);
        assert_eq!(stream.push(b"first"), Some(1));
        assert_eq!(stream.push(b""), Some(2));
        assert_eq!(stream.push(b"third"), Some(3));
        assert_eq!(stream.message(0), None);
        assert_eq!(stream.message(1), Some(&b"first"[..]));
        assert_eq!(stream.message(2), Some(&b""[..]));
        assert_eq!(stream.message(3), Some(&b"third"[..]));
        assert_eq!(stream.message(4), None);
        assert_eq!(stream.next_number(), 4);
    }
}
