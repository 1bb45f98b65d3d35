//! The scan, 64 bytes at a time, for ordinary messages; it declines all others.
//!
//! An ordinary message ends in SOH, and each of its fields has a tag of one to eight digits
//! without a leading zero and a value that is not empty; none is the length of a data field.
//! Nothing else has to be got right here: a declined message is read by [`super::plain`], and an
//! ordinary one has no errors.
//!
//! 1. Each block of 64 bytes becomes two words of 64 bits: where SOH stands, and where `=` stands.
//!    Each front does this with its own instructions.
//! 2. Of the `=` only the first of each field matters, for values may hold more. Add, to a word
//!    with a one for each byte that is not `=`, a one where each field starts: the carry runs
//!    through the field's tag and drops into the first `=`. A tag that spans two blocks hands its
//!    carry over. A field without `=` lets its carry run on and merge with the next field's, so
//!    that there are fewer `=` than SOH in the end; the message is declined then.
//! 3. The places of both are written down in order: where values start, and where they end.
//! 4. Each tag's digits are read at once, from the eight bytes in front of its `=`: by a front with
//!    its own instructions, or by [`read_tags`] here.

use crate::SOH;
use crate::index::{FIELDS_MAX, Index, PLACES_MAX, SlotsMut};
use crate::{digits, tag};

/// Bytes per block.
pub(super) const BLOCK_BYTES: usize = 64;
const BLOCK_BYTES_U32: u32 = u64::BITS;

/// Where the two delimiters stand in a block, the lowest bit for the first byte.
#[derive(Clone, Copy)]
pub(super) struct Delimiters {
    pub(super) soh: u64,
    pub(super) equals: u64,
}

/// Fills the index, or tells that the message is not an ordinary one.
#[inline(always)]
pub(super) fn scan(
    bytes: &[u8],
    index: &mut Index,
    delimiters: impl Fn(&[u8; BLOCK_BYTES]) -> Delimiters,
    read_tags: impl Fn(&[u8], usize, SlotsMut<'_>) -> bool,
) -> bool {
    // Places are kept in 32 bits.
    if bytes.last() != Some(&SOH) || u32::try_from(bytes.len()).is_err() {
        return false;
    }
    let slots = index.slots_mut();
    let mut state = State {
        offset: 0,
        starts: 0,
        ends: 0,
        field_starts: 1,
        tag_goes_on: false,
    };
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    for block in blocks {
        if !state.take(delimiters(block), slots.starts, slots.ends) {
            return false;
        }
    }
    if !rest.is_empty() {
        let found = match bytes.last_chunk::<BLOCK_BYTES>() {
            Some(block) => {
                // The last 64 bytes reach back into the block before; what was seen is shifted out.
                let found = delimiters(block);
                let seen = BLOCK_BYTES - rest.len();
                Delimiters {
                    soh: found.soh >> seen,
                    equals: found.equals >> seen,
                }
            }
            None => {
                let mut block = [0; BLOCK_BYTES];
                for (to, from) in block.iter_mut().zip(rest) {
                    *to = *from;
                }
                delimiters(&block)
            }
        };
        if !state.take(found, slots.starts, slots.ends) {
            return false;
        }
    }
    let count = state.ends;
    if state.starts != count || count > FIELDS_MAX {
        return false;
    }
    let is_ordinary = read_tags(bytes, count, slots);
    if is_ordinary {
        index.set_count(count);
    }
    is_ordinary
}

/// What goes from block to block.
struct State {
    /// Bytes in front of the block.
    offset: u32,
    /// Places written down: starts of values, ends of values.
    starts: usize,
    ends: usize,
    /// 1 where the next block's first byte starts a field.
    field_starts: u64,
    /// Whether the next block begins within a tag.
    tag_goes_on: bool,
}

impl State {
    /// Steps 2 and 3 for one block. No when there are more fields than the index holds.
    #[inline(always)]
    fn take(
        &mut self,
        Delimiters { soh, equals }: Delimiters,
        starts: &mut [u32; PLACES_MAX],
        ends: &mut [u32; PLACES_MAX],
    ) -> bool {
        let fields = (soh << 1) | self.field_starts;
        self.field_starts = soh >> 63;
        let (sum, tag_goes_on) = (!equals).carrying_add(fields, self.tag_goes_on);
        self.tag_goes_on = tag_goes_on;
        let fits = write_places(sum & equals, self.offset + 1, starts, &mut self.starts)
            & write_places(soh, self.offset, ends, &mut self.ends);
        self.offset = self.offset.wrapping_add(BLOCK_BYTES_U32);
        fits
    }
}

/// Writes down the place of each bit that is set, eight at a time so that their number is rarely
/// guessed wrong; what is written beyond the last is overwritten later.
#[inline(always)]
fn write_places(mut bits: u64, offset: u32, to: &mut [u32; PLACES_MAX], count: &mut usize) -> bool {
    let Some(room) = to
        .get_mut(*count..)
        .and_then(|room| room.first_chunk_mut::<64>())
    else {
        return false;
    };
    *count += bits.count_ones() as usize;
    for eight in room.as_chunks_mut::<8>().0 {
        for place in eight {
            *place = offset.wrapping_add(bits.trailing_zeros());
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            break;
        }
    }
    true
}

/// Fields whose tags are read together.
pub(super) const TAGS_AT_ONCE: usize = 8;

/// Step 4; tells whether all fields are ordinary ones.
///
/// Nothing branches on a field: what is out of the ordinary leaves a bit in `odd`, looked at last.
#[inline(always)]
pub(super) fn read_tags(bytes: &[u8], count: usize, slots: SlotsMut<'_>) -> bool {
    let SlotsMut { tags, starts, ends } = slots;
    let mut odd = 0_u64;
    let mut field_start = 0;
    let starts = starts.as_chunks::<TAGS_AT_ONCE>().0.iter();
    let ends = ends.as_chunks::<TAGS_AT_ONCE>().0.iter();
    let tags = tags.as_chunks_mut::<TAGS_AT_ONCE>().0.iter_mut();
    let mut left = count;
    for (tags, (starts, ends)) in tags
        .zip(starts.zip(ends))
        .take(count.div_ceil(TAGS_AT_ONCE))
    {
        let mut words = [0; TAGS_AT_ONCE];
        for (word, (&start, &end)) in words.iter_mut().zip(starts.iter().zip(ends)).take(left) {
            let tag_length = start.wrapping_sub(field_start).wrapping_sub(1);
            // No digits, or more than eight.
            odd |= u64::from(tag_length.wrapping_sub(1)) & !7;
            // The last digit goes to the highest byte; what stands in front of the tag becomes
            // zeros.
            let shift = 64_u32.wrapping_sub(tag_length.wrapping_mul(8)) % 64;
            let values = (eight_before(bytes, start) ^ digits::ZEROS) >> shift;
            *word = values << shift;
            // A leading zero, or an empty value: one less than nothing sets the highest bits.
            odd |= (values & 0xFF).wrapping_sub(1) >> 63;
            odd |= u64::from(end.wrapping_sub(start).wrapping_sub(1)) >> 31;
            field_start = end.wrapping_add(1);
        }
        left = left.saturating_sub(TAGS_AT_ONCE);
        for (tag, &word) in tags.iter_mut().zip(&words) {
            let (number, not_digits) = digits::number(word);
            *tag = number;
            odd |= not_digits;
        }
        for &tag in tags.iter() {
            odd |= may_be_length_tag(tag);
        }
    }
    odd == 0
}
/// The eight bytes in front of the `=` in front of a value, the last in the highest byte; zeros in
/// front of the message.
#[inline(always)]
pub(super) fn eight_before(bytes: &[u8], value_start: u32) -> u64 {
    let from = (value_start as usize).wrapping_sub(9);
    // Where there are fewer than eight, the range's end lies in front of its start.
    match bytes
        .get(from..from.wrapping_add(8))
        .and_then(|eight| eight.first_chunk())
    {
        Some(eight) => u64::from_le_bytes(*eight),
        None => few_before(bytes, value_start),
    }
}

#[cold]
fn few_before(bytes: &[u8], value_start: u32) -> u64 {
    let equals = (value_start as usize).wrapping_sub(1);
    bytes
        .iter()
        .take(equals)
        .fold(0, |eight, &byte| (eight >> 8) | (u64::from(byte) << 56))
}

/// Whether a tag may be the length of a data field: a bit for each tag up to 1,023, which larger
/// ones share, so that a few ordinary messages are declined for nothing. A lookup, because tags
/// follow no pattern by which the branches of a `match` could be guessed.
#[inline(always)]
fn may_be_length_tag(tag: u32) -> u64 {
    let word = LENGTH_TAGS
        .get(tag as usize / 64 % LENGTH_TAG_WORDS)
        .unwrap_or(&0);
    word >> (tag % 64) & 1
}

const LENGTH_TAG_WORDS: usize = 16;
/// First tag without a bit of its own; every length tag lies below.
const LENGTH_TAGS_END: u32 = 1024;
const _: () = assert!(LENGTH_TAG_WORDS * 64 == LENGTH_TAGS_END as usize);

const LENGTH_TAGS: [u64; LENGTH_TAG_WORDS] = length_tags();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn length_tags() -> [u64; LENGTH_TAG_WORDS] {
    let mut words = [0; LENGTH_TAG_WORDS];
    let mut tag = 0;
    while tag < LENGTH_TAGS_END {
        if tag::data_of_length(tag).is_some() {
            words[tag as usize / 64] |= 1 << (tag % 64);
        }
        tag += 1;
    }
    words
}
