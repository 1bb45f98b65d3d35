//! What the venue says about one instrument: phase, halt and prices.

use crate::Price;

/// In which part of its day the venue has the instrument. It comes from the venue alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No orders are taken.
    #[default]
    Closed,
    /// Call auction before the open (시가 단일가).
    OpeningAuction,
    /// Continuous trading (접속매매).
    Continuous,
    /// Call auction at the close (종가 단일가).
    ClosingAuction,
}

impl Phase {
    /// The phase as the market-state feed writes it: `X`, `O`, `C` or `L`.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Phase::Closed => b'X',
            Phase::OpeningAuction => b'O',
            Phase::Continuous => b'C',
            Phase::ClosingAuction => b'L',
        }
    }

    /// Reads the feed's byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Phase> {
        match byte {
            b'X' => Some(Phase::Closed),
            b'O' => Some(Phase::OpeningAuction),
            b'C' => Some(Phase::Continuous),
            b'L' => Some(Phase::ClosingAuction),
            _ => None,
        }
    }

    /// Whether orders are gathered for one price.
    #[must_use]
    pub const fn is_auction(self) -> bool {
        matches!(self, Phase::OpeningAuction | Phase::ClosingAuction)
    }
}

/// The venue's latest word on one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketState {
    /// Phase of the day.
    pub phase: Phase,
    /// Whether the instrument is halted.
    pub is_halted: bool,
    /// The day's base price (기준가격), when the venue has told one.
    pub base: Option<Price>,
    /// Last trade.
    pub last: Option<Price>,
    /// Best bid.
    pub best_bid: Option<Price>,
    /// Best offer.
    pub best_ask: Option<Price>,
    /// Expected price of the running auction (예상체결가).
    pub theoretical: Option<Price>,
}
