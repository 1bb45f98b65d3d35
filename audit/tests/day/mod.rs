//! A day made by the real gateway: a member, a venue and its feed, written by hand.
//!
//! Here are its beginning, its restarts and its clock; `terms` says who trades what, `lines` moves
//! bytes, `member` and `venue` are the two sides, `restored` is a start from the journal,
//! `recording` the journal itself and `rewrite` a journal with something changed.

#![allow(dead_code, reason = "each test uses its part of the day")]
#![allow(unreachable_pub, reason = "a module of tests has no outside")]

pub mod fix_venue;
mod lines;
pub mod member;
mod recording;
mod restored;
pub mod rewrite;
mod terms;
pub mod venue;

use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::input::{Leaving, Schedule, ScheduleKind};
use gwanmun_gateway::{
    Credential, Edge, Gateway, Input, SessionsCommand, Stamp, Stopped, StorageLevel, TablesCommand,
    Terms, terms_text,
};

use lines::packet;
pub use member::{Sent, sent};
pub use recording::{Recording, SEGMENT_BYTES, head};
pub use terms::{SYMBOL, terms};

/// 2026-11-23 00:00:00 UTC.
const MIDNIGHT_NS: u64 = 1_795_392_000_000_000_000;

/// A gateway with everything around it.
pub struct Day {
    pub edge: Recording,
    pub gateway: Gateway<()>,
    terms: Terms,
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
    /// What comes of the member's name and password.
    pub credential: Credential,
    /// Orders sent, in order.
    pub sent: Vec<Sent>,
}

impl Day {
    /// The first start, with the lines to the venue up and the member logged on.
    pub fn begin() -> Day {
        let mut day = Day::of(terms());
        day.come_up();
        day
    }

    /// The first start under other terms, without lines.
    pub fn of(terms: Terms) -> Day {
        let mut day = Day {
            edge: Recording::new(),
            gateway: Gateway::new(terms.clone(), ()).unwrap(),
            terms,
            now_ns: MIDNIGHT_NS,
            next_connection: 1,
            member: 0,
            venue: 0,
            feed: 0,
            msg_seq_num: 1,
            next_sequence_number: 1,
            taken: Vec::new(),
            credential: Credential::Passed,
            sent: Vec::new(),
        };
        day.record_start();
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

    fn record_start(&mut self) {
        let stamp = self.tick();
        for (kind, payload) in &terms_text::start_records(&self.terms) {
            let input = Input {
                kind: *kind,
                connection: 0,
                stamp,
                refers_to: 0,
                payload,
            };
            self.edge.record(input).unwrap();
        }
    }

    pub fn come_up(&mut self) {
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

    /// Seconds since midnight.
    pub fn now_s(&self) -> u64 {
        (self.now_ns - MIDNIGHT_NS) / 1_000_000_000
    }

    /// The member's hours are told, in seconds since midnight; whether the journal took it all.
    pub fn window(&mut self, (from_s, to_s): (u64, u64)) -> Result<(), Stopped> {
        let schedule = Schedule {
            session: 0,
            kind: ScheduleKind::Window,
            from_ns: MIDNIGHT_NS + from_s * 1_000_000_000,
            to_ns: MIDNIGHT_NS + to_s * 1_000_000_000,
        };
        let stamp = self.tick();
        self.gateway.on_schedule(&mut self.edge, schedule, stamp)?;
        self.take_outputs();
        Ok(())
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

    /// Time passes up to so many seconds behind midnight, while venue and member stay alive.
    pub fn wait_alive(&mut self, until_s: u64) {
        while self.now_s() < until_s {
            if self.gateway.is_bound(0) {
                let heartbeat = self.message("0", "");
                self.receive(self.member, &heartbeat);
            }
            self.wait((until_s - self.now_s()).min(10));
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

    /// An operator's command. Whether it was followed.
    pub fn command(&mut self, payload: &[u8]) -> bool {
        let stamp = self.tick();
        let gateway = &mut self.gateway;
        let answered = gateway.on_command(&mut self.edge, payload, stamp).unwrap();
        answered.done.is_ok()
    }

    /// A command about sessions. Whether it was followed.
    pub fn sessions(&mut self, payload: &[u8]) -> bool {
        let stamp = self.tick();
        let gateway = &mut self.gateway;
        let mut command = SessionsCommand::read(payload, gateway.terms()).unwrap();
        let answered = gateway.on_sessions(&mut self.edge, &mut command, stamp);
        answered.unwrap().done.is_ok()
    }

    /// A command about tables. Whether it was followed.
    pub fn tables(&mut self, payload: &[u8]) -> bool {
        let stamp = self.tick();
        let gateway = &mut self.gateway;
        let mut command = TablesCommand::read(payload, gateway.terms()).unwrap();
        let answered = gateway.on_tables(&mut self.edge, &mut command, stamp);
        answered.unwrap().done.is_ok()
    }

    /// An operator's command whose outcome the process does not live to put on record.
    pub fn command_and_die(&mut self, payload: &[u8]) {
        let stamp = self.tick();
        let answered = self.gateway.on_command(&mut self.edge, payload, stamp);
        assert_eq!(answered, Err(Stopped));
    }

    /// Tables whose taking the process does not live to put on record.
    pub fn tables_and_die(&mut self, payload: &[u8]) {
        let stamp = self.tick();
        let mut command = TablesCommand::read(payload, self.gateway.terms()).unwrap();
        let answered = self.gateway.on_tables(&mut self.edge, &mut command, stamp);
        assert_eq!(answered, Err(Stopped));
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
}
