//! NewOrderSingle(35=D), OrderCancelRequest(35=F) and OrderCancelReplaceRequest(35=G) both ways,
//! and what an order may and may not mean.

use gwanmun_market::{FeeClass, NewOrder, OrdType, OrderOrigin, Price, Side, Text, TimeInForce};

use super::samples::{cancel, order, replace};
use super::*;
use crate::error::MeaningError;
use crate::tag;

const ORDER_TEXT: &str = "35=D|34=7|11=C-1|1=ACC1|21=1|55=005930|54=1|\
                          60=20261123-00:12:33.123456789|38=10|40=2|44=71500|59=0|";

fn meaning(body: &str) -> Result<NewOrder, MeaningError> {
    read(body, |message| {
        new_order_single::NewOrderSingle::new(message).to_new_order()
    })
}

#[test]
fn new_order_single_both_ways() {
    check(
        b"D",
        |writer| new_order_single::write(writer, &order(), NOW_NS),
        ORDER_TEXT.strip_prefix("35=D|34=7|").unwrap(),
        |message| {
            let view = new_order_single::NewOrderSingle::new(message);
            assert_eq!(view.to_new_order(), Ok(order()));
            assert_eq!(view.transact_time_ns(), Ok(NOW_NS));
        },
    );
    let other = NewOrder {
        side: Side::SellShortExempt,
        ord_type: OrdType::Market,
        price: Price::ZERO,
        time_in_force: TimeInForce::FillOrKill,
        origin: OrderOrigin::Algorithm,
        fee_class: FeeClass::Dma,
        voice_record_id: Text::new(b"voice/1").unwrap(),
        ex_destination: Text::new(b"NXT").unwrap(),
        ..order()
    };
    check(
        b"D",
        |writer| new_order_single::write(writer, &other, NOW_NS),
        "11=C-1|1=ACC1|21=1|55=005930|54=6|60=20261123-00:12:33.123456789|38=10|40=1|59=4|\
         100=NXT|20101=3|20102=4|20103=voice/1|",
        |message| {
            let view = new_order_single::NewOrderSingle::new(message);
            assert_eq!(view.to_new_order(), Ok(other));
        },
    );
}

/// where the order came from, and what it is charged as.
#[test]
fn origin_and_fee_class() {
    for (fields, origin, fee_class) in [
        ("", OrderOrigin::Online, FeeClass::Hts),
        ("20101=1|20102=2|", OrderOrigin::Online, FeeClass::Mts),
        ("20101=2|", OrderOrigin::Emergency, FeeClass::Hts),
        ("20101=2|20102=3|", OrderOrigin::Emergency, FeeClass::Hts),
        ("20101=3|20102=4|", OrderOrigin::Algorithm, FeeClass::Dma),
    ] {
        let expected = NewOrder {
            origin,
            fee_class,
            ..order()
        };
        assert_eq!(
            meaning(&format!("{ORDER_TEXT}{fields}")),
            Ok(expected),
            "{fields}"
        );
    }
    for (field, tag) in [
        ("20101=4", 20_101),
        ("20102=0", 20_102),
        ("20102=x", 20_102),
    ] {
        let error = meaning(&format!("{ORDER_TEXT}{field}|"));
        assert_eq!(error, Err(FieldError::value(tag).into()), "{field}");
    }
    let error = meaning(&format!("{ORDER_TEXT}20101=12|"));
    assert_eq!(error, Err(FieldError::format(20_101).into()));
    let long = "v".repeat(33);
    let error = meaning(&format!("{ORDER_TEXT}20103={long}|"));
    assert_eq!(error, Err(FieldError::value(20_103).into()));
}

/// Each field of an order replaced by something else, and what is said about it.
#[test]
fn an_order_with_one_field_wrong() {
    let (value, format) = (FieldError::value, FieldError::format);
    let missing = FieldError::missing;
    let long_id = format!("11={}|", "x".repeat(33));
    for (old, new, error) in [
        ("11=C-1|", "", missing(11)),
        ("11=C-1|", &long_id, value(11)),
        ("11=C-1|", "11=\u{ac00}|", format(11)),
        ("1=ACC1|21", "21", missing(1)),
        ("1=ACC1|21", "1=12345678901234567|21", value(1)),
        ("55=005930|", "", missing(55)),
        ("55=005930|", "55=123456789|", value(55)),
        ("54=1|", "", missing(54)),
        ("54=1|", "54=H|", value(54)),
        ("54=1|", "54=0|", value(54)),
        ("54=1|", "54=11|", format(54)),
        ("60=20261123-00:12:33.123456789|", "", missing(60)),
        ("60=20261123-00", "60=20261131-00", value(60)),
        ("60=20261123-00", "60=2026-11-23", format(60)),
        ("38=10|", "", missing(38)),
        ("38=10|", "38=0|", value(38)),
        ("38=10|", "38=-10|", value(38)),
        ("38=10|", "38=10.5|", value(38)),
        ("38=10|", "38=4294967296|", value(38)),
        ("38=10|", "38=ten|", format(38)),
        ("40=2|", "", missing(40)),
        ("40=2|", "40=Z|", value(40)),
        ("44=71500|", "", missing(44)),
        ("44=71500|", "44=NaN|", format(44)),
        ("44=71500|", "44=71500\0|", format(44)),
        ("44=71500|", "44=99999999999999999999|", value(44)),
        ("44=71500|", "44=1.00001|", value(44)),
        ("59=0|", "59=8|", value(59)),
        ("59=0|", "59=00|", format(59)),
    ] {
        let body = ORDER_TEXT.replace(old, new);
        assert_ne!(body, ORDER_TEXT, "{old}");
        assert_eq!(
            meaning(&body),
            Err(MeaningError::Field(error)),
            "{old} -> {new}"
        );
    }
}

#[test]
fn what_fix_has_and_we_do_not_is_told_apart() {
    for (old, tag, values) in [
        ("54=1|", tag::SIDE, "34789ABCDEFG"),
        ("40=2|", tag::ORD_TYPE, "3456789ABCDEFGHIJKLMP"),
        ("59=0|", tag::TIME_IN_FORCE, "12567"),
    ] {
        for value in values.bytes() {
            let new = format!("{tag}={}|", char::from(value));
            let error = MeaningError::Unsupported { tag, value };
            assert_eq!(meaning(&ORDER_TEXT.replace(old, &new)), Err(error), "{new}");
        }
    }
}

///
#[test]
fn a_price_below_zero_is_a_price() {
    let expected = NewOrder {
        price: Price(-376_300),
        ..order()
    };
    assert_eq!(
        meaning(&ORDER_TEXT.replace("44=71500", "44=-37.63")),
        Ok(expected)
    );
    assert_eq!(
        meaning(&ORDER_TEXT.replace("40=2|44=71500", "40=1|44=NaN")),
        Ok(NewOrder {
            ord_type: OrdType::Market,
            price: Price::ZERO,
            ..order()
        })
    );
    assert_eq!(meaning(&ORDER_TEXT.replace("59=0|", "")), Ok(order()));
}

#[test]
fn order_status_request_both_ways() {
    let body = order_status_request::Body {
        cl_ord_id: b"C-1",
        ord_status_req_id: b"Q-1",
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
    };
    check(
        b"H",
        |writer| body.write(writer),
        "11=C-1|790=Q-1|55=005930|54=2|",
        |message| {
            let view = order_status_request::OrderStatusRequest::new(message);
            assert_eq!(view.cl_ord_id(), Some(&b"C-1"[..]));
            assert_eq!(view.ord_status_req_id(), b"Q-1");
        },
    );
}

#[test]
fn order_cancel_request_both_ways() {
    let request = cancel();
    let text = "41=C-1|11=C-2|55=005930|54=2|60=20261123-00:12:33.123456789|38=10|";
    check(
        b"F",
        |writer| order_cancel_request::write(writer, &request, 10, NOW_NS),
        text,
        |message| {
            let view = order_cancel_request::OrderCancelRequest::new(message);
            assert_eq!(view.to_cancel_request(), Ok(request));
        },
    );
    for (old, new, error) in [
        ("41=C-1|", "", FieldError::missing(41).into()),
        ("11=C-2|", "", FieldError::missing(11).into()),
        (
            "54=2|",
            "54=8|",
            MeaningError::Unsupported {
                tag: 54,
                value: b'8',
            },
        ),
        ("60=20261123", "60=20260023", FieldError::value(60).into()),
    ] {
        let meaning = read(
            &format!("35=F|34=7|{}", text.replace(old, new)),
            |message| order_cancel_request::OrderCancelRequest::new(message).to_cancel_request(),
        );
        assert_eq!(meaning, Err(error), "{old} -> {new}");
    }
}

#[test]
fn order_cancel_replace_request_both_ways() {
    let request = replace();
    let text = "41=C-1|11=C-3|21=1|55=005930|54=2|60=20261123-00:12:33.123456789|38=20|40=2|\
                44=-0.05|100=KRX|";
    check(
        b"G",
        |writer| order_cancel_replace_request::write(writer, &request, NOW_NS),
        text,
        |message| {
            let view = order_cancel_replace_request::OrderCancelReplaceRequest::new(message);
            assert_eq!(view.to_replace_request(), Ok(request));
        },
    );
    for (old, new, error) in [
        ("44=-0.05|", "", FieldError::missing(44).into()),
        ("38=20|", "38=0|", FieldError::value(38).into()),
        (
            "40=2|",
            "40=3|",
            MeaningError::Unsupported {
                tag: 40,
                value: b'3',
            },
        ),
    ] {
        let meaning = read(
            &format!("35=G|34=7|{}", text.replace(old, new)),
            |message| {
                order_cancel_replace_request::OrderCancelReplaceRequest::new(message)
                    .to_replace_request()
            },
        );
        assert_eq!(meaning, Err(error), "{old} -> {new}");
    }
}
