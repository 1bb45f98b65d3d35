//! What a market asks beyond an instrument's terms: groups and segments, what moves the collar's
//! reference, stages of the daily limit, foreign ownership, and the rules of a venue's boards.

use crate::halts::AreaName;
use crate::{Board, OrderKinds};

/// What the market asks about one instrument; the default asks nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketRules {
    /// The matching group whose halt stops it; empty: none.
    pub matching_group: AreaName,
    /// The market segment, `KOSPI` for example, whose halt stops it; empty: none.
    pub segment: AreaName,
    /// A trade of fewer than this does not move the collar's reference.
    pub reference_qty_min: u32,
    /// A last trade older than this is no reference of the collar, in nanoseconds.
    pub last_max_age_ns: u64,
    /// The daily limit's second and third stage in basis points of the base price; 0: there is no
    /// such stage. The first one is [`crate::Instrument::daily_limit`].
    pub limit_stages_bps: [u32; 2],
    /// Whether what foreigners may hold of it is limited (외국인 보유한도).
    pub has_foreign_limit: bool,
}

impl MarketRules {
    /// Nothing more than the instrument's terms.
    pub const NONE: MarketRules = MarketRules {
        matching_group: AreaName::EMPTY,
        segment: AreaName::EMPTY,
        reference_qty_min: 1,
        last_max_age_ns: u64::MAX,
        limit_stages_bps: [0; 2],
        has_foreign_limit: false,
    };
}

impl Default for MarketRules {
    fn default() -> Self {
        MarketRules::NONE
    }
}

/// What the market's rules want to know of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountMarks {
    /// Its orders are programme orders (프로그램매매), which a sidecar holds.
    pub is_programme: bool,
    /// Its holdings count against foreign ownership limits.
    pub is_foreign: bool,
}

/// What a venue takes on one board, on the days on which the rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VenueRule {
    /// Which board.
    pub board: Board,
    /// Kinds of order in continuous trading.
    pub order_kinds: OrderKinds,
    /// Kinds of order while orders are gathered for one price.
    pub auction_order_kinds: OrderKinds,
    /// Whether orders are taken in a volatility interruption, into its call auction.
    pub takes_orders_in_vi: bool,
}
