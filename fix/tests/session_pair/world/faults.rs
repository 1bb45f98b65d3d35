//! What goes wrong by itself: disks, damage, a line that is cut, clocks that jump.

use super::World;
use crate::session_support::SECOND_NS;
use crate::tally::Count;

const HOUR_NS: u64 = 3600 * SECOND_NS;

impl World {
    pub(super) fn maybe_fail_disk(&mut self, at: usize) {
        if self.has_faults && self.random.once_in(300) {
            let commits = self.random.below(2) as usize;
            self.sides[at].fail_disk(commits);
        }
    }

    pub(super) fn fault(&mut self) {
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
}
