//! Both sides, the clock, and the day that they go through.
//!
//! `line` has what lies between the two, `turn` what a side does in its turn, `faults` what goes
//! wrong by itself.

mod faults;
mod line;
mod turn;

use gwanmun_fix::Version;
use gwanmun_fix::session::Numbers;

use crate::session_support::{Random, SECOND_NS, START_NS};
use crate::side::Side;
use crate::tally::Tally;

const DAY_NS: u64 = 24 * 3600 * SECOND_NS;
const EPISODES: u64 = 6;

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
