//! `gwanmun capture`: verify or show what a gateway has left.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};

/// Verify or show a capture.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun capture verify out/journal/2026-11-23
  gwanmun capture show out/journal/2026-11-23 | less")]
pub struct Capture {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check that the records are gapless and undamaged, and that the pcapng holds every byte that a socket took.
    #[command(after_help = "Example:\n  gwanmun capture verify out/journal/2026-11-23")]
    Verify(Dir),
    /// Show the records.
    #[command(after_help = "Example:\n  gwanmun capture show out/journal/2026-11-23")]
    Show(Dir),
}

#[derive(Debug, Args)]
struct Dir {
    /// A trading day's folder.
    dir: PathBuf,
    /// One JSON object per record, or for the answer.
    #[arg(long)]
    json: bool,
}

impl Capture {
    /// Does it.
    ///
    /// # Errors
    /// Input that cannot be read.
    pub fn run(self) -> Result<Exit, Failure> {
        let (What::Verify(dir) | What::Show(dir)) = self.what;
        let _ = (dir.dir, dir.json);
        Err(Failure::new(
            Exit::Host,
            "reading captures is not part of this build yet",
        ))
    }
}
