//! ExecutionReport(35=8) and the rejects that answer a request both ways, and how each of them
//! tells a refusal.

use gwanmun_market::{GateCode, OrderOrigin, Price, Refusal, Side};

use super::samples::report;
use super::*;
use crate::messages::execution_report::{ExecType, OrdStatus};
use crate::messages::order_cancel_reject::CxlRejResponseTo;
use crate::tag;

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
        "45=12|58=no|372=D|379=C-1|380=4|20110=110|20111=1000000|20112=-5|",
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
