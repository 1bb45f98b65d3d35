//! When the same order was sent before: exactly, however many lie between.
//!
//! Orders that are alike stand in one chain, oldest first, each with its stamp; no more of them
//! than the limit are kept in it, so the oldest is the one that decides: if it is younger than the
//! limit's time, another would be one too many. A chain's ends are kept with its newest order,
//! which is found by hashing what makes orders alike. So asking and noting take a few loads each,
//! whatever the limit and however long the day; nothing is forgotten before the process ends. At a
//! restart everything is: stamps are in no image of an order.

use gwanmun_market::{OrdType, Price, Side};

use crate::orders::{Order, SlotIndex};

/// What makes two orders of a day the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Likeness {
    price: Price,
    order_qty: u32,
    account: u16,
    instrument: u16,
    side: Side,
    ord_type: OrdType,
}

impl Likeness {
    pub(crate) const fn of(order: &Order) -> Likeness {
        Likeness {
            price: order.price,
            order_qty: order.order_qty,
            account: order.account,
            instrument: order.instrument,
            side: order.side,
            ord_type: order.ord_type,
        }
    }

    /// The same in every run. Whoever chooses prices so that they fall together slows down the
    /// order core by no more than his orders are many, and his orders have a rate.
    fn hash(&self) -> u64 {
        let owner = u64::from(self.account) << 32 | u64::from(self.instrument) << 16;
        let kind = u64::from(self.side.to_fix()) << 8 | u64::from(self.ord_type.to_fix());
        let mut hash = (owner | kind).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        hash ^= self.price.0.cast_unsigned().rotate_left(32) ^ u64::from(self.order_qty);
        hash = (hash ^ hash >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93);
        hash ^ hash >> 32
    }
}

/// No order.
const NONE: u32 = u32::MAX;

/// One order in its chain. Its slot is its index.
#[derive(Clone, Copy, Debug)]
struct Link {
    likeness: Likeness,
    stamp_ns: u64,
    /// The one behind it.
    next: u32,
    /// Of the newest alone: the first of its chain, and how many there are.
    oldest: u32,
    count: u32,
}

const FILLER: Link = Link {
    likeness: Likeness {
        price: Price::ZERO,
        order_qty: 0,
        account: u16::MAX,
        instrument: u16::MAX,
        side: Side::Buy,
        ord_type: OrdType::Market,
    },
    stamp_ns: 0,
    next: NONE,
    oldest: NONE,
    count: 0,
};

/// The orders of this start of the process.
pub(crate) struct Repeats {
    /// By slot.
    links: Box<[Link]>,
    /// The newest of each chain, by hash. Invariant: a power of two, at least twice the slots, so
    /// that one in two is free.
    newest: Box<[u32]>,
}

impl Repeats {
    /// Room for so many orders.
    pub(crate) fn new(orders_max: usize) -> Repeats {
        let length = (orders_max.max(1) * 2).next_power_of_two();
        Repeats {
            links: vec![FILLER; orders_max].into_boxed_slice(),
            newest: vec![NONE; length].into_boxed_slice(),
        }
    }

    fn link(&self, at: u32) -> Option<&Link> {
        self.links.get(usize::try_from(at).ok()?)
    }

    fn link_mut(&mut self, at: u32) -> Option<&mut Link> {
        self.links.get_mut(usize::try_from(at).ok()?)
    }

    /// Where the chain's newest stands, or would.
    fn find(&self, likeness: &Likeness) -> usize {
        let mask = self.newest.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits are what counts"
        )]
        let mut at = likeness.hash() as usize & mask;
        for _ in 0..=mask {
            let newest = self.newest.get(at).copied().unwrap_or(NONE);
            match self.link(newest) {
                Some(link) if link.likeness != *likeness => at = (at + 1) & mask,
                _ => break,
            }
        }
        at
    }

    /// The stamp of the order that was sent `count` orders ago, if there are so many alike.
    pub(crate) fn since(&self, order: &Order, count: u32) -> Option<u64> {
        let newest = *self.newest.get(self.find(&Likeness::of(order)))?;
        let chain = self.link(newest)?;
        // The limit may have become smaller than the chain is long.
        let left_out = chain.count.checked_sub(count)?;
        let mut oldest = self.link(chain.oldest)?;
        for _ in 0..left_out {
            oldest = self.link(oldest.next)?;
        }
        Some(oldest.stamp_ns)
    }

    /// Another order left, the newest of all; `count_max` of its like are kept, at least one.
    pub(crate) fn note(&mut self, slot: SlotIndex, order: &Order, now_ns: u64, count_max: u32) {
        if self.link(slot.0).is_none() {
            return;
        }
        let likeness = Likeness::of(order);
        let place = self.find(&likeness);
        let newest = self.newest.get(place).copied().unwrap_or(NONE);
        let (mut oldest, mut count) = (slot.0, 0);
        if let Some(chain) = self.link_mut(newest) {
            (oldest, count) = (chain.oldest, chain.count);
            chain.next = slot.0;
        }
        let link = Link {
            likeness,
            stamp_ns: now_ns,
            next: NONE,
            oldest,
            count: count.saturating_add(1),
        };
        if let Some(into) = self.link_mut(slot.0) {
            *into = link;
        }
        while count >= count_max.max(1) {
            oldest = self.link(oldest).map_or(slot.0, |first| first.next);
            count -= 1;
        }
        if let Some(into) = self.link_mut(slot.0) {
            (into.oldest, into.count) = (oldest, count + 1);
        }
        if let Some(newest) = self.newest.get_mut(place) {
            *newest = slot.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(price: i64, order_qty: u32) -> Order {
        Order {
            price: Price(price),
            order_qty,
            account: 3,
            instrument: 5,
            ..Order::FILLER
        }
    }

    /// Against a list of everything, with a limit that changes on the way.
    #[test]
    fn chains_agree_with_a_plain_list() {
        let mut seed = 7_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        let mut repeats = Repeats::new(5_000);
        let mut plain: Vec<(Likeness, u64)> = Vec::new();
        let mut now_ns = 0;
        for slot in 0..5_000 {
            let count_max = [4, 9, 1, 6][usize::try_from(slot / 1_250).unwrap()];
            let order = order(i64::try_from(next(40)).unwrap() - 20, 1);
            now_ns += next(10);
            let likeness = Likeness::of(&order);
            let alike: Vec<u64> = plain
                .iter()
                .filter(|(other, _)| *other == likeness)
                .map(|(_, stamp_ns)| *stamp_ns)
                .collect();
            // A limit that grew finds no more than were kept under the smaller one.
            let since = repeats.since(&order, count_max);
            let expected = alike
                .iter()
                .rev()
                .nth(usize::try_from(count_max).unwrap() - 1);
            if since != expected.copied() {
                assert_eq!((since, slot % 1_250 < 900), (None, true), "slot {slot}");
            }
            repeats.note(SlotIndex(slot), &order, now_ns, count_max);
            plain.push((likeness, now_ns));
        }
    }

    #[test]
    fn what_differs_in_anything_is_another_order() {
        let mut repeats = Repeats::new(16);
        let first = order(100, 10);
        repeats.note(SlotIndex(0), &first, 1, 1);
        assert_eq!(repeats.since(&first, 1), Some(1));
        assert_eq!(repeats.since(&first, 2), None);
        for other in [
            Order {
                price: Price(101),
                ..first
            },
            Order {
                order_qty: 11,
                ..first
            },
            Order {
                account: 4,
                ..first
            },
            Order {
                instrument: 6,
                ..first
            },
            Order {
                side: Side::Sell,
                ..first
            },
            Order {
                ord_type: OrdType::Market,
                ..first
            },
        ] {
            assert_eq!(repeats.since(&other, 1), None);
        }
        let same = Order {
            venue: 9,
            session: 9,
            ..first
        };
        assert_eq!(repeats.since(&same, 1), Some(1));
    }

    #[test]
    fn a_full_table_and_a_table_of_nothing_end() {
        let mut repeats = Repeats::new(4);
        for slot in 0..6 {
            repeats.note(SlotIndex(slot), &order(i64::from(slot), 1), 1, 1);
        }
        assert_eq!(repeats.since(&order(3, 1), 1), Some(1));
        assert_eq!(repeats.since(&order(5, 1), 1), None);
        assert_eq!(Repeats::new(0).since(&order(5, 1), 1), None);
    }
}
