//! Question: what does an EnterOrder cost on its way to the venue, and at the venue?
//!
//! Lanes: `encode` writes the message behind its SoupBinTCP head, as stop 12 does; `parse` takes
//! the packet and the message apart; `memcpy` copies the same bytes and is the reference.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-22, `records/amd-epyc-25-17`): as much as 8.3 copies to
//! write, 14.2 to read. Left out: options other than MinQty, and the journal.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::messages::{passing_order, text};
use gwanmun_benches::random::Random;
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, TimeInForce};
use gwanmun_binary::ouch::{EnterOrder, Inbound};
use gwanmun_binary::soup::packet::{HEAD_BYTES, Packet, unsequenced};
use gwanmun_market::NewOrder;

const PACKET_BYTES: usize = HEAD_BYTES + EnterOrder::LENGTH;

fn requests() -> Vec<EnterOrder<'static>> {
    let mut random = Random::new(SEED);
    let request = |(number, order): (u32, NewOrder)| EnterOrder {
        user_ref_num: number + 1,
        side: order.side,
        quantity: order.order_qty,
        symbol: order.symbol,
        price: order.price,
        time_in_force: TimeInForce::DAY,
        display: Display::VISIBLE,
        capacity: Capacity::AGENCY,
        inter_market_sweep: false,
        cross_type: CrossType::CONTINUOUS,
        cl_ord_id: text(format!("G1{number:012}").as_bytes()),
        appendage: Appendage::EMPTY,
    };
    let orders = (0_u32..).map(|number| (number, passing_order(&mut random, number)));
    orders.take(MESSAGES).map(request).collect()
}

fn encode(requests: &[EnterOrder<'_>], into: &mut [u8]) -> u64 {
    let mut at = 0;
    for request in requests {
        let written = unsequenced(&mut into[at..], |into| request.encode(into));
        at += written.expect("room for every request");
    }
    at as u64
}

/// Takes every packet apart; gives the sum of all quantities.
fn parse(mut rest: &[u8]) -> u64 {
    let mut quantity = 0;
    while let Ok(Some((Packet::UnsequencedData(message), length))) = Packet::parse(rest) {
        let Ok(Inbound::EnterOrder(request)) = Inbound::parse(message) else {
            unreachable!("the stream holds EnterOrder alone");
        };
        quantity += u64::from(request.quantity);
        rest = &rest[length..];
    }
    assert!(rest.is_empty());
    quantity
}

fn main() {
    lanes::pin();
    let requests = requests();
    let mut stream = vec![0; MESSAGES * PACKET_BYTES];
    assert_eq!(encode(&requests, &mut stream), stream.len() as u64);
    let quantity: u64 = requests
        .iter()
        .map(|request| u64::from(request.quantity))
        .sum();
    assert_eq!(parse(&stream), quantity);
    let (mut copy, mut written) = (stream.clone(), stream.clone());

    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("ouch/enter_order");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encode(black_box(&requests), &mut written));
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| assert_eq!(parse(black_box(&stream)), quantity));
    });
    group.finish();

    let race = Race {
        name: "ouch/enter_order",
        messages: MESSAGES,
        bytes: stream.len(),
    };
    race.run(vec![
        Lane::new("memcpy", |watch| {
            watch.time(|| {
                let packets = stream.as_chunks::<PACKET_BYTES>().0;
                for (to, from) in copy
                    .as_chunks_mut::<PACKET_BYTES>()
                    .0
                    .iter_mut()
                    .zip(packets)
                {
                    to.copy_from_slice(black_box(from));
                }
                black_box(&copy);
            });
            assert_eq!(copy, stream);
            copy.len() as u64
        }),
        Lane::new("encode", |watch| {
            written.fill(0);
            let length = watch.time(|| encode(black_box(&requests), &mut written));
            assert_eq!(written, stream);
            length
        }),
        Lane::new("parse", |watch| watch.time(|| parse(black_box(&stream)))),
    ]);
    settings.final_summary();
}
