//! The other participants of the market: orders made by a seed, so that members meet somebody.
//!
//! In it: what they decide ([`Participants`]) and how it is done to the venue's books. They act
//! only around a member's message, by its number: they fill up levels around the base price, trade
//! with members' resting orders in part or in full, and now and then take an order just before its
//! cancel is looked at. No clock is asked, so equal messages give equal markets. Nobody is told of
//! their orders. Not in it: what a trade means to a member (see [`crate::rules`]).

use std::collections::BTreeSet;

use gwanmun_market::{OrderId, Price, Side};

use crate::book::{Order, Owner, Place};
use crate::config::SeedProfile;
use crate::random::Random;
use crate::rules::work::Lifetime;
use crate::venue::{Live, Venue};

/// Orders of a side that may be traded through to reach a member's order. Deeper ones are left
/// alone, so that one trade does not carry the last price away from where everybody looks.
const REACH_ORDERS: usize = 64;

/// What the participants remember.
#[derive(Clone, Debug)]
pub(crate) struct Participants {
    profile: SeedProfile,
    random: Random,
    cancels: LateBy,
    replaces: LateBy,
}

/// Counts requests and owes a late one every so often; a debt waits for an order in reach.
#[derive(Clone, Copy, Debug, Default)]
struct LateBy {
    seen: u32,
    owed: bool,
}

impl LateBy {
    fn count(&mut self, every: u32) -> bool {
        self.seen = self.seen.wrapping_add(1);
        self.owed |= every != 0 && self.seen.is_multiple_of(every);
        self.owed
    }
}

/// Which request may come too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Cancel,
    Replace,
}

impl Participants {
    pub(crate) fn new(profile: SeedProfile) -> Self {
        Participants {
            profile,
            random: Random::new(profile.seed),
            cancels: LateBy::default(),
            replaces: LateBy::default(),
        }
    }

    const fn is_due(every: u32, counted: u64) -> bool {
        every != 0 && counted.is_multiple_of(every as u64)
    }

    fn quantity(&mut self, lot: u32, quantity_max: u32) -> u32 {
        let lots = self
            .random
            .between(self.profile.quantity_min.max(1), self.profile.quantity_max);
        lots.saturating_mul(lot)
            .clamp(lot, quantity_max - quantity_max % lot)
    }
}

impl Venue {
    /// Before a cancel or replace of a live order is looked at: somebody may have been faster.
    pub(crate) fn participants_before(&mut self, request: Request, live: Live, at_ns: u64) {
        let profile = self.participants.profile;
        let (late_by, every) = match request {
            Request::Cancel => (&mut self.participants.cancels, profile.late_cancel_every),
            Request::Replace => (&mut self.participants.replaces, profile.late_replace_every),
        };
        if !late_by.count(every) {
            return;
        }
        let open = self.markets[live.market]
            .book
            .order(live.place)
            .map_or(0, |order| order.open);
        if self.take_out(live.market, live.place, open, at_ns) {
            match request {
                Request::Cancel => self.participants.cancels.owed = false,
                Request::Replace => self.participants.replaces.owed = false,
            }
        }
    }

    /// Behind the member message number `counted`, which was about this instrument.
    pub(crate) fn participants_after(&mut self, market: usize, counted: u64, at_ns: u64) {
        let profile = self.participants.profile;
        if profile.levels == 0 {
            return;
        }
        if Participants::is_due(profile.cross_every, counted) {
            self.cross_a_member(market, at_ns);
        }
        if Participants::is_due(profile.refill_every, counted) {
            self.refill(market, at_ns);
        }
    }

    /// Fills every level of an instrument that holds no participant's order, and takes away those
    /// that stand where the participants no longer want to.
    pub(crate) fn refill(&mut self, market: usize, at_ns: u64) {
        let profile = self.participants.profile;
        if profile.levels == 0 || !self.markets[market].takes_orders() {
            return;
        }
        self.markets[market].drift += i64::from(self.participants.random.between(0, 2)) - 1;
        let drift_max = i64::from(profile.drift_ticks);
        self.markets[market].drift = self.markets[market].drift.clamp(-drift_max, drift_max);
        let drift = self.markets[market].drift;
        // In an auction the two sides overlap by a level, so that there is something to trade.
        let gap = if self.markets[market].phase.is_auction() {
            -1
        } else {
            1
        };
        for is_buy in [true, false] {
            let terms = &self.markets[market].terms;
            let away = if is_buy { -1 } else { 1 };
            let wanted: BTreeSet<Price> = (0..i64::from(profile.levels))
                .map(|level| terms.stepped(terms.base_price, drift + away * (gap + level)))
                .filter(|&price| terms.takes_price(price))
                .collect();
            let filled = self.clear_unwanted(market, is_buy, &wanted);
            for price in wanted.difference(&filled) {
                let terms = &self.markets[market].terms;
                let quantity = self.participants.quantity(terms.lot, terms.quantity_max);
                let order = participants_order(is_buy, *price, quantity);
                self.work(market, order, Lifetime::DAY, at_ns);
            }
        }
    }

    /// Takes participants' orders off the prices that are not wanted; returns those still held.
    fn clear_unwanted(
        &mut self,
        market: usize,
        is_buy: bool,
        wanted: &BTreeSet<Price>,
    ) -> BTreeSet<Price> {
        let mut filled = BTreeSet::new();
        let mut gone = Vec::new();
        for (place, order) in self.markets[market].book.orders(is_buy) {
            if order.owner != Owner::Participant {
                continue;
            }
            if wanted.contains(&order.price) {
                filled.insert(order.price);
            } else {
                gone.push(place);
            }
        }
        for place in gone {
            self.markets[market].book.take(place);
        }
        self.markets[market].is_touched = true;
        filled
    }

    /// Somebody trades with a member's resting order: half the time all of it, else a part.
    fn cross_a_member(&mut self, market: usize, at_ns: u64) {
        let book = &self.markets[market].book;
        let is_members = |(_, order): &(Place, &Order)| matches!(order.owner, Owner::Member(_));
        let candidates: Vec<(Place, u32)> = [true, false]
            .into_iter()
            .flat_map(|is_buy| book.orders(is_buy).take(REACH_ORDERS).filter(is_members))
            .map(|(place, order)| (place, order.open))
            .collect();
        let Some(last) = candidates
            .len()
            .checked_sub(1)
            .and_then(|n| u32::try_from(n).ok())
        else {
            return;
        };
        let random = &mut self.participants.random;
        let pick = usize::try_from(random.between(0, last)).unwrap_or(0);
        let Some(&(place, open)) = candidates.get(pick) else {
            return;
        };
        let lot = self.markets[market].terms.lot;
        let part = random.between(1, open);
        let quantity = if random.chance(2) {
            open
        } else {
            (part - part % lot).max(lot.min(open))
        };
        self.take_out(market, place, quantity, at_ns);
    }

    /// A participant trades so much that `quantity` of the order at `place` executes, by the same
    /// price and time rules as everybody: all that stands before it goes first. `false`, and
    /// nothing done, when nothing trades now or the order is out of reach.
    fn take_out(&mut self, market: usize, place: Place, quantity: u32, at_ns: u64) -> bool {
        if quantity == 0 || !self.markets[market].is_continuous() {
            return false;
        }
        let book = &self.markets[market].book;
        let mut ahead: u32 = 0;
        let mut reached = false;
        for (at, order) in book.orders(place.is_buy).take(REACH_ORDERS) {
            if at == place {
                reached = true;
                break;
            }
            ahead = ahead.saturating_add(order.open);
        }
        let Some(sum) = ahead.checked_add(quantity).filter(|_| reached) else {
            return false;
        };
        let taker = participants_order(!place.is_buy, place.price(), sum);
        self.work(market, taker, Lifetime::IMMEDIATE, at_ns);
        true
    }
}

const fn participants_order(is_buy: bool, price: Price, open: u32) -> Order {
    Order {
        owner: Owner::Participant,
        user_ref_num: 0,
        cl_ord_id: OrderId::EMPTY,
        side: if is_buy { Side::Buy } else { Side::Sell },
        price,
        is_market: false,
        open,
        executed: 0,
    }
}
