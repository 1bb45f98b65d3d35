//! How fast and in what manner an account may send: by its tier, and by what is said of it alone.
//!

use crate::{AccountId, Text, Tier};

const SECOND_NS: u64 = 1_000_000_000;

/// So many messages at once, and then one each interval: a bucket of `burst`, refilled evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_second: u32,
    burst: u32,
    /// Invariant: rounded up, so that the rate is never passed by a fraction; at least 1.
    interval_ns: u64,
}

impl RateLimit {
    /// Largest rate and largest burst. So a bucket never spans more than 10^18 ns, and the sum of a
    /// stamp of this century and of two such spans has room in 64 bits.
    pub const MAX: u32 = 1_000_000_000;

    /// `None` where one of the two is zero or above [`RateLimit::MAX`].
    #[must_use]
    pub const fn new(per_second: u32, burst: u32) -> Option<RateLimit> {
        let is_finite = per_second <= RateLimit::MAX && burst <= RateLimit::MAX;
        if per_second == 0 || burst == 0 || !is_finite {
            return None;
        }
        Some(RateLimit {
            per_second,
            burst,
            interval_ns: SECOND_NS.div_ceil(per_second as u64),
        })
    }

    /// Messages a second when it goes on and on.
    #[must_use]
    pub const fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Messages at once.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// Nanoseconds after which there is room for one more.
    #[must_use]
    pub const fn interval_ns(&self) -> u64 {
        self.interval_ns
    }
}

/// How an account of a tier may behave, whatever it trades. All are largest values that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConductLimits {
    /// Whose.
    pub tier: Tier,
    /// New orders, replaces and cancels of one account.
    pub rate: RateLimit,
    /// New orders of one account with the same instrument, side, type and price, and quantity ...
    pub same_order_max: u32,
    /// ... within so many nanoseconds.
    pub same_order_within_ns: u64,
    /// Orders, replaces and cancels of the day for each order that traded.
    pub requests_per_trade_max: u32,
    /// Of a hundred orders of the day those that ended canceled without a trade.
    pub canceled_percent_max: u32,
    /// The two ratios are not looked at before the account has sent so many requests today.
    pub ratio_floor: u32,
}

impl ConductLimits {
    /// Limits that no flow of sense reaches; for tests and measurements.
    #[must_use]
    pub const fn wide(tier: Tier) -> ConductLimits {
        ConductLimits {
            tier,
            rate: WIDE_RATE,
            same_order_max: 1_000_000_000,
            same_order_within_ns: SECOND_NS,
            requests_per_trade_max: 1_000_000_000,
            canceled_percent_max: 100,
            ratio_floor: 1_000_000_000,
        }
    }
}

/// The widest rate there is; for tests and measurements.
pub const WIDE_RATE: RateLimit = RateLimit {
    per_second: RateLimit::MAX,
    burst: RateLimit::MAX,
    interval_ns: SECOND_NS / RateLimit::MAX as u64,
};

/// With which other orders an account's must not trade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelfTrade {
    /// With its own: what an account is of which nothing is said.
    #[default]
    Own,
    /// With those of all accounts that name this group.
    Group(Text<16>),
    /// It may: an omnibus account, whose orders are many clients'.
    Allowed,
}

/// What is said of one account's conduct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountConduct {
    /// Whose.
    pub account: AccountId,
    /// Self-trade prevention.
    pub self_trade: SelfTrade,
    /// The algorithm that is registered for it (알고리즘 계좌 사전등록), by the name that it has there;
    /// `None`: none is, and no order of it may be an algorithm's.
    pub algorithm: Option<Text<16>>,
    /// Whether it is used by nothing else: each order must then say that it is an algorithm's, but
    /// for emergency orders, which people give.
    pub is_algorithm_only: bool,
}

impl AccountConduct {
    /// Of an account of which nothing is said.
    #[must_use]
    pub const fn of_nobody(account: AccountId) -> AccountConduct {
        AccountConduct {
            account,
            self_trade: SelfTrade::Own,
            algorithm: None,
            is_algorithm_only: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_finite_and_rounded_to_the_safe_side() {
        let interval = |per_second| RateLimit::new(per_second, 1).map(|rate| rate.interval_ns());
        assert_eq!(interval(1), Some(1_000_000_000));
        assert_eq!(interval(3), Some(333_333_334));
        assert_eq!(interval(1_000_000_000), Some(1));
        assert_eq!((interval(0), interval(1_000_000_001)), (None, None));
        for burst in [0, RateLimit::MAX + 1] {
            assert_eq!(RateLimit::new(1, burst), None);
        }
        assert_eq!(
            RateLimit::new(RateLimit::MAX, RateLimit::MAX),
            Some(WIDE_RATE)
        );
    }
}
