//! OrderCancelRequest(35=F) and OrderCancelReplaceRequest(35=G), from stop 7 on.
//!
//! No check refuses a cancel of a working order (`no_check_refuses_a_cancel`); what can be said
//! against one is that there is no such order, that it is done, that a cancel of it is already on
//! its way, or that there is no line to the venue. A replace is asked what a new order is asked,
//! and waits for nothing: one replace at a time, and none behind a cancel.

use gwanmun_fix::message::Message;
use gwanmun_fix::messages::order_cancel_replace_request::OrderCancelReplaceRequest;
use gwanmun_fix::messages::order_cancel_request::OrderCancelRequest;
use gwanmun_market::{CancelRequest, ClOrdId, GateCode, Refusal, ReplaceRequest, Side, Symbol};

use crate::cause::Cause;
use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState, PendingReplace, SlotIndex, UNKNOWN};
use crate::reply::{self, CancelReject};
use crate::risk::{self, Checked};
use crate::route::{self, VenueLine};
use crate::state::State;
use crate::{admit, borrow, message_reject, situation, two_stage, venue_request};

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
        Err(error) => {
            return message_reject::meaning_error(state, member, message, error, cause, effect);
        }
    };
    let about = About {
        member,
        cl_ord_id: request.cl_ord_id,
        orig_cl_ord_id: request.orig_cl_ord_id,
        is_replace: false,
    };
    let found = find(state, &about, request.symbol, request.side, effect);
    if let Ok((slot, mut order)) = found
        && order.state == OrderState::Held
    {
        order.pending_cancel = Some(request.cl_ord_id);
        state.put_verdict(None, (&order.order_id, &request.cl_ord_id), effect);
        return two_stage::cancel_held(state, (slot, order), cause.stamp.ns, effect);
    }
    let routed = found.and_then(|(slot, order)| {
        judge_cancel(state, &order, cause.stamp.ns)
            .map(|line| (slot, order, line))
            .map_err(|no| (Some(slot), no))
    });
    match routed {
        Ok((slot, mut order, line)) => {
            let now_ns = cause.stamp.ns;
            (state.conduct).note_cancel(&state.terms.tables, &order, now_ns);
            order.pending_cancel = Some(request.cl_ord_id);
            order.requests = order.requests.saturating_add(1);
            venue_request::cancel(state, line, &order, effect);
            state.put_verdict(None, (&order.order_id, &request.cl_ord_id), effect);
            state.put_order(slot, order, effect);
        }
        Err((slot, refusal)) => about.refuse(state, slot, refusal, cause, effect),
    }
}

/// An order that the venue has not answered may be cancelled, and so may one with a replace under
/// way: OUCH takes requests in the order in which they are sent.
fn judge_cancel(state: &State, order: &Order, now_ns: u64) -> Result<VenueLine, Refusal> {
    if order.pending_cancel.is_some() {
        return Err(Refusal::plain(GateCode::AlreadyPending));
    }
    route::route_cancel(state, order, now_ns)
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
        Err(error) => {
            return message_reject::meaning_error(state, member, message, error, cause, effect);
        }
    };
    let about = About {
        member,
        cl_ord_id: request.cl_ord_id,
        orig_cl_ord_id: request.orig_cl_ord_id,
        is_replace: true,
    };
    let venue = about.venue(state);
    let user_ref_num = state.take_user_ref_num(venue);
    state.put_counters(venue, effect);
    let room = has_room_for_replace(state, member, venue);
    let found = find(state, &about, request.symbol, request.side, effect);
    let passed = found.and_then(|(slot, order)| {
        let now_ns = cause.stamp.ns;
        let judged = room.and_then(|()| judge_replace(state, &order, &request, now_ns));
        let refusal = (now_ns, judged.as_ref().err());
        (state.conduct).note_judged(&state.terms.tables, &order, refusal);
        judged
            .map(|passed| (slot, order, passed))
            .map_err(|no| (Some(slot), no))
    });
    match passed {
        Ok((slot, mut order, (checked, line))) => {
            let pending = PendingReplace {
                cl_ord_id: request.cl_ord_id,
                user_ref_num,
                order_qty: request.order_qty,
                price: request.price,
            };
            order.pending_replace = Some(pending);
            order.requests = order.requests.saturating_add(1);
            // Until the venue has spoken the order may execute under either quantity: the larger
            // one is held back.
            state.book_sent(&checked, &mut order, effect);
            venue_request::replace(state, checked, line, (&order, pending), effect);
            state.put_verdict(None, (&order.order_id, &request.cl_ord_id), effect);
            state.put_order(slot, order, effect);
        }
        Err((slot, refusal)) => {
            let order = slot.and_then(|slot| state.orders.order(slot).copied());
            if let Some(order) = order {
                let about = (&order, refusal);
                borrow::note_shortfall(state, about, message, cause.stamp.ns, effect);
            }
            about.refuse(state, slot, refusal, cause, effect);
        }
    }
}

/// Asked before the request's ClOrdID(11) takes the last place itself.
fn has_room_for_replace(state: &State, member: u16, venue: u16) -> Result<(), Refusal> {
    if state.is_out_of_numbers(venue) || !state.orders.has_room_for_replace() {
        let figure = i64::try_from(state.orders.cl_ord_ids_max()).unwrap_or(i64::MAX);
        return Err(Refusal {
            code: GateCode::OrderTableFull,
            limit: figure,
            observed: figure,
        });
    }
    state.has_numbers_left(member)
}

fn judge_replace(
    state: &State,
    order: &Order,
    request: &ReplaceRequest,
    now_ns: u64,
) -> Result<(Checked, VenueLine), Refusal> {
    if order.state == OrderState::Held {
        return Err(Refusal::plain(GateCode::OrderHeld));
    }
    let is_answered = order.state != OrderState::Sent;
    if !is_answered || order.pending_cancel.is_some() || order.pending_replace.is_some() {
        return Err(Refusal::plain(GateCode::AlreadyPending));
    }
    let venue = state.terms.venues.get(usize::from(order.venue));
    let is_elsewhere = venue.is_none_or(|venue| venue.name != request.ex_destination);
    let names_other = is_elsewhere && !request.ex_destination.is_empty();
    if request.ord_type != order.ord_type || names_other {
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
        slot: Option<SlotIndex>,
        refusal: Refusal,
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) {
        let order = slot.and_then(|slot| state.orders.order(slot).copied());
        let reject = CancelReject {
            member: self.member,
            order: order.as_ref(),
            cl_ord_id: self.cl_ord_id,
            orig_cl_ord_id: self.orig_cl_ord_id,
            is_replace: self.is_replace,
            refusal,
        };
        reply::cancel_reject(state, &reject, cause.stamp.ns, effect);
    }

    /// The venue of the order that is named, whatever may be said against the request: a replace
    /// spends a UserRefNum there, so that later numbers do not depend on verdicts.
    fn venue(&self, state: &State) -> u16 {
        let slot = state.orders.by_cl_ord_id(self.member, &self.orig_cl_ord_id);
        let order = slot.and_then(|slot| state.orders.order(slot));
        order.map_or(UNKNOWN, |order| order.venue)
    }

    /// Whether the request calls the order by a name that it has now: its own, or for a cancel the
    /// one that a replace under way will give it, because a member need not wait for the answer.
    fn names(&self, order: &Order) -> bool {
        let coming = order.pending_replace.filter(|_| !self.is_replace);
        order.cl_ord_id == self.orig_cl_ord_id
            || coming.is_some_and(|replace| replace.cl_ord_id == self.orig_cl_ord_id)
    }

    /// Whether the request calls the order by the name of a request that is not answered yet.
    fn names_pending(&self, order: &Order) -> bool {
        let replace = order.pending_replace.map(|replace| replace.cl_ord_id);
        let orig = Some(self.orig_cl_ord_id);
        order.pending_cancel == orig || replace == orig
    }
}

/// The working order that a request is about. Where there is an order, the request's ClOrdID(11) is
/// used up either way; without one it is not, so that requests about nothing fill no table.
fn find(
    state: &mut State,
    about: &About,
    symbol: Symbol,
    side: Side,
    effect: &mut EffectBuilder<'_>,
) -> Result<(SlotIndex, Order), (Option<SlotIndex>, Refusal)> {
    let no = |slot, code| Err((slot, Refusal::plain(code)));
    let named = state
        .orders
        .by_cl_ord_id(about.member, &about.orig_cl_ord_id);
    let order = named.and_then(|slot| Some((slot, *state.orders.order(slot)?)));
    if let Err(refusal) = admit::refuse_duplicate(state, about.member, &about.cl_ord_id) {
        return Err((order.map(|(slot, _)| slot), refusal));
    }
    let Some((slot, order)) = order else {
        return no(None, GateCode::UnknownOrder);
    };
    admit::use_up(state, about.member, slot, &about.cl_ord_id, effect);
    if order.state.is_done() {
        return no(Some(slot), GateCode::TooLate);
    }
    if !about.names(&order) {
        // An older name, or a name still to come: the member is behind, or ahead, of the venue.
        let code = if about.names_pending(&order) {
            GateCode::AlreadyPending
        } else {
            GateCode::UnknownOrder
        };
        return no(Some(slot), code);
    }
    let tables = &state.terms.tables;
    let listed = tables.instrument(order.instrument).map(|row| row.symbol);
    if listed != Some(symbol) || order.side != side {
        return no(Some(slot), GateCode::RequestMismatch);
    }
    Ok((slot, order))
}
