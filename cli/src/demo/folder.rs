//! The folder of a run that starts its own venue and gateway.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};

/// A folder that this program made, and may make anew.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// Its full path.
    pub(crate) out: PathBuf,
    /// The gateway's name; the process id keeps its memory-backed folder apart from any other's.
    pub(crate) name: String,
}

impl Folder {
    /// Makes the folder anew. A mark in it shows that `gwanmun COMMAND` made it and that the next
    /// one may empty it; a folder with something in it and without the mark is left alone.
    pub(crate) fn create(out: &Path, command: &str) -> Result<Folder, Failure> {
        let refuse = |error: std::io::Error| Failure::host(&out.display().to_string(), &error);
        let mark = format!(".gwanmun-{command}");
        if out.exists() && !out.join(&mark).exists() {
            let is_empty = fs::read_dir(out).map_err(refuse)?.next().is_none();
            if !is_empty {
                let name = crate::show::escaped(&out.display().to_string());
                let text =
                    format!("{name} is not empty and not of a {command}: choose another --out");
                return Err(Failure::new(Exit::Usage, text));
            }
        }
        if out.exists() {
            fs::remove_dir_all(out).map_err(refuse)?;
        }
        // Secrets and the day's orders are nobody else's business.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(out.join("secrets"))
            .map_err(refuse)?;
        let out = out.canonicalize().map_err(refuse)?;
        let name = format!("{command}-{}", std::process::id());
        let folder = Folder { out, name };
        folder.write(
            &mark,
            &format!("made by `gwanmun {command}`; the next one empties this folder\n"),
        )?;
        Ok(folder)
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// Writes a file that only this user may read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Failure::host(&path.display().to_string(), &error))
    }

    /// Takes away what the gateway had on memory-backed storage: it is on disk by now.
    pub(crate) fn clear_memory(&self) {
        let _ = fs::remove_dir_all(Path::new("/dev/shm").join(format!("gwanmun-{}", self.name)));
    }
}
