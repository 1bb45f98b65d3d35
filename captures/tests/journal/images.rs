//! Images of a chain with something wrong in them: each is told, none gives a record that was not
//! written.
//!
//! `GWANMUN_IMAGES` says how many (2,000 unless told; a long run takes 100,000), `GWANMUN_SEED` the
//! first seed; a failure prints its own.

#![allow(
    clippy::print_stdout,
    reason = "what was found, and the seed of what was not"
)]

use std::collections::BTreeMap;

use gwanmun_captures::journal::{
    ChainReader, JournalDamage, RECORD_HEAD_BYTES, RecordKind, SEGMENT_HEAD_BYTES, Tail,
};

use crate::random::Random;
use crate::segments::{new, start};

const SEGMENT_BYTES: usize = 4 * 1_024;
const SEGMENTS: u32 = 4;

/// A record as it is told apart: kind, number, payload.
type Written = (RecordKind, u64, Vec<u8>);

/// What a whole chain is, and where its last segment's data end.
struct Truth {
    segments: Vec<Vec<u8>>,
    written: Vec<Written>,
    /// Ends of records in the last segment, its head first.
    borders: Vec<usize>,
}

/// Four segments, the last one open, filled with records of every length. Payloads hold text that
/// looks like a head now and then, zeros, and noise.
fn truth(random: &mut Random) -> Truth {
    let mut truth = Truth {
        segments: Vec::new(),
        written: Vec::new(),
        borders: vec![SEGMENT_HEAD_BYTES],
    };
    let mut number = 1;
    for index in 0..SEGMENTS {
        let mut segment = vec![0; SEGMENT_BYTES];
        let mut writer = start(&mut segment, index, 1, number);
        let is_last = index + 1 == SEGMENTS;
        let stop = if is_last {
            SEGMENT_BYTES / 4 + random.below(SEGMENT_BYTES / 2)
        } else {
            SEGMENT_BYTES - 700
        };
        while usize::try_from(writer.position()).unwrap() < stop {
            let kind = match number {
                1 => RecordKind::Start,
                _ if random.below(2) == 0 => RecordKind::Received,
                _ => RecordKind::Effect,
            };
            let length = random.below(300);
            let payload = match random.below(3) {
                0 => vec![0; length],
                _ => random.bytes(length),
            };
            writer
                .append(&mut segment, new(kind, 7), &[&payload])
                .unwrap();
            truth.written.push((kind, number, payload));
            number += 1;
            if is_last {
                let end = usize::try_from(writer.position()).unwrap();
                truth.borders.push(end);
            }
        }
        if !is_last {
            writer.seal(&mut segment, 2_000);
            let end = (RecordKind::SegmentEnd, number, Vec::new());
            truth.written.push(end);
            number += 1;
        }
        truth.segments.push(segment);
    }
    truth
}

/// What a reader of an image says.
struct Answer {
    read: Vec<Written>,
    damage: Option<JournalDamage>,
    is_torn: bool,
}

fn read(image: &[Vec<u8>]) -> Answer {
    let mut chain = ChainReader::new(image.iter().map(Vec::as_slice));
    let mut answer = Answer {
        read: Vec::new(),
        damage: None,
        is_torn: false,
    };
    for record in chain.by_ref() {
        match record {
            Ok(record) => {
                let record = record.record;
                let written = (
                    record.head.kind,
                    record.head.number,
                    record.payload.to_vec(),
                );
                answer.read.push(written);
            }
            Err(damage) => answer.damage = Some(damage),
        }
    }
    answer.is_torn =
        matches!(chain.tail(), Some(Tail::Torn { .. })) || !chain.torn_tails().is_empty();
    answer
}

/// Spoils an image; tells its kind, and whether something that was written is no longer there.
fn spoil(image: &mut Vec<Vec<u8>>, truth: &Truth, random: &mut Random) -> (&'static str, bool) {
    let at = random.below(image.len());
    let is_last = at + 1 == image.len();
    let data_end = if is_last {
        *truth.borders.last().unwrap()
    } else {
        SEGMENT_BYTES
    };
    match random.below(8) {
        0 | 1 => {
            let bit = random.below(data_end * 8);
            image[at][bit / 8] ^= 1 << (bit % 8);
            ("one bit", true)
        }
        2 => {
            for _ in 0..2 + random.below(4) {
                let bit = random.below(data_end * 8);
                image[at][bit / 8] ^= 1 << (bit % 8);
            }
            ("some bits", *image[at] != *truth.segments[at])
        }
        3 => {
            // The rest was never written.
            let from = random.below(data_end);
            image[at][from..].fill(0);
            ("torn", !is_shorter(&image[at], truth, at))
        }
        4 => {
            // A page that came to disk late.
            let page = random.below(data_end.div_ceil(512)) * 512;
            image[at][page..page + 512].fill(0);
            ("a page", !is_shorter(&image[at], truth, at))
        }
        5 => {
            let from = random.below(data_end);
            let length = 1 + random.below(64);
            for byte in image[at].iter_mut().skip(from).take(length) {
                *byte = u8::try_from(random.below(256)).unwrap();
            }
            let changed = image[at][..data_end] != truth.segments[at][..data_end];
            ("noise", changed)
        }
        6 => {
            let other = random.below(image.len());
            image.swap(at, other);
            ("swapped segments", at != other)
        }
        _ => {
            image.remove(at);
            // Without its first or last segment a chain is a shorter one; that a day has all of
            // its segments is for whoever opens the day to see.
            ("a segment missing", at > 0 && !is_last)
        }
    }
}

/// Whether a segment is what was written up to the end of a record and nothing behind it: such a
/// one is shorter, not wrong, where it is the open one at the end.
fn is_shorter(segment: &[u8], truth: &Truth, at: usize) -> bool {
    let written = &truth.segments[at];
    let ends_at = |end: &usize| {
        segment[..*end] == written[..*end] && segment[*end..].iter().all(|byte| *byte == 0)
    };
    segment == written || (at + 1 == truth.segments.len() && truth.borders.iter().any(ends_at))
}

#[test]
fn each_image_is_told_and_none_invents_a_record() {
    let number = |name: &str, default: u64| {
        let text = std::env::var(name).ok();
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (first, count) = (number("GWANMUN_SEED", 1), number("GWANMUN_IMAGES", 2_000));
    let mut told = BTreeMap::<&str, [u64; 3]>::new();
    for seed in first..first + count {
        let mut random = Random(seed);
        let truth = truth(&mut random);
        let mut image = truth.segments.clone();
        let (kind, is_spoiled) = spoil(&mut image, &truth, &mut random);
        let answer = read(&image);
        let at = format!("GWANMUN_SEED={seed} GWANMUN_IMAGES=1: {kind}");
        let length = answer.read.len();
        // A chain may be read from any of its segments on; it is a run of what was written.
        let first = answer.read.first().map_or(1, |written| written.1);
        let from = usize::try_from(first - 1).unwrap();
        let run = truth.written.get(from..from + length);
        assert!(run == Some(&answer.read[..]), "{at}: not as written");
        if is_spoiled {
            let is_told = answer.damage.is_some() || answer.is_torn;
            assert!(is_told, "{at}: {length} of {}", truth.written.len());
        }
        let counts = told.entry(kind).or_default();
        counts[match (answer.damage, answer.is_torn) {
            (Some(_), _) => 0,
            (None, true) => 1,
            (None, false) => 2,
        }] += 1;
    }
    println!("{count} images; damage, torn, neither: {told:?}");
    assert!(count < 1_000 || (told.len() == 7 && told["torn"][1] > 0));
}

/// The judge of the test above can say no: a reader that goes on over a flaw would be found.
#[test]
fn the_truth_is_more_than_one_segment_of_records() {
    let truth = truth(&mut Random(1));
    let answer = read(&truth.segments);
    assert!(answer.read == truth.written);
    assert!(answer.damage.is_none() && !answer.is_torn);
    assert!(truth.written.len() > 40);
    assert!(truth.borders.last().unwrap() + RECORD_HEAD_BYTES < SEGMENT_BYTES);
}
