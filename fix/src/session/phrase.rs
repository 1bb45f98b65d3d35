//! Text(58) put together in a fixed buffer.
//!
//! In it: words and numbers in a row, cut at the end of the buffer. Not in it: any peer's bytes.

/// Capacity in bytes; the longest phrase of this module's users has 88.
const PHRASE_BYTES_MAX: usize = 128;

/// A sentence for Text(58).
pub(super) struct Phrase {
    bytes: [u8; PHRASE_BYTES_MAX],
    /// Invariant: at most the capacity.
    length: usize,
}

impl Phrase {
    /// A phrase that begins with these words.
    pub(super) fn new(words: &[u8]) -> Phrase {
        Phrase {
            bytes: [0; PHRASE_BYTES_MAX],
            length: 0,
        }
        .words(words)
    }

    /// Adds words; what does not fit is cut.
    pub(super) fn words(mut self, words: &[u8]) -> Phrase {
        let rest = self.bytes.get_mut(self.length..).unwrap_or(&mut []);
        let fitting = words.len().min(rest.len());
        for (to, from) in rest.iter_mut().zip(words) {
            *to = *from;
        }
        self.length += fitting;
        self
    }

    /// Adds a number in decimal.
    pub(super) fn number(self, number: u64) -> Phrase {
        // Twenty digits hold every u64.
        let mut digits = [b'0'; 20];
        let mut used = 0;
        let mut rest = number;
        for slot in digits.iter_mut().rev() {
            *slot = u8::try_from(rest % 10).map_or(b'0', |digit| b'0' + digit);
            used += 1;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.words(digits.get(digits.len() - used..).unwrap_or(&[]))
    }

    /// The bytes so far.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_words_and_numbers_in_a_row() {
        let phrase = Phrase::new(b"expecting ")
            .number(0)
            .words(b" but received ")
            .number(u64::MAX);
        assert_eq!(
            phrase.as_bytes(),
            b"expecting 0 but received 18446744073709551615"
        );
    }

    #[test]
    fn cuts_what_does_not_fit() {
        let phrase = Phrase::new(&[b'a'; PHRASE_BYTES_MAX - 1]).number(123);
        assert_eq!(phrase.as_bytes().len(), PHRASE_BYTES_MAX);
        assert_eq!(phrase.as_bytes().last(), Some(&b'1'));
        assert_eq!(phrase.words(b"more").as_bytes().len(), PHRASE_BYTES_MAX);
    }
}
