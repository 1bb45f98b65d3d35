//! Watching by one epoll instance, for hosts without `io_uring`.
//!
//! In here: level-triggered readiness of quiet connections and listeners, asked for at most once in
//! a turn and never waited for. The bytes themselves are read plainly, so a connection changes
//! between quiet and hot by one call. Not in here: the ring (`uring`).
//!
//! A closed socket leaves the instance by itself; what was reported of it before is told from its
//! slot's next connection by a number.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::event::{Timespec, epoll};

use super::watcher::{Guest, LISTENERS_MAX, PAUSE_NS, Taken, Watcher};
use super::{ListenerId, TransportTerms, socket};
use crate::clock::Clock;
use crate::errno::Errno;
use crate::finding::Finding;

/// The instance is asked once in so many turns: a question costs as much as a silent socket, and
/// somebody quiet can wait for the few microseconds that these turns take.
const TURNS_BETWEEN: u32 = 4;
/// What one answer can hold. The kernel begins the next one behind it.
const EVENTS_MAX: usize = 64;
/// A pause whose end is set by the next turn, which has a clock.
const PAUSE_UNKNOWN: u64 = u64::MAX;
/// Marks a listener's events; its place is below.
const LISTENER: u64 = 1 << 63;
/// Where a connection's number stands in its events, above its slot.
const SERIAL_SHIFT: u32 = 32;

/// One connection's part in the instance.
#[derive(Clone, Copy, Debug, Default)]
struct Watched {
    serial: u32,
    is_in: bool,
}

/// One epoll instance with listeners and quiet connections.
#[derive(Debug)]
pub struct Epoll {
    instance: OwnedFd,
    slots: Box<[Watched]>,
    /// What was reported and not told yet. Never grows beyond `EVENTS_MAX`.
    reported: VecDeque<u64>,
    turns_until: u32,
    turns_between: u32,
    /// Never grows beyond `LISTENERS_MAX`.
    listeners: Vec<(ListenerId, OwnedFd)>,
    /// Listeners on which somebody waits, one bit each.
    waiting: u32,
    paused_until_ns: u64,
    deadline_ns: Option<u64>,
    failure: Option<Errno>,
}

impl Epoll {
    /// An instance for as many connections as the terms have slots.
    ///
    /// # Errors
    /// A finding with cause and remedy where the host refuses; `Plain` does the same work there.
    pub fn new(terms: &TransportTerms) -> Result<Self, Finding> {
        let instance = epoll::create(epoll::CreateFlags::CLOEXEC)
            .map_err(|errno| Finding::epoll_refused(Errno::from_rustix(errno)))?;
        Ok(Self {
            instance,
            slots: vec![Watched::default(); terms.slots()].into(),
            reported: VecDeque::with_capacity(EVENTS_MAX),
            turns_until: 0,
            turns_between: TURNS_BETWEEN,
            listeners: Vec::with_capacity(LISTENERS_MAX),
            waiting: 0,
            paused_until_ns: 0,
            deadline_ns: None,
            failure: None,
        })
    }

    /// Asks the instance once in `turns` turns; 1 asks in each.
    #[must_use]
    pub fn asking_every(self, turns: u32) -> Self {
        Self {
            turns_between: turns.max(1),
            ..self
        }
    }

    fn ask(&mut self) {
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let mut events = [const { MaybeUninit::uninit() }; EVENTS_MAX];
        // Refused only by a signal, and then the next question gets the same answer.
        let Ok((events, _)) = epoll::wait(&self.instance, &mut events, Some(&at_once)) else {
            return;
        };
        for event in &*events {
            let data = event.data.u64();
            if data & LISTENER != 0 {
                self.waiting |= 1 << (data & !LISTENER);
            } else if self.reported.len() < EVENTS_MAX {
                self.reported.push_back(data);
            }
        }
    }

    fn add(&self, socket: BorrowedFd<'_>, data: u64) -> rustix::io::Result<()> {
        let data = epoll::EventData::new_u64(data);
        epoll::add(&self.instance, socket, data, epoll::EventFlags::IN)
    }
}

impl Watcher for Epoll {
    fn listen(&mut self, listener: ListenerId, socket: OwnedFd) -> Result<(), Errno> {
        let place = self.listeners.len();
        if place == LISTENERS_MAX {
            return Err(Errno::from_rustix(rustix::io::Errno::NOSPC));
        }
        self.add(socket.as_fd(), LISTENER | place as u64)
            .map_err(Errno::from_rustix)?;
        self.listeners.push((listener, socket));
        Ok(())
    }

    #[inline]
    fn turn(&mut self, clock: &Clock) {
        if self.turns_until > 0 {
            self.turns_until -= 1;
            return;
        }
        self.turns_until = self.turns_between - 1;
        self.ask();
        if self.paused_until_ns > 0 {
            let now_ns = clock.now().ns;
            if self.paused_until_ns == PAUSE_UNKNOWN {
                self.paused_until_ns = now_ns.saturating_add(PAUSE_NS);
            } else if now_ns >= self.paused_until_ns {
                self.paused_until_ns = 0;
            }
        }
    }

    #[inline]
    fn accepted(&mut self) -> Option<(ListenerId, OwnedFd)> {
        while self.waiting != 0 && self.paused_until_ns == 0 {
            let place = self.waiting.trailing_zeros();
            let (listener, listening) = self.listeners.get(place as usize)?;
            match socket::accept(listening.as_fd()) {
                Ok(Some(accepted)) => return Some((*listener, accepted)),
                Ok(None) => self.waiting &= self.waiting - 1,
                Err(errno) => {
                    self.failure = Some(errno);
                    // The instance reports this listener again.
                    self.paused_until_ns = PAUSE_UNKNOWN;
                    self.waiting = 0;
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

    fn watch(&mut self, slot: usize, socket: BorrowedFd<'_>, _: Guest) -> bool {
        let Some(watched) = self.slots.get_mut(slot) else {
            return false;
        };
        if watched.is_in {
            return true;
        }
        watched.serial = watched.serial.wrapping_add(1) & (u32::MAX >> 1);
        let data = u64::from(watched.serial) << SERIAL_SHIFT | slot as u64;
        let is_in = self.add(socket, data).is_ok();
        if let Some(watched) = self.slots.get_mut(slot) {
            watched.is_in = is_in;
        }
        is_in
    }

    fn unwatch(&mut self, slot: usize, socket: BorrowedFd<'_>) {
        self.forget(slot, Some(socket));
    }

    fn forget(&mut self, slot: usize, socket: Option<BorrowedFd<'_>>) {
        let Some(watched) = self.slots.get_mut(slot).filter(|watched| watched.is_in) else {
            return;
        };
        watched.is_in = false;
        if let Some(socket) = socket {
            // Cannot fail for one that is in, and one that was closed has left by itself.
            let _ = epoll::delete(&self.instance, socket);
        }
    }

    #[inline]
    fn stirred(&mut self) -> Option<usize> {
        while let Some(data) = self.reported.pop_front() {
            let slot = usize::try_from(data & u64::from(u32::MAX)).unwrap_or(usize::MAX);
            let serial = data >> SERIAL_SHIFT;
            let watched = self.slots.get(slot);
            if watched.is_some_and(|its| its.is_in && u64::from(its.serial) == serial) {
                return Some(slot);
            }
        }
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
