//! What members are told about orders: ExecutionReport(8) and OrderCancelReject(9).
//!
//! Acknowledged means: the member was sent ExecutionReport(8) with ExecType(150) New, Canceled,
//! Replaced or a fill. None of those is written here before the venue's own word is the cause of
//! the effect. What is said about messages that are no orders: `message_reject`.

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::execution_report::{self, ExecType, OrdStatus};
use gwanmun_fix::messages::order_cancel_reject::{self, CxlRejResponseTo};
use gwanmun_fix::session::{MSG_SEQ_NUM_MAX, NoRoom};
use gwanmun_fix::{Sent, tag};
use gwanmun_market::{
    AccountId, ClOrdId, GateCode, NewOrder, OrdType, OrderId, Price, Refusal, Symbol, VenueName,
};

use crate::effect::EffectBuilder;
use crate::orders::{Order, OrderState, Owner, UNKNOWN};
use crate::state::{Member, State, numbered_id};
use crate::{borrow, refusal_text};

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
    let exec_id = take_exec_id(state, report.order.venue, effect);
    let text = report.refusal.as_ref().map(refusal_text::text);
    let order = report.order;
    let venue = state.terms.venues.get(usize::from(order.venue));
    let venue = venue.map_or(VenueName::EMPTY, |venue| venue.name);
    let is_at_venue = matches!(report.exec_type, ExecType::New | ExecType::Trade);
    let body = execution_report::Body {
        order_id: order.order_id.as_bytes(),
        exec_id: exec_id.as_bytes(),
        exec_type: report.exec_type,
        ord_status: match (report.exec_type, order.state) {
            // A status is no acknowledgement: the venue has not answered yet.
            (ExecType::OrderStatus, OrderState::Sent) => OrdStatus::PendingNew,
            _ => ord_status(order),
        },
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
        last_mkt: if is_at_venue { venue.as_bytes() } else { &[] },
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
            put_missing(writer, report.refusal);
        },
    );
}

/// The next ExecID(17), never given out again on this trading day, restarts included.
pub(crate) fn take_exec_id(
    state: &mut State,
    venue: u16,
    effect: &mut EffectBuilder<'_>,
) -> OrderId {
    let exec_id = numbered_id(b"X", state.counters.next_exec);
    state.counters.next_exec += 1;
    state.put_counters(venue, effect);
    exec_id
}

/// OrdStatus(39) of an order; one that is sent and not answered is told as it will stand, New.
const fn ord_status(order: &Order) -> OrdStatus {
    match order.state {
        OrderState::Sent | OrderState::New => OrdStatus::New,
        OrderState::PartiallyFilled => OrdStatus::PartiallyFilled,
        OrderState::Filled => OrdStatus::Filled,
        OrderState::Canceled => OrdStatus::Canceled,
        OrderState::Rejected => OrdStatus::Rejected,
        OrderState::Held => OrdStatus::Suspended,
    }
}

/// A new order that has a slot is refused: verdict, what the borrow desk is asked for, and the
/// member's report.
pub(crate) fn refused(
    state: &mut State,
    (entry, new): (&mut Order, &NewOrder),
    (refusal, message): (Refusal, &Message<'_>),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    entry.refuse();
    state.put_verdict(Some(refusal), (&entry.order_id, &entry.cl_ord_id), effect);
    borrow::note_shortfall(state, (entry, refusal), message, now_ns, effect);
    let refused = Report::refused(entry, new, refusal);
    report(state, &refused, now_ns, effect);
}

/// Tells a member that a new order never got a slot: a duplicate, or the table is full. OrderID(37)
/// is `NONE`. Who says PossResend(97)=Y of an order that is here already is told how it stands: a
/// refusal could be taken for the end of an order that works.
pub(crate) fn not_admitted(
    state: &mut State,
    member: u16,
    (new, refusal): (&NewOrder, Refusal),
    is_resend: bool,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    if is_resend && refusal.code == GateCode::DuplicateOrder {
        let slot = state.orders.by_cl_ord_id(member, &new.cl_ord_id);
        if let Some(order) = slot.and_then(|slot| state.orders.order(slot)).copied() {
            let status = Report::about(state, &order, ExecType::OrderStatus);
            return report(state, &status, now_ns, effect);
        }
    }
    let owner = Owner {
        session: member,
        account: UNKNOWN,
        instrument: UNKNOWN,
        venue: UNKNOWN,
    };
    let mut order = Order::sent(new, OrderId::EMPTY, owner);
    order.state = OrderState::Rejected;
    state.put_verdict(Some(refusal), (&OrderId::EMPTY, &new.cl_ord_id), effect);
    let refused = Report::refused(&order, new, refusal);
    report(state, &refused, now_ns, effect);
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
    state.put_verdict(Some(reject.refusal), (&order_id, &reject.cl_ord_id), effect);
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
            put_missing(writer, Some(reject.refusal));
        },
    );
}

/// MissingQty(20120), where a sale was refused for it.
fn put_missing(writer: &mut MessageWriter<'_>, refusal: Option<Refusal>) {
    if let Some(missing) = refusal.as_ref().and_then(refusal_text::missing_qty) {
        writer.int(tag::MISSING_QTY, missing);
    }
}

/// Sends an application message to a member: to his line, or onto the record alone while he has
/// none.
pub(crate) fn send(
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
        debug_assert_sent(entry, sent);
    }
    state.put_numbers(member, effect);
}

/// The room of an effect holds every message, so the one reason for not sending is that the session
/// has used up its numbers: orders are refused long before that.
pub(crate) fn debug_assert_sent(member: &Member, sent: Result<Sent, NoRoom>) {
    debug_assert!(
        sent.is_ok() || member.session.numbers().next_out > MSG_SEQ_NUM_MAX,
        "the room of an effect holds every message"
    );
}
