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
    /// Beyond which an order within those maxima is not sent at once.
    pub large: LargeOrder,
}

/// From where on an order counts as large: the largest values that pass without more, as brokers
/// hold stocks of individuals to 1.5 and 3 thousand million won. R-122.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargeOrder {
    /// OrderQty(38) beyond which the member must confirm.
    pub warn_qty: u32,
    /// OrderQty(38) beyond which somebody must approve.
    pub hold_qty: u32,
    /// Value in won beyond which the member must confirm.
    pub warn_value: i64,
    /// Value in won beyond which somebody must approve.
    pub hold_value: i64,
}

impl LargeOrder {
    /// No order is large: what is beyond the maxima of one order is refused before.
    #[must_use]
    pub const fn at_most(order_qty_max: u32, order_value_max: i64) -> LargeOrder {
        LargeOrder {
            warn_qty: order_qty_max,
            hold_qty: order_qty_max,
            warn_value: order_value_max,
            hold_value: order_value_max,
        }
    }
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
            large: LargeOrder::at_most(u32::MAX, i64::MAX),
        }
    }
}
