//! Realistic messages from the seed: new orders and reports on Korean shares and derivatives.

use gwanmun_fix::MessageWriter;
use gwanmun_fix::encode::Header;
use gwanmun_fix::messages::execution_report::{self, ExecType, OrdStatus};
use gwanmun_fix::messages::{logon, new_order_single};
use gwanmun_market::{
    AccountId, FeeClass, NewOrder, OrdType, OrderOrigin, Price, Side, Text, TickTable, TickTableId,
    TimeInForce, VenueName, VoiceRecordId,
};

use crate::random::Random;

/// 23 November 2026, 09:12:33 in Seoul: the `now` of every bench.
pub const NOW_NS: u64 = 1_795_392_753_123_456_789;
/// The member's CompID.
pub const MEMBER: &[u8] = b"MEMBER1";
/// The gateway's CompID.
pub const GATE: &[u8] = b"GWANMUN";
/// Longest message that the writers here make.
const MESSAGE_BYTES_MAX: usize = 4_096;

/// One instrument to order: short code, base price in whole units, ticks.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Symbol(55).
    pub symbol: &'static [u8],
    /// Base price.
    pub base: i32,
    /// Tick table.
    pub ticks: TickTableId,
}

/// Instruments of the benches.
pub const LISTINGS: [Listing; 4] = [
    listing(b"005930", 71_500, TickTableId::Share2023),
    listing(b"000660", 198_000, TickTableId::Share2023),
    listing(b"069500", 35_005, TickTableId::Etf2023),
    listing(b"101W6000", 325, TickTableId::K200Future),
];

const fn listing(symbol: &'static [u8], base: i32, ticks: TickTableId) -> Listing {
    Listing {
        symbol,
        base,
        ticks,
    }
}

/// A short text; empty where it does not fit.
#[must_use]
pub fn text<const N: usize>(bytes: &[u8]) -> Text<N> {
    Text::new(bytes).unwrap_or(Text::EMPTY)
}

/// Whole FIX messages one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    /// Every message.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        let places = starts.zip(self.ends.iter().copied());
        places.filter_map(|(start, end)| self.bytes.get(start..end))
    }

    /// All of them as one run of bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Adds a message.
    pub fn push(&mut self, message: &[u8]) {
        self.bytes.extend_from_slice(message);
        self.ends.push(self.bytes.len());
    }
}

/// Writes one message with its header.
///
/// # Panics
/// When it is longer than any message that a bench makes.
pub fn whole(
    msg_type: &[u8],
    ends: (&[u8], &[u8]),
    msg_seq_num: u64,
    body: impl FnOnce(&mut MessageWriter<'_>),
) -> Vec<u8> {
    whole_at(NOW_NS, msg_type, ends, msg_seq_num, body)
}

/// As [`whole`], sent at another moment.
///
/// # Panics
/// As [`whole`].
pub fn whole_at(
    sending_time_ns: u64,
    msg_type: &[u8],
    (sender, target): (&[u8], &[u8]),
    msg_seq_num: u64,
    body: impl FnOnce(&mut MessageWriter<'_>),
) -> Vec<u8> {
    let mut into = vec![0; MESSAGE_BYTES_MAX];
    let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
    Header {
        msg_type,
        sender_comp_id: sender,
        target_comp_id: target,
        msg_seq_num,
        sending_time_ns,
        orig_sending_time_ns: None,
        last_msg_seq_num_processed: None,
    }
    .write(&mut writer);
    body(&mut writer);
    let length = writer.finish().expect("every message here is under 4 KiB");
    into.truncate(length);
    into
}

/// The member's Logon(35=A), its first message.
#[must_use]
pub fn member_logon() -> Vec<u8> {
    let body = logon::Body {
        heart_bt_int_s: 30,
        reset_seq_num_flag: false,
        username: b"member1",
        password: b"******",
    };
    whole(logon::MSG_TYPE, (MEMBER, GATE), 1, |writer| {
        body.write(writer);
    })
}

/// A new order that every check lets pass: within two ticks of the base price, on a tick, to buy.
pub fn passing_order(random: &mut Random, number: u32) -> NewOrder {
    let listing = random.pick(&LISTINGS).unwrap_or(LISTINGS[0]);
    let base = Price::from_whole(listing.base);
    let tick = TickTable::of(listing.ticks).tick_at(base);
    let steps = i64::from(random.below(5)) - 2;
    let is_market = random.below(16) == 0;
    NewOrder {
        cl_ord_id: text::<32>(format!("O-20261123-{number:08}").as_bytes()),
        account: account(random.below(2) + 1),
        symbol: text::<8>(listing.symbol),
        side: Side::Buy,
        ord_type: if is_market {
            OrdType::Market
        } else {
            OrdType::Limit
        },
        price: if is_market {
            Price::ZERO
        } else {
            Price(base.0 + steps * tick.0)
        },
        order_qty: 1 + random.below(500),
        time_in_force: match random.below(8) {
            0 => TimeInForce::ImmediateOrCancel,
            1 => TimeInForce::FillOrKill,
            _ => TimeInForce::Day,
        },
        origin: if random.below(8) == 0 {
            OrderOrigin::Algorithm
        } else {
            OrderOrigin::Online
        },
        fee_class: FeeClass::Hts,
        voice_record_id: VoiceRecordId::EMPTY,
        ex_destination: VenueName::EMPTY,
    }
}

/// The same order with one thing wrong in it, in turns: account, tick, collar, balance.
pub fn refused_order(random: &mut Random, number: u32) -> NewOrder {
    let order = NewOrder {
        symbol: text::<8>(b"005930"),
        ord_type: OrdType::Limit,
        price: Price::from_whole(71_500),
        ..passing_order(random, number)
    };
    match number % 4 {
        0 => NewOrder {
            account: text(b"NOBODY"),
            ..order
        },
        1 => NewOrder {
            price: Price::from_whole(71_550),
            ..order
        },
        2 => NewOrder {
            price: Price::from_whole(90_000),
            ..order
        },
        _ => NewOrder {
            side: Side::Sell,
            order_qty: 2_000_000,
            ..order
        },
    }
}

/// A sale of shares that the account holds, at or near the last price.
#[must_use]
pub fn covered_sale(random: &mut Random, number: u32) -> NewOrder {
    let shares = LISTINGS.len() - 1;
    loop {
        let order = passing_order(random, number);
        let listing = LISTINGS
            .iter()
            .position(|row| text::<8>(row.symbol) == order.symbol);
        if listing.is_some_and(|index| index < shares) {
            return NewOrder {
                side: Side::Sell,
                ..order
            };
        }
    }
}

/// Account(1) by number.
#[must_use]
pub fn account(number: u32) -> AccountId {
    text(format!("ACC-{number}").as_bytes())
}

/// NewOrderSingle(35=D) messages with MsgSeqNum(34) from 2 on, behind the Logon.
#[must_use]
pub fn new_order_singles(
    seed: u64,
    count: usize,
    mut order: impl FnMut(&mut Random, u32) -> NewOrder,
) -> Batch {
    let mut random = Random::new(seed);
    let mut batch = Batch::default();
    for number in (0_u32..).take(count) {
        let order = order(&mut random, number);
        let msg_seq_num = u64::from(number) + 2;
        batch.push(&whole(
            new_order_single::MSG_TYPE,
            (MEMBER, GATE),
            msg_seq_num,
            |writer| {
                new_order_single::write(writer, &order, NOW_NS);
            },
        ));
    }
    batch
}

/// ExecutionReport(35=8) messages: new, partial fill and fill by turns of the dice.
#[must_use]
pub fn execution_reports(seed: u64, count: usize) -> Batch {
    let mut random = Random::new(seed);
    let mut batch = Batch::default();
    for number in (0_u32..).take(count) {
        let order = passing_order(&mut random, number);
        let filled = order.order_qty.min(random.below(600));
        let (exec_type, ord_status) = match filled {
            0 => (ExecType::New, OrdStatus::New),
            _ if filled < order.order_qty => (ExecType::Trade, OrdStatus::PartiallyFilled),
            _ => (ExecType::Trade, OrdStatus::Filled),
        };
        let (order_id, exec_id) = (format!("G1{number:012}"), format!("X{number:013}"));
        let avg_px = if filled == 0 {
            Price::ZERO
        } else {
            order.price
        };
        let body = execution_report::Body {
            order_id: order_id.as_bytes(),
            exec_id: exec_id.as_bytes(),
            exec_type,
            ord_status,
            cl_ord_id: order.cl_ord_id.as_bytes(),
            orig_cl_ord_id: b"",
            account: order.account.as_bytes(),
            symbol: order.symbol.as_bytes(),
            side: order.side,
            order_qty: Some(order.order_qty),
            ord_type: Some(order.ord_type),
            price: (order.ord_type == OrdType::Limit).then_some(order.price),
            time_in_force: Some(order.time_in_force),
            last: (filled > 0).then_some((filled, order.price)),
            last_mkt: b"KRX",
            leaves_qty: order.order_qty - filled,
            cum_qty: filled,
            avg_px,
            transact_time_ns: NOW_NS,
            exec_ref_id: b"",
            refusal: None,
            text: b"",
            origin: order.origin,
            fee_class: order.fee_class,
            voice_record_id: b"",
        };
        let msg_seq_num = u64::from(number) + 2;
        batch.push(&whole(
            execution_report::MSG_TYPE,
            (GATE, MEMBER),
            msg_seq_num,
            |writer| {
                body.write(writer);
            },
        ));
    }
    batch
}
