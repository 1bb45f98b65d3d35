//! Any bytes as a segment: no panic, no endless loop, and what is resumed can be gone on with and
//! read again.
#![no_main]

use gwanmun_captures::journal::{
    Durability, NewRecord, RecordKind, SEGMENT_HEAD_BYTES, SegmentHead, SegmentReader,
    SegmentWriter, Tail,
};
use gwanmun_captures::pcapng::FileInfo;
use gwanmun_captures::render::Renderer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes.to_vec());
    // Again behind a head that is right, so that the records are reached.
    let mut headed = bytes.to_vec();
    if headed.len() >= SEGMENT_HEAD_BYTES {
        let head = SegmentHead {
            segment_index: 0,
            epoch: 1,
            trading_day: 20_261_120,
            first_number: 1,
            capacity_bytes: headed.len() as u64,
            durability: Durability::Process,
            salt: 0,
        };
        headed[..SEGMENT_HEAD_BYTES].copy_from_slice(&head.to_bytes());
        mend(&mut headed);
        check(headed);
    }
});

/// Makes the checksums of records right whose lengths allow it, so that what lies behind checksums
/// is reached too.
fn mend(segment: &mut [u8]) {
    let mut at = SEGMENT_HEAD_BYTES;
    while let Some(head) = segment.get(at..at + 48) {
        let length = usize::from(u16::from_le_bytes([head[0], head[1]]) & 0x3FF);
        if segment.len() < at + 48 + length {
            return;
        }
        segment[at..at + 4].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        let crc = crc32c::crc32c(&segment[at + 8..at + 48 + length]);
        segment[at + 4..at + 8].copy_from_slice(&crc.to_le_bytes());
        at += 48 + length.next_multiple_of(8);
    }
}

fn check(mut segment: Vec<u8>) {
    let Ok(mut reader) = SegmentReader::new(&segment) else {
        return;
    };
    let mut pcapng = Vec::new();
    let mut renderer = Renderer::start(&FileInfo::default(), &mut pcapng);
    let mut count = 0;
    let mut damaged = false;
    for record in reader.by_ref() {
        match record {
            Ok(record) => {
                count += 1;
                let _ = renderer.on_record(&record, &mut pcapng);
            }
            Err(_) => damaged = true,
        }
    }
    renderer.finish(&mut pcapng);
    assert_eq!(damaged, reader.tail().is_none());
    let tail = reader.tail();
    if let Ok(mut writer) = SegmentWriter::resume(&mut segment) {
        assert!(matches!(tail, Some(Tail::Open | Tail::Torn { .. })));
        let new = NewRecord {
            kind: RecordKind::Received,
            clock_quality: 0,
            connection: 1,
            stamp_ns: 1,
            refers_to: 0,
        };
        let more = writer.append(&mut segment, new, &[b"more"]).is_ok();
        let again = SegmentReader::new(&segment).unwrap();
        assert_eq!(again.map(Result::unwrap).count(), count + usize::from(more));
    }
}
