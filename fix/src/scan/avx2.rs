//! The front for AVX2: two loads of 32 bytes per block, and eight tags at a time.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::vector::{self, BLOCK_BYTES, Delimiters, TAGS_AT_ONCE};
use crate::digits;
use crate::index::{Index, SlotsMut};

/// As [`vector::scan`]. BMI1, BMI2 and POPCNT, which every processor with AVX2 has, halve the work
/// on the words.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
pub(super) fn scan(bytes: &[u8], index: &mut Index) -> bool {
    let read_tags =
        |bytes: &[u8], count: usize, slots: SlotsMut<'_>| read_tags(bytes, count, slots);
    vector::scan(bytes, index, |block| delimiters(block), read_tags)
}

#[target_feature(enable = "avx2")]
#[inline]
fn delimiters(block: &[u8; BLOCK_BYTES]) -> Delimiters {
    let soh = _mm256_set1_epi8(0x01);
    let equals = _mm256_set1_epi8(0x3D);
    let mut found = Delimiters { soh: 0, equals: 0 };
    for (half, bytes) in block.as_chunks::<32>().0.iter().enumerate() {
        // SAFETY: `bytes` is a reference to 32 bytes, all that the load reads; it takes any
        // alignment.
        // JUSTIFICATION: the standard library has no safe load from an array yet.
        let loaded = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) };
        let soh = _mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, soh)).cast_unsigned();
        let equals = _mm256_movemask_epi8(_mm256_cmpeq_epi8(loaded, equals)).cast_unsigned();
        found.soh |= u64::from(soh) << (32 * half);
        found.equals |= u64::from(equals) << (32 * half);
    }
    found
}

/// As [`vector::read_tags`], with the same arithmetic in lanes of 32 and 64 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn read_tags(bytes: &[u8], count: usize, slots: SlotsMut<'_>) -> bool {
    let SlotsMut { tags, starts, ends } = slots;
    let starts = starts.as_chunks::<TAGS_AT_ONCE>().0.iter();
    let ends = ends.as_chunks::<TAGS_AT_ONCE>().0.iter();
    let tags = tags.as_chunks_mut::<TAGS_AT_ONCE>().0.iter_mut();
    let one_lane_up = _mm256_setr_epi32(7, 0, 1, 2, 3, 4, 5, 6);
    // Lane 0 holds where the field in front ends; the first field's is one in front of the message.
    let mut ends_before = _mm256_set1_epi32(-1);
    let mut odd = _mm256_setzero_si256();
    let mut left = i32::try_from(count).unwrap_or(0);
    for (tags, (starts, ends)) in tags
        .zip(starts.zip(ends))
        .take(count.div_ceil(TAGS_AT_ONCE))
    {
        let words = eight_words(bytes, starts, left);
        let (starts, ends) = (load(starts), load(ends));
        let ends_up = _mm256_permutevar8x32_epi32(ends, one_lane_up);
        let field_ends_before = _mm256_blend_epi32::<1>(ends_up, ends_before);
        ends_before = ends_up;
        let tag_lengths = _mm256_sub_epi32(
            _mm256_sub_epi32(starts, field_ends_before),
            _mm256_set1_epi32(2),
        );
        let (numbers, not_digits) = numbers(words, tag_lengths);
        store(tags, numbers);
        let is_odd = _mm256_or_si256(
            odd_length(tag_lengths, numbers),
            _mm256_or_si256(odd_value(starts, ends), length_tags(numbers)),
        );
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let is_field = _mm256_cmpgt_epi32(_mm256_set1_epi32(left), lanes);
        odd = _mm256_or_si256(odd, _mm256_and_si256(is_field, is_odd));
        odd = _mm256_or_si256(odd, not_digits);
        left -= 8;
    }
    _mm256_testz_si256(odd, odd) != 0
}

/// The eight bytes in front of each of eight `=`, for as many fields as are left; zeros as text
/// for the others, which are digits and so nothing odd.
#[target_feature(enable = "avx2")]
#[inline]
fn eight_words(bytes: &[u8], starts: &[u32; TAGS_AT_ONCE], left: i32) -> [__m256i; 2] {
    let word = |lane: i32, start: u32| {
        let word = if lane < left {
            vector::eight_before(bytes, start)
        } else {
            digits::ZEROS
        };
        word.cast_signed()
    };
    let [a, b, c, d, e, f, g, h] = *starts;
    let low = _mm256_setr_epi64x(word(0, a), word(1, b), word(2, c), word(3, d));
    let high = _mm256_setr_epi64x(word(4, e), word(5, f), word(6, g), word(7, h));
    [low, high]
}

/// Eight tags, and bits that are set where a character is no digit.
#[target_feature(enable = "avx2")]
#[inline]
fn numbers(words: [__m256i; 2], tag_lengths: __m256i) -> (__m256i, __m256i) {
    // What stands in front of a tag is shifted out, and becomes leading zeros.
    let shifts = _mm256_sub_epi32(_mm256_set1_epi32(64), _mm256_slli_epi32::<3>(tag_lengths));
    let shifts = [
        _mm256_cvtepu32_epi64(_mm256_castsi256_si128(shifts)),
        _mm256_cvtepu32_epi64(_mm256_extracti128_si256::<1>(shifts)),
    ];
    let mut not_digits = _mm256_setzero_si256();
    let mut numbers = [_mm256_setzero_si256(); 2];
    for ((number, word), shift) in numbers.iter_mut().zip(words).zip(shifts) {
        let values = _mm256_sub_epi8(word, _mm256_set1_epi8(0x30));
        let values = _mm256_sllv_epi64(_mm256_srlv_epi64(values, shift), shift);
        let above_nine = _mm256_subs_epu8(values, _mm256_set1_epi8(9));
        not_digits = _mm256_or_si256(not_digits, above_nine);
        let pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi16(0x010A));
        let fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_0064));
        let upper = _mm256_mul_epu32(fours, _mm256_set1_epi64x(10_000));
        *number = _mm256_add_epi64(upper, _mm256_srli_epi64::<32>(fours));
    }
    // The low halves of eight lanes of 64 bits.
    let [low, high] = numbers.map(|number| {
        let even = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
        _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(number, even))
    });
    (_mm256_set_m128i(high, low), not_digits)
}

/// Bits that are set where a tag has no digits, or more than eight, or a leading zero.
#[target_feature(enable = "avx2")]
#[inline]
fn odd_length(tag_lengths: __m256i, numbers: __m256i) -> __m256i {
    let one_less = _mm256_sub_epi32(tag_lengths, _mm256_set1_epi32(1));
    let wrong = _mm256_andnot_si256(_mm256_set1_epi32(7), one_less);
    let powers = _mm256_setr_epi32(1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000);
    let least = _mm256_permutevar8x32_epi32(powers, one_less);
    _mm256_or_si256(wrong, _mm256_cmpgt_epi32(least, numbers))
}

/// The highest bit is set where a value is empty. Places are below 2^31 here, or the message is
/// taken for an odd one.
#[target_feature(enable = "avx2")]
#[inline]
fn odd_value(starts: __m256i, ends: __m256i) -> __m256i {
    let one_less = _mm256_sub_epi32(_mm256_sub_epi32(ends, starts), _mm256_set1_epi32(1));
    _mm256_and_si256(one_less, _mm256_set1_epi32(i32::MIN))
}

/// Bits that are set where a tag is the length of a data field, by [`crate::tag::data_of_length`].
#[target_feature(enable = "avx2")]
#[inline]
fn length_tags(numbers: __m256i) -> __m256i {
    // EncodedIssuerLen(348) to EncodedUnderlyingSecurityDescLen(364), every other one: 0, 2, 4 and
    // so on to 16 above 348 have no bits beyond these four, and 18 to 30 are cut off.
    let above = _mm256_sub_epi32(numbers, _mm256_set1_epi32(348));
    let other_bits = _mm256_and_si256(above, _mm256_set1_epi32(!0b1_1110));
    let is_even_to_30 = _mm256_cmpeq_epi32(other_bits, _mm256_setzero_si256());
    let is_to_16 = _mm256_cmpgt_epi32(_mm256_set1_epi32(17), above);
    let mut found = _mm256_and_si256(is_even_to_30, is_to_16);
    for tag in [90, 93, 95, 212, 445, 618, 621] {
        let is_tag = _mm256_cmpeq_epi32(numbers, _mm256_set1_epi32(tag));
        found = _mm256_or_si256(found, is_tag);
    }
    found
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(lanes: &[u32; 8]) -> __m256i {
    // SAFETY: `lanes` is a reference to 32 bytes, all that the load reads; it takes any alignment.
    // JUSTIFICATION: the standard library has no safe load from an array yet.
    unsafe { _mm256_loadu_si256(lanes.as_ptr().cast::<__m256i>()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(lanes: &mut [u32; 8], values: __m256i) {
    // SAFETY: `lanes` is a unique reference to 32 bytes, all that is written; any alignment.
    // JUSTIFICATION: the standard library has no safe store to an array yet.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), values) }
}
