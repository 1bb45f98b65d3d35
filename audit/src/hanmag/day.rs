//! The minute itself: a member who sends, a venue that takes and executes whatever reaches it, and
//! a feed that goes on telling the market as it was.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    Capacity, CrossType, Display, LiquidityFlag, OrderState, TimeInForce as OuchTimeInForce,
};
use gwanmun_binary::ouch::{
    Accepted, AccountQueryResponse, EnterOrder, Executed, Inbound, Outbound,
};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::input::Endpoint;
use gwanmun_fix::messages::new_order_single;
use gwanmun_fix::{MessageWriter, tag};
use gwanmun_gateway::effect::OFFLINE;
use gwanmun_gateway::{Credential, Edge, Ends, Gateway, Input, Stamp, Terms, terms_text};
use gwanmun_market::{
    FeeClass, MarketState, NewOrder, OrdType, OrderOrigin, Phase, TimeInForce, VenueName,
    VoiceRecordId,
};

use super::orders::STEP_NS;
use super::recording::Recording;
use super::{ACCOUNT, INSTRUMENTS, Wrong, base_of, orders, symbol_of, text};

/// 2013-12-12 00:00:00 UTC, which is 09:00 in Seoul.
const OPENING_NS: u64 = 1_386_806_400_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;
const ENDS: Ends = Ends {
    peer: Endpoint::v4([10, 0, 0, 1], 40_000),
    local: Endpoint::v4([10, 0, 0, 2], 9_876),
};
const FEED: u32 = 1;
const VENUE: u32 = 2;
const MEMBER: u32 = 3;

/// The journal of the minute; `None` where the gateway stopped, or a message found no room.
pub(super) fn play(terms: Terms) -> Option<Vec<Vec<u8>>> {
    let mut day = Day {
        edge: Recording::new()?,
        gateway: Gateway::new(terms, ()).ok()?,
        now_ns: OPENING_NS - SECOND_NS,
        msg_seq_num: 1,
        sequence_number: 1,
        taken: [0; 4],
    };
    day.record_start()?;
    day.feed_up()?;
    day.venue_up()?;
    day.member_up()?;
    let mut told_ns = day.now_ns;
    for (number, order) in (0_u64..).zip(orders()) {
        day.now_ns = OPENING_NS + number * STEP_NS;
        if day.now_ns >= told_ns + SECOND_NS {
            told_ns = day.now_ns;
            day.second()?;
        }
        day.order(number, &order)?;
    }
    Some(day.edge.into_segments())
}

struct Day {
    gateway: Gateway<()>,
    edge: Recording,
    now_ns: u64,
    msg_seq_num: u64,
    /// Of the venue's next message.
    sequence_number: u64,
    /// Bytes that each line's socket took, by its connection.
    taken: [u64; 4],
}

impl Day {
    const fn stamp(&self) -> Stamp {
        Stamp {
            ns: self.now_ns,
            clock_quality: 0,
        }
    }

    fn record_start(&mut self) -> Option<()> {
        for (kind, payload) in &terms_text::start_records(self.gateway.terms()) {
            let input = Input {
                kind: *kind,
                connection: 0,
                stamp: self.stamp(),
                refers_to: 0,
                payload,
            };
            self.edge.record(input).ok()?;
        }
        Some(())
    }

    fn feed_up(&mut self) -> Option<()> {
        let on_line = (FEED, self.stamp());
        let gateway = &mut self.gateway;
        gateway
            .on_feed_connected(&mut self.edge, (0, ENDS), on_line)
            .ok()?;
        self.login_accepted(FEED, 1)?;
        self.market()
    }

    fn venue_up(&mut self) -> Option<()> {
        let on_line = (VENUE, self.stamp());
        let gateway = &mut self.gateway;
        gateway
            .on_venue_connected(&mut self.edge, (0, ENDS), on_line)
            .ok()?;
        self.login_accepted(VENUE, 1)?;
        self.venue_says(&Outbound::AccountQueryResponse(AccountQueryResponse {
            timestamp_ns: 1,
            next_user_ref_num: 1,
            appendage: Appendage::EMPTY,
        }))
    }

    fn login_accepted(&mut self, connection: u32, sequence_number: u64) -> Option<()> {
        let accepted = Packet::LoginAccepted {
            session: *b"KRX0000001",
            sequence_number,
        };
        self.receive(connection, &packet(|into| accepted.encode(into))?)
    }

    fn member_up(&mut self) -> Option<()> {
        let logon = self.message(b"A", |writer| {
            writer
                .uint(tag::ENCRYPT_METHOD, 0)
                .uint(tag::HEART_BT_INT, 30);
        })?;
        let on_line = (MEMBER, self.stamp());
        let member = (0, ENDS, Credential::Passed);
        let gateway = &mut self.gateway;
        gateway
            .on_member_logon(&mut self.edge, member, &logon, on_line)
            .ok()?;
        self.answer_and_take()
    }

    /// A second passes: timers, the venue's heartbeats, and the market told again as it was.
    fn second(&mut self) -> Option<()> {
        let stamp = self.stamp();
        self.gateway.on_deadlines(&mut self.edge, stamp).ok()?;
        self.answer_and_take()?;
        let heartbeat = packet(|into| Packet::ServerHeartbeat.encode(into))?;
        self.receive(VENUE, &heartbeat)?;
        self.market()
    }

    /// What the feed says of every instrument.
    fn market(&mut self) -> Option<()> {
        let mut bytes = Vec::new();
        for instrument in 0..INSTRUMENTS {
            let base = Some(base_of(instrument));
            let record = MarketStateRecord {
                timestamp_ns: self.now_ns,
                symbol: symbol_of(instrument),
                state: MarketState {
                    phase: Phase::Continuous,
                    base,
                    last: base,
                    ..MarketState::default()
                },
            };
            bytes.extend(packet(|into| sequenced(into, |into| record.encode(into)))?);
        }
        self.receive(FEED, &bytes)
    }

    fn order(&mut self, number: u64, order: &Wrong) -> Option<()> {
        let new = NewOrder {
            cl_ord_id: text(format!("H{number:05}").as_bytes()),
            account: text(ACCOUNT),
            symbol: symbol_of(order.instrument),
            side: order.side,
            ord_type: OrdType::Limit,
            price: order.price,
            order_qty: order.qty,
            time_in_force: TimeInForce::Day,
            origin: OrderOrigin::default(),
            fee_class: FeeClass::default(),
            voice_record_id: VoiceRecordId::EMPTY,
            ex_destination: VenueName::EMPTY,
        };
        let now_ns = self.now_ns;
        let message = self.message(b"D", |writer| new_order_single::write(writer, &new, now_ns))?;
        self.receive(MEMBER, &message)
    }

    /// The member's next message.
    fn message(
        &mut self,
        msg_type: &[u8],
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Option<Vec<u8>> {
        let mut room = [0; 512];
        let mut writer = MessageWriter::start(&mut room, b"FIX.4.4");
        writer
            .bytes(tag::MSG_TYPE, msg_type)
            .bytes(tag::SENDER_COMP_ID, b"MEMBER1")
            .bytes(tag::TARGET_COMP_ID, b"GWANMUN")
            .uint(tag::MSG_SEQ_NUM, self.msg_seq_num)
            .timestamp(tag::SENDING_TIME, self.now_ns);
        body(&mut writer);
        let length = writer.finish()?;
        self.msg_seq_num += 1;
        room.get(..length).map(<[u8]>::to_vec)
    }

    fn receive(&mut self, connection: u32, bytes: &[u8]) -> Option<()> {
        let on_line = (connection, self.stamp());
        let gateway = &mut self.gateway;
        let done = gateway.on_received(&mut self.edge, bytes, bytes.len(), on_line);
        if done != Ok(bytes.len()) {
            return None;
        }
        self.answer_and_take()
    }

    /// The sockets take what was written, and the venue executes every order that it got, whole
    /// and at its own price.
    fn answer_and_take(&mut self) -> Option<()> {
        for (connection, bytes) in core::mem::take(&mut self.edge.outputs) {
            if connection & OFFLINE != 0 {
                continue;
            }
            let taken = self.taken.get_mut(usize::try_from(connection).ok()?)?;
            let before = *taken;
            *taken += bytes.len() as u64;
            let on_line = (connection, self.stamp());
            let count = u32::try_from(bytes.len()).ok()?;
            let gateway = &mut self.gateway;
            gateway
                .on_accepted(&mut self.edge, (count, before), on_line)
                .ok()?;
            if connection == VENUE
                && let Ok(Some((Packet::UnsequencedData(message), _))) = Packet::parse(&bytes)
                && let Ok(Inbound::EnterOrder(enter)) = Inbound::parse(message)
            {
                self.executed(&enter)?;
            }
        }
        Some(())
    }

    fn executed(&mut self, enter: &EnterOrder<'_>) -> Option<()> {
        self.venue_says(&Outbound::Accepted(Accepted {
            timestamp_ns: self.now_ns,
            user_ref_num: enter.user_ref_num,
            side: enter.side,
            quantity: enter.quantity,
            symbol: enter.symbol,
            price: enter.price,
            time_in_force: OuchTimeInForce::DAY,
            display: Display::VISIBLE,
            order_reference_number: u64::from(enter.user_ref_num),
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            order_state: OrderState::LIVE,
            cl_ord_id: enter.cl_ord_id,
            appendage: Appendage::EMPTY,
        }))?;
        self.venue_says(&Outbound::Executed(Executed {
            timestamp_ns: self.now_ns,
            user_ref_num: enter.user_ref_num,
            quantity: enter.quantity,
            price: enter.price,
            liquidity_flag: LiquidityFlag(b'A'),
            match_number: self.sequence_number,
            appendage: Appendage::EMPTY,
        }))
    }

    fn venue_says(&mut self, message: &Outbound<'_>) -> Option<()> {
        self.sequence_number += 1;
        let bytes = packet(|into| sequenced(into, |into| message.encode(into)))?;
        self.receive(VENUE, &bytes)
    }
}

fn packet(encode: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<Vec<u8>> {
    let mut room = [0; 512];
    let length = encode(&mut room)?;
    room.get(..length).map(<[u8]>::to_vec)
}
