//! Does the venue take short sales now? Side(54), the venue's rule and its phase.

use gwanmun_market::{GateCode, Phases, Refusal};

use super::super::{ShortSale, Situation};

/// Refuses a short sale where no rule of the venue holds now, where the venue has not told its
/// phase freshly, and in a phase that the rule does not have.
///
/// No short sale passes for reducing risk while the phase is unknown: whoever closes a position
/// that he holds sells long.
pub(in super::super) fn short_phase(
    situation: &Situation<'_>,
    short: &ShortSale,
) -> Result<(), Refusal> {
    let rule = short
        .rule
        .ok_or(Refusal::plain(GateCode::ShortRuleMissing))?;
    let phase = situation.fresh_market()?.state.phase;
    if rule.phases.has(phase) {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::ShortPhase,
        limit: i64::from(rule.phases.to_byte()),
        observed: i64::from(Phases::bit(phase)),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{MarketState, Phase, ShortRule};

    use super::super::super::example;
    use super::*;
    use crate::markets::AgedState;

    #[test]
    fn a_short_sale_is_taken_in_the_phases_of_the_rule_and_in_no_other() {
        let rule = |phases| {
            Some(ShortRule {
                phases,
                ..example::SHORT_RULE
            })
        };
        let day = Phases::NONE.with(Phase::Continuous);
        for (rule, phase, expected) in [
            (rule(Phases::ALL), Phase::OpeningAuction, None),
            (rule(Phases::ALL), Phase::ClosingAuction, None),
            (rule(day), Phase::Continuous, None),
            (
                rule(day),
                Phase::ClosingAuction,
                Some((GateCode::ShortPhase, 2, 4)),
            ),
            (
                rule(Phases::ALL),
                Phase::Closed,
                Some((GateCode::ShortPhase, 7, 0)),
            ),
            // A venue that takes none at all.
            (
                rule(Phases::NONE),
                Phase::Continuous,
                Some((GateCode::ShortPhase, 0, 2)),
            ),
            (
                None,
                Phase::Continuous,
                Some((GateCode::ShortRuleMissing, 0, 0)),
            ),
        ] {
            let state = MarketState {
                phase,
                ..example::market().state
            };
            let situation = Situation {
                market: Some(AgedState {
                    state,
                    ..example::market()
                }),
                ..example::passing()
            };
            let short = ShortSale {
                rule,
                ..example::SHORT
            };
            let refusal = short_phase(&situation, &short).err();
            let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
            assert_eq!(refusal, expected, "{phase:?}");
        }
    }

    #[test]
    fn an_unknown_or_old_phase_refuses_whatever_is_held() {
        let age = |age_ns| {
            Some(AgedState {
                age_ns,
                ..example::market()
            })
        };
        let limit = i64::try_from(example::passing().max_age_ns).unwrap();
        for (market, expected) in [
            (age(500_000_000), None),
            (age(500_000_001), Some((limit, 500_000_001))),
            (None, Some((limit, -1))),
        ] {
            let situation = Situation {
                market,
                side: gwanmun_market::Side::SellShort,
                ..example::passing()
            };
            assert!(!situation.is_risk_reducing());
            let refusal = short_phase(&situation, &example::SHORT).err();
            assert!(refusal.is_none_or(|no| no.code == GateCode::StaleData));
            assert_eq!(refusal.map(|no| (no.limit, no.observed)), expected);
        }
    }
}
