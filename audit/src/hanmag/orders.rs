//! The orders, by a rule. A figure that is not in a report of the accident is ours, and said so.
//!
//! Reported: 41,336 orders, 43 instruments, less than a minute, 57,934 contracts in 37,902
//! executions, hence 1.53 contracts each. Ours: which instrument when (in turn), which side (in
//! turn), quantity (1, and 2 in 53 of 100, which makes 1.53), and how far from the market: of ten
//! orders to an option one at it, and the others 10 to 90 percent of it away; of ten to the future
//! one at it, and the others 3 to 11 percent away. So what all of them cost, had each been executed
//! at its own price, is about the 46 billion won that were lost. A sale never goes below one tick,
//! since these products have no price below zero.

use gwanmun_market::{Price, Side, Symbol, TickTable, TickTableId};

use super::symbol;

/// One future and 42 options.
pub const INSTRUMENTS: usize = 43;
/// All orders of the minute.
pub const ORDERS: usize = 41_336;
/// Won that one point is worth: that of the year 2013.
pub const MULTIPLIER: u32 = 500_000;
/// From one order to the next, in nanoseconds: 59.9 seconds for all.
pub(super) const STEP_NS: u64 = 1_450_000;

const _: () = assert!(STEP_NS * (ORDERS as u64) < 60_000_000_000);

/// One order of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Which of the instruments.
    pub instrument: usize,
    /// Buy or sell.
    pub side: Side,
    /// Contracts.
    pub qty: u32,
    /// Price(44), on a tick.
    pub price: Price,
}

/// Symbol(55) of an instrument: the future first, then calls and puts.
#[must_use]
pub fn symbol_of(instrument: usize) -> Symbol {
    match instrument {
        0 => symbol("101GC000"),
        call if call <= 21 => symbol(&format!("201GC{call:03}")),
        put => symbol(&format!("301GC{put:03}")),
    }
}

/// The price before the accident: 259 points for the future; options from the money outwards, 5
/// points down to 0.40. Ours.
#[must_use]
pub fn base_of(instrument: usize) -> Price {
    if instrument == 0 {
        return Price::from_whole(259);
    }
    // 0 is the dearest of 21 of a kind.
    let steps = i64::try_from((instrument - 1) % 21).unwrap_or(0);
    let hundredths = 500 - steps * 23;
    on_tick(TickTableId::K200Option, Price(hundredths * 100))
}

/// All orders, in their order.
pub fn orders() -> impl Iterator<Item = Wrong> {
    (0..ORDERS).map(order)
}

fn order(number: usize) -> Wrong {
    let instrument = number % INSTRUMENTS;
    let round = number / INSTRUMENTS;
    let side = if round.is_multiple_of(2) {
        Side::Buy
    } else {
        Side::Sell
    };
    let base = base_of(instrument).0;
    // How far from the market, in percent of the price.
    let far = match (number * 7 + round) % 10 {
        0 => 0,
        // A future's collar is 3 and its limit 8; an option's both 20, with a least width.
        step if instrument == 0 => 2 + i64::try_from(step).unwrap_or(0),
        step => 10 * i64::try_from(step).unwrap_or(0),
    };
    let price = match side {
        Side::Buy => base + base * far / 100,
        Side::Sell => base - base * far / 100,
        _ => base,
    };
    let table = if instrument == 0 {
        TickTableId::K200Future
    } else {
        TickTableId::K200Option
    };
    Wrong {
        instrument,
        side,
        qty: 1 + u32::from(number * 37 % 100 < 53),
        price: on_tick(table, Price(price)),
    }
}

/// The next price towards zero that is on a tick, and at least one tick.
fn on_tick(table: TickTableId, price: Price) -> Price {
    let tick = TickTable::of(table).tick_at(price).0.max(1);
    Price((price.0 / tick * tick).max(tick))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn counts_are_those_that_are_known() {
        let all: Vec<Wrong> = orders().collect();
        assert_eq!(all.len(), 41_336);
        let symbols: BTreeSet<_> = all
            .iter()
            .map(|order| symbol_of(order.instrument))
            .collect();
        assert_eq!(symbols.len(), 43);
        let contracts: u32 = all.iter().map(|order| order.qty).sum();
        let each = f64::from(contracts) / 41_336.0;
        assert!((1.529..1.531).contains(&each), "{each}");
        let far_above =
            |order: &&Wrong| order.side == Side::Buy && order.price.0 > base_of(order.instrument).0;
        let far_below = |order: &&Wrong| {
            order.side == Side::Sell && order.price.0 < base_of(order.instrument).0
        };
        assert!(all.iter().filter(far_above).count() > 17_000);
        assert!(all.iter().filter(far_below).count() > 17_000);
        for order in &all {
            let table = match order.instrument {
                0 => TickTableId::K200Future,
                _ => TickTableId::K200Option,
            };
            assert!(TickTable::of(table).is_on_tick(order.price), "{order:?}");
        }
    }
}
