//! Has the account sent too much today, whatever became of it? OrderQty(38), R-83, R-95.
//!
//! What stops a loop: 72 orders of 100 lots are as wrong as one of 7,200. Counted is what left for
//! the venue, a replace with what it adds to the open quantity; fills and cancels give nothing
//! back.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::super::size::order_size::limits;
use crate::sent_totals::SentTotal;

/// Refuses an order with which the account's quantity or value of the day, of this kind of product,
/// would pass its tier's limit, and a risk-increasing order where nobody said what that is. Gives
/// what the account has sent once the order is sent.
pub(in super::super) fn sent_total(situation: &Situation<'_>) -> Result<SentTotal, Refusal> {
    let (before, added_qty) = (situation.sent, situation.added_qty());
    let sent = SentTotal {
        qty: before.qty.saturating_add(i64::from(added_qty)),
        value: before.value.plus(situation.value_of(added_qty)),
    };
    let Some(limits) = limits(situation)? else {
        return Ok(sent);
    };
    if sent.qty > limits.sent_qty_max {
        return Err(Refusal {
            code: GateCode::SentQty,
            limit: limits.sent_qty_max,
            observed: sent.qty,
        });
    }
    if sent.value.is_above_won(limits.sent_value_max) {
        return Err(Refusal {
            code: GateCode::SentValue,
            limit: limits.sent_value_max,
            observed: sent.value.won(),
        });
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{OrderLimits, ProductKind, Tier};

    use super::super::super::example;
    use super::*;
    use crate::value::Value;

    const LIMITS: OrderLimits = OrderLimits {
        sent_qty_max: 7_100,
        sent_value_max: 71_600 * 7_000,
        ..OrderLimits::wide(Tier::LOWEST, ProductKind::Share)
    };

    fn judged(situation: &Situation<'_>) -> Option<(GateCode, i64, i64)> {
        let refusal = sent_total(situation).err()?;
        Some((refusal.code, refusal.limit, refusal.observed))
    }

    #[test]
    fn the_last_hundred_that_fits_passes_and_the_next_does_not() {
        let wide = OrderLimits::wide(Tier::LOWEST, ProductKind::Share);
        let limits = OrderLimits {
            sent_value_max: wide.sent_value_max,
            ..LIMITS
        };
        let mut sent = SentTotal::default();
        for order in 1..=72 {
            let situation = Situation {
                limits: Some(&limits),
                open_qty: 100,
                sent,
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
            let sent = SentTotal {
                value: Value::of_won(sent_won),
                qty: 0,
            };
            let situation = Situation {
                limits: Some(&LIMITS),
                sent,
                ..example::passing()
            };
            assert_eq!(judged(&situation), expected);
        }
    }

    #[test]
    fn a_replace_counts_what_it_adds() {
        let sent = SentTotal {
            qty: 7_000,
            ..SentTotal::default()
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
                sent,
                open_qty,
                reserved_qty,
                ..example::passing()
            };
            assert_eq!(judged(&situation).is_none(), passes);
        }
    }
}
