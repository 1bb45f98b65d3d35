//! Is a circuit breaker (서킷브레이커) in force? In each of its three stages the venue takes no
//! orders; that it takes cancels in the first two alone is for it to say.

use gwanmun_market::{GateCode, Refusal};

use super::Situation;

/// Refuses every order in every stage.
pub(super) fn circuit_breaker(situation: &Situation<'_>) -> Result<(), Refusal> {
    match situation.halts.circuit_breaker_stage() {
        0 => Ok(()),
        stage => Err(Refusal {
            code: GateCode::CircuitBreaker,
            limit: 0,
            observed: i64::from(stage),
        }),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{HaltKind, HaltSides, Side};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;

    #[test]
    fn every_stage_refuses_both_sides() {
        for level in 0..=3 {
            for side in [Side::Buy, Side::Sell] {
                let situation = Situation {
                    halts: set(HaltKind::CircuitBreaker, level, HaltSides::Both),
                    side,
                    ..example::passing()
                };
                let observed = circuit_breaker(&situation).err().map(|no| no.observed);
                let expected = Some(i64::from(level)).filter(|&level| level > 0);
                assert_eq!(observed, expected, "{level} {side:?}");
            }
        }
    }
}
