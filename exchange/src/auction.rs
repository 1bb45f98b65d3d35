//! A call auction (단일가매매): orders gather, then all that can trade does so at one price.
//!
//! In it: [`expected`], the price at which most would trade now, and [`uncross`], which trades it.
//! The price is chosen by four rules, each deciding only where those before it leave a choice:
//! (1) the largest quantity trades; (2) the smallest surplus is left on either side; (3) nearest to
//! the reference (last trade, else base price); (4) the lower price. The candidates are the prices
//! in the book and the reference itself: between two of them never more trades. Market orders
//! count as standing at the day's limit of their side. Not in it: when an auction begins or ends
//! (see [`crate::venue`]).

use std::collections::BTreeSet;

use gwanmun_market::Price;

use crate::book::{Book, Order, Place};

/// What an auction would do if it ended now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cross {
    /// The one price (예상체결가).
    pub price: Price,
    /// How much trades.
    pub quantity: u64,
}

/// One trade of an auction; both orders as they are after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrossTrade {
    /// The buyer.
    pub buy: (Place, Order),
    /// The seller.
    pub sell: (Place, Order),
    /// Quantity.
    pub quantity: u32,
}

/// The price of the auction as the book stands, or `None` when nothing would trade.
#[must_use]
pub fn expected(book: &Book, reference: Price) -> Option<Cross> {
    if !book.is_crossed() {
        return None;
    }
    let sides = [true, false];
    let mut candidates: BTreeSet<Price> = sides
        .iter()
        .flat_map(|&is_buy| book.orders(is_buy).map(|(_, o)| o.price))
        .collect();
    candidates.insert(reference);
    let mut best: Option<(Cross, u64, u64)> = None;
    for price in candidates {
        let bought = book.available(false, price);
        let sold = book.available(true, price);
        let quantity = bought.min(sold);
        let surplus = bought.abs_diff(sold);
        let distance = price.0.abs_diff(reference.0);
        let better = best.is_none_or(|(cross, least, nearest)| {
            (quantity, least, nearest) > (cross.quantity, surplus, distance)
        });
        if better {
            best = Some((Cross { price, quantity }, surplus, distance));
        }
    }
    best.map(|(cross, _, _)| cross)
        .filter(|cross| cross.quantity > 0)
}

/// Trades everything that trades at the auction's price, by price and time on both sides.
pub fn uncross(book: &mut Book, cross: Cross) -> Vec<CrossTrade> {
    let mut trades = Vec::new();
    let mut left = cross.quantity;
    while left > 0 {
        let first = |book: &Book, is_buy| book.orders(is_buy).next().map(|(place, o)| (place, *o));
        let (Some(mut buy), Some(mut sell)) = (first(book, true), first(book, false)) else {
            break;
        };
        let most = u32::try_from(left).unwrap_or(u32::MAX);
        let quantity = buy.1.open.min(sell.1.open).min(most);
        for (place, order) in [&mut buy, &mut sell] {
            order.execute(quantity);
            if order.open == 0 {
                book.take(*place);
            } else if let Some(held) = book.order_mut(*place) {
                *held = *order;
            }
        }
        left -= u64::from(quantity);
        trades.push(CrossTrade {
            buy,
            sell,
            quantity,
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

    fn book(buys: &[(i64, u32)], sells: &[(i64, u32)]) -> Book {
        let mut book = Book::default();
        for &(price, open) in buys {
            book.rest(order(Side::Buy, price, open));
        }
        for &(price, open) in sells {
            book.rest(order(Side::Sell, price, open));
        }
        book
    }

    #[test]
    fn each_rule_decides_where_the_earlier_leave_a_choice() {
        for (name, buys, sells, reference, expected_cross) in [
            (
                "nothing crosses",
                &[(99, 10)][..],
                &[(100, 10)][..],
                100,
                None,
            ),
            ("empty", &[], &[], 100, None),
            (
                "most quantity",
                &[(102, 10), (100, 50)],
                &[(99, 40), (100, 30)],
                90,
                Some((100, 60)),
            ),
            (
                "least surplus",
                &[(102, 10), (101, 30)],
                &[(99, 10)],
                90,
                Some((102, 10)),
            ),
            (
                "nearest to the reference",
                &[(105, 10)],
                &[(95, 10)],
                103,
                Some((103, 10)),
            ),
            (
                "reference far off",
                &[(105, 10)],
                &[(95, 10)],
                200,
                Some((105, 10)),
            ),
        ] {
            let got = expected(&book(buys, sells), Price(reference));
            let want = expected_cross.map(|(price, quantity)| Cross {
                price: Price(price),
                quantity,
            });
            assert_eq!(got, want, "{name}");
        }
    }

    #[test]
    fn uncrossing_trades_the_most_and_leaves_nothing_crossed() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let mut book = Book::default();
            for _ in 0..random.between(0, 40) {
                let side = if random.chance(2) {
                    Side::Buy
                } else {
                    Side::Sell
                };
                let price = i64::from(random.between(0, 20)) - 10;
                book.rest(order(side, price, random.between(1, 50)));
            }
            // The naive twin tries every price there is.
            let most = (-10..=10)
                .map(|p| {
                    book.available(true, Price(p))
                        .min(book.available(false, Price(p)))
                })
                .max()
                .unwrap_or(0);
            let cross = expected(&book, Price(0));
            assert_eq!(cross.map_or(0, |cross| cross.quantity), most, "seed {seed}");
            let Some(cross) = cross else { continue };
            let trades = uncross(&mut book, cross);
            let traded: u64 = trades.iter().map(|trade| u64::from(trade.quantity)).sum();
            assert_eq!(traded, most, "seed {seed}");
            for trade in &trades {
                assert!(trade.buy.1.price >= cross.price && trade.sell.1.price <= cross.price);
            }
            assert!(!book.is_crossed(), "seed {seed}");
        }
    }
}
