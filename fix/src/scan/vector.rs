//! The scan, 64 bytes at a time, for ordinary messages; it declines all others.
//!
//! An ordinary message ends in SOH, and each of its fields has a tag of one to nine digits without
//! a leading zero and a value that is not empty; none is the length of a data field. Nothing else
//! has to be got right here: a declined message is read by [`super::plain`], and an ordinary one
//! has no errors.
//!
//! 1. Each block of 64 bytes becomes two words of 64 bits: where SOH stands, and where `=` stands.
//!    Each front does this with its own instructions, and adds the bytes up for CheckSum(10).
//! 2. Of the `=` only the first of each field matters, for values may hold more. Add, to a word
//!    with a one for each byte that is not `=`, a one where each field starts: the carry runs
//!    through the field's tag and drops into the first `=`. So the ones that turn into zeros are
//!    the tags. A tag that spans two blocks hands its carry over. A field without `=` lets its
//!    carry run on over its SOH, by which it is known.
//! 3. The places of both, `=` and SOH, are written down in one list, in which they take turns. A
//!    field has at least four bytes, so that a block has at most [`FIELDS_PER_BLOCK`] of each.
//! 4. Each tag's digits are read at once, from the four bytes in front of its `=`. The rare tag of
//!    more digits leaves a bit in a word, and is read again by itself.
//!
//! Nothing branches on a field: what is out of the ordinary leaves a bit in `odd`, looked at last.

use super::plain;
use crate::SOH;
use crate::index::{MESSAGE_BYTES_MAX, SlotsMut};
use crate::{digits, tag};

/// Bytes per block.
pub(super) const BLOCK_BYTES: usize = 64;
/// Fields whose `=` may lie in one block: a field has four bytes or more.
pub(super) const FIELDS_PER_BLOCK: usize = 16;
/// Digits that are read at once.
const SHORT_TAG_DIGITS: u32 = 4;

/// Where certain bytes stand in a block, the lowest bit for the first byte.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) soh: u64,
    pub(super) equals: u64,
    /// Where `0` stands, with which no tag may start; nothing from a front that finds such tags in
    /// another way.
    pub(super) zeros: u64,
}

/// What stands where in a block, the lowest bit for the first byte.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// The `=` that end tags, and all SOH.
    pub(super) delimiters: u64,
    /// The digits of tags, whether or not they are digits.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "for fronts of x86-64")
    )]
    pub(super) tags: u64,
    /// Bytes in front of the block.
    pub(super) offset: usize,
    /// 1 where the block begins within a value, so that its first delimiter is SOH.
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "for fronts of x86-64")
    )]
    pub(super) phase: usize,
}

/// Where a block's tags and places go. What is written beyond the last is overwritten later.
pub(super) struct Room<'r> {
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "for fronts of x86-64")
    )]
    pub(super) tags: &'r mut [[u32; FIELDS_PER_BLOCK / 2]; 2],
    pub(super) places: &'r mut [[u16; FIELDS_PER_BLOCK]; 2],
}

/// Gives the number of fields, and what the front kept; `None` for a message that is not an
/// ordinary one, as far as can be told here, or for which there may be too few slots.
///
/// A front says how it loads a block; how it loads the bytes behind the last whole block, with
/// zeros for what is not there, and how many bytes in front of them are there in its stead; how it
/// does step 1; step 3, and step 4 unless that comes at the end; and step 4 for all tags, or a last
/// look at them. What it keeps goes from hand to hand: kept behind a reference it would not stay in
/// registers, which took twice as long.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "what closures as fields of a struct take and give cannot be left to the compiler"
)]
pub(super) fn read<Block: Copy, Kept: Copy>(
    bytes: &[u8],
    slots: &mut SlotsMut<'_>,
    mut kept: Kept,
    load: impl Fn(&[u8; BLOCK_BYTES]) -> Block,
    load_rest: impl Fn(&[u8]) -> (Block, usize),
    find: impl Fn(Kept, Block) -> (Kept, Found),
    take: impl Fn(Kept, Block, Words, Room<'_>) -> Kept,
    read_tags: impl Fn(&mut SlotsMut<'_>, usize) -> bool,
) -> Option<(usize, Kept)> {
    if bytes.last() != Some(&SOH) || bytes.len() > MESSAGE_BYTES_MAX {
        return None;
    }
    let mut state = State::default();
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    for block in blocks {
        let block = load(block);
        let found;
        (kept, found) = find(kept, block);
        let words = state.advance(found, u64::MAX);
        kept = take(kept, block, words, state.room(slots)?);
        state.count(words);
    }
    if !rest.is_empty() {
        let (block, before) = load_rest(rest);
        let found;
        (kept, found) = find(kept, block);
        let found = Found {
            soh: found.soh >> before,
            equals: found.equals >> before,
            zeros: found.zeros >> before,
        };
        let words = state.advance(found, u64::MAX >> (BLOCK_BYTES - rest.len()));
        kept = take(kept, block, words, state.room(slots)?);
        state.count(words);
    }
    let count = state.delimiters / 2;
    // Only a message with nothing odd so far has a place for each field.
    if state.odd != 0 || count > slots.tags.len() || !read_tags(slots, count) {
        return None;
    }
    if state.long_tags != 0 && !read_long_tags(bytes, slots, count) {
        return None;
    }
    Some((count, kept))
}

/// What goes from block to block.
struct State {
    /// Bytes in front of the block.
    offset: usize,
    /// Found written down, `=` and SOH.
    delimiters: usize,
    /// 1 where the next block's first byte starts a field.
    field_starts: u64,
    /// Whether the next block begins within a tag.
    tag_goes_on: bool,
    /// The block before: its tags and the `=` behind them.
    tags: u64,
    equals: u64,
    /// Not zero: a tag is longer than what is read at once.
    long_tags: u64,
    /// Not zero: not an ordinary message.
    odd: u64,
}

impl Default for State {
    #[inline(always)]
    fn default() -> State {
        State {
            offset: 0,
            delimiters: 0,
            field_starts: 1,
            tag_goes_on: false,
            tags: 0,
            equals: 0,
            long_tags: 0,
            odd: 0,
        }
    }
}

impl State {
    /// Step 2 for one block; `within` has ones for bytes of the message.
    #[inline(always)]
    fn advance(&mut self, found: Found, within: u64) -> Words {
        let Found { soh, equals, zeros } = found;
        let field_starts = ((soh << 1) | self.field_starts) & within;
        let (sum, tag_goes_on) = (!equals).carrying_add(field_starts, self.tag_goes_on);
        let tags = !(equals | sum);
        let equals = equals & sum;
        let empty_values = ((equals << 1) | (self.equals >> 63)) & soh;
        self.odd |= empty_values | (tags & soh) | (field_starts & (equals | zeros));
        // Where the second and the fifth byte in front of `=` belong to tags, it is to one tag; at
        // the edge of a block the fifth alone may make one look in vain.
        self.long_tags |= equals & ((tags << 5) | (self.tags >> 59)) & ((tags << 2) | 3);
        self.field_starts = soh >> 63;
        self.tag_goes_on = tag_goes_on;
        self.tags = tags;
        self.equals = equals;
        Words {
            delimiters: equals | soh,
            tags,
            offset: self.offset,
            phase: self.delimiters % 2,
        }
    }

    /// Slots for as many fields as a block may have; `None` when fewer are left.
    #[inline(always)]
    fn room<'r>(&self, slots: &'r mut SlotsMut<'_>) -> Option<Room<'r>> {
        let tags = slots.tags.get_mut(self.delimiters.div_ceil(2)..)?;
        let places = slots.places.as_flattened_mut();
        let places = places.get_mut(self.delimiters..)?;
        Some(Room {
            tags: tags.as_chunks_mut().0.first_chunk_mut()?,
            places: places.as_chunks_mut().0.first_chunk_mut()?,
        })
    }

    #[inline(always)]
    fn count(&mut self, words: Words) {
        self.delimiters += words.delimiters.count_ones() as usize;
        self.offset += BLOCK_BYTES;
    }
}

/// Reads the tags of more digits than are read at once; no where one is no tag.
#[inline(never)]
fn read_long_tags(bytes: &[u8], slots: &mut SlotsMut<'_>, count: usize) -> bool {
    let mut field_start = 0;
    for (to, &[equals, end]) in slots.tags.iter_mut().zip(&*slots.places).take(count) {
        let equals = usize::from(equals);
        if equals.wrapping_sub(field_start) > SHORT_TAG_DIGITS as usize {
            match long_tag(bytes, field_start, equals) {
                Some(tag) => *to = tag,
                None => return false,
            }
        }
        field_start = usize::from(end) + 1;
    }
    true
}

/// The tag from its first digit to its `=`; `None` where it is no tag.
#[inline]
fn long_tag(bytes: &[u8], start: usize, equals: usize) -> Option<u32> {
    let text = bytes.get(start..equals)?;
    match digits::read_short(text) {
        Some(tag) if text.first() != Some(&b'0') => Some(tag),
        _ => plain::read_tag(bytes.get(start..=equals)?).map(|(tag, _)| tag),
    }
}

/// Step 3 for fronts that have no instruction for it.
#[inline(always)]
pub(super) fn write_places(words: Words, places: &mut [[u16; FIELDS_PER_BLOCK]; 2]) {
    let offset = low_half(words.offset);
    let mut bits = words.delimiters;
    // Sixteen at once, so that their number is rarely guessed wrong.
    for half in places {
        for place in half {
            // Without a bit, any place will do.
            let bit = (bits | 1 << 63).trailing_zeros();
            *place = offset.wrapping_add(low_half(bit as usize));
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            break;
        }
    }
}

/// A place in a message, which has no more than 64 KiB.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "messages have up to 64 KiB"
)]
pub(super) const fn low_half(place: usize) -> u16 {
    place as u16
}

/// Step 4 for fronts that have no instructions for it, over all fields at the end; tells whether
/// they are ordinary ones.
#[inline(always)]
pub(super) fn read_tags(bytes: &[u8], slots: &mut SlotsMut<'_>, count: usize) -> bool {
    const ZEROS: u32 = 0x3030_3030;
    let mut odd = 0_u32;
    let mut field_start = 0;
    for (to, &[equals, end]) in slots.tags.iter_mut().zip(&*slots.places).take(count) {
        let equals = u32::from(equals);
        let length = equals.wrapping_sub(field_start);
        if length <= SHORT_TAG_DIGITS {
            // The last digit goes to the highest byte; what stands in front of the tag becomes
            // zeros.
            let shift = 32_u32.wrapping_sub(8 * length) % 32;
            let values = (four_before(bytes, equals as usize) ^ ZEROS) >> shift;
            let digits = values << shift;
            let not_digits = (digits.wrapping_add(0x7676_7676) | digits) & 0x8080_8080;
            let leading_zero = (values & 0xFF).wrapping_sub(1) >> 31;
            let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00FF_00FF;
            let tag = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0xFFFF;
            odd |= not_digits | leading_zero | may_be_length_tag(tag);
            *to = tag;
        } else if let Some(tag) = long_tag(bytes, field_start as usize, equals as usize) {
            *to = tag;
        } else {
            odd = 1;
        }
        field_start = u32::from(end) + 1;
    }
    odd == 0
}

/// The four bytes in front of a place, the last in the highest byte; SOH in front of the message.
#[inline(always)]
pub(super) fn four_before(bytes: &[u8], place: usize) -> u32 {
    // Where there are fewer than four, the range's start lies behind its end.
    match bytes
        .get(place.wrapping_sub(4)..place)
        .and_then(|four| four.first_chunk())
    {
        Some(four) => u32::from_le_bytes(*four),
        None => few_before(bytes, place),
    }
}

#[cold]
fn few_before(bytes: &[u8], place: usize) -> u32 {
    bytes.iter().take(place).fold(0x0101_0101, |four, &byte| {
        (four >> 8) | (u32::from(byte) << 24)
    })
}

/// Whether a tag may be the length of a data field: a bit for each tag up to 1,023, which larger
/// ones share. A lookup, because tags follow no pattern by which the branches of a `match` could be
/// guessed.
#[inline(always)]
fn may_be_length_tag(tag: u32) -> u32 {
    let row = LENGTH_ROWS.as_flattened().get(tag as usize / 32 % 32);
    row.unwrap_or(&0) >> (tag % 32) & 1
}

/// Whether one of the first tags is in truth the length of a data field.
#[cold]
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "for fronts of x86-64")
)]
pub(super) fn has_length_tag(slots: &SlotsMut<'_>, count: usize) -> bool {
    let mut tags = slots.tags.iter().take(count);
    tags.any(|&tag| tag::data_of_length(tag).is_some())
}

/// First tag without a bit of its own; every length tag lies below.
const LENGTH_TAGS_END: u32 = 1024;

/// A bit for each tag below [`LENGTH_TAGS_END`] that is the length of a data field.
pub(super) static LENGTH_ROWS: [[u32; 16]; 2] = length_rows();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler alone, which checks it"
)]
const fn length_rows() -> [[u32; 16]; 2] {
    let mut rows = [[0; 16]; 2];
    let mut tag = 0;
    while tag < LENGTH_TAGS_END {
        if tag::data_of_length(tag).is_some() {
            rows[tag as usize / 512][tag as usize / 32 % 16] |= 1 << (tag % 32);
        }
        tag += 1;
    }
    rows
}
