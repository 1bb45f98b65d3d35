//! What members are told: ExecutionReport(8), OrderCancelReject(9), BusinessMessageReject(j), session Reject(3).
//!
//! Acknowledged means: the member was sent ExecutionReport(8) with ExecType(150) New, Canceled, Replaced or a fill. None of
//! those is written here before the venue's own word is the cause of the effect.

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::business_message_reject::{self, BusinessRejectReason};
use gwanmun_fix::messages::execution_report::{self, ExecType, OrdStatus};
use gwanmun_fix::messages::order_cancel_reject::{self, CxlRejResponseTo};
use gwanmun_fix::{FieldError, MeaningError, tag};
use gwanmun_market::{
    AccountId, ClOrdId, GateCode, NewOrder, OrdType, OrderId, Price, Refusal, Symbol,
};

use crate::cause::Cause;
use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState};
use crate::refusal_text;
use crate::state::{State, numbered_id};

/// One ExecutionReport(8) about an order as it stands after the event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report<'a> {
    pub(crate) order: &'a Order,
    pub(crate) account: AccountId,
    pub(crate) symbol: Symbol,
    pub(crate) exec_type: ExecType,
    pub(crate) cl_ord_id: ClOrdId,
    pub(crate) orig_cl_ord_id: Option<ClOrdId>,
    /// LastQty(32) and LastPx(31).
    pub(crate) last: Option<(u32, Price)>,
    pub(crate) refusal: Option<Refusal>,
}

impl<'a> Report<'a> {
    /// The refusal of a new order that has a slot.
    pub(crate) fn refused(order: &'a Order, new: &NewOrder, refusal: Refusal) -> Report<'a> {
        Report {
            order,
            account: new.account,
            symbol: new.symbol,
            exec_type: ExecType::Rejected,
            cl_ord_id: new.cl_ord_id,
            orig_cl_ord_id: None,
            last: None,
            refusal: Some(refusal),
        }
    }

    /// A report about an order whose account and instrument are in the tables.
    pub(crate) fn about(state: &State, order: &'a Order, exec_type: ExecType) -> Report<'a> {
        let tables = &state.terms.tables;
        Report {
            order,
            account: tables
                .account(order.account)
                .map_or(AccountId::EMPTY, |row| row.account),
            symbol: tables
                .instrument(order.instrument)
                .map_or(Symbol::EMPTY, |row| row.symbol),
            exec_type,
            cl_ord_id: order.cl_ord_id,
            orig_cl_ord_id: None,
            last: None,
            refusal: None,
        }
    }
}

/// Sends an ExecutionReport(8) to the order's member.
pub(crate) fn report(
    state: &mut State,
    report: &Report<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let exec_id = numbered_id(b"X", state.counters.next_exec);
    state.counters.next_exec += 1;
    state.put_counters(effect);
    let text = report.refusal.as_ref().map(refusal_text::text);
    let order = report.order;
    let body = execution_report::Body {
        order_id: order.order_id.as_bytes(),
        exec_id: exec_id.as_bytes(),
        exec_type: report.exec_type,
        ord_status: ord_status(order),
        cl_ord_id: report.cl_ord_id.as_bytes(),
        orig_cl_ord_id: report
            .orig_cl_ord_id
            .as_ref()
            .map_or(&[], |id| id.as_bytes()),
        account: report.account.as_bytes(),
        symbol: report.symbol.as_bytes(),
        side: order.side,
        order_qty: Some(order.order_qty),
        ord_type: Some(order.ord_type),
        price: (order.ord_type == OrdType::Limit).then_some(order.price),
        time_in_force: Some(order.time_in_force),
        last: report.last,
        leaves_qty: order.leaves_qty(),
        cum_qty: order.cum_qty,
        avg_px: order.avg_px(),
        transact_time_ns: now_ns,
        exec_ref_id: b"",
        refusal: report.refusal,
        text: text.as_ref().map_or(&[], |text| text.as_bytes()),
        origin: order.origin,
        fee_class: order.fee_class,
        voice_record_id: order.voice_record_id.as_bytes(),
    };
    let is_restated = report.exec_type == ExecType::Restated;
    send(
        state,
        order.session,
        execution_report::MSG_TYPE,
        now_ns,
        effect,
        |writer| {
            body.write(writer);
            if is_restated {
                // ExecRestatementReason(378)=5: partial decline of OrderQty(38).
                writer.uint(tag::EXEC_RESTATEMENT_REASON, 5);
            }
        },
    );
}

/// OrdStatus(39) of an order; one that is sent and not answered is told as it will stand, New.
const fn ord_status(order: &Order) -> OrdStatus {
    match order.state {
        OrderState::Sent | OrderState::New => OrdStatus::New,
        OrderState::PartiallyFilled => OrdStatus::PartiallyFilled,
        OrderState::Filled => OrdStatus::Filled,
        OrderState::Canceled => OrdStatus::Canceled,
        OrderState::Rejected => OrdStatus::Rejected,
    }
}

/// Tells a member that a new order never got a slot: a duplicate, or the table is full. OrderID(37) is `NONE`.
pub(crate) fn not_admitted(
    state: &mut State,
    member: u16,
    new: &NewOrder,
    refusal: Refusal,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let owner = crate::orders::Owner {
        session: member,
        account: crate::orders::UNKNOWN,
        instrument: crate::orders::UNKNOWN,
    };
    let mut order = Order::sent(new, OrderId::EMPTY, owner);
    order.state = OrderState::Rejected;
    effect.verdict(Some(refusal), &OrderId::EMPTY, &new.cl_ord_id);
    report(
        state,
        &Report::refused(&order, new, refusal),
        cause.stamp.ns,
        effect,
    );
}

/// A cancel or replace that is answered with OrderCancelReject(9).
#[derive(Clone, Copy, Debug)]
pub(crate) struct CancelReject<'a> {
    pub(crate) member: u16,
    /// The order, if there is one.
    pub(crate) order: Option<&'a Order>,
    pub(crate) cl_ord_id: ClOrdId,
    pub(crate) orig_cl_ord_id: ClOrdId,
    pub(crate) is_replace: bool,
    pub(crate) refusal: Refusal,
}

/// Sends OrderCancelReject(9).
pub(crate) fn cancel_reject(
    state: &mut State,
    reject: &CancelReject<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let order_id = reject.order.map_or(OrderId::EMPTY, |order| order.order_id);
    effect.verdict(Some(reject.refusal), &order_id, &reject.cl_ord_id);
    let account = reject
        .order
        .and_then(|order| state.terms.tables.account(order.account));
    let account = account.map_or(AccountId::EMPTY, |row| row.account);
    let text = refusal_text::text(&reject.refusal);
    let body = order_cancel_reject::Body {
        order_id: order_id.as_bytes(),
        cl_ord_id: reject.cl_ord_id.as_bytes(),
        orig_cl_ord_id: reject.orig_cl_ord_id.as_bytes(),
        ord_status: reject.order.map_or(OrdStatus::Rejected, ord_status),
        account: account.as_bytes(),
        response_to: if reject.is_replace {
            CxlRejResponseTo::OrderCancelReplaceRequest
        } else {
            CxlRejResponseTo::OrderCancelRequest
        },
        refusal: reject.refusal,
        transact_time_ns: now_ns,
        text: text.as_bytes(),
    };
    send(
        state,
        reject.member,
        order_cancel_reject::MSG_TYPE,
        now_ns,
        effect,
        |writer| {
            body.write(writer);
        },
    );
}

/// Answers a message whose fields do not make sense: session Reject(3) for a wrong field, BusinessMessageReject(j) for a
/// value that FIX has and this gateway has not.
pub(crate) fn meaning_error(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    error: MeaningError,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    match error {
        MeaningError::Field(error) => field_error(state, member, message, error, cause, effect),
        MeaningError::Unsupported { .. } => {
            let refusal = Refusal::plain(GateCode::Unsupported);
            let cl_ord_id = message.text(tag::CL_ORD_ID).unwrap_or(ClOrdId::EMPTY);
            effect.verdict(Some(refusal), &OrderId::EMPTY, &cl_ord_id);
            let text = refusal_text::text(&refusal);
            let because = (BusinessRejectReason::Other, Some(refusal), text.as_bytes());
            business_reject(state, member, message, because, cause, effect);
        }
    }
}

/// Answers a wrong field with session Reject(3).
pub(crate) fn field_error(
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
    debug_assert!(sent.is_ok(), "the room of an effect holds a Reject");
}

/// Answers an application message of a type that has no meaning here: BusinessRejectReason(380)=3.
pub(crate) fn unsupported_message(
    state: &mut State,
    member: u16,
    message: &Message<'_>,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let reason_text = b"unsupported message type";
    let reason = BusinessRejectReason::UnsupportedMessageType;
    business_reject(
        state,
        member,
        message,
        (reason, None, reason_text),
        cause,
        effect,
    );
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
    debug_assert!(sent.is_ok(), "the room of an effect holds a reject");
}

fn send(
    state: &mut State,
    member: u16,
    msg_type: &[u8],
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
    body: impl FnOnce(&mut MessageWriter<'_>),
) {
    let connection = state.live_connection(member);
    if let Some(entry) = state.members.get_mut(usize::from(member)) {
        let mut sink = effect.member(member, connection);
        let sent = entry.session.send(msg_type, now_ns, &mut sink, body);
        debug_assert!(sent.is_ok(), "the room of an effect holds every report");
    }
    state.put_numbers(member, effect);
}
