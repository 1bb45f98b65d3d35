//! Orders that are large: those whose members were warned and may confirm, and those that are held
//! until somebody approves.
//!
//! Both lists are bounded and never grow. The latest warnings are remembered: one that was pushed
//! out by newer ones cannot be confirmed any more, and its member enters the order anew. With all
//! places of held orders taken, an order that would be held is refused. Not in it: what follows
//! from either (`two_stage`).

use crate::image::{ImageReader, ImageWriter};
use crate::orders::SlotIndex;

/// Warnings that are remembered, of all members: far more than people confirm within
/// [`CONFIRM_NS`].
pub(crate) const WARNED_MAX: usize = 4_096;

/// Orders that may be held at a time: more than people approve within [`HOLD_NS`].
pub(crate) const HELD_MAX: usize = 256;

/// How long a warning may be confirmed: the market of a minute ago is not that of the warning.
pub const CONFIRM_NS: u64 = 60_000_000_000;

/// How long an order is held: long enough to ask somebody, short beside a trading day.
pub const HOLD_NS: u64 = 300_000_000_000;

/// Longest image of a warning in bytes: two OrderIDs of 14.
pub(crate) const WARNED_IMAGE_BYTES: usize = 4 + 8 + 1 + 15 + 15;
/// Image of a held order in bytes.
pub(crate) const HELD_IMAGE_BYTES: usize = 4 + 8 + 1;

/// A warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Warned {
    pub(crate) slot: SlotIndex,
    pub(crate) since_ns: u64,
    /// An order that confirmed it has left.
    pub(crate) is_used: bool,
}

/// A held order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) slot: SlotIndex,
    pub(crate) since_ns: u64,
}

impl Held {
    /// When it expires.
    pub(crate) const fn until_ns(&self) -> u64 {
        self.since_ns.saturating_add(HOLD_NS)
    }

    /// Writes the image, of one that still is held or is not any more.
    pub(crate) fn write_image(&self, is_held: bool, into: &mut ImageWriter<'_>) {
        into.u32(self.slot.0);
        into.u64(self.since_ns);
        into.u8(u8::from(is_held));
    }
}

/// Both lists.
pub(crate) struct LargeOrders {
    /// The oldest first. Invariant: never more than [`WARNED_MAX`], for which there is room.
    warned: std::collections::VecDeque<Warned>,
    /// In the order in which they came. Invariant: never more than [`HELD_MAX`], likewise.
    held: Vec<Held>,
}

impl LargeOrders {
    /// None of either.
    pub(crate) fn new() -> LargeOrders {
        LargeOrders {
            warned: std::collections::VecDeque::with_capacity(WARNED_MAX),
            held: Vec::with_capacity(HELD_MAX),
        }
    }

    /// The warning about the order in a slot.
    pub(crate) fn warned(&self, slot: SlotIndex) -> Option<Warned> {
        self.warned.iter().rev().find(|it| it.slot == slot).copied()
    }

    /// Remembers a warning, or what became of it.
    pub(crate) fn put_warned(&mut self, warned: Warned) {
        let known = self.warned.iter_mut().rev();
        if let Some(known) = known.into_iter().find(|it| it.slot == warned.slot) {
            *known = warned;
            return;
        }
        if self.warned.len() >= WARNED_MAX {
            self.warned.pop_front();
        }
        self.warned.push_back(warned);
    }

    /// All warnings, the oldest first.
    pub(crate) fn all_warned(&self) -> impl Iterator<Item = &Warned> {
        self.warned.iter()
    }

    /// The order in a slot, if it is held.
    pub(crate) fn held(&self, slot: SlotIndex) -> Option<Held> {
        self.held.iter().find(|it| it.slot == slot).copied()
    }

    /// All that are held, in the order in which they came.
    pub(crate) fn all_held(&self) -> &[Held] {
        &self.held
    }

    /// Whether another may be held.
    pub(crate) fn has_room(&self) -> bool {
        self.held.len() < HELD_MAX
    }

    /// Holds an order; tells whether there was room.
    pub(crate) fn hold(&mut self, held: Held) -> bool {
        let has_room = self.has_room();
        if has_room && self.held(held.slot).is_none() {
            self.held.push(held);
        }
        has_room
    }

    /// Holds the order in a slot no longer; gives what it was.
    pub(crate) fn release(&mut self, slot: SlotIndex) -> Option<Held> {
        let at = self.held.iter().position(|it| it.slot == slot)?;
        Some(self.held.remove(at))
    }

    /// When the first of them expires. The clock may have been set back between two of them, so all
    /// are looked at.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        self.held.iter().map(Held::until_ns).min()
    }

    /// Reads an image of a warning back; `None` where it is none.
    pub(crate) fn restore_warned(&mut self, from: &mut ImageReader<'_>) -> Option<()> {
        let (slot, since_ns, is_used) = (from.u32()?, from.u64()?, from.u8()?);
        let _: (gwanmun_market::OrderId, gwanmun_market::OrderId) = (from.text()?, from.text()?);
        self.put_warned(Warned {
            slot: SlotIndex(slot),
            since_ns,
            is_used: is_used != 0,
        });
        Some(())
    }

    /// Reads an image of a held order back; `None` where it is none, or one too many.
    pub(crate) fn restore_held(&mut self, from: &mut ImageReader<'_>) -> Option<()> {
        let (slot, since_ns, is_held) = (SlotIndex(from.u32()?), from.u64()?, from.u8()?);
        if is_held == 0 {
            self.release(slot);
            return Some(());
        }
        self.hold(Held { slot, since_ns }).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(slot: u32) -> Warned {
        Warned {
            slot: SlotIndex(slot),
            since_ns: slot.into(),
            is_used: false,
        }
    }

    #[test]
    fn the_latest_warnings_are_remembered() {
        let mut large = LargeOrders::new();
        let many = u32::try_from(WARNED_MAX).unwrap();
        for slot in 0..=many {
            large.put_warned(warned(slot));
        }
        assert_eq!(large.warned(SlotIndex(0)), None);
        assert_eq!(large.warned(SlotIndex(1)), Some(warned(1)));
        let used = Warned {
            is_used: true,
            ..warned(many)
        };
        large.put_warned(used);
        assert_eq!(large.warned(SlotIndex(many)), Some(used));
        assert_eq!(large.all_warned().count(), WARNED_MAX);
    }

    #[test]
    fn orders_are_held_until_they_are_released_and_only_so_many() {
        let mut large = LargeOrders::new();
        assert_eq!(large.next_deadline_ns(), None);
        for slot in 0..u32::try_from(HELD_MAX).unwrap() {
            assert!(large.hold(Held {
                slot: SlotIndex(slot),
                since_ns: 1_000 - u64::from(slot),
            }));
        }
        let one_more = Held {
            slot: SlotIndex(9_999),
            since_ns: 0,
        };
        assert!(!large.hold(one_more) && large.held(one_more.slot).is_none());
        assert_eq!(large.next_deadline_ns(), Some(1_000 - 255 + HOLD_NS));
        let first = large.release(SlotIndex(255)).unwrap();
        assert_eq!(first.since_ns, 1_000 - 255);
        assert_eq!(large.release(SlotIndex(255)), None);
        assert_eq!(large.next_deadline_ns(), Some(1_000 - 254 + HOLD_NS));
        assert!(large.hold(one_more));
    }
}
