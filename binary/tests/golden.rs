//! Golden bytes of every message, written by hand from the tables of `SCHEMA.md`, field by field.
//!
//! No field shares its value with a neighbour of the same width, so that a swapped pair is seen.
//! Each line of hex is one field: width and order can be held against the table by eye.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, Entry, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_binary::soup::packet::{LoginRequest, Packet};
use gwanmun_market::{MarketState, OrderId, Phase, Price, Side, Symbol, Text};

/// 09:30:00.123456789 KST.
const TIMESTAMP: &str = "00001f1ad635bd15";
const TIMESTAMP_NS: u64 = 34_200_123_456_789;

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    assert_eq!(digits.len() % 2, 0, "whole bytes");
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[track_caller]
fn check_request(message: Inbound<'_>, length: usize, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(golden.len(), length, "length of the golden bytes");
    assert_eq!(Inbound::parse(&golden), Ok(message), "reading");
    let mut written = [0xEE; 256];
    assert_eq!(message.encode(&mut written), Some(length), "length written");
    assert_eq!(&written[..length], golden, "writing");
    assert!(
        written[length..].iter().all(|&byte| byte == 0xEE),
        "nothing behind the message"
    );
    assert_eq!(
        message.encode(&mut written[..length - 1]),
        None,
        "one byte of room too few"
    );
}

#[track_caller]
fn check_report(message: Outbound<'_>, length: usize, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(golden.len(), length, "length of the golden bytes");
    assert_eq!(Outbound::parse(&golden), Ok(message), "reading");
    let mut written = [0xEE; 256];
    assert_eq!(message.encode(&mut written), Some(length), "length written");
    assert_eq!(&written[..length], golden, "writing");
    assert!(
        written[length..].iter().all(|&byte| byte == 0xEE),
        "nothing behind the message"
    );
    assert_eq!(
        message.encode(&mut written[..length - 1]),
        None,
        "one byte of room too few"
    );
}

#[track_caller]
fn check_packet(packet: Packet<'_>, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(
        Packet::parse(&golden),
        Ok(Some((packet, golden.len()))),
        "reading"
    );
    let mut written = [0xEE; 256];
    assert_eq!(
        packet.encode(&mut written),
        Some(golden.len()),
        "length written"
    );
    assert_eq!(&written[..golden.len()], golden, "writing");
    assert_eq!(
        packet.encode(&mut written[..golden.len() - 1]),
        None,
        "one byte too few"
    );
}

fn symbol() -> Symbol {
    Text::new(b"005930").unwrap()
}

fn firm() -> Firm {
    Text::new(b"KRX").unwrap()
}

fn cl_ord_id() -> OrderId {
    Text::new(b"G000000000000A").unwrap()
}

fn enter_order(appendage: Appendage<'_>) -> EnterOrder<'_> {
    EnterOrder {
        user_ref_num: 0x0102_0304,
        side: Side::SellShort,
        quantity: u32::MAX,
        symbol: symbol(),
        price: Price(715_000_000),
        time_in_force: TimeInForce::IOC,
        display: Display::VISIBLE,
        capacity: Capacity::AGENCY,
        inter_market_sweep: false,
        cross_type: CrossType::CONTINUOUS,
        cl_ord_id: cl_ord_id(),
        appendage,
    }
}

const ENTER_ORDER: [&str; 12] = [
    "4f",                           // O
    "01020304",                     // UserRefNum
    "54",                           // Side T
    "ffffffff",                     // Quantity, the whole range
    "3030353933302020",             // Symbol "005930  "
    "000000002a9e08c0",             // Price 71500.0000
    "33",                           // TimeInForce 3
    "59",                           // Display Y
    "41",                           // Capacity A
    "4e",                           // InterMarketSweep N
    "4e",                           // CrossType N
    "4730303030303030303030303041", // ClOrdID
];

#[test]
fn enter_order_without_options() {
    let fields = [&ENTER_ORDER[..], &["0000"]].concat();
    check_request(
        Inbound::EnterOrder(enter_order(Appendage::EMPTY)),
        47,
        &fields,
    );
}

#[test]
fn enter_order_with_options() {
    let mut room = [0; 32];
    let mut writer = AppendageWriter::new(&mut room);
    writer.put(TagValue::MinQty(u32::MAX)).unwrap();
    writer
        .put_entry(Entry {
            tag: 64,
            value: b"ok",
        })
        .unwrap();
    writer.put(TagValue::PegOffset(-2)).unwrap();
    let options = [
        "0010",         // AppendageLength
        "0503ffffffff", // MinQty
        "03406f6b",     // tag 64, this profile's own range
        "0507fffffffe", // PegOffset
    ];
    let fields = [&ENTER_ORDER[..], &options].concat();
    check_request(
        Inbound::EnterOrder(enter_order(writer.finish())),
        63,
        &fields,
    );
}

#[test]
fn market_order_and_price_below_zero() {
    let mut order = enter_order(Appendage::EMPTY);
    order.price = MARKET_PRICE;
    let mut fields = [&ENTER_ORDER[..], &["0000"]].concat();
    fields[5] = "7fffffffffffffff";
    check_request(Inbound::EnterOrder(order), 47, &fields);
    order.price = Price(-376_300);
    fields[5] = "fffffffffffa4214"; // -37.6300
    check_request(Inbound::EnterOrder(order), 47, &fields);
}

#[test]
fn replace_order() {
    check_request(
        Inbound::ReplaceOrder(ReplaceOrder {
            orig_user_ref_num: 0x0102_0304,
            user_ref_num: 0x0506_0708,
            quantity: 1_000_000,
            price: Price(714_500_000),
            time_in_force: TimeInForce::DAY,
            display: Display::HIDDEN,
            inter_market_sweep: true,
            cl_ord_id: cl_ord_id(),
            appendage: Appendage::EMPTY,
        }),
        40,
        &[
            "55",                           // U
            "01020304",                     // OrigUserRefNum
            "05060708",                     // UserRefNum
            "000f4240",                     // Quantity
            "000000002a9667a0",             // Price 71450.0000
            "30",                           // TimeInForce 0
            "4e",                           // Display N
            "59",                           // InterMarketSweep Y
            "4730303030303030303030303041", // ClOrdID
            "0000",                         // AppendageLength
        ],
    );
}

#[test]
fn cancel_and_modify_order() {
    check_request(
        Inbound::CancelOrder(CancelOrder {
            user_ref_num: 0x0102_0304,
            quantity: 7,
            appendage: Appendage::EMPTY,
        }),
        11,
        &["58", "01020304", "00000007", "0000"],
    );
    check_request(
        Inbound::ModifyOrder(ModifyOrder {
            user_ref_num: 0x0102_0304,
            side: Side::SellShortExempt,
            quantity: 7,
            appendage: Appendage::EMPTY,
        }),
        12,
        &["4d", "01020304", "45", "00000007", "0000"],
    );
}

#[test]
fn requests_about_a_firm() {
    let (user_ref_num, appendage) = (0x0102_0304, Appendage::EMPTY);
    check_request(
        Inbound::MassCancel(MassCancel {
            user_ref_num,
            firm: firm(),
            symbol: symbol(),
            appendage,
        }),
        19,
        &["43", "01020304", "4b525820", "3030353933302020", "0000"],
    );
    check_request(
        Inbound::DisableOrderEntry(DisableOrderEntry {
            user_ref_num,
            firm: firm(),
            appendage,
        }),
        11,
        &["44", "01020304", "4b525820", "0000"],
    );
    check_request(
        Inbound::EnableOrderEntry(EnableOrderEntry {
            user_ref_num,
            firm: firm(),
            appendage,
        }),
        11,
        &["45", "01020304", "4b525820", "0000"],
    );
}

#[test]
fn account_query_and_its_answer() {
    check_request(
        Inbound::AccountQuery(AccountQuery {
            appendage: Appendage::EMPTY,
        }),
        3,
        &["51", "0000"],
    );
    check_report(
        Outbound::AccountQueryResponse(AccountQueryResponse {
            timestamp_ns: TIMESTAMP_NS,
            next_user_ref_num: 0x0102_0304,
            appendage: Appendage::EMPTY,
        }),
        15,
        &["51", TIMESTAMP, "01020304", "0000"],
    );
}

#[test]
fn system_event() {
    check_report(
        Outbound::SystemEvent(SystemEvent {
            timestamp_ns: TIMESTAMP_NS,
            event_code: EventCode::END_OF_DAY,
        }),
        10,
        &["53", TIMESTAMP, "45"],
    );
}

/// From Side to the end, the same in OrderAccepted and OrderReplaced.
const ORDER_AS_ACCEPTED: [&str; 13] = [
    "42",                           // Side B
    "00000064",                     // Quantity
    "3130315736303030",             // Symbol "101W6000"
    "fffffffffffa4214",             // Price -37.6300
    "36",                           // TimeInForce 6
    "41",                           // Display A
    "112210f47de98115",             // OrderReferenceNumber
    "50",                           // Capacity P
    "59",                           // InterMarketSweep Y
    "4f",                           // CrossType O
    "4c",                           // OrderState L
    "4730303030303030303030303041", // ClOrdID
    "0000",                         // AppendageLength
];

#[test]
fn accepted() {
    check_report(
        Outbound::Accepted(Accepted {
            timestamp_ns: TIMESTAMP_NS,
            user_ref_num: 0x0102_0304,
            side: Side::Buy,
            quantity: 100,
            symbol: Text::new(b"101W6000").unwrap(),
            price: Price(-376_300),
            time_in_force: TimeInForce::GTT,
            display: Display::ATTRIBUTABLE,
            order_reference_number: 1_234_567_890_123_456_789,
            capacity: Capacity::PRINCIPAL,
            inter_market_sweep: true,
            cross_type: CrossType::OPENING,
            order_state: OrderState::LIVE,
            cl_ord_id: cl_ord_id(),
            appendage: Appendage::EMPTY,
        }),
        64,
        &[&["41", TIMESTAMP, "01020304"][..], &ORDER_AS_ACCEPTED].concat(),
    );
}

#[test]
fn replaced() {
    check_report(
        Outbound::Replaced(Replaced {
            timestamp_ns: TIMESTAMP_NS,
            orig_user_ref_num: 0x0102_0304,
            user_ref_num: 0x0506_0708,
            side: Side::Buy,
            quantity: 100,
            symbol: Text::new(b"101W6000").unwrap(),
            price: Price(-376_300),
            time_in_force: TimeInForce::GTT,
            display: Display::ATTRIBUTABLE,
            order_reference_number: 1_234_567_890_123_456_789,
            capacity: Capacity::PRINCIPAL,
            inter_market_sweep: true,
            cross_type: CrossType::OPENING,
            order_state: OrderState::LIVE,
            cl_ord_id: cl_ord_id(),
            appendage: Appendage::EMPTY,
        }),
        68,
        &[
            &["55", TIMESTAMP, "01020304", "05060708"][..],
            &ORDER_AS_ACCEPTED,
        ]
        .concat(),
    );
}

#[test]
fn canceled_and_aiq_canceled() {
    check_report(
        Outbound::Canceled(Canceled {
            timestamp_ns: TIMESTAMP_NS,
            user_ref_num: 0x0102_0304,
            quantity: 93,
            reason: CancelReason::USER,
            appendage: Appendage::EMPTY,
        }),
        20,
        &["43", TIMESTAMP, "01020304", "0000005d", "55", "0000"],
    );
    check_report(
        Outbound::AiqCanceled(AiqCanceled {
            timestamp_ns: TIMESTAMP_NS,
            user_ref_num: 0x0102_0304,
            decrement_shares: 5,
            reason: CancelReason::SELF_MATCH,
            quantity_prevented: 4,
            execution_price: Price(715_000_000),
            liquidity_flag: LiquidityFlag::REMOVED,
            aiq_strategy: AiqStrategy(b'D'),
            appendage: Appendage::EMPTY,
        }),
        34,
        &[
            "44",               // D
            TIMESTAMP,          // Timestamp
            "01020304",         // UserRefNum
            "00000005",         // DecrementShares
            "51",               // Reason Q
            "00000004",         // QuantityPrevented
            "000000002a9e08c0", // ExecutionPrice
            "52",               // LiquidityFlag R
            "44",               // AiqStrategy D
            "0000",             // AppendageLength
        ],
    );
}

#[test]
fn executed_and_broken_trade() {
    check_report(
        Outbound::Executed(Executed {
            timestamp_ns: TIMESTAMP_NS,
            user_ref_num: 0x0102_0304,
            quantity: 93,
            price: Price(715_000_000),
            liquidity_flag: LiquidityFlag::ADDED,
            match_number: 1_234_567_890_123_456_789,
            appendage: Appendage::EMPTY,
        }),
        36,
        &[
            "45",               // E
            TIMESTAMP,          // Timestamp
            "01020304",         // UserRefNum
            "0000005d",         // Quantity
            "000000002a9e08c0", // Price
            "41",               // LiquidityFlag A
            "112210f47de98115", // MatchNumber
            "0000",             // AppendageLength
        ],
    );
    check_report(
        Outbound::BrokenTrade(BrokenTrade {
            timestamp_ns: TIMESTAMP_NS,
            user_ref_num: 0x0102_0304,
            match_number: 1_234_567_890_123_456_789,
            reason: BrokenTradeReason(b'S'),
            cl_ord_id: cl_ord_id(),
            appendage: Appendage::EMPTY,
        }),
        38,
        &[
            "42",                           // B
            TIMESTAMP,                      // Timestamp
            "01020304",                     // UserRefNum
            "112210f47de98115",             // MatchNumber
            "53",                           // Reason S
            "4730303030303030303030303041", // ClOrdID
            "0000",                         // AppendageLength
        ],
    );
}

#[test]
fn refusals() {
    let (timestamp_ns, user_ref_num) = (TIMESTAMP_NS, 0x0102_0304);
    let appendage = Appendage::EMPTY;
    check_report(
        Outbound::Rejected(Rejected {
            timestamp_ns,
            user_ref_num,
            reason: RejectReason::PRICE,
            cl_ord_id: cl_ord_id(),
            appendage,
        }),
        31,
        &[
            "4a",
            TIMESTAMP,
            "01020304",
            "001d",
            "4730303030303030303030303041",
            "0000",
        ],
    );
    check_report(
        Outbound::CancelPending(CancelPending {
            timestamp_ns,
            user_ref_num,
            appendage,
        }),
        15,
        &["50", TIMESTAMP, "01020304", "0000"],
    );
    check_report(
        Outbound::CancelReject(CancelReject {
            timestamp_ns,
            user_ref_num,
            appendage,
        }),
        15,
        &["49", TIMESTAMP, "01020304", "0000"],
    );
}

#[test]
fn changes_of_a_standing_order() {
    let (timestamp_ns, user_ref_num) = (TIMESTAMP_NS, 0x0102_0304);
    let appendage = Appendage::EMPTY;
    check_report(
        Outbound::PriorityUpdate(PriorityUpdate {
            timestamp_ns,
            user_ref_num,
            price: Price(715_000_000),
            display: Display::VISIBLE,
            order_reference_number: 1_234_567_890_123_456_789,
            appendage,
        }),
        32,
        &[
            "54",
            TIMESTAMP,
            "01020304",
            "000000002a9e08c0",
            "59",
            "112210f47de98115",
            "0000",
        ],
    );
    check_report(
        Outbound::Modified(Modified {
            timestamp_ns,
            user_ref_num,
            side: Side::Sell,
            quantity: 93,
            appendage,
        }),
        20,
        &["4d", TIMESTAMP, "01020304", "53", "0000005d", "0000"],
    );
    let mut room = [0; 16];
    let mut writer = AppendageWriter::new(&mut room);
    writer.put(TagValue::DisplayQuantity(50)).unwrap();
    check_report(
        Outbound::Restated(Restated {
            timestamp_ns,
            user_ref_num,
            reason: RestatedReason::REFRESH,
            appendage: writer.finish(),
        }),
        22,
        &["52", TIMESTAMP, "01020304", "52", "0006", "051600000032"],
    );
}

#[test]
fn answers_about_a_firm() {
    let (timestamp_ns, user_ref_num) = (TIMESTAMP_NS, 0x0102_0304);
    let (firm, appendage) = (firm(), Appendage::EMPTY);
    check_report(
        Outbound::MassCancelResponse(MassCancelResponse {
            timestamp_ns,
            user_ref_num,
            firm,
            symbol: symbol(),
            appendage,
        }),
        27,
        &[
            "58",
            TIMESTAMP,
            "01020304",
            "4b525820",
            "3030353933302020",
            "0000",
        ],
    );
    check_report(
        Outbound::DisableResponse(DisableResponse {
            timestamp_ns,
            user_ref_num,
            firm,
            appendage,
        }),
        19,
        &["47", TIMESTAMP, "01020304", "4b525820", "0000"],
    );
    check_report(
        Outbound::EnableResponse(EnableResponse {
            timestamp_ns,
            user_ref_num,
            firm,
            appendage,
        }),
        19,
        &["4b", TIMESTAMP, "01020304", "4b525820", "0000"],
    );
}

/// Every known tag, in order, each as (Length, Tag, value).
#[test]
fn appendage_with_every_tag() {
    let cases: [(TagValue, &str); 24] = [
        (
            TagValue::SecondaryOrdRefNum(1_234_567_890_123_456_789),
            "0901112210f47de98115",
        ),
        (TagValue::Firm(firm()), "05024b525820"),
        (TagValue::MinQty(100), "050300000064"),
        (TagValue::CustomerType(b'R'), "020452"),
        (TagValue::MaxFloor(93), "05050000005d"),
        (TagValue::PriceType(b'L'), "02064c"),
        (TagValue::PegOffset(-2), "0507fffffffe"),
        (
            TagValue::DiscretionPrice(Price(-376_300)),
            "0909fffffffffffa4214",
        ),
        (TagValue::DiscretionPriceType(b'P'), "020a50"),
        (TagValue::DiscretionPegOffset(i32::MIN), "050b80000000"),
        (TagValue::PostOnly(b'P'), "020c50"),
        (TagValue::RandomReserves(10), "050d0000000a"),
        (TagValue::Route(Text::new(b"NXT").unwrap()), "050e4e585420"),
        (TagValue::ExpireTime(3_600), "050f00000e10"),
        (TagValue::TradeNow(b'Y'), "021059"),
        (TagValue::HandleInst(b'I'), "021149"),
        (TagValue::BboWeightIndicator(b'3'), "021233"),
        (TagValue::DisplayQuantity(50), "051600000032"),
        (
            TagValue::DisplayPrice(Price(715_000_000)),
            "0917000000002a9e08c0",
        ),
        (TagValue::GroupId(0x0102), "03180102"),
        (TagValue::SharesLocated(b'Y'), "021959"),
        (
            TagValue::LocateBroker(Text::new(b"ABCD").unwrap()),
            "051a41424344",
        ),
        (TagValue::Side(Side::SellShort), "021b54"),
        (TagValue::UserRefIdx(7), "021c07"),
    ];
    let mut room = [0; 256];
    let mut writer = AppendageWriter::new(&mut room);
    for (value, _) in cases {
        writer.put(value).unwrap();
    }
    let appendage = writer.finish();
    let golden = unhex(&cases.map(|(_, hex)| hex).concat());
    assert_eq!(appendage.as_bytes(), golden);
    assert_eq!(Appendage::parse(&golden), Ok(appendage));
    let values: Vec<TagValue> = appendage.values().collect();
    assert_eq!(values, cases.map(|(value, _)| value));
}

#[test]
fn soup_logins() {
    check_packet(
        Packet::LoginRequest(LoginRequest {
            username: Text::new(b"GATE1").unwrap(),
            password: Text::new(b"secret").unwrap(),
            requested_session: *b"20261123A ",
            requested_sequence_number: 42,
        }),
        &[
            "002f",                                     // length 47
            "4c",                                       // L
            "474154453120",                             // Username "GATE1 "
            "73656372657420202020",                     // Password "secret    "
            "32303236313132334120",                     // RequestedSession "20261123A "
            "2020202020202020202020202020202020203432", // RequestedSequenceNumber 42
        ],
    );
    check_packet(
        Packet::LoginAccepted {
            session: *b" 20261123A",
            sequence_number: u64::MAX,
        },
        &[
            "001f",                                     // length 31
            "41",                                       // A
            "20323032363131323341",                     // Session " 20261123A"
            "3138343436373434303733373039353531363135", // SequenceNumber
        ],
    );
    check_packet(Packet::LoginRejected(b'S'), &["0002", "4a", "53"]);
}

#[test]
fn soup_data_and_the_rest() {
    check_packet(Packet::UnsequencedData(b"Q\0\0"), &["0004", "55", "510000"]);
    check_packet(Packet::SequencedData(b""), &["0001", "53"]);
    check_packet(Packet::Debug(b"hello"), &["0006", "2b", "68656c6c6f"]);
    check_packet(Packet::ClientHeartbeat, &["0001", "52"]);
    check_packet(Packet::LogoutRequest, &["0001", "4f"]);
    check_packet(Packet::ServerHeartbeat, &["0001", "48"]);
    check_packet(Packet::EndOfSession, &["0001", "5a"]);
}

#[test]
fn market_state_record() {
    let record = MarketStateRecord {
        timestamp_ns: TIMESTAMP_NS,
        symbol: symbol(),
        state: MarketState {
            phase: Phase::ClosingAuction,
            is_halted: true,
            base: Some(Price(715_000_000)),
            last: None,
            best_bid: Some(Price(714_500_000)),
            best_ask: Some(Price(-376_300)),
            theoretical: Some(Price(0)),
        },
    };
    let golden = unhex(
        &[
            "4d",               // M
            TIMESTAMP,          // Timestamp
            "3030353933302020", // Symbol
            "4c",               // Phase L
            "59",               // Halted Y
            "000000002a9e08c0", // Base
            "7fffffffffffffff", // Last, absent
            "000000002a9667a0", // BestBid
            "fffffffffffa4214", // BestAsk
            "0000000000000000", // Theoretical
        ]
        .concat(),
    );
    assert_eq!(MarketStateRecord::parse(&golden), Ok(record));
    let mut written = [0; MarketStateRecord::LENGTH];
    assert_eq!(record.encode(&mut written), Some(59));
    assert_eq!(written, golden.as_slice());
    assert_eq!(record.encode(&mut written[..58]), None);
}
