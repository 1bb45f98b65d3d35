//! Which connections are read in every turn, and what becomes of the others.
//!
//! In here: the hot set with its rule, promotion, and the passage between reading and watching. Not
//! in here: reading (`poll`) and how watching works (`watcher`).
//!
//! The rule: activity is counted in receives of promoted connections and not in time, so that it is
//! the same at every speed, and nothing changes while all are silent.
//!
//! * A watched connection becomes hot when it has received `RECEIVES_TO_HEAT` times in `WINDOW`. If
//!   `hot_max` leaves no room it takes the place of the one that has been silent for longest, and
//!   its receives count only since that one's last. So connections that take turns, however many,
//!   stay where they are, and so do all if there are too many for any of them to be special.
//! * A hot one that was silent for a whole `WINDOW` is watched again, since every turn pays a
//!   system call for it, and so does every message of the others.
//! * A promotion counts as activity enough where there is room: a Logon is followed by orders.

use super::sender::{Line, Phase};
use super::watcher::Guest;
use super::{Transport, Watcher, Wire};

/// Receives that make a watched connection hot. A change of places costs about as much as these
/// paid for being watched.
const RECEIVES_TO_HEAT: u32 = 8;
/// Receives of all promoted connections in which they must come, and for which a hot one may be
/// silent.
const WINDOW: u64 = 128;

/// A connection's recent activity.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Warmth {
    /// `receives` of the transport at this one's last receive.
    last: u64,
    /// Receives while watched, and the transport's `receives` at the first of them.
    count: u32,
    since: u64,
    stays_hot: bool,
}

impl<A: Watcher, W: Wire> Transport<A, W> {
    /// Does what was asked of single connections since the last turn.
    pub(super) fn answer_asked(&mut self) {
        while let Some(slot) = self.sender.asked.at(0) {
            self.sender.asked.remove(slot);
            let Some(line) = self.sender.lines.get_mut(slot) else {
                continue;
            };
            let is_promoted = std::mem::take(&mut line.promote);
            let stays_hot = std::mem::take(&mut line.stay_hot);
            if line.phase == Phase::Open && is_promoted {
                self.promote(slot);
            }
            if stays_hot && self.is_promoted(slot) {
                self.keep_hot(slot);
            }
            if !self.hot.contains(slot) {
                self.make_ready(slot);
            }
        }
    }

    /// Gives a watched connection a turn.
    pub(super) fn make_ready(&mut self, slot: usize) {
        if self.is_promoted(slot) {
            self.ready.push(slot);
        } else {
            self.ready_strangers.push(slot);
        }
    }

    /// Whether a connection has large buffers in the place of its own.
    pub(super) fn is_promoted(&self, slot: usize) -> bool {
        self.spare.get(slot).is_some_and(Option::is_some)
    }

    fn is_inbound(&self, slot: usize) -> bool {
        slot >= self.terms.outbound_max
    }

    /// Large buffers for one that is no stranger any more.
    fn promote(&mut self, slot: usize) {
        if !self.is_inbound(slot) || self.is_promoted(slot) {
            return;
        }
        let Some((receive, send)) = self.large.pop() else {
            self.counts.promotions_refused += 1;
            return;
        };
        if let (Some(line), Some(receiver), Some(spare)) = (
            self.sender.lines.get_mut(slot),
            self.receivers.get_mut(slot),
            self.spare.get_mut(slot),
        ) {
            *spare = Some((receiver.exchange(receive), line.out.exchange(send)));
        }
        self.swept_strangers.remove(slot);
        if self.hot_promoted < self.terms.hot_max {
            self.heat(slot);
        } else if let Some(socket) = self.sender.lines.get(slot).and_then(Line::fd) {
            // Watched anew, as a member, once this has come to pass.
            self.watcher.unwatch(slot, socket);
        }
    }

    fn keep_hot(&mut self, slot: usize) {
        if !self.hot.contains(slot) && !self.make_room() {
            self.counts.hot_refused += 1;
            return;
        }
        if let Some(warmth) = self.warmth.get_mut(slot) {
            warmth.stays_hot = true;
        }
        self.heat(slot);
    }

    /// A promoted connection received something.
    #[inline]
    pub(super) fn note_receive(&mut self, slot: usize) {
        self.receives += 1;
        let is_hot = self.hot.contains(slot);
        let Some(warmth) = self.warmth.get_mut(slot) else {
            return;
        };
        warmth.last = self.receives;
        if !is_hot {
            self.warm_up(slot);
        }
        self.cool_silent();
    }

    /// A watched connection received something: perhaps it was enough.
    fn warm_up(&mut self, slot: usize) {
        let now = self.receives;
        let mut counts_from = now.saturating_sub(WINDOW);
        if self.hot_promoted >= self.terms.hot_max {
            let coolest = self.coolest().map_or(u64::MAX, |(_, last)| last);
            counts_from = counts_from.max(coolest);
        }
        let Some(warmth) = self.warmth.get_mut(slot) else {
            return;
        };
        if warmth.since <= counts_from {
            (warmth.since, warmth.count) = (now, 0);
        }
        warmth.count += 1;
        if warmth.count >= RECEIVES_TO_HEAT && self.make_room() {
            self.heat(slot);
        }
    }

    /// Looks at one hot connection, the next one at each receive, and cools it if it is silent.
    fn cool_silent(&mut self) {
        self.hot_next = self.hot_next.checked_sub(1).unwrap_or(self.hot.len());
        let Some(slot) = self.hot.at(self.hot_next) else {
            return;
        };
        let silent_since = self.receives.saturating_sub(WINDOW);
        let is_silent = |its: &Warmth| !its.stays_hot && its.last < silent_since;
        if self.is_inbound(slot) && self.warmth.get(slot).is_some_and(is_silent) {
            self.cool(slot);
        }
    }

    /// The hot connection that has been silent for longest, of those that may be cooled.
    fn coolest(&self) -> Option<(usize, u64)> {
        let mut coolest: Option<(usize, u64)> = None;
        for slot in (0..self.hot.len()).filter_map(|place| self.hot.at(place)) {
            if let Some(warmth) = self.warmth.get(slot)
                && self.is_inbound(slot)
                && !warmth.stays_hot
                && coolest.is_none_or(|(_, last)| warmth.last < last)
            {
                coolest = Some((slot, warmth.last));
            }
        }
        coolest
    }

    /// Room for one more in the hot set, if need be in the place of the coolest.
    fn make_room(&mut self) -> bool {
        if self.hot_promoted < self.terms.hot_max {
            return true;
        }
        let coolest = self.coolest();
        if let Some((slot, _)) = coolest {
            self.cool(slot);
        }
        coolest.is_some()
    }

    /// From watched to hot. Until the watcher has let go, its bytes come first.
    fn heat(&mut self, slot: usize) {
        let line = self.sender.lines.get(slot);
        let Some(socket) = line.and_then(Line::fd).filter(|_| !self.hot.contains(slot)) else {
            return;
        };
        self.watcher.unwatch(slot, socket);
        self.swept.remove(slot);
        self.hot.insert(slot);
        self.hot_promoted += 1;
        self.counts.heated += 1;
        if let Some(warmth) = self.warmth.get_mut(slot) {
            warmth.last = self.receives;
            warmth.count = 0;
        }
    }

    /// From hot to watched. What was read plainly is in the receive buffer already.
    fn cool(&mut self, slot: usize) {
        self.hot.remove(slot);
        self.hot_promoted -= 1;
        self.counts.cooled += 1;
        if let Some(warmth) = self.warmth.get_mut(slot) {
            warmth.count = 0;
        }
        self.settle(slot);
    }

    /// Sees to it that a connection that is not hot gets its next turn when there is something to
    /// read and not before: watched where possible, swept where not, neither while it is full.
    pub(super) fn settle(&mut self, slot: usize) {
        if self.hot.contains(slot) {
            return;
        }
        let guest = if self.is_promoted(slot) {
            Guest::Member
        } else {
            Guest::Stranger
        };
        let (Some(line), Some(receiver)) = (self.sender.lines.get(slot), self.receivers.get(slot))
        else {
            return;
        };
        let is_served = match (line.phase, line.fd()) {
            (Phase::Open, Some(socket)) if receiver.is_full() => {
                self.watcher.unwatch(slot, socket);
                true
            }
            (Phase::Open, Some(_)) if self.watcher.holds(slot) => {
                self.make_ready(slot);
                true
            }
            (Phase::Open, Some(socket)) => self.watcher.watch(slot, socket, guest),
            // Nothing that arrives is delivered any more.
            (_, socket) => {
                self.watcher.forget(slot, socket);
                true
            }
        };
        if is_served {
            self.swept.remove(slot);
            self.swept_strangers.remove(slot);
        } else if guest == Guest::Member {
            self.swept.insert(slot);
        } else {
            self.swept_strangers.insert(slot);
        }
    }

    /// Takes a connection that is over out of every set.
    pub(super) fn leave_sets(&mut self, slot: usize) {
        if self.hot.contains(slot) && self.is_inbound(slot) {
            self.hot_promoted -= 1;
        }
        self.hot.remove(slot);
        self.swept.remove(slot);
        self.swept_strangers.remove(slot);
        self.connecting.remove(slot);
        self.sender.asked.remove(slot);
        if let Some(warmth) = self.warmth.get_mut(slot) {
            *warmth = Warmth::default();
        }
        let line = self.sender.lines.get(slot);
        self.watcher.forget(slot, line.and_then(Line::fd));
    }
}
