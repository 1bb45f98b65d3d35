//! Golden bytes of the feed's records.

use gwanmun_binary::feed::{FeedRecord, HaltRecord, MarketStateRecord};
use gwanmun_binary::ouch::OuchError;
use gwanmun_market::{
    Board, Halt, HaltKind, HaltScope, HaltSides, MarketState, Phase, Price, Text,
};

use crate::check::{TIMESTAMP, TIMESTAMP_NS, symbol, unhex};

#[test]
fn market_state_record() {
    let record = MarketStateRecord {
        timestamp_ns: TIMESTAMP_NS,
        symbol: symbol(),
        state: MarketState {
            phase: Phase::ClosingAuction,
            is_halted: true,
            base: Some(Price(715_000_000)),
            last: None,
            best_bid: Some(Price(714_500_000)),
            best_ask: Some(Price(-376_300)),
            theoretical: Some(Price(0)),
            board: Board::Night,
            last_qty: 7,
            last_at_ns: 0x0102,
            limit_stage_low: 1,
            limit_stage_high: 3,
            foreign_room: Some(0x0A0B),
            theoretical_qty: 0x0C,
            best_bid_qty: 0x0D,
            best_ask_qty: u32::MAX,
        },
    };
    let golden = unhex(
        &[
            "4d",               // M
            TIMESTAMP,          // Timestamp
            "3030353933302020", // Symbol
            "4c",               // Phase L
            "59",               // Halted Y
            "000000002a9e08c0", // Base
            "7fffffffffffffff", // Last, absent
            "000000002a9667a0", // BestBid
            "fffffffffffa4214", // BestAsk
            "0000000000000000", // Theoretical
            "4e",               // Board N
            "00000007",         // LastQuantity
            "0000000000000102", // LastTime
            "01",               // LimitStageLow
            "03",               // LimitStageHigh
            "0000000000000a0b", // ForeignRoom
            "0000000c",         // TheoreticalQuantity
            "0000000d",         // BestBidQuantity
            "ffffffff",         // BestAskQuantity
        ]
        .concat(),
    );
    assert_eq!(MarketStateRecord::parse(&golden), Ok(record));
    let mut written = [0; MarketStateRecord::LENGTH];
    assert_eq!(record.encode(&mut written), Some(94));
    assert_eq!(written, golden.as_slice());
    assert_eq!(record.encode(&mut written[..93]), None);
}

#[test]
fn halt_record() {
    let record = HaltRecord {
        timestamp_ns: TIMESTAMP_NS,
        halt: Halt {
            kind: HaltKind::CircuitBreaker,
            scope: HaltScope::Market(Text::new(b"KOSPI").unwrap()),
            level: 2,
            sides: HaltSides::Both,
            is_everywhere: true,
        },
    };
    let golden = unhex(
        &[
            "48",               // H
            TIMESTAMP,          // Timestamp
            "4d",               // Scope M
            "4b4f535049202020", // Name
            "43",               // Kind C
            "02",               // Level
            "41",               // Sides A
            "59",               // Everywhere Y
        ]
        .concat(),
    );
    assert_eq!(FeedRecord::parse(&golden), Ok(FeedRecord::Halt(record)));
    let mut written = [0; HaltRecord::LENGTH];
    assert_eq!(record.encode(&mut written), Some(22));
    assert_eq!(written, golden.as_slice());
    assert_eq!(record.encode(&mut written[..21]), None);
    for (at, byte, expected) in [
        (9, b'X', OuchError::Feed(b'X')),
        (18, b'Q', OuchError::Feed(b'Q')),
        (19, 4, OuchError::Feed(b'C')),
        (20, b'N', OuchError::Feed(b'N')),
        (21, b'A', OuchError::Flag(b'A')),
    ] {
        let mut wrong = golden.clone();
        wrong[at] = byte;
        assert_eq!(HaltRecord::parse(&wrong), Err(expected), "byte {at}");
    }
    for cut in 1..golden.len() {
        assert_eq!(FeedRecord::parse(&golden[..cut]), Err(OuchError::Truncated));
    }
    let longer = [golden.as_slice(), b" "].concat();
    assert_eq!(FeedRecord::parse(&longer), Err(OuchError::TrailingBytes));
}
