//! The requests that tests write and read back. Nothing but the market's types is named here, so
//! that `tests/no_allocation/` can take this file in by its path.

use gwanmun_market::{
    CancelRequest, FeeClass, NewOrder, OrdType, OrderOrigin, Price, ReplaceRequest, Side, Text,
    TimeInForce,
};

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
