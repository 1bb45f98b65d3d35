//! Orders, what changes them and what answers them, each with every field that has a getter.

use gwanmun_fix::messages::*;
use gwanmun_market::{GateCode, NewOrder, Price, Refusal, ReplaceRequest, Side, Text};

use super::samples::{self, cancel};
use super::{Case, NOW_NS};

const REFUSAL: Refusal = Refusal {
    code: GateCode::ALL[0],
    limit: 1,
    observed: -2,
};

fn order() -> NewOrder {
    NewOrder {
        price: Price(-715_000_500),
        voice_record_id: Text::new(b"V1").unwrap(),
        ex_destination: Text::new(b"KRX").unwrap(),
        ..samples::order()
    }
}

/// At the same venue, which is told by leaving the field out.
fn replace() -> ReplaceRequest {
    ReplaceRequest {
        ex_destination: Text::EMPTY,
        ..samples::replace()
    }
}

/// With the fields that the sample leaves out.
fn report() -> execution_report::Body<'static> {
    execution_report::Body {
        exec_type: execution_report::ExecType::Rejected,
        ord_status: execution_report::OrdStatus::Rejected,
        orig_cl_ord_id: b"C-0",
        price: Some(Price(5)),
        last: Some((3, Price(7))),
        last_mkt: b"XKRX",
        leaves_qty: 0,
        cum_qty: 3,
        avg_px: Price(7),
        exec_ref_id: b"E-0",
        refusal: Some(REFUSAL),
        text: b"a text of more than sixteen characters\x01 and a control byte",
        voice_record_id: b"V1",
        ..samples::report()
    }
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            file: "new_order_single",
            msg_type: new_order_single::MSG_TYPE,
            write: |writer| new_order_single::write(writer, &order(), NOW_NS),
            look: |message| {
                let view = new_order_single::NewOrderSingle::new(message);
                view.transact_time_ns().is_ok() && view.to_new_order() == Ok(order())
            },
        },
        Case {
            file: "order_status_request",
            msg_type: order_status_request::MSG_TYPE,
            write: |writer| {
                let body = order_status_request::Body {
                    cl_ord_id: b"C1",
                    ord_status_req_id: b"Q1",
                    symbol: Text::new(b"005930").unwrap(),
                    side: Side::Buy,
                };
                body.write(writer);
            },
            look: |message| {
                let view = order_status_request::OrderStatusRequest::new(message);
                view.cl_ord_id() == Some(b"C1") && view.ord_status_req_id() == b"Q1"
            },
        },
        Case {
            file: "order_cancel_request",
            msg_type: order_cancel_request::MSG_TYPE,
            write: |writer| order_cancel_request::write(writer, &cancel(), 10, NOW_NS),
            look: |message| {
                let view = order_cancel_request::OrderCancelRequest::new(message);
                view.transact_time_ns().is_ok() && view.to_cancel_request() == Ok(cancel())
            },
        },
        Case {
            file: "order_cancel_replace_request",
            msg_type: order_cancel_replace_request::MSG_TYPE,
            write: |writer| order_cancel_replace_request::write(writer, &replace(), NOW_NS),
            look: |message| {
                let view = order_cancel_replace_request::OrderCancelReplaceRequest::new(message);
                view.transact_time_ns().is_ok() && view.to_replace_request() == Ok(replace())
            },
        },
        Case {
            file: "order_cancel_reject",
            msg_type: order_cancel_reject::MSG_TYPE,
            write: |writer| {
                let body = order_cancel_reject::Body {
                    order_id: b"",
                    cl_ord_id: b"C-2",
                    orig_cl_ord_id: b"C-1",
                    ord_status: execution_report::OrdStatus::New,
                    account: b"ACC1",
                    response_to: order_cancel_reject::CxlRejResponseTo::OrderCancelRequest,
                    refusal: REFUSAL,
                    transact_time_ns: NOW_NS,
                    text: b"too late",
                };
                body.write(writer);
            },
            look: |message| {
                let view = order_cancel_reject::OrderCancelReject::new(message);
                view.order_id().is_ok()
                    && view.cl_ord_id().is_ok()
                    && view.orig_cl_ord_id().is_ok()
                    && view.ord_status().is_ok()
                    && view.response_to().is_ok()
                    && view.cxl_rej_reason().is_ok()
                    && view.gate_code().is_ok()
                    && !view.text().is_empty()
            },
        },
        Case {
            file: "execution_report",
            msg_type: execution_report::MSG_TYPE,
            write: |writer| report().write(writer),
            look: |message| {
                let view = execution_report::ExecutionReport::new(message);
                view.order_id().is_ok()
                    && view.exec_id().is_ok()
                    && view.exec_type().is_ok()
                    && view.ord_status().is_ok()
                    && view.side().is_ok()
                    && view.order_qty() == Ok(Some(10))
                    && view.price() == Ok(Some(Price(5)))
                    && view.last_qty() == Ok(Some(3))
                    && view.last_px() == Ok(Some(Price(7)))
                    && view.leaves_qty() == Ok(0)
                    && view.cum_qty() == Ok(3)
                    && view.avg_px() == Ok(Price(7))
                    && view.ord_rej_reason().is_ok()
                    && view.gate_code().is_ok()
            },
        },
        Case {
            file: "business_message_reject",
            msg_type: business_message_reject::MSG_TYPE,
            write: |writer| {
                let body = business_message_reject::Body {
                    ref_seq_num: 5,
                    ref_msg_type: b"D",
                    business_reject_ref_id: b"C-1",
                    reason: business_message_reject::BusinessRejectReason::Other,
                    refusal: Some(REFUSAL),
                    text: b"not now",
                };
                body.write(writer);
            },
            look: |message| {
                let view = business_message_reject::BusinessMessageReject::new(message);
                view.ref_seq_num().is_ok()
                    && view.ref_msg_type().is_ok()
                    && view.business_reject_ref_id().is_some()
                    && view.business_reject_reason().is_ok()
                    && !view.text().is_empty()
            },
        },
    ]
}
