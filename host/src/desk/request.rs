//! What can be said at the desk: one line, a verb and its words `key=value`, each value with every
//! byte outside `!`..`~`, and every `%`, as `%XX`. docs/how-to/operate-the-desk.md tells them all.

use gwanmun_captures::command::{PERSON_BYTES_MAX, REASON_BYTES_MAX};

/// Longest line, in bytes: each of the reason's may take three.
pub(super) const LINE_BYTES_MAX: usize = 1024;

const _: () = assert!(3 * (REASON_BYTES_MAX + PERSON_BYTES_MAX + 2 * 32) < LINE_BYTES_MAX - 128);

/// A line as it was read: its verb, and what is said with it. Each verb takes its words and then
/// asks whether others are left.
#[derive(Debug)]
pub(super) struct Words<'a> {
    verb: &'a str,
    given: Vec<(&'a str, String)>,
}

/// Reads a line.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn read(line: &[u8]) -> Result<Words<'_>, String> {
    let line = core::str::from_utf8(line).map_err(|_| "this is no text".to_owned())?;
    let mut words = line.split(' ').filter(|word| !word.is_empty());
    let verb = words.next().ok_or("nothing was asked for")?;
    let mut given = Vec::new();
    for word in words {
        let (key, value) = word
            .split_once('=')
            .ok_or_else(|| format!("`{}` is no key=value", word.escape_debug()))?;
        let value = unescape(value).ok_or_else(|| format!("the value of `{key}` is no text"))?;
        if given.iter().any(|(other, _)| *other == key) {
            return Err(format!("`{key}` stands twice"));
        }
        given.push((key, value));
    }
    Ok(Words { verb, given })
}

impl<'a> Words<'a> {
    /// The first word.
    pub(super) const fn verb(&self) -> &'a str {
        self.verb
    }

    /// A word's value, if it is said.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        let at = self.given.iter().position(|(given, _)| *given == key)?;
        Some(self.given.remove(at).1)
    }

    /// A word's value.
    ///
    /// # Errors
    /// That it is missing.
    pub(super) fn required(&mut self, key: &str) -> Result<String, String> {
        self.take(key).ok_or_else(|| format!("`{key}` is missing"))
    }

    /// A number.
    ///
    /// # Errors
    /// That it is missing, or none.
    pub(super) fn number<N: core::str::FromStr>(&mut self, key: &str) -> Result<N, String> {
        let value = self.required(key)?;
        value.parse().map_err(|_| format!("`{key}` is no number"))
    }

    /// Who asked for a command, and why; empty where nothing is said.
    ///
    /// # Errors
    /// That one of both is too long.
    pub(super) fn why(&mut self) -> Result<Why, String> {
        Ok(Why {
            requester: self.said("requester", PERSON_BYTES_MAX)?,
            reason: self.said("reason", REASON_BYTES_MAX)?,
        })
    }

    /// That nothing else is said.
    ///
    /// # Errors
    /// The first word that the verb does not have.
    pub(super) fn nothing_else(&self) -> Result<(), String> {
        match self.given.first() {
            None => Ok(()),
            Some((key, _)) => Err(format!("`{}` has no `{}`", self.verb, key.escape_debug())),
        }
    }

    fn said(&mut self, key: &str, bytes_max: usize) -> Result<String, String> {
        match self.take(key) {
            Some(value) if value.len() > bytes_max => {
                Err(format!("`{key}` is longer than {bytes_max} bytes"))
            }
            value => Ok(value.unwrap_or_default()),
        }
    }
}

/// What is said with every command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) requester: String,
    pub(super) reason: String,
}

/// A value as it was meant.
fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(16 * high + low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_taken_once() {
        let line = b"set-number session=MEMBER1  number=120 requester=lee \
                     reason=lost%20100%25%20of%20it";
        let mut words = read(line).unwrap();
        assert_eq!(words.verb(), "set-number");
        assert_eq!(words.required("session"), Ok("MEMBER1".to_owned()));
        assert_eq!(words.number::<u64>("number"), Ok(120));
        let left = words.nothing_else();
        assert_eq!(left, Err("`set-number` has no `requester`".to_owned()));
        let expected = Why {
            requester: "lee".to_owned(),
            reason: "lost 100% of it".to_owned(),
        };
        assert_eq!(words.why(), Ok(expected));
        assert_eq!(words.nothing_else(), Ok(()));
        let gone = words.required("session");
        assert_eq!(gone, Err("`session` is missing".to_owned()));
        assert_eq!(words.take("session"), None);
    }

    #[test]
    fn what_is_no_line_of_words_is_refused_by_name() {
        for (line, expected) in [
            (&b""[..], "nothing was asked for"),
            (b"   ", "nothing was asked for"),
            (b"\xFF", "this is no text"),
            (b"GET / HTTP/1.1", "`/` is no key=value"),
            (b"status session=M session=M", "`session` stands twice"),
            (b"status session=%4", "the value of `session` is no text"),
            (b"status session=%FF", "the value of `session` is no text"),
        ] {
            assert_eq!(read(line).unwrap_err(), expected);
        }
    }
}
