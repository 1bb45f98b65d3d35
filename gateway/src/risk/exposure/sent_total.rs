//! Has the account sent too much today, whatever became of it? OrderQty(38), R-83, R-95.
//!
//! What stops a loop: 72 orders of 100 lots are as wrong as one of 7,200. Counted is what left for
//! the venue, a replace with what it adds to the open quantity; fills and cancels give nothing
//! back.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::super::size::order_size::limits;
use super::within;
use crate::exposure::Added;

/// Refuses an order with which the account's quantity or value of the day, of this kind of product,
/// would pass its tier's limit, and a risk-increasing order where nobody said what that is.
pub(super) fn sent_total(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let Some(limits) = limits(situation)? else {
        return Ok(());
    };
    within(
        situation.exposed.kind.plus(added.sent),
        (GateCode::SentQty, limits.sent_qty_max),
        (GateCode::SentValue, limits.sent_value_max),
    )
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{OrderLimits, ProductKind, Tier};

    use super::super::super::example;
    use super::super::cases;
    use super::*;
    use crate::exposure::example::EXPOSED;
    use crate::exposure::{Exposed, Sent};
    use crate::value::Value;

    const LIMITS: OrderLimits = OrderLimits {
        sent_qty_max: 7_100,
        sent_value_max: 71_600 * 7_000,
        ..OrderLimits::wide(Tier::LOWEST, ProductKind::Share)
    };

    fn judged(situation: &Situation<'_>) -> Option<(GateCode, i64, i64)> {
        cases::judged(sent_total, situation)
    }

    fn having(kind: &Sent) -> Exposed<'_> {
        Exposed { kind, ..EXPOSED }
    }

    #[test]
    fn the_last_hundred_that_fits_passes_and_the_next_does_not() {
        let wide = OrderLimits::wide(Tier::LOWEST, ProductKind::Share);
        let limits = OrderLimits {
            sent_value_max: wide.sent_value_max,
            ..LIMITS
        };
        let mut sent = Sent::default();
        for order in 1..=72 {
            let situation = Situation {
                limits: Some(&limits),
                open_qty: 100,
                exposed: having(&sent),
                ..example::passing()
            };
            let expected = (order == 72).then_some((GateCode::SentQty, 7_100, 7_200));
            assert_eq!(judged(&situation), expected, "order {order}");
            sent.qty += 100;
        }
    }

    #[test]
    fn won_are_counted_too() {
        for (sent_won, expected) in [
            (71_600 * 6_990, None),
            (
                71_600 * 6_990 + 1,
                Some((GateCode::SentValue, 501_200_000, 501_200_001)),
            ),
        ] {
            let sent = Sent {
                value: Value::of_won(sent_won),
                qty: 0,
            };
            let situation = Situation {
                limits: Some(&LIMITS),
                exposed: having(&sent),
                ..example::passing()
            };
            assert_eq!(judged(&situation), expected);
        }
    }

    #[test]
    fn a_replace_counts_what_it_adds() {
        let sent = Sent {
            qty: 7_000,
            ..Sent::default()
        };
        let wide = OrderLimits::wide(Tier::LOWEST, ProductKind::Share);
        let limits = OrderLimits {
            sent_value_max: wide.sent_value_max,
            ..LIMITS
        };
        for (open_qty, reserved_qty, passes) in [
            (100, 0, true),
            (101, 0, false),
            (600, 500, true),
            (601, 500, false),
            (10, 500, true),
        ] {
            let situation = Situation {
                limits: Some(&limits),
                exposed: having(&sent),
                open_qty,
                reserved_qty,
                ..example::passing()
            };
            assert_eq!(judged(&situation).is_none(), passes);
        }
    }
}
