//! Is there enough to sell? Side(54), OrderQty(38), R-99, R-113.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses a sale of shares or funds beyond what is sellable less what other working sales hold
/// back: a long one beyond what is own, a short one beyond that and what is borrowed.
///
/// What the member says of a loan by LocateReqd(114) decides nothing: only a loan that the
/// borrow desk has confirmed counts. A short sale of an account of which nothing is known lacks all
/// of it, since a loan may make it known; a long one is refused as unknown. Futures, options and
/// spreads may be sold from nothing; their limits are other checks.
pub(in super::super) fn sellable_balance(situation: &Situation<'_>) -> Result<(), Refusal> {
    if !situation.side.is_sell() || !situation.instrument.kind.needs_holdings_to_sell() {
        return Ok(());
    }
    let observed = i64::from(situation.open_qty);
    let is_short = situation.side.is_short();
    let position = situation.position;
    let sellable = position.and_then(|position| position.sellable(is_short));
    let (limit, code) = match (sellable, is_short) {
        (Some(sellable), true) => (sellable, GateCode::BorrowNeeded),
        (Some(sellable), false) => (sellable, GateCode::SellableBalance),
        (None, true) => (0, GateCode::BorrowNeeded),
        (None, false) => {
            return Err(Refusal {
                code: GateCode::BalanceUnknown,
                limit: 0,
                observed,
            });
        }
    };
    let limit = limit.saturating_add(i64::from(situation.reserved_qty));
    if observed > limit {
        return Err(Refusal {
            code,
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
    use crate::ledger::ShortSums;
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
                Some((GateCode::BorrowNeeded, 1_000)),
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
            (
                None,
                Side::SellShort,
                1,
                0,
                Some((GateCode::BorrowNeeded, 0)),
            ),
            (
                Some(&unknown),
                Side::SellShortExempt,
                1,
                0,
                Some((GateCode::BorrowNeeded, 0)),
            ),
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

    /// A hundred own and fifty borrowed, with what sales of both kinds use of them.
    #[test]
    fn a_long_sale_finds_what_is_own_and_a_short_one_everything() {
        // Sold and working of all sales, and of short ones; sellable long and short.
        for ((sold, working), (short_sold, short_working), long, short) in [
            ((0, 0), (0, 0), 100, 150),
            ((40, 10), (0, 0), 50, 100),
            // A short sale leaves long sales alone while loans suffice.
            ((30, 20), (30, 20), 100, 100),
            ((60, 0), (60, 0), 90, 90),
            ((0, 150), (0, 150), 0, 0),
            ((100, 50), (0, 50), 0, 0),
            ((100, 0), (0, 0), 0, 50),
        ] {
            let position = Position {
                opening: Some(100),
                sold,
                working_sell: working,
                short: ShortSums {
                    borrowed: 50,
                    sold: short_sold,
                    working: short_working,
                    row: 1,
                },
                ..example::POSITION
            };
            for (side, sellable, code) in [
                (Side::Sell, long, GateCode::SellableBalance),
                (Side::SellShort, short, GateCode::BorrowNeeded),
                (Side::SellShortExempt, short, GateCode::BorrowNeeded),
            ] {
                for over in [0, 1] {
                    let situation = Situation {
                        position: Some(&position),
                        side,
                        open_qty: u32::try_from(sellable + over).unwrap(),
                        ..example::passing()
                    };
                    let refusal = sellable_balance(&situation).err();
                    let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
                    let expected = (over > 0).then_some((code, sellable, sellable + over));
                    assert_eq!(refusal, expected, "{side:?} {position:?}");
                }
            }
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
