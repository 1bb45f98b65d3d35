//! ReplaceOrder: a live order gets another price or total, and another number.
//!
//! In it: rules 1-5 of [`super`]. Next: `work.rs`, where a replacement trades.

use gwanmun_binary::ouch::codes::{CancelReason, CrossType, OrderState};
use gwanmun_binary::ouch::{MARKET_PRICE, Outbound, ReplaceOrder, Replaced};

use super::terms::Asked;
use super::work::Lifetime;
use crate::book::Order;
use crate::venue::{About, Disposition, Live, Venue};

impl Venue {
    pub(crate) fn replace(
        &mut self,
        account: usize,
        request: &ReplaceOrder<'_>,
        at_ns: u64,
    ) -> Disposition {
        if !self.accounts[account].spend(request.user_ref_num) {
            return Disposition::NumberUsed;
        }
        let Some(&live) = self.accounts[account].live.get(&request.orig_user_ref_num) else {
            return Disposition::NotLive;
        };
        let Some(&old) = self.markets[live.market].book.order(live.place) else {
            return Disposition::NotLive;
        };
        if request.quantity <= old.executed {
            self.remove(live.market, live.place);
            self.report_cancel(&old, live.market, old.open, CancelReason::USER, at_ns);
            return Disposition::Answered;
        }
        let asked = asked(request, &old);
        match asked.admit(&self.markets[live.market]) {
            Ok(life) => {
                let new = Order {
                    user_ref_num: request.user_ref_num,
                    cl_ord_id: request.cl_ord_id,
                    price: asked.standing_price(&self.markets[live.market]),
                    is_market: request.price == MARKET_PRICE,
                    open: request.quantity - old.executed,
                    ..old
                };
                self.put_in_place(account, request, live, (old, new), life, at_ns);
            }
            Err(reason) => {
                let cl_ord_id = request.cl_ord_id;
                let about = About {
                    cl_ord_id,
                    ..self.about(&old, live.market)
                };
                self.reject(account, request.user_ref_num, reason, about, at_ns);
            }
        }
        Disposition::Answered
    }

    fn put_in_place(
        &mut self,
        account: usize,
        request: &ReplaceOrder<'_>,
        live: Live,
        (old, new): (Order, Order),
        life: Lifetime,
        at_ns: u64,
    ) {
        let replaced = Replaced {
            timestamp_ns: at_ns,
            orig_user_ref_num: old.user_ref_num,
            user_ref_num: new.user_ref_num,
            side: new.side,
            quantity: request.quantity,
            symbol: self.markets[live.market].terms.symbol,
            price: request.price,
            time_in_force: request.time_in_force,
            display: request.display,
            order_reference_number: self.new_order_reference(),
            capacity: live.capacity,
            inter_market_sweep: request.inter_market_sweep,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id: request.cl_ord_id,
            appendage: Default::default(),
        };
        let about = self.about(&new, live.market);
        self.report(account, Outbound::Replaced(replaced), about);
        let keeps_place = new.price == old.price
            && new.is_market == old.is_market
            && new.open <= old.open
            && !life.is_immediate;
        if keeps_place && let Some(held) = self.markets[live.market].book.order_mut(live.place) {
            *held = new;
            let orders = &mut self.accounts[account].live;
            orders.remove(&old.user_ref_num);
            orders.insert(new.user_ref_num, live);
        } else {
            self.remove(live.market, live.place);
            self.work_as(live.market, new, live.capacity, life, at_ns);
        }
        self.markets[live.market].is_touched = true;
    }
}

const fn asked<'a>(request: &ReplaceOrder<'a>, old: &Order) -> Asked<'a> {
    Asked {
        side: old.side,
        quantity: request.quantity,
        price: request.price,
        time_in_force: request.time_in_force,
        display: request.display,
        inter_market_sweep: request.inter_market_sweep,
        cross_type: CrossType::CONTINUOUS,
        appendage: request.appendage,
    }
}
