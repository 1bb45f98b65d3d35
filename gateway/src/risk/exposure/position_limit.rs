//! Could the account's net position on the underlying pass its limit? (미결제약정 보유한도)
//!
//! Counted is in units of delta over all instruments on the underlying, with all open orders of the
//! worse direction filled: buys of calls and futures push one way, buys of puts the other.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use crate::exposure::{Added, Missing, Named};

/// 1/10,000 in one unit of delta.
const UNIT: i128 = 10_000;

/// Refuses what would let the net position pass the limit of the account's kind of investor in the
/// direction in which it adds to it.
pub(super) fn position_limit(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let exposed = &situation.exposed;
    let contract = exposed.contract;
    if contract.underlying == Named::Nothing || !contract.is_derivative() {
        return Ok(());
    }
    let Some(limits) = exposed.underlying_limits else {
        return situation.lacks(Missing::Underlying);
    };
    let Some(money) = exposed.money else {
        return situation.lacks(Missing::Credit);
    };
    let (was, is) = (contract.weight(added.before), contract.weight(added.after));
    let limit = limits.position_max(money.investor);
    let (up, down) = (is.0 - was.0, was.1 - is.1);
    for (added, total) in [
        (up, exposed.underlying.high + up),
        (down, down - exposed.underlying.low),
    ] {
        if added > 0 && total > i128::from(limit) * UNIT {
            // Rounded up, so that it shows as more.
            let units = (total + UNIT - 1) / UNIT;
            return Err(Refusal {
                code: GateCode::PositionLimit,
                limit,
                observed: i64::try_from(units).unwrap_or(i64::MAX),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Investor, Side, UnderlyingLimits};

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, FUTURE, MONEY, OPTION, SHARE, UNDERLYING};
    use crate::exposure::{Contract, Exposed, Money, UnderlyingSums};

    /// As the venue has them for K200.
    const K200: UnderlyingLimits = UnderlyingLimits {
        individual_max: 10_000,
        other_max: 20_000,
        ..UNDERLYING
    };
    const PUT: Contract = Contract {
        delta: -4_000,
        ..OPTION
    };
    const MINI: Contract = Contract {
        delta: 2_000,
        ..FUTURE
    };

    #[test]
    fn each_direction_passes_up_to_the_limit_of_the_investor() {
        let individual = Investor::Individual;
        let no = |limit, observed| Some((GateCode::PositionLimit, limit, observed));
        for (contract, side, qty, (high, low), investor, expected) in [
            (&FUTURE, Side::Buy, 10_000, (0, 0), individual, None),
            (
                &FUTURE,
                Side::Buy,
                10_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            (&FUTURE, Side::Sell, 10_000, (0, 0), individual, None),
            (
                &FUTURE,
                Side::Sell,
                10_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            (&FUTURE, Side::Buy, 20_000, (0, 0), Investor::Other, None),
            (
                &FUTURE,
                Side::Buy,
                20_001,
                (0, 0),
                Investor::Other,
                no(20_000, 20_001),
            ),
            // What others on the underlying may come to counts, in the same direction alone.
            (
                &FUTURE,
                Side::Buy,
                1,
                (99_990_000, -99_990_000),
                individual,
                None,
            ),
            (
                &FUTURE,
                Side::Buy,
                1,
                (99_990_001, 0),
                individual,
                no(10_000, 10_001),
            ),
            (
                &FUTURE,
                Side::Sell,
                1,
                (200_000_000, -99_990_000),
                individual,
                None,
            ),
            (
                &FUTURE,
                Side::Sell,
                1,
                (0, -99_990_001),
                individual,
                no(10_000, 10_001),
            ),
            // Five minis are one future.
            (&MINI, Side::Buy, 50_000, (0, 0), individual, None),
            (
                &MINI,
                Side::Buy,
                50_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            // Options by their delta; a put pushes the other way.
            (&OPTION, Side::Buy, 25_000, (0, 0), individual, None),
            (
                &OPTION,
                Side::Buy,
                25_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            (
                &PUT,
                Side::Sell,
                25_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            (&PUT, Side::Buy, 25_000, (100_000_000, 0), individual, None),
            (
                &PUT,
                Side::Buy,
                25_001,
                (0, 0),
                individual,
                no(10_000, 10_001),
            ),
            (&SHARE, Side::Buy, 1_000_000, (0, 0), individual, None),
        ] {
            let money = Money { investor, ..MONEY };
            let underlying = UnderlyingSums {
                high,
                low,
                ..UnderlyingSums::default()
            };
            let situation = Situation {
                position: None,
                side,
                open_qty: qty,
                ..with(Exposed {
                    contract,
                    money: Some(&money),
                    underlying: &underlying,
                    underlying_limits: Some(&K200),
                    ..EXPOSED
                })
            };
            assert_eq!(
                judged(position_limit, &situation),
                expected,
                "{side:?} {qty}"
            );
        }
    }

    #[test]
    fn missing_rows_refuse() {
        for (money, limits, row) in [(None, Some(&K200), 1), (Some(&MONEY), None, 3)] {
            let situation = Situation {
                position: None,
                ..with(Exposed {
                    contract: &FUTURE,
                    money,
                    underlying_limits: limits,
                    ..EXPOSED
                })
            };
            let missing = Some((GateCode::ExposureMissing, row, 0));
            assert_eq!(judged(position_limit, &situation), missing);
        }
    }
}
