//! Which kinds of order an instrument takes, as the venue's file of the day permits them.

use crate::{OrdType, TimeInForce};

/// A set of pairs of OrdType(40) and TimeInForce(59): the venue's permission bitmaps by order type,
/// FAS, FAK and FOK each a bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderKinds(u8);

impl OrderKinds {
    /// No kind.
    pub const NONE: OrderKinds = OrderKinds(0);
    /// Every kind there is.
    pub const ALL: OrderKinds = OrderKinds(0b11_1111);

    /// The set with one more kind.
    #[must_use]
    pub const fn with(self, ord_type: OrdType, time_in_force: TimeInForce) -> OrderKinds {
        OrderKinds(self.0 | bit(ord_type, time_in_force))
    }

    /// Whether a kind is in the set.
    #[must_use]
    pub const fn has(self, ord_type: OrdType, time_in_force: TimeInForce) -> bool {
        self.0 & bit(ord_type, time_in_force) != 0
    }

    /// The set as one byte: limit orders FAS 1, FAK 2, FOK 4, market orders FAS 8, FAK 16, FOK 32.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        self.0
    }

    /// The set of a byte; `None` where it has a bit that stands for nothing.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<OrderKinds> {
        if byte & !OrderKinds::ALL.0 == 0 {
            Some(OrderKinds(byte))
        } else {
            None
        }
    }
}

const fn bit(ord_type: OrdType, time_in_force: TimeInForce) -> u8 {
    let of_limit = match time_in_force {
        TimeInForce::Day => 1,
        TimeInForce::ImmediateOrCancel => 2,
        TimeInForce::FillOrKill => 4,
    };
    match ord_type {
        OrdType::Limit => of_limit,
        OrdType::Market => of_limit << 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_a_bit_of_its_own() {
        let mut seen = OrderKinds::NONE;
        for ord_type in [OrdType::Limit, OrdType::Market] {
            for time_in_force in [
                TimeInForce::Day,
                TimeInForce::ImmediateOrCancel,
                TimeInForce::FillOrKill,
            ] {
                assert!(!seen.has(ord_type, time_in_force));
                seen = seen.with(ord_type, time_in_force);
                assert!(seen.has(ord_type, time_in_force));
                assert_eq!(OrderKinds::from_byte(seen.to_byte()), Some(seen));
            }
        }
        assert_eq!(seen, OrderKinds::ALL);
        assert_eq!(OrderKinds::from_byte(64), None);
    }
}
