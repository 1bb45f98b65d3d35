//! The front for AVX2: two loads of 32 bytes per block, and eight tags at a time.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::vector::{self, BLOCK_BYTES, Found};
use super::{Ordinary, portable};
use crate::index::{Place, SlotsMut};

/// Tags that are read together.
const TAGS_AT_ONCE: usize = 8;

/// As [`vector::read`], with the sum of all bytes. BMI1, BMI2, LZCNT and POPCNT, which every
/// processor with AVX2 has, halve the work on the words.
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
pub(super) fn read(bytes: &[u8], slots: &mut SlotsMut<'_>) -> Option<Ordinary> {
    let padded = portable::padded(bytes);
    let (count, sums) = vector::read(
        bytes,
        slots,
        _mm256_setzero_si256(),
        |block| load(block),
        |rest| load_rest(bytes, rest, &padded),
        |sums, block| find(sums, block),
        |sums, _, words, room| {
            vector::write_places(words, room.places);
            sums
        },
        |slots, count| read_tags(bytes, slots, count),
    )?;
    let sum = low_byte(sums);
    Some(Ordinary { count, sum })
}

/// The sum of all bytes, modulo 256.
#[target_feature(enable = "avx2")]
pub(super) fn check_sum(bytes: &[u8]) -> u8 {
    let zero = _mm256_setzero_si256();
    let (blocks, rest) = bytes.as_chunks::<32>();
    let mut sums = zero;
    for block in blocks {
        sums = _mm256_add_epi64(sums, _mm256_sad_epu8(load_half(block), zero));
    }
    low_byte(sums).wrapping_add(portable::check_sum(rest))
}

#[target_feature(enable = "avx2")]
#[inline]
fn low_byte(sums: __m256i) -> u8 {
    let halves = _mm_add_epi64(
        _mm256_castsi256_si128(sums),
        _mm256_extracti128_si256::<1>(sums),
    );
    let sum = _mm_add_epi64(halves, _mm_unpackhi_epi64(halves, halves));
    _mm_cvtsi128_si64(sum).to_le_bytes()[0]
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(block: &[u8; BLOCK_BYTES]) -> [__m256i; 2] {
    let mut halves = [_mm256_setzero_si256(); 2];
    for (to, bytes) in halves.iter_mut().zip(block.as_chunks::<32>().0) {
        *to = load_half(bytes);
    }
    halves
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_half(bytes: &[u8; 32]) -> __m256i {
    // SAFETY: `bytes` is a reference to 32 bytes, all that the load reads; it takes any alignment.
    // JUSTIFICATION: the standard library has no safe load from an array yet.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
}

/// The last 64 bytes reach back into the block before; what was seen becomes zeros.
#[target_feature(enable = "avx2")]
#[inline]
fn load_rest(bytes: &[u8], rest: &[u8], padded: &[u8; BLOCK_BYTES]) -> ([__m256i; 2], usize) {
    let (block, before) = portable::last_block(bytes, rest, padded);
    let [low, high] = load(block);
    let window = REST_MASKS.get(BLOCK_BYTES - before..);
    match window.and_then(|masks| masks.first_chunk()) {
        Some(within) if before != 0 => {
            let [within_low, within_high] = load(within);
            let low = _mm256_and_si256(low, within_low);
            ([low, _mm256_and_si256(high, within_high)], before)
        }
        _ => ([low, high], 0),
    }
}

/// As many zeros as a block has, then ones: the window that starts at `n` ends in `n` of them.
static REST_MASKS: [u8; 2 * BLOCK_BYTES] = rest_masks();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn rest_masks() -> [u8; 2 * BLOCK_BYTES] {
    let mut masks = [0; 2 * BLOCK_BYTES];
    let mut at = BLOCK_BYTES;
    while at < 2 * BLOCK_BYTES {
        masks[at] = u8::MAX;
        at += 1;
    }
    masks
}

#[target_feature(enable = "avx2")]
#[inline]
fn find(sums: __m256i, block: [__m256i; 2]) -> (__m256i, Found) {
    let zero = _mm256_setzero_si256();
    let [low, high] = block.map(|half| _mm256_sad_epu8(half, zero));
    let sums = _mm256_add_epi64(sums, _mm256_add_epi64(low, high));
    let found = Found {
        soh: mask(block, 0x01),
        equals: mask(block, 0x3D),
        zeros: mask(block, 0x30),
    };
    (sums, found)
}

#[target_feature(enable = "avx2")]
#[inline]
fn mask(block: [__m256i; 2], byte: i8) -> u64 {
    let [low, high] = block.map(|half| {
        let is_equal = _mm256_cmpeq_epi8(half, _mm256_set1_epi8(byte));
        u64::from(_mm256_movemask_epi8(is_equal).cast_unsigned())
    });
    low | (high << 32)
}

/// Reads all tags, eight at a time; tells whether they are ordinary ones. Those with more than four
/// digits come out wrong.
#[target_feature(enable = "avx2,bmi1")]
#[inline]
fn read_tags(bytes: &[u8], slots: &mut SlotsMut<'_>, count: usize) -> bool {
    let mut not_digits = _mm256_setzero_si256();
    let mut lengths = _mm256_setzero_si256();
    let places = slots.places.as_chunks::<TAGS_AT_ONCE>().0;
    let tags = slots.tags.as_chunks_mut::<TAGS_AT_ONCE>().0;
    if count > tags.as_flattened().len() {
        // Among lent slots, the last few may make no whole chunk.
        return false;
    }
    let mut left = count;
    for (tags, places) in tags
        .iter_mut()
        .zip(places)
        .take(count.div_ceil(TAGS_AT_ONCE))
    {
        let four = |lane: usize, place: Place| {
            // Behind the last field, zeros are digits and so nothing odd.
            let is_field = lane < left;
            let four = is_field.then(|| vector::four_before(bytes, place[0].into()));
            four.unwrap_or(0x3030_3030).cast_signed()
        };
        let [a, b, c, d, e, f, g, h] = *places;
        let fours = _mm256_setr_epi32(
            four(0, a),
            four(1, b),
            four(2, c),
            four(3, d),
            four(4, e),
            four(5, f),
            four(6, g),
            four(7, h),
        );
        // SOH and all bytes in front of it.
        let soh = _mm256_cmpeq_epi8(fours, _mm256_set1_epi8(0x01));
        let soh = _mm256_or_si256(soh, _mm256_srli_epi32::<8>(soh));
        let before = _mm256_or_si256(soh, _mm256_srli_epi32::<16>(soh));
        let values = _mm256_sub_epi8(fours, _mm256_set1_epi8(0x30));
        let digits = _mm256_andnot_si256(before, values);
        let above_nine = _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
        not_digits = _mm256_or_si256(not_digits, above_nine);
        let pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
        let numbers = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_0064));
        lengths = _mm256_or_si256(lengths, length_tags(numbers));
        store(tags, numbers);
        left = left.saturating_sub(TAGS_AT_ONCE);
    }
    let is_sound = _mm256_testz_si256(not_digits, not_digits) != 0;
    let may_have_length = _mm256_testz_si256(lengths, lengths) == 0;
    is_sound && !(may_have_length && vector::has_length_tag(slots, count))
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
fn store(lanes: &mut [u32; TAGS_AT_ONCE], values: __m256i) {
    // SAFETY: `lanes` is a unique reference to 32 bytes, all that is written; any alignment.
    // JUSTIFICATION: the standard library has no safe store to an array yet.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), values) }
}
