//! Why a gateway does not start, in words an operator can act on.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gwanmun_captures::journal::JournalDamage;
use gwanmun_gateway::{RecoveryError, TablesError};
use gwanmun_runtime::errno::Errno;

/// Why a gateway does not start.
#[derive(Clone, Debug)]
pub enum StartError {
    /// A file or folder could not be used.
    Storage {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the host said.
        cause: String,
    },
    /// The day's journal is damaged before its end: someone must look before trading goes on.
    Damaged(JournalDamage),
    /// The day's journal has a segment less than it had.
    MissingSegment(u32),
    /// The day's journal does not fit the configuration.
    Recovery(RecoveryError),
    /// The tables make no sense together.
    Tables(TablesError),
    /// More opening holdings than positions are allowed.
    TooManyHoldings,
    /// The address could not be listened on.
    Listen(SocketAddr, Errno),
    /// A thread could not be started.
    Thread(Errno),
    /// A value of the configuration is beyond what the process can hold.
    Capacity(&'static str),
}

impl StartError {
    pub(crate) fn io(what: &'static str, path: &Path, cause: &io::Error) -> StartError {
        StartError::Storage {
            what,
            path: path.to_path_buf(),
            cause: cause.to_string(),
        }
    }

    pub(crate) fn os(what: &'static str, path: &Path, errno: Errno) -> StartError {
        StartError::Storage {
            what,
            path: path.to_path_buf(),
            cause: errno.to_string(),
        }
    }

    /// Whether an input is damaged, rather than the host refusing something.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, StartError::Damaged(_) | StartError::MissingSegment(_))
    }
}

impl core::fmt::Display for StartError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            StartError::Storage { what, path, cause } => {
                write!(f, "cannot {what} {}: {cause}", path.display())
            }
            StartError::Damaged(damage) => write!(
                f,
                "the day's journal is damaged in segment {} at byte {}: {:?}; restore the \
                 segment from a copy, or start a new trading day in another folder",
                damage.segment_index, damage.position, damage.fault
            ),
            StartError::MissingSegment(index) => {
                write!(
                    f,
                    "the day's journal lacks segment {index}; restore it from a copy"
                )
            }
            StartError::Recovery(error) => write!(
                f,
                "record {} of the day's journal does not fit the configuration ({:?}): within a \
                 trading day sessions and capacities may be added, not taken away",
                error.number, error.fault
            ),
            StartError::Tables(error) => write!(f, "the tables make no sense together: {error:?}"),
            StartError::TooManyHoldings => {
                write!(
                    f,
                    "more opening holdings than [limits] positions_max allows"
                )
            }
            StartError::Listen(address, errno) => write!(
                f,
                "cannot listen on {address}: {errno}; is another gateway running, or the port \
                 below 1024?"
            ),
            StartError::Thread(errno) => write!(f, "cannot start a thread: {errno}"),
            StartError::Capacity(what) => write!(f, "{what} is beyond what the process can hold"),
        }
    }
}

impl core::error::Error for StartError {}
