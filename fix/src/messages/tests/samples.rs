//! What tests write and read back: the header, the requests, a report. Nothing but the market's
//! types and what the parent has in scope is named here, so that `tests/no_allocation/` can take
//! this file in by its path.

use gwanmun_market::{
    CancelRequest, FeeClass, NewOrder, OrdType, OrderOrigin, Price, ReplaceRequest, Side, Text,
    TimeInForce,
};

use super::execution_report::{self, ExecType, OrdStatus};
use super::{Header, NOW_NS};

pub(super) fn header(msg_type: &[u8]) -> Header<'_> {
    Header {
        msg_type,
        sender_comp_id: b"GATE",
        target_comp_id: b"MEMBER",
        msg_seq_num: 7,
        sending_time_ns: NOW_NS,
        orig_sending_time_ns: None,
        last_msg_seq_num_processed: None,
    }
}

pub(super) fn order() -> NewOrder {
    NewOrder {
        cl_ord_id: Text::new(b"C-1").unwrap(),
        account: Text::new(b"ACC1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Buy,
        ord_type: OrdType::Limit,
        price: Price(715_000_000),
        order_qty: 10,
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::Online,
        fee_class: FeeClass::Hts,
        voice_record_id: Text::EMPTY,
        ex_destination: Text::EMPTY,
    }
}

pub(super) fn cancel() -> CancelRequest {
    CancelRequest {
        cl_ord_id: Text::new(b"C-2").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
    }
}

pub(super) fn replace() -> ReplaceRequest {
    ReplaceRequest {
        cl_ord_id: Text::new(b"C-3").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
        ord_type: OrdType::Limit,
        price: Price(-500),
        order_qty: 20,
        ex_destination: Text::new(b"KRX").unwrap(),
    }
}

/// A part of an order is filled.
pub(super) fn report() -> execution_report::Body<'static> {
    execution_report::Body {
        order_id: b"00000000000001",
        exec_id: b"E1",
        exec_type: ExecType::Trade,
        ord_status: OrdStatus::PartiallyFilled,
        cl_ord_id: b"C-1",
        orig_cl_ord_id: b"",
        account: b"ACC1",
        symbol: b"005930",
        side: Side::Buy,
        order_qty: Some(10),
        ord_type: Some(OrdType::Limit),
        price: Some(Price(715_000_000)),
        time_in_force: Some(TimeInForce::Day),
        last: Some((4, Price(714_000_000))),
        last_mkt: b"KRX",
        leaves_qty: 6,
        cum_qty: 4,
        avg_px: Price(714_000_000),
        transact_time_ns: NOW_NS,
        exec_ref_id: b"",
        refusal: None,
        text: b"",
        origin: OrderOrigin::Online,
        fee_class: FeeClass::Hts,
        voice_record_id: b"",
    }
}
