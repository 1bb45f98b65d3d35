//! Ring 2 for the session: nonsense of every kind against one session, and what must hold all the
//! same.
//!
//! Held at every step: nothing panics; what is written is a sound message (the outbox checks it);
//! fresh numbers have no holes (the store checks it); the number expected never goes back except by
//! an agreed reset; a delivered message had exactly the number expected; after `Disconnect` the
//! session is deaf and dumb until the next line; deadlines that were served are behind us.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that fails shows its seed"
)]

mod session_support;

use std::fmt::Write as _;

use gwanmun_fix::session::{MSG_SEQ_NUM_MAX, Numbers, Outcome, SeqNumReset, Session, SessionTerms};
use gwanmun_fix::{Frame, Index, Message, frame};
use gwanmun_market::Text;
use session_support::{Outbox, Random, SECOND_NS, START_NS, Store, seed, timestamp, whole};

struct Run {
    random: Random,
    session: Session,
    now_ns: u64,
    outbox: Outbox,
    store: Store,
    is_closed: bool,
    delivered: u64,
    logons: u64,
}

impl Run {
    fn new(seed: u64) -> Run {
        let mut random = Random(seed);
        let text = |name: &[u8]| Text::new(name).unwrap();
        let mut terms = SessionTerms::new(text(b"GATE"), text(b"MEMBER"), !random.once_in(4));
        if random.once_in(3) {
            terms.reset = SeqNumReset::OnRequest;
        }
        terms.check_latency = !random.once_in(8);
        Run {
            random,
            session: Session::new(terms),
            now_ns: START_NS,
            outbox: Outbox::new(),
            store: Store::default(),
            is_closed: true,
            delivered: 0,
            logons: 0,
        }
    }

    fn step(&mut self) {
        let longest_s = if self.random.once_in(20) { 40 } else { 2 };
        self.now_ns += self.random.below(longest_s * SECOND_NS + 1);
        self.outbox.room_bytes = match self.random.below(400) {
            0 => 0,
            1 => 2047,
            2 => 2048,
            _ => 16_384,
        };
        let reconnects = self.is_closed || self.random.once_in(100);
        let before = self.session.numbers();
        let resets = self.session.reset_count();
        let (session, now_ns, outbox) = (&mut self.session, self.now_ns, &mut self.outbox);
        let mut outcome = Outcome::Ignore;
        match self.random.below(24) {
            0..=11 if reconnects => {
                session.on_connect(now_ns);
                self.is_closed = false;
                self.logons += u64::from(session.logon(now_ns, outbox, |_| {}).is_ok());
            }
            1 if self.random.once_in(16) => session.on_disconnect(),
            2 | 3 => {
                if let Ok(sent) = session.send(b"8", now_ns, outbox, |writer| {
                    writer.uint(37, 1);
                }) {
                    assert_eq!(sent.msg_seq_num, before.next_out);
                }
            }
            4 if self.random.once_in(8) => outcome = session.logout(b"enough", now_ns, outbox),
            5 | 6 => {
                let due = session
                    .next_deadline_ns()
                    .is_some_and(|deadline_ns| deadline_ns <= now_ns);
                outcome = session.on_deadline(now_ns, outbox);
                assert!(due || outcome == Outcome::Ignore);
                let next = session.next_deadline_ns();
                assert!(
                    next.is_none_or(|deadline_ns| deadline_ns > now_ns),
                    "{session:?}"
                );
            }
            7 if self.random.once_in(16) => {
                let numbers = session.numbers();
                session.restore(numbers);
                self.is_closed = false;
            }
            _ => outcome = self.receive(),
        }
        self.settle(outcome, before, resets);
    }

    fn receive(&mut self) -> Outcome {
        let bytes = self.message();
        assert_eq!(
            frame::frame(&bytes, 65_536),
            Frame::Whole {
                length: bytes.len()
            }
        );
        let mut index = Index::new();
        let (message, defect) = Message::read(&bytes, &mut index);
        let was_logged_on = self.session.is_logged_on();
        let expected = self.session.numbers().next_in;
        let (session, sink) = (&mut self.session, &mut self.outbox);
        let outcome = match defect.or_else(|| message.duplicate_tag()) {
            None => session.on_message(&message, self.now_ns, sink),
            Some(defect) => {
                let outcome = session.on_defective(&message, defect, self.now_ns, sink);
                assert_ne!(outcome, Outcome::Deliver);
                outcome
            }
        };
        if outcome == Outcome::Deliver {
            assert!(was_logged_on);
            assert_eq!(message.msg_seq_num(), Ok(expected));
            assert_eq!(self.session.numbers().next_in, expected + 1);
            self.delivered += 1;
        }
        if self.is_closed {
            assert_eq!(outcome, Outcome::Ignore, "deaf");
        }
        outcome
    }

    fn settle(&mut self, outcome: Outcome, before: Numbers, resets: u32) {
        let wrote = !self.outbox.messages.is_empty();
        if self.is_closed {
            assert!(
                !wrote
                    || self
                        .outbox
                        .messages
                        .iter()
                        .all(|(sent, _)| sent.is_application)
            );
        }
        match outcome {
            Outcome::Answered => {
                // A request taken before Logon and a resend owed are answers without bytes yet.
                assert!(wrote);
            }
            Outcome::Disconnect(_) => self.is_closed = true,
            Outcome::Deliver => assert!(!wrote),
            Outcome::Ignore => {}
        }
        let numbers = self.session.numbers();
        if self.session.reset_count() == resets {
            assert!(numbers.next_in >= before.next_in && numbers.next_out >= before.next_out);
        }
        assert!(numbers.next_in <= MSG_SEQ_NUM_MAX + 1);
        self.keep();
        if self.random.once_in(2) {
            let progress = self
                .session
                .resend_step(self.now_ns, &self.store, &mut self.outbox);
            let _ = progress;
            assert_eq!(self.session.numbers().next_in, numbers.next_in);
            self.keep();
        }
    }

    fn keep(&mut self) {
        for (sent, bytes) in self.outbox.take() {
            self.store.keep(sent, &bytes);
        }
    }

    /// A message that is mostly right: types, numbers and fields that hit the edges more often than
    /// chance would.
    fn message(&mut self) -> Vec<u8> {
        let next_in = self.session.numbers().next_in;
        let types = ["0", "1", "2", "3", "4", "A", "D", "8", "R", "j", "ZZ", ""];
        let is_up = self.session.is_logged_on();
        let msg_type = match self.random.below(4) {
            0..=2 if !is_up => "A",
            0 | 1 if self.session.terms().is_acceptor => "D",
            0 | 1 => "8",
            _ if self.random.once_in(20) => "5",
            _ => types[self.random.below(types.len() as u64) as usize],
        };
        let msg_seq_num = match self.random.below(40) {
            0 => next_in + self.random.below(5),
            1 => next_in.saturating_sub(self.random.below(4)),
            2 if self.random.once_in(6) => self.random.next() >> self.random.below(64),
            3 => 1,
            _ => next_in,
        };
        let mut body = format!("35={msg_type}|");
        let wild = |random: &mut Random| random.once_in(200);
        let mut field = |random: &mut Random, tag: u32, value: String| {
            if !wild(random) {
                let value = if wild(random) {
                    random_text(random)
                } else {
                    value
                };
                let _ = write!(body, "{tag}={value}|");
            }
        };
        let random = &mut self.random;
        field(random, 49, "MEMBER".to_owned());
        field(random, 56, "GATE".to_owned());
        field(random, 34, msg_seq_num.to_string());
        let far_ns = if random.once_in(50) {
            200 * SECOND_NS
        } else {
            0
        };
        field(random, 52, timestamp(self.now_ns - far_ns));
        if random.once_in(4) {
            field(random, 43, "Y".to_owned());
            let early_ns = random.below(3) * SECOND_NS;
            field(random, 122, timestamp(self.now_ns + SECOND_NS - early_ns));
        }
        let near = |random: &mut Random, number: u64| {
            (number + random.below(6)).saturating_sub(3).to_string()
        };
        let next_out = self.session.numbers().next_out;
        match msg_type {
            "A" => {
                field(random, 98, "0".to_owned());
                let heart_bt_int_s = [0, 1, 30, 60, 61][random.below(5) as usize];
                field(random, 108, heart_bt_int_s.to_string());
                if random.once_in(6) {
                    field(random, 141, "Y".to_owned());
                }
                if random.once_in(6) {
                    let expected = near(random, next_out);
                    field(random, 789, expected);
                }
            }
            "1" => field(random, 112, "test".to_owned()),
            "2" => {
                let begin = random.below(next_out + 2);
                field(random, 7, begin.to_string());
                let end = if random.once_in(2) {
                    0
                } else {
                    begin + random.below(9)
                };
                field(random, 16, end.to_string());
            }
            "4" => {
                if !random.once_in(3) {
                    field(random, 123, "Y".to_owned());
                }
                let new_seq_no = near(random, next_in);
                field(random, 36, new_seq_no);
            }
            _ => field(random, 58, "text".to_owned()),
        }
        let begin_string = if random.once_in(200) {
            "FIX.4.2"
        } else {
            "FIX.4.4"
        };
        whole(begin_string, &body)
    }
}

fn random_text(random: &mut Random) -> String {
    let texts = [
        "",
        "0",
        "-1",
        "99999999999999999999",
        "Y",
        "=",
        "x\u{0}",
        "N",
        "2147483647",
        "18446744073709551615",
    ];
    texts[random.below(texts.len() as u64) as usize].to_owned()
}

#[test]
fn nonsense_keeps_the_invariants() {
    let first = seed(1);
    let (mut delivered, mut logons) = (0, 0);
    for seed in first..first + 400 {
        println!("seed {seed}; GWANMUN_SEED={seed} gives it back");
        let mut run = Run::new(seed);
        for _ in 0..500 {
            run.step();
        }
        delivered += run.delivered;
        logons += run.logons;
    }
    println!("delivered {delivered}, logons as initiator {logons}");
    assert!(
        delivered > 5_000 && logons > 500,
        "delivered {delivered}, logons {logons}"
    );
}
