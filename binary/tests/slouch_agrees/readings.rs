//! What `slouch` read, put into our types, so that one comparison covers all fields.

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use slouch::msg::OuchResponse;

use crate::types::{cl_ord_id_of, firm_of, our_price, our_time_in_force, side, symbol_of, time};

pub(crate) fn as_ours(response: &OuchResponse) -> Outbound<'static> {
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
