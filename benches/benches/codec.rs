//! Question: what does it cost to find one FIX message in a stream and to know where all its fields
//! are?
//!
//! Lanes: `frame+index` is what the gateway does at stops 4 and 5; `plain twin` frames the same way
//! and indexes byte by byte; `index` leaves framing and the sum out; `index+meaning` goes on to the
//! order or the numbers of the report; `memcpy` copies the same bytes and is the reference.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-22, `records/amd-epyc-25-17`): as much as 14.5 copies
//! of a NewOrderSingle and 10.5 of an ExecutionReport; the plain twin takes 2.1 and 2.4 times as
//! long. About a sixth of it is framing. Left out: the socket, the journal, and messages that are
//! garbled, repeated or longer than usual.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::messages::{self, Batch};
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::scan::Front;
use gwanmun_fix::{Index, Message, tag};

const MESSAGE_BYTES_MAX: usize = 4096;

/// Frames and indexes every message; gives the number of fields.
fn frame_and_index(batch: &Batch, index: &mut Index, front: Front) -> u64 {
    let mut rest = batch.bytes();
    let mut fields = 0;
    while !rest.is_empty() {
        let Frame::Whole { length } = frame(rest, MESSAGE_BYTES_MAX) else {
            unreachable!("the batch holds whole messages alone");
        };
        let (message, behind) = rest.split_at(length);
        assert_eq!(front.scan(message, index), None);
        fields += index.count() as u64;
        rest = behind;
    }
    fields
}

/// Indexes every message, its ends being known.
fn index_alone(batch: &Batch, index: &mut Index) -> u64 {
    let mut fields = 0;
    for message in batch.iter() {
        assert_eq!(Front::best().scan(message, index), None);
        fields += index.count() as u64;
    }
    fields
}

/// Indexes every message and reads what the gateway reads of it: the sum of all OrderQty(38).
fn meaning(batch: &Batch, index: &mut Index) -> u64 {
    use gwanmun_fix::messages::new_order_single::NewOrderSingle;
    let mut quantity = 0;
    for bytes in batch.iter() {
        let (message, fault) = Message::read(bytes, index);
        assert_eq!(fault, None);
        quantity += if message.msg_type() == b"D" {
            let order = NewOrderSingle::new(message).to_new_order();
            u64::from(order.expect("a sound order").order_qty)
        } else {
            u64::from(message.quantity(tag::ORDER_QTY).expect("a sound report"))
        };
    }
    quantity
}

fn race(name: &'static str, batch: &Batch) {
    let mut copy = vec![0; batch.bytes().len()];
    let [mut fast, mut plain, mut alone, mut typed] = [(); 4].map(|()| Box::new(Index::new()));
    let expected = frame_and_index(batch, &mut fast, Front::Plain);
    assert_eq!(frame_and_index(batch, &mut fast, Front::best()), expected);
    assert_eq!(index_alone(batch, &mut fast), expected);
    let bytes = batch.bytes().len();
    let race = Race {
        name,
        messages: batch.count(),
        bytes,
    };
    let lanes = vec![
        Lane::new("memcpy", |watch| {
            watch.time(|| {
                // Message by message, as everything else here goes.
                let mut at = 0;
                for message in batch.iter() {
                    let end = at + message.len();
                    copy[at..end].copy_from_slice(black_box(message));
                    at = end;
                }
                black_box(&copy);
            });
            assert_eq!(copy, batch.bytes());
            bytes as u64
        }),
        Lane::new("frame+index", |watch| {
            watch.time(|| frame_and_index(black_box(batch), &mut fast, Front::best()))
        }),
        Lane::new("plain twin", |watch| {
            watch.time(|| frame_and_index(black_box(batch), &mut plain, Front::Plain))
        }),
        Lane::new("index", |watch| {
            watch.time(|| index_alone(black_box(batch), &mut alone))
        }),
        Lane::new("index+meaning", |watch| {
            watch.time(|| meaning(black_box(batch), &mut typed))
        }),
    ];
    race.run(lanes);
}

fn criterion(criterion: &mut Criterion, name: &str, batch: &Batch) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::ElementsAndBytes {
        elements: batch.count() as u64,
        bytes: batch.bytes().len() as u64,
    });
    let mut index = Box::new(Index::new());
    let expected = frame_and_index(batch, &mut index, Front::Plain);
    for (lane, front) in [("frame+index", Front::best()), ("plain twin", Front::Plain)] {
        group.bench_function(lane, |bencher| {
            bencher.iter(|| {
                let fields = frame_and_index(black_box(batch), &mut index, front);
                assert_eq!(fields, expected);
            });
        });
    }
    group.finish();
}

fn main() {
    lanes::pin();
    let orders = messages::new_order_singles(SEED, MESSAGES, messages::passing_order);
    let reports = messages::execution_reports(SEED, MESSAGES);
    let mut settings = Criterion::default().configure_from_args();
    for (name, batch) in [
        ("codec/new_order_single", &orders),
        ("codec/execution_report", &reports),
    ] {
        criterion(&mut settings, name, batch);
        race(name, batch);
    }
    settings.final_summary();
}
