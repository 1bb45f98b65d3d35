//! What a journal record costs over the same bytes put into plain memory.
//!
//! 256 bytes with a stamp, one per microsecond, into 64 MiB that are gone through from front to
//! back, so that memory costs both sides the same. Both are timed one append at a time, by two
//! readings of the kernel's monotonic clock, which are in both figures: that clock waits until what
//! came before is done, where the bare counter is read while the append is still in the pipeline.
//! It advances by 10 ns on some processors, so the middle of the samples is told as the mean of
//! their middle half, which such steps do not coarsen. Lanes take turns; plain memory also runs as
//! the null lane.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use gwanmun_captures::journal::{
    Durability, NewRecord, RECORD_HEAD_BYTES, RecordKind, SegmentHead, SegmentReader, SegmentWriter,
};
use rustix::time::{ClockId, clock_gettime};

use crate::random::Random;
use crate::wire::Fault;
use crate::wire_race::statistics::middle;
use crate::{MESSAGES, SEED};

const PAYLOAD_BYTES: usize = 256;
const RECORD_BYTES: usize = RECORD_HEAD_BYTES + PAYLOAD_BYTES;
/// What a gateway takes for a segment by itself.
const SEGMENT_BYTES: usize = 64 << 20;
/// Between two appends.
const PACE_NS: u64 = 1_000;

type Payload = [u8; PAYLOAD_BYTES];

/// Middle of the appends of a lane, in nanoseconds, the clock's two readings included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Appends {
    /// The journal's append, its position published.
    pub journal_ns: f64,
    /// The same bytes and the stamp into plain memory.
    pub memory_ns: f64,
    /// Plain memory again.
    pub null_ns: f64,
    /// The two readings of the clock alone.
    pub timer_ns: f64,
    /// Appends of each lane.
    pub samples: usize,
}

/// Where plain memory is written.
struct Memory {
    bytes: Box<[u8]>,
    at: usize,
}

impl Memory {
    fn new() -> Memory {
        // Filled twice, so that no page is touched for the first time on the clock.
        let mut bytes = vec![0xFF; SEGMENT_BYTES].into_boxed_slice();
        bytes.fill(0);
        Memory { bytes, at: 0 }
    }

    fn append(&mut self, stamp: u64, payload: &Payload) {
        if self.at + RECORD_BYTES > self.bytes.len() {
            self.at = 0;
        }
        let room = self.bytes.get_mut(self.at..self.at + 8 + PAYLOAD_BYTES);
        if let Some(room) = room {
            let (head, body) = room.split_at_mut(8);
            head.copy_from_slice(&stamp.to_le_bytes());
            body.copy_from_slice(payload);
            // Nobody reads these bytes, and the compiler must not know.
            black_box(&*body);
        }
        self.at += RECORD_BYTES;
    }
}

/// A journal of one segment, begun anew when it is full.
struct Journal {
    bytes: Box<[u8]>,
    writer: SegmentWriter,
    published: AtomicU64,
}

impl Journal {
    fn new() -> Result<Journal, Fault> {
        let mut bytes = Memory::new().bytes;
        let writer = start(&mut bytes)?;
        Ok(Journal {
            bytes,
            writer,
            published: AtomicU64::new(0),
        })
    }

    fn append(&mut self, stamp: u64, payload: &Payload) {
        let record = NewRecord {
            kind: RecordKind::Received,
            clock_quality: 0,
            connection: 3,
            stamp_ns: stamp,
            refers_to: 0,
        };
        let appended = self.writer.append(&mut self.bytes, record, &[payload]);
        debug_assert!(appended.is_ok(), "there was room");
        black_box((appended.is_ok(), &self.bytes));
        self.published
            .store(self.writer.position(), Ordering::Release);
    }

    /// Begins anew where the next round might not fit; outside the clock.
    fn make_room(&mut self) -> Result<(), Fault> {
        if self.writer.room_bytes() < 2 * MESSAGES * RECORD_BYTES {
            self.writer = start(&mut self.bytes)?;
        }
        Ok(())
    }
}

fn start(bytes: &mut [u8]) -> Result<SegmentWriter, Fault> {
    let head = SegmentHead {
        segment_index: 0,
        epoch: 1,
        trading_day: 20_261_123,
        first_number: 1,
        capacity_bytes: SEGMENT_BYTES as u64,
        durability: Durability::Process,
    };
    SegmentWriter::start(bytes, head).map_err(|error| Fault::new(format!("{error:?}")))
}

fn payloads() -> Vec<Payload> {
    let mut random = Random::new(SEED);
    let mut payload = || {
        let mut bytes = [0; PAYLOAD_BYTES];
        for word in bytes.as_chunks_mut::<8>().0 {
            *word = random.number().to_le_bytes();
        }
        bytes
    };
    (0..MESSAGES).map(|_| payload()).collect()
}

fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// One round of a lane: an append per microsecond, each timed.
fn round(payloads: &[Payload], samples: &mut Vec<u64>, mut append: impl FnMut(u64, &Payload)) {
    let mut due_ns = now_ns();
    for payload in payloads {
        due_ns += PACE_NS;
        while now_ns() < due_ns {
            std::hint::spin_loop();
        }
        let before_ns = now_ns();
        append(before_ns, black_box(payload));
        samples.push(now_ns().saturating_sub(before_ns));
    }
}

/// Races the lanes for so many rounds and reads the journal back.
///
/// # Errors
/// The journal does not hold what was put into it.
pub fn race(rounds: usize) -> Result<Appends, Fault> {
    let payloads = payloads();
    let (mut memory, mut null, mut journal) = (Memory::new(), Memory::new(), Journal::new()?);
    let mut samples: [Vec<u64>; 4] = Default::default();
    for turn in 0..rounds {
        journal.make_room()?;
        let [of_memory, of_journal, of_null, of_timer] = &mut samples;
        let mut lanes: [&mut dyn FnMut(); 4] = [
            &mut || round(&payloads, of_memory, |at, it| memory.append(at, it)),
            &mut || round(&payloads, of_journal, |at, it| journal.append(at, it)),
            &mut || round(&payloads, of_null, |at, it| null.append(at, it)),
            &mut || round(&payloads, of_timer, |_, _| ()),
        ];
        if turn % 2 == 1 {
            lanes.reverse();
        }
        for lane in lanes {
            lane();
        }
    }
    expect_written(&payloads, &journal)?;
    let [memory_ns, journal_ns, null_ns, timer_ns] = samples
        .each_mut()
        .map(|samples| middle(samples).unwrap_or(0.0));
    Ok(Appends {
        journal_ns,
        memory_ns,
        null_ns,
        timer_ns,
        samples: rounds * MESSAGES,
    })
}

/// Every record of the segment is whole and holds the payload whose turn it was.
fn expect_written(payloads: &[Payload], journal: &Journal) -> Result<(), Fault> {
    let reader = SegmentReader::new(&journal.bytes);
    let reader = reader.map_err(|error| Fault::new(format!("{error:?}")))?;
    let mut count = 0_u64;
    for (record, payload) in reader.zip(payloads.iter().cycle()) {
        let record = record.map_err(|error| Fault::new(format!("{error:?}")))?;
        if record.payload != payload {
            return Err(Fault::new(format!(
                "record {} is another",
                record.head.number
            )));
        }
        count += 1;
        if count + 1 == journal.writer.next_number() {
            return Ok(());
        }
    }
    Err(Fault::new(format!(
        "the journal ends behind record {count}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_holds_what_was_raced_and_a_change_is_found() {
        let appends = race(1).unwrap();
        assert_eq!(appends.samples, MESSAGES);
        assert!(appends.journal_ns > 0.0 && appends.memory_ns > 0.0);
        let payloads = payloads();
        let mut journal = Journal::new().unwrap();
        for payload in &payloads {
            journal.append(1, payload);
        }
        assert_eq!(expect_written(&payloads, &journal), Ok(()));
        let mut other = payloads.clone();
        other[500][0] ^= 1;
        assert!(expect_written(&other, &journal).is_err());
    }
}
