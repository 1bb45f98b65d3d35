//! The venue's own time.
//!
//! In it: [`Moment`], now as UTC and as OUCH writes it: nanoseconds since 00:00 KST of the day on
//! which the session began, which does not wrap at midnight, for the night session's sake.

use gwanmun_runtime::clock::Clock;

const NS_PER_S: u64 = 1_000_000_000;
const DAY_NS: u64 = 86_400 * NS_PER_S;
/// KST is nine hours ahead of UTC, all year.
const KST_NS: u64 = 9 * 3_600 * NS_PER_S;

/// A moment, both ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds of UTC since the epoch.
    pub utc_ns: u64,
    /// Nanoseconds since 00:00 KST of the session's first day.
    pub day_ns: u64,
}

/// A clock that knows the day on which the session began.
#[derive(Debug)]
pub(crate) struct DayClock {
    clock: Clock,
    day_start_ns: u64,
}

impl DayClock {
    /// Begins the session now.
    pub(crate) fn start() -> Self {
        let clock = Clock::new();
        let day_start_ns = day_start_ns(clock.now().ns);
        DayClock {
            clock,
            day_start_ns,
        }
    }

    /// Goes on with a day that began before.
    pub(crate) const fn go_on(&mut self, day_start_ns: u64) {
        self.day_start_ns = day_start_ns;
    }

    pub(crate) const fn day_start_ns(&self) -> u64 {
        self.day_start_ns
    }

    pub(crate) fn now(&self) -> Moment {
        let utc_ns = self.clock.now().ns;
        Moment {
            utc_ns,
            day_ns: utc_ns.saturating_sub(self.day_start_ns),
        }
    }

    pub(crate) fn recalibrate(&mut self) {
        self.clock.recalibrate();
    }
}

/// UTC of the latest 00:00 KST.
const fn day_start_ns(utc_ns: u64) -> u64 {
    let kst_ns = utc_ns.saturating_add(KST_NS);
    (kst_ns - kst_ns % DAY_NS).saturating_sub(KST_NS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_at_midnight_in_korea() {
        // 2026-11-22T15:00:00Z is 00:00 KST of the 23rd.
        let midnight_ns = 1_795_359_600 * NS_PER_S;
        assert_eq!(day_start_ns(midnight_ns), midnight_ns);
        assert_eq!(day_start_ns(midnight_ns + 1), midnight_ns);
        assert_eq!(day_start_ns(midnight_ns + DAY_NS - 1), midnight_ns);
        assert_eq!(day_start_ns(midnight_ns - 1), midnight_ns - DAY_NS);
    }
}
