//! Waiting by spinning, with an eye on the machine: how long each look took, and when patience is
//! over.

use gwanmun_runtime::clock::{Clock, cycles};

use super::Fault;

/// Longest wait for anything that a lane owes; many thousand round trips, so that only a lane that
/// is stuck runs into it, and less than the 15 s after which a gateway that stands meanwhile takes
/// its silent venue for dead.
const PATIENCE_NS: u64 = 10_000_000_000;
/// Upper ends of the hiccup histogram's bars, in nanoseconds; the last bar has none. What is under
/// the first one is no hiccup: between two looks there may also be a send of some microseconds.
const HICCUP_ENDS_NS: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// How often the spinning thread was kept from looking, by how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hiccups {
    counts: [u64; HICCUP_ENDS_NS.len()],
}

impl Hiccups {
    /// Counts a time between two looks.
    pub fn note(&mut self, ns: u64) {
        let bars = HICCUP_ENDS_NS.iter().take_while(|&&end| ns >= end).count();
        let bar = bars.checked_sub(1);
        if let Some(count) = bar.and_then(|bar| self.counts.get_mut(bar)) {
            *count += 1;
        }
    }

    /// Both histograms together.
    #[must_use]
    pub fn with(mut self, other: &Hiccups) -> Hiccups {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self
    }

    /// The histogram for people.
    #[must_use]
    pub fn text(&self) -> String {
        let [a, b, c, d] = self.counts;
        format!("10-100 us {a}, 0.1-1 ms {b}, 1-10 ms {c}, over 10 ms {d}")
    }
}

/// The harness's clock while it waits.
pub struct Watch {
    /// How long a count lasts.
    pub clock: Clock,
    /// What was seen since the last [`Watch::take_hiccups`].
    hiccups: Hiccups,
    yields: bool,
    last_look: u64,
    begun: u64,
}

impl Watch {
    /// A watch; with `yields` every empty look gives the core to whoever waits for it, as when
    /// everything has to share one.
    #[must_use]
    pub fn new(yields: bool) -> Watch {
        let now = cycles();
        Watch {
            clock: Clock::new(),
            hiccups: Hiccups::default(),
            yields,
            last_look: now,
            begun: now,
        }
    }

    /// A wait begins: patience is whole again.
    pub fn begin(&mut self) {
        self.begun = cycles();
        self.last_look = self.begun;
    }

    /// One empty look.
    ///
    /// # Errors
    /// Patience is over.
    pub fn spin(&mut self) -> Result<(), Fault> {
        let now = cycles();
        let gap = now.saturating_sub(self.last_look);
        self.last_look = now;
        self.hiccups.note(self.clock.cycles_to_ns(gap));
        if self.clock.cycles_to_ns(now.saturating_sub(self.begun)) > PATIENCE_NS {
            return Err(Fault::new("nothing came within 10 s"));
        }
        if self.yields {
            std::thread::yield_now();
        } else {
            std::hint::spin_loop();
        }
        Ok(())
    }

    /// An empty look where nothing is timed: sleeps a little, so that the kernel and slower
    /// processes get the core.
    ///
    /// # Errors
    /// Patience is over.
    pub fn rest(&mut self) -> Result<(), Fault> {
        rest_us(200);
        self.last_look = cycles();
        let waited = self.last_look.saturating_sub(self.begun);
        if self.clock.cycles_to_ns(waited) > PATIENCE_NS {
            return Err(Fault::new("nothing came within 10 s"));
        }
        Ok(())
    }

    /// The hiccups since the last call.
    pub fn take_hiccups(&mut self) -> Hiccups {
        core::mem::take(&mut self.hiccups)
    }

    /// UTC now, for stamps in messages.
    #[must_use]
    pub fn now_ns(&self) -> u64 {
        gwanmun_runtime::clock::wall_now_ns()
    }
}

/// Leaves the core to others for about so long.
pub fn rest_us(us: u64) {
    std::thread::park_timeout(core::time::Duration::from_micros(us));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiccups_are_counted_by_their_length() {
        let mut hiccups = Hiccups::default();
        for ns in [
            0,
            9_999,
            10_000,
            99_999,
            100_000,
            999_999,
            1_000_000,
            10_000_000,
            u64::MAX,
        ] {
            hiccups.note(ns);
        }
        assert_eq!(hiccups.counts, [2, 2, 1, 2]);
        let twice = hiccups.with(&hiccups);
        assert_eq!(twice.counts, [4, 4, 2, 4]);
    }
}
