//! Stop 10: the pre-trade checks, in the order in which they are asked.
//!
//! Each check is one pure function in a file of its own and answers with the code, the limit and
//! what it observed. To add one, write its file and its table of cases, and put it into [`CHECKS`].
//! Only [`check`] can make a [`Checked`], and only a
//! `Checked` can be encoded for the venue.

mod account_known;
mod price_collar;
mod sellable_balance;
mod tick;

use gwanmun_market::{AccountTerms, Instrument, OrdType, Price, Refusal, Side};

use crate::markets::AgedState;
use crate::positions::Position;

/// What a check may look at: the order and the tables at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// The account's terms, if the session may use it and the table has it.
    pub(crate) account: Option<&'a AccountTerms>,
    /// The instrument's terms.
    pub(crate) instrument: &'a Instrument,
    /// The venue's latest word on the instrument.
    pub(crate) market: Option<AgedState>,
    /// The account's position.
    pub(crate) position: Option<&'a Position>,
    /// Side(54).
    pub(crate) side: Side,
    /// OrdType(40).
    pub(crate) ord_type: OrdType,
    /// Price(44); without meaning for a market order.
    pub(crate) price: Price,
    /// Quantity that may execute if this is passed: OrderQty(38), or what a replace leaves open.
    pub(crate) open_qty: u32,
    /// Quantity that the order to be replaced holds back now; zero for a new order.
    pub(crate) reserved_qty: u32,
    /// Oldest market state that counts, in nanoseconds.
    pub(crate) max_age_ns: u64,
}

impl Situation<'_> {
    /// Whether the order cannot carry the position past zero. Unknown position: it is not.
    #[must_use]
    pub(crate) fn is_risk_reducing(&self) -> bool {
        let reduces = |position: &Position| {
            position.is_reduced_by(self.side, self.open_qty, self.reserved_qty)
        };
        self.position.is_some_and(reduces)
    }
}

/// Proof that an order passed every check. Only [`check`] makes one.
#[derive(Debug)]
pub(crate) struct Checked(());

type Check = fn(&Situation<'_>) -> Result<(), Refusal>;

/// The list of checks, cheapest and most telling first.
const CHECKS: [Check; 4] = [
    account_known::account_known,
    tick::tick,
    price_collar::price_collar,
    sellable_balance::sellable_balance,
];

/// Asks every check in turn.
///
/// # Errors
/// The [`Refusal`] of the first check that says no.
pub(crate) fn check(situation: &Situation<'_>) -> Result<Checked, Refusal> {
    for check in CHECKS {
        check(situation)?;
    }
    Ok(Checked(()))
}

/// A situation that passes every check, for the tables of cases.
#[cfg(test)]
pub(crate) mod example {
    use gwanmun_market::{MarketState, Phase, ProductKind, Symbol, TickTableId};

    use super::*;

    pub(crate) const ACCOUNT: AccountTerms = AccountTerms {
        account: gwanmun_market::AccountId::EMPTY,
        is_enabled: true,
    };
    pub(crate) const SHARE: Instrument = Instrument {
        symbol: Symbol::EMPTY,
        kind: ProductKind::Share,
        tick_table: TickTableId::Share2023,
        base_price: Price::from_whole(71_500),
        collar_bps: 500,
        collar_width_min: Price::from_whole(500),
        may_be_negative: false,
    };
    pub(crate) const POSITION: Position = Position {
        account: 0,
        instrument: 0,
        opening: Some(1_000),
        bought: 0,
        sold: 0,
        working_buy: 0,
        working_sell: 0,
    };

    pub(crate) fn market() -> AgedState {
        AgedState {
            state: MarketState {
                phase: Phase::Continuous,
                base: Some(Price::from_whole(71_500)),
                last: Some(Price::from_whole(71_600)),
                best_bid: Some(Price::from_whole(71_500)),
                best_ask: Some(Price::from_whole(71_600)),
                ..MarketState::default()
            },
            age_ns: 1_000,
        }
    }

    pub(crate) fn passing() -> Situation<'static> {
        Situation {
            account: Some(&ACCOUNT),
            instrument: &SHARE,
            market: Some(market()),
            position: Some(&POSITION),
            side: Side::Buy,
            ord_type: OrdType::Limit,
            price: Price::from_whole(71_600),
            open_qty: 10,
            reserved_qty: 0,
            max_age_ns: 500_000_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_passes() {
        assert!(check(&example::passing()).is_ok());
    }
}
