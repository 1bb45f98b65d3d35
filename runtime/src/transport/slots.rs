//! Small bookkeeping over slot numbers, all of it of a fixed size.
//!
//! In here: a set that can be walked quickly, a queue of free slots, and one of slots that wait for
//! their turn. Not in here: what a slot is.

use std::collections::VecDeque;

const ABSENT: u32 = u32::MAX;

/// A set of slot numbers below a limit: constant-time insert and remove, walked without gaps.
#[derive(Debug)]
pub(super) struct SlotSet {
    /// The members, in no particular order; never grows beyond its first capacity.
    members: Vec<u32>,
    /// Where in `members` each slot stands, or `ABSENT`.
    places: Box<[u32]>,
}

impl SlotSet {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            members: Vec::with_capacity(limit),
            places: vec![ABSENT; limit].into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member at `place`, counted in the set's momentary order.
    pub(super) fn at(&self, place: usize) -> Option<usize> {
        self.members.get(place).map(|&slot| slot as usize)
    }

    pub(super) fn contains(&self, slot: usize) -> bool {
        self.places.get(slot).is_some_and(|&place| place != ABSENT)
    }

    pub(super) fn insert(&mut self, slot: usize) {
        let place = self.members.len();
        let (Ok(number), Ok(stored)) = (u32::try_from(slot), u32::try_from(place)) else {
            return;
        };
        if let Some(entry) = self.places.get_mut(slot).filter(|entry| **entry == ABSENT) {
            *entry = stored;
            self.members.push(number);
        }
    }

    pub(super) fn remove(&mut self, slot: usize) {
        let Some(entry) = self.places.get_mut(slot).filter(|entry| **entry != ABSENT) else {
            return;
        };
        let place = std::mem::replace(entry, ABSENT);
        self.members.swap_remove(place as usize);
        if let Some(&moved) = self.members.get(place as usize)
            && let Some(entry) = self.places.get_mut(moved as usize)
        {
            *entry = place;
        }
    }
}

/// Free slots, the longest free one first, so that a slot's next connection comes late.
#[derive(Debug)]
pub(super) struct FreeSlots(VecDeque<u32>);

impl FreeSlots {
    pub(super) fn new(slots: std::ops::Range<usize>) -> Self {
        Self(slots.filter_map(|slot| u32::try_from(slot).ok()).collect())
    }

    pub(super) fn take(&mut self) -> Option<usize> {
        self.0.pop_front().map(|slot| slot as usize)
    }

    pub(super) fn give_back(&mut self, slot: usize) {
        if let Ok(slot) = u32::try_from(slot) {
            self.0.push_back(slot);
        }
    }
}

/// Slots that wait for their turn, each once, in the order of their coming.
#[derive(Debug)]
pub(super) struct SlotQueue {
    /// Never grows beyond its first capacity.
    waiting: VecDeque<u32>,
    is_in: Box<[bool]>,
}

impl SlotQueue {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            waiting: VecDeque::with_capacity(limit),
            is_in: vec![false; limit].into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn push(&mut self, slot: usize) {
        if let (Some(is_in), Ok(number)) = (self.is_in.get_mut(slot), u32::try_from(slot))
            && !std::mem::replace(is_in, true)
        {
            self.waiting.push_back(number);
        }
    }

    pub(super) fn pop(&mut self) -> Option<usize> {
        let slot = self.waiting.pop_front()? as usize;
        if let Some(is_in) = self.is_in.get_mut(slot) {
            *is_in = false;
        }
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_what_it_was_given() {
        let mut set = SlotSet::new(4);
        for slot in [2, 0, 3, 2, 9] {
            set.insert(slot);
        }
        assert_eq!(set.len(), 3);
        set.remove(2);
        set.remove(2);
        set.remove(9);
        assert!(!set.contains(2) && set.contains(0) && set.contains(3));
        let mut members: Vec<_> = (0..set.len()).filter_map(|place| set.at(place)).collect();
        members.sort_unstable();
        assert_eq!(members, [0, 3]);
        set.remove(0);
        set.remove(3);
        assert!(set.is_empty());
    }

    #[test]
    fn a_queue_takes_each_slot_once_and_keeps_their_order() {
        let mut queue = SlotQueue::new(3);
        for slot in [2, 0, 2, 9] {
            queue.push(slot);
        }
        assert_eq!((queue.pop(), queue.len()), (Some(2), 1));
        queue.push(2);
        assert_eq!(
            (queue.pop(), queue.pop(), queue.pop()),
            (Some(0), Some(2), None)
        );
    }

    #[test]
    fn free_slots_rest_before_they_are_used_again() {
        let mut free = FreeSlots::new(0..2);
        assert_eq!(free.take(), Some(0));
        free.give_back(0);
        assert_eq!(free.take(), Some(1));
        assert_eq!(free.take(), Some(0));
        assert_eq!(free.take(), None);
    }
}
