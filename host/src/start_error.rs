//! Why a gateway does not start, in words an operator can act on.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gwanmun_captures::journal::JournalDamage;
use gwanmun_gateway::{RecoveryError, RecoveryFault, TablesError};
use gwanmun_market::{AccountId, Symbol, Text};
use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::finding::Finding;

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
    /// The tables have no account at all.
    AccountTableMissing,
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
    /// A `[[venue_rule]]` or `[[short_rule]]` is of a venue that the gateway file does not have.
    UnknownRuleVenue(Text<8>),
    /// `[desk] operators` has a name that no user of this machine has.
    UnknownOperator(String),
    /// The day's journal is damaged before its end: someone must look before trading goes on.
    Damaged(JournalDamage),
    /// The day's journal has a segment less than it had.
    MissingSegment(u32),
    /// This segment was only in memory, in journal mode `memory`, and is gone with what followed.
    PowerLost(u32),
    /// The day's journal does not fit the configuration.
    Recovery(RecoveryError),
    /// The tables make no sense together.
    Tables(TablesError),
    /// More opening holdings than positions are allowed.
    TooManyHoldings,
    /// The way to watch sessions that was asked for by name is refused.
    Transport {
        /// The value of `[gateway] transport`.
        word: &'static str,
        /// What the host refused, and why.
        finding: Finding,
    },
    /// The address could not be listened on.
    Listen(SocketAddr, Errno),
    /// Certificate or key of a TLS address changed since the configuration was read.
    Tls {
        /// What is wrong, with the file's name.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A thread could not be started.
    Thread(Errno),
    /// A value of the configuration is beyond what the process can hold.
    Capacity(&'static str),
    /// A build that asks no check may not listen where others than this machine connect.
    Unchecked(SocketAddr),
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
                | StartError::AccountTableMissing
                | StartError::UnknownAccount { .. }
                | StartError::UnknownVenue { .. }
                | StartError::UnknownRuleVenue(_)
                | StartError::UnknownOperator(_)
                | StartError::Capacity(_)
                | StartError::Tls { .. }
                | StartError::Unchecked(_)
        )
    }

    /// Whether an input is damaged, rather than the host refusing something.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            StartError::Damaged(_) | StartError::MissingSegment(_) | StartError::PowerLost(_)
        )
    }
}

const NO_ACCOUNTS: &str = "the tables have no [[account]] at all: every order would be refused \
                           with ACCOUNT_TABLE_MISSING; is the tables file whole?";

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
            StartError::AccountTableMissing => f.write_str(NO_ACCOUNTS),
            StartError::UnknownVenue { symbol, venue } => show_unknown_venue(symbol, venue, f),
            StartError::UnknownRuleVenue(venue) => show_rule_venue(venue, f),
            StartError::UnknownAccount { session, account } => write!(
                f,
                "session {session} may use the account {account}, which the tables do not have: \
                 add an [[account]] or take it out of the session's accounts"
            ),
            StartError::UnknownOperator(name) => write!(
                f,
                "[desk] operators has {}, which is no user of this machine: write a name that \
                 /etc/passwd has, or a user number",
                name.escape_debug()
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
            StartError::PowerLost(index) => show_power_lost(*index, f),
            StartError::Recovery(error) => show_recovery(error, f),
            StartError::Tables(error) => write!(f, "the tables make no sense together: {error:?}"),
            StartError::TooManyHoldings => {
                write!(
                    f,
                    "more opening holdings than [limits] positions_max allows"
                )
            }
            StartError::Transport { word, finding } => write!(
                f,
                "[gateway] transport = \"{word}\" is refused here, since {}: {}; or write \
                 \"auto\", which takes what the host allows",
                finding.cause, finding.remedy
            ),
            StartError::Listen(address, errno) => write!(
                f,
                "cannot listen on {address}: {errno}; is another gateway running, or the port \
                 below 1024?"
            ),
            StartError::Tls { what, remedy } => write!(f, "{what}; {remedy}"),
            StartError::Thread(errno) => write!(f, "cannot start a thread: {errno}"),
            StartError::Capacity(what) => write!(f, "{what} is beyond what the process can hold"),
            StartError::Unchecked(address) => show_unchecked(*address, f),
        }
    }
}

fn show_rule_venue(name: &Text<8>, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
    write!(
        f,
        "a [[venue_rule]] or [[short_rule]] of the tables is for the venue {name}, and no \
         [[venue]] of the gateway file has that name: add the venue or take the rule out"
    )
}

fn show_unchecked(address: SocketAddr, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
    write!(
        f,
        "this gateway asks no check (built with gwanmun_unchecked, to measure) and does not listen \
         on {address}: loopback alone, or a build with checks"
    )
}

fn show_power_lost(index: u32, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
    write!(
        f,
        "segment {index} of the day's journal was only in memory and is lost, as after a \
         loss of power: in [journal] mode memory the copy on disk may lack what was sent; \
         if [journal] memory_dir was changed, set it back; otherwise settle the day's \
         orders with venue and members and start a new trading day in another folder \
         (mode durable survives a loss of power)"
    )
}

fn show_unknown_venue(
    symbol: &Symbol,
    venue: &Text<8>,
    f: &mut core::fmt::Formatter<'_>,
) -> core::fmt::Result {
    write!(
        f,
        "the tables let the instrument {symbol} trade at {venue}, which is the name of no \
         [[venue]]; add the venue to the gateway file, or take it out of `venues`"
    )
}

fn show_recovery(error: &RecoveryError, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
    write!(
        f,
        "record {} of the day's journal does not fit the configuration: {}; within a \
         trading day capacities may grow, sessions and venues may be added behind the others, \
         and terms of accounts and instruments may change, but not their list",
        error.number,
        recovery_text(error.fault)
    )
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
        RecoveryFault::SentIndex => "it was made with another [limits] orders_max",
        RecoveryFault::Image => "its content is not what this version writes",
    }
}

impl core::error::Error for StartError {}

#[cfg(test)]
mod tests {
    use gwanmun_runtime::finding::{Severity, Subject};

    use super::*;

    #[test]
    fn a_refused_transport_names_its_key_the_cause_and_what_to_do() {
        let finding = Finding {
            severity: Severity::Degraded,
            subject: Subject::Ring,
            what: "io_uring refused",
            cause: "kernel.io_uring_disabled is set",
            remedy: "sysctl kernel.io_uring_disabled=0",
            errno: Some(Errno(1)),
        };
        let word = "uring";
        let text = StartError::Transport { word, finding }.to_string();
        for part in [
            "[gateway] transport = \"uring\"",
            finding.cause,
            finding.remedy,
            "\"auto\"",
        ] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
    }
}
