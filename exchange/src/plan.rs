//! What a venue starts from, with every file read: the configuration made ready.
//!
//! In it: [`Plan`] and reading the files that a [`Config`] names. Not in it: sockets (see
//! [`crate::exchange`]).

use core::fmt;
use core::net::SocketAddr;
use std::fs;
use std::path::{Path, PathBuf};

use gwanmun_market::Text;

use crate::config::{Config, ConfigError, Faults, FixEntry, FixParticipant, printable};
use crate::instruments;
use crate::venue::VenueSetup;

/// A user with the password read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// Username.
    pub name: Text<6>,
    /// Password; a secret, so `Debug` leaves it out.
    pub password: Text<10>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Everything a venue needs, whichever way it was put together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where order lines connect.
    pub order_listen: SocketAddr,
    /// Where the feed is served.
    pub feed_listen: SocketAddr,
    /// Session of both.
    pub session: [u8; 10],
    /// Shown to the operator.
    pub trading_day: String,
    /// Who may log on; an account's index is its user's.
    pub users: Vec<User>,
    /// Instruments, phases, participants, script. Its number of accounts is taken from `users`.
    pub setup: VenueSetup,
    /// Messages behind which the order line is dropped.
    pub drop_order_line_after: Vec<u64>,
    /// Where the ledger is written.
    pub ledger: Option<PathBuf>,
    /// Where the day is kept over a restart.
    pub day_log: Option<PathBuf>,
    /// Longest silence of the feed, in nanoseconds.
    pub feed_heartbeat_ns: u64,
    /// Where and with whom FIX is spoken; nowhere when absent.
    pub fix: Option<FixPlan>,
}

/// The FIX port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixPlan {
    /// Where participants connect.
    pub listen: SocketAddr,
    /// The venue's CompID.
    pub comp_id: Text<32>,
    /// Each participant's CompID and account.
    pub participants: Vec<(Text<32>, usize)>,
}

impl Plan {
    /// Reads the files that a configuration names, from `folder` where a path is relative.
    ///
    /// # Errors
    /// [`PlanError`] with the file at fault.
    pub fn load(config: &Config, folder: &Path) -> Result<Plan, PlanError> {
        let (file, text) = match &config.instruments {
            None => (PathBuf::from("(built-in instruments)"), None),
            Some(path) => (folder.join(path), Some(read(&folder.join(path))?)),
        };
        let text = text.as_deref().unwrap_or(instruments::DEFAULT_INSTRUMENTS);
        let instruments = instruments::parse(text).map_err(|error| PlanError {
            file: file.clone(),
            error,
        })?;
        for entry in &config.script {
            if let Some(symbol) = entry.symbol
                && instruments.iter().all(|terms| terms.symbol != symbol.0)
            {
                let message = format!("[[script]] names {}, which is no instrument", symbol.0);
                return Err(PlanError {
                    file,
                    error: ConfigError::new(message),
                });
            }
        }
        let mut users = Vec::new();
        for entry in &config.users {
            let path = folder.join(&entry.password_file);
            let text = read(&path)?;
            let password =
                printable(text.lines().next().unwrap_or("").trim_end()).ok_or_else(|| {
                    let text =
                        "the first line is a password of one to ten printable ASCII characters";
                    PlanError {
                        file: path.clone(),
                        error: ConfigError::new(text),
                    }
                })?;
            users.push(User {
                name: entry.username.0,
                password,
            });
        }
        let Faults {
            drop_order_line_after,
            reject_every,
        } = config.faults.clone();
        Ok(Plan {
            order_listen: config.order_listen,
            feed_listen: config.feed_listen,
            session: config.session.0,
            trading_day: config.trading_day.0.clone(),
            setup: VenueSetup {
                instruments,
                accounts: users.len(),
                phase: config.phase.0,
                seed: config.seed,
                script: config.script.clone(),
                reject_every,
            },
            users,
            drop_order_line_after,
            ledger: config.ledger.as_ref().map(|path| folder.join(path)),
            day_log: config.day_log.as_ref().map(|path| folder.join(path)),
            feed_heartbeat_ns: u64::from(config.feed_heartbeat_ms.max(1)) * 1_000_000,
            fix: config.fix.as_ref().map(|fix| fix_plan(fix, config)),
        })
    }
}

/// The participants by their accounts; that each names a user is checked with the configuration.
fn fix_plan(fix: &FixEntry, config: &Config) -> FixPlan {
    let account = |entry: &FixParticipant| {
        let mut users = config.users.iter();
        let account = users.position(|user| user.username == entry.user)?;
        Some((entry.comp_id.0, account))
    };
    FixPlan {
        listen: fix.listen,
        comp_id: fix.comp_id.0,
        participants: fix.participants.iter().filter_map(account).collect(),
    }
}

fn read(path: &Path) -> Result<String, PlanError> {
    fs::read_to_string(path).map_err(|error| PlanError {
        file: path.to_owned(),
        error: ConfigError::new(format!("cannot be read: {error}")),
    })
}

/// A file that the configuration names and that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    /// Which file.
    pub file: PathBuf,
    /// What is wrong; a place in it is one of that file.
    pub error: ConfigError,
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.error)
    }
}

impl core::error::Error for PlanError {}
