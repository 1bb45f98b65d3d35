//! How much of a FIX venue's fill is new, and at what price: arithmetic over one report, an order
//! and nothing else.
//!
//! The sum decides. CumQty(14) stands in every report, in the answer to a status request too, so a
//! fill may be known by it before it is told by itself: on a status report that overtakes it, or on
//! a later fill. When it is then told, its CumQty(14) is not beyond what is booked, and it is not
//! booked again, whether or not it has PossResend(97), whatever its ExecID(17). So the order in
//! which reports come changes the prices that single fills are booked at, and never the quantity.
//!
//! 1. How much is new: what CumQty(14) is beyond the order's. Of that LastQty(32) is the fill that
//!    is told, and what is left over was never told by itself (*missed*).
//! 2. Without a CumQty(14) LastQty(32) is new, but no more than LeavesQty(151) has moved on, and no
//!    more than the order has open: a fill told again is then only known by these.
//! 3. A sum below its own part is none. One beyond the order's size counts something else, and then
//!    the part counts.
//! 4. Without a LastQty(32) what the sum or LeavesQty(151) has moved on is the fill.
//! 5. At what price: LastPx(31), else what AvgPx(6) leaves for it, else the order's own. What was
//!    missed is booked at what AvgPx(6) leaves for it, else at the price of what is told.

use gwanmun_fix::message::Message;
use gwanmun_fix::tag;
use gwanmun_fix::values::decimal::parse_scaled;
use gwanmun_market::{PRICE_DECIMALS, Price};

use crate::fix_report::quantity;
use crate::orders::Order;

/// What a report of a fill says about quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    /// LastQty(32), or what stands for it.
    pub(crate) last: u32,
    /// How much of it is not booked yet; at most `last`.
    pub(crate) fresh: u32,
    /// What was executed before it and never told by itself.
    pub(crate) missed: u32,
}

/// What a report of a fill says about quantity; `None` where it says nothing.
pub(crate) fn told(order: &Order, message: &Message<'_>) -> Option<Fill> {
    let last = quantity(message, tag::LAST_QTY).filter(|&last| last > 0);
    let cum = quantity(message, tag::CUM_QTY);
    let leaves = quantity(message, tag::LEAVES_QTY);
    read(order, (last, cum, leaves))
}

fn read(
    order: &Order,
    (last, cum, leaves): (Option<u32>, Option<u32>, Option<u32>),
) -> Option<Fill> {
    let before = order.cum_qty;
    // A replace that the venue has taken and not told of yet has another size.
    let replaced_qty = order.pending_replace.map_or(0, |it| it.order_qty);
    let order_qty = order.order_qty.max(replaced_qty);
    let by_leaves = leaves.and_then(|leaves| order.leaves_qty().checked_sub(leaves));
    if let Some(cum) = cum.filter(|&cum| cum >= last.unwrap_or(1)) {
        let moved = cum.saturating_sub(before);
        let last = last.unwrap_or(moved);
        let is_sum = cum <= order_qty || moved == 0;
        let fresh = if is_sum { last.min(moved) } else { last };
        return Some(Fill {
            last,
            fresh,
            missed: if is_sum { moved - fresh } else { 0 },
        });
    }
    let last = last.or(by_leaves.filter(|&moved| moved > 0))?;
    // What a done order left open may still be told: the report of a fill that came before its end.
    let open_qty = order_qty.saturating_sub(before);
    let by_leaves = by_leaves.filter(|_| !order.state.is_done());
    Some(Fill {
        last,
        fresh: last.min(open_qty).min(by_leaves.unwrap_or(u32::MAX)),
        missed: 0,
    })
}

/// What AvgPx(6) leaves as the price of the last so many, all else being booked.
pub(crate) fn price_left(order: &Order, quantity: u32, message: &Message<'_>) -> Option<Price> {
    let avg_px = average(message)?;
    let cum_qty = i128::from(order.cum_qty) + i128::from(quantity);
    price_of(order, (avg_px, cum_qty), (quantity, 0))
}

/// What AvgPx(6) leaves as the price of what was missed before a fill that tells its own price.
pub(crate) fn price_before(order: &Order, fill: Fill, message: &Message<'_>) -> Option<Price> {
    let avg_px = average(message)?;
    let last_px = message.price(tag::LAST_PX).ok()?;
    let cum_qty = i128::from(order.cum_qty) + i128::from(fill.missed) + i128::from(fill.fresh);
    let told = i128::from(last_px.0) * i128::from(fill.fresh);
    price_of(order, (avg_px, cum_qty), (fill.missed, told))
}

/// AvgPx(6) in price units: decimals beyond them, which an average has as a rule, are cut off.
fn average(message: &Message<'_>) -> Option<Price> {
    let text = message.field(tag::AVG_PX)?;
    let point = text.iter().position(|&byte| byte == b'.');
    let decimals = PRICE_DECIMALS as usize;
    let end = point.map_or(text.len(), |at| text.len().min(at + 1 + decimals));
    let (kept, cut) = text.split_at_checked(end)?;
    let units = parse_scaled(kept, PRICE_DECIMALS).ok()?;
    let is_number = cut.iter().all(u8::is_ascii_digit);
    (is_number && units != 0).then_some(Price(units))
}

/// The price of `quantity` such that it, what is booked and `told` come to the average, rounded
/// half away from zero. None that has another sign than the average: then the average is no such
/// thing, as where a venue puts its last price there.
fn price_of(
    order: &Order,
    (avg_px, cum_qty): (Price, i128),
    (quantity, told): (u32, i128),
) -> Option<Price> {
    let value = i128::from(avg_px.0) * cum_qty - order.executed_value - told;
    let quantity = i128::from(quantity);
    let half = quantity / 2 * value.signum();
    let price = (value + half).checked_div(quantity)?;
    let price = i64::try_from(price).ok()?;
    (price.signum() == avg_px.0.signum()).then_some(Price(price))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::OrderState;

    fn order(order_qty: u32, cum_qty: u32) -> Order {
        Order {
            state: OrderState::New,
            order_qty,
            cum_qty,
            ..Order::FILLER
        }
    }

    type New = Option<(u32, u32)>;
    type Told = (Option<u32>, Option<u32>, Option<u32>);

    /// LastQty(32), CumQty(14), LeavesQty(151) at an order of 10 of which so many are booked: the
    /// fresh and the missed.
    #[test]
    fn the_sum_says_what_is_new() {
        let cases: [(u32, Told, New); 22] = [
            (0, (Some(4), Some(4), Some(6)), Some((4, 0))),
            (4, (Some(4), Some(4), Some(6)), Some((0, 0))),
            (9, (Some(4), Some(4), Some(6)), Some((0, 0))),
            (2, (Some(4), Some(4), Some(6)), Some((2, 0))),
            (4, (Some(2), Some(9), Some(1)), Some((2, 3))),
            (9, (Some(2), Some(9), Some(1)), Some((0, 0))),
            (10, (Some(6), Some(10), Some(0)), Some((0, 0))),
            (4, (Some(6), Some(10), None), Some((6, 0))),
            // No part, or no sum, or neither.
            (4, (None, Some(6), None), Some((2, 0))),
            (6, (None, Some(6), None), Some((0, 0))),
            (4, (Some(6), None, None), Some((6, 0))),
            (4, (None, None, Some(4)), Some((2, 0))),
            (4, (None, None, Some(6)), None),
            (4, (None, None, None), None),
            // The part without a sum: no more than has moved on, and no more than is open.
            (4, (Some(4), None, Some(6)), Some((0, 0))),
            (2, (Some(4), None, Some(6)), Some((2, 0))),
            (10, (Some(10), None, Some(0)), Some((0, 0))),
            (8, (Some(4), None, None), Some((2, 0))),
            // More left than there was: it counts something else.
            (4, (Some(4), None, Some(16)), Some((4, 0))),
            // A sum below its part is none, and one beyond the size counts something else.
            (4, (Some(4), Some(0), None), Some((4, 0))),
            (4, (Some(4), Some(15), None), Some((4, 0))),
            (15, (Some(4), Some(15), None), Some((0, 0))),
        ];
        for (booked, told, expected) in cases {
            let fill = read(&order(10, booked), told);
            let found = fill.map(|fill| (fill.fresh, fill.missed));
            assert_eq!(found, expected, "{booked} {told:?}");
        }
        let canceled = Order {
            state: OrderState::Canceled,
            ..order(10, 4)
        };
        let late = read(&canceled, (Some(3), None, Some(0))).map(|fill| fill.fresh);
        assert_eq!(late, Some(3));
    }

    /// Whatever order the reports of a venue come in, however often, with statuses in between: what
    /// is booked is the largest sum that was told, and no fill is booked beyond it on the way.
    #[test]
    fn every_order_of_arrival_books_the_same() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        };
        for round in 0..20_000 {
            let mut sums = vec![0_u32];
            while sums.len() < 6 {
                let last = sums[sums.len() - 1];
                sums.push(last + 1 + u32::try_from(random(20)).unwrap());
            }
            let mut booked = order(1_000, 0);
            let mut told_max = 0;
            for _ in 0..random(24) {
                let at = 1 + usize::try_from(random(5)).unwrap();
                let (cum, last) = (sums[at], sums[at] - sums[at - 1]);
                let told = match random(4) {
                    // A status: the sum alone.
                    0 => (None, Some(cum), Some(1_000 - cum)),
                    1 => (Some(last), Some(cum), None),
                    _ => (Some(last), Some(cum), Some(1_000 - cum)),
                };
                let fill = read(&booked, told).unwrap();
                booked.cum_qty += fill.fresh + fill.missed;
                told_max = told_max.max(cum);
                assert_eq!(booked.cum_qty, told_max, "round {round}");
            }
        }
    }

    #[test]
    fn what_was_missed_has_the_price_that_the_average_leaves() {
        // 3 at 100 are booked, 2 are told at 130; all 10 average 112: 5 were missed at 112.
        let booked = Order {
            executed_value: 300,
            ..order(10, 3)
        };
        let average = |avg_px| price_of(&booked, (Price(avg_px), 10), (5, 260));
        assert_eq!(average(112), Some(Price(112)));
        // Halves away from zero.
        assert_eq!(price_of(&booked, (Price(111), 5), (2, 0)), Some(Price(128)));
        assert_eq!(average(56), None, "nothing is left of such an average");
        assert_eq!(average(50), None);
        let below = Order {
            executed_value: -300,
            ..order(10, 3)
        };
        assert_eq!(
            price_of(&below, (Price(-101), 5), (2, 0)),
            Some(Price(-103))
        );
        assert_eq!(price_of(&below, (Price(-100), 5), (0, 0)), None);
    }
}
