//! From a packet to the TCP segment in it.
//!
//! In it: [`tcp_segment`] for all link types of [`Link`]. Not in it: IP fragments (counted by the
//! caller as [`NotTcp::Fragment`]; TCP avoids them) and tunnels.

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};

use super::{Link, Packet};
use crate::input::Endpoint;
use crate::tcp_synth::flag;

/// One TCP segment in the bytes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpSegment<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// To whom.
    pub target: Endpoint,
    /// Sequence number as sent.
    pub sequence: u32,
    /// Acknowledgement number, if the segment has one.
    pub acknowledgement: Option<u32>,
    /// Flag bits as in [`flag`]; others are left out.
    pub flags: u8,
    /// Its payload, as far as it was captured.
    pub payload: &'a [u8],
    /// Payload bytes that were on the wire but not captured: they follow `payload`.
    pub missing: u32,
}

/// Why a packet has no TCP segment to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTcp {
    /// A link type that is not read.
    Link(u16),
    /// Not IP, or too short to tell.
    NotIp,
    /// IP, but not TCP.
    OtherProtocol,
    /// A piece of an IP packet.
    Fragment,
    /// TCP, but its head is cut short or impossible.
    Head,
}

/// Finds the TCP segment in a packet.
///
/// # Errors
/// [`NotTcp`], which is no fault of the file.
pub fn tcp_segment<'a>(packet: &Packet<'a>) -> Result<TcpSegment<'a>, NotTcp> {
    let bytes = packet.bytes;
    let sliced = match packet.link {
        Link::Ethernet => LaxSlicedPacket::from_ethernet(bytes).map_err(|_| NotTcp::NotIp)?,
        Link::Raw => ip(bytes)?,
        Link::Loopback => ip(bytes.get(4..).unwrap_or_default())?,
        Link::LinuxCooked1 => cooked(bytes, 14, 16)?,
        Link::LinuxCooked2 => cooked(bytes, 0, 20)?,
        Link::Other(number) => return Err(NotTcp::Link(number)),
    };
    in_ip(&sliced)
}

fn ip(bytes: &[u8]) -> Result<LaxSlicedPacket<'_>, NotTcp> {
    LaxSlicedPacket::from_ip(bytes).map_err(|_| NotTcp::NotIp)
}

/// A Linux cooked head: the protocol number lies at `protocol_at`, the packet behind `head_length`
/// bytes.
fn cooked(
    bytes: &[u8],
    protocol_at: usize,
    head_length: usize,
) -> Result<LaxSlicedPacket<'_>, NotTcp> {
    let protocol = crate::bytes::array(bytes, protocol_at).ok_or(NotTcp::NotIp)?;
    let behind = bytes.get(head_length..).ok_or(NotTcp::NotIp)?;
    Ok(LaxSlicedPacket::from_ether_type(
        EtherType(u16::from_be_bytes(protocol)),
        behind,
    ))
}

fn in_ip<'a>(sliced: &LaxSlicedPacket<'a>) -> Result<TcpSegment<'a>, NotTcp> {
    // Endpoints without ports, the IP payload, and how long it claims to be.
    let (source, target, payload, claimed) = match sliced.net.as_ref().ok_or(NotTcp::NotIp)? {
        LaxNetSlice::Ipv4(found) => {
            let header = found.header();
            let claimed = usize::from(header.total_len()).saturating_sub(header.slice().len());
            let claimed = claimed.saturating_sub(found.extensions().to_header().header_len());
            let ends = (header.source(), header.destination());
            (
                Endpoint::v4(ends.0, 0),
                Endpoint::v4(ends.1, 0),
                found.payload(),
                claimed,
            )
        }
        LaxNetSlice::Ipv6(found) => {
            let header = found.header();
            let extensions = found.extensions().slice().len();
            let claimed = usize::from(header.payload_length()).saturating_sub(extensions);
            let ends = (header.source(), header.destination());
            (
                Endpoint::v6(ends.0, 0),
                Endpoint::v6(ends.1, 0),
                found.payload(),
                claimed,
            )
        }
        LaxNetSlice::Arp(_) => return Err(NotTcp::NotIp),
    };
    if payload.fragmented {
        return Err(NotTcp::Fragment);
    }
    let tcp = match &sliced.transport {
        Some(TransportSlice::Tcp(tcp)) => tcp,
        None if payload.ip_number.0 == 6 => return Err(NotTcp::Head),
        _ => return Err(NotTcp::OtherProtocol),
    };
    let bits = [
        (tcp.fin(), flag::FIN),
        (tcp.syn(), flag::SYN),
        (tcp.rst(), flag::RST),
        (tcp.psh(), flag::PSH),
        (tcp.ack(), flag::ACK),
    ];
    let flags = bits.iter().fold(
        0,
        |flags, (set, bit)| if *set { flags | bit } else { flags },
    );
    let missing = if payload.incomplete {
        claimed.saturating_sub(payload.payload.len())
    } else {
        0
    };
    Ok(TcpSegment {
        source: Endpoint {
            port: tcp.source_port(),
            ..source
        },
        target: Endpoint {
            port: tcp.destination_port(),
            ..target
        },
        sequence: tcp.sequence_number(),
        acknowledgement: tcp.ack().then(|| tcp.acknowledgment_number()),
        flags,
        payload: tcp.payload(),
        missing: u32::try_from(missing).unwrap_or(u32::MAX),
    })
}
