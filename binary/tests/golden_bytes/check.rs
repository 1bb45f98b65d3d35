//! A message held against its golden bytes, read and written, and values that many messages have.

use gwanmun_binary::ouch::{Firm, Inbound, Outbound};
use gwanmun_binary::soup::packet::Packet;
use gwanmun_market::{OrderId, Symbol, Text};

/// 09:30:00.123456789 KST.
pub(crate) const TIMESTAMP: &str = "00001f1ad635bd15";
pub(crate) const TIMESTAMP_NS: u64 = 34_200_123_456_789;

pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    assert_eq!(digits.len() % 2, 0, "whole bytes");
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[track_caller]
pub(crate) fn check_request(message: Inbound<'_>, length: usize, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(golden.len(), length, "length of the golden bytes");
    assert_eq!(Inbound::parse(&golden), Ok(message), "reading");
    check_written(&golden, |room| message.encode(room));
}

#[track_caller]
pub(crate) fn check_report(message: Outbound<'_>, length: usize, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(golden.len(), length, "length of the golden bytes");
    assert_eq!(Outbound::parse(&golden), Ok(message), "reading");
    check_written(&golden, |room| message.encode(room));
}

#[track_caller]
pub(crate) fn check_packet(packet: Packet<'_>, fields: &[&str]) {
    let golden = unhex(&fields.concat());
    assert_eq!(
        Packet::parse(&golden),
        Ok(Some((packet, golden.len()))),
        "reading"
    );
    check_written(&golden, |room| packet.encode(room));
}

/// The golden bytes are written, nothing behind them, and nothing at all without room.
#[track_caller]
fn check_written(golden: &[u8], encode: impl Fn(&mut [u8]) -> Option<usize>) {
    let length = golden.len();
    let mut written = [0xEE; 256];
    assert_eq!(encode(&mut written), Some(length), "length written");
    assert_eq!(&written[..length], golden, "writing");
    assert!(
        written[length..].iter().all(|&byte| byte == 0xEE),
        "nothing behind the message"
    );
    assert_eq!(
        encode(&mut written[..length - 1]),
        None,
        "one byte of room too few"
    );
}

pub(crate) fn symbol() -> Symbol {
    Text::new(b"005930").unwrap()
}

pub(crate) fn firm() -> Firm {
    Text::new(b"KRX").unwrap()
}

pub(crate) fn cl_ord_id() -> OrderId {
    Text::new(b"G000000000000A").unwrap()
}
