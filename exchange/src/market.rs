//! One instrument with its book, phase and what is published of it.
//!
//! In it: [`Market`] and the state that the feed tells. Not in it: who changes it (see
//! `phases.rs` and [`crate::rules`]).

use gwanmun_binary::ouch::codes::LiquidityFlag;
use gwanmun_market::{Board, HaltSet, MarketState, Phase, Price};

use crate::auction;
use crate::book::Book;
use crate::instruments::Terms;

/// One instrument with its book and phase.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub(crate) terms: Terms,
    pub(crate) book: Book,
    pub(crate) phase: Phase,
    pub(crate) is_halted: bool,
    /// All told halts that cover it.
    pub(crate) halts: HaltSet,
    pub(crate) board: Board,
    /// Stages in force of the daily limit, downwards and upwards.
    pub(crate) stages: (u8, u8),
    pub(crate) foreign_room: Option<u64>,
    pub(crate) last: Option<Price>,
    /// Quantity and time of the last trade.
    pub(crate) last_qty: u32,
    pub(crate) last_at_ns: u64,
    /// An auction that ended and has not traded yet, because the instrument is halted.
    pub(crate) ended_auction: Option<LiquidityFlag>,
    /// Where the participants' middle stands, in ticks from the base price.
    pub(crate) drift: i64,
    /// Whether the published state may be out of date.
    pub(crate) is_touched: bool,
    pub(crate) published: Option<MarketState>,
}

impl Market {
    pub(crate) fn new(terms: Terms, phase: Phase) -> Self {
        Market {
            terms,
            book: Book::default(),
            phase,
            is_halted: false,
            halts: HaltSet::NONE,
            board: Board::Regular,
            stages: (1, 1),
            foreign_room: None,
            last: None,
            last_qty: 0,
            last_at_ns: 0,
            ended_auction: None,
            drift: 0,
            is_touched: true,
            published: None,
        }
    }

    /// A trade, of an auction all of it together.
    pub(crate) fn on_trade(&mut self, price: Price, quantity: u64, at_ns: u64) {
        self.last = Some(price);
        self.last_qty = u32::try_from(quantity).unwrap_or(u32::MAX);
        self.last_at_ns = at_ns;
    }

    pub(crate) const fn takes_orders(&self) -> bool {
        !self.is_stopped() && !matches!(self.phase, Phase::Closed)
    }

    pub(crate) const fn is_continuous(&self) -> bool {
        !self.is_stopped() && matches!(self.phase, Phase::Continuous)
    }

    pub(crate) fn state(&self) -> MarketState {
        let in_auction = self.phase.is_auction();
        let reference = self.last.unwrap_or(self.terms.base_price);
        // In an auction the two sides overlap, so that a best bid and offer would mislead.
        let best = |is_buy| {
            if in_auction {
                None
            } else {
                self.book.best(is_buy)
            }
        };
        let at = |is_buy: bool, price: Option<Price>| {
            let there = price.map_or(0, |price| self.book.available(!is_buy, price));
            u32::try_from(there).unwrap_or(u32::MAX)
        };
        let (best_bid, best_ask) = (best(true), best(false));
        let cross = in_auction
            .then(|| auction::expected(&self.book, reference))
            .flatten();
        MarketState {
            board: self.board,
            phase: self.phase,
            is_halted: self.is_halted,
            base: Some(self.terms.base_price),
            last: self.last,
            last_qty: self.last_qty,
            last_at_ns: self.last_at_ns,
            best_bid,
            best_bid_qty: at(true, best_bid),
            best_ask,
            best_ask_qty: at(false, best_ask),
            theoretical: cross.map(|cross| cross.price),
            theoretical_qty: cross
                .map_or(0, |cross| u32::try_from(cross.quantity).unwrap_or(u32::MAX)),
            limit_stage_low: self.stages.0,
            limit_stage_high: self.stages.1,
            foreign_room: self.foreign_room,
        }
    }
}
