//! Does the venue take this kind of order on the board and in the phase that are open? OrdType(40),
//! TimeInForce(59). Each venue's boards have rules of their own, with dates; those of the day are
//! in the tables.
//!
//! The regular board without a rule takes whatever the instrument takes. On any other nobody may
//! guess: without a rule nothing that increases risk goes out.

use gwanmun_market::{Board, GateCode, OrderKinds, Refusal};

use super::super::Situation;

/// Refuses a kind that the board does not take in this phase. Without any word of the venue on its
/// board there is nothing to judge by, which the collar sees to.
pub(in super::super) fn board_rule(situation: &Situation<'_>) -> Result<(), Refusal> {
    let Some(market) = situation.market else {
        return Ok(());
    };
    // Which board and phase are open may be an hour old: who closes is not kept by that.
    if market.age_ns > situation.max_age_ns && situation.is_risk_reducing() {
        return Ok(());
    }
    let board = market.state.board;
    let Some(rule) = situation.venue_rule else {
        if board == Board::Regular || situation.is_risk_reducing() {
            return Ok(());
        }
        return Err(Refusal {
            code: GateCode::VenueRuleMissing,
            limit: 0,
            observed: i64::try_from(board.index()).unwrap_or(i64::MAX),
        });
    };
    let taken = if market.state.phase.is_auction() {
        rule.auction_order_kinds
    } else {
        rule.order_kinds
    };
    if taken.has(situation.ord_type, situation.time_in_force) {
        return Ok(());
    }
    let asked = OrderKinds::NONE.with(situation.ord_type, situation.time_in_force);
    Err(Refusal {
        code: GateCode::BoardOrderKind,
        limit: i64::from(taken.to_byte()),
        observed: i64::from(asked.to_byte()),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{MarketState, OrdType, Phase, Side, TimeInForce, VenueRule};

    use super::super::super::example;
    use super::*;
    use crate::markets::AgedState;

    fn judged(
        (board, phase): (Board, Phase),
        venue_rule: Option<&VenueRule>,
        (ord_type, time_in_force): (OrdType, TimeInForce),
        side: Side,
    ) -> Option<(GateCode, i64, i64)> {
        let state = MarketState {
            board,
            phase,
            ..example::market().state
        };
        let situation = Situation {
            market: Some(AgedState {
                state,
                ..example::market()
            }),
            venue_rule,
            ord_type,
            time_in_force,
            side,
            ..example::passing()
        };
        let refusal = board_rule(&situation).err()?;
        Some((refusal.code, refusal.limit, refusal.observed))
    }

    #[test]
    fn continuous_trading_and_auctions_have_kinds_of_their_own() {
        let limit_day = OrderKinds::NONE.with(OrdType::Limit, TimeInForce::Day);
        let rule = VenueRule {
            board: Board::Pre,
            order_kinds: limit_day.with(OrdType::Limit, TimeInForce::ImmediateOrCancel),
            auction_order_kinds: limit_day,
            takes_orders_in_vi: false,
        };
        let kind = |code, taken, asked| Some((code, taken, asked));
        let refused = GateCode::BoardOrderKind;
        let (day, ioc) = (TimeInForce::Day, TimeInForce::ImmediateOrCancel);
        for (phase, ord_type, time_in_force, expected) in [
            (Phase::Continuous, OrdType::Limit, day, None),
            (Phase::Continuous, OrdType::Limit, ioc, None),
            (Phase::Continuous, OrdType::Market, day, kind(refused, 3, 8)),
            (Phase::OpeningAuction, OrdType::Limit, day, None),
            (
                Phase::OpeningAuction,
                OrdType::Limit,
                ioc,
                kind(refused, 1, 2),
            ),
            (
                Phase::ClosingAuction,
                OrdType::Market,
                ioc,
                kind(refused, 1, 16),
            ),
        ] {
            let at = (Board::Pre, phase);
            // Selling reduces risk here, and the venue would refuse the kind all the same.
            for side in [Side::Buy, Side::Sell] {
                let told = judged(at, Some(&rule), (ord_type, time_in_force), side);
                assert_eq!(told, expected, "{phase:?} {ord_type:?} {time_in_force:?}");
            }
        }
    }

    #[test]
    fn a_board_without_a_rule_takes_nothing_that_increases_risk() {
        let kind = (OrdType::Limit, TimeInForce::Day);
        for (board, ..) in Board::ALL {
            let missing = (GateCode::VenueRuleMissing, 0, board as i64);
            let expected = (board != Board::Regular).then_some(missing);
            let at = (board, Phase::Continuous);
            assert_eq!(judged(at, None, kind, Side::Buy), expected, "{board:?}");
            assert_eq!(judged(at, None, kind, Side::Sell), None, "{board:?}");
        }
        let unknown = Situation {
            market: None,
            ..example::passing()
        };
        assert_eq!(board_rule(&unknown), Ok(()));
    }
}
