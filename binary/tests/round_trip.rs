//! Every message, filled from a seed: read back as written, and never read when it is cut short.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod samples;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::{Inbound, OuchError, Outbound};
use gwanmun_market::{Board, MarketState, Phase};
use samples::Random;
use samples::messages::{self, REPORTS, REQUESTS};

/// Messages of each kind.
const ROUNDS: u64 = 2_000;

/// Length without options of the messages whose older edition ends before AppendageLength.
fn older_request_length(message_type: u8) -> Option<usize> {
    match message_type {
        b'X' => Some(9),
        b'M' => Some(10),
        b'Q' => Some(1),
        _ => None,
    }
}

fn older_report_length(message_type: u8) -> Option<usize> {
    match message_type {
        b'C' => Some(18),
        b'D' => Some(32),
        b'B' => Some(36),
        b'J' => Some(29),
        b'P' | b'I' | b'Q' => Some(13),
        b'T' => Some(30),
        b'M' => Some(18),
        _ => None,
    }
}

#[test]
fn requests_read_back_as_written() {
    let mut random = Random::new(0xA11CE);
    for which in 0..REQUESTS {
        for round in 0..ROUNDS {
            let (mut options, mut written) = ([0; 64], [0; 256]);
            let message = messages::request(which, &mut random, &mut options);
            let length = message.encode(&mut written).unwrap();
            assert_eq!(
                Inbound::parse(&written[..length]),
                Ok(message),
                "round {round}"
            );
            assert_eq!(
                Inbound::parse(&written[..=length]),
                Err(OuchError::TrailingBytes),
                "a byte too many, {message:?}"
            );
        }
    }
}

#[test]
fn reports_read_back_as_written() {
    let mut random = Random::new(0xB0B);
    for which in 0..REPORTS {
        for round in 0..ROUNDS {
            let (mut options, mut written) = ([0; 64], [0; 256]);
            let message = messages::report(which, &mut random, &mut options);
            let length = message.encode(&mut written).unwrap();
            assert_eq!(
                Outbound::parse(&written[..length]),
                Ok(message),
                "round {round}"
            );
            assert_eq!(
                Outbound::parse(&written[..=length]),
                Err(OuchError::TrailingBytes),
                "a byte too many, {message:?}"
            );
        }
    }
}

#[test]
fn cut_requests_are_errors() {
    let mut random = Random::new(0xC0FFEE);
    for round in 0..ROUNDS {
        let (mut options, mut written) = ([0; 64], [0; 256]);
        let message = messages::request(round % REQUESTS, &mut random, &mut options);
        let length = message.encode(&mut written).unwrap();
        for cut in 0..length {
            let read = Inbound::parse(&written[..cut]);
            if Some(cut) == older_request_length(written[0]) {
                let mut again = [0; 256];
                let length = read.unwrap().encode(&mut again).unwrap();
                assert_eq!(
                    again[..cut],
                    written[..cut],
                    "the older edition, {message:?}"
                );
                assert_eq!(
                    again[cut..length],
                    [0, 0],
                    "the older edition has no options"
                );
            } else {
                assert_eq!(read, Err(OuchError::Truncated), "cut to {cut}, {message:?}");
            }
        }
    }
}

#[test]
fn cut_reports_are_errors() {
    let mut random = Random::new(0xDECAF);
    for round in 0..ROUNDS {
        let (mut options, mut written) = ([0; 64], [0; 256]);
        let message = messages::report(round % REPORTS, &mut random, &mut options);
        let length = message.encode(&mut written).unwrap();
        for cut in 0..length {
            let read = Outbound::parse(&written[..cut]);
            if Some(cut) == older_report_length(written[0]) {
                let mut again = [0; 256];
                let length = read.unwrap().encode(&mut again).unwrap();
                assert_eq!(
                    again[..cut],
                    written[..cut],
                    "the older edition, {message:?}"
                );
                assert_eq!(
                    again[cut..length],
                    [0, 0],
                    "the older edition has no options"
                );
            } else {
                assert_eq!(read, Err(OuchError::Truncated), "cut to {cut}, {message:?}");
            }
        }
    }
}

/// What is read at all is written again byte for byte, or with the AppendageLength that an older
/// edition leaves out.
#[test]
fn damaged_messages_are_refused_or_written_back() {
    let mut random = Random::new(0xBAD);
    let mut read_at_all = 0;
    for round in 0..ROUNDS * 10 {
        let (mut options, mut bytes) = ([0; 64], [0; 256]);
        let mut length = if round % 2 == 0 {
            let which = random.below(REQUESTS);
            messages::request(which, &mut random, &mut options)
                .encode(&mut bytes)
                .unwrap()
        } else {
            let which = random.below(REPORTS);
            messages::report(which, &mut random, &mut options)
                .encode(&mut bytes)
                .unwrap()
        };
        for _ in 0..=random.below(3) {
            bytes[random.index(length)] = random.u8();
        }
        length -= random.index(2);
        let mut again = [0; 256];
        if let Ok(message) = Outbound::parse(&bytes[..length]) {
            read_at_all += 1;
            let written = message.encode(&mut again).unwrap();
            assert_eq!(again[..length], bytes[..length], "{message:?}");
            assert!(
                again[length..written].iter().all(|&byte| byte == 0),
                "{message:?}"
            );
        }
        if let Ok(message) = Inbound::parse(&bytes[..length]) {
            read_at_all += 1;
            let written = message.encode(&mut again).unwrap();
            assert_eq!(again[..length], bytes[..length], "{message:?}");
            assert!(
                again[length..written].iter().all(|&byte| byte == 0),
                "{message:?}"
            );
        }
    }
    assert!(
        read_at_all > ROUNDS,
        "some damage goes unnoticed, or nothing was tested"
    );
}

#[test]
fn random_appendages_are_refused_or_kept() {
    let mut random = Random::new(0xF00D);
    for _ in 0..ROUNDS * 10 {
        let bytes = random.bytes(40);
        if let Ok(appendage) = Appendage::parse(&bytes) {
            assert_eq!(appendage.as_bytes(), bytes);
            let walked: usize = appendage.entries().map(|entry| entry.value.len() + 2).sum();
            assert_eq!(walked, bytes.len(), "entries cover the appendage");
        }
    }
}

#[test]
fn market_state_reads_back_and_is_refused_when_cut() {
    let mut random = Random::new(0xFEED);
    for round in 0..ROUNDS {
        let phases = [
            Phase::Closed,
            Phase::OpeningAuction,
            Phase::Continuous,
            Phase::ClosingAuction,
        ];
        let mut price = || {
            let price = random.price();
            (price != gwanmun_binary::feed::ABSENT_PRICE).then_some(price)
        };
        let prices = [price(), price(), price(), price(), price()];
        let mut quantity = || u32::try_from(random.edgy_u64() >> 32).unwrap();
        let quantities = [quantity(), quantity(), quantity(), quantity()];
        let record = MarketStateRecord {
            timestamp_ns: random.edgy_u64(),
            symbol: random.text(),
            state: MarketState {
                phase: phases[random.index(4)],
                is_halted: random.flag(),
                base: prices[0],
                last: prices[1],
                best_bid: prices[2],
                best_ask: prices[3],
                theoretical: prices[4],
                board: Board::ALL[random.index(5)].0,
                last_qty: quantities[0],
                last_at_ns: random.edgy_u64(),
                limit_stage_low: u8::try_from(random.index(4)).unwrap(),
                limit_stage_high: u8::try_from(random.index(4)).unwrap(),
                theoretical_qty: quantities[1],
                best_bid_qty: quantities[2],
                best_ask_qty: quantities[3],
                foreign_room: Some(random.edgy_u64()).filter(|&room| room != u64::MAX),
            },
        };
        let mut written = [0; MarketStateRecord::LENGTH + 1];
        assert_eq!(record.encode(&mut written), Some(MarketStateRecord::LENGTH));
        let (whole, longer) = (&written[..MarketStateRecord::LENGTH], &written[..]);
        assert_eq!(MarketStateRecord::parse(whole), Ok(record), "round {round}");
        assert_eq!(
            MarketStateRecord::parse(longer),
            Err(OuchError::TrailingBytes)
        );
        for cut in 0..whole.len() {
            assert_eq!(
                MarketStateRecord::parse(&whole[..cut]),
                Err(OuchError::Truncated)
            );
        }
    }
}
