//! A trading day's chain on storage: where its segments lie, and how the past is taken from them at
//! a start.
//!
//! Segments are written on memory-backed storage and copied behind to disk. At a start the copy in
//! memory is the better one, as it survives the process; the disk's survives the machine, and is
//! better where both are there after a loss of power. Nothing is ever written into a segment of an
//! earlier start. What a loss of power leaves is judged in `power_loss.rs`.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gwanmun_captures::journal::{ChainReader, SEGMENT_HEAD_BYTES, SegmentReader};
use gwanmun_gateway::{Gateway, PastLines, Stages};
use gwanmun_runtime::segment::MappedSegment;

use crate::journal_writer::{ChainSegment, KEPT_MAX};
use crate::ownership;
use crate::power_loss::{
    is_durable, is_empty, memory_is_better, refuse_if_lost, set_aside, sync_folder,
};
use crate::start_error::StartError;

/// Folders of one trading day.
#[derive(Clone, Debug)]
pub(crate) struct Day {
    /// On disk.
    pub(crate) disk: PathBuf,
    /// On memory-backed storage; the same as `disk` where there is none.
    pub(crate) memory: PathBuf,
    /// Both folders are this process's for as long as these live.
    locks: Arc<Vec<fs::File>>,
}

/// What an earlier start left.
pub(crate) struct Past {
    /// Segments, in order, the latest [`KEPT_MAX`] of them mapped.
    pub(crate) kept: Vec<ChainSegment>,
    /// Index of the next segment.
    pub(crate) next_index: u32,
    /// Number of the next record.
    pub(crate) next_number: u64,
    /// Starts so far today.
    pub(crate) epochs: u32,
    /// Records read.
    pub(crate) records: u64,
    /// Where torn tails were: segment, offset, bytes.
    pub(crate) torn: Vec<(u32, u64, u64)>,
}

impl Day {
    /// Makes the folders, private to the process's user, and takes them for this process.
    pub(crate) fn create(dir: &Path, memory_dir: &Path, number: u32) -> Result<Day, StartError> {
        let name = number.to_string();
        let (disk, memory) = (dir.join(&name), memory_dir.join(&name));
        for folder in [&disk, &memory] {
            make_private(folder).map_err(|error| StartError::io("make", folder, &error))?;
        }
        for folder in [dir, dir.parent().unwrap_or(dir)] {
            // A folder that may not be opened was not made here.
            let _ = sync_folder(folder);
        }
        let locks = Arc::new(ownership::claim(&disk, &memory)?);
        Ok(Day {
            disk,
            memory,
            locks,
        })
    }

    /// Whether one folder serves as both.
    pub(crate) fn is_disk_only(&self) -> bool {
        debug_assert!(!self.locks.is_empty());
        self.disk == self.memory
    }

    /// A segment on disk.
    pub(crate) fn on_disk(&self, index: u32) -> PathBuf {
        self.disk.join(segment_name(index))
    }

    /// A segment on memory-backed storage.
    pub(crate) fn in_memory(&self, index: u32) -> PathBuf {
        self.memory.join(segment_name(index))
    }

    /// The day's capture.
    pub(crate) fn capture(&self) -> PathBuf {
        self.disk.join("capture.pcapng")
    }

    /// Takes every record of the day's past into the gateway and brings its segments to disk.
    pub(crate) fn take_past<S: Stages>(
        &self,
        gateway: &mut Gateway<S>,
    ) -> Result<Past, StartError> {
        let mut segments = self.past_segments()?;
        let mut chain = ChainReader::new(segments.iter().map(|segment| segment.mapped.as_slice()));
        let mut lines = PastLines::default();
        let (mut records, mut next_number, mut epochs) = (0, 1, 0);
        let mut next_index = 0;
        for next in chain.by_ref() {
            let next = next.map_err(StartError::Damaged)?;
            let head = next.record.head;
            records += 1;
            next_number = head.number + 1;
            epochs = head.epoch;
            next_index = next.segment_index + 1;
            gateway
                .restore(&next.record, next.segment_index, &mut lines)
                .map_err(StartError::Recovery)?;
        }
        let torn = chain.torn_tails().to_vec();
        // Behind the end that a loss of power left: nothing of them was ever synced.
        while let Some(behind) = segments.pop_if(|last| last.index >= next_index) {
            set_aside(&self.on_disk(behind.index))?;
        }
        let kept_from = segments.len().saturating_sub(KEPT_MAX);
        Ok(Past {
            kept: segments.split_off(kept_from),
            next_index,
            next_number,
            epochs,
            records,
            torn,
        })
    }

    /// The chain's segments up to the last that holds a record, from the better of their two
    /// places, copied to disk where that is behind.
    fn past_segments(&self) -> Result<Vec<ChainSegment>, StartError> {
        let (mut count, mut is_any_in_memory) = (0, false);
        loop {
            let is_in_memory = self.in_memory(count).exists();
            if !is_in_memory && !self.on_disk(count).exists() {
                break;
            }
            is_any_in_memory |= is_in_memory;
            count += 1;
        }
        if !is_any_in_memory {
            refuse_if_lost(self, count)?;
        }
        // Behind the last record: made ready and never written, torn in its very first record, or
        // never synced before a loss of power. It counts for nothing.
        while let Some(last) = count.checked_sub(1) {
            let (memory, disk) = (self.in_memory(last), self.on_disk(last));
            let is_in_memory = memory_is_better(&memory, &disk)?;
            if has_records(if is_in_memory { &memory } else { &disk })? {
                break;
            }
            let is_cut = |index: u32| is_durable(&self.on_disk(index));
            let is_behind_cut = last.checked_sub(1).is_some_and(is_cut);
            if (!is_in_memory || self.is_disk_only())
                && (is_behind_cut || is_cut(last))
                && !is_empty(&disk)?
            {
                // The chain's reader judges it, and tells what it leaves out.
                break;
            }
            if is_in_memory && !self.is_disk_only() {
                remove_if_there(&memory)?;
                remove_if_there(&disk)?;
            } else {
                set_aside(&disk)?;
            }
            count = last;
        }
        let mut is_behind_durable = false;
        let mut segments = Vec::new();
        for index in 0..count {
            let segment = self.take_segment(index, is_behind_durable)?;
            is_behind_durable |= is_durable(&self.on_disk(index));
            segments.push(segment);
        }
        Ok(segments)
    }

    /// A segment of the chain. Only a durable one, and what is behind one, may lack its records:
    /// the chain's reader judges it.
    fn take_segment(
        &self,
        index: u32,
        is_behind_durable: bool,
    ) -> Result<ChainSegment, StartError> {
        let (memory, disk) = (self.in_memory(index), self.on_disk(index));
        let is_in_memory = memory_is_better(&memory, &disk)?;
        let path = if is_in_memory { &memory } else { &disk };
        if !is_behind_durable && !is_durable(path) && !has_records(path)? {
            return Err(StartError::MissingSegment(index));
        }
        let mapped =
            MappedSegment::open(path).map_err(|errno| StartError::os("open", path, errno))?;
        if is_in_memory && !self.is_disk_only() {
            copy_used(&mapped, &disk)?;
        }
        if !self.is_disk_only() {
            remove_if_there(&memory)?;
        }
        Ok(ChainSegment { index, mapped })
    }
}

fn segment_name(index: u32) -> String {
    format!("segment-{index:06}.gwj")
}

fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

fn remove_if_there(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StartError::io("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// Whether a segment begins with a head and at least one whole record.
fn has_records(path: &Path) -> Result<bool, StartError> {
    let failed = |error: io::Error| StartError::io("read", path, &error);
    let mut file = fs::File::open(path).map_err(failed)?;
    let mut head = [0; SEGMENT_HEAD_BYTES];
    if file.read(&mut head).map_err(failed)? < head.len() || head.iter().all(|&byte| byte == 0) {
        return Ok(false);
    }
    let mapped = MappedSegment::open(path).map_err(|errno| StartError::os("open", path, errno))?;
    let mut reader = SegmentReader::new(mapped.as_slice()).map_err(StartError::Damaged)?;
    match reader.next() {
        Some(record) => record.map(|_| true).map_err(StartError::Damaged),
        None => Ok(false),
    }
}

/// Writes the used part of a segment to disk, durable when this returns.
fn copy_used(mapped: &MappedSegment, disk: &Path) -> Result<(), StartError> {
    let failed = |error: io::Error| StartError::io("write", disk, &error);
    let bytes = mapped.as_slice();
    // Zeros at the end of a record are part of it, so its end is where the reader stands; what lies
    // behind that and is not zero is a torn tail, which stays what it is.
    let not_zero = bytes.iter().rposition(|&byte| byte != 0);
    let mut reader = SegmentReader::new(bytes).map_err(StartError::Damaged)?;
    while let Some(Ok(_)) = reader.next() {}
    let used = not_zero
        .map_or(0, |last| last + 1)
        .max(reader.cursor().position)
        .next_multiple_of(8)
        .min(bytes.len());
    let mut file = private_file(disk).map_err(failed)?;
    file.write_all(bytes.get(..used).unwrap_or(bytes))
        .map_err(failed)?;
    file.set_len(used as u64).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Creates a file that only the process's user may read.
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}
