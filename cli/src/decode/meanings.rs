//! What the values of a few fields mean.

use gwanmun_fix::SessionRejectReason;
use gwanmun_market::GateCode;

/// The meaning of a value, where the field is one of codes.
pub(crate) fn of(tag: u32, value: &str) -> Option<&'static str> {
    let table: &[(&str, &str)] = match tag {
        35 => return super::names::message(value),
        373 => return session_reject_reason(value),
        20110 => return GateCode::from_number(value.parse().ok()?).map(GateCode::name),
        39 => &ORD_STATUS,
        54 => &SIDE,
        150 => &EXEC_TYPE,
        40 => &ORD_TYPE,
        59 => &TIME_IN_FORCE,
        103 => &ORD_REJ_REASON,
        102 => &CXL_REJ_REASON,
        380 => &BUSINESS_REJECT_REASON,
        434 => &[
            ("1", "OrderCancelRequest"),
            ("2", "OrderCancelReplaceRequest"),
        ],
        98 => &[("0", "none")],
        43 | 97 | 123 | 141 => &[("Y", "yes"), ("N", "no")],
        21 => &[
            ("1", "automated, no intervention"),
            ("2", "automated"),
            ("3", "manual"),
        ],
        528 => &[
            ("A", "agency"),
            ("P", "principal"),
            ("R", "riskless principal"),
        ],
        20101 => &[("1", "online"), ("2", "emergency"), ("3", "algorithm")],
        20102 => &[("1", "HTS"), ("2", "MTS"), ("3", "branch"), ("4", "DMA")],
        _ => return None,
    };
    table
        .iter()
        .find(|(code, _)| *code == value)
        .map(|(_, meaning)| *meaning)
}

fn session_reject_reason(value: &str) -> Option<&'static str> {
    SessionRejectReason::from_number(value.parse().ok()?).map(SessionRejectReason::text)
}

const ORD_STATUS: [(&str, &str); 15] = [
    ("0", "New"),
    ("1", "PartiallyFilled"),
    ("2", "Filled"),
    ("3", "DoneForDay"),
    ("4", "Canceled"),
    ("5", "Replaced"),
    ("6", "PendingCancel"),
    ("7", "Stopped"),
    ("8", "Rejected"),
    ("9", "Suspended"),
    ("A", "PendingNew"),
    ("B", "Calculated"),
    ("C", "Expired"),
    ("D", "AcceptedForBidding"),
    ("E", "PendingReplace"),
];
const EXEC_TYPE: [(&str, &str); 17] = [
    ("0", "New"),
    ("3", "DoneForDay"),
    ("4", "Canceled"),
    ("5", "Replaced"),
    ("6", "PendingCancel"),
    ("7", "Stopped"),
    ("8", "Rejected"),
    ("9", "Suspended"),
    ("A", "PendingNew"),
    ("B", "Calculated"),
    ("C", "Expired"),
    ("D", "Restated"),
    ("E", "PendingReplace"),
    ("F", "Trade"),
    ("G", "TradeCorrect"),
    ("H", "TradeCancel"),
    ("I", "OrderStatus"),
];
const SIDE: [(&str, &str); 9] = [
    ("1", "Buy"),
    ("2", "Sell"),
    ("3", "BuyMinus"),
    ("4", "SellPlus"),
    ("5", "SellShort"),
    ("6", "SellShortExempt"),
    ("7", "Undisclosed"),
    ("8", "Cross"),
    ("9", "CrossShort"),
];
const ORD_TYPE: [(&str, &str); 8] = [
    ("1", "Market"),
    ("2", "Limit"),
    ("3", "Stop"),
    ("4", "StopLimit"),
    ("6", "WithOrWithout"),
    ("D", "PreviouslyQuoted"),
    ("K", "MarketWithLeftOverAsLimit"),
    ("P", "Pegged"),
];
const TIME_IN_FORCE: [(&str, &str); 8] = [
    ("0", "Day"),
    ("1", "GoodTillCancel"),
    ("2", "AtTheOpening"),
    ("3", "ImmediateOrCancel"),
    ("4", "FillOrKill"),
    ("5", "GoodTillCrossing"),
    ("6", "GoodTillDate"),
    ("7", "AtTheClose"),
];
const ORD_REJ_REASON: [(&str, &str); 20] = [
    ("0", "broker option"),
    ("1", "unknown symbol"),
    ("2", "exchange closed"),
    ("3", "order exceeds limit"),
    ("4", "too late to enter"),
    ("5", "unknown order"),
    ("6", "duplicate order"),
    ("7", "duplicate of a verbally communicated order"),
    ("8", "stale order"),
    ("9", "trade along required"),
    ("10", "invalid investor ID"),
    ("11", "unsupported order characteristic"),
    ("12", "surveillance option"),
    ("13", "incorrect quantity"),
    ("14", "incorrect allocated quantity"),
    ("15", "unknown account"),
    ("16", "price exceeds current price band"),
    ("18", "invalid price increment"),
    ("19", "reference price not available"),
    ("99", "other"),
];
const CXL_REJ_REASON: [(&str, &str); 8] = [
    ("0", "too late to cancel"),
    ("1", "unknown order"),
    ("2", "broker option"),
    ("3", "already pending cancel or replace"),
    ("5", "OrigOrdModTime does not match"),
    ("6", "duplicate ClOrdID"),
    ("8", "price exceeds current price band"),
    ("99", "other"),
];
const BUSINESS_REJECT_REASON: [(&str, &str); 8] = [
    ("0", "other"),
    ("1", "unknown ID"),
    ("2", "unknown security"),
    ("3", "unsupported message type"),
    ("4", "application not available"),
    ("5", "conditionally required field missing"),
    ("6", "not authorised"),
    ("7", "DeliverTo firm not available"),
];
