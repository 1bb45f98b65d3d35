//! Lines that come up and go down, and bytes carried on them both ways.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::input::Endpoint;
use gwanmun_gateway::{Close, Ends};
use gwanmun_market::MarketState;

use super::{Site, World, index_of};
use crate::terms::text;

fn ends() -> Ends {
    Ends {
        peer: Endpoint::v4([10, 0, 0, 2], 40_000),
        local: Endpoint::v4([10, 0, 0, 1], 9_876),
    }
}

impl World {
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
        let member = (index, ends(), self.credential);
        self.call(|gateway, edge| gateway.on_member_logon(edge, member, &logon, line));
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
        for answer in self.arrive(connection, bytes) {
            self.receive(connection, &answer);
        }
    }

    /// Output bytes reach the peer; what it answers at once.
    pub(super) fn arrive(&mut self, connection: u32, bytes: &[u8]) -> Vec<Vec<u8>> {
        if let Some(site) = self.site_on(connection, false) {
            self.sites[site].venue.on_bytes(bytes);
        } else if let Some(member) = self.member_on(connection) {
            return self.members[member].on_bytes(bytes, self.now_ns);
        }
        Vec::new()
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
        self.tell_record_at(site, |into| record.encode(into));
    }

    /// A record of a venue's feed.
    pub(crate) fn tell_record_at(
        &mut self,
        site: usize,
        encode: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) {
        let mut bytes = [0; 128];
        let length = sequenced(&mut bytes, encode).unwrap();
        if let Some(line) = self.sites[site].feed_line {
            self.receive(line, &bytes[..length]);
        }
    }
}
