//! Requests: what `slouch` writes is read by ours and written again to the same bytes.

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_market::{OrderId, Text};
use slouch::msg as theirs;
use slouch::msg::OuchRequest;
use slouch::types as their;

use crate::ROUNDS;
use crate::samples::Random;
use crate::types::{
    letters, our_price, our_time_in_force, pick, price, quantity, symbol, their_number,
    their_price, their_side,
};

#[track_caller]
fn check_request(theirs: &OuchRequest, ours: Inbound<'_>) {
    let bytes = theirs.encode();
    assert_eq!(
        Inbound::parse(&bytes),
        Ok(ours),
        "ours reads what slouch wrote"
    );
    let mut written = [0; 256];
    let length = ours.encode(&mut written).unwrap();
    assert_eq!(&written[..length], bytes, "ours writes what slouch wrote");
}

/// One option, in the types of both.
fn option(random: &mut Random) -> (theirs::TagValue, TagValue) {
    let number = random.u32();
    let signed = i32::try_from(random.below(20_000)).unwrap() - 10_000;
    let their_offset = their::SignedPrice::new(signed).unwrap();
    match random.below(8) {
        0 => (theirs::TagValue::MinQty(number), TagValue::MinQty(number)),
        1 => (
            theirs::TagValue::MaxFloor(number),
            TagValue::MaxFloor(number),
        ),
        2 => (
            theirs::TagValue::PegOffset(their_offset),
            TagValue::PegOffset(signed),
        ),
        3 => (
            theirs::TagValue::DiscretionPegOffset(their_offset),
            TagValue::DiscretionPegOffset(signed),
        ),
        4 => {
            let price = price(random);
            (
                theirs::TagValue::DiscretionPrice(their_price(price)),
                TagValue::DiscretionPrice(our_price(price)),
            )
        }
        5 => (
            theirs::TagValue::RandomReserves(number),
            TagValue::RandomReserves(number),
        ),
        6 => (theirs::TagValue::PostOnly(true), TagValue::PostOnly(b'P')),
        _ => (
            theirs::TagValue::PriceType(their::PriceType::Limit),
            TagValue::PriceType(b'L'),
        ),
    }
}

/// Options on both sides; `slouch` replaces an option given twice, so each kind is taken once.
fn options<'a>(
    random: &mut Random,
    request: &mut OuchRequest,
    room: &'a mut [u8],
) -> Appendage<'a> {
    let mut writer = AppendageWriter::new(room);
    let mut taken = Vec::new();
    for _ in 0..random.below(4) {
        let (theirs, ours) = option(random);
        if !taken.contains(&ours.tag()) {
            taken.push(ours.tag());
            request.add_option(theirs).unwrap();
            writer.put(ours).unwrap();
        }
    }
    writer.finish()
}

const TIMES: [their::TimeInForce; 5] = [
    their::TimeInForce::Day,
    their::TimeInForce::ImmediateOrCancel,
    their::TimeInForce::GoodTilExtended,
    their::TimeInForce::GoodTilTime,
    their::TimeInForce::AfterHours,
];
const DISPLAYS: [their::Display; 3] = [
    their::Display::Visible,
    their::Display::Hidden,
    their::Display::Attributable,
];
const CAPACITIES: [their::Capacity; 4] = [
    their::Capacity::Agency,
    their::Capacity::Principal,
    their::Capacity::Riskless,
    their::Capacity::Other,
];
const CROSSES: [their::CrossType; 8] = [
    their::CrossType::ContinuousMarket,
    their::CrossType::Opening,
    their::CrossType::Closing,
    their::CrossType::Halt,
    their::CrossType::Supplemental,
    their::CrossType::Retail,
    their::CrossType::ExtendedLife,
    their::CrossType::AfterHoursClose,
];

#[test]
fn enter_order() {
    let mut random = Random::new(0x51_01);
    for _ in 0..ROUNDS {
        let (user_ref_num, quantity) = (random.u32(), quantity(&mut random));
        let (side, price) = (random.side(), price(&mut random));
        let symbol = symbol(&mut random);
        let cl_ord_id: OrderId = random.text();
        let (time, display) = (*pick(&mut random, &TIMES), *pick(&mut random, &DISPLAYS));
        let (capacity, cross) = (
            *pick(&mut random, &CAPACITIES),
            *pick(&mut random, &CROSSES),
        );
        let sweep = random.flag();
        let mut theirs = slouch::enter! {
            user_ref_num: their_number(user_ref_num),
            side: their_side(side.to_ouch()),
            quantity: quantity,
            symbol: their::StockSymbol::from(&symbol).unwrap(),
            price: their_price(price),
            time_in_force: time,
            display: display,
            capacity: capacity,
            intermarket_sweep: sweep,
            cross_type: cross,
            order_token: their::OrderToken::from(cl_ord_id.to_string()).unwrap(),
        };
        let mut room = [0; 64];
        let ours = Inbound::EnterOrder(EnterOrder {
            user_ref_num,
            side,
            quantity,
            symbol: Text::new(symbol.as_bytes()).unwrap(),
            price: our_price(price),
            time_in_force: our_time_in_force(time),
            display: Display(display.encode()[0]),
            capacity: Capacity(capacity.encode()[0]),
            inter_market_sweep: sweep,
            cross_type: CrossType(cross.encode()[0]),
            cl_ord_id,
            appendage: options(&mut random, &mut theirs, &mut room),
        });
        check_request(&theirs, ours);
    }
}

#[test]
fn replace_order() {
    let mut random = Random::new(0x51_02);
    for _ in 0..ROUNDS {
        let (orig_user_ref_num, user_ref_num) = (random.u32(), random.u32());
        let (quantity, price) = (quantity(&mut random), price(&mut random));
        let cl_ord_id: OrderId = random.text();
        let (time, display) = (*pick(&mut random, &TIMES), *pick(&mut random, &DISPLAYS));
        let sweep = random.flag();
        let mut theirs = slouch::replace! {
            old_ref_num: their_number(orig_user_ref_num),
            new_ref_num: their_number(user_ref_num),
            quantity: quantity,
            price: their_price(price),
            time_in_force: time,
            display: display,
            intermarket_sweep: sweep,
            order_token: their::OrderToken::from(cl_ord_id.to_string()).unwrap(),
        };
        let mut room = [0; 64];
        let ours = Inbound::ReplaceOrder(ReplaceOrder {
            orig_user_ref_num,
            user_ref_num,
            quantity,
            price: our_price(price),
            time_in_force: our_time_in_force(time),
            display: Display(display.encode()[0]),
            inter_market_sweep: sweep,
            cl_ord_id,
            appendage: options(&mut random, &mut theirs, &mut room),
        });
        check_request(&theirs, ours);
    }
}

#[test]
fn smaller_requests() {
    let mut random = Random::new(0x51_03);
    for _ in 0..ROUNDS {
        let (user_ref_num, quantity) = (random.u32(), quantity(&mut random));
        let (side, appendage) = (random.side(), Appendage::EMPTY);
        let (firm, symbol) = (letters(&mut random, 4), symbol(&mut random));
        let (number, mpid) = (
            their_number(user_ref_num),
            their::Mpid::from(&firm).unwrap(),
        );
        let firm: Firm = Text::new(firm.as_bytes()).unwrap();
        check_request(
            &slouch::cancel! { user_ref_num: number, quantity: quantity },
            Inbound::CancelOrder(CancelOrder {
                user_ref_num,
                quantity,
                appendage,
            }),
        );
        check_request(
            &slouch::modify! {
                user_ref_num: number,
                side: their_side(side.to_ouch()),
                quantity: quantity,
            },
            Inbound::ModifyOrder(ModifyOrder {
                user_ref_num,
                side,
                quantity,
                appendage,
            }),
        );
        check_request(
            &slouch::mass_cancel! {
                user_ref_num: number,
                firm: mpid,
                symbol: their::StockSymbol::from(&symbol).unwrap(),
            },
            Inbound::MassCancel(MassCancel {
                user_ref_num,
                firm,
                symbol: Text::new(symbol.as_bytes()).unwrap(),
                appendage,
            }),
        );
        check_request(
            &slouch::disable_entry! { user_ref_num: number, firm: mpid },
            Inbound::DisableOrderEntry(DisableOrderEntry {
                user_ref_num,
                firm,
                appendage,
            }),
        );
        check_request(
            &slouch::enable_entry! { user_ref_num: number, firm: mpid },
            Inbound::EnableOrderEntry(EnableOrderEntry {
                user_ref_num,
                firm,
                appendage,
            }),
        );
    }
    check_request(
        &slouch::account_query! {},
        Inbound::AccountQuery(AccountQuery {
            appendage: Appendage::EMPTY,
        }),
    );
}
