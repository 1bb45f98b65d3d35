//! A day made by the real gateway: a member, a venue and its feed, written by hand.

#![allow(dead_code, reason = "each test uses its part of the day")]
#![allow(unreachable_pub, reason = "a module of tests has no outside")]

mod recording;
pub mod rewrite;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    CancelReason, Capacity, CrossType, Display, LiquidityFlag, OrderState, RejectReason,
    TimeInForce,
};
use gwanmun_binary::ouch::{
    Accepted, AccountQueryResponse, Canceled, EnterOrder, Executed, Inbound, Outbound, Rejected,
    ReplaceOrder, Replaced,
};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::input::{Endpoint, Leaving};
use gwanmun_captures::journal::{ChainPoint, ChainReader, RecordKind};
use gwanmun_fix::session::SessionTerms;
use gwanmun_gateway::{
    Edge, Ends, Gateway, Holding, Input, Limits, MemberTerms, PastLines, Stamp, Stopped,
    StorageLevel, Tables, Terms, VenueTerms, terms_text,
};
use gwanmun_market::{
    AccountTerms, Instrument, MarketState, OrderId, Phase, Price, ProductKind, Symbol, Text,
    TickTableId,
};

pub use recording::{Recording, SEGMENT_BYTES, head};

/// 2026-11-23 00:00:00 UTC.
const MIDNIGHT_NS: u64 = 1_795_392_000_000_000_000;
/// The samsung share, as everyone knows its code.
pub const SYMBOL: &str = "005930";

const ENDS: Ends = Ends {
    peer: Endpoint::v4([10, 0, 0, 1], 40_000),
    local: Endpoint::v4([10, 0, 0, 2], 9_876),
};

/// An order as the member sent it: the list that filters run over.
#[derive(Clone, Debug)]
pub struct Sent {
    pub cl_ord_id: String,
    pub account: String,
    /// `1` buy, `2` sell.
    pub side: char,
    pub order_qty: u32,
    pub price: i32,
}

/// A gateway with everything around it.
pub struct Day {
    pub edge: Recording,
    pub gateway: Gateway<()>,
    now_ns: u64,
    next_connection: u32,
    pub member: u32,
    venue: u32,
    feed: u32,
    /// The member's next MsgSeqNum(34).
    pub msg_seq_num: u64,
    next_sequence_number: u64,
    /// Bytes that each line's socket took.
    taken: Vec<(u32, u64)>,
    /// Orders sent, in order.
    pub sent: Vec<Sent>,
}

fn text<const N: usize>(from: &str) -> Text<N> {
    Text::new(from.as_bytes()).unwrap()
}

/// The terms of the day: three accounts, one of them closed, two instruments.
pub fn terms() -> Terms {
    let account = |name, is_enabled| AccountTerms {
        account: text(name),
        is_enabled,
    };
    let instrument = |symbol, base| Instrument {
        symbol: text(symbol),
        kind: ProductKind::Share,
        tick_table: TickTableId::Share2023,
        base_price: Price::from_whole(base),
        collar_bps: 500,
        collar_width_min: Price::from_whole(500),
        may_be_negative: false,
    };
    let holding = |account| Holding {
        account: text(account),
        symbol: text(SYMBOL),
        quantity: 100_000,
    };
    let mut session = SessionTerms::new(text("GWANMUN"), text("MEMBER1"), true);
    session.begin_string = text("FIX.4.4");
    Terms {
        members: vec![MemberTerms {
            session,
            accounts: Vec::new(),
            must_authenticate: false,
        }],
        venues: vec![VenueTerms {
            name: text("KRX"),
            username: text("gwan1"),
        }],
        limits: Limits {
            orders_max: 4_096,
            positions_max: 64,
            message_bytes_max: 4_096,
            max_age_ns: 5_000_000_000,
            queued_bytes_max: 2 * 1024 * 1024,
        },
        order_id_prefix: text("G1"),
        tables: Tables::new(
            vec![
                account("ACC-1", true),
                account("ACC-2", true),
                account("ACC-3", false),
            ],
            vec![instrument(SYMBOL, 71_500), instrument("000660", 180_000)],
            vec![holding("ACC-1"), holding("ACC-2")],
        )
        .unwrap(),
    }
}

/// A gateway with part of a journal in it.
struct Restored {
    gateway: Gateway<()>,
    lines: PastLines,
    point: Option<ChainPoint>,
}

impl Restored {
    fn nothing() -> Restored {
        Restored {
            gateway: Gateway::new(terms(), ()).unwrap(),
            lines: PastLines::default(),
            point: None,
        }
    }

    fn go_on(mut self, segments: &[&[u8]]) -> Restored {
        let segments = segments.iter().copied();
        let mut chain = match self.point {
            Some(point) => ChainReader::going_on(point, segments),
            None => ChainReader::new(segments),
        };
        for next in chain.by_ref() {
            let next = next.unwrap();
            self.gateway
                .restore(&next.record, next.segment_index, &mut self.lines)
                .unwrap();
        }
        self.point = chain.point();
        self
    }
}

impl Day {
    /// The first start, with the lines to the venue up and the member logged on.
    pub fn begin() -> Day {
        let mut day = Day {
            edge: Recording::new(),
            gateway: Gateway::new(terms(), ()).unwrap(),
            now_ns: MIDNIGHT_NS,
            next_connection: 1,
            member: 0,
            venue: 0,
            feed: 0,
            msg_seq_num: 1,
            next_sequence_number: 1,
            taken: Vec::new(),
            sent: Vec::new(),
        };
        day.record_start();
        day.come_up();
        day
    }

    /// The process dies and starts again; everything is lost but the journal.
    pub fn restart(&mut self) {
        self.restart_without_lines();
        self.come_up();
    }

    pub fn restart_without_lines(&mut self) {
        self.gateway = self.restored();
        self.edge.begin_epoch();
        self.next_connection = 1;
        self.taken.clear();
        self.record_start();
    }

    /// A gateway from the journal: from a snapshot at the last border between segments, after every
    /// border's has given the same as all records.
    fn restored(&self) -> Gateway<()> {
        let segments = self.edge.segments();
        let all = Restored::nothing().go_on(&segments);
        let expected = all.gateway.snapshot(&all.lines);
        let mut restored = all.gateway;
        for border in 1..=segments.len() {
            let front = Restored::nothing().go_on(&segments[..border]);
            let body = front.gateway.snapshot(&front.lines);
            let mut from = Restored::nothing();
            from.gateway
                .restore_snapshot(&body, &mut from.lines)
                .unwrap();
            from.point = front.point;
            let from = from.go_on(&segments[border..]);
            assert!(from.gateway.snapshot(&from.lines) == expected, "{border}");
            restored = from.gateway;
        }
        restored
    }

    fn record_start(&mut self) {
        let terms = terms();
        let start = terms_text::write_start(&terms);
        let tables = terms_text::write_tables(&terms.tables);
        let hash = [7; 32];
        let table = [&hash, tables.as_bytes()].concat();
        let stamp = self.tick();
        for (kind, payload) in [
            (RecordKind::Start, start.as_bytes()),
            (RecordKind::Table, &table),
            (RecordKind::TableVersion, &hash),
        ] {
            let input = Input {
                kind,
                connection: 0,
                stamp,
                refers_to: 0,
                payload,
            };
            self.edge.record(input).unwrap();
        }
    }

    fn come_up(&mut self) {
        self.feed_up();
        self.venue_up();
        self.member_up();
    }

    fn tick(&mut self) -> Stamp {
        self.now_ns += 1_000_000;
        Stamp {
            ns: self.now_ns,
            clock_quality: 1,
        }
    }

    fn connection(&mut self) -> u32 {
        self.next_connection += 1;
        self.next_connection - 1
    }

    pub fn feed_up(&mut self) {
        self.feed = self.connection();
        let on_line = (self.feed, self.tick());
        self.gateway
            .on_feed_connected(&mut self.edge, (0, ENDS), on_line)
            .unwrap();
        self.login_accepted(self.feed, 1);
        self.market(71_500);
    }

    /// The feed tells last trade and best prices around a price in won.
    pub fn market(&mut self, won: i32) {
        let mut bytes = Vec::new();
        for (symbol, won) in [(SYMBOL, won), ("000660", 180_000)] {
            let record = MarketStateRecord {
                timestamp_ns: 1,
                symbol: text(symbol),
                state: MarketState {
                    phase: Phase::Continuous,
                    base: Some(Price::from_whole(won)),
                    last: Some(Price::from_whole(won)),
                    ..MarketState::default()
                },
            };
            bytes.extend(packet(|into| sequenced(into, |into| record.encode(into))));
        }
        self.receive(self.feed, &bytes);
    }

    pub fn venue_up(&mut self) {
        self.venue = self.connection();
        let on_line = (self.venue, self.tick());
        self.gateway
            .on_venue_connected(&mut self.edge, (0, ENDS), on_line)
            .unwrap();
        self.login_accepted(self.venue, self.next_sequence_number);
        let next_user_ref_num = 1;
        self.venue_says(&Outbound::AccountQueryResponse(AccountQueryResponse {
            timestamp_ns: 2,
            next_user_ref_num,
            appendage: Appendage::EMPTY,
        }));
    }

    fn login_accepted(&mut self, connection: u32, sequence_number: u64) {
        let accepted = Packet::LoginAccepted {
            session: *b"KRX0000001",
            sequence_number,
        };
        self.receive(connection, &packet(|into| accepted.encode(into)));
    }

    pub fn member_up(&mut self) {
        self.member = self.connection();
        let logon = self.message("A", "98=0|108=30|");
        let on_line = (self.member, self.tick());
        self.gateway
            .on_member_logon(&mut self.edge, (0, ENDS), &logon, on_line)
            .unwrap();
    }

    /// The next message of the member, whole.
    pub fn message(&mut self, msg_type: &str, body: &str) -> Vec<u8> {
        let msg_seq_num = self.msg_seq_num;
        self.msg_seq_num += 1;
        self.message_with(msg_seq_num, msg_type, body)
    }

    /// A message of the member with this number.
    pub fn message_with(&self, msg_seq_num: u64, msg_type: &str, body: &str) -> Vec<u8> {
        let ms = (self.now_ns - MIDNIGHT_NS) / 1_000_000;
        let (minutes, ms) = (ms / 60_000, ms % 60_000);
        let time = format!(
            "20261123-00:{minutes:02}:{:02}.{:03}",
            ms / 1_000,
            ms % 1_000
        );
        let body = format!("35={msg_type}|34={msg_seq_num}|49=MEMBER1|56=GWANMUN|52={time}|{body}");
        let body = body.replace('|', "\x01");
        let mut whole = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
        let sum = whole.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
        whole.extend(format!("10={sum:03}\x01").bytes());
        whole
    }

    /// Bytes on a line, with nothing left over from before.
    pub fn receive(&mut self, connection: u32, bytes: &[u8]) {
        let on_line = (connection, self.tick());
        let done = self
            .gateway
            .on_received(&mut self.edge, bytes, bytes.len(), on_line);
        assert_eq!(done, Ok(bytes.len()));
        self.take_outputs();
    }

    /// A member's bytes that come in two pieces.
    pub fn receive_split(&mut self, bytes: &[u8], at: usize) {
        let on_line = (self.member, self.tick());
        let edge = &mut self.edge;
        let done = self.gateway.on_received(edge, &bytes[..at], at, on_line);
        assert_eq!(done, Ok(0));
        let on_line = (self.member, self.tick());
        let edge = &mut self.edge;
        let done = self
            .gateway
            .on_received(edge, bytes, bytes.len() - at, on_line);
        assert_eq!(done, Ok(bytes.len()));
        self.take_outputs();
    }

    /// The last bytes before the process dies: so many effects of theirs are still recorded.
    pub fn receive_and_die(&mut self, connection: u32, bytes: &[u8], effects: usize) {
        self.edge.lives_for = Some(effects);
        let on_line = (connection, self.tick());
        let done = self
            .gateway
            .on_received(&mut self.edge, bytes, bytes.len(), on_line);
        assert_eq!(done, Err(Stopped));
    }

    /// The sockets take everything that was written to them.
    pub fn take_outputs(&mut self) {
        let mut sums: Vec<(u32, u64)> = Vec::new();
        for (connection, bytes) in &self.edge.outputs {
            match sums.iter_mut().find(|sum| sum.0 == *connection) {
                Some(sum) => sum.1 += bytes.len() as u64,
                None => sums.push((*connection, bytes.len() as u64)),
            }
        }
        self.edge
            .outputs
            .retain(|(connection, _)| *connection == self.venue);
        for (connection, count) in sums {
            if connection & gwanmun_gateway::effect::OFFLINE != 0 {
                continue;
            }
            let before = match self.taken.iter_mut().find(|taken| taken.0 == connection) {
                Some(taken) => {
                    taken.1 += count;
                    taken.1 - count
                }
                None => {
                    self.taken.push((connection, count));
                    0
                }
            };
            let on_line = (connection, self.tick());
            let count = u32::try_from(count).unwrap();
            self.gateway
                .on_accepted(&mut self.edge, (count, before), on_line)
                .unwrap();
        }
    }

    /// Bytes that went to the venue since this was last asked, as requests.
    pub fn requests(&mut self) -> Vec<Request> {
        let outputs = core::mem::take(&mut self.edge.outputs);
        let requests = outputs.iter().filter_map(|(_, bytes)| {
            let Ok(Some((Packet::UnsequencedData(message), _))) = Packet::parse(bytes) else {
                return None;
            };
            match Inbound::parse(message).unwrap() {
                Inbound::EnterOrder(EnterOrder {
                    user_ref_num,
                    quantity,
                    cl_ord_id,
                    ..
                }) => Some(Request::Enter(user_ref_num, quantity, cl_ord_id)),
                Inbound::ReplaceOrder(ReplaceOrder {
                    orig_user_ref_num,
                    user_ref_num,
                    quantity,
                    cl_ord_id,
                    ..
                }) => Some(Request::Replace(
                    (orig_user_ref_num, user_ref_num),
                    quantity,
                    cl_ord_id,
                )),
                Inbound::CancelOrder(request) => Some(Request::Cancel(request.user_ref_num)),
                _ => None,
            }
        });
        requests.collect()
    }

    /// NewOrderSingle(35=D), sent and recorded in the list of orders.
    pub fn order(&mut self, sent: Sent) {
        let body = order_body(&sent);
        let message = self.message("D", &body);
        self.sent.push(sent);
        self.receive(self.member, &message);
    }

    /// The same, answered by the venue with Accepted where it is passed; the UserRefNum then.
    pub fn accepted_order(&mut self, sent: Sent) -> Option<u32> {
        self.requests();
        self.order(sent);
        let request = self.requests().pop()?;
        let Request::Enter(user_ref_num, quantity, cl_ord_id) = request else {
            return None;
        };
        self.venue_says(&Outbound::Accepted(Accepted {
            timestamp_ns: 3,
            user_ref_num,
            side: gwanmun_market::Side::Buy,
            quantity,
            symbol: Symbol::new(SYMBOL.as_bytes()).unwrap(),
            price: Price::ZERO,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 1,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
        Some(user_ref_num)
    }

    /// The venue executes part of an order.
    pub fn executed(&mut self, user_ref_num: u32, quantity: u32, won: i32) {
        self.venue_says(&Outbound::Executed(Executed {
            timestamp_ns: 4,
            user_ref_num,
            quantity,
            price: Price::from_whole(won),
            liquidity_flag: LiquidityFlag(b'A'),
            match_number: 1,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn canceled(&mut self, user_ref_num: u32, quantity: u32) {
        self.venue_says(&Outbound::Canceled(Canceled {
            timestamp_ns: 5,
            user_ref_num,
            quantity,
            reason: CancelReason(b'U'),
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn rejected(&mut self, user_ref_num: u32, cl_ord_id: OrderId) {
        self.venue_says(&Outbound::Rejected(Rejected {
            timestamp_ns: 6,
            user_ref_num,
            reason: RejectReason(1),
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn replaced(&mut self, numbers: (u32, u32), quantity: u32, cl_ord_id: OrderId) {
        self.venue_says(&Outbound::Replaced(Replaced {
            timestamp_ns: 7,
            orig_user_ref_num: numbers.0,
            user_ref_num: numbers.1,
            side: gwanmun_market::Side::Buy,
            quantity,
            symbol: Symbol::new(SYMBOL.as_bytes()).unwrap(),
            price: Price::ZERO,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: 2,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id,
            appendage: Appendage::EMPTY,
        }));
    }

    pub fn venue_says(&mut self, message: &Outbound<'_>) {
        self.next_sequence_number += 1;
        let bytes = packet(|into| sequenced(into, |into| message.encode(into)));
        self.receive(self.venue, &bytes);
    }

    pub fn storage(&mut self, level: StorageLevel) {
        let stamp = self.tick();
        self.gateway
            .on_storage(&mut self.edge, level, stamp)
            .unwrap();
    }

    /// Time passes, and the deadlines of that time with it, while the venue stays alive.
    pub fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.silence(1);
            let heartbeat = packet(|into| Packet::ServerHeartbeat.encode(into));
            self.receive(self.feed, &heartbeat);
            self.receive(self.venue, &heartbeat);
        }
    }

    /// Time passes and nobody says anything.
    pub fn silence(&mut self, seconds: u64) {
        self.now_ns += seconds * 1_000_000_000;
        let stamp = self.tick();
        self.gateway.on_deadlines(&mut self.edge, stamp).unwrap();
        self.take_outputs();
    }

    /// Segments that a waiting resend needs are lent, one after the other. How many.
    pub fn lend(&mut self) -> usize {
        let mut lent = 0;
        while let Some(wanted) = self.gateway.wants(|_| false) {
            self.edge.lent = Some(wanted.segment);
            let stamp = self.tick();
            self.gateway
                .on_segment_lent(&mut self.edge, wanted.segment, stamp)
                .unwrap();
            self.take_outputs();
            lent += 1;
        }
        lent
    }

    /// A stop in good order, whose first step the member answers.
    pub fn leave(&mut self) {
        let stamp = self.tick();
        let gateway = &mut self.gateway;
        gateway
            .on_leaving(&mut self.edge, Leaving::Members, stamp)
            .unwrap();
        self.take_outputs();
        let goodbye = self.message("5", "");
        self.receive(self.member, &goodbye);
        assert!(self.gateway.have_members_left());
        let stamp = self.tick();
        let gateway = &mut self.gateway;
        gateway
            .on_leaving(&mut self.edge, Leaving::Venues, stamp)
            .unwrap();
        self.take_outputs();
    }

    /// The member's line goes down.
    pub fn member_gone(&mut self) {
        let on_line = (self.member, self.tick());
        self.gateway
            .on_closed(&mut self.edge, (1, b"peer closed"), on_line)
            .unwrap();
    }
}

/// A request that reached the venue.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    Enter(u32, u32, OrderId),
    Replace((u32, u32), u32, OrderId),
    Cancel(u32),
}

/// An order of account ACC-1.
pub fn sent(cl_ord_id: &str, side: char, order_qty: u32, price: i32) -> Sent {
    Sent {
        cl_ord_id: cl_ord_id.to_owned(),
        account: "ACC-1".to_owned(),
        side,
        order_qty,
        price,
    }
}

pub fn order_body(sent: &Sent) -> String {
    let Sent {
        cl_ord_id,
        account,
        side,
        order_qty,
        price,
    } = sent;
    format!(
        "11={cl_ord_id}|1={account}|55={SYMBOL}|54={side}|38={order_qty}|40=2|44={price}|59=0|\
         60=20261123-00:00:00|"
    )
}

fn packet(encode: impl FnOnce(&mut [u8]) -> Option<usize>) -> Vec<u8> {
    let mut room = [0; 512];
    let length = encode(&mut room).unwrap();
    room[..length].to_vec()
}
