//! How far a position may go: what it is, and what working orders may make of it.

use gwanmun_market::Side;

use crate::positions::Position;

/// Contracts held and working. A derivative of whose opening the tables say nothing began the day
/// at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Legs {
    net: i64,
    buy: i64,
    sell: i64,
}

impl Legs {
    /// Those of a position.
    #[inline]
    pub(crate) const fn of(position: &Position) -> Legs {
        let opening = match position.opening {
            Some(opening) => opening,
            None => 0,
        };
        Legs {
            net: opening
                .saturating_add(position.bought)
                .saturating_sub(position.sold),
            buy: position.working_buy,
            sell: position.working_sell,
        }
    }

    /// The same with so much more working.
    #[inline]
    pub(crate) const fn with(self, side: Side, qty: u32) -> Legs {
        if side.is_sell() {
            Legs {
                sell: self.sell.saturating_add(qty as i64),
                ..self
            }
        } else {
            Legs {
                buy: self.buy.saturating_add(qty as i64),
                ..self
            }
        }
    }

    /// If all that is open to buy is bought and nothing else happens.
    #[inline]
    pub(crate) const fn highest(self) -> i64 {
        self.net.saturating_add(self.buy)
    }

    /// If all that is open to sell is sold and nothing else happens.
    #[inline]
    pub(crate) const fn lowest(self) -> i64 {
        self.net.saturating_sub(self.sell)
    }

    /// Contracts at most, long or short: fills and cancels never add to it, as every position that
    /// they lead to lies between the two ends.
    #[inline]
    pub(crate) const fn worst(self) -> u64 {
        let (high, low) = (self.highest().unsigned_abs(), self.lowest().unsigned_abs());
        if high > low { high } else { low }
    }

    /// Contracts that may be written at worst.
    #[inline]
    pub(crate) const fn short(self) -> u64 {
        let low = self.lowest();
        if low < 0 { low.unsigned_abs() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_end_counts_and_no_fill_passes_it() {
        for (net, buy, sell, worst, short) in [
            (0, 0, 0, 0, 0),
            (10, 5, 0, 15, 0),
            (10, 5, 12, 15, 2),
            (10, 5, 30, 20, 20),
            (-10, 5, 0, 10, 10),
            (-10, 25, 3, 15, 13),
            (i64::MAX, 1, 0, i64::MAX.unsigned_abs(), 0),
            (
                i64::MIN,
                0,
                1,
                i64::MIN.unsigned_abs(),
                i64::MIN.unsigned_abs(),
            ),
        ] {
            let legs = Legs { net, buy, sell };
            assert_eq!((legs.worst(), legs.short()), (worst, short), "{legs:?}");
            for filled in 0..=buy.min(40) {
                let net = legs.net.saturating_add(filled);
                let buy = legs.buy - filled;
                let after = Legs { net, buy, ..legs };
                assert!(
                    after.worst() <= worst && after.short() <= short,
                    "{after:?}"
                );
            }
            for filled in 0..=sell.min(40) {
                let net = legs.net.saturating_sub(filled);
                let sell = legs.sell - filled;
                let after = Legs { net, sell, ..legs };
                assert!(
                    after.worst() <= worst && after.short() <= short,
                    "{after:?}"
                );
            }
        }
    }
}
