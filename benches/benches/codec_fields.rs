//! Question: what do eight typed fields of an order or a report cost above its index?
//!
//! MsgSeqNum(34), SendingTime(52), TransactTime(60), ClOrdID(11), Symbol(55), Side(54),
//! OrderQty(38) and Price(44), from messages of the codec race. Lanes: `index` frames and indexes
//! alone and is the reference, `fields` reads the eight as well.
//!
//! Answer: in the record of the codec race (benches/records, `codec.txt`). Left out: sets that vary
//! their fields, and other engines, which the program `codec-race` of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Eight, Made};
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::{FieldError, Index, Message, tag};

const MESSAGE_BYTES_MAX: usize = 4096;
const NS_PER_MS: u64 = 1_000_000;

fn indexed<'a>(bytes: &'a [u8], index: &'a mut Index) -> Message<'a> {
    let length = bytes.len();
    assert_eq!(frame(bytes, MESSAGE_BYTES_MAX), Frame::Whole { length });
    Message::parse(bytes, index).expect("a sound message")
}

/// The eight: numbers, and the two texts.
type Values<'m> = ([u64; 3], &'m [u8], &'m [u8], u8, [i64; 2]);

fn eight<'m>(message: &Message<'m>) -> Result<Values<'m>, FieldError> {
    Ok((
        [
            message.msg_seq_num()?,
            message.timestamp_ns(tag::SENDING_TIME)?,
            message.timestamp_ns(tag::TRANSACT_TIME)?,
        ],
        message.required(tag::CL_ORD_ID)?,
        message.required(tag::SYMBOL)?,
        message.char(tag::SIDE)?,
        [
            message.price(tag::ORDER_QTY)?.0,
            message.price(tag::PRICE)?.0,
        ],
    ))
}

/// Indexes every message; gives the number of fields.
fn index_all(made: &[Made], index: &mut Index) -> u64 {
    let mut sum = 0;
    for one in made {
        let message = indexed(black_box(&one.bytes), index);
        black_box(&message);
        sum += index.count() as u64;
    }
    sum
}

/// Reads the eight of every message; gives the sum of MsgSeqNum(34).
fn read_all(made: &[Made], index: &mut Index) -> u64 {
    let mut sum = 0;
    for one in made {
        let message = indexed(black_box(&one.bytes), index);
        let values = eight(&message).expect("a sound message");
        black_box(&values);
        sum += values.0[0];
    }
    sum
}

fn check(made: &[Made]) {
    let mut index = Box::new(Index::new());
    for one in made {
        let message = indexed(&one.bytes, &mut index);
        let values = eight(&message).expect("a sound message");
        let ([msg_seq_num, sending, transact], cl_ord_id, symbol, side, [order_qty, price]) =
            values;
        let found = Eight {
            msg_seq_num,
            sending_ms: sending / NS_PER_MS,
            transact_ms: transact / NS_PER_MS,
            cl_ord_id: cl_ord_id.to_vec(),
            symbol: symbol.to_vec(),
            side,
            order_qty,
            price,
        };
        assert_eq!(Some(&found), one.eight.as_ref());
    }
}

fn main() {
    lanes::pin();
    let mut settings = Criterion::default().configure_from_args();
    for (set, name) in [("nos", "codec_fields/nos"), ("er", "codec_fields/er")] {
        let made = message_sets::make(set, SEED);
        assert_eq!(made.len(), MESSAGES);
        check(&made);
        let bytes = made.iter().map(|one| one.bytes.len()).sum::<usize>();
        let [mut alone, mut typed] = [(); 2].map(|()| Box::new(Index::new()));
        let mut group = settings.benchmark_group(name);
        group.throughput(Throughput::ElementsAndBytes {
            elements: made.len() as u64,
            bytes: bytes as u64,
        });
        let expected = read_all(&made, &mut typed);
        group.bench_function("fields", |bencher| {
            bencher.iter(|| assert_eq!(read_all(&made, &mut typed), expected));
        });
        group.finish();
        let race = Race {
            name,
            messages: made.len(),
            bytes,
        };
        race.run(vec![
            Lane::new("index", |watch| watch.time(|| index_all(&made, &mut alone))),
            Lane::new("fields", |watch| watch.time(|| read_all(&made, &mut typed))),
        ]);
    }
    settings.final_summary();
}
