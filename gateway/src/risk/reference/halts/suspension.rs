//! Has the venue suspended the instrument (거래정지) while the day runs? What the tables knew in the
//! morning is another check.

use gwanmun_market::{GateCode, Refusal};

use super::{Situation, refuse_where};

/// Refuses every order of a suspended instrument.
pub(super) fn suspension(situation: &Situation<'_>) -> Result<(), Refusal> {
    refuse_where(situation.halts.has_suspension(), GateCode::SuspendedNow)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{HaltKind, HaltSides};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;

    #[test]
    fn only_its_own_halt_refuses() {
        for (kind, level, expected) in [
            (HaltKind::Suspension, 1, Some(GateCode::SuspendedNow)),
            (HaltKind::Suspension, 0, None),
            (HaltKind::VolatilityInterruption, 1, None),
        ] {
            let situation = Situation {
                halts: set(kind, level, HaltSides::Both),
                ..example::passing()
            };
            let code = suspension(&situation).err().map(|no| no.code);
            assert_eq!(code, expected, "{kind:?} {level}");
        }
    }
}
