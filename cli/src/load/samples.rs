//! What a process has of the machine, over time: memory, descriptors, threads.
//!
//! Read from `/proc/PID`, so that the process itself says nothing about itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Growth of memory from the first to the last quarter of a run that still counts as flat: pages of
/// the order table and of the journal that are touched for the first time.
const FLAT_PERCENT: u64 = 5;
const FLAT_BYTES: u64 = 16 << 20;

/// One look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Resident memory, shared pages included.
    pub resident_bytes: u64,
    /// Resident memory of its own: not mapped from a file and not shared.
    pub private_bytes: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
}

impl Sample {
    /// Looks below `proc` at the process with this number.
    #[must_use]
    pub fn read(proc: &Path, pid: u32) -> Option<Sample> {
        let folder: PathBuf = proc.join(pid.to_string());
        let status = fs::read_to_string(folder.join("status")).ok()?;
        let field = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Sample {
            resident_bytes: field("VmRSS:")? * 1024,
            private_bytes: field("RssAnon:")? * 1024,
            descriptors: u64::try_from(fs::read_dir(folder.join("fd")).ok()?.count()).ok()?,
            threads: field("Threads:")?,
        })
    }
}

/// First, last and largest of all samples, and the quarters that tell growth from warming up.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    samples: Vec<Sample>,
}

impl Samples {
    /// Adds one.
    pub fn push(&mut self, sample: Sample) {
        self.samples.push(sample);
    }

    /// Whether memory, descriptors and threads were no more in the last quarter than in the second;
    /// the first one is warming up. `None` with fewer than eight samples.
    #[must_use]
    pub fn is_flat(&self) -> Option<bool> {
        let quarter = self.samples.len() / 4;
        if quarter < 2 {
            return None;
        }
        let most = |from: usize, f: fn(&Sample) -> u64| {
            let samples = self.samples.iter().skip(from).take(quarter);
            samples.map(f).max().unwrap_or(0)
        };
        let last = self.samples.len() - quarter;
        let bytes = |f: fn(&Sample) -> u64| {
            let before = most(quarter, f);
            most(last, f) <= before + (before / 100 * FLAT_PERCENT).max(FLAT_BYTES)
        };
        let count = |f: fn(&Sample) -> u64| most(last, f) <= most(quarter, f);
        Some(
            bytes(|sample| sample.private_bytes)
                && count(|sample| sample.descriptors)
                && count(|sample| sample.threads),
        )
    }

    /// First, last and largest of each figure; null without samples.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (Some(first), Some(last)) = (self.samples.first(), self.samples.last()) else {
            return Value::Null;
        };
        let figure = |f: fn(&Sample) -> u64| {
            let max = self.samples.iter().map(f).max();
            json!({ "first": f(first), "last": f(last), "max": max })
        };
        json!({
            "samples": self.samples.len(),
            "resident_bytes": figure(|sample| sample.resident_bytes),
            "private_bytes": figure(|sample| sample.private_bytes),
            "descriptors": figure(|sample| sample.descriptors),
            "threads": figure(|sample| sample.threads),
            "is_flat": self.is_flat(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(private: impl Fn(u64) -> u64, descriptors: impl Fn(u64) -> u64) -> Samples {
        let mut samples = Samples::default();
        for at in 0..100 {
            samples.push(Sample {
                resident_bytes: 1 << 30,
                private_bytes: private(at),
                descriptors: descriptors(at),
                threads: 3,
            });
        }
        samples
    }

    #[test]
    fn growth_is_told_from_warming_up() {
        let mib = |count: u64| count << 20;
        let flat = |samples: Samples| samples.is_flat();
        assert_eq!(flat(samples(|_| mib(100), |_| 9)), Some(true));
        assert_eq!(
            flat(samples(|at| mib(100 + at.min(20) * 9), |_| 9)),
            Some(true)
        );
        assert_eq!(flat(samples(|at| mib(100 + at), |_| 9)), Some(false));
        assert_eq!(flat(samples(|_| mib(100), |at| 9 + at / 40)), Some(false));
        assert_eq!(flat(Samples::default()), None);
    }

    #[test]
    fn this_process_can_be_looked_at_and_a_missing_one_cannot() {
        let sample = Sample::read(Path::new("/proc"), std::process::id()).unwrap();
        assert!(sample.private_bytes > 0 && sample.descriptors > 2 && sample.threads > 0);
        assert_eq!(Sample::read(Path::new("/nowhere"), 1), None);
    }
}
