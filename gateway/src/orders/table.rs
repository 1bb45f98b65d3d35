//! The slots and their indices. Nothing here allocates after `new`, and nothing depends on a random
//! seed.
//!
//! The indices of ClOrdIDs and of UserRefNums have files of their own (`cl_ord_ids`,
//! `user_ref_index`).
//!
//! When the indices are full, new orders and replaces are refused. A cancel is not: its ClOrdID(11)
//! is then used without being remembered, since a full table must not keep anyone in the market.

use gwanmun_market::ClOrdId;

use super::Order;
use super::cl_ord_ids::ClOrdIds;
use super::user_ref_index::UserRefIndex;

/// Index of an order in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlotIndex(pub(crate) u32);

/// No slot or no index entry is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableFull;

/// All orders of the trading day.
pub(crate) struct OrderTable {
    /// All there can be; those behind `count` hold no order yet.
    slots: Box<[Order]>,
    /// Invariant: never more than there are slots.
    count: usize,
    /// Room for at least twice `slots_max`: an order has its own ClOrdID and, on the day's average,
    /// at most one request.
    cl_ord_ids: ClOrdIds,
    /// Room for as many.
    by_user_ref_num: UserRefIndex,
}

impl OrderTable {
    /// Room for `orders_max` orders and twice as many ClOrdIDs.
    #[must_use]
    pub(crate) fn new(orders_max: usize) -> OrderTable {
        let entries = (orders_max.max(1) * 4).next_power_of_two();
        OrderTable {
            slots: vec![Order::FILLER; orders_max].into_boxed_slice(),
            count: 0,
            cl_ord_ids: ClOrdIds::new(entries / 2),
            by_user_ref_num: UserRefIndex::new(entries),
        }
    }

    /// Takes the key of the index of names; before the first name.
    pub(crate) fn set_names_key(&mut self, number: u64) {
        self.cl_ord_ids.set_key(number);
    }

    /// Orders in the table.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Reads what the next order will write, so that it finds it near. Changes nothing.
    pub(crate) fn warm(&self) {
        if let Some(order) = self.slots.get(self.count) {
            core::hint::black_box(*order);
        }
        self.cl_ord_ids.warm();
    }

    /// Whether another order finds room, with its ClOrdID and UserRefNum.
    #[must_use]
    pub(crate) fn has_room(&self) -> bool {
        self.count < self.slots.len() && self.has_room_for_replace()
    }

    /// Whether another replace finds room, with its ClOrdID and UserRefNum.
    #[must_use]
    pub(crate) fn has_room_for_replace(&self) -> bool {
        self.has_room_for_cl_ord_id() && self.by_user_ref_num.has_room()
    }

    /// Whether another ClOrdID finds room.
    #[must_use]
    pub(crate) fn has_room_for_cl_ord_id(&self) -> bool {
        self.cl_ord_ids.has_room()
    }

    /// ClOrdIDs that find room.
    #[must_use]
    pub(crate) fn cl_ord_ids_max(&self) -> usize {
        self.cl_ord_ids.capacity()
    }

    fn used(&self) -> &[Order] {
        self.slots.get(..self.count).unwrap_or_default()
    }

    /// Every order, by slot.
    pub(crate) fn orders(&self) -> impl Iterator<Item = (SlotIndex, &Order)> {
        (0..).map(SlotIndex).zip(self.used())
    }

    /// Every ClOrdID used, with its session and slot, in the order of use.
    pub(crate) fn cl_ord_ids(&self) -> impl Iterator<Item = (u16, &ClOrdId, SlotIndex)> {
        self.cl_ord_ids.all()
    }

    /// Every UserRefNum known, with its venue in front and its slot behind, in the order of the
    /// index.
    pub(crate) fn user_ref_nums(&self) -> impl Iterator<Item = (u16, u32, SlotIndex)> {
        self.by_user_ref_num.entries()
    }

    /// The slot that the next order will take.
    #[must_use]
    pub(crate) fn next_slot(&self) -> SlotIndex {
        SlotIndex(u32::try_from(self.count).unwrap_or(u32::MAX))
    }

    /// The order in a slot.
    #[must_use]
    pub(crate) fn order(&self, slot: SlotIndex) -> Option<&Order> {
        self.used().get(usize::try_from(slot.0).ok()?)
    }

    /// The order that a session knows by a ClOrdID, used or pending.
    #[must_use]
    pub(crate) fn by_cl_ord_id(&self, session: u16, cl_ord_id: &ClOrdId) -> Option<SlotIndex> {
        self.cl_ord_ids.slot(session, cl_ord_id)
    }

    /// The order that a venue knows, or knew, by a UserRefNum.
    #[must_use]
    pub(crate) fn by_user_ref_num(&self, venue: u16, user_ref_num: u32) -> Option<SlotIndex> {
        self.by_user_ref_num.find(venue, user_ref_num)
    }

    /// Puts an order into a slot: the next free one, or one in use, whose order it replaces.
    ///
    /// # Errors
    /// [`TableFull`] when the slot is beyond the capacity, or not the next one.
    pub(crate) fn put(&mut self, slot: SlotIndex, order: Order) -> Result<(), TableFull> {
        let index = usize::try_from(slot.0).map_err(|_| TableFull)?;
        if index > self.count {
            return Err(TableFull);
        }
        *self.slots.get_mut(index).ok_or(TableFull)? = order;
        self.count = self.count.max(index + 1);
        for user_ref_num in [order.user_ref_num, pending_user_ref_num(&order)] {
            if user_ref_num != 0 {
                self.note_user_ref_num(order.venue, user_ref_num, slot)?;
            }
        }
        Ok(())
    }

    /// Uses up a ClOrdID of a session for an order.
    ///
    /// # Errors
    /// [`TableFull`] when the index has no room.
    pub(crate) fn use_cl_ord_id(
        &mut self,
        session: u16,
        cl_ord_id: &ClOrdId,
        slot: SlotIndex,
    ) -> Result<(), TableFull> {
        self.cl_ord_ids.put(session, cl_ord_id, slot)
    }

    /// Notes which order a venue's UserRefNum is about; the first word about it stays.
    ///
    /// # Errors
    /// [`TableFull`] when the index has no room.
    pub(crate) fn note_user_ref_num(
        &mut self,
        venue: u16,
        user_ref_num: u32,
        slot: SlotIndex,
    ) -> Result<(), TableFull> {
        self.by_user_ref_num.note(venue, user_ref_num, slot)
    }
}

fn pending_user_ref_num(order: &Order) -> u32 {
    order
        .pending_replace
        .map_or(0, |replace| replace.user_ref_num)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{
        FeeClass, NewOrder, OrdType, OrderId, OrderOrigin, Price, Side, Text, TimeInForce,
    };

    use super::super::Owner;
    use super::*;

    fn text<const N: usize>(number: u32) -> Text<N> {
        Text::new(format!("C{number}").as_bytes()).unwrap()
    }

    fn order(user_ref_num: u32) -> Order {
        let new = NewOrder {
            cl_ord_id: text(user_ref_num),
            account: Text::EMPTY,
            symbol: Text::EMPTY,
            side: Side::Buy,
            ord_type: OrdType::Limit,
            price: Price::ZERO,
            order_qty: 1,
            time_in_force: TimeInForce::Day,
            origin: OrderOrigin::Online,
            fee_class: FeeClass::Hts,
            voice_record_id: Text::EMPTY,
            ex_destination: Text::EMPTY,
        };
        let owner = Owner {
            session: 0,
            account: 0,
            instrument: 0,
            venue: 3,
        };
        let mut order = Order::sent(&new, OrderId::EMPTY, owner);
        order.user_ref_num = user_ref_num;
        order
    }

    #[test]
    fn every_key_is_found_again_and_no_other() {
        let mut table = OrderTable::new(100);
        for number in 0..100 {
            assert!(table.has_room());
            let slot = table.next_slot();
            assert_eq!(table.use_cl_ord_id(1, &text(number), slot), Ok(()));
            assert_eq!(table.put(slot, order(number * 7 + 1)), Ok(()));
        }
        assert!(!table.has_room());
        assert_eq!(table.put(table.next_slot(), order(9_999)), Err(TableFull));
        for number in 0..100 {
            let slot = Some(SlotIndex(number));
            assert_eq!(table.by_cl_ord_id(1, &text(number)), slot);
            assert_eq!(table.by_cl_ord_id(2, &text(number)), None);
            assert_eq!(table.by_user_ref_num(3, number * 7 + 1), slot);
            assert_eq!(table.by_user_ref_num(3, number * 7 + 2), None);
        }
        assert_eq!(table.orders().count(), 100);
        assert_eq!(table.user_ref_nums().count(), 100);
    }

    #[test]
    fn the_index_of_names_says_when_it_is_full() {
        let mut table = OrderTable::new(2);
        let names = table.cl_ord_ids_max();
        for number in 0..names {
            let name = text(u32::try_from(number).unwrap());
            assert!(table.has_room_for_replace());
            assert_eq!(table.use_cl_ord_id(0, &name, SlotIndex(0)), Ok(()));
        }
        assert!(!table.has_room_for_replace() && !table.has_room());
        assert_eq!(
            table.use_cl_ord_id(0, &text(99), SlotIndex(0)),
            Err(TableFull)
        );
        assert_eq!(table.by_cl_ord_id(0, &text(99)), None);
        assert_eq!(table.cl_ord_ids().count(), names);
    }
}
