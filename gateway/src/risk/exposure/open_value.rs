//! Are the account's open orders worth too much together?
//!
//! A replace counts with the larger quantity and the price farther from zero until the venue has
//! answered, since the order may execute either way.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::within_won;
use crate::exposure::{Added, Missing};
use crate::value::Value;

/// Refuses what would take the value of the account's open orders beyond its limit.
pub(super) fn open_value(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let Some(money) = situation.exposed.money else {
        return situation.lacks(Missing::Credit);
    };
    if added.open <= Value::ZERO {
        return Ok(());
    }
    let open = situation.exposed.account.open + added.open;
    within_won(open, (GateCode::OpenValue, money.open_value_max))
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Price, Side};

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, MONEY};
    use crate::exposure::{AccountSums, Exposed, Money};

    #[test]
    fn open_orders_pass_up_to_the_limit() {
        let money = Money {
            open_value_max: 10_000_000,
            ..MONEY
        };
        for (won, reserved_qty, expected) in [
            (9_284_000, 0, None),
            (
                9_284_001,
                0,
                Some((GateCode::OpenValue, 10_000_000, 10_000_001)),
            ),
            // A replace that adds nothing passes whatever is open.
            (20_000_000, 10, None),
            (
                9_928_401,
                9,
                Some((GateCode::OpenValue, 10_000_000, 10_000_001)),
            ),
        ] {
            let account = AccountSums {
                open: Value::of_won(won),
                ..AccountSums::default()
            };
            let situation = Situation {
                reserved_qty,
                ..with(Exposed {
                    money: Some(&money),
                    account: &account,
                    valued_at: Price::from_whole(71_600),
                    ..EXPOSED
                })
            };
            assert_eq!(judged(open_value, &situation), expected, "{won}");
        }
    }

    #[test]
    fn without_a_row_only_what_reduces_risk_passes() {
        for (side, expected) in [
            (Side::Buy, Some((GateCode::ExposureMissing, 1, 0))),
            (Side::Sell, None),
        ] {
            let situation = Situation {
                side,
                ..with(Exposed {
                    money: None,
                    ..EXPOSED
                })
            };
            assert_eq!(judged(open_value, &situation), expected);
        }
    }
}
