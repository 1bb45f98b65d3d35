//! What the venue does with a request.

use std::collections::BTreeMap;

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    CancelReason, Capacity, CrossType, Display, LiquidityFlag, OrderState, TimeInForce,
};
use gwanmun_binary::ouch::{
    Accepted, CancelReject, Canceled, EnterOrder, Executed, Outbound, ReplaceOrder, Replaced,
};
use gwanmun_market::{Price, Symbol};

use super::{Held, Mood, Venue};

impl Venue {
    pub(super) fn enter(&mut self, enter: &EnterOrder<'_>) {
        assert!(!self.entered.contains(&enter.cl_ord_id), "sent twice");
        self.entered.push(enter.cl_ord_id);
        self.priced.push((enter.symbol, enter.price));
        if !self.spend(enter.user_ref_num) {
            return;
        }
        let mood = std::mem::take(&mut self.mood);
        if mood == Mood::Refuses {
            return self.refuse(enter.user_ref_num, enter.cl_ord_id);
        }
        let order_state = if mood == Mood::Kills {
            OrderState::DEAD
        } else {
            let held = Held {
                cl_ord_id: enter.cl_ord_id,
                symbol: enter.symbol,
                side: enter.side,
                price: enter.price,
                total: enter.quantity,
                executed: 0,
            };
            self.live.insert(enter.user_ref_num, held);
            OrderState::LIVE
        };
        self.report(&Outbound::Accepted(Accepted {
            timestamp_ns: 0,
            user_ref_num: enter.user_ref_num,
            side: enter.side,
            quantity: enter.quantity,
            symbol: enter.symbol,
            price: enter.price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state,
            cl_ord_id: enter.cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub(super) fn replace(&mut self, replace: &ReplaceOrder<'_>) {
        if !self.spend(replace.user_ref_num) {
            return;
        }
        let Some(old) = self.live.get(&replace.orig_user_ref_num).copied() else {
            return;
        };
        self.priced.push((old.symbol, replace.price));
        if replace.quantity <= old.executed {
            self.live.remove(&replace.orig_user_ref_num);
            return self.take_off(
                replace.orig_user_ref_num,
                old.total - old.executed,
                CancelReason::USER,
            );
        }
        let mood = std::mem::take(&mut self.mood);
        if mood == Mood::Refuses {
            return self.refuse(replace.user_ref_num, replace.cl_ord_id);
        }
        self.live.remove(&replace.orig_user_ref_num);
        let order_state = if mood == Mood::Kills {
            OrderState::DEAD
        } else {
            let new = Held {
                total: replace.quantity,
                price: replace.price,
                ..old
            };
            self.live.insert(replace.user_ref_num, new);
            OrderState::LIVE
        };
        self.report(&Outbound::Replaced(Replaced {
            timestamp_ns: 0,
            orig_user_ref_num: replace.orig_user_ref_num,
            user_ref_num: replace.user_ref_num,
            side: old.side,
            quantity: replace.quantity,
            symbol: old.symbol,
            price: replace.price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state,
            cl_ord_id: replace.cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub(super) fn cancel(&mut self, user_ref_num: u32) {
        if let Some(held) = self.live.remove(&user_ref_num) {
            let left = held.total - held.executed;
            self.take_off(user_ref_num, left, CancelReason::USER);
        }
    }

    pub(super) fn take_off(&mut self, user_ref_num: u32, quantity: u32, reason: CancelReason) {
        self.report(&Outbound::Canceled(Canceled {
            timestamp_ns: 0,
            user_ref_num,
            quantity,
            reason,
            appendage: Appendage::EMPTY,
        }));
    }

    /// The venue takes quantity off a live order by itself.
    pub(crate) fn reduce(&mut self, user_ref_num: u32, quantity: u32) {
        let held = self.live.get_mut(&user_ref_num).unwrap();
        held.total -= quantity;
        if held.total == held.executed {
            self.live.remove(&user_ref_num);
        }
        self.take_off(user_ref_num, quantity, CancelReason::SUPERVISORY);
    }

    /// A live order trades.
    pub(crate) fn execute(&mut self, user_ref_num: u32, quantity: u32) {
        let held = self.live.get_mut(&user_ref_num).unwrap();
        held.executed += quantity;
        assert!(held.executed <= held.total);
        let held = *held;
        if held.executed == held.total {
            self.live.remove(&user_ref_num);
        }
        let total = if held.side.is_sell() {
            &mut self.sold
        } else {
            &mut self.bought
        };
        *total.entry(held.symbol).or_default() += i64::from(quantity);
        self.report_execution(user_ref_num, quantity, held.price);
    }

    /// Says that something was executed, whether it makes sense or not.
    pub(crate) fn report_execution(&mut self, user_ref_num: u32, quantity: u32, price: Price) {
        self.matches += 1;
        self.report(&Outbound::Executed(Executed {
            timestamp_ns: 0,
            user_ref_num,
            quantity,
            price,
            liquidity_flag: LiquidityFlag::ADDED,
            match_number: self.matches,
            appendage: Appendage::EMPTY,
        }));
    }

    /// Refuses a cancel.
    pub(crate) fn report_cancel_reject(&mut self, user_ref_num: u32) {
        self.report(&Outbound::CancelReject(CancelReject {
            timestamp_ns: 0,
            user_ref_num,
            appendage: Appendage::EMPTY,
        }));
    }

    /// What may still be sold of a symbol, and was sold, less what was bought.
    pub(crate) fn sold_at_most(&self, symbol: &Symbol) -> i64 {
        let open = |held: &&Held| held.side.is_sell() && held.symbol == *symbol;
        let live = self.live.values().filter(open);
        let working: i64 = live.map(|held| i64::from(held.total - held.executed)).sum();
        let of = |book: &BTreeMap<Symbol, i64>| book.get(symbol).copied().unwrap_or(0);
        working + of(&self.sold) - of(&self.bought)
    }

    /// UserRefNum of the latest live order.
    pub(crate) fn latest(&self) -> u32 {
        *self.live.last_key_value().unwrap().0
    }
}
