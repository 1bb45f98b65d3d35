//! Numbers that were left out of a session's outgoing sequence by command: no message was ever sent
//! under them, so a resend fills them.
//!
//! A number that is simply not known is another thing: its message may have been sent and lost from
//! the index, and a gap fill would hide that. So holes are remembered as ranges, a few for each
//! session; with all places taken no more numbers can be left out that day.

/// Holes of one session in a day. Each is an operator's decision about one member: more of them are
/// no repair any more, but a peer whose store does not work.
pub(crate) const HOLES_MAX: usize = 8;

/// Numbers left out of one session in a day, all together. Half of what the index of sent messages
/// keeps of each session at least: it knows a session's latest numbers, and those that were left
/// out take places in it.
pub(crate) const LEFT_OUT_MAX: u64 = 1 << 15;

/// Numbers `from` up to `until`, without it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) from: u64,
    pub(crate) until: u64,
}

/// The holes of one session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holes {
    /// Invariant: those in use come first, each behind the one before.
    holes: [Hole; HOLES_MAX],
    count: usize,
}

impl Holes {
    /// Whether a hole behind all others can be remembered.
    pub(crate) fn has_room(&self, hole: Hole) -> bool {
        let left_out: u64 = self.all().iter().map(|it| it.until - it.from).sum();
        let is_behind_last = self.all().last().is_some_and(|it| it.until == hole.from);
        (self.count < HOLES_MAX || is_behind_last)
            && left_out.saturating_add(hole.until - hole.from) <= LEFT_OUT_MAX
    }

    /// Remembers a hole; it is behind all others. Tells whether there was room.
    pub(crate) fn put(&mut self, hole: Hole) -> bool {
        let last = self
            .holes
            .get_mut(..self.count)
            .and_then(<[Hole]>::last_mut);
        if let Some(last) = last.filter(|last| last.until == hole.from) {
            last.until = hole.until;
            return true;
        }
        match self.holes.get_mut(self.count) {
            Some(place) => {
                *place = hole;
                self.count += 1;
                true
            }
            None => false,
        }
    }

    /// Whether a number was left out.
    pub(crate) fn has(&self, number: u64) -> bool {
        let is_in = |hole: &Hole| (hole.from..hole.until).contains(&number);
        self.all().iter().any(is_in)
    }

    /// Those that reach beyond `from`, as numbers that are all lower by `base`, which is under
    /// `from`.
    pub(crate) fn moved_down(&self, from: u64, base: u64) -> Holes {
        let mut moved = Holes::default();
        for hole in self.all().iter().filter(|hole| hole.until > from) {
            let was_put = moved.put(Hole {
                from: hole.from.max(from) - base,
                until: hole.until - base,
            });
            debug_assert!(was_put, "no more than there were");
        }
        moved
    }

    /// All of them, in order.
    pub(crate) fn all(&self) -> &[Hole] {
        self.holes.get(..self.count).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_are_left_out_than_the_index_has_places_for() {
        let mut holes = Holes::default();
        let most = Hole {
            from: 7,
            until: 7 + LEFT_OUT_MAX,
        };
        assert!(holes.has_room(most) && holes.put(most));
        let (from, until) = (most.until, most.until + 1);
        assert!(!holes.has_room(Hole { from, until }));
    }

    #[test]
    fn holes_move_down_with_the_numbers() {
        let mut holes = Holes::default();
        for (from, until) in [(3, 5), (300, 320), (400, 401)] {
            assert!(holes.put(Hole { from, until }));
        }
        let moved = holes.moved_down(310, 256);
        let kept = [(54, 64), (144, 145)].map(|(from, until)| Hole { from, until });
        assert_eq!(moved.all(), kept);
        assert_eq!(holes.moved_down(401, 256), Holes::default());
    }

    #[test]
    fn holes_are_remembered_as_far_as_there_is_room() {
        let mut holes = Holes::default();
        let hole = |from| Hole {
            from,
            until: from + 2,
        };
        for number in 0..HOLES_MAX as u64 {
            assert!(holes.has_room(hole(10 * number + 1)));
            assert!(holes.put(hole(10 * number + 1)));
        }
        assert!(!holes.has_room(hole(200)) && !holes.put(hole(200)));
        // Right behind the last one there is always room.
        let behind = 10 * (HOLES_MAX as u64 - 1) + 3;
        assert!(holes.has_room(hole(behind)) && holes.put(hole(behind)));
        assert_eq!(holes.all().len(), HOLES_MAX);
        for (number, is_hole) in [
            (0, false),
            (1, true),
            (2, true),
            (3, false),
            (behind + 1, true),
            (behind + 2, false),
        ] {
            assert_eq!(holes.has(number), is_hole, "{number}");
        }
    }
}
