//! Journal segments: files of a fixed length, mapped into memory.
//!
//! In here: creating a segment so that no page fault and no lack of space can meet the order core
//! later, opening one again after a restart, and how much room a file system has. Not in here: what
//! is in a segment (`captures`), and copying it to disk (`disk`).
//!
//! A segment is made by the capture thread and then handed to the order core, which is its only
//! writer, and back again to be dropped: dropping unmaps and frees, which the order core must not.
//! Readers of other threads and processes read the file, never the mapping.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use memmap2::{Advice, MmapMut, MmapOptions};
use rustix::fs::FallocateFlags;

use crate::errno::Errno;
use crate::finding::Finding;

/// When a mapping's pages are made present.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pages {
    Present,
    AsTouched,
}

/// A whole file, mapped for reading and writing.
#[derive(Debug)]
pub struct MappedSegment {
    map: MmapMut,
    path: PathBuf,
}

impl MappedSegment {
    /// Makes a new file of `length` zero bytes, readable by its user alone, with every page present
    /// in memory and every byte's space taken from the file system.
    ///
    /// # Errors
    /// The kernel's number: `EEXIST` when the file exists, `ENOSPC` when the file system is full
    /// (the file is then removed again), `EINVAL` when `length` is 0.
    pub fn create(path: &Path, length: usize) -> Result<Self, Errno> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|error| Errno::of(&error))?;
        let made =
            take_space(&file, length).and_then(|()| Self::map(&file, path, Pages::AsTouched));
        if made.is_err() {
            // Best effort: the error that matters is the first one.
            let _ = std::fs::remove_file(path);
        }
        let mut segment = made?;
        // Space alone leaves pages that are not yet written: on disk the first store to each would
        // fault and mark it. Writing them now moves that to this thread; asking the kernel for all
        // of them at once would keep every other thread from mapping anything meanwhile.
        segment.map.fill(0);
        Ok(segment)
    }

    /// Maps an existing file again, for a recovery that reads what is in it and no more: pages are
    /// mapped as they are touched.
    ///
    /// # Errors
    /// The kernel's number: `ENOENT`, `EACCES`, `EINVAL` when the file is empty.
    pub fn open(path: &Path) -> Result<Self, Errno> {
        Self::open_with(path, Pages::AsTouched)
    }

    /// Maps an existing file again with every page present, for a thread that must not wait for
    /// one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_present(path: &Path) -> Result<Self, Errno> {
        Self::open_with(path, Pages::Present)
    }

    fn open_with(path: &Path, pages: Pages) -> Result<Self, Errno> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(|error| Errno::of(&error))?;
        Self::map(&file, path, pages)
    }

    fn map(file: &File, path: &Path, pages: Pages) -> Result<Self, Errno> {
        let mut options = MmapOptions::new();
        if pages == Pages::Present {
            options.populate();
        }
        // SAFETY: the file is private to the process's user and of fixed length: nobody truncates
        // it while it is mapped, which is the one thing that could make an access fault.
        // JUSTIFICATION: no safe interface maps a file; copying 256 bytes into mapped memory costs
        // 24-31 ns where a write costs 355 ns with a tail of 375 us.
        let map = unsafe { options.map_mut(file) }.map_err(|error| Errno::of(&error))?;
        if map.is_empty() {
            return Err(Errno::from_rustix(rustix::io::Errno::INVAL));
        }
        // Advice the kernel may ignore, and whose refusal changes nothing that is promised.
        let _ = map.advise(Advice::Sequential);
        Ok(Self {
            map,
            path: path.to_owned(),
        })
    }

    /// The whole segment.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.map
    }

    /// The whole segment, to write into.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.map
    }

    /// Length in bytes.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        self.map.len()
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file `from`, which is this one under whatever name it has, the name `to`, which
    /// must be free. The mapping stays what it is.
    ///
    /// # Errors
    /// Those of a rename; [`std::io::ErrorKind::AlreadyExists`] where there is a file of that name.
    pub fn rename(&mut self, from: &Path, to: &Path) -> std::io::Result<()> {
        if to.exists() {
            return Err(std::io::ErrorKind::AlreadyExists.into());
        }
        std::fs::rename(from, to)?;
        self.path = to.to_owned();
        Ok(())
    }

    /// Writes and marks every page again without changing a byte, so that no store faults later.
    /// Done by `create`; for a segment that was opened.
    pub fn populate(&mut self) {
        for page in self.map.chunks_mut(PAGE_BYTES) {
            if let Some(byte) = page.first_mut() {
                // Through a black box, or the compiler leaves the store of an equal value out.
                *byte = std::hint::black_box(*byte);
            }
        }
    }

    /// Keeps the segment's pages resident.
    ///
    /// # Errors
    /// A finding when the limit on locked memory is too small; the segment works all the same.
    pub fn lock(&self) -> Result<(), Finding> {
        self.map
            .lock()
            .map_err(|error| Finding::lock_refused(Errno::of(&error)))
    }

    /// Waits until the file system has the segment's bytes (`msync`). Blocks.
    ///
    /// # Errors
    /// The kernel's number; after one, what was written before may be lost.
    pub fn sync(&self) -> Result<(), Errno> {
        self.map.flush().map_err(|error| Errno::of(&error))
    }
}

/// Sets a file's length and takes its space from the file system now, so that writing into it later
/// cannot fail for lack of space. Also for the copies on disk.
///
/// # Errors
/// The kernel's number, `ENOSPC` among them.
pub fn take_space(file: &File, length: usize) -> Result<(), Errno> {
    let length = u64::try_from(length).map_err(|_| Errno::from_rustix(rustix::io::Errno::FBIG))?;
    // Asked first, because a file system may take all that is left before it says no, and everybody
    // else on it would meet that.
    let told = rustix::fs::fstatvfs(file.as_fd()).map_err(Errno::from_rustix)?;
    let held = file
        .metadata()
        .map_or(0, |known| known.blocks().saturating_mul(BLOCK_BYTES));
    if length.saturating_sub(held) > told.f_bavail.saturating_mul(told.f_frsize) {
        return Err(Errno::from_rustix(rustix::io::Errno::NOSPC));
    }
    rustix::fs::ftruncate(file.as_fd(), length).map_err(Errno::from_rustix)?;
    match rustix::fs::fallocate(file.as_fd(), FallocateFlags::empty(), 0, length) {
        // A file system that cannot promise space: writing zeros will find out.
        Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
        other => other.map_err(Errno::from_rustix),
    }
}

/// Room on the file system that holds `path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that a user without privileges may still take.
    pub free_bytes: u64,
    /// Size of the file system.
    pub total_bytes: u64,
}

impl Room {
    /// Free share in percent, rounded down; 0 for a file system without a size.
    #[must_use]
    pub fn free_percent(&self) -> u64 {
        let hundredth = u128::from(self.free_bytes) * 100;
        let percent = hundredth
            .checked_div(u128::from(self.total_bytes))
            .unwrap_or(0);
        u64::try_from(percent).unwrap_or(u64::MAX)
    }
}

/// Asks the file system that holds `path` for its room.
///
/// # Errors
/// The kernel's number, `ENOENT` when there is nothing at `path`.
pub fn room_at(path: &Path) -> Result<Room, Errno> {
    let told = rustix::fs::statvfs(path).map_err(Errno::from_rustix)?;
    Ok(Room {
        free_bytes: told.f_bavail.saturating_mul(told.f_frsize),
        total_bytes: told.f_blocks.saturating_mul(told.f_frsize),
    })
}

/// Bytes that a user without privileges may still take at `path`.
///
/// # Errors
/// The kernel's number, `ENOENT` when there is nothing at `path`.
pub fn free_bytes_at(path: &Path) -> Result<u64, Errno> {
    room_at(path).map(|room| room.free_bytes)
}

/// Unit in which the kernel tells what a file takes, whatever the file system's own.
const BLOCK_BYTES: u64 = 512;

/// Step of `populate`. The smallest page of the architectures we run on; a larger one is touched
/// more than once, which costs little.
const PAGE_BYTES: usize = 4096;
