//! A FIX venue's words about our messages, in the numbers that a replay under other terms gave
//! them.
//!
//! Orders that such a replay refuses are never sent, so every later message to the venue has a
//! lower MsgSeqNum(34) than on record, and what the venue said about numbers is about others. In
//! it: what each venue was sent in a run ([`SentMessages`]), and [`FixNumbers`], which goes through
//! what a venue said and
//!
//! 1. puts the number that the same message has now into RefSeqNum(45) of a Reject(3) or
//!    BusinessMessageReject(j), or 0 where it was not sent;
//! 2. does the same with BeginSeqNo(7) and EndSeqNo(16) of a ResendRequest(2), where a message not
//!    sent stands for the next one behind it, or before it, and with NextExpectedMsgSeqNum(789);
//! 3. puts a Heartbeat(0) of the same number in the place of a report about an order or replace
//!    that was not sent, and of a ResendRequest(2) for such messages alone.
//!
//! A message is the same in both runs if one input caused it and it has the type and name of the
//! other. Not in it: answers that the venue never gave, as in `venue_filter`: an order that only
//! the replay passes stays unanswered, and where the line is lost with it the venue never settles.

use std::collections::{BTreeMap, BTreeSet};

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::input::{Connected, Role};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;
use gwanmun_fix::tag;

use super::cut::Inputs;
use super::own::{OwnEffect, OwnEffects};

/// Longest message of a venue that the gateway takes, in bytes.
const MESSAGE_BYTES_MAX: usize = 1 << 16;
/// Length of the name that an order or replace has towards a venue; what stands behind it in a
/// cancel's depends on numbers.
const NAME_BYTES: usize = 14;

/// A message to a FIX venue.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SentMessage {
    msg_seq_num: u64,
    /// Index of the effect that sent it.
    effect: usize,
    /// Index of the input that caused it.
    input: usize,
    msg_type: Vec<u8>,
    /// ClOrdID(11), without what is behind the order's own name; empty in other messages.
    name: Vec<u8>,
}

impl SentMessage {
    fn is_same(&self, other: &SentMessage) -> bool {
        self.input == other.input && self.msg_type == other.msg_type && self.name == other.name
    }

    /// Whether it brings an order or a replace into being.
    fn is_request(&self) -> bool {
        matches!(self.msg_type.as_slice(), b"D" | b"G")
    }
}

/// What each FIX venue was sent, in the order of its numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentMessages {
    venues: BTreeMap<u16, Vec<SentMessage>>,
    /// Names of the orders and replaces of each venue.
    names: BTreeSet<(u16, Vec<u8>)>,
}

impl SentMessages {
    /// All that a whole run sent.
    pub(crate) fn of_run(inputs: &Inputs<'_>, own: &OwnEffects) -> SentMessages {
        let mut sent = SentMessages::default();
        let mut lines = BTreeMap::new();
        let mut effects = own.all().iter().enumerate().peekable();
        for (at, input) in inputs.records.iter().enumerate() {
            match input.head.kind {
                RecordKind::Start => lines.clear(),
                RecordKind::Connected => {
                    if let Ok(connected) = Connected::parse(input.payload)
                        && connected.role == Role::Venue
                    {
                        lines.insert(input.head.connection, connected.index);
                    }
                }
                _ => {}
            }
            while let Some((index, effect)) = effects.next_if(|(_, effect)| effect.input == at) {
                sent.note(own, (index, effect), |line| lines.get(&line).copied());
            }
        }
        sent
    }

    fn note(
        &mut self,
        own: &OwnEffects,
        (index, effect): (usize, &OwnEffect),
        venue_on: impl Fn(u32) -> Option<u16>,
    ) {
        for entry in EffectReader::new(own.payload(effect)).flatten() {
            let Entry::Output {
                connection, bytes, ..
            } = entry
            else {
                continue;
            };
            if let Some(venue) = venue_on(connection)
                && let Some(message) = sent_message(bytes, (index, effect.input))
            {
                if message.is_request() {
                    self.names.insert((venue, message.name.clone()));
                }
                self.venues.entry(venue).or_default().push(message);
            }
        }
    }

    /// Effects from this one on were taken back.
    fn forget_from(&mut self, effect: usize) {
        for (&venue, messages) in &mut self.venues {
            for gone in messages.iter().filter(|it| it.effect >= effect) {
                self.names.remove(&(venue, gone.name.clone()));
            }
            messages.retain(|message| message.effect < effect);
        }
    }

    fn of(&self, venue: u16) -> &[SentMessage] {
        self.venues.get(&venue).map_or(&[], Vec::as_slice)
    }
}

/// A message with a number of its own; what is sent again has an old one.
fn sent_message(bytes: &[u8], (effect, input): (usize, usize)) -> Option<SentMessage> {
    let mut index = Index::new();
    let message = Message::parse(bytes, &mut index).ok()?;
    if message.poss_dup_flag() {
        return None;
    }
    let name = message.field(tag::CL_ORD_ID).unwrap_or(b"");
    Some(SentMessage {
        msg_seq_num: message.msg_seq_num().ok()?,
        effect,
        input,
        msg_type: message.msg_type().to_vec(),
        name: name.get(..NAME_BYTES).unwrap_or(name).to_vec(),
    })
}

/// Follows the FIX venues' lines of a replay under other terms.
#[derive(Debug)]
pub(crate) struct FixNumbers<'p> {
    recorded: &'p SentMessages,
    own: SentMessages,
    /// Effects looked through.
    seen: usize,
    /// Venue of each line of this start.
    lines: BTreeMap<u32, u16>,
    /// The front of a message that is not whole yet, by venue.
    waiting: BTreeMap<u16, Vec<u8>>,
}

impl<'p> FixNumbers<'p> {
    /// Against what was sent on record.
    pub(crate) fn new(recorded: &'p SentMessages) -> FixNumbers<'p> {
        FixNumbers {
            recorded,
            own: SentMessages::default(),
            seen: 0,
            lines: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// A new line to a venue stands.
    pub(crate) fn on_connected(&mut self, venue: u16, connection: u32) {
        self.lines.retain(|_, other| *other != venue);
        self.lines.insert(connection, venue);
        self.waiting.remove(&venue);
    }

    /// Looks through the effects made since the last call; those taken back since then never were.
    pub(crate) fn note_sent(&mut self, own: &OwnEffects) {
        let effects = own.all();
        if effects.len() < self.seen {
            self.own.forget_from(effects.len());
            self.seen = effects.len();
        }
        for (index, effect) in effects.iter().enumerate().skip(self.seen) {
            let lines = &self.lines;
            self.own
                .note(own, (index, effect), |line| lines.get(&line).copied());
        }
        self.seen = effects.len();
    }

    /// Takes the next bytes of a venue and gives every whole message, in the replay's numbers.
    pub(crate) fn passed(&mut self, venue: u16, fresh: &[u8]) -> Vec<u8> {
        let mut waiting = self.waiting.remove(&venue).unwrap_or_default();
        waiting.extend_from_slice(fresh);
        let mut passed = Vec::with_capacity(waiting.len());
        let mut done = 0;
        while let Some(rest) = waiting.get(done..).filter(|rest| !rest.is_empty()) {
            let length = match frame(rest, MESSAGE_BYTES_MAX) {
                Frame::Whole { length } => length,
                Frame::Garbled { skip, .. } => skip.max(1),
                // The gateway gives the line up at the same place.
                Frame::Unframeable(_) => rest.len(),
                Frame::Partial => break,
            };
            let bytes = rest.get(..length).unwrap_or(rest);
            let told = self.translated(venue, bytes);
            passed.extend_from_slice(told.as_deref().unwrap_or(bytes));
            done += bytes.len();
        }
        waiting.drain(..done);
        self.waiting.insert(venue, waiting);
        passed
    }

    /// The message that stands for this one, where it is another.
    fn translated(&self, venue: u16, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).ok()?;
        let number = |tag| message.uint(tag).ok().filter(|&number| number != 0);
        let mut changes = Vec::new();
        match message.msg_type() {
            b"2" => {
                let begin = self.first_from(venue, number(tag::BEGIN_SEQ_NO)?);
                changes.push((tag::BEGIN_SEQ_NO, begin));
                let mut last = self.own.of(venue).last().map_or(0, |it| it.msg_seq_num);
                if let Some(end) = number(tag::END_SEQ_NO) {
                    last = self.last_until(venue, end);
                    changes.push((tag::END_SEQ_NO, last));
                }
                if last < begin {
                    return Some(heartbeat(&message));
                }
            }
            b"3" | b"j" => {
                let now = self.same(venue, number(tag::REF_SEQ_NUM)?);
                changes.push((tag::REF_SEQ_NUM, now.unwrap_or(0)));
            }
            b"A" => {
                let next = number(tag::NEXT_EXPECTED_MSG_SEQ_NUM)?;
                let next = self.first_from(venue, next);
                changes.push((tag::NEXT_EXPECTED_MSG_SEQ_NUM, next));
            }
            b"8" | b"9" => {
                let name = message.field(tag::CL_ORD_ID)?.get(..NAME_BYTES)?;
                let name = (venue, name.to_vec());
                let is_gone =
                    self.recorded.names.contains(&name) && !self.own.names.contains(&name);
                return is_gone.then(|| heartbeat(&message));
            }
            _ => return None,
        }
        let is_other = |&(tag, now): &(u32, u64)| message.uint(tag) != Ok(now);
        changes
            .iter()
            .any(is_other)
            .then(|| rewritten(&message, &changes))
    }

    fn recorded(&self, venue: u16, msg_seq_num: u64) -> Option<&SentMessage> {
        let messages = self.recorded.of(venue);
        let at = messages.partition_point(|it| it.msg_seq_num < msg_seq_num);
        let found = messages.get(at);
        found.filter(|it| it.msg_seq_num == msg_seq_num)
    }

    /// The number that the same message has now.
    fn same(&self, venue: u16, msg_seq_num: u64) -> Option<u64> {
        let before = self.recorded(venue, msg_seq_num)?;
        let messages = self.own.of(venue);
        let from = messages.partition_point(|it| it.input < before.input);
        let behind = messages.get(from..)?.iter();
        let mut of_input = behind.take_while(|it| it.input == before.input);
        let now = of_input.find(|it| it.is_same(before))?;
        Some(now.msg_seq_num)
    }

    /// The same, or the next one behind it that was sent; one more than the last where there is
    /// none.
    fn first_from(&self, venue: u16, msg_seq_num: u64) -> u64 {
        let behind = self.recorded.of(venue).iter();
        let mut behind = behind.filter(|it| it.msg_seq_num >= msg_seq_num);
        let found = behind.find_map(|it| self.same(venue, it.msg_seq_num));
        let last = self.own.of(venue).last().map_or(0, |it| it.msg_seq_num);
        found.unwrap_or(last + 1)
    }

    /// The same, or the one before it that was sent; 0 where there is none.
    fn last_until(&self, venue: u16, msg_seq_num: u64) -> u64 {
        let before = self.recorded.of(venue).iter().rev();
        let mut before = before.filter(|it| it.msg_seq_num <= msg_seq_num);
        let found = before.find_map(|it| self.same(venue, it.msg_seq_num));
        found.unwrap_or(0)
    }
}

/// A Heartbeat(0) with this message's header.
fn heartbeat(message: &Message<'_>) -> Vec<u8> {
    let is_header = |tag: u32| {
        matches!(
            tag,
            tag::SENDER_COMP_ID
                | tag::TARGET_COMP_ID
                | tag::MSG_SEQ_NUM
                | tag::SENDING_TIME
                | tag::POSS_DUP_FLAG
                | tag::ORIG_SENDING_TIME
        )
    };
    let fields = message.fields().filter(|&(tag, _)| is_header(tag));
    let fields = fields.map(|(tag, value)| (tag, value.to_vec()));
    assembled(
        message,
        core::iter::once((tag::MSG_TYPE, b"0".to_vec())).chain(fields),
    )
}

/// The message with other numbers in some fields.
fn rewritten(message: &Message<'_>, changes: &[(u32, u64)]) -> Vec<u8> {
    let fields = message
        .fields()
        .filter(|&(tag, _)| !matches!(tag, tag::BEGIN_STRING | tag::BODY_LENGTH | tag::CHECK_SUM));
    let changed = fields.map(|(tag, value)| {
        let change = changes.iter().find(|change| change.0 == tag);
        let value = change.map_or_else(|| value.to_vec(), |it| it.1.to_string().into_bytes());
        (tag, value)
    });
    assembled(message, changed)
}

fn assembled(message: &Message<'_>, fields: impl Iterator<Item = (u32, Vec<u8>)>) -> Vec<u8> {
    let mut body = Vec::new();
    for (tag, value) in fields {
        body.extend_from_slice(format!("{tag}=").as_bytes());
        body.extend_from_slice(&value);
        body.push(1);
    }
    let begin = message.field(tag::BEGIN_STRING).unwrap_or(b"");
    let begin = String::from_utf8_lossy(begin);
    let mut whole = format!("8={begin}\u{1}9={}\u{1}", body.len()).into_bytes();
    whole.extend_from_slice(&body);
    let sum = whole.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    whole.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    whole
}
