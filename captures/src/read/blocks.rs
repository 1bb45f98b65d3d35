//! The blocks of a pcapng file: sections and interfaces are remembered, packets handed out,
//! everything else passed over.
//!
//! Not in it: walking the file (see `read.rs`).

use pcap_parser::OptionCode;
use pcap_parser::pcapng::{
    Block, EPB_MAGIC, IDB_MAGIC, InterfaceDescriptionBlock, SHB_MAGIC, SPB_MAGIC, parse_block_be,
    parse_block_le,
};

use super::{Link, Packet, Parsed, ReadFault, fault_of, unplaced};

/// Most interfaces of one pcapng section; tcpdump has one, a merged file a few dozen.
pub const INTERFACES_MAX: usize = 4_096;
/// Type and both lengths, which every block has.
const BLOCK_BYTES_MIN: usize = 12;

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

/// An interface of the section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interface {
    link: Link,
    clock: Clock,
}

/// One block: the packet in it, if it holds one.
pub(super) fn pcapng_block<'a>(
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
    if let Some(behind) = skipped(rest, *big_endian)? {
        return Ok((behind, None));
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

/// What is behind the block in front, if it is one of those that carry no packets: they are passed
/// over by their length alone. The library would look into them, and subtracts without looking
/// where a block of process information says that it is shorter than its own frame.
fn skipped(rest: &[u8], big_endian: bool) -> Result<Option<&[u8]>, ReadFault> {
    let word = |at| {
        let bytes = crate::bytes::array::<4>(rest, at)?;
        Some(if big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    };
    let block_type = word(0).ok_or(ReadFault::CutShort)?;
    if matches!(block_type, SHB_MAGIC | IDB_MAGIC | SPB_MAGIC | EPB_MAGIC) {
        return Ok(None);
    }
    let length = word(4).ok_or(ReadFault::CutShort)?;
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    if size < BLOCK_BYTES_MIN {
        return Err(ReadFault::Malformed);
    }
    let behind = rest.get(size..).ok_or(ReadFault::CutShort)?;
    match word(size - 4) {
        Some(again) if again == length => Ok(Some(behind)),
        _ => Err(ReadFault::Malformed),
    }
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
