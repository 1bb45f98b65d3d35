//! What the venue says about one instrument: board, phase, halt and prices.

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

/// Which of a venue's markets of the day is open: each has rules of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Board {
    /// The regular one (정규시장).
    #[default]
    Regular,
    /// Before it (프리마켓).
    Pre,
    /// After it (애프터마켓).
    After,
    /// At the close's price, before or after hours (시간외종가).
    ClosingPrice,
    /// Derivatives at night (야간거래).
    Night,
}

impl Board {
    /// Every board, in the order of [`Self::index`], with the feed's byte and the word that files
    /// have for it.
    pub const ALL: [(Board, u8, &'static str); 5] = [
        (Board::Regular, b'R', "regular"),
        (Board::Pre, b'P', "pre"),
        (Board::After, b'A', "after"),
        (Board::ClosingPrice, b'C', "closing_price"),
        (Board::Night, b'N', "night"),
    ];

    /// Place in [`Self::ALL`], for tables by board.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The feed's byte.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Board::Regular => b'R',
            Board::Pre => b'P',
            Board::After => b'A',
            Board::ClosingPrice => b'C',
            Board::Night => b'N',
        }
    }

    /// Reads the feed's byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Board> {
        let its = Board::ALL.iter().find(|(_, known, _)| *known == byte);
        its.map(|(board, ..)| *board)
    }
}

/// The venue's latest word on one instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MarketState {
    /// Which market of the day.
    pub board: Board,
    /// Phase of the day.
    pub phase: Phase,
    /// Whether the instrument is halted.
    pub is_halted: bool,
    /// The day's base price (기준가격), when the venue has told one.
    pub base: Option<Price>,
    /// Price of the last trade.
    pub last: Option<Price>,
    /// Its quantity; 0: not told.
    pub last_qty: u32,
    /// When it was, by the venue's clock and count; 0: not told.
    pub last_at_ns: u64,
    /// Best bid.
    pub best_bid: Option<Price>,
    /// What is bid there; 0: not told.
    pub best_bid_qty: u32,
    /// Best offer.
    pub best_ask: Option<Price>,
    /// What is offered there; 0: not told.
    pub best_ask_qty: u32,
    /// Expected price of the running auction (예상체결가).
    pub theoretical: Option<Price>,
    /// What would trade at it; 0: not told.
    pub theoretical_qty: u32,
    /// Stage in force of the daily limit downwards, 1 to 3; 0: not told.
    pub limit_stage_low: u8,
    /// The same upwards.
    pub limit_stage_high: u8,
    /// What foreigners may still buy of it, in shares, when the venue has told.
    pub foreign_room: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_reads_back() {
        for (index, (board, byte, _)) in Board::ALL.into_iter().enumerate() {
            assert_eq!(board.index(), index);
            assert_eq!(board.to_byte(), byte);
            assert_eq!(Board::from_byte(byte), Some(board));
        }
        assert_eq!(Board::from_byte(b'X'), None);
    }
}
