//! Stage stamps into histograms of fixed size, kept by the order core and read when it has stopped.

use gwanmun_gateway::{Policy, Stage, Stages};
use gwanmun_runtime::clock::cycles;

/// Sub-buckets per power of two: a figure is off by at most one sixteenth.
const SUB_BUCKETS: usize = 16;
const BUCKETS: usize = 64 * SUB_BUCKETS;

/// Counts of durations in clock cycles, by power of two and sixteenth.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Box<[u64; BUCKETS]>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram {
            counts: Box::new([0; BUCKETS]),
            total: 0,
        }
    }
}

impl Histogram {
    fn bucket(cycles: u64) -> usize {
        let power = 63 - (cycles | 1).leading_zeros() as usize;
        let sub = if power < 4 {
            0
        } else {
            // Four bits: no width of usize loses any.
            usize::try_from(cycles >> (power - 4) & (SUB_BUCKETS as u64 - 1)).unwrap_or(0)
        };
        power * SUB_BUCKETS + sub
    }

    fn note(&mut self, cycles: u64) {
        if let Some(count) = self.counts.get_mut(Self::bucket(cycles)) {
            *count += 1;
            self.total += 1;
        }
    }

    /// How many durations were counted.
    #[must_use]
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The duration in cycles that `per_mille` of all do not exceed, as its bucket's upper end;
    /// `None` without any.
    #[must_use]
    pub(crate) fn at_per_mille(&self, per_mille: u64) -> Option<u64> {
        let wanted = (self.total * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                let (power, sub) = (bucket / SUB_BUCKETS, bucket % SUB_BUCKETS);
                let step = if power < 4 { 0 } else { 1_u64 << (power - 4) };
                return Some((1_u64 << power) + (sub as u64 + 1) * step - u64::from(step > 0));
            }
        }
        None
    }
}

/// The three stretches of the order path, and the whole.
#[derive(Clone, Default)]
pub(crate) struct StageTimes {
    /// Bytes in hand until the session has passed the message.
    pub(crate) parse: Histogram,
    /// Until the checks have passed the order.
    pub(crate) check: Histogram,
    /// Until the venue's bytes are committed to the journal and the send buffer.
    pub(crate) encode: Histogram,
    /// All of it.
    pub(crate) total: Histogram,
}

/// Takes the stamps of one message at a time.
#[derive(Default)]
pub(crate) struct StageClock {
    times: StageTimes,
    in_hand: u64,
    parsed: u64,
    /// Zero: the message at hand has passed no checks.
    checked: u64,
}

impl StageClock {
    /// What was counted so far.
    #[must_use]
    pub(crate) const fn times(&self) -> &StageTimes {
        &self.times
    }
}

impl Stages for StageClock {
    const POLICY: Policy = crate::unchecked::POLICY;

    fn mark(&mut self, stage: Stage) {
        let now = cycles();
        match stage {
            Stage::BytesInHand => {
                self.in_hand = now;
                self.checked = 0;
            }
            Stage::Parsed => self.parsed = now,
            Stage::Checked => self.checked = now,
            Stage::Committed if self.checked != 0 => {
                self.times
                    .parse
                    .note(self.parsed.saturating_sub(self.in_hand));
                self.times
                    .check
                    .note(self.checked.saturating_sub(self.parsed));
                self.times.encode.note(now.saturating_sub(self.checked));
                self.times.total.note(now.saturating_sub(self.in_hand));
                self.checked = 0;
            }
            Stage::Committed => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_within_a_sixteenth() {
        let mut histogram = Histogram::default();
        for cycles in 1..=100_000 {
            histogram.note(cycles);
        }
        for per_mille in [500, 990, 999] {
            let exact = per_mille * 100;
            let told = histogram.at_per_mille(per_mille).unwrap();
            assert!(
                told >= exact && told <= exact + exact / 8,
                "{per_mille}: {told}"
            );
        }
        assert_eq!(Histogram::default().at_per_mille(500), None);
    }
}
