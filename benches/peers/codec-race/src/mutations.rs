//! Messages that are almost sound: one thing in them is another, and BodyLength(9) and CheckSum(10)
//! mostly fit again, so that a reader gets past its framing.

use race_ours::message_sets::{Made, check_sum};
use race_ours::random::Random;

/// What is done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Nothing.
    None,
    /// One byte behind MsgType(35) is another one.
    Byte,
    /// A field is left out.
    Without,
    /// A field stands twice.
    Twice,
    /// Two neighbours change places.
    Swapped,
    /// A field with a user-defined or unknown tag is put in.
    Unknown,
    /// A value is left out, but not its tag.
    Empty,
    /// RawDataLength(95) and RawData(96) with SOH and `=` inside.
    Data,
    /// As `Data`, with a length that does not fit.
    DataLength,
    /// A leading zero before a tag.
    TagZero,
    /// CheckSum(10) is another one.
    CheckSum,
    /// BodyLength(9) is another one, and the sum fits.
    BodyLength,
    /// Bytes at the end are missing.
    Cut,
}

/// All of them.
pub const ALL: [Mutation; 13] = [
    Mutation::None,
    Mutation::Byte,
    Mutation::Without,
    Mutation::Twice,
    Mutation::Swapped,
    Mutation::Unknown,
    Mutation::Empty,
    Mutation::Data,
    Mutation::DataLength,
    Mutation::TagZero,
    Mutation::CheckSum,
    Mutation::BodyLength,
    Mutation::Cut,
];

/// Bytes that a reader may stumble over.
const ODD: [u8; 12] = [
    1, b'=', b'0', b'9', b'-', b'.', b' ', b'A', 0, 0x7F, 0x80, 0xFF,
];
/// Tags that no dictionary has, of every length.
const UNKNOWN: [&str; 6] = ["5001", "9999", "10000", "20110", "123456", "999999999"];

/// The message with one thing changed.
#[must_use]
pub fn mutate(made: &Made, mutation: Mutation, random: &mut Random) -> Vec<u8> {
    let mut fields: Vec<Vec<u8>> = Vec::new();
    for (tag, place) in &made.fields {
        let mut field = format!("{tag}=").into_bytes();
        field.extend_from_slice(made.bytes.get(place.clone()).unwrap_or(&[]));
        fields.push(field);
    }
    // The body, but for MsgType(35), which stays at its front.
    let mut body: Vec<Vec<u8>> = fields.drain(3..fields.len() - 1).collect();
    let below = |random: &mut Random, bound: usize| {
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        usize::try_from(random.below(bound)).unwrap_or(0)
    };
    let at = below(random, body.len());
    match mutation {
        Mutation::Without => drop(body.remove(at)),
        Mutation::Twice => {
            if let Some(field) = body.get(at).cloned() {
                body.insert(below(random, body.len() + 1), field);
            }
        }
        Mutation::Swapped => body.swap(at, (at + 1) % made.fields.len().saturating_sub(4).max(1)),
        Mutation::Unknown => {
            let tag = random.pick(&UNKNOWN).unwrap_or(UNKNOWN[0]);
            body.insert(at, format!("{tag}=x").into_bytes());
        }
        Mutation::Empty => {
            if let Some(field) = body.get_mut(at) {
                let equals = field.iter().position(|&byte| byte == b'=').unwrap_or(0);
                field.truncate(equals + 1);
            }
        }
        Mutation::Data => body.insert(at, b"95=5\x0196=a\x01=\x01b".to_vec()),
        Mutation::DataLength => {
            let length = random.pick(&["4", "6", "0", "-1", "70000", "99999999999"]);
            let text = format!("95={}\x0196=abcde", length.unwrap_or("4"));
            body.insert(at, text.into_bytes());
        }
        Mutation::TagZero => {
            if let Some(field) = body.get_mut(at) {
                field.insert(0, b'0');
            }
        }
        Mutation::Byte => {
            if let Some(field) = body.get_mut(at) {
                let place = below(random, field.len());
                if let Some(byte) = field.get_mut(place) {
                    *byte = random.pick(&ODD).unwrap_or(0);
                }
            }
        }
        _ => {}
    }
    let mut text = fields.get(2).cloned().unwrap_or_default();
    text.push(1);
    for field in &body {
        text.extend_from_slice(field);
        text.push(1);
    }
    let length = match mutation {
        Mutation::BodyLength => text.len() + 1 - 2 * below(random, 2),
        _ => text.len(),
    };
    let mut message = format!("8=FIX.4.4\x019={length}\x01").into_bytes();
    message.extend_from_slice(&text);
    let sum = match mutation {
        Mutation::CheckSum => check_sum(&message).wrapping_add(1),
        _ => check_sum(&message),
    };
    message.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    if mutation == Mutation::Cut {
        let length = message.len() - 1 - below(random, 12);
        message.truncate(length);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use race_ours::message_sets::make;

    #[test]
    fn each_changes_what_it_says_and_nothing_leaves_the_message_as_it_was() {
        let mut random = Random::new(7);
        for made in make("nos", 7).iter().take(50) {
            for mutation in ALL {
                let mutated = mutate(made, mutation, &mut random);
                let is_same = mutated == made.bytes;
                match mutation {
                    Mutation::None => assert!(is_same),
                    // A byte may be replaced by itself, and a neighbour be the same.
                    Mutation::Byte => {}
                    _ => assert!(!is_same, "{mutation:?}"),
                }
                let msg_type = b"\x0135=D\x01";
                assert!(mutated.windows(6).any(|bytes| bytes == msg_type));
                let (summed, trailer) = mutated.split_at(mutated.len() - 7);
                let fits = trailer == format!("10={:03}\x01", check_sum(summed)).as_bytes();
                let is_wrong = matches!(mutation, Mutation::CheckSum | Mutation::Cut);
                assert_eq!(fits, !is_wrong, "{mutation:?}");
            }
        }
    }
}
