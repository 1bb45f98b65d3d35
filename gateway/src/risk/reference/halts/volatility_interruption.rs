//! Does a volatility interruption (변동성완화장치, VI) run for the instrument? For two minutes the
//! venue gathers orders for one price. Whether ours may go there is a rule of the venue's board in
//! the tables; where nobody said so they may not.

use gwanmun_market::{GateCode, Refusal};

use super::Situation;

/// Refuses every order, but where the rule lets orders into the interruption's call auction and the
/// venue says that this runs.
pub(super) fn volatility_interruption(situation: &Situation<'_>) -> Result<(), Refusal> {
    if !situation.halts.has_volatility_interruption() {
        return Ok(());
    }
    let may_enter = situation
        .venue_rule
        .is_some_and(|rule| rule.takes_orders_in_vi);
    let gathers = |market: crate::markets::AgedState| market.state.phase.is_auction();
    if may_enter && situation.market.is_some_and(gathers) {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::VolatilityInterruption,
        limit: 0,
        observed: 1,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Board, HaltKind, HaltSides, MarketState, OrderKinds, Phase, VenueRule};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;
    use crate::markets::AgedState;

    #[test]
    fn only_the_auction_of_a_board_that_lets_orders_in() {
        let rule = |takes_orders_in_vi| VenueRule {
            board: Board::Regular,
            order_kinds: OrderKinds::ALL,
            auction_order_kinds: OrderKinds::ALL,
            takes_orders_in_vi,
        };
        let (open, shut) = (rule(true), rule(false));
        for (level, venue_rule, phase, is_refused) in [
            (1, None, Phase::Continuous, true),
            (1, None, Phase::ClosingAuction, true),
            (1, Some(&shut), Phase::ClosingAuction, true),
            (1, Some(&open), Phase::ClosingAuction, false),
            (1, Some(&open), Phase::OpeningAuction, false),
            (1, Some(&open), Phase::Continuous, true),
            (0, None, Phase::Continuous, false),
        ] {
            let state = MarketState {
                phase,
                ..example::market().state
            };
            let situation = Situation {
                halts: set(HaltKind::VolatilityInterruption, level, HaltSides::Both),
                venue_rule,
                market: Some(AgedState {
                    state,
                    ..example::market()
                }),
                ..example::passing()
            };
            let refused = volatility_interruption(&situation).err().map(|no| no.code);
            let expected = is_refused.then_some(GateCode::VolatilityInterruption);
            assert_eq!(refused, expected, "{level} {venue_rule:?} {phase:?}");
        }
        let unknown = Situation {
            halts: set(HaltKind::VolatilityInterruption, 1, HaltSides::Both),
            venue_rule: Some(&open),
            market: None,
            ..example::passing()
        };
        assert!(volatility_interruption(&unknown).is_err());
    }
}
