//! May anybody here trade the instrument today? The firm's restricted list, and the venue's
//! suspension of the day. Symbol(55), R-123, R-125.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses every order in an instrument that is on the restricted list or suspended, those that
/// reduce risk too: the firm, or the venue, wants none.
pub(in super::super) fn instrument_open(situation: &Situation<'_>) -> Result<(), Refusal> {
    let code = if situation.instrument.is_restricted {
        GateCode::Restricted
    } else if situation.instrument.is_suspended {
        GateCode::Suspended
    } else {
        return Ok(());
    };
    Err(Refusal {
        code,
        limit: 0,
        observed: 1,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, Side};

    use super::super::super::example;
    use super::*;

    #[test]
    fn restricted_and_suspended_are_refused_whichever_way() {
        for (is_restricted, is_suspended, expected) in [
            (false, false, None),
            (true, false, Some(GateCode::Restricted)),
            (false, true, Some(GateCode::Suspended)),
            (true, true, Some(GateCode::Restricted)),
        ] {
            let instrument = &Instrument {
                is_restricted,
                is_suspended,
                ..example::SHARE
            };
            for side in [Side::Buy, Side::Sell] {
                let situation = Situation {
                    instrument,
                    side,
                    ..example::passing()
                };
                let refusal = instrument_open(&situation).err();
                assert_eq!(refusal.map(|no| no.code), expected);
            }
        }
    }
}
