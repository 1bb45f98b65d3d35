//! What a line has sent: the bytes for its socket, and every application message for a resend.

use std::collections::BTreeMap;

use gwanmun_fix::session::{History, Past, ResendProgress, Session};
use gwanmun_fix::{SOH, Sent, Sink};

use super::house::MESSAGE_BYTES_MAX;

/// Messages kept for a resend, in bytes; an acceptance suite sends some thousands. Beyond, a line
/// has no room and ends.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// The writing side of a line.
pub(super) struct Outbox {
    /// Where the next message is written.
    room: Vec<u8>,
    /// What waits for the socket.
    pub(super) waiting: Vec<u8>,
    /// How many messages were written, by MsgType(35); with `true` under a number used before.
    pub(super) written: BTreeMap<(Vec<u8>, bool), u64>,
    kept: Kept,
}

/// Messages by their numbers, one behind the other.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Where each begins and ends; nothing for an administrative one.
    places: Vec<Option<(usize, usize)>>,
}

impl Outbox {
    pub(super) fn new() -> Outbox {
        Outbox {
            // An echo is as long as what came, and has a header of our own.
            room: vec![0; MESSAGE_BYTES_MAX + 1_024],
            waiting: Vec::new(),
            written: BTreeMap::new(),
            kept: Kept::default(),
        }
    }

    /// So many numbers are passed over: nothing was sent under them.
    pub(super) fn skip(&mut self, numbers: usize) {
        self.kept.places.extend(std::iter::repeat_n(None, numbers));
    }

    /// A step of what the session owes its peer. Everything is in memory, so that it goes on until
    /// the session is idle.
    pub(super) fn resend_step(&mut self, session: &mut Session, now_ns: u64) -> ResendProgress {
        let mut sink = WaitingRoom {
            room: &mut self.room,
            waiting: &mut self.waiting,
            written: &mut self.written,
            fresh: 0,
        };
        let progress = session.resend_step(now_ns, &self.kept, &mut sink);
        let fresh = sink.fresh;
        self.kept.places.extend(std::iter::repeat_n(None, fresh));
        progress
    }
}

/// A sink while what was sent before is read.
struct WaitingRoom<'o> {
    room: &'o mut [u8],
    waiting: &'o mut Vec<u8>,
    written: &'o mut BTreeMap<(Vec<u8>, bool), u64>,
    /// Messages under new numbers: the session's own ResendRequest(2), which is not kept.
    fresh: usize,
}

impl Sink for WaitingRoom<'_> {
    fn room(&mut self) -> &mut [u8] {
        self.room
    }

    fn commit(&mut self, sent: Sent) {
        let message = self.room.get(..sent.length).unwrap_or(&[]);
        self.waiting.extend_from_slice(message);
        count(self.written, message, sent);
        self.fresh += usize::from(!sent.is_resend);
    }
}

impl Sink for Outbox {
    fn room(&mut self) -> &mut [u8] {
        if self.kept.bytes.len() > KEPT_BYTES_MAX {
            return &mut [];
        }
        &mut self.room
    }

    fn commit(&mut self, sent: Sent) {
        let message = self.room.get(..sent.length).unwrap_or(&[]);
        self.waiting.extend_from_slice(message);
        count(&mut self.written, message, sent);
        if !sent.is_resend {
            self.kept.keep(sent, message);
        }
    }
}

/// MsgType(35) is the third field of everything that we write.
fn count(written: &mut BTreeMap<(Vec<u8>, bool), u64>, message: &[u8], sent: Sent) {
    let field = message.split(|byte| *byte == SOH).nth(2).unwrap_or(&[]);
    let msg_type = field.strip_prefix(b"35=").unwrap_or(field).to_vec();
    *written.entry((msg_type, sent.is_resend)).or_default() += 1;
}

impl Kept {
    fn keep(&mut self, sent: Sent, message: &[u8]) {
        if sent.msg_seq_num == 1 {
            self.bytes.clear();
            self.places.clear();
        }
        let start = self.bytes.len();
        self.places.push(sent.is_application.then(|| {
            self.bytes.extend_from_slice(message);
            (start, self.bytes.len())
        }));
    }
}

impl History for Kept {
    fn sent(&self, msg_seq_num: u64) -> Past<'_> {
        let at = usize::try_from(msg_seq_num - 1).unwrap_or(usize::MAX);
        let place = self.places.get(at).copied().flatten();
        place
            .and_then(|(start, end)| self.bytes.get(start..end))
            .map_or(Past::Administrative, Past::Application)
    }
}
