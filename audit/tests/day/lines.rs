//! Lines that come up and go down, what arrives on them, and what their sockets take.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::{AccountQueryResponse, Outbound};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::input::Endpoint;
use gwanmun_gateway::{Ends, Stopped};
use gwanmun_market::{MarketState, Phase, Price};

use super::terms::text;
use super::{Day, SYMBOL};

const ENDS: Ends = Ends {
    peer: Endpoint::v4([10, 0, 0, 1], 40_000),
    local: Endpoint::v4([10, 0, 0, 2], 9_876),
};

impl Day {
    pub(super) fn connection(&mut self) -> u32 {
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
            .on_member_logon(&mut self.edge, (0, ENDS, self.credential), &logon, on_line)
            .unwrap();
    }

    /// The member's line goes down.
    pub fn member_gone(&mut self) {
        let on_line = (self.member, self.tick());
        self.gateway
            .on_closed(&mut self.edge, (1, b"peer closed"), on_line)
            .unwrap();
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
}

pub(super) fn packet(encode: impl FnOnce(&mut [u8]) -> Option<usize>) -> Vec<u8> {
    let mut room = [0; 512];
    let length = encode(&mut room).unwrap();
    room[..length].to_vec()
}
