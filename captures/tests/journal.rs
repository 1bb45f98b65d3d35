//! The journal against its own promises: order, borders, tails, damage, and every flipped bit.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use gwanmun_captures::journal::{
    Appended, ChainPoint, ChainReader, ChainRecord, Durability, Fault, JournalDamage, NewRecord,
    RECORD_HEAD_BYTES, RecordKind, ResumeError, SEGMENT_BYTES_MIN, SEGMENT_HEAD_BYTES, SegmentFull,
    SegmentHead, SegmentReader, SegmentWriter, StartError, Tail,
};

fn head(segment_index: u32, epoch: u32, first_number: u64, capacity: usize) -> SegmentHead {
    SegmentHead {
        segment_index,
        epoch,
        trading_day: 20_261_122,
        first_number,
        capacity_bytes: capacity as u64,
        durability: Durability::Process,
    }
}

fn new(kind: RecordKind, connection: u32) -> NewRecord {
    NewRecord {
        kind,
        clock_quality: 2,
        connection,
        stamp_ns: 1_000,
        refers_to: 0,
    }
}

fn start(segment: &mut [u8], segment_index: u32, epoch: u32, first: u64) -> SegmentWriter {
    let head = head(segment_index, epoch, first, segment.len());
    SegmentWriter::start(segment, head).unwrap()
}

/// One sealed segment of epoch 1 with four records and its end mark.
fn small() -> Vec<u8> {
    let mut segment = vec![0; 1024];
    let mut writer = start(&mut segment, 0, 1, 1);
    writer
        .append(&mut segment, new(RecordKind::Start, 0), &[b"a=b"])
        .unwrap();
    writer
        .append(
            &mut segment,
            new(RecordKind::Received, 7),
            &[b"8=FIX", b".4.4"],
        )
        .unwrap();
    writer
        .append(&mut segment, new(RecordKind::DeadlineFired, 7), &[])
        .unwrap();
    let room = writer.room(&mut segment, 16).unwrap();
    room[..20].fill(0xEE);
    writer.commit(
        &mut segment,
        NewRecord {
            refers_to: 2,
            ..new(RecordKind::Effect, 7)
        },
        12,
    );
    writer.seal(&mut segment, 2_000);
    segment
}

/// Records as (kind, number, payload), the tail, the damage.
type Read = (
    Vec<(RecordKind, u64, Vec<u8>)>,
    Option<Tail>,
    Option<JournalDamage>,
);

fn read(segment: &[u8]) -> Read {
    let mut reader = match SegmentReader::new(segment) {
        Ok(reader) => reader,
        Err(damage) => return (Vec::new(), None, Some(damage)),
    };
    let mut records = Vec::new();
    let mut found = None;
    for record in reader.by_ref() {
        match record {
            Ok(record) => {
                records.push((
                    record.head.kind,
                    record.head.number,
                    record.payload.to_vec(),
                ));
            }
            Err(damage) => found = Some(damage),
        }
    }
    (records, reader.tail(), found)
}

#[test]
fn records_come_back_in_order() {
    let (records, tail, damage) = read(&small());
    assert_eq!(damage, None);
    assert_eq!(tail, Some(Tail::Sealed));
    let expected: [(RecordKind, u64, &[u8]); 5] = [
        (RecordKind::Start, 1, b"a=b"),
        (RecordKind::Received, 2, b"8=FIX.4.4"),
        (RecordKind::DeadlineFired, 3, b""),
        (RecordKind::Effect, 4, &[0xEE; 12]),
        (RecordKind::SegmentEnd, 5, b""),
    ];
    assert_eq!(records.len(), expected.len());
    for (record, (kind, number, payload)) in records.iter().zip(expected) {
        assert_eq!(
            (record.0, record.1, record.2.as_slice()),
            (kind, number, payload)
        );
    }
}

#[test]
fn golden_bytes_of_heads() {
    let segment = small();
    // Segment head, from the table in FORMAT.md.
    assert_eq!(&segment[..8], b"GWJRNL01");
    assert_eq!(
        &segment[8..20],
        [0, 0, 0, 0, 1, 0, 0, 0, 0x02, 0x29, 0x35, 0x01]
    );
    assert_eq!(
        &segment[24..40],
        [1, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(&segment[40..64], [0; 24]);
    // Second record: at 64 + 48 + 8.
    let record = &segment[120..120 + 48 + 16];
    assert_eq!(&record[..4], [9, 0, 0, 0]);
    assert_eq!(
        &record[8..24],
        [2, 0, 0, 0, 0, 0, 0, 0, 0xE8, 3, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(
        &record[24..40],
        [1, 0, 0, 0, 7, 0, 0, 0, 5, 2, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(&record[40..48], [0; 8]);
    assert_eq!(&record[48..], b"8=FIX.4.4\0\0\0\0\0\0\0");
    let crc = crc32c::crc32c(&record[8..57]).to_le_bytes();
    assert_eq!(&record[4..8], crc);
}

#[test]
fn every_flipped_bit_is_found() {
    let segment = small();
    let whole = read(&segment);
    for bit in 0..segment.len() * 8 {
        let mut flipped = segment.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let (records, tail, damage) = read(&flipped);
        let sealed = tail == Some(Tail::Sealed);
        assert!(
            damage.is_some() || !sealed,
            "bit {bit}: {tail:?} {records:?}"
        );
        // Whatever was read before the flaw is what was written.
        assert_eq!(records[..], whole.0[..records.len()], "bit {bit}");
        if bit / 8 < segment.len() - RECORD_HEAD_BYTES && damage.is_none() {
            // Only the last record can pass for torn: flips before it have a whole record behind.
            assert_eq!(records.len(), 4, "bit {bit}");
        }
    }
}

#[test]
fn a_full_segment_still_takes_last_words_and_its_end() {
    for capacity in SEGMENT_BYTES_MIN..SEGMENT_BYTES_MIN + 24 {
        let mut segment = vec![0; capacity];
        let mut writer = start(&mut segment, 0, 1, 1);
        let mut count = 0;
        loop {
            let room = writer.room_bytes();
            assert_eq!(
                writer.room(&mut segment, 0).map_or(0, |room| room.len()),
                room
            );
            assert!(writer.room(&mut segment, room + 1).is_none());
            match writer.append(&mut segment, new(RecordKind::Received, 1), &[&[9; 5]]) {
                Ok(_) => count += 1,
                Err(SegmentFull) => break,
            }
        }
        assert!(count >= 1, "capacity {capacity}");
        writer
            .append(&mut segment, new(RecordKind::Last, 0), &[&[b'x'; 208]])
            .unwrap();
        writer.seal(&mut segment, 5);
        writer.seal(&mut segment, 6);
        assert_eq!(
            writer.append(&mut segment, new(RecordKind::Last, 0), &[b"no"]),
            Err(SegmentFull)
        );
        let (records, tail, damage) = read(&segment);
        assert_eq!(
            (records.len(), tail, damage),
            (count + 2, Some(Tail::Sealed), None)
        );
    }
}

#[test]
fn a_wrong_lent_slice_is_answered_not_written() {
    let mut segment = vec![0; 1024];
    let mut writer = start(&mut segment, 0, 1, 1);
    for length in 0..1024 {
        let before = segment.clone();
        let record = writer.append(&mut segment[..length], new(RecordKind::Start, 0), &[b"x"]);
        assert_eq!(record, Err(SegmentFull));
        assert!(writer.room(&mut segment[..length], 0).is_none());
        writer.seal(&mut segment[..length], 1);
        assert_eq!(before, segment);
    }
    assert!(
        writer
            .append(&mut segment, new(RecordKind::Start, 0), &[])
            .is_ok()
    );
    assert_eq!(
        SegmentWriter::start(&mut [0; 8], head(0, 1, 1, 8)),
        Err(StartError::TooSmall)
    );
    assert_eq!(
        SegmentWriter::start(&mut [0; 1024], head(0, 1, 1, 1025)),
        Err(StartError::Capacity {
            expected: 1024,
            found: 1025
        })
    );
}

/// A writer killed after any prefix of its stores leaves an open or a torn tail, and resume goes on
/// from there.
#[test]
fn every_torn_moment_is_recovered() {
    let mut before = vec![0; 1024];
    let mut writer = start(&mut before, 0, 1, 1);
    writer
        .append(&mut before, new(RecordKind::Start, 0), &[b"first"])
        .unwrap();
    let kept = writer;
    let mut after = before.clone();
    let Appended { position, end, .. } = writer
        .append(&mut after, new(RecordKind::Received, 4), &[&[0xAB; 37]])
        .unwrap();
    let (position, end) = (
        usize::try_from(position).unwrap(),
        usize::try_from(end).unwrap(),
    );
    // Payload first, then the head from either end, the checksum last: all prefixes.
    let payload: Vec<usize> = (position + RECORD_HEAD_BYTES..end).collect();
    let crc: Vec<usize> = (position + 4..position + 8).collect();
    let forward: Vec<usize> = (position..position + RECORD_HEAD_BYTES)
        .filter(|at| !crc.contains(at))
        .collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    for head in [forward, backward] {
        let order: Vec<usize> = payload.iter().chain(&head).chain(&crc).copied().collect();
        for stored in 0..order.len() {
            let mut torn = before.clone();
            for at in &order[..stored] {
                torn[*at] = after[*at];
            }
            let (records, tail, damage) = read(&torn);
            assert_eq!((records.len(), damage), (1, None), "stored {stored}");
            assert!(
                matches!(tail, Some(Tail::Open | Tail::Torn { .. })),
                "{stored} {tail:?}"
            );
            let resumed = SegmentWriter::resume(&mut torn).unwrap();
            assert_eq!(resumed, kept);
            assert_eq!(torn, before, "the torn bytes are cleared");
        }
    }
}

#[test]
fn an_aborted_build_leaves_no_trace_that_confuses() {
    let mut segment = vec![0; 2048];
    let mut writer = start(&mut segment, 0, 1, 1);
    writer
        .append(&mut segment, new(RecordKind::Start, 0), &[])
        .unwrap();
    writer.room(&mut segment, 900).unwrap()[..900].fill(0xFF);
    writer
        .append(&mut segment, new(RecordKind::Received, 0), &[b"short"])
        .unwrap();
    let (records, tail, damage) = read(&segment);
    assert_eq!((records.len(), damage), (2, None));
    assert!(matches!(tail, Some(Tail::Torn { .. })));
    let mut killed = segment.clone();
    assert_eq!(SegmentWriter::resume(&mut killed), Ok(writer));
    writer.seal(&mut segment, 1);
    assert_eq!(read(&segment).1, Some(Tail::Sealed));
}

#[test]
fn a_hole_or_a_flaw_in_the_middle_is_damage() {
    let segment = small();
    // The third record's head and the fourth record, wiped: end mark still whole.
    let mut hole = segment.clone();
    hole[120..168].fill(0);
    let damage = read(&hole).2.unwrap();
    assert_eq!(damage.position, 120);
    assert_eq!(
        damage.fault,
        Fault::Hole {
            expected: 2,
            found: 3
        }
    );
    let mut flaw = segment.clone();
    flaw[170] ^= 1;
    assert!(matches!(
        read(&flaw).2.unwrap().fault,
        Fault::Checksum { .. }
    ));
    assert_eq!(
        SegmentWriter::resume(&mut flaw),
        Err(ResumeError::Damaged(read(&flaw).2.unwrap()))
    );
    assert_eq!(
        SegmentWriter::resume(&mut segment.clone()),
        Err(ResumeError::Sealed { next_number: 6 })
    );
}

#[test]
fn swapped_and_repeated_records_are_damage() {
    let mut segment = vec![0; 1024];
    let mut writer = start(&mut segment, 0, 1, 1);
    for byte in 0..3u8 {
        writer
            .append(&mut segment, new(RecordKind::Start, 0), &[&[byte; 8]])
            .unwrap();
    }
    writer.seal(&mut segment, 1);
    let at = |index: usize| SEGMENT_HEAD_BYTES + index * 56..SEGMENT_HEAD_BYTES + index * 56 + 56;
    let mut swapped = segment.clone();
    swapped[at(0)].copy_from_slice(&segment[at(1)]);
    swapped[at(1)].copy_from_slice(&segment[at(0)]);
    assert_eq!(
        read(&swapped).2.unwrap().fault,
        Fault::Number {
            expected: 1,
            found: 2
        }
    );
    let mut repeated = segment.clone();
    repeated[at(1)].copy_from_slice(&segment[at(0)]);
    assert_eq!(
        read(&repeated).2.unwrap().fault,
        Fault::Number {
            expected: 2,
            found: 1
        }
    );
}

#[test]
fn truncation_at_every_byte_never_invents_a_record() {
    let segment = small();
    let whole = read(&segment).0;
    for length in 0..segment.len() {
        let (records, tail, damage) = read(&segment[..length]);
        assert!(records.len() <= whole.len());
        assert_eq!(records[..], whole[..records.len()]);
        assert_eq!(
            damage.is_some(),
            length < SEGMENT_HEAD_BYTES,
            "length {length}"
        );
        assert_eq!(
            tail.is_none(),
            length < SEGMENT_HEAD_BYTES,
            "length {length}"
        );
    }
}

/// A chain of three segments and two epochs; the first epoch ends torn in the second segment.
fn chain() -> Vec<Vec<u8>> {
    let first = small();
    let mut second = vec![0; 1024];
    let mut writer = start(&mut second, 1, 1, 6);
    writer
        .append(&mut second, new(RecordKind::Received, 7), &[b"more"])
        .unwrap();
    let torn = usize::try_from(writer.position()).unwrap();
    second[torn + RECORD_HEAD_BYTES..torn + RECORD_HEAD_BYTES + 5].fill(1);
    let mut third = vec![0; 1024];
    let mut writer = start(&mut third, 2, 2, 7);
    writer
        .append(&mut third, new(RecordKind::Start, 0), &[])
        .unwrap();
    // A third start goes on in the same segment.
    let mut writer = SegmentWriter::resume(&mut third).unwrap();
    writer.begin_epoch(3);
    writer
        .append(&mut third, new(RecordKind::Start, 0), &[])
        .unwrap();
    writer
        .append(&mut third, new(RecordKind::Received, 1), &[b"end"])
        .unwrap();
    vec![first, second, third]
}

fn follow(segments: &[Vec<u8>]) -> Result<(Vec<u64>, usize), JournalDamage> {
    let mut reader = ChainReader::new(segments.iter().map(Vec::as_slice));
    let mut numbers = Vec::new();
    for record in reader.by_ref() {
        numbers.push(record?.record.head.number);
    }
    Ok((numbers, reader.torn_tails().len()))
}

#[test]
fn a_chain_is_one_gapless_run() {
    let (numbers, torn) = follow(&chain()).unwrap();
    assert_eq!(numbers, (1..=9).collect::<Vec<u64>>());
    assert_eq!(torn, 1);
}

fn numbers<'a>(chain: impl Iterator<Item = Result<ChainRecord<'a>, JournalDamage>>) -> Vec<u64> {
    chain
        .map(|record| record.unwrap().record.head.number)
        .collect()
}

/// Whoever stopped at a border goes on behind it as if he had never stopped.
#[test]
fn reading_goes_on_at_every_border() {
    let segments = chain();
    let lent = |from: usize, to: usize| segments[from..to].iter().map(Vec::as_slice);
    let mut whole = ChainReader::new(lent(0, segments.len()));
    assert_eq!(whole.point(), None);
    let all = numbers(whole.by_ref());
    for border in 1..=segments.len() {
        let mut front = ChainReader::new(lent(0, border));
        let before = numbers(front.by_ref());
        let point = front.point().unwrap();
        assert_eq!(point.segment_index as usize, border);
        assert_eq!(point.next_number, before.len() as u64 + 1);
        let mut rest = ChainReader::going_on(point, lent(border, segments.len()));
        assert_eq!([before, numbers(rest.by_ref())].concat(), all);
        assert_eq!(rest.point(), whole.point());
    }
}

#[test]
fn a_chain_that_does_not_fit_its_border_is_named() {
    let segments = chain();
    let lent = |from: usize| segments[from..].iter().map(Vec::as_slice);
    let mut front = ChainReader::new(segments[..1].iter().map(Vec::as_slice));
    numbers(front.by_ref());
    let point = front.point().unwrap();
    assert!(point.is_sealed);
    let fault = |point: ChainPoint, from: usize| {
        let first = ChainReader::going_on(point, lent(from)).next();
        first.unwrap().unwrap_err().fault
    };
    let (expected, found) = (1, 2);
    assert_eq!(fault(point, 2), Fault::SegmentIndex { expected, found });
    let other = ChainPoint {
        trading_day: 20_261_123,
        ..point
    };
    assert!(matches!(fault(other, 1), Fault::TradingDay { .. }));
    let other = ChainPoint {
        next_number: point.next_number + 1,
        ..point
    };
    let (expected, found) = (point.next_number + 1, point.next_number);
    assert_eq!(fault(other, 1), Fault::Number { expected, found });
    let other = ChainPoint { epoch: 9, ..point };
    assert!(matches!(fault(other, 1), Fault::Epoch { expected: 9, .. }));
    let other = ChainPoint {
        is_sealed: false,
        ..point
    };
    assert_eq!(fault(other, 1), Fault::NotSealed { epoch: 1 });
    // An epoch that begins here must say so.
    let other = ChainPoint { epoch: 0, ..point };
    assert_eq!(fault(other, 1), Fault::NoStart { epoch: 1 });
}

#[test]
fn breaks_between_segments_are_named() {
    let whole = chain();
    let fault = |segments: &[Vec<u8>]| follow(segments).unwrap_err();
    let missing = [whole[0].clone(), whole[2].clone()];
    assert_eq!(
        fault(&missing).fault,
        Fault::SegmentIndex {
            expected: 1,
            found: 2
        }
    );
    let twice = [whole[0].clone(), whole[0].clone()];
    assert_eq!(
        fault(&twice).fault,
        Fault::SegmentIndex {
            expected: 1,
            found: 0
        }
    );

    let with_head = |index: usize, change: &dyn Fn(&mut SegmentHead)| {
        let mut segments = chain();
        let mut head = SegmentHead::parse(&segments[index]).unwrap();
        change(&mut head);
        segments[index][..SEGMENT_HEAD_BYTES].copy_from_slice(&head.to_bytes());
        fault(&segments)
    };
    let day = with_head(1, &|head| head.trading_day = 20_261_123);
    assert_eq!(
        day.fault,
        Fault::TradingDay {
            expected: 20_261_122,
            found: 20_261_123
        }
    );
    let gap = with_head(1, &|head| head.first_number = 8);
    assert_eq!(
        gap.fault,
        Fault::Number {
            expected: 6,
            found: 8
        }
    );
    let same_epoch = with_head(2, &|head| head.epoch = 1);
    assert_eq!(
        (same_epoch.segment_index, same_epoch.fault),
        (1, Fault::NotSealed { epoch: 1 })
    );
    let no_start = with_head(1, &|head| head.epoch = 2);
    assert_eq!(
        no_start.fault,
        Fault::Epoch {
            expected: 2,
            found: 1
        }
    );

    let mut unstarted = vec![0; 1024];
    let mut writer = start(&mut unstarted, 0, 1, 1);
    writer
        .append(&mut unstarted, new(RecordKind::Received, 0), &[])
        .unwrap();
    assert_eq!(fault(&[unstarted]).fault, Fault::NoStart { epoch: 1 });
    let mut changed = vec![0; 1024];
    let mut writer = start(&mut changed, 0, 1, 1);
    writer
        .append(&mut changed, new(RecordKind::Start, 0), &[])
        .unwrap();
    writer.begin_epoch(2);
    writer
        .append(&mut changed, new(RecordKind::Received, 0), &[])
        .unwrap();
    assert_eq!(
        fault(&[changed]).fault,
        Fault::Epoch {
            expected: 1,
            found: 2
        }
    );
}

#[test]
fn a_growing_segment_can_be_followed() {
    let mut segment = vec![0; 4096];
    let mut writer = start(&mut segment, 0, 1, 1);
    let mut cursor = SegmentReader::new(&segment[..64]).unwrap().cursor();
    let mut seen = 0;
    for round in 0..20u8 {
        writer
            .append(&mut segment, new(RecordKind::Start, 0), &[&[round; 3]])
            .unwrap();
        let published = usize::try_from(writer.position()).unwrap();
        let mut reader = SegmentReader::resume_at(&segment[..published], cursor).unwrap();
        seen += reader.by_ref().map(Result::unwrap).count();
        assert_eq!(reader.tail(), Some(Tail::Open));
        cursor = reader.cursor();
        assert_eq!(seen, usize::from(round) + 1);
    }
}
