//! Validation allocates nothing once its tables and its memo are made: messages that are right,
//! with a shape that is known and without, and messages with every kind of mistake.
#![cfg(feature = "dictionary")]

use gwanmun_fix::dictionary::{Dictionary, Standard};
use gwanmun_fix::validate::{Checks, Memo, Validator};
use gwanmun_fix::{Index, Message};
use gwanmun_runtime::allocation;

#[global_allocator]
static ALLOCATOR: allocation::GuardedAllocator = allocation::GuardedAllocator;

const HEADER: &str = "49=A|56=B|34=7|52=20261126-09:00:00.000|";

/// Bodies behind MsgType(35) and the header, and SessionRejectReason(373); `None` for right ones.
const BODIES: [(&str, &str, Option<u8>); 15] = [
    (
        "D",
        "11=C|55=005930|54=1|60=20261126-09:00:00|38=10|40=2|44=71500.5|",
        None,
    ),
    (
        "D",
        "11=C|453=2|448=a|447=D|452=1|802=1|523=x|803=2|448=b|55=S|54=1|60=20261126-09:00:00|\
         38=1|40=1|",
        None,
    ),
    (
        "X",
        "262=R|268=3|279=0|269=0|55=S|270=1.5|271=3|279=0|269=1|55=S|270=2|271=3|279=2|269=0|",
        None,
    ),
    ("1", "112=x|", None),
    ("0", "", None),
    // A tag that FIX 4.4 has not, another message's, no such type.
    ("1", "112=x|4999=y|", Some(0)),
    ("1", "112=x|44=1|", Some(2)),
    ("ZZ", "112=x|", Some(11)),
    // Missing, format, value, out of order, twice.
    ("1", "", Some(1)),
    ("D", "11=C|55=S|54=1|60=never|38=10|40=1|", Some(6)),
    (
        "D",
        "11=C|55=S|54=Z|60=20261126-09:00:00|38=10|40=1|",
        Some(5),
    ),
    ("1", "112=x|50=y|", Some(14)),
    ("1", "112=x|112=y|", Some(13)),
    // Entries: fewer than said, and fields in another order.
    ("X", "268=2|279=0|269=0|", Some(16)),
    ("X", "268=1|279=0|270=1|269=0|", Some(15)),
];

/// A message as the index wants it; framing is not asked here.
fn message(msg_type: &str, body: &str) -> Vec<u8> {
    let text = format!("8=FIX.4.4|9=0|35={msg_type}|{HEADER}{body}10=000|");
    text.replace('|', "\x01").into()
}

#[test]
fn right_and_wrong_messages_are_validated_without_allocation() {
    assert!(allocation::is_installed());
    let dictionary = Dictionary::standard(Standard::Fix44);
    let validator = Validator::new(&dictionary, Checks::ALL).unwrap();
    let mut index = Box::new(Index::new());
    for mut memo in [Memo::new(&validator), Memo::without_shapes(&validator)] {
        // Twice, so that a memo that learns has something to know the second time.
        for (msg_type, body, reason) in BODIES.into_iter().chain(BODIES) {
            let bytes = message(msg_type, body);
            let message = Message::parse(&bytes, &mut index).unwrap();
            let counting = allocation::count_here();
            let answer = validator.validate(&message, &mut memo);
            let count = counting.count();
            drop(counting);
            assert_eq!(count, 0, "{msg_type} {body}");
            let found = answer.err().map(|error| error.reason.number());
            assert_eq!(found, reason, "{msg_type} {body}: {answer:?}");
        }
    }
}

#[test]
fn an_allocation_would_be_counted() {
    let counting = allocation::count_here();
    let kept = std::hint::black_box(vec![0_u8; 16]);
    assert!(counting.count() > 0 && kept.len() == 16);
}
