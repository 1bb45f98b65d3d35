//! CancelOrder: less of a live order, or none.
//!
//! In it: Quantity as the new total; 0, or anything not above what is executed, takes off all that
//! is left. One that finds no live order, or would not make the order smaller, is ignored silently.
//! Nothing refuses a cancel but the third stage of a circuit breaker, which ends the day.

use gwanmun_binary::ouch::codes::CancelReason;
use gwanmun_binary::ouch::{CancelOrder, CancelReject, Outbound};

use crate::venue::{Disposition, Venue};

impl Venue {
    pub(crate) fn cancel(
        &mut self,
        account: usize,
        request: &CancelOrder<'_>,
        at_ns: u64,
    ) -> Disposition {
        let Some(&live) = self.accounts[account].live.get(&request.user_ref_num) else {
            return Disposition::NotLive;
        };
        let Some(&order) = self.markets[live.market].book.order(live.place) else {
            return Disposition::NotLive;
        };
        if self.markets[live.market].halts.circuit_breaker_stage() == 3 {
            let about = self.about(&order, live.market);
            let rejected = CancelReject {
                timestamp_ns: at_ns,
                user_ref_num: request.user_ref_num,
                appendage: Default::default(),
            };
            self.report(account, Outbound::CancelReject(rejected), about);
            return Disposition::Answered;
        }
        let left = request.quantity.saturating_sub(order.executed);
        if left >= order.open {
            return Disposition::NoChange;
        }
        let taken_off = order.open - left;
        if left == 0 {
            self.remove(live.market, live.place);
        } else if let Some(held) = self.markets[live.market].book.order_mut(live.place) {
            held.open = left;
        }
        self.report_cancel(&order, live.market, taken_off, CancelReason::USER, at_ns);
        Disposition::Answered
    }
}
