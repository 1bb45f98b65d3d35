//! The crate `slouch`, an OUCH 5.0 codec by other hands, must agree with ours in both directions.
//!
//! Requests: what `slouch` writes is read by ours and written again to the same bytes. Reports:
//! what ours writes is read by `slouch`, field by field. The other two directions do not exist:
//! `slouch` keeps its request reader and its report writer to itself.
//!
//! Where `slouch` and the tables of `SCHEMA.md` differ, the tables win: the first group is a choice
//! of the profile, the others are a narrowness or slip of the crate.
//!
//! 1. Choices of the profile. `slouch` makes no order of 1,000,000 and above, none priced above
//!    199,999.99, no symbol with a digit and no ClOrdID beyond letters, digits and blanks; it reads
//!    all of them. Its market price, 200,000.0000, is an ordinary price in won. It reads prices as
//!    unsigned: the bits are the same. Its timestamps end at midnight, and a later one makes it
//!    panic; ours go on through the night session.
//! 2. Of an appendage it reads the first option only, refuses an unknown tag instead of stepping
//!    over it, and never looks at AppendageLength, so a message of any kind may end before it.
//! 3. It refuses codes that it does not know, among them CancelReason `C`; ours keeps them.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod samples;

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, Entry, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_market::{OrderId, Price, Symbol, Text};
use samples::Random;
use slouch::msg as theirs;
use slouch::msg::{OuchRequest, OuchResponse};
use slouch::types as their;

/// Messages of each kind.
const ROUNDS: u64 = 1_000;
/// What `slouch` takes as quantity.
const QUANTITY_END: u64 = 1_000_000;
/// What `slouch` takes as price: 199,999.99, two decimals short of the text's own bound.
const PRICE_MAX: u64 = 1_999_999_900;
const DAY_NS: u64 = 86_400_000_000_000;

// What both sides can say, chosen here once and given to each in its own types.

fn quantity(random: &mut Random) -> u32 {
    u32::try_from(random.below(QUANTITY_END)).unwrap()
}

fn price(random: &mut Random) -> u64 {
    random.below(PRICE_MAX + 1)
}

fn pick<'c, T>(random: &mut Random, codes: &'c [T]) -> &'c T {
    &codes[random.index(codes.len())]
}

fn letters(random: &mut Random, length: usize) -> String {
    (0..length)
        .map(|_| char::from(b'A' + u8::try_from(random.below(26)).unwrap()))
        .collect()
}

fn symbol(random: &mut Random) -> String {
    let length = random.index(9);
    letters(random, length)
}

fn their_price(price: u64) -> their::Price {
    their::Price::new(price).unwrap()
}

fn our_price(price: u64) -> Price {
    Price(price.cast_signed())
}

fn their_number(number: u32) -> their::UserRefNum {
    their::UserRefNum::parse(&number.to_be_bytes()).unwrap().1
}

fn their_side(byte: u8) -> their::Side {
    their::Side::parse(&[byte]).unwrap().1
}

fn our_time_in_force(time: their::TimeInForce) -> TimeInForce {
    TimeInForce(time.encode()[0])
}

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

// The way back. Their readings are put into our types, so that one comparison covers all fields.

fn read_by_slouch(report: &Outbound<'_>) -> OuchResponse {
    let mut written = [0; 256];
    let length = report.encode(&mut written).unwrap();
    let (rest, read) = OuchResponse::parse(&written[..length]).unwrap();
    // The two bytes of AppendageLength stay behind when there are no options, because slouch does
    // not take them off; a longer rest would be a field that it reads narrower than we do.
    let left_behind: &[u8] = if matches!(report, Outbound::SystemEvent(_)) {
        &[]
    } else {
        &[0, 0]
    };
    assert_eq!(rest, left_behind, "both see the same fields");
    read
}

fn time(time: their::NaiveTime) -> u64 {
    let since_midnight = time.signed_duration_since(their::NaiveTime::MIN);
    u64::try_from(since_midnight.num_nanoseconds().unwrap()).unwrap()
}

fn side(side: their::Side) -> gwanmun_market::Side {
    gwanmun_market::Side::from_ouch(side.encode()[0]).unwrap()
}

fn symbol_of(symbol: their::StockSymbol) -> Symbol {
    Text::from_padded(&symbol.encode())
}

fn firm_of(firm: their::Mpid) -> Firm {
    Text::from_padded(&firm.encode())
}

fn cl_ord_id_of(token: their::OrderToken) -> OrderId {
    Text::from_padded(&token.encode())
}

/// A code that both know.
macro_rules! shared_code {
    ($random:expr, $ours:ident, $theirs:ident) => {{
        let known: Vec<$ours> = $ours::KNOWN
            .iter()
            .copied()
            .filter(|code| their::$theirs::parse(&code.0.to_be_bytes()).is_ok())
            .collect();
        assert!(!known.is_empty());
        *pick($random, &known)
    }};
}

fn as_ours(response: &OuchResponse) -> Outbound<'static> {
    let appendage = Appendage::EMPTY;
    match response {
        OuchResponse::SystemEvent(m) => Outbound::SystemEvent(SystemEvent {
            timestamp_ns: time(m.timestamp()),
            event_code: EventCode(m.event_code().encode()[0]),
        }),
        OuchResponse::OrderAccepted(m) => Outbound::Accepted(Accepted {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            side: side(m.side()),
            quantity: m.quantity(),
            symbol: symbol_of(m.symbol()),
            price: our_price(m.price().val()),
            time_in_force: our_time_in_force(m.time_in_force()),
            display: Display(m.display().encode()[0]),
            order_reference_number: m.order_ref_num(),
            capacity: Capacity(m.capacity().encode()[0]),
            inter_market_sweep: m.intermarket_sweep(),
            cross_type: CrossType(m.cross_type().encode()[0]),
            order_state: OrderState(m.order_state().encode()[0]),
            cl_ord_id: cl_ord_id_of(m.order_token()),
            appendage,
        }),
        OuchResponse::OrderReplaced(m) => Outbound::Replaced(Replaced {
            timestamp_ns: time(m.timestamp()),
            orig_user_ref_num: m.old_ref_num().val(),
            user_ref_num: m.new_ref_num().val(),
            side: side(m.side()),
            quantity: m.quantity(),
            symbol: symbol_of(m.symbol()),
            price: our_price(m.price().val()),
            time_in_force: our_time_in_force(m.time_in_force()),
            display: Display(m.display().encode()[0]),
            order_reference_number: m.order_ref_num(),
            capacity: Capacity(m.capacity().encode()[0]),
            inter_market_sweep: m.intermarket_sweep(),
            cross_type: CrossType(m.cross_type().encode()[0]),
            order_state: OrderState(m.order_state().encode()[0]),
            cl_ord_id: cl_ord_id_of(m.order_token()),
            appendage,
        }),
        other => order_report_as_ours(other),
    }
}

fn order_report_as_ours(response: &OuchResponse) -> Outbound<'static> {
    let appendage = Appendage::EMPTY;
    match response {
        OuchResponse::OrderCanceled(m) => Outbound::Canceled(Canceled {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            quantity: m.quantity(),
            reason: CancelReason(m.reason().encode()[0]),
            appendage,
        }),
        OuchResponse::AiqCanceled(m) => Outbound::AiqCanceled(AiqCanceled {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            decrement_shares: m.decrement_shares(),
            reason: CancelReason(m.reason().encode()[0]),
            quantity_prevented: m.quantity_prevented(),
            execution_price: our_price(m.price().val()),
            liquidity_flag: LiquidityFlag(m.liquidity().encode()[0]),
            aiq_strategy: AiqStrategy(m.aiq_strategy().encode()[0]),
            appendage,
        }),
        OuchResponse::OrderExecuted(m) => Outbound::Executed(Executed {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            quantity: m.quantity(),
            price: our_price(m.price().val()),
            liquidity_flag: LiquidityFlag(m.liquidity().encode()[0]),
            match_number: m.match_number(),
            appendage,
        }),
        OuchResponse::BrokenTrade(m) => Outbound::BrokenTrade(BrokenTrade {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            match_number: m.match_number(),
            reason: BrokenTradeReason(m.reason().encode()[0]),
            cl_ord_id: cl_ord_id_of(m.order_token()),
            appendage,
        }),
        OuchResponse::OrderRejected(m) => Outbound::Rejected(Rejected {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            reason: RejectReason(u16::from_be_bytes(m.reason().encode())),
            cl_ord_id: cl_ord_id_of(m.order_token()),
            appendage,
        }),
        other => small_as_ours(other),
    }
}

fn small_as_ours(response: &OuchResponse) -> Outbound<'static> {
    let appendage = Appendage::EMPTY;
    match response {
        OuchResponse::CancelPending(m) => Outbound::CancelPending(CancelPending {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            appendage,
        }),
        OuchResponse::CancelRejected(m) => Outbound::CancelReject(CancelReject {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            appendage,
        }),
        OuchResponse::OrderPriorityUpdate(m) => Outbound::PriorityUpdate(PriorityUpdate {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            price: our_price(m.price().val()),
            display: Display(m.display().encode()[0]),
            order_reference_number: m.order_ref_num(),
            appendage,
        }),
        OuchResponse::OrderModified(m) => Outbound::Modified(Modified {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            side: side(m.side()),
            quantity: m.quantity(),
            appendage,
        }),
        OuchResponse::OrderRestated(m) => Outbound::Restated(Restated {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            reason: RestatedReason(m.reason().encode()[0]),
            appendage,
        }),
        OuchResponse::MassCancelResponse(m) => Outbound::MassCancelResponse(MassCancelResponse {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            firm: firm_of(m.firm()),
            symbol: symbol_of(m.symbol()),
            appendage,
        }),
        OuchResponse::DisableOrderEntryResponse(m) => Outbound::DisableResponse(DisableResponse {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            firm: firm_of(m.firm()),
            appendage,
        }),
        OuchResponse::EnableOrderEntryResponse(m) => Outbound::EnableResponse(EnableResponse {
            timestamp_ns: time(m.timestamp()),
            user_ref_num: m.user_ref_num().val(),
            firm: firm_of(m.firm()),
            appendage,
        }),
        OuchResponse::AccountQueryResponse(m) => {
            Outbound::AccountQueryResponse(AccountQueryResponse {
                timestamp_ns: time(m.timestamp()),
                next_user_ref_num: m.next_user_ref_num().val(),
                appendage,
            })
        }
        other => panic!("slouch took it for {other:?}"),
    }
}

/// A report of any kind without options and within what `slouch` knows: codes that both name, times
/// of day.
fn plain_report(which: u64, random: &mut Random) -> Outbound<'static> {
    let mut report = samples::messages::report(which, random, &mut []);
    let timestamp_ns = random.below(DAY_NS);
    match &mut report {
        Outbound::SystemEvent(m) => {
            m.timestamp_ns = timestamp_ns;
            m.event_code = shared_code!(random, EventCode, EventCode);
        }
        Outbound::Accepted(m) => {
            m.timestamp_ns = timestamp_ns;
            m.time_in_force = shared_code!(random, TimeInForce, TimeInForce);
            m.display = shared_code!(random, Display, Display);
            m.capacity = shared_code!(random, Capacity, Capacity);
            m.cross_type = shared_code!(random, CrossType, CrossType);
            m.order_state = shared_code!(random, OrderState, OrderState);
        }
        Outbound::Replaced(m) => {
            m.timestamp_ns = timestamp_ns;
            m.time_in_force = shared_code!(random, TimeInForce, TimeInForce);
            m.display = shared_code!(random, Display, Display);
            m.capacity = shared_code!(random, Capacity, Capacity);
            m.cross_type = shared_code!(random, CrossType, CrossType);
            m.order_state = shared_code!(random, OrderState, OrderState);
        }
        Outbound::Canceled(m) => {
            m.timestamp_ns = timestamp_ns;
            m.reason = shared_code!(random, CancelReason, CancelReason);
        }
        Outbound::AiqCanceled(m) => {
            m.timestamp_ns = timestamp_ns;
            m.reason = shared_code!(random, CancelReason, CancelReason);
            m.liquidity_flag = shared_code!(random, LiquidityFlag, Liquidity);
            m.aiq_strategy = AiqStrategy(*pick(random, b"OWDYowdy"));
        }
        Outbound::Executed(m) => {
            m.timestamp_ns = timestamp_ns;
            m.liquidity_flag = shared_code!(random, LiquidityFlag, Liquidity);
        }
        Outbound::BrokenTrade(m) => {
            m.timestamp_ns = timestamp_ns;
            m.reason = BrokenTradeReason(*pick(random, b"ECSX"));
        }
        Outbound::Rejected(m) => {
            m.timestamp_ns = timestamp_ns;
            m.reason = shared_code!(random, RejectReason, RejectReason);
        }
        Outbound::PriorityUpdate(m) => {
            m.timestamp_ns = timestamp_ns;
            m.display = shared_code!(random, Display, Display);
        }
        Outbound::Restated(m) => {
            m.timestamp_ns = timestamp_ns;
            m.reason = shared_code!(random, RestatedReason, RestateReason);
        }
        Outbound::CancelPending(m) => m.timestamp_ns = timestamp_ns,
        Outbound::CancelReject(m) => m.timestamp_ns = timestamp_ns,
        Outbound::Modified(m) => m.timestamp_ns = timestamp_ns,
        Outbound::MassCancelResponse(m) => m.timestamp_ns = timestamp_ns,
        Outbound::DisableResponse(m) => m.timestamp_ns = timestamp_ns,
        Outbound::EnableResponse(m) => m.timestamp_ns = timestamp_ns,
        Outbound::AccountQueryResponse(m) => m.timestamp_ns = timestamp_ns,
    }
    report
}

#[test]
fn reports() {
    let mut random = Random::new(0x51_04);
    for which in 0..samples::messages::REPORTS {
        for _ in 0..ROUNDS {
            let report = plain_report(which, &mut random);
            assert_eq!(as_ours(&read_by_slouch(&report)), report);
        }
    }
}

#[test]
fn codes_that_only_the_table_knows() {
    let unknown: Vec<CancelReason> = CancelReason::KNOWN
        .iter()
        .copied()
        .filter(|code| their::CancelReason::parse(&[code.0]).is_err())
        .collect();
    assert_eq!(unknown, [CancelReason::CROSS]);
    for code in RejectReason::KNOWN {
        assert!(
            their::RejectReason::parse(&code.0.to_be_bytes()).is_ok(),
            "{code:?}"
        );
    }
    for code in LiquidityFlag::KNOWN {
        assert!(their::Liquidity::parse(&[code.0]).is_ok(), "{code:?}");
    }
}

/// Point 2 of the head, shown, so that it is noticed when the crate changes.
#[test]
fn appendages_where_slouch_is_narrower() {
    let restated = |appendage| {
        let report = Outbound::Restated(Restated {
            timestamp_ns: 1,
            user_ref_num: 2,
            reason: RestatedReason::REFRESH,
            appendage,
        });
        let mut written = [0; 64];
        let length = report.encode(&mut written).unwrap();
        assert_eq!(
            Outbound::parse(&written[..length]),
            Ok(report),
            "ours reads all of it"
        );
        match OuchResponse::parse(&written[..length]) {
            Ok((_, OuchResponse::OrderRestated(message))) => Some(message.options().clone()),
            _ => None,
        }
    };
    let (mut one, mut two, mut unknown) = ([0; 32], [0; 32], [0; 32]);
    let mut writer = AppendageWriter::new(&mut one);
    writer.put(TagValue::DisplayQuantity(50)).unwrap();
    let quantity = theirs::TagValue::DisplayQuantity(50);
    assert_eq!(
        restated(writer.finish()),
        Some(vec![quantity]),
        "one option: agreed"
    );
    let mut writer = AppendageWriter::new(&mut two);
    writer.put(TagValue::DisplayQuantity(50)).unwrap();
    writer.put(TagValue::DisplayPrice(Price(1))).unwrap();
    assert_eq!(
        restated(writer.finish()),
        Some(vec![quantity]),
        "of two it reads the first"
    );
    let mut writer = AppendageWriter::new(&mut unknown);
    writer
        .put_entry(Entry {
            tag: 64,
            value: b"x",
        })
        .unwrap();
    assert_eq!(
        restated(writer.finish()),
        None,
        "an unknown tag is too much for it"
    );
}
