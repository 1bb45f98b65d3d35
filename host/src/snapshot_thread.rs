//! The snapshot thread: each time enough further segments are whole on disk it builds the gateway's
//! state from them, by the code of a restart, and writes it down.
//!
//! It shares nothing with the order core but the end of the process, and the capture thread does no
//! more for it than ring: what it reads are files. A snapshot that cannot be made is told and tried
//! again some segments later; trading never waits for one.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};

use gwanmun_gateway::{Gateway, RecoveryFault, Terms};
use gwanmun_runtime::cores;
use gwanmun_runtime::segment::room_at;

use crate::capture_thread::Shared;
use crate::day::Day;
use crate::events::Event;
use crate::past::{PastFault, Restored};
use crate::snapshots;

/// Everything the thread owns.
pub(crate) struct SnapshotThread {
    pub(crate) day: Day,
    pub(crate) trading_day: u32,
    pub(crate) terms: Terms,
    /// Segments from one snapshot to the next.
    pub(crate) every: u32,
    /// The segment at which reading goes on behind the latest snapshot.
    pub(crate) latest: u32,
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
        if let Some(core) = self.order_core
            && let Err(finding) = cores::keep_off(core)
        {
            self.tell(Event::Finding(finding));
        }
        while self.bell.recv().is_ok() {
            let whole = self.shared.whole_segments.load(Ordering::Acquire);
            let whole = u32::try_from(whole).unwrap_or(u32::MAX);
            if whole.saturating_sub(self.latest) < self.every {
                continue;
            }
            // Made or not: the next one is due as many segments later.
            self.latest = whole;
            // A broken invariant in the shadow is none in the gateway that trades.
            let made = catch_unwind(AssertUnwindSafe(|| self.make(whole)));
            match made.unwrap_or(Err(PastFault::Broken)) {
                Ok(Made { records, bytes }) => self.tell(Event::SnapshotMade {
                    segment: whole,
                    records,
                    bytes,
                }),
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

    /// Makes the snapshot of all segments before `until`. The shadow gateway is gone before the
    /// file is written, the rest behind it.
    fn make(&self, until: u32) -> Result<Made, PastFault> {
        let shadow = self.shadow(until)?;
        let records = shadow.records;
        let (point, body) = shadow.snapshot().ok_or(PastFault::Missing(0))?;
        drop(shadow);
        let bytes = body.len() as u64;
        let is_low = self.shared.storage_level.load(Ordering::Acquire) != 0;
        let room = room_at(&self.day.disk);
        let has_room = room.is_ok_and(|room| room.free_bytes > bytes + self.reserve_bytes);
        if is_low || !has_room {
            return Err(PastFault::NoSpace);
        }
        if !self.goes_on() {
            return Err(PastFault::Ending);
        }
        snapshots::write(&self.day, &point, &body)
            .map_err(|error| PastFault::Unwritten(error.kind()))?;
        Ok(Made { records, bytes })
    }

    /// A gateway that stands where the segments before `until` have brought the live one.
    fn shadow(&self, until: u32) -> Result<Restored<()>, PastFault> {
        let earlier = snapshots::newest_first(&self.day)
            .map_err(|error| PastFault::Unreadable(error.kind()))?;
        for segment in earlier.into_iter().filter(|segment| *segment <= until) {
            let place = (segment, self.trading_day);
            let restored = Restored::from_snapshot(&self.day, place, self.gateway()?)
                .and_then(|restored| self.go_on(restored, until));
            match restored {
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
        gateway.map_err(|_| PastFault::State(RecoveryFault::Capacity))
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
