//! One order as the gateway keeps it, and its image in the journal.

use gwanmun_market::{
    ClOrdId, FeeClass, NewOrder, OrdType, OrderId, OrderOrigin, Price, Side, TimeInForce,
    VoiceRecordId,
};

use crate::image::{ImageReader, ImageWriter};

/// Where an order is in its life, OrdStatus(39).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
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
}

impl OrderState {
    /// Whether nothing more can happen to the order.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(
            self,
            OrderState::Filled | OrderState::Canceled | OrderState::Rejected
        )
    }

    /// OrdStatus(39) as FIX writes it; a sent order is reported as it will stand, New.
    #[must_use]
    pub const fn ord_status(self) -> u8 {
        match self {
            OrderState::Sent | OrderState::New => b'0',
            OrderState::PartiallyFilled => b'1',
            OrderState::Filled => b'2',
            OrderState::Canceled => b'4',
            OrderState::Rejected => b'8',
        }
    }

    const fn from_byte(byte: u8) -> Option<OrderState> {
        match byte {
            0 => Some(OrderState::Sent),
            1 => Some(OrderState::New),
            2 => Some(OrderState::PartiallyFilled),
            3 => Some(OrderState::Filled),
            4 => Some(OrderState::Canceled),
            5 => Some(OrderState::Rejected),
            _ => None,
        }
    }
}

/// A request about a live order that the venue has not answered yet. At most one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// None.
    Nothing,
    /// OrderCancelRequest(35=F).
    Cancel {
        /// ClOrdID(11) of the request.
        cl_ord_id: ClOrdId,
    },
    /// OrderCancelReplaceRequest(35=G).
    Replace {
        /// ClOrdID(11) of the request.
        cl_ord_id: ClOrdId,
        /// UserRefNum that the order will have.
        user_ref_num: u32,
        /// New total quantity.
        order_qty: u32,
        /// New price.
        price: Price,
    },
}

/// One order, all of it: what restart needs is in its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which member session it belongs to.
    pub session: u16,
    /// Index of the account in the tables; `u16::MAX` when unknown.
    pub account: u16,
    /// Index of the instrument in the tables; `u16::MAX` when unknown.
    pub instrument: u16,
    /// State.
    pub state: OrderState,
    /// A request on its way.
    pub pending: Pending,
    /// OrderID(37), OUCH ClOrdID.
    pub order_id: OrderId,
    /// ClOrdID(11), the latest accepted.
    pub cl_ord_id: ClOrdId,
    /// UserRefNum under which the venue knows it now; zero when it was never sent.
    pub user_ref_num: u32,
    /// Side(54).
    pub side: Side,
    /// OrdType(40).
    pub ord_type: OrdType,
    /// TimeInForce(59).
    pub time_in_force: TimeInForce,
    /// OrderOrigin(20101).
    pub origin: OrderOrigin,
    /// FeeClass(20102).
    pub fee_class: FeeClass,
    /// VoiceRecordID(20103).
    pub voice_record_id: VoiceRecordId,
    /// Price(44).
    pub price: Price,
    /// OrderQty(38).
    pub order_qty: u32,
    /// CumQty(14); never above `order_qty`.
    pub cum_qty: u32,
    /// Sum of price units times quantity over all fills, for AvgPx(6).
    pub executed_value: i128,
    /// Quantity that the position holds back for this order: what may still execute, a pending replace included.
    pub reserved_qty: u32,
}

impl Order {
    /// An order about to be sent.
    #[must_use]
    pub fn sent(new: &NewOrder, order_id: OrderId, owner: Owner) -> Order {
        Order {
            session: owner.session,
            account: owner.account,
            instrument: owner.instrument,
            state: OrderState::Sent,
            pending: Pending::Nothing,
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
        }
    }

    /// LeavesQty(151): zero once done.
    #[must_use]
    pub const fn leaves_qty(&self) -> u32 {
        if self.state.is_done() {
            0
        } else {
            self.order_qty.saturating_sub(self.cum_qty)
        }
    }

    /// AvgPx(6), rounded half away from zero to a price unit; zero before the first fill.
    #[must_use]
    pub fn avg_px(&self) -> Price {
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
    pub fn is_awaiting_venue(&self) -> bool {
        self.state == OrderState::Sent || self.pending != Pending::Nothing
    }
}

/// Whose order it is, as table indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Member session.
    pub session: u16,
    /// Account in the tables, or [`UNKNOWN`].
    pub account: u16,
    /// Instrument in the tables, or [`UNKNOWN`].
    pub instrument: u16,
}

/// Index of an account or instrument that the tables do not hold.
pub const UNKNOWN: u16 = u16::MAX;

/// Bytes of an order's image.
pub const ORDER_IMAGE_BYTES: usize = 224;

impl Order {
    /// Writes the image: every field in declaration order, little-endian, texts with a length byte in front.
    pub fn write_image(&self, into: &mut ImageWriter<'_>) {
        into.u16(self.session);
        into.u16(self.account);
        into.u16(self.instrument);
        into.u8(self.state as u8);
        let (kind, cl_ord_id, user_ref_num, order_qty, price) = match self.pending {
            Pending::Nothing => (0, ClOrdId::EMPTY, 0, 0, Price::ZERO),
            Pending::Cancel { cl_ord_id } => (1, cl_ord_id, 0, 0, Price::ZERO),
            Pending::Replace {
                cl_ord_id,
                user_ref_num,
                order_qty,
                price,
            } => (2, cl_ord_id, user_ref_num, order_qty, price),
        };
        into.u8(kind);
        into.text(&cl_ord_id);
        into.u32(user_ref_num);
        into.u32(order_qty);
        into.i64(price.0);
        into.text(&self.order_id);
        into.text(&self.cl_ord_id);
        into.u32(self.user_ref_num);
        into.u8(self.side.to_fix());
        into.u8(self.ord_type.to_fix());
        into.u8(self.time_in_force.to_fix());
        into.u8(self.origin.to_fix());
        into.u8(self.fee_class.to_fix());
        into.text(&self.voice_record_id);
        into.i64(self.price.0);
        into.u32(self.order_qty);
        into.u32(self.cum_qty);
        into.i128(self.executed_value);
        into.u32(self.reserved_qty);
    }

    /// Reads an image back; `None` when it is not one.
    pub fn read_image(from: &mut ImageReader<'_>) -> Option<Order> {
        let (session, account, instrument) = (from.u16()?, from.u16()?, from.u16()?);
        let state = OrderState::from_byte(from.u8()?)?;
        let kind = from.u8()?;
        let (cl_ord_id, user_ref_num) = (from.text()?, from.u32()?);
        let (order_qty, price) = (from.u32()?, Price(from.i64()?));
        let pending = match kind {
            0 => Pending::Nothing,
            1 => Pending::Cancel { cl_ord_id },
            2 => Pending::Replace {
                cl_ord_id,
                user_ref_num,
                order_qty,
                price,
            },
            _ => return None,
        };
        Some(Order {
            session,
            account,
            instrument,
            state,
            pending,
            order_id: from.text()?,
            cl_ord_id: from.text()?,
            user_ref_num: from.u32()?,
            side: Side::from_fix(from.u8()?)?,
            ord_type: match from.u8()? {
                b'1' => OrdType::Market,
                b'2' => OrdType::Limit,
                _ => return None,
            },
            time_in_force: match from.u8()? {
                b'0' => TimeInForce::Day,
                b'3' => TimeInForce::ImmediateOrCancel,
                b'4' => TimeInForce::FillOrKill,
                _ => return None,
            },
            origin: OrderOrigin::from_fix(from.u8()?)?,
            fee_class: FeeClass::from_fix(from.u8()?)?,
            voice_record_id: from.text()?,
            price: Price(from.i64()?),
            order_qty: from.u32()?,
            cum_qty: from.u32()?,
            executed_value: from.i128()?,
            reserved_qty: from.u32()?,
        })
    }
}
