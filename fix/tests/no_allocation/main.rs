//! Reading and writing allocate nothing: every message type of the crate, every getter, a template.
//!
//! `session`, `orders` and `market_data` have a case for each message type; a type without one
//! fails the test here.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod market_data;
mod orders;
#[path = "../../src/messages/tests/samples.rs"]
mod samples;
mod session;

use gwanmun_fix::encode::{Header, MessageWriter, TemplateBuilder};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::messages::execution_report;
use gwanmun_fix::time::{DateCache, Precision};
use gwanmun_fix::values::Decimal;
use gwanmun_fix::{Index, Message, tag};
use gwanmun_market::Price;
use gwanmun_runtime::allocation;

#[global_allocator]
static ALLOCATOR: allocation::GuardedAllocator = allocation::GuardedAllocator;

const NOW_NS: u64 = 1_795_392_753_123_456_789;

type Write = fn(&mut MessageWriter<'_>);
/// Whether the view read all that was written.
type Look = fn(Message<'_>) -> bool;

/// One message type: the file that it is in, what writes a body, and what reads all of it.
struct Case {
    file: &'static str,
    msg_type: &'static [u8],
    write: Write,
    look: Look,
}

/// Writes a message, finds it in the stream, indexes it and reads all of its fields in all ways.
fn there_and_back(case: &Case, room: &mut [u8], index: &mut Index) -> bool {
    let mut writer = MessageWriter::start(room, b"FIX.4.4");
    let header = Header {
        orig_sending_time_ns: Some(NOW_NS),
        ..samples::header(case.msg_type)
    };
    header.write(&mut writer);
    (case.write)(&mut writer);
    let Some(length) = writer.finish() else {
        return false;
    };
    let Some(bytes) = room.get(..length) else {
        return false;
    };
    let Ok(message) = Message::parse(bytes, index) else {
        return false;
    };
    let mut dates = DateCache::new();
    for (tag, _) in message.fields() {
        every_getter(&message, tag, &mut dates);
    }
    frame(bytes, 4_096) == Frame::Whole { length }
        && message.msg_type() == case.msg_type
        && message.duplicate_tag().is_none()
        && (case.look)(message)
}

/// All getters, errors included: most values are not of most types.
fn every_getter(message: &Message<'_>, tag: u32, dates: &mut DateCache) {
    let read = [
        message.uint(tag).is_ok(),
        message.int(tag).is_ok(),
        message.seq_num(tag).is_ok(),
        message.scaled(tag, 8).is_ok(),
        message.decimal(tag).is_ok(),
        message.price(tag).is_ok(),
        message.quantity(tag).is_ok(),
        message.char(tag).is_ok(),
        message.boolean(tag).is_ok(),
        message.text::<16>(tag).is_ok(),
        message.timestamp_ns(tag).is_ok(),
        message.timestamp_ns_with(tag, dates).is_ok(),
        message.time_ns(tag).is_ok(),
        message.date(tag).is_ok(),
        message.month_year(tag).is_ok(),
        message.tz_timestamp(tag).is_ok(),
        message.tz_time(tag).is_ok(),
        message.values(tag).is_ok_and(|values| values.count() > 0),
        message
            .characters(tag)
            .is_ok_and(|values| values.count() > 0),
        message.currency(tag).is_ok(),
        message.country(tag).is_ok(),
        message.exchange(tag).is_ok(),
        message.data(tag).is_ok(),
    ];
    std::hint::black_box(read);
}

/// Allocations of the calling thread while `body` runs.
fn counted(body: impl FnOnce() -> bool) -> u64 {
    assert!(allocation::is_installed());
    let counting = allocation::count_here();
    let is_right = body();
    let count = counting.count();
    drop(counting);
    assert!(is_right, "the message did not come back as it was written");
    count
}

#[test]
fn every_message_type_there_and_back() {
    let cases: Vec<Case> = [session::cases(), orders::cases(), market_data::cases()]
        .into_iter()
        .flatten()
        .collect();
    let (mut room, mut index) = (vec![0; 1_024], Box::new(Index::new()));
    for case in &cases {
        let count = counted(|| there_and_back(case, &mut room, &mut index));
        assert_eq!(count, 0, "{}", case.file);
    }
    // A message type that is added to the crate is missed here.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/messages");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.contains("pub const MSG_TYPE")
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut tried: Vec<&str> = cases.iter().map(|case| case.file).collect();
    files.sort_unstable();
    tried.sort_unstable();
    assert_eq!(files, tried);
}

#[test]
fn a_template_and_every_kind_of_field() {
    let mut room = vec![0; 2_048];
    let mut index = Box::new(Index::new());
    let long = [b'x'; 300];
    let count = counted(|| {
        let mut builder = TemplateBuilder::<7>::start(&mut room, b"FIXT.1.1");
        builder.fields(|writer| {
            writer.bytes(tag::MSG_TYPE, b"D");
        });
        let seq = builder.padded(tag::MSG_SEQ_NUM, 9);
        let time = builder.timestamp(tag::SENDING_TIME, Precision::Milliseconds);
        let (text, uint) = (builder.text(tag::CL_ORD_ID), builder.uint(tag::ORDER_QTY));
        let (char, price) = (builder.char(tag::SIDE), builder.price(tag::PRICE));
        builder.fields(|writer| {
            writer.int(tag::GATE_LIMIT, i64::MIN).decimal(
                tag::GATE_OBSERVED,
                Decimal {
                    mantissa: -5,
                    decimals: 30,
                },
            );
        });
        let Some(mut order) = builder.finish() else {
            return false;
        };
        for round in 0..300_u16 {
            let patched = [
                order.set_uint(seq, round.into()),
                order.set_timestamp(time, NOW_NS << (round % 3)),
                order.set_text(text, &long[..usize::from(round % 299) + 1]),
                order.set_uint(uint, u64::from(round) * 1_001),
                order.set_char(char, b'1'),
                order.set_price(price, Price(i64::from(round) * -123)),
            ];
            let is_whole = Message::parse(order.message(), &mut index).is_ok();
            if !is_whole || patched.iter().any(Result::is_err) {
                return false;
            }
        }
        true
    });
    assert_eq!(count, 0);
}
