//! Writing pcapng: the blocks our captures are made of, into a growing buffer.
//!
//! In it: section header, interface descriptions, enhanced packets, interface statistics.
//! Little-endian, nanosecond stamps, link type Ethernet only (tcpdump refuses files whose
//! interfaces differ in link type). Not in it: which packets there are (see `render.rs`), reading
//! (see `read.rs`), and checking (see `verify.rs`, which has a parser of its own so that this file
//! cannot vouch for itself). Byte tables: `captures/FORMAT.md`.

/// Block type of a section header.
pub const SECTION_HEADER: u32 = 0x0A0D_0D0A;
/// Block type of an interface description.
pub const INTERFACE_DESCRIPTION: u32 = 1;
/// Block type of interface statistics.
pub const INTERFACE_STATISTICS: u32 = 5;
/// Block type of an enhanced packet.
pub const ENHANCED_PACKET: u32 = 6;
/// What a section header carries so that a reader finds the byte order.
pub const BYTE_ORDER_MAGIC: u32 = 0x1A2B_3C4D;
/// Link type Ethernet.
pub const LINK_ETHERNET: u16 = 1;
/// Longest frame an interface promises; ours are at most 65,074 bytes.
pub const SNAP_BYTES: u32 = 262_144;

/// Option codes, per block type where they differ.
pub mod option {
    /// Ends a list of options.
    pub const END: u16 = 0;
    /// Text for people, in any block.
    pub const COMMENT: u16 = 1;
    /// Section: hardware.
    pub const HARDWARE: u16 = 2;
    /// Section: operating system.
    pub const OPERATING_SYSTEM: u16 = 3;
    /// Section: program.
    pub const APPLICATION: u16 = 4;
    /// Interface: its name.
    pub const IF_NAME: u16 = 2;
    /// Interface: decimal digits of a stamp's fraction.
    pub const IF_TIME_RESOLUTION: u16 = 9;
    /// Packet: flags word, of which we use the direction.
    pub const PACKET_FLAGS: u16 = 2;
    /// Packet: 64-bit identity.
    pub const PACKET_ID: u16 = 5;
    /// Statistics: when the capture began.
    pub const STATISTICS_START: u16 = 2;
    /// Statistics: when it ended.
    pub const STATISTICS_END: u16 = 3;
    /// Statistics: packets seen.
    pub const STATISTICS_RECEIVED: u16 = 4;
    /// Statistics: packets lost for want of room.
    pub const STATISTICS_DROPPED: u16 = 5;
}

/// What the section header says about where the file was made. All of it is text for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileInfo<'a> {
    /// Anything worth knowing; left out if empty, as are the others.
    pub comment: &'a str,
    /// The machine.
    pub hardware: &'a str,
    /// Its operating system.
    pub operating_system: &'a str,
    /// The program and its version.
    pub application: &'a str,
}

/// Which way a packet went, seen from the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From the peer to us.
    In,
    /// From us to the peer.
    Out,
}

impl Direction {
    /// The flags word of a packet: its two lowest bits are 01 for inbound and 10 for outbound.
    #[must_use]
    pub const fn packet_flags(self) -> u32 {
        match self {
            Self::In => 1,
            Self::Out => 2,
        }
    }

    /// The other way.
    #[must_use]
    pub const fn back(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// What stands in front of a packet's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketHead {
    /// Index of the interface, in the order they were described.
    pub interface: u32,
    /// UTC nanoseconds since 1970.
    pub stamp_ns: u64,
    /// Which way it went.
    pub direction: Direction,
    /// Identity, unique in the file.
    pub packet_id: u64,
}

/// What an interface saw, for the end of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Index of the interface.
    pub interface: u32,
    /// First stamp of the capture.
    pub start_ns: u64,
    /// Last stamp of the capture; also the stamp of the block.
    pub end_ns: u64,
    /// Packets of this interface in the file.
    pub received: u64,
    /// Packets that should be in the file and are not.
    pub dropped: u64,
}

/// Adds a section header, which every file begins with.
pub fn section(into: &mut Vec<u8>, info: &FileInfo<'_>) {
    block(into, SECTION_HEADER, |body| {
        body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        body.extend(1u16.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        body.extend(u64::MAX.to_le_bytes());
        let texts = [
            (option::COMMENT, info.comment),
            (option::HARDWARE, info.hardware),
            (option::OPERATING_SYSTEM, info.operating_system),
            (option::APPLICATION, info.application),
        ];
        for (code, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            put_option(body, code, text.as_bytes());
        }
        put_option(body, option::END, &[]);
    });
}

/// Adds an interface; its index is the number of interfaces before it.
pub fn interface(into: &mut Vec<u8>, name: &str) {
    block(into, INTERFACE_DESCRIPTION, |body| {
        body.extend(LINK_ETHERNET.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        body.extend(SNAP_BYTES.to_le_bytes());
        put_option(body, option::IF_NAME, name.as_bytes());
        put_option(body, option::IF_TIME_RESOLUTION, &[9]);
        put_option(body, option::END, &[]);
    });
}

/// Adds a packet whose bytes `frame` appends.
pub fn packet(into: &mut Vec<u8>, head: &PacketHead, frame: impl FnOnce(&mut Vec<u8>)) {
    packet_with_comment(into, head, "", frame);
}

/// Adds a packet with a text for people, left out if empty.
pub fn packet_with_comment(
    into: &mut Vec<u8>,
    head: &PacketHead,
    comment: &str,
    frame: impl FnOnce(&mut Vec<u8>),
) {
    block(into, ENHANCED_PACKET, |body| {
        body.extend(head.interface.to_le_bytes());
        put_stamp(body, head.stamp_ns);
        let lengths_at = body.len();
        body.extend([0; 8]);
        let start = body.len();
        frame(body);
        let length = saturated(body.len() - start).to_le_bytes();
        crate::bytes::put(body, lengths_at, &length);
        crate::bytes::put(body, lengths_at + 4, &length);
        pad(body, start);
        if !comment.is_empty() {
            put_option(body, option::COMMENT, comment.as_bytes());
        }
        put_option(
            body,
            option::PACKET_FLAGS,
            &head.direction.packet_flags().to_le_bytes(),
        );
        put_option(body, option::PACKET_ID, &head.packet_id.to_le_bytes());
        put_option(body, option::END, &[]);
    });
}

/// Adds what an interface saw; a drop count of 0 says that nothing is missing.
pub fn statistics(into: &mut Vec<u8>, seen: &Statistics) {
    block(into, INTERFACE_STATISTICS, |body| {
        body.extend(seen.interface.to_le_bytes());
        put_stamp(body, seen.end_ns);
        for (code, stamp) in [
            (option::STATISTICS_START, seen.start_ns),
            (option::STATISTICS_END, seen.end_ns),
        ] {
            body.extend(code.to_le_bytes());
            body.extend(8u16.to_le_bytes());
            put_stamp(body, stamp);
        }
        put_option(
            body,
            option::STATISTICS_RECEIVED,
            &seen.received.to_le_bytes(),
        );
        put_option(
            body,
            option::STATISTICS_DROPPED,
            &seen.dropped.to_le_bytes(),
        );
        put_option(body, option::END, &[]);
    });
}

/// Type, length, body padded to four bytes, length again.
fn block(into: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = into.len();
    into.extend(kind.to_le_bytes());
    into.extend([0; 4]);
    body(into);
    pad(into, start);
    let length = saturated(into.len() - start + 4).to_le_bytes();
    crate::bytes::put(into, start + 4, &length);
    into.extend(length);
}

/// A stamp as the format wants it: high half, then low half.
fn put_stamp(into: &mut Vec<u8>, stamp_ns: u64) {
    let [a, b, c, d, e, f, g, h] = stamp_ns.to_le_bytes();
    into.extend([e, f, g, h, a, b, c, d]);
}

/// One option, padded to four bytes. Text longer than an option can say is cut.
fn put_option(into: &mut Vec<u8>, code: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    into.extend(code.to_le_bytes());
    into.extend(length.to_le_bytes());
    let start = into.len();
    into.extend(value.iter().take(usize::from(length)));
    pad(into, start);
}

/// Zeros up to a multiple of four bytes behind `start`.
fn pad(into: &mut Vec<u8>, start: usize) {
    let missing = (into.len() - start).wrapping_neg() & 3;
    into.extend([0; 3].iter().take(missing));
}

/// Lengths here are far below 4 GiB; should one not be, the reader gets an impossible length, not a
/// wrong one.
fn saturated(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
