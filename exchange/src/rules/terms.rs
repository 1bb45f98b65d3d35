//! Why an order is refused, in the order in which the venue looks.
//!
//! In it: `Asked`, what Enter and Replace have in common, and the RejectReason for it. Not in it:
//! UserRefNum (see `enter.rs`) and anything that depends on other orders.

use gwanmun_binary::ouch::MARKET_PRICE;
use gwanmun_binary::ouch::appendage::{Appendage, TagValue};
use gwanmun_binary::ouch::codes::{CrossType, Display, RejectReason, TimeInForce};
use gwanmun_market::{Phase, Price, Side};

use super::work::Lifetime;
use crate::market::Market;

/// The terms of an order as asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) side: Side,
    pub(crate) quantity: u32,
    pub(crate) price: Price,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) display: Display,
    pub(crate) inter_market_sweep: bool,
    pub(crate) cross_type: CrossType,
    pub(crate) appendage: Appendage<'a>,
}

impl Asked<'_> {
    /// How long the order lives, or why the venue does not take it.
    pub(crate) fn admit(&self, market: &Market) -> Result<Lifetime, RejectReason> {
        if market.is_stopped() {
            return Err(RejectReason::HALTED);
        }
        if market.halts.has_member_sanction(self.side.is_sell()) {
            return Err(RejectReason::FIRM_NOT_AUTHORISED);
        }
        if market.phase == Phase::Closed {
            return Err(RejectReason::DESTINATION_CLOSED);
        }
        let short = matches!(self.side, Side::SellShort | Side::SellShortExempt);
        if short && !market.terms.kind.needs_holdings_to_sell() {
            return Err(RejectReason::SIDE);
        }
        if !market.terms.takes_quantity(self.quantity) {
            return Err(RejectReason::QUANTITY);
        }
        if self.price != MARKET_PRICE && !market.terms.takes_price(self.price) {
            return Err(RejectReason::PRICE);
        }
        if !matches!(self.display, Display::VISIBLE | Display::ATTRIBUTABLE) {
            return Err(RejectReason::DISPLAY);
        }
        if self.inter_market_sweep {
            return Err(RejectReason::INTER_MARKET_SWEEP);
        }
        let is_immediate = match self.time_in_force {
            TimeInForce::DAY => false,
            TimeInForce::IOC => true,
            _ => return Err(RejectReason::OTHER),
        };
        if self.cross_type != CrossType::CONTINUOUS || (is_immediate && market.phase.is_auction()) {
            return Err(RejectReason::CROSS_ORDER);
        }
        self.refuse_options()?;
        let min_qty = self.appendage.min_qty().unwrap_or(0);
        // Only an immediate order can ask for a least quantity: nothing here waits for one.
        if min_qty > self.quantity || (min_qty > 0 && !is_immediate) {
            return Err(RejectReason::MIN_QUANTITY);
        }
        Ok(Lifetime {
            is_immediate,
            min_qty,
        })
    }

    /// Options that would make it another kind of order than this venue has.
    fn refuse_options(&self) -> Result<(), RejectReason> {
        for value in self.appendage.values() {
            match value {
                TagValue::MaxFloor(_) | TagValue::RandomReserves(_) => {
                    return Err(RejectReason::MAX_FLOOR);
                }
                TagValue::PriceType(_) => return Err(RejectReason::PEG_TYPE),
                TagValue::PegOffset(_)
                | TagValue::DiscretionPrice(_)
                | TagValue::DiscretionPriceType(_)
                | TagValue::DiscretionPegOffset(_) => return Err(RejectReason::PEGGING),
                TagValue::Route(_) => return Err(RejectReason::ROUTING),
                TagValue::PostOnly(_) | TagValue::ExpireTime(_) | TagValue::TradeNow(_) => {
                    return Err(RejectReason::OTHER);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where the order stands: its limit, or the day's for a market order.
    pub(crate) fn standing_price(&self, market: &Market) -> Price {
        if self.price == MARKET_PRICE {
            market.terms.limit_for(!self.side.is_sell())
        } else {
            self.price
        }
    }
}
