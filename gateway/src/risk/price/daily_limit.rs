//! Does the price lie within the venue's limit of the day around the base price? Price(44).
//!
//! The base price is the venue's word of the day where there is one, however old, since it does not
//! change; before it, that of the tables.

use gwanmun_market::{GateCode, OrdType, Price, Refusal};

use super::super::Situation;

/// Refuses a price beyond the daily limit, above or below. A market order has none to judge.
pub(in super::super) fn daily_limit(situation: &Situation<'_>) -> Result<(), Refusal> {
    if situation.ord_type == OrdType::Market {
        return Ok(());
    }
    let (low, high) = bounds(situation);
    let price = situation.price;
    let limit = if price < low {
        low
    } else if price > high {
        high
    } else {
        return Ok(());
    };
    Err(Refusal {
        code: GateCode::DailyLimit,
        limit: limit.0,
        observed: price.0,
    })
}

/// The lowest and the highest price of the day.
pub(in super::super) fn bounds(situation: &Situation<'_>) -> (Price, Price) {
    let told = situation.market.and_then(|market| market.state.base);
    let base = told.unwrap_or(situation.instrument.base_price);
    situation.instrument.daily_limit.around(base)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Band, Instrument, MarketState};

    use super::super::super::example;
    use super::*;
    use crate::markets::AgedState;

    fn judged(instrument: &Instrument, market: Option<AgedState>, price: Price) -> Option<i64> {
        let situation = Situation {
            instrument,
            market,
            price,
            ..example::passing()
        };
        let refusal = daily_limit(&situation).err()?;
        assert_eq!(refusal.code, GateCode::DailyLimit);
        assert_eq!(refusal.observed, price.0);
        Some(refusal.limit)
    }

    #[test]
    fn thirty_percent_both_ways_and_not_a_unit_more() {
        // Base 71,500: 50,050 to 92,950.
        for (price, expected) in [
            (929_500_000, None),
            (929_500_001, Some(929_500_000)),
            (500_500_000, None),
            (500_499_999, Some(500_500_000)),
            (i64::MAX, Some(929_500_000)),
            (i64::MIN, Some(500_500_000)),
        ] {
            let told = judged(&example::SHARE, Some(example::market()), Price(price));
            assert_eq!(told, expected, "{price}");
        }
    }

    #[test]
    fn the_venues_base_price_counts_before_that_of_the_tables() {
        let base = Some(Price::from_whole(100_000));
        let state = MarketState {
            base,
            ..example::market().state
        };
        let market = Some(AgedState {
            state,
            age_ns: u64::MAX,
            is_rising: false,
        });
        let price = Price::from_whole(120_000);
        assert_eq!(judged(&example::SHARE, market, price), None);
        assert_eq!(judged(&example::SHARE, None, price), Some(929_500_000));
    }

    #[test]
    fn a_base_price_near_zero_keeps_the_width_that_is_told() {
        let spread = Instrument {
            base_price: Price::ZERO,
            may_be_negative: true,
            daily_limit: Band {
                bps: 3_000,
                width_min: Price::from_whole(2),
            },
            ..example::SHARE
        };
        for (whole, expected) in [
            (2, None),
            (-2, None),
            (3, Some(20_000)),
            (-3, Some(-20_000)),
        ] {
            assert_eq!(judged(&spread, None, Price::from_whole(whole)), expected);
        }
    }

    #[test]
    fn a_market_order_has_no_price_to_judge() {
        let situation = Situation {
            ord_type: OrdType::Market,
            price: Price(i64::MAX),
            ..example::passing()
        };
        assert_eq!(daily_limit(&situation), Ok(()));
    }
}
