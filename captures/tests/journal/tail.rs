//! Wherever the writer died, the tail is told as such, and nothing in it is taken for a record.

use gwanmun_captures::journal::{
    Appended, NewRecord, RECORD_HEAD_BYTES, RecordKind, SEGMENT_HEAD_BYTES, SegmentHead,
    SegmentReader, SegmentWriter, Tail,
};

use crate::segments::{head, new, read, start};

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

/// Payloads are what peers send, and a peer may send records: whole ones, with right checksums for
/// a segment without salt and with numbers that would come next. In a salted segment none of them
/// is taken for one, wherever the writer died.
#[test]
fn what_a_peer_sends_is_never_taken_for_a_record() {
    let mut forged = vec![0; 1 << 12];
    let mut writer = SegmentWriter::start(&mut forged, head(0, 1, 3, 1 << 12)).unwrap();
    for number in 0..20 {
        let record = NewRecord {
            kind: RecordKind::Received,
            clock_quality: 0,
            connection: 1,
            stamp_ns: number,
            refers_to: 0,
        };
        writer
            .append(&mut forged, record, &[b"from a peer"])
            .unwrap();
    }
    let payload = &forged[SEGMENT_HEAD_BYTES..1 << 11];
    for (salt, is_salted) in [(0, false), (0x1234_5678, true)] {
        let head = SegmentHead {
            salt,
            ..head(0, 1, 1, 1 << 14)
        };
        let mut segment = vec![0; 1 << 14];
        let mut writer = SegmentWriter::start(&mut segment, head).unwrap();
        let record = |kind| NewRecord {
            kind,
            clock_quality: 0,
            connection: 0,
            stamp_ns: 1,
            refers_to: 0,
        };
        writer
            .append(&mut segment, record(RecordKind::Start), &[b"start"])
            .unwrap();
        let from = usize::try_from(writer.position()).unwrap();
        writer
            .append(&mut segment, record(RecordKind::Received), &[payload])
            .unwrap();
        // The writer died before the checksum, which it stores last.
        segment[from + 4..from + 8].fill(0);
        let mut reader = SegmentReader::new(&segment).unwrap();
        let records: Vec<_> = reader.by_ref().collect();
        if is_salted {
            assert!(records.iter().all(Result::is_ok), "{records:?}");
            assert!(matches!(reader.tail(), Some(Tail::Torn { .. })));
        } else {
            assert!(records.last().unwrap().is_err(), "segments of old had none");
        }
    }
}
