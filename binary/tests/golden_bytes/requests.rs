//! Golden bytes of what the gateway asks of the venue.

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, Entry, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_market::{Price, Side};

use crate::check::{TIMESTAMP, TIMESTAMP_NS, check_report, check_request, cl_ord_id, firm, symbol};

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
