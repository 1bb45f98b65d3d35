//! A bucket that messages fill and time empties, as the instant at which it will be empty (the
//! generic cell rate algorithm).
//!
//! Each message moves that instant by one interval, and passes while it then lies no more than
//! `burst` intervals ahead. Behind the burst there is a reserve of equal size for orders that
//! reduce risk, so that whoever has sent too much can still close. A cancel fills what is
//! left of the burst and never the reserve. A clock that goes back empties nothing and fills
//! nothing: what was in the bucket at the latest stamp is in it then.

use gwanmun_market::RateLimit;

/// One bucket; empty at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bucket {
    empty_at_ns: u64,
    /// When that was said.
    latest_ns: u64,
}

impl Bucket {
    /// The bucket with another message in it, and how many it then holds, rounded up.
    ///
    /// # Errors
    /// That number, where it is more than the bucket takes.
    pub(crate) fn with_one(
        self,
        now_ns: u64,
        rate: &RateLimit,
        may_use_reserve: bool,
    ) -> Result<Bucket, u64> {
        let interval_ns = rate.interval_ns();
        let span_ns = u64::from(rate.burst()) * interval_ns;
        let empty_at_ns = self
            .at(now_ns, rate)
            .empty_at_ns
            .saturating_add(interval_ns);
        let most_ns = if may_use_reserve {
            2 * span_ns
        } else {
            span_ns
        };
        let ahead_ns = empty_at_ns - now_ns;
        if ahead_ns > most_ns {
            return Err(ahead_ns.div_ceil(interval_ns));
        }
        Ok(Bucket {
            empty_at_ns,
            latest_ns: now_ns,
        })
    }

    /// The bucket as it stands now. To be kept behind a refusal, too: so a clock that went back is
    /// noticed once.
    pub(crate) fn at(self, now_ns: u64, rate: &RateLimit) -> Bucket {
        let held_ns = self.empty_at_ns.saturating_sub(now_ns.max(self.latest_ns));
        // No more than there can be, should the rate be another one by now.
        let held_ns = held_ns.min(2 * u64::from(rate.burst()) * rate.interval_ns());
        Bucket {
            empty_at_ns: now_ns.saturating_add(held_ns),
            latest_ns: now_ns,
        }
    }

    /// The bucket behind a message that nothing refuses: it takes what is left of the burst.
    pub(crate) fn with_cancel(self, now_ns: u64, rate: &RateLimit) -> Bucket {
        let with = self.with_one(now_ns, rate, false);
        with.unwrap_or(self.at(now_ns, rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_NS: u64 = 1_795_392_000_000_000_000;
    const SECOND_NS: u64 = 1_000_000_000;

    fn passes(bucket: &mut Bucket, now_ns: u64, rate: &RateLimit, is_reducing: bool) -> bool {
        let with = bucket.with_one(now_ns, rate, is_reducing);
        *bucket = with.unwrap_or(*bucket);
        with.is_ok()
    }

    fn burst_at(bucket: &mut Bucket, now_ns: u64, rate: &RateLimit, is_reducing: bool) -> u32 {
        (0..10_000)
            .take_while(|_| passes(bucket, now_ns, rate, is_reducing))
            .count()
            .try_into()
            .unwrap()
    }

    #[test]
    fn a_burst_passes_and_then_one_each_interval() {
        let rate = RateLimit::new(50, 60).unwrap();
        let mut bucket = Bucket::default();
        assert_eq!(burst_at(&mut bucket, NOW_NS, &rate, false), 60);
        assert_eq!(bucket.with_one(NOW_NS, &rate, false), Err(61));
        let interval = rate.interval_ns();
        assert!(!passes(&mut bucket, NOW_NS + interval - 1, &rate, false));
        assert!(passes(&mut bucket, NOW_NS + interval, &rate, false));
        assert!(!passes(&mut bucket, NOW_NS + interval, &rate, false));
        // Idle, it is full again and no fuller.
        let later = NOW_NS + 60 * SECOND_NS;
        assert_eq!(burst_at(&mut bucket, later, &rate, false), 60);
    }

    /// Never more than the burst and what flows in, whatever the pattern: against plain counting.
    #[test]
    fn no_window_lets_more_through_than_burst_and_rate() {
        let rate = RateLimit::new(7, 3).unwrap();
        let mut bucket = Bucket::default();
        let mut passed = Vec::new();
        let (mut now_ns, mut seed) = (NOW_NS, 42_u64);
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            now_ns += (seed >> 33) % (SECOND_NS / 4);
            if passes(&mut bucket, now_ns, &rate, false) {
                passed.push(now_ns);
            }
        }
        assert!(passed.len() > 1_000);
        for (at, from) in passed.iter().enumerate() {
            for (count, until) in (1_u64..).zip(&passed[at..]).take(50) {
                let flowed_in = u128::from(until - from) * 7 / u128::from(SECOND_NS);
                assert!(
                    u128::from(count) <= 3 + flowed_in,
                    "{count} in {}",
                    until - from
                );
            }
        }
    }

    #[test]
    fn a_loop_of_689_a_second_is_held_to_the_rate() {
        let rate = RateLimit::new(50, 50).unwrap();
        let mut bucket = Bucket::default();
        let passed = (0..41_336_u64)
            .filter(|at| passes(&mut bucket, NOW_NS + at * SECOND_NS / 689, &rate, false))
            .count();
        // The burst, and 50 in each of the 59.99 seconds that the loop takes.
        assert_eq!(passed, 50 + 2_999);
    }

    #[test]
    fn who_closes_has_a_reserve_that_cancels_do_not_touch() {
        let rate = RateLimit::new(10, 10).unwrap();
        let mut bucket = Bucket::default();
        assert_eq!(burst_at(&mut bucket, NOW_NS, &rate, false), 10);
        for _ in 0..1_000 {
            bucket = bucket.with_cancel(NOW_NS, &rate);
        }
        assert_eq!(burst_at(&mut bucket, NOW_NS, &rate, true), 10);
        assert_eq!(bucket.with_one(NOW_NS, &rate, true), Err(21));
        // The reserve flows back first.
        let later = NOW_NS + SECOND_NS;
        assert_eq!(burst_at(&mut bucket, later, &rate, false), 0);
        assert_eq!(
            burst_at(&mut bucket, later + SECOND_NS / 10, &rate, false),
            1
        );

        let mut bucket = Bucket::default();
        for _ in 0..9 {
            bucket = bucket.with_cancel(NOW_NS, &rate);
        }
        assert_eq!(
            burst_at(&mut bucket, NOW_NS, &rate, false),
            1,
            "cancels count"
        );
    }

    #[test]
    fn a_clock_that_goes_back_takes_nothing_away_and_adds_nothing() {
        let rate = RateLimit::new(10, 10).unwrap();
        let hour_ago = NOW_NS - 3_600 * SECOND_NS;
        for held in [0, 3, 10, 20] {
            let bucket = (0..held).fold(Bucket::default(), |bucket, _| {
                bucket.with_one(NOW_NS, &rate, true).unwrap()
            });
            // An hour back, and from there on as if nothing had been.
            let back = bucket.at(hour_ago, &rate);
            for (after_ns, flowed_off) in [(0, 0), (SECOND_NS / 2, 5), (SECOND_NS * 3, 30)] {
                let mut copy = back;
                let left = 20_u32.saturating_sub(20_u32.min(held).saturating_sub(flowed_off));
                let passed = burst_at(&mut copy, hour_ago + after_ns, &rate, true);
                assert_eq!(passed, left, "{held} held, after {after_ns} ns");
            }
            let forward = back.at(NOW_NS, &rate);
            assert!(forward.with_one(NOW_NS, &rate, false).is_ok());
        }
        let bucket = Bucket {
            empty_at_ns: NOW_NS,
            latest_ns: NOW_NS,
        };
        for now_ns in [0, u64::MAX, u64::MAX - 1] {
            assert!(bucket.with_one(now_ns, &rate, true).is_ok(), "at {now_ns}");
        }
    }

    #[test]
    fn a_smaller_rate_holds_no_more_than_it_can() {
        let (wide, small) = (
            RateLimit::new(10, 1_000).unwrap(),
            RateLimit::new(10, 1).unwrap(),
        );
        let bucket = (0..1_000).fold(Bucket::default(), |bucket, _| {
            bucket.with_one(NOW_NS, &wide, false).unwrap()
        });
        assert_eq!(bucket.with_one(NOW_NS, &small, true), Err(3));
    }
}
