//! The front for SSE2: four loads of 16 bytes per block.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::vector::{BLOCK_BYTES, Found};
use super::{Ordinary, portable};
use crate::index::SlotsMut;

/// As [`super::vector::read`], with the sum of all bytes.
#[target_feature(enable = "sse2")]
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

#[target_feature(enable = "sse2")]
#[inline]
fn load(block: &[u8; BLOCK_BYTES]) -> [__m128i; 4] {
    let mut quarters = [_mm_setzero_si128(); 4];
    for (to, bytes) in quarters.iter_mut().zip(block.as_chunks::<16>().0) {
        // SAFETY: `bytes` is a reference to 16 bytes, all that the load reads; it takes any
        // alignment. JUSTIFICATION: the standard library has no safe load from an array yet.
        *to = unsafe { _mm_loadu_si128(bytes.as_ptr().cast::<__m128i>()) };
    }
    quarters
}

#[target_feature(enable = "sse2")]
#[inline]
fn mask(block: [__m128i; 4], byte: i8) -> u64 {
    let mut mask = 0;
    for (quarter, bytes) in block.into_iter().enumerate() {
        let is_equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
        let bits = _mm_movemask_epi8(is_equal).cast_unsigned();
        mask |= u64::from(bits) << (16 * quarter);
    }
    mask
}
