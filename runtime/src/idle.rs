//! What a duty cycle does after a turn in which nothing happened.
//!
//! In here: three strategies that differ in how much of the core they leave to others. Not in here:
//! waiting for one particular event; a duty cycle watches many things, so it only decides how soon
//! to look again.

use std::time::Duration;

/// How an empty turn is spent. From the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Looks again at once. Needs a core of its own; anything else there starves.
    Spin,
    /// Lets another runnable thread go first. For tests, demonstrations and few cores.
    Yield,
    /// Sleeps after some empty turns, so that an idle process costs next to nothing. A message may
    /// then wait up to `PARKED_NS_MAX`.
    Park,
}

/// Empty turns that `Park` spends yielding before it sleeps: a burst is never cut by a sleep.
const TURNS_BEFORE_PARKING: u32 = 256;
/// First sleep of `Park`.
const PARKED_NS_MIN: u64 = 20_000;
/// Longest sleep of `Park`, reached by doubling: 1 ms keeps heartbeats and accepts prompt enough.
pub const PARKED_NS_MAX: u64 = 1_000_000;

/// One thread's idle strategy with its count of empty turns.
#[derive(Debug)]
pub struct Idler {
    idle: Idle,
    empty_turns: u32,
    parked_ns: u64,
}

impl Idler {
    /// Starts with no empty turn behind it.
    #[must_use]
    pub const fn new(idle: Idle) -> Self {
        Self {
            idle,
            empty_turns: 0,
            parked_ns: PARKED_NS_MIN,
        }
    }

    /// Ends a turn. `worked` says whether anything happened in it.
    pub fn turn(&mut self, worked: bool) {
        if worked {
            self.empty_turns = 0;
            self.parked_ns = PARKED_NS_MIN;
            return;
        }
        match self.idle {
            Idle::Spin => std::hint::spin_loop(),
            Idle::Yield => std::thread::yield_now(),
            Idle::Park if self.empty_turns < TURNS_BEFORE_PARKING => {
                self.empty_turns += 1;
                std::thread::yield_now();
            }
            Idle::Park => self.park(),
        }
    }

    fn park(&mut self) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that sleeps, by configuration"
        )]
        std::thread::sleep(Duration::from_nanos(self.parked_ns));
        self.parked_ns = (self.parked_ns * 2).min(PARKED_NS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parks_longer_and_longer_until_something_happens() {
        let mut idler = Idler::new(Idle::Park);
        for _ in 0..TURNS_BEFORE_PARKING {
            idler.turn(false);
        }
        assert_eq!(idler.parked_ns, PARKED_NS_MIN);
        for _ in 0..8 {
            idler.turn(false);
        }
        assert_eq!(idler.parked_ns, PARKED_NS_MAX);
        idler.turn(true);
        assert_eq!((idler.empty_turns, idler.parked_ns), (0, PARKED_NS_MIN));
    }

    #[test]
    fn spin_and_yield_keep_no_count() {
        for idle in [Idle::Spin, Idle::Yield] {
            let mut idler = Idler::new(idle);
            idler.turn(false);
            assert_eq!(idler.empty_turns, 0);
        }
    }
}
