//! When the capture thread works, and when it rests.
//!
//! Where it has no core of its own, each of its wakings takes the core away from the order core for
//! as long as it works, up to the scheduler's slice, and meets one message. How many it meets thus
//! depends on how often it wakes, not on how much it does. So where nobody waits for it, it wakes
//! seldom and then does all that has come together; the order core rings when that is much, when it
//! wants a segment back, and at the end.

use std::sync::OnceLock;
use std::thread::Thread;
use std::time::Duration;

use crate::config::JournalMode;

/// How long the thread rests when there is nothing to do and outputs wait for it.
const REST_DURABLE: Duration = Duration::from_micros(200);
/// How long it rests when nobody waits for it.
const REST: Duration = Duration::from_millis(50);
/// The same with segments under [`SMALL_SEGMENT_BYTES`], of which several may fill within that.
const REST_SMALL: Duration = Duration::from_millis(1);
/// Segments under this are small: the order core rings for more than one of them holds.
const SMALL_SEGMENT_BYTES: u64 = 8 * 1024 * 1024;
/// Journal bytes that are much: the order core rings for them, and with less left the thread does
/// not go on. Three thousand orders or so, an eighth of a segment of the usual size.
pub(crate) const MUCH_BYTES: u64 = SMALL_SEGMENT_BYTES;

/// Between two looks at free space: a tenth of a second of rests, or less.
const SPACE_TURNS: u32 = 10;
const SPACE_TURNS_PATIENT: u32 = 2;

/// A thread's pace, from its mode and the size of segments.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Nobody waits for it, and a segment is large enough to wait for much of one.
    is_patient: bool,
    rest: Duration,
}

impl Pace {
    pub(super) fn new(mode: JournalMode, segment_bytes: u64) -> Pace {
        let is_small = segment_bytes < SMALL_SEGMENT_BYTES;
        Pace {
            is_patient: mode == JournalMode::Memory && !is_small,
            rest: match mode {
                JournalMode::Durable => REST_DURABLE,
                JournalMode::Memory if is_small => REST_SMALL,
                JournalMode::Memory => REST,
            },
        }
    }

    /// Whether the thread rests behind a turn that found something, with so many bytes left.
    pub(super) fn leaves(self, bytes: u64) -> bool {
        self.is_patient && bytes < MUCH_BYTES
    }

    /// Whether this turn looks at free space.
    pub(super) fn is_space_due(self, turn: u32) -> bool {
        turn.is_multiple_of(if self.is_patient {
            SPACE_TURNS_PATIENT
        } else {
            SPACE_TURNS
        })
    }

    /// Rests, until somebody rings at the latest.
    pub(super) fn rest(self) {
        std::thread::park_timeout(self.rest);
    }
}

/// The bell of a thread that may rest.
#[derive(Debug, Default)]
pub(crate) struct Bell(OnceLock<Thread>);

impl Bell {
    /// This thread is the one that hears it.
    pub(super) fn is_mine(&self) {
        // Twice is the same thread twice.
        let _ = self.0.set(std::thread::current());
    }

    /// Ends a rest, or the next one before it begins. A system call where the thread rests.
    pub(crate) fn ring(&self) {
        if let Some(thread) = self.0.get() {
            thread.unpark();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_waited_for_does_not_rest_while_there_is_something() {
        let usual = 64 << 20;
        let patient = Pace::new(JournalMode::Memory, usual);
        assert!(patient.leaves(MUCH_BYTES - 1) && !patient.leaves(MUCH_BYTES));
        // As much as rings comes together at least twice before a segment is full.
        assert!(2 * MUCH_BYTES <= usual);
        for other in [
            Pace::new(JournalMode::Durable, usual),
            Pace::new(JournalMode::Memory, SMALL_SEGMENT_BYTES - 1),
        ] {
            assert!(!other.leaves(0) && other.rest < patient.rest);
            assert!((0..10).filter(|&turn| other.is_space_due(turn)).count() == 1);
        }
    }

    #[test]
    fn a_bell_ends_a_rest_that_would_be_long() {
        let bell = Bell::default();
        bell.ring();
        bell.is_mine();
        bell.ring();
        // Heard although it rang before the rest began: without it this would hang.
        std::thread::park();
    }
}
