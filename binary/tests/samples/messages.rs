//! One message of each kind, filled from the seed.

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;

use super::Random;

/// How many requests [`request`] knows.
pub const REQUESTS: u64 = 8;
/// How many reports [`report`] knows.
pub const REPORTS: u64 = 17;

/// The request numbered `which`, filled from the seed.
pub fn request<'a>(which: u64, random: &mut Random, options: &'a mut [u8]) -> Inbound<'a> {
    let user_ref_num = random.u32();
    let appendage = random.appendage(options);
    match which {
        0 => Inbound::EnterOrder(EnterOrder {
            user_ref_num,
            side: random.side(),
            quantity: random.u32(),
            symbol: random.text(),
            price: random.price(),
            time_in_force: TimeInForce(random.u8()),
            display: Display(random.u8()),
            capacity: Capacity(random.u8()),
            inter_market_sweep: random.flag(),
            cross_type: CrossType(random.u8()),
            cl_ord_id: random.text(),
            appendage,
        }),
        1 => Inbound::ReplaceOrder(ReplaceOrder {
            orig_user_ref_num: random.u32(),
            user_ref_num,
            quantity: random.u32(),
            price: random.price(),
            time_in_force: TimeInForce(random.u8()),
            display: Display(random.u8()),
            inter_market_sweep: random.flag(),
            cl_ord_id: random.text(),
            appendage,
        }),
        2 => Inbound::CancelOrder(CancelOrder {
            user_ref_num,
            quantity: random.u32(),
            appendage,
        }),
        3 => Inbound::ModifyOrder(ModifyOrder {
            user_ref_num,
            side: random.side(),
            quantity: random.u32(),
            appendage,
        }),
        4 => Inbound::MassCancel(MassCancel {
            user_ref_num,
            firm: random.text(),
            symbol: random.text(),
            appendage,
        }),
        5 => Inbound::DisableOrderEntry(DisableOrderEntry {
            user_ref_num,
            firm: random.text(),
            appendage,
        }),
        6 => Inbound::EnableOrderEntry(EnableOrderEntry {
            user_ref_num,
            firm: random.text(),
            appendage,
        }),
        _ => Inbound::AccountQuery(AccountQuery { appendage }),
    }
}

/// The report numbered `which`, filled from the seed.
pub fn report<'a>(which: u64, random: &mut Random, options: &'a mut [u8]) -> Outbound<'a> {
    let timestamp_ns = random.edgy_u64();
    let user_ref_num = random.u32();
    let appendage = random.appendage(options);
    match which {
        0 => Outbound::SystemEvent(SystemEvent {
            timestamp_ns,
            event_code: EventCode(random.u8()),
        }),
        1 => Outbound::Accepted(Accepted {
            timestamp_ns,
            user_ref_num,
            side: random.side(),
            quantity: random.u32(),
            symbol: random.text(),
            price: random.price(),
            time_in_force: TimeInForce(random.u8()),
            display: Display(random.u8()),
            order_reference_number: random.edgy_u64(),
            capacity: Capacity(random.u8()),
            inter_market_sweep: random.flag(),
            cross_type: CrossType(random.u8()),
            order_state: OrderState(random.u8()),
            cl_ord_id: random.text(),
            appendage,
        }),
        2 => Outbound::Replaced(Replaced {
            timestamp_ns,
            orig_user_ref_num: random.u32(),
            user_ref_num,
            side: random.side(),
            quantity: random.u32(),
            symbol: random.text(),
            price: random.price(),
            time_in_force: TimeInForce(random.u8()),
            display: Display(random.u8()),
            order_reference_number: random.edgy_u64(),
            capacity: Capacity(random.u8()),
            inter_market_sweep: random.flag(),
            cross_type: CrossType(random.u8()),
            order_state: OrderState(random.u8()),
            cl_ord_id: random.text(),
            appendage,
        }),
        3..=7 => order_report(which, random, timestamp_ns, user_ref_num, appendage),
        _ => small_report(which, random, timestamp_ns, user_ref_num, appendage),
    }
}

fn order_report<'a>(
    which: u64,
    random: &mut Random,
    timestamp_ns: u64,
    user_ref_num: u32,
    appendage: Appendage<'a>,
) -> Outbound<'a> {
    match which {
        3 => Outbound::Canceled(Canceled {
            timestamp_ns,
            user_ref_num,
            quantity: random.u32(),
            reason: CancelReason(random.u8()),
            appendage,
        }),
        4 => Outbound::AiqCanceled(AiqCanceled {
            timestamp_ns,
            user_ref_num,
            decrement_shares: random.u32(),
            reason: CancelReason(random.u8()),
            quantity_prevented: random.u32(),
            execution_price: random.price(),
            liquidity_flag: LiquidityFlag(random.u8()),
            aiq_strategy: AiqStrategy(random.u8()),
            appendage,
        }),
        5 => Outbound::Executed(Executed {
            timestamp_ns,
            user_ref_num,
            quantity: random.u32(),
            price: random.price(),
            liquidity_flag: LiquidityFlag(random.u8()),
            match_number: random.edgy_u64(),
            appendage,
        }),
        6 => Outbound::BrokenTrade(BrokenTrade {
            timestamp_ns,
            user_ref_num,
            match_number: random.edgy_u64(),
            reason: BrokenTradeReason(random.u8()),
            cl_ord_id: random.text(),
            appendage,
        }),
        _ => Outbound::Rejected(Rejected {
            timestamp_ns,
            user_ref_num,
            reason: RejectReason(random.u16()),
            cl_ord_id: random.text(),
            appendage,
        }),
    }
}

fn small_report<'a>(
    which: u64,
    random: &mut Random,
    timestamp_ns: u64,
    user_ref_num: u32,
    appendage: Appendage<'a>,
) -> Outbound<'a> {
    match which {
        8 => Outbound::CancelPending(CancelPending {
            timestamp_ns,
            user_ref_num,
            appendage,
        }),
        9 => Outbound::CancelReject(CancelReject {
            timestamp_ns,
            user_ref_num,
            appendage,
        }),
        10 => Outbound::PriorityUpdate(PriorityUpdate {
            timestamp_ns,
            user_ref_num,
            price: random.price(),
            display: Display(random.u8()),
            order_reference_number: random.edgy_u64(),
            appendage,
        }),
        11 => Outbound::Modified(Modified {
            timestamp_ns,
            user_ref_num,
            side: random.side(),
            quantity: random.u32(),
            appendage,
        }),
        12 => Outbound::Restated(Restated {
            timestamp_ns,
            user_ref_num,
            reason: RestatedReason(random.u8()),
            appendage,
        }),
        13 => Outbound::MassCancelResponse(MassCancelResponse {
            timestamp_ns,
            user_ref_num,
            firm: random.text(),
            symbol: random.text(),
            appendage,
        }),
        14 => Outbound::DisableResponse(DisableResponse {
            timestamp_ns,
            user_ref_num,
            firm: random.text(),
            appendage,
        }),
        15 => Outbound::EnableResponse(EnableResponse {
            timestamp_ns,
            user_ref_num,
            firm: random.text(),
            appendage,
        }),
        _ => Outbound::AccountQueryResponse(AccountQueryResponse {
            timestamp_ns,
            next_user_ref_num: user_ref_num,
            appendage,
        }),
    }
}
