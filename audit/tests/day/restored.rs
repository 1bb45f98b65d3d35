//! What a start finds in the journal: the same state from all records and from every snapshot.

use gwanmun_captures::journal::{ChainPoint, ChainReader};
use gwanmun_gateway::{Gateway, PastLines, Terms};

use super::Day;

/// A gateway with part of a journal in it.
struct Restored {
    gateway: Gateway<()>,
    lines: PastLines,
    point: Option<ChainPoint>,
}

impl Restored {
    fn nothing(terms: &Terms) -> Restored {
        Restored {
            gateway: Gateway::new(terms.clone(), ()).unwrap(),
            lines: PastLines::default(),
            point: None,
        }
    }

    fn go_on(mut self, segments: &[&[u8]]) -> Restored {
        let segments = segments.iter().copied();
        let mut chain = match self.point {
            Some(point) => ChainReader::going_on(point, segments),
            None => ChainReader::new(segments),
        };
        for next in chain.by_ref() {
            let next = next.unwrap();
            self.gateway
                .restore(&next.record, next.segment_index, &mut self.lines)
                .unwrap();
        }
        self.point = chain.point();
        self
    }
}

impl Day {
    /// A gateway from the journal: from a snapshot at the last border between segments, after every
    /// border's has given the same as all records.
    pub(super) fn restored(&self) -> Gateway<()> {
        let segments = self.edge.segments();
        let all = Restored::nothing(&self.terms).go_on(&segments);
        let expected = all.gateway.snapshot(&all.lines);
        let mut restored = all.gateway;
        for border in 1..=segments.len() {
            let front = Restored::nothing(&self.terms).go_on(&segments[..border]);
            let body = front.gateway.snapshot(&front.lines);
            let mut from = Restored::nothing(&self.terms);
            from.gateway
                .restore_snapshot(&body, &mut from.lines)
                .unwrap();
            from.point = front.point;
            let from = from.go_on(&segments[border..]);
            assert!(from.gateway.snapshot(&from.lines) == expected, "{border}");
            restored = from.gateway;
        }
        restored
    }
}
