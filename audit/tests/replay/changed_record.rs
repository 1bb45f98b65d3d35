//! Something else on record than what happened: it is told as what it is and where it is, and what
//! is no whole day is refused.

use gwanmun_audit::replay::{self, Report, What};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{ChainReader, Record, RecordKind};

use crate::day::Day;
use crate::day::rewrite::{Becomes, lent, rewritten};
use crate::whole_day::whole_day;

fn run(segments: &[Vec<u8>]) -> Report {
    replay::replay(&lent(segments), &mut |_, _| {}).unwrap()
}

#[test]
fn a_copy_without_change_is_identical() {
    let day = whole_day();
    let copy = rewritten(&day.edge.segments(), |_| Becomes::Itself);
    assert!(run(&copy).is_identical());
}

/// The effects of a day that carry something for a peer, by record number.
fn effects_with_outputs(day: &Day) -> Vec<u64> {
    let has_output = |record: &Record<'_>| {
        record.head.kind == RecordKind::Effect
            && EffectReader::new(record.payload)
                .flatten()
                .any(|entry| matches!(entry, Entry::Output { bytes, .. } if !bytes.is_empty()))
    };
    ChainReader::new(day.edge.segments())
        .map(|next| next.unwrap().record)
        .filter(has_output)
        .map(|record| record.head.number)
        .collect()
}

#[test]
fn one_flipped_effect_byte_is_reported() {
    let day = whole_day();
    let numbers = effects_with_outputs(&day);
    // One of every seventh effect, and in it the first, the middle and the last byte for a peer.
    for (turn, &number) in numbers.iter().enumerate().step_by(7) {
        let mut expected = None;
        let flipped = rewritten(&day.edge.segments(), |record| {
            if record.head.number != number {
                return Becomes::Itself;
            }
            let output =
                EffectReader::new(record.payload)
                    .flatten()
                    .find_map(|entry| match entry {
                        Entry::Output {
                            connection,
                            bytes,
                            offset,
                            ..
                        } if !bytes.is_empty() => Some((connection, bytes.len(), offset)),
                        _ => None,
                    });
            let (connection, length, offset) = output.unwrap();
            let at = [0, length / 2, length - 1][turn % 3];
            let mut payload = record.payload.to_vec();
            payload[offset + at] ^= 1;
            expected = Some((connection, at.min(8)));
            Becomes::With(payload)
        });
        let (connection, before) = expected.unwrap();
        let report = run(&flipped);
        assert!(!report.is_identical());
        assert_eq!(report.differences, 1, "record {number}");
        let difference = &report.first_differences[0];
        assert_eq!(
            (difference.record, difference.connection),
            (number, connection & !(1 << 31))
        );
        let What::Output {
            recorded, replayed, ..
        } = &difference.what
        else {
            panic!("{difference:?}");
        };
        assert_eq!(recorded.bytes[before] ^ 1, replayed.bytes[before]);
    }
}

#[test]
fn a_flipped_verdict_is_reported_as_one() {
    let day = whole_day();
    let mut is_done = false;
    let flipped = rewritten(&day.edge.segments(), |record| {
        let verdict = gwanmun_gateway::effect::TAG_VERDICT;
        let mut at = 0;
        for entry in EffectReader::new(record.payload).flatten() {
            let (body, head) = match entry {
                Entry::Output { bytes, .. } => (bytes.len() + 8, 8),
                Entry::State { tag, bytes } if tag == verdict && !is_done => {
                    is_done = true;
                    let mut payload = record.payload.to_vec();
                    payload[at + 8] = 120;
                    assert_eq!(bytes[0], 0, "the first order was passed");
                    return Becomes::With(payload);
                }
                Entry::State { bytes, .. } => (bytes.len(), 8),
            };
            at += head + body.next_multiple_of(8);
        }
        Becomes::Itself
    });
    let report = run(&flipped);
    assert_eq!(report.differences, 1);
    let What::Verdict {
        recorded, replayed, ..
    } = report.first_differences[0].what
    else {
        panic!("{:?}", report.first_differences);
    };
    assert_eq!(
        (recorded.name(), replayed.name()),
        ("PRICE_COLLAR", "PASSED")
    );
}

#[test]
fn a_missing_and_an_extra_effect_are_reported() {
    let day = whole_day();
    let numbers = effects_with_outputs(&day);
    for &number in [&numbers[0], &numbers[numbers.len() / 2]] {
        let is_it = |record: &Record<'_>| record.head.number == number;
        let missing = rewritten(&day.edge.segments(), |record| {
            if is_it(record) {
                Becomes::Gone
            } else {
                Becomes::Itself
            }
        });
        let report = run(&missing);
        let whats: Vec<&What> = report
            .first_differences
            .iter()
            .map(|found| &found.what)
            .collect();
        assert!(whats.contains(&&What::NotOnRecord), "{whats:?}");
        assert!(!report.is_identical());
        let extra = rewritten(&day.edge.segments(), |record| {
            if is_it(record) {
                Becomes::Twice
            } else {
                Becomes::Itself
            }
        });
        let report = run(&extra);
        let whats: Vec<&What> = report
            .first_differences
            .iter()
            .map(|found| &found.what)
            .collect();
        assert!(whats.contains(&&What::NotReplayed), "{whats:?}");
        assert!(!report.is_identical());
    }
}

#[test]
fn zero_compared_is_a_failure() {
    let day = whole_day();
    let bare = rewritten(&day.edge.segments(), |record| {
        if record.head.kind == RecordKind::Effect {
            Becomes::Gone
        } else {
            Becomes::Itself
        }
    });
    let report = run(&bare);
    assert_eq!((report.effects, report.effects_compared), (0, 0));
    assert!(!report.is_identical());
    // Nothing to compare and nothing decided is no proof either.
    let idle = rewritten(&day.edge.segments(), |record| match record.head.kind {
        RecordKind::Start | RecordKind::Table | RecordKind::TableVersion => Becomes::Itself,
        _ => Becomes::Gone,
    });
    let report = run(&idle);
    assert_eq!((report.differences, report.effects_compared), (0, 0));
    assert!(!report.is_identical());
}

#[test]
fn a_changed_input_is_found_by_what_it_leads_to() {
    let day = whole_day();
    let mut is_done = false;
    let changed = rewritten(&day.edge.segments(), |record| {
        let is_order = record.head.kind == RecordKind::Received
            && record.payload.windows(6).any(|bytes| bytes == b"\x0138=10");
        if is_done || !is_order {
            return Becomes::Itself;
        }
        is_done = true;
        let text = String::from_utf8(record.payload.to_vec()).unwrap();
        let changed = text.replace("\x0138=10\x01", "\x0138=20\x01").into_bytes();
        // The sum of `38=20` is one more.
        let sum: u8 = changed[changed.len() - 4..changed.len() - 1]
            .iter()
            .fold(0, |sum: u8, digit| {
                sum.wrapping_mul(10).wrapping_add(digit - b'0')
            });
        let mut changed = changed;
        let end = changed.len();
        changed[end - 4..end - 1].copy_from_slice(format!("{:03}", sum.wrapping_add(1)).as_bytes());
        Becomes::With(changed)
    });
    assert!(is_done);
    assert!(!run(&changed).is_identical());
}

#[test]
fn what_is_no_whole_day_is_refused() {
    let day = whole_day();
    let segments = day.edge.segments();
    let refused = |segments: &[&[u8]]| replay::replay(segments, &mut |_, _| {}).unwrap_err();
    assert_eq!(refused(&[]), replay::ReplayError::Empty);
    assert!(matches!(
        refused(&segments[1..]),
        replay::ReplayError::NotFromTheStart { .. }
    ));
    let mut flipped = segments[0].to_vec();
    flipped[200] ^= 1;
    let mut damaged = segments.clone();
    damaged[0] = &flipped;
    assert!(matches!(refused(&damaged), replay::ReplayError::Damaged(_)));
    let garbled = rewritten(&segments, |record| {
        if record.head.kind == RecordKind::Table {
            Becomes::With([record.payload, b"nonsense\n"].concat())
        } else {
            Becomes::Itself
        }
    });
    assert!(matches!(
        refused(&lent(&garbled)),
        replay::ReplayError::Terms { .. }
    ));
}
