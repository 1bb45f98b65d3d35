//! Is it too much together with what linked accounts did? R-94.
//!
//! Accounts of one client, or of one trading unit, have limits of their own: in January 2013 a
//! client's futures cost 19 billion won through a member whose own limits were free.

use gwanmun_market::{GateCode, PartyLimits, Refusal};

use super::super::Situation;
use super::within_won;
use crate::exposure::{Added, Missing, PartySums};
use crate::value::Value;

/// Refuses what would take the accounts that the order's account is linked with beyond what they
/// may send, have open or bear together.
pub(super) fn linked(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let exposed = &situation.exposed;
    if !exposed.is_linked {
        return Ok(());
    }
    let Some(limits) = exposed.group_limits else {
        return situation.lacks(Missing::Group);
    };
    let codes = [
        GateCode::GroupSentValue,
        GateCode::GroupOpenValue,
        GateCode::GroupExposure,
    ];
    together(exposed.group, limits, added, codes)
}

/// The same for all accounts together, with codes of their own.
#[inline]
pub(super) fn together(
    sums: &PartySums,
    limits: &PartyLimits,
    added: &Added,
    [sent, open, exposure]: [GateCode; 3],
) -> Result<(), Refusal> {
    within_won(sums.sent + added.sent.value, (sent, limits.sent_value_max))?;
    if added.open > Value::ZERO {
        within_won(sums.open + added.open, (open, limits.open_value_max))?;
    }
    if added.exposure > Value::ZERO {
        let bears = sums.exposure + added.exposure;
        within_won(bears, (exposure, limits.exposure_max))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::super::cases::{judged, with};
    use super::super::firm::firm;
    use super::*;
    use crate::exposure::Exposed;
    use crate::exposure::example::{EXPOSED, FUTURE, PARTY};
    use crate::positions::Position;
    use crate::risk::example;

    const LIMITS: PartyLimits = PartyLimits {
        sent_value_max: 200_000_000_000,
        open_value_max: 190_000_000_000,
        exposure_max: 1_000_000_000,
    };

    /// Ten futures at 71,600 are 179,000,000,000 won, and 875,000,000 of exposure.
    fn situation(sent: i64, open: i64, exposure: i64) -> (PartySums, Side) {
        let sums = PartySums {
            sent: Value::of_won(sent),
            open: Value::of_won(open),
            exposure: Value::of_won(exposure),
        };
        (sums, Side::Buy)
    }

    #[test]
    fn a_client_stops_while_the_firm_is_free_and_the_other_way_round() {
        let [sent, open, bears] = [21_000_000_000, 11_000_000_000, 125_000_000];
        let codes = [
            (GateCode::GroupSentValue, GateCode::FirmSentValue),
            (GateCode::GroupOpenValue, GateCode::FirmOpenValue),
            (GateCode::GroupExposure, GateCode::FirmExposure),
        ];
        for (sums, expected) in [
            ((sent, open, bears), None),
            ((sent + 1, open, bears), Some((0, 200_000_000_001))),
            ((sent, open + 1, bears), Some((1, 190_000_000_001))),
            ((sent, open, bears + 1), Some((2, 1_000_000_001))),
        ] {
            let (sums, side) = situation(sums.0, sums.1, sums.2);
            let exposed = Exposed {
                contract: &FUTURE,
                ..EXPOSED
            };
            let of_client = Situation {
                side,
                position: None,
                ..with(Exposed {
                    group: &sums,
                    group_limits: Some(&LIMITS),
                    ..exposed
                })
            };
            let of_firm = Situation {
                exposed: Exposed {
                    firm: &sums,
                    firm_limits: Some(&LIMITS),
                    ..exposed
                },
                ..of_client
            };
            type Check = fn(&Situation<'_>, &Added) -> Result<(), Refusal>;
            let code = |situation: &Situation<'_>, check: Check| {
                judged(check, situation).map(|(code, _, observed)| (code, observed))
            };
            let client = expected.map(|(at, seen): (usize, i64)| (codes[at].0, seen));
            let all = expected.map(|(at, seen)| (codes[at].1, seen));
            assert_eq!(code(&of_client, linked), client);
            assert_eq!(code(&of_client, firm), None, "the firm is free");
            assert_eq!(code(&of_firm, firm), all);
            assert_eq!(code(&of_firm, linked), None, "the client is free");
        }
    }

    #[test]
    fn missing_rows_refuse_and_who_is_linked_with_nobody_needs_none() {
        let long = Position {
            opening: Some(10),
            ..example::POSITION
        };
        let alone = Exposed {
            is_linked: false,
            group_limits: None,
            ..EXPOSED
        };
        assert_eq!(judged(linked, &with(alone)), None);
        let lost = with(Exposed {
            group_limits: None,
            firm_limits: None,
            ..EXPOSED
        });
        assert_eq!(
            judged(linked, &lost),
            Some((GateCode::ExposureMissing, 4, 0))
        );
        assert_eq!(judged(firm, &lost), Some((GateCode::ExposureMissing, 5, 0)));
        let closing = Situation {
            side: Side::Sell,
            position: Some(&long),
            ..lost
        };
        assert_eq!(
            (judged(linked, &closing), judged(firm, &closing)),
            (None, None)
        );
        assert_eq!(
            judged(
                firm,
                &with(Exposed {
                    firm_limits: Some(&PARTY),
                    ..EXPOSED
                })
            ),
            None
        );
    }
}
