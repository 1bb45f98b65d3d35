//! Why a gateway does not start, in words an operator can act on.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gwanmun_captures::journal::JournalDamage;
use gwanmun_gateway::{RecoveryError, RecoveryFault, TablesError};
use gwanmun_market::{AccountId, Symbol, Text};
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
    /// Another process uses the folder.
    InUse(PathBuf),
    /// The folder on memory-backed storage holds segments of another journal.
    ForeignMemory {
        /// The folder.
        memory: PathBuf,
        /// The journal's folder to which they belong.
        owner: PathBuf,
    },
    /// A session may use an account that the tables do not have.
    UnknownAccount {
        /// TargetCompID of the session.
        session: String,
        /// The account.
        account: AccountId,
    },
    /// The tables name a venue that the configuration does not have.
    UnknownVenue {
        /// Symbol of the instrument.
        symbol: Symbol,
        /// The venue.
        venue: Text<8>,
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

    /// Whether the configuration is at fault, rather than the host or the journal.
    #[must_use]
    pub const fn is_configuration(&self) -> bool {
        matches!(
            self,
            StartError::Recovery(_)
                | StartError::Tables(_)
                | StartError::TooManyHoldings
                | StartError::UnknownAccount { .. }
                | StartError::UnknownVenue { .. }
                | StartError::Capacity(_)
        )
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
            StartError::InUse(folder) => write!(
                f,
                "{} is in use by another process: is this gateway running already?",
                folder.display()
            ),
            StartError::ForeignMemory { memory, owner } => write!(
                f,
                "{} holds segments of the journal in {}: give this gateway another [gateway] name \
                 or [journal] memory_dir, or start the other one once so that it brings them to \
                 disk",
                memory.display(),
                owner.display()
            ),
            StartError::UnknownVenue { symbol, venue } => write!(
                f,
                "the tables let the instrument {symbol} trade at {venue}, which is the name of no \
                 [[venue]]; add the venue to the gateway file, or take it out of `venues`"
            ),
            StartError::UnknownAccount { session, account } => write!(
                f,
                "session {session} may use the account {account}, which the tables do not have: \
                 add an [[account]] or take it out of the session's accounts"
            ),
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
                "record {} of the day's journal does not fit the configuration: {}; within a \
                 trading day capacities may grow, sessions and venues may be added behind the \
                 others, and terms of accounts and instruments may change, but not their list",
                error.number,
                recovery_text(error.fault)
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

/// Why the past does not fit the configuration.
pub(crate) const fn recovery_text(fault: RecoveryFault) -> &'static str {
    match fault {
        RecoveryFault::Capacity => {
            "[limits] orders_max or positions_max is smaller than what today holds"
        }
        RecoveryFault::Session => {
            "a [[session]] that traded today is gone, or their order was changed"
        }
        RecoveryFault::Venue => {
            "a [[venue]] that was there today is gone, or their order was changed"
        }
        RecoveryFault::Version => {
            "an earlier version of the gateway wrote it; let that version finish its trading day"
        }
        RecoveryFault::Tables => "accounts or instruments were added to the tables or taken out",
        RecoveryFault::SentIndex => "it was made with a smaller [limits] orders_max",
        RecoveryFault::Image => "its content is not what this version writes",
    }
}

impl core::error::Error for StartError {}
