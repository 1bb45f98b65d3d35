//! EnterOrder: a new order is accepted and put to work, refused, or ignored.
//!
//! In it: the order of the checks that are EnterOrder's own. Next: `terms.rs`, `work.rs`.

use gwanmun_binary::ouch::codes::{OrderState, RejectReason};
use gwanmun_binary::ouch::{Accepted, EnterOrder, MARKET_PRICE, Outbound, Rejected};
use gwanmun_market::OrderId;

use super::terms::Asked;
use super::work::Lifetime;
use crate::book::{Order, Owner};
use crate::venue::{About, Disposition, Venue};

impl Venue {
    pub(crate) fn enter(
        &mut self,
        account: usize,
        request: &EnterOrder<'_>,
        at_ns: u64,
    ) -> Disposition {
        if !self.accounts[account].spend(request.user_ref_num) {
            return Disposition::NumberUsed;
        }
        match self.admit(request) {
            Ok((market, life)) => self.accept(account, request, market, life, at_ns),
            Err(reason) => {
                let about = About {
                    cl_ord_id: request.cl_ord_id,
                    symbol: request.symbol,
                    side: Some(request.side),
                };
                self.reject(account, request.user_ref_num, reason, about, at_ns);
            }
        }
        Disposition::Answered
    }

    fn admit(&mut self, request: &EnterOrder<'_>) -> Result<(usize, Lifetime), RejectReason> {
        let market = self.market_of(request.symbol).ok_or(RejectReason::SYMBOL)?;
        let life = asked(request).admit(&self.markets[market])?;
        if request.capacity.text().is_none() || request.cl_ord_id == OrderId::EMPTY {
            return Err(RejectReason::OTHER);
        }
        if self.is_refused_by_fault() {
            return Err(RejectReason::SHARES_THRESHOLD);
        }
        Ok((market, life))
    }

    fn accept(
        &mut self,
        account: usize,
        request: &EnterOrder<'_>,
        market: usize,
        life: Lifetime,
        at_ns: u64,
    ) {
        let order = Order {
            owner: Owner::Member(account),
            user_ref_num: request.user_ref_num,
            cl_ord_id: request.cl_ord_id,
            side: request.side,
            price: asked(request).standing_price(&self.markets[market]),
            is_market: request.price == MARKET_PRICE,
            open: request.quantity,
            executed: 0,
        };
        let accepted = Accepted {
            timestamp_ns: at_ns,
            user_ref_num: request.user_ref_num,
            side: request.side,
            quantity: request.quantity,
            symbol: request.symbol,
            price: request.price,
            time_in_force: request.time_in_force,
            display: request.display,
            order_reference_number: self.new_order_reference(),
            capacity: request.capacity,
            inter_market_sweep: request.inter_market_sweep,
            cross_type: request.cross_type,
            order_state: OrderState::LIVE,
            cl_ord_id: request.cl_ord_id,
            appendage: Default::default(),
        };
        let about = self.about(&order, market);
        self.report(account, Outbound::Accepted(accepted), about);
        self.work_as(market, order, request.capacity, life, at_ns);
    }

    /// Tells an account that a request is refused; its number is spent.
    pub(crate) fn reject(
        &mut self,
        account: usize,
        user_ref_num: u32,
        reason: RejectReason,
        about: About,
        timestamp_ns: u64,
    ) {
        let cl_ord_id = about.cl_ord_id;
        let appendage = Default::default();
        let rejected = Rejected {
            timestamp_ns,
            user_ref_num,
            reason,
            cl_ord_id,
            appendage,
        };
        self.report(account, Outbound::Rejected(rejected), about);
    }
}

const fn asked<'a>(request: &EnterOrder<'a>) -> Asked<'a> {
    Asked {
        side: request.side,
        quantity: request.quantity,
        price: request.price,
        time_in_force: request.time_in_force,
        display: request.display,
        inter_market_sweep: request.inter_market_sweep,
        cross_type: request.cross_type,
        appendage: request.appendage,
    }
}
