//! Question: what does it cost to write a NewOrderSingle from numbers?
//!
//! The orders are those of the codec race, and every message must be the set's byte by byte. Lanes:
//! `memcpy` copies the finished messages and is the reference; `writer` puts field by field.
//!
//! Answer: in the record of the codec race (benches/records, `codec.txt`). Left out: sequence
//! numbers and stores, which are the session's, and other engines, which the program `codec-race`
//! of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Made, Order};
use gwanmun_benches::order_codec::write_order;
use gwanmun_benches::{MESSAGES, SEED};

const ROOM: usize = 512;

/// Writes every order; gives the sum of the lengths.
fn write_all(orders: &[Order], into: &mut [u8; ROOM]) -> u64 {
    let mut sum = 0;
    for order in orders {
        let length = write_order(black_box(order), into);
        sum += length.expect("an order has room") as u64;
        black_box(&into);
    }
    sum
}

fn copy_all(made: &[Made], into: &mut [u8; ROOM]) -> u64 {
    let mut sum = 0;
    for one in made {
        let message = black_box(&one.bytes[..]);
        into[..message.len()].copy_from_slice(message);
        black_box(&into);
        sum += message.len() as u64;
    }
    sum
}

fn main() {
    lanes::pin();
    let made = message_sets::make("nos", SEED);
    assert_eq!(made.len(), MESSAGES);
    let mut into = [0; ROOM];
    let mut orders = Vec::new();
    for one in &made {
        let order = one.order.expect("every one of this set is an order");
        let length = write_order(&order, &mut into).expect("an order has room");
        assert_eq!(&into[..length], one.bytes);
        orders.push(order);
    }
    let bytes = made.iter().map(|one| one.bytes.len()).sum::<usize>();
    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("codec_encode/nos");
    group.throughput(Throughput::ElementsAndBytes {
        elements: made.len() as u64,
        bytes: bytes as u64,
    });
    group.bench_function("writer", |bencher| {
        bencher.iter(|| assert_eq!(write_all(&orders, &mut into), bytes as u64));
    });
    group.finish();
    let race = Race {
        name: "codec_encode/nos",
        messages: made.len(),
        bytes,
    };
    let mut copy = [0; ROOM];
    race.run(vec![
        Lane::new("memcpy", |watch| watch.time(|| copy_all(&made, &mut copy))),
        Lane::new("writer", |watch| {
            watch.time(|| write_all(&orders, &mut into))
        }),
    ]);
    settings.final_summary();
}
