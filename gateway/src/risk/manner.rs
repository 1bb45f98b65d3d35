//! How a session and an account behave, as checks of rate and conduct look at it.

use gwanmun_market::{AccountConduct, ConductLimits, OrderOrigin, RateLimit};

use crate::conduct::{Best, Bucket, DayCounts};

/// What checks of rate and conduct look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner<'a> {
    /// The stamp of the order's bytes.
    pub(crate) now_ns: u64,
    /// What the account's tier may do, if anybody said so.
    pub(crate) limits: Option<&'a ConductLimits>,
    /// How fast a session may send, if anybody said so.
    pub(crate) session_rate: Option<&'a RateLimit>,
    /// How fast the account has sent.
    pub(crate) account_bucket: Bucket,
    /// How fast the session has sent.
    pub(crate) session_bucket: Bucket,
    /// When the same order was sent that is as far back as there may be; `None` of a replace, and
    /// where there are not so many.
    pub(crate) same_order_since_ns: Option<u64>,
    /// Whether the order was counted, and found not too much, when it came: one that is confirmed
    /// or approved now.
    pub(crate) is_counted: bool,
    /// What became of the account's orders today.
    pub(crate) counts: DayCounts,
    /// What is said of the account.
    pub(crate) account: Option<&'a AccountConduct>,
    /// OrderOrigin(20101).
    pub(crate) origin: OrderOrigin,
    /// The best working order of the account's group on the other side.
    pub(crate) own_best: Option<Best>,
}

/// Of an order that passes every check, for the tables of cases.
#[cfg(test)]
pub(crate) mod example {
    use gwanmun_market::{AccountId, Side, Tier, WIDE_RATE};

    use super::super::{Situation, example};
    use super::*;

    pub(crate) const LIMITS: ConductLimits = ConductLimits::wide(Tier::LOWEST);
    pub(crate) const CONDUCT: AccountConduct = AccountConduct::of_nobody(AccountId::EMPTY);

    pub(crate) fn manner() -> Manner<'static> {
        Manner {
            now_ns: 1_795_392_000_000_000_000,
            limits: Some(&LIMITS),
            session_rate: Some(&WIDE_RATE),
            account_bucket: Bucket::default(),
            session_bucket: Bucket::default(),
            same_order_since_ns: None,
            is_counted: false,
            counts: DayCounts::default(),
            account: Some(&CONDUCT),
            origin: OrderOrigin::Online,
            own_best: None,
        }
    }

    /// A sale of a part of what is held, which reduces risk, or a buy, which does not.
    pub(crate) fn reducing(is_reducing: bool) -> Situation<'static> {
        Situation {
            side: if is_reducing { Side::Sell } else { Side::Buy },
            ..example::passing()
        }
    }
}
