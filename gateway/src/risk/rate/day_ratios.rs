//! Does the account send much and trade nothing? R-93.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use crate::conduct::DayCounts;

/// Refuses a risk-increasing order or replace of an account that has sent more than the floor
/// today, if with it there are too many requests for each order that traded, or if too many of its
/// orders ended canceled without a trade. An account of whose orders none has traded counts as one
/// with one.
pub(in super::super) fn day_ratios(situation: &Situation<'_>) -> Result<(), Refusal> {
    let Some(limits) = situation.manner.limits else {
        // Nothing that increases risk has come as far as this.
        return Ok(());
    };
    let counts: DayCounts = situation.manner.counts;
    let messages = u64::from(counts.messages()) + 1;
    if messages <= u64::from(limits.ratio_floor) || situation.is_risk_reducing() {
        return Ok(());
    }
    // Products of two numbers of 32 bits, and of one and a hundred.
    let traded = u64::from(counts.traded.max(1));
    let refuse = |code, limit: u32, observed: u64| {
        Err(Refusal {
            code,
            limit: i64::from(limit),
            observed: i64::try_from(observed).unwrap_or(i64::MAX),
        })
    };
    let per_trade_max = limits.requests_per_trade_max;
    if messages > u64::from(per_trade_max) * traded {
        let observed = messages.div_ceil(traded);
        return refuse(GateCode::RequestsPerTrade, per_trade_max, observed);
    }
    let (canceled, orders) = (u64::from(counts.canceled) * 100, u64::from(counts.orders));
    let percent_max = limits.canceled_percent_max;
    if canceled > u64::from(percent_max) * orders {
        let observed = canceled.div_ceil(orders.max(1));
        return refuse(GateCode::CanceledPercent, percent_max, observed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::ConductLimits;

    use super::super::super::Manner;
    use super::super::super::manner::example;
    use super::*;

    #[test]
    fn ratios_hold_above_the_floor_and_for_what_increases_risk() {
        let limits = &ConductLimits {
            requests_per_trade_max: 20,
            canceled_percent_max: 90,
            ratio_floor: 100,
            ..example::LIMITS
        };
        let counts = |orders, requests, traded, canceled| DayCounts {
            orders,
            requests,
            traded,
            canceled,
        };
        let no = |code, limit, observed| Some((code, limit, observed));
        for (counts, is_reducing, expected) in [
            (counts(0, 0, 0, 0), false, None),
            // At the floor nothing is asked, one above it everything.
            (counts(50, 49, 0, 49), false, None),
            (
                counts(50, 50, 0, 49),
                false,
                no(GateCode::RequestsPerTrade, 20, 101),
            ),
            (counts(50, 50, 0, 49), true, None),
            // 20 for each: 6 orders that traded carry 120.
            (counts(60, 59, 6, 54), false, None),
            (
                counts(60, 60, 6, 54),
                false,
                no(GateCode::RequestsPerTrade, 20, 21),
            ),
            (counts(100, 90, 10, 90), false, None),
            (
                counts(100, 90, 10, 91),
                false,
                no(GateCode::CanceledPercent, 90, 91),
            ),
            (
                counts(1_001, 0, 100, 901),
                false,
                no(GateCode::CanceledPercent, 90, 91),
            ),
            (counts(100, 90, 10, 91), true, None),
            (
                counts(u32::MAX, u32::MAX, u32::MAX, u32::MAX),
                false,
                no(GateCode::CanceledPercent, 90, 100),
            ),
        ] {
            let situation = Situation {
                manner: Manner {
                    limits: Some(limits),
                    counts,
                    ..example::manner()
                },
                ..example::reducing(is_reducing)
            };
            let refusal = day_ratios(&situation).err();
            let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
            assert_eq!(refusal, expected, "{counts:?} {is_reducing}");
        }
    }
}
