//! A trading day's chain on storage: where its segments lie, and which of them a start finds. What
//! it makes of them is in [`crate::past`].
//!
//! Segments are written on memory-backed storage and copied behind to disk. At a start the copy in
//! memory is the better one, as it survives the process; the disk's survives the machine, and is
//! better where both are there after a loss of power. Nothing is ever written into a segment of an
//! earlier start. What a loss of power leaves is judged in `power_loss.rs`.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gwanmun_captures::journal::{SEGMENT_HEAD_BYTES, SegmentReader};
use gwanmun_runtime::segment::MappedSegment;

use crate::journal_writer::ChainSegment;
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

    /// Where the memory of a segment that is whole on disk waits for its next use.
    pub(crate) fn spare(&self, index: u32) -> PathBuf {
        self.memory.join(format!("{SPARE}{index:06}"))
    }

    /// Where the first segment of this start is made, before its number is known.
    pub(crate) fn first_in_the_making(&self) -> PathBuf {
        self.memory.join("first-in-the-making")
    }

    /// Removes what an earlier start, or this one, has set aside.
    pub(crate) fn remove_spares(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.memory)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(SPARE)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The day's capture.
    pub(crate) fn capture(&self) -> PathBuf {
        self.disk.join("capture.pcapng")
    }

    /// The chain's segments from index `from` on up to the last that holds a record, from the
    /// better of their two places, copied to disk where that is behind.
    pub(crate) fn past_segments(&self, from: u32) -> Result<Vec<ChainSegment>, StartError> {
        let failed = |error: io::Error| StartError::io("clear", &self.memory, &error);
        self.remove_spares().map_err(failed)?;
        let mut end = self.segments_end()?;
        if !(from..end).any(|index| self.in_memory(index).exists()) {
            refuse_if_lost(self, end)?;
        }
        // Which copy of the last one is better was read out of both, whole.
        let mut last_is_in_memory = None;
        while end > from {
            last_is_in_memory = self.unless_empty(end - 1)?;
            if last_is_in_memory.is_some() {
                break;
            }
            end -= 1;
        }
        let mut is_behind_durable = match from.checked_sub(1) {
            Some(before) => is_durable(&self.on_disk(before)),
            None => false,
        };
        let mut segments = Vec::new();
        for index in from..end {
            let is_in_memory = match last_is_in_memory {
                Some(known) if index + 1 == end => known,
                _ => memory_is_better(&self.in_memory(index), &self.on_disk(index))?,
            };
            let segment = self.take_segment(index, is_in_memory, is_behind_durable)?;
            is_behind_durable |= is_durable(&self.on_disk(index));
            segments.push(segment);
        }
        Ok(segments)
    }

    /// Whether the last segment's better copy is the one in memory. `None` where it held no record
    /// and was taken out of the chain: made ready and never written, torn in its very first record,
    /// or never synced before a loss of power. It counts for nothing.
    fn unless_empty(&self, last: u32) -> Result<Option<bool>, StartError> {
        let (memory, disk) = (self.in_memory(last), self.on_disk(last));
        let is_in_memory = memory_is_better(&memory, &disk)?;
        if has_records(if is_in_memory { &memory } else { &disk })? {
            return Ok(Some(is_in_memory));
        }
        let is_cut = |index: u32| is_durable(&self.on_disk(index));
        let is_behind_cut = last.checked_sub(1).is_some_and(is_cut);
        let is_on_disk = !is_in_memory || self.is_disk_only();
        if is_on_disk && (is_behind_cut || is_cut(last)) && !is_empty(&disk)? {
            // The chain's reader judges it, and tells what it leaves out.
            return Ok(Some(is_in_memory));
        }
        if is_on_disk {
            set_aside(&disk)?;
        } else {
            remove_if_there(&memory)?;
            remove_if_there(&disk)?;
        }
        Ok(None)
    }

    /// A segment of the chain. Only a durable one, and what is behind one, may lack its records:
    /// the chain's reader judges it.
    fn take_segment(
        &self,
        index: u32,
        is_in_memory: bool,
        is_behind_durable: bool,
    ) -> Result<ChainSegment, StartError> {
        let (memory, disk) = (self.in_memory(index), self.on_disk(index));
        let path = if is_in_memory { &memory } else { &disk };
        if !path.exists() || !(is_behind_durable || is_durable(path) || has_records(path)?) {
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

    /// A segment that is whole on disk, for the order core to read.
    pub(crate) fn open_on_disk(&self, index: u32) -> Result<ChainSegment, StartError> {
        let path = self.on_disk(index);
        let mapped = MappedSegment::open_present(&path);
        let mapped = mapped.map_err(|errno| StartError::os("open", &path, errno))?;
        Ok(ChainSegment { index, mapped })
    }

    /// The index behind the last segment that lies in either place.
    fn segments_end(&self) -> Result<u32, StartError> {
        let mut end = 0;
        for folder in [&self.disk, &self.memory] {
            let failed = |error: io::Error| StartError::io("look through", folder, &error);
            for entry in fs::read_dir(folder).map_err(failed)? {
                let name = entry.map_err(failed)?.file_name();
                end = end.max(segment_index(&name).map_or(0, |index| index + 1));
            }
        }
        Ok(end)
    }
}

/// What the names of files begin with that are no part of the chain. They have no journal's
/// extension: whoever collects segments by that must not find them.
const SPARE: &str = "spare-";

fn segment_name(index: u32) -> String {
    format!("segment-{index:06}.gwj")
}

fn segment_index(name: &OsStr) -> Option<u32> {
    let number = name.to_str()?.strip_prefix("segment-")?;
    number.strip_suffix(".gwj")?.parse().ok()
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

/// Whether a segment is there and begins with a head and at least one whole record.
fn has_records(path: &Path) -> Result<bool, StartError> {
    let failed = |error: io::Error| StartError::io("read", path, &error);
    let mut file = match fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened.map_err(failed)?,
    };
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
    let not_zero = last_not_zero(bytes);
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

/// Where the last byte is that is not zero. By blocks: most of a segment may be room.
fn last_not_zero(bytes: &[u8]) -> Option<usize> {
    const BLOCK_BYTES: usize = 4096;
    let is_zero = |block: &[u8]| block.iter().fold(0, |seen, &byte| seen | byte) == 0;
    let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
    let within = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte != 0);
    if let Some(last) = within(rest) {
        return Some(blocks.len() * BLOCK_BYTES + last);
    }
    let index = blocks.iter().rposition(|block| !is_zero(block))?;
    within(blocks.get(index)?).map(|last| index * BLOCK_BYTES + last)
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
