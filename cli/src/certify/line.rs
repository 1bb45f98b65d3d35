//! Our end of the member's lines: numbers, messages by hand, and what is judged of every message.
//!
//! In it: coming together, sending under any number, hearing with the head of each message judged,
//! and the answers that keep a line alive (Heartbeat, gap fills). It is no `Session`: scenarios
//! need to misbehave, and must not forgive what a session forgives. Not in it: what a scenario
//! wants, see [`super::stage`].

use gwanmun_fix::encode::Header;
use gwanmun_fix::{Dialect, Frame, MessageWriter, Version, frame, tag};

use super::Terms;
use super::head;
use super::received::Received;
use super::wire::{Wait, Wire};

pub(super) const SECOND_NS: u64 = 1_000_000_000;
/// Longest message taken from a member, in bytes.
const MESSAGE_BYTES_MAX: usize = 65_536;
/// How long an answer may take, where the patience is not shorter.
const ANSWER_NS_MAX: u64 = 10 * SECOND_NS;
/// How far our numbers go up when it is not known where the member is: above what it may have
/// counted wrongly, so that it asks instead of leaving.
const NUMBERS_APART: u64 = 20;

/// Why a scenario goes no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The member did something else; the words say what.
    Fail(String),
    /// It cannot be tried, and why.
    Skip(String),
    /// The member does not come.
    Absent(String),
    /// Someone wants the run to end.
    Stopped,
}

/// What a wait brought.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Message(Received),
    Silence,
    Gone,
}

/// A message of the member under its number, for whoever asks for it again.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) msg_seq_num: u64,
    pub(super) sending_time_ns: u64,
    pub(super) is_administrative: bool,
    pub(super) cl_ord_id: Option<Vec<u8>>,
}

/// The line, over all the times that it is opened.
pub(super) struct Line<'w> {
    pub(super) wire: &'w mut dyn Wire,
    pub(super) terms: &'w Terms,
    pending: Vec<u8>,
    is_up: bool,
    /// Told by the member's Logon(A).
    pub(super) version: Version,
    pub(super) heart_bt_int_s: u64,
    pub(super) next_in: u64,
    pub(super) next_out: u64,
    last_sent_ns: u64,
    /// When the member was last heard.
    pub(super) last_in_ns: u64,
    /// Whether it came at all.
    pub(super) has_come: bool,
    /// Whether the numbers may be apart after a scenario that failed: nothing is judged then.
    pub(super) is_unsure: bool,
    /// Whether we keep silent, on purpose.
    pub(super) is_silent: bool,
    /// What the member sent since its numbers began.
    pub(super) sent: Vec<Sent>,
    test_requests: u32,
}

impl<'w> Line<'w> {
    pub(super) fn new(wire: &'w mut dyn Wire, terms: &'w Terms) -> Line<'w> {
        Line {
            wire,
            terms,
            pending: Vec::new(),
            is_up: false,
            version: terms.version.unwrap_or_default(),
            heart_bt_int_s: 0,
            next_in: 1,
            next_out: 1,
            last_sent_ns: 0,
            last_in_ns: 0,
            has_come: false,
            is_unsure: false,
            is_silent: false,
            sent: Vec::new(),
            test_requests: 0,
        }
    }

    pub(super) const fn is_up(&self) -> bool {
        self.is_up
    }

    /// When an answer is late.
    pub(super) fn answer_by_ns(&self) -> u64 {
        let patience_ns = self.terms.patience_s.saturating_mul(SECOND_NS);
        self.wire.now_ns() + patience_ns.min(ANSWER_NS_MAX)
    }

    pub(super) fn patience_by_ns(&self) -> u64 {
        let patience_ns = self.terms.patience_s.saturating_mul(SECOND_NS);
        self.wire.now_ns().saturating_add(patience_ns)
    }

    /// Waits for a line with a Logon(A) and reads its head; the answer is
    /// [`Line::answer_logon`]'s.
    pub(super) fn open(&mut self) -> Result<Received, Stop> {
        let until_ns = self.patience_by_ns();
        loop {
            match self.wire.accept(until_ns) {
                Wait::Came => {}
                Wait::Stopped => return Err(Stop::Stopped),
                Wait::Silence | Wait::Gone => return Err(self.absent()),
            }
            self.pending.clear();
            self.is_up = true;
            let wait_ns = self.answer_by_ns();
            match self.hear(wait_ns)? {
                // Whoever went while we were busy: a line of before.
                Event::Gone => {}
                Event::Silence => {
                    self.hang_up();
                    return Err(Stop::Fail("a line, and nothing on it".to_owned()));
                }
                Event::Message(first) if first.is(b"A") => {
                    self.has_come = true;
                    return Ok(first);
                }
                Event::Message(first) => {
                    return Err(Stop::Fail(format!(
                        "first of all, before any Logon: {}",
                        first.shown()
                    )));
                }
            }
        }
    }

    fn absent(&self) -> Stop {
        let again = if self.has_come { " again" } else { "" };
        Stop::Absent(format!(
            "{} did not connect{again} within {} s",
            self.terms.target_comp_id.as_bytes().escape_ascii(),
            self.terms.patience_s
        ))
    }

    /// Answers a Logon(A) and sends what NextExpectedMsgSeqNum(789) asks for. `skip` numbers are
    /// left out before the answer, as if messages had been lost with the line before.
    pub(super) fn answer_logon(&mut self, logon: &Received, skip: u64) {
        let resets = logon.has_flag(tag::RESET_SEQ_NUM_FLAG);
        if resets {
            self.next_out = 1;
        } else {
            self.next_out += skip + if self.is_unsure { NUMBERS_APART } else { 0 };
        }
        let expected = logon.number(tag::NEXT_EXPECTED_MSG_SEQ_NUM);
        let (heart_bt_int_s, next_in) = (self.heart_bt_int_s, self.next_in);
        let appl_ver_id = self.version.appl_ver_id();
        let own = self.next_out;
        self.send(b"A", |writer| {
            writer
                .uint(tag::ENCRYPT_METHOD, 0)
                .uint(tag::HEART_BT_INT, heart_bt_int_s);
            if resets {
                writer.boolean(tag::RESET_SEQ_NUM_FLAG, true);
            }
            if expected.is_some() {
                writer.uint(tag::NEXT_EXPECTED_MSG_SEQ_NUM, next_in);
            }
            if let Some(id) = appl_ver_id {
                writer.bytes(tag::DEFAULT_APPL_VER_ID, id);
            }
        });
        if let Some(from) = expected.filter(|expected| *expected < own) {
            self.fill(from, self.next_out);
        }
    }

    /// Sends under the next number.
    pub(super) fn send(&mut self, msg_type: &[u8], body: impl FnOnce(&mut MessageWriter<'_>)) {
        let bytes = self.written(msg_type, self.next_out, None, body);
        self.next_out += 1;
        self.send_bytes(&bytes);
    }

    /// Sends a TestRequest(1) and gives its TestReqID(112), which no other has.
    pub(super) fn test_request(&mut self) -> String {
        let id = self.test_req_id();
        self.send(b"1", |writer| {
            writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
        });
        id
    }

    /// A TestReqID(112) that was not used before.
    pub(super) fn test_req_id(&mut self) -> String {
        self.test_requests += 1;
        format!("CERTIFY-{}", self.test_requests)
    }

    /// Fills the gap from a number up to the one that is next.
    pub(super) fn fill(&mut self, from: u64, next: u64) {
        let now_ns = self.wire.now_ns();
        let bytes = self.written(b"4", from, Some(now_ns), |writer| {
            writer
                .uint(tag::NEW_SEQ_NO, next)
                .boolean(tag::GAP_FILL_FLAG, true);
        });
        self.send_bytes(&bytes);
    }

    /// A whole message under any number, unsent.
    pub(super) fn written(
        &self,
        msg_type: &[u8],
        msg_seq_num: u64,
        orig_sending_time_ns: Option<u64>,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Vec<u8> {
        let mut room = vec![0; 4_096];
        let version = self.version;
        let mut writer = MessageWriter::start(&mut room, version.begin_string());
        writer.set_dialect(Dialect {
            version,
            precision: version.precision(),
        });
        let header = Header {
            msg_type,
            sender_comp_id: self.terms.sender_comp_id.as_bytes(),
            target_comp_id: self.terms.target_comp_id.as_bytes(),
            msg_seq_num,
            sending_time_ns: self.wire.now_ns(),
            orig_sending_time_ns,
            last_msg_seq_num_processed: None,
        };
        header.write(&mut writer);
        body(&mut writer);
        // Ours are far shorter than the room.
        let length = writer.finish().unwrap_or(0);
        room.truncate(length);
        room
    }

    pub(super) fn send_bytes(&mut self, bytes: &[u8]) {
        self.last_sent_ns = self.wire.now_ns();
        self.wire.send(bytes);
    }

    /// The next message, its head judged; Heartbeats of ours go out meanwhile, a TestRequest(1) and
    /// a ResendRequest(2) are answered before it is given.
    pub(super) fn hear(&mut self, until_ns: u64) -> Result<Event, Stop> {
        loop {
            if let Some(received) = self.next_pending()? {
                head::judge(self, &received)?;
                self.answer(&received);
                return Ok(Event::Message(received));
            }
            if !self.is_up {
                return Ok(Event::Gone);
            }
            let beat_ns = self.next_beat_ns();
            let wait_ns = beat_ns.map_or(until_ns, |beat_ns| beat_ns.min(until_ns));
            match self.wire.receive(&mut self.pending, wait_ns) {
                Wait::Came => {}
                Wait::Gone => self.is_up = false,
                Wait::Stopped => return Err(Stop::Stopped),
                Wait::Silence if wait_ns < until_ns => self.send(b"0", |_| {}),
                Wait::Silence => return Ok(Event::Silence),
            }
        }
    }

    /// When the line wants a Heartbeat(0) of ours.
    fn next_beat_ns(&self) -> Option<u64> {
        let beats = self.heart_bt_int_s > 0 && !self.is_silent;
        beats.then(|| self.last_sent_ns + self.heart_bt_int_s * SECOND_NS)
    }

    fn next_pending(&mut self) -> Result<Option<Received>, Stop> {
        let length = match frame::frame(&self.pending, MESSAGE_BYTES_MAX) {
            Frame::Partial => return Ok(None),
            Frame::Whole { length } => length,
            Frame::Garbled { reason, .. } | Frame::Unframeable(reason) => {
                let shown = self.pending.get(..256).unwrap_or(&self.pending);
                let shown = String::from_utf8_lossy(shown).replace('\u{1}', "|");
                return Err(Stop::Fail(format!(
                    "no message ({}): {}",
                    reason.text(),
                    crate::show::escaped(&shown)
                )));
            }
        };
        let bytes: Vec<u8> = self.pending.drain(..length).collect();
        let read = Received::read(&bytes, self.wire.now_ns());
        read.map(Some).map_err(Stop::Fail)
    }

    fn answer(&mut self, received: &Received) {
        if received.is(b"1") {
            let id = received.field(tag::TEST_REQ_ID).unwrap_or(b"");
            self.send(b"0", |writer| {
                writer.bytes(tag::TEST_REQ_ID, id);
            });
        }
        if received.is(b"2")
            && let Some(begin) = received.number(tag::BEGIN_SEQ_NO)
            && (1..self.next_out).contains(&begin)
        {
            let end = received.number(tag::END_SEQ_NO).unwrap_or(0);
            let is_bounded = (begin..self.next_out).contains(&end);
            let next = if is_bounded { end + 1 } else { self.next_out };
            self.fill(begin, next);
        }
    }

    /// Closes our end.
    pub(super) fn hang_up(&mut self) {
        self.is_up = false;
        self.pending.clear();
        self.wire.hang_up();
    }
}
