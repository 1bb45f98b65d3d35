//! Messages that another engine wrote: QuickFIX 1.16.0, by `golden/write_quickfix.py`.

use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::messages::execution_report::{ExecType, ExecutionReport, OrdStatus};
use gwanmun_fix::messages::logon::Logon;
use gwanmun_fix::messages::new_order_single::NewOrderSingle;
use gwanmun_fix::messages::order_cancel_reject::OrderCancelReject;
use gwanmun_fix::messages::order_cancel_replace_request::OrderCancelReplaceRequest;
use gwanmun_fix::messages::order_cancel_request::OrderCancelRequest;
use gwanmun_fix::messages::reject::Reject;
use gwanmun_fix::scan::Front;
use gwanmun_fix::{Index, Message, SessionRejectReason};
use gwanmun_market::{FeeClass, OrdType, OrderOrigin, Price, TimeInForce};

fn stream() -> Vec<u8> {
    include_str!("../golden/quickfix_messages.txt")
        .replace('\n', "")
        .replace('|', "\x01")
        .into()
}

/// The messages with these numbers, in the order of the file, counted from 1.
fn check(number: usize, look: impl FnOnce(Message<'_>)) {
    let stream = stream();
    let mut start = 0;
    for _ in 1..number {
        let Frame::Whole { length } = frame(&stream[start..], 4_096) else {
            panic!("whole")
        };
        start += length;
    }
    let Frame::Whole { length } = frame(&stream[start..], 4_096) else {
        panic!("whole")
    };
    let mut index = Index::new();
    match Message::parse(&stream[start..start + length], &mut index) {
        Ok(message) => look(message),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn each_is_whole_and_numbered() {
    for number in 1..=18 {
        check(number, |message| {
            assert_eq!(message.msg_seq_num(), Ok(number as u64));
            assert_eq!(message.sender_comp_id(), Some(&b"MEMBER"[..]));
            assert_eq!(message.sending_time_ns(), Ok(1_795_392_753_123_456_000));
            assert_eq!(message.duplicate_tag(), None);
        });
    }
}

#[test]
fn every_front_reads_the_same_fields() {
    let text = include_str!("../golden/quickfix_messages.txt");
    for line in text.lines() {
        let bytes = line.replace('|', "\x01");
        let (mut expected, mut index) = (Index::new(), Index::new());
        assert_eq!(
            Front::Plain.scan(bytes.as_bytes(), &mut expected),
            None,
            "{line}"
        );
        for front in Front::ALL.into_iter().filter(|front| front.is_available()) {
            assert_eq!(front.scan(bytes.as_bytes(), &mut index), None, "{line}");
            assert_eq!(index.tags(), expected.tags(), "{line}");
        }
    }
}

#[test]
fn what_a_logon_says() {
    check(1, |message| {
        let logon = Logon::new(message);
        assert_eq!(
            (logon.encrypt_method(), logon.heart_bt_int_s()),
            (Ok(0), Ok(30))
        );
        assert_eq!(logon.reset_seq_num_flag(), Ok(true));
        assert_eq!(
            (logon.username(), logon.password()),
            (Some(&b"me"[..]), Some(&b"secret"[..]))
        );
    });
    check(2, |message| {
        assert_eq!(Logon::new(message).raw_data(), Some(&b"a\x01b=c"[..]));
        assert_eq!(message.fields().count(), 12);
    });
}

#[test]
fn what_orders_mean() {
    let order = |number, look: fn(gwanmun_market::NewOrder)| {
        check(number, |message| {
            look(NewOrderSingle::new(message).to_new_order().unwrap())
        });
    };
    order(10, |order| {
        assert_eq!(order.cl_ord_id.as_bytes(), b"C-1");
        assert_eq!(
            (order.price, order.order_qty),
            (Price::from_whole(71_500), 10)
        );
        assert_eq!(
            (order.origin, order.fee_class),
            (OrderOrigin::Online, FeeClass::Hts)
        );
    });
    order(11, |order| {
        assert_eq!(order.price, Price(-376_300));
        assert_eq!(order.time_in_force, TimeInForce::ImmediateOrCancel);
        assert_eq!(order.origin, OrderOrigin::Emergency);
        assert_eq!(order.voice_record_id.as_bytes(), b"voice/1");
    });
    order(12, |order| {
        assert_eq!(
            (order.ord_type, order.time_in_force),
            (OrdType::Market, TimeInForce::FillOrKill)
        );
    });
    order(18, |order| {
        assert_eq!(order.price, Price::from_whole(71_500))
    });
    check(13, |message| {
        let request = OrderCancelRequest::new(message)
            .to_cancel_request()
            .unwrap();
        assert_eq!(request.orig_cl_ord_id.as_bytes(), b"C-1");
    });
    check(14, |message| {
        let request = OrderCancelReplaceRequest::new(message)
            .to_replace_request()
            .unwrap();
        assert_eq!(request.price, Price(714_005_000));
    });
}

#[test]
fn what_answers_say() {
    check(15, |message| {
        let report = ExecutionReport::new(message);
        assert_eq!(report.exec_type(), Ok(ExecType::Trade));
        assert_eq!(report.ord_status(), Ok(OrdStatus::PartiallyFilled));
        assert_eq!(report.last_px(), Ok(Some(Price::from_whole(71_400))));
    });
    check(16, |message| {
        assert_eq!(
            OrderCancelReject::new(message).cxl_rej_reason(),
            Ok(Some(0))
        );
    });
    check(7, |message| {
        let reason = Reject::new(message).session_reject_reason();
        assert_eq!(reason, Ok(Some(SessionRejectReason::RequiredTagMissing)));
    });
}
