//! AiqCanceled (`D`, venue to client): quantity left an order to prevent a self-match.
//!
//! In it: the message, its length, reading and writing. Its table is in `SCHEMA.md`, section
//! Reports. Not in it: what the gateway makes of it. Its ordinary sister: [`super::canceled`].

use gwanmun_market::Price;

use super::OuchError;
use super::appendage::Appendage;
use super::codes::{AiqStrategy, CancelReason, LiquidityFlag};
use crate::wire::{APPENDAGE_LENGTH_BYTES, Reader, Writer};

/// Quantity was taken off an order because it would have traded with the same firm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AiqCanceled<'a> {
    /// When the venue made the message: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// Number of the order.
    pub user_ref_num: u32,
    /// Quantity just taken off.
    pub decrement_shares: u32,
    /// Why; self-match as a rule.
    pub reason: CancelReason,
    /// Quantity that would have traded with the same firm.
    pub quantity_prevented: u32,
    /// Price at which it would have traded.
    pub execution_price: Price,
    /// Which side of the trade it would have been.
    pub liquidity_flag: LiquidityFlag,
    /// Which order the venue took off, and how.
    pub aiq_strategy: AiqStrategy,
    /// Optional fields.
    pub appendage: Appendage<'a>,
}

impl<'a> AiqCanceled<'a> {
    /// First byte of the message.
    pub const TYPE: u8 = b'D';
    /// Length in bytes without options.
    pub const LENGTH: usize = 1 + 8 + 4 + 4 + 1 + 4 + 8 + 1 + 1 + 2;

    /// Reads the message from exactly its bytes.
    ///
    /// The older edition ends before AppendageLength; it is read as a message without options.
    ///
    /// # Errors
    /// [`OuchError`]: another type, too few or too many bytes, a damaged appendage.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH - APPENDAGE_LENGTH_BYTES)?;
        Ok(AiqCanceled {
            timestamp_ns: reader.u64()?,
            user_ref_num: reader.u32()?,
            decrement_shares: reader.u32()?,
            reason: CancelReason(reader.u8()?),
            quantity_prevented: reader.u32()?,
            execution_price: reader.price()?,
            liquidity_flag: LiquidityFlag(reader.u8()?),
            aiq_strategy: AiqStrategy(reader.u8()?),
            appendage: reader.appendage_or_end()?,
        })
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.u32(self.user_ref_num)?;
        writer.u32(self.decrement_shares)?;
        writer.u8(self.reason.0)?;
        writer.u32(self.quantity_prevented)?;
        writer.price(self.execution_price)?;
        writer.u8(self.liquidity_flag.0)?;
        writer.u8(self.aiq_strategy.0)?;
        writer.appendage(self.appendage)
    }
}

const _: () = assert!(AiqCanceled::LENGTH == 34);
