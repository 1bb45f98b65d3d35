//! CancelOrder: less of a live order, or none.
//!
//! In it: Quantity as the new total; 0, or anything not above what is executed, takes off all that
//! is left. Nothing refuses a cancel: one that finds no live order, or would not make the order
//! smaller, is ignored silently.

use gwanmun_binary::ouch::CancelOrder;
use gwanmun_binary::ouch::codes::CancelReason;

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
        let Some(order) = self.markets[live.market].book.order_mut(live.place) else {
            return Disposition::NotLive;
        };
        let left = request.quantity.saturating_sub(order.executed);
        if left >= order.open {
            return Disposition::NoChange;
        }
        let taken_off = order.open - left;
        let told = *order;
        if left == 0 {
            self.remove(live.market, live.place);
        } else {
            order.open = left;
        }
        self.report_cancel(&told, live.market, taken_off, CancelReason::USER, at_ns);
        Disposition::Answered
    }
}
