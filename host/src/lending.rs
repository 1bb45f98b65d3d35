//! Old segments for resends: asked for by the order core, read back by the capture thread.
//!
//! In it: [`Lending`], the order core's end of the two queues, with at most one question open. A
//! segment that cannot be read back now is answered too, so that its resend keeps nobody else's
//! waiting: it is passed over, and asked for again once nothing else is.

use std::sync::mpsc::{Receiver, SyncSender};

use crate::journal_writer::ChainSegment;

/// Segments passed over at a time. With more of them out of reach the oldest is asked for again
/// early, which costs one wasted look for each question.
const OUT_OF_REACH_MAX: usize = 16;

/// The capture thread's answer.
pub(crate) enum Lent {
    /// Here it is.
    Mapped(ChainSegment),
    /// This one is not whole on disk, or cannot be mapped.
    OutOfReach,
}

/// What the order core has asked for, and what it knows better than to ask for.
pub(crate) struct Lending {
    wanted: SyncSender<u32>,
    lent: Receiver<Lent>,
    /// The segment that was asked for and has not been answered.
    asked: Option<u32>,
    out_of_reach: [Option<u32>; OUT_OF_REACH_MAX],
    /// Where the next of them goes.
    next: usize,
}

impl Lending {
    pub(crate) fn new(wanted: SyncSender<u32>, lent: Receiver<Lent>) -> Lending {
        Lending {
            wanted,
            lent,
            asked: None,
            out_of_reach: [None; OUT_OF_REACH_MAX],
            next: 0,
        }
    }

    /// Whether a segment is passed over for now.
    pub(crate) fn is_out_of_reach(&self, segment: u32) -> bool {
        self.out_of_reach.contains(&Some(segment))
    }

    /// Asks for a segment, or for none, as all that is wanted is out of reach: then that is looked
    /// at anew. Tells whether there is a new question.
    pub(crate) fn want(&mut self, segment: Option<u32>) -> bool {
        match segment {
            None => self.out_of_reach = [None; OUT_OF_REACH_MAX],
            Some(segment) if self.asked.is_none() && self.wanted.try_send(segment).is_ok() => {
                self.asked = Some(segment);
                return true;
            }
            Some(_) => {}
        }
        false
    }

    /// Takes the segment that was asked for, if it has come.
    pub(crate) fn take(&mut self) -> Option<ChainSegment> {
        let asked = self.asked?;
        let answer = self.lent.try_recv().ok()?;
        self.asked = None;
        match answer {
            Lent::Mapped(segment) => Some(segment),
            Lent::OutOfReach => {
                if let Some(place) = self.out_of_reach.get_mut(self.next) {
                    *place = Some(asked);
                }
                self.next = (self.next + 1) % OUT_OF_REACH_MAX;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[test]
    fn a_segment_out_of_reach_keeps_no_other_waiting() {
        let (wanted, wanted_out) = sync_channel(1);
        let (lent_in, lent) = sync_channel(1);
        let mut lending = Lending::new(wanted, lent);
        // Two resends wait, the first for a segment that cannot be had.
        let first = |lending: &Lending| {
            let waiting = [3, 7].into_iter();
            let mut waiting = waiting.filter(|segment| !lending.is_out_of_reach(*segment));
            waiting.next()
        };
        let mut asked = Vec::new();
        for _ in 0..8 {
            let want = first(&lending);
            lending.want(want);
            if let Ok(segment) = wanted_out.try_recv() {
                asked.push(segment);
                assert!(lent_in.try_send(Lent::OutOfReach).is_ok());
            }
            assert!(lending.take().is_none());
        }
        // One after the other, then all of it again.
        assert_eq!(asked, [3, 7, 3, 7, 3, 7]);
    }

    #[test]
    fn one_question_is_open_at_a_time() {
        let (wanted, wanted_out) = sync_channel(1);
        let (lent_in, lent) = sync_channel(1);
        let mut lending = Lending::new(wanted, lent);
        assert!(lending.want(Some(3)));
        assert_eq!(wanted_out.try_recv(), Ok(3));
        assert!(!lending.want(Some(3)));
        assert!(!lending.want(Some(4)));
        assert!(wanted_out.try_recv().is_err());
        assert!(lending.take().is_none());
        lent_in.try_send(Lent::OutOfReach).ok().unwrap();
        assert!(lending.take().is_none() && lending.is_out_of_reach(3));
        lending.want(Some(4));
        assert_eq!(wanted_out.try_recv(), Ok(4));
    }

    #[test]
    fn more_out_of_reach_than_are_remembered_lets_the_oldest_be_asked_again() {
        let (wanted, wanted_out) = sync_channel(1);
        let (lent_in, lent) = sync_channel(1);
        let mut lending = Lending::new(wanted, lent);
        let count = u32::try_from(OUT_OF_REACH_MAX).unwrap();
        for segment in 0..=count {
            lending.want(Some(segment));
            assert_eq!(wanted_out.try_recv(), Ok(segment));
            lent_in.try_send(Lent::OutOfReach).ok().unwrap();
            assert!(lending.take().is_none());
        }
        assert!(!lending.is_out_of_reach(0));
        assert!((1..=count).all(|segment| lending.is_out_of_reach(segment)));
        lending.want(None);
        assert!(!(0..=count).any(|segment| lending.is_out_of_reach(segment)));
    }
}
