//! A side's turn: what it sends, takes from the wire, owes to its deadlines and sends again.

use gwanmun_fix::session::{History, Past, ResendProgress};
use gwanmun_fix::tag;

use super::World;
use crate::tally::Count;

impl World {
    pub(super) fn serve(&mut self, at: usize) {
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

    pub(super) fn send(&mut self, at: usize) {
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
}
