//! Continuous trading (접속매매): an arriving order against the book, best price and oldest first.
//!
//! In it: [`fill`], and nothing else. A trade happens at the price of the order that was there. Not
//! in it: the single price of an auction (see [`crate::auction`]), and who is told (see
//! [`crate::rules`]). The tests race it against a list that is searched from end to end.

use gwanmun_market::Price;

use crate::book::{Book, Order, Place};

/// One trade of an arriving order with an order that was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trade {
    /// Where the other order stands, or stood when it is done.
    pub place: Place,
    /// The other order after the trade; done when nothing is open.
    pub maker: Order,
    /// Quantity.
    pub quantity: u32,
    /// Price.
    pub price: Price,
}

/// Trades an arriving order as far as its price allows, and returns the trades in their order.
///
/// What is left stays in `taker.open`; resting or canceling it is the caller's decision.
pub fn fill(book: &mut Book, taker: &mut Order) -> Vec<Trade> {
    let is_buy = taker.is_buy();
    let limit = taker.price;
    let mut trades = Vec::new();
    while taker.open > 0 {
        let Some(mut entry) = book.side_mut(!is_buy).first_entry() else {
            break;
        };
        let price = entry.get().price;
        if if is_buy { price > limit } else { price < limit } {
            break;
        }
        let quantity = taker.open.min(entry.get().open);
        taker.execute(quantity);
        entry.get_mut().execute(quantity);
        let (place, maker) = (*entry.key(), *entry.get());
        if maker.open == 0 {
            entry.remove();
        }
        trades.push(Trade {
            place,
            maker,
            quantity,
            price,
        });
    }
    trades
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Side;

    use super::*;
    use crate::book::tests::order;
    use crate::random::Random;

    /// A book as a list in order of arrival.
    #[derive(Default)]
    struct Naive {
        orders: Vec<Order>,
    }

    impl Naive {
        fn best(&self, is_buy: bool) -> Option<usize> {
            let mut best: Option<usize> = None;
            for (index, order) in self.orders.iter().enumerate() {
                if order.is_buy() != is_buy || order.open == 0 {
                    continue;
                }
                let beats = |other: &Order| {
                    if is_buy {
                        order.price > other.price
                    } else {
                        order.price < other.price
                    }
                };
                if best.is_none_or(|at| beats(&self.orders[at])) {
                    best = Some(index);
                }
            }
            best
        }

        fn enter(&mut self, mut taker: Order) -> Vec<(u32, u32, Price)> {
            let mut trades = Vec::new();
            while taker.open > 0 {
                let Some(at) = self.best(!taker.is_buy()) else {
                    break;
                };
                let maker = &mut self.orders[at];
                let crosses = if taker.is_buy() {
                    taker.price >= maker.price
                } else {
                    taker.price <= maker.price
                };
                if !crosses {
                    break;
                }
                let quantity = taker.open.min(maker.open);
                maker.open -= quantity;
                taker.open -= quantity;
                trades.push((maker.user_ref_num, quantity, maker.price));
            }
            self.orders.push(taker);
            trades
        }

        fn cancel(&mut self, user_ref_num: u32) {
            for order in &mut self.orders {
                if order.user_ref_num == user_ref_num {
                    order.open = 0;
                }
            }
        }
    }

    #[test]
    fn agrees_with_a_list_that_is_searched_from_end_to_end() {
        for seed in 0..20 {
            let mut random = Random::new(seed);
            let mut naive = Naive::default();
            let mut book = Book::default();
            let mut places = Vec::new();
            for number in 1..=600_u32 {
                let side = if random.chance(2) {
                    Side::Buy
                } else {
                    Side::Sell
                };
                let price = i64::from(random.between(0, 20)) - 10;
                let mut taker = order(side, price, random.between(1, 50));
                taker.user_ref_num = number;
                let expected = naive.enter(taker);
                let trades = fill(&mut book, &mut taker);
                let got: Vec<_> = trades
                    .iter()
                    .map(|t| (t.maker.user_ref_num, t.quantity, t.price))
                    .collect();
                assert_eq!(got, expected, "seed {seed}, order {number}");
                if taker.open > 0 {
                    places.push((number, book.rest(taker)));
                }
                if random.chance(3) && !places.is_empty() {
                    let last = u32::try_from(places.len() - 1).unwrap();
                    let index = usize::try_from(random.between(0, last)).unwrap();
                    let (gone, place) = places.swap_remove(index);
                    book.take(place);
                    naive.cancel(gone);
                }
                assert!(!book.is_crossed(), "seed {seed}, order {number}");
                let best = |is_buy| naive.best(is_buy).map(|at| naive.orders[at].price);
                assert_eq!(book.best(true), best(true));
                assert_eq!(book.best(false), best(false));
            }
            let open: u64 = naive.orders.iter().map(|order| u64::from(order.open)).sum();
            let held =
                book.available(true, Price(i64::MAX)) + book.available(false, Price(i64::MIN));
            assert_eq!(held, open, "seed {seed}");
        }
    }
}
