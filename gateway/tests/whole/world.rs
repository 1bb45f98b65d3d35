//! Members, gateway and venue in one place, joined by lines that the tests cut, hold and split.
//!
//! Every call into the gateway is made under the counting allocator (`no_allocation`), and after
//! every input the sums of [`Images`] are taken where a test asks for it.

use std::collections::BTreeMap;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::effect::EffectWriter;
use gwanmun_captures::input::{Endpoint, Leaving};
use gwanmun_fix::encode::MessageWriter;
use gwanmun_fix::tag;
use gwanmun_gateway::effect::TAG_NUMBERS;
use gwanmun_gateway::{
    Close, Ends, Gateway, PastLines, Stamp, Stopped, StorageLevel, Terms, VenuePhase,
};
use gwanmun_market::{MarketState, OrderId, Symbol};
use gwanmun_runtime::allocation;

use crate::edge::MemoryEdge;
use crate::images::Images;
use crate::member::Member;
use crate::snapshot::Restored;
use crate::terms::{self, FUTURE, HYNIX, NOW_NS, SAMSUNG, text};
use crate::venue::Venue;

const SEGMENT_BYTES: usize = 1 << 20;

pub(crate) struct World {
    pub(crate) terms: Terms,
    pub(crate) gateway: Gateway<()>,
    pub(crate) edge: MemoryEdge,
    pub(crate) members: Vec<Member>,
    pub(crate) member_lines: Vec<Option<u32>>,
    /// One for each venue of the terms.
    pub(crate) sites: Vec<Site>,
    pub(crate) now_ns: u64,
    /// Lines whose sockets accept nothing now.
    pub(crate) held_sockets: Vec<u32>,
    /// Whether received bytes come one by one.
    pub(crate) is_split: bool,
    /// Whether the sums and a restored twin are looked at after every input.
    pub(crate) is_checked: bool,
    /// Segments before the snapshot that a crash restarts from; all that are finished unless told.
    pub(crate) snapshot_border: Option<usize>,
    next_connection: u32,
    delivered: usize,
    unconsumed: BTreeMap<u32, Vec<u8>>,
    accepted: BTreeMap<u32, u64>,
    /// Bytes that wait for a held socket.
    waiting: BTreeMap<u32, Vec<Vec<u8>>>,
}

/// A venue and its two lines.
pub(crate) struct Site {
    pub(crate) venue: Venue,
    pub(crate) order_line: Option<u32>,
    pub(crate) feed_line: Option<u32>,
    /// Whether the venue reads requests only when the test says so.
    pub(crate) is_slow: bool,
}

fn index_of(site: usize) -> u16 {
    u16::try_from(site).unwrap()
}

fn ends() -> Ends {
    Ends {
        peer: Endpoint::v4([10, 0, 0, 2], 40_000),
        local: Endpoint::v4([10, 0, 0, 1], 9_876),
    }
}

impl Site {
    pub(crate) fn new() -> Site {
        Site {
            venue: Venue::new(),
            order_line: None,
            feed_line: None,
            is_slow: false,
        }
    }
}

impl World {
    /// Everything logged on, the market open.
    pub(crate) fn new() -> World {
        let mut world = World::of(terms::terms(), SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// The same with two venues, both open.
    pub(crate) fn with_two_venues() -> World {
        let mut world = World::of(terms::two_venues(), SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// A gateway just started, nothing connected.
    pub(crate) fn of(terms: Terms, segment_bytes: usize) -> World {
        let mut edge = MemoryEdge::new(segment_bytes);
        let stamp = Stamp {
            ns: NOW_NS,
            clock_quality: 0,
        };
        edge.record_start(&terms, stamp);
        World {
            gateway: Gateway::new(terms.clone(), ()).unwrap(),
            edge,
            members: (0..2).map(Member::new).collect(),
            member_lines: vec![None; terms.members.len()],
            sites: terms.venues.iter().map(|_| Site::new()).collect(),
            now_ns: NOW_NS,
            held_sockets: Vec::new(),
            is_split: false,
            is_checked: true,
            snapshot_border: None,
            next_connection: 1,
            delivered: 0,
            unconsumed: BTreeMap::new(),
            accepted: BTreeMap::new(),
            waiting: BTreeMap::new(),
            terms,
        }
    }

    pub(crate) fn connect_all(&mut self) {
        for site in 0..self.sites.len() {
            self.connect_venue_at(site);
            self.connect_feed_at(site);
            self.open_market(site);
        }
        self.connect_member(0, false);
        self.connect_member(1, false);
    }

    fn open_market(&mut self, site: usize) {
        for symbol in [SAMSUNG, HYNIX] {
            self.tell_market_at(site, symbol, terms::open_market());
        }
        let future = MarketState {
            last: Some(gwanmun_market::Price(3_500_000)),
            best_bid: None,
            best_ask: None,
            ..terms::open_market()
        };
        self.tell_market_at(site, FUTURE, future);
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            ns: self.now_ns,
            clock_quality: 0,
        }
    }

    /// One call into the gateway: it allocates nothing, and nothing is done once it has stopped.
    pub(crate) fn call(
        &mut self,
        body: impl FnOnce(&mut Gateway<()>, &mut MemoryEdge) -> Result<(), Stopped>,
    ) {
        if self.edge.is_stopped {
            return;
        }
        let counting = allocation::count_here();
        let done = body(&mut self.gateway, &mut self.edge);
        let allocations = counting.count();
        drop(counting);
        assert_eq!(allocations, 0, "the gateway allocated");
        assert_eq!(done.is_err(), self.edge.is_stopped);
        if self.is_checked && done.is_ok() {
            self.check();
        }
    }

    /// The sums hold, and a gateway restored from the journal is the same byte for byte.
    pub(crate) fn check(&self) {
        let image = self.gateway.snapshot(&PastLines::default());
        Images::read(&image).assert_sums();
        assert!(
            self.restored().snapshot(&PastLines::default()) == image,
            "a restart brings back another state"
        );
    }

    pub(crate) fn images(&self) -> Images {
        Images::read(&self.gateway.snapshot(&PastLines::default()))
    }

    pub(crate) fn restored(&self) -> Gateway<()> {
        Restored::from_all(&self.terms, self.edge.segments()).gateway
    }

    /// Restored from a snapshot and the records behind it: the same as from all records.
    fn restored_by_snapshot(&self) -> Gateway<()> {
        let segments = self.edge.segments();
        let border = self.snapshot_border.unwrap_or(segments.len() - 1);
        let file = Restored::from_all(&self.terms, &segments[..border]).file();
        let restored = Restored::from_snapshot(&self.terms, &file, segments).unwrap();
        let all = Restored::from_all(&self.terms, segments);
        assert!(restored.file() == all.file(), "a snapshot is another state");
        restored.gateway
    }

    // Lines.

    fn connect(&mut self) -> u32 {
        let connection = self.next_connection;
        self.next_connection += 1;
        connection
    }

    pub(crate) fn connect_venue(&mut self) {
        self.connect_venue_at(0);
    }

    pub(crate) fn connect_venue_at(&mut self, site: usize) {
        let connection = self.connect();
        self.sites[site].order_line = Some(connection);
        let (line, at) = ((connection, self.stamp()), (index_of(site), ends()));
        self.call(|gateway, edge| gateway.on_venue_connected(edge, at, line));
        self.run();
    }

    pub(crate) fn connect_feed(&mut self) {
        self.connect_feed_at(0);
    }

    pub(crate) fn connect_feed_at(&mut self, site: usize) {
        let connection = self.connect();
        self.sites[site].feed_line = Some(connection);
        let (line, at) = ((connection, self.stamp()), (index_of(site), ends()));
        self.call(|gateway, edge| gateway.on_feed_connected(edge, at, line));
        self.run();
        let accepted = Packet::LoginAccepted {
            session: *b"FEED      ",
            sequence_number: 1,
        };
        let mut bytes = [0; 64];
        let length = accepted.encode(&mut bytes).unwrap();
        self.receive(connection, &bytes[..length]);
    }

    pub(crate) fn connect_member(&mut self, member: usize, is_reset: bool) {
        let connection = self.connect();
        self.member_lines[member] = Some(connection);
        let logon = self.members[member].logon(self.now_ns, is_reset);
        let (line, index) = ((connection, self.stamp()), u16::try_from(member).unwrap());
        self.call(|gateway, edge| gateway.on_member_logon(edge, (index, ends()), &logon, line));
        self.run();
    }

    fn close(&mut self, connection: u32) {
        self.unconsumed.remove(&connection);
        self.waiting.remove(&connection);
        self.held_sockets.retain(|held| *held != connection);
        let line = (connection, self.stamp());
        self.call(|gateway, edge| gateway.on_closed(edge, (1, b"peer closed"), line));
    }

    pub(crate) fn cut_venue(&mut self, are_requests_lost: bool) {
        self.cut_venue_at(0, are_requests_lost);
    }

    pub(crate) fn cut_venue_at(&mut self, site: usize, are_requests_lost: bool) {
        if let Some(connection) = self.sites[site].order_line.take() {
            self.sites[site].venue.on_cut(are_requests_lost);
            self.close(connection);
        }
    }

    pub(crate) fn cut_feed(&mut self) {
        self.cut_feed_at(0);
    }

    pub(crate) fn cut_feed_at(&mut self, site: usize) {
        if let Some(connection) = self.sites[site].feed_line.take() {
            self.close(connection);
        }
    }

    pub(crate) fn cut_member(&mut self, member: usize) {
        if let Some(connection) = self.member_lines[member].take() {
            self.close(connection);
        }
    }

    /// Bytes arrive on a line.
    pub(crate) fn receive(&mut self, connection: u32, bytes: &[u8]) {
        let chunks = if self.is_split { 1 } else { bytes.len().max(1) };
        for chunk in bytes.chunks(chunks) {
            let mut all = self.unconsumed.remove(&connection).unwrap_or_default();
            all.extend_from_slice(chunk);
            let line = (connection, self.stamp());
            let mut consumed = 0;
            self.call(|gateway, edge| {
                consumed = gateway.on_received(edge, &all, chunk.len(), line)?;
                Ok(())
            });
            assert!(consumed <= all.len());
            all.drain(..consumed);
            self.unconsumed.insert(connection, all);
        }
    }

    /// Carries everything where it belongs until nothing moves.
    pub(crate) fn run(&mut self) {
        loop {
            let mut has_moved = false;
            while self.delivered < self.edge.outputs.len() && !self.edge.is_stopped {
                let output = self.edge.outputs[self.delivered].clone();
                self.delivered += 1;
                has_moved = true;
                assert!(output.number <= self.edge.record_count());
                self.carry(output.connection, &output.bytes);
            }
            for (connection, how) in std::mem::take(&mut self.edge.closed) {
                let _: Close = how;
                self.on_close(connection);
            }
            for site in 0..self.sites.len() {
                has_moved |= self.run_site(site);
            }
            if !has_moved || self.edge.is_stopped {
                return;
            }
        }
    }

    /// A venue reads a request and says something; tells whether it did.
    fn run_site(&mut self, site: usize) -> bool {
        let site = &mut self.sites[site];
        let has_read = !site.is_slow && site.venue.step();
        let Some(line) = site.order_line else {
            return has_read;
        };
        let Some(packet) = site.venue.say() else {
            return has_read;
        };
        self.receive(line, &packet);
        true
    }

    /// The site that has a connection as its order line, or as its feed line.
    fn site_on(&self, connection: u32, is_feed: bool) -> Option<usize> {
        let line = |site: &Site| {
            if is_feed {
                site.feed_line
            } else {
                site.order_line
            }
        };
        let is_its = |site: &Site| line(site) == Some(connection);
        self.sites.iter().position(is_its)
    }

    /// The gateway closed a line.
    fn on_close(&mut self, connection: u32) {
        if let Some(site) = self.site_on(connection, false) {
            self.cut_venue_at(site, false);
        } else if let Some(site) = self.site_on(connection, true) {
            self.cut_feed_at(site);
        } else if let Some(member) = self.member_on(connection) {
            self.cut_member(member);
        } else {
            self.close(connection);
        }
    }

    fn member_on(&self, connection: u32) -> Option<usize> {
        let is_its = |line: &Option<u32>| *line == Some(connection);
        self.member_lines.iter().position(is_its)
    }

    /// Output bytes reach a socket.
    fn carry(&mut self, connection: u32, bytes: &[u8]) {
        if self.held_sockets.contains(&connection) {
            let waiting = self.waiting.entry(connection).or_default();
            return waiting.push(bytes.to_vec());
        }
        let is_open = self.site_on(connection, false).is_some()
            || self.site_on(connection, true).is_some()
            || self.member_on(connection).is_some();
        if !is_open {
            return;
        }
        let before = *self.accepted.entry(connection).or_default();
        *self.accepted.get_mut(&connection).unwrap() += bytes.len() as u64;
        let line = (connection, self.stamp());
        let count = u32::try_from(bytes.len()).unwrap();
        self.call(|gateway, edge| gateway.on_accepted(edge, (count, before), line));
        self.arrive(connection, bytes);
    }

    /// Output bytes reach the peer.
    fn arrive(&mut self, connection: u32, bytes: &[u8]) {
        if let Some(site) = self.site_on(connection, false) {
            self.sites[site].venue.on_bytes(bytes);
        } else if let Some(member) = self.member_on(connection) {
            for answer in self.members[member].on_bytes(bytes, self.now_ns) {
                self.receive(connection, &answer);
            }
        }
    }

    /// A held socket accepts again.
    pub(crate) fn release(&mut self, connection: u32) {
        self.held_sockets.retain(|held| *held != connection);
        for bytes in self.waiting.remove(&connection).unwrap_or_default() {
            self.carry(connection, &bytes);
        }
        self.run();
    }

    /// The venue reads one request that waited.
    pub(crate) fn venue_reads(&mut self) {
        assert!(self.sites[0].venue.step());
        self.run();
    }

    pub(crate) fn tell_market(&mut self, symbol: &str, state: MarketState) {
        self.tell_market_at(0, symbol, state);
    }

    pub(crate) fn tell_market_at(&mut self, site: usize, symbol: &str, state: MarketState) {
        let record = MarketStateRecord {
            timestamp_ns: 0,
            symbol: text(symbol),
            state,
        };
        let mut bytes = [0; 128];
        let length = sequenced(&mut bytes, |into| record.encode(into)).unwrap();
        if let Some(line) = self.sites[site].feed_line {
            self.receive(line, &bytes[..length]);
        }
    }

    pub(crate) fn leave(&mut self, who: Leaving) {
        let stamp = self.stamp();
        self.call(|gateway, edge| gateway.on_leaving(edge, who, stamp));
        self.run();
    }

    pub(crate) fn storage(&mut self, level: StorageLevel) {
        let stamp = self.stamp();
        self.call(|gateway, edge| gateway.on_storage(edge, level, stamp));
    }

    /// Time passes; deadlines fire as they come.
    pub(crate) fn wait_ns(&mut self, ns: u64) {
        let until = self.now_ns + ns;
        while let Some(due) = self.gateway.next_deadline_ns().filter(|due| *due <= until) {
            self.now_ns = self.now_ns.max(due);
            let stamp = self.stamp();
            self.call(|gateway, edge| gateway.on_deadlines(edge, stamp));
            self.run();
        }
        self.now_ns = until;
    }

    // The process dies and starts again.

    /// What was committed and had not left the process reaches its peer or not.
    pub(crate) fn crash(&mut self, are_outputs_lost: bool) {
        self.edge.is_stopped = true;
        let rest = self.edge.outputs.split_off(self.delivered);
        if !are_outputs_lost {
            for output in rest {
                self.arrive_late(output.connection, &output.bytes);
            }
        }
        for site in &mut self.sites {
            site.venue.on_cut(false);
            (site.order_line, site.feed_line) = (None, None);
        }
        self.member_lines.fill(None);
        self.unconsumed.clear();
        self.accepted.clear();
        self.waiting.clear();
        self.held_sockets.clear();
        self.delivered = 0;
        self.edge.begin_epoch();
        self.gateway = self.restored_by_snapshot();
        let (terms, stamp) = (self.terms.clone(), self.stamp());
        self.edge.record_start(&terms, stamp);
        self.next_connection = 1;
    }

    /// A restart after which everything is connected again.
    pub(crate) fn restart(&mut self, are_outputs_lost: bool) {
        self.crash(are_outputs_lost);
        self.connect_all();
    }

    /// A member's session goes on from `next_out`, by way of a restart.
    pub(crate) fn set_numbers(&mut self, member: usize, next_out: u64) {
        let next_in = self.members[member].next_out;
        let mut image = [0; 18];
        image[..2].copy_from_slice(&u16::try_from(member).unwrap().to_le_bytes());
        image[2..10].copy_from_slice(&next_in.to_le_bytes());
        image[10..].copy_from_slice(&next_out.to_le_bytes());
        let mut payload = [0; 32];
        let mut writer = EffectWriter::new(&mut payload);
        writer.put(TAG_NUMBERS, &image).unwrap();
        let used_bytes = writer.used();
        self.edge.plant_effect(&payload[..used_bytes]);
        self.members[member].next_in = next_out;
        self.restart(false);
    }

    fn arrive_late(&mut self, connection: u32, bytes: &[u8]) {
        if let Some(site) = self.site_on(connection, false) {
            self.sites[site].venue.on_bytes(bytes);
        } else if let Some(member) = self.member_on(connection) {
            let _ = self.members[member].on_bytes(bytes, self.now_ns);
        }
    }

    // What members say.

    pub(crate) fn say(
        &mut self,
        member: usize,
        msg_type: &str,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) {
        let bytes = self.members[member].message(msg_type, self.now_ns, body);
        if let Some(line) = self.member_lines[member] {
            self.receive(line, &bytes);
        }
        self.run();
    }

    pub(crate) fn order(&mut self, member: usize, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "D", |writer| order.write(writer, now_ns));
    }

    pub(crate) fn cancel(&mut self, member: usize, cl_ord_id: &str, orig: &str, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "F", |writer| {
            writer
                .bytes(tag::ORIG_CL_ORD_ID, orig.as_bytes())
                .bytes(tag::CL_ORD_ID, cl_ord_id.as_bytes())
                .bytes(tag::SYMBOL, order.symbol.as_bytes())
                .char(tag::SIDE, order.side)
                .timestamp(tag::TRANSACT_TIME, now_ns);
        });
    }

    /// `order` as it shall be; `orig` is its name so far.
    pub(crate) fn replace(&mut self, member: usize, orig: &str, order: &Ask<'_>) {
        let now_ns = self.now_ns;
        self.say(member, "G", |writer| {
            writer.bytes(tag::ORIG_CL_ORD_ID, orig.as_bytes());
            order.write(writer, now_ns);
        });
    }

    // What can be asked.

    pub(crate) fn is_up(&self) -> bool {
        self.is_up_at(0)
    }

    pub(crate) fn is_up_at(&self, site: usize) -> bool {
        self.gateway.venue_phase(index_of(site)) == VenuePhase::Up
    }

    pub(crate) fn sold_at_most(&self, symbol: &str) -> i64 {
        let symbol: Symbol = text(symbol);
        let sold = |site: &Site| site.venue.sold_at_most(&symbol);
        self.sites.iter().map(sold).sum()
    }

    pub(crate) fn entered(&self) -> &[OrderId] {
        &self.sites[0].venue.entered
    }
}

/// A NewOrderSingle(35=D) to send, or an order as a replace wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) cl_ord_id: &'a str,
    pub(crate) account: &'a str,
    pub(crate) symbol: &'a str,
    pub(crate) side: u8,
    pub(crate) quantity: u32,
    pub(crate) price: i32,
    pub(crate) ord_type: u8,
    pub(crate) time_in_force: u8,
    /// ExDestination(100); empty for none.
    pub(crate) venue: &'a str,
}

pub(crate) const BUY: u8 = b'1';
pub(crate) const SELL: u8 = b'2';

/// A limit order that every check lets pass.
pub(crate) fn ask(cl_ord_id: &str, side: u8, quantity: u32) -> Ask<'_> {
    Ask {
        cl_ord_id,
        account: terms::ACCOUNT,
        symbol: SAMSUNG,
        side,
        quantity,
        price: terms::LAST,
        ord_type: b'2',
        time_in_force: b'0',
        venue: "",
    }
}

impl Ask<'_> {
    fn write(&self, writer: &mut MessageWriter<'_>, now_ns: u64) {
        writer
            .bytes(tag::CL_ORD_ID, self.cl_ord_id.as_bytes())
            .bytes(tag::ACCOUNT, self.account.as_bytes())
            .bytes(tag::SYMBOL, self.symbol.as_bytes())
            .char(tag::SIDE, self.side)
            .timestamp(tag::TRANSACT_TIME, now_ns)
            .uint(tag::ORDER_QTY, self.quantity.into())
            .char(tag::ORD_TYPE, self.ord_type);
        if self.ord_type == b'2' {
            writer.price(tag::PRICE, terms::won(self.price));
        }
        writer
            .char(tag::TIME_IN_FORCE, self.time_in_force)
            .bytes(tag::EX_DESTINATION, self.venue.as_bytes());
    }
}
