//! The front for AVX-512 with its byte instructions (BW, VBMI, VBMI2): 64 bytes are one register.
//!
//! Places come from one compress per block, of the numbers 0 to 63 by the word of delimiters. It
//! stays in registers: to memory, the instruction is very slow on Zen 4. Tags come from two byte
//! permutes: the first spreads each `=`'s place over four bytes, the second fetches the four
//! digits from this block and the one before, in which all but digits of tags were made zeros. A
//! gather would have to wait for the places to be stored, and takes a load per field.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::Ordinary;
use super::vector::{self, BLOCK_BYTES, FIELDS_PER_BLOCK, Found, Room, Words};
use crate::index::SlotsMut;

/// What goes from block to block.
#[derive(Clone, Copy)]
struct Kept {
    /// The block before: values of its tags' digits, zeros elsewhere.
    digits: __m512i,
    /// Eight sums of bytes.
    sums: __m512i,
    /// Not zero where a digit of a tag is no digit.
    not_digits: __m512i,
    /// Bytes in front of the block, in lanes of 16 bits.
    offset: __m512i,
}

/// As [`vector::read`], with the sum of all bytes.
#[target_feature(
    enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi1,bmi2,popcnt,lzcnt"
)]
pub(super) fn read(bytes: &[u8], slots: &mut SlotsMut<'_>) -> Option<Ordinary> {
    let kept = Kept {
        digits: _mm512_setzero_si512(),
        sums: _mm512_setzero_si512(),
        not_digits: _mm512_setzero_si512(),
        offset: _mm512_setzero_si512(),
    };
    let (count, kept) = vector::read(
        bytes,
        slots,
        kept,
        |block| load(block),
        |rest| (load_rest(rest), 0),
        |kept, block| find(kept, block),
        |kept, block, words, room| take(kept, block, words, room),
        |slots, count| !has_length_tag(slots, count),
    )?;
    if _mm512_test_epi64_mask(kept.not_digits, kept.not_digits) != 0 {
        return None;
    }
    let sum = low_byte(_mm512_reduce_add_epi64(kept.sums));
    Some(Ordinary { count, sum })
}

/// The sum of all bytes, modulo 256. Four masked blocks at a time, so that their number is never
/// guessed wrong, were tried and took longer.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
pub(super) fn check_sum(bytes: &[u8]) -> u8 {
    let zero = _mm512_setzero_si512();
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    let mut sums = _mm512_sad_epu8(load_rest(rest), zero);
    for block in blocks {
        sums = _mm512_add_epi64(sums, _mm512_sad_epu8(load(block), zero));
    }
    low_byte(_mm512_reduce_add_epi64(sums))
}

#[inline(always)]
fn low_byte(sum: i64) -> u8 {
    sum.to_le_bytes()[0]
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(block: &[u8; BLOCK_BYTES]) -> __m512i {
    // SAFETY: `block` is a reference to 64 bytes, all that the load reads; it takes any alignment.
    // JUSTIFICATION: the standard library has no safe load from an array yet.
    unsafe { _mm512_loadu_si512(block.as_ptr().cast::<__m512i>()) }
}

/// Fewer bytes than a block, zeros behind them.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
#[inline]
fn load_rest(rest: &[u8]) -> __m512i {
    let missing = u32::try_from(BLOCK_BYTES - rest.len().min(BLOCK_BYTES)).unwrap_or(u64::BITS);
    let within = u64::MAX.unbounded_shr(missing);
    // SAFETY: the mask has ones for bytes of `rest` alone; bytes without a one are not read.
    // JUSTIFICATION: copying fewer than 64 bytes elsewhere first, in order to load 64, would cost
    // as much as the block itself.
    unsafe { _mm512_maskz_loadu_epi8(within, rest.as_ptr().cast::<i8>()) }
}

#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn find(mut kept: Kept, block: __m512i) -> (Kept, Found) {
    let sums = _mm512_sad_epu8(block, _mm512_setzero_si512());
    kept.sums = _mm512_add_epi64(kept.sums, sums);
    let found = Found {
        soh: _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(0x01)),
        equals: _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(0x3D)),
        zeros: _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(0x30)),
    };
    (kept, found)
}

/// Writes tags and places: of the first eight fields, and of the others where there are others,
/// which is seldom. Half a register is half the work on Zen 4, above all for stores over the edge
/// of a cache line.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx2,popcnt")]
#[inline]
fn take(mut kept: Kept, block: __m512i, words: Words, room: Room<'_>) -> Kept {
    let digits = _mm512_maskz_sub_epi8(words.tags, block, _mm512_set1_epi8(0x30));
    let above_nine = _mm512_subs_epu8(digits, _mm512_set1_epi8(9));
    kept.not_digits = _mm512_or_si512(kept.not_digits, above_nine);

    let in_block = _mm512_maskz_compress_epi8(words.delimiters, load(&COUNTING));
    // Never a branch: which it is cannot be guessed.
    let spread = load(SPREADS.get(words.phase).unwrap_or(&SPREADS[0]));
    let equals = _mm512_permutexvar_epi8(spread, in_block);
    let four_before = _mm512_add_epi8(equals, load(&FOUR_BEFORE));
    let fours = _mm512_permutex2var_epi8(kept.digits, four_before, digits);
    kept.digits = digits;

    let in_block = _mm512_castsi512_si256(in_block);
    let offset = _mm512_castsi512_si256(kept.offset);
    let ([tags, more_tags], [places, more_places]) = (room.tags, room.places);
    store_tags(tags, numbers(_mm512_castsi512_si256(fours)));
    let low = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(in_block));
    store_places(places, _mm256_add_epi16(low, offset));
    if words.delimiters.count_ones() > 16 {
        store_tags(more_tags, numbers(_mm512_extracti64x4_epi64::<1>(fours)));
        let high = _mm256_cvtepu8_epi16(_mm256_extracti128_si256::<1>(in_block));
        store_places(more_places, _mm256_add_epi16(high, offset));
    }
    kept.offset = _mm512_add_epi16(kept.offset, _mm512_set1_epi16(64));
    kept
}

/// Eight tags of four digits each.
#[target_feature(enable = "avx2")]
#[inline]
fn numbers(fours: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(fours, _mm256_set1_epi16(0x010A));
    _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_0064))
}

/// Whether one of the tags is the length of a data field: a bit in a table for each tag below
/// 1,024, which larger ones share, and a second look where one is set.
#[target_feature(enable = "avx512f")]
#[inline]
fn has_length_tag(slots: &SlotsMut<'_>, count: usize) -> bool {
    let [low, high] = &vector::LENGTH_ROWS;
    let (low, high) = (load_tags(low), load_tags(high));
    let mut found = _mm512_setzero_si512();
    let chunks = slots.tags.as_chunks::<FIELDS_PER_BLOCK>().0;
    for tags in chunks.iter().take(count.div_ceil(FIELDS_PER_BLOCK)) {
        let tags = load_tags(tags);
        let row = _mm512_permutex2var_epi32(low, _mm512_srli_epi32::<5>(tags), high);
        found = _mm512_or_si512(found, _mm512_rorv_epi32(row, tags));
    }
    // Behind the last field stand tags of earlier messages, and slots that no chunk has come last:
    // the second look knows the one, and a message that reaches the others takes it anyway.
    let is_found = _mm512_test_epi32_mask(found, _mm512_set1_epi32(1)) != 0;
    (is_found || count > chunks.as_flattened().len()) && vector::has_length_tag(slots, count)
}

static COUNTING: [u8; BLOCK_BYTES] = bytes_by_place(1, 1, 0);
/// Every second place four times, from the first on and from the second on.
static SPREADS: [[u8; BLOCK_BYTES]; 2] = [bytes_by_place(4, 2, 0), bytes_by_place(4, 2, 1)];
/// From the place of `=` in a block to the bytes four to one in front of it, in two blocks.
static FOUR_BEFORE: [u8; BLOCK_BYTES] = four_before();

/// At place `n`: `n / each * step + first`.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn bytes_by_place(each: usize, step: usize, first: usize) -> [u8; BLOCK_BYTES] {
    let mut bytes = [0; BLOCK_BYTES];
    let mut at = 0;
    while at < BLOCK_BYTES {
        bytes[at] = (at / each * step + first) as u8;
        at += 1;
    }
    bytes
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn four_before() -> [u8; BLOCK_BYTES] {
    let mut bytes = [0; BLOCK_BYTES];
    let mut at = 0;
    while at < BLOCK_BYTES {
        bytes[at] = (BLOCK_BYTES - 4 + at % 4) as u8;
        at += 1;
    }
    bytes
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_tags(tags: &[u32; FIELDS_PER_BLOCK]) -> __m512i {
    // SAFETY: `tags` is a reference to 64 bytes, all that the load reads; it takes any alignment.
    // JUSTIFICATION: the standard library has no safe load from an array yet.
    unsafe { _mm512_loadu_si512(tags.as_ptr().cast::<__m512i>()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_tags(to: &mut [u32; FIELDS_PER_BLOCK / 2], tags: __m256i) {
    // SAFETY: `to` is a unique reference to 32 bytes, all that is written; any alignment.
    // JUSTIFICATION: the standard library has no safe store to an array yet.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast::<__m256i>(), tags) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_places(to: &mut [u16; FIELDS_PER_BLOCK], places: __m256i) {
    // SAFETY: `to` is a unique reference to 32 bytes, all that is written; any alignment.
    // JUSTIFICATION: the standard library has no safe store to an array yet.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast::<__m256i>(), places) }
}
