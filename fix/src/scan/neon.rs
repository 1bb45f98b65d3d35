//! The front for NEON: four loads of 16 bytes per block.
#![allow(unsafe_code)]

use std::arch::aarch64::*;

use super::vector::{BLOCK_BYTES, Found};
use super::{Ordinary, portable};
use crate::index::SlotsMut;

/// As [`super::vector::read`], with the sum of all bytes.
#[target_feature(enable = "neon")]
pub(super) fn read(bytes: &[u8], slots: &mut SlotsMut<'_>) -> Option<Ordinary> {
    portable::read_by(
        bytes,
        slots,
        |block| load(block),
        |block| Found {
            soh: mask(block, 0x01),
            equals: mask(block, 0x3D),
            zeros: 0,
        },
    )
}

#[target_feature(enable = "neon")]
#[inline]
fn load(block: &[u8; BLOCK_BYTES]) -> [uint8x16_t; 4] {
    let mut quarters = [vdupq_n_u8(0); 4];
    for (to, bytes) in quarters.iter_mut().zip(block.as_chunks::<16>().0) {
        // SAFETY: `bytes` is a reference to 16 bytes, all that the load reads. JUSTIFICATION: the
        // standard library has no safe load from an array yet.
        *to = unsafe { vld1q_u8(bytes.as_ptr()) };
    }
    quarters
}

/// A bit for each byte that equals. There is no instruction for it: each byte of a comparison keeps
/// the bit of its place in eight, and three rounds of adding neighbours bring eight together.
#[target_feature(enable = "neon")]
#[inline]
fn mask(block: [uint8x16_t; 4], byte: u8) -> u64 {
    let places = vreinterpretq_u8_u64(vdupq_n_u64(0x8040_2010_0804_0201));
    let [a, b, c, d] = block.map(|bytes| vandq_u8(vceqq_u8(bytes, vdupq_n_u8(byte)), places));
    let halves = vpaddq_u8(vpaddq_u8(a, b), vpaddq_u8(c, d));
    vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(halves, halves)))
}
