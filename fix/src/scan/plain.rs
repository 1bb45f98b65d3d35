//! The scan, byte by byte: the definition of what is right, and the way for every message that is
//! out of the ordinary.
//!
//! A field is `tag=value` up to SOH. Then, in this order:
//!
//! 1. No `=`, or a tag that is not 1 to 9 digits without a leading zero: InvalidTagNumber, tag 0;
//!    the field is left out.
//! 2. A data field right behind its length field takes so many bytes, SOH or not, and SOH must
//!    follow. A length that is not a count is named at once; one that overruns, or behind which no
//!    SOH stands, is named when the data field comes, which is then read up to the next SOH.
//! 3. An empty value: TagSpecifiedWithoutAValue; the field is kept.
//! 4. No SOH at the end of the message: IncorrectDataFormatForValue; the field is kept.
//! 5. More fields than the index holds, or one that ends beyond the first 64 KiB: Other, and the
//!    scan ends.

use crate::SOH;
use crate::error::{FieldError, SessionRejectReason};
use crate::index::{Index, Slots, SlotsMut};
use crate::tag;

/// Longest tag that is read: nine digits always fit 32 bits.
pub const TAG_DIGITS_MAX: usize = 9;

/// As [`super::scan`].
pub fn scan<S: Slots>(bytes: &[u8], index: &mut Index<S>) -> Option<FieldError> {
    let (count, error) = read(bytes, &mut index.slots_mut());
    index.set_count(count);
    error
}

/// Fills slots; tells how many, and the first error.
pub(super) fn read(bytes: &[u8], slots: &mut SlotsMut<'_>) -> (usize, Option<FieldError>) {
    let mut count = 0;
    let mut first_error: Option<FieldError> = None;
    let mut data_next: Option<Data> = None;
    let mut rest_start = 0;
    while let Some(rest) = bytes.get(rest_start..).filter(|rest| !rest.is_empty()) {
        let field_length = rest
            .iter()
            .position(|&byte| byte == SOH)
            .unwrap_or(rest.len());
        let field = rest.get(..field_length).unwrap_or(rest);
        let Some((field_tag, tag_length)) = read_tag(field) else {
            first_error = first_error.or(Some(FieldError::new(0, INVALID_TAG)));
            data_next = None;
            rest_start += field_length + 1;
            continue;
        };
        let start = rest_start + tag_length + 1;
        let mut end = rest_start + field_length;
        if let Some(data) = data_next.take().filter(|data| data.tag == field_tag) {
            match start
                .checked_add(data.length)
                .filter(|&end| bytes.get(end) == Some(&SOH))
            {
                Some(data_end) => end = data_end,
                None => first_error = first_error.or(Some(FieldError::value(data.length_tag))),
            }
        }
        let value = bytes.get(start..end).unwrap_or(&[]);
        if let Some(data_tag) = tag::data_of_length(field_tag) {
            match read_length(value) {
                Ok(length) => {
                    data_next = Some(Data {
                        length_tag: field_tag,
                        tag: data_tag,
                        length,
                    });
                }
                Err(reason) if !value.is_empty() => {
                    first_error = first_error.or(Some(FieldError::new(field_tag, reason)));
                }
                Err(_) => {}
            }
        }
        if value.is_empty() {
            let reason = SessionRejectReason::TagSpecifiedWithoutAValue;
            first_error = first_error.or(Some(FieldError::new(field_tag, reason)));
        }
        if end == bytes.len() {
            first_error = first_error.or(Some(FieldError::format(field_tag)));
        }
        if !slots.put(count, field_tag, start, end) {
            let full = FieldError::new(field_tag, SessionRejectReason::Other);
            return (count, first_error.or(Some(full)));
        }
        count += 1;
        rest_start = end + 1;
    }
    (count, first_error)
}

const INVALID_TAG: SessionRejectReason = SessionRejectReason::InvalidTagNumber;

/// The data field that a length field announced.
struct Data {
    length_tag: u32,
    tag: u32,
    length: usize,
}

/// The tag at the front of a field, and its length in bytes; `=` follows.
pub(super) fn read_tag(field: &[u8]) -> Option<(u32, usize)> {
    let mut tag: u32 = 0;
    for (place, &byte) in field.iter().enumerate() {
        match byte {
            b'=' if place > 0 => return Some((tag, place)),
            b'0' if place == 0 => return None,
            b'0'..=b'9' if place < TAG_DIGITS_MAX => tag = tag * 10 + u32::from(byte - b'0'),
            _ => return None,
        }
    }
    None
}

/// A count of bytes.
fn read_length(value: &[u8]) -> Result<usize, SessionRejectReason> {
    let (digits, is_negative) = match value {
        [b'-', rest @ ..] => (rest, true),
        _ => (value, false),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(SessionRejectReason::IncorrectDataFormatForValue);
    }
    if is_negative {
        return Err(SessionRejectReason::ValueIsIncorrect);
    }
    let digit = |sum: usize, &byte: &u8| {
        sum.checked_mul(10)
            .and_then(|sum| sum.checked_add(usize::from(byte - b'0')))
    };
    digits
        .iter()
        .try_fold(0, digit)
        .ok_or(SessionRejectReason::ValueIsIncorrect)
}
