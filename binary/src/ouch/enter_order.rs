//! EnterOrder (`O`, client to venue): a new order.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers: [`super::accepted`],
//! [`super::rejected`].

use gwanmun_market::{OrderId, Price, Side, Symbol};

use super::OuchError;
use super::appendage::Appendage;
use super::codes::{Capacity, CrossType, Display, TimeInForce};
use crate::wire::{Reader, Writer};

/// Asks for a new order.
///
/// A UserRefNum that is used, or below one that was, makes the venue ignore the message silently,
/// so that sending the same bytes again is harmless. Answered by [`Accepted`](super::Accepted) or
/// [`Rejected`](super::Rejected).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnterOrder<'a> {
    /// The order's number: unique in the day and above every earlier one of the account.
    pub user_ref_num: u32,
    /// Side.
    pub side: Side,
    /// Total quantity, over the whole unsigned range.
    pub quantity: u32,
    /// The venue's short code.
    pub symbol: Symbol,
    /// Limit, or [`MARKET_PRICE`](super::MARKET_PRICE).
    pub price: Price,
    /// TimeInForce.
    pub time_in_force: TimeInForce,
    /// Display.
    pub display: Display,
    /// Capacity.
    pub capacity: Capacity,
    /// InterMarketSweep; `N` in Korea.
    pub inter_market_sweep: bool,
    /// CrossType.
    pub cross_type: CrossType,
    /// ClOrdID, made by the gateway: the member's OrderID(37).
    pub cl_ord_id: OrderId,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> EnterOrder<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'O';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 1 + 4 + 8 + 8 + 1 + 1 + 1 + 1 + 1 + 14 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a side that is none, a flag that is
    /// neither `Y` nor `N`, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(EnterOrder {
            user_ref_num: reader.u32()?,
            side: reader.side()?,
            quantity: reader.u32()?,
            symbol: reader.text()?,
            price: reader.price()?,
            time_in_force: TimeInForce(reader.u8()?),
            display: Display(reader.u8()?),
            capacity: Capacity(reader.u8()?),
            inter_market_sweep: reader.flag()?,
            cross_type: CrossType(reader.u8()?),
            cl_ord_id: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.user_ref_num)?;
        writer.side(self.side)?;
        writer.u32(self.quantity)?;
        writer.text(self.symbol)?;
        writer.price(self.price)?;
        writer.u8(self.time_in_force.0)?;
        writer.u8(self.display.0)?;
        writer.u8(self.capacity.0)?;
        writer.flag(self.inter_market_sweep)?;
        writer.u8(self.cross_type.0)?;
        writer.text(self.cl_ord_id)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(EnterOrder::LENGTH == 47);
