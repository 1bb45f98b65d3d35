//! Question: what does the whole order path cost, from FIX bytes in hand to the effect on record
//! and the bytes for either peer in their send buffers (stops 3 to 13)?
//!
//! Lanes: `accepted` and `refused` (account, tick, collar, balance in turns) go through the real
//! gateway over an edge in memory; `journal alone` is the reference: it puts the same inputs on
//! record with an effect of the size that `accepted` makes, and decides nothing.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-22, `records/amd-epyc-25-17`): an accepted order takes
//! 10.4 times what its records alone take, a refused one 13.5 times, since it also writes a report.
//! Left out: sockets, the clock, mapping and publishing of the journal. Each round begins with a
//! fresh gateway, so that tables are small and some memory is touched for the first time; one
//! receive brings one message.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput};
use gwanmun_benches::in_memory::{FEED, MEMBER_LINE, MemoryEdge, STAMP, VENUE, logged_on};
use gwanmun_benches::lanes::{self, Lane, Race, Stopwatch};
use gwanmun_benches::messages::{Batch, new_order_singles, passing_order, refused_order};
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::{Edge, EffectHead, Gateway, Input};

/// What a round did, over what stood there before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    to_venue: u64,
    to_member: u64,
    records: u64,
    journal_bytes: u64,
}

fn told(edge: &MemoryEdge) -> Told {
    let outputs = |connection| edge.line(connection).map_or(0, |line| line.outputs);
    Told {
        to_venue: outputs(VENUE),
        to_member: outputs(MEMBER_LINE),
        records: edge.records(),
        journal_bytes: edge.journal_bytes(),
    }
}

fn send_all((gateway, edge): &mut (Gateway<()>, MemoryEdge), batch: &Batch) {
    for message in batch.iter() {
        let line = (MEMBER_LINE, STAMP);
        let done = gateway.on_received(edge, black_box(message), message.len(), line);
        debug_assert_eq!(done, Ok(message.len()));
        black_box(done).expect("the journal has room");
    }
}

/// One round on the clock; what it did is told.
fn round(batch: &Batch, watch: &mut Stopwatch) -> Told {
    let mut world = logged_on();
    let before = told(&world.1);
    watch.time(|| send_all(&mut world, batch));
    let after = told(&world.1);
    assert_eq!(
        world.1.line(FEED).map(|line| line.outputs),
        Some(1),
        "its login alone"
    );
    Told {
        to_venue: after.to_venue - before.to_venue,
        to_member: after.to_member - before.to_member,
        records: after.records - before.records,
        journal_bytes: after.journal_bytes - before.journal_bytes,
    }
}

/// Records the same inputs, and an effect of a fixed size for each.
fn journal_alone(batch: &Batch, effect_bytes: usize, watch: &mut Stopwatch) -> u64 {
    let mut edge = MemoryEdge::new();
    watch.time(|| {
        for message in batch.iter() {
            let number = edge.record(Input {
                kind: RecordKind::Received,
                connection: MEMBER_LINE,
                stamp: STAMP,
                refers_to: 0,
                payload: black_box(message),
            });
            let refers_to = number.expect("the journal has room");
            let (_, room) = edge.begin_effect().expect("the journal has room");
            // A state entry, tag 2, whose bytes are left as they are.
            let length = u32::try_from(effect_bytes - 8).expect("under 16 KiB");
            room[..4].copy_from_slice(&[2, 0, 0, 0]);
            room[4..8].copy_from_slice(&length.to_le_bytes());
            let head = EffectHead {
                connection: MEMBER_LINE,
                stamp: STAMP,
                refers_to,
            };
            edge.commit_effect(effect_bytes, head)
                .expect("the journal has room");
        }
    });
    edge.records()
}

fn main() {
    lanes::pin();
    let accepted = new_order_singles(SEED, MESSAGES, passing_order);
    let refused = new_order_singles(SEED, MESSAGES, refused_order);
    let count = MESSAGES as u64;
    let passed = round(&accepted, &mut Stopwatch::default());
    assert_eq!(
        (passed.to_venue, passed.to_member),
        (count, 0),
        "all go to the venue"
    );
    assert_eq!(passed.records, 2 * count, "an input and an effect for each");
    let stopped = round(&refused, &mut Stopwatch::default());
    assert_eq!(
        (stopped.to_venue, stopped.to_member),
        (0, count),
        "none goes to the venue"
    );

    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("order_path");
    group
        .throughput(Throughput::Elements(count))
        .sample_size(20);
    for (name, batch) in [("accepted", &accepted), ("refused", &refused)] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                logged_on,
                |mut world| {
                    send_all(&mut world, batch);
                    world
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();

    let input_bytes = accepted.bytes().len() as u64 + 48 * count;
    let effect_bytes = (passed.journal_bytes - input_bytes) / count - 48;
    let effect_bytes = usize::try_from(effect_bytes & !7).expect("a few hundred");
    let race = Race {
        name: "order_path",
        messages: MESSAGES,
        bytes: accepted.bytes().len(),
    };
    race.run(vec![
        Lane::new("journal alone", |watch| {
            journal_alone(&accepted, effect_bytes, watch)
        }),
        Lane::new("accepted", |watch| {
            let told = round(&accepted, watch);
            assert_eq!(told, passed);
            told.records
        }),
        Lane::new("refused", |watch| {
            let told = round(&refused, watch);
            assert_eq!(told, stopped);
            told.records
        }),
    ]);
    settings.final_summary();
}
