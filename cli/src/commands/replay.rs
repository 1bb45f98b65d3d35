//! `gwanmun replay`: a journal's decisions made again.

use std::path::PathBuf;

use clap::Args;

use crate::exit::{Exit, Failure};

/// Make a journal's decisions again and compare every verdict and every byte.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun replay out/journal/2026-11-23
  gwanmun replay out/journal/2026-11-23 --set collar_bps=100   which orders another limit refuses")]
pub struct Replay {
    /// A trading day's folder.
    dir: PathBuf,
    /// Change a limit first, and report the orders that it decides differently.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Replay {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read.
    pub fn run(self) -> Result<Exit, Failure> {
        let _ = (self.dir, self.set, self.json);
        Err(Failure::new(
            Exit::Host,
            "replay is not part of this build yet",
        ))
    }
}
