//! Market data: snapshots and incremental refreshes, their entries included.

use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::messages::*;
use gwanmun_fix::{FieldError, tag};
use gwanmun_market::Price;

use super::Case;

/// Two entries with every field that has a getter.
fn write_entries(writer: &mut MessageWriter<'_>, is_incremental: bool) {
    writer
        .bytes(tag::MD_REQ_ID, b"R-1")
        .uint(tag::NO_MD_ENTRIES, 2);
    for entry_type in *b"01" {
        if is_incremental {
            writer.char(tag::MD_UPDATE_ACTION, b'0');
        }
        writer
            .char(tag::MD_ENTRY_TYPE, entry_type)
            .bytes(tag::MD_ENTRY_ID, b"E-1");
        // In one entry alone: outside groups, a second Symbol(55) is a mistake.
        if is_incremental && entry_type == b'0' {
            writer.bytes(tag::SYMBOL, b"005930");
        }
        writer
            .price(tag::MD_ENTRY_PX, Price(-1))
            .uint(tag::MD_ENTRY_SIZE, 7)
            .uint(tag::MD_ENTRY_POSITION_NO, 1);
    }
}

fn reads_two(entries: Result<md_entry::MdEntries<'_>, FieldError>) -> bool {
    let is_read = |entry: md_entry::MdEntry<'_>| {
        entry.md_entry_type().is_ok()
            && entry.md_entry_id().is_some()
            && entry.md_entry_px() == Ok(Some(Price(-1)))
            && entry.md_entry_size() == Ok(Some(7))
            && entry.md_entry_position_no() == Ok(Some(1))
    };
    let read = entries.map(|entries| entries.filter(|entry| entry.is_ok_and(is_read)).count());
    read == Ok(2)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            file: "market_data_incremental_refresh",
            msg_type: market_data_incremental_refresh::MSG_TYPE,
            write: |writer| write_entries(writer, true),
            look: |message| {
                let view =
                    market_data_incremental_refresh::MarketDataIncrementalRefresh::new(message);
                view.md_req_id().is_some() && reads_two(view.entries())
            },
        },
        Case {
            file: "market_data_snapshot_full_refresh",
            msg_type: market_data_snapshot_full_refresh::MSG_TYPE,
            write: |writer| {
                writer.bytes(tag::SYMBOL, b"005930");
                write_entries(writer, false);
            },
            look: |message| {
                let view =
                    market_data_snapshot_full_refresh::MarketDataSnapshotFullRefresh::new(message);
                view.symbol::<8>().is_ok() && reads_two(view.entries())
            },
        },
    ]
}
