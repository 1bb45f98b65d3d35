//! Golden bytes of the market-state record.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_market::{MarketState, Phase, Price};

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
        ]
        .concat(),
    );
    assert_eq!(MarketStateRecord::parse(&golden), Ok(record));
    let mut written = [0; MarketStateRecord::LENGTH];
    assert_eq!(record.encode(&mut written), Some(59));
    assert_eq!(written, golden.as_slice());
    assert_eq!(record.encode(&mut written[..58]), None);
}
