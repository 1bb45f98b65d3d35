//! A FIX venue that does not answer what settling needs is asked again, and the operator is told.
//!
//! A session keeps watch over silence alone: a venue that sends heartbeats and ignores our
//! TestRequest(1), OrderStatusRequest(35=H) or ResendRequest(2) would leave its line settling with
//! nobody told. So each of these has a deadline of its own, twice as long each time it has passed,
//! up to a bound. It is not given up: what the venue reports meanwhile counts, ends of orders
//! included, and a late answer settles; a question that it refused is asked again too. The same
//! question is asked, so that an answer to any of them is one.
//!
//! Not in it: what an answer means (`fix_settle`); the ResendRequest(2) itself, which the session
//! sends again when the venue's next message shows that it is needed.

use crate::cause::Cause;
use crate::effect::EffectBuilder;
use crate::fix_line::{FixLine, Settling, VenueFinding};
use crate::orders::SlotIndex;
use crate::route::VenueLine;
use crate::state::State;
use crate::{fix_request, fix_settle};

/// What a venue has for its first answer: many round trips, and short beside what an operator would
/// wait before he looks.
const ANSWER_NS: u64 = 10_000_000_000;

/// How often that doubles: to about five minutes.
const DOUBLINGS_MAX: u32 = 5;

/// Since when an answer is waited for, and how often that was too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    since_ns: u64,
    times: u32,
    /// Whether it is a gap that is waited for.
    is_gap: bool,
}

impl Watch {
    /// Something is waited for from now on.
    pub(crate) const fn from(now_ns: u64) -> Watch {
        Watch {
            since_ns: now_ns,
            times: 0,
            is_gap: false,
        }
    }

    const fn due_ns(self) -> u64 {
        let doublings = if self.times < DOUBLINGS_MAX {
            self.times
        } else {
            DOUBLINGS_MAX
        };
        self.since_ns.saturating_add(ANSWER_NS << doublings)
    }
}

impl FixLine {
    /// When the line wants to be told the time, by its session or to ask again.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        let due_ns = self.awaits_answer().then(|| self.watch.due_ns());
        let session_ns = self.session.next_deadline_ns();
        session_ns.into_iter().chain(due_ns).min()
    }

    /// Whether something was asked of the venue: by settling, or by the session for what it missed.
    fn awaits_answer(&self) -> bool {
        let is_asked = match self.settling {
            Settling::Barrier { .. } | Settling::Asking { .. } | Settling::Refused { .. } => true,
            Settling::Waiting | Settling::Done => self.session.has_gap(),
        };
        is_asked && self.session.is_logged_on()
    }

    /// After each message: while nothing is missed, nothing is waited for; a gap that is new is
    /// waited for from now on.
    pub(crate) fn note_gap(&mut self, now_ns: u64) {
        let is_asked = matches!(
            self.settling,
            Settling::Barrier { .. } | Settling::Asking { .. } | Settling::Refused { .. }
        );
        let has_gap = self.session.has_gap();
        let is_waited_for = is_asked || (has_gap && self.watch.is_gap);
        if !is_waited_for {
            self.watch = Watch {
                is_gap: has_gap,
                ..Watch::from(now_ns)
            };
        }
    }
}

/// Asks again where the answer is overdue.
pub(crate) fn on_deadline(
    state: &mut State,
    venue: u16,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let now_ns = cause.stamp.ns;
    let Some(entry) = state.venue_mut(venue) else {
        return;
    };
    let Some(line) = entry.wire.fix_mut() else {
        return;
    };
    // Nothing lies ahead of a clock that was set back.
    line.watch.since_ns = line.watch.since_ns.min(now_ns);
    if !line.awaits_answer() || now_ns < line.watch.due_ns() {
        return;
    }
    line.watch = Watch {
        since_ns: now_ns,
        times: line.watch.times.saturating_add(1),
        is_gap: line.watch.is_gap,
    };
    let settling = line.settling;
    // One that refused has answered, and was told of.
    if !matches!(settling, Settling::Refused { .. }) {
        entry.last_finding = Some(VenueFinding::Unanswered);
    }
    match settling {
        Settling::Barrier { name } => {
            let mut sink = effect.venue_sink(cause.connection);
            fix_settle::send_barrier(line, name, now_ns, &mut sink);
        }
        Settling::Asking { slot, user_ref_num } | Settling::Refused { slot, user_ref_num } => {
            line.settling = Settling::Asking { slot, user_ref_num };
            let way = VenueLine {
                connection: cause.connection,
                is_fix: true,
                now_ns,
            };
            if let Some(order) = state.orders.order(SlotIndex(slot)).copied() {
                fix_request::status(state, way, (&order, user_ref_num), effect);
            }
        }
        Settling::Waiting | Settling::Done => {}
    }
}
