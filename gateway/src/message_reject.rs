//! Messages that never become an order or a request: session Reject(3) for a wrong field, and for
//! a value that FIX has and this gateway has not the answer that its sender waits for.

use gwanmun_fix::message::Message;
use gwanmun_fix::messages::business_message_reject::{self, BusinessRejectReason};
use gwanmun_fix::messages::execution_report::{self, ExecType, OrdStatus};
use gwanmun_fix::{FieldError, MeaningError, tag};
use gwanmun_market::{
    AccountId, ClOrdId, FeeClass, GateCode, OrderId, OrderOrigin, Price, Refusal, Side, Symbol,
};

use crate::cause::Cause;
use crate::effect::EffectBuilder;
use crate::orders::UNKNOWN;
use crate::refusal_text;
use crate::reply::{self, CancelReject};
use crate::state::State;

/// Answers a message whose fields do not make sense.
///
/// A wrong field gets Reject(3). An unsupported value gets what the message asks for: a new order
/// ExecutionReport(8) Rejected, a cancel or replace OrderCancelReject(9); where the fields that
/// those need cannot be read, BusinessMessageReject(j).
pub(crate) fn meaning_error(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    error: MeaningError,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let (tag, value) = match error {
        MeaningError::Field(error) => {
            return field_error(state, member, message, error, cause, effect);
        }
        MeaningError::Unsupported { tag, value } => (tag, value),
    };
    let refusal = Refusal {
        code: GateCode::Unsupported,
        limit: i64::from(tag),
        observed: i64::from(value),
    };
    let now_ns = cause.stamp.ns;
    let is_answered = match message.msg_type() {
        b"D" => refuse_order(state, member, message, refusal, now_ns, effect),
        b"F" => refuse_request(state, (member, false), message, refusal, now_ns, effect),
        b"G" => refuse_request(state, (member, true), message, refusal, now_ns, effect),
        _ => None,
    };
    if is_answered.is_none() {
        let cl_ord_id = message.text(tag::CL_ORD_ID).unwrap_or(ClOrdId::EMPTY);
        state.put_verdict(Some(refusal), (&OrderId::EMPTY, &cl_ord_id), effect);
        let text = refusal_text::text(&refusal);
        let because = (BusinessRejectReason::Other, Some(refusal), text.as_bytes());
        business_reject(state, member, message, because, cause, effect);
    }
}

/// ExecutionReport(8) Rejected for an order that was never one: OrderID(37) is `NONE`, and the
/// ClOrdID(11) is not used up. `None` where the fields that name the order cannot be read.
fn refuse_order(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Option<()> {
    let cl_ord_id: ClOrdId = message.text(tag::CL_ORD_ID).ok()?;
    let symbol: Symbol = message.text(tag::SYMBOL).ok()?;
    let side = Side::from_fix(message.char(tag::SIDE).ok()?)?;
    let account: AccountId = message.text(tag::ACCOUNT).unwrap_or(AccountId::EMPTY);
    state.put_verdict(Some(refusal), (&OrderId::EMPTY, &cl_ord_id), effect);
    let exec_id = reply::take_exec_id(state, UNKNOWN, effect);
    let text = refusal_text::text(&refusal);
    let body = execution_report::Body {
        order_id: b"",
        exec_id: exec_id.as_bytes(),
        exec_type: ExecType::Rejected,
        ord_status: OrdStatus::Rejected,
        cl_ord_id: cl_ord_id.as_bytes(),
        orig_cl_ord_id: b"",
        account: account.as_bytes(),
        symbol: symbol.as_bytes(),
        side,
        order_qty: message.quantity(tag::ORDER_QTY).ok(),
        ord_type: None,
        price: None,
        time_in_force: None,
        last: None,
        last_mkt: b"",
        leaves_qty: 0,
        cum_qty: 0,
        avg_px: Price::ZERO,
        transact_time_ns: now_ns,
        exec_ref_id: b"",
        refusal: Some(refusal),
        text: text.as_bytes(),
        origin: OrderOrigin::default(),
        fee_class: FeeClass::default(),
        voice_record_id: b"",
    };
    let msg_type = execution_report::MSG_TYPE;
    reply::send(state, member, msg_type, now_ns, effect, |writer| {
        body.write(writer);
    });
    Some(())
}

/// OrderCancelReject(9), about the order if there is one. `None` where the request's two names
/// cannot be read.
fn refuse_request(
    state: &mut State,
    (member, is_replace): (u16, bool),
    message: &Message<'_>,
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Option<()> {
    let cl_ord_id: ClOrdId = message.text(tag::CL_ORD_ID).ok()?;
    let orig_cl_ord_id: ClOrdId = message.text(tag::ORIG_CL_ORD_ID).ok()?;
    let slot = state.orders.by_cl_ord_id(member, &orig_cl_ord_id);
    let order = slot.and_then(|slot| state.orders.order(slot).copied());
    let reject = CancelReject {
        member,
        order: order.as_ref(),
        cl_ord_id,
        orig_cl_ord_id,
        is_replace,
        refusal,
    };
    reply::cancel_reject(state, &reject, now_ns, effect);
    Some(())
}

/// Answers a wrong field with session Reject(3).
fn field_error(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    error: FieldError,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let connection = state.live_connection(member);
    let Some(entry) = state.members.get_mut(usize::from(member)) else {
        return;
    };
    let sent = entry.session.reject(
        message.msg_seq_num().unwrap_or(0),
        error,
        message.msg_type(),
        error.reason.text().as_bytes(),
        cause.stamp.ns,
        &mut effect.member(member, connection),
    );
    reply::debug_assert_sent(entry, sent);
}

/// Answers an application message of a type that has no meaning here: BusinessRejectReason(380)=3.
///
/// The session answers those by itself; this is for terms that deliver more than the path takes.
pub(crate) fn unsupported_message(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let reason = BusinessRejectReason::UnsupportedMessageType;
    let because = (reason, None, &b"unsupported message type"[..]);
    business_reject(state, member, message, because, cause, effect);
}

fn business_reject(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    (reason, refusal, text): (BusinessRejectReason, Option<Refusal>, &[u8]),
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let connection = state.live_connection(member);
    let Some(entry) = state.members.get_mut(usize::from(member)) else {
        return;
    };
    let body = business_message_reject::Body {
        ref_seq_num: message.msg_seq_num().unwrap_or(0),
        ref_msg_type: message.msg_type(),
        business_reject_ref_id: message.field(tag::CL_ORD_ID).unwrap_or(b""),
        reason,
        refusal,
        text,
    };
    let mut sink = effect.member(member, connection);
    let sent = entry
        .session
        .business_reject(&body, cause.stamp.ns, &mut sink);
    reply::debug_assert_sent(entry, sent);
}
