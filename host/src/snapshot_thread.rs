//! The snapshot thread: each time enough further segments are whole on disk it builds the gateway's
//! state from them, by the code of a restart, and writes it down.
//!
//! It shares nothing with the order core but the end of the process, and the capture thread does no
//! more for it than ring: what it reads are files. A snapshot that cannot be made is told and tried
//! again some segments later; trading never waits for one.
//!
//! The shadow, as large as the gateway itself, stays from one snapshot to the next: each segment of
//! the day is read once, and the process takes no more memory late in the day than after its first
//! snapshot. One is due behind at least `every` segments and as many bytes as the snapshot before
//! it has, so that all snapshots together are never more to write than the journal, and a start
//! reads at most about twice the latest.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};

use gwanmun_gateway::{Gateway, RecoveryFault, Terms};
use gwanmun_runtime::segment::room_at;

use crate::capture_thread::Shared;
use crate::day::Day;
use crate::events::Event;
use crate::past::{PastFault, Restored};
use crate::snapshots;
use crate::trade::leave_to_order_core;

/// Everything the thread owns.
pub(crate) struct SnapshotThread {
    pub(crate) day: Day,
    pub(crate) trading_day: u32,
    /// The process's, and the terms that it began with.
    pub(crate) epoch: u32,
    pub(crate) terms: Terms,
    /// Segments from one snapshot to the next.
    pub(crate) every: u32,
    /// The segment at which reading goes on behind the latest snapshot.
    pub(crate) latest: u32,
    /// Bytes of a segment.
    pub(crate) segment_bytes: u64,
    /// Free space that a snapshot leaves to the journal.
    pub(crate) reserve_bytes: u64,
    /// The order core's core, where it is pinned to one.
    pub(crate) order_core: Option<usize>,
    pub(crate) shared: Arc<Shared>,
    /// Rung by the capture thread when a segment is whole on disk; closed when it ends.
    pub(crate) bell: Receiver<()>,
    pub(crate) events: SyncSender<Event>,
}

/// A snapshot that was made.
struct Made {
    records: u64,
    bytes: u64,
}

impl SnapshotThread {
    /// Runs until the capture thread ends.
    pub(crate) fn run(mut self) {
        if let Some(finding) = leave_to_order_core(self.order_core) {
            self.tell(Event::Finding(finding));
        }
        let mut standing = None;
        let mut due = self.segments_of(snapshots::bytes_of(&self.day, self.latest).unwrap_or(0));
        while self.bell.recv().is_ok() {
            let whole = self.shared.whole_segments.load(Ordering::Acquire);
            let whole = u32::try_from(whole).unwrap_or(u32::MAX);
            if whole.saturating_sub(self.latest) < self.every.max(due) {
                continue;
            }
            // A broken invariant in the shadow is none in the gateway that trades.
            let made = catch_unwind(AssertUnwindSafe(|| self.make(whole, &mut standing)));
            let made = made.unwrap_or_else(|_| {
                standing = None;
                Err(PastFault::Broken)
            });
            // Made or not: the next one is due as many segments later.
            self.latest = whole;
            match made {
                Ok(Made { records, bytes }) => {
                    due = self.segments_of(bytes);
                    self.tell(Event::SnapshotMade {
                        segment: whole,
                        records,
                        bytes,
                    });
                }
                Err(PastFault::Ending) => return,
                Err(fault) => self.tell(Event::SnapshotFailed {
                    segment: whole,
                    fault,
                }),
            }
        }
    }

    fn tell(&self, event: Event) {
        // A full queue loses an event for people, never a decision.
        let _ = self.events.try_send(event);
    }

    fn goes_on(&self) -> bool {
        !self.shared.is_last.load(Ordering::Relaxed)
    }

    /// Segments with as many bytes.
    fn segments_of(&self, bytes: u64) -> u32 {
        u32::try_from(bytes / self.segment_bytes).unwrap_or(u32::MAX)
    }

    /// Makes the snapshot of all segments before `until`. The shadow stays in `standing` unless
    /// something is wrong with it.
    fn make(&self, until: u32, standing: &mut Option<Restored<()>>) -> Result<Made, PastFault> {
        let shadow = match standing.take() {
            Some(shadow) => self.go_on(shadow, until)?,
            None => self.shadow(until)?,
        };
        let shadow = standing.insert(shadow);
        let point = shadow.point().ok_or(PastFault::Missing(0))?;
        let in_pieces: &snapshots::InPieces<'_> = &|take| shadow.snapshot_in_pieces(take);
        let bytes = snapshots::write(&self.day, &point, in_pieces, &|| self.may_write())?;
        let records = core::mem::take(&mut shadow.records);
        Ok(Made { records, bytes })
    }

    /// Whether a snapshot may take more of the disk.
    fn may_write(&self) -> Result<(), PastFault> {
        if !self.goes_on() {
            return Err(PastFault::Ending);
        }
        let is_low = self.shared.storage_level.load(Ordering::Acquire) != 0;
        let room = room_at(&self.day.disk);
        let has_room = room.is_ok_and(|room| room.free_bytes > self.reserve_bytes);
        if is_low || !has_room {
            return Err(PastFault::NoSpace);
        }
        Ok(())
    }

    /// A gateway that stands where the segments before `until` have brought the live one. A
    /// snapshot of this epoch would not do: sessions that came before it stand in the segments
    /// alone.
    fn shadow(&self, until: u32) -> Result<Restored<()>, PastFault> {
        let earlier = snapshots::newest_first(&self.day)
            .map_err(|error| PastFault::Unreadable(error.kind()))?;
        for segment in earlier.into_iter().filter(|segment| *segment <= until) {
            let place = (segment, self.trading_day);
            let restored = Restored::from_snapshot(&self.day, place, self.gateway()?);
            let is_own = |it: &Restored<()>| it.point().is_some_and(|it| it.epoch >= self.epoch);
            if restored.as_ref().is_ok_and(is_own) {
                continue;
            }
            match restored.and_then(|restored| self.go_on(restored, until)) {
                Err(fault) if fault != PastFault::Ending => {
                    self.tell(Event::SnapshotRefused { segment, fault });
                }
                done => return done,
            }
        }
        self.go_on(Restored::nothing(self.gateway()?), until)
    }

    fn gateway(&self) -> Result<Gateway<()>, PastFault> {
        let gateway = Gateway::new(self.terms.clone(), ());
        let mut gateway = gateway.map_err(|_| PastFault::State(RecoveryFault::Capacity))?;
        gateway.follow_sessions(self.epoch);
        Ok(gateway)
    }

    /// One segment after the other, so that no more than one is in memory.
    fn go_on(&self, mut shadow: Restored<()>, until: u32) -> Result<Restored<()>, PastFault> {
        let mut segment = Vec::new();
        for index in shadow.next_index()..until {
            segment.clear();
            self.read(index, &mut segment)
                .map_err(|error| PastFault::Unreadable(error.kind()))?;
            shadow.go_on([segment.as_slice()].into_iter(), &|| self.goes_on())?;
        }
        Ok(shadow)
    }

    /// A segment as it is on disk. It is made durable first: a snapshot must not outlive a segment
    /// before it, in which it has places.
    fn read(&self, index: u32, into: &mut Vec<u8>) -> io::Result<()> {
        let mut file = File::open(self.day.on_disk(index))?;
        file.sync_all()?;
        file.read_to_end(into)?;
        Ok(())
    }
}
