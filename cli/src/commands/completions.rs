//! `gwanmun completions`: a script for the shell, made from the definition of the commands.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Program;
use crate::exit::{Exit, Failure};

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gwanmun completions bash > ~/.local/share/bash-completion/completions/gwanmun
  gwanmun completions zsh > \"${fpath[1]}/_gwanmun\"")]
pub struct Completions {
    /// For which shell.
    shell: Shell,
}

impl Completions {
    /// Prints it.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Program::command(), "gwanmun", &mut script);
        crate::show::out(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
