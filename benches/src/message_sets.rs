//! The messages of the codec race, and beside each one what it says: FIX.4.4 with random contents
//! from a fixed seed.
//!
//! `nos` is NewOrderSingle(35=D), `er` ExecutionReport(35=8), `mdi` an incremental refresh (35=X)
//! of ten entries, `mds` a snapshot (35=W) of a hundred. In `nos-mixed` three in ten orders vary
//! their optional fields; in `mixed` the types of a session follow each other by chance. So many
//! different messages that no branch predictor learns them by heart.
//!
//! They are written here as text, by nothing of the product's: what a codec says of them is held
//! against the values that they were made from. This file stands alone but for [`Random`], since
//! the race of `peers/` takes it in by its path.

use std::io::Write as _;
use std::ops::Range;

use crate::random::Random;

/// Names of the sets.
pub const SETS: [&str; 6] = ["nos", "er", "mdi", "mds", "nos-mixed", "mixed"];
/// The member's CompID.
pub const SENDER: &str = "MEMBER01";
/// The gateway's CompID.
pub const TARGET: &str = "GWANMUN1";
/// Milliseconds from the epoch to 23 November 2026, the day of all messages.
const DAY_MS: u64 = 1_795_392_000_000;
const DAY_TEXT: &str = "20261123";
const SYMBOLS: [&str; 8] = [
    "005930", "000660", "069500", "035420", "005380", "101W6000", "201W6350", "105W7000",
];

/// One new order, as numbers: what an encoder is given.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// SendingTime(52) in milliseconds since the epoch.
    pub sending_ms: u64,
    /// TransactTime(60) in milliseconds since the epoch.
    pub transact_ms: u64,
    /// ClOrdID(11): 18 characters, the last ten of them this number.
    pub number: u64,
    /// ClOrdID(11) as text.
    pub cl_ord_id: [u8; 18],
    /// Account(1).
    pub account: [u8; 9],
    /// Symbol(55).
    pub symbol: &'static str,
    /// Side(54): `1` or `2`.
    pub side: u8,
    /// OrderQty(38).
    pub order_qty: u32,
    /// Price(44) in ten-thousandths.
    pub price: i64,
}

/// The eight fields that the level `fields` reads of an order or a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eight {
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// SendingTime(52) in milliseconds since the epoch.
    pub sending_ms: u64,
    /// TransactTime(60) in milliseconds since the epoch.
    pub transact_ms: u64,
    /// ClOrdID(11).
    pub cl_ord_id: Vec<u8>,
    /// Symbol(55).
    pub symbol: Vec<u8>,
    /// Side(54).
    pub side: u8,
    /// OrderQty(38) in ten-thousandths.
    pub order_qty: i64,
    /// Price(44) in ten-thousandths.
    pub price: i64,
}

/// What the level `groups` reads of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// MDEntryType(269).
    pub entry_type: u8,
    /// MDEntryPx(270) in ten-thousandths.
    pub price: i64,
    /// MDEntrySize(271) in ten-thousandths.
    pub size: i64,
}

/// One message and what it says.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The whole message.
    pub bytes: Vec<u8>,
    /// Every field in wire order: tag, and where the value lies.
    pub fields: Vec<(u32, Range<usize>)>,
    /// Of an order or a report.
    pub eight: Option<Eight>,
    /// Of an incremental refresh or a snapshot.
    pub entries: Vec<Entry>,
    /// Of an order with the usual fields.
    pub order: Option<Order>,
}

/// The messages of a set; empty where there is no such set.
#[must_use]
pub fn make(set: &str, seed: u64) -> Vec<Made> {
    let mut random = Random::new(seed);
    let count = match set {
        "mdi" => 512,
        "mds" => 128,
        _ if SETS.contains(&set) => 1_024,
        _ => 0,
    };
    let made = |number: u64| match set {
        "nos" => new_order_single(&mut random, number, false),
        "nos-mixed" => {
            let varies = random.below(10) < 3;
            new_order_single(&mut random, number, varies)
        }
        "er" => execution_report(&mut random, number),
        "mdi" => incremental(&mut random, number),
        "mds" => snapshot(&mut random, number),
        _ => match random.below(20) {
            0..8 => new_order_single(&mut random, number, false),
            8..16 => execution_report(&mut random, number),
            16 | 17 => incremental(&mut random, number),
            18 => cancel(&mut random, number),
            _ => heartbeat(&mut random, number),
        },
    };
    (1..=count).map(made).collect()
}

/// CheckSum(10) of bytes.
#[must_use]
pub fn check_sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// UTCTimestamp with milliseconds of a moment on the day of the messages.
#[must_use]
pub fn timestamp(ms: u64) -> String {
    format!("{DAY_TEXT}-{}", time_of_day(ms))
}

fn time_of_day(ms: u64) -> String {
    let in_day = ms - DAY_MS;
    let (seconds, ms) = (in_day / 1_000, in_day % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{:02}:{:02}:{seconds:02}.{ms:03}",
        minutes / 60,
        minutes % 60
    )
}

/// Ten-thousandths in their shortest form.
#[must_use]
pub fn decimal(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, rest) = (value.unsigned_abs() / 10_000, value.unsigned_abs() % 10_000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{rest:04}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

/// A body that grows field by field, and where its values lie.
#[derive(Default)]
struct Body {
    bytes: Vec<u8>,
    fields: Vec<(u32, Range<usize>)>,
}

impl Body {
    fn put(&mut self, tag: u32, value: impl std::fmt::Display) -> &mut Body {
        self.put_bytes(tag, value.to_string().as_bytes())
    }

    fn put_bytes(&mut self, tag: u32, value: &[u8]) -> &mut Body {
        self.bytes.extend_from_slice(tag.to_string().as_bytes());
        self.bytes.push(b'=');
        let start = self.bytes.len();
        self.bytes.extend_from_slice(value);
        self.fields.push((tag, start..self.bytes.len()));
        self.bytes.push(1);
        self
    }

    fn header(msg_type: &str, (sender, target): (&str, &str), number: u64, ms: u64) -> Body {
        let mut body = Body::default();
        body.put(35, msg_type).put(34, number).put(49, sender);
        body.put(56, target).put(52, timestamp(ms));
        body
    }

    /// Puts BeginString(8) and BodyLength(9) before it and CheckSum(10) behind it.
    fn made(self) -> Made {
        let mut whole = Body::default();
        whole.put(8, "FIX.4.4").put(9, self.bytes.len());
        let shift = whole.bytes.len();
        whole.bytes.extend_from_slice(&self.bytes);
        let moved = |(tag, at): (u32, Range<usize>)| (tag, at.start + shift..at.end + shift);
        whole.fields.extend(self.fields.into_iter().map(moved));
        let sum = check_sum(&whole.bytes);
        whole.put(10, format_args!("{sum:03}"));
        Made {
            bytes: whole.bytes,
            fields: whole.fields,
            ..Made::default()
        }
    }
}

/// A moment in the session, 09:00 to 15:20 in Seoul.
fn moment(random: &mut Random) -> u64 {
    DAY_MS + u64::from(random.below(22_800_000))
}

/// A price around what shares and futures cost, with none to four decimals.
fn price(random: &mut Random) -> i64 {
    let whole = i64::from(random.below(1_000_000) >> random.below(12)) + 1;
    let decimals = match random.below(5) {
        0 => 0,
        1 => i64::from(random.below(10)) * 1_000,
        2 | 3 => i64::from(random.below(100)) * 100,
        _ => i64::from(random.below(10_000)),
    };
    whole * 10_000 + decimals
}

fn order(random: &mut Random, msg_seq_num: u64) -> Order {
    let sending_ms = moment(random);
    let number = u64::from(random.below(u32::MAX));
    let (mut cl_ord_id, mut account) = ([0; 18], [0; 9]);
    // Both texts fill their places: ten digits hold any 32-bit number.
    let written = write!(&mut cl_ord_id[..], "{DAY_TEXT}{number:010}")
        .and_then(|()| write!(&mut account[..], "A{:08}", random.below(100_000_000)));
    assert!(written.is_ok());
    Order {
        msg_seq_num,
        sending_ms,
        transact_ms: sending_ms - u64::from(random.below(1_000)).min(sending_ms - DAY_MS),
        number,
        cl_ord_id,
        account,
        symbol: random.pick(&SYMBOLS).unwrap_or(SYMBOLS[0]),
        side: if random.below(2) == 0 { b'1' } else { b'2' },
        order_qty: (random.below(1_000_000) >> random.below(16)) + 1,
        price: price(random),
    }
}

fn eight(order: &Order) -> Option<Eight> {
    Some(Eight {
        msg_seq_num: order.msg_seq_num,
        sending_ms: order.sending_ms,
        transact_ms: order.transact_ms,
        cl_ord_id: order.cl_ord_id.to_vec(),
        symbol: order.symbol.as_bytes().to_vec(),
        side: order.side,
        order_qty: i64::from(order.order_qty) * 10_000,
        price: order.price,
    })
}

fn new_order_single(random: &mut Random, number: u64, varies: bool) -> Made {
    let order = order(random, 100_000 + number);
    let variant = if varies { random.below(6) } else { 6 };
    let mut body = Body::header("D", (SENDER, TARGET), order.msg_seq_num, order.sending_ms);
    body.put_bytes(11, &order.cl_ord_id);
    if variant != 0 {
        body.put_bytes(1, &order.account);
    }
    if variant != 1 {
        body.put(21, 1);
    }
    if variant == 2 {
        body.put(100, "XKRX");
    }
    body.put(55, order.symbol).put_bytes(54, &[order.side]);
    body.put(60, timestamp(order.transact_ms));
    body.put(38, order.order_qty).put(40, 2);
    body.put(44, decimal(order.price));
    if variant == 3 {
        body.put(15, "KRW");
    }
    if variant != 4 {
        body.put(59, 0);
    }
    if variant == 5 {
        body.put(58, "basket 12=34");
    }
    Made {
        eight: eight(&order),
        order: (!varies).then_some(order),
        ..body.made()
    }
}

fn execution_report(random: &mut Random, number: u64) -> Made {
    let order = order(random, 200_000 + number);
    let last = random.below(order.order_qty) + 1;
    let is_filled = last == order.order_qty;
    let exec_id = format!("X{:013}", random.below(u32::MAX));
    let mut body = Body::header("8", (TARGET, SENDER), order.msg_seq_num, order.sending_ms);
    body.put(37, format_args!("G1{:012}", order.number));
    body.put_bytes(11, &order.cl_ord_id).put(17, exec_id);
    body.put(150, 'F').put(39, if is_filled { 2 } else { 1 });
    body.put_bytes(1, &order.account).put(55, order.symbol);
    body.put_bytes(54, &[order.side]).put(38, order.order_qty);
    body.put(40, 2).put(44, decimal(order.price)).put(59, 0);
    body.put(32, last)
        .put(31, decimal(order.price))
        .put(30, "XKRX");
    body.put(151, order.order_qty - last).put(14, last);
    body.put(6, decimal(order.price));
    body.put(60, timestamp(order.transact_ms));
    body.put(58, format_args!("trade {:06}", random.below(1_000_000)));
    Made {
        eight: eight(&order),
        ..body.made()
    }
}

fn entry(random: &mut Random) -> Entry {
    Entry {
        entry_type: b'0'
            + if random.below(8) == 0 {
                2
            } else {
                u8::from(random.below(2) == 1)
            },
        price: price(random),
        size: i64::from((random.below(100_000) >> random.below(12)) + 1) * 10_000,
    }
}

fn incremental(random: &mut Random, number: u64) -> Made {
    let ms = moment(random);
    let mut body = Body::header("X", (TARGET, SENDER), 300_000 + number, ms);
    body.put(262, format_args!("MD{:06}", random.below(1_000_000)));
    body.put(268, 10);
    let mut entries = Vec::new();
    for _ in 0..10 {
        let entry = entry(random);
        body.put(279, random.below(2))
            .put_bytes(269, &[entry.entry_type]);
        body.put(278, format_args!("{:010}", random.below(u32::MAX)));
        body.put(55, random.pick(&SYMBOLS).unwrap_or(SYMBOLS[0]));
        body.put(270, decimal(entry.price))
            .put(271, decimal(entry.size));
        body.put(273, time_of_day(ms))
            .put(346, random.below(99) + 1);
        entries.push(entry);
    }
    Made {
        entries,
        ..body.made()
    }
}

fn snapshot(random: &mut Random, number: u64) -> Made {
    let ms = moment(random);
    let mut body = Body::header("W", (TARGET, SENDER), 400_000 + number, ms);
    body.put(262, format_args!("MD{:06}", random.below(1_000_000)));
    body.put(55, random.pick(&SYMBOLS).unwrap_or(SYMBOLS[0]));
    body.put(268, 100);
    let mut entries = Vec::new();
    for level in 0..100_u32 {
        let entry = entry(random);
        body.put_bytes(269, &[entry.entry_type]);
        body.put(270, decimal(entry.price))
            .put(271, decimal(entry.size));
        body.put(273, time_of_day(ms))
            .put(346, random.below(99) + 1);
        body.put(290, level / 2 + 1);
        entries.push(entry);
    }
    Made {
        entries,
        ..body.made()
    }
}

fn cancel(random: &mut Random, number: u64) -> Made {
    let order = order(random, 500_000 + number);
    let mut body = Body::header("F", (SENDER, TARGET), order.msg_seq_num, order.sending_ms);
    body.put(41, format_args!("{DAY_TEXT}{:010}", random.below(u32::MAX)));
    body.put_bytes(11, &order.cl_ord_id).put(55, order.symbol);
    body.put_bytes(54, &[order.side]);
    body.put(60, timestamp(order.transact_ms))
        .put(38, order.order_qty);
    body.made()
}

fn heartbeat(random: &mut Random, number: u64) -> Made {
    Body::header("0", (SENDER, TARGET), 600_000 + number, moment(random)).made()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_what_the_race_says_they_are() {
        // Fields of a message, and its mean length in bytes to within a twentieth.
        for (set, count, fields, bytes) in [
            ("nos", 1_024, 18, 192),
            ("er", 1_024, 28, 318),
            ("mdi", 512, 90, 908),
            ("mds", 128, 611, 5_955),
        ] {
            let made = make(set, 1);
            assert_eq!(made.len(), count, "{set}");
            assert!(made.iter().all(|made| made.fields.len() == fields), "{set}");
            let mean = made.iter().map(|made| made.bytes.len()).sum::<usize>() / count;
            assert!(mean.abs_diff(bytes) * 20 <= bytes, "{set}: {mean} bytes");
            let mut different: Vec<&[u8]> = made.iter().map(|made| &made.bytes[..]).collect();
            different.sort_unstable();
            different.dedup();
            assert_eq!(different.len(), count, "{set}");
        }
        let mixed = make("nos-mixed", 1);
        let varied = mixed.iter().filter(|made| made.order.is_none()).count();
        assert!((250..365).contains(&varied), "{varied} of 1024");
        assert!(make("nothing", 1).is_empty());
    }

    #[test]
    fn a_message_says_what_is_written_beside_it() {
        for set in SETS {
            for made in make(set, 2) {
                let mut rebuilt = Vec::new();
                for (tag, place) in &made.fields {
                    rebuilt.extend_from_slice(format!("{tag}=").as_bytes());
                    rebuilt.extend_from_slice(&made.bytes[place.clone()]);
                    rebuilt.push(1);
                }
                assert_eq!(rebuilt, made.bytes);
                let value = |tag| {
                    let found = made.fields.iter().find(|field| field.0 == tag);
                    String::from_utf8_lossy(&made.bytes[found.unwrap().1.clone()]).into_owned()
                };
                let behind_9 = made.fields[2].1.start - 3;
                assert_eq!(value(9), (made.bytes.len() - 7 - behind_9).to_string());
                let sum = check_sum(&made.bytes[..made.bytes.len() - 7]);
                assert_eq!(value(10), format!("{sum:03}"));
                if let Some(eight) = &made.eight {
                    assert_eq!(value(44), decimal(eight.price));
                    assert_eq!(value(60), timestamp(eight.transact_ms));
                }
            }
        }
    }

    #[test]
    fn decimals_are_as_short_as_they_can_be() {
        for (value, text) in [
            (715_000_000, "71500"),
            (10_500, "1.05"),
            (-1, "-0.0001"),
            (0, "0"),
        ] {
            assert_eq!(decimal(value), text);
        }
    }
}
