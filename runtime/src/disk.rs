//! File work of the capture thread.
//!
//! In here: writing at an offset and making it durable, on a ring of its own or by plain calls
//! where the host has no ring for us, and a switch by which tests make it fail or hold it back. Not
//! in here: what is written, and when; and nothing for the order core, which never waits for a
//! disk.
//!
//! Every call waits for its result: the capture thread may block, and *must* block instead of
//! spinning, because completions of file work need a core to run on. After an error from `sync`
//! nothing that was written since the last good one may be believed: the kernel reports a failed
//! write-back once and then forgets it.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use io_uring::{opcode, types};

use crate::errno::Errno;
use crate::finding::{Finding, Subject};
use crate::ring::{Queues, Ring};

/// What was asked of the disk when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskOperation {
    /// Writing bytes.
    Write,
    /// Making written bytes durable.
    Sync,
}

/// A refusal of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskError {
    /// What was asked.
    pub operation: DiskOperation,
    /// The kernel's number, such as `ENOSPC` or `EIO`.
    pub errno: Errno,
}

impl std::fmt::Display for DiskError {
    fn fmt(&self, into: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.operation {
            DiskOperation::Write => "write",
            DiskOperation::Sync => "fdatasync",
        };
        write!(into, "{what}: {}", self.errno)
    }
}

impl std::error::Error for DiskError {}

/// What `sync` achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synced {
    /// Everything written so far survives a loss of power.
    Durable,
    /// A test holds it back; ask again later. Never without `DiskFaults`.
    Held,
}

/// One write of a batch.
#[derive(Clone, Copy, Debug)]
pub struct WriteAt<'a> {
    /// Where to.
    pub file: &'a File,
    /// What.
    pub bytes: &'a [u8],
    /// Where in the file.
    pub offset: u64,
}

/// The capture thread's way to the disk. Used by one thread: the first one that writes.
#[derive(Debug)]
pub struct FileRing {
    ring: Option<Ring>,
    finding: Option<Finding>,
    faults: Option<DiskFaults>,
    /// Set when the ring itself failed with operations under way; then nothing is tried any more.
    broken: Option<Errno>,
}

/// Operations under way at once: the copy of a segment, the capture, an index, and room.
const ENTRIES: u32 = 8;

impl FileRing {
    /// Work through a ring where the host permits it, otherwise by plain calls (see `finding`).
    #[must_use]
    pub fn new() -> Self {
        match Ring::make(Queues::of(ENTRIES), Subject::FileRing) {
            Ok(ring) => {
                let finding = ring.finding;
                Self {
                    ring: Some(ring),
                    finding,
                    faults: None,
                    broken: None,
                }
            }
            Err(errno) => {
                let finding = Some(Finding::file_ring_refused(errno));
                Self {
                    finding,
                    ..Self::plain()
                }
            }
        }
    }

    /// Work by `pwrite` and `fdatasync`.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            ring: None,
            finding: None,
            faults: None,
            broken: None,
        }
    }

    /// Lets a test reach in.
    #[must_use]
    pub fn with_faults(self, faults: DiskFaults) -> Self {
        Self {
            faults: Some(faults),
            ..self
        }
    }

    /// What the host refused.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        self.finding
    }

    /// Whether a ring does the work.
    #[must_use]
    pub const fn is_ring(&self) -> bool {
        self.ring.is_some()
    }

    /// Writes all of `bytes` at `offset`. Blocks.
    ///
    /// # Errors
    /// The kernel's number; some of the bytes may have been written.
    pub fn write_at(&mut self, file: &File, bytes: &[u8], offset: u64) -> Result<(), DiskError> {
        self.write_all(&[WriteAt {
            file,
            bytes,
            offset,
        }])
    }

    /// Writes a batch, in no particular order among its members; returns when all are written.
    ///
    /// # Errors
    /// The first error met; some of the bytes may have been written.
    pub fn write_all(&mut self, batch: &[WriteAt<'_>]) -> Result<(), DiskError> {
        let failed = |errno| DiskError {
            operation: DiskOperation::Write,
            errno,
        };
        if let Some(errno) = self.faults.as_ref().and_then(DiskFaults::write_failure) {
            return Err(failed(errno));
        }
        match &mut self.ring {
            None => batch.iter().try_for_each(write_plainly).map_err(failed),
            Some(ring) => {
                for part in batch.chunks(ENTRIES as usize) {
                    write_on(ring, &mut self.broken, part).map_err(failed)?;
                }
                Ok(())
            }
        }
    }

    /// Makes everything written to `file` durable (`fdatasync`). Blocks.
    ///
    /// # Errors
    /// The kernel's number. What was written since the last success may be lost for good.
    pub fn sync(&mut self, file: &File) -> Result<Synced, DiskError> {
        let failed = |errno| DiskError {
            operation: DiskOperation::Sync,
            errno,
        };
        if let Some(faults) = &self.faults {
            if let Some(errno) = faults.sync_failure() {
                return Err(failed(errno));
            }
            if faults.is_held() {
                return Ok(Synced::Held);
            }
        }
        match &mut self.ring {
            None => rustix::fs::fdatasync(file).map_err(Errno::from_rustix),
            Some(ring) => sync_on(ring, &mut self.broken, file),
        }
        .map_err(failed)?;
        Ok(Synced::Durable)
    }
}

impl Default for FileRing {
    fn default() -> Self {
        Self::new()
    }
}

fn write_plainly(write: &WriteAt<'_>) -> Result<(), Errno> {
    write
        .file
        .write_all_at(write.bytes, write.offset)
        .map_err(|error| {
            let errno = Errno::of(&error);
            // A write of zero bytes that should have been more: nothing but lack of space does
            // that.
            if errno == Errno(0) {
                Errno::from_rustix(rustix::io::Errno::NOSPC)
            } else {
                errno
            }
        })
}

/// Writes up to `ENTRIES` parts at once and waits for all of them.
fn write_on(
    ring: &mut Ring,
    broken: &mut Option<Errno>,
    batch: &[WriteAt<'_>],
) -> Result<(), Errno> {
    if let Some(errno) = *broken {
        return Err(errno);
    }
    let mut pushed = 0;
    for (number, write) in (0_u64..).zip(batch) {
        let length = u32::try_from(write.bytes.len()).unwrap_or(WRITE_BYTES_MAX);
        let length = length.min(WRITE_BYTES_MAX);
        let fd = types::Fd(write.file.as_raw_fd());
        let entry = opcode::Write::new(fd, write.bytes.as_ptr(), length)
            .offset(write.offset)
            .build()
            .user_data(number);
        // SAFETY: `batch` lends the bytes and the file beyond this call, and this call returns only
        // after all completions were seen, or else marks the ring as broken and never enters again.
        // JUSTIFICATION: see `Ring::push`.
        let has_room = unsafe { ring.push(&entry) };
        assert!(
            has_room,
            "the queue has ENTRIES places and is empty between calls"
        );
        pushed += 1;
    }
    let mut result = Ok(());
    for _ in 0..pushed {
        let (number, outcome) = wait_on(ring, broken)?;
        let write = usize::try_from(number)
            .ok()
            .and_then(|number| batch.get(number));
        let (Some(write), Ok(written)) = (write, outcome) else {
            result = result.and(outcome.map(|_| ()));
            continue;
        };
        // A short write is finished by a plain call: rare, and simplest to get right.
        let rest = write.bytes.get(written..).unwrap_or_default();
        if !rest.is_empty() {
            let offset = write.offset + written as u64;
            result = result.and(write_plainly(&WriteAt {
                bytes: rest,
                offset,
                ..*write
            }));
        }
    }
    result
}

fn sync_on(ring: &mut Ring, broken: &mut Option<Errno>, file: &File) -> Result<(), Errno> {
    if let Some(errno) = *broken {
        return Err(errno);
    }
    let entry = opcode::Fsync::new(types::Fd(file.as_raw_fd()))
        .flags(types::FsyncFlags::DATASYNC)
        .build();
    // SAFETY: the entry points to no buffer.
    // JUSTIFICATION: see `Ring::push`.
    let has_room = unsafe { ring.push(&entry) };
    assert!(
        has_room,
        "the queue has ENTRIES places and is empty between calls"
    );
    let (_, outcome) = wait_on(ring, broken)?;
    outcome.map(|_| ())
}

/// Waits for one completion: its number and its result.
fn wait_on(
    ring: &mut Ring,
    broken: &mut Option<Errno>,
) -> Result<(u64, Result<usize, Errno>), Errno> {
    loop {
        if let Some(entry) = ring.completed() {
            let outcome = usize::try_from(entry.result()).map_err(|_| Errno(-entry.result()));
            return Ok((entry.user_data(), outcome));
        }
        if let Err(errno) = ring.enter(1) {
            *broken = Some(errno);
            return Err(errno);
        }
    }
}

/// Longest single write; the rest follows by a plain call. The kernel's own limit is a little under
/// 2 GiB, and a segment is far below this.
const WRITE_BYTES_MAX: u32 = 1 << 30;

/// A switch by which a test makes the disk fail or holds it back. Clones share the switch.
#[derive(Clone, Debug, Default)]
pub struct DiskFaults(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    is_held: AtomicBool,
    sync_errno: AtomicU32,
    write_errno: AtomicU32,
}

impl DiskFaults {
    /// Holds `sync` back, or lets it go on.
    pub fn hold_sync(&self, is_held: bool) {
        self.0.is_held.store(is_held, Ordering::SeqCst);
    }

    /// Makes every later `sync` fail with `errno`; `None` ends that.
    pub fn fail_sync(&self, errno: Option<Errno>) {
        self.0.sync_errno.store(stored(errno), Ordering::SeqCst);
    }

    /// Makes every later write fail with `errno` (`ENOSPC` is 28); `None` ends that.
    pub fn fail_write(&self, errno: Option<Errno>) {
        self.0.write_errno.store(stored(errno), Ordering::SeqCst);
    }

    fn is_held(&self) -> bool {
        self.0.is_held.load(Ordering::SeqCst)
    }

    fn sync_failure(&self) -> Option<Errno> {
        loaded(&self.0.sync_errno)
    }

    fn write_failure(&self) -> Option<Errno> {
        loaded(&self.0.write_errno)
    }
}

fn stored(errno: Option<Errno>) -> u32 {
    errno
        .and_then(|errno| u32::try_from(errno.0).ok())
        .unwrap_or(0)
}

fn loaded(from: &AtomicU32) -> Option<Errno> {
    match from.load(Ordering::SeqCst) {
        0 => None,
        number => i32::try_from(number).ok().map(Errno),
    }
}
