//! The way back: what the venue says about an order, to the order table, the positions and the
//! member.
//!
//! Every function here is one event at the venue. An order that becomes done while a cancel or
//! replace of it is pending answers that request too, because OUCH ignores a late one silently.
//! The venue's word on quantity and price counts, not what was asked for.

use gwanmun_binary::ouch::codes::OrderState as OuchOrderState;
use gwanmun_binary::ouch::{Accepted, Executed, Outbound, Rejected, Replaced};
use gwanmun_fix::messages::execution_report::ExecType;
use gwanmun_market::{ClOrdId, GateCode, OrdType, Price, Refusal};

use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState, PendingReplace, SlotIndex};
use crate::reply::{self, CancelReject, Report};
use crate::state::State;

const TOO_LATE: Refusal = Refusal::plain(GateCode::TooLate);

/// Takes one OUCH message of a venue about its orders. Messages that say nothing a member must hear
/// change nothing.
#[inline]
pub(crate) fn on_outbound(
    state: &mut State,
    venue: u16,
    message: &Outbound<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    match message {
        Outbound::Accepted(accepted) => on_accepted(state, venue, accepted, now_ns, effect),
        Outbound::Executed(executed) => on_executed(state, venue, executed, now_ns, effect),
        Outbound::Canceled(canceled) => {
            let taken_off = (canceled.user_ref_num, canceled.quantity);
            on_taken_off(state, venue, taken_off, now_ns, effect);
        }
        Outbound::AiqCanceled(canceled) => {
            let taken_off = (canceled.user_ref_num, canceled.decrement_shares);
            on_taken_off(state, venue, taken_off, now_ns, effect);
        }
        Outbound::Replaced(replaced) => on_replaced(state, venue, replaced, now_ns, effect),
        Outbound::Rejected(rejected) => on_rejected(state, venue, rejected, now_ns, effect),
        Outbound::CancelReject(rejected) => {
            on_cancel_reject(state, venue, rejected.user_ref_num, now_ns, effect);
        }
        _ => {}
    }
}

fn find(state: &State, venue: u16, user_ref_num: u32) -> Option<(SlotIndex, Order)> {
    let slot = state.orders.by_user_ref_num(venue, user_ref_num)?;
    state.orders.order(slot).map(|order| (slot, *order))
}

fn on_accepted(
    state: &mut State,
    venue: u16,
    accepted: &Accepted<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, accepted.user_ref_num) else {
        return;
    };
    if order.state != OrderState::Sent || accepted.cl_ord_id != order.order_id {
        return;
    }
    let terms = (accepted.quantity, accepted.price);
    become_new(state, &mut order, terms, now_ns, effect);
    if accepted.order_state == OuchOrderState::DEAD {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

/// The venue has taken an order, with the quantity and price that it says. The caller puts the
/// order back.
#[inline]
pub(crate) fn become_new(
    state: &mut State,
    order: &mut Order,
    (quantity, price): (u32, Price),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    order.state = OrderState::New;
    order.order_qty = quantity;
    if order.ord_type == OrdType::Limit {
        order.price = price;
    }
    if order.working_qty() != order.reserved_qty {
        state.book(order, 0, effect);
    }
    let report = Report::about(state, order, ExecType::New);
    reply::report(state, &report, now_ns, effect);
}

fn on_executed(
    state: &mut State,
    venue: u16,
    executed: &Executed<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, executed.user_ref_num) else {
        return;
    };
    fill(
        state,
        &mut order,
        (executed.quantity, executed.price),
        now_ns,
        effect,
    );
    state.put_order(slot, order, effect);
}

/// So much of an order was executed at a price. The caller puts the order back.
#[inline]
pub(crate) fn fill(
    state: &mut State,
    order: &mut Order,
    (quantity, price): (u32, Price),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
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
    state.book(order, quantity, effect);
    let about = Report::about(state, order, ExecType::Trade);
    let report = Report {
        last: Some((quantity, price)),
        ..about
    };
    reply::report(state, &report, now_ns, effect);
    if order.state.is_done() {
        refuse_requests(state, order, TOO_LATE, now_ns, effect);
    }
}

/// Quantity came off an order: all that was left, or a part of it.
fn on_taken_off(
    state: &mut State,
    venue: u16,
    (user_ref_num, quantity): (u32, u32),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, user_ref_num) else {
        return;
    };
    // Nothing is taken off an order under a number that a replace has made dead.
    if order.state.is_done() || order.user_ref_num != user_ref_num {
        return;
    }
    if quantity >= order.leaves_qty() {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    let left = order.order_qty - quantity;
    restate(state, &mut order, left, now_ns, effect);
    state.put_order(slot, order, effect);
}

/// The venue changed an order's total quantity by itself. The caller puts the order back.
pub(crate) fn restate(
    state: &mut State,
    order: &mut Order,
    order_qty: u32,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    order.order_qty = order_qty;
    state.book(order, 0, effect);
    let report = Report::about(state, order, ExecType::Restated);
    reply::report(state, &report, now_ns, effect);
}

/// The rest of an order is off the market: by its member's cancel, which this answers, or by the
/// venue. A replace that was under way came too late.
pub(crate) fn become_canceled(
    state: &mut State,
    slot: SlotIndex,
    mut order: Order,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    order.state = OrderState::Canceled;
    state.book(&mut order, 0, effect);
    let name = order.cl_ord_id;
    let answered = order.pending_cancel.take();
    if let Some(cl_ord_id) = answered {
        order.cl_ord_id = cl_ord_id;
    }
    let report = Report {
        orig_cl_ord_id: answered.map(|_| name),
        ..Report::about(state, &order, ExecType::Canceled)
    };
    reply::report(state, &report, now_ns, effect);
    refuse_replace(state, &mut order, name, TOO_LATE, now_ns, effect);
    state.put_order(slot, order, effect);
}

fn on_replaced(
    state: &mut State,
    venue: u16,
    replaced: &Replaced<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, replaced.user_ref_num) else {
        return;
    };
    let Some(pending) = order.pending_replace else {
        return;
    };
    if pending.user_ref_num != replaced.user_ref_num || order.state.is_done() {
        return;
    }
    let terms = (replaced.quantity, replaced.price);
    become_replaced(state, &mut order, (pending, terms), now_ns, effect);
    if replaced.order_state == OuchOrderState::DEAD {
        return become_canceled(state, slot, order, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

/// The replace under way has happened, with the quantity and price that the venue says. The caller
/// puts the order back.
pub(crate) fn become_replaced(
    state: &mut State,
    order: &mut Order,
    (pending, (quantity, price)): (PendingReplace, (u32, Price)),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let orig_cl_ord_id: Option<ClOrdId> = Some(order.cl_ord_id);
    order.pending_replace = None;
    order.cl_ord_id = pending.cl_ord_id;
    order.user_ref_num = pending.user_ref_num;
    order.order_qty = quantity;
    if order.ord_type == OrdType::Limit {
        order.price = price;
    }
    state.book(order, 0, effect);
    let report = Report {
        orig_cl_ord_id,
        ..Report::about(state, order, ExecType::Replaced)
    };
    reply::report(state, &report, now_ns, effect);
}

fn on_rejected(
    state: &mut State,
    venue: u16,
    rejected: &Rejected<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, rejected.user_ref_num) else {
        return;
    };
    if rejected.cl_ord_id != order.order_id {
        return;
    }
    let refusal = Refusal {
        code: GateCode::VenueRejected,
        limit: 0,
        observed: i64::from(rejected.reason.0),
    };
    let replacing = order.pending_replace.map(|replace| replace.user_ref_num);
    if order.state == OrderState::Sent && order.user_ref_num == rejected.user_ref_num {
        become_rejected(state, slot, order, refusal, now_ns, effect);
    } else if replacing == Some(rejected.user_ref_num) {
        let name = order.cl_ord_id;
        refuse_replace(state, &mut order, name, refusal, now_ns, effect);
        state.put_order(slot, order, effect);
    }
}

/// The venue refuses a cancel: the order stays as it is.
fn on_cancel_reject(
    state: &mut State,
    venue: u16,
    user_ref_num: u32,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some((slot, mut order)) = find(state, venue, user_ref_num) else {
        return;
    };
    let (name, refusal) = (order.cl_ord_id, Refusal::plain(GateCode::VenueRejected));
    if order.user_ref_num == user_ref_num {
        refuse_cancel(state, &mut order, name, refusal, now_ns, effect);
        state.put_order(slot, order, effect);
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
    state.book(&mut order, 0, effect);
    state.put_verdict(Some(refusal), (&order.order_id, &order.cl_ord_id), effect);
    let report = Report {
        refusal: Some(refusal),
        ..Report::about(state, &order, ExecType::Rejected)
    };
    reply::report(state, &report, now_ns, effect);
    refuse_requests(state, &mut order, TOO_LATE, now_ns, effect);
    state.put_order(slot, order, effect);
}

/// Answers whatever is pending on an order with OrderCancelReject(9). The caller puts the order
/// back.
pub(crate) fn refuse_requests(
    state: &mut State,
    order: &mut Order,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let name = order.cl_ord_id;
    refuse_replace(state, order, name, refusal, now_ns, effect);
    refuse_cancel(state, order, name, refusal, now_ns, effect);
}

/// The replace under way, if any, will not happen: what was held back for it is released. `name`
/// is the order's ClOrdID(11) that the request was about.
pub(crate) fn refuse_replace(
    state: &mut State,
    order: &mut Order,
    name: ClOrdId,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some(pending) = order.pending_replace.take() else {
        return;
    };
    state.book(order, 0, effect);
    let request = (pending.cl_ord_id, true);
    refuse_request(state, order, (request, name), refusal, now_ns, effect);
}

/// The cancel under way, if any, will not happen.
pub(crate) fn refuse_cancel(
    state: &mut State,
    order: &mut Order,
    name: ClOrdId,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    if let Some(cl_ord_id) = order.pending_cancel.take() {
        let request = (cl_ord_id, false);
        refuse_request(state, order, (request, name), refusal, now_ns, effect);
    }
}

fn refuse_request(
    state: &mut State,
    order: &Order,
    ((cl_ord_id, is_replace), orig_cl_ord_id): ((ClOrdId, bool), ClOrdId),
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let reject = CancelReject {
        member: order.session,
        order: Some(order),
        cl_ord_id,
        orig_cl_ord_id,
        is_replace,
        refusal,
    };
    reply::cancel_reject(state, &reject, now_ns, effect);
}
