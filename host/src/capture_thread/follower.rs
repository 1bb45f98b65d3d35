//! One segment as the capture thread follows it, and the segments that are whole on disk, which are
//! only rendered: those of earlier starts, and those that fill meanwhile.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use gwanmun_captures::journal::Cursor;

use super::{Capture, CaptureThread, read_on};
use crate::day::private_file;

/// Bytes read and copied in one go.
const CHUNK_BYTES: usize = 1 << 20;
/// Pieces that do not end with a record end at a multiple of this; no disk has smaller sectors.
const SECTOR_BYTES: usize = 4096;

/// Where the thread is in the chain.
pub(super) struct Follower {
    pub(super) index: u32,
    pub(super) source: File,
    /// Copy of the segment as far as it was read.
    pub(super) shadow: Vec<u8>,
    /// Bytes of the segment that are in the shadow and, for live segments, on disk.
    pub(super) copied: usize,
    /// Where the copying goes now: between two records, or the segment's end.
    pub(super) goal: usize,
    /// Bytes of them that are whole records.
    pub(super) whole: usize,
    pub(super) target: Option<File>,
    pub(super) cursor: Option<Cursor>,
}

impl CaptureThread {
    /// Opens a segment of this start, to be copied.
    pub(super) fn open(&mut self, index: u32) -> io::Result<Follower> {
        let source = File::open(self.day.in_memory(index))?;
        let target = if self.day.is_disk_only() {
            None
        } else {
            Some(private_file(&self.day.on_disk(index))?)
        };
        Follower::new(index, source, target, core::mem::take(&mut self.shadow))
    }

    /// Opens a segment that is whole on disk, to be rendered.
    pub(super) fn open_whole(&self, index: u32) -> io::Result<Follower> {
        let source = File::open(self.day.on_disk(index))?;
        Follower::new(index, source, None, Vec::new())
    }

    /// Reads some of a segment that is whole on disk, and renders it where there is a capture.
    /// Gives where to go on, until none is left before the segment `live`.
    pub(super) fn read_earlier(
        &self,
        mut behind: Follower,
        capture: Option<&mut Capture>,
        live: u32,
    ) -> io::Result<Option<Follower>> {
        if !behind.read_until(behind.shadow.len())? {
            return Ok(Some(behind));
        }
        // In pieces: the copying goes on in between.
        if !read_on(&mut behind, capture, CHUNK_BYTES)? {
            return Ok(Some(behind));
        }
        let next = behind.index + 1;
        (next < live).then(|| self.open_whole(next)).transpose()
    }
}

impl Follower {
    /// `shadow` may hold anything: its bytes are read only once they are copied.
    fn new(
        index: u32,
        source: File,
        target: Option<File>,
        mut shadow: Vec<u8>,
    ) -> io::Result<Follower> {
        let length = usize::try_from(source.metadata()?.len()).unwrap_or(0);
        shadow.resize(length, 0);
        Ok(Follower {
            index,
            source,
            shadow,
            copied: 0,
            goal: 0,
            whole: 0,
            target,
            cursor: None,
        })
    }

    /// Reads the next piece into the shadow, up to `end`. Tells whether that is reached.
    pub(super) fn read_until(&mut self, end: usize) -> io::Result<bool> {
        let mut until = end.min(self.copied.saturating_add(CHUNK_BYTES));
        if until < end {
            // A piece ends between sectors, or between records as `end` does: then a loss of power
            // leaves whole sectors of a record, or none of it in them.
            until -= until % SECTOR_BYTES;
        }
        if let Some(fresh) = self.shadow.get_mut(self.copied..until) {
            self.source.read_exact_at(fresh, self.copied as u64)?;
            self.copied = until;
        }
        Ok(until == end)
    }
}
