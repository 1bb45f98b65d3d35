//! Does the price stand on a tick, and does it have a sign that the product allows? Price(44),
//!

use gwanmun_market::{GateCode, OrdType, Price, Refusal, TickTable};

use super::super::Situation;

/// Refuses a price between two ticks, and a price at or below zero where the product cannot have
/// one.
pub(in super::super) fn tick(situation: &Situation<'_>) -> Result<(), Refusal> {
    if situation.ord_type == OrdType::Market {
        return Ok(());
    }
    let price = situation.price;
    if price <= Price::ZERO && !situation.instrument.may_be_negative {
        return Err(Refusal {
            code: GateCode::PriceSign,
            limit: 1,
            observed: price.0,
        });
    }
    let table = TickTable::of(situation.instrument.tick_table);
    if table.is_on_tick(price) {
        Ok(())
    } else {
        Err(Refusal {
            code: GateCode::Tick,
            limit: table.tick_at(price).0,
            observed: price.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, ProductKind, TickTableId};

    use super::super::super::example;
    use super::*;

    #[test]
    fn prices_on_and_off_the_tick() {
        let spread = Instrument {
            kind: ProductKind::Spread,
            tick_table: TickTableId::Cent,
            may_be_negative: true,
            ..example::SHARE
        };
        for (instrument, price, expected) in [
            (&example::SHARE, 716_000_000, None),
            (
                &example::SHARE,
                716_500_000,
                Some((GateCode::Tick, 1_000_000)),
            ),
            (
                &example::SHARE,
                716_000_001,
                Some((GateCode::Tick, 1_000_000)),
            ),
            (&example::SHARE, 0, Some((GateCode::PriceSign, 1))),
            (&example::SHARE, -376_300, Some((GateCode::PriceSign, 1))),
            (
                &example::SHARE,
                i64::MAX,
                Some((GateCode::Tick, 10_000_000)),
            ),
            (&spread, -376_300, None),
            (&spread, 0, None),
            (&spread, -376_301, Some((GateCode::Tick, 100))),
        ] {
            let price = Price(price);
            let situation = Situation {
                instrument,
                price,
                ..example::passing()
            };
            let refusal = tick(&situation).err();
            assert_eq!(refusal.map(|no| (no.code, no.limit)), expected, "{price}");
            assert!(refusal.is_none_or(|no| no.observed == price.0));
        }
    }

    #[test]
    fn a_market_order_has_no_price_to_judge() {
        let situation = Situation {
            ord_type: OrdType::Market,
            price: Price::ZERO,
            ..example::passing()
        };
        assert_eq!(tick(&situation), Ok(()));
    }
}
