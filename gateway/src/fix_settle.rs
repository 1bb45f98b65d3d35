//! Settling with a FIX venue after a loss: what became of every request that is in doubt.
//!
//! Nothing is ever sent again: a ResendRequest(2) of the venue is answered with a gap fill over all
//! that it asks for, orders too. So a request whose MsgSeqNum(34) the venue had passed has arrived,
//! and one in the gap never will. Which of both it is, neither end of the gap tells by itself: the
//! venue may ask for numbers that an older line brings after all, and our own count says only what
//! was on record. It is certain behind both: the venue answers a request that is numbered *behind*
//! the gap only when its session has passed the gap, by our gap fill or by the messages themselves;
//! and our session takes that answer only behind everything that the venue said before it.
//!
//! So, after each Logon(A), and whenever a gap was filled on either side meanwhile:
//! 1. TestRequest(1), once our own side misses nothing. Its Heartbeat(0) is the barrier.
//! 2. Behind it OrderStatusRequest(35=H) for each order that is in doubt, one at a time: for the
//!    number of a replace under way first, then for the order's own if that left something open.
//!    One that the venue does not know never arrived.
//! 3. Then the line is up. A venue that refuses to tell leaves it settling, and the operator told;
//!    one that does not answer at all is asked again (`fix_watch`).

use gwanmun_fix::message::Message;
use gwanmun_fix::{Sink, tag};
use gwanmun_market::number::{DECIMAL_BYTES_MAX, write_decimal};
use gwanmun_market::{GateCode, Refusal};

use crate::cause::Cause;
use crate::edge::{Edge, Stopped};
use crate::effect::EffectBuilder;
use crate::fix_line::{BarrierName, FixLine, RequestKind, Settling, VenueFinding};
use crate::gateway::Gateway;
use crate::orders::{Order, OrderState, SlotIndex};
use crate::route::VenueLine;
use crate::stages::Stages;
use crate::state::State;
use crate::venue::VenuePhase;
use crate::{fix_report, fix_request, report_path};

/// TestReqID(112) of a barrier, before its name.
const BARRIER: &[u8] = b"SETTLE";
/// Its longest.
const BARRIER_BYTES_MAX: usize = BARRIER.len() + 19 + 1 + 10;

/// OrdRejReason(103) Unknown order, and BusinessRejectReason(380) Unknown ID.
const UNKNOWN_ORDER: u64 = 5;
const UNKNOWN_ID: u64 = 1;

/// Sends the barrier if it is time for it.
pub(crate) fn begin_if_due(
    state: &mut State,
    venue: u16,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let Some(entry) = state.venue_mut(venue) else {
        return;
    };
    let Some(line) = entry.wire.fix_mut() else {
        return;
    };
    let is_ready = line.session.is_logged_on() && !line.session.has_gap();
    if line.settling != Settling::Waiting || !is_ready || line.session.is_resending() {
        return;
    }
    let name = BarrierName {
        sent_ns: cause.stamp.ns,
        place: line.barriers,
    };
    let mut sink = effect.venue_sink(cause.connection);
    if send_barrier(line, name, cause.stamp.ns, &mut sink) {
        line.barriers = line.barriers.wrapping_add(1);
        line.settle(Settling::Barrier { name }, cause.stamp.ns);
    }
    entry.phase = VenuePhase::Settling;
}

/// Sends the barrier of a name; tells whether there was room.
pub(crate) fn send_barrier(
    line: &mut FixLine,
    name: BarrierName,
    now_ns: u64,
    sink: &mut impl Sink,
) -> bool {
    let mut id = [0; BARRIER_BYTES_MAX];
    let id = barrier_id(name, &mut id);
    let sent = line.session.send(b"1", now_ns, sink, |writer| {
        writer.bytes(tag::TEST_REQ_ID, id);
    });
    sent.is_ok()
}

/// `SETTLE`, the time, a point, the place.
fn barrier_id(name: BarrierName, into: &mut [u8; BARRIER_BYTES_MAX]) -> &[u8] {
    let (mut time, mut place) = ([0; DECIMAL_BYTES_MAX], [0; DECIMAL_BYTES_MAX]);
    let sent_ns = i64::try_from(name.sent_ns).unwrap_or(i64::MAX);
    let time_bytes = write_decimal(sent_ns, 0, &mut time);
    let place_bytes = write_decimal(name.place.into(), 0, &mut place);
    let (time, place) = (time.get(..time_bytes), place.get(..place_bytes));
    let parts = [BARRIER, time.unwrap_or(&[]), b".", place.unwrap_or(&[])];
    let mut used = 0;
    for (to, from) in into.iter_mut().zip(parts.into_iter().flatten()) {
        *to = *from;
        used += 1;
    }
    into.get(..used).unwrap_or(&[])
}

/// Whether a message that the session has taken answers the barrier.
pub(crate) fn passes_barrier(line: &FixLine, message: &Message<'_>) -> bool {
    let Settling::Barrier { name } = line.settling else {
        return false;
    };
    let mut id = [0; BARRIER_BYTES_MAX];
    let id = barrier_id(name, &mut id);
    message.msg_type() == b"0" && message.field(tag::TEST_REQ_ID) == Some(id)
}

/// What a venue says of an order that it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It has no such order: it never arrived.
    Unknown,
    /// It refused it; OrdRejReason(103).
    Rejected(u64),
    /// It has it; OrdStatus(39).
    Known(u8),
    /// It does not tell.
    Refused,
}

/// How a message answers the question that is out, if it does.
fn standing(state: &State, venue: u16, message: &Message<'_>) -> Option<Standing> {
    let line = state.venue(venue)?.wire.fix()?;
    let Settling::Asking { user_ref_num, .. } = line.settling else {
        return None;
    };
    let number_in = |tag| {
        message
            .field(tag)
            .and_then(|id| fix_request::read_id(state, id))
    };
    match message.msg_type() {
        b"8" => {
            let status = message.char(tag::ORD_STATUS).ok();
            let is_status = message.char(tag::EXEC_TYPE) == Ok(b'I')
                || message.char(tag::EXEC_TRANS_TYPE) == Ok(b'3');
            let reason = message.uint(tag::ORD_REJ_REASON).ok();
            let is_unknown = status == Some(b'8') && reason == Some(UNKNOWN_ORDER);
            if !is_status && !is_unknown {
                return None;
            }
            let asked = number_in(tag::ORD_STATUS_REQ_ID);
            let named = number_in(tag::CL_ORD_ID).or_else(|| number_in(tag::ORIG_CL_ORD_ID));
            let is_other = |it: Option<(u32, bool)>| it.is_some_and(|it| it.0 != user_ref_num);
            if is_other(asked) || (asked.is_none() && is_other(named)) {
                return None;
            }
            Some(match (status?, reason) {
                (b'8', None | Some(UNKNOWN_ORDER)) => Standing::Unknown,
                (b'8', Some(reason)) => Standing::Rejected(reason),
                // Something about the order is pending there still: its name has not changed yet.
                (b'6' | b'E', _) if is_other(named) => Standing::Known(b'E'),
                // It answers with another order of the chain: this one it does not have.
                _ if is_other(named) => Standing::Unknown,
                (status, _) => Standing::Known(status),
            })
        }
        b"j" | b"3" => {
            let request = fix_report::rejected_request(state, venue, message);
            let is_it = request == Some((RequestKind::Status, user_ref_num));
            let is_unknown = message.uint(tag::BUSINESS_REJECT_REASON) == Ok(UNKNOWN_ID);
            is_it.then_some(if is_unknown {
                Standing::Unknown
            } else {
                Standing::Refused
            })
        }
        _ => None,
    }
}

/// Takes the answer to the question that is out, if the message is one; tells whether it was.
pub(crate) fn on_answer(
    state: &mut State,
    venue: u16,
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> bool {
    let Some(standing) = standing(state, venue, message) else {
        return false;
    };
    let Some(entry) = state.venue_mut(venue) else {
        return false;
    };
    let Some(line) = entry.wire.fix_mut() else {
        return false;
    };
    let Settling::Asking { slot, user_ref_num } = line.settling else {
        return false;
    };
    if standing == Standing::Refused {
        // Perhaps not now: the question stays open, and is asked again when its time has passed.
        line.settling = Settling::Refused { slot, user_ref_num };
        entry.last_finding = Some(VenueFinding::StatusRefused);
        return true;
    }
    let slot = SlotIndex(slot);
    if let Some(order) = state.orders.order(slot).copied() {
        let about = (slot, order, user_ref_num);
        settle_order(state, about, (standing, message), now_ns, effect);
    }
    true
}

fn settle_order(
    state: &mut State,
    (slot, mut order, asked): (SlotIndex, Order, u32),
    (standing, message): (Standing, &Message<'_>),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let (code, reason) = match standing {
        Standing::Rejected(reason) => (GateCode::VenueRejected, reason),
        _ => (GateCode::NeverArrived, asked.into()),
    };
    let refusal = Refusal {
        code,
        limit: 0,
        observed: i64::try_from(reason).unwrap_or(i64::MAX),
    };
    let name = order.cl_ord_id;
    let replacing = order.pending_replace.filter(|it| it.user_ref_num == asked);
    let status = match standing {
        Standing::Known(status) => status,
        _ if replacing.is_some() => {
            report_path::refuse_replace(state, &mut order, name, refusal, now_ns, effect);
            return state.put_order(slot, order, effect);
        }
        _ if order.state == OrderState::Sent => {
            return report_path::become_rejected(state, slot, order, refusal, now_ns, effect);
        }
        // Refused after all, although it had been taken.
        _ if matches!(standing, Standing::Rejected(_)) => {
            fix_report::catch_up(state, &mut order, message, now_ns, effect);
            return fix_report::end(state, (slot, order), now_ns, effect);
        }
        // An order that it once acknowledged: only the requests about it are answered.
        _ => {
            report_path::refuse_requests(state, &mut order, refusal, now_ns, effect);
            return state.put_order(slot, order, effect);
        }
    };
    if order.state == OrderState::Sent && status != b'A' {
        let terms = fix_report::told_terms(message, (order.order_qty, order.price));
        report_path::become_new(state, &mut order, terms, now_ns, effect);
    }
    if let Some(pending) = replacing.filter(|_| status != b'E') {
        let terms = fix_report::told_terms(message, (pending.order_qty, pending.price));
        report_path::become_replaced(state, &mut order, (pending, terms), now_ns, effect);
    }
    fix_report::catch_up(state, &mut order, message, now_ns, effect);
    if matches!(status, b'3' | b'4' | b'C') {
        return fix_report::end(state, (slot, order), now_ns, effect);
    }
    // What would still be on its way has been passed: a cancel that does not show never arrived.
    // Behind something that is pending itself it need not show yet.
    if !matches!(status, b'6' | b'A' | b'E') {
        let name = order.cl_ord_id;
        report_path::refuse_cancel(state, &mut order, name, refusal, now_ns, effect);
    }
    state.put_order(slot, order, effect);
}

impl<S: Stages> Gateway<S> {
    /// Asks about the next order that is in doubt, or opens the line where there is none. `asked`
    /// is the order and number that were answered just now.
    pub(crate) fn ask_next<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        asked: Option<(u32, u32)>,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let next = self.state.next_in_doubt(venue, asked);
        let Some(entry) = self.state.venue_mut(venue) else {
            return Ok(());
        };
        let Some(line) = entry.wire.fix_mut() else {
            return Ok(());
        };
        let Some((slot, user_ref_num, order)) = next else {
            line.settling = Settling::Done;
            entry.phase = VenuePhase::Up;
            return Ok(());
        };
        let asking = Settling::Asking { slot, user_ref_num };
        line.settle(asking, cause.stamp.ns);
        let way = VenueLine {
            connection: cause.connection,
            is_fix: true,
            now_ns: cause.stamp.ns,
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        fix_request::status(&mut self.state, way, (&order, user_ref_num), &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)
    }
}

impl State {
    /// The next question: slot, UserRefNum and order.
    fn next_in_doubt(&self, venue: u16, asked: Option<(u32, u32)>) -> Option<(u32, u32, Order)> {
        let in_doubt = |slot: u32| {
            let order = self.orders.order(SlotIndex(slot))?;
            (order.venue == venue && order.is_awaiting_venue()).then_some(*order)
        };
        if let Some((slot, user_ref_num)) = asked
            && let Some(order) = in_doubt(slot).filter(|order| order.user_ref_num != user_ref_num)
        {
            return Some((slot, order.user_ref_num, order));
        }
        let from = asked.map_or(0, |(slot, _)| slot + 1);
        (from..self.orders.next_slot().0).find_map(|slot| {
            let order = in_doubt(slot)?;
            let replacing = order.pending_replace.map(|replace| replace.user_ref_num);
            Some((slot, replacing.unwrap_or(order.user_ref_num), order))
        })
    }
}
