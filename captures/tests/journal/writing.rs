//! What is written stands where the format says, comes back in order, and stays inside its room.

use gwanmun_captures::journal::{
    RecordKind, SEGMENT_BYTES_MIN, SegmentFull, SegmentReader, SegmentWriter, StartError, Tail,
};

use crate::segments::{head, new, read, small, start};

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
