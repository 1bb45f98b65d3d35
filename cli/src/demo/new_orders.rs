//! New orders, one after the other without an end: what each says and what must become of it.
//!
//! In it: [`NewOrders`], a function of the seed alone. Not in it: what else happens to an order and
//! in which order it all comes (`day`, and the load generator's flow).

use gwanmun_market::{FeeClass, GateCode, OrdType, OrderOrigin, Price, Side, TimeInForce};

use super::market::{ACCOUNT_DISABLED, ACCOUNT_UNKNOWN, ACCOUNTS, LISTINGS, Listing, OVERSOLD};
use super::random::Random;

/// The middle of the market wanders at most this many ticks from the base price. With the eight
/// ticks that an order may lie beyond, every price stays within half of the narrowest collar, so
/// that it passes whatever was traded last.
const WANDER_TICKS_MAX: i32 = 2;

/// A new order and what must become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewStep {
    /// Account(1).
    pub account: &'static str,
    /// Symbol(55).
    pub symbol: &'static str,
    /// Side(54).
    pub side: Side,
    /// OrdType(40).
    pub ord_type: OrdType,
    /// Price(44) of a limit order.
    pub price: Price,
    /// OrderQty(38).
    pub order_qty: u32,
    /// TimeInForce(59).
    pub time_in_force: TimeInForce,
    /// OrderOrigin(20101).
    pub origin: OrderOrigin,
    /// FeeClass(20102).
    pub fee_class: FeeClass,
    /// Number of the voice record, VoiceRecordID(20103), of an emergency order.
    pub voice_record: Option<u32>,
    /// The code with which the gateway must refuse it; `None` when it must pass the checks.
    pub refusal: Option<GateCode>,
}

/// A member's stream of new orders; needs no memory of those that it made.
#[derive(Clone, Debug)]
pub(crate) struct NewOrders {
    pub(super) random: Random,
    /// How many ticks the middle of each instrument's market lies from its base price.
    wander: [i32; LISTINGS.len()],
    may_oversell: bool,
}

impl NewOrders {
    pub(crate) fn new(seed: u64) -> NewOrders {
        NewOrders {
            random: Random::new(seed),
            wander: [0; LISTINGS.len()],
            may_oversell: true,
        }
    }

    /// The same without orders that sell what nobody holds: for days so long that holdings cannot
    /// have a bound.
    pub(crate) fn within_holdings(self) -> NewOrders {
        NewOrders {
            may_oversell: false,
            ..self
        }
    }

    /// The next order, for an instrument by the weights of `market`.
    pub(crate) fn next_order(&mut self) -> NewStep {
        let index = self
            .random
            .weighted(LISTINGS.iter().map(|listing| listing.weight));
        self.order_for(index)
    }

    /// The next order, for the instrument with this index.
    pub(crate) fn order_for(&mut self, index: usize) -> NewStep {
        let listing = &LISTINGS[index];
        let side = if self.random.happens(520) {
            Side::Buy
        } else {
            Side::Sell
        };
        let is_cash = listing.kind.needs_holdings_to_sell();
        let is_market = is_cash && self.random.happens(60);
        let (origin, fee_class, voice_record) = self.origin();
        let mut new = NewStep {
            account: ACCOUNTS[self.random.weighted([5, 4, 3, 3, 2, 2, 1, 1].into_iter())],
            symbol: listing.symbol,
            side,
            ord_type: if is_market {
                OrdType::Market
            } else {
                OrdType::Limit
            },
            price: if is_market {
                Price::ZERO
            } else {
                self.price(index, side)
            },
            order_qty: 1 + self.random.below(listing.quantity_max),
            time_in_force: match self.random.below(1_000) {
                0..90 => TimeInForce::ImmediateOrCancel,
                90..120 => TimeInForce::FillOrKill,
                _ => TimeInForce::Day,
            },
            origin,
            fee_class,
            voice_record,
            refusal: None,
        };
        self.spoil(&mut new, listing);
        new
    }

    /// A price on a tick: one order in five crosses the middle, the others wait a few ticks off.
    pub(super) fn price(&mut self, index: usize, side: Side) -> Price {
        if self.random.happens(100) {
            let step = if self.random.happens(500) { 1 } else { -1 };
            let wandered = self.wander[index] + step;
            self.wander[index] = wandered.clamp(-WANDER_TICKS_MAX, WANDER_TICKS_MAX);
        }
        let away = if self.random.happens(200) {
            -i32::try_from(self.random.below(4)).unwrap_or(0)
        } else {
            2 + i32::try_from(self.random.below(7)).unwrap_or(0)
        };
        let away = if side == Side::Buy { -away } else { away };
        LISTINGS[index].price_at(self.wander[index] + away)
    }

    fn origin(&mut self) -> (OrderOrigin, FeeClass, Option<u32>) {
        match self.random.below(1_000) {
            // An emergency order is charged like one from the home trading system.
            0..15 => (
                OrderOrigin::Emergency,
                FeeClass::Hts,
                Some(self.random.below(1_000_000)),
            ),
            15..75 => (OrderOrigin::Algorithm, FeeClass::Dma, None),
            75..520 => (OrderOrigin::Online, FeeClass::Mts, None),
            520..570 => (OrderOrigin::Online, FeeClass::Branch, None),
            _ => (OrderOrigin::Online, FeeClass::Hts, None),
        }
    }

    /// Makes 27 of 1,000 orders such that one check must refuse them, and no check before it.
    fn spoil(&mut self, new: &mut NewStep, listing: &Listing) {
        let is_limit = new.ord_type == OrdType::Limit;
        match self.random.below(1_000) {
            0..4 => {
                new.account = ACCOUNT_UNKNOWN;
                new.refusal = Some(GateCode::AccountUnknown);
            }
            4..8 => {
                new.account = ACCOUNT_DISABLED;
                new.refusal = Some(GateCode::AccountDisabled);
            }
            8..14 if is_limit => {
                new.price = listing.off_tick(new.price);
                new.refusal = Some(GateCode::Tick);
            }
            14..21 if is_limit => {
                let sign = if new.side == Side::Buy { 1 } else { -1 };
                let beyond = Price(listing.base().0 + sign * listing.beyond().0);
                new.price = listing.on_tick(beyond);
                new.refusal = Some(GateCode::PriceCollar);
            }
            21..27 if self.may_oversell && listing.kind.needs_holdings_to_sell() => {
                new.side = Side::Sell;
                new.order_qty = OVERSOLD;
                new.refusal = Some(GateCode::SellableBalance);
            }
            _ => {}
        }
    }
}
