//! The processor's time-stamp counter.
//!
//! In here: reading it, pairing it with `CLOCK_REALTIME`, and whether it can be trusted. On other
//! architectures, and where it cannot be trusted, `cycles` counts nanoseconds of
//! `CLOCK_MONOTONIC`-like quality from the kernel. Not in here: what a count lasts (`clock`).

use super::wall_now_ns;

/// A raw reading, for the time between two points of one thread's work. `Clock::cycles_to_ns` tells
/// how long a difference lasts. No fence: work may move past it by a few nanoseconds.
#[cfg(target_arch = "x86_64")]
#[inline]
#[must_use]
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 processor has the instruction, and Linux lets user space use it.
    // JUSTIFICATION: no safe interface reads the counter; clock_gettime costs twice as much.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// A raw reading, for the time between two points of one thread's work: nanoseconds here.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
#[must_use]
pub fn cycles() -> u64 {
    let told = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(told.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(told.tv_nsec).unwrap_or(0)
}

/// Whether the counter is steady and equal on all cores. The kernel watches that better than we
/// could, and says so by using it as its own clock source.
pub(super) fn is_trusted() -> bool {
    cfg!(target_arch = "x86_64")
        && std::fs::read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
            .is_ok_and(|name| name.trim_ascii_end() == b"tsc")
}

/// Tries for one pair; the tightest wins, so that being interrupted between the readings does no
/// harm.
const TRIES: u32 = 8;

/// A counter reading and `CLOCK_REALTIME` at the same moment, as nearly as can be had.
pub(super) fn pair() -> (u64, u64) {
    let mut tightest = u64::MAX;
    let mut best = (0, 0);
    for _ in 0..TRIES {
        let before = cycles();
        let ns = wall_now_ns();
        let width = cycles().saturating_sub(before);
        if width < tightest {
            tightest = width;
            best = (before + width / 2, ns);
        }
    }
    best
}
