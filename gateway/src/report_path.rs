//! The way back: what the venue says about an order, to the order table, the positions and the member.
//!
//! Every function here is one event at the venue. An order that becomes done while a cancel or replace of it is pending
//! answers that request too, because OUCH ignores a late one silently.

use gwanmun_binary::ouch::codes::OrderState as OuchOrderState;
use gwanmun_binary::ouch::{Accepted, Canceled, Executed, Outbound, Rejected, Replaced};
use gwanmun_fix::messages::execution_report::ExecType;
use gwanmun_market::{ClOrdId, GateCode, Refusal};

use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState, Pending, SlotIndex};
use crate::reply::{self, CancelReject, Report};
use crate::state::State;

/// Takes one OUCH message about orders. Messages that say nothing a member must hear change nothing.
pub(crate) fn on_outbound(
    state: &mut State,
    message: &Outbound<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    match message {
        Outbound::Accepted(accepted) => on_accepted(state, accepted, now_ns, effect),
        Outbound::Executed(executed) => on_executed(state, executed, now_ns, effect),
        Outbound::Canceled(canceled) => on_canceled(state, canceled, now_ns, effect),
        Outbound::AiqCanceled(canceled) => {
            let taken_off = (canceled.user_ref_num, canceled.decrement_shares);
            on_taken_off(state, taken_off, now_ns, effect);
        }
        Outbound::Replaced(replaced) => on_replaced(state, replaced, now_ns, effect),
        Outbound::Rejected(rejected) => on_rejected(state, rejected, now_ns, effect),
        Outbound::CancelReject(rejected) => {
            let refusal = Refusal::plain(GateCode::VenueRejected);
            if let Some((slot, order)) = find(state, rejected.user_ref_num) {
                settle_pending(state, slot, order, refusal, now_ns, effect);
            }
        }
        _ => {}
    }
}

fn find(state: &State, user_ref_num: u32) -> Option<(SlotIndex, Order)> {
    let slot = state.orders.by_user_ref_num(user_ref_num)?;
    state.orders.order(slot).map(|order| (slot, *order))
}

fn on_accepted(
    state: &mut State,
    accepted: &Accepted<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, accepted.user_ref_num) else {
        return;
    };
    if order.state != OrderState::Sent {
        return;
    }
    order.state = OrderState::New;
    let report = Report::about(state, &order, ExecType::New);
    reply::report(state, &report, now_ns, effect);
    if accepted.order_state == OuchOrderState::DEAD {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

fn on_executed(
    state: &mut State,
    executed: &Executed<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, executed.user_ref_num) else {
        return;
    };
    let Executed {
        quantity, price, ..
    } = *executed;
    order.cum_qty = order.cum_qty.saturating_add(quantity);
    order.executed_value += i128::from(price.0) * i128::from(quantity);
    let is_filled = order.cum_qty >= order.order_qty;
    if !order.state.is_done() {
        order.state = if is_filled {
            OrderState::Filled
        } else {
            OrderState::PartiallyFilled
        };
    }
    let reserved_qty = if order.state.is_done() {
        0
    } else {
        order.reserved_qty.saturating_sub(quantity)
    };
    state.book(&mut order, reserved_qty, quantity, effect);
    let about = Report::about(state, &order, ExecType::Trade);
    let report = Report {
        last: Some((quantity, price)),
        ..about
    };
    reply::report(state, &report, now_ns, effect);
    if order.state.is_done() {
        settle_pending(
            state,
            slot,
            order,
            Refusal::plain(GateCode::TooLate),
            now_ns,
            effect,
        );
    } else {
        state.put_order(slot, order, effect);
    }
}

fn on_canceled(
    state: &mut State,
    canceled: &Canceled<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    on_taken_off(
        state,
        (canceled.user_ref_num, canceled.quantity),
        now_ns,
        effect,
    );
}

/// Quantity came off an order: all that was left, or a part of it.
fn on_taken_off(
    state: &mut State,
    (user_ref_num, quantity): (u32, u32),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, user_ref_num) else {
        return;
    };
    if order.state.is_done() {
        return;
    }
    if quantity >= order.leaves_qty() {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    order.order_qty -= quantity;
    let reserved_qty = order.reserved_qty.saturating_sub(quantity);
    state.book(&mut order, reserved_qty, 0, effect);
    let report = Report::about(state, &order, ExecType::Restated);
    reply::report(state, &report, now_ns, effect);
    state.put_order(slot, order, effect);
}

/// The rest of an order is off the market: by its member's cancel, which this answers, or by the venue.
fn become_canceled(
    state: &mut State,
    slot: SlotIndex,
    mut order: Order,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    order.state = OrderState::Canceled;
    state.book(&mut order, 0, 0, effect);
    let mut orig_cl_ord_id = None;
    if let Pending::Cancel { cl_ord_id } = order.pending {
        orig_cl_ord_id = Some(order.cl_ord_id);
        order.cl_ord_id = cl_ord_id;
        order.pending = Pending::Nothing;
    }
    let report = Report {
        orig_cl_ord_id,
        ..Report::about(state, &order, ExecType::Canceled)
    };
    reply::report(state, &report, now_ns, effect);
    settle_pending(
        state,
        slot,
        order,
        Refusal::plain(GateCode::TooLate),
        now_ns,
        effect,
    );
}

fn on_replaced(
    state: &mut State,
    replaced: &Replaced<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, replaced.user_ref_num) else {
        return;
    };
    let Pending::Replace {
        cl_ord_id,
        user_ref_num,
        order_qty,
        price,
    } = order.pending
    else {
        return;
    };
    if user_ref_num != replaced.user_ref_num || order.state.is_done() {
        return;
    }
    let orig_cl_ord_id: Option<ClOrdId> = Some(order.cl_ord_id);
    order.pending = Pending::Nothing;
    order.cl_ord_id = cl_ord_id;
    order.user_ref_num = user_ref_num;
    order.order_qty = order_qty;
    order.price = price;
    let reserved_qty = order.leaves_qty();
    state.book(&mut order, reserved_qty, 0, effect);
    let report = Report {
        orig_cl_ord_id,
        ..Report::about(state, &order, ExecType::Replaced)
    };
    reply::report(state, &report, now_ns, effect);
    if replaced.order_state == OuchOrderState::DEAD {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

fn on_rejected(
    state: &mut State,
    rejected: &Rejected<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, order)) = find(state, rejected.user_ref_num) else {
        return;
    };
    let refusal = Refusal {
        code: GateCode::VenueRejected,
        limit: 0,
        observed: i64::from(rejected.reason.0),
    };
    if order.state == OrderState::Sent && order.user_ref_num == rejected.user_ref_num {
        become_rejected(state, slot, order, refusal, now_ns, effect);
    } else if matches!(order.pending,
        Pending::Replace { user_ref_num, .. } if user_ref_num == rejected.user_ref_num)
    {
        settle_pending(state, slot, order, refusal, now_ns, effect);
    }
}

/// A new order that the venue did not take, or never had.
pub(crate) fn become_rejected(
    state: &mut State,
    slot: SlotIndex,
    mut order: Order,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    order.state = OrderState::Rejected;
    state.book(&mut order, 0, 0, effect);
    effect.verdict(Some(refusal), &order.order_id, &order.cl_ord_id);
    let about = Report::about(state, &order, ExecType::Rejected);
    reply::report(
        state,
        &Report {
            refusal: Some(refusal),
            ..about
        },
        now_ns,
        effect,
    );
    settle_pending(
        state,
        slot,
        order,
        Refusal::plain(GateCode::TooLate),
        now_ns,
        effect,
    );
}

/// Answers the request that is pending on an order, if any, with OrderCancelReject(9), and puts the order back.
pub(crate) fn settle_pending(
    state: &mut State,
    slot: SlotIndex,
    mut order: Order,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let pending = match order.pending {
        Pending::Nothing => None,
        Pending::Cancel { cl_ord_id } => Some((cl_ord_id, false)),
        Pending::Replace { cl_ord_id, .. } => Some((cl_ord_id, true)),
    };
    if let Some((cl_ord_id, is_replace)) = pending {
        order.pending = Pending::Nothing;
        let reserved_qty = order.leaves_qty().min(order.reserved_qty);
        state.book(&mut order, reserved_qty, 0, effect);
        let reject = CancelReject {
            member: order.session,
            order: Some(&order),
            cl_ord_id,
            orig_cl_ord_id: order.cl_ord_id,
            is_replace,
            refusal,
        };
        reply::cancel_reject(state, &reject, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}
