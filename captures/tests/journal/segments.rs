//! Segments made by hand, and all that is read back of one.

use gwanmun_captures::journal::{
    Durability, JournalDamage, NewRecord, RecordKind, SegmentHead, SegmentReader, SegmentWriter,
    Tail,
};

pub(crate) fn head(
    segment_index: u32,
    epoch: u32,
    first_number: u64,
    capacity: usize,
) -> SegmentHead {
    SegmentHead {
        segment_index,
        epoch,
        trading_day: 20_261_122,
        first_number,
        capacity_bytes: capacity as u64,
        durability: Durability::Process,
        salt: 0,
    }
}

pub(crate) fn new(kind: RecordKind, connection: u32) -> NewRecord {
    NewRecord {
        kind,
        clock_quality: 2,
        connection,
        stamp_ns: 1_000,
        refers_to: 0,
    }
}

pub(crate) fn start(
    segment: &mut [u8],
    segment_index: u32,
    epoch: u32,
    first: u64,
) -> SegmentWriter {
    let head = head(segment_index, epoch, first, segment.len());
    SegmentWriter::start(segment, head).unwrap()
}

/// One sealed segment of epoch 1 with four records and its end mark.
pub(crate) fn small() -> Vec<u8> {
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
pub(crate) type Read = (
    Vec<(RecordKind, u64, Vec<u8>)>,
    Option<Tail>,
    Option<JournalDamage>,
);

pub(crate) fn read(segment: &[u8]) -> Read {
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
