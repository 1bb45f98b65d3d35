//! Does the price lie within a collar around what the market says? R-85.
//!
//! The reference, case by case, where *enough* is at least `reference_qty_min`:
//!
//! 1. In continuous trading it is the last trade of enough, not older than `last_max_age_ns`.
//! 2. Where that trade is older, it is the middle of the best quotes, if both are of enough and no
//!    farther apart than the collar is wide; else the base price.
//! 3. Where there was no such trade, it is the base price.
//! 4. In an auction it is the expected price, if enough would trade at it; else the base price.
//!
//! So an odd lot moves nothing, be it a trade, as on 27 March 2025 when single shares at Nextrade
//! printed 30 % off, a quote, or an auction's expected price. Before the first trade quotes do not
//! count at all: the base price is of this day. In an auction the last trade does not count: on
//! 1 September 2014 it was no bound for a closing auction that filled a call at 66.80 over a value
//! of 31.05. The width is the instrument's share of the reference, at least its minimum.
//! Data that are missing or too old refuse every risk-increasing order.

use gwanmun_market::{Band, GateCode, Instrument, MarketState, OrdType, Price, Refusal};

use super::super::Situation;
use crate::markets::AgedState;

/// Refuses a price beyond the collar, above or below, and a risk-increasing order where no fresh
/// reference exists.
pub(in super::super) fn price_collar(situation: &Situation<'_>) -> Result<(), Refusal> {
    let (reference, age_ns) = match &situation.market {
        Some(market) => (reference(market, situation), Some(market.age_ns)),
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

fn reference(market: &AgedState, situation: &Situation<'_>) -> Option<Price> {
    let state = &market.state;
    if state.phase.is_auction() {
        let is_enough = state.theoretical_qty >= situation.rules.reference_qty_min.max(1);
        return state.theoretical.filter(|_| is_enough).or(state.base);
    }
    match market.traded {
        Some((price, age_ns)) if age_ns <= situation.rules.last_max_age_ns => Some(price),
        Some(_) => middle(state, situation).or(state.base),
        None => state.base,
    }
}

/// The middle of the best quotes, where both are there, large enough, and close enough to say
/// something.
fn middle(state: &MarketState, situation: &Situation<'_>) -> Option<Price> {
    let (bid, ask) = (state.best_bid?, state.best_ask?);
    let smaller = state.best_bid_qty.min(state.best_ask_qty);
    let middle = Price(i64::midpoint(bid.0, ask.0));
    let (low, _) = bounds(middle, situation.instrument);
    let (apart, width) = (ask.0.saturating_sub(bid.0), middle.0.saturating_sub(low));
    let is_enough = smaller >= situation.rules.reference_qty_min.max(1);
    (is_enough && (0..=width).contains(&apart)).then_some(middle)
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
    use gwanmun_market::{MarketRules, Phase, Side};

    use super::super::super::example;
    use super::*;

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

    /// The reference in each case of the table above, by a collar of 5 % with least width 500.
    #[test]
    fn the_reference_is_what_the_table_says() {
        let state = MarketState {
            phase: Phase::Continuous,
            base: Some(won(70_000)),
            best_bid: Some(won(72_000)),
            best_bid_qty: 10,
            best_ask: Some(won(72_400)),
            best_ask_qty: 11,
            theoretical: Some(won(75_000)),
            theoretical_qty: 10,
            // A print of one share, which `traded` does not have.
            last: Some(won(91_000)),
            last_qty: 1,
            ..MarketState::default()
        };
        let rules = MarketRules {
            reference_qty_min: 10,
            last_max_age_ns: 600,
            ..MarketRules::NONE
        };
        let (open, opening, closing) = (
            Phase::Continuous,
            Phase::OpeningAuction,
            Phase::ClosingAuction,
        );
        let in_phase = |phase| MarketState { phase, ..state };
        let wide = |bid, ask| MarketState {
            best_bid: bid,
            best_ask: ask,
            ..in_phase(open)
        };
        let thin = |phase| MarketState {
            theoretical_qty: 9,
            ..in_phase(phase)
        };
        for (what, state, traded, expected) in [
            (
                "a fresh trade",
                in_phase(open),
                Some((71_000, 600)),
                Some(71_000),
            ),
            (
                "a stale one",
                in_phase(open),
                Some((71_000, 601)),
                Some(72_200),
            ),
            (
                "its time not told",
                in_phase(open),
                Some((71_000, u64::MAX)),
                Some(72_200),
            ),
            (
                "stale, an odd lot bid",
                MarketState {
                    best_bid_qty: 9,
                    ..in_phase(open)
                },
                Some((71_000, 601)),
                Some(70_000),
            ),
            (
                "stale, one quote",
                wide(Some(won(72_000)), None),
                Some((71_000, 601)),
                Some(70_000),
            ),
            (
                "stale, quotes too far apart",
                wide(Some(won(70_000)), Some(won(74_000))),
                Some((71_000, 601)),
                Some(70_000),
            ),
            (
                "stale, quotes just close enough",
                wide(Some(won(70_000)), Some(won(73_500))),
                Some((71_000, 601)),
                Some(71_750),
            ),
            (
                "stale, quotes crossed",
                wide(Some(won(72_400)), Some(won(72_000))),
                Some((71_000, 601)),
                Some(70_000),
            ),
            (
                "no trade yet but an odd lot",
                in_phase(open),
                None,
                Some(70_000),
            ),
            (
                "the opening",
                in_phase(opening),
                Some((71_000, 0)),
                Some(75_000),
            ),
            (
                "the close",
                in_phase(closing),
                Some((71_000, 0)),
                Some(75_000),
            ),
            (
                "an odd lot expected",
                thin(closing),
                Some((71_000, 0)),
                Some(70_000),
            ),
            (
                "nothing expected",
                MarketState {
                    theoretical: None,
                    ..in_phase(opening)
                },
                Some((71_000, 0)),
                Some(70_000),
            ),
            (
                "nothing told",
                MarketState {
                    phase: open,
                    ..MarketState::default()
                },
                None,
                None,
            ),
        ] {
            let market = AgedState {
                state,
                age_ns: 0,
                traded: traded.map(|(price, age_ns)| (won(price), age_ns)),
                is_rising: false,
            };
            let situation = Situation {
                rules: &rules,
                market: Some(market),
                ..example::passing()
            };
            let told = super::reference(&market, &situation);
            assert_eq!(told, expected.map(won), "{what}");
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
            traded: None,
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
        let traded = Some((Price(i64::MAX - 1), 0));
        let market = Some(AgedState {
            traded,
            ..example::market()
        });
        let situation = Situation {
            market,
            price: Price(i64::MIN),
            ..example::passing()
        };
        assert!(price_collar(&situation).is_err());
    }
}
