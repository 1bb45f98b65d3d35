//! What a check sees of the sums: those that an order is added to, with their limits, and what it
//! adds.

use gwanmun_market::{GateCode, PartyLimits, Price, ProductKind, Refusal, UnderlyingLimits};

use super::{AccountSums, Contract, Legs, Money, Named, PartySums, Sent, UnderlyingSums, legs_of};
use crate::orders::{Order, farther};
use crate::risk::Situation;
use crate::state::State;
use crate::value::Value;

/// The sums that an order is added to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exposed<'a> {
    /// The instrument's weight and limits.
    pub(crate) contract: &'a Contract,
    /// The account's money, if anybody said so.
    pub(crate) money: Option<&'a Money>,
    /// What the account bears.
    pub(crate) account: &'a AccountSums,
    /// What the account has sent today of the order's kind of product.
    pub(crate) kind: &'a Sent,
    /// What it has sent of the instrument.
    pub(crate) held: &'a Sent,
    /// What all accounts have sent of it.
    pub(crate) instrument: &'a Sent,
    /// What the account has of the underlying.
    pub(crate) underlying: &'a UnderlyingSums,
    /// Limits of the underlying.
    pub(crate) underlying_limits: Option<&'a UnderlyingLimits>,
    /// Whether the account is one of linked ones.
    pub(crate) is_linked: bool,
    /// What these bear.
    pub(crate) group: &'a PartySums,
    /// Their limits.
    pub(crate) group_limits: Option<&'a PartyLimits>,
    /// What all accounts bear.
    pub(crate) firm: &'a PartySums,
    /// The firm's limits.
    pub(crate) firm_limits: Option<&'a PartyLimits>,
    /// What one of the order to be replaced is valued at now; zero for a new order.
    pub(crate) valued_at: Price,
}

impl<'a> Exposed<'a> {
    /// Those of an order; `None` for an instrument that there is not.
    #[inline]
    pub(crate) fn of(state: &'a State, order: &Order, slot: Option<usize>) -> Option<Exposed<'a>> {
        let (tables, sums) = (state.terms.tables.exposure(), &state.sums);
        let contract = tables.contract(order.instrument)?;
        let money = tables.money(order.account);
        let group = money.map_or(Named::Nothing, |money| money.group);
        Some(Exposed {
            contract,
            money,
            account: sums.account(order.account),
            kind: sums.kind(order.account, contract.kind),
            held: sums.held(slot.unwrap_or(usize::MAX)),
            instrument: sums.instrument(order.instrument),
            underlying: sums.underlying(order.account, contract.underlying),
            underlying_limits: tables.underlying(contract.underlying),
            is_linked: group != Named::Nothing,
            group: sums.group(group),
            group_limits: tables.group(group),
            firm: sums.firm(),
            firm_limits: tables.firm(),
            valued_at: if order.reserved_qty > 0 {
                order.value_price()
            } else {
                Price::ZERO
            },
        })
    }
}

impl Exposed<'_> {
    /// Reads every row that it points to; whether there were rows for all.
    pub(crate) fn touch(&self) -> bool {
        let sums = (*self.contract, *self.account, *self.firm);
        let limits = (self.money.copied(), self.firm_limits.copied());
        core::hint::black_box((sums, limits, self.underlying_limits, self.group_limits));
        self.money.is_some() && self.firm_limits.is_some() && self.contract.has_limits
    }
}

/// A row that is missing, as GateLimit(20111) of [`GateCode::ExposureMissing`] says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The account's credit.
    Credit = 1,
    /// The instrument's limits.
    Instrument = 2,
    /// The underlying that it names, or the name.
    Underlying = 3,
    /// The linked accounts that the account names.
    Group = 4,
    /// The firm.
    Firm = 5,
}

/// What an order adds to the sums if it is sent, or a replace with what it would leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Added {
    /// To what is sent.
    pub(crate) sent: Sent,
    /// To what is open, never below zero: until a replace is answered, the larger quantity and the
    /// price farther from zero count.
    pub(crate) open: Value,
    /// Position and working orders before.
    pub(crate) before: Legs,
    /// And with it.
    pub(crate) after: Legs,
    /// To what derivatives may come to at worst.
    pub(crate) exposure: Value,
    /// To margin, with the premium of a bought option.
    pub(crate) margin: Value,
}

impl Added {
    /// What a situation adds.
    #[inline]
    pub(crate) fn of(situation: &Situation<'_>) -> Added {
        let (exposed, added_qty) = (&situation.exposed, situation.added_qty());
        let (contract, price) = (exposed.contract, situation.value_price());
        let value = |price, qty| Value::of(price, qty, contract.multiplier);
        let sent = Sent {
            qty: i64::from(added_qty),
            value: value(price, added_qty),
        };
        let open = if situation.reserved_qty == 0 {
            sent.value
        } else {
            let held_qty = situation.open_qty.max(situation.reserved_qty);
            let was = value(exposed.valued_at, situation.reserved_qty);
            value(farther(exposed.valued_at, price), held_qty) - was
        };
        let mut added = Added {
            sent,
            open,
            before: Legs::default(),
            after: Legs::default(),
            exposure: Value::ZERO,
            margin: Value::ZERO,
        };
        if contract.is_derivative() {
            added.bear(situation);
        }
        added
    }

    /// What a derivative adds besides.
    fn bear(&mut self, situation: &Situation<'_>) {
        let contract = situation.exposed.contract;
        self.before = legs_of(situation.position);
        self.after = self.before.with(situation.side, situation.added_qty());
        self.exposure = contract.exposure(self.after) - contract.exposure(self.before);
        self.margin = contract.margin(self.after) - contract.margin(self.before);
        if contract.kind == ProductKind::Option && !situation.side.is_sell() {
            self.margin += self.open;
        }
    }
}

impl Situation<'_> {
    /// A row is missing: only what reduces risk passes.
    ///
    /// # Errors
    /// [`GateCode::ExposureMissing`].
    #[cold]
    pub(crate) fn lacks(&self, row: Missing) -> Result<(), Refusal> {
        if self.is_risk_reducing() {
            return Ok(());
        }
        Err(Refusal {
            code: GateCode::ExposureMissing,
            limit: row as i64,
            observed: 0,
        })
    }
}

/// Sums and limits with which every order of sense passes, for the tables of cases.
#[cfg(test)]
pub(crate) mod example {
    use gwanmun_market::{Investor, MarginMode};

    use super::*;

    pub(crate) const SHARE: Contract = Contract {
        unit: 715_000_000,
        margin_unit: 0,
        delta: 0,
        multiplier: 1,
        underlying: Named::Nothing,
        kind: ProductKind::Share,
        has_limits: true,
        sent_qty_max: 1_000_000_000,
        sent_value_max: 1_000_000_000_000_000,
        firm_qty_max: 1_000_000_000,
        firm_value_max: 1_000_000_000_000_000,
    };
    /// A K200 future at 350.00: 87,500,000 won a contract, 13,125,000 of them margin.
    pub(crate) const FUTURE: Contract = Contract {
        unit: 875_000_000_000,
        margin_unit: 131_250_000_000,
        delta: 10_000,
        multiplier: 250_000,
        underlying: Named::Row(0),
        kind: ProductKind::Future,
        ..SHARE
    };
    /// A K200 call at 6.00: 1,500,000 won a contract, five times that margin of a written one.
    pub(crate) const OPTION: Contract = Contract {
        unit: 15_000_000_000,
        margin_unit: 75_000_000_000,
        delta: 4_000,
        kind: ProductKind::Option,
        ..FUTURE
    };
    pub(crate) const MONEY: Money = Money {
        cash: 1_000_000_000_000_000,
        deposit: 1_000_000_000_000_000,
        open_value_max: 1_000_000_000_000_000,
        exposure_percent: 500,
        group: Named::Row(0),
        investor: Investor::Individual,
        margin_mode: MarginMode::Pre,
    };
    pub(crate) const UNDERLYING: UnderlyingLimits =
        UnderlyingLimits::wide(gwanmun_market::UnderlyingName::EMPTY);
    pub(crate) const PARTY: PartyLimits = PartyLimits::WIDE;
    const NONE: Sent = Sent {
        qty: 0,
        value: Value::ZERO,
    };
    const NO_PARTY: PartySums = PartySums {
        sent: Value::ZERO,
        open: Value::ZERO,
        exposure: Value::ZERO,
    };
    const NO_ACCOUNT: AccountSums = AccountSums {
        open: Value::ZERO,
        cash: Value::ZERO,
        margin: Value::ZERO,
        exposure: Value::ZERO,
    };
    pub(crate) const EXPOSED: Exposed<'static> = Exposed {
        contract: &SHARE,
        money: Some(&MONEY),
        account: &NO_ACCOUNT,
        kind: &NONE,
        held: &NONE,
        instrument: &NONE,
        underlying: &UnderlyingSums {
            sent: NONE,
            high: 0,
            low: 0,
        },
        underlying_limits: Some(&UNDERLYING),
        is_linked: true,
        group: &NO_PARTY,
        group_limits: Some(&PARTY),
        firm: &NO_PARTY,
        firm_limits: Some(&PARTY),
        valued_at: Price::ZERO,
    };
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{OrdType, Side};

    use super::*;
    use crate::positions::Position;
    use crate::risk::example as order;

    #[test]
    fn a_new_order_adds_all_of_it() {
        let won = |won| Value::of_won(won);
        let added = Added::of(&order::passing());
        assert_eq!((added.sent.qty, added.sent.value), (10, won(716_000)));
        assert_eq!((added.open, added.exposure), (won(716_000), Value::ZERO));
        // The highest price of the day.
        let market = Situation {
            ord_type: OrdType::Market,
            price: Price::ZERO,
            ..order::passing()
        };
        assert_eq!(Added::of(&market).open, won(929_500));
    }

    #[test]
    fn a_replace_adds_what_the_worse_of_both_ends_adds() {
        let won = |won| Value::of_won(won);
        for (price, open_qty, sent, open) in [
            (100, 10, 0, 0),
            (100, 12, 200, 200),
            (110, 10, 0, 100),
            (110, 12, 220, 320),
            // Until it is answered the order may still execute as it was.
            (90, 10, 0, 0),
            (90, 5, 0, 0),
            (90, 12, 180, 200),
            (110, 5, 0, 100),
        ] {
            let situation = Situation {
                price: Price::from_whole(price),
                open_qty,
                reserved_qty: 10,
                exposed: Exposed {
                    valued_at: Price::from_whole(100),
                    ..example::EXPOSED
                },
                ..order::passing()
            };
            let added = Added::of(&situation);
            assert_eq!((added.sent.value, added.open), (won(sent), won(open)));
        }
    }

    #[test]
    fn derivatives_add_what_the_worse_end_moves() {
        let long = Position {
            opening: Some(5),
            working_buy: 2,
            ..order::POSITION
        };
        let futures = |contracts: i64| Value::of_won(87_500_000 * contracts);
        let margin = |contracts: i64| Value::of_won(13_125_000 * contracts);
        for (position, side, qty, contracts) in [
            (None, Side::Buy, 3, 3),
            (None, Side::Sell, 3, 3),
            (Some(&long), Side::Buy, 3, 3),
            (Some(&long), Side::Sell, 5, 0),
            (Some(&long), Side::Sell, 12, 0),
            (Some(&long), Side::Sell, 13, 1),
        ] {
            let situation = Situation {
                position,
                side,
                open_qty: qty,
                exposed: Exposed {
                    contract: &example::FUTURE,
                    ..example::EXPOSED
                },
                ..order::passing()
            };
            let added = Added::of(&situation);
            assert_eq!(added.exposure, futures(contracts), "{side:?} {qty}");
            assert_eq!(added.margin, margin(contracts), "{side:?} {qty}");
        }
    }

    #[test]
    fn a_bought_option_is_paid_in_full_and_a_written_one_bears_margin() {
        let long = Position {
            opening: Some(5),
            ..order::POSITION
        };
        // At 6.00: 1,500,000 won a contract.
        for (position, side, qty, won) in [
            (None, Side::Buy, 2, 3_000_000),
            (None, Side::Sell, 2, 15_000_000),
            (Some(&long), Side::Sell, 5, 0),
            (Some(&long), Side::Sell, 6, 7_500_000),
            (Some(&long), Side::Buy, 6, 9_000_000),
        ] {
            let situation = Situation {
                position,
                side,
                open_qty: qty,
                price: Price::from_whole(6),
                exposed: Exposed {
                    contract: &example::OPTION,
                    ..example::EXPOSED
                },
                ..order::passing()
            };
            assert_eq!(Added::of(&situation).margin, Value::of_won(won), "{side:?}");
        }
    }
}
