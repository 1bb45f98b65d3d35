//! What can be said at the desk: one line, a verb and its words `key=value`, each value with every
//! byte outside `!`..`~`, and every `%`, as `%XX`. docs/how-to/operate-the-desk.md tells them all.

use gwanmun_captures::command::{
    Action, COMMAND_BYTES_MAX, Command, Direction, PERSON_BYTES_MAX, REASON_BYTES_MAX,
};

/// Longest line, in bytes: each of the reason's may take three.
pub(super) const LINE_BYTES_MAX: usize = 1024;

const _: () = assert!(3 * (REASON_BYTES_MAX + PERSON_BYTES_MAX + 2 * 32) < LINE_BYTES_MAX - 128);

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// One sequence number of a session.
    SetNumber {
        session: String,
        direction: Direction,
        number: u64,
        requester: String,
        reason: String,
    },
    /// The session list read again.
    Reload { requester: String, reason: String },
    /// How a session stands; all of them where none is named.
    Status { session: Option<String> },
}

/// Reads a line.
///
/// # Errors
/// What is wrong with it, for people.
pub(super) fn read(line: &[u8]) -> Result<Request, String> {
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
    let mut words = Words { given };
    let request = match verb {
        "set-number" => Request::SetNumber {
            session: words.required("session")?,
            direction: match words.required("direction")?.as_str() {
                "in" => Direction::In,
                "out" => Direction::Out,
                _ => return Err("`direction` is in or out".to_owned()),
            },
            number: words
                .required("number")?
                .parse()
                .map_err(|_| "`number` is no number".to_owned())?,
            requester: words.said("requester", PERSON_BYTES_MAX)?,
            reason: words.said("reason", REASON_BYTES_MAX)?,
        },
        "reload" => Request::Reload {
            requester: words.said("requester", PERSON_BYTES_MAX)?,
            reason: words.said("reason", REASON_BYTES_MAX)?,
        },
        "status" => Request::Status {
            session: words.take("session"),
        },
        _ => return Err(format!("`{}` is no command", verb.escape_debug())),
    };
    match words.given.first() {
        None => Ok(request),
        Some((key, _)) => Err(format!("`{verb}` has no `{}`", key.escape_debug())),
    }
}

struct Words<'a> {
    given: Vec<(&'a str, String)>,
}

impl Words<'_> {
    fn take(&mut self, key: &str) -> Option<String> {
        let at = self.given.iter().position(|(given, _)| *given == key)?;
        Some(self.given.remove(at).1)
    }

    fn required(&mut self, key: &str) -> Result<String, String> {
        self.take(key).ok_or_else(|| format!("`{key}` is missing"))
    }

    /// Empty where nothing is said.
    fn said(&mut self, key: &str, bytes_max: usize) -> Result<String, String> {
        Ok(self.bounded(key, bytes_max)?.unwrap_or_default())
    }

    fn bounded(&mut self, key: &str, bytes_max: usize) -> Result<Option<String>, String> {
        match self.take(key) {
            Some(value) if value.len() > bytes_max => {
                Err(format!("`{key}` is longer than {bytes_max} bytes"))
            }
            value => Ok(value),
        }
    }
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

/// A command as its record holds it: bytes and their count.
pub(super) fn payload(
    (operator, requester, reason): (&str, &str, &str),
    action: Action<'_>,
) -> Option<([u8; COMMAND_BYTES_MAX], usize)> {
    let command = Command {
        operator: operator.as_bytes(),
        requester: requester.as_bytes(),
        reason: reason.as_bytes(),
        action,
    };
    let mut bytes = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut bytes)?;
    Some((bytes, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let line = b"set-number session=MEMBER1  direction=out number=120 requester=lee \
                     reason=lost%20100%25%20of%20it";
        let read = read(line).unwrap();
        let expected = Request::SetNumber {
            session: "MEMBER1".to_owned(),
            direction: Direction::Out,
            number: 120,
            requester: "lee".to_owned(),
            reason: "lost 100% of it".to_owned(),
        };
        assert_eq!(read, expected);
        let session = None;
        assert_eq!(super::read(b"status"), Ok(Request::Status { session }));
    }

    #[test]
    fn whatever_else_is_said_is_refused_by_name() {
        let long = format!(
            "set-number session=M direction=in number=1 reason={}",
            "r".repeat(161)
        );
        let who = format!(
            "set-number session=M direction=in number=1 requester={}",
            "r".repeat(33)
        );
        for (line, expected) in [
            (&b""[..], "nothing was asked for"),
            (b"   ", "nothing was asked for"),
            (b"\xFF", "this is no text"),
            (b"GET / HTTP/1.1", "`/` is no key=value"),
            (b"sell\x1b", "`sell\\u{1b}` is no command"),
            (b"approve", "`approve` is no command"),
            (b"set-number", "`session` is missing"),
            (
                b"set-number session=M direction=up",
                "`direction` is in or out",
            ),
            (
                b"set-number session=M direction=in number=-1",
                "`number` is no number",
            ),
            (b"status session=M session=M", "`session` stands twice"),
            (b"status number=1", "`status` has no `number`"),
            (b"status session=%4", "the value of `session` is no text"),
            (b"status session=%FF", "the value of `session` is no text"),
            (long.as_bytes(), "`reason` is longer than 160 bytes"),
            (who.as_bytes(), "`requester` is longer than 32 bytes"),
        ] {
            assert_eq!(read(line).unwrap_err(), expected);
        }
    }
}
