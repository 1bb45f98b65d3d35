//! Every message written and read back, and what an order message may and may not mean.

use gwanmun_market::{
    CancelRequest, FeeClass, GateCode, NewOrder, OrdType, OrderOrigin, Price, Refusal,
    ReplaceRequest, Side, Text, TimeInForce,
};

use super::execution_report::{ExecType, OrdStatus};
use super::order_cancel_reject::CxlRejResponseTo;
use super::*;
use crate::encode::{Header, MessageWriter};
use crate::error::{FieldError, MeaningError, SessionRejectReason};
use crate::frame::{Frame, frame};
use crate::testing::whole;
use crate::{Index, Message, tag};

const NOW_NS: u64 = 1_795_392_753_123_456_789;
const HEADER_TEXT: &str = "49=GATE|56=MEMBER|34=7|52=20261123-00:12:33.123456789|";

/// Writes a message behind the header, holds it against the text, and looks at it.
fn check(
    msg_type: &[u8],
    body: impl FnOnce(&mut MessageWriter<'_>),
    expected: &str,
    look: impl FnOnce(Message<'_>),
) {
    let mut into = [0; 1_000];
    let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
    Header {
        msg_type,
        sender_comp_id: b"GATE",
        target_comp_id: b"MEMBER",
        msg_seq_num: 7,
        sending_time_ns: NOW_NS,
        orig_sending_time_ns: None,
    }
    .write(&mut writer);
    body(&mut writer);
    let length = writer.finish().unwrap();
    let bytes = &into[..length];
    assert_eq!(frame(bytes, 1_000), Frame::Whole { length });
    let msg_type = std::str::from_utf8(msg_type).unwrap();
    let expected = whole(&format!("35={msg_type}|{HEADER_TEXT}{expected}"));
    assert_eq!(
        bytes.escape_ascii().to_string(),
        expected.escape_ascii().to_string()
    );
    let mut index = Index::new();
    look(Message::parse(bytes, &mut index).unwrap());
}

/// Looks at a message of the given body.
fn read<T>(body: &str, look: impl FnOnce(Message<'_>) -> T) -> T {
    let bytes = whole(body);
    let mut index = Index::new();
    look(Message::parse(&bytes, &mut index).unwrap())
}

fn order() -> NewOrder {
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
fn order_cancel_request_both_ways() {
    let request = CancelRequest {
        cl_ord_id: Text::new(b"C-2").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
    };
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
    let request = ReplaceRequest {
        cl_ord_id: Text::new(b"C-3").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
        ord_type: OrdType::Limit,
        price: Price(-500),
        order_qty: 20,
        ex_destination: Text::new(b"KRX").unwrap(),
    };
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

fn report() -> execution_report::Body<'static> {
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

#[test]
fn execution_report_both_ways() {
    check(
        b"8",
        |writer| report().write(writer),
        "37=00000000000001|11=C-1|17=E1|150=F|39=1|1=ACC1|55=005930|54=1|38=10|40=2|44=71500|59=0|\
         32=4|31=71400|30=KRX|151=6|14=4|6=71400|60=20261123-00:12:33.123456789|",
        |message| {
            let view = execution_report::ExecutionReport::new(message);
            assert_eq!(view.order_id(), Ok(&b"00000000000001"[..]));
            assert_eq!(view.exec_id(), Ok(&b"E1"[..]));
            assert_eq!(view.exec_type(), Ok(ExecType::Trade));
            assert_eq!(view.ord_status(), Ok(OrdStatus::PartiallyFilled));
            assert_eq!(view.cl_ord_id(), Some(&b"C-1"[..]));
            assert_eq!(view.orig_cl_ord_id(), None);
            assert_eq!(view.symbol(), Ok(&b"005930"[..]));
            assert_eq!(view.side(), Ok(Side::Buy));
            assert_eq!(view.order_qty(), Ok(Some(10)));
            assert_eq!(view.price(), Ok(Some(Price(715_000_000))));
            assert_eq!(view.last_qty(), Ok(Some(4)));
            assert_eq!(view.last_px(), Ok(Some(Price(714_000_000))));
            assert_eq!(view.last_mkt(), b"KRX");
            assert_eq!((view.leaves_qty(), view.cum_qty()), (Ok(6), Ok(4)));
            assert_eq!(view.avg_px(), Ok(Price(714_000_000)));
            assert_eq!(view.ord_rej_reason(), Ok(None));
            assert_eq!((view.gate_code(), view.text()), (Ok(None), &b""[..]));
        },
    );
}

#[test]
fn a_refusal_says_the_same_everywhere() {
    let refusal = Refusal {
        code: GateCode::Tick,
        limit: 1_000_000,
        observed: -5,
    };
    let body = execution_report::Body {
        order_id: b"",
        exec_type: ExecType::Rejected,
        ord_status: OrdStatus::Rejected,
        time_in_force: None,
        ord_type: None,
        price: None,
        last: None,
        last_mkt: b"",
        leaves_qty: 0,
        cum_qty: 0,
        avg_px: Price::ZERO,
        refusal: Some(refusal),
        text: b"not on a tick",
        origin: OrderOrigin::Emergency,
        voice_record_id: b"voice/1",
        ..report()
    };
    check(
        b"8",
        |writer| body.write(writer),
        "37=NONE|11=C-1|17=E1|150=8|39=8|103=99|1=ACC1|55=005930|54=1|38=10|151=0|14=0|6=0|\
         60=20261123-00:12:33.123456789|58=not on a tick|20101=2|20103=voice/1|\
         20110=110|20111=1000000|20112=-5|",
        |message| {
            let view = execution_report::ExecutionReport::new(message);
            assert_eq!(view.ord_rej_reason(), Ok(Some(99)));
            assert_eq!(view.gate_code(), Ok(Some(110)));
            assert_eq!(view.text(), b"not on a tick");
        },
    );
    let body = order_cancel_reject::Body {
        order_id: b"",
        cl_ord_id: b"C-2",
        orig_cl_ord_id: b"C-1",
        ord_status: OrdStatus::Rejected,
        account: b"",
        response_to: CxlRejResponseTo::OrderCancelReplaceRequest,
        refusal,
        transact_time_ns: NOW_NS,
        text: b"no",
    };
    check(
        b"9",
        |writer| body.write(writer),
        "37=NONE|11=C-2|41=C-1|39=8|60=20261123-00:12:33.123456789|434=2|102=99|58=no|\
         20110=110|20111=1000000|20112=-5|",
        |message| {
            let view = order_cancel_reject::OrderCancelReject::new(message);
            assert_eq!(view.order_id(), Ok(&b"NONE"[..]));
            assert_eq!(view.cl_ord_id(), Ok(&b"C-2"[..]));
            assert_eq!(view.orig_cl_ord_id(), Ok(&b"C-1"[..]));
            assert_eq!(view.ord_status(), Ok(OrdStatus::Rejected));
            assert_eq!(
                view.response_to(),
                Ok(CxlRejResponseTo::OrderCancelReplaceRequest)
            );
            assert_eq!(view.cxl_rej_reason(), Ok(Some(99)));
            assert_eq!((view.gate_code(), view.text()), (Ok(Some(110)), &b"no"[..]));
        },
    );
    let body = business_message_reject::Body {
        ref_seq_num: 12,
        ref_msg_type: b"D",
        business_reject_ref_id: b"C-1",
        reason: business_message_reject::BusinessRejectReason::ApplicationNotAvailable,
        refusal: Some(refusal),
        text: b"no",
    };
    check(
        b"j",
        |writer| body.write(writer),
        "45=12|372=D|379=C-1|380=4|58=no|20110=110|20111=1000000|20112=-5|",
        |message| {
            let view = business_message_reject::BusinessMessageReject::new(message);
            assert_eq!(view.ref_seq_num(), Ok(Some(12)));
            assert_eq!(view.ref_msg_type(), Ok(&b"D"[..]));
            assert_eq!(view.business_reject_ref_id(), Some(&b"C-1"[..]));
            assert_eq!(view.business_reject_reason(), Ok(4));
            assert_eq!(view.text(), b"no");
        },
    );
}

#[test]
fn exec_types_and_statuses_read_what_they_write() {
    let exec_types: String = (0..=255)
        .filter_map(ExecType::from_fix)
        .map(|exec_type| char::from(exec_type.to_fix()))
        .collect();
    assert_eq!(exec_types, "03456789ACDEFGHI");
    let statuses: String = (0..=255)
        .filter_map(OrdStatus::from_fix)
        .map(|ord_status| char::from(ord_status.to_fix()))
        .collect();
    assert_eq!(statuses, "01234".to_owned() + "6789ABCDE");
}

#[test]
fn session_messages_both_ways() {
    let body = logon::Body {
        heart_bt_int_s: 30,
        reset_seq_num_flag: true,
        username: b"me",
        password: b"secret",
    };
    check(
        b"A",
        |writer| body.write(writer),
        "98=0|108=30|141=Y|553=me|554=secret|",
        |message| {
            let view = logon::Logon::new(message);
            assert_eq!(
                (view.encrypt_method(), view.heart_bt_int_s()),
                (Ok(0), Ok(30))
            );
            assert_eq!(view.reset_seq_num_flag(), Ok(true));
            assert_eq!(view.next_expected_msg_seq_num(), Ok(None));
            assert_eq!(view.max_message_size(), Ok(None));
            assert_eq!(view.username(), Some(&b"me"[..]));
            assert_eq!(view.password(), Some(&b"secret"[..]));
            assert_eq!(view.raw_data(), None);
        },
    );
    read("35=A|98=0|108=-1|141=y|789=0|", |message| {
        let view = logon::Logon::new(message);
        assert_eq!(view.heart_bt_int_s(), Err(FieldError::value(108)));
        assert_eq!(view.reset_seq_num_flag(), Err(FieldError::value(141)));
        assert_eq!(
            view.next_expected_msg_seq_num(),
            Err(FieldError::value(789))
        );
    });
    check(
        b"0",
        |writer| heartbeat::write(writer, b""),
        "",
        |message| {
            assert_eq!(heartbeat::Heartbeat::new(message).test_req_id(), None);
        },
    );
    check(
        b"0",
        |writer| heartbeat::write(writer, b"T"),
        "112=T|",
        |message| {
            assert_eq!(
                heartbeat::Heartbeat::new(message).test_req_id(),
                Some(&b"T"[..])
            );
        },
    );
    check(
        b"1",
        |writer| test_request::write(writer, b"T"),
        "112=T|",
        |message| {
            assert_eq!(
                test_request::TestRequest::new(message).test_req_id(),
                Ok(&b"T"[..])
            );
        },
    );
    check(
        b"2",
        |writer| resend_request::write(writer, 3, 0),
        "7=3|16=0|",
        |message| {
            let view = resend_request::ResendRequest::new(message);
            assert_eq!((view.begin_seq_no(), view.end_seq_no()), (Ok(3), Ok(0)));
        },
    );
    check(
        b"4",
        |writer| sequence_reset::write(writer, 9, true),
        "123=Y|36=9|",
        |message| {
            let view = sequence_reset::SequenceReset::new(message);
            assert_eq!((view.new_seq_no(), view.gap_fill_flag()), (Ok(9), Ok(true)));
        },
    );
    check(
        b"4",
        |writer| sequence_reset::write(writer, 9, false),
        "36=9|",
        |message| {
            assert_eq!(
                sequence_reset::SequenceReset::new(message).gap_fill_flag(),
                Ok(false)
            );
        },
    );
    check(
        b"5",
        |writer| logout::write(writer, b"bye"),
        "58=bye|",
        |message| {
            assert_eq!(logout::Logout::new(message).text(), b"bye");
        },
    );
}

#[test]
fn reject_both_ways() {
    let body = |tag, text| reject::Body {
        ref_seq_num: 12,
        ref_msg_type: b"D",
        error: FieldError::new(tag, SessionRejectReason::RequiredTagMissing),
        text,
    };
    check(
        b"3",
        |writer| body(55, b"").write(writer),
        "45=12|371=55|372=D|373=1|58=required tag missing|",
        |message| {
            let view = reject::Reject::new(message);
            assert_eq!(
                (view.ref_seq_num(), view.ref_tag_id()),
                (Ok(12), Ok(Some(55)))
            );
            assert_eq!(view.ref_msg_type(), Some(&b"D"[..]));
            let reason = SessionRejectReason::RequiredTagMissing;
            assert_eq!(view.session_reject_reason(), Ok(Some(reason)));
            assert_eq!(view.text(), b"required tag missing");
        },
    );
    check(
        b"3",
        |writer| body(0, b"x").write(writer),
        "45=12|372=D|373=1|58=x|",
        |message| {
            assert_eq!(reject::Reject::new(message).ref_tag_id(), Ok(None));
        },
    );
}

#[test]
fn every_view_of_an_empty_message_only_says_what_is_missing() {
    read("35=8|", |message| {
        let view = execution_report::ExecutionReport::new(message);
        assert_eq!(view.exec_type(), Err(FieldError::missing(150)));
        assert_eq!(view.side(), Err(FieldError::missing(54).into()));
        assert_eq!(view.message().msg_type(), b"8");
    });
    read("35=2|16=-1|7=0|", |message| {
        let view = resend_request::ResendRequest::new(message);
        assert_eq!(view.begin_seq_no(), Err(FieldError::value(7)));
        assert_eq!(view.end_seq_no(), Err(FieldError::value(16)));
    });
}

/// The values that FIX 4.4 lists for OrdRejReason(103) and CxlRejReason(102).
#[test]
fn no_refusal_has_a_reason_that_fix_44_lacks() {
    for code in GateCode::ALL {
        let refusal = Refusal::plain(code);
        let (mut into, mut index) = ([0; 1_000], Index::new());
        let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
        let report = execution_report::Body {
            exec_type: ExecType::Rejected,
            refusal: Some(refusal),
            ..report()
        };
        report.write(&mut writer);
        order_cancel_reject::Body {
            order_id: b"O",
            cl_ord_id: b"C-2",
            orig_cl_ord_id: b"C-1",
            ord_status: OrdStatus::New,
            account: b"",
            response_to: CxlRejResponseTo::OrderCancelRequest,
            refusal,
            transact_time_ns: NOW_NS,
            text: b"",
        }
        .write(&mut writer);
        let length = writer.finish().unwrap();
        let message = Message::parse(&into[..length], &mut index).unwrap();
        let reason = message.uint(tag::ORD_REJ_REASON).unwrap();
        assert!(matches!(reason, 0..=11 | 13..=15 | 99), "{code:?} {reason}");
        let reason = message.uint(tag::CXL_REJ_REASON).unwrap();
        assert!(matches!(reason, 0..=6 | 99), "{code:?} {reason}");
    }
}
