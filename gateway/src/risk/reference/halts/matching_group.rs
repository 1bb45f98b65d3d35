//! Does the matching engine of the instrument's group take orders? (18 March 2025: all KOSPI shares
//! for seven minutes.) One word of the venue stops a whole group and no other.

use gwanmun_market::{GateCode, Refusal};

use super::{Situation, refuse_where};

/// Refuses every order of a group that is halted.
pub(super) fn matching_group(situation: &Situation<'_>) -> Result<(), Refusal> {
    refuse_where(situation.halts.has_matching_group(), GateCode::GroupHalted)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{HaltKind, HaltSides};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;

    #[test]
    fn only_its_own_halt_refuses() {
        for (kind, expected) in [
            (HaltKind::MatchingGroup, Some(GateCode::GroupHalted)),
            (HaltKind::CircuitBreaker, None),
            (HaltKind::Suspension, None),
        ] {
            let situation = Situation {
                halts: set(kind, 1, HaltSides::Both),
                ..example::passing()
            };
            let code = matching_group(&situation).err().map(|no| no.code);
            assert_eq!(code, expected, "{kind:?}");
        }
    }
}
