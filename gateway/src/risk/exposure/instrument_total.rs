//! Has too much of this instrument been sent today, by the account or by all of them?.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::within;
use crate::exposure::{Added, Missing};

/// Refuses an order with which the account, or all accounts together, would have sent more of the
/// instrument than its row of the tables lets them.
pub(super) fn instrument_total(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let exposed = &situation.exposed;
    let limits = exposed.contract;
    if !limits.has_limits {
        return situation.lacks(Missing::Instrument);
    }
    within(
        exposed.held.plus(added.sent),
        (GateCode::InstrumentQty, limits.sent_qty_max),
        (GateCode::InstrumentValue, limits.sent_value_max),
    )?;
    within(
        exposed.instrument.plus(added.sent),
        (GateCode::FirmQty, limits.firm_qty_max),
        (GateCode::FirmInstrumentValue, limits.firm_value_max),
    )
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::super::cases::{judged, with};
    use super::*;
    use crate::exposure::example::{EXPOSED, SHARE};
    use crate::exposure::{Contract, Exposed, Sent};
    use crate::value::Value;

    /// The example's order is 10 at 71,600: 716,000 won.
    fn sent(qty: i64, won: i64) -> Sent {
        Sent {
            qty,
            value: Value::of_won(won),
        }
    }

    #[test]
    fn both_sums_pass_up_to_their_limits() {
        let limits = Contract {
            sent_qty_max: 100,
            sent_value_max: 10_000_000,
            firm_qty_max: 1_000,
            firm_value_max: 90_000_000,
            ..SHARE
        };
        for (held, all, expected) in [
            (sent(90, 9_284_000), sent(990, 89_284_000), None),
            (
                sent(91, 0),
                sent(0, 0),
                Some((GateCode::InstrumentQty, 100, 101)),
            ),
            (
                sent(0, 9_284_001),
                sent(0, 0),
                Some((GateCode::InstrumentValue, 10_000_000, 10_000_001)),
            ),
            (
                sent(0, 0),
                sent(991, 0),
                Some((GateCode::FirmQty, 1_000, 1_001)),
            ),
            (
                sent(0, 0),
                sent(0, 89_284_001),
                Some((GateCode::FirmInstrumentValue, 90_000_000, 90_000_001)),
            ),
        ] {
            let situation = with(Exposed {
                contract: &limits,
                held: &held,
                instrument: &all,
                ..EXPOSED
            });
            assert_eq!(judged(instrument_total, &situation), expected);
        }
    }

    #[test]
    fn without_a_row_only_what_reduces_risk_passes() {
        let limits = Contract {
            has_limits: false,
            ..SHARE
        };
        let buy = with(Exposed {
            contract: &limits,
            ..EXPOSED
        });
        let missing = Some((GateCode::ExposureMissing, 2, 0));
        assert_eq!(judged(instrument_total, &buy), missing);
        let sell = Situation {
            side: Side::Sell,
            ..buy
        };
        assert_eq!(judged(instrument_total, &sell), None);
    }
}
