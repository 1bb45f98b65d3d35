//! Is there enough to sell? Side(54), OrderQty(38), R-99.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses a sale of shares or funds beyond holdings less what other working sales hold back.
///
/// Futures, options and spreads may be sold from nothing; their limits are other checks.
pub(in super::super) fn sellable_balance(situation: &Situation<'_>) -> Result<(), Refusal> {
    if !situation.side.is_sell() || !situation.instrument.kind.needs_holdings_to_sell() {
        return Ok(());
    }
    let observed = i64::from(situation.open_qty);
    let Some(sellable) = situation.position.and_then(|position| position.sellable()) else {
        return Err(Refusal {
            code: GateCode::BalanceUnknown,
            limit: 0,
            observed,
        });
    };
    let limit = sellable + i64::from(situation.reserved_qty);
    if observed > limit {
        return Err(Refusal {
            code: GateCode::SellableBalance,
            limit,
            observed,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, ProductKind, Side};

    use super::super::super::example;
    use super::*;
    use crate::positions::Position;

    #[test]
    fn sells_up_to_the_balance_and_not_one_more() {
        let working = Position {
            working_sell: 400,
            ..example::POSITION
        };
        let traded = Position {
            bought: 50,
            sold: 1_000,
            ..example::POSITION
        };
        let unknown = Position {
            opening: None,
            bought: 500,
            ..example::POSITION
        };
        for (position, side, open_qty, reserved_qty, expected) in [
            (Some(&example::POSITION), Side::Sell, 1_000, 0, None),
            (
                Some(&example::POSITION),
                Side::Sell,
                1_001,
                0,
                Some((GateCode::SellableBalance, 1_000)),
            ),
            (
                Some(&example::POSITION),
                Side::SellShort,
                1_001,
                0,
                Some((GateCode::SellableBalance, 1_000)),
            ),
            (Some(&example::POSITION), Side::Buy, 1_000_000, 0, None),
            (Some(&working), Side::Sell, 600, 0, None),
            (
                Some(&working),
                Side::Sell,
                601,
                0,
                Some((GateCode::SellableBalance, 600)),
            ),
            (Some(&working), Side::Sell, 700, 100, None),
            (
                Some(&traded),
                Side::Sell,
                51,
                0,
                Some((GateCode::SellableBalance, 50)),
            ),
            (
                Some(&unknown),
                Side::Sell,
                1,
                0,
                Some((GateCode::BalanceUnknown, 0)),
            ),
            (None, Side::Sell, 1, 0, Some((GateCode::BalanceUnknown, 0))),
        ] {
            let situation = Situation {
                position,
                side,
                open_qty,
                reserved_qty,
                ..example::passing()
            };
            let refusal = sellable_balance(&situation).err();
            assert_eq!(
                refusal.map(|no| (no.code, no.limit)),
                expected,
                "{side:?} {open_qty}"
            );
        }
    }

    #[test]
    fn a_future_is_sold_from_nothing() {
        let instrument = &Instrument {
            kind: ProductKind::Future,
            ..example::SHARE
        };
        let situation = Situation {
            instrument,
            side: Side::Sell,
            position: None,
            open_qty: 5,
            ..example::passing()
        };
        assert_eq!(sellable_balance(&situation), Ok(()));
    }
}
