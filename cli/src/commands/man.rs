//! `gwanmun man`: man pages, made from the definition of the commands.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use super::Program;
use crate::exit::{Exit, Failure};

/// Write the man pages into a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  gwanmun man ~/.local/share/man/man1")]
pub struct Man {
    /// Folder to write `gwanmun.1` and one page per command into; it is made when it is not there.
    dir: PathBuf,
}

impl Man {
    /// Writes them.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let refuse = |error| Failure::host(&self.dir.display().to_string(), &error);
        std::fs::create_dir_all(&self.dir).map_err(refuse)?;
        clap_mangen::generate_to(Program::command(), &self.dir).map_err(refuse)?;
        Ok(Exit::Done)
    }
}
