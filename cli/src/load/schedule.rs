//! When each order is due: fixed before the first one is sent, whatever becomes of the others.
//!
//! In it: a steady rate, bursts on top of it, and the end. Not in it: clocks, and who sends what.
//! Latency counts from these moments. So a gateway that stands still for a second is seen by every
//! order that was due in that second, and not only by the one that was under way (the mistake known
//! as coordinated omission).

const NS_PER_S: u128 = 1_000_000_000;

/// Many orders at one moment, every so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// How many at once.
    pub orders: u32,
    /// Distance of two bursts in nanoseconds; the first comes after one such distance.
    pub every_ns: u64,
}

/// When the schedule is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After so many orders.
    Orders(u64),
    /// With the last order that is due before so many nanoseconds have passed.
    Duration(u64),
}

/// What a schedule is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleTerms {
    /// Orders per second, evenly spaced; 0 for bursts alone.
    pub rate: u32,
    /// On top of the rate.
    pub burst: Option<Burst>,
    /// When it is over.
    pub end: End,
}

impl ScheduleTerms {
    /// How many orders are due in all.
    #[must_use]
    pub fn orders(&self) -> u64 {
        match self.end {
            End::Orders(orders) => orders,
            End::Duration(ns) => {
                let steady = (u128::from(ns) * u128::from(self.rate)).div_ceil(NS_PER_S);
                let bursts = self.burst.map_or(0, |burst| {
                    u64::from(burst.orders) * (ns.saturating_sub(1) / burst.every_ns.max(1))
                });
                u64::try_from(steady).unwrap_or(u64::MAX) + bursts
            }
        }
    }

    /// How long it takes, in nanoseconds.
    #[must_use]
    pub fn duration_ns(&self) -> u64 {
        match self.end {
            End::Duration(ns) => ns,
            End::Orders(orders) => {
                let burst = self.burst.map_or(0, |burst| {
                    u128::from(burst.orders) * NS_PER_S * NS_PER_S
                        / u128::from(burst.every_ns.max(1))
                });
                // Orders per second, in billionths.
                let rate = u128::from(self.rate) * NS_PER_S + burst;
                let ns = u128::from(orders) * NS_PER_S * NS_PER_S / rate.max(1);
                u64::try_from(ns).unwrap_or(u64::MAX)
            }
        }
    }
}

/// The moments, one after the other.
#[derive(Clone, Debug)]
pub struct Schedule {
    terms: ScheduleTerms,
    start_ns: u64,
    made: u64,
    steady: u64,
    bursts: u64,
    in_burst: u32,
}

impl Schedule {
    /// A schedule that begins at `start_ns`.
    #[must_use]
    pub fn new(terms: ScheduleTerms, start_ns: u64) -> Schedule {
        Schedule {
            terms,
            start_ns,
            made: 0,
            steady: 0,
            bursts: 0,
            in_burst: 0,
        }
    }

    /// When the next order is due; `None` when the schedule is over.
    #[must_use]
    pub fn due_ns(&self) -> Option<u64> {
        let (offset_ns, _) = self.next_offset()?;
        let is_over = match self.terms.end {
            End::Orders(orders) => self.made >= orders,
            End::Duration(ns) => offset_ns >= ns,
        };
        (!is_over).then(|| self.start_ns.saturating_add(offset_ns))
    }

    /// The next order is on its way.
    pub fn advance(&mut self) {
        let Some((_, is_steady)) = self.next_offset() else {
            return;
        };
        self.made += 1;
        if is_steady {
            self.steady += 1;
            return;
        }
        self.in_burst += 1;
        if self
            .terms
            .burst
            .is_some_and(|burst| self.in_burst >= burst.orders)
        {
            self.in_burst = 0;
            self.bursts += 1;
        }
    }

    /// The earlier of the next steady order and the next of a burst, and whether it is the former.
    fn next_offset(&self) -> Option<(u64, bool)> {
        let steady = (self.terms.rate > 0).then(|| {
            let ns = u128::from(self.steady) * NS_PER_S / u128::from(self.terms.rate.max(1));
            (u64::try_from(ns).unwrap_or(u64::MAX), true)
        });
        let burst = self.terms.burst.filter(|burst| burst.orders > 0);
        let burst = burst.map(|burst| (burst.every_ns.saturating_mul(self.bursts + 1), false));
        steady.into_iter().chain(burst).min_by_key(|(ns, _)| *ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(terms: ScheduleTerms) -> Vec<u64> {
        let mut schedule = Schedule::new(terms, 100);
        let mut moments = Vec::new();
        while let Some(due_ns) = schedule.due_ns() {
            moments.push(due_ns - 100);
            schedule.advance();
        }
        moments
    }

    #[test]
    fn a_rate_that_does_not_divide_a_second_does_not_drift() {
        let terms = ScheduleTerms {
            rate: 3,
            burst: None,
            end: End::Orders(3_000_001),
        };
        let moments = moments(terms);
        assert_eq!(moments[..4], [0, 333_333_333, 666_666_666, 1_000_000_000]);
        assert_eq!(moments.last(), Some(&1_000_000_000_000_000));
        assert_eq!(terms.duration_ns(), 1_000_000_333_333_333);
    }

    #[test]
    fn bursts_come_on_top_and_all_at_once() {
        let terms = ScheduleTerms {
            rate: 2,
            burst: Some(Burst {
                orders: 3,
                every_ns: 700_000_000,
            }),
            end: End::Duration(1_500_000_000),
        };
        let ms: Vec<u64> = moments(terms).iter().map(|ns| ns / 1_000_000).collect();
        assert_eq!(ms, [0, 500, 700, 700, 700, 1_000, 1_400, 1_400, 1_400]);
        assert_eq!(terms.orders(), 9);
    }

    #[test]
    fn the_end_is_exact_and_nothing_is_due_behind_it() {
        for (end, orders) in [
            (End::Orders(0), 0),
            (End::Orders(1), 1),
            (End::Duration(0), 0),
            (End::Duration(1), 1),
            (End::Duration(1_000_000_000), 10),
            (End::Duration(1_000_000_001), 11),
        ] {
            let terms = ScheduleTerms {
                rate: 10,
                burst: None,
                end,
            };
            assert_eq!(moments(terms).len(), orders, "{end:?}");
            assert_eq!(terms.orders(), u64::try_from(orders).unwrap(), "{end:?}");
        }
        let bursts_alone = ScheduleTerms {
            rate: 0,
            burst: Some(Burst {
                orders: 5,
                every_ns: 10,
            }),
            end: End::Orders(7),
        };
        assert_eq!(moments(bursts_alone), [10, 10, 10, 10, 10, 20, 20]);
    }
}
