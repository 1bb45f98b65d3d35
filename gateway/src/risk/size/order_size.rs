//! Is the order too large, in quantity or in won, for the account's capital tier? OrderQty(38),
//!

use gwanmun_market::{GateCode, OrderLimits, Refusal};

use super::super::Situation;

/// Refuses a quantity or value beyond what one order of the tier may have, and a risk-increasing
/// order where nobody said how much that is: a missing limit is no limit of infinity.
pub(in super::super) fn order_size(situation: &Situation<'_>) -> Result<(), Refusal> {
    let Some(limits) = limits(situation)? else {
        return Ok(());
    };
    if situation.open_qty > limits.order_qty_max {
        return Err(Refusal {
            code: GateCode::OrderQty,
            limit: i64::from(limits.order_qty_max),
            observed: i64::from(situation.open_qty),
        });
    }
    let value = situation.value_of(situation.open_qty);
    if value.is_above_won(limits.order_value_max) {
        return Err(Refusal {
            code: GateCode::OrderValue,
            limit: limits.order_value_max,
            observed: value.won(),
        });
    }
    Ok(())
}

/// The limits that hold for the order; `None` where there are none and it only reduces risk.
///
/// # Errors
/// [`GateCode::LimitMissing`] where there are none.
pub(in super::super) fn limits<'a>(
    situation: &Situation<'a>,
) -> Result<Option<&'a OrderLimits>, Refusal> {
    match situation.limits {
        None if !situation.is_risk_reducing() => Err(Refusal::plain(GateCode::LimitMissing)),
        limits => Ok(limits),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, OrdType, Price, ProductKind, Side, Tier};

    use super::super::super::example;
    use super::*;

    const LIMITS: OrderLimits = OrderLimits {
        order_qty_max: 1_000,
        order_value_max: 71_600_000,
        ..OrderLimits::wide(Tier::LOWEST, ProductKind::Share)
    };

    fn judged(situation: &Situation<'_>) -> Option<(GateCode, i64, i64)> {
        let refusal = order_size(situation).err()?;
        Some((refusal.code, refusal.limit, refusal.observed))
    }

    #[test]
    fn quantity_and_value_pass_up_to_the_limit() {
        let whole = Price::from_whole;
        for (open_qty, price, expected) in [
            (1_000, whole(71_600), None),
            (
                1_001,
                whole(71_600),
                Some((GateCode::OrderQty, 1_000, 1_001)),
            ),
            // A ten-thousandth of a won more than the limit is more.
            (
                1_000,
                Price(716_000_001),
                Some((GateCode::OrderValue, 71_600_000, 71_600_000)),
            ),
            (
                999,
                whole(71_700),
                Some((GateCode::OrderValue, 71_600_000, 71_628_300)),
            ),
            (998, whole(71_700), None),
            (
                u32::MAX,
                whole(1),
                Some((GateCode::OrderQty, 1_000, i64::from(u32::MAX))),
            ),
        ] {
            let situation = Situation {
                limits: Some(&LIMITS),
                open_qty,
                price,
                ..example::passing()
            };
            assert_eq!(judged(&situation), expected, "{open_qty} at {price}");
        }
    }

    #[test]
    fn a_contract_is_worth_its_multiplier() {
        // KTB, June 2013: 7,200 lots.
        let future = Instrument {
            kind: ProductKind::Future,
            multiplier: 250_000,
            ..example::SHARE
        };
        let limits = OrderLimits {
            order_qty_max: 7_199,
            ..OrderLimits::wide(Tier::LOWEST, ProductKind::Future)
        };
        let situation = Situation {
            instrument: &future,
            limits: Some(&limits),
            open_qty: 7_200,
            price: Price::from_whole(352),
            ..example::passing()
        };
        assert_eq!(judged(&situation), Some((GateCode::OrderQty, 7_199, 7_200)));
        let limits = OrderLimits {
            order_value_max: 250_000 * 352 * 7_200 - 1,
            ..OrderLimits::wide(Tier::LOWEST, ProductKind::Future)
        };
        let situation = Situation {
            limits: Some(&limits),
            ..situation
        };
        let value = 633_600_000_000;
        assert_eq!(
            judged(&situation),
            Some((GateCode::OrderValue, value - 1, value))
        );
    }

    #[test]
    fn a_market_order_is_worth_the_highest_price_of_the_day() {
        // 92,950 won: 770 of them are under 71,600,000.
        for (open_qty, expected) in [(770, false), (771, true)] {
            let situation = Situation {
                limits: Some(&LIMITS),
                ord_type: OrdType::Market,
                price: Price::ZERO,
                open_qty,
                ..example::passing()
            };
            assert_eq!(judged(&situation).is_some(), expected);
        }
    }

    #[test]
    fn the_largest_figures_do_not_wrap() {
        let instrument = Instrument {
            multiplier: u32::MAX,
            ..example::SHARE
        };
        for price in [i64::MAX, i64::MIN] {
            let situation = Situation {
                instrument: &instrument,
                limits: Some(&LIMITS),
                open_qty: 1_000,
                price: Price(price),
                ..example::passing()
            };
            let expected = (GateCode::OrderValue, LIMITS.order_value_max, i64::MAX);
            assert_eq!(judged(&situation), Some(expected));
        }
    }

    #[test]
    fn without_limits_only_what_reduces_risk_passes() {
        for (side, expected) in [
            (Side::Buy, Some((GateCode::LimitMissing, 0, 0))),
            (Side::Sell, None),
        ] {
            let situation = Situation {
                limits: None,
                side,
                ..example::passing()
            };
            assert_eq!(judged(&situation), expected);
        }
    }
}
