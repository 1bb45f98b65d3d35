//! Bytes as a message with groups in groups: entries lie within the message, one behind the other,
//! and there are as many as NumInGroup says or an error.
#![no_main]

use gwanmun_fix::groups::{Entry, Group, Groups};
use gwanmun_fix::messages::market_data_incremental_refresh::MarketDataIncrementalRefresh;
use gwanmun_fix::messages::market_data_snapshot_full_refresh::MarketDataSnapshotFullRefresh;
use gwanmun_fix::{FieldError, Index, Message};
use libfuzzer_sys::fuzz_target;

static SUB_IDS: Group = Group::new(802, &[523, 803], &[]);
static PARTIES: Group = Group::new(453, &[448, 447, 452], std::slice::from_ref(&SUB_IDS));
static SIDES: Group = Group::new(552, &[54, 11, 1, 5001], std::slice::from_ref(&PARTIES));

fuzz_target!(|bytes: &[u8]| {
    let mut index = Index::new();
    let (message, _) = Message::read(bytes, &mut index);
    for group in [&SUB_IDS, &PARTIES, &SIDES] {
        walk(message.groups(group), 0, message.count());
    }
    for entries in [
        MarketDataIncrementalRefresh::new(message).entries(),
        MarketDataSnapshotFullRefresh::new(message).entries(),
    ] {
        for entry in entries.into_iter().flatten().flatten() {
            let _ = (entry.md_update_action(), entry.md_entry_type(), entry.md_entry_id());
            let _ = (entry.md_entry_px(), entry.md_entry_size(), entry.symbol::<8>());
            let _ = entry.md_entry_position_no();
        }
    }
});

fn walk(groups: Result<Groups<'_, '_>, FieldError>, start: usize, end: usize) {
    let Ok(groups) = groups else { return };
    let wanted = groups.left();
    let (mut entries, mut behind, mut failed) = (0_u32, start, false);
    for entry in groups {
        assert!(!failed, "nothing follows an error");
        let Ok(entry) = entry else {
            failed = true;
            continue;
        };
        let slots = entry.slots();
        assert!(behind <= slots.start && slots.start < slots.end && slots.end <= end);
        behind = slots.end;
        entries += 1;
        look(&entry);
        for nested in [453, 802].into_iter().filter_map(|tag| entry.group().nested(tag)) {
            walk(entry.groups(nested), slots.start, slots.end);
        }
    }
    assert_eq!(entries == wanted && !failed, !failed);
}

fn look(entry: &Entry<'_, '_>) {
    let mut place = 0;
    for (tag, _) in entry.fields() {
        assert!(entry.group().has(tag));
        assert_eq!(entry.field_near(tag, &mut place).is_some(), entry.field(tag).is_some());
        let _ = (entry.uint(tag), entry.price(tag), entry.quantity(tag), entry.char(tag));
        let _ = (entry.text::<8>(tag), entry.timestamp_ns(tag));
    }
}
