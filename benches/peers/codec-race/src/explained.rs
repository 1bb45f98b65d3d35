//! The list of what others read otherwise than we do, each with its reason.
//!
//! An entry accounts for a difference only where the message itself shows the reason, so that the
//! same difference with another cause is still found. Our reading is that of
//! `fix/src/scan/plain.rs`: a tag is one to nine digits without a leading zero, a value has a byte,
//! a data field has as many bytes as its length says, and what breaks that is refused with the tag
//! and a reason.

use race_ours::ours;
use rust_decimal::Decimal;

use crate::differences::Case;
use crate::mutations::Mutation;
use crate::peers::Decoded;

/// Why a peer may read something else.
pub struct Difference {
    /// The peers.
    pub peers: &'static [&'static str],
    /// The reason, in a sentence.
    pub why: &'static str,
    /// Whether a case is one of these.
    pub applies: fn(&Case) -> bool,
}

const IRONFIX: &str = "ironfix-tagvalue";
const FEFIX: &str = "fefix";
const RUSTYFIX: &str = "rustyfix";
const HOTFIX: &str = "hotfix-message";
const EASYFIX: &str = "easyfix-messages";
const ALL: &[&str] = &[IRONFIX, FEFIX, RUSTYFIX, HOTFIX, EASYFIX];

/// The list.
pub const EXPLAINED: &[Difference] = &[
    Difference {
        peers: ALL,
        why: "our index holds so many fields and refuses a message with more",
        applies: |case| case.only_they_take_it() && fields(case).len() > ours::fields_max(),
    },
    Difference {
        peers: ALL,
        why: "it takes a field without a value, which FIX has not",
        applies: |case| {
            let is_empty = |field: &Field| matches!(field, Some((_, b"")));
            case.only_they_take_it() && fields(case).iter().any(is_empty)
        },
    },
    Difference {
        peers: ALL,
        why: "it takes a tag with a leading zero or with other bytes than digits",
        applies: |case| case.only_they_take_it() && fields(case).iter().any(has_odd_tag),
    },
    Difference {
        peers: &[IRONFIX, FEFIX, RUSTYFIX],
        why: "it ends a message at the first field 10, we where BodyLength(9) says",
        applies: |case| {
            let ours = case.ours.as_deref().and_then(|ours| ours.split_last());
            ours.is_some_and(|(_, body)| body.iter().any(|field| field.0 == 10))
        },
    },
    Difference {
        peers: &[FEFIX, RUSTYFIX],
        why: "it takes a data field whose length does not fit it",
        applies: |case| case.only_they_take_it() && case.mutation == Mutation::DataLength,
    },
    Difference {
        peers: &[FEFIX, RUSTYFIX],
        why: "it keeps fields in a map, so where a tag stands twice it tells the last value twice",
        applies: repeated_values_alone_differ,
    },
    Difference {
        peers: &[FEFIX],
        why: "its tags have 16 bits, and a larger one is taken for another",
        applies: |case| has_tag_over(case, u16::MAX.into()),
    },
    Difference {
        peers: &[HOTFIX],
        why: "it ends a data field at the first SOH in it",
        applies: |case| case.only_we_take_it() && case.mutation == Mutation::Data,
    },
    Difference {
        peers: &[HOTFIX],
        why: "it validates against its dictionary: an unknown, missing or misplaced field",
        applies: |case| match &case.theirs {
            Decoded::Refused(reason) => {
                let words = [
                    "invalid field",
                    "invalid group",
                    "order in group",
                    "missing",
                ];
                let is_validation = words.iter().any(|word| reason.contains(word));
                case.mutation != Mutation::None && case.only_we_take_it() && is_validation
            }
            Decoded::Fields(_) => false,
        },
    },
    Difference {
        peers: &[HOTFIX],
        why: "it keeps fields in a map, so of a tag that stands twice it tells the last value alone",
        applies: |case| match (&case.ours, &case.theirs) {
            (Some(ours), Decoded::Fields(theirs)) => {
                let mut tags: Vec<u32> = ours.iter().map(|field| field.0).collect();
                tags.sort_unstable();
                let repeats = tags.windows(2).any(|two| two.first() == two.last());
                let is_part =
                    theirs.len() < ours.len() && theirs.iter().all(|field| ours.contains(field));
                repeats && is_part
            }
            _ => false,
        },
    },
    Difference {
        peers: &[EASYFIX],
        why: "it wants a colon behind the seconds of a UTCTimeOnly, where FIX has a dot or nothing",
        applies: |case| match &case.theirs {
            Decoded::Refused(reason) => case.only_we_take_it() && reason.contains("(tag=273)"),
            Decoded::Fields(_) => false,
        },
    },
    Difference {
        peers: &[EASYFIX],
        why: "it lists no fields but what it writes again, numbers without needless digits and dots",
        applies: numbers_are_written_otherwise,
    },
    Difference {
        peers: &[EASYFIX],
        why: "it validates against its dictionary, which is that of FIX 5.0 SP2",
        applies: |case| case.mutation != Mutation::None && case.only_we_take_it(),
    },
];

/// The field that a plain cut at each SOH gives: tag and value, or `None` without an `=`.
type Field<'m> = Option<(&'m [u8], &'m [u8])>;

fn fields(case: &Case) -> Vec<Field<'_>> {
    let message = case.message.strip_suffix(b"\x01").unwrap_or(&case.message);
    let cut = |field: &'_ [u8]| field.iter().position(|&byte| byte == b'=');
    let split = message.split(|&byte| byte == 1);
    split
        .map(|field| {
            let (tag, value) = field.split_at_checked(cut(field)?)?;
            Some((tag, value.get(1..)?))
        })
        .collect()
}

fn has_odd_tag(field: &Field<'_>) -> bool {
    let Some((tag, _)) = field else { return true };
    let is_number = (1..=9).contains(&tag.len()) && tag.iter().all(u8::is_ascii_digit);
    !is_number || tag.starts_with(b"0")
}

fn has_tag_over(case: &Case, most: u32) -> bool {
    let over = |field: &(u32, Vec<u8>)| field.0 > most;
    case.ours.as_ref().is_some_and(|ours| ours.iter().any(over))
}

/// Both sides list the same tags in the same order, and values differ only where a tag stands more
/// than once.
fn repeated_values_alone_differ(case: &Case) -> bool {
    let (Some(ours), Decoded::Fields(theirs)) = (&case.ours, &case.theirs) else {
        return false;
    };
    let listed = |field: &&(u32, Vec<u8>)| field.0 != 9 && field.0 != 10;
    let ours: Vec<&(u32, Vec<u8>)> = ours.iter().filter(listed).collect();
    let repeats = |tag| ours.iter().filter(|field| field.0 == tag).count() > 1;
    ours.len() == theirs.len()
        && ours
            .iter()
            .zip(theirs)
            .all(|(one, other)| one.0 == other.0 && (one.1 == other.1 || repeats(one.0)))
}

/// Both sides have the same tags, and where values differ they are the same number.
fn numbers_are_written_otherwise(case: &Case) -> bool {
    let (Some(ours), Decoded::Fields(theirs)) = (&case.ours, &case.theirs) else {
        return false;
    };
    let by_tag = |fields: &[(u32, Vec<u8>)]| {
        let listed = fields.iter().filter(|field| !(8..=10).contains(&field.0));
        let mut listed: Vec<(u32, Vec<u8>)> = listed.cloned().collect();
        listed.sort_by_key(|field| field.0);
        listed
    };
    let number = |value: &[u8]| -> Option<Decimal> { str::from_utf8(value).ok()?.parse().ok() };
    let is_same = |(one, other): (&(u32, Vec<u8>), &(u32, Vec<u8>))| {
        let are_equal = || number(&one.1).is_some_and(|one| Some(one) == number(&other.1));
        one.0 == other.0 && (one.1 == other.1 || are_equal())
    };
    let (ours, theirs) = (by_tag(ours), by_tag(theirs));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &'static str, mutation: Mutation, message: &[u8], theirs: Decoded) -> bool {
        let case = Case {
            peer,
            mutation,
            message: message.to_vec(),
            ours: ours::decode(message),
            theirs,
        };
        case.explanation().is_some()
    }

    #[test]
    fn a_field_10_within_a_message_is_a_reason_and_at_its_end_is_none() {
        let within = b"8=FIX.4.4\x019=10\x0135=0\x0110=1\x0110=159\x01";
        assert!(ours::decode(within).is_some());
        let shorter = || Decoded::Fields(vec![(8, b"FIX.4.4".to_vec())]);
        assert!(check(FEFIX, Mutation::Byte, within, shorter()));
        let sound = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
        assert!(!check(FEFIX, Mutation::Byte, sound, shorter()));
    }

    #[test]
    fn a_number_may_be_written_otherwise_and_no_other_value() {
        let sound = b"8=FIX.4.4\x019=13\x0135=0\x0138=010.\x0110=058\x01";
        let theirs = |text: &[u8]| Decoded::Fields(vec![(35, b"0".to_vec()), (38, text.to_vec())]);
        assert!(ours::decode(sound).is_some());
        assert!(check(EASYFIX, Mutation::Byte, sound, theirs(b"10")));
        assert!(!check(EASYFIX, Mutation::Byte, sound, theirs(b"100")));
        assert!(!check(EASYFIX, Mutation::Byte, sound, theirs(b"x")));
    }

    #[test]
    fn an_entry_asks_for_the_reason_that_it_gives() {
        let taken = || Decoded::Fields(Vec::new());
        let refused = |reason: &str| Decoded::Refused(reason.to_owned());
        // Refused by us for an empty value, and for a wrong sum: only the first is on the list.
        let empty = b"8=FIX.4.4\x019=8\x0135=D\x011=\x0110=039\x01";
        assert!(ours::decode(empty).is_none());
        assert!(check(IRONFIX, Mutation::Empty, empty, taken()));
        let wrong = b"8=FIX.4.4\x019=5\x0135=0\x0110=000\x01";
        assert!(!check(IRONFIX, Mutation::CheckSum, wrong, taken()));
        // A sound message that validation refuses is a finding; a changed one is not.
        let sound = b"8=FIX.4.4\x019=5\x0135=0\x0110=163\x01";
        assert!(ours::decode(sound).is_some());
        assert!(!check(
            HOTFIX,
            Mutation::None,
            sound,
            refused("34 is missing")
        ));
        assert!(check(
            HOTFIX,
            Mutation::Without,
            sound,
            refused("34 is missing")
        ));
        assert!(!check(
            HOTFIX,
            Mutation::Without,
            sound,
            refused("garbled: Malformed")
        ));
        assert!(!check(
            IRONFIX,
            Mutation::Without,
            sound,
            refused("34 is missing")
        ));
    }
}
