//! The writer's stores: one value, SOH included, at a place in bytes that are lent.
//!
//! None of this knows the writer. What is called rather than inlined is given the bytes alone, so
//! that the writer itself stays in registers. Not here: what the values look like, which is
//! `pieces`'.

use gwanmun_market::Price;

use super::pieces::Piece;
use crate::time::{DateCache, Precision};
use crate::{SOH, digits};

/// Copies bytes to a place; gives their length, `None` where they do not fit.
#[inline(never)]
pub(super) fn put_any(into: &mut [u8], at: usize, bytes: &[u8]) -> Option<usize> {
    let end = at.checked_add(bytes.len())?;
    into.get_mut(at..end)?.copy_from_slice(bytes);
    Some(bytes.len())
}

/// As [`put_any`] for the value of a text field: `?` for control bytes, and SOH behind it.
#[inline(never)]
pub(super) fn put_long_text(into: &mut [u8], at: usize, value: &[u8]) -> Option<usize> {
    let end = at.checked_add(value.len())?;
    let room = into.get_mut(at..=end)?;
    let (text, soh) = room.split_at_mut_checked(value.len())?;
    soh.fill(SOH);
    let (words, rest) = value.as_chunks::<8>();
    let (room, room_behind) = text.as_chunks_mut::<8>();
    for (to, from) in room.iter_mut().zip(words) {
        let word = u64::from_le_bytes(*from);
        let is_clean = digits::control_bytes(word) == 0;
        let word = if is_clean { word } else { masked(word) };
        *to = word.to_le_bytes();
    }
    for (to, &from) in room_behind.iter_mut().zip(rest) {
        *to = if from.is_ascii_control() { b'?' } else { from };
    }
    Some(value.len() + 1)
}

/// A number of any length as text, made the plain way: the fast ones are below ten million.
pub(super) struct Digits {
    text: [u8; Digits::BYTES],
    length: usize,
}

impl Digits {
    /// A minus, twenty digits and a point.
    const BYTES: usize = 22;

    #[cold]
    pub(super) fn new(is_negative: bool, mut value: u64) -> Digits {
        let mut text = [0; Digits::BYTES];
        let mut places = text.iter_mut().rev();
        let mut length = 0;
        loop {
            let digit = u8::try_from(value % 10).unwrap_or(0);
            value /= 10;
            length += 1;
            if let Some(place) = places.next() {
                *place = b'0' + digit;
            }
            if value == 0 {
                break;
            }
        }
        if is_negative && let Some(place) = places.next() {
            *place = b'-';
            length += 1;
        }
        Digits { text, length }
    }

    #[cold]
    pub(super) fn of_price(price: Price) -> Digits {
        let mut text = [0; Digits::BYTES];
        let mut written = [0; gwanmun_market::number::DECIMAL_BYTES_MAX];
        let length = price.write(&mut written);
        let places = text.iter_mut().rev();
        for (place, digit) in places.zip(written.into_iter().take(length).rev()) {
            *place = digit;
        }
        Digits { text, length }
    }

    pub(super) fn text(&self) -> &[u8] {
        let start = Digits::BYTES.saturating_sub(self.length);
        self.text.get(start..).unwrap_or(&[])
    }
}

/// Bytes that a field of a known tag may store: a tag of six, a timestamp of 27, SOH, and a word
/// too much.
pub(super) const ROOM_BYTES: usize = 48;

pub(super) type Room = [u8; ROOM_BYTES];

/// Stores a word at a place that is known to be inside.
#[inline(always)]
pub(super) fn store(room: &mut Room, at: usize, word: u64) {
    if let Some(room) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *room = word.to_le_bytes();
    }
}

// What follows stores one value and SOH at a place of a field's room, and gives the length; none
// where the value is not of the short kind.

#[inline(always)]
pub(super) fn put_piece(room: &mut Room, at: usize, piece: Option<Piece>) -> usize {
    let Some(piece) = piece else {
        return 0;
    };
    let piece = piece.ended();
    store(room, at, piece.low);
    store(room, at + 8, piece.high);
    piece.length
}

/// As [`put_piece`] for at most seven characters, which with SOH are one word.
#[inline(always)]
pub(super) fn put_short(room: &mut Room, at: usize, piece: Option<Piece>) -> usize {
    let Some(piece) = piece else {
        return 0;
    };
    store(
        room,
        at,
        piece.low | u64::from(SOH) << ((8 * piece.length) & 63),
    );
    piece.length + 1
}

#[inline(always)]
pub(super) fn put_uint(room: &mut Room, at: usize, value: u64) -> usize {
    put_short(room, at, Piece::uint(value))
}

pub(super) fn put_price(room: &mut Room, at: usize, value: Price) -> usize {
    put_piece(room, at, Piece::price(value))
}

pub(super) fn put_text(room: &mut Room, at: usize, value: &[u8]) -> usize {
    put_piece(room, at, Piece::text(value))
}

pub(super) fn put_timestamp(
    room: &mut Room,
    at: usize,
    dates: DateCache,
    ns: u64,
    precision: Precision,
) -> usize {
    let [first, second, middle, last] = dates.words(ns).ended(precision);
    store(room, at, first);
    store(room, at + 8, second);
    store(room, at + 16, middle);
    store(room, at + 24, last);
    precision.text_bytes() + 1
}

/// `10=nnn` and SOH.
pub(super) const TRAILER_BYTES: usize = 7;

/// CheckSum(10) as a word of seven bytes.
#[inline(always)]
pub(super) fn trailer(sum: u32) -> u64 {
    let head = u64::from_le_bytes(*b"10=\0\0\0\x01\0");
    head | digits::three(sum & 0xFF) << 24
}

/// Eight bytes with `?` for each control byte.
#[cold]
pub(super) fn masked(word: u64) -> u64 {
    let mask = |byte: u8| if byte.is_ascii_control() { b'?' } else { byte };
    u64::from_le_bytes(word.to_le_bytes().map(mask))
}

/// A tag of up to five digits, and `=`: characters, and how many.
#[inline(always)]
pub(super) const fn tag_word(tag: u32) -> Option<(u64, usize)> {
    let length = match tag {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        1_000..10_000 => 4,
        10_000..100_000 => 5,
        _ => return None,
    };
    let five = (tag / 10_000) as u64
        | ((tag / 1_000 % 10) as u64) << 8
        | ((tag / 100 % 10) as u64) << 16
        | ((tag / 10 % 10) as u64) << 24
        | ((tag % 10) as u64) << 32;
    let text = ((five | digits::ZEROS) & 0xFF_FFFF_FFFF) | (b'=' as u64) << 40;
    Some((text >> (8 * (5 - length)), length + 1))
}
