//! The tables' rows about exposure, and what is worked out of them once: for each instrument one
//! cache line that every change of an order or position reads.

use gwanmun_market::{
    AccountTerms, Credit, Group, Instrument, InstrumentLimits, Investor, MarginMode, PartyLimits,
    ProductKind, UnderlyingLimits, UnderlyingName,
};

use super::legs::Legs;
use crate::orders::UNKNOWN;
use crate::value::Value;

/// Underlyings and groups at most: what is kept about each is taken at the start, so that tables
/// that come later find their room.
pub(super) const NAMES_MAX: usize = 4_096;

/// Rows about exposure as a file or a record has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposureRows {
    /// One for each account that may order at all.
    pub credits: Vec<Credit>,
    /// One for each instrument that may be ordered.
    pub instruments: Vec<InstrumentLimits>,
    /// One for each underlying that instruments name.
    pub underlyings: Vec<UnderlyingLimits>,
    /// One for each group that accounts name.
    pub groups: Vec<Group>,
    /// What all accounts may do together.
    pub firm: Option<PartyLimits>,
}

impl ExposureRows {
    /// Rows that refuse no order of sense.
    pub(crate) fn wide(accounts: &[AccountTerms], instruments: &[Instrument]) -> ExposureRows {
        let k200 = UnderlyingName::new(b"K200").unwrap_or_default();
        let limits = |row: &Instrument| {
            let is_share = row.kind.needs_holdings_to_sell();
            let underlying = if is_share {
                UnderlyingName::EMPTY
            } else {
                k200
            };
            InstrumentLimits::wide(row.symbol, underlying)
        };
        ExposureRows {
            credits: accounts
                .iter()
                .map(|row| Credit::wide(row.account))
                .collect(),
            instruments: instruments.iter().map(limits).collect(),
            underlyings: vec![UnderlyingLimits::wide(k200)],
            groups: Vec::new(),
            firm: Some(PartyLimits::WIDE),
        }
    }
}

/// Whom or what a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Nothing.
    Nothing,
    /// The row of this index.
    Row(u16),
    /// A row that there is not: what names it is refused.
    Missing,
}

impl Named {
    /// Its index in the sums.
    pub(crate) fn index(self) -> Option<usize> {
        match self {
            Named::Row(index) => Some(usize::from(index)),
            _ => None,
        }
    }
}

/// What sums and checks need of one account, without its names: one cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Money {
    /// As [`Credit`] has them.
    pub(crate) cash: i64,
    pub(crate) deposit: i64,
    pub(crate) open_value_max: i64,
    pub(crate) exposure_percent: u32,
    /// The linked accounts that it is one of.
    pub(crate) group: Named,
    pub(crate) investor: Investor,
    pub(crate) margin_mode: MarginMode,
}

const _: () = assert!(size_of::<Option<Money>>() == 64);

/// What sums and checks need of one instrument: one cache line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(crate) struct Contract {
    /// Base price times multiplier, without its sign, in price units.
    pub(crate) unit: u64,
    /// Margin of one contract in price units, rounded up.
    pub(crate) margin_unit: u64,
    /// Weight of one contract in the position limit.
    pub(crate) delta: i32,
    /// Won that one point of price is worth.
    pub(crate) multiplier: u32,
    /// What it is written on.
    pub(crate) underlying: Named,
    /// What it is.
    pub(crate) kind: ProductKind,
    /// Whether there is a row of limits; without one the weights above are of nothing.
    pub(crate) has_limits: bool,
    /// Limits, as [`InstrumentLimits`] has them.
    pub(crate) sent_qty_max: i64,
    pub(crate) sent_value_max: i64,
    pub(crate) firm_qty_max: i64,
    pub(crate) firm_value_max: i64,
}

const _: () = assert!(size_of::<Contract>() == 64);

impl Contract {
    fn of(instrument: &Instrument, limits: Option<&InstrumentLimits>, underlying: Named) -> Self {
        let value = Value::of(instrument.base_price, 1, instrument.multiplier).units();
        let margin_bps = limits.map_or(0, |limits| i128::from(limits.margin_bps));
        // A value is at most 2^96, basis points have 20 bits.
        let margin = (value * margin_bps + 9_999) / 10_000;
        let cut = |amount: i128| u64::try_from(amount).unwrap_or(u64::MAX);
        let limit = |of: fn(&InstrumentLimits) -> i64| limits.map_or(0, of);
        Contract {
            unit: cut(value),
            margin_unit: cut(margin),
            delta: limits.map_or(0, |limits| limits.delta),
            multiplier: instrument.multiplier,
            underlying,
            kind: instrument.kind,
            has_limits: limits.is_some(),
            sent_qty_max: limit(|limits| limits.sent_qty_max),
            sent_value_max: limit(|limits| limits.sent_value_max),
            firm_qty_max: limit(|limits| limits.firm_qty_max),
            firm_value_max: limit(|limits| limits.firm_value_max),
        }
    }

    /// Whether it counts as exposure: shares and funds are paid in full and do not.
    pub(crate) const fn is_derivative(&self) -> bool {
        !self.kind.needs_holdings_to_sell()
    }

    /// What a position and its working orders may come to at worst, at the day's base price.
    #[inline]
    pub(crate) fn exposure(&self, legs: Legs) -> Value {
        if !self.is_derivative() {
            return Value::ZERO;
        }
        Value::times(self.unit, legs.worst())
    }

    /// Margin of a position and its working orders together; of options of what may be written at
    /// worst, as bought ones are paid in full.
    #[inline]
    pub(crate) fn margin(&self, legs: Legs) -> Value {
        let contracts = match self.kind {
            ProductKind::Share | ProductKind::Etf => return Value::ZERO,
            ProductKind::Future | ProductKind::Spread => legs.worst(),
            ProductKind::Option => legs.short(),
        };
        Value::times(self.margin_unit, contracts)
    }

    /// The highest and the lowest weight that a position and its working orders may come to, in
    /// 1/10,000 of a unit.
    #[inline]
    pub(crate) fn weight(&self, legs: Legs) -> (i128, i128) {
        let (high, low) = (legs.highest(), legs.lowest());
        let delta = i128::from(self.delta);
        let (high, low) = (i128::from(high) * delta, i128::from(low) * delta);
        (high.max(low), high.min(low))
    }
}

/// The rows by the indices of the tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExposureTables {
    /// As they were given.
    rows: ExposureRows,
    /// By account.
    money: Vec<Option<Money>>,
    /// By instrument.
    contracts: Vec<Contract>,
}

impl ExposureTables {
    /// Works out the rows for accounts and instruments in their order; `None` where a row stands
    /// twice, names no row of theirs, or there are too many.
    pub(crate) fn new(
        accounts: &[AccountTerms],
        instruments: &[Instrument],
        rows: ExposureRows,
    ) -> Option<ExposureTables> {
        let credits = by_index(
            accounts,
            &rows.credits,
            |row| row.account,
            |row| row.account,
        )?;
        let limits = by_index(
            instruments,
            &rows.instruments,
            |row| row.symbol,
            |row| row.symbol,
        )?;
        let are_named_once = are_unlike(&rows.underlyings, |row| row.underlying)
            && are_unlike(&rows.groups, |row| row.name);
        if !are_named_once || rows.underlyings.len().max(rows.groups.len()) > NAMES_MAX {
            return None;
        }
        let money = |credit: &Option<Credit>| {
            let credit = credit.as_ref()?;
            let mut groups = rows.groups.iter();
            let group = if credit.group.is_empty() {
                Named::Nothing
            } else {
                named(groups.position(|row| row.name == credit.group))
            };
            Some(Money {
                cash: credit.cash,
                deposit: credit.deposit,
                open_value_max: credit.open_value_max,
                exposure_percent: credit.exposure_percent,
                group,
                investor: credit.investor,
                margin_mode: credit.margin_mode,
            })
        };
        let contract = |(instrument, limits): (&Instrument, &Option<InstrumentLimits>)| {
            let underlying = match limits {
                Some(limits) if !limits.underlying.is_empty() => {
                    let mut all = rows.underlyings.iter();
                    named(all.position(|row| row.underlying == limits.underlying))
                }
                // A derivative is written on something.
                Some(_) if !instrument.kind.needs_holdings_to_sell() => Named::Missing,
                _ => Named::Nothing,
            };
            Contract::of(instrument, limits.as_ref(), underlying)
        };
        Some(ExposureTables {
            money: credits.iter().map(money).collect(),
            contracts: instruments.iter().zip(&limits).map(contract).collect(),
            rows,
        })
    }

    /// The rows as they were given.
    pub(crate) const fn rows(&self) -> &ExposureRows {
        &self.rows
    }

    /// An account's money, if anybody said so.
    pub(crate) fn money(&self, account: u16) -> Option<&Money> {
        self.money.get(usize::from(account))?.as_ref()
    }

    /// The linked accounts that an account is one of.
    pub(crate) fn group_of(&self, account: u16) -> Named {
        let money = self.money(account);
        money.map_or(Named::Nothing, |money| money.group)
    }

    /// An instrument's weight; `None` for one that there is not.
    pub(crate) fn contract(&self, instrument: u16) -> Option<&Contract> {
        self.contracts.get(usize::from(instrument))
    }

    /// Limits of an underlying.
    pub(crate) fn underlying(&self, named: Named) -> Option<&UnderlyingLimits> {
        self.rows.underlyings.get(named.index()?)
    }

    /// Limits of linked accounts.
    pub(crate) fn group(&self, named: Named) -> Option<&PartyLimits> {
        let group = self.rows.groups.get(named.index()?);
        group.map(|group| &group.limits)
    }

    /// Limits of all accounts together.
    pub(crate) const fn firm(&self) -> Option<&PartyLimits> {
        self.rows.firm.as_ref()
    }
}

fn named(index: Option<usize>) -> Named {
    let index = index.and_then(|index| u16::try_from(index).ok());
    index
        .filter(|&index| index != UNKNOWN)
        .map_or(Named::Missing, Named::Row)
}

/// Rows in the order of what they are about, which is sorted; `None` where one is about nothing or
/// stands twice.
fn by_index<T, R: Copy, K: Ord>(
    all: &[T],
    rows: &[R],
    key: impl Fn(&T) -> K,
    key_of_row: impl Fn(&R) -> K,
) -> Option<Vec<Option<R>>> {
    let mut by_index = vec![None; all.len()];
    for row in rows {
        let index = all
            .binary_search_by(|it| key(it).cmp(&key_of_row(row)))
            .ok()?;
        let place: &mut Option<R> = by_index.get_mut(index)?;
        if place.replace(*row).is_some() {
            return None;
        }
    }
    Some(by_index)
}

fn are_unlike<R, K: PartialEq>(rows: &[R], key: impl Fn(&R) -> K) -> bool {
    let mut rows = rows.iter();
    while let Some(row) = rows.next() {
        if rows.clone().any(|other| key(other) == key(row)) {
            return false;
        }
    }
    true
}
