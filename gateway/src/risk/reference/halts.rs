//! Does the venue halt the instrument, or our orders in it? R-123. One file for each kind of halt.
//!
//! A halt is the venue's to enforce and to lift; here it keeps orders back that it would refuse.
//! Orders that reduce risk are no exception, and cancels are never asked. The halts of a venue that
//! another one must follow hold at both (see `gateway/src/halts.rs`).

mod circuit_breaker;
mod matching_group;
mod member_sanction;
mod sidecar;
mod suspension;
mod volatility_interruption;

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses an order that a halt in force stops: what stops everybody before what stops some.
#[inline]
pub(in super::super) fn halts(situation: &Situation<'_>) -> Result<(), Refusal> {
    if situation.halts.is_empty() {
        return Ok(());
    }
    suspension::suspension(situation)?;
    matching_group::matching_group(situation)?;
    circuit_breaker::circuit_breaker(situation)?;
    volatility_interruption::volatility_interruption(situation)?;
    member_sanction::member_sanction(situation)?;
    sidecar::sidecar(situation)
}

/// Refuses where a halt that has no figure of its own is in force.
fn refuse_where(is_in_force: bool, code: GateCode) -> Result<(), Refusal> {
    if !is_in_force {
        return Ok(());
    }
    Err(Refusal {
        code,
        limit: 0,
        observed: 1,
    })
}

/// Side(54) as a figure.
fn figure(situation: &Situation<'_>) -> i64 {
    i64::from(situation.side.to_fix() - b'0')
}

#[cfg(test)]
pub(super) mod example {
    use gwanmun_market::{AreaName, Halt, HaltKind, HaltScope, HaltSet, HaltSides};

    /// A halt in force.
    pub(in super::super) fn set(kind: HaltKind, level: u8, sides: HaltSides) -> HaltSet {
        let halt = Halt {
            kind,
            scope: HaltScope::Market(AreaName::EMPTY),
            level,
            sides,
            is_everywhere: true,
        };
        halt.set()
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{GateCode, HaltKind, HaltSet, HaltSides, Side};

    use super::super::super::example as situations;
    use super::*;

    #[test]
    fn each_kind_has_a_code_of_its_own() {
        let codes = HaltKind::ALL.map(|(kind, ..)| {
            let mut situation = situations::passing();
            situation.halts = example::set(kind, 1, HaltSides::Both);
            situation.marks.is_programme = true;
            // A sale that reduces risk is stopped like any other.
            situation.side = Side::Sell;
            assert!(situation.is_risk_reducing());
            halts(&situation).unwrap_err().code
        });
        let expected = [
            GateCode::VolatilityInterruption,
            GateCode::CircuitBreaker,
            GateCode::Sidecar,
            GateCode::GroupHalted,
            GateCode::MemberSanction,
            GateCode::SuspendedNow,
        ];
        assert_eq!(codes, expected);
        let situation = situations::passing();
        assert_eq!(situation.halts, HaltSet::NONE);
        assert_eq!(halts(&situation), Ok(()));
    }
}
