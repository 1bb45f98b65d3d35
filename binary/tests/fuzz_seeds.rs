//! The seeds that the fuzz targets start from are what this file makes: one of each message, and a
//! few streams of packets.
//!
//! `GWANMUN_WRITE_SEEDS=1 cargo test -p gwanmun-binary --test fuzz_seeds` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod samples;

use std::path::Path;

use gwanmun_binary::feed::{HaltRecord, MarketStateRecord};
use gwanmun_market::{
    AreaName, Halt, HaltKind, HaltScope, HaltSides, MarketState, Phase, Price, Text,
};
use samples::Random;
use samples::messages::{self, REPORTS, REQUESTS};

fn check(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let file = folder.join(name);
    if std::env::var_os("GWANMUN_WRITE_SEEDS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&file, bytes).unwrap();
    }
    let kept = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(kept, bytes, "{} is another one now", file.display());
}

#[test]
fn messages() {
    let mut random = Random::fixed(0x5EED);
    let (mut options, mut bytes) = ([0; 40], [0; 256]);
    for which in 0..REQUESTS {
        let message = messages::request(which, &mut random, &mut options);
        let length = message.encode(&mut bytes).unwrap();
        check("ouch_message", message.name(), &bytes[..length]);
    }
    for which in 0..REPORTS {
        let message = messages::report(which, &mut random, &mut options);
        let length = message.encode(&mut bytes).unwrap();
        check("ouch_message", message.name(), &bytes[..length]);
    }
    let state = MarketState {
        phase: Phase::Continuous,
        base: Some(Price::from_whole(71_500)),
        ..MarketState::default()
    };
    let record = MarketStateRecord {
        timestamp_ns: 1,
        symbol: Text::new(b"005930").unwrap(),
        state,
    };
    let length = record.encode(&mut bytes).unwrap();
    check("ouch_message", "MarketStateRecord", &bytes[..length]);
    let halt = Halt {
        kind: HaltKind::CircuitBreaker,
        scope: HaltScope::Market(AreaName::EMPTY),
        level: 1,
        sides: HaltSides::Both,
        is_everywhere: true,
    };
    let record = HaltRecord {
        timestamp_ns: 1,
        halt,
    };
    let length = record.encode(&mut bytes).unwrap();
    check("ouch_message", "HaltRecord", &bytes[..length]);
}

#[test]
fn streams() {
    let mut random = Random::fixed(0x5EED);
    for number in 0..8 {
        // The first byte is where the target cuts.
        let mut stream = vec![random.u8()];
        for _ in 0..=random.below(4) {
            let payload = random.bytes(12);
            let mut packet = [0; 64];
            let length = random.packet(&payload).encode(&mut packet).unwrap();
            stream.extend_from_slice(&packet[..length]);
        }
        check("soup_packet", &format!("stream-{number}"), &stream);
    }
}
