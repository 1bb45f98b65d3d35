//! Flipped bits, holes, swapped and missing bytes are found, and what was read before them is true.

use gwanmun_captures::journal::{
    Fault, RECORD_HEAD_BYTES, RecordKind, ResumeError, SEGMENT_HEAD_BYTES, SegmentWriter, Tail,
};

use crate::segments::{new, read, small, start};

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
