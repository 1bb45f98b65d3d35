//! Has the account sent too much today of all that is written on one underlying?.
//!
//! What a program in error spreads over 43 instruments, as in December 2013, is one risk.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::within;
use crate::exposure::{Added, Missing, Named};

/// Refuses an order with which the account would have sent more of the underlying than its row
/// lets it. A share that names no underlying is counted by itself alone.
pub(super) fn underlying_total(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let exposed = &situation.exposed;
    if exposed.contract.underlying == Named::Nothing {
        return Ok(());
    }
    let Some(limits) = exposed.underlying_limits else {
        return situation.lacks(Missing::Underlying);
    };
    within(
        exposed.underlying.sent.plus(added.sent),
        (GateCode::UnderlyingQty, limits.sent_qty_max),
        (GateCode::UnderlyingValue, limits.sent_value_max),
    )
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Side, UnderlyingLimits};

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, FUTURE, SHARE, UNDERLYING};
    use crate::exposure::{Contract, Exposed, Sent, UnderlyingSums};
    use crate::value::Value;

    const LIMITS: UnderlyingLimits = UnderlyingLimits {
        sent_qty_max: 100,
        sent_value_max: 200_000_000_000,
        ..UNDERLYING
    };

    #[test]
    fn both_pass_up_to_their_limits() {
        // Ten futures at 71,600 points of 250,000 won.
        let added = 179_000_000_000;
        for (qty, won, expected) in [
            (90, 200_000_000_000 - added, None),
            (91, 0, Some((GateCode::UnderlyingQty, 100, 101))),
            (
                0,
                200_000_000_001 - added,
                Some((GateCode::UnderlyingValue, 200_000_000_000, 200_000_000_001)),
            ),
        ] {
            let sent = Sent {
                qty,
                value: Value::of_won(won),
            };
            let underlying = UnderlyingSums {
                sent,
                ..UnderlyingSums::default()
            };
            let situation = with(Exposed {
                contract: &FUTURE,
                underlying: &underlying,
                underlying_limits: Some(&LIMITS),
                ..EXPOSED
            });
            assert_eq!(judged(underlying_total, &situation), expected);
        }
    }

    #[test]
    fn what_names_an_underlying_needs_its_row() {
        let named = Contract {
            underlying: Named::Row(3),
            ..SHARE
        };
        let nameless = Contract {
            underlying: Named::Missing,
            ..FUTURE
        };
        let missing = Some((GateCode::ExposureMissing, 3, 0));
        for (contract, side, expected) in [
            (&SHARE, Side::Buy, None),
            (&named, Side::Buy, missing),
            (&nameless, Side::Buy, missing),
            (&nameless, Side::Sell, None),
        ] {
            let situation = Situation {
                side,
                ..with(Exposed {
                    contract,
                    underlying_limits: None,
                    ..EXPOSED
                })
            };
            assert_eq!(judged(underlying_total, &situation), expected);
        }
    }
}
