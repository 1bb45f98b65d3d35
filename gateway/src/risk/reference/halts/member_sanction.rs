//! May our firm enter orders of this side? The venue tells a sanctioned member which it may not.

use gwanmun_market::{GateCode, Refusal};

use super::{Situation, figure};

/// Refuses an order of a side that the venue takes no more from our firm.
pub(super) fn member_sanction(situation: &Situation<'_>) -> Result<(), Refusal> {
    if !situation
        .halts
        .has_member_sanction(situation.side.is_sell())
    {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::MemberSanction,
        limit: 0,
        observed: figure(situation),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{HaltKind, HaltSides, Side};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;

    #[test]
    fn the_sides_of_the_sanction_and_no_others() {
        for (sides, side, expected) in [
            (HaltSides::Both, Side::Buy, Some(1)),
            (HaltSides::Both, Side::Sell, Some(2)),
            (HaltSides::Buy, Side::Buy, Some(1)),
            (HaltSides::Buy, Side::Sell, None),
            (HaltSides::Sell, Side::Buy, None),
            (HaltSides::Sell, Side::SellShort, Some(5)),
        ] {
            let situation = Situation {
                halts: set(HaltKind::MemberSanction, 1, sides),
                side,
                ..example::passing()
            };
            let observed = member_sanction(&situation).err().map(|no| no.observed);
            assert_eq!(observed, expected, "{sides:?} {side:?}");
        }
    }
}
