//! What became of each account's orders of the day, in numbers.
//!
//! A function of the orders' images: whatever puts an order into its slot, be it now or at a
//! restart, moves the counts by the difference to what was there, so they need no record of their
//! own.

use crate::orders::{Order, OrderState};

/// Of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayCounts {
    /// Orders that left for a venue.
    pub(crate) orders: u32,
    /// Replaces and cancels of them that left.
    pub(crate) requests: u32,
    /// Orders that traded, in part or in full.
    pub(crate) traded: u32,
    /// Orders that ended canceled, whoever asked for it, and had not traded.
    pub(crate) canceled: u32,
}

impl DayCounts {
    /// What one order adds.
    fn of(order: &Order) -> DayCounts {
        if order.user_ref_num == 0 {
            return DayCounts::default();
        }
        let is_traded = order.cum_qty > 0;
        DayCounts {
            orders: 1,
            requests: u32::from(order.requests),
            traded: u32::from(is_traded),
            canceled: u32::from(!is_traded && order.state == OrderState::Canceled),
        }
    }

    /// All that left: orders, replaces and cancels.
    pub(crate) const fn messages(&self) -> u32 {
        self.orders.saturating_add(self.requests)
    }

    /// An order takes the place of what was there. What is taken away was added before.
    pub(crate) fn change(&mut self, before: &Order, after: &Order) {
        let (before, after) = (DayCounts::of(before), DayCounts::of(after));
        let moved = |sum: &mut u32, from: u32, to: u32| {
            *sum = sum.saturating_sub(from).saturating_add(to);
        };
        moved(&mut self.orders, before.orders, after.orders);
        moved(&mut self.requests, before.requests, after.requests);
        moved(&mut self.traded, before.traded, after.traded);
        moved(&mut self.canceled, before.canceled, after.canceled);
    }
}
