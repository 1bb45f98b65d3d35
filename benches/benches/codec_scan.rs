//! Question: what does each front of the scan cost on short and on long messages?
//!
//! The messages are those of the codec race (`message_sets`): an order, a report, an incremental
//! refresh of ten entries and a snapshot of a hundred. Lanes: `memcpy` is the reference, then every
//! front that the processor has. A message with more fields than an index holds is left out.
//!
//! Answer: in the record of the codec race (benches/records, `codec.txt`). Left out: framing, which
//! `codec` has, and other engines, which the program `codec-race` of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Made};
use gwanmun_benches::messages::Batch;
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_fix::scan::Front;
use gwanmun_fix::{FIELDS_MAX, Index};

/// Scans every message; gives the sum of all tags.
fn scan(batch: &Batch, index: &mut Index, front: Front) -> u64 {
    let mut sum = 0;
    for message in batch.iter() {
        assert_eq!(front.scan(message, index), None);
        sum += index.tags().iter().copied().map(u64::from).sum::<u64>();
    }
    sum
}

fn batch(made: &[Made]) -> Batch {
    let mut batch = Batch::default();
    for one in made {
        batch.push(&one.bytes);
    }
    batch
}

fn fronts() -> impl Iterator<Item = (&'static str, Front)> {
    let all = [
        ("plain", Front::Plain),
        ("portable", Front::Portable),
        ("neon", Front::Neon),
        ("sse2", Front::Sse2),
        ("avx2", Front::Avx2),
        ("avx512", Front::Avx512),
    ];
    all.into_iter().filter(|(_, front)| front.is_available())
}

fn race(name: &'static str, batch: &Batch, expected: u64) {
    let bytes = batch.bytes();
    let mut copy = vec![0; bytes.len()];
    let mut lanes = vec![Lane::new("memcpy", move |watch| {
        watch.time(|| {
            let mut at = 0;
            for message in batch.iter() {
                let end = at + message.len();
                copy[at..end].copy_from_slice(black_box(message));
                at = end;
            }
            black_box(&copy);
        });
        assert_eq!(copy, bytes);
        bytes.len() as u64
    })];
    for (lane, front) in fronts() {
        let mut index = Box::new(Index::new());
        lanes.push(Lane::new(lane, move |watch| {
            let sum = watch.time(|| scan(black_box(batch), &mut index, front));
            assert_eq!(sum, expected);
            sum
        }));
    }
    let race = Race {
        name,
        messages: batch.count(),
        bytes: bytes.len(),
    };
    race.run(lanes);
}

fn main() {
    lanes::pin();
    let mut settings = Criterion::default().configure_from_args();
    for (set, name) in [
        ("nos", "codec_scan/nos"),
        ("er", "codec_scan/er"),
        ("mdi", "codec_scan/mdi"),
        ("mds", "codec_scan/mds"),
    ] {
        let made = message_sets::make(set, SEED);
        assert!(made.len() <= MESSAGES);
        if made.iter().any(|one| one.fields.len() > FIELDS_MAX) {
            continue;
        }
        let tags = made.iter().flat_map(|one| &one.fields).map(|field| field.0);
        let expected = tags.map(u64::from).sum();
        let batch = batch(&made);
        let mut group = settings.benchmark_group(name);
        group.throughput(Throughput::ElementsAndBytes {
            elements: batch.count() as u64,
            bytes: batch.bytes().len() as u64,
        });
        for (lane, front) in fronts() {
            let mut index = Box::new(Index::new());
            group.bench_function(lane, |bencher| {
                bencher.iter(|| {
                    assert_eq!(scan(black_box(&batch), &mut index, front), expected);
                });
            });
        }
        group.finish();
        race(name, &batch, expected);
    }
    settings.final_summary();
}
