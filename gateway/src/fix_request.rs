//! Requests to a FIX venue: NewOrderSingle(D), OrderCancelReplaceRequest(G), OrderCancelRequest(F)
//! and OrderStatusRequest(H), under the session's next MsgSeqNum(34).
//!
//! ClOrdID(11) towards the venue is ours: the prefix of OrderIDs and the UserRefNum, together 14
//! characters, so that whatever the venue answers leads to the order without a table of texts. A
//! cancel has the order's and behind it `C` and its own MsgSeqNum(34), as a cancel spends no
//! UserRefNum and may be asked again. What members tell about themselves (20101 to 20103) is not
//! passed on. What the OUCH path calls here is kept out of its code, which would be laid out
//! around it.

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::messages::{
    new_order_single, order_cancel_replace_request, order_cancel_request, order_status_request,
};
use gwanmun_fix::{Version, tag};
use gwanmun_market::{
    AccountId, CancelRequest, ClOrdId, FeeClass, NewOrder, OrderOrigin, ReplaceRequest, Side,
    Symbol, VenueName, VoiceRecordId, number,
};

use crate::effect::EffectBuilder;
use crate::fix_line::{RequestKind, SentRequest};
use crate::orders::{Order, PendingReplace};
use crate::route::VenueLine;
use crate::state::{State, numbered_id};

/// What stands behind the order's own ClOrdID(11) in a cancel's.
const CANCEL_MARK: u8 = b'C';
/// What stands there in an OrdStatusReqID(790).
const STATUS_MARK: u8 = b'S';
/// Length of an order's or replace's ClOrdID(11).
const ID_BYTES: usize = 14;

/// ClOrdID(11) of an order or replace by its UserRefNum.
fn id_of(state: &State, user_ref_num: u32) -> ClOrdId {
    let prefix = state.terms.order_id_prefix;
    let id = numbered_id(prefix.as_bytes(), user_ref_num.into());
    ClOrdId::new(id.as_bytes()).unwrap_or_default()
}

/// An id with a mark and a MsgSeqNum(34) behind it.
fn marked(id: &ClOrdId, mark: u8, msg_seq_num: u64) -> ClOrdId {
    let mut bytes = [0; 32];
    let mut digits = [0; number::DECIMAL_BYTES_MAX];
    let value = i64::try_from(msg_seq_num).unwrap_or(i64::MAX);
    let length = number::write_decimal(value, 0, &mut digits);
    let tail = digits.get(..length).unwrap_or(&[]);
    let all = id.as_bytes().iter().chain([&mark]).chain(tail);
    let mut used = 0;
    for (to, from) in bytes.iter_mut().zip(all) {
        *to = *from;
        used += 1;
    }
    ClOrdId::new(bytes.get(..used).unwrap_or(&[])).unwrap_or_default()
}

/// The UserRefNum that an id of ours stands for, and whether it is a cancel's.
pub(crate) fn read_id(state: &State, id: &[u8]) -> Option<(u32, bool)> {
    let (front, rest) = id.split_at_checked(ID_BYTES)?;
    let prefix = state.terms.order_id_prefix;
    let digits = front.strip_prefix(prefix.as_bytes())?;
    let digits = core::str::from_utf8(digits).ok()?;
    let is_ours = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_ours)?;
    match rest.first() {
        None => Some((number, false)),
        Some(&mark) => Some((number, mark == CANCEL_MARK)),
    }
}

/// Sends NewOrderSingle(35=D).
#[inline(never)]
pub(crate) fn enter(
    state: &mut State,
    line: VenueLine,
    order: &Order,
    symbol: Symbol,
    effect: &mut EffectBuilder<'_>,
) {
    let account = state.terms.tables.account(order.account);
    let new = NewOrder {
        cl_ord_id: id_of(state, order.user_ref_num),
        account: account.map_or(AccountId::EMPTY, |row| row.account),
        symbol,
        side: order.side,
        ord_type: order.ord_type,
        price: order.price,
        order_qty: order.order_qty,
        time_in_force: order.time_in_force,
        origin: OrderOrigin::default(),
        fee_class: FeeClass::default(),
        voice_record_id: VoiceRecordId::EMPTY,
        ex_destination: VenueName::EMPTY,
    };
    let about = (order.venue, order.user_ref_num, RequestKind::Enter);
    send(state, line, about, effect, |writer, _| {
        new_order_single::write(writer, &new, line.now_ns);
        write_locate_reqd(writer, order.side);
        write_order_id(writer, order);
    });
}

/// Sends OrderCancelReplaceRequest(35=G) for the replace that is pending on the order.
#[inline(never)]
pub(crate) fn replace(
    state: &mut State,
    line: VenueLine,
    (order, pending): (&Order, PendingReplace),
    effect: &mut EffectBuilder<'_>,
) {
    let request = ReplaceRequest {
        cl_ord_id: id_of(state, pending.user_ref_num),
        orig_cl_ord_id: id_of(state, order.user_ref_num),
        symbol: symbol_of(state, order),
        side: order.side,
        ord_type: order.ord_type,
        price: pending.price,
        order_qty: pending.order_qty,
        ex_destination: VenueName::EMPTY,
    };
    let account = state.terms.tables.account(order.account);
    let account = account.map_or(AccountId::EMPTY, |row| row.account);
    let about = (order.venue, pending.user_ref_num, RequestKind::Replace);
    send(state, line, about, effect, |writer, _| {
        order_cancel_replace_request::write(writer, &request, line.now_ns);
        writer
            .bytes(tag::ACCOUNT, account.as_bytes())
            .char(tag::TIME_IN_FORCE, order.time_in_force.to_fix());
        write_locate_reqd(writer, order.side);
        write_order_id(writer, order);
    });
}

/// LocateReqd(114), which FIX wants with a short sale: the venue need not find the shares, since
/// none leaves without them, whatever the member said.
fn write_locate_reqd(writer: &mut MessageWriter<'_>, side: Side) {
    if side.is_short() {
        writer.boolean(tag::LOCATE_REQD, false);
    }
}

/// Sends OrderCancelRequest(35=F) for all that is left of an order.
///
/// Where a replace was sent before, the venue may know the order by its old ClOrdID(11) or by its
/// new one when the cancel arrives. Both are cancelled; what it then says against the name that is
/// dead is not about the order any more.
#[inline(never)]
pub(crate) fn cancel(
    state: &mut State,
    line: VenueLine,
    order: &Order,
    effect: &mut EffectBuilder<'_>,
) {
    let symbol = symbol_of(state, order);
    let replacing = order
        .pending_replace
        .map(|it| (it.user_ref_num, it.order_qty));
    let own = (order.user_ref_num, order.order_qty);
    for (user_ref_num, order_qty) in core::iter::once(own).chain(replacing) {
        let orig_cl_ord_id = id_of(state, user_ref_num);
        let about = (order.venue, user_ref_num, RequestKind::Cancel);
        send(state, line, about, effect, |writer, msg_seq_num| {
            let request = CancelRequest {
                cl_ord_id: marked(&orig_cl_ord_id, CANCEL_MARK, msg_seq_num),
                orig_cl_ord_id,
                symbol,
                side: order.side,
            };
            order_cancel_request::write(writer, &request, order_qty, line.now_ns);
            write_order_id(writer, order);
        });
    }
}

/// Sends OrderStatusRequest(35=H) about an order under one of its numbers.
pub(crate) fn status(
    state: &mut State,
    line: VenueLine,
    (order, user_ref_num): (&Order, u32),
    effect: &mut EffectBuilder<'_>,
) {
    let cl_ord_id = id_of(state, user_ref_num);
    let symbol = symbol_of(state, order);
    let about = (order.venue, user_ref_num, RequestKind::Status);
    send(state, line, about, effect, |writer, msg_seq_num| {
        let request_id = marked(&cl_ord_id, STATUS_MARK, msg_seq_num);
        let body = order_status_request::Body {
            cl_ord_id: cl_ord_id.as_bytes(),
            ord_status_req_id: request_id.as_bytes(),
            symbol,
            side: order.side,
        };
        body.write(writer);
    });
}

/// SecondaryClOrdID(526), our OrderID(37) towards the member: for people, and for whoever compares
/// the two ledgers. FIX 4.2 has no such field.
fn write_order_id(writer: &mut MessageWriter<'_>, order: &Order) {
    if writer.version() != Version::Fix42 {
        writer.bytes(tag::SECONDARY_CL_ORD_ID, order.order_id.as_bytes());
    }
}

fn symbol_of(state: &State, order: &Order) -> Symbol {
    let row = state.terms.tables.instrument(order.instrument);
    row.map_or(Symbol::EMPTY, |row| row.symbol)
}

fn send(
    state: &mut State,
    line: VenueLine,
    (venue, user_ref_num, kind): (u16, u32, RequestKind),
    effect: &mut EffectBuilder<'_>,
    body: impl FnOnce(&mut MessageWriter<'_>, u64),
) {
    let entry = state.venue_mut(venue);
    let Some(fix) = entry.and_then(|entry| entry.wire.fix_mut()) else {
        return;
    };
    let msg_seq_num = fix.session.numbers().next_out;
    let msg_type = match kind {
        RequestKind::Enter => new_order_single::MSG_TYPE,
        RequestKind::Replace => order_cancel_replace_request::MSG_TYPE,
        RequestKind::Cancel => order_cancel_request::MSG_TYPE,
        RequestKind::Status => order_status_request::MSG_TYPE,
    };
    let mut sink = effect.venue_sink(line.connection);
    let sent = fix
        .session
        .send(msg_type, line.now_ns, &mut sink, |writer| {
            body(writer, msg_seq_num);
        });
    debug_assert!(sent.is_ok(), "the room of an effect holds every request");
    fix.note_sent(SentRequest {
        msg_seq_num,
        user_ref_num,
        kind,
    });
    state.put_venue(venue, effect);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_behind_the_id() {
        let id = ClOrdId::new(b"GW100000000042").unwrap();
        let cancel = marked(&id, CANCEL_MARK, 1_234);
        assert_eq!(cancel.as_bytes(), b"GW100000000042C1234");
        let largest = marked(&id, STATUS_MARK, gwanmun_fix::session::MSG_SEQ_NUM_MAX);
        assert_eq!(largest.as_bytes(), b"GW100000000042S2147483647");
    }
}
