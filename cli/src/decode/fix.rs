//! One FIX message as people and programs see it, whether it is right or not.
//!
//! It is taken apart with tolerance: what the codec would refuse must be shown, and said what is
//! wrong with it. Hence no line of this is shared with the codec, apart from the table of data
//! fields.

use gwanmun_fix::tag;
use serde_json::{Value, json};

use super::{meanings, names};
use crate::show::{self, BAD, FAINT, GOOD, NAME, styled};

/// Separates the fields of a message.
pub(crate) const SOH: u8 = 1;
/// Tags whose values are secrets.
const SECRETS: [u32; 3] = [tag::PASSWORD, tag::NEW_PASSWORD, tag::RAW_DATA];

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    /// As written; a number in every field that is one.
    tag: Vec<u8>,
    /// Zero when `tag` is no number.
    number: u32,
    value: Vec<u8>,
}

/// What a message says about itself, and what is so.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claim {
    written: Option<u64>,
    actual: u64,
}

impl Claim {
    fn is_true(&self) -> bool {
        self.written == Some(self.actual)
    }

    fn to_json(&self) -> Value {
        json!({ "written": self.written, "actual": self.actual, "ok": self.is_true() })
    }
}

/// A message, its bytes with SOH between the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FixMessage {
    bytes: Vec<u8>,
    fields: Vec<Field>,
    body_length: Claim,
    check_sum: Claim,
}

impl FixMessage {
    /// Takes a message apart.
    pub(crate) fn new(bytes: Vec<u8>) -> FixMessage {
        let fields = fields(&bytes);
        let body_length = body_length(&bytes, &fields);
        let check_sum = check_sum(&bytes, &fields);
        FixMessage {
            bytes,
            fields,
            body_length,
            check_sum,
        }
    }

    /// Whether BodyLength(9) and CheckSum(10) are right.
    pub(crate) fn is_sound(&self) -> bool {
        self.body_length.is_true() && self.check_sum.is_true()
    }

    /// The bytes with secrets as asterisks and CheckSum(10) made anew, as journals and ledgers keep
    /// them.
    pub(crate) fn without_secrets(&self) -> Vec<u8> {
        if !self
            .fields
            .iter()
            .any(|field| SECRETS.contains(&field.number))
        {
            return self.bytes.clone();
        }
        let mut safe = Vec::with_capacity(self.bytes.len());
        for field in self
            .fields
            .iter()
            .filter(|field| field.number != tag::CHECK_SUM)
        {
            safe.extend_from_slice(&field.tag);
            safe.push(b'=');
            safe.extend_from_slice(&field.shown_value());
            safe.push(SOH);
        }
        let sum = sum(&safe);
        safe.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        safe
    }

    /// MsgType(35) with its name.
    fn title(&self) -> String {
        let msg_type = self.text(tag::MSG_TYPE);
        match names::message(&msg_type) {
            Some(name) => name.to_owned(),
            None => format!("MsgType {}", show::escaped(&msg_type)),
        }
    }

    fn text(&self, wanted: u32) -> String {
        let field = self.fields.iter().find(|field| field.number == wanted);
        field
            .map(|field| String::from_utf8_lossy(&field.value).into_owned())
            .unwrap_or_default()
    }

    /// The message for people: a title, then one line per field.
    pub(crate) fn to_lines(&self) -> String {
        let mut lines = format!("{}\n", styled(NAME, self.title()));
        for field in &self.fields {
            lines.push_str(&self.line(field));
            lines.push('\n');
        }
        if self.check_sum.written.is_none() {
            lines.push_str(&format!(
                "  {}\n",
                styled(BAD, "CheckSum(10) is missing or no number")
            ));
        }
        if self.body_length.written.is_none() {
            lines.push_str(&format!(
                "  {}\n",
                styled(BAD, "BodyLength(9) is missing or no number")
            ));
        }
        lines
    }

    fn line(&self, field: &Field) -> String {
        let name = names::field(field.number).unwrap_or("");
        let tag_text = show::escaped_bytes(&field.tag);
        let value = show::escaped_bytes(&field.shown_value());
        let remark = match field.number {
            tag::BODY_LENGTH => remark(&self.body_length),
            tag::CHECK_SUM => remark(&self.check_sum),
            _ => field
                .meaning()
                .map(|meaning| styled(FAINT, format!("= {meaning}")))
                .unwrap_or_default(),
        };
        format!("  {tag_text:>5} {name:<22} {value}  {remark}")
            .trim_end()
            .to_owned()
    }

    /// The message for programs.
    pub(crate) fn to_json(&self) -> Value {
        let fields: Vec<Value> = self
            .fields
            .iter()
            .map(|field| {
                json!({
                    "tag": field.number,
                    "name": names::field(field.number),
                    "value": show::escaped_bytes(&field.shown_value()),
                    "meaning": field.meaning(),
                })
            })
            .collect();
        json!({
            "protocol": "FIX",
            "msg_type": show::escaped(&self.text(tag::MSG_TYPE)),
            "msg_name": names::message(&self.text(tag::MSG_TYPE)),
            "body_length": self.body_length.to_json(),
            "check_sum": self.check_sum.to_json(),
            "fields": fields,
        })
    }
}

impl Field {
    /// The value, as asterisks where it is a secret.
    fn shown_value(&self) -> Vec<u8> {
        if SECRETS.contains(&self.number) {
            vec![b'*'; self.value.len()]
        } else {
            self.value.clone()
        }
    }

    fn meaning(&self) -> Option<&'static str> {
        meanings::of(self.number, core::str::from_utf8(&self.value).ok()?)
    }
}

fn remark(claim: &Claim) -> String {
    if claim.is_true() {
        styled(GOOD, "ok")
    } else {
        styled(BAD, format!("wrong, it is {}", claim.actual))
    }
}

/// Cuts at SOH; a data field is as long as the length field before it says, if that leads to an
/// SOH.
fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut end = rest
            .iter()
            .position(|byte| *byte == SOH)
            .unwrap_or(rest.len());
        let equals = rest.iter().take(end).position(|byte| *byte == b'=');
        let tag_end = equals.unwrap_or(end);
        let number = number(&rest[..tag_end]).and_then(|number| u32::try_from(number).ok());
        let value_start = equals.map_or(end, |at| at + 1);
        if let Some(length) = fields.last().and_then(|before| data_length(before, number)) {
            let data_end = value_start.saturating_add(length);
            if rest.get(data_end) == Some(&SOH) {
                end = data_end;
            }
        }
        fields.push(Field {
            tag: rest[..tag_end].to_vec(),
            number: number.unwrap_or(0),
            value: rest[value_start..end].to_vec(),
        });
        rest = rest.get(end + 1..).unwrap_or(&[]);
    }
    fields
}

/// The length that `before` announces for the data field `tag`.
fn data_length(before: &Field, tag: Option<u32>) -> Option<usize> {
    let is_pair = tag.is_some() && tag::data_of_length(before.number) == tag;
    if is_pair {
        usize::try_from(number(&before.value)?).ok()
    } else {
        None
    }
}

fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

fn claimed(fields: &[Field], tag: u32) -> Option<u64> {
    number(&fields.iter().find(|field| field.number == tag)?.value)
}

/// BodyLength(9) counts from behind its own SOH up to the start of CheckSum(10).
fn body_length(bytes: &[u8], fields: &[Field]) -> Claim {
    let length_of = |field: &Field| field.tag.len() + 1 + field.value.len() + 1;
    let head: usize = fields.iter().take(2).map(length_of).sum();
    let actual = trailer_start(bytes, fields).saturating_sub(head);
    Claim {
        written: claimed(fields, tag::BODY_LENGTH),
        actual: u64::try_from(actual).unwrap_or(u64::MAX),
    }
}

fn check_sum(bytes: &[u8], fields: &[Field]) -> Claim {
    let summed = bytes.get(..trailer_start(bytes, fields)).unwrap_or(bytes);
    Claim {
        written: claimed(fields, tag::CHECK_SUM),
        actual: u64::from(sum(summed)),
    }
}

/// Where CheckSum(10) begins, or the end.
fn trailer_start(bytes: &[u8], fields: &[Field]) -> usize {
    match fields.last() {
        Some(last) if last.number == tag::CHECK_SUM => {
            let closing = usize::from(bytes.last() == Some(&SOH));
            bytes.len() - (last.tag.len() + 1 + last.value.len() + closing)
        }
        _ => bytes.len(),
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte))
}

/// A message at the front of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// So many bytes are one message, right or wrong.
    Message(usize),
    /// So many bytes are no message.
    Noise(usize),
    /// More bytes are needed to tell.
    Partial,
}

/// Longest message that is waited for in a stream: what claims more is noise.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Finds the message at the front of a stream of bytes with SOH.
///
/// BodyLength(9) is believed when it leads to a trailer; otherwise the message ends at the next
/// trailer, or where the next message begins.
pub(crate) fn front(bytes: &[u8]) -> Front {
    const START: &[u8] = b"8=FIX";
    let Some(start) = bytes
        .windows(START.len())
        .position(|window| window == START)
    else {
        // The start may still be on its way, in its first bytes.
        let kept = (1..START.len())
            .rev()
            .find(|&length| bytes.ends_with(&START[..length]));
        return match bytes.len() - kept.unwrap_or(0) {
            0 => Front::Partial,
            noise => Front::Noise(noise),
        };
    };
    if start > 0 {
        return Front::Noise(start);
    }
    let trailer = (0..bytes.len().saturating_sub(7))
        .find(|&at| bytes[at] == SOH && is_trailer(bytes, at + 1));
    if let Some(length) = length_by_body(bytes) {
        if bytes
            .get(length - 7..)
            .is_some_and(|rest| is_trailer(rest, 0))
        {
            return Front::Message(length);
        }
        // A trailer with a start right behind it ends a message whose length is wrong.
        let ends_early = trailer.is_some_and(|at| bytes[at + 8..].starts_with(START));
        if bytes.len() < length && !ends_early {
            return Front::Partial;
        }
    }
    let next = bytes[1..]
        .windows(START.len() + 1)
        .position(|window| window[0] == SOH && window.ends_with(START));
    match (trailer, next) {
        (Some(at), Some(next)) if at > next + 1 => Front::Message(next + 2),
        (Some(at), _) => Front::Message(at + 8),
        (None, Some(next)) => Front::Message(next + 2),
        (None, None) if bytes.len() > MESSAGE_BYTES_MAX => Front::Noise(bytes.len()),
        (None, None) => Front::Partial,
    }
}

fn is_trailer(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 7), Some([b'1', b'0', b'=', a, b, c, SOH])
        if [a, b, c].iter().all(|digit| digit.is_ascii_digit()))
}

/// Length of the whole message by its BodyLength(9), as far as that can be read and is sane.
fn length_by_body(bytes: &[u8]) -> Option<usize> {
    let first = bytes.iter().position(|byte| *byte == SOH)?;
    let rest = bytes.get(first + 1..)?.strip_prefix(b"9=")?;
    let digits = rest.iter().position(|byte| *byte == SOH)?;
    let length = usize::try_from(number(&rest[..digits])?).ok()?;
    if length > MESSAGE_BYTES_MAX {
        return None;
    }
    Some(first + 1 + 2 + digits + 1 + length + 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with `|` for SOH, its length and sum written right.
    pub(crate) fn whole(body: &str) -> Vec<u8> {
        let body = body.replace('|', "\u{1}");
        let mut bytes = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
        let sum = sum(&bytes);
        bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
        bytes
    }

    #[test]
    fn a_right_message_is_shown_with_names_and_meanings() {
        let message = FixMessage::new(whole("35=8|34=2|39=8|20110=120|58=a\u{1b}[2J|9999=x|"));
        assert!(message.is_sound());
        let lines = anstream::adapter::strip_str(&message.to_lines()).to_string();
        for expected in [
            "ExecutionReport\n",
            "   35 MsgType                8  = ExecutionReport\n",
            "   39 OrdStatus              8  = Rejected\n",
            "20110 GateCode               120  = PRICE_COLLAR\n",
            "   58 Text                   a\\u{1b}[2J\n",
            " 9999                        x\n",
        ] {
            assert!(lines.contains(expected), "{expected}: {lines}");
        }
        assert_eq!(message.to_json()["fields"][2]["meaning"], "ExecutionReport");
    }

    #[test]
    fn wrong_lengths_and_sums_are_told() {
        let mut bytes = whole("35=0|34=2|");
        let at = bytes.len() - 2;
        bytes[at] ^= 1;
        let message = FixMessage::new(bytes);
        assert!(!message.is_sound() && message.body_length.is_true());
        let message = FixMessage::new(whole("35=0|34=2|").replace_once(b"9=10", b"9=11"));
        assert!(!message.body_length.is_true());
        assert!(
            message.to_lines().contains("wrong, it is 10"),
            "{}",
            message.to_lines()
        );
    }

    trait ReplaceOnce {
        fn replace_once(self, from: &[u8], to: &[u8]) -> Vec<u8>;
    }

    impl ReplaceOnce for Vec<u8> {
        fn replace_once(self, from: &[u8], to: &[u8]) -> Vec<u8> {
            let at = self
                .windows(from.len())
                .position(|window| window == from)
                .unwrap();
            [&self[..at], to, &self[at + from.len()..]].concat()
        }
    }

    #[test]
    fn data_fields_may_hold_separators_and_secrets_do_not_get_out() {
        let message = FixMessage::new(whole("35=A|95=5|96=a|b=c|554=top|108=30|"));
        assert!(message.is_sound());
        assert_eq!(message.fields.len(), 8);
        assert!(message.to_lines().contains("*****"));
        assert!(!message.to_lines().contains("top"));
        let safe = FixMessage::new(message.without_secrets());
        assert!(safe.is_sound());
        assert_eq!(safe.text(554), "***");
    }

    #[test]
    fn streams_are_cut_into_messages_at_every_split() {
        let first = whole("35=0|34=2|");
        let damaged = whole("35=0|34=3|").replace_once(b"9=10", b"9=99");
        let stream = [
            b"noise".to_vec(),
            first.clone(),
            damaged.clone(),
            first.clone(),
        ]
        .concat();
        for split in 1..stream.len() {
            let mut held: Vec<u8> = Vec::new();
            let mut found: Vec<Vec<u8>> = Vec::new();
            for piece in [&stream[..split], &stream[split..]] {
                held.extend_from_slice(piece);
                loop {
                    match front(&held) {
                        Front::Partial => break,
                        Front::Noise(length) => drop(held.drain(..length)),
                        Front::Message(length) => found.push(held.drain(..length).collect()),
                    }
                }
            }
            let expected: [Vec<u8>; 3] = [first.clone(), damaged.clone(), first.clone()];
            assert_eq!(found, expected, "split at {split}");
        }
    }
}
