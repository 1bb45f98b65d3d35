//! Question: what does it cost to write a NewOrderSingle from numbers?
//!
//! The orders are those of the codec race, and every message must be the set's byte by byte. Lanes:
//! `memcpy` copies the finished messages and is the reference; `writer` puts field by field.
//!
//! Answer: not recorded yet. Left out: sequence numbers and stores, which are the session's, and
//! other engines, which the program `codec-race` of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Made, Order, SENDER, TARGET};
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_fix::time::Precision;
use gwanmun_fix::{MessageWriter, tag};
use gwanmun_market::Price;

const NS_PER_MS: u64 = 1_000_000;
const ROOM: usize = 512;

/// Writes an order; gives its length.
fn write(order: &Order, into: &mut [u8]) -> usize {
    let mut writer = MessageWriter::start(into, b"FIX.4.4");
    let milliseconds = Precision::Milliseconds;
    writer
        .char(tag::MSG_TYPE, b'D')
        .uint(tag::MSG_SEQ_NUM, order.msg_seq_num)
        .bytes(tag::SENDER_COMP_ID, SENDER.as_bytes())
        .bytes(tag::TARGET_COMP_ID, TARGET.as_bytes())
        .timestamp_in(
            tag::SENDING_TIME,
            order.sending_ms * NS_PER_MS,
            milliseconds,
        )
        .bytes(tag::CL_ORD_ID, &order.cl_ord_id)
        .bytes(tag::ACCOUNT, &order.account)
        .char(21, b'1')
        .bytes(tag::SYMBOL, order.symbol.as_bytes())
        .char(tag::SIDE, order.side)
        .timestamp_in(
            tag::TRANSACT_TIME,
            order.transact_ms * NS_PER_MS,
            milliseconds,
        )
        .uint(tag::ORDER_QTY, order.order_qty.into())
        .char(tag::ORD_TYPE, b'2')
        .price(tag::PRICE, Price(order.price))
        .char(tag::TIME_IN_FORCE, b'0');
    writer.finish().expect("an order has room")
}

/// Writes every order; gives the sum of the lengths.
fn write_all(orders: &[Order], into: &mut [u8; ROOM]) -> u64 {
    let mut sum = 0;
    for order in orders {
        sum += write(black_box(order), into) as u64;
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
        let length = write(&order, &mut into);
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
