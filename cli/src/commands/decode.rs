//! `gwanmun decode`: messages with names.
use crate::exit::{Exit, Failure};
use clap::Args;
/// Decode.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gwanmun decode day.log")]
pub struct Decode {}
impl Decode {
    /// Does it.
    ///
    /// # Errors
    /// Input.
    pub fn run(self) -> Result<Exit, Failure> {
        Ok(Exit::Done)
    }
}
