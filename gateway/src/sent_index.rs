//! Where the messages that a session sent lie in the journal, so that a resend copies them from there.
//!
//! A ring over the latest [`SENT_MAX`] MsgSeqNums. What has left the ring, or lies in a segment that has left memory, is
//! *elsewhere*: the capture thread reads it back, the order core never does.

use gwanmun_fix::session::{History, Past as PastMessage};

use crate::edge::{Past, Place};

/// Messages per session that can be resent straight from memory: a minute and a half at 5,000 a second with one report each
/// way, 1.5 MiB of index. Beyond it the capture thread answers.
pub const SENT_MAX: usize = 1 << 16;

#[derive(Clone, Copy, Default)]
struct Entry {
    /// Zero: nothing here yet.
    msg_seq_num: u64,
    place: Place,
    length: u32,
    is_application: bool,
}

/// The index of one session.
pub struct SentIndex {
    ring: Box<[Entry]>,
}

impl Default for SentIndex {
    fn default() -> Self {
        SentIndex {
            ring: vec![Entry::default(); SENT_MAX].into_boxed_slice(),
        }
    }
}

impl SentIndex {
    fn at(msg_seq_num: u64) -> usize {
        usize::try_from(msg_seq_num).unwrap_or(0) & (SENT_MAX - 1)
    }

    /// Notes where a message lies.
    pub fn put(&mut self, msg_seq_num: u64, place: Place, length: u32, is_application: bool) {
        if let Some(entry) = self.ring.get_mut(Self::at(msg_seq_num)) {
            *entry = Entry {
                msg_seq_num,
                place,
                length,
                is_application,
            };
        }
    }

    /// Forgets everything, as the numbers begin anew.
    pub fn forget(&mut self) {
        self.ring.fill(Entry::default());
    }
}

/// The session's view of the journal while it resends.
pub(crate) struct SessionHistory<'a, P> {
    pub(crate) index: &'a SentIndex,
    pub(crate) past: &'a P,
}

impl<P: Past> History for SessionHistory<'_, P> {
    fn sent(&self, msg_seq_num: u64) -> PastMessage<'_> {
        let entry = self
            .index
            .ring
            .get(SentIndex::at(msg_seq_num))
            .copied()
            .unwrap_or_default();
        if entry.msg_seq_num != msg_seq_num {
            return PastMessage::Elsewhere;
        }
        if !entry.is_application {
            return PastMessage::Administrative;
        }
        let length = usize::try_from(entry.length).unwrap_or(usize::MAX);
        self.past
            .read(entry.place, length)
            .map_or(PastMessage::Elsewhere, PastMessage::Application)
    }
}
