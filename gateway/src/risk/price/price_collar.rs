//! Does the price lie within a collar around what the market says? R-85.
//!
//! The reference is, in continuous trading, the last trade; before the first trade the middle of
//! the best quotes, then the one quote there is, then the base price. In an auction it is the
//! expected price, then the base price: the last trade of the session before says little about an
//! auction, and best quotes cross in it. The width is the instrument's share of the reference, at
//! least its minimum. Data that are missing or too old refuse every risk-increasing order.

use gwanmun_market::{Band, GateCode, Instrument, MarketState, OrdType, Price, Refusal};

use super::super::Situation;

/// Refuses a price beyond the collar, above or below, and a risk-increasing order where no fresh
/// reference exists.
pub(in super::super) fn price_collar(situation: &Situation<'_>) -> Result<(), Refusal> {
    let (reference, age_ns) = match situation.market {
        Some(market) => (reference(&market.state), Some(market.age_ns)),
        None => (None, None),
    };
    let limit_ns = situation.max_age_ns;
    if age_ns.is_none_or(|age_ns| age_ns > limit_ns) {
        let observed = age_ns.map_or(-1, saturating_i64);
        let stale = Refusal {
            code: GateCode::StaleData,
            limit: saturating_i64(limit_ns),
            observed,
        };
        return if situation.is_risk_reducing() {
            Ok(())
        } else {
            Err(stale)
        };
    }
    let Some(reference) = reference else {
        let none = Refusal::plain(GateCode::CollarNoReference);
        return if situation.is_risk_reducing() {
            Ok(())
        } else {
            Err(none)
        };
    };
    if situation.ord_type == OrdType::Market {
        return Ok(());
    }
    let (low, high) = bounds(reference, situation.instrument);
    let observed = situation.price.0;
    if observed < low {
        Err(Refusal {
            code: GateCode::PriceCollar,
            limit: low,
            observed,
        })
    } else if observed > high {
        Err(Refusal {
            code: GateCode::PriceCollar,
            limit: high,
            observed,
        })
    } else {
        Ok(())
    }
}

fn reference(state: &MarketState) -> Option<Price> {
    if state.phase.is_auction() {
        return state.theoretical.or(state.base);
    }
    let quotes = match (state.best_bid, state.best_ask) {
        (Some(bid), Some(ask)) => Some(Price(i64::midpoint(bid.0, ask.0))),
        (bid, ask) => bid.or(ask),
    };
    state.last.or(quotes).or(state.base)
}

fn bounds(reference: Price, instrument: &Instrument) -> (i64, i64) {
    let collar = Band {
        bps: instrument.collar_bps,
        width_min: instrument.collar_width_min,
    };
    let (low, high) = collar.around(reference);
    (low.0, high.0)
}

fn saturating_i64(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Phase, Side};

    use super::super::super::example;
    use super::*;
    use crate::markets::AgedState;

    fn won(whole: i32) -> Price {
        Price::from_whole(whole)
    }

    fn code_of(situation: &Situation<'_>) -> Option<(GateCode, i64)> {
        price_collar(situation).err().map(|no| (no.code, no.limit))
    }

    #[test]
    fn five_percent_around_the_last_trade_both_ways() {
        // Last 71,600: the collar is 68,020 to 75,180.
        for (price, expected) in [
            (75_180, None),
            (75_181, Some((GateCode::PriceCollar, won(75_180).0))),
            (68_020, None),
            (68_019, Some((GateCode::PriceCollar, won(68_020).0))),
        ] {
            for side in [Side::Buy, Side::Sell] {
                let situation = Situation {
                    price: won(price),
                    side,
                    ..example::passing()
                };
                assert_eq!(code_of(&situation), expected, "{price} {side:?}");
            }
        }
    }

    #[test]
    fn the_reference_follows_the_phase() {
        let full = MarketState {
            phase: Phase::Continuous,
            base: Some(won(100)),
            last: Some(won(200)),
            best_bid: Some(won(300)),
            best_ask: Some(won(500)),
            theoretical: Some(won(600)),
            is_halted: false,
        };
        for (state, expected) in [
            (full, Some(200)),
            (MarketState { last: None, ..full }, Some(400)),
            (
                MarketState {
                    last: None,
                    best_bid: None,
                    ..full
                },
                Some(500),
            ),
            (
                MarketState {
                    last: None,
                    best_ask: None,
                    ..full
                },
                Some(300),
            ),
            (
                MarketState {
                    last: None,
                    best_bid: None,
                    best_ask: None,
                    ..full
                },
                Some(100),
            ),
            (
                MarketState {
                    phase: Phase::OpeningAuction,
                    ..full
                },
                Some(600),
            ),
            (
                MarketState {
                    phase: Phase::ClosingAuction,
                    theoretical: None,
                    ..full
                },
                Some(100),
            ),
            (
                MarketState {
                    phase: Phase::Continuous,
                    ..MarketState::default()
                },
                None,
            ),
        ] {
            assert_eq!(reference(&state), expected.map(won), "{state:?}");
        }
    }

    #[test]
    fn old_or_missing_data_refuse_what_increases_risk_only() {
        let old = AgedState {
            age_ns: 500_000_001,
            ..example::market()
        };
        let fresh = AgedState {
            age_ns: 500_000_000,
            ..example::market()
        };
        let bare = AgedState {
            state: MarketState::default(),
            age_ns: 0,
            is_rising: false,
        };
        for (market, buy, sell) in [
            (Some(fresh), None, None),
            (Some(old), Some((GateCode::StaleData, 500_000_000)), None),
            (None, Some((GateCode::StaleData, 500_000_000)), None),
            (Some(bare), Some((GateCode::CollarNoReference, 0)), None),
        ] {
            let buys = Situation {
                market,
                ..example::passing()
            };
            assert_eq!(code_of(&buys), buy, "{market:?}");
            let sells = Situation {
                side: Side::Sell,
                ..buys
            };
            assert_eq!(code_of(&sells), sell, "{market:?}");
        }
    }

    #[test]
    fn no_price_escapes_by_wrapping() {
        let last = Some(Price(i64::MAX - 1));
        let state = MarketState {
            last,
            ..example::market().state
        };
        let market = Some(AgedState {
            state,
            age_ns: 0,
            is_rising: false,
        });
        let situation = Situation {
            market,
            price: Price(i64::MIN),
            ..example::passing()
        };
        assert!(price_collar(&situation).is_err());
    }
}
