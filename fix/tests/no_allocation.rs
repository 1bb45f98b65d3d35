//! Reading and writing allocate nothing: every message type of the crate, every getter, a template.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use gwanmun_fix::encode::{Header, MessageWriter, TemplateBuilder};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::messages::*;
use gwanmun_fix::time::{DateCache, Precision};
use gwanmun_fix::values::Decimal;
use gwanmun_fix::{FieldError, Index, Message, tag};
use gwanmun_market::{
    CancelRequest, FeeClass, GateCode, NewOrder, OrdType, OrderOrigin, Price, Refusal,
    ReplaceRequest, Side, Text, TimeInForce,
};
use gwanmun_runtime::allocation;

#[global_allocator]
static ALLOCATOR: allocation::GuardedAllocator = allocation::GuardedAllocator;

const NOW_NS: u64 = 1_795_392_753_123_456_789;

const REFUSAL: Refusal = Refusal {
    code: GateCode::ALL[0],
    limit: 1,
    observed: -2,
};

type Write = fn(&mut MessageWriter<'_>);
/// Whether the view read all that was written.
type Look = fn(Message<'_>) -> bool;

/// One message type: the file that it is in, what writes a body, and what reads all of it.
struct Case {
    file: &'static str,
    msg_type: &'static [u8],
    write: Write,
    look: Look,
}

fn order() -> NewOrder {
    NewOrder {
        cl_ord_id: Text::new(b"C-1").unwrap(),
        account: Text::new(b"ACC1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Buy,
        ord_type: OrdType::Limit,
        price: Price(-715_000_500),
        order_qty: 10,
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::Online,
        fee_class: FeeClass::Hts,
        voice_record_id: Text::new(b"V1").unwrap(),
        ex_destination: Text::new(b"KRX").unwrap(),
    }
}

fn cancel() -> CancelRequest {
    CancelRequest {
        cl_ord_id: Text::new(b"C-2").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Sell,
    }
}

fn replace() -> ReplaceRequest {
    ReplaceRequest {
        cl_ord_id: Text::new(b"C-3").unwrap(),
        orig_cl_ord_id: Text::new(b"C-1").unwrap(),
        symbol: Text::new(b"005930").unwrap(),
        side: Side::Buy,
        ord_type: OrdType::Limit,
        price: Price(1),
        order_qty: 11,
        ex_destination: Text::EMPTY,
    }
}

const REPORT: execution_report::Body<'static> = execution_report::Body {
    order_id: b"O-1",
    exec_id: b"E-1",
    exec_type: execution_report::ExecType::Rejected,
    ord_status: execution_report::OrdStatus::Rejected,
    cl_ord_id: b"C-1",
    orig_cl_ord_id: b"C-0",
    account: b"ACC1",
    symbol: b"005930",
    side: Side::Buy,
    order_qty: Some(10),
    ord_type: Some(OrdType::Limit),
    price: Some(Price(5)),
    time_in_force: Some(TimeInForce::Day),
    last: Some((3, Price(7))),
    last_mkt: b"XKRX",
    leaves_qty: 0,
    cum_qty: 3,
    avg_px: Price(7),
    transact_time_ns: NOW_NS,
    exec_ref_id: b"E-0",
    refusal: Some(REFUSAL),
    text: b"a text of more than sixteen characters\x01 and a control byte",
    origin: OrderOrigin::Online,
    fee_class: FeeClass::Hts,
    voice_record_id: b"V1",
};

fn admin_cases() -> Vec<Case> {
    vec![
        Case {
            file: "heartbeat",
            msg_type: heartbeat::MSG_TYPE,
            write: |writer| heartbeat::write(writer, b"T"),
            look: |message| heartbeat::Heartbeat::new(message).test_req_id().is_some(),
        },
        Case {
            file: "test_request",
            msg_type: test_request::MSG_TYPE,
            write: |writer| test_request::write(writer, b"T"),
            look: |message| {
                test_request::TestRequest::new(message)
                    .test_req_id()
                    .is_ok()
            },
        },
        Case {
            file: "resend_request",
            msg_type: resend_request::MSG_TYPE,
            write: |writer| resend_request::write(writer, 1, 0),
            look: |message| {
                let view = resend_request::ResendRequest::new(message);
                view.begin_seq_no().is_ok() && view.end_seq_no().is_ok()
            },
        },
        Case {
            file: "reject",
            msg_type: reject::MSG_TYPE,
            write: |writer| {
                let body = reject::Body {
                    ref_seq_num: 5,
                    ref_msg_type: b"D",
                    error: FieldError::format(44),
                    text: b"no number",
                };
                body.write(writer);
            },
            look: |message| {
                let view = reject::Reject::new(message);
                view.ref_seq_num().is_ok()
                    && view.ref_tag_id().is_ok()
                    && view.ref_msg_type().is_some()
                    && view.session_reject_reason().is_ok()
                    && !view.text().is_empty()
            },
        },
        Case {
            file: "sequence_reset",
            msg_type: sequence_reset::MSG_TYPE,
            write: |writer| sequence_reset::write(writer, 9, true),
            look: |message| {
                let view = sequence_reset::SequenceReset::new(message);
                view.new_seq_no().is_ok() && view.gap_fill_flag() == Ok(true)
            },
        },
        Case {
            file: "logout",
            msg_type: logout::MSG_TYPE,
            write: |writer| logout::write(writer, b"bye"),
            look: |message| !logout::Logout::new(message).text().is_empty(),
        },
        Case {
            file: "logon",
            msg_type: logon::MSG_TYPE,
            write: |writer| {
                let body = logon::Body {
                    heart_bt_int_s: 30,
                    reset_seq_num_flag: true,
                    username: b"user",
                    password: b"secret",
                };
                body.write(writer);
                writer.data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, b"a\x01b=");
            },
            look: |message| {
                let view = logon::Logon::new(message);
                view.encrypt_method().is_ok()
                    && view.heart_bt_int_s().is_ok()
                    && view.reset_seq_num_flag().is_ok()
                    && view.next_expected_msg_seq_num().is_ok()
                    && view.max_message_size().is_ok()
                    && view.username().is_some()
                    && view.password().is_some()
                    && view.raw_data().is_some()
                    && message.data(tag::RAW_DATA_LENGTH) == Ok(b"a\x01b=")
            },
        },
    ]
}

/// Two entries with every field that has a getter.
fn write_entries(writer: &mut MessageWriter<'_>, is_incremental: bool) {
    writer
        .bytes(tag::MD_REQ_ID, b"R-1")
        .uint(tag::NO_MD_ENTRIES, 2);
    for entry_type in *b"01" {
        if is_incremental {
            writer.char(tag::MD_UPDATE_ACTION, b'0');
        }
        writer
            .char(tag::MD_ENTRY_TYPE, entry_type)
            .bytes(tag::MD_ENTRY_ID, b"E-1");
        // In one entry alone: outside groups, a second Symbol(55) is a mistake.
        if is_incremental && entry_type == b'0' {
            writer.bytes(tag::SYMBOL, b"005930");
        }
        writer
            .price(tag::MD_ENTRY_PX, Price(-1))
            .uint(tag::MD_ENTRY_SIZE, 7)
            .uint(tag::MD_ENTRY_POSITION_NO, 1);
    }
}

fn reads_two(entries: Result<md_entry::MdEntries<'_>, FieldError>) -> bool {
    let is_read = |entry: md_entry::MdEntry<'_>| {
        entry.md_entry_type().is_ok()
            && entry.md_entry_id().is_some()
            && entry.md_entry_px() == Ok(Some(Price(-1)))
            && entry.md_entry_size() == Ok(Some(7))
            && entry.md_entry_position_no() == Ok(Some(1))
    };
    let read = entries.map(|entries| entries.filter(|entry| entry.is_ok_and(is_read)).count());
    read == Ok(2)
}

fn market_data_cases() -> Vec<Case> {
    vec![
        Case {
            file: "market_data_incremental_refresh",
            msg_type: market_data_incremental_refresh::MSG_TYPE,
            write: |writer| write_entries(writer, true),
            look: |message| {
                let view =
                    market_data_incremental_refresh::MarketDataIncrementalRefresh::new(message);
                view.md_req_id().is_some() && reads_two(view.entries())
            },
        },
        Case {
            file: "market_data_snapshot_full_refresh",
            msg_type: market_data_snapshot_full_refresh::MSG_TYPE,
            write: |writer| {
                writer.bytes(tag::SYMBOL, b"005930");
                write_entries(writer, false);
            },
            look: |message| {
                let view =
                    market_data_snapshot_full_refresh::MarketDataSnapshotFullRefresh::new(message);
                view.symbol::<8>().is_ok() && reads_two(view.entries())
            },
        },
    ]
}

fn order_cases() -> Vec<Case> {
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
            write: |writer| REPORT.write(writer),
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

/// Writes a message, finds it in the stream, indexes it and reads all of its fields in all ways.
fn there_and_back(case: &Case, room: &mut [u8], index: &mut Index) -> bool {
    let mut writer = MessageWriter::start(room, b"FIX.4.4");
    let header = Header {
        msg_type: case.msg_type,
        sender_comp_id: b"GATE",
        target_comp_id: b"MEMBER",
        msg_seq_num: 7,
        sending_time_ns: NOW_NS,
        orig_sending_time_ns: Some(NOW_NS),
    };
    header.write(&mut writer);
    (case.write)(&mut writer);
    let Some(length) = writer.finish() else {
        return false;
    };
    let Some(bytes) = room.get(..length) else {
        return false;
    };
    let Ok(message) = Message::parse(bytes, index) else {
        return false;
    };
    let mut dates = DateCache::new();
    for (tag, _) in message.fields() {
        every_getter(&message, tag, &mut dates);
    }
    frame(bytes, 4_096) == Frame::Whole { length }
        && message.msg_type() == case.msg_type
        && message.duplicate_tag().is_none()
        && (case.look)(message)
}

/// All getters, errors included: most values are not of most types.
fn every_getter(message: &Message<'_>, tag: u32, dates: &mut DateCache) {
    let read = [
        message.uint(tag).is_ok(),
        message.int(tag).is_ok(),
        message.seq_num(tag).is_ok(),
        message.scaled(tag, 8).is_ok(),
        message.decimal(tag).is_ok(),
        message.price(tag).is_ok(),
        message.quantity(tag).is_ok(),
        message.char(tag).is_ok(),
        message.boolean(tag).is_ok(),
        message.text::<16>(tag).is_ok(),
        message.timestamp_ns(tag).is_ok(),
        message.timestamp_ns_with(tag, dates).is_ok(),
        message.time_ns(tag).is_ok(),
        message.date(tag).is_ok(),
        message.month_year(tag).is_ok(),
        message.tz_timestamp(tag).is_ok(),
        message.tz_time(tag).is_ok(),
        message.values(tag).is_ok_and(|values| values.count() > 0),
        message
            .characters(tag)
            .is_ok_and(|values| values.count() > 0),
        message.currency(tag).is_ok(),
        message.country(tag).is_ok(),
        message.exchange(tag).is_ok(),
        message.data(tag).is_ok(),
    ];
    std::hint::black_box(read);
}

/// Allocations of the calling thread while `body` runs.
fn counted(body: impl FnOnce() -> bool) -> u64 {
    assert!(allocation::is_installed());
    let counting = allocation::count_here();
    let is_right = body();
    let count = counting.count();
    drop(counting);
    assert!(is_right, "the message did not come back as it was written");
    count
}

#[test]
fn every_message_type_there_and_back() {
    let cases: Vec<Case> = [admin_cases(), order_cases(), market_data_cases()]
        .into_iter()
        .flatten()
        .collect();
    let (mut room, mut index) = (vec![0; 1_024], Box::new(Index::new()));
    for case in &cases {
        let count = counted(|| there_and_back(case, &mut room, &mut index));
        assert_eq!(count, 0, "{}", case.file);
    }
    // A message type that is added to the crate is missed here.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/messages");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            text.contains("pub const MSG_TYPE")
        })
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let mut tried: Vec<&str> = cases.iter().map(|case| case.file).collect();
    files.sort_unstable();
    tried.sort_unstable();
    assert_eq!(files, tried);
}

#[test]
fn a_template_and_every_kind_of_field() {
    let mut room = vec![0; 2_048];
    let mut index = Box::new(Index::new());
    let long = [b'x'; 300];
    let count = counted(|| {
        let mut builder = TemplateBuilder::<7>::start(&mut room, b"FIXT.1.1");
        builder.fields(|writer| {
            writer.bytes(tag::MSG_TYPE, b"D");
        });
        let seq = builder.padded(tag::MSG_SEQ_NUM, 9);
        let time = builder.timestamp(tag::SENDING_TIME, Precision::Milliseconds);
        let (text, uint) = (builder.text(tag::CL_ORD_ID), builder.uint(tag::ORDER_QTY));
        let (char, price) = (builder.char(tag::SIDE), builder.price(tag::PRICE));
        builder.fields(|writer| {
            writer.int(tag::GATE_LIMIT, i64::MIN).decimal(
                tag::GATE_OBSERVED,
                Decimal {
                    mantissa: -5,
                    decimals: 30,
                },
            );
        });
        let Some(mut order) = builder.finish() else {
            return false;
        };
        for round in 0..300_u16 {
            let patched = [
                order.set_uint(seq, round.into()),
                order.set_timestamp(time, NOW_NS << (round % 3)),
                order.set_text(text, &long[..usize::from(round % 299) + 1]),
                order.set_uint(uint, u64::from(round) * 1_001),
                order.set_char(char, b'1'),
                order.set_price(price, Price(i64::from(round) * -123)),
            ];
            let is_whole = Message::parse(order.message(), &mut index).is_ok();
            if !is_whole || patched.iter().any(Result::is_err) {
                return false;
            }
        }
        true
    });
    assert_eq!(count, 0);
}
