//! Putting TCP segments back together into the two byte streams of each connection, as a passive
//! listener can.
//!
//! Segments may come late, twice, overlapping, or not at all. In plain words:
//! 1. Every sequence number becomes an offset in its direction, counted from the byte behind the
//!    SYN (or from the first number seen, if the capture began in the middle). Offsets are 64 bits
//!    wide, so numbers may wrap.
//! 2. What lies at the next offset due is given out at once. What lies ahead is held. What lies
//!    behind was seen before: it is compared with what was given out, and a difference is reported,
//!    never settled.
//! 3. Bytes that never come are reported as a gap: when more is held than the limit allows, when
//!    the connection ends, and at the end of the capture.
//!
//! In it: [`Reassembler`]. Not in it: packets (see `read.rs`) and messages in the streams (see the
//! codecs). Memory is bounded by the constants below: when it is spent, the connections idle
//! longest are ended.

mod half;
mod stream;

use std::collections::BTreeMap;

use crate::input::Endpoint;
use crate::read::TcpSegment;
use crate::tcp_synth::flag;
use stream::Stream;

/// Most connections followed at a time.
pub const CONNECTIONS_MAX: usize = 8_192;
/// Most bytes held and remembered over all connections; beside them each connection costs about a
/// kilobyte.
pub const MEMORY_BYTES_MAX: usize = 40 << 20;
/// Most bytes held for one direction while an earlier byte is missing; above a full window of
/// common size.
pub const HELD_BYTES_MAX: usize = 4 << 20;
/// Most segments held for one direction.
pub const HELD_SEGMENTS_MAX: usize = 8_192;
/// Bytes given out that are remembered for comparison, per direction.
pub const REMEMBERED_BYTES_MAX: usize = 64 << 10;

/// Which way bytes flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Toward {
    /// To the side that accepted the connection.
    Server,
    /// To the side that opened it; the sender of the first packet if no SYN was seen.
    Client,
}

/// What reassembly finds, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEvent<'a> {
    /// A connection was met for the first time.
    Opened {
        /// Its number in this capture, from 0.
        stream: u32,
        /// Who opened it, as far as known.
        client: Endpoint,
        /// Who accepted it.
        server: Endpoint,
        /// Stamp of its first packet.
        stamp_ns: u64,
        /// True if its handshake was seen, so that offsets are the stream's own.
        from_start: bool,
    },
    /// The next bytes of a direction.
    Data {
        /// The connection.
        stream: u32,
        /// Which way they flow.
        toward: Toward,
        /// Stamp of the packet that brought them.
        stamp_ns: u64,
        /// Offset of the first of them in their direction.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Bytes that were sent and are not in the capture.
    Gap {
        /// The connection.
        stream: u32,
        /// Which way they flowed.
        toward: Toward,
        /// Offset of the first of them.
        offset: u64,
        /// How many.
        length: u64,
    },
    /// Bytes sent twice with different contents. The first copy was given out.
    Conflict {
        /// The connection.
        stream: u32,
        /// Which way they flow.
        toward: Toward,
        /// Stamp of the packet that brought the second copy.
        stamp_ns: u64,
        /// Offset of the first byte that differs.
        offset: u64,
        /// First copy, from that byte on.
        first: &'a [u8],
        /// Second copy, as long.
        second: &'a [u8],
    },
    /// Bytes that lie before the start of their direction or absurdly far ahead.
    Unplaced {
        /// The connection.
        stream: u32,
        /// Which way they flow.
        toward: Toward,
        /// Stamp of their packet.
        stamp_ns: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A connection ended: both directions finished, it was reset, or its place was needed.
    Closed {
        /// The connection.
        stream: u32,
        /// How.
        how: Ending,
    },
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// FIN in both directions, all bytes given out.
    Finished,
    /// RST.
    Reset,
    /// A new connection between the same ends.
    Replaced,
    /// Given up for want of room.
    Evicted,
    /// The capture ended first.
    CaptureEnded,
}

/// What was counted over all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Segments looked at.
    pub segments: u64,
    /// Bytes given out.
    pub bytes: u64,
    /// Segments that came before an earlier byte.
    pub early_segments: u64,
    /// Bytes that came again.
    pub repeated_bytes: u64,
    /// Repeated bytes too old to be compared.
    pub uncompared_bytes: u64,
    /// Conflicts found.
    pub conflicts: u64,
    /// Gaps found.
    pub gaps: u64,
    /// Bytes in them.
    pub gap_bytes: u64,
    /// Bytes that could not be placed.
    pub unplaced_bytes: u64,
    /// Connections given up for want of room.
    pub evicted: u64,
}

/// Ends of a connection, smaller one first, as a key.
type Key = (EndKey, EndKey);
type EndKey = ([u8; 16], u16, bool);

/// Follows all connections of a capture.
#[derive(Debug, Default)]
pub struct Reassembler {
    streams: BTreeMap<Key, Stream>,
    next_stream: u32,
    /// Bytes held and remembered by all streams.
    memory: usize,
    /// Counts segments, as a clock for idleness.
    now: u64,
    counts: Counts,
}

impl Reassembler {
    /// Knows no connection yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What was counted so far.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes one segment, in the order of the capture.
    pub fn push(
        &mut self,
        stamp_ns: u64,
        segment: &TcpSegment<'_>,
        out: &mut impl FnMut(StreamEvent<'_>),
    ) {
        self.now += 1;
        self.counts.segments += 1;
        let key = key(segment);
        let opens = segment.flags & (flag::SYN | flag::ACK | flag::RST) == flag::SYN;
        let known = self.streams.get(&key);
        if opens && known.is_some_and(|stream| !stream.opened_by(segment)) {
            self.end(&key, Ending::Replaced, out);
        }
        if !self.streams.contains_key(&key) {
            self.make_room(out);
            let stream = Stream::open(self.next_stream, segment);
            out(stream.opened(stamp_ns));
            self.next_stream = self.next_stream.wrapping_add(1);
            self.streams.insert(key, stream);
        }
        let Some(stream) = self.streams.get_mut(&key) else {
            return;
        };
        let before = stream.memory();
        stream.last_segment = self.now;
        stream.push(stamp_ns, segment, &mut self.counts, out);
        self.memory = (self.memory + stream.memory()).saturating_sub(before);
        if self.memory > MEMORY_BYTES_MAX {
            self.evict(out);
        }
    }

    /// The capture is over: gives out what is held, with the gaps between.
    pub fn finish(&mut self, out: &mut impl FnMut(StreamEvent<'_>)) {
        let mut left: Vec<Stream> = std::mem::take(&mut self.streams).into_values().collect();
        left.sort_by_key(|stream| stream.number);
        for mut stream in left {
            stream.end(Ending::CaptureEnded, &mut self.counts, out);
        }
        self.memory = 0;
    }

    fn end(&mut self, key: &Key, how: Ending, out: &mut impl FnMut(StreamEvent<'_>)) {
        if let Some(mut stream) = self.streams.remove(key) {
            self.memory = self.memory.saturating_sub(stream.memory());
            stream.end(how, &mut self.counts, out);
        }
    }

    fn make_room(&mut self, out: &mut impl FnMut(StreamEvent<'_>)) {
        if self.streams.len() >= CONNECTIONS_MAX {
            self.evict(out);
        }
    }

    /// Ends the eighth of all connections that was idle longest: many at once, so that finding them
    /// costs little per segment.
    fn evict(&mut self, out: &mut impl FnMut(StreamEvent<'_>)) {
        let mut idle: Vec<(u64, Key)> = self
            .streams
            .iter()
            .map(|(key, stream)| (stream.last_segment, *key))
            .collect();
        idle.sort_unstable();
        let most = idle.len().div_ceil(8);
        for (_, key) in idle.into_iter().take(most) {
            if self
                .streams
                .get(&key)
                .is_some_and(|stream| !stream.is_closed())
            {
                self.counts.evicted += 1;
            }
            self.end(&key, Ending::Evicted, out);
        }
    }
}

fn key(segment: &TcpSegment<'_>) -> Key {
    let (a, b) = (segment.source.sortable(), segment.target.sortable());
    if a <= b { (a, b) } else { (b, a) }
}
