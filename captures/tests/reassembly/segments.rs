//! Segments that own their bytes, and what the reassembler makes of them.

use std::collections::BTreeMap;

use gwanmun_captures::input::Endpoint;
use gwanmun_captures::read::TcpSegment;
use gwanmun_captures::tcp_reassembly::{Counts, Ending, Reassembler, StreamEvent, Toward};

/// One segment that owns its bytes, and its stamp.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) stamp_ns: u64,
    source: Endpoint,
    target: Endpoint,
    sequence: u32,
    flags: u8,
    payload: Vec<u8>,
    pub(crate) missing: u32,
}

impl Sent {
    pub(crate) fn segment(&self) -> TcpSegment<'_> {
        TcpSegment {
            source: self.source,
            target: self.target,
            sequence: self.sequence,
            acknowledgement: None,
            flags: self.flags,
            payload: &self.payload,
            missing: self.missing,
        }
    }
}

pub(crate) const CLIENT: Endpoint = Endpoint::v4([10, 0, 1, 10], 40_000);
pub(crate) const SERVER: Endpoint = Endpoint::v4([10, 0, 2, 1], 9876);

pub(crate) fn sent(
    source: Endpoint,
    target: Endpoint,
    sequence: u32,
    flags: u8,
    payload: &[u8],
) -> Sent {
    let payload = payload.to_vec();
    Sent {
        stamp_ns: 1,
        source,
        target,
        sequence,
        flags,
        payload,
        missing: 0,
    }
}

/// What came out: streams by (number, direction), gaps as (offset, length), conflicts as (offset,
/// first, second).
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) streams: BTreeMap<(u32, Toward), Vec<u8>>,
    pub(crate) gaps: Vec<(u64, u64)>,
    pub(crate) conflicts: Vec<(u64, Vec<u8>, Vec<u8>)>,
    pub(crate) unplaced: Vec<u8>,
    pub(crate) endings: Vec<(u32, Ending)>,
    pub(crate) counts: Counts,
}

pub(crate) fn reassemble(segments: &[Sent]) -> Found {
    let mut found = Found::default();
    let mut reassembler = Reassembler::new();
    let mut take = |event: StreamEvent<'_>| match event {
        StreamEvent::Opened { stream, .. } => {
            found.streams.insert((stream, Toward::Server), Vec::new());
            found.streams.insert((stream, Toward::Client), Vec::new());
        }
        StreamEvent::Data {
            stream,
            toward,
            offset,
            bytes,
            ..
        } => {
            let whole = found.streams.get_mut(&(stream, toward)).unwrap();
            assert_eq!(whole.len() as u64, offset, "in order, without holes");
            whole.extend_from_slice(bytes);
        }
        StreamEvent::Gap {
            stream,
            toward,
            offset,
            length,
        } => {
            let whole = found.streams.get_mut(&(stream, toward)).unwrap();
            assert_eq!(whole.len() as u64, offset);
            whole.resize(whole.len() + usize::try_from(length).unwrap(), b'?');
            found.gaps.push((offset, length));
        }
        StreamEvent::Conflict {
            offset,
            first,
            second,
            ..
        } => {
            found
                .conflicts
                .push((offset, first.to_vec(), second.to_vec()));
        }
        StreamEvent::Unplaced { bytes, .. } => found.unplaced.extend_from_slice(bytes),
        StreamEvent::Closed { stream, how } => found.endings.push((stream, how)),
    };
    for segment in segments {
        reassembler.push(segment.stamp_ns, &segment.segment(), &mut take);
    }
    reassembler.finish(&mut take);
    found.counts = *reassembler.counts();
    found
}
