//! What every account, underlying, group and the firm has sent, has open, and bears.
//!
//! All of it is a function of the images of orders and positions and of the tables: a change of
//! either goes through [`Sums::move_order`] or [`Sums::move_position`], which take the image before
//! and after and move each sum by the difference of what the two contribute. A restart puts images
//! back through the same code, so no sum is on record and none can drift. Tables with other terms
//! make other contributions: [`crate::state::State::recount`].
//!
//! Rows by use, in cache lines that one order touches: of its account three (its money, what it
//! bears, what it sent of the order's kind), of its instrument two (weight and limits, what all
//! sent of it), of the pair of both one beside its position, which lends its slot so that the pair
//! is looked up once; of linked accounts, and of an underlying, two each; of the firm one that all
//! orders share.

mod exposed;
mod legs;
#[cfg(test)]
mod property;
mod report;
mod rows;
mod underlyings;

use gwanmun_market::{ProductKind, Side};

use crate::orders::Order;
use crate::positions::Position;
use crate::tables::Tables;
use crate::value::Value;
#[cfg(test)]
pub(crate) use exposed::example;
pub(crate) use exposed::{Added, Exposed, Missing};
pub(crate) use legs::Legs;
pub use rows::ExposureRows;
pub(crate) use rows::{Contract, ExposureTables, Money, Named};
pub(crate) use underlyings::UnderlyingSums;
use underlyings::Underlyings;

/// What was sent to venues today, whatever became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Shares or contracts.
    pub(crate) qty: i64,
    /// Their value.
    pub(crate) value: Value,
}

impl Sent {
    /// Nothing.
    const NONE: Sent = Sent {
        qty: 0,
        value: Value::ZERO,
    };

    /// With one more order.
    #[inline]
    pub(crate) fn plus(self, other: Sent) -> Sent {
        Sent {
            // Each order and replace takes a ClOrdID(11), of which there is room for fewer than
            // 2^31, and has a quantity of 32 bits.
            qty: self.qty + other.qty,
            value: self.value + other.value,
        }
    }
}

/// What an account bears now: one cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct AccountSums {
    /// Value of its open orders.
    pub(crate) open: Value,
    /// Cash spent: bought and open to buy, less what was sold.
    pub(crate) cash: Value,
    /// Margin of positions and open orders, premium of bought options included.
    pub(crate) margin: Value,
    /// Exposure of positions and open orders.
    pub(crate) exposure: Value,
}

const _: () = assert!(size_of::<AccountSums>() == 64);

/// What linked accounts, or all of them, bear together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PartySums {
    /// Value of all their orders of today.
    pub(crate) sent: Value,
    /// Value of their open orders.
    pub(crate) open: Value,
    /// Their exposures.
    pub(crate) exposure: Value,
}

const KINDS: usize = ProductKind::ALL.len();

/// All sums.
pub(crate) struct Sums {
    accounts: Box<[AccountSums]>,
    /// By account and kind.
    kinds: Box<[[Sent; KINDS]]>,
    /// By slot of the position: account and instrument.
    held: Box<[Sent]>,
    /// By instrument, of all accounts.
    instruments: Box<[Sent]>,
    /// By account and underlying.
    underlyings: Underlyings,
    groups: Box<[PartySums]>,
    firm: PartySums,
}

/// Where an order or position is counted.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    account: u16,
    instrument: u16,
    slot: usize,
}

impl Row {
    /// That of an account and instrument, whose position is in this slot.
    pub(crate) const fn of((account, instrument): (u16, u16), slot: usize) -> Row {
        Row {
            account,
            instrument,
            slot,
        }
    }
}

impl Sums {
    /// Zeros for the tables' accounts and instruments and so many slots of positions.
    pub(crate) fn new(tables: &Tables, slots: usize) -> Sums {
        let accounts = tables.accounts().len();
        Sums {
            accounts: vec![AccountSums::default(); accounts].into_boxed_slice(),
            kinds: vec![Default::default(); accounts].into_boxed_slice(),
            held: vec![Sent::default(); slots].into_boxed_slice(),
            instruments: vec![Sent::default(); tables.instruments().len()].into_boxed_slice(),
            underlyings: Underlyings::new(slots),
            groups: vec![PartySums::default(); rows::NAMES_MAX].into_boxed_slice(),
            firm: PartySums::default(),
        }
    }

    /// Zeros again. Allocates nothing.
    pub(crate) fn clear(&mut self) {
        self.accounts.fill(AccountSums::default());
        self.kinds.fill(Default::default());
        self.held.fill(Sent::default());
        self.instruments.fill(Sent::default());
        self.underlyings.clear();
        self.groups.fill(PartySums::default());
        self.firm = PartySums::default();
    }

    /// An order is now another one than before; what it contributes moves.
    #[inline]
    pub(crate) fn move_order(&mut self, tables: &Tables, row: Row, before: &Order, after: &Order) {
        let Some(contract) = tables.exposure().contract(row.instrument) else {
            return;
        };
        let group = tables.exposure().group_of(row.account);
        let mut open = open_value(contract, after);
        if before.reserved_qty != 0 {
            open = open - open_value(contract, before);
        }
        let mut executed = Value::ZERO;
        if before.executed_value != after.executed_value {
            let value = |order: &Order| Value::scaled(order.executed_value, contract.multiplier);
            executed = value(after) - value(before);
        }
        if open != Value::ZERO {
            self.add_open(row, group, open);
        }
        if open != Value::ZERO || executed != Value::ZERO {
            self.add_spent(contract, row, after.side, (open, executed));
        }
        if before.sent_qty != after.sent_qty || before.sent_notional != after.sent_notional {
            let value = |order: &Order| Value::scaled(order.sent_notional, contract.multiplier);
            let mut sent = Sent {
                qty: signed(after.sent_qty) - signed(before.sent_qty),
                value: value(after),
            };
            if before.sent_qty != 0 {
                sent.value = sent.value - value(before);
            }
            self.add_sent(contract, row, group, sent);
        }
    }

    fn add_open(&mut self, row: Row, group: Named, open: Value) {
        if let Some(account) = self.accounts.get_mut(usize::from(row.account)) {
            account.open += open;
        }
        if let Some(group) = group.index().and_then(|group| self.groups.get_mut(group)) {
            group.open += open;
        }
        self.firm.open += open;
    }

    /// Bought shares and options are paid in full, open orders included. What is got for sold
    /// shares can be spent again, but not what a short sale brings; nor is premium got, before the
    /// next day.
    fn add_spent(
        &mut self,
        contract: &Contract,
        row: Row,
        side: Side,
        (open, executed): (Value, Value),
    ) {
        let Some(account) = self.accounts.get_mut(usize::from(row.account)) else {
            return;
        };
        match (contract.kind, side) {
            (ProductKind::Share | ProductKind::Etf, Side::Buy) => account.cash += open + executed,
            (ProductKind::Share | ProductKind::Etf, Side::Sell) => {
                account.cash += Value::ZERO - executed;
            }
            (ProductKind::Option, Side::Buy) => account.margin += open + executed,
            _ => {}
        }
    }

    fn add_sent(&mut self, contract: &Contract, row: Row, group: Named, sent: Sent) {
        let kinds = self.kinds.get_mut(usize::from(row.account));
        let kind = kinds.and_then(|kinds| kinds.get_mut(contract.kind.index()));
        let held = self.held.get_mut(row.slot);
        let instrument = self.instruments.get_mut(usize::from(row.instrument));
        for sums in [kind, held, instrument].into_iter().flatten() {
            *sums = sums.plus(sent);
        }
        if let Named::Row(underlying) = contract.underlying {
            let sums = self.underlyings.of_mut(row.account, underlying);
            if let Some(sums) = sums {
                sums.sent = sums.sent.plus(sent);
            }
        }
        if let Some(group) = group.index().and_then(|group| self.groups.get_mut(group)) {
            group.sent += sent.value;
        }
        self.firm.sent += sent.value;
    }

    /// A position is now another one than before.
    #[inline]
    pub(crate) fn move_position(&mut self, tables: &Tables, row: Row, before: Legs, after: Legs) {
        let Some(contract) = tables.exposure().contract(row.instrument) else {
            return;
        };
        if before == after || (contract.underlying == Named::Nothing && !contract.is_derivative()) {
            return;
        }
        if let Named::Row(underlying) = contract.underlying
            && let Some(sums) = self.underlyings.of_mut(row.account, underlying)
        {
            let (was, is) = (contract.weight(before), contract.weight(after));
            sums.high += is.0 - was.0;
            sums.low += is.1 - was.1;
        }
        if !contract.is_derivative() {
            return;
        }
        let exposure = contract.exposure(after) - contract.exposure(before);
        if let Some(account) = self.accounts.get_mut(usize::from(row.account)) {
            account.exposure += exposure;
            account.margin += contract.margin(after) - contract.margin(before);
        }
        let group = tables.exposure().group_of(row.account).index();
        if let Some(group) = group.and_then(|group| self.groups.get_mut(group)) {
            group.exposure += exposure;
        }
        self.firm.exposure += exposure;
    }

    /// What an account bears; zeros for one that there is not.
    pub(crate) fn account(&self, account: u16) -> &AccountSums {
        const NONE: AccountSums = AccountSums {
            open: Value::ZERO,
            cash: Value::ZERO,
            margin: Value::ZERO,
            exposure: Value::ZERO,
        };
        self.accounts.get(usize::from(account)).unwrap_or(&NONE)
    }

    /// What an account has sent of a kind.
    pub(crate) fn kind(&self, account: u16, kind: ProductKind) -> &Sent {
        let kinds = self.kinds.get(usize::from(account));
        let sent = kinds.and_then(|kinds| kinds.get(kind.index()));
        sent.unwrap_or(&Sent::NONE)
    }

    /// What was sent of a position's account and instrument.
    pub(crate) fn held(&self, slot: usize) -> &Sent {
        self.held.get(slot).unwrap_or(&Sent::NONE)
    }

    /// What all accounts have sent of an instrument.
    pub(crate) fn instrument(&self, instrument: u16) -> &Sent {
        let sent = self.instruments.get(usize::from(instrument));
        sent.unwrap_or(&Sent::NONE)
    }

    /// What an account has of an underlying; zeros where there is none.
    #[inline]
    pub(crate) fn underlying(&self, account: u16, underlying: Named) -> &UnderlyingSums {
        let sums = match underlying {
            Named::Row(underlying) => self.underlyings.of(account, underlying),
            _ => None,
        };
        sums.unwrap_or(&UnderlyingSums::NONE)
    }

    /// What linked accounts bear.
    pub(crate) fn group(&self, group: Named) -> &PartySums {
        const NONE: PartySums = PartySums {
            sent: Value::ZERO,
            open: Value::ZERO,
            exposure: Value::ZERO,
        };
        let sums = group.index().and_then(|group| self.groups.get(group));
        sums.unwrap_or(&NONE)
    }

    /// What all accounts bear.
    pub(crate) const fn firm(&self) -> &PartySums {
        &self.firm
    }
}

/// What an order holds open, at the price that it is valued at.
#[inline]
pub(crate) fn open_value(contract: &Contract, order: &Order) -> Value {
    Value::of(order.value_price(), order.reserved_qty, contract.multiplier)
}

fn signed(qty: u64) -> i64 {
    i64::try_from(qty).unwrap_or(i64::MAX)
}

/// The legs of a position that there may be.
pub(crate) fn legs_of(position: Option<&Position>) -> Legs {
    position.map_or(Legs::default(), Legs::of)
}
