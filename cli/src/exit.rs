//! How a command ended, for shells and schedulers; and the sentence that goes with a bad end.

use std::process::ExitCode;

/// The program's exit codes. They are stable: scripts depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The command worked and its answer is "no": a capture that does not verify, a replay that
    /// differs.
    No = 1,
    /// Wrong usage, or a configuration that was refused.
    Usage = 2,
    /// Input that cannot be read, or is damaged.
    Input = 3,
    /// The host refused something that the command needs.
    Host = 4,
    /// A broken invariant stopped the process; a last record is in the journal.
    Invariant = 70,
    /// Interrupted by SIGINT.
    Interrupted = 130,
}

/// The list that `--help` ends with.
pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the answer is no (verify, replay); 2 usage or configuration; 3 input \
unreadable or damaged; 4 refused by the host; 70 broken invariant; 130 interrupted.";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code to end with; never [`Exit::Done`].
    pub exit: Exit,
    /// One sentence, or several lines where a file is shown. Control characters are escaped
    /// already.
    pub message: String,
}

impl Failure {
    /// A failure with its sentence.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure {
            exit,
            message: message.into(),
        }
    }

    /// An input that could not be read.
    #[must_use]
    pub fn input(what: &std::path::Path, error: &impl core::fmt::Display) -> Failure {
        let name = crate::show::escaped(&what.display().to_string());
        Failure::new(Exit::Input, format!("{name}: {error}"))
    }

    /// Something that the host refused.
    #[must_use]
    pub fn host(what: &str, error: &impl core::fmt::Display) -> Failure {
        Failure::new(Exit::Host, format!("{what}: {error}"))
    }
}

impl From<std::io::Error> for Failure {
    /// Writing to the standard output failed. A reader that has seen enough (`| head`) is no
    /// failure of ours, which [`crate::run`] knows from the code and the empty message.
    fn from(error: std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Failure::new(Exit::Done, "");
        }
        Failure::new(Exit::Host, format!("cannot write: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_code() {
        let all = [
            Exit::Done,
            Exit::No,
            Exit::Usage,
            Exit::Input,
            Exit::Host,
            Exit::Invariant,
            Exit::Interrupted,
        ];
        for exit in all {
            let code = format!(" {} ", exit as u8);
            assert!(EXIT_CODES.contains(&code), "{code}");
        }
    }
}
