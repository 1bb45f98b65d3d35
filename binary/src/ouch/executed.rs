//! Executed (`E`, venue to client): an execution.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. What can undo it: [`super::broken_trade`].

use gwanmun_market::Price;

use super::OuchError;
use super::appendage::Appendage;
use super::codes::LiquidityFlag;
use crate::wire::{Reader, Writer};

/// OrderExecuted: some or all of the order traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Quantity of this execution.
    pub quantity: u32,
    /// Price of this execution.
    pub price: Price,
    /// Whether the order stood or came.
    pub liquidity_flag: LiquidityFlag,
    /// The venue's number of the trade, the same on both sides of it.
    pub match_number: u64,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> Executed<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'E';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 4 + 8 + 1 + 8 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        Ok(Executed {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            quantity: reader.u32()?,
            price: reader.price()?,
            liquidity_flag: LiquidityFlag(reader.u8()?),
            match_number: reader.u64()?,
            appendage: reader.appendage()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.u32(self.quantity)?;
        writer.price(self.price)?;
        writer.u8(self.liquidity_flag.0)?;
        writer.u64(self.match_number)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(Executed::LENGTH == 36);
