//! One sequence: a session and a model that go through the same, and the comparison of both.

use std::fmt::Write as _;

use gwanmun_fix::session::{
    ApplicationTypes, MSG_SEQ_NUM_MAX, Numbers, Outcome, ResendProgress, SeqNumReset, Session,
    SessionTerms,
};
use gwanmun_fix::time::Precision;
use gwanmun_fix::{Index, Message, Version};
use gwanmun_market::Text;

use crate::draw::{self, Situation};
use crate::message::Incoming;
use crate::model::Model;
use crate::session_support::{Outbox, Random, SECOND_NS, START_NS, Store, readable};

/// What an action gave: an outcome, a progress, or whether it was done at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gave {
    Outcome(Outcome),
    Progress(ResendProgress),
    Done(bool),
}

/// All that can be seen of a session after a step.
#[derive(Debug, PartialEq, Eq)]
struct View {
    gave: Gave,
    numbers: Numbers,
    resets: u32,
    is_logged_on: bool,
    has_answered_logout: bool,
    has_gap: bool,
    is_resending: bool,
    deadline_ns: Option<u64>,
}

/// What happens in a step.
#[expect(
    clippy::large_enum_variant,
    reason = "most steps are the largest one, and a sequence has some twenty"
)]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Connect,
    Disconnect,
    Restart,
    Logon,
    Logout,
    Send,
    /// The clock moves by so much and deadlines are looked at.
    Wait(i64),
    /// The number that is not in memory.
    Resend(Option<u64>),
    Receive(Incoming),
}

pub(crate) struct Run {
    pub(crate) random: Random,
    now_ns: u64,
    session: Session,
    outbox: Outbox,
    store: Store,
    model: Model,
    /// Steps so far, for whoever looks for a mistake.
    steps: Vec<(Step, bool)>,
    sent_count: u32,
    is_careful: bool,
}

fn terms(random: &mut Random) -> SessionTerms {
    let text = |name: &[u8]| Text::new(name).unwrap();
    let resets = [
        SeqNumReset::Never,
        SeqNumReset::Never,
        SeqNumReset::OnRequest,
        SeqNumReset::EachLogon,
    ];
    let precisions = [
        Precision::Seconds,
        Precision::Milliseconds,
        Precision::Microseconds,
        Precision::Nanoseconds,
    ];
    let mut terms = SessionTerms::new(text(b"GATE"), text(b"MEMBER"), random.once_in(2));
    terms.version = Version::ALL[random.below(3) as usize];
    terms.precision = precisions[random.below(4) as usize];
    terms.reset = resets[random.below(4) as usize];
    terms.heart_bt_int_s_min = if random.once_in(2) { 0 } else { 5 };
    terms.check_latency = !random.once_in(4);
    terms.sends_next_expected_msg_seq_num = random.once_in(3);
    terms.sends_last_msg_seq_num_processed = random.once_in(3);
    terms.resend_request_numbers_max = [0, 0, 1, 2][random.below(4) as usize];
    terms.message_bytes_max = [0, 4096][random.below(2) as usize];
    if random.once_in(6) {
        terms.application_types = ApplicationTypes::All;
    }
    terms
}

impl Run {
    pub(crate) fn new(seed: u64) -> Run {
        let mut random = Random(seed);
        let terms = terms(&mut random);
        let mut numbers = Numbers::FIRST;
        if random.once_in(2) {
            numbers.next_in += random.below(6);
            numbers.next_out += random.below(6);
        }
        if random.once_in(200) {
            numbers.next_in = MSG_SEQ_NUM_MAX - random.below(4);
        }
        let mut run = Run {
            random,
            now_ns: START_NS,
            session: Session::new(terms),
            outbox: Outbox::new(),
            store: Store::default(),
            model: Model::new(terms, numbers),
            steps: Vec::new(),
            sent_count: 0,
            is_careful: seed.is_multiple_of(2),
        };
        run.session.restore(numbers);
        run.store.begin_at(numbers.next_out);
        run
    }

    /// Mostly what a session goes through in this order, now and then anything.
    pub(crate) fn draw(&mut self) -> Step {
        let is_up = !self.model.line.is_empty() && !self.model.is_deaf();
        let random = &mut self.random;
        if !is_up && !random.once_in(6) {
            return Step::Connect;
        }
        let is_initiator = !self.model.terms.is_acceptor;
        let waits_for_us = is_initiator && self.model.line.len() == 1;
        if waits_for_us && !random.once_in(12) {
            return Step::Logon;
        }
        if self.session.is_resending() && random.once_in(2) {
            return Step::Resend(self.elsewhere());
        }
        let waits = self.model.is_logged_on() || random.once_in(6);
        match random.below(32) {
            0 if random.once_in(2) => Step::Connect,
            1 if random.once_in(4) => Step::Disconnect,
            2 if random.once_in(3) => Step::Restart,
            3 if random.once_in(3) => Step::Logout,
            4 if random.once_in(4) => Step::Logon,
            5..=8 => Step::Send,
            9..=12 if waits => self.wait(),
            13 | 14 => Step::Resend(self.elsewhere()),
            _ => Step::Receive(self.message()),
        }
    }

    fn message(&mut self) -> Incoming {
        let at = Situation {
            terms: &self.model.terms,
            now_ns: self.now_ns,
            numbers: self.model.numbers(),
            is_logged_on: self.model.is_logged_on(),
            is_careful: self.is_careful,
        };
        draw::message(&mut self.random, &at)
    }

    /// To just before, at or behind the next deadline; somewhere; or back.
    fn wait(&mut self) -> Step {
        let due_ns = self.model.deadline_ns().unwrap_or(self.now_ns);
        let until_ns = due_ns.saturating_sub(self.now_ns) as i64;
        let random = &mut self.random;
        Step::Wait(match random.below(10) {
            0 => (until_ns - 1).max(0),
            1 => until_ns + (random.below(40 * SECOND_NS)) as i64,
            2 => random.below(SECOND_NS) as i64,
            3 => random.below(80 * SECOND_NS) as i64,
            4 if random.once_in(3) => -(random.below(4000 * SECOND_NS) as i64),
            _ => until_ns,
        })
    }

    /// Sometimes a message that was sent is not in memory.
    fn elsewhere(&mut self) -> Option<u64> {
        let sent = &self.model.sent;
        if sent.is_empty() || !self.random.once_in(3) {
            return None;
        }
        let at = self.random.below(sent.len() as u64);
        sent[at as usize].is_repeated().then_some(at + 1)
    }

    /// Does a step on both sides and compares.
    pub(crate) fn step(&mut self, step: Step, has_room: bool) -> Gave {
        self.steps.push((step, has_room));
        self.outbox.room_bytes = if has_room { 16_384 } else { 2047 };
        self.model.has_room = has_room;
        if let Step::Wait(by_ns) = step {
            self.now_ns = self.now_ns.saturating_add_signed(by_ns);
        }
        self.sent_count += 1;
        let id = self.sent_count.to_string();
        let of_session = self.of_session(step, &id);
        let of_model = self.of_model(step, &id);
        let messages = self.outbox.take();
        let wanted = std::mem::take(&mut self.model.written);
        let found = messages.iter().map(|(_, bytes)| bytes);
        if of_session != of_model || !found.eq(&wanted) {
            let found: Vec<_> = messages.into_iter().map(|(_, bytes)| bytes).collect();
            panic!(
                "{}\n\nthe session: {of_session:?}\n{}\nthe model: {of_model:?}\n{}",
                self.story(),
                lines(&found),
                lines(&wanted),
            );
        }
        for (sent, bytes) in messages {
            self.store.keep(sent, &bytes);
        }
        of_session.gave
    }

    /// All steps so far, the disputed one last.
    fn story(&self) -> String {
        let mut text = format!("{:?}", self.model.terms);
        for (at, (step, has_room)) in self.steps.iter().enumerate() {
            let room = if *has_room { "" } else { ", no room" };
            let _ = match step {
                Step::Receive(message) => {
                    let bytes = message.render(self.model.terms.version);
                    write!(text, "\n{at} Receive {}{room}", readable(&bytes))
                }
                step => write!(text, "\n{at} {step:?}{room}"),
            };
        }
        text
    }

    fn of_session(&mut self, step: Step, id: &str) -> View {
        let now_ns = self.now_ns;
        let (session, sink) = (&mut self.session, &mut self.outbox);
        let gave = match step {
            Step::Connect => {
                session.on_connect(now_ns);
                Gave::Done(true)
            }
            Step::Disconnect => {
                session.on_disconnect();
                Gave::Done(true)
            }
            Step::Restart => {
                let numbers = session.numbers();
                *session = Session::new(*session.terms());
                session.restore(numbers);
                Gave::Done(true)
            }
            Step::Logon => Gave::Done(session.logon(now_ns, sink, |_| {}).is_ok()),
            Step::Logout => Gave::Outcome(session.logout(b"enough", now_ns, sink)),
            Step::Send => {
                let msg_type = application(session.terms());
                let sent = session.send(msg_type.as_bytes(), now_ns, sink, |writer| {
                    writer.bytes(11, id.as_bytes());
                });
                Gave::Done(sent.is_ok())
            }
            Step::Wait(_) => Gave::Outcome(session.on_deadline(now_ns, sink)),
            Step::Resend(elsewhere) => {
                self.store.elsewhere = elsewhere.map_or(0..0, |at| at..at + 1);
                Gave::Progress(session.resend_step(now_ns, &self.store, sink))
            }
            Step::Receive(incoming) => {
                let bytes = incoming.render(session.terms().version);
                let mut index = Index::new();
                let (message, defect) = Message::read(&bytes, &mut index);
                Gave::Outcome(match defect.or_else(|| message.duplicate_tag()) {
                    None => session.on_message(&message, now_ns, sink),
                    Some(defect) => session.on_defective(&message, defect, now_ns, sink),
                })
            }
        };
        View {
            gave,
            numbers: session.numbers(),
            resets: session.reset_count(),
            is_logged_on: session.is_logged_on(),
            has_answered_logout: session.has_answered_logout(),
            has_gap: session.has_gap(),
            is_resending: session.is_resending(),
            deadline_ns: session.next_deadline_ns(),
        }
    }

    fn of_model(&mut self, step: Step, id: &str) -> View {
        let model = &mut self.model;
        model.set_clock(self.now_ns);
        let gave = match step {
            Step::Connect => {
                model.connect();
                Gave::Done(true)
            }
            Step::Disconnect => {
                model.disconnect();
                Gave::Done(true)
            }
            Step::Restart => {
                model.restart();
                Gave::Done(true)
            }
            Step::Logon => Gave::Done(model.logon().is_ok()),
            Step::Logout => Gave::Outcome(model.logout("enough")),
            Step::Send => Gave::Done(model.send(application(&model.terms), id).is_ok()),
            Step::Wait(_) => Gave::Outcome(model.deadline()),
            Step::Resend(elsewhere) => Gave::Progress(model.resend(elsewhere)),
            Step::Receive(incoming) => Gave::Outcome(model.receive(&incoming)),
        };
        View {
            gave,
            numbers: model.numbers(),
            resets: model.resets,
            is_logged_on: model.is_logged_on(),
            has_answered_logout: model.has_answered_logout(),
            has_gap: model.highest_above().is_some(),
            is_resending: model.is_logged_on() && (model.owed.is_some() || model.must_ask()),
            deadline_ns: model.deadline_ns(),
        }
    }
}

fn lines(messages: &[Vec<u8>]) -> String {
    let lines = messages
        .iter()
        .map(|bytes| format!("    {}\n", readable(bytes)));
    lines.collect()
}

/// The type that this side's application sends.
fn application(terms: &SessionTerms) -> &'static str {
    if terms.is_acceptor { "8" } else { "D" }
}
