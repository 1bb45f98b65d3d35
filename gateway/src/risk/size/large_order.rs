//! Is the order so large that its member must confirm it, or somebody of the firm approve it?
//!
//!
//! What the tier may not order at all was refused before (`order_size`). An order that reduces risk
//! is asked too: a zero too many is as wrong in a sale. Who has said that it is meant is not asked
//! again; what a confirmation and an approval are is in `crate::two_stage`.

use gwanmun_market::{GateCode, Refusal};

use super::super::{Consent, Situation};

/// Refuses with [`GateCode::OrderHeld`] what must be approved and is not, and with
/// [`GateCode::OrderWarned`] what must be confirmed and is neither.
pub(in super::super) fn large_order(situation: &Situation<'_>) -> Result<(), Refusal> {
    // Nobody said what is large: a risk-reducing order, or it would have been refused before.
    let Some(large) = situation.limits.map(|limits| limits.large) else {
        return Ok(());
    };
    let qty = situation.open_qty;
    let value = situation.value_of(qty);
    // Whoever sets one border alone, in a replay, may have the other above it.
    let least_qty = large.warn_qty.min(large.hold_qty);
    let least_value = large.warn_value.min(large.hold_value);
    if qty <= least_qty && !value.is_above_won(least_value) {
        return Ok(());
    }
    let is_beyond = |qty_max, value_max, code| {
        if qty > qty_max {
            return Err(Refusal {
                code,
                limit: i64::from(qty_max),
                observed: i64::from(qty),
            });
        }
        if value.is_above_won(value_max) {
            return Err(Refusal {
                code,
                limit: value_max,
                observed: value.won(),
            });
        }
        Ok(())
    };
    if situation.consent != Consent::Approved {
        is_beyond(large.hold_qty, large.hold_value, GateCode::OrderHeld)?;
    }
    if situation.consent == Consent::None {
        is_beyond(large.warn_qty, large.warn_value, GateCode::OrderWarned)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{LargeOrder, OrdType, OrderLimits, Price, ProductKind, Side, Tier};

    use super::super::super::example;
    use super::*;

    /// What a broker has for stocks of individuals, and quantities that say the same at 71,600.
    const LIMITS: OrderLimits = OrderLimits {
        large: LargeOrder {
            warn_qty: 30_000,
            hold_qty: 50_000,
            warn_value: 1_500_000_000,
            hold_value: 3_000_000_000,
        },
        ..OrderLimits::wide(Tier::LOWEST, ProductKind::Share)
    };

    fn judged(situation: &Situation<'_>) -> Option<(GateCode, i64, i64)> {
        let refusal = large_order(situation).err()?;
        Some((refusal.code, refusal.limit, refusal.observed))
    }

    #[test]
    fn value_and_quantity_are_asked_on_both_sides_of_each_border() {
        let (warned, held) = (GateCode::OrderWarned, GateCode::OrderHeld);
        let whole = Price::from_whole;
        for (open_qty, price, expected) in [
            (20_000, whole(75_000), None),
            (
                20_001,
                whole(75_000),
                Some((warned, 1_500_000_000, 1_500_075_000)),
            ),
            (40_000, whole(75_000), Some((warned, 30_000, 40_000))),
            (
                40_001,
                whole(75_000),
                Some((held, 3_000_000_000, 3_000_075_000)),
            ),
            (30_000, whole(100), None),
            (30_001, whole(100), Some((warned, 30_000, 30_001))),
            (50_000, whole(100), Some((warned, 30_000, 50_000))),
            (50_001, whole(100), Some((held, 50_000, 50_001))),
            (
                u32::MAX,
                whole(1_000_000),
                Some((held, 50_000, u32::MAX.into())),
            ),
        ] {
            for side in [Side::Buy, Side::Sell] {
                let situation = Situation {
                    limits: Some(&LIMITS),
                    open_qty,
                    price,
                    side,
                    ..example::passing()
                };
                assert_eq!(judged(&situation), expected, "{open_qty} at {price:?}");
            }
        }
    }

    #[test]
    fn a_consent_goes_as_far_as_it_goes() {
        let (warned, held) = (GateCode::OrderWarned, GateCode::OrderHeld);
        for (consent, expected) in [
            (Consent::None, [Some(warned), Some(held)]),
            (Consent::Confirmed, [None, Some(held)]),
            (Consent::Approved, [None, None]),
        ] {
            let codes = [30_001, 50_001].map(|open_qty| {
                let situation = Situation {
                    limits: Some(&LIMITS),
                    open_qty,
                    consent,
                    ..example::passing()
                };
                judged(&situation).map(|it| it.0)
            });
            // At 71,600 both are large by quantity and value alike.
            assert_eq!(codes, expected, "{consent:?}");
        }
    }

    #[test]
    fn a_market_order_is_as_large_as_the_day_may_make_it() {
        let situation = Situation {
            limits: Some(&LIMITS),
            ord_type: OrdType::Market,
            open_qty: 17_000,
            ..example::passing()
        };
        // The limit of the day is 92,900: 17,000 are worth 1.58 thousand million.
        assert_eq!(
            judged(&situation).map(|it| it.0),
            Some(GateCode::OrderWarned)
        );
        let limit = Situation {
            ord_type: OrdType::Limit,
            ..situation
        };
        assert_eq!(judged(&limit), None);
        let unknown = Situation {
            limits: None,
            ..situation
        };
        assert_eq!(judged(&unknown), None);
    }
}
