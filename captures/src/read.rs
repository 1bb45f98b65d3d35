//! Reading capture files of other programs: pcap (micro- and nanoseconds) and pcapng, as tcpdump
//! and Wireshark make them.
//!
//! In it: [`CaptureReader`], which hands out packets of a file's bytes, and [`tcp_segment`], which
//! finds the TCP segment in a packet of any link type that tcpdump makes of IP. Not in it: putting
//! segments together (see `tcp_reassembly.rs`), and judging captures of our own (see `verify.rs`).
//! The file formats are left to `pcap-parser` and the packet heads to `etherparse`.

mod blocks;
mod segment;

pub use blocks::INTERFACES_MAX;
pub use segment::{NotTcp, TcpSegment, tcp_segment};

use blocks::{Interface, pcapng_block};
use pcap_parser::{
    PcapError, parse_pcap_frame, parse_pcap_frame_be, parse_pcap_frame_modified, parse_pcap_header,
};

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
