//! The clock of the race, the core it runs on, and that core's name.
//!
//! Time is the thread's own CPU time: what others take of the core is not counted.

use std::fs;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread in nanoseconds.
#[must_use]
pub fn thread_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// Fixes this thread, and what it starts from now on, to the last core it may use: the first one is
/// everybody's. Where that is refused the race runs all the same, only less evenly.
pub fn pin() {
    let Ok(permitted) = sched_getaffinity(None) else {
        return;
    };
    let last = (0..CpuSet::MAX_CPU)
        .rev()
        .find(|&core| permitted.is_set(core));
    if let Some(core) = last {
        let mut alone = CpuSet::new();
        alone.set(core);
        let _ = sched_setaffinity(None, &alone);
    }
}

/// The processor, as Linux tells it: model name, family and model.
#[must_use]
pub fn cpu() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |key: &str| {
        let named = |line: &&str| {
            line.split(':')
                .next()
                .is_some_and(|name| name.trim() == key)
        };
        let line = text.lines().find(named)?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    match (value("model name"), value("cpu family"), value("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} ({family}-{model})"),
        (Some(name), ..) => name,
        _ => "unknown".to_owned(),
    }
}
