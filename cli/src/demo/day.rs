//! A realistic day of orders from one seed.
//!
//! In it: [`Day::generate`], and the rates and ratios below that shape it. Not in it: who sends the
//! orders and when (`driver`), and what a single new order looks like (`new_orders`). The day is a
//! list of steps, not of moments: it is sent as fast as answers come, and nothing in it depends on
//! the clock.
//!
//! Of 1,000 new orders
//! - 232 name Samsung Electronics, and so on by the weights of `market`; 768 are for shares and the
//!   ETF;
//! - 520 buy and 480 sell; 940 are limit orders, 60 market orders (shares and the ETF alone);
//! - 880 are for the day, 90 immediate-or-cancel, 30 fill-or-kill;
//! - 925 come online, 60 from a registered algorithm, 15 are emergency orders with a voice record
//!
//! - 27 must be refused: 4 unknown account, 4 disabled account, 6 off the tick, 7 beyond the
//!   collar, 6 oversold;
//! - in the opening part (the first 12 %) 150 cancels and 120 replaces go with them, through the
//!   day 330 and 190, in the closing part (the last 12 %) 300 and 220; 2 cancels name an order that
//!   never was.
//!
//! Cancels and replaces name orders of some time ago, some of which are done by then: those must be
//! answered with "too late".

use gwanmun_market::{OrdType, Price, Side, TimeInForce};

use super::market::LISTINGS;
use super::new_orders::NewOrders;

pub use super::new_orders::NewStep;

/// New orders of the demonstration's day.
pub const ORDERS: usize = 20_400;
/// A cancel or replace names an order at least this many new orders old.
const AGE_MIN: usize = 80;
/// ... and at most this many.
const AGE_MAX: u32 = 400;
/// Members cancel what they see resting: so often an order well away from the middle is looked for
/// first.
const LOOKS: usize = 6;
/// An order so many ticks away from the middle is likely to rest for a while.
const RESTING_TICKS: i32 = 6;
/// One thing the member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// NewOrderSingle(35=D).
    New(NewStep),
    /// OrderCancelRequest(35=F) for the new order with this index, counted from zero.
    Cancel(usize),
    /// OrderCancelRequest(35=F) for an order that never was.
    CancelUnknown,
    /// OrderCancelReplaceRequest(35=G) for the new order with this index.
    Replace {
        /// Which.
        order: usize,
        /// Price(44) from now on.
        price: Price,
        /// OrderQty(38) from now on.
        order_qty: u32,
    },
}

/// A day's steps in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// What happens.
    pub steps: Vec<Step>,
}

impl Day {
    /// The day behind a seed, with so many new orders.
    #[must_use]
    pub fn generate(seed: u64, orders: usize) -> Day {
        let mut generator = Generator {
            orders: NewOrders::new(seed),
            news: Vec::with_capacity(orders),
            is_canceled: vec![false; orders],
            steps: Vec::with_capacity(orders * 3 / 2),
        };
        for index in 0..orders {
            let (cancels, replaces) = match index * 100 / orders {
                0..12 => (150, 120),
                12..88 => (330, 190),
                _ => (300, 220),
            };
            let new = generator.orders.next_order();
            generator.news.push(new);
            generator.steps.push(Step::New(new));
            if generator.orders.random.happens(cancels) {
                generator.cancel();
            }
            if generator.orders.random.happens(replaces) {
                generator.replace();
            }
            if generator.orders.random.happens(2) {
                generator.steps.push(Step::CancelUnknown);
            }
        }
        Day {
            steps: generator.steps,
        }
    }
}

struct Generator {
    orders: NewOrders,
    news: Vec<NewStep>,
    /// By index of the new order: a cancel of it was sent already.
    is_canceled: Vec<bool>,
    steps: Vec<Step>,
}

impl Generator {
    /// An earlier order that may still be working, by preference one that was priced to rest.
    fn earlier(&mut self) -> Option<usize> {
        let mut found = None;
        for _ in 0..LOOKS {
            let age = AGE_MIN + usize::try_from(self.orders.random.below(AGE_MAX)).unwrap_or(0);
            let Some(order) = self.news.len().checked_sub(age) else {
                continue;
            };
            let Some(new) = self.news.get(order) else {
                continue;
            };
            let may_rest = new.refusal.is_none()
                && !self.is_canceled.get(order).copied().unwrap_or(true)
                && new.time_in_force == TimeInForce::Day
                && new.ord_type == OrdType::Limit;
            if may_rest {
                found = Some(order);
                if is_far(new) {
                    break;
                }
            }
        }
        found
    }

    fn cancel(&mut self) {
        if let Some(order) = self.earlier() {
            self.is_canceled[order] = true;
            self.steps.push(Step::Cancel(order));
        }
    }

    fn replace(&mut self) {
        let Some(order) = self.earlier() else { return };
        let Some(new) = self.news.get(order).copied() else {
            return;
        };
        let Some(index) = LISTINGS
            .iter()
            .position(|listing| listing.symbol == new.symbol)
        else {
            return;
        };
        let price = self.orders.price(index, new.side);
        let order_qty = if self.orders.random.happens(700) {
            new.order_qty
        } else {
            1 + self.orders.random.below(LISTINGS[index].quantity_max)
        };
        self.steps.push(Step::Replace {
            order,
            price,
            order_qty,
        });
    }
}

/// Whether an order's price lies well on its own side of the base price.
fn is_far(new: &NewStep) -> bool {
    let Some(listing) = LISTINGS.iter().find(|listing| listing.symbol == new.symbol) else {
        return false;
    };
    match new.side {
        Side::Buy => new.price <= listing.price_at(-RESTING_TICKS),
        _ => new.price >= listing.price_at(RESTING_TICKS),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::GateCode;

    use super::*;

    #[test]
    fn a_seed_makes_one_day_with_the_ratios_told_above() {
        let day = Day::generate(1, ORDERS);
        assert_eq!(day, Day::generate(1, ORDERS));
        assert_ne!(day, Day::generate(2, ORDERS));
        let news: Vec<&NewStep> = day
            .steps
            .iter()
            .filter_map(|step| {
                if let Step::New(new) = step {
                    Some(new)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(news.len(), ORDERS);
        let per_mille = |count: usize| count * 1_000 / ORDERS;
        let share =
            |f: &dyn Fn(&NewStep) -> bool| per_mille(news.iter().filter(|new| f(new)).count());
        assert!((220..=245).contains(&share(&|new| new.symbol == "005930")));
        assert!((450..=500).contains(&share(&|new| new.side == Side::Sell)));
        assert!((870..=890).contains(&share(&|new| new.time_in_force == TimeInForce::Day)));
        assert!((10..=20).contains(&share(&|new| new.voice_record.is_some())));
        for code in [
            GateCode::AccountUnknown,
            GateCode::AccountDisabled,
            GateCode::Tick,
            GateCode::PriceCollar,
            GateCode::SellableBalance,
        ] {
            assert!(
                (2..=9).contains(&share(&|new| new.refusal == Some(code))),
                "{code:?}"
            );
        }
        let cancels = day
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Cancel(_)))
            .count();
        let replaces = day
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Replace { .. }))
            .count();
        assert!((200..=330).contains(&per_mille(cancels)), "{cancels}");
        assert!((110..=200).contains(&per_mille(replaces)), "{replaces}");
    }
}
