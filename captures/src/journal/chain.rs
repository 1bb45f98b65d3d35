//! Reading a trading day: all its segments, as one gapless run of records over however many starts.
//!
//! In it: [`ChainReader`], with the rules that span segments: indexes and numbers go on, one
//! trading day, every epoch begins with its `Start`, and only an epoch's last segment may lack an
//! end mark or have a torn tail. After a loss of power in a durable mode there may be segments
//! behind a cut one of which nothing was synced; they count for nothing, like its tail. And
//! [`ChainPoint`], the border at which a later reader may go on without what lies before it. Not in
//! it: opening the files (host, cli).

use super::damage::{Fault, JournalDamage};
use super::power_cut::{Place, SECTOR_BYTES, is_stated_beyond};
use super::reader::{SegmentReader, Tail};
use super::{Durability, Record, RecordKind, SegmentHead};
use crate::bytes::all_zero;

/// One record with the segment it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRecord<'a> {
    /// Index of its segment.
    pub segment_index: u32,
    /// The record; its position is within that segment.
    pub record: Record<'a>,
}

/// A border between two segments, with what the segment behind it must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainPoint {
    /// The trading day as yyyymmdd.
    pub trading_day: u32,
    /// Index of the segment behind the border.
    pub segment_index: u32,
    /// Number of its first record.
    pub next_number: u64,
    /// Epoch in force before the border.
    pub epoch: u32,
    /// Whether the segment before it ended in its end mark: without one only a new epoch may
    /// follow.
    pub is_sealed: bool,
    /// What the writer of that segment promised about the loss of power: what may be made of a
    /// next one without a head depends on it.
    pub durability: Durability,
    /// Salt of a next segment of the same epoch.
    pub salt: u32,
}

/// Iterates over the records of a chain of segments, lent in order.
///
/// After damage the iterator yields nothing more.
#[derive(Clone, Debug)]
pub struct ChainReader<'a, I> {
    segments: I,
    current: Option<SegmentReader<'a>>,
    /// What the next segment must say: (index, first number, trading day, epoch before it).
    due: Option<Due>,
    /// Segments looked at so far.
    segment_count: u32,
    /// True while the next record must be its epoch's `Start`.
    start_due: bool,
    /// Torn tails passed, each at the end of its epoch: (segment index, position, bytes).
    torn: Vec<(u32, u64, u64)>,
    failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Due {
    segment_index: u32,
    first_number: u64,
    trading_day: u32,
    epoch: u32,
    /// How the segment before ended, and where.
    tail: Tail,
    tail_at: Place,
    durability: Durability,
    /// Salt of the next segment if the epoch goes on in it.
    salt: u32,
}

impl Due {
    /// Whether `segment`, the next one, was written behind all that was synced before a loss of
    /// power: it goes on with an epoch that was cut, or its head never arrived, and nothing in it
    /// says that it was synced.
    fn is_cut_off(&self, segment: &[u8]) -> bool {
        let is_behind_cut = match SegmentHead::parse(segment) {
            Ok(head) => {
                head.epoch == self.epoch
                    && head.segment_index == self.segment_index
                    && self.tail != Tail::Sealed
            }
            Err(_) => segment.chunks(SECTOR_BYTES).next().is_some_and(all_zero),
        };
        let salt = SegmentHead::parse(segment).map_or(self.salt, |head| head.salt);
        self.durability != Durability::Process
            && is_behind_cut
            && !is_stated_beyond(segment, (self.epoch, salt), self.first_number, self.tail_at)
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> ChainReader<'a, I> {
    /// Reads from the front of `segments`. The first may be any segment of its day; whoever needs
    /// the whole day checks that the first record has number 1.
    pub fn new(segments: impl IntoIterator<IntoIter = I>) -> Self {
        Self {
            segments: segments.into_iter(),
            current: None,
            due: None,
            segment_count: 0,
            start_due: false,
            torn: Vec::new(),
            failed: false,
        }
    }

    /// Reads on from `point`, at which an earlier reader of the same chain stood; the first of
    /// `segments` must be the one behind it.
    pub fn going_on(point: ChainPoint, segments: impl IntoIterator<IntoIter = I>) -> Self {
        let tail = if point.is_sealed {
            Tail::Sealed
        } else {
            Tail::Open
        };
        Self {
            due: Some(Due {
                segment_index: point.segment_index,
                first_number: point.next_number,
                trading_day: point.trading_day,
                epoch: point.epoch,
                tail,
                tail_at: (point.segment_index.saturating_sub(1), u64::MAX),
                durability: point.durability,
                salt: point.salt,
            }),
            ..Self::new(segments)
        }
    }

    /// The border behind the last segment read to its end; `None` before there was one, and after
    /// damage.
    #[must_use]
    pub fn point(&self) -> Option<ChainPoint> {
        let due = self.due.filter(|_| !self.failed)?;
        Some(ChainPoint {
            trading_day: due.trading_day,
            // Segments that a loss of power cut off count for nothing.
            segment_index: due.tail_at.0.saturating_add(1),
            next_number: due.first_number,
            epoch: due.epoch,
            is_sealed: due.tail == Tail::Sealed,
            durability: due.durability,
            salt: due.salt,
        })
    }

    /// Torn tails passed so far, as (segment index, byte offset, bytes). Each lies at the end of an
    /// epoch; offset 0 is a whole segment behind one.
    #[must_use]
    pub fn torn_tails(&self) -> &[(u32, u64, u64)] {
        &self.torn
    }

    /// How the last segment read so far ended; `None` while in the middle of one.
    #[must_use]
    pub fn tail(&self) -> Option<Tail> {
        self.current.as_ref().and_then(SegmentReader::tail)
    }

    /// Segments looked at so far.
    #[must_use]
    pub fn segment_count(&self) -> u32 {
        self.segment_count
    }

    fn step(&mut self) -> Result<Option<ChainRecord<'a>>, JournalDamage> {
        loop {
            if let Some(reader) = self.current.as_mut() {
                let before = reader.cursor().epoch;
                if let Some(record) = reader.next() {
                    return self.counted(record?, before).map(Some);
                }
                self.end_segment();
            }
            let Some(segment) = self.segments.next() else {
                return Ok(None);
            };
            self.open(segment)?;
        }
    }

    /// A record of the current segment: an epoch's first must be its `Start`.
    fn counted(
        &mut self,
        record: Record<'a>,
        epoch_before: u32,
    ) -> Result<ChainRecord<'a>, JournalDamage> {
        let segment_index = self
            .current
            .as_ref()
            .map_or(0, |reader| reader.head().segment_index);
        let first = self.start_due || record.head.epoch != epoch_before;
        if first && record.head.kind != RecordKind::Start {
            let fault = Fault::NoStart {
                epoch: record.head.epoch,
            };
            return Err(JournalDamage {
                segment_index,
                position: record.position,
                fault,
            });
        }
        self.start_due = false;
        Ok(ChainRecord {
            segment_index,
            record,
        })
    }

    /// Notes how the current segment ended and what must follow it.
    fn end_segment(&mut self) {
        let Some(reader) = self.current.as_ref() else {
            return;
        };
        let (head, cursor) = (reader.head(), reader.cursor());
        let Some(tail) = reader.tail() else { return };
        let already = self
            .due
            .is_some_and(|due| due.segment_index == head.segment_index + 1);
        if already {
            return;
        }
        if let Tail::Torn { position, bytes } = tail {
            self.torn.push((head.segment_index, position, bytes));
        }
        self.due = Some(Due {
            segment_index: head.segment_index.saturating_add(1),
            first_number: cursor.next_number,
            trading_day: head.trading_day,
            epoch: cursor.epoch,
            tail,
            tail_at: (head.segment_index, cursor.position as u64),
            durability: head.durability,
            salt: SegmentHead::next_salt(head.salt),
        });
    }

    /// Opens the next segment and checks that it goes on where the last one ended.
    fn open(&mut self, segment: &'a [u8]) -> Result<(), JournalDamage> {
        let place = self.segment_count;
        self.segment_count = place.saturating_add(1);
        if let Some(due) = self.due.as_mut().filter(|due| due.is_cut_off(segment)) {
            let bytes = segment.iter().rposition(|byte| *byte != 0);
            let bytes = bytes.map_or(0, |last| last as u64 + 1);
            self.torn.push((due.segment_index, 0, bytes));
            due.segment_index = due.segment_index.saturating_add(1);
            due.salt = SegmentHead::next_salt(due.salt);
            due.tail = Tail::Open;
            self.current = None;
            return Ok(());
        }
        let reader = SegmentReader::new(segment).map_err(|damage| {
            let segment_index = self.due.map_or(place, |due| due.segment_index);
            JournalDamage {
                segment_index,
                ..damage
            }
        })?;
        let head = *reader.head();
        let damage = |fault| JournalDamage {
            segment_index: head.segment_index,
            position: 0,
            fault,
        };
        match self.due {
            None => self.start_due = head.first_number == 1,
            Some(due) => {
                if head.segment_index != due.segment_index {
                    let (expected, found) = (due.segment_index, head.segment_index);
                    return Err(damage(Fault::SegmentIndex { expected, found }));
                }
                if head.trading_day != due.trading_day {
                    let (expected, found) = (due.trading_day, head.trading_day);
                    return Err(damage(Fault::TradingDay { expected, found }));
                }
                if head.first_number != due.first_number {
                    let (expected, found) = (due.first_number, head.first_number);
                    return Err(damage(Fault::Number { expected, found }));
                }
                if head.epoch < due.epoch {
                    let (expected, found) = (due.epoch, head.epoch);
                    return Err(damage(Fault::Epoch { expected, found }));
                }
                if head.epoch == due.epoch && due.tail != Tail::Sealed {
                    return Err(JournalDamage {
                        segment_index: due.tail_at.0,
                        position: due.tail_at.1,
                        fault: Fault::NotSealed { epoch: due.epoch },
                    });
                }
                self.start_due = head.epoch > due.epoch;
            }
        }
        self.current = Some(reader);
        Ok(())
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Iterator for ChainReader<'a, I> {
    type Item = Result<ChainRecord<'a>, JournalDamage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let step = self.step();
        self.failed = step.is_err();
        step.transpose()
    }
}
