//! A day's decisions made again, from its inputs alone, and held against what is on record.
//!
//! In it: [`replay`], which must find no difference (`replay_is_identical`), [`what_if()`], which
//! changes a limit first and tells which orders it decides otherwise, and [`by_group`], which asks
//! one group of checks alone. All cut the effects out of the journal, give the inputs to the very
//! gateway that trades, and look at the recorded effects only when the last input is done. Not in
//! it: files (the caller lends segments) and the pcapng beside the journal. Read on in
//! `replay/cut.rs`, `replay/run.rs`, `replay/compare.rs`.

mod change;
mod change_conduct;
mod change_error;
mod change_exposure;
mod change_short;
mod compare;
mod cut;
mod filters;
mod fix_numbers;
mod groups;
mod limit_field;
mod ordered;
mod own;
mod run;
mod starts;
mod venue_filter;
mod verdict;
mod what_if;
mod words;

use std::collections::BTreeMap;

use gwanmun_captures::input::InputFault;
use gwanmun_captures::journal::JournalDamage;
use gwanmun_gateway::RecoveryError;
use gwanmun_market::{OrderId, Text};

pub use change::{Change, KEYS};
pub use change_error::ChangeError;
pub use compare::{Difference, EXCERPT_BYTES, Excerpt, What};
pub use groups::{Alone, ByGroup, by_group};
pub use ordered::Ordered;
pub use verdict::{Decision, Verdict, VerdictEntry};
pub use what_if::{ChangedVerdict, WhatIf, WhatIfError, venue_names, what_if, what_if_with};

/// Differences that a report tells in full; all of them are counted.
pub const DIFFERENCES_MAX: usize = 100;

/// Told now and then how many of how many inputs are done.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Why a journal cannot be replayed at all. The fault is in the journal, or in its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// It has no records.
    Empty,
    /// It is damaged.
    Damaged(JournalDamage),
    /// It does not begin with the first record of its day.
    NotFromTheStart {
        /// Number of the first record there is.
        number: u64,
    },
    /// A start's terms or tables are not text of ours.
    Terms {
        /// Number of the TableVersion record.
        number: u64,
        /// The line, those of the tables counted on from those of the start; zero: the whole.
        line: usize,
    },
    /// A start of a version of the gateway whose records have another layout.
    Version {
        /// Number of the TableVersion record.
        number: u64,
    },
    /// A TableVersion names tables that are nowhere on record.
    NoTable {
        /// Its number.
        number: u64,
    },
    /// The tables change within a start, which this version does not know.
    TablesChanged {
        /// Number of the TableVersion record.
        number: u64,
    },
    /// An input before its start has terms.
    NoTerms {
        /// Its number.
        number: u64,
    },
    /// The tables' holdings are more than the positions allowed.
    Capacity {
        /// Number of the TableVersion record.
        number: u64,
    },
    /// An input's payload is not what its kind promises.
    Input {
        /// Its number.
        number: u64,
        /// What is wrong with it.
        fault: InputFault,
    },
    /// An unknown storage level.
    StorageLevel {
        /// Number of the record.
        number: u64,
    },
    /// An unknown step of a stop.
    Leaving {
        /// Number of the record.
        number: u64,
    },
    /// An unknown outcome of a Logon's credentials.
    Credential {
        /// Number of the Connected record.
        number: u64,
    },
    /// A member's line without the outcome of his credentials or his Logon.
    Logon {
        /// Number of the record.
        number: u64,
    },
    /// Bytes of a line that did not come up.
    NoLine {
        /// Number of the record.
        number: u64,
    },
    /// What was decided before a restart cannot be restored.
    Recovery(RecoveryError),
}

impl core::fmt::Display for ReplayError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            ReplayError::Empty => f.write_str("the journal has no records"),
            ReplayError::Damaged(damage) => write!(
                f,
                "segment {} is damaged at byte {}: {:?}",
                damage.segment_index, damage.position, damage.fault
            ),
            ReplayError::NotFromTheStart { number } => write!(
                f,
                "the journal begins with record {number}; replay needs the whole day"
            ),
            ReplayError::Terms { number, line } => write!(
                f,
                "record {number}: line {line} of the start's terms and tables cannot be read"
            ),
            ReplayError::Version { number } => write!(
                f,
                "record {number}: the start before it is another version's, whose effects have \
                 another layout; replay it with that version"
            ),
            ReplayError::NoTable { number } => {
                write!(f, "record {number} names tables that are not on record")
            }
            ReplayError::TablesChanged { number } => {
                write!(f, "record {number} changes the tables within a start")
            }
            ReplayError::NoTerms { number } => {
                write!(f, "record {number} comes before its start's tables")
            }
            ReplayError::Capacity { number } => {
                write!(f, "record {number}: more holdings than positions allowed")
            }
            ReplayError::Input { number, fault } => {
                write!(
                    f,
                    "record {number} is not what its kind promises: {fault:?}"
                )
            }
            ReplayError::StorageLevel { number } => {
                write!(f, "record {number} has an unknown storage level")
            }
            ReplayError::Leaving { number } => {
                write!(f, "record {number} has an unknown step of a stop")
            }
            ReplayError::Credential { number } => {
                write!(
                    f,
                    "record {number}: its credentials have an unknown outcome"
                )
            }
            ReplayError::Logon { number } => {
                write!(f, "record {number}: a member's Logon is not whole")
            }
            ReplayError::NoLine { number } => {
                write!(f, "record {number} belongs to a line that did not come up")
            }
            ReplayError::Recovery(error) => write!(
                f,
                "the effect of record {} cannot be restored: {:?}",
                error.number, error.fault
            ),
        }
    }
}

impl core::error::Error for ReplayError {}

/// An input at the very end of a start whose effects the record lacks, because the process died
/// between the two. It did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Number of the input record.
    pub input: u64,
    /// Which start.
    pub epoch: u32,
    /// Effects that the replay made and took back.
    pub effects: u64,
}

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records in the journal, of any kind.
    pub records: u64,
    /// Starts of the process.
    pub epochs: u32,
    /// Inputs replayed.
    pub inputs: u64,
    /// Effect records in the journal.
    pub effects: u64,
    /// Effect records that were held against one of the replay's.
    pub effects_compared: u64,
    /// Verdict entries among them.
    pub decisions_compared: u64,
    /// Bytes for either peer among them.
    pub bytes_compared: u64,
    /// Orders that got an OrderID(37) in the replay.
    pub orders: u64,
    /// Effects that are not the same, and inputs that would have been recorded otherwise.
    pub differences: u64,
    /// The first [`DIFFERENCES_MAX`] of them.
    pub first_differences: Vec<Difference>,
    /// Inputs at the end of a start that the day left undecided.
    pub undecided: Vec<Undecided>,
    /// Torn tails, each at the end of a start: segment, byte offset, bytes.
    pub torn: Vec<(u32, u64, u64)>,
    /// The replay's verdicts, in order.
    pub decisions: Vec<Decision>,
    /// What was ordered, by OrderID(37).
    pub ordered: BTreeMap<OrderId, Ordered>,
    /// TargetCompID(56) of each member session, by its index.
    pub session_names: Vec<Text<32>>,
}

impl Report {
    /// Whether the replay decided and wrote the very same. With nothing compared it did not.
    #[must_use]
    pub const fn is_identical(&self) -> bool {
        self.differences == 0 && self.effects_compared > 0
    }

    fn differ(&mut self, difference: Difference) {
        self.differences += 1;
        if self.first_differences.len() < DIFFERENCES_MAX {
            self.first_differences.push(difference);
        }
    }
}

/// Makes a trading day's decisions again and compares every one of them and every byte for either
/// peer.
///
/// `segments` are the day's journal segments in order. `progress` is told about inputs.
///
/// # Errors
/// [`ReplayError`] when the journal is damaged or not the whole of a day.
pub fn replay(segments: &[&[u8]], progress: Progress<'_>) -> Result<Report, ReplayError> {
    let cut = cut::cut(segments)?;
    let starts = starts::starts(&cut.inputs)?;
    let run = run::run::<()>(&cut.inputs, &starts, run::Mode::Same, progress)?;
    Ok(report(&cut, &starts, run))
}

/// Compares a run under the terms on record.
fn report(cut: &cut::Cut<'_>, starts: &starts::Starts, run: run::Run) -> Report {
    let mut report = Report {
        records: cut.records,
        epochs: cut.epochs,
        inputs: cut.inputs.records.len() as u64,
        effects: cut.effects.len() as u64,
        torn: cut.torn.clone(),
        ..Report::default()
    };
    compare::compare(cut, &run, &mut report);
    report.decisions = verdict::decisions(&cut.inputs, &run);
    report.orders = verdict::first_by_order(&report.decisions).len() as u64;
    report.ordered = ordered::ordered(starts, &run);
    report.undecided = run.undecided;
    report.session_names = run.names;
    report
}
