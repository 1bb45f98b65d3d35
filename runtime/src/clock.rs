//! The time of day, cheap enough to be read for every receive.
//!
//! In here: UTC in nanoseconds, carried by the processor's time-stamp counter between calibrations
//! against `CLOCK_REALTIME` (10-14 ns a reading instead of 22-28), with a quality that goes into
//! every record; and raw counter readings for stage stamps. Not in here: waiting, and any use of
//! the time for a decision: those get `now_ns` as an argument.
//!
//! How it works. A line through a base point (counter, time) with a slope in 2^-32 ns per count.
//! 1. `new` measures the slope over a few milliseconds, unless the kernel itself does not trust the
//!    counter (its clock source is another one): then every reading is `clock_gettime`.
//! 2. `recalibrate`, about once a second and off the hot path, moves the base to now and bends the
//!    slope so that the remaining error is gone one second later. Time is never set back.
//! 3. A jump of the host's clock forward (over 1 ms) is followed at once and told by the quality. A
//!    jump backward is worked off by at most 500 us per second, and the quality tells so.
//! 4. A base older than five seconds is told by the quality too: somebody forgot to recalibrate.

use std::cell::Cell;

use rustix::time::{ClockId, clock_gettime};

use crate::finding::Finding;

mod counter;

pub use counter::cycles;

/// Where a stamp comes from. Stored as one byte in every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockQuality(pub u8);

impl ClockQuality {
    /// 0: nothing is known about the stamp.
    pub const UNKNOWN: Self = Self(0);
    /// 1: read from `CLOCK_REALTIME`.
    pub const REALTIME: Self = Self(1);
    /// 2: counter, calibrated within the last five seconds; off by less than a microsecond.
    pub const COUNTER: Self = Self(2);
    /// 3: counter, but the calibration is old, or the host's clock jumped and the stamp still
    /// differs from it, or did so at the last calibration.
    pub const DOUBTFUL: Self = Self(3);
}

/// A moment with its quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// UTC nanoseconds since the epoch.
    pub ns: u64,
    /// How the moment was read.
    pub quality: ClockQuality,
}

/// One thread's clock. It never goes back.
#[derive(Debug)]
pub struct Clock {
    line: Line,
    /// Whether `now` follows the line; otherwise the line only tells how long a count lasts.
    uses_counter: bool,
    last_ns: Cell<u64>,
}

/// The counter's line; see the module head.
#[derive(Clone, Copy, Debug)]
struct Line {
    base_cycles: u64,
    base_ns: u64,
    slope: u64,
    /// The measured slope, before bending: what a count really lasts.
    measured_slope: u64,
    quality: ClockQuality,
    /// Counts after which the base is too old.
    stale_cycles: u64,
    first_cycles: u64,
    first_ns: u64,
}

/// Scale of a slope: 2^32 units are one nanosecond per count.
const SLOPE_SHIFT: u32 = 32;
/// First measuring time. 5 ms give about 40 ppm with readings 200 ns apart; recalibration refines.
const MEASURE_NS: u64 = 5_000_000;
/// Least distance of two calibrations; nearer ones would amplify the readings' own error.
const RECALIBRATE_NS_MIN: u64 = 900_000_000;
/// Age of the base at which stamps become doubtful.
const STALE_NS: u64 = 5_000_000_000;
/// A difference that only a jump of the host's clock explains.
const JUMP_NS: i64 = 1_000_000;
/// Most that the slope is bent, in parts per million: the kernel's own limit for slewing.
const BEND_PPM_MAX: i64 = 500;

impl Clock {
    /// A clock calibrated now; takes about 5 ms.
    #[must_use]
    pub fn new() -> Self {
        Self {
            line: Line::measure(),
            uses_counter: counter::is_trusted(),
            last_ns: Cell::new(0),
        }
    }

    /// A clock that reads `CLOCK_REALTIME` every time, as on a host without a steady counter.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            line: Line::measure(),
            uses_counter: false,
            last_ns: Cell::new(0),
        }
    }

    /// Tells when the counter cannot be used and time costs more to read.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        (!self.uses_counter).then(Finding::counter_unusable)
    }

    /// The moment now; never before an earlier one of this clock.
    #[inline]
    pub fn now(&self) -> Stamp {
        self.at(cycles())
    }

    /// The moment of a counter reading taken a little earlier by `cycles`. On a clock without a
    /// counter this is the moment now.
    #[inline]
    pub fn at(&self, reading: u64) -> Stamp {
        let (ns, quality) = if self.uses_counter {
            self.line.at(reading)
        } else {
            (wall_now_ns(), ClockQuality::REALTIME)
        };
        let ns = ns.max(self.last_ns.get());
        self.last_ns.set(ns);
        Stamp { ns, quality }
    }

    /// Nanoseconds that `count` counts of `cycles` last.
    #[inline]
    #[must_use]
    pub fn cycles_to_ns(&self, count: u64) -> u64 {
        scaled(count, self.line.measured_slope)
    }

    /// Compares with `CLOCK_REALTIME` and corrects. Call about once a second; nearer calls return
    /// at once. Costs a microsecond when it works.
    pub fn recalibrate(&mut self) {
        let elapsed = cycles().saturating_sub(self.line.base_cycles);
        if self.cycles_to_ns(elapsed) >= RECALIBRATE_NS_MIN {
            let (cycles, ns) = counter::pair();
            self.line.correct(cycles, ns);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    fn measure() -> Self {
        let (first_cycles, first_ns) = counter::pair();
        loop {
            let (cycles, ns) = counter::pair();
            let elapsed_ns = ns.saturating_sub(first_ns);
            if elapsed_ns >= MEASURE_NS {
                return Self::through((first_cycles, first_ns), (cycles, ns));
            }
            if ns < first_ns {
                // The host's clock was set back under our hands: once more from the beginning.
                return Self::measure();
            }
        }
    }

    fn through(first: (u64, u64), second: (u64, u64)) -> Self {
        let slope = slope_of(second.0 - first.0, second.1 - first.1);
        Self {
            base_cycles: second.0,
            base_ns: second.1,
            slope,
            measured_slope: slope,
            quality: ClockQuality::COUNTER,
            stale_cycles: counts_of(STALE_NS, slope),
            first_cycles: first.0,
            first_ns: first.1,
        }
    }

    #[inline]
    fn at(&self, reading: u64) -> (u64, ClockQuality) {
        // Another core's counter may be some ten nanoseconds behind the base: that is no time at
        // all.
        let elapsed = reading.saturating_sub(self.base_cycles);
        let quality = if elapsed > self.stale_cycles {
            ClockQuality::DOUBTFUL
        } else {
            self.quality
        };
        (self.base_ns + scaled(elapsed, self.slope), quality)
    }

    fn correct(&mut self, cycles: u64, ns: u64) {
        let (ours_ns, quality) = self.at(cycles);
        let ahead_ns = ours_ns.cast_signed().saturating_sub(ns.cast_signed());
        let has_jumped = ahead_ns.abs() > JUMP_NS;
        if has_jumped || ns <= self.first_ns {
            // The measured slope stays; the next measuring begins here.
            self.first_cycles = cycles;
            self.first_ns = ns;
        } else {
            self.measured_slope = slope_of(cycles - self.first_cycles, ns - self.first_ns);
        }
        self.base_cycles = cycles;
        self.base_ns = if ahead_ns < -JUMP_NS { ns } else { ours_ns };
        let remaining_ns = self.base_ns.cast_signed().saturating_sub(ns.cast_signed());
        self.slope = bent(self.measured_slope, remaining_ns);
        self.stale_cycles = counts_of(STALE_NS, self.measured_slope);
        let is_doubtful = has_jumped || quality == ClockQuality::DOUBTFUL && ahead_ns.abs() > 1_000;
        self.quality = if is_doubtful {
            ClockQuality::DOUBTFUL
        } else {
            ClockQuality::COUNTER
        };
    }
}

/// The slope that loses `ahead_ns` within a second, bent by no more than `BEND_PPM_MAX`.
fn bent(slope: u64, ahead_ns: i64) -> u64 {
    // A difference of n ns over one second is n / 1000 parts per million; kept in units of 1e-9.
    let limit = BEND_PPM_MAX * 1_000;
    let parts = ahead_ns.clamp(-limit, limit);
    let change = i128::from(slope) * i128::from(parts) / 1_000_000_000;
    u64::try_from(i128::from(slope) - change).unwrap_or(slope)
}

#[inline]
fn scaled(count: u64, slope: u64) -> u64 {
    // The product of 292 years of counts still fits; the shift brings it back into 64 bits.
    let product = (u128::from(count) * u128::from(slope)) >> SLOPE_SHIFT;
    u64::try_from(product).unwrap_or(u64::MAX)
}

fn slope_of(count: u64, ns: u64) -> u64 {
    let slope = (u128::from(ns) << SLOPE_SHIFT) / u128::from(count.max(1));
    u64::try_from(slope).unwrap_or(u64::MAX)
}

fn counts_of(ns: u64, slope: u64) -> u64 {
    let count = (u128::from(ns) << SLOPE_SHIFT) / u128::from(slope.max(1));
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// UTC nanoseconds from `CLOCK_REALTIME`, for places where a few nanoseconds do not matter.
#[must_use]
pub fn wall_now_ns() -> u64 {
    let told = clock_gettime(ClockId::Realtime);
    let seconds = u64::try_from(told.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(told.tv_nsec).unwrap_or(0)
}

#[cfg(test)]
mod tests;
