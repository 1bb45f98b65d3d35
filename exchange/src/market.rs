//! One instrument with its book, phase and what is published of it.
//!
//! In it: [`Market`] and the state that the feed tells. Not in it: who changes it (see
//! `phases.rs` and [`crate::rules`]).

use gwanmun_binary::ouch::codes::LiquidityFlag;
use gwanmun_market::{MarketState, Phase, Price};

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
    pub(crate) last: Option<Price>,
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
            last: None,
            ended_auction: None,
            drift: 0,
            is_touched: true,
            published: None,
        }
    }

    pub(crate) const fn takes_orders(&self) -> bool {
        !self.is_halted && !matches!(self.phase, Phase::Closed)
    }

    pub(crate) const fn is_continuous(&self) -> bool {
        !self.is_halted && matches!(self.phase, Phase::Continuous)
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
        MarketState {
            phase: self.phase,
            is_halted: self.is_halted,
            base: Some(self.terms.base_price),
            last: self.last,
            best_bid: best(true),
            best_ask: best(false),
            theoretical: in_auction
                .then(|| auction::expected(&self.book, reference))
                .flatten()
                .map(|cross| cross.price),
        }
    }
}
