//! Where `slouch` is narrower than the tables, shown, so that it is noticed when the crate changes.

use gwanmun_binary::ouch::appendage::{AppendageWriter, Entry, TagValue};
use gwanmun_binary::ouch::codes::*;
use gwanmun_binary::ouch::*;
use gwanmun_market::Price;
use slouch::msg as theirs;
use slouch::msg::OuchResponse;
use slouch::types as their;

#[test]
fn codes_that_only_the_table_knows() {
    let unknown: Vec<CancelReason> = CancelReason::KNOWN
        .iter()
        .copied()
        .filter(|code| their::CancelReason::parse(&[code.0]).is_err())
        .collect();
    assert_eq!(unknown, [CancelReason::CROSS]);
    for code in RejectReason::KNOWN {
        assert!(
            their::RejectReason::parse(&code.0.to_be_bytes()).is_ok(),
            "{code:?}"
        );
    }
    for code in LiquidityFlag::KNOWN {
        assert!(their::Liquidity::parse(&[code.0]).is_ok(), "{code:?}");
    }
}

/// Point 2 of the head of `main.rs`, shown, so that it is noticed when the crate changes.
#[test]
fn appendages_where_slouch_is_narrower() {
    let restated = |appendage| {
        let report = Outbound::Restated(Restated {
            timestamp_ns: 1,
            user_ref_num: 2,
            reason: RestatedReason::REFRESH,
            appendage,
        });
        let mut written = [0; 64];
        let length = report.encode(&mut written).unwrap();
        assert_eq!(
            Outbound::parse(&written[..length]),
            Ok(report),
            "ours reads all of it"
        );
        match OuchResponse::parse(&written[..length]) {
            Ok((_, OuchResponse::OrderRestated(message))) => Some(message.options().clone()),
            _ => None,
        }
    };
    let (mut one, mut two, mut unknown) = ([0; 32], [0; 32], [0; 32]);
    let mut writer = AppendageWriter::new(&mut one);
    writer.put(TagValue::DisplayQuantity(50)).unwrap();
    let quantity = theirs::TagValue::DisplayQuantity(50);
    assert_eq!(
        restated(writer.finish()),
        Some(vec![quantity]),
        "one option: agreed"
    );
    let mut writer = AppendageWriter::new(&mut two);
    writer.put(TagValue::DisplayQuantity(50)).unwrap();
    writer.put(TagValue::DisplayPrice(Price(1))).unwrap();
    assert_eq!(
        restated(writer.finish()),
        Some(vec![quantity]),
        "of two it reads the first"
    );
    let mut writer = AppendageWriter::new(&mut unknown);
    writer
        .put_entry(Entry {
            tag: 64,
            value: b"x",
        })
        .unwrap();
    assert_eq!(
        restated(writer.finish()),
        None,
        "an unknown tag is too much for it"
    );
}
