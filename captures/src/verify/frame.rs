//! One packet against the packet that is due: every field of block, Ethernet, IP and TCP, and every
//! payload byte.
//!
//! In it: [`Due`] and its comparison, with the plainest possible checksum. Not in it: which packet
//! is due (see `lines.rs`).

use super::blocks::Packet;
use crate::input::{Address, Endpoint};
use crate::pcapng::Direction;
use crate::tcp_synth::{SYN_OPTIONS, TIME_TO_LIVE, WINDOW, flag, local_mac, peer_mac};

/// A field of a packet, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Packet block: identity; a missing, swapped or repeated packet shows here first.
    PacketId,
    /// Packet block: stamp in nanoseconds.
    StampNs,
    /// Packet block: interface.
    Interface,
    /// Packet block: flags, which hold the direction.
    PacketFlags,
    /// Packet block: length on the wire.
    OriginalLength,
    /// Packet block: length of the comment.
    CommentLength,
    /// Whole frame: its length.
    FrameLength,
    /// Ethernet: addresses and type, as one number.
    Ethernet,
    /// IP: version, header length, class.
    IpHead,
    /// IP: length.
    IpLength,
    /// IP: identification, fragment bits, or IPv6 flow label.
    IpFragment,
    /// IP: time to live and protocol, or next header and hop limit.
    IpProtocol,
    /// IPv4: header checksum.
    IpChecksum,
    /// IP: source address.
    SourceAddress,
    /// IP: target address.
    TargetAddress,
    /// TCP and UDP: ports, source before target.
    Ports,
    /// TCP: sequence number.
    Sequence,
    /// TCP: acknowledgement number.
    Acknowledgement,
    /// TCP: header length and flags.
    TcpFlags,
    /// TCP: window.
    Window,
    /// TCP: checksum.
    TcpChecksum,
    /// TCP: urgent pointer.
    Urgent,
    /// TCP: options.
    Options,
    /// UDP: length.
    UdpLength,
    /// UDP: checksum.
    UdpChecksum,
}

/// In what a packet differs from the one due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketFault {
    /// A field has another value.
    Field {
        /// Which.
        field: Field,
        /// Value due.
        expected: u128,
        /// Value found.
        found: u128,
    },
    /// A payload byte is another one (under a checksum that was made to fit).
    Payload {
        /// Offset in the packet's payload.
        offset: u64,
        /// Byte due.
        expected: u8,
        /// Byte found.
        found: u8,
    },
    /// A byte of the comment is another one.
    Comment {
        /// Offset in the comment.
        offset: u64,
        /// Byte due.
        expected: u8,
        /// Byte found.
        found: u8,
    },
}

/// Everything that is known about the next packet before looking at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due<'a> {
    pub(super) packet_id: u64,
    pub(super) stamp_ns: u64,
    pub(super) interface: u32,
    pub(super) direction: Direction,
    pub(super) connection: u32,
    pub(super) source: Endpoint,
    pub(super) target: Endpoint,
    pub(super) identification: u16,
    pub(super) sequence: u32,
    pub(super) acknowledgement: u32,
    pub(super) flags: u8,
    pub(super) payload: &'a [u8],
}

/// What stands in front of the next packet's frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct DueHead<'a> {
    pub(super) packet_id: u64,
    pub(super) stamp_ns: u64,
    pub(super) interface: u32,
    pub(super) direction: Direction,
    pub(super) comment: &'a [u8],
}

/// Reads numbers off the front of a frame and compares them.
pub(super) struct Fields<'a> {
    pub(super) rest: &'a [u8],
}

impl Fields<'_> {
    /// The next `length` bytes (at most 16) as one big-endian number must be `expected`.
    pub(super) fn same(
        &mut self,
        field: Field,
        length: usize,
        expected: u128,
    ) -> Result<(), PacketFault> {
        // A frame that is too short has failed on its length before.
        let (front, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, &[]));
        self.rest = rest;
        let found = front
            .iter()
            .fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        equal(field, expected, found)
    }
}

pub(super) fn equal(field: Field, expected: u128, found: u128) -> Result<(), PacketFault> {
    if expected == found {
        Ok(())
    } else {
        Err(PacketFault::Field {
            field,
            expected,
            found,
        })
    }
}

pub(super) fn number(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .fold(0, |number: u128, byte| number << 8 | u128::from(*byte))
}

/// Where two runs of bytes of one length differ first: offset, byte due, byte found.
pub(super) fn difference(expected: &[u8], found: &[u8]) -> Option<(u64, u8, u8)> {
    let mut pairs = (0..).zip(expected.iter().zip(found));
    let (offset, (expected, found)) = pairs.find(|(_, (expected, found))| expected != found)?;
    Some((offset, *expected, *found))
}

impl DueHead<'_> {
    /// Compares what stands in front of a packet's frame with this.
    pub(super) fn compare(&self, packet: &Packet<'_>) -> Result<(), PacketFault> {
        equal(
            Field::PacketId,
            u128::from(self.packet_id),
            u128::from(packet.packet_id),
        )?;
        equal(
            Field::StampNs,
            u128::from(self.stamp_ns),
            u128::from(packet.stamp_ns),
        )?;
        equal(
            Field::Interface,
            u128::from(self.interface),
            u128::from(packet.interface),
        )?;
        let direction = match self.direction {
            Direction::In => 1,
            Direction::Out => 2,
        };
        equal(Field::PacketFlags, direction, u128::from(packet.flags))?;
        equal(
            Field::OriginalLength,
            packet.frame.len() as u128,
            u128::from(packet.original_length),
        )?;
        let lengths = (self.comment.len() as u128, packet.comment.len() as u128);
        equal(Field::CommentLength, lengths.0, lengths.1)?;
        match difference(self.comment, packet.comment) {
            Some((offset, expected, found)) => Err(PacketFault::Comment {
                offset,
                expected,
                found,
            }),
            None => Ok(()),
        }
    }
}

impl Due<'_> {
    /// Compares a packet with this one.
    pub(super) fn compare(&self, packet: &Packet<'_>) -> Result<(), PacketFault> {
        let head = DueHead {
            packet_id: self.packet_id,
            stamp_ns: self.stamp_ns,
            interface: self.interface,
            direction: self.direction,
            comment: &[],
        };
        head.compare(packet)?;
        let frame = packet.frame;
        let (tcp_at, options) = (self.tcp_at(), self.options());
        let length = tcp_at + 20 + options.len() + self.payload.len();
        equal(Field::FrameLength, length as u128, frame.len() as u128)?;
        let (network, tcp) = frame.split_at_checked(tcp_at).unwrap_or((frame, &[]));
        self.checksums(network.get(14..).unwrap_or_default(), tcp)?;
        self.ethernet_and_ip(network)?;
        self.tcp(tcp, options)
    }

    /// Where TCP begins in the frame.
    fn tcp_at(&self) -> usize {
        match self.source.address {
            Address::V4(_) => 34,
            Address::V6(_) => 54,
        }
    }

    /// TCP options due.
    fn options(&self) -> &'static [u8] {
        if self.flags & flag::SYN != 0 {
            &SYN_OPTIONS
        } else {
            &[]
        }
    }

    /// Both checksums against the bytes as found, so that a flipped bit is told from a wrong value.
    fn checksums(&self, ip: &[u8], tcp: &[u8]) -> Result<(), PacketFault> {
        let addresses = match self.source.address {
            Address::V4(_) => {
                let found = number(ip.get(10..12).unwrap_or_default());
                equal(Field::IpChecksum, u128::from(checksum(&[ip], 10)), found)?;
                ip.get(12..20)
            }
            Address::V6(_) => ip.get(8..40),
        };
        let length = u32::try_from(tcp.len()).unwrap_or(u32::MAX).to_be_bytes();
        let parts = [tcp, addresses.unwrap_or_default(), &length, &[0, 6]];
        let found = number(tcp.get(16..18).unwrap_or_default());
        equal(Field::TcpChecksum, u128::from(checksum(&parts, 16)), found)
    }

    fn ethernet_and_ip(&self, network: &[u8]) -> Result<(), PacketFault> {
        let mut fields = Fields { rest: network };
        let (local, peer) = (local_mac(), peer_mac(self.connection));
        let (source, target) = match self.direction {
            Direction::In => (peer, local),
            Direction::Out => (local, peer),
        };
        let macs = number(&target) << 64 | number(&source) << 16;
        let tcp_length = (20 + self.options().len() + self.payload.len()) as u128;
        let limit = u128::from(TIME_TO_LIVE);
        match (self.source.address, self.target.address) {
            (Address::V4(source), Address::V4(target)) => {
                fields.same(Field::Ethernet, 14, macs | 0x0800)?;
                fields.same(Field::IpHead, 2, 0x4500)?;
                fields.same(Field::IpLength, 2, tcp_length + 20)?;
                let fragment = u128::from(self.identification) << 16 | 0x4000;
                fields.same(Field::IpFragment, 4, fragment)?;
                fields.same(Field::IpProtocol, 2, limit << 8 | 6)?;
                fields.rest = fields.rest.get(2..).unwrap_or_default();
                fields.same(Field::SourceAddress, 4, number(&source))?;
                fields.same(Field::TargetAddress, 4, number(&target))
            }
            (source, target) => {
                fields.same(Field::Ethernet, 14, macs | 0x86DD)?;
                fields.same(Field::IpHead, 2, 0x6000)?;
                fields.same(Field::IpFragment, 2, 0)?;
                fields.same(Field::IpLength, 2, tcp_length)?;
                fields.same(Field::IpProtocol, 2, 6 << 8 | limit)?;
                fields.same(Field::SourceAddress, 16, number(&v6(source)))?;
                fields.same(Field::TargetAddress, 16, number(&v6(target)))
            }
        }
    }

    fn tcp(&self, tcp: &[u8], options: &[u8]) -> Result<(), PacketFault> {
        let mut fields = Fields { rest: tcp };
        let ports = u128::from(self.source.port) << 16 | u128::from(self.target.port);
        fields.same(Field::Ports, 4, ports)?;
        fields.same(Field::Sequence, 4, u128::from(self.sequence))?;
        fields.same(Field::Acknowledgement, 4, u128::from(self.acknowledgement))?;
        let words = (20 + options.len() as u128) / 4;
        fields.same(Field::TcpFlags, 2, words << 12 | u128::from(self.flags))?;
        fields.same(Field::Window, 2, u128::from(WINDOW))?;
        fields.rest = fields.rest.get(2..).unwrap_or_default();
        fields.same(Field::Urgent, 2, 0)?;
        fields.same(Field::Options, options.len(), number(options))?;
        match difference(self.payload, fields.rest) {
            Some((offset, expected, found)) => Err(PacketFault::Payload {
                offset,
                expected,
                found,
            }),
            None => Ok(()),
        }
    }
}

/// The address of an IPv6 flow. A flow has one family: an address of the other never equals it.
fn v6(address: Address) -> [u8; 16] {
    match address {
        Address::V6(wide) => wide,
        Address::V4(_) => [0xFF; 16],
    }
}

/// The Internet checksum of `parts` as if the two bytes at `skip` of the first part were zero: the
/// plainest twin of the writer's.
pub(super) fn checksum(parts: &[&[u8]], skip: usize) -> u16 {
    let mut sum = 0u32;
    for (part, bytes) in parts.iter().enumerate() {
        for (at, byte) in bytes.iter().enumerate() {
            let counts = part != 0 || (at != skip && at != skip + 1);
            let value = if counts { u32::from(*byte) } else { 0 };
            sum += if at % 2 == 0 { value << 8 } else { value };
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
    }
    let [low, high, ..] = (!sum).to_le_bytes();
    u16::from_le_bytes([low, high])
}
