//! The front for AVX2: two loads of 32 bytes per block.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8,
};

use super::vector::{self, BLOCK_BYTES, Delimiters};
use crate::index::Index;

/// As [`vector::scan`]. BMI1, BMI2 and POPCNT, which every processor with AVX2 has, halve the work on the words.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
pub(super) fn scan(bytes: &[u8], index: &mut Index) -> bool {
    vector::scan(bytes, index, |block| delimiters(block))
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
#[inline]
fn delimiters(block: &[u8; BLOCK_BYTES]) -> Delimiters {
    let soh = _mm256_set1_epi8(0x01);
    let equals = _mm256_set1_epi8(0x3D);
    let mut found = Delimiters { soh: 0, equals: 0 };
    for (half, bytes) in block.as_chunks::<32>().0.iter().enumerate() {
        // SAFETY: `bytes` is a reference to 32 bytes, all that the load reads; it takes any alignment.
        // JUSTIFICATION: the standard library has no safe load from an array yet.
        let loaded = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
        let soh = _mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, soh)).cast_unsigned();
        let equals = _mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, equals)).cast_unsigned();
        found.soh |= u64::from(soh) << (32 * half);
        found.equals |= u64::from(equals) << (32 * half);
    }
    found
}
