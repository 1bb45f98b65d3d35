//! Golden bytes of every option that a message may carry behind its fields.

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, TagValue};
use gwanmun_market::{Price, Side, Text};

use crate::check::{firm, unhex};

/// Every known tag, in order, each as (Length, Tag, value).
#[test]
fn appendage_with_every_tag() {
    let cases: [(TagValue, &str); 24] = [
        (
            TagValue::SecondaryOrdRefNum(1_234_567_890_123_456_789),
            "0901112210f47de98115",
        ),
        (TagValue::Firm(firm()), "05024b525820"),
        (TagValue::MinQty(100), "050300000064"),
        (TagValue::CustomerType(b'R'), "020452"),
        (TagValue::MaxFloor(93), "05050000005d"),
        (TagValue::PriceType(b'L'), "02064c"),
        (TagValue::PegOffset(-2), "0507fffffffe"),
        (
            TagValue::DiscretionPrice(Price(-376_300)),
            "0909fffffffffffa4214",
        ),
        (TagValue::DiscretionPriceType(b'P'), "020a50"),
        (TagValue::DiscretionPegOffset(i32::MIN), "050b80000000"),
        (TagValue::PostOnly(b'P'), "020c50"),
        (TagValue::RandomReserves(10), "050d0000000a"),
        (TagValue::Route(Text::new(b"NXT").unwrap()), "050e4e585420"),
        (TagValue::ExpireTime(3_600), "050f00000e10"),
        (TagValue::TradeNow(b'Y'), "021059"),
        (TagValue::HandleInst(b'I'), "021149"),
        (TagValue::BboWeightIndicator(b'3'), "021233"),
        (TagValue::DisplayQuantity(50), "051600000032"),
        (
            TagValue::DisplayPrice(Price(715_000_000)),
            "0917000000002a9e08c0",
        ),
        (TagValue::GroupId(0x0102), "03180102"),
        (TagValue::SharesLocated(b'Y'), "021959"),
        (
            TagValue::LocateBroker(Text::new(b"ABCD").unwrap()),
            "051a41424344",
        ),
        (TagValue::Side(Side::SellShort), "021b54"),
        (TagValue::UserRefIdx(7), "021c07"),
    ];
    let mut room = [0; 256];
    let mut writer = AppendageWriter::new(&mut room);
    for (value, _) in cases {
        writer.put(value).unwrap();
    }
    let appendage = writer.finish();
    let golden = unhex(&cases.map(|(_, hex)| hex).concat());
    assert_eq!(appendage.as_bytes(), golden);
    assert_eq!(Appendage::parse(&golden), Ok(appendage));
    let values: Vec<TagValue> = appendage.values().collect();
    assert_eq!(values, cases.map(|(value, _)| value));
}
