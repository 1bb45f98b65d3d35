//! Could the order trade with one of the same account or group? R-124.

use gwanmun_market::{GateCode, OrdType, Price, Refusal};

use super::super::Situation;

/// Refuses a new order, or a replace, whose price meets that of a working order of the same
/// self-trade group on the other side of the same instrument, at whatever venue: the newest goes,
/// the one that works stays. A market order meets everything and everything meets it. Whether an
/// order reduces risk makes no difference: a trade with oneself reduces none.
///
/// Prices are compared as they are, in 1/10,000 won: no midpoint is formed, so nothing is rounded.
pub(in super::super) fn self_trade(situation: &Situation<'_>) -> Result<(), Refusal> {
    let (ord_type, price) = (situation.ord_type, situation.price);
    let own = situation.manner.own_best;
    let Some(own) = own.filter(|own| own.is_reached_by(ord_type, price)) else {
        return Ok(());
    };
    let observed = match ord_type {
        OrdType::Market => Price::ZERO,
        OrdType::Limit => price,
    };
    Err(Refusal {
        code: GateCode::SelfTrade,
        limit: own.price().0,
        observed: observed.0,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::super::super::manner::example as manner;
    use super::super::super::{Manner, example};
    use super::*;
    use crate::conduct::Best;

    #[test]
    fn what_meets_is_refused_and_one_tick_apart_is_not() {
        let (limit, market) = (OrdType::Limit, OrdType::Market);
        let won = Price::from_whole;
        for (side, own, new, expected) in [
            (Side::Buy, (limit, 5_000), (limit, 4_999), None),
            (
                Side::Buy,
                (limit, 5_000),
                (limit, 5_000),
                Some((5_000, 5_000)),
            ),
            (
                Side::Buy,
                (limit, 5_000),
                (limit, 5_001),
                Some((5_000, 5_001)),
            ),
            (Side::Buy, (limit, 5_000), (market, 0), Some((5_000, 0))),
            (Side::Buy, (market, 0), (limit, 1), Some((0, 1))),
            (Side::Sell, (limit, 5_000), (limit, 5_001), None),
            (
                Side::SellShort,
                (limit, 5_000),
                (limit, 5_000),
                Some((5_000, 5_000)),
            ),
            (Side::Sell, (limit, 5_000), (market, 0), Some((5_000, 0))),
            (Side::Sell, (market, 0), (market, 0), Some((0, 0))),
            (Side::Sell, (limit, -3), (limit, -3), Some((-3, -3))),
            (Side::Sell, (limit, -3), (limit, -2), None),
        ] {
            let other = if side.is_sell() {
                Side::Buy
            } else {
                Side::Sell
            };
            let situation = Situation {
                side,
                ord_type: new.0,
                price: won(new.1),
                manner: Manner {
                    own_best: Some(Best::at(other, own.0, won(own.1))),
                    ..manner::manner()
                },
                ..example::passing()
            };
            let refusal = self_trade(&situation).err();
            let expected = expected.map(|(limit, observed)| Refusal {
                code: GateCode::SelfTrade,
                limit: won(limit).0,
                observed: won(observed).0,
            });
            assert_eq!(refusal, expected, "{side:?} {own:?} {new:?}");
        }
        assert_eq!(self_trade(&example::passing()), Ok(()));
    }
}
