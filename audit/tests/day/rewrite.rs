//! A journal written anew with something changed: numbers stay gapless, back references follow,
//! checksums are right.

use std::collections::BTreeMap;

use gwanmun_captures::journal::{
    ChainReader, NewRecord, Record, RecordKind, SegmentHead, SegmentWriter,
};

use super::{SEGMENT_BYTES, head};

/// What becomes of a record.
pub enum Becomes {
    /// Itself.
    Itself,
    /// A record with another payload.
    With(Vec<u8>),
    /// Nothing.
    Gone,
    /// Itself twice.
    Twice,
}

/// Writes a journal anew.
pub fn rewritten(
    segments: &[&[u8]],
    mut becomes: impl FnMut(&Record<'_>) -> Becomes,
) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut writer: Option<(u32, SegmentWriter)> = None;
    let mut numbers = BTreeMap::from([(0, 0)]);
    for next in ChainReader::new(segments.iter().copied()) {
        let next = next.unwrap();
        let record = next.record;
        if writer
            .as_ref()
            .is_none_or(|open| open.0 != next.segment_index)
        {
            let first_number = writer.as_ref().map_or(1, |open| open.1.next_number());
            // Room for a record more than there was.
            let head = SegmentHead {
                capacity_bytes: 2 * SEGMENT_BYTES as u64,
                ..head(next.segment_index, record.head.epoch, first_number)
            };
            let mut segment = vec![0; 2 * SEGMENT_BYTES];
            let started = SegmentWriter::start(&mut segment, head).unwrap();
            out.push(segment);
            writer = Some((next.segment_index, started));
        }
        let (_, writer) = writer.as_mut().unwrap();
        let segment = out.last_mut().unwrap();
        if record.head.kind == RecordKind::SegmentEnd {
            writer.seal(segment, record.head.stamp_ns);
            continue;
        }
        let (times, payload) = match becomes(&record) {
            Becomes::Itself => (1, record.payload.to_vec()),
            Becomes::With(payload) => (1, payload),
            Becomes::Gone => (0, Vec::new()),
            Becomes::Twice => (2, record.payload.to_vec()),
        };
        for _ in 0..times {
            let new = NewRecord {
                kind: record.head.kind,
                clock_quality: record.head.clock_quality,
                connection: record.head.connection,
                stamp_ns: record.head.stamp_ns,
                refers_to: numbers[&record.head.refers_to],
            };
            let appended = writer.append(segment, new, &[&payload]).unwrap();
            numbers.insert(record.head.number, appended.number);
        }
    }
    out
}

/// The segments as lent bytes.
pub fn lent(segments: &[Vec<u8>]) -> Vec<&[u8]> {
    segments.iter().map(Vec::as_slice).collect()
}
