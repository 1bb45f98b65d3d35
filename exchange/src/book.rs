//! One instrument's order book: who stands where, in price-time order.
//!
//! In it: [`Order`], its [`Place`] and the two sides as sorted maps. Not in it: who trades with
//! whom (see [`crate::matching`] and [`crate::auction`]) and which order is refused (see
//! [`crate::rules`]).

use std::collections::BTreeMap;

use gwanmun_market::{OrderId, Price, Side};

/// Whose order it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user with this index in the venue's list.
    Member(usize),
    /// Another participant, made by the seed; nobody is told of its trades.
    Participant,
}

/// An order as the book holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Whose it is.
    pub owner: Owner,
    /// Its number in its owner's series; zero for a participant.
    pub user_ref_num: u32,
    /// The key that joins the ledgers.
    pub cl_ord_id: OrderId,
    /// Side.
    pub side: Side,
    /// Where it stands; for a market order the day's limit on its side.
    pub price: Price,
    /// Whether it was sent without a price.
    pub is_market: bool,
    /// What may still execute.
    pub open: u32,
    /// What has executed, under this number and those it replaced.
    pub executed: u32,
}

impl Order {
    /// Whether it buys.
    #[must_use]
    pub const fn is_buy(&self) -> bool {
        !self.side.is_sell()
    }

    /// The most it may ever execute: what has, and what still may.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.executed.saturating_add(self.open)
    }

    /// Moves `quantity` from open to executed.
    pub(crate) fn execute(&mut self, quantity: u32) {
        assert!(
            quantity <= self.open,
            "an order executes at most what is open"
        );
        self.open -= quantity;
        self.executed = self.executed.saturating_add(quantity);
    }
}

/// Where an order stands in a book; smaller places on a side trade first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which side.
    pub is_buy: bool,
    /// Price, turned round for buys so that the best comes first.
    rank: i64,
    /// Order of arrival within the book.
    arrival: u64,
}

impl Place {
    /// The price that orders at this place have.
    #[must_use]
    pub const fn price(&self) -> Price {
        // The complement turns the order round without an overflow at either end.
        Price(if self.is_buy { !self.rank } else { self.rank })
    }
}

/// Both sides of one instrument.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Invariant: every order has open quantity and stands at its own price.
    buys: BTreeMap<Place, Order>,
    /// As `buys`.
    sells: BTreeMap<Place, Order>,
    next_arrival: u64,
}

impl Book {
    /// Puts an order behind all others at its price.
    pub fn rest(&mut self, order: Order) -> Place {
        assert!(order.open > 0, "an order without open quantity never rests");
        let is_buy = order.is_buy();
        let rank = if is_buy {
            !order.price.0
        } else {
            order.price.0
        };
        let place = Place {
            is_buy,
            rank,
            arrival: self.next_arrival,
        };
        self.next_arrival += 1;
        self.side_mut(is_buy).insert(place, order);
        place
    }

    /// The order at a place.
    #[must_use]
    pub fn order(&self, place: Place) -> Option<&Order> {
        self.side(place.is_buy).get(&place)
    }

    /// The order at a place, to change anything but its side and price.
    pub fn order_mut(&mut self, place: Place) -> Option<&mut Order> {
        self.side_mut(place.is_buy).get_mut(&place)
    }

    /// Takes an order off the book.
    pub fn take(&mut self, place: Place) -> Option<Order> {
        self.side_mut(place.is_buy).remove(&place)
    }

    /// The orders of one side, the one that trades first in front.
    pub fn orders(&self, is_buy: bool) -> impl DoubleEndedIterator<Item = (Place, &Order)> {
        self.side(is_buy)
            .iter()
            .map(|(place, order)| (*place, order))
    }

    /// The best price of a side.
    #[must_use]
    pub fn best(&self, is_buy: bool) -> Option<Price> {
        self.side(is_buy)
            .first_key_value()
            .map(|(_, order)| order.price)
    }

    /// Whether somebody would buy for at least what somebody sells for.
    #[must_use]
    pub fn is_crossed(&self) -> bool {
        matches!((self.best(true), self.best(false)), (Some(bid), Some(ask)) if bid >= ask)
    }

    /// What an order of the side `is_buy` with this limit would find on the other side.
    #[must_use]
    pub fn available(&self, is_buy: bool, limit: Price) -> u64 {
        let reaches = |price: Price| {
            if is_buy {
                price <= limit
            } else {
                price >= limit
            }
        };
        self.orders(!is_buy)
            .take_while(|(_, order)| reaches(order.price))
            .map(|(_, order)| u64::from(order.open))
            .sum()
    }

    /// Orders on both sides.
    #[must_use]
    pub fn order_count(&self) -> usize {
        self.buys.len() + self.sells.len()
    }

    const fn side(&self, is_buy: bool) -> &BTreeMap<Place, Order> {
        if is_buy { &self.buys } else { &self.sells }
    }

    pub(crate) const fn side_mut(&mut self, is_buy: bool) -> &mut BTreeMap<Place, Order> {
        if is_buy {
            &mut self.buys
        } else {
            &mut self.sells
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn order(side: Side, price: i64, open: u32) -> Order {
        Order {
            owner: Owner::Participant,
            user_ref_num: 0,
            cl_ord_id: OrderId::EMPTY,
            side,
            price: Price(price),
            is_market: false,
            open,
            executed: 0,
        }
    }

    #[test]
    fn orders_stand_by_price_then_time_on_either_side_of_zero() {
        let mut book = Book::default();
        for (number, (side, price)) in [
            (Side::Buy, -5),
            (Side::Buy, 3),
            (Side::Buy, 3),
            (Side::Sell, 7),
            (Side::SellShort, 4),
            (Side::Sell, 4),
        ]
        .into_iter()
        .enumerate()
        {
            let user_ref_num = u32::try_from(number).unwrap();
            let place = book.rest(Order {
                user_ref_num,
                ..order(side, price, 1)
            });
            assert_eq!(place.price(), Price(price));
        }
        let numbers = |is_buy| {
            book.orders(is_buy)
                .map(|(_, o)| o.user_ref_num)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(true), [1, 2, 0]);
        assert_eq!(numbers(false), [4, 5, 3]);
        assert_eq!(book.best(true), Some(Price(3)));
        assert_eq!(book.best(false), Some(Price(4)));
        assert_eq!(book.available(true, Price(4)), 2);
        assert_eq!(book.available(true, Price(7)), 3);
        assert_eq!(book.available(false, Price(4)), 0);
        assert_eq!(book.available(false, Price(-5)), 3);
        assert!(!book.is_crossed());
    }

    #[test]
    fn a_taken_order_is_gone() {
        let mut book = Book::default();
        let place = book.rest(order(Side::Buy, i64::MIN, 1));
        assert_eq!(place.price(), Price(i64::MIN));
        assert!(book.take(place).is_some());
        assert_eq!(book.take(place), None);
        assert_eq!(book.order_count(), 0);
    }
}
