//! May a foreign account buy so many? R-125. Side(54), OrderQty(38).
//!
//! What foreigners may hold of some issues is limited by law (외국인 보유한도), and the venue tells
//! what they may still buy. Our own fills since then and the working buy orders of all foreign
//! accounts here come off that. A limit of which nobody has told refuses.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses a foreign account's buy beyond what is left, and one that increases risk where nobody
/// has told what that is.
pub(in super::super) fn foreign_quota(situation: &Situation<'_>) -> Result<(), Refusal> {
    let is_limited = situation.rules.has_foreign_limit && situation.marks.is_foreign;
    if !is_limited || situation.side.is_sell() {
        return Ok(());
    }
    let observed = i64::from(situation.open_qty);
    let Some(room) = situation.foreign_room else {
        let unknown = Refusal {
            code: GateCode::ForeignQuotaUnknown,
            limit: 0,
            observed,
        };
        return if situation.is_risk_reducing() {
            Ok(())
        } else {
            Err(unknown)
        };
    };
    // What the order itself holds back (a replace) stands in the room already.
    let limit = room.saturating_add(i64::from(situation.reserved_qty));
    if observed <= limit {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::ForeignQuota,
        limit,
        observed,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{AccountMarks, MarketRules, Side};

    use super::super::super::example;
    use super::*;
    use crate::positions::Position;

    #[test]
    fn foreign_buys_up_to_the_quota_and_not_one_more() {
        let limited = MarketRules {
            has_foreign_limit: true,
            ..MarketRules::NONE
        };
        let marks = |is_foreign| AccountMarks {
            is_foreign,
            is_programme: false,
        };
        let short = Position {
            opening: Some(-500),
            ..example::POSITION
        };
        let (quota, unknown) = (GateCode::ForeignQuota, GateCode::ForeignQuotaUnknown);
        for (rules, is_foreign, side, qty, reserved, room, position, expected) in [
            (
                &limited,
                true,
                Side::Buy,
                100,
                0,
                Some(100),
                &example::POSITION,
                None,
            ),
            (
                &limited,
                true,
                Side::Buy,
                101,
                0,
                Some(100),
                &example::POSITION,
                Some((quota, 100)),
            ),
            (
                &limited,
                true,
                Side::Buy,
                1,
                0,
                Some(-5),
                &example::POSITION,
                Some((quota, -5)),
            ),
            // A replace: 40 of its own are in the room already.
            (
                &limited,
                true,
                Side::Buy,
                140,
                40,
                Some(100),
                &example::POSITION,
                None,
            ),
            (
                &limited,
                true,
                Side::Buy,
                141,
                40,
                Some(100),
                &example::POSITION,
                Some((quota, 140)),
            ),
            (
                &limited,
                true,
                Side::Buy,
                1,
                0,
                None,
                &example::POSITION,
                Some((unknown, 0)),
            ),
            // To buy back what is short reduces risk: missing data let it pass, a full quota not.
            (&limited, true, Side::Buy, 1, 0, None, &short, None),
            (
                &limited,
                true,
                Side::Buy,
                1,
                0,
                Some(0),
                &short,
                Some((quota, 0)),
            ),
            (
                &limited,
                true,
                Side::Sell,
                900,
                0,
                Some(0),
                &example::POSITION,
                None,
            ),
            (
                &limited,
                false,
                Side::Buy,
                900,
                0,
                Some(0),
                &example::POSITION,
                None,
            ),
            (
                &MarketRules::NONE,
                true,
                Side::Buy,
                900,
                0,
                Some(0),
                &example::POSITION,
                None,
            ),
        ] {
            let situation = Situation {
                rules,
                marks: marks(is_foreign),
                side,
                open_qty: qty,
                reserved_qty: reserved,
                foreign_room: room,
                position: Some(position),
                ..example::passing()
            };
            let refusal = foreign_quota(&situation).err();
            let told = refusal.map(|no| (no.code, no.limit));
            assert_eq!(told, expected, "{side:?} {qty} {room:?}");
            assert!(refusal.is_none_or(|no| no.observed == i64::from(qty)));
        }
    }
}
