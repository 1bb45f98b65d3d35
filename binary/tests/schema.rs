//! `SCHEMA.md` and the code say the same: types, lengths, widths, tags and codes.
//!
//! Every table under a heading with a length is walked: its offsets must follow from its widths,
//! and its end must be the length in the heading and the constant in the code. That the fields
//! stand in this order is what `golden.rs` shows.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use gwanmun_binary::feed::{HaltRecord, MarketStateRecord};
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_binary::soup::packet;

const SCHEMA: &str = include_str!("../SCHEMA.md");

macro_rules! messages {
    ($($name:ident)*) => { [$( (stringify!($name), $name::TYPE, $name::LENGTH), )*] };
}

/// Name, type byte and length as the code has them, in the order of the document.
fn in_code() -> Vec<(&'static str, u8, usize)> {
    let mut all = vec![
        ("LoginRequest", b'L', packet::LOGIN_REQUEST_BYTES),
        ("LoginAccepted", b'A', packet::LOGIN_ACCEPTED_BYTES),
    ];
    all.extend(messages! {
        EnterOrder ReplaceOrder CancelOrder ModifyOrder MassCancel DisableOrderEntry
        EnableOrderEntry AccountQuery
        SystemEvent Accepted Replaced Canceled AiqCanceled Executed BrokenTrade Rejected
        CancelPending CancelReject PriorityUpdate Modified Restated MassCancelResponse
        DisableResponse EnableResponse AccountQueryResponse
        MarketStateRecord HaltRecord
    });
    all
}

/// The cells of a table's row, or nothing for any other line.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

/// The rows of the table behind a heading, as (offset, width).
fn rows_behind<'s>(heading: &str, text: &'s str) -> Vec<(usize, usize, &'s str)> {
    let (_, behind) = text.split_once(heading).unwrap();
    behind
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter_map(cells)
        .filter_map(|row| Some((row[0].parse().ok()?, row[1].parse().ok()?, row[2])))
        .collect()
}

#[test]
fn every_table_has_the_length_that_the_code_has() {
    let mut in_document = Vec::new();
    for heading in SCHEMA.lines().filter(|line| line.ends_with(" bytes")) {
        let (name, rest) = heading
            .strip_prefix("### ")
            .unwrap()
            .split_once(" (`")
            .unwrap();
        let message_type = rest.as_bytes()[0];
        let length: usize = rest
            .split_whitespace()
            .rev()
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let mut at = 0;
        for (offset, width, kind) in rows_behind(heading, SCHEMA) {
            assert_eq!(offset, at, "{name}: offsets follow from widths");
            let of_type = match kind {
                "u16" => Some(2),
                "u32" => Some(4),
                "u64" | "price" => Some(8),
                "code" | "flag" | "u8" => Some(1),
                _ => None,
            };
            assert!(
                of_type.is_none_or(|of_type| of_type == width),
                "{name}: {kind} at {offset}"
            );
            at += width;
        }
        assert_eq!(at, length, "{name}: the table ends where the heading says");
        in_document.push((name, message_type, length));
    }
    assert_eq!(in_document, in_code());
}

#[test]
fn every_tag_has_the_width_that_the_code_has() {
    let rows = rows_behind("## Appendage\n", SCHEMA);
    // The first two rows are the head of an entry, the third has a width of its own.
    let tags: Vec<(u8, usize)> = rows
        .iter()
        .skip(2)
        .map(|&(tag, width, _)| (u8::try_from(tag).unwrap(), width))
        .collect();
    assert_eq!(tags.len(), 24);
    for (tag, width) in tags {
        let entry = |width: usize| {
            let mut bytes = vec![u8::try_from(width + 1).unwrap(), tag];
            bytes.extend(std::iter::repeat_n(b'B', width));
            bytes
        };
        let right = entry(width);
        let read = Appendage::parse(&right).unwrap();
        assert_eq!(
            read.values().map(|value| value.tag()).collect::<Vec<_>>(),
            [tag]
        );
        for wrong in [width - 1, width + 1] {
            assert_eq!(
                Appendage::parse(&entry(wrong)),
                Err(OuchError::AppendageValue(tag))
            );
        }
    }
}

#[test]
fn every_code_is_listed_with_its_text() {
    let row_of = |name: &str| {
        let (_, codes) = SCHEMA.split_once("## Codes\n").unwrap();
        codes
            .lines()
            .filter_map(cells)
            .find(|row| row[0] == name)
            .unwrap()[1]
            .to_owned()
    };
    macro_rules! check {
        ($($name:ident)*) => { $(
            let listed: Vec<String> = row_of(stringify!($name))
                .split(", `")
                .map(|value| value.trim_start_matches('`').replace(" –", ","))
                .collect();
            let known: Vec<String> = $name::KNOWN
                .iter()
                .map(|code| format!("{}` {}", shown(code.0.into()), code.text().unwrap()))
                .collect();
            assert_eq!(listed, known);
        )* };
    }
    check! {
        TimeInForce Display Capacity CrossType OrderState CancelReason LiquidityFlag
        RestatedReason EventCode RejectReason
    }
}

/// Letters and digits as themselves; RejectReason, which has no letters, as a number.
fn shown(code: u16) -> String {
    match u8::try_from(code) {
        Ok(byte) if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => code.to_string(),
    }
}
