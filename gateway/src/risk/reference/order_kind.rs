//! Does the instrument take this kind of order? OrdType(40) with TimeInForce(59), by the venue's
//! permission bitmap of the day.

use gwanmun_market::{GateCode, OrderKinds, Refusal};

use super::super::Situation;

/// Refuses a pair of OrdType(40) and TimeInForce(59) that the instrument's bitmap does not have.
/// Both figures of the refusal are bitmaps: what is permitted, and what was asked for.
pub(in super::super) fn order_kind(situation: &Situation<'_>) -> Result<(), Refusal> {
    let permitted = situation.instrument.order_kinds;
    let (ord_type, time_in_force) = (situation.ord_type, situation.time_in_force);
    if permitted.has(ord_type, time_in_force) {
        return Ok(());
    }
    let asked = OrderKinds::NONE.with(ord_type, time_in_force);
    Err(Refusal {
        code: GateCode::OrderKind,
        limit: i64::from(permitted.to_byte()),
        observed: i64::from(asked.to_byte()),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Instrument, OrdType, TimeInForce};

    use super::super::super::example;
    use super::*;

    #[test]
    fn only_what_the_bitmap_has_passes() {
        let limit_day = OrderKinds::NONE.with(OrdType::Limit, TimeInForce::Day);
        for (permitted, ord_type, time_in_force, expected) in [
            (OrderKinds::ALL, OrdType::Market, TimeInForce::Day, None),
            (limit_day, OrdType::Limit, TimeInForce::Day, None),
            (
                limit_day,
                OrdType::Market,
                TimeInForce::Day,
                Some((GateCode::OrderKind, 1, 8)),
            ),
            (
                limit_day,
                OrdType::Limit,
                TimeInForce::FillOrKill,
                Some((GateCode::OrderKind, 1, 4)),
            ),
            (
                OrderKinds::NONE,
                OrdType::Limit,
                TimeInForce::Day,
                Some((GateCode::OrderKind, 0, 1)),
            ),
        ] {
            let instrument = &Instrument {
                order_kinds: permitted,
                ..example::SHARE
            };
            let situation = Situation {
                instrument,
                ord_type,
                time_in_force,
                ..example::passing()
            };
            let refusal = order_kind(&situation).err();
            assert_eq!(refusal.map(|no| (no.code, no.limit, no.observed)), expected);
        }
    }
}
