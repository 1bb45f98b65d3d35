//! What happened: for the comparison of two runs, and for the count of what was covered.

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Lines,
    Cut,
    Damaged,
    Dropped,
    Duplicated,
    ClockForth,
    ClockBack,
    DiskFailed,
    Restarts,
    Repeated,
    GapFills,
    Waited,
    Delivered,
    Refused,
    Messages,
}

const ALL: [Count; 15] = [
    Count::Lines,
    Count::Cut,
    Count::Damaged,
    Count::Dropped,
    Count::Duplicated,
    Count::ClockForth,
    Count::ClockBack,
    Count::DiskFailed,
    Count::Restarts,
    Count::Repeated,
    Count::GapFills,
    Count::Waited,
    Count::Delivered,
    Count::Refused,
    Count::Messages,
];

/// All counts, and a hash of every byte that was written.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    trace: u64,
    /// How long it lasted.
    pub(crate) virtual_ns: u64,
    found: [u64; ALL.len()],
}

impl Tally {
    pub(crate) fn count(&mut self, count: Count) {
        self.found[count as usize] += 1;
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = (Count, u64)> {
        ALL.into_iter()
            .map(|count| (count, self.found[count as usize]))
    }

    pub(crate) fn has(&self, count: Count) -> bool {
        self.found[count as usize] > 0
    }

    pub(crate) fn trace(&mut self, bytes: &[u8]) {
        self.trace = bytes.iter().fold(self.trace, |trace, byte| {
            (trace ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        self.virtual_ns += other.virtual_ns;
        for (sum, more) in self.found.iter_mut().zip(other.found) {
            *sum += more;
        }
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_list().entries(self.counts()).finish()
    }
}
