//! Snapshot files of a trading day: their names, reading, and writing so that a process which dies
//! at any moment leaves the ones before as they were.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use gwanmun_captures::journal::ChainPoint;
use gwanmun_captures::snapshot::{self, BodySum, SNAPSHOT_HEAD_BYTES};

use crate::day::{Day, private_file};
use crate::past::PastFault;

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

/// The bytes that a snapshot takes on disk.
pub(crate) fn bytes_of(day: &Day, segment: u32) -> io::Result<u64> {
    Ok(fs::metadata(path(day, segment, EXTENSION))?.len())
}

/// A body that hands itself over in pieces.
pub(crate) type InPieces<'b> = dyn Fn(&mut dyn FnMut(&[u8])) + 'b;

/// Writes a snapshot, and gives the length of its body; when this returns it survives the loss of
/// power, and only then are older ones removed. `goes_on` is asked before each piece; what it says
/// instead ends the writing.
pub(crate) fn write(
    day: &Day,
    point: &ChainPoint,
    body: &InPieces<'_>,
    goes_on: &dyn Fn() -> Result<(), PastFault>,
) -> Result<u64, PastFault> {
    let unwritten = |error: io::Error| PastFault::Unwritten(error.kind());
    let unfinished = path(day, point.segment_index, UNFINISHED);
    let written = private_file(&unfinished)
        .map_err(unwritten)
        .and_then(|file| write_to(file, point, body, goes_on));
    if written.is_err() {
        // Best effort: the error that matters is the first one.
        let _ = fs::remove_file(&unfinished);
    }
    let bytes = written?;
    put_in_place(day, point, &unfinished).map_err(unwritten)?;
    Ok(bytes)
}

fn put_in_place(day: &Day, point: &ChainPoint, unfinished: &Path) -> io::Result<()> {
    fs::rename(unfinished, path(day, point.segment_index, EXTENSION))?;
    step();
    File::open(&day.disk)?.sync_all()?;
    for older in newest_first(day)?.into_iter().skip(KEPT_MAX) {
        fs::remove_file(path(day, older, EXTENSION))?;
        step();
    }
    Ok(())
}

/// The body goes first: its head, which tells its length and checksum, is known only behind it.
fn write_to(
    mut file: File,
    point: &ChainPoint,
    body: &InPieces<'_>,
    goes_on: &dyn Fn() -> Result<(), PastFault>,
) -> Result<u64, PastFault> {
    let unwritten = |error: io::Error| PastFault::Unwritten(error.kind());
    file.set_len(0).map_err(unwritten)?;
    file.write_all(&[0; SNAPSHOT_HEAD_BYTES])
        .map_err(unwritten)?;
    let mut sum = BodySum::default();
    let mut done = Ok(());
    body(&mut |piece| {
        if done.is_ok() {
            done = goes_on().and_then(|()| file.write_all(piece).map_err(unwritten));
            sum.add(piece);
        }
    });
    done?;
    step();
    let head = snapshot::head(point, &sum);
    file.write_all_at(&head, 0).map_err(unwritten)?;
    file.sync_all().map_err(unwritten)?;
    step();
    Ok(sum.bytes())
}

/// A place at which a test may end the process.
fn step() {
    #[cfg(feature = "faults")]
    crate::faults::snapshot_step();
}
