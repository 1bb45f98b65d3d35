//! Does the account's exposure stay within its multiple of the deposit? R-87 (장중 위험노출액한도).
//!
//! Exposure is, over all derivatives, the worse of what a position would be with all open buys
//! filled and with all open sells filled, times the day's base price and the multiplier. So orders
//! in flight count when they leave, and no fill can add to it.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use crate::exposure::{Added, Missing};
use crate::value::Value;

/// Refuses what would take the account's exposure beyond its limit.
pub(super) fn exposure_limit(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    if !situation.exposed.contract.is_derivative() {
        return Ok(());
    }
    let Some(money) = situation.exposed.money else {
        return situation.lacks(Missing::Credit);
    };
    if added.exposure <= Value::ZERO {
        return Ok(());
    }
    let exposure = situation.exposed.account.exposure + added.exposure;
    let limit = Value::percent_of(money.deposit, money.exposure_percent);
    if exposure > limit {
        return Err(Refusal {
            code: GateCode::Exposure,
            limit: limit.won(),
            observed: exposure.won(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, FUTURE, MONEY};
    use crate::exposure::{AccountSums, Exposed, Money};
    use crate::positions::Position;
    use crate::risk::example;

    #[test]
    fn five_times_the_deposit_passes_and_a_ten_thousandth_of_a_won_more_does_not() {
        // 20 contracts of 87,500,000 won are five times 350,000,000.
        let money = Money {
            deposit: 350_000_000,
            ..MONEY
        };
        let limit = 1_750_000_000;
        let none = Value::ZERO;
        let unit = Value::times(1, 1);
        let contracts = |count: i64| Value::of_won(87_500_000 * count);
        for (before, qty, percent, expected) in [
            (none, 20, 500, None),
            (none, 21, 500, Some((limit, 1_837_500_000))),
            // In flight, or held.
            (contracts(19), 1, 500, None),
            (contracts(20), 1, 500, Some((limit, 1_837_500_000))),
            (contracts(19) + unit, 1, 500, Some((limit, limit))),
            (none, 20, 499, Some((1_746_500_000, 1_750_000_000))),
            (none, 40, 1_000, None),
            (none, 1, 0, Some((0, 87_500_000))),
        ] {
            let account = AccountSums {
                exposure: before,
                ..AccountSums::default()
            };
            let money = Money {
                exposure_percent: percent,
                ..money
            };
            let situation = Situation {
                position: None,
                open_qty: qty,
                ..with(Exposed {
                    contract: &FUTURE,
                    money: Some(&money),
                    account: &account,
                    ..EXPOSED
                })
            };
            let expected = expected.map(|(limit, seen)| (GateCode::Exposure, limit, seen));
            assert_eq!(judged(exposure_limit, &situation), expected, "{qty}");
        }
    }

    #[test]
    fn who_is_beyond_it_may_still_close() {
        let account = AccountSums {
            exposure: Value::of_won(i64::MAX),
            ..AccountSums::default()
        };
        let long = Position {
            opening: Some(5),
            ..example::POSITION
        };
        for (side, qty, passes) in [
            (Side::Sell, 5, true),
            (Side::Sell, 10, true),
            (Side::Sell, 11, false),
            (Side::Buy, 1, false),
        ] {
            let money = Money {
                deposit: 1_000,
                ..MONEY
            };
            let situation = Situation {
                side,
                position: Some(&long),
                open_qty: qty,
                ..with(Exposed {
                    contract: &FUTURE,
                    money: Some(&money),
                    account: &account,
                    ..EXPOSED
                })
            };
            assert_eq!(judged(exposure_limit, &situation).is_none(), passes);
            let without = Situation {
                exposed: Exposed {
                    money: None,
                    ..situation.exposed
                },
                ..situation
            };
            // Ten turn the position round: that is not a reduction.
            let missing = judged(exposure_limit, &without);
            assert_eq!(missing.is_none(), side == Side::Sell && qty == 5);
        }
    }
}
