//! ReplaceOrder (`U`, client to venue): a change of price or quantity.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Requests. Not in it: what the venue does with it. What the venue answers: [`super::replaced`].

use gwanmun_market::{OrderId, Price};

use super::OuchError;
use super::appendage::Appendage;
use super::codes::{Display, TimeInForce};
use crate::wire::{Reader, Writer};

/// Asks that an order be replaced by another one.
///
/// Ignored silently when the old order is no longer live: then no answer comes. Otherwise answered
/// by [`Replaced`](super::Replaced), [`Canceled`](super::Canceled) of the old order, or
/// [`Rejected`](super::Rejected).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplaceOrder<'a> {
    /// Number of the order to be replaced; dead from the replacement on.
    pub orig_user_ref_num: u32,
    /// Number of the order that takes its place.
    pub user_ref_num: u32,
    /// New total, what is executed of the old order included.
    pub quantity: u32,
    /// New limit, or [`MARKET_PRICE`](super::MARKET_PRICE).
    pub price: Price,
    /// TimeInForce.
    pub time_in_force: TimeInForce,
    /// Display.
    pub display: Display,
    /// InterMarketSweep; `N` in Korea.
    pub inter_market_sweep: bool,
    /// ClOrdID of the order that takes its place.
    pub cl_ord_id: OrderId,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> ReplaceOrder<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'U';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 4 + 4 + 4 + 8 + 1 + 1 + 1 + 14 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a flag that is neither `Y` nor `N`,
    /// a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(ReplaceOrder {
            orig_user_ref_num: reader.u32()?,
            user_ref_num: reader.u32()?,
            quantity: reader.u32()?,
            price: reader.price()?,
            time_in_force: TimeInForce(reader.u8()?),
            display: Display(reader.u8()?),
            inter_market_sweep: reader.flag()?,
            cl_ord_id: reader.text()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u32(self.orig_user_ref_num)?;
        writer.u32(self.user_ref_num)?;
        writer.u32(self.quantity)?;
        writer.price(self.price)?;
        writer.u8(self.time_in_force.0)?;
        writer.u8(self.display.0)?;
        writer.flag(self.inter_market_sweep)?;
        writer.text(self.cl_ord_id)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(ReplaceOrder::LENGTH == 40);
