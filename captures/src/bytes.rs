//! Little-endian numbers in and out of byte slices, without a panic on a short slice.
//!
//! In it: the few accessors all formats of this crate share. Not in it: any format; those begin in
//! `journal.rs`.

/// The `N` bytes at `offset`, if the slice holds them.
pub(crate) fn array<const N: usize>(from: &[u8], offset: usize) -> Option<[u8; N]> {
    from.get(offset..)?.first_chunk::<N>().copied()
}

/// The little-endian u16 at `offset`.
pub(crate) fn u16_at(from: &[u8], offset: usize) -> Option<u16> {
    array(from, offset).map(u16::from_le_bytes)
}

/// The little-endian u32 at `offset`.
pub(crate) fn u32_at(from: &[u8], offset: usize) -> Option<u32> {
    array(from, offset).map(u32::from_le_bytes)
}

/// The little-endian u64 at `offset`.
pub(crate) fn u64_at(from: &[u8], offset: usize) -> Option<u64> {
    array(from, offset).map(u64::from_le_bytes)
}

/// Copies `bytes` to `offset`; false and nothing written if they do not fit.
pub(crate) fn put(into: &mut [u8], offset: usize, bytes: &[u8]) -> bool {
    let end = offset.saturating_add(bytes.len());
    match into.get_mut(offset..end) {
        Some(room) => {
            room.copy_from_slice(bytes);
            true
        }
        None => false,
    }
}

/// `length` rounded up to the next multiple of eight; saturates instead of wrapping.
pub(crate) const fn padded(length: usize) -> usize {
    length.saturating_add(7) & !7
}

/// True if all bytes are zero. By blocks: it runs over the free space of whole segments.
pub(crate) fn all_zero(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<256>();
    // Without a way out in between, so that a block is a few vector instructions.
    let is_zero = |block: &[u8]| block.iter().fold(0, |seen, byte| seen | byte) == 0;
    blocks.iter().all(|block| is_zero(block)) && is_zero(rest)
}
