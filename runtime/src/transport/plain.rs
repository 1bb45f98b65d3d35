//! Doing without a watcher, for hosts that have neither `io_uring` nor epoll for us.
//!
//! In here: asking each listener in turn every so many turns, because an accept that finds nothing
//! still costs a system call. No connection is watched: the transport sweeps over all of them,
//! which is as good as anything up to about a dozen. Not in here: the other ways (`uring`,
//! `epoll`).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::watcher::{Guest, LISTENERS_MAX, PAUSE_NS, Taken, Watcher};
use super::{ListenerId, socket};
use crate::clock::Clock;
use crate::errno::Errno;

/// A listener is asked once in so many turns: at 1 us a turn somebody new waits for 64 us, and each
/// turn pays a few nanoseconds for it.
const TURNS_BETWEEN: u32 = 64;

/// Asks listeners by `accept4`.
#[derive(Debug)]
pub struct Plain {
    /// Never grows beyond `LISTENERS_MAX`.
    listeners: Vec<(ListenerId, OwnedFd)>,
    turns_until: u32,
    turns_between: u32,
    /// The listener to ask next in this turn; behind the last one when the turn asks nobody.
    place: usize,
    paused_until_ns: u64,
    now_ns: u64,
    deadline_ns: Option<u64>,
    failure: Option<Errno>,
}

impl Plain {
    /// No listener yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            listeners: Vec::with_capacity(LISTENERS_MAX),
            turns_until: 0,
            turns_between: TURNS_BETWEEN,
            place: 0,
            paused_until_ns: 0,
            now_ns: 0,
            deadline_ns: None,
            failure: None,
        }
    }

    /// Asks every listener once in `turns` turns; 1 asks in each.
    #[must_use]
    pub fn asking_every(self, turns: u32) -> Self {
        Self {
            turns_between: turns.max(1),
            ..self
        }
    }
}

impl Default for Plain {
    fn default() -> Self {
        Self::new()
    }
}

impl Watcher for Plain {
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno> {
        if self.listeners.len() == LISTENERS_MAX {
            return Err(Errno::from_rustix(rustix::io::Errno::NOSPC));
        }
        self.listeners.push((listener, socket));
        Ok(())
    }

    #[inline]
    fn turn(&mut self, clock: &Clock) {
        self.place = usize::MAX;
        if self.turns_until > 0 {
            self.turns_until -= 1;
            return;
        }
        self.now_ns = clock.now().ns;
        if self.now_ns >= self.paused_until_ns {
            self.turns_until = self.turns_between - 1;
            self.place = 0;
        }
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        while let Some((listener, listening)) = self.listeners.get(self.place) {
            match socket::accept(listening.as_fd()) {
                Ok(Some(accepted)) => return Some((*listener, accepted)),
                Ok(None) => self.place += 1,
                Err(errno) => {
                    self.failure = Some(errno);
                    self.paused_until_ns = self.now_ns.saturating_add(PAUSE_NS);
                    self.place = usize::MAX;
                }
            }
        }
        None
    }

    fn set_deadline(&mut self, at_ns: Option<u64>) {
        self.deadline_ns = at_ns;
    }

    #[inline]
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool {
        if self.deadline_ns.is_none() {
            return false;
        }
        let now_ns = clock.now().ns;
        self.deadline_ns.take_if(|at_ns| *at_ns <= now_ns).is_some()
    }

    #[inline]
    fn failure(&mut self) -> Option<Errno> {
        self.failure.take()
    }

    #[inline]
    fn watch(&mut self, _: usize, _: BorrowedFd<'_>, _: Guest) -> bool {
        false
    }

    #[inline]
    fn unwatch(&mut self, _: usize, _: BorrowedFd<'_>) {}

    #[inline]
    fn forget(&mut self, _: usize, _: Option<BorrowedFd<'_>>) {}

    #[inline]
    fn stirred(&mut self) -> Option<usize> {
        None
    }

    #[inline]
    fn take(&mut self, _: usize, _: &mut [u8]) -> Taken {
        Taken::Yours
    }

    #[inline]
    fn holds(&self, _: usize) -> bool {
        false
    }
}
