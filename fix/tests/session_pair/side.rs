//! One of the two sides: a session, what it keeps, its clock, and the wire to it.

use gwanmun_fix::Version;
use gwanmun_fix::session::{Numbers, Session, SessionTerms};
use gwanmun_fix::time::Precision;
use gwanmun_market::Text;

use crate::session_support::{Outbox, Random, Store};

pub(crate) struct Side {
    pub(crate) terms: SessionTerms,
    pub(crate) session: Session,
    pub(crate) outbox: Outbox,
    pub(crate) store: Store,
    /// On their way to this side.
    pub(crate) wire: Vec<u8>,
    /// Arrived and not yet whole.
    pub(crate) arrived: Vec<u8>,
    pub(crate) sent_count: u64,
    /// Application messages taken: delivered, or refused by Reject(3).
    pub(crate) received: Vec<u64>,
    pub(crate) rejects_sent: u64,
    pub(crate) rejects_received: u64,
    /// A second damage before the wire is empty could make the sum right again, which no receiver
    /// finds.
    pub(crate) is_damaged: bool,
    /// How far this side's clock is from the true one.
    pub(crate) clock_offset_ns: i64,
    /// The numbers on record before the step under way, where its disk fails in this step.
    pub(crate) record: Option<Numbers>,
}

impl Side {
    pub(crate) fn new(random: &mut Random, version: Version, is_acceptor: bool) -> Side {
        let text = |name: &str| Text::new(name.as_bytes()).unwrap();
        let (own, peer) = if is_acceptor {
            ("GATE", "MEMBER")
        } else {
            ("MEMBER", "GATE")
        };
        let mut terms = SessionTerms::new(text(own), text(peer), is_acceptor);
        terms.version = version;
        terms.precision = [
            Precision::Seconds,
            Precision::Milliseconds,
            Precision::Microseconds,
            Precision::Nanoseconds,
        ][random.below(4) as usize];
        terms.heart_bt_int_s = if is_acceptor {
            600
        } else {
            [30, 60, 120, 300, 600][random.below(5) as usize]
        };
        terms.resend_request_numbers_max = [0, 0, 7, 40][random.below(4) as usize];
        terms.sends_next_expected_msg_seq_num = random.once_in(2);
        terms.sends_last_msg_seq_num_processed = random.once_in(2);
        terms.check_latency = random.once_in(2);
        Side {
            terms,
            session: Session::new(terms),
            outbox: Outbox::new(),
            store: Store::default(),
            wire: Vec::new(),
            arrived: Vec::new(),
            sent_count: 0,
            received: Vec::new(),
            rejects_sent: 0,
            rejects_received: 0,
            is_damaged: false,
            clock_offset_ns: 0,
            record: None,
        }
    }

    /// What this side's clock says.
    pub(crate) fn clock_ns(&self, now_ns: u64) -> u64 {
        now_ns.saturating_add_signed(self.clock_offset_ns)
    }

    /// From here on the disk takes so many messages and no more.
    pub(crate) fn fail_disk(&mut self, commits: usize) {
        self.record = Some(self.session.numbers());
        self.outbox.commits_max = commits;
    }

    /// Where the disk failed in the step that is over, the process is dead: what the step wrote and
    /// counted was never on record, so nothing of it got out, and the numbers are those from before
    /// it. Tells whether that is so.
    pub(crate) fn dies(&mut self) -> bool {
        let Some(numbers) = self.record.take() else {
            return false;
        };
        self.outbox.commits_max = usize::MAX;
        self.outbox.take();
        self.restart(numbers);
        self.wire.clear();
        self.arrived.clear();
        true
    }

    /// The process comes back with these numbers.
    pub(crate) fn restart(&mut self, numbers: Numbers) {
        self.session = Session::new(self.terms);
        self.session.restore(numbers);
    }

    /// Whether nothing is under way on this side.
    pub(crate) fn is_idle(&self) -> bool {
        self.wire.is_empty() && !self.session.is_resending()
    }
}
