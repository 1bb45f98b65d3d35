//! How much an account may order, by its capital tier and the kind of product..

use crate::ProductKind;

/// Tiers there may be.
pub const TIERS_MAX: usize = 9;

/// The capital tier of an account, 1 to 9. The lowest, 1, is that of an account of which nothing is
/// said: a new one begins there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tier(u8);

impl Tier {
    /// Where a new account begins.
    pub const LOWEST: Tier = Tier(1);

    /// The tier of this number; `None` outside 1 to 9.
    #[must_use]
    pub const fn new(number: u8) -> Option<Tier> {
        if number >= 1 && number as usize <= TIERS_MAX {
            Some(Tier(number))
        } else {
            None
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// What one account of a tier may order of one kind of product. All are largest values that pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderLimits {
    /// Whose.
    pub tier: Tier,
    /// Of what.
    pub kind: ProductKind,
    /// OrderQty(38) of one order, in shares or contracts.
    pub order_qty_max: u32,
    /// Value of one order, in won.
    pub order_value_max: i64,
    /// Quantity of all orders of the day, whatever became of them (누적호가수량한도).
    pub sent_qty_max: i64,
    /// Value of all orders of the day, in won.
    pub sent_value_max: i64,
}

impl OrderLimits {
    /// Limits of this tier and kind that no order of sense reaches; for tests and measurements.
    #[must_use]
    pub const fn wide(tier: Tier, kind: ProductKind) -> OrderLimits {
        OrderLimits {
            tier,
            kind,
            order_qty_max: 10_000_000,
            order_value_max: 1_000_000_000_000_000,
            sent_qty_max: 1_000_000_000_000_000,
            sent_value_max: 1_000_000_000_000_000_000,
        }
    }
}
