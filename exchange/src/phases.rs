//! Phases of the day, halts and what they do to a book.
//!
//! In it: the script, which changes them by message count; the end of an auction, where what was
//! gathered trades at one price; the end of the day, where what is left is canceled. An auction
//! that ends while its instrument is halted trades when the halt is lifted. Not in it: how the one
//! price is found (see [`crate::auction`]).

use gwanmun_binary::ouch::codes::{CancelReason, EventCode, LiquidityFlag};
use gwanmun_binary::ouch::{Executed, Outbound, SystemEvent};
use gwanmun_market::Phase;

use crate::auction;
use crate::book::{Order, Place};
use crate::config::ScriptEntry;
use crate::venue::{About, Venue};

impl Venue {
    pub(crate) fn announce(&mut self, event_code: EventCode, timestamp_ns: u64) {
        for account in 0..self.accounts.len() {
            let event = SystemEvent {
                timestamp_ns,
                event_code,
            };
            self.report(account, Outbound::SystemEvent(event), About::default());
        }
    }

    /// Does the script's changes that are due.
    pub(crate) fn run_script(&mut self, at_ns: u64) {
        while let Some(&entry) = self.script.get(self.script_done)
            && entry.after_messages <= self.counted
        {
            self.script_done += 1;
            let was_open = self.is_open();
            self.tell_halt(&entry);
            for market in 0..self.markets.len() {
                let symbol = self.markets[market].terms.symbol;
                // A halt may have been lifted, and with it what an auction has waited for.
                if entry.symbol.is_none_or(|only| only.0 == symbol) {
                    self.change(market, entry, at_ns);
                }
            }
            if was_open && !self.is_open() {
                self.announce(EventCode::END_OF_DAY, at_ns);
            }
        }
    }

    fn is_open(&self) -> bool {
        self.markets
            .iter()
            .any(|market| market.phase != Phase::Closed)
    }

    fn change(&mut self, market: usize, entry: ScriptEntry, at_ns: u64) {
        let old_phase = self.markets[market].phase;
        let state = &mut self.markets[market];
        state.is_touched = true;
        state.is_halted = entry.halted.unwrap_or(state.is_halted);
        state.phase = entry.phase.map_or(state.phase, |phase| phase.0);
        state.board = entry.board.map_or(state.board, |board| board.0);
        state.foreign_room = entry.foreign_room.or(state.foreign_room);
        let (low, high) = &mut state.stages;
        *low = entry.limit_stage_low.map_or(*low, |stage| stage.0);
        *high = entry.limit_stage_high.map_or(*high, |stage| stage.0);
        state.terms.set_stages(*low, *high);
        let new_phase = state.phase;
        if old_phase.is_auction() && !new_phase.is_auction() {
            let is_opening = old_phase == Phase::OpeningAuction;
            state.ended_auction = Some(if is_opening {
                LiquidityFlag::OPENING
            } else {
                LiquidityFlag::CLOSING
            });
        }
        if !state.is_stopped()
            && !new_phase.is_auction()
            && let Some(flag) = state.ended_auction.take()
        {
            self.uncross(market, flag, at_ns);
        }
        if new_phase == Phase::Closed {
            self.cancel_where(market, CancelReason::CLOSED, at_ns, |_| true);
        } else if old_phase == Phase::Closed {
            self.refill(market, at_ns);
        }
    }

    /// Trades what an auction gathered; market orders that found nothing leave the book.
    fn uncross(&mut self, market: usize, liquidity_flag: LiquidityFlag, timestamp_ns: u64) {
        let state = &mut self.markets[market];
        let reference = state.last.unwrap_or(state.terms.base_price);
        if let Some(cross) = auction::expected(&state.book, reference) {
            let trades = auction::uncross(&mut state.book, cross);
            state.on_trade(cross.price, cross.quantity, timestamp_ns);
            for trade in trades {
                let match_number = self.new_match_number();
                for (_, order) in [trade.buy, trade.sell] {
                    let executed = Executed {
                        timestamp_ns,
                        user_ref_num: order.user_ref_num,
                        quantity: trade.quantity,
                        price: cross.price,
                        liquidity_flag,
                        match_number,
                        appendage: Default::default(),
                    };
                    self.report_execution(&order, market, executed);
                    if order.open == 0 {
                        self.forget(&order);
                    }
                }
            }
        }
        self.cancel_where(market, CancelReason::CROSS, timestamp_ns, |order| {
            order.is_market
        });
    }

    fn cancel_where(
        &mut self,
        market: usize,
        reason: CancelReason,
        at_ns: u64,
        chosen: impl Fn(&Order) -> bool,
    ) {
        let book = &self.markets[market].book;
        let sides = [true, false].into_iter();
        let places: Vec<Place> = sides
            .flat_map(|is_buy| book.orders(is_buy).filter(|(_, order)| chosen(order)))
            .map(|(place, _)| place)
            .collect();
        for place in places {
            if let Some(order) = self.remove(market, place) {
                self.report_cancel(&order, market, order.open, reason, at_ns);
            }
        }
    }
}
