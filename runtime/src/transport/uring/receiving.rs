//! Multishot receives of quiet connections, and the bytes they brought.
//!
//! In here: one receive per watched connection, asked for, cancelled and ended; and per connection
//! the chain of filled buffers that nobody has taken yet, oldest first. Not in here: the buffers
//! themselves (`lent`), and when a connection is watched (`transport::hot`).
//!
//! 1. Each request carries its slot and a number that its slot never has again for four thousand
//!    million requests. A completion with another number than the slot's present one is of a
//!    connection that was forgotten: its buffer goes back, and that is all.
//! 2. A request is over with the completion that does not say `MORE`, cancelled or not. Until then
//!    nobody else may read the socket, and no second request is made: two would swap bytes.
//! 3. When the kernel has no buffer left it ends the request before it has read anything, so that
//!    nothing is lost; the connection is watched again or swept, as there are buffers.
//! 4. An entry in the queue names a place or a descriptor that could be another socket's when the
//!    kernel reads it. A place is not used anew before the queue was emptied, at the beginning of a
//!    turn, and while that fails nobody is watched; a descriptor is told the kernel at once.
//! 5. The ring keeps a registered file open, and a request its file as well. Forgetting a
//!    connection therefore cancels, until the request is over, and takes the file out, or its peer
//!    would never see the end.

use std::collections::VecDeque;
use std::os::fd::{AsRawFd, BorrowedFd};

use io_uring::{cqueue, opcode, types};

use super::lent::Lent;
use super::over::Over;
use super::request::{Forgotten, SLOTS_MAX, push, request, slot_and_serial};
use crate::errno::Errno;
use crate::ring::Ring;
use crate::transport::watcher::{Guest, Taken};
use crate::transport::{ClosedReason, TransportTerms};

/// Marks completions of receives; below are a request's number and its slot.
pub(super) const RECEIVE: u64 = 1 << 61;
/// Marks completions of cancellations, with the same numbers.
pub(super) const CANCEL: u64 = 1 << 60;
/// The end of a chain.
const NONE: u16 = u16::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No request: the socket may be read.
    Idle,
    /// The kernel receives.
    Armed,
    /// The kernel was asked to stop and has not said yet that it did.
    Cancelling,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    state: State,
    /// Of the present request, or of the last one.
    serial: u32,
    /// Oldest and newest filled buffer that was not taken wholly; `NONE` when there is none.
    first: u16,
    last: u16,
    /// How much of `first` was taken.
    taken: usize,
    end: Option<ClosedReason>,
    has_file: bool,
    is_stirred: bool,
}

/// The place of one filled buffer in its connection's chain.
#[derive(Clone, Copy, Debug)]
struct Link {
    next: u16,
    length: usize,
}

/// All receives of one ring.
#[derive(Debug)]
pub(super) struct Receiving {
    slots: Box<[Slot]>,
    members: Lent,
    strangers: Lent,
    /// One for each buffer of both groups.
    links: Box<[Link]>,
    /// Slots with news, each once.
    stirred: VecDeque<u32>,
    /// Cancellations for which the submission queue had no room. Never grows beyond its capacity.
    unsent: VecDeque<u64>,
    /// Requests of forgotten connections that the kernel may still have.
    pub(super) forgotten: Forgotten,
    /// Whether files are registered with the ring; refused where the descriptor limit is low.
    pub(super) are_files_registered: bool,
    /// Whether the submission queue could not be emptied at the beginning of this turn.
    pub(super) is_stuck: bool,
    /// Once a kernel refused to receive this way (before 6.0).
    is_refused: bool,
    /// Times that the kernel had no buffer.
    pub(super) shortages: u64,
    /// The next cancellation is to miss.
    #[cfg(test)]
    pub(super) misses_next: bool,
}

impl Receiving {
    pub(super) fn new(ring: &Ring, terms: &TransportTerms) -> Result<Self, Errno> {
        let slots = terms.slots().min(SLOTS_MAX);
        let each = terms.lent_bytes;
        let members = Lent::new(ring, (0, 0), (terms.lent_buffers, each))?;
        let strangers = (terms.stranger_lent_buffers, each);
        let strangers = Lent::new(ring, (1, members.end()), strangers)?;
        let count = u32::try_from(slots).unwrap_or(0);
        let link = Link {
            next: NONE,
            length: 0,
        };
        let slot = Slot {
            state: State::Idle,
            serial: 0,
            first: NONE,
            last: NONE,
            taken: 0,
            end: None,
            has_file: false,
            is_stirred: false,
        };
        Ok(Self {
            slots: vec![slot; slots].into(),
            links: vec![link; usize::from(strangers.end())].into(),
            members,
            strangers,
            stirred: VecDeque::with_capacity(slots),
            unsent: VecDeque::with_capacity(slots * 2),
            forgotten: Forgotten::new(slots * 2),
            are_files_registered: ring.make_files(count).is_ok(),
            is_stuck: false,
            is_refused: false,
            shortages: 0,
            #[cfg(test)]
            misses_next: false,
        })
    }

    fn lent(&mut self, number: u16) -> &mut Lent {
        if self.members.has(number) {
            &mut self.members
        } else {
            &mut self.strangers
        }
    }

    pub(super) fn watch(
        &mut self,
        ring: &mut Ring,
        slot: usize,
        socket: BorrowedFd<'_>,
        guest: Guest,
    ) -> bool {
        let lent = match guest {
            Guest::Member => &self.members,
            Guest::Stranger => &self.strangers,
        };
        let (group, is_plentiful) = (lent.group(), lent.is_plentiful());
        let Some(its) = self.slots.get_mut(slot) else {
            return false;
        };
        if its.state != State::Idle || its.end.is_some() {
            return true;
        }
        if self.is_refused || self.is_stuck || !is_plentiful {
            return false;
        }
        let place = u32::try_from(slot).unwrap_or(u32::MAX);
        if self.are_files_registered && !its.has_file {
            its.has_file = ring.set_file(place, Some(socket)).is_ok();
        }
        its.serial = its.serial.wrapping_add(1);
        let entry = if its.has_file {
            opcode::RecvMulti::new(types::Fixed(place), group).build()
        } else {
            opcode::RecvMulti::new(types::Fd(socket.as_raw_fd()), group).build()
        };
        let entry = entry.user_data(RECEIVE | request(slot, its.serial));
        if !push(ring, &entry) {
            return false;
        }
        its.state = State::Armed;
        if !its.has_file {
            self.is_stuck = ring.enter(0).is_err();
        }
        true
    }

    pub(super) fn unwatch(&mut self, ring: &mut Ring, slot: usize) {
        if let Some(its) = self.slots.get_mut(slot)
            && its.state == State::Armed
        {
            its.state = State::Cancelling;
            let request = request(slot, its.serial);
            self.cancel(ring, request);
        }
    }

    pub(super) fn forget(&mut self, ring: &mut Ring, slot: usize) {
        while let Some(its) = self.slots.get_mut(slot)
            && its.first != NONE
        {
            self.drop_first(slot);
        }
        self.unwatch(ring, slot);
        let Some(its) = self.slots.get_mut(slot) else {
            return;
        };
        if its.state != State::Idle {
            self.forgotten.add(request(slot, its.serial));
        }
        its.state = State::Idle;
        its.serial = its.serial.wrapping_add(1);
        its.end = None;
        if its.has_file {
            its.has_file = false;
            // Refused only on another thread than the ring's, and then the ring is not in use.
            let _ = ring.set_file(u32::try_from(slot).unwrap_or(u32::MAX), None);
        }
    }

    fn cancel(&mut self, ring: &mut Ring, request: u64) {
        let target = RECEIVE | request;
        #[cfg(test)]
        let target = if std::mem::take(&mut self.misses_next) {
            u64::MAX
        } else {
            target
        };
        let entry = opcode::AsyncCancel::new(target).build();
        let entry = entry.user_data(CANCEL | request);
        if !push(ring, &entry) && self.unsent.len() < self.unsent.capacity() {
            self.unsent.push_back(request);
        }
    }

    /// Sends what found no room before.
    #[inline]
    pub(super) fn turn(&mut self, ring: &mut Ring) {
        for _ in 0..self.unsent.len() {
            if let Some(request) = self.unsent.pop_front() {
                self.cancel(ring, request);
            }
        }
    }

    /// One completion of a cancellation.
    pub(super) fn on_cancelled(&mut self, entry: &cqueue::Entry) {
        let request = entry.user_data() & (CANCEL - 1);
        let (slot, serial) = slot_and_serial(request);
        // Completions come in order, so a request that is not over was not found on its way from
        // one poll to the next: it is asked again.
        let its = self.slots.get(slot);
        let is_its_own =
            its.is_some_and(|its| its.serial == serial && its.state == State::Cancelling);
        let is_missed = entry.result() < 0 && (is_its_own || self.forgotten.has(request));
        if is_missed && self.unsent.len() < self.unsent.capacity() {
            self.unsent.push_back(request);
        }
    }

    /// One completion of a receive.
    pub(super) fn on_received(&mut self, entry: &cqueue::Entry) {
        let request = entry.user_data() & (CANCEL - 1);
        let (slot, serial) = slot_and_serial(request);
        let buffer = cqueue::buffer_select(entry.flags());
        if let Some(number) = buffer {
            self.lent(number).note_filled();
        }
        let length = usize::try_from(entry.result()).unwrap_or(0);
        let is_its_own = |its: &&mut Slot| its.serial == serial && its.state != State::Idle;
        let Some(its) = self.slots.get_mut(slot).filter(is_its_own) else {
            if !cqueue::more(entry.flags()) {
                self.forgotten.over(request);
            }
            if let Some(number) = buffer {
                self.lent(number).give_back(number);
            }
            return;
        };
        if !cqueue::more(entry.flags()) {
            its.state = State::Idle;
            if entry.result() <= 0 {
                let why = Over::of(entry.result());
                self.shortages += u64::from(why == Over::Shortage);
                self.is_refused |= why == Over::Refused;
                if let Over::Ended(reason) = why {
                    its.end = Some(reason);
                }
            }
        }
        if !its.is_stirred {
            its.is_stirred = true;
            self.stirred.push_back(u32::try_from(slot).unwrap_or(0));
        }
        match buffer {
            Some(number) if length > 0 => self.append(slot, number, length),
            Some(number) => self.lent(number).give_back(number),
            None => {}
        }
    }

    fn append(&mut self, slot: usize, number: u16, length: usize) {
        let Some(its) = self.slots.get_mut(slot) else {
            return;
        };
        let before = std::mem::replace(&mut its.last, number);
        if its.first == NONE {
            its.first = number;
            its.taken = 0;
        } else if let Some(link) = self.links.get_mut(usize::from(before)) {
            link.next = number;
        }
        if let Some(link) = self.links.get_mut(usize::from(number)) {
            *link = Link { next: NONE, length };
        }
    }

    /// Gives the oldest buffer of a chain back.
    fn drop_first(&mut self, slot: usize) {
        let Some(its) = self.slots.get_mut(slot) else {
            return;
        };
        let number = its.first;
        its.taken = 0;
        its.first = self
            .links
            .get(usize::from(number))
            .map_or(NONE, |link| link.next);
        self.lent(number).give_back(number);
    }

    #[inline]
    pub(super) fn stirred(&mut self) -> Option<usize> {
        let slot = self.stirred.pop_front()? as usize;
        if let Some(its) = self.slots.get_mut(slot) {
            its.is_stirred = false;
        }
        Some(slot)
    }

    #[inline]
    pub(super) fn take(&mut self, slot: usize, into: &mut [u8]) -> Taken {
        let Some(its) = self.slots.get(slot) else {
            return Taken::Yours;
        };
        if its.first != NONE {
            return Taken::Bytes(self.take_bytes(slot, into));
        }
        match (its.end, its.state) {
            (Some(reason), _) => Taken::Ended(reason),
            (None, State::Idle) => Taken::Yours,
            (None, State::Armed | State::Cancelling) => Taken::Wait,
        }
    }

    fn take_bytes(&mut self, slot: usize, into: &mut [u8]) -> usize {
        let mut moved = 0;
        while let Some(its) = self.slots.get_mut(slot)
            && its.first != NONE
            && moved < into.len()
        {
            let number = its.first;
            let length = self
                .links
                .get(usize::from(number))
                .map_or(0, |link| link.length);
            let start = its.taken;
            let end = length.min(start + (into.len() - moved));
            its.taken = end;
            let bytes = self.lent(number).filled(number, start..end);
            if let Some(to) = into.get_mut(moved..moved + bytes.len()) {
                to.copy_from_slice(bytes);
            }
            moved += end - start;
            if end == length {
                self.drop_first(slot);
            }
        }
        moved
    }

    /// Whether the kernel has every buffer.
    #[cfg(test)]
    pub(super) fn is_at_rest(&self) -> bool {
        self.members.held() == 0 && self.strangers.held() == 0
    }

    #[inline]
    pub(super) fn holds(&self, slot: usize) -> bool {
        self.slots
            .get(slot)
            .is_some_and(|its| its.first != NONE || its.end.is_some())
    }
}
