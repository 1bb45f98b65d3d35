//! Whose folders these are: one process at a time, and memory-backed segments of one journal only.
//!
//! Two gateways over one chain would both give out its numbers. So both folders of a trading day
//! are locked for as long as the process lives, which the kernel ends with it however it ends; and
//! the folder on memory-backed storage, whose default name comes from the gateway's, says to which
//! journal its segments belong.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::day::private_file;
use crate::start_error::StartError;

/// Locked by the process that uses the folder.
const LOCK: &str = "lock";
/// In the folder on memory-backed storage: the folder on disk to which its segments belong.
const OWNER: &str = "owner.path";
/// In the folder on disk: where the latest segments are while they are not here.
const MEMORY: &str = "memory.path";

/// Takes both folders for this process; they are given back when the files are dropped.
pub(crate) fn claim(disk: &Path, memory: &Path) -> Result<Vec<File>, StartError> {
    let mut locks = vec![lock(disk)?];
    if memory != disk {
        locks.push(lock(memory)?);
        let disk = fs::canonicalize(disk).map_err(|error| StartError::io("find", disk, &error))?;
        let owner = memory.join(OWNER);
        let found = fs::read(&owner).unwrap_or_default();
        if !found.is_empty() && found != disk.as_os_str().as_bytes() && holds_segments(memory) {
            return Err(StartError::ForeignMemory {
                memory: memory.to_path_buf(),
                owner: OsStr::from_bytes(&found).into(),
            });
        }
        write(&owner, &disk)?;
        let memory =
            fs::canonicalize(memory).map_err(|error| StartError::io("find", memory, &error))?;
        write(&disk.join(MEMORY), &memory)?;
    }
    Ok(locks)
}

fn lock(folder: &Path) -> Result<File, StartError> {
    let path = folder.join(LOCK);
    let file = private_file(&path).map_err(|error| StartError::io("make", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse(folder.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(StartError::io("lock", &path, &error)),
    }
}

fn holds_segments(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.path());
    names.any(|path| path.extension() == Some(OsStr::new("gwj")))
}

fn write(path: &Path, what: &Path) -> Result<(), StartError> {
    let failed = |error: std::io::Error| StartError::io("write", path, &error);
    let mut file = private_file(path).map_err(failed)?;
    file.set_len(0).map_err(failed)?;
    file.write_all(what.as_os_str().as_bytes()).map_err(failed)
}
