//! Buffers that are lent to the kernel, which fills whichever it needs.
//!
//! In here: one group of buffers with the ring of entries by which they are lent, and given back
//! once their bytes were taken. Not in here: whose bytes they are (`receiving`).
//!
//! A buffer is the kernel's while its entry stands between the kernel's head and our tail, and ours
//! from the completion that names it until it is given back. How many are ours is counted, so that
//! nobody is watched at a moment when the kernel would only answer that it has none.

use std::sync::atomic::{AtomicU16, Ordering};

use memmap2::MmapMut;

use crate::errno::Errno;
use crate::ring::Ring;

/// A buffer's entry: address, length, number, and two bytes that are the ring's tail in the first.
const ENTRY_BYTES: usize = 16;
/// Where the tail stands.
const TAIL_AT: usize = 14;
/// Buffers of one group, at most. Two groups have numbers of 16 bits together.
pub(super) const BUFFERS_MAX: usize = 1 << 14;
/// From so many quarters in our own hands on, nobody new is watched.
const QUARTERS_MAX: usize = 3;

/// One group.
#[derive(Debug)]
pub(super) struct Lent {
    group: u16,
    /// Number of its first buffer.
    first: u16,
    /// Buffers, a power of two.
    count: u16,
    bytes_each: usize,
    entries: MmapMut,
    /// Kept mapped; read only through `base`.
    _bytes: MmapMut,
    /// Address of the first buffer.
    base: usize,
    tail: u16,
    /// Buffers in our own hands.
    held: usize,
}

/// Anonymous pages, all of them present: an untouched one would fault on the hot path.
fn pages(length: usize) -> Result<MmapMut, Errno> {
    let mut pages = MmapMut::map_anon(length).map_err(|error| Errno::of(&error))?;
    pages.fill(std::hint::black_box(0));
    Ok(pages)
}

impl Lent {
    /// A group of at least `count` buffers, lent on `ring`.
    pub(super) fn new(
        ring: &Ring,
        (group, first): (u16, u16),
        (count, bytes_each): (usize, usize),
    ) -> Result<Self, Errno> {
        let count = count.clamp(1, BUFFERS_MAX).next_power_of_two();
        let bytes_each = bytes_each.max(1);
        let mut bytes = pages(count * bytes_each)?;
        let base = bytes.as_mut_ptr().expose_provenance();
        let mut lent = Self {
            group,
            first,
            count: u16::try_from(count).unwrap_or(1),
            bytes_each,
            entries: pages(count * ENTRY_BYTES)?,
            _bytes: bytes,
            base,
            tail: 0,
            held: count,
        };
        let address = lent.entries.as_ptr().expose_provenance() as u64;
        // SAFETY: `entries` has `count` entries and is page-aligned as a mapping of its own; both
        // mappings live in `self`, which `Uring` drops after its ring.
        // JUSTIFICATION: see `Ring::lend`.
        unsafe { ring.lend(address, lent.count, lent.group) }?;
        for number in lent.first..lent.first + lent.count {
            lent.give_back(number);
        }
        Ok(lent)
    }

    pub(super) const fn group(&self) -> u16 {
        self.group
    }

    /// Number of the first buffer behind this group.
    pub(super) const fn end(&self) -> u16 {
        self.first + self.count
    }

    pub(super) const fn has(&self, number: u16) -> bool {
        number >= self.first && number < self.end()
    }

    /// Whether the kernel has enough of them for one more to be watched.
    pub(super) const fn is_plentiful(&self) -> bool {
        self.held * 4 <= self.count as usize * QUARTERS_MAX
    }

    /// Buffers in our own hands.
    #[cfg(test)]
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// A completion named one: it is ours.
    pub(super) const fn note_filled(&mut self) {
        self.held += 1;
    }

    /// What a completion put into a buffer of ours.
    pub(super) fn filled(&self, number: u16, range: std::ops::Range<usize>) -> &[u8] {
        assert!(
            range.start <= range.end && range.end <= self.bytes_each && self.has(number),
            "bytes of a buffer that was never lent"
        );
        let at = usize::from(number - self.first) * self.bytes_each + range.start;
        let start = std::ptr::with_exposed_provenance::<u8>(self.base + at);
        // SAFETY: the range lies within the mapping (asserted), which is initialised; the kernel
        // does not write to a buffer between its completion and `give_back`, which needs `&mut`.
        // JUSTIFICATION: a reference to the whole mapping would cover bytes that the kernel writes.
        unsafe { std::slice::from_raw_parts(start, range.end - range.start) }
    }

    /// Lends a buffer of ours again.
    pub(super) fn give_back(&mut self, number: u16) {
        let at = usize::from(self.tail & (self.count - 1)) * ENTRY_BYTES;
        let address = self.base + usize::from(number - self.first) * self.bytes_each;
        let length = u32::try_from(self.bytes_each).unwrap_or(u32::MAX);
        let Some(entry) = self.entries.get_mut(at..at + TAIL_AT) else {
            return;
        };
        let (to_address, rest) = entry.split_at_mut(8);
        let (to_length, to_number) = rest.split_at_mut(4);
        to_address.copy_from_slice(&(address as u64).to_ne_bytes());
        to_length.copy_from_slice(&length.to_ne_bytes());
        to_number.copy_from_slice(&number.to_ne_bytes());
        self.tail = self.tail.wrapping_add(1);
        self.held -= 1;
        let tail = self.entries.as_mut_ptr().wrapping_add(TAIL_AT).cast();
        // SAFETY: the first entry's last two bytes, aligned to two, are the tail; nothing else
        // accesses them while this reference lives but the kernel, atomically.
        // JUSTIFICATION: the kernel must see the entry before the tail, which only an atomic store
        // gives, and the mapping is bytes.
        let tail = unsafe { AtomicU16::from_ptr(tail) };
        tail.store(self.tail, Ordering::Release);
    }
}
