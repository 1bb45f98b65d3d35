//! What a start makes of a day whose segments on memory-backed storage are gone, as after a loss of
//! power.
//!
//! In a durable mode the journal's reader finds the end (see `gwanmun_captures::journal`), and what
//! lies behind it is set aside here as evidence. In mode `memory` nothing was promised: what was
//! sent may be missing from the disk's copy, in its middle or without a trace at its end, and a
//! gateway that goes on from there would give out numbers again and send orders again. So such a
//! start is refused.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use gwanmun_captures::journal::{Durability, SegmentHead, SegmentReader, Tail};
use gwanmun_runtime::segment::{MappedSegment, take_space};

use crate::day::{Day, private_file};
use crate::start_error::StartError;

/// Bytes of a segment that are looked at to find its head.
const HEAD_BYTES: usize = gwanmun_captures::journal::SEGMENT_HEAD_BYTES;

/// Refuses a day whose last segment was only in memory, by a writer that promised nothing about the
/// loss of power. `count` segments are there, on disk alone.
///
/// A segment that was finished, or brought to disk by a start, is cut to what is used; only one
/// that its process never came to finish has its whole size, or goes on in one that is not there.
pub(crate) fn refuse_if_lost(day: &Day, count: u32) -> Result<(), StartError> {
    for index in (0..count).rev() {
        let path = day.on_disk(index);
        let length = fs::metadata(&path).map_or(0, |found| found.len());
        if length < HEAD_BYTES as u64 {
            continue;
        }
        let mapped =
            MappedSegment::open(&path).map_err(|errno| StartError::os("open", &path, errno))?;
        let Ok(head) = SegmentHead::parse(mapped.as_slice()) else {
            continue;
        };
        let is_unfinished =
            length >= head.capacity_bytes || ends(mapped.as_slice()) == Some(Tail::Sealed);
        if head.durability == Durability::Process && is_unfinished {
            return Err(StartError::PowerLost(index));
        }
        return Ok(());
    }
    Ok(())
}

fn ends(segment: &[u8]) -> Option<Tail> {
    let mut reader = SegmentReader::new(segment).ok()?;
    reader.by_ref().find(Result::is_err);
    reader.tail()
}

/// Whether a segment's copy in memory is there and the better one.
///
/// It holds all that the disk's copy has, unless a loss of power has taken its pages, which happens
/// where `memory_dir` is on a disk after all. The copy of a durable mode was synced; a mapping
/// never is.
pub(crate) fn memory_is_better(memory: &Path, disk: &Path) -> Result<bool, StartError> {
    if !memory.exists() {
        return Ok(false);
    }
    if memory == disk || !is_durable(disk) {
        return Ok(true);
    }
    let (in_memory, on_disk) = (readable(memory)?, readable(disk)?);
    Ok(in_memory >= on_disk)
}

/// How far a segment can be read, and whether it ends without damage.
fn readable(path: &Path) -> Result<(usize, bool), StartError> {
    let mapped = MappedSegment::open(path).map_err(|errno| StartError::os("open", path, errno))?;
    let Ok(mut reader) = SegmentReader::new(mapped.as_slice()) else {
        return Ok((0, false));
    };
    let is_damaged = reader.by_ref().any(|record| record.is_err());
    Ok((reader.cursor().position, !is_damaged))
}

/// Whether a segment's head can be read and says that its writer promised more than to survive the
/// process.
pub(crate) fn is_durable(path: &Path) -> bool {
    let mut head = [0; HEAD_BYTES];
    let read = File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    read.is_ok()
        && SegmentHead::parse(&head).is_ok_and(|head| head.durability != Durability::Process)
}

/// Whether a file holds nothing but zeros.
pub(crate) fn is_empty(path: &Path) -> Result<bool, StartError> {
    let content = fs::read(path).map_err(|error| StartError::io("read", path, &error))?;
    Ok(content.iter().all(|&byte| byte == 0))
}

/// Takes a segment file out of the chain and keeps it under another name; one without any content
/// is removed.
pub(crate) fn set_aside(path: &Path) -> Result<(), StartError> {
    let failed = |error: io::Error| StartError::io("set aside", path, &error);
    let content = fs::read(path).map_err(failed)?;
    if content.iter().all(|&byte| byte == 0) {
        return fs::remove_file(path).map_err(failed);
    }
    let names = (1..).map(|number: u32| path.with_extension(format!("gwj.cut{number}")));
    let free = names.take(1_000).find(|name| !name.exists());
    let free = free.ok_or_else(|| failed(io::ErrorKind::AlreadyExists.into()))?;
    fs::rename(path, free).map_err(failed)
}

/// Puts the first segment of a start on disk with its head, so that a loss of power at any later
/// moment leaves a trace of the start and of what it promised.
pub(crate) fn found_segment(day: &Day, index: u32, head: &SegmentHead) -> Result<(), StartError> {
    let path = day.on_disk(index);
    let failed = |error: io::Error| StartError::io("write", &path, &error);
    let file = private_file(&path).map_err(failed)?;
    if !day.is_disk_only() {
        let length = usize::try_from(head.capacity_bytes).unwrap_or(usize::MAX);
        take_space(&file, length).map_err(|errno| StartError::os("make", &path, errno))?;
        io::Write::write_all(&mut &file, &head.to_bytes()).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    sync_folder(&day.disk).map_err(failed)
}

/// Makes the names in a folder survive a loss of power.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
