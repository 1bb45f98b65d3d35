//! What exposure is held against: an account's money, an instrument's weight, and the limits of
//! instruments, underlyings, linked accounts and the firm..
//!
//! Amounts are whole won, quantities shares or contracts; every limit is a largest value that
//! passes. A row that is missing refuses, so nothing here is optional but a name.

use crate::{AccountId, GroupName, Symbol, UnderlyingName};

/// Whose account it is, as position limits tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Investor {
    /// A natural person (개인).
    Individual,
    /// Anybody else.
    Other,
}

impl Investor {
    /// Every kind by the word that tables and journals have for it.
    pub const WORDS: [(&'static str, Investor); 2] = [
        ("individual", Investor::Individual),
        ("other", Investor::Other),
    ];
}

/// When an account must have paid in the margin of its derivatives. R-88.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarginMode {
    /// Before the order leaves (사전증거금).
    Pre,
    /// After the day (사후증거금), as qualified institutions may: no order is held against it.
    Post,
}

impl MarginMode {
    /// Both by the word that tables and journals have for them.
    pub const WORDS: [(&'static str, MarginMode); 2] =
        [("pre", MarginMode::Pre), ("post", MarginMode::Post)];
}

/// Part of the deposit that [`Credit::exposure_percent`] is where nothing is said: five times
///
pub const EXPOSURE_PERCENT: u32 = 500;

/// An account's money and what it may bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Whose.
    pub account: AccountId,
    /// The linked accounts that it is one of; empty where it is one of none.
    pub group: GroupName,
    /// Whose account it is.
    pub investor: Investor,
    /// Whether margin is asked for before the order.
    pub margin_mode: MarginMode,
    /// Cash at the start of the day for shares and funds (예수금).
    pub cash: i64,
    /// Deposit for derivatives (예탁총액): margin and exposure are measured by it.
    pub deposit: i64,
    /// Intraday exposure that the deposit bears, in percent of it (장중 위험노출액한도).
    pub exposure_percent: u32,
    /// Value of all its open orders.
    pub open_value_max: i64,
}

/// An instrument's weight in exposures, and how much of it may be ordered in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstrumentLimits {
    /// Of what.
    pub symbol: Symbol,
    /// What it is written on; empty for a share or fund that is counted by itself alone.
    pub underlying: UnderlyingName,
    /// Margin of one contract in basis points of its base price times multiplier; of an option that
    /// of a written one.
    pub margin_bps: u32,
    /// What one contract weighs in the position limit of its underlying, in 1/10,000 of the unit
    /// that the limit counts: a K200 future 10,000, a mini future 2,000, an option its delta.
    pub delta: i32,
    /// Quantity of all orders of one account today.
    pub sent_qty_max: i64,
    /// Their value.
    pub sent_value_max: i64,
    /// Quantity of all orders of all accounts today.
    pub firm_qty_max: i64,
    /// Their value.
    pub firm_value_max: i64,
}

/// How much one account may order and hold of everything that is written on one underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderlyingLimits {
    /// Of what.
    pub underlying: UnderlyingName,
    /// Quantity of all orders today.
    pub sent_qty_max: i64,
    /// Their value.
    pub sent_value_max: i64,
    /// Net position of an individual, in whole units of delta (미결제약정 보유한도).
    pub individual_max: i64,
    /// Net position of anybody else.
    pub other_max: i64,
}

impl UnderlyingLimits {
    /// Net position that an investor may hold.
    #[must_use]
    pub const fn position_max(&self, investor: Investor) -> i64 {
        match investor {
            Investor::Individual => self.individual_max,
            Investor::Other => self.other_max,
        }
    }
}

/// What several accounts may do together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartyLimits {
    /// Value of all their orders today.
    pub sent_value_max: i64,
    /// Value of all their open orders.
    pub open_value_max: i64,
    /// Their intraday exposures together.
    pub exposure_max: i64,
}

/// Linked accounts: those of one client, or of one trading unit. R-94.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// As [`Credit::group`] says it.
    pub name: GroupName,
    /// What they may do together.
    pub limits: PartyLimits,
}

/// An amount that no sum of sense reaches, in won.
const WIDE: i64 = 1_000_000_000_000_000_000;

impl Credit {
    /// Money that no order of sense uses up; for tests and measurements.
    #[must_use]
    pub const fn wide(account: AccountId) -> Credit {
        Credit {
            account,
            group: GroupName::EMPTY,
            investor: Investor::Other,
            margin_mode: MarginMode::Pre,
            cash: WIDE,
            deposit: WIDE,
            exposure_percent: EXPOSURE_PERCENT,
            open_value_max: WIDE,
        }
    }
}

impl InstrumentLimits {
    /// Limits that no order of sense reaches; for tests and measurements.
    #[must_use]
    pub const fn wide(symbol: Symbol, underlying: UnderlyingName) -> InstrumentLimits {
        InstrumentLimits {
            symbol,
            underlying,
            margin_bps: 1_500,
            delta: 10_000,
            sent_qty_max: WIDE,
            sent_value_max: WIDE,
            firm_qty_max: WIDE,
            firm_value_max: WIDE,
        }
    }
}

impl UnderlyingLimits {
    /// Limits that no order of sense reaches; for tests and measurements.
    #[must_use]
    pub const fn wide(underlying: UnderlyingName) -> UnderlyingLimits {
        UnderlyingLimits {
            underlying,
            sent_qty_max: WIDE,
            sent_value_max: WIDE,
            individual_max: WIDE,
            other_max: WIDE,
        }
    }
}

impl PartyLimits {
    /// Limits that no order of sense reaches; for tests and measurements.
    pub const WIDE: PartyLimits = PartyLimits {
        sent_value_max: WIDE,
        open_value_max: WIDE,
        exposure_max: WIDE,
    };
}
