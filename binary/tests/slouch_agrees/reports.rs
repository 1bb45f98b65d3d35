//! Reports: what ours writes is read by `slouch`, field by field.

use gwanmun_binary::ouch::Outbound;
use gwanmun_binary::ouch::codes::*;
use slouch::msg::OuchResponse;
use slouch::types as their;

use crate::ROUNDS;
use crate::readings::as_ours;
use crate::samples::{self, Random};
use crate::types::pick;

const DAY_NS: u64 = 86_400_000_000_000;

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
