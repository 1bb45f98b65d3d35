//! Percentiles of samples, and ratios of lanes that took turns.
//!
//! A block is one turn of every lane, so close together that the host was in one state. Within a
//! block each lane's percentile is divided by the reference's; the median over all blocks is the
//! answer and the quartiles say how far it can be trusted. The far tail is not to be had from one
//! turn, so it is also taken from all samples of a lane together, over all of its reference's.

/// Parts of a whole, in thousandths.
pub const P50: u32 = 500;
/// Ninety-nine in a hundred.
pub const P99: u32 = 990;
/// 999 in a thousand.
pub const P999: u32 = 999;

/// The sample that `per_mille` of all do not exceed (nearest rank); `None` without samples. Sorts.
pub fn percentile(samples: &mut [u64], per_mille: u32) -> Option<u64> {
    let rank = (samples.len() * per_mille as usize).div_ceil(1_000).max(1);
    if samples.is_empty() {
        return None;
    }
    let (_, sample, _) = samples.select_nth_unstable(rank - 1);
    Some(*sample)
}

/// The mean of the middle half of the samples; `None` without samples. Sorts. It tells the middle
/// finer than the steps of the clock that the samples come from.
pub fn middle(samples: &mut [u64]) -> Option<f64> {
    samples.sort_unstable();
    let quarter = samples.len() / 4;
    let half = samples.get(quarter..samples.len() - quarter)?;
    let sum: u64 = half.iter().sum();
    // Sums of nanoseconds here stay far below 2^53.
    (!half.is_empty()).then(|| sum as f64 / half.len() as f64)
}

/// A median with its quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quartiles {
    /// A quarter lies below.
    pub low: f64,
    /// Half lies below.
    pub median: f64,
    /// Three quarters lie below.
    pub high: f64,
}

/// Quartiles of values; `None` without any. Between two values the step is divided evenly.
pub fn quartiles(values: &mut [f64]) -> Option<Quartiles> {
    values.sort_by(f64::total_cmp);
    let at = |quarters: usize| {
        let scaled = values.len().checked_sub(1)? * quarters;
        let (whole, rest) = (scaled / 4, scaled % 4);
        let (low, high) = (values.get(whole)?, values.get(whole + 1));
        let step = high.map_or(0.0, |high| high - low);
        Some(low + step * rest as f64 / 4.0)
    };
    Some(Quartiles {
        low: at(1)?,
        median: at(2)?,
        high: at(3)?,
    })
}

/// One lane's samples, block by block, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks(pub Vec<Vec<u64>>);

impl Blocks {
    /// Samples of all blocks.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// A percentile of all samples together.
    #[must_use]
    pub fn pooled(&self, per_mille: u32) -> Option<u64> {
        percentile(&mut self.0.concat(), per_mille)
    }

    /// Quartiles of this lane's percentile over `reference`'s, block by block. A block that either
    /// lane lacks, or where nothing was measured, does not count.
    #[must_use]
    pub fn paired(&self, reference: &Blocks, per_mille: u32) -> Option<Quartiles> {
        let pairs = self.0.iter().zip(&reference.0);
        let mut ratios: Vec<f64> = pairs
            .filter_map(|(ours, theirs)| {
                let ours = percentile(&mut ours.clone(), per_mille)?;
                let theirs = percentile(&mut theirs.clone(), per_mille)?;
                // Nanoseconds of a round trip are far below 2^53.
                (theirs > 0).then(|| ours as f64 / theirs as f64)
            })
            .collect();
        quartiles(&mut ratios)
    }

    /// A percentile of all samples together over the reference's.
    #[must_use]
    pub fn pooled_ratio(&self, reference: &Blocks, per_mille: u32) -> Option<f64> {
        let theirs = reference.pooled(per_mille).filter(|&theirs| theirs > 0)?;
        Some(self.pooled(per_mille)? as f64 / theirs as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_samples_of_the_nearest_rank() {
        let mut samples: Vec<u64> = (1..=1_000).rev().collect();
        for (per_mille, expected) in [(1, 1), (500, 500), (990, 990), (999, 999), (1_000, 1_000)] {
            assert_eq!(percentile(&mut samples, per_mille), Some(expected));
        }
        assert_eq!(percentile(&mut [7], P50), Some(7));
        assert_eq!(percentile(&mut [7, 8], P50), Some(7));
        assert_eq!(percentile(&mut [7, 8], P99), Some(8));
        assert_eq!(percentile(&mut [], P50), None);
    }

    #[test]
    fn the_middle_is_finer_than_the_clock_and_deaf_to_the_tail() {
        // A true 35 on a clock that steps by ten, then with samples that met an interrupt.
        let mut stepped = [30, 40].repeat(500);
        assert_eq!(middle(&mut stepped), Some(35.0));
        stepped.sort_unstable();
        stepped[998] = 1_000_000;
        stepped[999] = 1_000_000;
        assert_eq!(middle(&mut stepped), Some(35.0));
        assert_eq!(middle(&mut [7]), Some(7.0));
        assert_eq!(middle(&mut []), None);
    }

    #[test]
    fn quartiles_divide_the_step_between_two_values() {
        let told = quartiles(&mut [4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((told.low, told.median, told.high), (1.75, 2.5, 3.25));
        let one = quartiles(&mut [1.5]).unwrap();
        assert_eq!((one.low, one.median, one.high), (1.5, 1.5, 1.5));
        assert_eq!(quartiles(&mut []), None);
    }

    #[test]
    fn pairs_hold_where_the_host_changes_its_speed_and_pools_do_not() {
        // The host is three times slower in every other block; the lane takes a tenth longer.
        let speed = [1_000, 3_000, 1_000, 3_000, 1_000];
        let reference = Blocks(speed.iter().map(|&ns| vec![ns; 9]).collect());
        let lane = Blocks(speed.iter().map(|&ns| vec![ns * 11 / 10; 9]).collect());
        let told = lane.paired(&reference, P50).unwrap();
        assert_eq!((told.low, told.median, told.high), (1.1, 1.1, 1.1));
        // The lane's fast blocks alone against all of the reference's: the pool is misled.
        let fast = Blocks(vec![vec![1_100; 9], vec![], vec![1_100; 9], vec![], vec![]]);
        assert_eq!(fast.paired(&reference, P50).unwrap().median, 1.1);
        assert!(fast.pooled_ratio(&reference, P99).unwrap() < 0.5);
        assert_eq!(fast.count(), 18);
        assert_eq!(Blocks::default().paired(&reference, P50), None);
        assert_eq!(Blocks::default().pooled_ratio(&reference, P50), None);
    }

    #[test]
    fn a_tail_is_seen_in_the_pool() {
        let quiet = Blocks(vec![vec![100; 500]; 4]);
        let mut noisy = quiet.clone();
        for block in &mut noisy.0 {
            block[0] = 100_000;
        }
        assert_eq!(noisy.pooled(P50), Some(100));
        assert_eq!(noisy.pooled(P999), Some(100_000));
        assert_eq!(noisy.pooled_ratio(&quiet, P999), Some(1_000.0));
    }
}
