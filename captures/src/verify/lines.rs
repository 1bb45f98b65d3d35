//! Which packets are due: the connections of the journal, each as two streams of positions.
//!
//! In it: [`Lines`]. It knows positions in streams, not packets already made, and so is no copy of
//! `tcp_synth.rs`. Not in it: how a packet is compared (see `frame.rs`).

use std::collections::{BTreeMap, VecDeque};

use super::blocks::Blocks;
use super::frame::Due;
use super::{Report, VerifyFailure};
use crate::effect::{EffectReader, Entry};
use crate::input::{Accepted, Connected, Role};
use crate::journal::{Record, RecordHead, RecordKind};
use crate::pcapng::Direction;
use crate::render::{
    INTERFACES, PACKET_ID_STEP, RECORD_BYTES_MAX, RenderError, RenderFault, interface_of,
};
use crate::tcp_synth::{ACKNOWLEDGE_EVERY_BYTES, PAYLOAD_BYTES_MAX, flag, initial_sequence};

/// One direction of a connection.
#[derive(Clone, Debug)]
struct Stream {
    initial_sequence: u32,
    /// Sequence numbers used: SYN, bytes, FIN.
    used: u64,
    packets: u64,
    /// `used` of this direction when the other one last acknowledged.
    acknowledged: u64,
    last_stamp_ns: u64,
}

#[derive(Clone, Debug)]
struct Line {
    connected: Connected,
    /// Inbound, outbound.
    streams: [Stream; 2],
    produced: VecDeque<u8>,
    accepted: Option<u64>,
}

/// All connections, and the packets counted per interface.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    open: BTreeMap<u32, Line>,
    packets: [u64; INTERFACES.len()],
}

/// The record being shown, and how many packets it has had.
struct Showing<'r, 'b, 'a> {
    head: RecordHead,
    shown: u64,
    blocks: &'b mut Blocks<'a>,
    report: &'r mut Report,
    packets: &'r mut [u64; INTERFACES.len()],
}

impl Lines {
    /// Takes the packets a record demands from `blocks`.
    pub(super) fn on_record(
        &mut self,
        record: &Record<'_>,
        blocks: &mut Blocks<'_>,
        report: &mut Report,
    ) -> Result<(), VerifyFailure> {
        let Record { head, payload, .. } = *record;
        let packets = &mut self.packets;
        let mut showing = Showing {
            head,
            shown: 0,
            blocks,
            report,
            packets,
        };
        let wrong = |fault| {
            let (number, connection) = (head.number, head.connection);
            VerifyFailure::Content(RenderError {
                number,
                connection,
                fault,
            })
        };
        let line = self.open.get_mut(&head.connection);
        match head.kind {
            RecordKind::Start => {
                for (connection, mut line) in std::mem::take(&mut self.open) {
                    showing.head.connection = connection;
                    line.show(&mut showing, Direction::Out, flag::RST | flag::ACK, &[])?;
                    showing.report.bytes_unsent += line.produced.len() as u64;
                }
            }
            RecordKind::Connected => {
                let connected = Connected::parse(payload)
                    .map_err(|fault| wrong(RenderFault::Payload(fault)))?;
                if line.is_some() {
                    return Err(wrong(RenderFault::AlreadyOpen));
                }
                let mut line = Line::new(&head, connected);
                line.handshake(&mut showing)?;
                showing.report.connections += 1;
                self.open.insert(head.connection, line);
            }
            RecordKind::Received => {
                let line = line.ok_or(wrong(RenderFault::NotOpen))?;
                line.data(&mut showing, Direction::In, payload)?;
                showing.report.bytes_in += payload.len() as u64;
            }
            RecordKind::Accepted => {
                let line = line.ok_or(wrong(RenderFault::NotOpen))?;
                let bytes = line.accept(payload).map_err(wrong)?;
                line.data(&mut showing, Direction::Out, &bytes)?;
                showing.report.bytes_out += bytes.len() as u64;
            }
            RecordKind::Disconnected => {
                let mut line = self
                    .open
                    .remove(&head.connection)
                    .ok_or(wrong(RenderFault::NotOpen))?;
                line.goodbye(&mut showing)?;
                showing.report.bytes_unsent += line.produced.len() as u64;
            }
            RecordKind::Effect => self.produce(payload, report),
            _ => {}
        }
        Ok(())
    }

    /// What is still open at the end produced bytes that no socket took.
    pub(super) fn finish(&self, report: &mut Report) {
        report.bytes_unsent += self
            .open
            .values()
            .map(|line| line.produced.len() as u64)
            .sum::<u64>();
    }

    /// Packets per interface.
    pub(super) fn packets(&self) -> [u64; INTERFACES.len()] {
        self.packets
    }

    /// Outputs of an effect, whose readability was checked when it was counted.
    fn produce(&mut self, payload: &[u8], report: &mut Report) {
        for entry in EffectReader::new(payload).flatten() {
            if let Entry::Output {
                connection, bytes, ..
            } = entry
            {
                match self.open.get_mut(&connection) {
                    Some(line) => line.produced.extend(bytes),
                    None => report.bytes_unsent += bytes.len() as u64,
                }
            }
        }
    }
}

impl Line {
    fn new(head: &RecordHead, connected: Connected) -> Self {
        let streams = [Direction::In, Direction::Out].map(|direction| Stream {
            initial_sequence: initial_sequence(head.epoch, head.connection, direction),
            used: 0,
            packets: 0,
            acknowledged: 0,
            last_stamp_ns: 0,
        });
        Self {
            connected,
            streams,
            produced: VecDeque::new(),
            accepted: None,
        }
    }

    fn handshake(&mut self, showing: &mut Showing<'_, '_, '_>) -> Result<(), VerifyFailure> {
        let opener = match self.connected.role {
            Role::Member => Direction::In,
            Role::Venue | Role::Feed => Direction::Out,
        };
        self.show(showing, opener, flag::SYN, &[])?;
        self.show(showing, opener.back(), flag::SYN | flag::ACK, &[])?;
        self.show(showing, opener, flag::ACK, &[])
    }

    fn goodbye(&mut self, showing: &mut Showing<'_, '_, '_>) -> Result<(), VerifyFailure> {
        self.show(showing, Direction::Out, flag::FIN | flag::ACK, &[])?;
        self.show(showing, Direction::In, flag::FIN | flag::ACK, &[])?;
        self.show(showing, Direction::Out, flag::ACK, &[])
    }

    /// The bytes an Accepted record takes from those produced.
    fn accept(&mut self, payload: &[u8]) -> Result<Vec<u8>, RenderFault> {
        let accepted = Accepted::parse(payload).map_err(RenderFault::Payload)?;
        let expected = self.accepted.unwrap_or(accepted.offset_before);
        if expected != accepted.offset_before {
            let found = accepted.offset_before;
            return Err(RenderFault::AcceptedOffset { expected, found });
        }
        let (queued, count) = (self.produced.len() as u64, u64::from(accepted.count));
        if count > queued {
            return Err(RenderFault::AcceptedTooMuch { queued, count });
        }
        let length = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(self.produced.len());
        if length > RECORD_BYTES_MAX {
            return Err(RenderFault::TooLong);
        }
        self.accepted = Some(expected.saturating_add(count));
        Ok(self.produced.drain(..length).collect())
    }

    fn data(
        &mut self,
        showing: &mut Showing<'_, '_, '_>,
        direction: Direction,
        bytes: &[u8],
    ) -> Result<(), VerifyFailure> {
        for payload in bytes.chunks(PAYLOAD_BYTES_MAX) {
            self.show(showing, direction, flag::PSH | flag::ACK, payload)?;
            let [inbound, outbound] = &self.streams;
            let stream = if direction == Direction::In {
                inbound
            } else {
                outbound
            };
            if stream.used - stream.acknowledged >= ACKNOWLEDGE_EVERY_BYTES {
                self.show(showing, direction.back(), flag::ACK, &[])?;
            }
        }
        Ok(())
    }

    /// Takes the next packet and compares it with the one due.
    fn show(
        &mut self,
        showing: &mut Showing<'_, '_, '_>,
        direction: Direction,
        flags: u8,
        payload: &[u8],
    ) -> Result<(), VerifyFailure> {
        let [inbound, outbound] = &mut self.streams;
        let ((from, to), (source, target)) = match direction {
            Direction::In => (
                (inbound, outbound),
                (self.connected.peer, self.connected.local),
            ),
            Direction::Out => (
                (outbound, inbound),
                (self.connected.local, self.connected.peer),
            ),
        };
        to.acknowledged = to.used;
        let due = Due {
            packet_id: showing.head.number.saturating_mul(PACKET_ID_STEP) + showing.shown,
            stamp_ns: showing.head.stamp_ns,
            interface: interface_of(self.connected.role),
            direction,
            connection: showing.head.connection,
            source,
            target,
            identification: low16(from.packets),
            sequence: from.initial_sequence.wrapping_add(low32(from.used)),
            acknowledgement: match flags & flag::ACK {
                0 => 0,
                _ => to.initial_sequence.wrapping_add(low32(to.used)),
            },
            flags,
            payload,
        };
        showing.take(&due, from.last_stamp_ns)?;
        from.last_stamp_ns = due.stamp_ns;
        from.packets += 1;
        from.used += payload.len() as u64 + u64::from(flags & (flag::SYN | flag::FIN) != 0);
        Ok(())
    }
}

impl Showing<'_, '_, '_> {
    fn take(&mut self, due: &Due<'_>, last_stamp_ns: u64) -> Result<(), VerifyFailure> {
        let RecordHead {
            number,
            connection,
            stamp_ns,
            ..
        } = self.head;
        let packets = self.report.packets;
        super::take(self.blocks, &self.head, packets, |packet| {
            due.compare(packet)
        })?;
        if stamp_ns < last_stamp_ns {
            let (before_ns, found_ns) = (last_stamp_ns, stamp_ns);
            return Err(VerifyFailure::StampWentBack {
                number,
                connection,
                before_ns,
                found_ns,
            });
        }
        self.report.packets += 1;
        self.shown += 1;
        let interface = usize::try_from(due.interface).unwrap_or(usize::MAX);
        if let Some(count) = self.packets.get_mut(interface) {
            *count += 1;
        }
        Ok(())
    }
}

/// The low 32 bits, as sequence numbers want them.
fn low32(number: u64) -> u32 {
    let [a, b, c, d, ..] = number.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The low 16 bits, as IPv4 identifications want them.
fn low16(number: u64) -> u16 {
    let [a, b, ..] = number.to_le_bytes();
    u16::from_le_bytes([a, b])
}
