//! FIX messages in text: logs of any engine, with any separator and anything in front.
//!
//! A message begins with `8=FIX` and its separator is whatever stands between BeginString(8) and
//! `9=`: SOH, `|`, `^A`, `;`, `<SOH>`, a blank. It ends behind CheckSum(10), or with its line.

use super::fix::{FixMessage, SOH};
use super::{Item, Place, What};

/// Longest separator that is believed; `<SOH>` has five characters.
const SEPARATOR_BYTES_MAX: usize = 8;

/// Gives every message in `text` to `found`.
pub(crate) fn messages<E>(
    text: &[u8],
    found: &mut dyn FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    const START: &[u8] = b"8=FIX";
    let mut at = 0;
    let mut line = 1;
    while let Some(offset) = find(text.get(at..).unwrap_or(&[]), START) {
        let start = at + offset;
        let before = text.get(at..start).unwrap_or(&[]);
        line += before.iter().filter(|byte| **byte == b'\n').count();
        let prefix = before.rsplit(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let (message, length) = message(text.get(start..).unwrap_or(&[]));
        if let Some(bytes) = message {
            let place = Place {
                time_ns: None,
                line: format!("line {line}"),
                prefix: crate::show::escaped_bytes(prefix.trim_ascii()),
            };
            found(Item {
                place,
                what: What::Fix(FixMessage::new(bytes)),
            })?;
        }
        let taken = text.get(start..start + length).unwrap_or(&[]);
        line += taken.iter().filter(|byte| **byte == b'\n').count();
        at = start + length;
    }
    Ok(())
}

/// The message at the front with SOH as separators, and how many bytes of text it took.
fn message(text: &[u8]) -> (Option<Vec<u8>>, usize) {
    let Some(separator) = separator(text) else {
        return (None, 1);
    };
    if separator == [SOH] {
        // True bytes: data fields may hold line breaks.
        return match super::fix::front(text) {
            super::fix::Front::Message(length) => (Some(text[..length].to_vec()), length),
            _ => up_to_line_end(text, separator),
        };
    }
    up_to_line_end(text, separator)
}

/// Takes the fields of one line, up to CheckSum(10).
fn up_to_line_end(text: &[u8], separator: &[u8]) -> (Option<Vec<u8>>, usize) {
    let line_end = text
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(text.len());
    let mut bytes = Vec::with_capacity(line_end);
    let mut at = 0;
    loop {
        let rest = &text[at..line_end];
        let end = find(rest, separator).unwrap_or(rest.len());
        let field = &rest[..end];
        let is_last = field.starts_with(b"10=");
        // Behind CheckSum(10) a log may go on with text of its own.
        let kept = if is_last {
            6.min(field.len())
        } else {
            field.len()
        };
        let field = field[..kept].strip_suffix(b"\r").unwrap_or(&field[..kept]);
        bytes.extend_from_slice(field);
        bytes.push(SOH);
        at += if is_last { kept } else { end };
        if is_last || at >= line_end {
            return (Some(bytes), at.max(1));
        }
        at += separator.len();
        if at >= line_end {
            return (Some(bytes), line_end.max(1));
        }
    }
}

/// What stands between BeginString(8) and BodyLength(9).
fn separator(text: &[u8]) -> Option<&[u8]> {
    let value_end = text
        .iter()
        .skip(2)
        .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'.'))?
        + 2;
    let rest = text.get(value_end..)?;
    let length = find(rest.get(..SEPARATOR_BYTES_MAX + 2).unwrap_or(rest), b"9=")?;
    let separator = rest.get(..length)?;
    let is_one = !separator.is_empty() && !separator.contains(&b'\n') && !separator.contains(&b'=');
    is_one.then_some(separator)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGON: &str =
        "8=FIX.4.4|9=57|35=A|34=1|49=M|52=20261123-00:00:00.000|56=G|98=0|108=30|10=119|";

    fn found(text: &str) -> Vec<(String, String, bool)> {
        let mut found = Vec::new();
        let _ = messages::<()>(text.as_bytes(), &mut |item| {
            if let What::Fix(message) = &item.what {
                let msg_type = message.to_json()["msg_type"].as_str().unwrap().to_owned();
                found.push((item.place.prefix, msg_type, message.is_sound()));
            }
            Ok(())
        });
        found
    }

    #[test]
    fn every_separator_and_prefix_is_understood() {
        for separator in ["\u{1}", "|", "^A", ";", "<SOH>", " ", "\t", " | ", "\\x01"] {
            let message = LOGON.replace('|', separator);
            let text = format!("20261123-09:00:00 : in > {message}\nnothing\n{message} tail\n");
            let expected = [
                ("20261123-09:00:00 : in >".to_owned(), "A".to_owned(), true),
                (String::new(), "A".to_owned(), true),
            ];
            assert_eq!(found(&text), expected, "{separator:?}");
        }
    }

    #[test]
    fn two_on_a_line_and_one_cut_off() {
        let text = format!("{LOGON}{LOGON}\n{}", &LOGON[..30]);
        let sound: Vec<bool> = found(&text)
            .into_iter()
            .map(|(_, _, sound)| sound)
            .collect();
        assert_eq!(sound, [true, true, false]);
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "8=FIX",
            "8=FIX8=FIX8=FIX",
            "8=FIX.4.4|9=",
            "8=FIX.4.4\n9=1",
            "8=FIX.4.4|9=|10=",
            "8=FIX==9=",
        ] {
            found(text);
        }
    }
}
