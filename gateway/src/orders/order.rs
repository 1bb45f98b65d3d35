//! One order as the gateway keeps it.

use gwanmun_market::{
    ClOrdId, FeeClass, NewOrder, OrdType, OrderId, OrderOrigin, Price, Side, TimeInForce,
    VoiceRecordId,
};

/// Where an order is in its life, OrdStatus(39).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderState {
    /// Sent to the venue, not yet answered. Never told to the member.
    Sent,
    /// Live, nothing executed.
    New,
    /// Live, partly executed.
    PartiallyFilled,
    /// Done: executed in full.
    Filled,
    /// Done: taken off the market.
    Canceled,
    /// Done: refused by the gateway or the venue, or never arrived.
    Rejected,
    /// Never sent: it waits for an operator's approval, and holds its quantity back.
    Held,
}

impl OrderState {
    /// Whether nothing more can happen to the order.
    #[must_use]
    pub(crate) const fn is_done(self) -> bool {
        matches!(
            self,
            OrderState::Filled | OrderState::Canceled | OrderState::Rejected
        )
    }

    pub(super) const fn from_byte(byte: u8) -> Option<OrderState> {
        match byte {
            0 => Some(OrderState::Sent),
            1 => Some(OrderState::New),
            2 => Some(OrderState::PartiallyFilled),
            3 => Some(OrderState::Filled),
            4 => Some(OrderState::Canceled),
            5 => Some(OrderState::Rejected),
            6 => Some(OrderState::Held),
            _ => None,
        }
    }
}

/// OrderCancelReplaceRequest(35=G) on its way to the venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PendingReplace {
    /// ClOrdID(11) of the request, the order's name once the venue agrees.
    pub(crate) cl_ord_id: ClOrdId,
    /// UserRefNum that the order will have.
    pub(crate) user_ref_num: u32,
    /// New total quantity.
    pub(crate) order_qty: u32,
    /// New price.
    pub(crate) price: Price,
}

/// One order, all of it: what restart needs is in its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// Which member session it belongs to.
    pub(crate) session: u16,
    /// Index of the account in the tables; `u16::MAX` when unknown.
    pub(crate) account: u16,
    /// Index of the instrument in the tables; `u16::MAX` when unknown.
    pub(crate) instrument: u16,
    /// Index of the venue that it goes to, or [`UNKNOWN`] where it names one that there is not.
    pub(crate) venue: u16,
    /// State.
    pub(crate) state: OrderState,
    /// ClOrdID(11) of an OrderCancelRequest(35=F) that the venue has not answered. It may stand
    /// beside a replace that was sent before it: a cancel never waits for one.
    pub(crate) pending_cancel: Option<ClOrdId>,
    /// A replace that the venue has not answered; at most one.
    pub(crate) pending_replace: Option<PendingReplace>,
    /// OrderID(37), OUCH ClOrdID.
    pub(crate) order_id: OrderId,
    /// ClOrdID(11), the latest accepted.
    pub(crate) cl_ord_id: ClOrdId,
    /// UserRefNum under which the venue knows it now; zero when it was never sent, so that
    /// nothing the venue says can be taken for an answer about it.
    pub(crate) user_ref_num: u32,
    /// Side(54).
    pub(crate) side: Side,
    /// OrdType(40).
    pub(crate) ord_type: OrdType,
    /// TimeInForce(59).
    pub(crate) time_in_force: TimeInForce,
    /// OrderOrigin(20101).
    pub(crate) origin: OrderOrigin,
    /// FeeClass(20102).
    pub(crate) fee_class: FeeClass,
    /// VoiceRecordID(20103).
    pub(crate) voice_record_id: VoiceRecordId,
    /// Price(44).
    pub(crate) price: Price,
    /// OrderQty(38).
    pub(crate) order_qty: u32,
    /// CumQty(14), as the venue reports it.
    pub(crate) cum_qty: u32,
    /// Sum of price units times quantity over all fills, for AvgPx(6).
    pub(crate) executed_value: i128,
    /// Quantity that the position holds back for this order: what may still execute, a pending
    /// replace included.
    pub(crate) reserved_qty: u32,
    /// Replaces and cancels of it that left for the venue; no more than it can say are counted.
    pub(crate) requests: u16,
    /// What a market order is valued at: the price of the day farthest from zero, as it was when it
    /// was sent; zero for a limit order.
    pub(crate) market_price: Price,
    /// Quantity sent to the venue for this order, each replace with what it added.
    pub(crate) sent_qty: u64,
    /// The same, each part times its price in price units.
    pub(crate) sent_notional: i128,
}

impl Order {
    /// No order: what the table's memory is written with before there are any.
    pub(crate) const FILLER: Order = Order {
        session: UNKNOWN,
        account: UNKNOWN,
        instrument: UNKNOWN,
        venue: UNKNOWN,
        state: OrderState::Rejected,
        pending_cancel: None,
        pending_replace: None,
        order_id: OrderId::EMPTY,
        cl_ord_id: ClOrdId::EMPTY,
        user_ref_num: 0,
        side: Side::Buy,
        ord_type: OrdType::Limit,
        time_in_force: TimeInForce::Day,
        origin: OrderOrigin::Online,
        fee_class: FeeClass::Hts,
        voice_record_id: VoiceRecordId::EMPTY,
        price: Price::ZERO,
        order_qty: 0,
        cum_qty: 0,
        executed_value: 0,
        reserved_qty: 0,
        market_price: Price::ZERO,
        sent_qty: 0,
        sent_notional: 0,
        requests: 0,
    };

    /// An order about to be sent.
    #[must_use]
    pub(crate) fn sent(new: &NewOrder, order_id: OrderId, owner: Owner) -> Order {
        Order {
            session: owner.session,
            account: owner.account,
            instrument: owner.instrument,
            venue: owner.venue,
            state: OrderState::Sent,
            pending_cancel: None,
            pending_replace: None,
            order_id,
            cl_ord_id: new.cl_ord_id,
            user_ref_num: 0,
            side: new.side,
            ord_type: new.ord_type,
            time_in_force: new.time_in_force,
            origin: new.origin,
            fee_class: new.fee_class,
            voice_record_id: new.voice_record_id,
            price: new.price,
            order_qty: new.order_qty,
            cum_qty: 0,
            executed_value: 0,
            reserved_qty: 0,
            market_price: Price::ZERO,
            sent_qty: 0,
            sent_notional: 0,
            requests: 0,
        }
    }

    /// The gateway refuses the order: it was never sent, so it has no number at the venue.
    pub(crate) const fn refuse(&mut self) {
        self.state = OrderState::Rejected;
        self.user_ref_num = 0;
    }

    /// LeavesQty(151): zero once done.
    #[must_use]
    pub(crate) const fn leaves_qty(&self) -> u32 {
        if self.state.is_done() {
            0
        } else {
            self.order_qty.saturating_sub(self.cum_qty)
        }
    }

    /// What may still execute whichever way the requests under way end: LeavesQty(151), or what a
    /// pending replace would leave. A position holds back exactly this for the order.
    #[must_use]
    pub(crate) fn working_qty(&self) -> u32 {
        let replaced = self.pending_replace.filter(|_| !self.state.is_done());
        let replaced_qty = replaced.map_or(0, |replace| replace.order_qty);
        let open_qty = replaced_qty.saturating_sub(self.cum_qty);
        self.leaves_qty().max(open_qty)
    }

    /// The price that one of what may still execute is valued at: of two prices between which a
    /// replace under way decides, the one farther from zero.
    #[must_use]
    #[inline]
    pub(crate) fn value_price(&self) -> Price {
        if self.ord_type == OrdType::Market {
            return self.market_price;
        }
        match self.pending_replace {
            Some(replace) => farther(self.price, replace.price),
            None => self.price,
        }
    }

    /// So much of the order leaves for the venue at this price, that of the day for a market order.
    pub(crate) fn note_sent(&mut self, qty: u32, price: Price) {
        if self.ord_type == OrdType::Market {
            self.market_price = farther(self.market_price, price);
        }
        self.sent_qty = self.sent_qty.saturating_add(u64::from(qty));
        let notional = i128::from(price.0.unsigned_abs()) * i128::from(qty);
        self.sent_notional = self.sent_notional.saturating_add(notional);
    }

    /// Whether all that is summed over orders is the same for both.
    #[inline]
    pub(crate) fn counts_as(&self, other: &Order) -> bool {
        self.reserved_qty == other.reserved_qty
            && (self.reserved_qty == 0 || self.value_price() == other.value_price())
            && self.executed_value == other.executed_value
            && self.sent_qty == other.sent_qty
            && self.sent_notional == other.sent_notional
    }

    /// What was sent where the order was sent once and stands as it was: most do, and then it is
    /// not written.
    pub(super) fn plainly_sent(&self) -> (u64, i128) {
        let price = match self.ord_type {
            OrdType::Market => self.market_price,
            OrdType::Limit => self.price,
        };
        let qty = self.order_qty;
        let notional = i128::from(price.0.unsigned_abs()) * i128::from(qty);
        (u64::from(qty), notional)
    }

    /// AvgPx(6), rounded half away from zero to a price unit; zero before the first fill.
    #[must_use]
    pub(crate) fn avg_px(&self) -> Price {
        let quantity = i128::from(self.cum_qty);
        if quantity == 0 {
            return Price::ZERO;
        }
        let half = if self.executed_value < 0 {
            -quantity
        } else {
            quantity
        } / 2;
        Price(i64::try_from((self.executed_value + half) / quantity).unwrap_or(i64::MAX))
    }

    /// Whether the venue still owes an answer about the order.
    #[must_use]
    pub(crate) fn is_awaiting_venue(&self) -> bool {
        self.state == OrderState::Sent
            || self.pending_cancel.is_some()
            || self.pending_replace.is_some()
    }
}

/// The price that is farther from zero.
pub(crate) const fn farther(one: Price, other: Price) -> Price {
    if other.0.unsigned_abs() > one.0.unsigned_abs() {
        other
    } else {
        one
    }
}

/// Whose order it is and where it goes, as indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// Member session.
    pub(crate) session: u16,
    /// Account in the tables, or [`UNKNOWN`].
    pub(crate) account: u16,
    /// Instrument in the tables, or [`UNKNOWN`].
    pub(crate) instrument: u16,
    /// Venue, or [`UNKNOWN`].
    pub(crate) venue: u16,
}

/// Index of an account, instrument or venue that there is not.
pub(crate) const UNKNOWN: u16 = u16::MAX;

#[cfg(test)]
pub(super) mod tests {
    use gwanmun_market::Text;

    use super::*;

    pub(crate) fn longest() -> Order {
        let owner = Owner {
            session: 1,
            account: 2,
            instrument: 3,
            venue: 4,
        };
        let new = NewOrder {
            cl_ord_id: Text::new(&[b'c'; 32]).unwrap(),
            account: Text::EMPTY,
            symbol: Text::EMPTY,
            side: Side::Sell,
            ord_type: OrdType::Limit,
            price: Price(-1),
            order_qty: u32::MAX,
            time_in_force: TimeInForce::FillOrKill,
            origin: OrderOrigin::Emergency,
            fee_class: FeeClass::Dma,
            voice_record_id: Text::new(&[b'v'; 32]).unwrap(),
            ex_destination: Text::EMPTY,
        };
        let mut order = Order::sent(&new, Text::new(&[b'o'; 14]).unwrap(), owner);
        order.pending_cancel = Text::new(&[b'x'; 32]);
        order.pending_replace = Some(PendingReplace {
            cl_ord_id: Text::new(&[b'r'; 32]).unwrap(),
            user_ref_num: 7,
            order_qty: 8,
            price: Price(9),
        });
        order.executed_value = i128::MIN;
        order.requests = u16::MAX;
        order.sent_qty = u64::MAX;
        order.sent_notional = i128::MAX;
        order
    }

    #[test]
    fn the_price_farther_from_zero_counts_while_a_replace_is_open() {
        let mut order = longest();
        order.pending_replace = None;
        assert_eq!(order.value_price(), Price(-1));
        for (price, expected) in [(0, -1), (1, -1), (2, 2), (-3, -3)] {
            let pending = longest().pending_replace.unwrap();
            order.pending_replace = Some(PendingReplace {
                price: Price(price),
                ..pending
            });
            assert_eq!(order.value_price(), Price(expected));
        }
    }

    #[test]
    fn average_price_is_rounded_half_away_from_zero() {
        for (value, quantity, expected) in
            [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (0, 0, 0)]
        {
            let order = Order {
                executed_value: value,
                cum_qty: quantity,
                ..longest()
            };
            assert_eq!(order.avg_px(), Price(expected), "{value}/{quantity}");
        }
    }
}
