//! The front for any processor: eight words of 64 bits are a block.

use super::Ordinary;
use super::vector::{self, BLOCK_BYTES, Found};
use crate::index::SlotsMut;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = ONES << 7;

/// As [`vector::read`], with the sum of all bytes.
pub(super) fn read(bytes: &[u8], slots: &mut SlotsMut<'_>) -> Option<Ordinary> {
    read_by(bytes, slots, |block| *block, |block| find(&block))
}

/// As [`vector::read`], with the sum of all bytes, for fronts that have instructions for finding
/// delimiters in a block and for nothing else.
#[inline(always)]
pub(super) fn read_by<Block: Copy>(
    bytes: &[u8],
    slots: &mut SlotsMut<'_>,
    load: impl Fn(&[u8; BLOCK_BYTES]) -> Block,
    find: impl Fn(Block) -> Found,
) -> Option<Ordinary> {
    let padded = padded(bytes);
    let (count, ()) = vector::read(
        bytes,
        slots,
        (),
        &load,
        |rest| {
            let (block, before) = last_block(bytes, rest, &padded);
            (load(block), before)
        },
        |(), block| ((), find(block)),
        |(), _, words, room| {
            vector::write_places(words, room.places);
        },
        |slots, count| vector::read_tags(bytes, slots, count),
    )?;
    let sum = check_sum(bytes);
    Some(Ordinary { count, sum })
}

/// The sum of all bytes, modulo 256. The compiler turns it into vector additions. Sums kept in
/// lanes of a word, and blocks of 32 with the rest by eights, were tried and took longer for a
/// message of 200 bytes.
pub(super) fn check_sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, &byte| sum.wrapping_add(byte))
}

/// A block for the bytes behind the last whole one: the last 64, of which as many as are told were
/// seen before; or a message that is shorter by itself, with zeros behind it.
#[inline(always)]
pub(super) fn last_block<'a>(
    bytes: &'a [u8],
    rest: &[u8],
    padded: &'a [u8; BLOCK_BYTES],
) -> (&'a [u8; BLOCK_BYTES], usize) {
    match bytes.last_chunk() {
        Some(block) => (block, BLOCK_BYTES - rest.len()),
        None => (padded, 0),
    }
}

/// A message of less than a block, with zeros behind it; of a longer one nothing.
#[inline(always)]
pub(super) fn padded(bytes: &[u8]) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    if let Some(to) = block.get_mut(..bytes.len()) {
        to.copy_from_slice(bytes);
    }
    block
}

#[inline]
fn find(block: &[u8; BLOCK_BYTES]) -> Found {
    let mut found = Found {
        soh: 0,
        equals: 0,
        zeros: 0,
    };
    for (nth, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        found.soh |= zero_bytes(word ^ ONES) << (8 * nth);
        found.equals |= zero_bytes(word ^ (0x3D * ONES)) << (8 * nth);
    }
    found
}

/// A bit for each of eight bytes, the lowest for the lowest: whether it is zero.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    let not_zero = ((word & !HIGH_BITS) + !HIGH_BITS) | word;
    // Each high bit is moved to a place of its own in the highest byte.
    ((!not_zero & HIGH_BITS) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
