//! Bytes as a message of either direction and as a record of the feed: never a panic, and what is
//! read at all is written again byte for byte, or with the AppendageLength that the older edition
//! leaves out.
#![no_main]

use gwanmun_binary::feed::{HaltRecord, MarketStateRecord};
use gwanmun_binary::ouch::{Inbound, Outbound};
use libfuzzer_sys::fuzz_target;

fn check(bytes: &[u8], write: impl Fn(&mut [u8]) -> Option<usize>) {
    let mut again = vec![0; bytes.len() + 2];
    let length = write(&mut again).expect("room for two bytes more");
    assert_eq!(&again[..bytes.len()], bytes);
    assert!(length == bytes.len() || (length == bytes.len() + 2 && again.ends_with(&[0, 0])));
}

fuzz_target!(|bytes: &[u8]| {
    if let Ok(message) = Inbound::parse(bytes) {
        check(bytes, |into| message.encode(into));
    }
    if let Ok(message) = Outbound::parse(bytes) {
        check(bytes, |into| message.encode(into));
    }
    if let Ok(record) = MarketStateRecord::parse(bytes) {
        check(bytes, |into| record.encode(into));
    }
    if let Ok(record) = HaltRecord::parse(bytes) {
        check(bytes, |into| record.encode(into));
    }
});
