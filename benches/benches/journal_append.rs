//! Question: what does it cost to put 256 bytes on record?
//!
//! Lanes: `append` is the journal's own (head, copy, padding, CRC-32C, cursor); `built in place`
//! writes the same bytes into the record's room and seals them, as effects are made; `copy+crc` is
//! the least that a checked record could cost; `memcpy` into the same memory is the reference.
//!
//! Answer last recorded (AMD Zen 4, 2026-11-22, `records/amd-epyc-25-17`): as much as 6.8 copies,
//! of which 5.4 are the copy and the sum alone; 8.0 when built in place and copied there first.
//! Left out: mapping, publishing the position, the copy to disk. One segment of 384 KiB is used
//! over and over and stays in the second-level cache; a journal that goes through 64 MiB also pays
//! for memory, and so would the copy.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use gwanmun_benches::lanes::{self, Lane, Race};
use gwanmun_benches::random::Random;
use gwanmun_benches::{MESSAGES, SEED};
use gwanmun_captures::journal::{
    Durability, NewRecord, RECORD_HEAD_BYTES, RecordKind, SegmentHead, SegmentReader, SegmentWriter,
};

const PAYLOAD_BYTES: usize = 256;
const RECORD_BYTES: usize = RECORD_HEAD_BYTES + PAYLOAD_BYTES;
const SEGMENT_BYTES: usize = 384 * 1024;
const _: () = assert!(MESSAGES * RECORD_BYTES + 1024 < SEGMENT_BYTES);

type Payload = [u8; PAYLOAD_BYTES];

fn payloads() -> Vec<Payload> {
    let mut random = Random::new(SEED);
    let mut payload = || {
        let mut bytes = [0; PAYLOAD_BYTES];
        for word in bytes.as_chunks_mut::<8>().0 {
            *word = random.number().to_le_bytes();
        }
        bytes
    };
    (0..MESSAGES).map(|_| payload()).collect()
}

fn start(segment: &mut [u8]) -> SegmentWriter {
    let head = SegmentHead {
        segment_index: 0,
        epoch: 1,
        trading_day: 20_261_123,
        first_number: 1,
        capacity_bytes: SEGMENT_BYTES as u64,
        durability: Durability::Process,
    };
    SegmentWriter::start(segment, head).expect("the head says this size")
}

const fn record() -> NewRecord {
    NewRecord {
        kind: RecordKind::Received,
        clock_quality: 0,
        connection: 3,
        stamp_ns: 1,
        refers_to: 0,
    }
}

fn append(payloads: &[Payload], segment: &mut [u8]) -> u64 {
    let mut writer = start(segment);
    for payload in payloads {
        let appended = writer.append(segment, record(), &[payload]);
        assert!(appended.is_ok());
    }
    writer.position()
}

fn build_in_place(payloads: &[Payload], segment: &mut [u8]) -> u64 {
    let mut writer = start(segment);
    for payload in payloads {
        let room = writer
            .room(segment, PAYLOAD_BYTES)
            .expect("the segment holds all");
        room[..PAYLOAD_BYTES].copy_from_slice(payload);
        writer.commit(segment, record(), PAYLOAD_BYTES);
    }
    writer.position()
}

fn copy(payloads: &[Payload], segment: &mut [u8]) -> u64 {
    let mut at = 0;
    for payload in payloads {
        segment[at..at + PAYLOAD_BYTES].copy_from_slice(black_box(payload));
        at += RECORD_BYTES;
    }
    at as u64
}

fn copy_and_sum(payloads: &[Payload], segment: &mut [u8]) -> u64 {
    let (mut at, mut sums) = (0, 0);
    for payload in payloads {
        let end = at + PAYLOAD_BYTES;
        segment[at..end].copy_from_slice(black_box(payload));
        sums ^= u64::from(crc32c::crc32c(&segment[at..end]));
        at += RECORD_BYTES;
    }
    sums
}

/// Reads back what a lane wrote: every record whole, every payload as it was.
fn assert_written(payloads: &[Payload], segment: &[u8]) {
    let reader = SegmentReader::new(segment).expect("a segment");
    let mut count = 0;
    for (record, payload) in reader.zip(payloads) {
        assert_eq!(record.expect("an undamaged record").payload, payload);
        count += 1;
    }
    assert_eq!(count, MESSAGES);
}

fn main() {
    lanes::pin();
    let payloads = payloads();
    let mut segment = vec![0; SEGMENT_BYTES];
    for write in [append, build_in_place] {
        segment.fill(0);
        write(&payloads, &mut segment);
        assert_written(&payloads, &segment);
    }

    let mut settings = Criterion::default().configure_from_args();
    let mut group = settings.benchmark_group("journal_append");
    group.throughput(Throughput::Elements(MESSAGES as u64));
    group.bench_function("append", |bencher| {
        bencher.iter(|| append(black_box(&payloads), &mut segment));
    });
    group.bench_function("memcpy", |bencher| {
        bencher.iter(|| copy(black_box(&payloads), &mut segment));
    });
    group.finish();

    // One memory for all lanes: they take turns, so each finds it as warm as the others do.
    let segment = std::cell::RefCell::new(segment);
    let lane = |name, write: fn(&[Payload], &mut [u8]) -> u64| {
        let (payloads, segment) = (&payloads, &segment);
        Lane::new(name, move |watch| {
            let mut segment = segment.borrow_mut();
            watch.time(|| write(black_box(payloads), &mut segment))
        })
    };
    let race = Race {
        name: "journal_append",
        messages: MESSAGES,
        bytes: MESSAGES * PAYLOAD_BYTES,
    };
    race.run(vec![
        lane("memcpy", copy),
        lane("copy+crc", copy_and_sum),
        lane("append", append),
        lane("built in place", build_in_place),
    ]);
    settings.final_summary();
}
