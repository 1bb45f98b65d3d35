//! Ethernet, IP and TCP around bytes that were seen at the socket.
//!
//! The gateway sees a stream, not packets. For the widest choice of readers the capture shows that
//! stream in frames: a handshake, data segments with true sequence and acknowledgement numbers, and
//! an end. What is true in them: the addresses, ports, payload bytes, their order and their stamps.
//! What is made up, always in the same way: MAC addresses, initial sequence numbers, IP
//! identification, windows, and how the stream is cut into segments. In it: [`Flow`], which makes
//! frames of one connection. Not in it: when to make which (see `render.rs`). The table of made-up
//! values is in `captures/FORMAT.md`.

use crate::input::{Address, Connected, Endpoint, Role};
use crate::pcapng::Direction;

/// Most payload bytes in one frame. With IPv6 and TCP heads it stays below the 64 KiB of an IP
/// length field.
pub const PAYLOAD_BYTES_MAX: usize = 65_000;
/// After so many bytes without an answer the receiver's side acknowledges, so that a one-way stream
/// never seems to overrun the window of 65,535 << 7 bytes.
pub const ACKNOWLEDGE_EVERY_BYTES: u64 = 1 << 18;
/// Window field of every frame.
pub const WINDOW: u16 = u16::MAX;
/// Options of both SYN frames: maximum segment size 65,000; no-operation; window scale 7.
pub const SYN_OPTIONS: [u8; 8] = [2, 4, 0xFD, 0xE8, 1, 3, 3, 7];
/// Time to live, or hop limit.
pub const TIME_TO_LIVE: u8 = 64;

const _: () = assert!(PAYLOAD_BYTES_MAX + 40 + 28 <= u16::MAX as usize);
const _: () = assert!(ACKNOWLEDGE_EVERY_BYTES + 65_000 < (WINDOW as u64) << 7);
const _: () = assert!(SYN_OPTIONS[2] as usize * 256 + SYN_OPTIONS[3] as usize == PAYLOAD_BYTES_MAX);

/// TCP flag bits.
pub mod flag {
    /// The sender has no more bytes.
    pub const FIN: u8 = 1;
    /// Opens a direction.
    pub const SYN: u8 = 2;
    /// Drops the connection.
    pub const RST: u8 = 4;
    /// Hand the bytes on now.
    pub const PSH: u8 = 8;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 16;
}

/// One direction of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    /// Sequence number of the next byte.
    next: u32,
    /// Frames made, modulo 2^16: the IPv4 identification.
    frames: u16,
    /// Bytes since the other side last acknowledged.
    unacknowledged: u64,
}

/// One TCP connection being shown as frames.
///
/// Every method hands each frame to `emit` as its direction and a function that appends its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    local: Endpoint,
    peer: Endpoint,
    /// True if we connected; the opener sends the SYN.
    local_opened: bool,
    connection: u32,
    inbound: Side,
    outbound: Side,
}

/// One frame, made but not yet written: lets the caller put its own head in front without a copy.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Which way it goes.
    pub direction: Direction,
    source: Endpoint,
    target: Endpoint,
    connection: u32,
    sequence: u32,
    acknowledgement: u32,
    flags: u8,
    identification: u16,
    payload: &'a [u8],
}

impl Flow {
    /// A connection before its handshake.
    #[must_use]
    pub fn new(epoch: u32, connection: u32, connected: &Connected) -> Self {
        let side = |direction| Side {
            next: initial_sequence(epoch, connection, direction),
            frames: 0,
            unacknowledged: 0,
        };
        Self {
            local: connected.local,
            peer: connected.peer,
            local_opened: connected.role != Role::Member,
            connection,
            inbound: side(Direction::In),
            outbound: side(Direction::Out),
        }
    }

    /// SYN, SYN+ACK, ACK; the opener is the peer for members and we for venues and feeds.
    pub fn open(&mut self, emit: &mut impl FnMut(&Frame<'_>)) {
        let opener = if self.local_opened {
            Direction::Out
        } else {
            Direction::In
        };
        self.send(opener, flag::SYN, &[], emit);
        self.send(opener.back(), flag::SYN | flag::ACK, &[], emit);
        self.send(opener, flag::ACK, &[], emit);
    }

    /// `bytes` in as many segments as they need, with an acknowledgement when one is due.
    pub fn data(&mut self, direction: Direction, bytes: &[u8], emit: &mut impl FnMut(&Frame<'_>)) {
        for payload in bytes.chunks(PAYLOAD_BYTES_MAX) {
            self.send(direction, flag::PSH | flag::ACK, payload, emit);
            if self.side(direction).unacknowledged >= ACKNOWLEDGE_EVERY_BYTES {
                self.send(direction.back(), flag::ACK, &[], emit);
            }
        }
    }

    /// FIN+ACK from us, FIN+ACK from the peer, ACK from us: who closed first is not on record as
    /// packets are.
    pub fn close(&mut self, emit: &mut impl FnMut(&Frame<'_>)) {
        self.send(Direction::Out, flag::FIN | flag::ACK, &[], emit);
        self.send(Direction::In, flag::FIN | flag::ACK, &[], emit);
        self.send(Direction::Out, flag::ACK, &[], emit);
    }

    /// RST+ACK from us: the process died and the kernel dropped its connections.
    pub fn reset(&mut self, emit: &mut impl FnMut(&Frame<'_>)) {
        self.send(Direction::Out, flag::RST | flag::ACK, &[], emit);
    }

    fn side(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::In => &mut self.inbound,
            Direction::Out => &mut self.outbound,
        }
    }

    fn send(
        &mut self,
        direction: Direction,
        flags: u8,
        payload: &[u8],
        emit: &mut impl FnMut(&Frame<'_>),
    ) {
        let acknowledges = flags & flag::ACK != 0;
        let acknowledgement = if acknowledges {
            self.side(direction.back()).next
        } else {
            0
        };
        self.side(direction.back()).unacknowledged = 0;
        let (source, target) = match direction {
            Direction::In => (self.peer, self.local),
            Direction::Out => (self.local, self.peer),
        };
        let connection = self.connection;
        let side = self.side(direction);
        emit(&Frame {
            direction,
            source,
            target,
            connection,
            sequence: side.next,
            acknowledgement,
            flags,
            identification: side.frames,
            payload,
        });
        let phantom = u32::from(flags & (flag::SYN | flag::FIN) != 0);
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        side.frames = side.frames.wrapping_add(1);
        side.next = side.next.wrapping_add(length).wrapping_add(phantom);
        side.unacknowledged += u64::from(length);
    }
}

impl Frame<'_> {
    /// Appends the frame's bytes.
    pub fn write(&self, into: &mut Vec<u8>) {
        let local = local_mac();
        let peer = peer_mac(self.connection);
        let (source_mac, target_mac) = match self.direction {
            Direction::In => (peer, local),
            Direction::Out => (local, peer),
        };
        into.extend(target_mac);
        into.extend(source_mac);
        let options: &[u8] = if self.flags & flag::SYN != 0 {
            &SYN_OPTIONS
        } else {
            &[]
        };
        // Below 64 KiB by PAYLOAD_BYTES_MAX, which `Flow::data` keeps to.
        let tcp_length = u16::try_from(20 + options.len() + self.payload.len()).unwrap_or(u16::MAX);
        let mut pseudo = Checksum::default();
        match (self.source.address, self.target.address) {
            (Address::V4(source), Address::V4(target)) => {
                into.extend([8, 0]);
                self.ipv4(into, source, target, tcp_length);
                pseudo.add(&source);
                pseudo.add(&target);
            }
            (source, target) => {
                let (source, target) = (wide(source), wide(target));
                into.extend([0x86, 0xDD]);
                ipv6(into, source, target, tcp_length);
                pseudo.add(&source);
                pseudo.add(&target);
            }
        }
        pseudo.add(&[0, 6]);
        pseudo.add(&tcp_length.to_be_bytes());
        self.tcp(into, pseudo, options);
    }

    fn ipv4(&self, into: &mut Vec<u8>, source: [u8; 4], target: [u8; 4], tcp_length: u16) {
        let start = into.len();
        into.extend([0x45, 0]);
        into.extend((tcp_length + 20).to_be_bytes());
        into.extend(self.identification.to_be_bytes());
        // Do not fragment.
        into.extend([0x40, 0, TIME_TO_LIVE, 6, 0, 0]);
        into.extend(source);
        into.extend(target);
        let mut sum = Checksum::default();
        sum.add(into.get(start..).unwrap_or_default());
        crate::bytes::put(into, start + 10, &sum.finish());
    }

    fn tcp(&self, into: &mut Vec<u8>, mut sum: Checksum, options: &[u8]) {
        let start = into.len();
        let words = if options.is_empty() { 5 } else { 7 };
        into.extend(self.source.port.to_be_bytes());
        into.extend(self.target.port.to_be_bytes());
        into.extend(self.sequence.to_be_bytes());
        into.extend(self.acknowledgement.to_be_bytes());
        into.extend([words << 4, self.flags]);
        into.extend(WINDOW.to_be_bytes());
        into.extend([0; 4]);
        into.extend(options);
        into.extend(self.payload);
        sum.add(into.get(start..).unwrap_or_default());
        crate::bytes::put(into, start + 16, &sum.finish());
    }
}

const _: () = assert!(SYN_OPTIONS.len() == (7 - 5) * 4);

fn ipv6(into: &mut Vec<u8>, source: [u8; 16], target: [u8; 16], tcp_length: u16) {
    into.extend([0x60, 0, 0, 0]);
    into.extend(tcp_length.to_be_bytes());
    into.extend([6, TIME_TO_LIVE]);
    into.extend(source);
    into.extend(target);
}

/// An address in 16 bytes; IPv4 as mapped.
fn wide(address: Address) -> [u8; 16] {
    match address {
        Address::V6(wide) => wide,
        Address::V4([a, b, c, d]) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, a, b, c, d],
    }
}

/// Our MAC address in every frame: locally administered, so that it collides with no maker's.
#[must_use]
pub const fn local_mac() -> [u8; 6] {
    [2, 0, 0, 0, 0, 1]
}

/// A peer's MAC address: locally administered, with the connection number in it.
#[must_use]
pub const fn peer_mac(connection: u32) -> [u8; 6] {
    let [a, b, c, d] = connection.to_be_bytes();
    [6, 0, a, b, c, d]
}

/// Initial sequence number of one direction: looks spread out, and is the same whenever the journal
/// is rendered.
#[must_use]
pub fn initial_sequence(epoch: u32, connection: u32, direction: Direction) -> u32 {
    let seed = u64::from(epoch) << 33 | u64::from(connection) << 1 | u64::from(direction as u8);
    // The finalizer of SplitMix64, after Steele, Lea and Flood (2014).
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let [a, b, c, d, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The Internet checksum (RFC 1071). Every part but the last must have an even length.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Checksum(u64);

impl Checksum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<4>();
        // 2^32 words of 2^32 fit into 64 bits; a frame has 2^14 of them.
        self.0 += words
            .iter()
            .map(|word| u64::from(u32::from_be_bytes(*word)))
            .sum::<u64>();
        let mut last = [0; 4];
        if crate::bytes::put(&mut last, 0, rest) {
            self.0 += u64::from(u32::from_be_bytes(last));
        }
    }

    pub(crate) fn finish(self) -> [u8; 2] {
        let mut sum = self.0;
        while sum >> 16 != 0 {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        let [low, high, ..] = (!sum).to_le_bytes();
        [high, low]
    }
}
