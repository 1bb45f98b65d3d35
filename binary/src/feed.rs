//! The market-state feed: what the venue says about instruments and halts, as fixed records.
//!
//! In it: [`MarketStateRecord`], [`HaltRecord`] and [`FeedRecord`], either of them: one record per
//! SequencedData packet of a SoupBinTCP line of its own, tabled in `SCHEMA.md`. Not in it: the
//! line itself (see [`crate::soup`]) and the age of a
//! record, which the receiver takes from its own receive stamp and never from `timestamp_ns`.

mod halt;

pub use halt::HaltRecord;

use gwanmun_market::{Board, MarketState, Phase, Price, Symbol};

use crate::ouch::OuchError;
use crate::wire::{Reader, Writer};

/// How the feed writes a price that the venue has not told: the largest value there is.
///
/// OUCH uses the same value for "no limit", so that neither can be mistaken for a real price.
pub const ABSENT_PRICE: Price = Price(i64::MAX);

/// How the feed writes a number that the venue has not told.
pub const ABSENT_NUMBER: u64 = u64::MAX;

/// Any record of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedRecord {
    /// About one instrument.
    MarketState(MarketStateRecord),
    /// About a halt.
    Halt(HaltRecord),
}

impl FeedRecord {
    /// Reads either record by its first byte.
    ///
    /// # Errors
    /// [`OuchError`], as the record's own `parse`.
    pub fn parse(bytes: &[u8]) -> Result<FeedRecord, OuchError> {
        match bytes.first() {
            Some(&HaltRecord::TYPE) => HaltRecord::parse(bytes).map(FeedRecord::Halt),
            _ => MarketStateRecord::parse(bytes).map(FeedRecord::MarketState),
        }
    }
}

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
    pub const LENGTH: usize = 1 + 8 + 8 + 1 + 1 + 5 * 8 + 1 + 4 + 8 + 2 + 8 + 3 * 4;

    /// Reads a record.
    ///
    /// # Errors
    /// [`OuchError`]: another type, other than [`Self::LENGTH`] bytes, an unknown phase or board
    /// ([`OuchError::Phase`], [`OuchError::Feed`]), a stage above 3, or a halt that is neither `Y`
    /// nor `N`.
    pub fn parse(bytes: &[u8]) -> Result<Self, OuchError> {
        let mut reader = Reader::start(bytes, Self::TYPE, Self::LENGTH)?;
        let (timestamp_ns, symbol) = (reader.u64()?, reader.text()?);
        let (phase, is_halted) = (phase(reader.u8()?)?, reader.flag()?);
        let mut price = || reader.price().map(present);
        let (base, last) = (price()?, price()?);
        let (best_bid, best_ask, theoretical) = (price()?, price()?, price()?);
        let board = reader.u8()?;
        let record = MarketStateRecord {
            timestamp_ns,
            symbol,
            state: MarketState {
                board: Board::from_byte(board).ok_or(OuchError::Feed(board))?,
                phase,
                is_halted,
                base,
                last,
                last_qty: reader.u32()?,
                last_at_ns: reader.u64()?,
                best_bid,
                best_ask,
                theoretical,
                limit_stage_low: stage(reader.u8()?)?,
                limit_stage_high: stage(reader.u8()?)?,
                foreign_room: Some(reader.u64()?).filter(|&room| room != ABSENT_NUMBER),
                theoretical_qty: reader.u32()?,
                best_bid_qty: reader.u32()?,
                best_ask_qty: reader.u32()?,
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
        writer.u8(self.state.board.to_byte())?;
        writer.u32(self.state.last_qty)?;
        writer.u64(self.state.last_at_ns)?;
        writer.u8(self.state.limit_stage_low)?;
        writer.u8(self.state.limit_stage_high)?;
        writer.u64(self.state.foreign_room.unwrap_or(ABSENT_NUMBER))?;
        writer.u32(self.state.theoretical_qty)?;
        writer.u32(self.state.best_bid_qty)?;
        writer.u32(self.state.best_ask_qty)?;
        Some(writer.end())
    }
}

const _: () = assert!(MarketStateRecord::LENGTH == 94);

fn phase(byte: u8) -> Result<Phase, OuchError> {
    Phase::from_byte(byte).ok_or(OuchError::Phase(byte))
}

fn stage(byte: u8) -> Result<u8, OuchError> {
    Some(byte)
        .filter(|&stage| stage <= 3)
        .ok_or(OuchError::Feed(byte))
}

fn present(price: Price) -> Option<Price> {
    (price != ABSENT_PRICE).then_some(price)
}
