//! The reference model: the rules of the session, obvious and slow.
//!
//! It keeps lists: every message that took a number, every number that is done with, and all that
//! happened on the line, and it answers each question by looking through them. What is written
//! comes out as whole messages, byte for byte. In here: the lists and the questions. What the
//! caller does is in [`crate::calls`], what the peer's messages do in [`crate::rules`], how
//! messages look in [`crate::writing`].

use gwanmun_fix::session::{DisconnectReason, Numbers, Outcome, SessionTerms};

use crate::session_support::SECOND_NS;

/// A field of a message that we write.
pub(crate) type Field = (u32, String);

/// A message that took a number.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) msg_type: &'static str,
    pub(crate) body: Vec<Field>,
    pub(crate) at_ns: u64,
}

impl Sent {
    /// Whether it is sent again when asked for; a gap fill stands for others. Reject(3) is no
    /// administrative message in this.
    pub(crate) fn is_repeated(&self) -> bool {
        !matches!(self.msg_type, "0" | "1" | "2" | "4" | "5" | "A")
    }
}

/// Something that happened on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Connected,
    OurLogon,
    /// Both Logons are exchanged; the interval that was agreed, in seconds.
    LoggedOn(u64),
    /// A message with a sound head was heard.
    Heard,
    /// A message went out, or was tried in vain when one was due.
    Wrote,
    TestRequest,
    /// A message with this number came while a lower one was expected.
    Above(u64),
    /// A number expected was taken.
    Took,
    /// Nothing is missing any more, or the peer gave up what was.
    Level,
    /// What is missing is on its way up to this number, as we asked for it or told it.
    Asked(u64),
    OurLogout,
    AnsweredLogout,
    /// The caller was told to close the line.
    Closed,
}

pub(crate) struct Model {
    pub(crate) terms: SessionTerms,
    pub(crate) now_ns: u64,
    /// By number, from 1.
    pub(crate) sent: Vec<Sent>,
    /// Runs of the peer's numbers that are done with, one behind the other.
    taken: Vec<(u64, u64)>,
    /// What happened since the line was bound, and when; empty without a line.
    pub(crate) line: Vec<(Event, u64)>,
    /// Numbers that the peer asked for and that were not sent again yet: from, up to.
    pub(crate) owed: Option<(u64, Option<u64>)>,
    pub(crate) resets: u32,
    pub(crate) has_room: bool,
    /// What was written by the step under way.
    pub(crate) written: Vec<Vec<u8>>,
}

impl Model {
    pub(crate) fn new(terms: SessionTerms, numbers: Numbers) -> Model {
        let past = Sent {
            msg_type: "0",
            body: Vec::new(),
            at_ns: 0,
        };
        let sent_count = usize::try_from(numbers.next_out - 1).unwrap();
        Model {
            terms,
            now_ns: 0,
            sent: vec![past; sent_count],
            taken: vec![(1, numbers.next_in - 1)],
            line: Vec::new(),
            owed: None,
            resets: 0,
            has_room: true,
            written: Vec::new(),
        }
    }

    // Questions.

    pub(crate) fn expected(&self) -> u64 {
        self.taken.last().map_or(1, |(_, to)| to + 1)
    }

    pub(crate) fn numbers(&self) -> Numbers {
        Numbers {
            next_in: self.expected(),
            next_out: self.sent.len() as u64 + 1,
        }
    }

    pub(crate) fn has(&self, wanted: Event) -> bool {
        self.line.iter().any(|(event, _)| *event == wanted)
    }

    /// When something like this happened last.
    fn last_ns(&self, is_wanted: impl Fn(Event) -> bool) -> Option<u64> {
        let mut found = self
            .line
            .iter()
            .rev()
            .filter(|(event, _)| is_wanted(*event));
        found.next().map(|(_, at_ns)| *at_ns)
    }

    /// The interval agreed by the last Logon, in seconds.
    pub(crate) fn interval_s(&self) -> Option<u64> {
        self.line.iter().rev().find_map(|(event, _)| match event {
            Event::LoggedOn(interval_s) => Some(*interval_s),
            _ => None,
        })
    }

    /// Whether nothing more is listened to.
    pub(crate) fn is_deaf(&self) -> bool {
        self.line.is_empty() || self.has(Event::AnsweredLogout) || self.has(Event::Closed)
    }

    pub(crate) fn is_logged_on(&self) -> bool {
        !self.is_deaf() && self.interval_s().is_some()
    }

    /// Whether only the end of the line is awaited.
    pub(crate) fn has_answered_logout(&self) -> bool {
        self.has(Event::AnsweredLogout) && !self.has(Event::Closed)
    }

    /// What happened since nothing was missing.
    fn since_level(&self) -> &[(Event, u64)] {
        let level = self
            .line
            .iter()
            .rposition(|(event, _)| *event == Event::Level);
        &self.line[level.map_or(0, |at| at + 1)..]
    }

    /// The highest number seen above what is missing.
    pub(crate) fn highest_above(&self) -> Option<u64> {
        let above = self
            .since_level()
            .iter()
            .filter_map(|(event, _)| match event {
                Event::Above(number) => Some(*number),
                _ => None,
            });
        above.max().filter(|_| !self.has(Event::Closed))
    }

    /// Whether something is missing that is not on its way.
    pub(crate) fn must_ask(&self) -> bool {
        let asked = self
            .since_level()
            .iter()
            .rev()
            .find_map(|(event, _)| match event {
                Event::Asked(to) => Some(*to),
                _ => None,
            });
        self.highest_above().is_some() && asked.is_none_or(|to| to < self.expected())
    }

    /// When what is missing moved last: noticed, asked for, or a part of it taken.
    pub(crate) fn moved_ns(&self) -> Option<u64> {
        let since = self.since_level();
        let noticed = since
            .iter()
            .position(|(event, _)| matches!(event, Event::Above(_)))?;
        let moves = since[noticed + 1..].iter().rev();
        let moved = moves
            .filter(|(event, _)| matches!(event, Event::Asked(_) | Event::Took))
            .map(|(_, at_ns)| *at_ns)
            .next();
        Some(moved.unwrap_or(since[noticed].1))
    }

    /// How long what is missing may stand still before it is asked for again.
    pub(crate) fn patience_ns(&self) -> u64 {
        match self.interval_s() {
            None | Some(0) => 30 * SECOND_NS,
            Some(interval_s) => interval_s * SECOND_NS,
        }
    }

    /// Since when a TestRequest(1) of ours is not answered by anything.
    pub(crate) fn tested_ns(&self) -> Option<u64> {
        let mut back = self.line.iter().rev();
        let last = back.find(|(event, _)| matches!(event, Event::TestRequest | Event::Heard))?;
        (last.0 == Event::TestRequest).then_some(last.1)
    }

    /// When the peer has been silent for too long.
    pub(crate) fn silence_ends_ns(&self, interval_ns: u64) -> u64 {
        let is_life = |event| matches!(event, Event::Connected | Event::Heard);
        let since_ns = self.tested_ns().or(self.last_ns(is_life)).unwrap();
        since_ns + interval_ns * 6 / 5
    }

    /// When we have been silent for an interval.
    pub(crate) fn heartbeat_ns(&self, interval_ns: u64) -> u64 {
        let is_said = |event| matches!(event, Event::Connected | Event::Wrote);
        self.last_ns(is_said).unwrap() + interval_ns
    }

    pub(crate) fn deadline_ns(&self) -> Option<u64> {
        let when = |wanted| self.last_ns(|event| event == wanted);
        let logout_ns = u64::from(self.terms.logout_timeout_s) * SECOND_NS;
        if self.has(Event::Closed) {
            return None;
        }
        if let Some(at_ns) = when(Event::AnsweredLogout).or(when(Event::OurLogout)) {
            return Some(at_ns + logout_ns);
        }
        if let Some(interval_s) = self.interval_s() {
            let interval_ns = interval_s * SECOND_NS;
            let due_ns = self
                .heartbeat_ns(interval_ns)
                .min(self.silence_ends_ns(interval_ns));
            return (interval_s > 0).then_some(due_ns);
        }
        let at_ns = when(Event::OurLogon).or(when(Event::Connected))?;
        Some(at_ns + u64::from(self.terms.logon_timeout_s) * SECOND_NS)
    }

    // Facts.

    pub(crate) fn note(&mut self, event: Event) {
        self.line.push((event, self.now_ns));
    }

    /// The peer's numbers up to this one are done with.
    pub(crate) fn take_up_to(&mut self, number: u64) {
        self.taken.push((self.expected(), number));
        self.note(Event::Took);
        if self
            .highest_above()
            .is_some_and(|highest| highest <= number)
        {
            self.note(Event::Level);
        }
    }

    /// Both sides begin again at 1.
    pub(crate) fn reset(&mut self) {
        self.sent.clear();
        self.taken.clear();
        self.resets += 1;
        self.owed = None;
        if !self.line.is_empty() {
            self.note(Event::Level);
        }
    }

    pub(crate) fn close(&mut self, reason: DisconnectReason) -> Outcome {
        self.note(Event::Closed);
        self.owed = None;
        Outcome::Disconnect(reason)
    }
}
