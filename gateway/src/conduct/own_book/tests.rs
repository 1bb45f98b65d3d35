//! The heaps against a plain list.

use gwanmun_market::ClOrdId;

use super::*;
use crate::orders::{OrderState, PendingReplace};

fn working(side: Side, price: i64) -> Order {
    Order {
        account: 0,
        instrument: 7,
        state: OrderState::New,
        user_ref_num: 1,
        side,
        price: Price(price),
        order_qty: 1,
        ..Order::FILLER
    }
}

fn done(order: Order) -> Order {
    Order {
        state: OrderState::Canceled,
        ..order
    }
}

impl OwnBook {
    /// Every heap is one: parents and children agree, no child reaches farther, ranks are right
    /// and bound by the logarithm. Gives how many orders are in them.
    fn assert_sound(&self) -> usize {
        let mut count = 0;
        for (at, pair) in self.pairs.iter().enumerate() {
            for (side, &root) in pair.roots.iter().enumerate() {
                let heap = u32::try_from(at * 2 + side).unwrap();
                let mut rest = vec![(root, NONE)];
                let mut size = 0_u64;
                while let Some((at, parent)) = rest.pop() {
                    if at == NONE {
                        continue;
                    }
                    let node = self.node(at);
                    assert_eq!((node.parent, node.heap), (parent, heap));
                    assert!(parent == NONE || self.node(parent).reach >= node.reach);
                    let (left, right) = (self.node(node.left).rank, self.node(node.right).rank);
                    assert!(left >= right && node.rank == right + 1);
                    rest.extend([(node.left, at), (node.right, at)]);
                    size += 1;
                }
                assert!(1_u64 << self.node(root).rank <= size + 1);
                count += usize::try_from(size).unwrap();
            }
        }
        count
    }
}

/// 10,000 orders of both sides in two instruments of two groups come, change and go at random.
#[test]
fn the_best_is_what_a_plain_list_says() {
    const SLOTS: u32 = 10_000;
    let mut book = OwnBook::new(SLOTS as usize, 4);
    let mut plain: Vec<Option<(u16, Order)>> = vec![None; SLOTS as usize];
    let mut seed = 11_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % below
    };
    for step in 0..60_000_u32 {
        let slot = u32::try_from(next(SLOTS.into())).unwrap();
        let place = &mut plain[slot as usize];
        let side = if next(2) == 0 { Side::Buy } else { Side::Sell };
        let price = i64::try_from(next(2_000)).unwrap() - 1_000;
        let (group, order) = match *place {
            // More come than go until the book is full of them.
            Some((group, order)) if next(3) == 0 => (group, done(order)),
            Some((group, order)) => {
                let price = Price(price);
                (group, Order { price, ..order })
            }
            None => {
                let instrument = u16::try_from(next(2)).unwrap();
                let order = Order {
                    instrument,
                    ..working(side, price)
                };
                (u16::try_from(next(2)).unwrap(), order)
            }
        };
        *place = (!order.state.is_done()).then_some((group, order));
        book.change(SlotIndex(slot), Some(group), &order).unwrap();
        if step % 5_000 == 0 || step == 59_999 {
            assert_eq!(book.assert_sound(), plain.iter().flatten().count());
        }
        if step % 500 != 0 {
            continue;
        }
        for (group, instrument) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let alike = plain.iter().flatten();
            let alike = alike.filter(|row| row.0 == group && row.1.instrument == instrument);
            let of = |side| alike.clone().filter(move |row| row.1.side == side);
            let bid = of(Side::Buy).map(|row| row.1.price).max();
            let ask = of(Side::Sell).map(|row| row.1.price).min();
            let best = |side| book.best_against(group, instrument, side);
            assert_eq!(best(Side::Sell).map(|best| best.price()), bid);
            assert_eq!(best(Side::Buy).map(|best| best.price()), ask);
        }
    }
    assert!(plain.iter().flatten().count() > 6_000);
}

#[test]
fn what_leaves_in_order_of_price_leaves_the_next_best() {
    let mut book = OwnBook::new(10_000, 1);
    let order = |slot: u32| working(Side::Sell, i64::from(slot));
    for slot in 0..10_000 {
        book.change(SlotIndex(slot), Some(0), &order(slot)).unwrap();
    }
    for slot in 0..10_000 {
        let best = book.best_against(0, 7, Side::Buy).unwrap();
        assert_eq!(best.price(), Price(slot.into()));
        book.change(SlotIndex(slot), Some(0), &done(order(slot)))
            .unwrap();
    }
    assert_eq!(book.best_against(0, 7, Side::Buy), None);
}

#[test]
fn prices_meet_exactly() {
    // Prices count ten-thousandths: half a won is 5,000, and one unit below it is another price.
    let half = 715_005_000;
    for (side, at, price, expected) in [
        (Side::Sell, half, half, true),
        (Side::Sell, half, half - 1, false),
        (Side::Sell, half, half + 1, true),
        (Side::Buy, half, half, true),
        (Side::Buy, half, half + 1, false),
        (Side::Buy, half, half - 1, true),
        (Side::Sell, -3_500, -3_500, true),
        (Side::Sell, -3_500, -3_501, false),
        (Side::Buy, -3_500, -3_499, false),
        (Side::Buy, 0, 0, true),
        (Side::Sell, i64::MIN + 1, i64::MIN, false),
        (Side::Buy, i64::MIN, i64::MIN, true),
    ] {
        let best = Best::at(side, OrdType::Limit, Price(at));
        let reached = best.is_reached_by(OrdType::Limit, Price(price));
        assert_eq!(reached, expected, "{side:?} at {at}, {price}");
        assert!(best.is_reached_by(OrdType::Market, Price::ZERO));
        assert_eq!(best.price(), Price(at));
    }
    for side in [Side::Buy, Side::Sell] {
        let best = Best::at(side, OrdType::Market, Price::ZERO);
        for price in [i64::MIN, 0, i64::MAX] {
            assert!(best.is_reached_by(OrdType::Limit, Price(price)));
        }
        assert_eq!(best.price(), Price::ZERO);
    }
}

#[test]
fn an_order_reaches_as_far_as_any_answer_to_its_replace() {
    let mut book = OwnBook::new(2, 1);
    let replace = |price| PendingReplace {
        cl_ord_id: ClOrdId::EMPTY,
        user_ref_num: 2,
        order_qty: 1,
        price: Price(price),
    };
    for (side, price, to, expected) in [
        (Side::Sell, 100, 90, 90),
        (Side::Sell, 100, 110, 100),
        (Side::Buy, 100, 90, 100),
        (Side::Buy, 100, 110, 110),
    ] {
        let order = working(side, price);
        let under_way = Order {
            pending_replace: Some(replace(to)),
            ..order
        };
        book.change(SlotIndex(0), Some(0), &under_way).unwrap();
        let against = if side.is_sell() {
            Side::Buy
        } else {
            Side::Sell
        };
        let best = book.best_against(0, 7, against).unwrap();
        assert_eq!(best.price(), Price(expected), "{side:?} {price} to {to}");
        // The same side finds nothing.
        assert_eq!(book.best_against(0, 7, side), None);
        book.change(SlotIndex(0), Some(0), &done(order)).unwrap();
        assert_eq!(book.best_against(0, 7, against), None);
    }
}

#[test]
fn what_never_left_or_may_trade_with_itself_is_in_no_heap() {
    let mut book = OwnBook::new(2, 1);
    let order = working(Side::Sell, 5);
    let refused = Order {
        user_ref_num: 0,
        state: OrderState::Rejected,
        ..order
    };
    book.change(SlotIndex(0), Some(0), &refused).unwrap();
    book.change(SlotIndex(1), None, &order).unwrap();
    assert_eq!(book.assert_sound(), 0);
    // A group that became another one meanwhile takes the order out of where it was.
    book.change(SlotIndex(1), Some(0), &order).unwrap();
    assert_eq!(book.assert_sound(), 1);
    book.change(SlotIndex(1), None, &order).unwrap();
    assert_eq!(book.assert_sound(), 0);
    for group in 0..2 {
        let other = working(Side::Sell, 6 + i64::from(group));
        book.change(SlotIndex(0), Some(group), &other).unwrap();
    }
    book.change(SlotIndex(0), Some(2), &working(Side::Sell, 9))
        .unwrap_err();
    assert_eq!(book.assert_sound(), 0);
}
