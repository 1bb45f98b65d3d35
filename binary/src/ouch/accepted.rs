//! Accepted (`A`, venue to client): an order was accepted.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. The request: [`super::enter_order`].

use gwanmun_market::{OrderId, Price, Side, Symbol};

use super::OuchError;
use super::appendage::Appendage;
use super::codes::{Capacity, CrossType, Display, OrderState, TimeInForce};
use crate::wire::{Reader, Writer};

/// OrderAccepted: the order is the venue's, with the terms as the venue took them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Side.
    pub side: Side,
    /// Total quantity as accepted.
    pub quantity: u32,
    /// The venue's short code.
    pub symbol: Symbol,
    /// Limit as accepted, or [`MARKET_PRICE`](super::MARKET_PRICE).
    pub price: Price,
    /// TimeInForce.
    pub time_in_force: TimeInForce,
    /// Display.
    pub display: Display,
    /// The venue's own number of the order, unique in its day.
    pub order_reference_number: u64,
    /// Capacity.
    pub capacity: Capacity,
    /// InterMarketSweep.
    pub inter_market_sweep: bool,
    /// CrossType.
    pub cross_type: CrossType,
    /// Whether the order stands or was canceled in the same breath.
    pub order_state: OrderState,
    /// ClOrdID, as it came with the order.
    pub cl_ord_id: OrderId,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> Accepted<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'A';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 1 + 4 + 8 + 8 + 1 + 1 + 8 + 1 + 1 + 1 + 1 + 14 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a side that is none, a flag that is
    /// neither `Y` nor `N`, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(Accepted {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            side: reader.side()?,
            quantity: reader.u32()?,
            symbol: reader.text()?,
            price: reader.price()?,
            time_in_force: TimeInForce(reader.u8()?),
            display: Display(reader.u8()?),
            order_reference_number: reader.u64()?,
            capacity: Capacity(reader.u8()?),
            inter_market_sweep: reader.flag()?,
            cross_type: CrossType(reader.u8()?),
            order_state: OrderState(reader.u8()?),
            cl_ord_id: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.side(self.side)?;
        writer.u32(self.quantity)?;
        writer.text(self.symbol)?;
        writer.price(self.price)?;
        writer.u8(self.time_in_force.0)?;
        writer.u8(self.display.0)?;
        writer.u64(self.order_reference_number)?;
        writer.u8(self.capacity.0)?;
        writer.flag(self.inter_market_sweep)?;
        writer.u8(self.cross_type.0)?;
        writer.u8(self.order_state.0)?;
        writer.text(self.cl_ord_id)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(Accepted::LENGTH == 64);
