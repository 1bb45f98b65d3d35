//! One whole message as an index over its bytes, with getters that name the field when it is wrong.
//!
//! Nothing is copied and nothing is decoded before it is asked for. The getters by data type are in
//! `values/getters.rs`. Not here: which fields a message must have; that is [`crate::messages`].

use crate::digits::Value;
use crate::index::Fields;
use crate::tag;

pub use crate::error::{FieldError, IndexError, SessionRejectReason};
pub use crate::index::{FIELDS_MAX, Index};

mod reading;

/// A whole message with its fields indexed.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Invariant: filled from `bytes`, so that each slot lies within them.
    fields: Fields<'a>,
}

impl<'a> Message<'a> {
    /// The message as it came.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The value of the first field with this tag.
    #[must_use]
    pub fn field(&self, tag: u32) -> Option<&'a [u8]> {
        self.value_at(self.fields.find(tag)?)
    }

    /// Every field in wire order, tag and value.
    pub fn fields(&self) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        let Message { bytes, fields } = *self;
        (0..fields.tags.len()).filter_map(move |slot| {
            let (tag, start, end) = fields.slot(slot)?;
            Some((tag, bytes.get(start..end)?))
        })
    }

    /// How many fields there are, those of header and trailer included.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.fields.tags.len()
    }

    /// The tag of the field in a slot; slots are numbered in wire order, from zero. `None` from
    /// [`Message::count`] on.
    #[must_use]
    pub fn tag_at(&self, slot: usize) -> Option<u32> {
        self.fields.tags.get(slot).copied()
    }

    /// Tags of all fields, in wire order.
    #[inline]
    pub(crate) fn tags(&self) -> &'a [u32] {
        self.fields.tags
    }

    /// Whether a field has no value; never so in a message that [`Message::parse`] gave.
    #[cfg(feature = "dictionary")]
    pub(crate) fn has_empty_value(&self) -> bool {
        self.fields.has_empty_value()
    }

    /// The value of the field in a slot, `None` from [`Message::count`] on.
    #[must_use]
    pub fn value_at(&self, slot: usize) -> Option<&'a [u8]> {
        let (_, start, end) = self.fields.slot(slot)?;
        self.bytes.get(start..end)
    }

    /// As [`Message::value_at`], with what stands in front of the value for the readers of numbers.
    #[inline(always)]
    pub(crate) fn number_at(&self, slot: usize) -> Option<Value<'a>> {
        let (_, start, end) = self.fields.slot(slot)?;
        Value::between(self.bytes, start, end)
    }

    /// The first slot that holds the tag.
    #[inline]
    pub(crate) fn find(&self, tag: u32) -> Option<usize> {
        self.fields.find(tag)
    }

    // Header.

    /// BeginString(8); empty where there is none.
    #[must_use]
    pub fn begin_string(&self) -> &'a [u8] {
        self.field(tag::BEGIN_STRING).unwrap_or(&[])
    }

    /// MsgType(35); empty where there is none.
    #[must_use]
    #[inline]
    pub fn msg_type(&self) -> &'a [u8] {
        // The third field, in every message that was framed; one before it would be the first.
        let value = match *self.fields.tags {
            [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::MSG_TYPE, ..] => self.value_at(2),
            _ => self.field(tag::MSG_TYPE),
        };
        value.unwrap_or(&[])
    }

    /// MsgSeqNum(34).
    ///
    /// # Errors
    /// Missing, not a number, out of range.
    pub fn msg_seq_num(&self) -> Result<u64, FieldError> {
        self.seq_num(tag::MSG_SEQ_NUM)
    }

    /// SenderCompID(49).
    #[must_use]
    pub fn sender_comp_id(&self) -> Option<&'a [u8]> {
        self.field(tag::SENDER_COMP_ID)
    }

    /// TargetCompID(56).
    #[must_use]
    pub fn target_comp_id(&self) -> Option<&'a [u8]> {
        self.field(tag::TARGET_COMP_ID)
    }

    /// SendingTime(52) in nanoseconds since the epoch.
    ///
    /// # Errors
    /// Missing, not a UTCTimestamp, out of range.
    pub fn sending_time_ns(&self) -> Result<u64, FieldError> {
        self.timestamp_ns(tag::SENDING_TIME)
    }

    /// OrigSendingTime(122) in nanoseconds since the epoch, `None` where the message has none.
    ///
    /// # Errors
    /// Not a UTCTimestamp, out of range.
    pub fn orig_sending_time_ns(&self) -> Result<Option<u64>, FieldError> {
        self.optional(tag::ORIG_SENDING_TIME, |message, tag| {
            message.timestamp_ns(tag)
        })
    }

    /// Whether PossDupFlag(43) is `Y`.
    #[must_use]
    pub fn poss_dup_flag(&self) -> bool {
        self.field(tag::POSS_DUP_FLAG) == Some(b"Y")
    }

    /// Whether PossResend(97) is `Y`.
    #[must_use]
    pub fn poss_resend(&self) -> bool {
        self.field(tag::POSS_RESEND) == Some(b"Y")
    }

    /// The first of the tags that stand once in a message but stand here twice:
    /// SessionRejectReason(373)=13.
    ///
    /// It covers the header, the trailer and the fields of the messages in [`crate::messages`].
    /// Lists and quotes, which are not among those, have some of them in repeating groups: ask only
    /// for types that are read here.
    #[must_use]
    pub fn duplicate_tag(&self) -> Option<FieldError> {
        match self.fields.shape {
            Some(shape) if !shape.has_twice() => None,
            _ => twice(self.fields.tags),
        }
    }
}

/// The first of these tags that stands once in a message but stands here twice.
pub(crate) fn twice(tags: &[u32]) -> Option<FieldError> {
    let mut seen = [0_u64; SINGLE_WORDS];
    for &tag in tags {
        let Some((word, bit)) = single_bit(tag) else {
            continue;
        };
        let Some(seen) = seen.get_mut(word) else {
            continue;
        };
        if *seen & bit != 0 {
            let reason = SessionRejectReason::TagAppearsMoreThanOnce;
            return Some(FieldError::new(tag, reason));
        }
        *seen |= bit;
    }
    None
}

/// Tags that stand at most once outside every repeating group of FIX 4.4 and that we read or the
/// header has. Side(54), Symbol(55) and the like are members of groups in list and quote messages,
/// which we do not read.
const SINGLE_TAGS: [u32; 60] = [
    1, 6, 7, 8, 9, 10, 11, 14, 16, 17, 31, 32, 34, 35, 36, 37, 38, 39, 40, 41, 43, 44, 45, 49, 50,
    52, 54, 55, 56, 57, 59, 60, 97, 98, 102, 103, 108, 112, 114, 115, 122, 123, 128, 141, 150, 151,
    371, 372, 373, 379, 380, 434, 20101, 20102, 20103, 20110, 20111, 20112, 20113, 20120,
];

/// Words of 64 bits for tags below 512, and one more for the user tags 20101-20164.
const SINGLE_WORDS: usize = 9;

const SINGLE: [u64; SINGLE_WORDS] = single_words();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn single_words() -> [u64; SINGLE_WORDS] {
    let mut words = [0; SINGLE_WORDS];
    let mut at = 0;
    while at < SINGLE_TAGS.len() {
        let place = single_place(SINGLE_TAGS[at]);
        words[(place / 64) as usize] |= 1 << (place % 64);
        at += 1;
    }
    words
}

const fn single_place(tag: u32) -> u32 {
    match tag {
        0..512 => tag,
        20_101..20_165 => 512 + (tag - 20_101),
        _ => u32::MAX,
    }
}

fn single_bit(tag: u32) -> Option<(usize, u64)> {
    let place = single_place(tag);
    let word = usize::try_from(place / 64).ok()?;
    let bit = 1 << (place % 64);
    (SINGLE.get(word)? & bit != 0).then_some((word, bit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{read, whole};

    #[test]
    fn header_and_fields() {
        let body = "35=D|49=A|56=B|34=12|43=Y|97=Y|52=20261123-00:12:33|122=20261123-00:12:32|\
                    58=x=y|58=z|";
        read(body, |message| {
            assert_eq!(message.begin_string(), b"FIX.4.4");
            assert_eq!(message.msg_type(), b"D");
            assert_eq!(message.msg_seq_num(), Ok(12));
            assert_eq!(message.sender_comp_id(), Some(&b"A"[..]));
            assert_eq!(message.target_comp_id(), Some(&b"B"[..]));
            assert!(message.poss_dup_flag() && message.poss_resend());
            assert_eq!(message.sending_time_ns(), Ok(1_795_392_753_000_000_000));
            assert_eq!(
                message.orig_sending_time_ns(),
                Ok(Some(1_795_392_752_000_000_000))
            );
            assert_eq!(message.field(tag::TEXT), Some(&b"x=y"[..]));
            assert_eq!(message.field(tag::SYMBOL), None);
            let tags: Vec<u32> = message.fields().map(|(tag, _)| tag).collect();
            assert_eq!(tags, [8, 9, 35, 49, 56, 34, 43, 97, 52, 122, 58, 58, 10]);
            assert_eq!(message.count(), 13);
            assert_eq!((message.tag_at(0), message.tag_at(12)), (Some(8), Some(10)));
            assert_eq!(message.value_at(11), Some(&b"z"[..]));
            assert_eq!((message.tag_at(13), message.value_at(13)), (None, None));
        });
        read("35=0|", |message| {
            assert_eq!(message.msg_seq_num(), Err(FieldError::missing(34)));
            assert_eq!(message.sending_time_ns(), Err(FieldError::missing(52)));
            assert_eq!(message.orig_sending_time_ns(), Ok(None));
            assert!(!message.poss_dup_flag() && !message.poss_resend());
        });
    }

    #[test]
    fn a_wrong_field_is_named_with_the_sequence_number() {
        use SessionRejectReason as Reason;
        for (body, ref_tag, reason, msg_seq_num) in [
            ("35=D|0=x|34=5|", 0, Reason::InvalidTagNumber, 5),
            ("35=D|58=|34=5|", 58, Reason::TagSpecifiedWithoutAValue, 5),
            ("35=D|95=-1|96=x|34=5|", 95, Reason::ValueIsIncorrect, 5),
            ("35=D|95=900|96=x|34=5|", 95, Reason::ValueIsIncorrect, 5),
            ("35=D|34=|", 34, Reason::TagSpecifiedWithoutAValue, 0),
            ("35=D|34=x|=|", 0, Reason::InvalidTagNumber, 0),
        ] {
            let bytes = whole(body);
            let mut index = Index::new();
            let error = Message::parse(&bytes, &mut index).map(|_| ());
            assert_eq!(
                error,
                Err(IndexError {
                    ref_tag,
                    reason,
                    msg_seq_num
                }),
                "{body}"
            );
            let (message, error) = Message::read(&bytes, &mut index);
            assert_eq!(error, Some(FieldError::new(ref_tag, reason)));
            assert_eq!(message.msg_type(), b"D");
        }
    }

    #[test]
    fn duplicates_outside_groups_are_found() {
        let duplicate = |body: &str| read(body, |m| m.duplicate_tag()).map(|error| error.tag);
        assert_eq!(duplicate("35=D|34=1|11=A|55=B|54=1|"), None);
        assert_eq!(duplicate("35=D|34=1|11=A|11=B|"), Some(11));
        assert_eq!(duplicate("35=D|34=1|34=1|"), Some(34));
        assert_eq!(duplicate("35=D|35=D|"), Some(35));
        assert_eq!(duplicate("35=D|9=1|"), Some(9));
        assert_eq!(duplicate("35=D|20101=1|20101=2|"), Some(20_101));
        assert_eq!(duplicate("35=D|20112=1|20112=2|"), Some(20_112));
        // Members of repeating groups, and tags that nobody knows.
        assert_eq!(duplicate("35=D|453=2|448=A|452=1|448=B|452=2|"), None);
        assert_eq!(
            duplicate("35=D|5001=1|5001=2|999999999=1|999999999=1|"),
            None
        );
        assert_eq!(duplicate("35=D|20164=1|20164=1|20165=1|20165=1|"), None);
        assert_eq!(
            duplicate("35=D|19623=1|19623=1|20100=1|20100=1|512=1|512=1|"),
            None
        );
    }
}
