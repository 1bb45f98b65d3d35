//! Stop 10: the pre-trade checks, in the order in which they are asked.
//!
//! Each check is one pure function in a file of its own, in the folder of the question that it is
//! about, and answers with the code, the limit and what it observed. To add one, write its file and
//! its table of cases, and ask it in [`check_by`]. Only [`check`] can make a [`Checked`], and only
//! a `Checked` can be encoded for the venue.

mod alone;
mod conduct;
mod exposure;
mod manner;
mod price;
mod rate;
mod reference;
mod size;

use gwanmun_market::{
    AccountMarks, AccountTerms, GateCode, HaltSet, Instrument, MarketRules, OrdType, OrderLimits,
    Price, Refusal, ShortRule, Side, TimeInForce, VenueRule,
};

use crate::exposure::Exposed;
use crate::markets::AgedState;
use crate::orders::farther;
use crate::positions::Position;
use crate::stages::{Group, Policy, Stages};
use crate::value::Value;

pub(crate) use alone::ALONE;
pub(crate) use manner::Manner;

/// What a check may look at: the order and the tables at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    /// The account's terms, if the session may use it and the table has it.
    pub(crate) account: Option<&'a AccountTerms>,
    /// Whether the tables have any account.
    pub(crate) has_account_table: bool,
    /// The instrument's terms.
    pub(crate) instrument: &'a Instrument,
    /// The venue's latest word on the instrument.
    pub(crate) market: Option<AgedState>,
    /// What the market asks about the instrument.
    pub(crate) rules: &'a MarketRules,
    /// What the market's rules want to know of the account.
    pub(crate) marks: AccountMarks,
    /// All that halts the instrument at the venue.
    pub(crate) halts: HaltSet,
    /// What the venue takes on the board that is open, if anybody said so.
    pub(crate) venue_rule: Option<&'a VenueRule>,
    /// What foreign accounts may still buy; only looked up for them.
    pub(crate) foreign_room: Option<i64>,
    /// The account's position.
    pub(crate) position: Option<&'a Position>,
    /// Side(54).
    pub(crate) side: Side,
    /// OrdType(40).
    pub(crate) ord_type: OrdType,
    /// TimeInForce(59).
    pub(crate) time_in_force: TimeInForce,
    /// What the account's tier may order of this kind of product, if anybody said so.
    pub(crate) limits: Option<&'a OrderLimits>,
    /// What the order is added to, and the limits of it.
    pub(crate) exposed: Exposed<'a>,
    /// Price(44); without meaning for a market order.
    pub(crate) price: Price,
    /// Quantity that may execute if this is passed: OrderQty(38), or what a replace leaves open.
    pub(crate) open_qty: u32,
    /// Quantity that the order to be replaced holds back now; zero for a new order.
    pub(crate) reserved_qty: u32,
    /// Oldest market state that counts, in nanoseconds.
    pub(crate) max_age_ns: u64,
    /// What the tables say of short sales, where the order is one.
    pub(crate) short_sale: Option<ShortSale>,
    /// How the session and the account behave.
    pub(crate) manner: Manner<'a>,
    /// Who has said that a large order is meant.
    pub(crate) consent: Consent,
}

/// Who has said that an order is meant, however large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Nobody.
    None,
    /// Its member, a second time.
    Confirmed,
    /// Somebody of the firm; or it makes nothing larger than it is.
    Approved,
}

/// What the tables say of a short sale.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortSale {
    /// Whether the account has a local balance system.
    pub(crate) has_balance_system: bool,
    /// Whether the instrument may be sold short.
    pub(crate) is_allowed: bool,
    /// The venue's rule that holds now.
    pub(crate) rule: Option<ShortRule>,
    /// Second of the Korean day.
    pub(crate) kst_s: u32,
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

    /// The market's state where it is young enough to count.
    ///
    /// # Errors
    /// [`GateCode::StaleData`].
    pub(crate) fn fresh_market(&self) -> Result<AgedState, Refusal> {
        let figure = |ns| i64::try_from(ns).unwrap_or(i64::MAX);
        match self.market {
            Some(market) if market.age_ns <= self.max_age_ns => Ok(market),
            other => Err(Refusal {
                code: GateCode::StaleData,
                limit: figure(self.max_age_ns),
                observed: other.map_or(-1, |market| figure(market.age_ns)),
            }),
        }
    }

    /// Reads every row that it points to and decides nothing; whether there were rows for all.
    pub(crate) fn touch(&self) -> bool {
        let rows = (
            self.account.copied(),
            *self.instrument,
            self.position.copied(),
            self.limits.copied(),
        );
        let (account, _, position, limits) = core::hint::black_box(rows);
        let are_there = self.exposed.touch() && self.market.is_some();
        account.is_some() && position.is_some() && limits.is_some() && are_there
    }

    /// Quantity that the order, or the replace, adds to what is open at the venue.
    #[must_use]
    pub(crate) fn added_qty(&self) -> u32 {
        self.open_qty.saturating_sub(self.reserved_qty)
    }

    /// What one is valued at: the order's price; the price of the day that is farthest from zero
    /// where it has none.
    #[must_use]
    pub(crate) fn value_price(&self) -> Price {
        if self.ord_type == OrdType::Limit {
            return self.price;
        }
        let (low, high) = price::daily_limit::bounds(self);
        farther(high, low)
    }

    /// What so many are worth.
    #[must_use]
    pub(crate) fn value_of(&self, qty: u32) -> Value {
        Value::of(self.value_price(), qty, self.instrument.multiplier)
    }
}

/// Proof that an order passed every check. Only [`check`] makes one.
#[derive(Debug)]
pub(crate) struct Checked {
    sent: Option<(u32, Price)>,
}

impl Checked {
    /// Quantity that leaves, and the price at which it is valued; `None` where nothing was checked.
    pub(crate) const fn sent(&self) -> Option<(u32, Price)> {
        self.sent
    }
}

/// Asks every check in turn, cheapest and most telling first.
///
/// # Errors
/// The [`Refusal`] of the first check that says no.
pub(crate) fn check(situation: &Situation<'_>) -> Result<Checked, Refusal> {
    check_by::<()>(situation)
}

/// Stop 10: gathers what the checks may look at and asks them, by the policy of `S`, which is
/// [`Policy::All`] in everything but measurements.
///
/// # Errors
/// That of `gather`, or as [`check`].
#[inline(always)]
pub(crate) fn judge<'a, S: Stages>(
    _: &S,
    gather: impl FnOnce() -> Result<Situation<'a>, Refusal>,
) -> Result<Checked, Refusal> {
    if matches!(S::POLICY, Policy::Nothing) {
        return Ok(Checked { sent: None });
    }
    check_by::<S>(&gather()?)
}

fn check_by<S: Stages>(situation: &Situation<'_>) -> Result<Checked, Refusal> {
    if S::POLICY.asks(Group::Reference) {
        reference::account_known::account_known(situation)?;
    }
    if S::POLICY.asks(Group::Rate) {
        rate::message_rate::message_rate(situation)?;
    }
    if S::POLICY.asks(Group::Conduct) {
        conduct::algorithm::algorithm(situation)?;
    }
    if S::POLICY.asks(Group::Reference) {
        reference::instrument_open::instrument_open(situation)?;
        reference::halts::halts(situation)?;
        reference::order_kind::order_kind(situation)?;
        reference::board_rule::board_rule(situation)?;
        reference::foreign_quota::foreign_quota(situation)?;
    }
    if S::POLICY.asks(Group::Price) {
        price::tick::tick(situation)?;
        price::price_collar::price_collar(situation)?;
        price::daily_limit::daily_limit(situation)?;
    }
    if S::POLICY.asks(Group::Size) {
        size::order_size::order_size(situation)?;
    }
    if S::POLICY.asks(Group::Exposure) {
        exposure::exposure(situation)?;
    }
    if S::POLICY.asks(Group::Conduct) && !matches!(S::POLICY, Policy::WithoutShortSale) {
        if let Some(short) = &situation.short_sale {
            conduct::local_balance::local_balance(short)?;
            conduct::short_banned::short_banned(short)?;
            conduct::short_phase::short_phase(situation, short)?;
            conduct::short_hours::short_hours(short)?;
            conduct::short_price::short_price(situation, short)?;
        }
        conduct::sellable_balance::sellable_balance(situation)?;
    }
    if S::POLICY.asks(Group::Rate) {
        rate::repeated_order::repeated_order(situation)?;
        rate::day_ratios::day_ratios(situation)?;
    }
    if S::POLICY.asks(Group::Conduct) {
        conduct::self_trade::self_trade(situation)?;
    }
    if S::POLICY.asks(Group::Size) {
        // The last: whoever is asked to confirm or to approve is asked about an order that may go.
        size::large_order::large_order(situation)?;
    }
    Ok(Checked {
        sent: Some((situation.added_qty(), situation.value_price())),
    })
}

/// A situation that passes every check, for the tables of cases.
#[cfg(test)]
pub(crate) mod example {
    use gwanmun_market::{
        Band, MarketState, OrderKinds, Phase, Phases, ProductKind, Symbol, TickTableId, Tier,
    };

    use super::*;
    use crate::exposure::example::EXPOSED;
    use crate::ledger::ShortSums;

    pub(crate) const ACCOUNT: AccountTerms = AccountTerms {
        account: gwanmun_market::AccountId::EMPTY,
        is_enabled: true,
        tier: Tier::LOWEST,
    };
    pub(crate) const SHARE: Instrument = Instrument {
        symbol: Symbol::EMPTY,
        kind: ProductKind::Share,
        tick_table: TickTableId::Share2023,
        base_price: Price::from_whole(71_500),
        collar_bps: 500,
        collar_width_min: Price::from_whole(500),
        may_be_negative: false,
        daily_limit: Band {
            bps: 3_000,
            width_min: Price::ZERO,
        },
        multiplier: 1,
        order_kinds: OrderKinds::ALL,
        is_restricted: false,
        is_suspended: false,
    };
    pub(crate) const LIMITS: OrderLimits = OrderLimits::wide(Tier::LOWEST, ProductKind::Share);
    pub(crate) const POSITION: Position = Position {
        account: 0,
        instrument: 0,
        opening: Some(1_000),
        bought: 0,
        sold: 0,
        working_buy: 0,
        working_sell: 0,
        short: ShortSums {
            borrowed: 0,
            sold: 0,
            working: 0,
            row: 0,
        },
    };
    pub(crate) const SHORT_RULE: ShortRule = ShortRule {
        from_ns: 0,
        until_ns: u64::MAX,
        phases: Phases::ALL,
        open_s: 9 * 3_600,
        close_s: 16 * 3_600,
        has_price_rule: true,
        exempts_side_6: false,
    };
    pub(crate) const SHORT: ShortSale = ShortSale {
        has_balance_system: true,
        is_allowed: true,
        rule: Some(SHORT_RULE),
        kst_s: 10 * 3_600,
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
            traded: Some((Price::from_whole(71_600), 1_000)),
            is_rising: true,
        }
    }

    pub(crate) fn passing() -> Situation<'static> {
        Situation {
            account: Some(&ACCOUNT),
            has_account_table: true,
            instrument: &SHARE,
            market: Some(market()),
            rules: &MarketRules::NONE,
            marks: AccountMarks::default(),
            halts: HaltSet::NONE,
            venue_rule: None,
            foreign_room: None,
            position: Some(&POSITION),
            side: Side::Buy,
            ord_type: OrdType::Limit,
            time_in_force: TimeInForce::Day,
            limits: Some(&LIMITS),
            exposed: EXPOSED,
            price: Price::from_whole(71_600),
            open_qty: 10,
            reserved_qty: 0,
            max_age_ns: 500_000_000,
            consent: Consent::None,
            short_sale: None,
            manner: super::manner::example::manner(),
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

    /// Each of them is asked, in this order, and of short sales alone.
    #[test]
    fn short_sales_are_asked_everything_about_short_sales() {
        let mut short = ShortSale {
            has_balance_system: false,
            is_allowed: false,
            rule: None,
            kst_s: 8 * 3_600,
        };
        let mut situation = Situation {
            side: Side::SellShort,
            price: Price::from_whole(71_500),
            open_qty: 1_001,
            ..example::passing()
        };
        let mut codes = Vec::new();
        for _ in 0..7 {
            situation.short_sale = Some(short);
            let code = check(&situation).err().map(|no| no.code);
            codes.extend(code);
            match code {
                Some(GateCode::NoBalanceSystem) => short.has_balance_system = true,
                Some(GateCode::ShortBanned) => short.is_allowed = true,
                Some(GateCode::ShortRuleMissing) => short.rule = Some(example::SHORT_RULE),
                Some(GateCode::ShortHours) => short.kst_s = 9 * 3_600,
                Some(GateCode::ShortPrice) => situation.price = Price::from_whole(71_600),
                Some(GateCode::BorrowNeeded) => situation.open_qty = 1_000,
                _ => {}
            }
        }
        let expected = [
            GateCode::NoBalanceSystem,
            GateCode::ShortBanned,
            GateCode::ShortRuleMissing,
            GateCode::ShortHours,
            GateCode::ShortPrice,
            GateCode::BorrowNeeded,
        ];
        assert_eq!(codes, expected);
        assert!(check(&situation).is_ok());
    }
}
