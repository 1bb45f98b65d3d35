//! Reading capture files of other programs: pcap (micro- and nanoseconds) and pcapng, as tcpdump
//! and Wireshark make them.
//!
//! In it: [`CaptureReader`], which hands out packets of a file's bytes, and [`tcp_segment`], which
//! finds the TCP segment in a packet of any link type that tcpdump makes of IP. Not in it: putting
//! segments together (see `tcp_reassembly.rs`), and judging captures of our own (see `verify.rs`).
//! The file formats are left to `pcap-parser` and the packet heads to `etherparse`.

mod segment;

pub use segment::{NotTcp, TcpSegment, tcp_segment};

use pcap_parser::pcapng::{Block, InterfaceDescriptionBlock, parse_block_be, parse_block_le};
use pcap_parser::{
    OptionCode, PcapError, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified,
    parse_pcap_header,
};

/// Most interfaces of one pcapng section; tcpdump has one, a merged file a few dozen.
pub const INTERFACES_MAX: usize = 4_096;

/// What the bytes of a packet begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Ethernet, with or without VLAN tags.
    Ethernet,
    /// BSD loopback: four bytes of address family in some byte order. Link types 0 and 108.
    Loopback,
    /// IPv4 or IPv6 at once. Link types 12, 14, 101, 228, 229.
    Raw,
    /// Linux cooked capture, version 1.
    LinuxCooked1,
    /// Linux cooked capture, version 2, as `tcpdump -i any` writes today.
    LinuxCooked2,
    /// Any other link type.
    Other(u16),
}

impl Link {
    /// The link with this number in the registry of link types.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            0 | 108 => Self::Loopback,
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::Raw,
            113 => Self::LinuxCooked1,
            276 => Self::LinuxCooked2,
            other => Self::Other(other),
        }
    }
}

/// One packet of a capture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Place in the file, from 1 as Wireshark counts.
    pub number: u64,
    /// Byte offset of its record or block in the file.
    pub offset: u64,
    /// UTC nanoseconds since 1970; 0 where the file has no stamp for it.
    pub stamp_ns: u64,
    /// What its bytes begin with.
    pub link: Link,
    /// Its bytes, as far as they were captured.
    pub bytes: &'a [u8],
    /// Its length on the wire.
    pub original_length: u32,
}

/// Why a capture file cannot be read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// Neither pcap nor pcapng.
    NotACapture,
    /// The file ends within a packet, as when the capturing program was killed. What came before is
    /// good.
    CutShort,
    /// A record or block that is not well formed.
    Malformed,
    /// A packet of an interface that was not described.
    Interface(u32),
    /// More than [`INTERFACES_MAX`] interfaces.
    TooManyInterfaces,
    /// An interface whose stamps have an impossible resolution.
    TimeResolution(u8),
}

/// Where a capture file cannot be read further, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Byte offset in the file.
    pub offset: u64,
    /// Why.
    pub fault: ReadFault,
}

/// How stamps of an interface are counted.
#[derive(Clone, Copy, Debug)]
struct Clock {
    per_second: u128,
    offset_s: i64,
}

impl Clock {
    fn stamp_ns(&self, stamp: u64) -> u64 {
        let since = u128::from(stamp) * 1_000_000_000 / self.per_second;
        let shift = i128::from(self.offset_s) * 1_000_000_000;
        let shifted = i128::try_from(since)
            .unwrap_or(i128::MAX)
            .saturating_add(shift);
        u64::try_from(shifted.max(0)).unwrap_or(u64::MAX)
    }
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: Link,
    clock: Clock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RecordShape {
    Little,
    Big,
    /// The "modified" pcap of some old Linux kernels.
    Modified,
}

#[derive(Clone, Debug)]
enum Format {
    Pcap {
        shape: RecordShape,
        link: Link,
        nanoseconds: bool,
    },
    Pcapng {
        big_endian: bool,
        interfaces: Vec<Interface>,
    },
}

/// Iterates over the packets of a capture file, over its bytes lent whole (best: mapped).
///
/// After an error the iterator yields nothing more.
#[derive(Clone, Debug)]
pub struct CaptureReader<'a> {
    bytes: &'a [u8],
    offset: usize,
    number: u64,
    format: Format,
    failed: bool,
}

impl<'a> CaptureReader<'a> {
    /// Recognises the format by the file's first bytes.
    ///
    /// # Errors
    /// [`ReadFault::NotACapture`] or [`ReadFault::CutShort`], at offset 0.
    pub fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let error = |fault| ReadError { offset: 0, fault };
        if bytes.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A]) {
            let format = Format::Pcapng {
                big_endian: false,
                interfaces: Vec::new(),
            };
            return Ok(Self {
                bytes,
                offset: 0,
                number: 0,
                format,
                failed: false,
            });
        }
        let (rest, header) = parse_pcap_header(bytes).map_err(|found| {
            error(match found {
                pcap_parser::nom::Err::Incomplete(_) if !bytes.is_empty() => ReadFault::CutShort,
                _ => ReadFault::NotACapture,
            })
        })?;
        let shape = match (header.is_bigendian(), header.is_modified_format()) {
            (_, true) => RecordShape::Modified,
            (true, _) => RecordShape::Big,
            _ => RecordShape::Little,
        };
        // The upper half of the field may hold a frame-check-sequence length.
        let [low, high, ..] = header.network.0.to_le_bytes();
        let link = Link::from_number(u16::from_le_bytes([low, high]));
        let nanoseconds = header.is_nanosecond_precision();
        let format = Format::Pcap {
            shape,
            link,
            nanoseconds,
        };
        let offset = bytes.len() - rest.len();
        Ok(Self {
            bytes,
            offset,
            number: 0,
            format,
            failed: false,
        })
    }

    /// Bytes read so far, for a progress bar.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset as u64
    }

    fn step(&mut self) -> Result<Option<Packet<'a>>, ReadFault> {
        loop {
            let rest = self.bytes.get(self.offset..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(None);
            }
            let (behind, found) = match &mut self.format {
                Format::Pcap {
                    shape,
                    link,
                    nanoseconds,
                } => {
                    let (behind, packet) = pcap_record(rest, *shape, *link, *nanoseconds)?;
                    (behind, Some(packet))
                }
                Format::Pcapng {
                    big_endian,
                    interfaces,
                } => pcapng_block(rest, big_endian, interfaces)?,
            };
            let offset = self.offset as u64;
            // A block never has length zero; should one, this ends instead of turning for ever.
            let size = rest.len() - behind.len();
            self.offset += if size == 0 {
                return Err(ReadFault::Malformed);
            } else {
                size
            };
            if let Some(packet) = found {
                self.number += 1;
                return Ok(Some(Packet {
                    number: self.number,
                    offset,
                    ..packet
                }));
            }
        }
    }
}

impl<'a> Iterator for CaptureReader<'a> {
    type Item = Result<Packet<'a>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step().map_err(|fault| ReadError {
            offset: self.offset as u64,
            fault,
        });
        self.failed = step.is_err();
        step.transpose()
    }
}

/// What is left of the file, and what was found in front of it.
type Parsed<'a, T> = Result<(&'a [u8], T), ReadFault>;

/// A packet whose place in the file is not filled in yet.
fn unplaced(stamp_ns: u64, link: Link, bytes: &[u8], original_length: u32) -> Packet<'_> {
    Packet {
        number: 0,
        offset: 0,
        stamp_ns,
        link,
        bytes,
        original_length,
    }
}

fn fault_of(found: &pcap_parser::nom::Err<PcapError<&[u8]>>) -> ReadFault {
    match found {
        pcap_parser::nom::Err::Incomplete(_) => ReadFault::CutShort,
        _ => ReadFault::Malformed,
    }
}

fn pcap_record(
    rest: &[u8],
    shape: RecordShape,
    link: Link,
    nanoseconds: bool,
) -> Parsed<'_, Packet<'_>> {
    let parsed = match shape {
        RecordShape::Little => parse_pcap_frame(rest),
        RecordShape::Big => parse_pcap_frame_be(rest),
        RecordShape::Modified => parse_pcap_frame_modified(rest),
    };
    let (behind, record) = parsed.map_err(|found| fault_of(&found))?;
    let fraction = u64::from(record.ts_usec) * if nanoseconds { 1 } else { 1_000 };
    let stamp_ns = u64::from(record.ts_sec) * 1_000_000_000 + fraction;
    Ok((
        behind,
        unplaced(stamp_ns, link, record.data, record.origlen),
    ))
}

fn pcapng_block<'a>(
    rest: &'a [u8],
    big_endian: &mut bool,
    interfaces: &mut Vec<Interface>,
) -> Parsed<'a, Option<Packet<'a>>> {
    if let Some(magic) = crate::bytes::array::<4>(rest, 8)
        && rest.starts_with(&[0x0A, 0x0D, 0x0D, 0x0A])
    {
        *big_endian = magic == [0x1A, 0x2B, 0x3C, 0x4D];
        interfaces.clear();
    }
    let parse = if *big_endian {
        parse_block_be
    } else {
        parse_block_le
    };
    let (behind, block) = parse(rest).map_err(|found| fault_of(&found))?;
    let packet = match block {
        Block::InterfaceDescription(described) => {
            if interfaces.len() >= INTERFACES_MAX {
                return Err(ReadFault::TooManyInterfaces);
            }
            interfaces.push(interface(&described, *big_endian)?);
            None
        }
        Block::EnhancedPacket(found) => {
            let index = usize::try_from(found.if_id).unwrap_or(usize::MAX);
            let from = interfaces
                .get(index)
                .ok_or(ReadFault::Interface(found.if_id))?;
            let stamp = u64::from(found.ts_high) << 32 | u64::from(found.ts_low);
            // The block's bytes come with their padding.
            let captured = usize::try_from(found.caplen).unwrap_or(usize::MAX);
            let bytes = found.data.get(..captured).ok_or(ReadFault::Malformed)?;
            Some(unplaced(
                from.clock.stamp_ns(stamp),
                from.link,
                bytes,
                found.origlen,
            ))
        }
        Block::SimplePacket(found) => {
            let from = interfaces.first().ok_or(ReadFault::Interface(0))?;
            let whole = usize::try_from(found.origlen).unwrap_or(usize::MAX);
            let data = found.data;
            let bytes = data.get(..whole.min(data.len())).unwrap_or_default();
            Some(unplaced(0, from.link, bytes, found.origlen))
        }
        _ => None,
    };
    Ok((behind, packet))
}

/// Link and clock of an interface. Resolution and offset are read from the options here: the
/// library knows no binary resolutions, and reads the offset as little-endian always.
fn interface(
    described: &InterfaceDescriptionBlock<'_>,
    big_endian: bool,
) -> Result<Interface, ReadFault> {
    let value = |code| {
        described
            .options
            .iter()
            .find(|option| option.code == code)
            .map(|option| &*option.value)
    };
    let resolution = value(OptionCode::IfTsresol).and_then(|value| value.first().copied());
    let resolution = resolution.unwrap_or(6);
    let per_second = match resolution & 0x80 {
        0 if resolution <= 19 => 10u128.pow(u32::from(resolution)),
        0x80 if resolution & 0x7F <= 63 => 1 << (resolution & 0x7F),
        _ => return Err(ReadFault::TimeResolution(resolution)),
    };
    let offset = value(OptionCode::IfTsoffset).and_then(|value| value.first_chunk::<8>());
    let offset_s = offset.map_or(0, |bytes| match big_endian {
        true => i64::from_be_bytes(*bytes),
        false => i64::from_le_bytes(*bytes),
    });
    let number = u16::try_from(described.linktype.0).unwrap_or(u16::MAX);
    Ok(Interface {
        link: Link::from_number(number),
        clock: Clock {
            per_second,
            offset_s,
        },
    })
}
