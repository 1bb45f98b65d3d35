//! Does the price lie within the venue's limit of the day around the base price? Price(44).
//!
//! The base price is the venue's word of the day where there is one, however old, since it does not
//! change; before it, that of the tables.
//!
//! Derivatives have a limit of three stages (8, 15 and 20 % for the index): when a price has
//! touched one, the venue opens the next, upwards and downwards apart. Which is in force the venue
//! tells; a stage that it has not told is the first. In the opening auction and at night there is
//! no other.

use gwanmun_market::{Band, Board, GateCode, OrdType, Phase, Price, Refusal};

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
    let instrument = situation.instrument;
    let Some(market) = situation.market else {
        return instrument.daily_limit.around(instrument.base_price);
    };
    let state = market.state;
    let base = state.base.unwrap_or(instrument.base_price);
    let is_first_only = state.phase == Phase::OpeningAuction || state.board == Board::Night;
    if is_first_only || (state.limit_stage_low <= 1 && state.limit_stage_high <= 1) {
        return instrument.daily_limit.around(base);
    }
    let (low, _) = band(situation, state.limit_stage_low).around(base);
    let (_, high) = band(situation, state.limit_stage_high).around(base);
    (low, high)
}

/// The limit of a stage; a stage that the tables do not have is no wider than the one below.
fn band(situation: &Situation<'_>, stage: u8) -> Band {
    let first = situation.instrument.daily_limit;
    let [second, third] = situation.rules.limit_stages_bps;
    let bps = match stage {
        0 | 1 => first.bps,
        2 => first.bps.max(second),
        _ => first.bps.max(second).max(third),
    };
    Band { bps, ..first }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, MarketRules, MarketState};

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
            traded: None,
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

    /// The index: 8, 15 and 20 % of 350.00. Each case is told stages down and up.
    #[test]
    fn a_stage_opens_on_its_own_side_when_the_venue_tells() {
        let future = Instrument {
            base_price: Price::from_whole(350),
            daily_limit: Band {
                bps: 800,
                width_min: Price::ZERO,
            },
            ..example::SHARE
        };
        let rules = |limit_stages_bps| MarketRules {
            limit_stages_bps,
            ..MarketRules::NONE
        };
        let (three, two, one) = (rules([1_500, 2_000]), rules([1_500, 0]), rules([0; 2]));
        let (day, night) = (Board::Regular, Board::Night);
        let (opening, continuous) = (Phase::OpeningAuction, Phase::Continuous);
        let closing = Phase::ClosingAuction;
        // Bounds in hundredths of a point.
        for (rules, board, phase, stages, low, high) in [
            (&three, day, continuous, (0, 0), 32_200, 37_800),
            (&three, day, continuous, (1, 1), 32_200, 37_800),
            (&three, day, continuous, (1, 2), 32_200, 40_250),
            (&three, day, continuous, (2, 1), 29_750, 37_800),
            (&three, day, continuous, (3, 2), 28_000, 40_250),
            (&three, day, closing, (1, 3), 32_200, 42_000),
            (&three, day, opening, (3, 3), 32_200, 37_800),
            (&three, night, continuous, (3, 3), 32_200, 37_800),
            (&two, day, continuous, (3, 3), 29_750, 40_250),
            (&one, day, continuous, (3, 3), 32_200, 37_800),
        ] {
            let state = MarketState {
                base: None,
                board,
                phase,
                limit_stage_low: stages.0,
                limit_stage_high: stages.1,
                ..MarketState::default()
            };
            let case = format!("{board:?} {phase:?} {stages:?}");
            for (price, limit) in [
                (low, None),
                (low - 1, Some(low)),
                (high, None),
                (high + 1, Some(high)),
            ] {
                let situation = Situation {
                    instrument: &future,
                    rules,
                    market: Some(AgedState {
                        state,
                        ..example::market()
                    }),
                    price: Price(price * 100),
                    ..example::passing()
                };
                let told = daily_limit(&situation).err().map(|no| no.limit / 100);
                assert_eq!(told, limit, "{case} {price}");
            }
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
