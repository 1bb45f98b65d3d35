//! An entry of NoMDEntries(268), in MarketDataSnapshotFullRefresh(35=W) and
//! MarketDataIncrementalRefresh(35=X).
//!
//! The lists of members hold what FIX.4.2, FIX.4.4 and FIX.5.0SP2 let stand in an entry, nested
//! groups included (`the_dictionaries_hold_no_other_members`). Values that are not asked for are
//! not looked at.

use gwanmun_market::{Price, Text};

use crate::error::FieldError;
use crate::groups::{Entry, Group, Groups};
use crate::tag;

/// NoMDEntries(268) of MarketDataSnapshotFullRefresh(35=W).
pub static FULL_REFRESH_ENTRIES: Group = Group::new(tag::NO_MD_ENTRIES, &FULL_REFRESH, &[]);
/// NoMDEntries(268) of MarketDataIncrementalRefresh(35=X).
pub static INCREMENTAL_ENTRIES: Group = Group::new(tag::NO_MD_ENTRIES, &INCREMENTAL, &[]);

/// One entry. Its instrument may be told once for several entries: absent means that of the entry
/// before, or that of the message.
#[derive(Clone, Copy, Debug)]
pub struct MdEntry<'a> {
    entry: Entry<'a, 'static>,
}

/// The entries in wire order; see [`Groups`].
#[derive(Clone, Debug)]
pub struct MdEntries<'a> {
    groups: Groups<'a, 'static>,
}

impl<'a> MdEntries<'a> {
    pub(super) const fn new(groups: Groups<'a, 'static>) -> MdEntries<'a> {
        MdEntries { groups }
    }

    /// Entries still to come, as NoMDEntries(268) says.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.groups.left()
    }
}

impl<'a> Iterator for MdEntries<'a> {
    type Item = Result<MdEntry<'a>, FieldError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.groups.next()?;
        Some(entry.map(|entry| MdEntry { entry }))
    }
}

impl<'a> MdEntry<'a> {
    /// All fields of the entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry<'a, 'static> {
        &self.entry
    }

    /// MDUpdateAction(279), `0` new, `1` change, `2` delete; of an incremental refresh alone.
    ///
    /// # Errors
    /// Missing, not one character.
    pub fn md_update_action(&self) -> Result<u8, FieldError> {
        self.entry.char(tag::MD_UPDATE_ACTION)
    }

    /// MDEntryType(269): `0` bid, `1` offer, `2` trade and more.
    ///
    /// # Errors
    /// Missing, not one character.
    pub fn md_entry_type(&self) -> Result<u8, FieldError> {
        self.entry.char(tag::MD_ENTRY_TYPE)
    }

    /// MDEntryID(278).
    #[must_use]
    pub fn md_entry_id(&self) -> Option<&'a [u8]> {
        self.entry.field(tag::MD_ENTRY_ID)
    }

    /// Symbol(55), at most `N` bytes.
    ///
    /// # Errors
    /// Not printable ASCII, longer than `N`.
    pub fn symbol<const N: usize>(&self) -> Result<Option<Text<N>>, FieldError> {
        self.entry.optional(tag::SYMBOL, Entry::text)
    }

    /// MDEntryPx(270), at most four decimals.
    ///
    /// # Errors
    /// Not a plain decimal, too large, too precise.
    pub fn md_entry_px(&self) -> Result<Option<Price>, FieldError> {
        self.entry.optional(tag::MD_ENTRY_PX, Entry::price)
    }

    /// MDEntrySize(271), whole.
    ///
    /// # Errors
    /// Not a plain decimal; negative, a fraction, beyond 32 bits.
    pub fn md_entry_size(&self) -> Result<Option<u32>, FieldError> {
        self.entry.optional(tag::MD_ENTRY_SIZE, Entry::quantity)
    }

    /// MDEntryPositionNo(290): from 1, the best price.
    ///
    /// # Errors
    /// Not a whole number.
    pub fn md_entry_position_no(&self) -> Result<Option<u64>, FieldError> {
        self.entry.optional(tag::MD_ENTRY_POSITION_NO, Entry::uint)
    }
}

#[rustfmt::skip]
const FULL_REFRESH: [u32; 85] = [
    15, 18, 31, 37, 40, 58, 59, 63, 64, 83, 110, 120, 126, 198, 218, 220, 221, 222, 235, 236, 269,
    270, 271, 272, 273, 274, 275, 276, 277, 278, 282, 283, 284, 286, 287, 288, 289, 290, 299, 326,
    327, 332, 333, 336, 346, 354, 355, 423, 432, 447, 448, 452, 453, 523, 528, 546, 625, 662, 663,
    696, 697, 698, 699, 701, 761, 802, 803, 811, 828, 1020, 1023, 1024, 1025, 1026, 1027, 1048,
    1070, 1093, 1177, 1178, 1179, 1445, 1446, 1447, 1448,
];

#[rustfmt::skip]
const INCREMENTAL: [u32; 355] = [
    15, 18, 22, 31, 37, 40, 48, 55, 58, 59, 60, 63, 64, 65, 83, 106, 107, 110, 120, 126, 167, 198,
    200, 201, 202, 205, 206, 207, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 231, 235, 236,
    239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257,
    264, 269, 270, 271, 272, 273, 274, 275, 276, 277, 278, 279, 280, 282, 283, 284, 285, 286, 287,
    288, 289, 290, 291, 292, 299, 305, 306, 307, 308, 309, 310, 311, 312, 313, 315, 316, 317, 318,
    326, 327, 332, 333, 336, 346, 348, 349, 350, 351, 354, 355, 362, 363, 364, 365, 387, 423, 432,
    435, 436, 447, 448, 451, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 470, 471,
    472, 483, 523, 528, 541, 542, 543, 546, 555, 556, 574, 592, 593, 594, 595, 596, 597, 598, 599,
    600, 601, 602, 603, 604, 605, 606, 607, 608, 609, 610, 611, 612, 613, 614, 615, 616, 617, 618,
    619, 620, 621, 622, 623, 624, 625, 662, 663, 667, 691, 696, 697, 698, 699, 701, 711, 739, 740,
    761, 762, 763, 764, 802, 803, 810, 811, 828, 864, 865, 866, 867, 868, 873, 874, 875, 876, 877,
    878, 879, 882, 883, 884, 885, 886, 887, 888, 889, 941, 942, 947, 955, 956, 965, 966, 967, 968,
    969, 970, 971, 972, 973, 974, 975, 996, 997, 998, 999, 1000, 1001, 1003, 1017, 1018, 1019, 1020,
    1023, 1024, 1025, 1026, 1027, 1038, 1039, 1044, 1045, 1046, 1048, 1049, 1050, 1051, 1052, 1053,
    1054, 1058, 1059, 1060, 1061, 1062, 1063, 1064, 1070, 1079, 1093, 1145, 1146, 1147, 1151, 1173,
    1175, 1176, 1177, 1178, 1179, 1184, 1185, 1186, 1191, 1192, 1193, 1194, 1195, 1196, 1197, 1198,
    1199, 1200, 1212, 1213, 1224, 1227, 1242, 1244, 1358, 1419, 1420, 1421, 1422, 1423, 1424, 1425,
    1435, 1436, 1437, 1439, 1440, 1441, 1445, 1446, 1447, 1448, 1449, 1450, 1451, 1452, 1453, 1454,
    1455, 1456, 1457, 1458, 1459, 1460, 1478, 1479, 1480, 1481, 1482, 1483, 1484, 1485, 1486, 1487,
    1488, 1489, 1490, 1491, 1492, 1493, 1494, 1495, 1496, 1500,
];

#[cfg(test)]
mod tests {
    use super::super::market_data_incremental_refresh::MarketDataIncrementalRefresh;
    use super::super::market_data_snapshot_full_refresh::MarketDataSnapshotFullRefresh;
    use super::*;
    use crate::testing::whole;
    use crate::{Index, Message, SessionRejectReason};

    #[test]
    fn an_incremental_refresh() {
        let bytes = whole(
            "35=X|262=R|268=3|279=0|269=0|278=id|55=005930|270=71400|271=10|290=1|\
             279=1|269=1|55=005930|270=71500.5|271=0|279=2|278=id|269=2|",
        );
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        let view = MarketDataIncrementalRefresh::new(message);
        assert_eq!(view.md_req_id(), Some(&b"R"[..]));
        let entries: Vec<_> = view.entries().unwrap().map(Result::unwrap).collect();
        let actions: Vec<_> = entries
            .iter()
            .map(|entry| {
                (
                    entry.md_update_action().unwrap(),
                    entry.md_entry_type().unwrap(),
                )
            })
            .collect();
        assert_eq!(actions, [(b'0', b'0'), (b'1', b'1'), (b'2', b'2')]);
        assert_eq!(entries[0].md_entry_id(), Some(&b"id"[..]));
        assert_eq!(
            entries[0].symbol::<8>().unwrap().unwrap().as_bytes(),
            b"005930"
        );
        assert_eq!(entries[0].md_entry_position_no(), Ok(Some(1)));
        assert_eq!(entries[1].md_entry_px(), Ok(Some(Price(715_005_000))));
        assert_eq!(entries[1].md_entry_size(), Ok(Some(0)));
        assert_eq!(
            (entries[2].md_entry_px(), entries[2].md_entry_size()),
            (Ok(None), Ok(None))
        );
    }

    #[test]
    fn a_full_refresh_with_fewer_entries_than_it_says() {
        let bytes = whole("35=W|55=005930|268=2|269=0|270=1e5|");
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        let view = MarketDataSnapshotFullRefresh::new(message);
        assert_eq!(view.symbol::<8>().unwrap().as_bytes(), b"005930");
        let mut entries = view.entries().unwrap();
        assert_eq!(entries.left(), 2);
        let first = entries.next().unwrap().unwrap();
        assert_eq!(first.md_entry_px(), Err(FieldError::format(270)));
        assert_eq!(first.md_update_action(), Err(FieldError::missing(279)));
        let reason = SessionRejectReason::IncorrectNumInGroupCount;
        assert_eq!(
            entries.next().unwrap().unwrap_err(),
            FieldError::new(268, reason)
        );
        assert!(entries.next().is_none());
        let bytes = whole("35=W|55=005930|");
        let message = Message::parse(&bytes, &mut index).unwrap();
        let entries = MarketDataSnapshotFullRefresh::new(message).entries();
        assert_eq!(entries.err(), Some(FieldError::missing(268)));
    }

    #[cfg(feature = "dictionary")]
    #[test]
    fn the_dictionaries_hold_no_other_members() {
        use crate::dictionary::{Dictionary, Standard};
        let lists = [("W", &FULL_REFRESH[..]), ("X", &INCREMENTAL[..])];
        let groups: Vec<_> = [Standard::Fix42, Standard::Fix44, Standard::Fix50Sp2]
            .into_iter()
            .map(Dictionary::standard)
            .flat_map(|dictionary| {
                lists.map(|(msg_type, _)| (msg_type, dictionary.group(msg_type, 268).unwrap()))
            })
            .collect();
        for (msg_type, list) in lists {
            let of_type = || groups.iter().filter(|(other, _)| *other == msg_type);
            for tag in 1..5_000 {
                let is_member = of_type().any(|(_, group)| group.has(tag));
                assert_eq!(list.contains(&tag), is_member, "{msg_type} {tag}");
            }
        }
    }
}
