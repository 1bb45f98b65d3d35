//! One connection while it is put back together: who opened it, its two directions, its end.
//!
//! In it: which segment belongs to which direction, and when the connection is over. Not in it: the
//! bytes of a direction (see `half.rs`) and the table of all connections (see the parent module).

use super::half::{Half, Speaker};
use super::{Counts, Ending, StreamEvent, Toward};
use crate::input::Endpoint;
use crate::read::TcpSegment;
use crate::tcp_synth::flag;

/// One connection.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) number: u32,
    client: Endpoint,
    server: Endpoint,
    from_start: bool,
    to_server: Half,
    to_client: Half,
    closed: bool,
    /// When it was last heard of, in segments.
    pub(super) last_segment: u64,
}

impl Stream {
    /// A connection first met with this segment.
    pub(super) fn open(number: u32, segment: &TcpSegment<'_>) -> Self {
        let answer = flag::SYN | flag::ACK;
        let by_server = segment.flags & answer == answer;
        let (client, server) = match by_server {
            true => (segment.target, segment.source),
            false => (segment.source, segment.target),
        };
        Self {
            number,
            client,
            server,
            from_start: segment.flags & flag::SYN != 0,
            to_server: Half::new(Toward::Server),
            to_client: Half::new(Toward::Client),
            closed: false,
            last_segment: 0,
        }
    }

    pub(super) fn opened(&self, stamp_ns: u64) -> StreamEvent<'static> {
        StreamEvent::Opened {
            stream: self.number,
            client: self.client,
            server: self.server,
            stamp_ns,
            from_start: self.from_start,
        }
    }

    /// True if this SYN is the one the connection began with (or may be: if none was seen, it is
    /// not).
    pub(super) fn opened_by(&self, segment: &TcpSegment<'_>) -> bool {
        self.client == segment.source
            && self.to_server.start == Some(segment.sequence.wrapping_add(1))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Bytes on the memory account.
    pub(super) fn memory(&self) -> usize {
        self.to_server.memory() + self.to_client.memory()
    }

    /// Takes one segment of this connection.
    pub(super) fn push(
        &mut self,
        stamp_ns: u64,
        segment: &TcpSegment<'_>,
        counts: &mut Counts,
        out: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let mut speaker = Speaker {
            stream: self.number,
            counts,
            out,
        };
        let (half, other) = match segment.source == self.client {
            true => (&mut self.to_server, &mut self.to_client),
            false => (&mut self.to_client, &mut self.to_server),
        };
        let syn = segment.flags & flag::SYN != 0;
        let sequence = segment.sequence.wrapping_add(u32::from(syn));
        half.start.get_or_insert(sequence);
        if let Some(acknowledged) = segment.acknowledgement
            && segment.flags & flag::RST == 0
        {
            // All before it was received before the capture began.
            other.start.get_or_insert(acknowledged);
        }
        half.push(sequence, stamp_ns, segment, &mut speaker);
        if segment.flags & flag::RST != 0 && !self.closed {
            self.end(Ending::Reset, counts, out);
        } else if !self.closed && self.to_server.is_finished() && self.to_client.is_finished() {
            self.end(Ending::Finished, counts, out);
        }
    }

    /// Gives out what is held, gaps named, and says how the connection ended, unless that was said
    /// before.
    pub(super) fn end(
        &mut self,
        how: Ending,
        counts: &mut Counts,
        out: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let mut speaker = Speaker {
            stream: self.number,
            counts,
            out,
        };
        for half in [&mut self.to_server, &mut self.to_client] {
            while half.skip_to_held(&mut speaker) {}
            half.skip_to_finish(&mut speaker);
        }
        if !self.closed {
            self.closed = true;
            out(StreamEvent::Closed {
                stream: self.number,
                how,
            });
        }
    }
}
