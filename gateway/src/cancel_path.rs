//! OrderCancelRequest(35=F) and OrderCancelReplaceRequest(35=G), from stop 7 on.
//!
//! No check refuses a cancel of a working order (`no_check_refuses_a_cancel`); what can be said against one is that there is no
//! such order, that it is done, that a request is already pending, or that there is no line to the venue.

use gwanmun_fix::message::Message;
use gwanmun_fix::messages::order_cancel_replace_request::OrderCancelReplaceRequest;
use gwanmun_fix::messages::order_cancel_request::OrderCancelRequest;
use gwanmun_market::{CancelRequest, ClOrdId, GateCode, Refusal, ReplaceRequest, Side, Symbol};

use crate::cause::Cause;
use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState, Pending, SlotIndex};
use crate::reply::{self, CancelReject};
use crate::risk::{self, Checked};
use crate::route::{self, VenueLine};
use crate::state::State;
use crate::{admit, situation, venue_request};

/// Slot of a ClOrdID that was used up by a request for which there is no order.
const NO_SLOT: SlotIndex = SlotIndex(u32::MAX - 1);

/// OrderCancelRequest(35=F).
pub(crate) fn cancel(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let request: CancelRequest = match OrderCancelRequest::new(*message).to_cancel_request() {
        Ok(request) => request,
        Err(error) => return reply::meaning_error(state, member, message, error, cause, effect),
    };
    let about = About {
        member,
        cl_ord_id: request.cl_ord_id,
        orig_cl_ord_id: request.orig_cl_ord_id,
        is_replace: false,
    };
    let found = find(state, &about, request.symbol, request.side, effect);
    let routed = found.and_then(|(slot, order)| {
        route::route_cancel(state)
            .map(|line| (slot, order, line))
            .map_err(|no| (Some(order), no))
    });
    match routed {
        Ok((slot, mut order, line)) => {
            order.pending = Pending::Cancel {
                cl_ord_id: request.cl_ord_id,
            };
            venue_request::cancel(line, &order, effect);
            effect.verdict(None, &order.order_id, &request.cl_ord_id);
            state.put_order(slot, order, effect);
        }
        Err((order, refusal)) => about.refuse(state, order, refusal, cause, effect),
    }
}

/// OrderCancelReplaceRequest(35=G).
pub(crate) fn replace(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let request = match OrderCancelReplaceRequest::new(*message).to_replace_request() {
        Ok(request) => request,
        Err(error) => return reply::meaning_error(state, member, message, error, cause, effect),
    };
    let about = About {
        member,
        cl_ord_id: request.cl_ord_id,
        orig_cl_ord_id: request.orig_cl_ord_id,
        is_replace: true,
    };
    let user_ref_num = admit::take_user_ref_num(state);
    state.put_counters(effect);
    let found = find(state, &about, request.symbol, request.side, effect);
    let passed = found.and_then(|(slot, order)| {
        let judged = judge_replace(state, &order, &request, cause.stamp.ns);
        judged
            .map(|passed| (slot, order, passed))
            .map_err(|no| (Some(order), no))
    });
    match passed {
        Ok((slot, mut order, (checked, line))) => {
            order.pending = Pending::Replace {
                cl_ord_id: request.cl_ord_id,
                user_ref_num,
                order_qty: request.order_qty,
                price: request.price,
            };
            // Until the venue has spoken the order may execute under either quantity: the larger one is held back.
            let open_qty = request.order_qty.saturating_sub(order.cum_qty);
            let reserved_qty = order.reserved_qty.max(open_qty);
            state.book(&mut order, reserved_qty, 0, effect);
            venue_request::replace(checked, line, &order, effect);
            effect.verdict(None, &order.order_id, &request.cl_ord_id);
            state.put_order(slot, order, effect);
        }
        Err((order, refusal)) => about.refuse(state, order, refusal, cause, effect),
    }
}

fn judge_replace(
    state: &State,
    order: &Order,
    request: &ReplaceRequest,
    now_ns: u64,
) -> Result<(Checked, VenueLine), Refusal> {
    if request.ord_type != order.ord_type {
        return Err(Refusal::plain(GateCode::RequestMismatch));
    }
    if request.order_qty <= order.cum_qty {
        return Err(Refusal {
            code: GateCode::RequestMismatch,
            limit: i64::from(order.cum_qty),
            observed: i64::from(request.order_qty),
        });
    }
    let terms = (request.price, request.order_qty);
    let checked = risk::check(&situation::of_replace(state, order, terms, now_ns)?)?;
    Ok((checked, route::route(state, order, now_ns)?))
}

/// Who asks what about which order.
#[derive(Clone, Copy)]
struct About {
    member: u16,
    cl_ord_id: ClOrdId,
    orig_cl_ord_id: ClOrdId,
    is_replace: bool,
}

impl About {
    fn refuse(
        &self,
        state: &mut State,
        order: Option<Order>,
        refusal: Refusal,
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) {
        let About {
            member,
            cl_ord_id,
            orig_cl_ord_id,
            is_replace,
        } = *self;
        let order = order.as_ref();
        let reject = CancelReject {
            member,
            order,
            cl_ord_id,
            orig_cl_ord_id,
            is_replace,
            refusal,
        };
        reply::cancel_reject(state, &reject, cause.stamp.ns, effect);
    }
}

/// The order that a request is about, if the request may be passed on; its ClOrdID(11) is used up either way.
fn find(
    state: &mut State,
    about: &About,
    symbol: Symbol,
    side: Side,
    effect: &mut EffectBuilder<'_>,
) -> Result<(SlotIndex, Order), (Option<Order>, Refusal)> {
    let no = |order, code| Err((order, Refusal::plain(code)));
    let slot = state
        .orders
        .by_cl_ord_id(about.member, &about.orig_cl_ord_id);
    let order = slot.and_then(|slot| state.orders.order(slot).copied());
    if let Err(refusal) = admit::refuse_duplicate(state, about.member, &about.cl_ord_id) {
        return Err((order, refusal));
    }
    if !state.orders.has_room_for_cl_ord_id() {
        return no(order, GateCode::OrderTableFull);
    }
    let used_slot = slot.unwrap_or(NO_SLOT);
    admit::use_up(state, about.member, used_slot, &about.cl_ord_id, effect);
    let (Some(slot), Some(order)) = (slot, order) else {
        return no(None, GateCode::UnknownOrder);
    };
    let listed = state
        .terms
        .tables
        .instrument(order.instrument)
        .map(|row| row.symbol);
    if order.cl_ord_id != about.orig_cl_ord_id && !order.state.is_done() {
        // An older or still pending name of the order: the member is behind, or ahead, of the venue.
        let is_pending = matches!(order.pending,
            Pending::Replace { cl_ord_id, .. } | Pending::Cancel { cl_ord_id }
            if cl_ord_id == about.orig_cl_ord_id);
        let code = if is_pending {
            GateCode::AlreadyPending
        } else {
            GateCode::UnknownOrder
        };
        return no(Some(order), code);
    }
    if order.state.is_done() {
        return no(Some(order), GateCode::TooLate);
    }
    if listed != Some(symbol) || order.side != side {
        return no(Some(order), GateCode::RequestMismatch);
    }
    // A new order that the venue has not answered may be canceled: OUCH takes requests in the order in which they are sent.
    let may_overtake = order.state == OrderState::Sent && about.is_replace;
    if order.pending != Pending::Nothing || may_overtake {
        return no(Some(order), GateCode::AlreadyPending);
    }
    Ok((slot, order))
}
