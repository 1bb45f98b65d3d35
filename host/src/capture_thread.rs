//! The capture thread: everything that may block, kept off the order core.
//!
//! It follows the journal up to the published position, copies it to disk, makes it durable where
//! that is the mode, renders it as pcapng where that is wanted, makes the next segments ready
//! before they are needed and drops old ones. A disk that fails or is full is told to the order
//! core by atomics; the order core never waits for an answer.

mod follower;
mod pace;
mod spares;
mod supply;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use gwanmun_captures::journal::{SEGMENT_HEAD_BYTES, SegmentReader};
use gwanmun_captures::pcapng::FileInfo;
use gwanmun_captures::render::Renderer;
use gwanmun_runtime::disk::{FileRing, Synced};
use gwanmun_runtime::segment::room_at;

use crate::config::JournalMode;
use crate::day::{Day, private_file};
use crate::journal_writer::{ChainSegment, ChainTerms};
use crate::lending::Lent;
use crate::stranger_store::{StrangerLines, StrangerStore};

use follower::Follower;
use pace::Pace;
pub(crate) use pace::{Bell, MUCH_BYTES};
pub(crate) use spares::Spares;

/// Rendered bytes that wait before they are written.
const RENDERED_BYTES_MAX: usize = 1 << 18;
/// What the two threads tell each other.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// Chain position up to which records are written.
    pub(crate) published: Arc<AtomicU64>,
    /// Chain position up to which records survive the loss of power.
    pub(crate) persisted: AtomicU64,
    /// Segments from the day's first that are whole on disk.
    pub(crate) whole_segments: AtomicU64,
    /// 0: enough storage; 1: low.
    pub(crate) storage_level: AtomicU64,
    /// Writing or syncing has failed for good.
    pub(crate) has_failed: AtomicBool,
    /// The order core is done: finish and end.
    pub(crate) is_last: AtomicBool,
    /// Heard by the capture thread.
    pub(crate) bell: Bell,
}

/// What the thread did, told at its end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CaptureSummary {
    pub(crate) packets: u64,
    pub(crate) strangers: StrangerLines,
    /// A capture was asked for, and rendered as far as `is_complete` says.
    pub(crate) is_rendered: bool,
    pub(crate) is_complete: bool,
}

/// Everything the thread owns.
pub(crate) struct CaptureThread {
    pub(crate) day: Day,
    pub(crate) terms: ChainTerms,
    pub(crate) mode: JournalMode,
    /// Whether the journal is rendered as pcapng; it is followed and kept either way.
    pub(crate) renders: bool,
    pub(crate) free_percent_min: u64,
    /// Free space below which only cancels, reports and what reduces risk go on.
    pub(crate) reserve_bytes: u64,
    pub(crate) shared: Arc<Shared>,
    pub(crate) ready: SyncSender<ChainSegment>,
    pub(crate) retired: Receiver<ChainSegment>,
    /// Old segments that the order core wants to read.
    pub(crate) wanted: Receiver<u32>,
    /// One answer for each.
    pub(crate) lent: SyncSender<Lent>,
    /// Rung when a segment is whole on disk.
    pub(crate) bell: SyncSender<()>,
    pub(crate) strangers: StrangerStore,
    pub(crate) disk: FileRing,
    /// First segment of this start; earlier ones are on disk already.
    pub(crate) first_live: u32,
    /// Next segment to make ready.
    pub(crate) next_ready: u32,
    /// The next segment could not be made: there is no space for it.
    pub(crate) is_starved: Arc<AtomicBool>,
    /// Memory of old segments for new ones.
    pub(crate) spares: Spares,
    /// The last segment's shadow, for the next one.
    pub(crate) shadow: Vec<u8>,
}

struct Capture {
    file: File,
    written: u64,
    renderer: Renderer,
    rendered: Vec<u8>,
}

impl CaptureThread {
    /// Runs until the order core is done and everything is drained, or storage fails.
    pub(crate) fn run(mut self) -> CaptureSummary {
        let mut summary = CaptureSummary {
            is_rendered: self.renders,
            ..CaptureSummary::default()
        };
        match self.follow(&mut summary) {
            Ok(()) => summary.is_complete = true,
            Err(_) => self.shared.has_failed.store(true, Ordering::Release),
        }
        summary.strangers = self.strangers.finish();
        summary
    }

    fn follow(&mut self, summary: &mut CaptureSummary) -> io::Result<()> {
        let mut capture = self.open_capture()?;
        let mut follower = self.open(self.first_live)?;
        // The day before this start is rendered first, beside the copying: in durable mode outputs
        // wait for the copy, and must not wait for a day to be rendered. Segments that the copying
        // leaves behind meanwhile are rendered like those of the day before.
        let mut earlier = (self.first_live > 0)
            .then(|| self.open_whole(0))
            .transpose()?;
        let mut pending = None;
        let mut turns = 0_u32;
        let pace = Pace::new(self.mode, self.terms.segment_bytes);
        self.shared.bell.is_mine();
        loop {
            let is_last = self.shared.is_last.load(Ordering::Acquire);
            let published = self.shared.published.load(Ordering::Acquire);
            let mut moved =
                self.drain(&mut follower, &mut capture, published, earlier.is_none())?;
            if let Some(behind) = earlier.take() {
                moved = true;
                earlier = self.read_earlier(behind, capture.as_mut(), follower.index)?;
                if earlier.is_none() && follower.copied == follower.whole {
                    read_on(&mut follower, capture.as_mut(), usize::MAX)?;
                }
            }
            while let Ok(segment) = self.retired.try_recv() {
                self.spares.take_back(&self.day, segment);
            }
            self.lend();
            // Rests are long: what a flood of strangers leaves would not find room meanwhile.
            let has_notes = self.strangers.turn();
            self.make_ready(&mut pending);
            if pace.is_space_due(turns) {
                self.look_at_space();
            }
            turns = turns.wrapping_add(1);
            if has_notes
                || moved && (is_last || earlier.is_some() || !pace.leaves(self.left(&follower)))
            {
                continue;
            }
            if let Some(capture) = &mut capture {
                capture.flush()?;
            }
            if is_last {
                if let Some(capture) = &mut capture {
                    summary.packets = capture.finish()?;
                }
                return self.close_last(&follower);
            }
            pace.rest();
        }
    }

    /// Bytes on record that are not copied yet.
    fn left(&self, follower: &Follower) -> u64 {
        let copied = u64::from(follower.index) * self.terms.segment_bytes + follower.copied as u64;
        let published = self.shared.published.load(Ordering::Acquire);
        published.saturating_sub(copied)
    }

    /// The file that is rendered into; none when no capture is wanted. What an earlier start of the
    /// day has rendered goes either way: it would end where that start did.
    fn open_capture(&self) -> io::Result<Option<Capture>> {
        if !self.renders {
            return match std::fs::remove_file(self.day.capture()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(None),
            };
        }
        let file = private_file(&self.day.capture())?;
        file.set_len(0)?;
        let application = concat!("gwanmun ", env!("CARGO_PKG_VERSION"));
        let info = FileInfo {
            comment: "rendered from the journal; addresses and bytes are those of the sockets",
            application,
            ..FileInfo::default()
        };
        let mut rendered = Vec::with_capacity(RENDERED_BYTES_MAX * 2);
        let renderer = Renderer::start(&info, &mut rendered);
        Ok(Some(Capture {
            file,
            written: 0,
            renderer,
            rendered,
        }))
    }

    /// Follows the journal up to `published`, and renders it or leaves that to later. Tells whether
    /// anything was done.
    fn drain(
        &mut self,
        follower: &mut Follower,
        capture: &mut Option<Capture>,
        published: u64,
        is_rendering: bool,
    ) -> io::Result<bool> {
        let published_index = u32::try_from(published / self.terms.segment_bytes).unwrap_or(0);
        let is_behind = follower.index < published_index;
        let end = if is_behind {
            follower.shadow.len()
        } else {
            let offset = published % self.terms.segment_bytes;
            usize::try_from(offset)
                .unwrap_or(0)
                .min(follower.shadow.len())
        };
        if follower.copied >= end && !is_behind {
            return Ok(false);
        }
        // A border between records, and one that does not move away while it is being reached.
        if follower.copied >= follower.goal {
            follower.goal = end;
        }
        let end = follower.goal;
        let is_to_the_end = end == follower.shadow.len();
        let before = follower.copied;
        let is_read = follower.read_until(end)?;
        if let (Some(target), Some(fresh)) = (
            &follower.target,
            follower.shadow.get(before..follower.copied),
        ) {
            self.disk
                .write_at(target, fresh, before as u64)
                .map_err(disk_error)?;
        }
        if is_read && !is_to_the_end {
            follower.whole = follower.copied;
        }
        // Outputs may wait for this, and rendering takes its time.
        self.persist(follower)?;
        let is_full = is_behind && is_read && is_to_the_end;
        // Only up to a border: the front part of a record checks as none, and to tell it from a
        // damaged one means to search all that a peer has put into it. A full segment is read to
        // see where it ends even if it is rendered later.
        if is_read && is_rendering {
            read_on(follower, capture.as_mut(), usize::MAX)?;
        } else if is_full {
            read_on(follower, None, usize::MAX)?;
        }
        if is_full {
            self.persist(follower)?;
            self.finish_segment(follower)?;
            self.shadow = core::mem::take(&mut follower.shadow);
            *follower = self.open(follower.index + 1)?;
        }
        Ok(true)
    }

    fn persist(&mut self, follower: &Follower) -> io::Result<()> {
        if self.mode == JournalMode::Durable {
            let file = follower.target.as_ref().unwrap_or(&follower.source);
            if self.disk.sync(file).map_err(disk_error)? == Synced::Held {
                return Ok(());
            }
        }
        // Whole records only: a piece may have ended within one.
        let whole = follower.whole as u64;
        let base = u64::from(follower.index) * self.terms.segment_bytes;
        self.shared.persisted.store(base + whole, Ordering::Release);
        Ok(())
    }

    /// A segment is read to its end: its disk copy keeps what is used, its place in memory is given
    /// back.
    fn finish_segment(&mut self, follower: &Follower) -> io::Result<()> {
        if let (Some(target), Some(cursor)) = (&follower.target, follower.cursor) {
            target.set_len(cursor.position as u64)?;
            self.disk.sync(target).map_err(disk_error)?;
            self.spares.set_aside(&self.day, follower.index)?;
        }
        let whole = u64::from(follower.index) + 1;
        self.shared.whole_segments.store(whole, Ordering::Release);
        // Full: it rings already.
        let _ = self.bell.try_send(());
        Ok(())
    }

    fn close_last(&mut self, follower: &Follower) -> io::Result<()> {
        self.finish_segment(follower)?;
        self.day.remove_spares()?;
        // Segments made ready and never written.
        for index in follower.index + 1..self.next_ready {
            let paths = [self.day.in_memory(index), self.day.on_disk(index)];
            for path in paths {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn look_at_space(&self) {
        let is_low = |path| {
            room_at(path).is_ok_and(|room| {
                room.free_percent() < self.free_percent_min || room.free_bytes < self.reserve_bytes
            })
        };
        let low = self.is_starved.load(Ordering::Acquire)
            || is_low(&self.day.disk)
            || is_low(&self.day.memory);
        self.shared
            .storage_level
            .store(u64::from(low), Ordering::Release);
    }
}

/// Reads the whole records that are in the shadow and were not read yet, about `bytes_max` of them,
/// and renders them where there is a capture. Tells whether these were all.
fn read_on(
    follower: &mut Follower,
    mut capture: Option<&mut Capture>,
    bytes_max: usize,
) -> io::Result<bool> {
    let segment = follower.shadow.get(..follower.copied).unwrap_or(&[]);
    if segment.len() < SEGMENT_HEAD_BYTES {
        return Ok(true);
    }
    let damaged = |_| io::Error::from(io::ErrorKind::InvalidData);
    let mut reader = match follower.cursor {
        Some(cursor) => SegmentReader::resume_at(segment, cursor),
        None => SegmentReader::new(segment),
    }
    .map_err(damaged)?;
    let from = reader.cursor().position;
    let mut is_done = true;
    while let Some(record) = reader.next() {
        let record = record.map_err(damaged)?;
        if let Some(capture) = &mut capture {
            // A record that cannot be shown is still in the journal; verification names it.
            let _ = capture.renderer.on_record(&record, &mut capture.rendered);
            if capture.rendered.len() > RENDERED_BYTES_MAX {
                capture.flush()?;
            }
        }
        if reader.cursor().position - from > bytes_max {
            is_done = false;
            break;
        }
    }
    follower.cursor = Some(reader.cursor());
    follower.whole = follower.whole.max(reader.cursor().position);
    Ok(is_done)
}

impl Capture {
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all_at(&self.rendered, self.written)?;
        self.written += self.rendered.len() as u64;
        self.rendered.clear();
        Ok(())
    }

    /// Ends the capture and returns how many packets are in it.
    fn finish(&mut self) -> io::Result<u64> {
        self.renderer.finish(&mut self.rendered);
        self.flush()?;
        self.file.set_len(self.written)?;
        self.file.sync_all()?;
        Ok(self.renderer.packets())
    }
}

fn disk_error(error: gwanmun_runtime::disk::DiskError) -> io::Error {
    io::Error::from_raw_os_error(error.errno.0)
}
