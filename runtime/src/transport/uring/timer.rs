//! The one timer, as a timeout of the ring.
//!
//! In here: a relative timeout on the kernel's monotonic clock, so that a jump of the host's clock
//! neither hurries nor holds it; when it fires a little before our own clock has got there, the
//! rest of the way is compared in each turn. Not in here: who sets it.

use io_uring::{opcode, types};

use super::NOBODY;
use crate::clock::Clock;
use crate::ring::Ring;

/// What is nearer than this is compared instead of timed.
const NEAR_NS: u64 = 20_000;
/// Marks completions of the timer; the rest of the number is the timer's own.
pub(super) const TIMER: u64 = 1 << 63;

/// The one timeout.
#[derive(Debug)]
pub(super) struct Timer {
    /// What the application wants.
    deadline_ns: Option<u64>,
    /// Whether the kernel's timeout is right for `deadline_ns`, or none is needed.
    is_settled: bool,
    /// When the kernel's timeout fires, while one runs. May be earlier than needed, never later.
    armed_ns: Option<u64>,
    /// Whether the deadline is so near that it is compared in each turn.
    is_near: bool,
    /// Tells the completions of earlier timeouts from the one that runs.
    number: u64,
    /// The timeout's length. Boxed: the kernel reads it when the entry is submitted, and until then
    /// the timer itself may have moved.
    length: Box<types::Timespec>,
}

impl Timer {
    pub(super) fn new() -> Self {
        Self {
            deadline_ns: None,
            is_settled: true,
            armed_ns: None,
            is_near: false,
            number: 0,
            length: Box::default(),
        }
    }

    pub(super) const fn set(&mut self, at_ns: Option<u64>) {
        self.deadline_ns = at_ns;
        self.is_near = false;
        self.is_settled = false;
    }

    /// A timeout's completion.
    pub(super) fn on_fired(&mut self, mark: u64) {
        if mark == TIMER | self.number {
            self.armed_ns = None;
            self.is_settled = false;
        }
    }

    #[inline]
    pub(super) fn is_reached(&mut self, clock: &Clock) -> bool {
        if !self.is_near {
            return false;
        }
        let now_ns = clock.now().ns;
        let is_reached = self.deadline_ns.take_if(|at_ns| *at_ns <= now_ns).is_some();
        self.is_near = !is_reached;
        is_reached
    }

    /// Makes the kernel's timeout fit the deadline.
    #[inline]
    pub(super) fn settle(&mut self, ring: &mut Ring, clock: &Clock) {
        if !self.is_settled {
            self.settle_at(ring, clock.now().ns);
        }
    }

    fn settle_at(&mut self, ring: &mut Ring, now_ns: u64) {
        self.is_settled = true;
        let Some(deadline_ns) = self.deadline_ns else {
            return;
        };
        let length_ns = deadline_ns.saturating_sub(now_ns);
        if length_ns <= NEAR_NS {
            self.is_near = true;
            return;
        }
        if self
            .armed_ns
            .is_some_and(|armed_ns| armed_ns <= deadline_ns)
        {
            // It fires early, and then the rest is settled.
            return;
        }
        if self.armed_ns.take().is_some() {
            let entry = opcode::TimeoutRemove::new(TIMER | self.number)
                .build()
                .user_data(NOBODY);
            // SAFETY: the entry points to no buffer.
            // JUSTIFICATION: see `Ring::push`.
            // A full queue leaves the old timeout running: it fires for nothing.
            let _ = unsafe { ring.push(&entry) };
        }
        self.number += 1;
        let seconds = length_ns / 1_000_000_000;
        let rest_ns = u32::try_from(length_ns % 1_000_000_000).unwrap_or_default();
        *self.length = types::Timespec::new().sec(seconds).nsec(rest_ns);
        let entry = opcode::Timeout::new(&raw const *self.length).build();
        let entry = entry.user_data(TIMER | self.number);
        // SAFETY: the kernel reads the length when the entry is submitted, at the latest by the
        // next `Ring::turn`; the box outlives the ring's last submission, being dropped after it.
        // JUSTIFICATION: see `Ring::push`.
        if unsafe { ring.push(&entry) } {
            self.armed_ns = Some(deadline_ns);
        } else {
            self.is_settled = false;
        }
    }
}
