//! The pcapng blocks of a capture of ours, read strictly: exactly the blocks, fields and options
//! that we write.
//!
//! In it: [`Blocks`], which hands out packets one by one and checks everything that is not a
//! packet. Not in it: what is inside a packet (see `frame.rs`).

use super::{Report, VerifyFailure};
use crate::bytes::{all_zero, array, u16_at, u32_at};
use crate::desk;
use crate::pcapng::{
    BYTE_ORDER_MAGIC, ENHANCED_PACKET, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS, LINK_ETHERNET,
    SECTION_HEADER, SNAP_BYTES,
};
use crate::render::{DESK_INTERFACE, INTERFACES};

/// What is wrong with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockFault {
    /// The file ends within a block.
    Short,
    /// The block's length is impossible, or differs at its two ends.
    Length {
        /// As stored in front.
        front: u32,
        /// As stored at the end.
        back: u32,
    },
    /// Another block than the one due.
    Kind {
        /// Type due.
        expected: u32,
        /// Type found.
        found: u32,
    },
    /// Not a little-endian pcapng 1.0 section of unknown length.
    Section,
    /// The interface with this index is not described as ours is.
    Interface(u32),
    /// The desk's interface is due, in front of the first command of the day, and stands not there.
    /// Captures that were made before commands were shown have none.
    NoDesk,
    /// Fields, padding or options of a packet block are not laid out as ours are.
    PacketLayout,
    /// Statistics of the interface with this index do not agree with the packets and stamps in the
    /// file.
    Statistics(u32),
    /// Bytes behind the last block.
    Behind,
}

/// Where a capture is damaged, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaptureDamage {
    /// Byte offset of the block.
    pub offset: u64,
    /// What is wrong with it.
    pub fault: BlockFault,
}

/// One packet block, taken apart but not yet compared with anything.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) offset: u64,
    pub(super) interface: u32,
    pub(super) stamp_ns: u64,
    pub(super) original_length: u32,
    pub(super) flags: u32,
    pub(super) packet_id: u64,
    /// Text for people; most packets have none.
    pub(super) comment: &'a [u8],
    pub(super) frame: &'a [u8],
}

/// Stands between two blocks of a capture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks<'a> {
    bytes: &'a [u8],
    offset: usize,
}

/// Type, body and whole size of a block.
type Block<'a> = (u32, &'a [u8], usize);

impl<'a> Blocks<'a> {
    /// Checks section header and interfaces.
    pub(super) fn start(bytes: &'a [u8]) -> Result<Self, CaptureDamage> {
        let mut blocks = Self { bytes, offset: 0 };
        blocks.fixed(SECTION_HEADER, BlockFault::Section, is_our_section)?;
        for (index, name) in (0u32..).zip(INTERFACES) {
            blocks.fixed(
                INTERFACE_DESCRIPTION,
                BlockFault::Interface(index),
                |body| is_our_interface(body, name),
            )?;
        }
        Ok(blocks)
    }

    /// Checks the desk's interface, which stands in front of its first packet.
    pub(super) fn desk(&mut self) -> Result<(), CaptureDamage> {
        let offset = self.offset as u64;
        let damage = |fault| CaptureDamage { offset, fault };
        match self.block().map_err(damage)? {
            Some((INTERFACE_DESCRIPTION, ..)) => {}
            _ => return Err(damage(BlockFault::NoDesk)),
        }
        let fault = BlockFault::Interface(DESK_INTERFACE);
        self.fixed(INTERFACE_DESCRIPTION, fault, |body| {
            is_our_interface(body, desk::INTERFACE)
        })
    }

    /// Bytes read so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset as u64
    }

    /// The next packet; `None` at the statistics that end a capture, and at the end of the file.
    pub(super) fn packet(&mut self) -> Result<Option<Packet<'a>>, CaptureDamage> {
        let offset = self.offset as u64;
        let damage = |fault| CaptureDamage { offset, fault };
        let Some((kind, body, size)) = self.block().map_err(damage)? else {
            return Ok(None);
        };
        match kind {
            ENHANCED_PACKET => {}
            INTERFACE_STATISTICS => return Ok(None),
            found => {
                return Err(damage(BlockFault::Kind {
                    expected: ENHANCED_PACKET,
                    found,
                }));
            }
        }
        self.offset += size;
        packet(body, offset)
            .map(Some)
            .ok_or(damage(BlockFault::PacketLayout))
    }

    /// Checks that the statistics follow, agree, and end the file. The desk's stand there if it has
    /// packets.
    pub(super) fn finish(
        &mut self,
        report: &Report,
        packets: [u64; INTERFACES.len()],
        of_desk: Option<u64>,
    ) -> Result<(), VerifyFailure> {
        let offset = self.offset();
        match self.packet().map_err(VerifyFailure::Capture)? {
            Some(extra) => {
                let packet = report.packets + 1;
                return Err(VerifyFailure::Extra {
                    packet,
                    offset: extra.offset,
                });
            }
            None if self.offset == self.bytes.len() => {
                return Err(VerifyFailure::Unfinished { offset });
            }
            None => {}
        }
        for (index, count) in (0u32..).zip(packets.into_iter().chain(of_desk)) {
            let is_ours = |body: &[u8]| body == statistics(index, report, count).as_slice();
            self.fixed(INTERFACE_STATISTICS, BlockFault::Statistics(index), is_ours)
                .map_err(VerifyFailure::Capture)?;
        }
        if self.offset == self.bytes.len() {
            return Ok(());
        }
        let damage = CaptureDamage {
            offset: self.offset(),
            fault: BlockFault::Behind,
        };
        Err(VerifyFailure::Capture(damage))
    }

    /// Takes a block of `kind` whose body must be as `is_ours` says.
    fn fixed(
        &mut self,
        kind: u32,
        fault: BlockFault,
        is_ours: impl FnOnce(&[u8]) -> bool,
    ) -> Result<(), CaptureDamage> {
        let offset = self.offset as u64;
        let damage = |fault| CaptureDamage { offset, fault };
        let (found, body, size) = self
            .block()
            .map_err(damage)?
            .ok_or(damage(BlockFault::Short))?;
        if found != kind {
            return Err(damage(BlockFault::Kind {
                expected: kind,
                found,
            }));
        }
        if !is_ours(body) {
            return Err(damage(fault));
        }
        self.offset += size;
        Ok(())
    }

    /// Type, body and whole size of the block here; `None` at the end of the file.
    fn block(&self) -> Result<Option<Block<'a>>, BlockFault> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let (kind, front) = (u32_at(rest, 0), u32_at(rest, 4));
        let (kind, front) = kind.zip(front).ok_or(BlockFault::Short)?;
        let size = usize::try_from(front).unwrap_or(usize::MAX);
        if size < 12 || !size.is_multiple_of(4) {
            return Err(BlockFault::Length { front, back: front });
        }
        let body = rest.get(8..size - 4).ok_or(BlockFault::Short)?;
        let back = u32_at(rest, size - 4).ok_or(BlockFault::Short)?;
        if front != back {
            return Err(BlockFault::Length { front, back });
        }
        Ok(Some((kind, body, size)))
    }
}

/// Fixed fields exact; behind them only well-formed text options.
fn is_our_section(body: &[u8]) -> bool {
    let head = u32_at(body, 0) == Some(BYTE_ORDER_MAGIC)
        && array(body, 4) == Some([1, 0, 0, 0])
        && array(body, 8) == Some([0xFF; 8]);
    head && body.get(16..).is_some_and(text_options)
}

/// Options 1 to 4, each padded with zeros, then the end of options and nothing behind it.
fn text_options(mut rest: &[u8]) -> bool {
    loop {
        let (Some(code), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return false;
        };
        let length = usize::from(length);
        let padded = length.next_multiple_of(4);
        match code {
            0 => return length == 0 && rest.len() == 4,
            1..=4 if rest.get(4 + length..4 + padded).is_some_and(all_zero) => {
                rest = rest.get(4 + padded..).unwrap_or_default();
            }
            _ => return false,
        }
    }
}

/// Ethernet, our snap length, `name`, nanoseconds: exactly, byte for byte.
fn is_our_interface(body: &[u8], name: &str) -> bool {
    let mut ours = Vec::new();
    ours.extend(LINK_ETHERNET.to_le_bytes());
    ours.extend([0, 0]);
    ours.extend(SNAP_BYTES.to_le_bytes());
    ours.extend([2, 0]);
    ours.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    ours.extend(name.as_bytes());
    ours.resize(ours.len().next_multiple_of(4), 0);
    ours.extend([9, 0, 1, 0, 9, 0, 0, 0]);
    ours.extend([0; 4]);
    body == ours
}

/// The statistics due for an interface.
fn statistics(index: u32, report: &Report, count: u64) -> Vec<u8> {
    let mut ours = Vec::new();
    let stamp = |ours: &mut Vec<u8>, head: &[u8], stamp_ns: u64| {
        ours.extend(head);
        ours.extend(
            ((stamp_ns >> 32) & 0xFFFF_FFFF)
                .to_le_bytes()
                .iter()
                .take(4),
        );
        ours.extend(stamp_ns.to_le_bytes().iter().take(4));
    };
    ours.extend(index.to_le_bytes());
    stamp(&mut ours, &[], report.last_stamp_ns);
    stamp(&mut ours, &[2, 0, 8, 0], report.first_stamp_ns);
    stamp(&mut ours, &[3, 0, 8, 0], report.last_stamp_ns);
    ours.extend([4, 0, 8, 0]);
    ours.extend(count.to_le_bytes());
    ours.extend([5, 0, 8, 0]);
    ours.extend([0; 8]);
    ours.extend([0; 4]);
    ours
}

/// A packet block's fields; `None` unless laid out exactly as ours are.
fn packet(body: &[u8], offset: u64) -> Option<Packet<'_>> {
    let (interface, high, low) = (u32_at(body, 0)?, u32_at(body, 4)?, u32_at(body, 8)?);
    let length = usize::try_from(u32_at(body, 12)?).ok()?;
    let original_length = u32_at(body, 16)?;
    let frame = body.get(20..)?.get(..length)?;
    let options_at = 20 + length.next_multiple_of(4);
    let padding = body.get(20 + length..options_at)?;
    let (front, options) = body.get(options_at..)?.split_last_chunk::<24>()?;
    let comment = comment(front)?;
    let heads = array(options, 0)? == [2u8, 0, 4, 0] && array(options, 8)? == [5u8, 0, 8, 0];
    (heads && all_zero(padding) && array(options, 20)? == [0u8; 4]).then_some(())?;
    Some(Packet {
        offset,
        interface,
        stamp_ns: u64::from(high) << 32 | u64::from(low),
        original_length,
        flags: u32_at(options, 4)?,
        packet_id: crate::bytes::u64_at(options, 12)?,
        comment,
        frame,
    })
}

/// What the options in front of the others say: nothing, or one comment that is not empty.
fn comment(option: &[u8]) -> Option<&[u8]> {
    if option.is_empty() {
        return Some(&[]);
    }
    let length = usize::from(u16_at(option, 2)?);
    let text = option.get(4..)?.get(..length)?;
    let padding = option.get(4 + length..)?;
    let is_ours = u16_at(option, 0)? == 1
        && length > 0
        && padding.len() == length.wrapping_neg() & 3
        && all_zero(padding);
    is_ours.then_some(text)
}
