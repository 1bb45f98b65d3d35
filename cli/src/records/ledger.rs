//! What an effect did to the ledger of what may be sold, and what it asked of the borrow desk.

use gwanmun_gateway::effect::{TAG_BORROW, TAG_LEDGER};
use gwanmun_gateway::image::ImageReader;
use gwanmun_market::{HoldingSource, OrderId};

use crate::show;

/// A state entry in words; `None` for one that is about neither.
pub(super) fn text(tag: u8, bytes: &[u8]) -> Option<String> {
    let mut image = ImageReader::new(bytes);
    let told = match tag {
        TAG_LEDGER => ledger(&mut image),
        TAG_BORROW => borrow(&mut image),
        _ => return None,
    };
    Some(told.unwrap_or_else(|| "unreadable entry of the ledger".to_owned()))
}

fn ledger(image: &mut ImageReader<'_>) -> Option<String> {
    let (account, instrument) = (image.u16()?, image.u16()?);
    let mut text = format!("ledger of account {account}, instrument {instrument}:");
    for (word, _) in HoldingSource::WORDS {
        text += &format!(" {word} {}", image.i64()?);
    }
    Some(text)
}

fn borrow(image: &mut ImageReader<'_>) -> Option<String> {
    let (account, instrument) = (image.u16()?, image.u16()?);
    let (missing, times, since_ns) = (image.i64()?, image.u32()?, image.u64()?);
    let said = match image.u8()? {
        1 => ", LocateReqd(114)=Y",
        2 => ", LocateReqd(114)=N",
        _ => "",
    };
    let order_id: OrderId = image.text()?;
    let whose = format!("account {account}, instrument {instrument}");
    if missing == 0 {
        return Some(format!("borrow request of {whose}: closed"));
    }
    Some(format!(
        "borrow request of {whose}: {missing} missing since {}, refused {times} times, last order \
         {order_id}{said}",
        show::utc(since_ns)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_in_words() {
        let mut bytes = vec![1, 0, 2, 0];
        for source in 1..=5_i64 {
            bytes.extend(source.to_le_bytes());
        }
        let told = text(TAG_LEDGER, &bytes).unwrap();
        let expected = "ledger of account 1, instrument 2: settled 1 unsettled 2 rights 3 \
                        recalled 4 borrowed 5";
        assert_eq!(told, expected);
        let unreadable = text(TAG_LEDGER, &bytes[1..]).unwrap();
        assert_eq!(unreadable, "unreadable entry of the ledger");
        let mut bytes = vec![1, 0, 2, 0];
        bytes.extend(50_i64.to_le_bytes());
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend(b"\x01\x03GW7");
        let told = text(TAG_BORROW, &bytes).unwrap();
        assert!(told.contains("50 missing since 1970-01-01"), "{told}");
        assert!(told.ends_with("refused 3 times, last order GW7, LocateReqd(114)=Y"));
        bytes[4] = 0;
        let told = text(TAG_BORROW, &bytes).unwrap();
        assert_eq!(told, "borrow request of account 1, instrument 2: closed");
        assert_eq!(text(3, &bytes), None);
    }
}
