//! A whole gateway without a kernel: its journal is memory, its send buffers are memory.
//!
//! [`MemoryEdge`] does what the host's live edge does (record, build in place, seal, copy outputs
//! into the peers' buffers) and leaves out mapping, publishing and sockets. [`logged_on`] brings a
//! gateway to where orders flow: venue settled, feed told, member logged on.

mod tabled;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::AccountQueryResponse;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::soup::packet::{self, Packet};
use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::input::Endpoint;
use gwanmun_captures::journal::{Durability, RECORD_HEAD_BYTES, SegmentHead, SegmentWriter};
use gwanmun_gateway::{
    Close, Credential, EFFECT_BYTES_MAX, Edge, EffectHead, Ends, Gateway, Input, Past, Place,
    Stages, Stamp, Stopped, VenuePhase,
};
use gwanmun_market::{MarketState, Phase, Price, Symbol};

pub use self::tabled::Tabled;
use self::tabled::terms;
use crate::messages::{self, NOW_NS};

/// The venue's line.
pub const VENUE: u32 = 1;
/// The feed's line.
pub const FEED: u32 = 2;
/// The member's line.
pub const MEMBER_LINE: u32 = 3;
/// Orders that one gateway takes: a round of every bench with room to spare.
const ORDERS_MAX: usize = 4 * crate::MESSAGES;
/// Bytes of the one segment for each order that there is room for; a round brings a fourth of them.
const SEGMENT_BYTES_PER_ORDER: usize = 1024;
/// Send buffer of a line; it is emptied when it runs full, as a socket that keeps up would.
const SEND_BYTES: usize = 64 * 1024;

/// What went to one line.
#[derive(Clone, Debug)]
pub struct SendBuffer {
    bytes: Box<[u8]>,
    used: usize,
    /// Outputs so far.
    pub outputs: u64,
    /// Bytes of them.
    pub total: u64,
}

impl SendBuffer {
    fn new() -> SendBuffer {
        SendBuffer {
            bytes: vec![0; SEND_BYTES].into_boxed_slice(),
            used: 0,
            outputs: 0,
            total: 0,
        }
    }

    fn take(&mut self, output: &[u8]) {
        if self.used + output.len() > self.bytes.len() {
            self.used = 0;
        }
        if let Some(room) = self.bytes.get_mut(self.used..self.used + output.len()) {
            room.copy_from_slice(output);
            self.used += output.len();
            self.outputs += 1;
            self.total += output.len() as u64;
        }
    }

    /// What lies in the buffer now, the latest outputs.
    #[must_use]
    pub fn latest(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or(&[])
    }
}

/// A journal of one segment and three send buffers.
pub struct MemoryEdge {
    segment: Box<[u8]>,
    writer: SegmentWriter,
    lines: [SendBuffer; 3],
}

impl Default for MemoryEdge {
    fn default() -> Self {
        MemoryEdge::new()
    }
}

impl MemoryEdge {
    /// An empty one, its memory touched.
    ///
    /// # Panics
    /// Never: the segment is of the size that its head says.
    #[must_use]
    pub fn new() -> MemoryEdge {
        MemoryEdge::holding(ORDERS_MAX)
    }

    /// One with room for the records of so many orders, its memory touched.
    ///
    /// # Panics
    /// Never, as above.
    #[must_use]
    pub fn holding(orders_max: usize) -> MemoryEdge {
        // Filled with something else first, so that no page is touched for the first time on the
        // clock.
        let segment_bytes = orders_max * SEGMENT_BYTES_PER_ORDER;
        let mut segment = vec![0xFF_u8; segment_bytes].into_boxed_slice();
        segment.fill(0);
        let head = SegmentHead {
            segment_index: 0,
            epoch: 1,
            trading_day: 20_261_123,
            first_number: 1,
            capacity_bytes: segment_bytes as u64,
            durability: Durability::Process,
            salt: 0,
        };
        let writer = SegmentWriter::start(&mut segment, head).expect("the head says this size");
        MemoryEdge {
            segment,
            writer,
            lines: core::array::from_fn(|_| SendBuffer::new()),
        }
    }

    /// What went to a line.
    #[must_use]
    pub fn line(&self, connection: u32) -> Option<&SendBuffer> {
        self.lines.get(line_index(connection)?)
    }

    /// Records so far.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.writer.next_number() - 1
    }

    /// Journal bytes so far.
    #[must_use]
    pub fn journal_bytes(&self) -> u64 {
        self.writer.position()
    }
}

fn line_index(connection: u32) -> Option<usize> {
    usize::try_from(connection).ok()?.checked_sub(1)
}

/// The past of a memory journal.
pub struct MemoryPast<'a>(&'a [u8]);

impl Past for MemoryPast<'_> {
    fn read(&self, place: Place, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(place.offset).ok()?;
        self.0.get(start..start.checked_add(length)?)
    }
}

impl Edge for MemoryEdge {
    type Past<'a> = MemoryPast<'a>;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        let record = input.record();
        let appended = self
            .writer
            .append(&mut self.segment, record, &[input.payload]);
        appended
            .map(|appended| appended.number)
            .map_err(|_| Stopped)
    }

    fn begin_effect(&mut self) -> Result<(MemoryPast<'_>, &mut [u8]), Stopped> {
        if self.writer.room_bytes() < EFFECT_BYTES_MAX {
            return Err(Stopped);
        }
        let position = usize::try_from(self.writer.position()).map_err(|_| Stopped)?;
        let (done, free) = self.segment.split_at_mut_checked(position).ok_or(Stopped)?;
        let room = free
            .get_mut(RECORD_HEAD_BYTES..RECORD_HEAD_BYTES + EFFECT_BYTES_MAX)
            .ok_or(Stopped)?;
        Ok((MemoryPast(done), room))
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        let record = head.record();
        let appended = self.writer.commit(&mut self.segment, record, used_bytes);
        let offset = usize::try_from(appended.position).map_err(|_| Stopped)? + RECORD_HEAD_BYTES;
        let payload = self
            .segment
            .get(offset..offset + used_bytes)
            .ok_or(Stopped)?;
        for entry in EffectReader::new(payload) {
            if let Ok(Entry::Output {
                connection, bytes, ..
            }) = entry
                && let Some(index) = line_index(connection)
                && let Some(line) = self.lines.get_mut(index)
            {
                line.take(bytes);
            }
        }
        Ok(Place {
            segment: 0,
            offset: u32::try_from(offset).map_err(|_| Stopped)?,
        })
    }

    fn close(&mut self, _connection: u32, _how: Close) {}
}

/// The `now` of everything.
pub const STAMP: Stamp = Stamp {
    ns: NOW_NS,
    clock_quality: 0,
};

fn in_packet(message: impl FnOnce(&mut [u8]) -> Option<usize>) -> Vec<u8> {
    let mut into = vec![0; 256];
    let length = packet::sequenced(&mut into, message).expect("a report is under 256 bytes");
    into.truncate(length);
    into
}

fn login_accepted() -> Vec<u8> {
    let mut into = vec![0; 64];
    let accepted = Packet::LoginAccepted {
        session: *b"20261123  ",
        sequence_number: 1,
    };
    let length = accepted.encode(&mut into).expect("33 bytes");
    into.truncate(length);
    into
}

fn market_state(symbol: Symbol, base: Price) -> Vec<u8> {
    let record = MarketStateRecord {
        timestamp_ns: 0,
        symbol,
        state: MarketState {
            phase: Phase::Continuous,
            base: Some(base),
            last: Some(base),
            ..MarketState::default()
        },
    };
    in_packet(|into| record.encode(into))
}

/// A gateway to which a member may send orders, and its edge.
///
/// # Panics
/// When the gateway does not come up: then a bench would measure refusals.
#[must_use]
pub fn logged_on() -> (Gateway<()>, MemoryEdge) {
    logged_on_with((), ORDERS_MAX)
}

/// The same with stage stamps and room for so many orders.
///
/// # Panics
/// As [`logged_on`].
#[must_use]
pub fn logged_on_with<S: Stages>(stages: S, orders_max: usize) -> (Gateway<S>, MemoryEdge) {
    logged_on_to(stages, &Tabled::few(orders_max))
}

/// The same with other tables.
///
/// # Panics
/// As [`logged_on`].
#[must_use]
pub fn logged_on_to<S: Stages>(stages: S, tabled: &Tabled) -> (Gateway<S>, MemoryEdge) {
    let mut edge = MemoryEdge::holding(tabled.orders_max + tabled.listings.len());
    let mut gateway = Gateway::new(terms(tabled), stages).expect("the holdings fit");
    let ends = Ends {
        peer: Endpoint::v4([127, 0, 0, 1], 40_000),
        local: Endpoint::v4([127, 0, 0, 1], 9_876),
    };
    let up = "the journal has room";
    gateway
        .on_venue_connected(&mut edge, (0, ends), (VENUE, STAMP))
        .expect(up);
    let answer = AccountQueryResponse {
        timestamp_ns: 0,
        next_user_ref_num: 1,
        appendage: Appendage::EMPTY,
    };
    for bytes in [login_accepted(), in_packet(|into| answer.encode(into))] {
        let done = gateway.on_received(&mut edge, &bytes, bytes.len(), (VENUE, STAMP));
        assert_eq!(done, Ok(bytes.len()));
    }
    assert_eq!(gateway.venue_phase(0), VenuePhase::Up);
    gateway
        .on_feed_connected(&mut edge, (0, ends), (FEED, STAMP))
        .expect(up);
    let states = tabled.listings.iter();
    let states: Vec<Vec<u8>> = states.map(|row| market_state(row.0, row.1)).collect();
    for bytes in [login_accepted()].iter().chain(&states) {
        let done = gateway.on_received(&mut edge, bytes, bytes.len(), (FEED, STAMP));
        assert_eq!(done, Ok(bytes.len()));
    }
    let logon = messages::member_logon();
    gateway
        .on_member_logon(
            &mut edge,
            (0, ends, Credential::Passed),
            &logon,
            (MEMBER_LINE, STAMP),
        )
        .expect(up);
    assert!(gateway.is_bound(0), "the Logon was refused");
    (gateway, edge)
}
