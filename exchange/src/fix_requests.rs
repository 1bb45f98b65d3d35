//! What a participant that speaks FIX asks: NewOrderSingle(D), OrderCancelReplaceRequest(G),
//! OrderCancelRequest(F) and OrderStatusRequest(H), done to the venue's book as the OUCH message
//! that says the same, under a UserRefNum of the venue's choice.
//!
//! In it: reading them, and refusing what makes no sense. Not in it: what their reports say (see
//! `fix_reports.rs`).

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, TagValue};
use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, TimeInForce as OuchTimeInForce};
use gwanmun_binary::ouch::{CancelOrder, EnterOrder, MARKET_PRICE, ReplaceOrder};
use gwanmun_binary::soup::packet::unsequenced;
use gwanmun_fix::error::MeaningError;
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::business_message_reject::{self, BusinessRejectReason};
use gwanmun_fix::messages::new_order_single::NewOrderSingle;
use gwanmun_fix::messages::order_cancel_replace_request::OrderCancelReplaceRequest;
use gwanmun_fix::messages::order_cancel_request::OrderCancelRequest;
use gwanmun_fix::messages::order_status_request::OrderStatusRequest;
use gwanmun_fix::{FieldError, tag};
use gwanmun_market::{NewOrder, OrdType, OrderId, Price, TimeInForce};

use crate::clock::Moment;
use crate::desk::{Desk, DeskError};
use crate::fix_party::Party;
use crate::fix_reports::Shadow;
use crate::venue::Disposition;

/// Room for one packet to the desk.
const PACKET_BYTES_MAX: usize = 128;

/// OrdRejReason(103) Duplicate order.
const DUPLICATE_ORDER: u32 = 6;
/// CxlRejReason(102): too late to cancel, unknown order, duplicate ClOrdID(11).
const TOO_LATE_TO_CANCEL: u32 = 0;
const CANCEL_OF_UNKNOWN_ORDER: u32 = 1;
const DUPLICATE_CL_ORD_ID: u32 = 6;

impl Party {
    pub(crate) fn refuse_meaning(
        &mut self,
        message: &Message<'_>,
        error: MeaningError,
        now_ns: u64,
        out: &mut Vec<u8>,
    ) {
        let number = message.msg_seq_num().unwrap_or(0);
        let msg_type = message.msg_type();
        let _ = self.with(out, |session, outbox| match error {
            MeaningError::Field(error) => {
                session.reject(number, error, msg_type, b"", now_ns, outbox)
            }
            MeaningError::Unsupported { .. } => {
                let body = business_message_reject::Body {
                    ref_seq_num: number,
                    ref_msg_type: msg_type,
                    business_reject_ref_id: message.field(tag::CL_ORD_ID).unwrap_or(b""),
                    reason: BusinessRejectReason::Other,
                    refusal: None,
                    text: b"a value that this venue does not carry",
                };
                session.business_reject(&body, now_ns, outbox)
            }
        });
    }

    pub(crate) fn enter(
        &mut self,
        message: &Message<'_>,
        line: u32,
        desk: &mut Desk,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Result<Result<(), MeaningError>, DeskError> {
        let order = match NewOrderSingle::new(*message).to_new_order() {
            Ok(order) => order,
            Err(error) => return Ok(Err(error)),
        };
        let name = order.cl_ord_id.as_bytes().to_vec();
        let number = desk.venue.next_user_ref_num(self.account);
        let key = key_of(message, &order, number);
        let shadow = Shadow::new(&order, key);
        if self.names.contains_key(&name) {
            self.tell_refused(&shadow, DUPLICATE_ORDER, now.utc_ns, out);
            return Ok(Ok(()));
        }
        self.names.insert(name, number);
        self.orders.insert(number, shadow);
        let mut option = [0; 6];
        let mut options = AppendageWriter::new(&mut option);
        if order.time_in_force == TimeInForce::FillOrKill {
            let _ = options.put(TagValue::MinQty(order.order_qty));
        }
        let request = EnterOrder {
            user_ref_num: number,
            side: order.side,
            quantity: order.order_qty,
            symbol: order.symbol,
            price: price_of(order.ord_type, order.price),
            time_in_force: time_in_force(order.time_in_force),
            display: Display::VISIBLE,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            cl_ord_id: key,
            appendage: options.finish(),
        };
        let asked = (line, now);
        ask(desk, self.account, asked, |into| request.encode(into))?;
        Ok(Ok(()))
    }

    pub(crate) fn replace(
        &mut self,
        message: &Message<'_>,
        line: u32,
        desk: &mut Desk,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Result<Result<(), MeaningError>, DeskError> {
        let request = match OrderCancelReplaceRequest::new(*message).to_replace_request() {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        let name = request.cl_ord_id.as_bytes().to_vec();
        let orig = request.orig_cl_ord_id.as_bytes().to_vec();
        let refused = (name.as_slice(), orig.as_slice(), true);
        if self.names.contains_key(&name) {
            self.tell_cancel_refused(refused, DUPLICATE_CL_ORD_ID, now.utc_ns, out);
            return Ok(Ok(()));
        }
        let Some((orig_number, order)) = self.named(&orig) else {
            self.tell_cancel_refused(refused, CANCEL_OF_UNKNOWN_ORDER, now.utc_ns, out);
            return Ok(Ok(()));
        };
        let (key, life) = (order.key, order.time_in_force);
        let number = desk.venue.next_user_ref_num(self.account);
        let replace = ReplaceOrder {
            orig_user_ref_num: orig_number,
            user_ref_num: number,
            quantity: request.order_qty,
            price: price_of(request.ord_type, request.price),
            time_in_force: time_in_force(life),
            display: Display::VISIBLE,
            inter_market_sweep: false,
            cl_ord_id: key,
            appendage: Appendage::EMPTY,
        };
        self.replacing.insert(number, (name.clone(), orig_number));
        let asked = (line, now);
        let done = ask(desk, self.account, asked, |into| replace.encode(into))?;
        self.report(desk, now.utc_ns, out);
        if done != Disposition::Answered {
            self.tell_cancel_refused(refused, TOO_LATE_TO_CANCEL, now.utc_ns, out);
        }
        self.replacing.remove(&number);
        if self.orders.contains_key(&number) {
            self.names.insert(name, number);
        }
        Ok(Ok(()))
    }

    pub(crate) fn cancel(
        &mut self,
        message: &Message<'_>,
        line: u32,
        desk: &mut Desk,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Result<Result<(), MeaningError>, DeskError> {
        let request = match OrderCancelRequest::new(*message).to_cancel_request() {
            Ok(request) => request,
            Err(error) => return Ok(Err(error)),
        };
        let name = request.cl_ord_id.as_bytes().to_vec();
        let orig = request.orig_cl_ord_id.as_bytes().to_vec();
        let refused = (name.as_slice(), orig.as_slice(), false);
        let Some((number, _)) = self.named(&orig) else {
            self.tell_cancel_refused(refused, CANCEL_OF_UNKNOWN_ORDER, now.utc_ns, out);
            return Ok(Ok(()));
        };
        let cancel = CancelOrder {
            user_ref_num: number,
            quantity: 0,
            appendage: Appendage::EMPTY,
        };
        self.cancelling = Some(name.clone());
        let asked = (line, now);
        let done = ask(desk, self.account, asked, |into| cancel.encode(into))?;
        self.report(desk, now.utc_ns, out);
        if done != Disposition::Answered {
            self.tell_cancel_refused(refused, TOO_LATE_TO_CANCEL, now.utc_ns, out);
        }
        Ok(Ok(()))
    }

    /// A status is told as the book stands; it changes nothing and is on no record.
    pub(crate) fn status(
        &mut self,
        message: &Message<'_>,
        now: Moment,
        out: &mut Vec<u8>,
    ) -> Result<(), MeaningError> {
        let view = OrderStatusRequest::new(*message);
        let name = view
            .cl_ord_id()
            .ok_or(FieldError::missing(tag::CL_ORD_ID))?;
        let request_id = view.ord_status_req_id();
        let known = self.named(name).map(|(number, _)| number);
        self.tell_status(known, (name, request_id), message, now.utc_ns, out);
        Ok(())
    }
}

/// Puts a message on record as an order line's packet and gives it to the venue.
fn ask(
    desk: &mut Desk,
    account: usize,
    (line, now): (u32, Moment),
    encode: impl FnOnce(&mut [u8]) -> Option<usize>,
) -> Result<Disposition, DeskError> {
    let mut packet = [0; PACKET_BYTES_MAX];
    let length = unsequenced(&mut packet, encode).unwrap_or(0);
    assert!(length > 0, "every request fits into its room");
    let packet = &packet[..length];
    desk.record(line, Some(account), packet, now)?;
    desk.on_message(account, &packet[3..], now)
}

/// What joins the ledgers: SecondaryClOrdID(526), else ClOrdID(11), where it has no more than 14
/// characters; else a name of the venue's.
fn key_of(message: &Message<'_>, order: &NewOrder, number: u32) -> OrderId {
    let secondary = message.field(tag::SECONDARY_CL_ORD_ID);
    let secondary = secondary.and_then(OrderId::new);
    secondary
        .or_else(|| OrderId::new(order.cl_ord_id.as_bytes()))
        .or_else(|| OrderId::new(format!("FIX{number}").as_bytes()))
        .unwrap_or_default()
}

fn price_of(ord_type: OrdType, price: Price) -> Price {
    match ord_type {
        OrdType::Market => MARKET_PRICE,
        OrdType::Limit => price,
    }
}

const fn time_in_force(life: TimeInForce) -> OuchTimeInForce {
    match life {
        TimeInForce::Day => OuchTimeInForce::DAY,
        TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill => OuchTimeInForce::IOC,
    }
}
