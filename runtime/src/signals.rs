//! Termination as a flag that the loops read.
//!
//! In here: SIGINT and SIGTERM set a flag; a second one of either ends the process at once, for a
//! person whose first one seems to do nothing. SIGPIPE needs nothing: the standard library ignores
//! it and `transport` sends with `MSG_NOSIGNAL`. Not in here: SIGKILL, which the journal is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::errno::Errno;

/// Exit code of a process that a second signal ended, as a shell tells it for SIGINT.
pub const INTERRUPTED: i32 = 130;

/// Says whether the process has been asked to end. Cheap to clone and to read.
#[derive(Clone, Debug, Default)]
pub struct Termination {
    asked: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Termination {
    /// Listens to SIGINT and SIGTERM for the whole process. Call once, before threads start.
    ///
    /// # Errors
    /// The kernel's number when a handler could not be registered.
    pub fn on_signals() -> Result<Self, Errno> {
        let termination = Self::default();
        for (signal, number) in [(SIGINT, SIGINT_NUMBER), (SIGTERM, SIGTERM_NUMBER)] {
            // Registered before the setting of the flag, so that it sees the flag of the signal
            // before: only the second one ends the process at once.
            let asked = Arc::clone(&termination.asked);
            signal_hook::flag::register_conditional_shutdown(signal, INTERRUPTED, asked)
                .map_err(|error| Errno::of(&error))?;
            signal_hook::flag::register_usize(signal, Arc::clone(&termination.signal), number)
                .map_err(|error| Errno::of(&error))?;
            signal_hook::flag::register(signal, Arc::clone(&termination.asked))
                .map_err(|error| Errno::of(&error))?;
        }
        Ok(termination)
    }

    /// Whether the process has been asked to end.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Asks from inside, as a signal would.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Whether it was SIGINT (a person at the terminal) that asked.
    #[must_use]
    pub fn was_interrupted(&self) -> bool {
        self.signal.load(Ordering::Relaxed) == SIGINT_NUMBER
    }
}

const SIGINT_NUMBER: usize = 2;
const SIGTERM_NUMBER: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_sets_the_flag() {
        let termination = Termination::on_signals().unwrap();
        assert!(!termination.is_asked());
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert!(termination.is_asked());
        assert!(!termination.was_interrupted());
    }
}
