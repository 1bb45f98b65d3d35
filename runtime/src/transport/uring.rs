//! Accepts, quiet connections and the timer on one `io_uring`.
//!
//! In here: one multishot accept per listener, armed again whenever the kernel ends it, and what a
//! turn does with the ring. While nobody says anything and nothing is due a turn costs three loads
//! and no system call. Not in here: receiving (`receiving`) and the timeout (`timer`); nor hot
//! sessions, which are received from plainly: for a few that is faster.

use std::collections::VecDeque;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use io_uring::{cqueue, opcode, squeue, types};

use super::watcher::{Guest, LISTENERS_MAX, PAUSE_NS, Taken, Watcher};
use super::{ListenerId, TransportTerms};
use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::{Finding, Subject};
use crate::ring::{Queues, Ring};

mod lent;
mod over;
mod receiving;
mod request;
mod timer;

use receiving::{CANCEL, RECEIVE, Receiving};
use timer::{TIMER, Timer};

/// Submissions that wait at once: every listener, the timer, and a burst of connections that are
/// watched or not any more. When it is full the kernel is entered at once.
const ENTRIES: u32 = 256;
/// Accepted sockets that wait to be told. When they fill it the rest is turned away: it is what a
/// backlog is for.
const ACCEPTED_MAX: usize = 1024;

/// A listener with the state of its multishot accept.
#[derive(Debug)]
struct Listener {
    id: ListenerId,
    socket: OwnedFd,
    is_armed: bool,
}

/// Multishot accepts and receives and one timeout on one ring. Used by one thread: the first one
/// that polls.
#[derive(Debug)]
pub struct Uring {
    /// Before what it refers to, so that it is dropped first.
    ring: Ring,
    receiving: Receiving,
    timer: Timer,
    /// Never grows beyond `LISTENERS_MAX`.
    listeners: Vec<Listener>,
    are_all_armed: bool,
    /// False once a kernel refused: then each accept is armed on its own.
    is_multishot: bool,
    /// Never grows beyond `ACCEPTED_MAX`.
    accepted: VecDeque<(ListenerId, OwnedFd)>,
    /// 0 while there is no pause.
    paused_until_ns: u64,
    failure: Option<Errno>,
}

/// Marks completions that nobody waits for.
const NOBODY: u64 = 1 << 62;

impl Uring {
    /// Makes the ring, with buffers for quiet connections as the terms say.
    ///
    /// # Errors
    /// A finding with cause and remedy where the host refuses; `Epoll` does the same work there.
    pub fn new(terms: &TransportTerms) -> Result<Self, Finding> {
        let ring = Ring::make(queues(terms), Subject::Ring).map_err(Finding::ring_refused)?;
        Self::on(ring, terms).map_err(Finding::ring_too_old)
    }

    fn on(ring: Ring, terms: &TransportTerms) -> Result<Self, Errno> {
        Ok(Self {
            receiving: Receiving::new(&ring, terms)?,
            ring,
            timer: Timer::new(),
            listeners: Vec::with_capacity(LISTENERS_MAX),
            are_all_armed: true,
            is_multishot: true,
            accepted: VecDeque::with_capacity(ACCEPTED_MAX),
            paused_until_ns: 0,
            failure: None,
        })
    }

    /// What the host refused although the ring works.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        self.ring.finding
    }

    /// How often the kernel was entered: never while nothing is to be done.
    #[must_use]
    pub const fn enters(&self) -> u64 {
        self.ring.enters()
    }

    /// How often the kernel found no buffer for what a quiet connection sent. Nothing is lost by
    /// it; often means that `lent_buffers` is small.
    #[must_use]
    pub const fn shortages(&self) -> u64 {
        self.receiving.shortages
    }

    fn arm_listeners(&mut self) {
        let mut are_all_armed = true;
        for (number, listener) in (0_u64..).zip(&mut self.listeners) {
            if !listener.is_armed {
                let entry = accept_entry(&listener.socket, self.is_multishot).user_data(number);
                // SAFETY: the entry points to no buffer: no address is asked for.
                // JUSTIFICATION: see `Ring::push`.
                listener.is_armed = unsafe { self.ring.push(&entry) };
            }
            are_all_armed &= listener.is_armed;
        }
        self.are_all_armed = are_all_armed;
    }

    /// What one completion of an accept brings.
    fn on_accepted(&mut self, entry: &cqueue::Entry) {
        let number = usize::try_from(entry.user_data()).unwrap_or(usize::MAX);
        let Some(listener) = self.listeners.get_mut(number) else {
            return;
        };
        if !cqueue::more(entry.flags()) {
            listener.is_armed = false;
            self.are_all_armed = false;
        }
        if entry.result() >= 0 {
            // SAFETY: a completed accept hands over a new descriptor that nobody else has.
            // JUSTIFICATION: a ring tells descriptors as numbers.
            let socket = unsafe { OwnedFd::from_raw_fd(entry.result()) };
            if self.accepted.len() < ACCEPTED_MAX {
                self.accepted.push_back((listener.id, socket));
            } else {
                self.failure = Some(Errno::from_rustix(rustix::io::Errno::NOBUFS));
            }
            return;
        }
        self.failed(Errno(-entry.result()));
    }

    /// Takes everything that completed. Bytes stay in their buffers, sockets in a queue.
    #[inline]
    fn take_completions(&mut self) {
        while let Some(entry) = self.ring.completed() {
            let mark = entry.user_data();
            if mark & TIMER != 0 {
                self.timer.on_fired(mark);
            } else if mark & RECEIVE != 0 {
                self.receiving.on_received(&entry);
            } else if mark & CANCEL != 0 {
                self.receiving.on_cancelled(&entry);
            } else if mark != NOBODY {
                self.on_accepted(&entry);
            }
        }
    }

    fn failed(&mut self, errno: Errno) {
        use rustix::io::Errno as Number;
        let gave_up = [
            Number::AGAIN,
            Number::INTR,
            Number::CONNABORTED,
            Number::PROTO,
        ];
        if gave_up.into_iter().any(|number| errno.is(number)) {
            return;
        }
        if errno.is(Number::INVAL) && self.is_multishot {
            // Before 5.19 there was no multishot accept.
            self.is_multishot = false;
            return;
        }
        self.failure = Some(errno);
        self.paused_until_ns = PAUSE_UNKNOWN;
    }
}

/// Completions fit as many as there are buffers, an end and a cancellation of every connection, and
/// a burst of accepts.
fn queues(terms: &TransportTerms) -> Queues {
    let buffers = terms.lent_buffers + terms.stranger_lent_buffers;
    let completions = buffers + terms.slots() * 2 + ACCEPTED_MAX;
    Queues {
        submissions: ENTRIES,
        completions: u32::try_from(completions.next_power_of_two()).unwrap_or(1 << 16),
    }
}

/// A pause whose end is set by the next turn, which has a clock.
const PAUSE_UNKNOWN: u64 = u64::MAX;

fn accept_entry(socket: &OwnedFd, is_multishot: bool) -> squeue::Entry {
    use rustix::net::SocketFlags;
    let flags = (SocketFlags::NONBLOCK | SocketFlags::CLOEXEC)
        .bits()
        .cast_signed();
    let fd = types::Fd(socket.as_raw_fd());
    if is_multishot {
        opcode::AcceptMulti::new(fd).flags(flags).build()
    } else {
        let nowhere = std::ptr::null_mut();
        opcode::Accept::new(fd, nowhere, std::ptr::null_mut())
            .flags(flags)
            .build()
    }
}

impl Watcher for Uring {
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno> {
        if self.listeners.len() == LISTENERS_MAX {
            return Err(Errno::from_rustix(rustix::io::Errno::NOSPC));
        }
        self.listeners.push(Listener {
            id: listener,
            socket,
            is_armed: false,
        });
        self.are_all_armed = false;
        Ok(())
    }

    #[inline]
    fn turn(&mut self, clock: &Clock) {
        if !self.are_all_armed {
            let now_ns = clock.now().ns;
            if self.paused_until_ns == PAUSE_UNKNOWN {
                self.paused_until_ns = now_ns.saturating_add(PAUSE_NS);
            }
            if now_ns >= self.paused_until_ns {
                self.paused_until_ns = 0;
                self.arm_listeners();
            }
        }
        self.timer.settle(&mut self.ring, clock);
        self.receiving.turn(&mut self.ring);
        let entered = self.ring.turn();
        self.receiving.is_stuck = entered.is_err();
        if let Err(errno) = entered {
            self.failure = Some(errno);
        }
        self.take_completions();
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        self.accepted.pop_front()
    }

    fn set_deadline(&mut self, at_ns: Option<u64>) {
        self.timer.set(at_ns);
    }

    #[inline]
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool {
        self.timer.is_reached(clock)
    }

    #[inline]
    fn failure(&mut self) -> Option<Errno> {
        self.failure.take()
    }

    fn watch(&mut self, slot: usize, socket: BorrowedFd<'_>, guest: Guest) -> bool {
        self.receiving.watch(&mut self.ring, slot, socket, guest)
    }

    fn unwatch(&mut self, slot: usize, _: BorrowedFd<'_>) {
        self.receiving.unwatch(&mut self.ring, slot);
    }

    fn forget(&mut self, slot: usize, _: Option<BorrowedFd<'_>>) {
        self.receiving.forget(&mut self.ring, slot);
    }

    #[inline]
    fn stirred(&mut self) -> Option<usize> {
        self.receiving.stirred()
    }

    #[inline]
    fn take(&mut self, slot: usize, into: &mut [u8]) -> Taken {
        self.receiving.take(slot, into)
    }

    #[inline]
    fn holds(&self, slot: usize) -> bool {
        self.receiving.holds(slot)
    }
}

impl Drop for Uring {
    fn drop(&mut self) {
        self.ring.cancel_all();
        // Sockets that were accepted and not asked for would stay open with the process.
        self.take_completions();
    }
}

#[cfg(test)]
mod tests;
