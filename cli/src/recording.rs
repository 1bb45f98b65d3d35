//! A trading day's folder as a gateway leaves it: segments of the journal and the capture beside
//! them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};
use crate::show;

/// The capture's name in a trading day's folder.
const CAPTURE: &str = "capture.pcapng";
/// The file that says where a live gateway's latest segments are.
const MEMORY: &str = "memory.path";

/// What lies in a trading day's folder, read whole.
pub(crate) struct Recording {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The journal's segments in order.
    pub(crate) segments: Vec<Vec<u8>>,
}

impl Recording {
    /// Opens a trading day's folder, or the only trading day in a journal's folder.
    pub(crate) fn open(dir: &Path) -> Result<Recording, Failure> {
        let dir = day_in(dir)?;
        let mut segments = Vec::new();
        // While a gateway runs, or after one was killed, its latest segments are whole only on
        // memory-backed storage; the folder says where that is.
        let memory = fs::read(dir.join(MEMORY)).ok();
        let memory = memory.map(|path| PathBuf::from(OsStr::from_bytes(&path)));
        for path in segment_paths(&dir)? {
            let live = memory.as_ref().zip(path.file_name());
            let live = live.map(|(memory, name)| memory.join(name));
            let path = live.filter(|path| path.exists()).unwrap_or(path);
            segments.push(fs::read(&path).map_err(|error| Failure::input(&path, &error))?);
        }
        // Made ready and not written yet.
        while segments
            .pop_if(|last: &mut Vec<u8>| last.iter().all(|&byte| byte == 0))
            .is_some()
        {}
        Ok(Recording { dir, segments })
    }

    /// Where the capture is, or should be.
    pub(crate) fn capture_path(&self) -> PathBuf {
        self.dir.join(CAPTURE)
    }

    /// The capture's bytes.
    pub(crate) fn capture(&self) -> Result<Vec<u8>, Failure> {
        let path = self.capture_path();
        fs::read(&path).map_err(|error| Failure::input(&path, &error))
    }

    /// The segments as lent bytes.
    pub(crate) fn lent(&self) -> impl Iterator<Item = &[u8]> {
        self.segments.iter().map(Vec::as_slice)
    }
}

/// Paths of the segments in a folder, in order.
fn segment_paths(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(dir).map_err(|error| Failure::input(dir, &error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "gwj"))
        .collect();
    paths.sort();
    Ok(paths)
}

/// The folder itself when segments lie in it, or its only subfolder with segments.
fn day_in(dir: &Path) -> Result<PathBuf, Failure> {
    if !segment_paths(dir)?.is_empty() {
        return Ok(dir.to_path_buf());
    }
    let entries = fs::read_dir(dir).map_err(|error| Failure::input(dir, &error))?;
    let mut days: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir())
        .filter(|path| segment_paths(path).is_ok_and(|paths| !paths.is_empty()))
        .collect();
    days.sort();
    let name = show::escaped(&dir.display().to_string());
    match days.as_slice() {
        [day] => Ok(day.clone()),
        [] => Err(Failure::new(
            Exit::Input,
            format!("{name} holds no segments of a journal"),
        )),
        several => {
            let names: Vec<String> = several
                .iter()
                .filter_map(|path| path.file_name())
                .map(|name| show::escaped(&name.to_string_lossy()))
                .collect();
            let text = format!(
                "{name} holds several trading days, name one: {}",
                names.join(", ")
            );
            Err(Failure::new(Exit::Input, text))
        }
    }
}
