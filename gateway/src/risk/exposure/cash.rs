//! Is there cash for the shares to be bought?
//!
//! The account's cash of the morning must cover what it has bought and what it has open to buy,
//! less what it has sold; what short sales bring does not count. Fees and taxes are not part of it.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::within_won;
use crate::exposure::{Added, Missing};
use crate::value::Value;

/// Refuses to buy shares or funds for more than there is.
pub(super) fn cash(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    if situation.side.is_sell() || situation.exposed.contract.is_derivative() {
        return Ok(());
    }
    let Some(money) = situation.exposed.money else {
        return situation.lacks(Missing::Credit);
    };
    if added.open <= Value::ZERO {
        return Ok(());
    }
    let spent = situation.exposed.account.cash + added.open;
    within_won(spent, (GateCode::Cash, money.cash))
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, FUTURE, MONEY};
    use crate::exposure::{AccountSums, Contract, Exposed, Money};

    fn situation<'a>(
        money: Option<&'a Money>,
        account: &'a AccountSums,
        contract: &'a Contract,
    ) -> Situation<'a> {
        with(Exposed {
            money,
            account,
            contract,
            ..EXPOSED
        })
    }

    #[test]
    fn buys_pass_up_to_the_cash_and_what_was_sold() {
        let money = Money {
            cash: 1_000_000,
            ..MONEY
        };
        for (won, expected) in [
            (284_000, None),
            (284_001, Some((GateCode::Cash, 1_000_000, 1_000_001))),
            (-5_000_000, None),
        ] {
            let account = AccountSums {
                cash: Value::of_won(won),
                ..AccountSums::default()
            };
            let buy = situation(Some(&money), &account, EXPOSED.contract);
            assert_eq!(judged(cash, &buy), expected, "{won}");
            for side in [Side::Sell, Side::SellShort] {
                assert_eq!(judged(cash, &Situation { side, ..buy }), None);
            }
            let future = situation(Some(&money), &account, &FUTURE);
            assert_eq!(judged(cash, &future), None);
        }
    }

    #[test]
    fn without_a_row_nothing_is_bought() {
        let account = AccountSums::default();
        let buy = situation(None, &account, EXPOSED.contract);
        let missing = Some((GateCode::ExposureMissing, 1, 0));
        assert_eq!(judged(cash, &buy), missing);
    }
}
