//! Does a sidecar (사이드카) hold programme orders of this side? FIX has no flag for them, so it is
//! the account that is marked in the tables; no member can take the mark off an order.

use gwanmun_market::{GateCode, Refusal};

use super::{Situation, figure};

/// Refuses an order of a programme account of a side that is held.
pub(super) fn sidecar(situation: &Situation<'_>) -> Result<(), Refusal> {
    let is_held = situation.halts.has_sidecar(situation.side.is_sell());
    if !(is_held && situation.marks.is_programme) {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::Sidecar,
        limit: 0,
        observed: figure(situation),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{AccountMarks, HaltKind, HaltSides, Side};

    use super::super::super::super::example;
    use super::super::example::set;
    use super::*;

    #[test]
    fn programme_orders_of_the_side_and_no_others() {
        for (sides, side, is_programme, expected) in [
            (HaltSides::Buy, Side::Buy, true, Some(1)),
            (HaltSides::Buy, Side::Buy, false, None),
            (HaltSides::Buy, Side::Sell, true, None),
            (HaltSides::Sell, Side::Sell, true, Some(2)),
            (HaltSides::Sell, Side::Buy, true, None),
            (HaltSides::Both, Side::Sell, true, Some(2)),
            (HaltSides::Both, Side::Sell, false, None),
        ] {
            let situation = Situation {
                halts: set(HaltKind::Sidecar, 1, sides),
                marks: AccountMarks {
                    is_programme,
                    is_foreign: false,
                },
                side,
                ..example::passing()
            };
            let observed = sidecar(&situation).err().map(|no| no.observed);
            assert_eq!(observed, expected, "{sides:?} {side:?} {is_programme}");
        }
    }
}
