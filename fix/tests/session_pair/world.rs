//! Both sides, the wire between them, the clock, and what goes wrong.

use gwanmun_fix::session::{DisconnectReason, History, Numbers, Outcome, Past, ResendProgress};
use gwanmun_fix::{Frame, Index, Message, Version, frame, tag};

use crate::session_support::{Random, SECOND_NS, START_NS, readable};
use crate::side::Side;
use crate::tally::{Count, Tally};

const MESSAGE_BYTES_MAX: usize = 4096;
const DAY_NS: u64 = 24 * 3600 * SECOND_NS;
const EPISODES: u64 = 6;
const HOUR_NS: u64 = 3600 * SECOND_NS;

pub(crate) struct World {
    random: Random,
    now_ns: u64,
    sides: [Side; 2],
    is_connected: bool,
    has_faults: bool,
    /// Application messages are sent at every turn.
    is_busy: bool,
    tally: Tally,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        let mut random = Random(seed);
        let version = Version::ALL[random.below(3) as usize];
        let sides = [false, true].map(|is_acceptor| Side::new(&mut random, version, is_acceptor));
        World {
            random,
            now_ns: START_NS,
            sides,
            is_connected: false,
            has_faults: false,
            is_busy: false,
            tally: Tally::default(),
        }
    }

    /// A day: storms, and what lies between them.
    pub(crate) fn day(mut self) -> Tally {
        for episode in 1..=EPISODES {
            self.has_faults = true;
            self.is_busy = true;
            for _ in 0..60 {
                self.now_ns += self.random.below(SECOND_NS);
                self.tick();
            }
            self.is_busy = false;
            for _ in 0..12 {
                self.advance();
                self.tick();
            }
            self.become_level();
            self.stay_level(START_NS + DAY_NS * episode / EPISODES);
        }
        self.tally.virtual_ns = self.now_ns - START_NS;
        self.tally
    }

    fn interval_ns(&self) -> u64 {
        u64::from(self.sides[0].terms.heart_bt_int_s) * SECOND_NS
    }

    fn become_level(&mut self) {
        self.has_faults = false;
        for side in &mut self.sides {
            side.clock_offset_ns = 0;
        }
        let calm_from_ns = self.now_ns;
        self.wait_for_level(calm_from_ns);
        // A Logout(5) that was lost leaves its sender level and about to close: let it.
        self.now_ns += 3 * SECOND_NS;
        self.tick();
        self.wait_for_level(calm_from_ns);
    }

    fn wait_for_level(&mut self, calm_from_ns: u64) {
        while !self.is_level() {
            self.advance();
            self.tick();
            // Silence is noticed after 2.4 intervals, a gap that stands still after two.
            let limit_ns = 60 * SECOND_NS + 5 * self.interval_ns();
            let [one, other] = &self.sides;
            assert!(
                self.now_ns - calm_from_ns < limit_ns,
                "not level: {:#?} {:#?}",
                one.session,
                other.session
            );
        }
    }

    /// From heartbeat to heartbeat; the line that stands now must hold.
    fn stay_level(&mut self, until_ns: u64) {
        while self.now_ns < until_ns {
            self.advance();
            if self.random.once_in(16) {
                let at = self.random.below(2) as usize;
                self.send(at);
            }
            self.tick();
            assert!(self.is_connected && self.sides.iter().all(|side| side.session.is_logged_on()));
        }
        self.become_level();
    }

    /// Moves the clock: to the next deadline where nothing is under way, else by under a second.
    fn advance(&mut self) {
        let deadlines = self.sides.iter().filter_map(|side| {
            let deadline_ns = side.session.next_deadline_ns()?;
            Some(deadline_ns.saturating_add_signed(-side.clock_offset_ns))
        });
        let next_ns = deadlines.min().unwrap_or(0).max(self.now_ns);
        let is_idle = self.is_connected && self.sides.iter().all(Side::is_idle);
        self.now_ns = match is_idle {
            // A clock that is set back makes deadlines far; the turns of a process do not wait.
            true => next_ns.min(self.now_ns + self.interval_ns()),
            false => self.now_ns + self.random.below(SECOND_NS),
        };
    }

    fn connect(&mut self) {
        self.is_connected = true;
        self.tally.count(Count::Lines);
        for side in &mut self.sides {
            let clock_ns = side.clock_ns(self.now_ns);
            side.session.on_connect(clock_ns);
        }
        self.maybe_fail_disk(0);
        let initiator = &mut self.sides[0];
        let clock_ns = initiator.clock_ns(self.now_ns);
        let sent = initiator
            .session
            .logon(clock_ns, &mut initiator.outbox, |_| {});
        assert!(sent.is_ok() || initiator.record.is_some());
        self.ship(0, true);
    }

    /// The line goes: some of what is on its way still arrives, unless both sides are gone at once.
    fn drop_line(&mut self) {
        for at in 0..2 {
            let reaches = self.random.below(self.sides[at].wire.len() as u64 + 1);
            self.arrive(at, reaches as usize);
        }
        self.is_connected = false;
        for at in 0..2 {
            self.sides[at].session.on_disconnect();
            self.sides[at].wire.clear();
            self.sides[at].arrived.clear();
            if self.has_faults && self.random.once_in(3) {
                // The process is gone; its numbers come back from its records.
                self.tally.count(Count::Restarts);
                let numbers = self.sides[at].session.numbers();
                self.sides[at].restart(numbers);
            }
        }
    }

    fn maybe_fail_disk(&mut self, at: usize) {
        if self.has_faults && self.random.once_in(300) {
            let commits = self.random.below(2) as usize;
            self.sides[at].fail_disk(commits);
        }
    }

    /// Ends a step of a side: keeps what it wrote and puts it on the wire, or buries the process.
    /// Tells whether it lives.
    fn ship(&mut self, from: usize, is_on_wire: bool) -> bool {
        if self.sides[from].dies() {
            self.tally.count(Count::DiskFailed);
            return false;
        }
        for (sent, bytes) in self.sides[from].outbox.take() {
            self.tally.trace(&bytes);
            self.tally.count(Count::Messages);
            if sent.is_resend {
                self.tally.count(if sent.is_application {
                    Count::Repeated
                } else {
                    Count::GapFills
                });
            }
            if sent.is_application && !sent.is_resend && is_reject(&bytes) {
                self.sides[from].rejects_sent += 1;
            }
            self.sides[from].store.keep(sent, &bytes);
            if !is_on_wire || !self.is_connected {
                continue;
            }
            let copies = match self.random.below(200) {
                0..4 if self.has_faults => 0,
                4..6 if self.has_faults => 2,
                _ => 1,
            };
            match copies {
                0 => self.tally.count(Count::Dropped),
                2 => self.tally.count(Count::Duplicated),
                _ => {}
            }
            for _ in 0..copies {
                self.sides[1 - from].wire.extend_from_slice(&bytes);
            }
        }
        true
    }

    fn send(&mut self, at: usize) {
        self.maybe_fail_disk(at);
        let side = &mut self.sides[at];
        let text = (side.sent_count + 1).to_string();
        let msg_type: &[u8] = if side.terms.is_acceptor { b"8" } else { b"D" };
        let is_on_wire = side.session.is_logged_on();
        let clock_ns = side.clock_ns(self.now_ns);
        let sent = side
            .session
            .send(msg_type, clock_ns, &mut side.outbox, |writer| {
                writer.bytes(tag::CL_ORD_ID, text.as_bytes());
            });
        assert!(sent.is_ok() || side.record.is_some());
        if self.ship(at, is_on_wire) {
            self.sides[at].sent_count += 1;
        }
    }

    /// Moves bytes of the wire into a side and lets it take what is whole.
    fn arrive(&mut self, at: usize, count: usize) {
        let side = &mut self.sides[at];
        side.arrived.extend(side.wire.drain(..count));
        side.is_damaged &= !side.wire.is_empty() || !side.arrived.is_empty();
        loop {
            let side = &mut self.sides[at];
            let bytes = match frame::frame(&side.arrived, MESSAGE_BYTES_MAX) {
                Frame::Whole { length } => side.arrived.drain(..length).collect::<Vec<u8>>(),
                Frame::Garbled { skip, .. } => {
                    side.arrived.drain(..skip);
                    continue;
                }
                Frame::Partial => return,
                Frame::Unframeable(_) => {
                    side.arrived.clear();
                    side.session.on_disconnect();
                    return;
                }
            };
            if !self.take(at, &bytes) {
                return;
            }
        }
    }

    /// One whole message; tells whether the side lives.
    fn take(&mut self, at: usize, bytes: &[u8]) -> bool {
        self.maybe_fail_disk(at);
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).unwrap();
        let side = &mut self.sides[at];
        let clock_ns = side.clock_ns(self.now_ns);
        let before = side.session.numbers().next_in;
        let outcome = side
            .session
            .on_message(&message, clock_ns, &mut side.outbox);
        if !self.ship(at, true) {
            return false;
        }
        let side = &mut self.sides[at];
        let was_taken = side.session.numbers().next_in == before + 1;
        // One that seems too old or too new is refused, which its sender is told by Reject(3).
        let is_refused = outcome == Outcome::Disconnect(DisconnectReason::SendingTime);
        let is_application = matches!(message.msg_type(), b"8" | b"D");
        if outcome == Outcome::Deliver || is_refused && was_taken && is_application {
            let number = message.uint(tag::CL_ORD_ID).unwrap();
            side.received.push(number);
            let count = side.received.len() as u64;
            assert_eq!(count, number, "exactly once, in order: {}", readable(bytes));
        }
        side.rejects_received += u64::from(was_taken && message.msg_type() == b"3");
        if outcome == Outcome::Deliver {
            self.tally.count(Count::Delivered);
        } else if is_refused {
            self.tally.count(Count::Refused);
        }
        self.judge(at, outcome);
        true
    }

    /// A line that either side wants closed is marked by its session alone; `tick` drops it.
    fn judge(&mut self, at: usize, outcome: Outcome) {
        let Outcome::Disconnect(reason) = outcome else {
            return;
        };
        let is_expected = match reason {
            DisconnectReason::PeerSilent
            | DisconnectReason::LogonTimeout
            | DisconnectReason::LoggedOut
            | DisconnectReason::LogoutTimeout
            // A damaged Logon(A) leaves the next message to be the first one.
            | DisconnectReason::FirstMessageNotLogon => true,
            DisconnectReason::SendingTime | DisconnectReason::LogonRefusedByPeer => {
                self.tally.has(Count::ClockForth) || self.tally.has(Count::ClockBack)
            }
            DisconnectReason::MsgSeqNumTooLow => self.tally.has(Count::Duplicated),
            _ => false,
        };
        assert!(is_expected, "side {at}: {reason:?}");
        self.sides[at].session.on_disconnect();
    }

    fn tick(&mut self) {
        let lost = |side: &Side| side.session.next_deadline_ns().is_none();
        if self.is_connected && self.sides.iter().any(lost) {
            self.drop_line();
        }
        if !self.is_connected {
            if self.random.once_in(4) {
                self.connect();
            }
        } else if self.has_faults {
            self.fault();
        }
        for at in 0..2 {
            self.serve(at);
        }
    }

    fn fault(&mut self) {
        if self.random.once_in(60) {
            self.tally.count(Count::Cut);
            self.drop_line();
        }
        let at = self.random.below(2) as usize;
        let in_flight = self.sides[at].wire.len() as u64;
        if in_flight > 0 && !self.sides[at].is_damaged && self.random.once_in(12) {
            self.sides[at].is_damaged = true;
            let place = self.random.below(in_flight) as usize;
            self.sides[at].wire[place] ^= 1 << self.random.below(7);
            self.tally.count(Count::Damaged);
        }
        if self.random.once_in(200) {
            let side = &mut self.sides[at];
            let clock_ns = side.clock_ns(self.now_ns);
            let _ = side.session.logout(b"break", clock_ns, &mut side.outbox);
            self.ship(at, true);
        }
        if self.random.once_in(40) {
            self.jump(at);
        }
    }

    /// One side's clock jumps: back to the truth, a little, or by hours.
    fn jump(&mut self, at: usize) {
        let reach_ns =
            [0, 0, SECOND_NS, 100 * SECOND_NS, 3 * HOUR_NS][self.random.below(5) as usize];
        let before_ns = self.sides[at].clock_offset_ns;
        let offset_ns = self.random.below(2 * reach_ns + 1) as i64 - reach_ns as i64;
        self.sides[at].clock_offset_ns = offset_ns;
        match offset_ns.cmp(&before_ns) {
            std::cmp::Ordering::Less => self.tally.count(Count::ClockBack),
            std::cmp::Ordering::Greater => self.tally.count(Count::ClockForth),
            std::cmp::Ordering::Equal => {}
        }
    }

    fn serve(&mut self, at: usize) {
        if self.is_busy && self.random.once_in(3) {
            for _ in 0..self.random.below(4) {
                self.send(at);
            }
        }
        let in_flight = self.sides[at].wire.len() as u64;
        if in_flight > 0 {
            let count = if self.random.once_in(2) {
                in_flight
            } else {
                self.random.below(in_flight)
            };
            self.arrive(at, count as usize);
        }
        self.maybe_fail_disk(at);
        let side = &mut self.sides[at];
        let clock_ns = side.clock_ns(self.now_ns);
        let outcome = side.session.on_deadline(clock_ns, &mut side.outbox);
        if self.ship(at, true) {
            self.judge(at, outcome);
            self.resend(at);
        }
    }

    /// One step, sometimes into little room, sometimes with messages that are not at hand.
    fn resend(&mut self, at: usize) {
        let has_little_room = self.has_faults && self.random.once_in(3);
        let room_bytes = if has_little_room {
            2048 + self.random.below(300)
        } else {
            16_384
        };
        let next_out = self.sides[at].session.numbers().next_out;
        self.sides[at].store.elsewhere = if self.has_faults && self.random.once_in(4) {
            let from = self.random.below(next_out) + 1;
            from..from + 3
        } else {
            0..0
        };
        self.maybe_fail_disk(at);
        let side = &mut self.sides[at];
        side.outbox.room_bytes = room_bytes as usize;
        let clock_ns = side.clock_ns(self.now_ns);
        let progress = side
            .session
            .resend_step(clock_ns, &side.store, &mut side.outbox);
        side.outbox.room_bytes = 16_384;
        if let ResendProgress::Waiting { msg_seq_num } = progress {
            assert_eq!(side.store.sent(msg_seq_num), Past::Elsewhere);
            self.tally.count(Count::Waited);
        }
        self.ship(at, true);
    }

    fn is_level(&self) -> bool {
        let [one, other] = &self.sides;
        let idle = |side: &Side| {
            side.session.is_logged_on()
                && side.is_idle()
                && !side.session.has_gap()
                && side.arrived.is_empty()
        };
        let crossed = |Numbers { next_in, next_out }| Numbers {
            next_in: next_out,
            next_out: next_in,
        };
        idle(one)
            && idle(other)
            && one.session.numbers() == crossed(other.session.numbers())
            && one.received.len() as u64 == other.sent_count
            && other.received.len() as u64 == one.sent_count
            && one.rejects_received == other.rejects_sent
            && other.rejects_received == one.rejects_sent
    }
}

fn is_reject(bytes: &[u8]) -> bool {
    let mut index = Index::new();
    Message::parse(bytes, &mut index).unwrap().msg_type() == b"3"
}
