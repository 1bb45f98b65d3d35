//! Memory of old segments, given to new ones.
//!
//! A segment that is whole on disk leaves its memory behind. Giving that back to the kernel and
//! taking as much again was most of what this thread did: the kernel clears each page before it
//! hands it out, and a virtual machine asks its host for it first. So the file is set aside under
//! another name until the order core has given the mapping back, is then cleared once, and becomes
//! the next segment. Nobody takes a file set aside for part of the chain; a start removes it.

use std::collections::VecDeque;
use std::io;

use gwanmun_runtime::segment::MappedSegment;

use crate::day::Day;
use crate::journal_writer::ChainSegment;

/// Segments that wait to be used again. They come one by one as new ones are needed, so more than
/// one waits only while the order core has enough.
const SPARES_MAX: usize = 2;

/// What is set aside.
#[derive(Default)]
pub(crate) struct Spares {
    /// Mapped, and nobody else's.
    ready: VecDeque<ChainSegment>,
    /// Index behind the last segment of this start that the order core has given back.
    given_back: u32,
}

impl Spares {
    /// A live segment is whole on disk: its file in memory is set aside, or removed where nobody
    /// will give its mapping back any more.
    pub(super) fn set_aside(&self, day: &Day, index: u32) -> io::Result<()> {
        let path = day.in_memory(index);
        if index < self.given_back {
            return std::fs::remove_file(path);
        }
        std::fs::rename(path, day.spare(index))
    }

    /// The order core has given a mapping back: of a segment of this start, or of one that was lent
    /// to it from the disk.
    pub(super) fn take_back(&mut self, day: &Day, segment: ChainSegment) {
        if day.is_disk_only() || segment.mapped.path() != day.in_memory(segment.index) {
            return;
        }
        self.given_back = self.given_back.max(segment.index + 1);
        let aside = day.spare(segment.index);
        if self.ready.len() < SPARES_MAX && aside.exists() {
            self.ready.push_back(segment);
        } else {
            // Not there where the copying is that far behind: then it is removed with its copy.
            let _ = std::fs::remove_file(aside);
        }
    }

    /// The memory of an old segment as a new one, all zeros; `None` where there is none.
    pub(super) fn reuse(&mut self, day: &Day, index: u32) -> Option<io::Result<MappedSegment>> {
        let mut old = self.ready.pop_front()?;
        old.mapped.as_mut_slice().fill(0);
        let (from, to) = (day.spare(old.index), day.in_memory(index));
        let renamed = old.mapped.rename(&from, &to);
        Some(renamed.map(|()| old.mapped))
    }
}
