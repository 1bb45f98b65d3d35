//! The order core's end of the journal: a chain of mapped segments, each ready before it is needed.
//!
//! Nothing here blocks on a disk and nothing allocates: the next segment comes from the capture
//! thread through a bounded queue, and old ones go back to it to be unmapped there. What is written
//! is published by one atomic store, which the capture thread reads before it reads the segment's
//! file; the two never share a mapping.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};

use gwanmun_captures::input::Persisted;
use gwanmun_captures::journal::{
    Durability, NewRecord, RECORD_HEAD_BYTES, RecordKind, SALT_STEP, SegmentHead, SegmentWriter,
};
use gwanmun_gateway::{EFFECT_BYTES_MAX, EffectHead, Input, Past, Place, Stamp, Stopped};
use gwanmun_runtime::segment::MappedSegment;

use crate::lending::Lending;

/// Segments that stay mapped behind the current one, so that a resend finds them: with the default
/// of 64 MiB a segment, half a gibibyte of the latest records.
pub(crate) const KEPT_MAX: usize = 8;

/// Text of a last record; with its head it fits what a segment keeps back for it.
const LAST_TEXT_BYTES_MAX: usize = 200;

/// Turns of yielding that a rotation waits for a segment for which there is no space before it
/// gives up: some ten milliseconds, in which a finished segment may give its space back.
const STARVED_TURNS_MAX: u32 = 200_000;
/// The same where the capture thread is only late, which a slow disk or a busy machine may make it
/// with small segments. Many seconds: only a thread that hangs is given up.
const LATE_TURNS_MAX: u32 = 50_000_000;

/// What an order, its report and what their sockets accepted put on record, and a cache's step.
const WARM_BYTES: usize = 2_560;
const CACHE_LINE_BYTES: usize = 64;

/// A position in the whole chain: segment index times segment size, plus the offset within.
pub(crate) type ChainPosition = u64;

/// What a segment's head says about all segments of this start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChainTerms {
    pub(crate) trading_day: u32,
    pub(crate) epoch: u32,
    pub(crate) segment_bytes: u64,
    pub(crate) durability: Durability,
    /// Nobody outside knows it; every segment's salt is made of it.
    pub(crate) salt_seed: u32,
}

/// A mapped segment and its place in the chain.
pub(crate) struct ChainSegment {
    pub(crate) index: u32,
    pub(crate) mapped: MappedSegment,
}

/// The queues to and from the capture thread.
pub(crate) struct SegmentQueues {
    /// Segments ready to be written.
    pub(crate) ready: Receiver<ChainSegment>,
    /// Segments that nothing points into any more.
    pub(crate) retired: SyncSender<ChainSegment>,
    /// The next segment could not be made: there is no space for it.
    pub(crate) is_starved: Arc<AtomicBool>,
    /// Old segments, asked for and read back from disk.
    pub(crate) lending: Lending,
}

/// The one writer of the chain.
pub(crate) struct JournalWriter {
    terms: ChainTerms,
    current: ChainSegment,
    writer: SegmentWriter,
    /// Earlier segments, any order; the oldest leaves when a place is needed.
    kept: Box<[Option<ChainSegment>]>,
    /// An older segment still, read back for a resend.
    lent: Option<ChainSegment>,
    queues: SegmentQueues,
    published: Arc<AtomicU64>,
    last_stamp_ns: u64,
    /// The highest position that a record states as persisted.
    stated: ChainPosition,
    /// Behind the last record that is no such statement.
    to_state: ChainPosition,
}

impl JournalWriter {
    /// Starts an epoch in its first segment.
    pub(crate) fn start(
        terms: ChainTerms,
        mut current: ChainSegment,
        first_number: u64,
        earlier: Vec<ChainSegment>,
        queues: SegmentQueues,
        published: Arc<AtomicU64>,
    ) -> Option<JournalWriter> {
        let head = segment_head(&terms, current.index, first_number);
        let writer = SegmentWriter::start(current.mapped.as_mut_slice(), head).ok()?;
        let mut kept: Vec<Option<ChainSegment>> = earlier.into_iter().map(Some).collect();
        kept.resize_with(KEPT_MAX.max(kept.len()), || None);
        let kept = kept.into_boxed_slice();
        let writer = JournalWriter {
            terms,
            current,
            writer,
            kept,
            lent: None,
            queues,
            published,
            last_stamp_ns: 0,
            stated: 0,
            to_state: 0,
        };
        writer.publish();
        Some(writer)
    }

    fn base(&self) -> ChainPosition {
        u64::from(self.current.index) * self.terms.segment_bytes
    }

    fn publish(&self) {
        self.published
            .store(self.base() + self.writer.position(), Ordering::Release);
    }

    /// Puts on record that the journal is persisted up to a position, if that covers a record which
    /// no statement covers yet: one about nothing but statements would lead to the next.
    pub(crate) fn state_persisted(
        &mut self,
        persisted: ChainPosition,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        if persisted <= self.stated || self.stated >= self.to_state {
            return Ok(());
        }
        let segment = u32::try_from(persisted / self.terms.segment_bytes).map_err(|_| Stopped)?;
        let place = Persisted {
            segment,
            offset: persisted % self.terms.segment_bytes,
        };
        let before = self.to_state;
        self.record(Input {
            kind: RecordKind::Persisted,
            connection: 0,
            stamp,
            refers_to: 0,
            payload: &place.to_bytes(),
        })?;
        self.stated = persisted;
        self.to_state = before;
        Ok(())
    }

    /// Puts an input on record.
    pub(crate) fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        let record = input.record();
        self.last_stamp_ns = input.stamp.ns;
        let parts: [&[u8]; 1] = [input.payload];
        let segment = self.current.mapped.as_mut_slice();
        let appended = match self.writer.append(segment, record, &parts) {
            Ok(appended) => appended,
            Err(_) => {
                self.rotate()?;
                let segment = self.current.mapped.as_mut_slice();
                self.writer
                    .append(segment, record, &parts)
                    .map_err(|_| Stopped)?
            }
        };
        self.publish();
        self.to_state = self.base() + appended.end;
        #[cfg(feature = "faults")]
        crate::faults::appended();
        Ok(appended.number)
    }

    /// Leaves the last record of a shard that stops because an invariant is broken. Every segment
    /// keeps room for one.
    pub(crate) fn record_last(&mut self, text: &str, stamp: Stamp) {
        let text = text.get(..text.floor_char_boundary(LAST_TEXT_BYTES_MAX));
        let record = NewRecord {
            kind: RecordKind::Last,
            clock_quality: stamp.clock_quality,
            connection: 0,
            stamp_ns: stamp.ns,
            refers_to: 0,
        };
        let parts = [text.unwrap_or_default().as_bytes()];
        let segment = self.current.mapped.as_mut_slice();
        if self.writer.append(segment, record, &parts).is_ok() {
            self.publish();
        }
    }

    /// Lends room for an effect, and what lies before it.
    pub(crate) fn begin_effect(&mut self) -> Result<(LivePast<'_>, &mut [u8]), Stopped> {
        if self.writer.room_bytes() < EFFECT_BYTES_MAX {
            self.rotate()?;
        }
        let position = usize::try_from(self.writer.position()).map_err(|_| Stopped)?;
        let segment = self.current.mapped.as_mut_slice();
        let (done, free) = segment.split_at_mut_checked(position).ok_or(Stopped)?;
        let room = free
            .get_mut(RECORD_HEAD_BYTES..RECORD_HEAD_BYTES + EFFECT_BYTES_MAX)
            .ok_or(Stopped)?;
        Ok((
            LivePast {
                index: self.current.index,
                done,
                kept: &self.kept,
                lent: self.lent.as_ref(),
            },
            room,
        ))
    }

    /// Seals the effect built in the room. Returns its place and the position behind it.
    pub(crate) fn commit_effect(
        &mut self,
        used_bytes: usize,
        head: EffectHead,
    ) -> (Place, ChainPosition) {
        let record = head.record();
        self.last_stamp_ns = head.stamp.ns;
        let appended = self
            .writer
            .commit(self.current.mapped.as_mut_slice(), record, used_bytes);
        self.publish();
        self.to_state = self.base() + appended.end;
        #[cfg(feature = "faults")]
        crate::faults::appended();
        let offset = appended.position + RECORD_HEAD_BYTES as u64;
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        (
            Place {
                segment: self.current.index,
                offset,
            },
            self.base() + appended.end,
        )
    }

    /// The payload of an effect just committed.
    pub(crate) fn payload(&self, place: Place, length: usize) -> &[u8] {
        debug_assert_eq!(place.segment, self.current.index);
        let start = place.offset as usize;
        self.current
            .mapped
            .as_slice()
            .get(start..start + length)
            .unwrap_or(&[])
    }

    /// Reads the room that the next records take, so that they find it near. Changes nothing.
    pub(crate) fn warm(&self) {
        let done = usize::try_from(self.writer.position()).unwrap_or(usize::MAX);
        let ahead = self.current.mapped.as_slice().iter().skip(done);
        for byte in ahead.take(WARM_BYTES).step_by(CACHE_LINE_BYTES) {
            core::hint::black_box(*byte);
        }
    }

    /// Seals the current segment and goes on in the next.
    fn rotate(&mut self) -> Result<(), Stopped> {
        let mut turns = 0;
        let next = loop {
            match self.queues.ready.try_recv() {
                Ok(next) => break next,
                Err(TryRecvError::Disconnected) => return Err(Stopped),
                Err(TryRecvError::Empty) => turns += 1,
            }
            let is_starved = self.queues.is_starved.load(Ordering::Acquire);
            let most = if is_starved {
                STARVED_TURNS_MAX
            } else {
                LATE_TURNS_MAX
            };
            if turns > most {
                return Err(Stopped);
            }
            std::thread::yield_now();
        };
        self.writer
            .seal(self.current.mapped.as_mut_slice(), self.last_stamp_ns);
        let head = segment_head(&self.terms, next.index, self.writer.next_number());
        let full = core::mem::replace(&mut self.current, next);
        self.writer =
            SegmentWriter::start(self.current.mapped.as_mut_slice(), head).map_err(|_| Stopped)?;
        self.publish();
        self.keep(full);
        Ok(())
    }

    /// What is asked of the capture thread.
    pub(crate) const fn lending(&mut self) -> &mut Lending {
        &mut self.queues.lending
    }

    /// Takes the old segment that was asked for, if it has come; from now on it can be read.
    pub(crate) fn take_lent(&mut self) -> Option<u32> {
        let lent = self.queues.lending.take()?;
        let index = lent.index;
        if let Some(before) = self.lent.replace(lent) {
            self.retire(before);
        }
        Some(index)
    }

    fn keep(&mut self, full: ChainSegment) {
        let age = |slot: &Option<ChainSegment>| slot.as_ref().map_or(0, |kept| kept.index + 1);
        let Some(place) = self.kept.iter_mut().min_by_key(|slot| age(slot)) else {
            return;
        };
        if let Some(oldest) = place.replace(full) {
            self.retire(oldest);
        }
    }

    fn retire(&mut self, segment: ChainSegment) {
        if let Err(error) = self.queues.retired.try_send(segment) {
            // The capture thread is far behind. Unmapping is a system call and frees memory, so it
            // must not happen here; the mapping is left to the process's end instead.
            core::mem::forget(error);
        }
    }
}

pub(crate) fn segment_head(
    terms: &ChainTerms,
    segment_index: u32,
    first_number: u64,
) -> SegmentHead {
    SegmentHead {
        segment_index,
        epoch: terms.epoch,
        trading_day: terms.trading_day,
        first_number,
        capacity_bytes: terms.segment_bytes,
        durability: terms.durability,
        salt: terms
            .salt_seed
            .wrapping_add(segment_index.wrapping_mul(SALT_STEP)),
    }
}

/// Reads back what is on record, while the next effect is being built.
pub(crate) struct LivePast<'a> {
    index: u32,
    done: &'a [u8],
    kept: &'a [Option<ChainSegment>],
    lent: Option<&'a ChainSegment>,
}

impl Past for LivePast<'_> {
    fn read(&self, place: Place, length: usize) -> Option<&[u8]> {
        let segment = if place.segment == self.index {
            self.done
        } else {
            let kept = self
                .kept
                .iter()
                .flatten()
                .chain(self.lent)
                .find(|kept| kept.index == place.segment)?;
            kept.mapped.as_slice()
        };
        let start = usize::try_from(place.offset).ok()?;
        segment.get(start..start.checked_add(length)?)
    }
}

/// A runtime stamp in the gateway's words.
pub(crate) fn stamp(stamp: gwanmun_runtime::clock::Stamp) -> Stamp {
    Stamp {
        ns: stamp.ns,
        clock_quality: stamp.quality.0,
    }
}
