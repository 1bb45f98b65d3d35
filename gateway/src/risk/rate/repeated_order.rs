//! Is it the same order over and over? R-93.
//!
//! What sent 4 million child orders for 212 in 45 minutes (Knight, 2012) did not stop at what had
//! been sent already. The same are new orders of an account with the same instrument, side, type,
//! price and quantity; venues, sessions and names are not looked at.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses a risk-increasing new order if the same one has been sent as often as it may within the
/// tier's time. A clock that went back counts as far as it went.
pub(in super::super) fn repeated_order(situation: &Situation<'_>) -> Result<(), Refusal> {
    let manner = &situation.manner;
    let Some((since_ns, limits)) = manner.same_order_since_ns.zip(manner.limits) else {
        // Without limits nothing that increases risk has come as far as this.
        return Ok(());
    };
    let is_within = manner.now_ns.abs_diff(since_ns) < limits.same_order_within_ns;
    if !is_within || manner.is_counted || situation.is_risk_reducing() {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::RepeatedOrder,
        limit: i64::from(limits.same_order_max),
        observed: i64::from(limits.same_order_max) + 1,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::ConductLimits;

    use super::super::super::Manner;
    use super::super::super::manner::example;
    use super::*;

    #[test]
    fn one_too_many_within_the_time_is_refused_unless_it_closes() {
        let limits = &ConductLimits {
            same_order_max: 10,
            same_order_within_ns: 1_000,
            ..example::LIMITS
        };
        let now_ns = example::manner().now_ns;
        let no = Some((GateCode::RepeatedOrder, 10, 11));
        for (since_ns, is_reducing, expected) in [
            (None, false, None),
            (Some(now_ns), false, no),
            (Some(now_ns - 999), false, no),
            (Some(now_ns - 1_000), false, None),
            (Some(now_ns + 999), false, no),
            (Some(now_ns + 1_000), false, None),
            (Some(now_ns), true, None),
        ] {
            let situation = Situation {
                manner: Manner {
                    limits: Some(limits),
                    same_order_since_ns: since_ns,
                    ..example::manner()
                },
                ..example::reducing(is_reducing)
            };
            let refusal = repeated_order(&situation).err();
            let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
            assert_eq!(refusal, expected, "{since_ns:?} {is_reducing}");
        }
    }
}
