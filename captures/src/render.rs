//! From journal records to pcapng, one record at a time.
//!
//! Received records are inbound data. Outputs in effect records wait in a queue per connection; an
//! Accepted record says how many of them the socket took, and only then, with that record's stamp,
//! are they outbound data: what was never accepted was never on the wire. Connected is a handshake,
//! Disconnected an end. A new epoch drops what the process before it left open. What an operator
//! asked for and what became of it are datagrams of an interface that is described in front of the
//! first of them, so that a day without commands has none. The same journal always gives the same
//! bytes, so a capture cut short by a crash is simply rendered again. In it: [`Renderer`]. Not in
//! it: frames (see `tcp_synth.rs` and `desk.rs`) and blocks (see `pcapng.rs`).

use std::collections::BTreeMap;

use crate::desk::{self, Desk, DeskLine};
use crate::effect::{EffectError, EffectReader, Entry};
use crate::input::{Accepted, Connected, InputFault, Role};
use crate::journal::{Record, RecordKind};
use crate::pcapng::{self, Direction, FileInfo, PacketHead, Statistics};
use crate::tcp_synth::{Flow, Frame};

/// Names of the interfaces, in the order of their indexes: members' lines, venues' lines, feeds'
/// lines.
pub const INTERFACES: [&str; 3] = ["members", "venues", "feeds"];
/// Index of the desk's interface, which is described where the first command comes.
pub const DESK_INTERFACE: u32 = 3;
/// Most connections open at a time: far above the runtime's own limit, and a bound on what a wrong
/// journal costs.
pub const CONNECTIONS_MAX: usize = 65_536;
/// Most bytes waiting for one socket: above the runtime's send buffers, whatever their
/// configuration.
pub const QUEUE_BYTES_MAX: usize = 256 << 20;
/// Packets made of one record get ids from its number times this.
pub const PACKET_ID_STEP: u64 = 100_000;
/// Longest Received payload or Accepted count, so that a record's packets keep below
/// [`PACKET_ID_STEP`].
pub const RECORD_BYTES_MAX: usize = 32 << 20;

const _: () = assert!(
    (RECORD_BYTES_MAX.div_ceil(crate::tcp_synth::PAYLOAD_BYTES_MAX) as u64) * 3 / 2
        < PACKET_ID_STEP
);
const _: () = assert!((CONNECTIONS_MAX as u64) < PACKET_ID_STEP);
const _: () = assert!(INTERFACES.len() == DESK_INTERFACE as usize);

/// What a record asks for and the journal before it does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderFault {
    /// A payload that is not what its kind promises.
    Payload(InputFault),
    /// An effect that cannot be read.
    Effect(EffectError),
    /// Bytes or an end on a connection that is not open.
    NotOpen,
    /// A connection that is opened a second time.
    AlreadyOpen,
    /// More than [`CONNECTIONS_MAX`] connections.
    TooManyConnections,
    /// More than [`QUEUE_BYTES_MAX`] bytes wait for one socket.
    QueueFull,
    /// More than [`RECORD_BYTES_MAX`] bytes in one record.
    TooLong,
    /// The socket is said to have taken more than was produced for it.
    AcceptedTooMuch {
        /// Bytes waiting.
        queued: u64,
        /// Bytes said to be taken.
        count: u64,
    },
    /// Accepted records of a connection do not follow each other.
    AcceptedOffset {
        /// Bytes accepted before, by our count.
        expected: u64,
        /// Bytes accepted before, by the record.
        found: u64,
    },
}

/// Which record could not be shown, and why. Nothing was written for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderError {
    /// The record's number.
    pub number: u64,
    /// Its connection.
    pub connection: u32,
    /// Why.
    pub fault: RenderFault,
}

/// Bytes produced for one socket and not yet taken by it, and how many it took before.
#[derive(Clone, Debug, Default)]
struct SendQueue {
    bytes: Vec<u8>,
    /// Bytes at the front of `bytes` that are taken already.
    taken: usize,
    /// Bytes taken in all; `None` until the first Accepted, whose own offset then counts.
    accepted: Option<u64>,
}

impl SendQueue {
    /// Bytes waiting.
    fn waiting(&self) -> usize {
        self.bytes.len() - self.taken
    }

    /// Adds bytes at the back.
    fn push(&mut self, bytes: &[u8]) -> Result<(), RenderFault> {
        if self.waiting().saturating_add(bytes.len()) > QUEUE_BYTES_MAX {
            return Err(RenderFault::QueueFull);
        }
        if self.taken > 4096 && self.taken * 2 > self.bytes.len() {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// Takes from the front what an Accepted record says.
    fn take(&mut self, accepted: &Accepted) -> Result<&[u8], RenderFault> {
        let expected = self.accepted.unwrap_or(accepted.offset_before);
        if accepted.offset_before != expected {
            let found = accepted.offset_before;
            return Err(RenderFault::AcceptedOffset { expected, found });
        }
        let count = usize::try_from(accepted.count).unwrap_or(usize::MAX);
        if count > RECORD_BYTES_MAX {
            return Err(RenderFault::TooLong);
        }
        let (queued, front) = (self.waiting() as u64, self.taken);
        let end = front.saturating_add(count);
        let Some(bytes) = self.bytes.get(front..end) else {
            return Err(RenderFault::AcceptedTooMuch {
                queued,
                count: u64::from(accepted.count),
            });
        };
        self.taken = end;
        self.accepted = Some(expected.saturating_add(u64::from(accepted.count)));
        Ok(bytes)
    }
}

/// Index of the interface that a role's packets belong to.
#[must_use]
pub const fn interface_of(role: Role) -> u32 {
    match role {
        Role::Member => 0,
        Role::Venue => 1,
        Role::Feed => 2,
    }
}

#[derive(Clone, Debug)]
struct Line {
    flow: Flow,
    interface: u32,
    queue: SendQueue,
}

/// Turns records into pcapng blocks.
///
/// State is bounded by the open connections and the bytes that wait for their sockets.
#[derive(Clone, Debug)]
pub struct Renderer {
    open: BTreeMap<u32, Line>,
    /// Packets written per interface.
    packets: [u64; INTERFACES.len()],
    desk: Desk,
    /// Packets of the desk's interface; with the first one it is described.
    desk_packets: u64,
    first_stamp_ns: Option<u64>,
    last_stamp_ns: u64,
    /// Bytes of outputs for connections that were not open: they never reached a wire.
    unsent_bytes: u64,
}

impl Renderer {
    /// Begins a file: section header and interfaces.
    #[must_use]
    pub fn start(info: &FileInfo<'_>, into: &mut Vec<u8>) -> Self {
        pcapng::section(into, info);
        for name in INTERFACES {
            pcapng::interface(into, name);
        }
        Self {
            open: BTreeMap::new(),
            packets: [0; INTERFACES.len()],
            desk: Desk::default(),
            desk_packets: 0,
            first_stamp_ns: None,
            last_stamp_ns: 0,
            unsent_bytes: 0,
        }
    }

    /// Adds the packets of one record, if it makes any. Records come in order, none left out.
    ///
    /// # Errors
    /// [`RenderError`]; the next record may still be given.
    pub fn on_record(
        &mut self,
        record: &Record<'_>,
        into: &mut Vec<u8>,
    ) -> Result<(), RenderError> {
        self.first_stamp_ns.get_or_insert(record.head.stamp_ns);
        self.last_stamp_ns = self.last_stamp_ns.max(record.head.stamp_ns);
        self.dispatch(record, into).map_err(|fault| RenderError {
            number: record.head.number,
            connection: record.head.connection,
            fault,
        })?;
        if let Some(line) = self.desk.on_record(record) {
            self.show(record, &line, into);
        }
        Ok(())
    }

    /// Ends a file: what each interface saw, with a drop count of 0.
    pub fn finish(&self, into: &mut Vec<u8>) {
        let of_desk = Some(self.desk_packets).filter(|packets| *packets > 0);
        for (interface, received) in (0u32..).zip(self.packets.into_iter().chain(of_desk)) {
            let seen = Statistics {
                interface,
                start_ns: self.first_stamp_ns.unwrap_or_default(),
                end_ns: self.last_stamp_ns,
                received,
                dropped: 0,
            };
            pcapng::statistics(into, &seen);
        }
    }

    /// Packets written so far.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets.iter().sum::<u64>() + self.desk_packets
    }

    /// Connections open now.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.open.len()
    }

    /// Bytes of outputs for connections that were not open when they were produced.
    #[must_use]
    pub fn unsent_bytes(&self) -> u64 {
        self.unsent_bytes
    }

    /// Adds the packet of a record that says something at the desk.
    fn show(&mut self, record: &Record<'_>, line: &DeskLine, into: &mut Vec<u8>) {
        if self.desk_packets == 0 {
            pcapng::interface(into, desk::INTERFACE);
        }
        let head = PacketHead {
            interface: DESK_INTERFACE,
            stamp_ns: record.head.stamp_ns,
            direction: line.direction,
            packet_id: record.head.number.saturating_mul(PACKET_ID_STEP),
        };
        pcapng::packet_with_comment(into, &head, &line.text, |into| line.write(into));
        self.desk_packets += 1;
    }

    fn dispatch(&mut self, record: &Record<'_>, into: &mut Vec<u8>) -> Result<(), RenderFault> {
        let mut packets = Packets::of(record, &mut self.packets, into);
        let connection = record.head.connection;
        match record.head.kind {
            RecordKind::Start => {
                for line in self.open.values_mut() {
                    packets.interface = line.interface;
                    line.flow.reset(&mut |frame| packets.add(frame));
                }
                self.open.clear();
            }
            RecordKind::Connected => {
                let connected = Connected::parse(record.payload).map_err(RenderFault::Payload)?;
                if self.open.contains_key(&connection) {
                    return Err(RenderFault::AlreadyOpen);
                }
                if self.open.len() >= CONNECTIONS_MAX {
                    return Err(RenderFault::TooManyConnections);
                }
                let mut flow = Flow::new(record.head.epoch, connection, &connected);
                packets.interface = interface_of(connected.role);
                flow.open(&mut |frame| packets.add(frame));
                let interface = packets.interface;
                self.open.insert(
                    connection,
                    Line {
                        flow,
                        interface,
                        queue: SendQueue::default(),
                    },
                );
            }
            RecordKind::Received => {
                let line = self.open.get_mut(&connection).ok_or(RenderFault::NotOpen)?;
                if record.payload.len() > RECORD_BYTES_MAX {
                    return Err(RenderFault::TooLong);
                }
                packets.interface = line.interface;
                line.flow.data(Direction::In, record.payload, &mut |frame| {
                    packets.add(frame)
                });
            }
            RecordKind::Accepted => {
                let accepted = Accepted::parse(record.payload).map_err(RenderFault::Payload)?;
                let line = self.open.get_mut(&connection).ok_or(RenderFault::NotOpen)?;
                let bytes = line.queue.take(&accepted)?;
                packets.interface = line.interface;
                line.flow
                    .data(Direction::Out, bytes, &mut |frame| packets.add(frame));
            }
            RecordKind::Disconnected => {
                let mut line = self.open.remove(&connection).ok_or(RenderFault::NotOpen)?;
                packets.interface = line.interface;
                line.flow.close(&mut |frame| packets.add(frame));
            }
            RecordKind::Effect => self.queue_outputs(record.payload)?,
            _ => {}
        }
        Ok(())
    }

    /// Queues an effect's outputs, all or (if the effect cannot be read) none.
    fn queue_outputs(&mut self, payload: &[u8]) -> Result<(), RenderFault> {
        if let Some(error) = EffectReader::new(payload).find_map(Result::err) {
            return Err(RenderFault::Effect(error));
        }
        for entry in EffectReader::new(payload) {
            if let Ok(Entry::Output {
                connection, bytes, ..
            }) = entry
            {
                match self.open.get_mut(&connection) {
                    Some(line) => line.queue.push(bytes)?,
                    None => self.unsent_bytes += bytes.len() as u64,
                }
            }
        }
        Ok(())
    }
}

/// Writes the packets of one record, with ids that lead back to it.
struct Packets<'a> {
    head: PacketHead,
    interface: u32,
    counts: &'a mut [u64; INTERFACES.len()],
    into: &'a mut Vec<u8>,
}

impl<'a> Packets<'a> {
    fn of(
        record: &Record<'_>,
        counts: &'a mut [u64; INTERFACES.len()],
        into: &'a mut Vec<u8>,
    ) -> Self {
        let head = PacketHead {
            interface: 0,
            stamp_ns: record.head.stamp_ns,
            direction: Direction::In,
            packet_id: record.head.number.saturating_mul(PACKET_ID_STEP),
        };
        Self {
            head,
            interface: 0,
            counts,
            into,
        }
    }

    fn add(&mut self, frame: &Frame<'_>) {
        let head = PacketHead {
            interface: self.interface,
            direction: frame.direction,
            ..self.head
        };
        pcapng::packet(self.into, &head, |into| frame.write(into));
        self.head.packet_id = self.head.packet_id.saturating_add(1);
        let index = usize::try_from(self.interface).unwrap_or(usize::MAX);
        if let Some(count) = self.counts.get_mut(index) {
            *count += 1;
        }
    }
}
