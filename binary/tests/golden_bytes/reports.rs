//! Golden bytes of what the venue tells.

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_market::{Price, Side, Text};

use crate::check::{TIMESTAMP, TIMESTAMP_NS, check_report, cl_ord_id, firm, symbol};

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
