//! A message that the member sent, kept whole, and shown to people without its secrets.

use gwanmun_fix::{Index, Message, tag};

use crate::show;

/// Secrets of a Logon(A): Password(554), NewPassword(925), RawData(96).
const SECRETS: [u32; 3] = [554, 925, 96];

/// One message.
#[derive(Clone, Debug)]
pub(super) struct Received {
    fields: Vec<(u32, Vec<u8>)>,
    /// When it was there.
    pub(super) at_ns: u64,
}

impl Received {
    /// Reads a whole message.
    ///
    /// # Errors
    /// The message as shown and what is wrong with it, in words.
    pub(super) fn read(bytes: &[u8], at_ns: u64) -> Result<Received, String> {
        let mut index = Index::new();
        let (message, defect) = Message::read(bytes, &mut index);
        let fields = message
            .fields()
            .map(|(tag, value)| (tag, value.to_vec()))
            .collect();
        let received = Received { fields, at_ns };
        match defect {
            None => Ok(received),
            Some(defect) => Err(format!(
                "{}: {}, tag {}",
                received.shown(),
                defect.reason.text(),
                defect.tag
            )),
        }
    }

    /// The first field with this tag.
    pub(super) fn field(&self, tag: u32) -> Option<&[u8]> {
        let found = self.fields.iter().find(|field| field.0 == tag)?;
        Some(&found.1)
    }

    /// The field as text for people; empty where it is absent.
    pub(super) fn text(&self, tag: u32) -> String {
        show::escaped_bytes(self.field(tag).unwrap_or(b""))
    }

    /// The field as a whole number.
    pub(super) fn number(&self, tag: u32) -> Option<u64> {
        let value = self.field(tag)?;
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = core::str::from_utf8(value).ok().filter(|_| is_number)?;
        text.parse().ok()
    }

    /// A UTCTimestamp in nanoseconds.
    pub(super) fn time_ns(&self, tag: u32) -> Option<u64> {
        gwanmun_fix::time::parse_utc_timestamp(self.field(tag)?).ok()
    }

    /// Whether MsgType(35) is this one.
    pub(super) fn is(&self, msg_type: &[u8]) -> bool {
        self.field(tag::MSG_TYPE) == Some(msg_type)
    }

    /// Whether the flag stands at Y.
    pub(super) fn has_flag(&self, tag: u32) -> bool {
        self.field(tag) == Some(b"Y")
    }

    /// Whether it is SequenceReset(4) with GapFillFlag(123)=Y.
    pub(super) fn is_gap_fill(&self) -> bool {
        self.is(b"4") && self.has_flag(tag::GAP_FILL_FLAG)
    }

    /// Whether it belongs to the session alone.
    pub(super) fn is_administrative(&self) -> bool {
        matches!(
            self.field(tag::MSG_TYPE),
            Some(b"0" | b"1" | b"2" | b"3" | b"4" | b"5" | b"A")
        )
    }

    /// The message for people: `|` between fields, secrets as asterisks.
    pub(super) fn shown(&self) -> String {
        let field = |(tag, value): &(u32, Vec<u8>)| {
            let value = match SECRETS.contains(tag) {
                true => "*".repeat(value.len()),
                false => show::escaped_bytes(value),
            };
            format!("{tag}={value}|")
        };
        self.fields.iter().map(field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let bytes = b"8=FIX.4.4\x019=30\x0135=A\x0196=raw\x01553=user\x01554=pass\x0110=000\x01";
        let received = Received::read(bytes, 0).unwrap();
        let expected = "8=FIX.4.4|9=30|35=A|96=***|553=user|554=****|10=000|";
        assert_eq!(received.shown(), expected);
    }

    #[test]
    fn a_broken_message_is_told_with_its_tag() {
        let told = Received::read(b"8=FIX.4.4\x019=5\x0135=0\x01112=\x0110=000\x01", 0);
        assert!(told.unwrap_err().contains("tag 112"));
    }
}
