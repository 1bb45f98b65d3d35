//! The day's past put back into a gateway: from the latest snapshot that holds and the segments
//! behind it, or from every segment.
//!
//! A start and the snapshot thread go the same way, so a snapshot is what a start would have made
//! of its segments. Nothing that does not hold is trusted, and nothing is passed over in silence.

use std::io;

use gwanmun_captures::journal::{ChainPoint, ChainReader, JournalDamage};
use gwanmun_captures::snapshot::{Snapshot, SnapshotDamage};
use gwanmun_gateway::{Gateway, PastLines, RecoveryError, RecoveryFault, Stages};

use crate::day::Day;
use crate::events::Event;
use crate::journal_writer::{ChainSegment, KEPT_MAX};
use crate::power_loss::set_aside;
use crate::snapshots;
use crate::start_error::{StartError, recovery_text};

/// Why a snapshot cannot be used, or not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastFault {
    /// The file could not be read.
    Unreadable(io::ErrorKind),
    /// The file is damaged.
    Snapshot(SnapshotDamage),
    /// It is of another trading day.
    TradingDay(u32),
    /// It goes on at another segment than its name says.
    Misnamed(u32),
    /// Its state does not fit the configuration.
    State(RecoveryFault),
    /// A segment of the day is not there.
    Missing(u32),
    /// The segments behind it are damaged, or do not go on from it.
    Chain(JournalDamage),
    /// A record behind it does not fit the configuration.
    Record(RecoveryError),
    /// The new one could not be written.
    Unwritten(io::ErrorKind),
    /// The new one would take space that the journal needs.
    NoSpace,
    /// The process ends.
    Ending,
    /// An invariant of our own is broken in making it.
    Broken,
}

impl PastFault {
    /// What is wrong, in words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            PastFault::Unreadable(kind) => format!("it cannot be read: {kind}"),
            PastFault::Snapshot(damage) => {
                format!(
                    "it is damaged at byte {}: {:?}",
                    damage.position, damage.fault
                )
            }
            PastFault::TradingDay(day) => format!("it is of the trading day {day}"),
            PastFault::Misnamed(segment) => format!("it goes on at segment {segment}"),
            PastFault::State(fault) => format!("its state: {}", recovery_text(*fault)),
            PastFault::Missing(segment) => format!("segment {segment} is not there"),
            PastFault::Chain(damage) => format!(
                "segment {} at byte {}: {:?}",
                damage.segment_index, damage.position, damage.fault
            ),
            PastFault::Record(error) => {
                format!("record {}: {}", error.number, recovery_text(error.fault))
            }
            PastFault::Unwritten(kind) => format!("it cannot be written: {kind}"),
            PastFault::NoSpace => "the journal needs the space that is left".to_owned(),
            PastFault::Ending => "the process ends".to_owned(),
            PastFault::Broken => "an invariant is broken, its message is above".to_owned(),
        }
    }

    /// An error that reading more of the past may mend.
    fn of(error: StartError) -> Result<PastFault, StartError> {
        match error {
            StartError::Damaged(damage) => Ok(PastFault::Chain(damage)),
            StartError::Recovery(error) => Ok(PastFault::Record(error)),
            StartError::MissingSegment(segment) => Ok(PastFault::Missing(segment)),
            other => Err(other),
        }
    }
}

/// A gateway with part of the past in it.
pub(crate) struct Restored<S> {
    pub(crate) gateway: Gateway<S>,
    lines: PastLines,
    /// Where it stands in the chain; `None` before the first segment.
    point: Option<ChainPoint>,
    /// Records read, those before the snapshot not among them.
    pub(crate) records: u64,
    /// Where torn tails were: segment, offset, bytes.
    torn: Vec<(u32, u64, u64)>,
}

impl<S: Stages> Restored<S> {
    /// The day's beginning.
    pub(crate) fn nothing(gateway: Gateway<S>) -> Restored<S> {
        Restored {
            gateway,
            lines: PastLines::default(),
            point: None,
            records: 0,
            torn: Vec::new(),
        }
    }

    /// The state of a snapshot.
    pub(crate) fn from_snapshot(
        day: &Day,
        (segment, trading_day): (u32, u32),
        mut gateway: Gateway<S>,
    ) -> Result<Restored<S>, PastFault> {
        let file = snapshots::read(day, segment);
        let file = file.map_err(|error| PastFault::Unreadable(error.kind()))?;
        let snapshot = Snapshot::parse(&file).map_err(PastFault::Snapshot)?;
        let point = snapshot.point();
        if point.trading_day != trading_day {
            return Err(PastFault::TradingDay(point.trading_day));
        }
        if point.segment_index != segment {
            return Err(PastFault::Misnamed(point.segment_index));
        }
        let mut lines = PastLines::default();
        gateway
            .restore_snapshot(snapshot.body(), &mut lines)
            .map_err(PastFault::State)?;
        Ok(Restored {
            lines,
            point: Some(point),
            ..Restored::nothing(gateway)
        })
    }

    /// The segment that comes next.
    pub(crate) fn next_index(&self) -> u32 {
        self.point.map_or(0, |point| point.segment_index)
    }

    /// Takes the records of the next segments, as long as `goes_on` says so.
    pub(crate) fn go_on<'a>(
        &mut self,
        segments: impl Iterator<Item = &'a [u8]>,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<(), PastFault> {
        let mut chain = match self.point {
            Some(point) => ChainReader::going_on(point, segments),
            None => ChainReader::new(segments),
        };
        for next in chain.by_ref() {
            let next = next.map_err(PastFault::Chain)?;
            self.gateway
                .restore(&next.record, next.segment_index, &mut self.lines)
                .map_err(PastFault::Record)?;
            self.records += 1;
            if !goes_on() {
                return Err(PastFault::Ending);
            }
        }
        self.point = chain.point();
        self.torn.extend_from_slice(chain.torn_tails());
        Ok(())
    }

    /// Where reading goes on behind what it has; `None` before the first segment.
    pub(crate) const fn point(&self) -> Option<ChainPoint> {
        self.point
    }

    /// The snapshot's body in pieces.
    pub(crate) fn snapshot_in_pieces(&self, take: &mut dyn FnMut(&[u8])) {
        self.gateway.snapshot_in_pieces(&self.lines, take);
    }
}

/// What an earlier start left.
pub(crate) struct Past {
    /// The day's latest [`KEPT_MAX`] segments, in order, wherever a snapshot lies among them: which
    /// ones a resend finds in memory must not depend on it, or a replay would differ.
    pub(crate) kept: Vec<ChainSegment>,
    /// Index of the next segment.
    pub(crate) next_index: u32,
    /// Number of the next record.
    pub(crate) next_number: u64,
    /// Starts so far today.
    pub(crate) epochs: u32,
    /// Records read.
    pub(crate) records: u64,
    /// The segment at which reading went on behind a snapshot.
    pub(crate) snapshot: Option<u32>,
    /// Where torn tails were: segment, offset, bytes.
    pub(crate) torn: Vec<(u32, u64, u64)>,
}

/// Puts the day's past into a gateway that `new` makes and brings its segments to disk.
pub(crate) fn take<S: Stages>(
    day: &Day,
    trading_day: u32,
    new: &dyn Fn() -> Result<Gateway<S>, StartError>,
    show: &mut dyn FnMut(Event),
) -> Result<(Gateway<S>, Past), StartError> {
    let failed = |error: io::Error| StartError::io("look through", &day.disk, &error);
    snapshots::remove_unfinished(day).map_err(failed)?;
    for segment in snapshots::newest_first(day).map_err(failed)? {
        let fault = match Restored::from_snapshot(day, (segment, trading_day), new()?) {
            Ok(restored) => match with_tail(day, restored) {
                Ok(taken) => return Ok(taken),
                Err(error) => PastFault::of(error)?,
            },
            Err(fault) => fault,
        };
        show(Event::SnapshotRefused { segment, fault });
    }
    with_tail(day, Restored::nothing(new()?))
}

fn with_tail<S: Stages>(
    day: &Day,
    mut restored: Restored<S>,
) -> Result<(Gateway<S>, Past), StartError> {
    let from = restored.next_index();
    if let Some(missing) = (0..from).find(|&index| !day.on_disk(index).exists()) {
        return Err(StartError::MissingSegment(missing));
    }
    let mut segments = day.past_segments(from)?;
    let lent = segments.iter().map(|segment| segment.mapped.as_slice());
    restored
        .go_on(lent, &|| true)
        .map_err(|fault| match fault {
            PastFault::Record(error) => StartError::Recovery(error),
            PastFault::Chain(damage) => StartError::Damaged(damage),
            // Nothing else can come of reading segments to their end.
            _ => StartError::MissingSegment(from),
        })?;
    // Behind the end that a loss of power left: nothing of them was ever synced.
    let next_index = restored.next_index();
    while let Some(behind) = segments.pop_if(|last| last.index >= next_index) {
        set_aside(&day.on_disk(behind.index))?;
    }
    let mut kept = segments.split_off(segments.len().saturating_sub(KEPT_MAX));
    let earlier = u32::try_from(KEPT_MAX - kept.len()).unwrap_or(0);
    for index in (from.saturating_sub(earlier)..from).rev() {
        kept.insert(0, day.open_on_disk(index)?);
    }
    let point = restored.point;
    let past = Past {
        kept,
        next_index,
        next_number: point.map_or(1, |point| point.next_number),
        epochs: point.map_or(0, |point| point.epoch),
        records: restored.records,
        snapshot: (from > 0).then_some(from),
        torn: restored.torn,
    };
    Ok((restored.gateway, past))
}
