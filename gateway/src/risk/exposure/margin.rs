//! Is the margin of positions and open orders together paid in? R-88.
//!
//! Before the order (사전증거금): of futures and spreads a share of the day's base price for each
//! contract of the worse end; of bought options the premium in full, that of open orders included;
//! of options that may be written a share of their base price, which the tables may set above all
//! of it. That is simpler than the venue's three formulas for written options: it looks at one
//! instrument at a time, so spreads between options are not recognised, and premium that was got
//! is not credited before the next day. Both err on the side of asking for more.
//!
//! An account in post-margin mode (사후증거금) pays in after the day: no order of it is held
//! against its margin, but against its exposure all the same.

use gwanmun_market::{GateCode, MarginMode, Refusal};

use super::super::Situation;
use super::within_won;
use crate::exposure::{Added, Missing};
use crate::value::Value;

/// Refuses what would need more margin than the account's deposit.
pub(super) fn margin(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    if !situation.exposed.contract.is_derivative() {
        return Ok(());
    }
    let Some(money) = situation.exposed.money else {
        return situation.lacks(Missing::Credit);
    };
    if money.margin_mode == MarginMode::Post || added.margin <= Value::ZERO {
        return Ok(());
    }
    let margin = situation.exposed.account.margin + added.margin;
    within_won(margin, (GateCode::Margin, money.deposit))
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Price, Side};

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, FUTURE, MONEY, OPTION, SHARE};
    use crate::exposure::{AccountSums, Contract, Exposed, Money};
    use crate::positions::Position;
    use crate::risk::example;

    fn situation<'a>(
        money: &'a Money,
        account: &'a AccountSums,
        (contract, qty): (&'a Contract, u32),
    ) -> Situation<'a> {
        Situation {
            position: None,
            open_qty: qty,
            price: Price::from_whole(6),
            ..with(Exposed {
                money: Some(money),
                account,
                contract,
                ..EXPOSED
            })
        }
    }

    #[test]
    fn the_switch_from_pre_to_post_changes_the_decision() {
        let pre = Money {
            deposit: 100_000_000,
            ..MONEY
        };
        let post = Money {
            margin_mode: MarginMode::Post,
            ..pre
        };
        let used = |won| AccountSums {
            margin: Value::of_won(won),
            ..AccountSums::default()
        };
        // A future asks for 13,125,000, a bought option for 1,500,000, a written one for 7,500,000.
        for (contract, side, qty, won, observed) in [
            (&FUTURE, Side::Buy, 7, 8_125_000, None),
            (&FUTURE, Side::Buy, 7, 8_125_001, Some(100_000_001)),
            (&FUTURE, Side::Sell, 8, 0, Some(105_000_000)),
            (&OPTION, Side::Buy, 10, 85_000_000, None),
            (&OPTION, Side::Buy, 10, 85_000_001, Some(100_000_001)),
            (&OPTION, Side::Sell, 10, 25_000_000, None),
            (&OPTION, Side::Sell, 10, 25_000_001, Some(100_000_001)),
            (&SHARE, Side::Buy, 10, 200_000_000, None),
        ] {
            let account = used(won);
            let asked = Situation {
                side,
                ..situation(&pre, &account, (contract, qty))
            };
            let expected = observed.map(|observed| (GateCode::Margin, 100_000_000, observed));
            assert_eq!(judged(margin, &asked), expected, "{side:?} {qty} {won}");
            let asked = Situation {
                side,
                ..situation(&post, &account, (contract, qty))
            };
            assert_eq!(judged(margin, &asked), None);
        }
    }

    #[test]
    fn what_adds_no_margin_passes_and_a_missing_row_does_not() {
        let account = AccountSums {
            margin: Value::of_won(i64::MAX),
            ..AccountSums::default()
        };
        let long = Position {
            opening: Some(5),
            ..example::POSITION
        };
        let sell = Situation {
            side: Side::Sell,
            position: Some(&long),
            ..situation(&MONEY, &account, (&FUTURE, 5))
        };
        assert_eq!(judged(margin, &sell), None);
        let buy = situation(&MONEY, &account, (&FUTURE, 5));
        let unknown = Situation {
            exposed: Exposed {
                money: None,
                ..buy.exposed
            },
            ..buy
        };
        let missing = Some((GateCode::ExposureMissing, 1, 0));
        assert_eq!(judged(margin, &unknown), missing);
    }
}
