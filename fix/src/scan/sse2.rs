//! The front for SSE2: four loads of 16 bytes per block.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
};

use super::vector::{self, BLOCK_BYTES, Delimiters};
use crate::index::Index;

/// As [`vector::scan`].
#[target_feature(enable = "sse2")]
pub(super) fn scan(bytes: &[u8], index: &mut Index) -> bool {
    vector::scan(bytes, index, |block| delimiters(block), vector::read_tags)
}

#[target_feature(enable = "sse2")]
#[inline]
fn delimiters(block: &[u8; BLOCK_BYTES]) -> Delimiters {
    let soh = _mm_set1_epi8(0x01);
    let equals = _mm_set1_epi8(0x3D);
    let mut found = Delimiters { soh: 0, equals: 0 };
    for (quarter, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: `bytes` is a reference to 16 bytes, all that the load reads; it takes any
        // alignment. JUSTIFICATION: the standard library has no safe load from an array yet.
        let loaded = unsafe { _mm_loadu_si128(bytes.as_ptr().cast::<__m128i>()) };
        let soh = _mm_movemask_epi8(_mm_cmpeq_epi8(loaded, soh)).cast_unsigned();
        let equals = _mm_movemask_epi8(_mm_cmpeq_epi8(loaded, equals)).cast_unsigned();
        found.soh |= u64::from(soh) << (16 * quarter);
        found.equals |= u64::from(equals) << (16 * quarter);
    }
    found
}
