//! Question: what does it cost to hold a NewOrderSingle against its dictionary before eight of its
//! fields are read?
//!
//! Every check of FIX.4.4 is on; the orders are those of the codec race. Lanes: `fields` indexes
//! and reads the eight and is the reference, `validated` validates in between, with a memo that
//! knows the shape after the first message, `walked` does so with a memo that keeps no shapes, as
//! for messages that always differ.
//!
//! Answer: in the record of the codec race (benches/records, `codec.txt`). Left out: other types,
//! and other engines, which the program `codec-race` of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Made};
use gwanmun_benches::order_codec::read_eight;
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_fix::dictionary::{Dictionary, Standard};
use gwanmun_fix::time::DateCache;
use gwanmun_fix::validate::{Checks, Memo, Validator};
use gwanmun_fix::{FieldError, Index, Message, Shapes, tag};

const MESSAGE_BYTES_MAX: usize = 4096;

/// What a session keeps.
struct Session<'v> {
    index: Box<Index>,
    shapes: Box<Shapes>,
    dates: DateCache,
    rules: Option<(&'v Validator, Memo)>,
}

impl<'v> Session<'v> {
    fn new(rules: Option<(&'v Validator, Memo)>) -> Session<'v> {
        Session {
            index: Box::default(),
            shapes: Box::default(),
            dates: DateCache::new(),
            rules,
        }
    }

    /// Validates, where there are rules, and reads the eight; gives MsgSeqNum(34).
    fn read(&mut self, bytes: &[u8]) -> Result<u64, FieldError> {
        let taken =
            Message::take_with_shapes(bytes, MESSAGE_BYTES_MAX, &mut self.index, &mut self.shapes);
        let Ok((message, None)) = taken else {
            unreachable!("whole messages with sound fields alone");
        };
        if let Some((validator, memo)) = &mut self.rules {
            validator.validate(&message, memo)?;
        }
        read_eight(&message, &mut self.dates)
    }

    /// Reads every message; gives the sum of MsgSeqNum(34).
    fn read_all(&mut self, made: &[Made]) -> u64 {
        let mut sum = 0;
        for one in made {
            sum += self.read(black_box(&one.bytes)).expect("a valid message");
        }
        sum
    }
}

/// A message that the dictionary refuses must be refused, with a shape that is known and without.
fn check(made: &[Made], sessions: [&mut Session<'_>; 2]) {
    let one = made.first().expect("a set has messages");
    let side = one.fields.iter().find(|field| field.0 == tag::SIDE);
    let (_, place) = side.expect("an order has a side");
    let mut wrong = one.bytes.clone();
    // A side that FIX.4.4 does not list; the sum moves with it.
    let shift = b'Z' - wrong[place.start];
    wrong[place.start] = b'Z';
    let end = wrong.len() - 7;
    let sum = message_sets::check_sum(&one.bytes[..end]).wrapping_add(shift);
    wrong.splice(end + 3..end + 6, format!("{sum:03}").into_bytes());
    for session in sessions {
        for _ in 0..2 {
            let error = session.read(&wrong).expect_err("an invalid message");
            assert_eq!((error.tag, error.reason.number()), (tag::SIDE, 5));
            assert!(session.read(&one.bytes).is_ok());
        }
    }
}

fn main() {
    lanes::pin();
    let made = message_sets::make("nos", SEED);
    assert_eq!(made.len(), MESSAGES);
    let dictionary = Dictionary::standard(Standard::Fix44);
    let validator = Validator::new(&dictionary, Checks::ALL).expect("a standard dictionary");
    let mut fields = Session::new(None);
    let mut validated = Session::new(Some((&validator, Memo::new(&validator))));
    let mut walked = Session::new(Some((&validator, Memo::without_shapes(&validator))));
    check(&made, [&mut validated, &mut walked]);
    let expected = fields.read_all(&made);
    let bytes = made.iter().map(|one| one.bytes.len()).sum::<usize>();
    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("codec_validated/nos");
    group.throughput(Throughput::ElementsAndBytes {
        elements: made.len() as u64,
        bytes: bytes as u64,
    });
    for (name, session) in [("validated", &mut validated), ("walked", &mut walked)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(session.read_all(&made), expected));
        });
    }
    group.finish();
    let race = Race {
        name: "codec_validated/nos",
        messages: made.len(),
        bytes,
    };
    race.run(vec![
        Lane::new("fields", |watch| watch.time(|| fields.read_all(&made))),
        Lane::new("validated", |watch| {
            watch.time(|| validated.read_all(&made))
        }),
        Lane::new("walked", |watch| watch.time(|| walked.read_all(&made))),
    ]);
    settings.final_summary();
}
