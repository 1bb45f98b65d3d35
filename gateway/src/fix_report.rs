//! What a FIX venue says about orders, read leniently: ExecutionReport(8), OrderCancelReject(9),
//! BusinessMessageReject(j), Reject(3).
//!
//! Members are held to the letter, venues are not: a report tells of something that has happened,
//! and refusing it would not undo it. Tags that are not read here may say anything, stand anywhere
//! and be malformed; of those that are read, each has others to stand in for it:
//!
//! 1. The order: ClOrdID(11), else OrigClOrdID(41), else SecondaryClOrdID(526).
//! 2. What happened: ExecType(150), the ways of FIX 4.2 included, else OrdStatus(39).
//! 3. How much, and at what price: `fix_fill`.
//!
//! What cannot be understood at all becomes a [`VenueFinding`], and the order stays as it is. A
//! report for a status request is `fix_settle`'s.

use gwanmun_fix::message::Message;
use gwanmun_fix::tag;
use gwanmun_market::{GateCode, Price, Refusal};

use crate::effect::EffectBuilder;
use crate::fix_fill;
use crate::fix_line::{RequestKind, VenueFinding};
use crate::fix_request;
use crate::orders::{Order, OrderState, SlotIndex};
use crate::report_path;
use crate::state::State;

/// Takes one message of a venue about its orders.
pub(crate) fn on_message(
    state: &mut State,
    venue: u16,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let finding = match message.msg_type() {
        b"8" => on_execution_report(state, venue, message, now_ns, effect),
        b"9" => on_cancel_reject(state, venue, message, now_ns, effect),
        b"j" | b"3" => on_reject(state, venue, message, now_ns, effect),
        _ => Ok(()),
    };
    if let (Err(finding), Some(venue)) = (finding, state.venue_mut(venue)) {
        venue.last_finding = Some(finding);
    }
}

/// The order that a message names, the UserRefNum by which it does, and whether that is a cancel's.
struct Named {
    slot: SlotIndex,
    order: Order,
    user_ref_num: u32,
    is_cancel: bool,
}

fn find(state: &State, venue: u16, message: &Message<'_>) -> Option<Named> {
    let by_id = |tag| {
        let (user_ref_num, is_cancel) = fix_request::read_id(state, message.field(tag)?)?;
        let slot = state.orders.by_user_ref_num(venue, user_ref_num)?;
        let order = *state.orders.order(slot)?;
        Some(Named {
            slot,
            order,
            user_ref_num,
            is_cancel,
        })
    };
    // Looks at every order, for a venue that names the order by nothing else.
    let by_order_id = || {
        let order_id = message.field(tag::SECONDARY_CL_ORD_ID)?;
        let is_it = |&(_, order): &(SlotIndex, &Order)| {
            order.venue == venue && order.user_ref_num != 0 && order.order_id.as_bytes() == order_id
        };
        let (slot, order) = state.orders.orders().find(is_it)?;
        Some(Named {
            slot,
            order: *order,
            user_ref_num: order.user_ref_num,
            is_cancel: false,
        })
    };
    by_id(tag::CL_ORD_ID)
        .or_else(|| by_id(tag::ORIG_CL_ORD_ID))
        .or_else(by_order_id)
}

/// ExecType(150) as FIX 4.4 has it, whatever the version, or what stands in for it.
fn exec_type(message: &Message<'_>) -> Option<u8> {
    let one = |tag| message.char(tag).ok();
    match one(tag::EXEC_TRANS_TYPE) {
        Some(b'1') => return Some(b'H'),
        Some(b'2') => return Some(b'G'),
        Some(b'3') => return Some(b'I'),
        _ => {}
    }
    let told = one(tag::EXEC_TYPE).or_else(|| one(tag::ORD_STATUS));
    let has_fill = quantity(message, tag::LAST_QTY).is_some_and(|last| last > 0);
    match told {
        Some(b'1' | b'2') => Some(b'F'),
        None if has_fill => Some(b'F'),
        // A kind that no version has: with a fill in it, it is one.
        Some(kind) if has_fill && !(kind.is_ascii_digit() || matches!(kind, b'A'..=b'L')) => {
            Some(b'F')
        }
        told => told,
    }
}

pub(crate) fn quantity(message: &Message<'_>, tag: u32) -> Option<u32> {
    message.quantity(tag).ok()
}

fn figure(message: &Message<'_>, tag: u32) -> i64 {
    let value = message.uint(tag).unwrap_or(0);
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn on_execution_report(
    state: &mut State,
    venue: u16,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<(), VenueFinding> {
    let named = find(state, venue, message).ok_or(VenueFinding::UnknownOrder)?;
    let (slot, mut order) = (named.slot, named.order);
    match exec_type(message).ok_or(VenueFinding::Unreadable)? {
        b'0' => {
            if order.state == OrderState::Sent {
                let terms = told_terms(message, (order.order_qty, order.price));
                report_path::become_new(state, &mut order, terms, now_ns, effect);
                state.put_order(slot, order, effect);
            }
        }
        b'F' => {
            let before = order.cum_qty;
            let told = trade(state, &mut order, message, now_ns, effect);
            if order.cum_qty != before {
                state.put_order(slot, order, effect);
            }
            return told;
        }
        b'3' | b'4' | b'C' => {
            catch_up(state, &mut order, message, now_ns, effect);
            end(state, (slot, order), now_ns, effect);
        }
        b'5' => return replaced(state, named, message, now_ns, effect),
        b'8' => rejected(state, named, message, now_ns, effect),
        b'D' => {
            let told = quantity(message, tag::ORDER_QTY);
            let told = told.filter(|&told| told != order.order_qty && told >= order.cum_qty);
            if let Some(order_qty) = told.filter(|_| !order.state.is_done()) {
                report_path::restate(state, &mut order, order_qty, now_ns, effect);
                put_or_end(state, (slot, order), now_ns, effect);
            }
        }
        b'I' => {
            if catch_up(state, &mut order, message, now_ns, effect) {
                state.put_order(slot, order, effect);
            }
        }
        b'G' | b'H' => return Err(VenueFinding::Busted),
        // On its way, stopped, suspended: nothing that a member must hear.
        b'6' | b'7' | b'9' | b'A' | b'B' | b'E' => {}
        _ => return Err(VenueFinding::Unreadable),
    }
    Ok(())
}

/// OrderQty(38) and Price(44) as the venue says, or as they were asked for.
pub(crate) fn told_terms(message: &Message<'_>, asked: (u32, Price)) -> (u32, Price) {
    let order_qty = quantity(message, tag::ORDER_QTY).filter(|&order_qty| order_qty > 0);
    let price = message.price(tag::PRICE);
    (order_qty.unwrap_or(asked.0), price.unwrap_or(asked.1))
}

/// A fill. The caller puts the order back.
fn trade(
    state: &mut State,
    order: &mut Order,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<(), VenueFinding> {
    let fill = fix_fill::told(order, message).ok_or(VenueFinding::Unreadable)?;
    let last_px = message.price(tag::LAST_PX).ok();
    if fill.missed > 0 {
        let price = fix_fill::price_before(order, fill, message).or(last_px);
        let price = price.unwrap_or(order.price);
        report_path::fill(state, order, (fill.missed, price), now_ns, effect);
    }
    if fill.fresh > 0 {
        let price = last_px
            .or_else(|| fix_fill::price_left(order, fill.fresh, message))
            .unwrap_or(order.price);
        report_path::fill(state, order, (fill.fresh, price), now_ns, effect);
    }
    // One that says itself that it may have come before needs no word about it.
    if fill.fresh < fill.last && !message.poss_resend() {
        return Err(VenueFinding::FillBooked);
    }
    Ok(())
}

/// Books what CumQty(14) tells and no fill told; tells whether there was something. The caller puts
/// the order back.
pub(crate) fn catch_up(
    state: &mut State,
    order: &mut Order,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> bool {
    let cum = quantity(message, tag::CUM_QTY).unwrap_or(0);
    let missed = cum.saturating_sub(order.cum_qty);
    if missed == 0 || cum > order.order_qty {
        return false;
    }
    let price = fix_fill::price_left(order, missed, message).unwrap_or(order.price);
    report_path::fill(state, order, (missed, price), now_ns, effect);
    true
}

/// The rest is off the market, unless the order is done anyway.
pub(crate) fn end(
    state: &mut State,
    (slot, order): (SlotIndex, Order),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    if order.state.is_done() {
        return state.put_order(slot, order, effect);
    }
    report_path::become_canceled(state, slot, order, now_ns, effect);
}

fn replaced(
    state: &mut State,
    named: Named,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<(), VenueFinding> {
    let (slot, mut order) = (named.slot, named.order);
    let pending = order.pending_replace.filter(|_| !order.state.is_done());
    // A report under another of our names is about another replace, or the venue's own doing.
    let name = message.field(tag::CL_ORD_ID);
    let name = name.and_then(|id| fix_request::read_id(state, id));
    let is_about = |number: u32| name.is_none_or(|name| name.0 == number);
    let Some(pending) = pending.filter(|pending| is_about(pending.user_ref_num)) else {
        let told = told_terms(message, (order.order_qty, order.price));
        let is_as_it_is = told == (order.order_qty, order.price) || order.state.is_done();
        let is_old = message.poss_resend() || message.poss_dup_flag();
        let is_news = !is_as_it_is && !is_old;
        return is_news.then_some(VenueFinding::Amended).map_or(Ok(()), Err);
    };
    let terms = told_terms(message, (pending.order_qty, pending.price));
    report_path::become_replaced(state, &mut order, (pending, terms), now_ns, effect);
    put_or_end(state, (slot, order), now_ns, effect);
    Ok(())
}

/// Puts the order back; one of which nothing is left to execute is over.
fn put_or_end(
    state: &mut State,
    (slot, order): (SlotIndex, Order),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    if order.cum_qty > 0 && order.cum_qty >= order.order_qty && !order.state.is_done() {
        return report_path::become_canceled(state, slot, order, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

fn rejected(
    state: &mut State,
    named: Named,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let refusal = Refusal {
        code: GateCode::VenueRejected,
        limit: 0,
        observed: figure(message, tag::ORD_REJ_REASON),
    };
    let is_own = !named.is_cancel && named.user_ref_num == named.order.user_ref_num;
    let is_live = !named.order.state.is_done() && named.order.state != OrderState::Sent;
    // Refused after all, although it had been taken: only where its status says so, since a live
    // order taken for a dead one could be sold twice.
    if is_own && is_live && message.char(tag::ORD_STATUS) == Ok(b'8') {
        return end(state, (named.slot, named.order), now_ns, effect);
    }
    let (kind, number) = match (named.is_cancel, named.order.user_ref_num) {
        (true, _) => (RequestKind::Cancel, named.user_ref_num),
        (false, own) if own == named.user_ref_num => (RequestKind::Enter, own),
        (false, _) => (RequestKind::Replace, named.user_ref_num),
    };
    refuse(state, (named.slot, kind, number), refusal, now_ns, effect);
}

fn on_cancel_reject(
    state: &mut State,
    venue: u16,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<(), VenueFinding> {
    let named = find(state, venue, message).ok_or(VenueFinding::UnknownOrder)?;
    let refusal = Refusal {
        code: GateCode::VenueRejected,
        limit: 0,
        observed: figure(message, tag::CXL_REJ_REASON),
    };
    let replacing = named.order.pending_replace.map(|it| it.user_ref_num);
    // A ClOrdID(11) that is none of ours leaves CxlRejResponseTo(434) and the order's own name.
    let is_told_so = message.char(tag::CXL_REJ_RESPONSE_TO) == Ok(b'2');
    let about = match replacing.filter(|_| !named.is_cancel) {
        Some(number) if is_told_so || number == named.user_ref_num => {
            (named.slot, RequestKind::Replace, number)
        }
        _ => (named.slot, RequestKind::Cancel, named.user_ref_num),
    };
    refuse(state, about, refusal, now_ns, effect);
    Ok(())
}

/// Reject(3) or BusinessMessageReject(j): which of our messages it was is told by RefSeqNum(45), or
/// by BusinessRejectRefID(379).
fn on_reject(
    state: &mut State,
    venue: u16,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<(), VenueFinding> {
    let request = rejected_request(state, venue, message).ok_or(VenueFinding::Rejected)?;
    let (kind, number) = request;
    let slot = state.orders.by_user_ref_num(venue, number);
    let slot = slot.ok_or(VenueFinding::UnknownOrder)?;
    let refusal = Refusal {
        code: GateCode::VenueRejected,
        limit: 0,
        observed: figure(message, tag::SESSION_REJECT_REASON)
            .max(figure(message, tag::BUSINESS_REJECT_REASON)),
    };
    refuse(state, (slot, kind, number), refusal, now_ns, effect);
    Ok(())
}

/// The request that a Reject(3) or BusinessMessageReject(j) is about.
pub(crate) fn rejected_request(
    state: &State,
    venue: u16,
    message: &Message<'_>,
) -> Option<(RequestKind, u32)> {
    let line = state.venue(venue)?.wire.fix()?;
    let ref_seq_num = message.uint(tag::REF_SEQ_NUM).unwrap_or(0);
    if let Some(request) = line.sent(ref_seq_num) {
        return Some((request.kind, request.user_ref_num));
    }
    let id = message.field(tag::BUSINESS_REJECT_REF_ID)?;
    let (number, is_cancel) = fix_request::read_id(state, id)?;
    let kind = match (is_cancel, message.field(tag::REF_MSG_TYPE)) {
        (true, _) | (_, Some(b"F")) => RequestKind::Cancel,
        (_, Some(b"G")) => RequestKind::Replace,
        (_, Some(b"H")) => RequestKind::Status,
        _ => RequestKind::Enter,
    };
    Some((kind, number))
}

/// The venue refuses a request of ours: whatever it was about is answered, and nothing else.
fn refuse(
    state: &mut State,
    (slot, kind, user_ref_num): (SlotIndex, RequestKind, u32),
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let Some(mut order) = state.orders.order(slot).copied() else {
        return;
    };
    let name = order.cl_ord_id;
    let is_own = order.user_ref_num == user_ref_num;
    let replacing = order.pending_replace.map(|it| it.user_ref_num);
    match kind {
        RequestKind::Enter if is_own && order.state == OrderState::Sent => {
            return report_path::become_rejected(state, slot, order, refusal, now_ns, effect);
        }
        RequestKind::Replace if replacing == Some(user_ref_num) => {
            report_path::refuse_replace(state, &mut order, name, refusal, now_ns, effect);
        }
        RequestKind::Cancel if is_own => {
            report_path::refuse_cancel(state, &mut order, name, refusal, now_ns, effect);
        }
        _ => return,
    }
    state.put_order(slot, order, effect);
}
