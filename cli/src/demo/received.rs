//! The driver's own reading of FIX: a message cut from bytes, and its fields by tag.

/// Separates the fields of a message.
const SOH: u8 = 1;

/// A received message, by its fields.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a>(pub(super) &'a [u8]);

impl<'a> Received<'a> {
    /// The value of a field's first occurrence; empty when there is none, or when it is not text.
    #[must_use]
    pub fn field(&self, tag: u32) -> &'a str {
        let mut fields = self.0.split(|byte| *byte == SOH);
        fields
            .find_map(|field| {
                let (name, value) = core::str::from_utf8(field).ok()?.split_once('=')?;
                (name.parse() == Ok(tag)).then_some(value)
            })
            .unwrap_or("")
    }

    /// Whether PossDupFlag(43) is set.
    #[must_use]
    pub fn is_poss_dup(&self) -> bool {
        self.field(43) == "Y"
    }

    pub(super) fn number(&self, tag: u32) -> u64 {
        self.field(tag).parse().unwrap_or(0)
    }
}

/// Length of the whole message at the front, if it is there.
pub(super) fn frame(bytes: &[u8]) -> Result<Option<usize>, &'static str> {
    let Some(head) = bytes.get(..12) else {
        return Ok(None);
    };
    if !head.starts_with(b"8=FIX.4.4\x019=") {
        return Err("the gateway's bytes are not FIX.4.4");
    }
    let Some(digits) = bytes[12..].iter().position(|byte| *byte == SOH) else {
        return if bytes.len() > 24 {
            Err("BodyLength(9) has no end")
        } else {
            Ok(None)
        };
    };
    let length: usize = core::str::from_utf8(&bytes[12..12 + digits])
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|length| *length < 1 << 20)
        .ok_or("BodyLength(9) is not a number")?;
    let body_end = 12 + digits + 1 + length;
    let Some(message) = bytes.get(..body_end + 7) else {
        return Ok(None);
    };
    let sum = message[..body_end]
        .iter()
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if message[body_end..] == *format!("10={sum:03}\u{1}").as_bytes() {
        Ok(Some(message.len()))
    } else {
        Err("CheckSum(10) is wrong")
    }
}

/// UTCTimestamp with milliseconds.
pub(crate) fn timestamp(ns: u64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(ns))
        .map(|moment| moment.strftime("%Y%m%d-%H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}
