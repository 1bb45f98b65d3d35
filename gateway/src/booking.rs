//! How orders and positions change: each by one function, live or as an image of the past, so that
//! whatever is summed over them moves with it ([`crate::exposure`]).

use crate::effect::EffectBuilder;
use crate::exposure::{Legs, Row, legs_of};
use crate::ledger::Sources;
use crate::orders::{Order, SlotIndex, TableFull};
use crate::positions::Position;
use crate::risk::Checked;
use crate::state::State;

impl State {
    /// Puts an order into its slot and onto the effect.
    pub(crate) fn put_order(
        &mut self,
        slot: SlotIndex,
        order: Order,
        effect: &mut EffectBuilder<'_>,
    ) {
        let put = self.place_order(slot, &order);
        assert!(
            put.is_ok(),
            "room for an order is asked for before it is admitted"
        );
        effect.order(slot, &order);
    }

    /// Puts an order into its slot: the one way by which an order changes, live or as an image of
    /// the past, so that all that is summed over orders moves with it.
    ///
    /// # Errors
    /// [`TableFull`] where it, or the position that it is counted with, has no room.
    pub(crate) fn place_order(&mut self, slot: SlotIndex, order: &Order) -> Result<(), TableFull> {
        let before = self.orders.order(slot).unwrap_or(&Order::FILLER);
        if !order.counts_as(before) {
            // A snapshot has orders before positions: the slot is the position's from here on.
            let position = self.positions.slot_of(order.account, order.instrument)?;
            let row = Row::of((order.account, order.instrument), position);
            let tables = &self.terms.tables;
            self.sums.move_order(tables, row, before, order);
        }
        self.conduct
            .change(&self.terms.tables, slot, (before, order))?;
        self.orders.put(slot, *order)
    }

    /// Puts a position as an image tells it.
    ///
    /// # Errors
    /// [`TableFull`].
    pub(crate) fn place_position(&mut self, position: Position) -> Result<(), TableFull> {
        let key = (position.account, position.instrument);
        let slot = self.positions.slot_of(key.0, key.1)?;
        let held = self.positions.at(slot).copied();
        let before = legs_of(held.as_ref());
        self.positions.put(position)?;
        let (tables, row) = (&self.terms.tables, Row::of(key, slot));
        self.foreign.moved(held.as_ref(), &position, tables);
        self.sums
            .move_position(tables, row, before, Legs::of(&position));
        Ok(())
    }

    /// Puts an order back as its image on record tells it: as [`State::place_order`], and what
    /// short sales use follows, which a live order moves when it is booked.
    ///
    /// # Errors
    /// [`TableFull`].
    pub(crate) fn restore_order(
        &mut self,
        slot: SlotIndex,
        order: &Order,
    ) -> Result<(), TableFull> {
        self.positions
            .follow_short(self.orders.order(slot), order)?;
        self.place_order(slot, order)
    }

    /// Puts what an account's holdings of an instrument are made of, by a command or as an image of
    /// the past tells it.
    ///
    /// # Errors
    /// [`TableFull`].
    pub(crate) fn place_sources(
        &mut self,
        key: (u16, u16),
        sources: Sources,
    ) -> Result<(), TableFull> {
        let slot = self.positions.slot_of(key.0, key.1)?;
        let before = legs_of(self.positions.at(slot));
        self.positions.put_sources(key, sources)?;
        let after = legs_of(self.positions.at(slot));
        let (tables, row) = (&self.terms.tables, Row::of(key, slot));
        self.sums.move_position(tables, row, before, after);
        Ok(())
    }

    /// Moves what an order holds back of its position, books an execution if there was one, and
    /// puts the position onto the effect.
    ///
    /// # Panics
    /// If the position has no room: it is asked for before an order is admitted.
    pub(crate) fn book(
        &mut self,
        order: &mut Order,
        executed_qty: u32,
        effect: &mut EffectBuilder<'_>,
    ) {
        let reserved_qty = order.working_qty();
        let change = i64::from(reserved_qty) - i64::from(order.reserved_qty);
        order.reserved_qty = reserved_qty;
        let key = (order.account, order.instrument);
        let slot = self.positions.slot_of(key.0, key.1);
        let slot = slot.expect("room for a position is asked for before an order is admitted");
        let position = self.positions.at_mut(slot);
        let position = position.expect("a slot that was found has its position");
        let held = *position;
        let before = Legs::of(position);
        position.reserve(order.side, change);
        if executed_qty > 0 {
            position.execute(order.side, executed_qty);
        }
        effect.position(position);
        let (after, ledger_row) = (Legs::of(position), position.short.row);
        let (tables, row) = (&self.terms.tables, Row::of(key, slot));
        self.foreign.moved(Some(&held), position, tables);
        self.sums.move_position(tables, row, before, after);
        if ledger_row > 0
            && let Some(sources) = self.positions.take_unrecorded(ledger_row)
        {
            effect.ledger(sources);
        }
    }

    /// The same for an order or a replace that passed the checks and leaves now.
    pub(crate) fn book_sent(
        &mut self,
        checked: &Checked,
        order: &mut Order,
        effect: &mut EffectBuilder<'_>,
    ) {
        self.book(order, 0, effect);
        if let Some((qty, price)) = checked.sent() {
            order.note_sent(qty, price);
        }
    }

    /// Makes every sum anew from orders and positions, works out anew whom each halt stops, and
    /// puts orders to their accounts' self-trade groups: what tables with other terms need. It goes
    /// through all orders of the day and allocates nothing.
    pub(crate) fn recount(&mut self) {
        self.sums.clear();
        let tables = &self.terms.tables;
        let positions = self.positions.all().map(|(_, position)| position);
        self.foreign.recount(positions, tables);
        self.halts.work_out_all(tables);
        for (slot, position) in self.positions.all() {
            let row = Row::of((position.account, position.instrument), slot);
            let (none, legs) = (Legs::default(), Legs::of(position));
            self.sums.move_position(tables, row, none, legs);
        }
        for (_, order) in self.orders.orders() {
            let key = (order.account, order.instrument);
            if let Some(slot) = self.positions.find(key.0, key.1) {
                let row = Row::of(key, slot);
                self.sums.move_order(tables, row, &Order::FILLER, order);
            }
        }
        self.conduct.regroup(tables, self.orders.orders());
    }
}
