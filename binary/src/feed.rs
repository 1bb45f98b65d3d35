//! The market-state feed: what the venue says about one instrument, as a fixed record.
//!
//! In it: [`MarketStateRecord`], one record per SequencedData packet of a SoupBinTCP line of its
//! own, tabled in `SCHEMA.md`. Not in it: the line itself (see [`crate::soup`]) and the age of a
//! record, which the receiver takes from its own receive stamp and never from `timestamp_ns`.

use gwanmun_market::{MarketState, Phase, Price, Symbol};

use crate::ouch::OuchError;
use crate::wire::{Reader, Writer};

/// How the feed writes a price that the venue has not told: the largest value there is.
///
/// OUCH uses the same value for "no limit", so that neither can be mistaken for a real price.
pub const ABSENT_PRICE: Price = Price(i64::MAX);

/// The venue's latest word on one instrument (`M`); each record replaces the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarketStateRecord {
    /// When the venue wrote it: nanoseconds since 00:00 KST of the session's first day.
    pub timestamp_ns: u64,
    /// The venue's short code.
    pub symbol: Symbol,
    /// Phase, halt and prices. A price equal to [`ABSENT_PRICE`] is written and read as absent.
    pub state: MarketState,
}

impl MarketStateRecord {
    /// First byte of the record.
    pub const TYPE: u8 = b'M';
    /// Length in bytes, always.
    pub const LENGTH: usize = 1 + 8 + 8 + 1 + 1 + 5 * 8;

    /// Reads a record.
    ///
    /// # Errors
    /// [`OuchError`]: another type, other than [`Self::LENGTH`] bytes, an unknown phase
    /// ([`OuchError::Phase`]) or a halt that is neither `Y` nor `N`.
    pub fn parse(bytes: &[u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        let record = MarketStateRecord {
            timestamp_ns: reader.u64()?,
            symbol: reader.text()?,
            state: MarketState {
                phase: phase(reader.u8()?)?,
                is_halted: reader.flag()?,
                base: present(reader.price()?),
                last: present(reader.price()?),
                best_bid: present(reader.price()?),
                best_ask: present(reader.price()?),
                theoretical: present(reader.price()?),
            },
        };
        reader.end()?;
        Ok(record)
    }

    /// Writes the record; `None` when `into` has no room for [`Self::LENGTH`] bytes.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        let mut writer = Writer::start(into, Self::TYPE, Self::LENGTH)?;
        writer.u64(self.timestamp_ns)?;
        writer.text(self.symbol)?;
        writer.u8(self.state.phase.to_byte())?;
        writer.flag(self.state.is_halted)?;
        writer.price(self.state.base.unwrap_or(ABSENT_PRICE))?;
        writer.price(self.state.last.unwrap_or(ABSENT_PRICE))?;
        writer.price(self.state.best_bid.unwrap_or(ABSENT_PRICE))?;
        writer.price(self.state.best_ask.unwrap_or(ABSENT_PRICE))?;
        writer.price(self.state.theoretical.unwrap_or(ABSENT_PRICE))?;
        Some(writer.end())
    }
}

const _: () = assert!(MarketStateRecord::LENGTH == 59);

fn phase(byte: u8) -> Result<Phase, OuchError> {
    Phase::from_byte(byte).ok_or(OuchError::Phase(byte))
}

fn present(price: Price) -> Option<Price> {
    (price != ABSENT_PRICE).then_some(price)
}
