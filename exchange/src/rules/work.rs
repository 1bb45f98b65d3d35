//! An admitted order at work: it trades what it can, and the rest rests or is canceled.
//!
//! In it: `work`, the one place where continuous trading happens, for members and participants
//! alike. Not in it: whether the order was admitted (see `terms.rs`).

use gwanmun_binary::ouch::Executed;
use gwanmun_binary::ouch::codes::{CancelReason, Capacity, LiquidityFlag};

use crate::book::{Order, Owner};
use crate::matching;
use crate::venue::{Live, Venue};

/// How long an order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// Whether what does not trade at once is canceled.
    pub(crate) is_immediate: bool,
    /// Less than this does not trade at all; zero when any quantity will do.
    pub(crate) min_qty: u32,
}

impl Lifetime {
    /// Rests until the day ends.
    pub(crate) const DAY: Lifetime = Lifetime {
        is_immediate: false,
        min_qty: 0,
    };
    /// Trades now or not at all.
    pub(crate) const IMMEDIATE: Lifetime = Lifetime {
        is_immediate: true,
        min_qty: 0,
    };
}

impl Venue {
    /// As `work_as` for an order without a capacity to remember.
    pub(crate) fn work(&mut self, market: usize, order: Order, life: Lifetime, at_ns: u64) {
        self.work_as(market, order, Capacity::OTHER, life, at_ns);
    }

    /// Puts an order to work that its owner has been told is accepted.
    pub(crate) fn work_as(
        &mut self,
        market: usize,
        mut order: Order,
        capacity: Capacity,
        life: Lifetime,
        at_ns: u64,
    ) {
        self.markets[market].is_touched = true;
        if self.markets[market].is_continuous() {
            let available = self.markets[market]
                .book
                .available(order.is_buy(), order.price);
            if available >= u64::from(life.min_qty) {
                self.trade(market, &mut order, at_ns);
            }
        }
        if order.open == 0 {
            return;
        }
        let may_rest_unpriced = self.markets[market].phase.is_auction();
        if life.is_immediate {
            self.report_cancel(&order, market, order.open, CancelReason::IOC, at_ns);
        } else if order.is_market && !may_rest_unpriced {
            self.report_cancel(
                &order,
                market,
                order.open,
                CancelReason::CANNOT_EXECUTE,
                at_ns,
            );
        } else {
            let place = self.markets[market].book.rest(order);
            if let Owner::Member(account) = order.owner {
                let live = Live {
                    market,
                    place,
                    capacity,
                };
                let earlier = self.accounts[account].live.insert(order.user_ref_num, live);
                assert!(earlier.is_none(), "a UserRefNum is spent once");
            }
        }
    }

    fn trade(&mut self, market: usize, taker: &mut Order, timestamp_ns: u64) {
        let trades = matching::fill(&mut self.markets[market].book, taker);
        for trade in trades {
            let match_number = self.new_match_number();
            let quantity = u64::from(trade.quantity);
            self.markets[market].on_trade(trade.price, quantity, timestamp_ns);
            let executed = |order: &Order, liquidity_flag| Executed {
                timestamp_ns,
                user_ref_num: order.user_ref_num,
                quantity: trade.quantity,
                price: trade.price,
                liquidity_flag,
                match_number,
                appendage: Default::default(),
            };
            let maker = &trade.maker;
            self.report_execution(maker, market, executed(maker, LiquidityFlag::ADDED));
            self.report_execution(taker, market, executed(taker, LiquidityFlag::REMOVED));
            if maker.open == 0 {
                self.forget(maker);
            }
        }
    }
}
