//! Accepting and timing on an `io_uring`.
//!
//! In here: one multishot accept per listener, armed again whenever the kernel ends it, and one
//! timeout. While nobody connects and nothing is due a turn costs two loads and no system call. Not
//! in here: sessions; those are received from plainly, which is faster for the few that are hot.
//!
//! The timer is a relative one on the kernel's monotonic clock, so that a jump of the host's clock
//! neither hurries nor holds it; when it fires a little before our own clock has got there, the
//! rest of the way is compared in each turn.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use io_uring::{cqueue, opcode, squeue, types};

use super::ListenerId;
use super::acceptor::{Acceptor, LISTENERS_MAX, PAUSE_NS};
use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::{Finding, Subject};
use crate::ring::Ring;

/// Submissions that wait at once: every listener, arming and stopping the timer, and room.
const ENTRIES: u32 = 32;

/// A listener with the state of its multishot accept.
#[derive(Debug)]
struct Listener {
    id: ListenerId,
    socket: OwnedFd,
    is_armed: bool,
}

/// Multishot accepts and one timeout on one ring. Used by one thread: the first one that polls.
#[derive(Debug)]
pub struct Uring {
    ring: Ring,
    /// Never grows beyond `LISTENERS_MAX`.
    listeners: Vec<Listener>,
    are_all_armed: bool,
    /// False once a kernel refused: then each accept is armed on its own.
    is_multishot: bool,
    /// 0 while there is no pause.
    paused_until_ns: u64,
    failure: Option<Errno>,
    timer: Timer,
}

/// The one timeout.
#[derive(Debug, Default)]
struct Timer {
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

/// What is nearer than this is compared instead of timed.
const NEAR_NS: u64 = 20_000;
/// Marks completions of the timer; the rest of the number is the timer's own.
const TIMER: u64 = 1 << 63;
/// Marks completions that nobody waits for.
const NOBODY: u64 = 1 << 62;

impl Uring {
    /// Makes the ring.
    ///
    /// # Errors
    /// A finding with cause and remedy where the host refuses; `Plain` does the same work there.
    pub fn new() -> Result<Self, Finding> {
        let ring = Ring::make(ENTRIES, Subject::Ring).map_err(Finding::ring_refused)?;
        Ok(Self::on(ring))
    }

    fn on(ring: Ring) -> Self {
        Self {
            ring,
            listeners: Vec::with_capacity(LISTENERS_MAX),
            are_all_armed: true,
            is_multishot: true,
            paused_until_ns: 0,
            failure: None,
            timer: Timer {
                is_settled: true,
                ..Timer::default()
            },
        }
    }

    /// What the host refused although the ring works.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        self.ring.finding
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

    /// Makes the kernel's timeout fit the deadline.
    fn settle_timer(&mut self, now_ns: u64) {
        let timer = &mut self.timer;
        timer.is_settled = true;
        let Some(deadline_ns) = timer.deadline_ns else {
            return;
        };
        let length_ns = deadline_ns.saturating_sub(now_ns);
        if length_ns <= NEAR_NS {
            timer.is_near = true;
            return;
        }
        if timer
            .armed_ns
            .is_some_and(|armed_ns| armed_ns <= deadline_ns)
        {
            // It fires early, and then the rest is settled.
            return;
        }
        if timer.armed_ns.take().is_some() {
            let entry = opcode::TimeoutRemove::new(TIMER | timer.number)
                .build()
                .user_data(NOBODY);
            // SAFETY: the entry points to no buffer.
            // JUSTIFICATION: see `Ring::push`.
            // A full queue leaves the old timeout running: it fires for nothing.
            let _ = unsafe { self.ring.push(&entry) };
        }
        timer.number += 1;
        let seconds = length_ns / 1_000_000_000;
        let rest_ns = u32::try_from(length_ns % 1_000_000_000).unwrap_or_default();
        *timer.length = types::Timespec::new().sec(seconds).nsec(rest_ns);
        let entry = opcode::Timeout::new(&raw const *timer.length).build();
        let entry = entry.user_data(TIMER | timer.number);
        // SAFETY: the kernel reads the length when the entry is submitted, at the latest by the
        // next `Ring::turn`; the box outlives the ring's last submission, being dropped after it.
        // JUSTIFICATION: see `Ring::push`.
        if unsafe { self.ring.push(&entry) } {
            timer.armed_ns = Some(deadline_ns);
        } else {
            timer.is_settled = false;
        }
    }

    /// What one completion of an accept brings.
    fn take_accepted(&mut self, entry: &cqueue::Entry) -> Option<(ListenerId, OwnedFd)> {
        let number = usize::try_from(entry.user_data()).ok()?;
        let listener = self.listeners.get_mut(number)?;
        if !cqueue::more(entry.flags()) {
            listener.is_armed = false;
            self.are_all_armed = false;
        }
        if entry.result() >= 0 {
            // SAFETY: a completed accept hands over a new descriptor that nobody else has.
            // JUSTIFICATION: a ring tells descriptors as numbers.
            let socket = unsafe { OwnedFd::from_raw_fd(entry.result()) };
            return Some((listener.id, socket));
        }
        self.failed(Errno(-entry.result()));
        None
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

impl Acceptor for Uring {
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
        if !self.timer.is_settled {
            self.settle_timer(clock.now().ns);
        }
        if let Err(errno) = self.ring.turn() {
            self.failure = Some(errno);
        }
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        while let Some(entry) = self.ring.completed() {
            if entry.user_data() & TIMER != 0 {
                if entry.user_data() == TIMER | self.timer.number {
                    self.timer.armed_ns = None;
                    self.timer.is_settled = false;
                }
            } else if entry.user_data() != NOBODY {
                let accepted = self.take_accepted(&entry);
                if accepted.is_some() {
                    return accepted;
                }
            }
        }
        None
    }

    fn set_deadline(&mut self, at_ns: Option<u64>) {
        self.timer.deadline_ns = at_ns;
        self.timer.is_near = false;
        self.timer.is_settled = false;
    }

    #[inline]
    fn is_deadline_reached(&mut self, clock: &Clock) -> bool {
        let timer = &mut self.timer;
        if !timer.is_near {
            return false;
        }
        let now_ns = clock.now().ns;
        let is_reached = timer
            .deadline_ns
            .take_if(|at_ns| *at_ns <= now_ns)
            .is_some();
        timer.is_near = !is_reached;
        is_reached
    }

    fn failure(&mut self) -> Option<Errno> {
        self.failure.take()
    }
}

impl Drop for Uring {
    fn drop(&mut self) {
        // Sockets that were accepted and not asked for would stay open with the process.
        while self.accepted().is_some() {}
    }
}

#[cfg(test)]
mod tests;
