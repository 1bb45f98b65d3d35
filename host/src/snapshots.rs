//! Snapshot files of a trading day: their names, reading, and writing so that a process which dies
//! at any moment leaves the ones before as they were.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gwanmun_captures::journal::ChainPoint;
use gwanmun_captures::snapshot;

use crate::day::{Day, private_file};

/// Snapshots that stay: the latest, and the one before in case the latest cannot be used.
const KEPT_MAX: usize = 2;
const EXTENSION: &str = "gws";
/// Being written; whatever has this name at a start is of a process that died.
const UNFINISHED: &str = "gws-new";

fn path(day: &Day, segment: u32, extension: &str) -> PathBuf {
    day.disk.join(format!("snapshot-{segment:06}.{extension}"))
}

/// The segments at which reading goes on behind each of the day's snapshots, the latest first.
pub(crate) fn newest_first(day: &Day) -> io::Result<Vec<u32>> {
    let segment_of = |path: &Path| {
        let name = path.file_stem()?.to_str()?.strip_prefix("snapshot-")?;
        name.parse::<u32>().ok()
    };
    let mut segments = Vec::new();
    for entry in fs::read_dir(&day.disk)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new(EXTENSION)) {
            segments.extend(segment_of(&path));
        }
    }
    segments.sort_unstable_by(|one, other| other.cmp(one));
    Ok(segments)
}

/// Removes what a process that died has left unfinished.
pub(crate) fn remove_unfinished(day: &Day) -> io::Result<()> {
    for entry in fs::read_dir(&day.disk)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new(UNFINISHED)) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The bytes of a snapshot.
pub(crate) fn read(day: &Day, segment: u32) -> io::Result<Vec<u8>> {
    fs::read(path(day, segment, EXTENSION))
}

/// Writes a snapshot; when this returns it survives the loss of power, and only then are older ones
/// removed.
pub(crate) fn write(day: &Day, point: &ChainPoint, body: &[u8]) -> io::Result<()> {
    let unfinished = path(day, point.segment_index, UNFINISHED);
    let written = write_to(&unfinished, point, body);
    if written.is_err() {
        // Best effort: the error that matters is the first one.
        let _ = fs::remove_file(&unfinished);
    }
    written?;
    fs::rename(&unfinished, path(day, point.segment_index, EXTENSION))?;
    step();
    File::open(&day.disk)?.sync_all()?;
    for older in newest_first(day)?.into_iter().skip(KEPT_MAX) {
        fs::remove_file(path(day, older, EXTENSION))?;
        step();
    }
    Ok(())
}

fn write_to(path: &Path, point: &ChainPoint, body: &[u8]) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.set_len(0)?;
    file.write_all(&snapshot::head(point, body))?;
    let (front, rest) = body.split_at(body.len() / 2);
    file.write_all(front)?;
    step();
    file.write_all(rest)?;
    file.sync_all()?;
    step();
    Ok(())
}

/// A place at which a test may end the process.
fn step() {
    #[cfg(feature = "faults")]
    crate::faults::snapshot_step();
}
