//! Question: what do thirty typed fields in the ten entries of an incremental refresh cost above
//! the message's index?
//!
//! MDEntryType(269), MDEntryPx(270) and MDEntrySize(271) of each entry, from messages of the codec
//! race. Lanes: `index` frames and indexes alone and is the reference, `groups` reads the thirty by
//! tag, `groups near` asks first at the place where the entry before had the field.
//!
//! Answer: in the record of the codec race (benches/records, `codec.txt`). Left out: snapshots of a
//! hundred entries, validation, which `codec_validated` has, and other engines, which the program
//! `codec-race` of `peers/` has.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::SEED;
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::message_sets::{self, Entry, Made};
use gwanmun_fix::messages::md_entry::INCREMENTAL_ENTRIES;
use gwanmun_fix::values::character::parse_char;
use gwanmun_fix::{FieldError, Index, Message, tag};
use gwanmun_market::PRICE_DECIMALS;

const MESSAGE_BYTES_MAX: usize = 4096;

fn taken<'a>(bytes: &'a [u8], index: &'a mut Index) -> Message<'a> {
    match Message::take(bytes, MESSAGE_BYTES_MAX, index) {
        Ok((message, None)) => message,
        _ => unreachable!("the set holds sound messages alone"),
    }
}

/// Hands each entry on, every field being searched for.
fn by_tag(message: &Message<'_>, mut each: impl FnMut(Entry)) -> Result<(), FieldError> {
    for entry in message.groups(&INCREMENTAL_ENTRIES)? {
        let entry = entry?;
        each(Entry {
            entry_type: entry.char(tag::MD_ENTRY_TYPE)?,
            price: entry.scaled(tag::MD_ENTRY_PX, PRICE_DECIMALS)?,
            size: entry.scaled(tag::MD_ENTRY_SIZE, PRICE_DECIMALS)?,
        });
    }
    Ok(())
}

/// The same, with the places of the entry before.
fn near(message: &Message<'_>, mut each: impl FnMut(Entry)) -> Result<(), FieldError> {
    let [mut type_at, mut px_at, mut size_at] = [0; 3];
    for entry in message.groups(&INCREMENTAL_ENTRIES)? {
        let entry = entry?;
        let entry_type = entry.field_near(tag::MD_ENTRY_TYPE, &mut type_at);
        let entry_type = entry_type.ok_or(FieldError::missing(tag::MD_ENTRY_TYPE))?;
        each(Entry {
            entry_type: parse_char(entry_type).map_err(|error| error.of(tag::MD_ENTRY_TYPE))?,
            price: entry.scaled_near(tag::MD_ENTRY_PX, &mut px_at, PRICE_DECIMALS)?,
            size: entry.scaled_near(tag::MD_ENTRY_SIZE, &mut size_at, PRICE_DECIMALS)?,
        });
    }
    Ok(())
}

/// Indexes every message; gives the number of fields.
fn index_all(made: &[Made], index: &mut Index) -> u64 {
    let mut sum = 0;
    for one in made {
        let message = taken(black_box(&one.bytes), index);
        black_box(&message);
        sum += message.count() as u64;
    }
    sum
}

/// Reads every entry of every message; gives the sum of the types.
fn read_all(made: &[Made], index: &mut Index, is_near: bool) -> u64 {
    let mut sum = 0;
    for one in made {
        let message = taken(black_box(&one.bytes), index);
        let each = |entry: Entry| {
            black_box(&entry);
            sum += u64::from(entry.entry_type);
        };
        let read = match is_near {
            true => near(&message, each),
            false => by_tag(&message, each),
        };
        read.expect("a sound message");
    }
    sum
}

fn check(made: &[Made]) {
    let mut index = Box::new(Index::new());
    for one in made {
        let message = taken(&one.bytes, &mut index);
        let (mut all, mut all_near) = (Vec::new(), Vec::new());
        by_tag(&message, |entry| all.push(entry)).expect("a sound message");
        near(&message, |entry| all_near.push(entry)).expect("a sound message");
        assert_eq!((&all, &all_near), (&one.entries, &one.entries));
    }
}

fn main() {
    lanes::pin();
    let made = message_sets::make("mdi", SEED);
    assert_eq!(made.len(), 512);
    check(&made);
    let bytes = made.iter().map(|one| one.bytes.len()).sum::<usize>();
    let mut indices = [(); 3].map(|()| Box::new(Index::new()));
    let [alone, searched, placed] = &mut indices;
    let expected = read_all(&made, alone, false);
    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("codec_groups/mdi");
    group.throughput(Throughput::ElementsAndBytes {
        elements: made.len() as u64,
        bytes: bytes as u64,
    });
    for (name, is_near) in [("groups", false), ("groups near", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(read_all(&made, alone, is_near), expected));
        });
    }
    group.finish();
    let race = Race {
        name: "codec_groups/mdi",
        messages: made.len(),
        bytes,
    };
    race.run(vec![
        Lane::new("index", |watch| watch.time(|| index_all(&made, alone))),
        Lane::new("groups", |watch| {
            watch.time(|| read_all(&made, searched, false))
        }),
        Lane::new("groups near", |watch| {
            watch.time(|| read_all(&made, placed, true))
        }),
    ]);
    settings.final_summary();
}
