//! A case of a script, line by line: the session, its clock and store, and what it has done.

use gwanmun_fix::session::{Numbers, Outcome, ResendProgress, Session, SessionTerms};
use gwanmun_fix::{Frame, Index, Message, Version, frame};

use crate::session_support::{Outbox, SECOND_NS, START_NS, Store, readable};
use crate::{expected, inbound, terms};

/// A session that goes through a case, and what it has done that no line has asked for yet.
pub(crate) struct Run {
    terms: SessionTerms,
    session: Session,
    now_ns: u64,
    outbox: Outbox,
    store: Store,
    /// What was written and no `E` line has asked for yet.
    written: Vec<Vec<u8>>,
    /// What the last action gave, until a `D` or `X` line has asked for it.
    outcome: Outcome,
}

impl Run {
    pub(crate) fn new(version: Version) -> Run {
        let terms = terms::of(version, true);
        Run {
            terms,
            session: Session::new(terms),
            now_ns: START_NS,
            outbox: Outbox::new(),
            store: Store::default(),
            written: Vec::new(),
            outcome: Outcome::Ignore,
        }
    }

    pub(crate) fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if !matches!(word, "E" | "D" | "X" | "NUMBERS") {
            self.settled()?;
        }
        match word {
            "TERMS" => {
                terms::change(&mut self.terms, rest)?;
                self.session = Session::new(self.terms);
            }
            "RESTORE" => {
                let numbers = numbers(rest)?;
                self.session.restore(numbers);
                self.store.begin_at(numbers.next_out);
            }
            "CONNECT" => self.session.on_connect(self.now_ns),
            "CLOSED" => self.session.on_disconnect(),
            "LOGON" => {
                let result = self.session.logon(self.now_ns, &mut self.outbox, |_| {});
                result.map_err(|error| format!("{error:?}"))?;
            }
            "LOGOUT" => {
                let outcome = self
                    .session
                    .logout(rest.as_bytes(), self.now_ns, &mut self.outbox);
                self.outcome = outcome;
            }
            "SEND" => self.send(rest)?,
            "ROOM" => self.outbox.room_bytes = rest.parse().map_err(|error| format!("{error}"))?,
            "ELSEWHERE" => {
                let mut ends = rest.split(' ').map(|end| end.parse().unwrap_or(0));
                self.store.elsewhere = ends.next().unwrap_or(0)..ends.next().unwrap_or(0);
            }
            "I" => self.receive(&inbound::message(rest, self.terms.version, self.now_ns)),
            "R" => self.receive(rest.replace('|', "\u{1}").as_bytes()),
            "T" => self.wait(rest)?,
            "STEP" => {}
            "E" => return self.expect(rest),
            "D" => return self.expect_outcome(Outcome::Deliver),
            "X" => return self.expect_outcome(Outcome::Disconnect(expected::reason(rest)?)),
            "NUMBERS" => {
                let (found, wanted) = (self.session.numbers(), numbers(rest)?);
                return if found == wanted {
                    Ok(())
                } else {
                    Err(format!("{found:?}"))
                };
            }
            _ => return Err("no such word".to_owned()),
        }
        self.resend()?;
        self.collect();
        Ok(())
    }

    fn receive(&mut self, bytes: &[u8]) {
        let Frame::Whole { length } = frame::frame(bytes, 8192) else {
            self.outcome = Outcome::Ignore;
            return;
        };
        let mut index = Index::new();
        let (message, defect) = Message::read(&bytes[..length], &mut index);
        let defect = defect.or_else(|| message.duplicate_tag());
        let (session, sink) = (&mut self.session, &mut self.outbox);
        self.outcome = match defect {
            None => session.on_message(&message, self.now_ns, sink),
            Some(defect) => session.on_defective(&message, defect, self.now_ns, sink),
        };
    }

    fn send(&mut self, rest: &str) -> Result<(), String> {
        let mut fields = rest.split('|').filter_map(|field| field.split_once('='));
        let (_, msg_type) = fields.next().ok_or("no MsgType(35)")?;
        let sent = self.session.send(
            msg_type.as_bytes(),
            self.now_ns,
            &mut self.outbox,
            |writer| {
                for (tag, value) in fields {
                    writer.bytes(tag.parse().unwrap(), value.as_bytes());
                }
            },
        );
        sent.map(|_| ()).map_err(|error| format!("{error:?}"))
    }

    /// Lets time pass, serving every deadline on its way.
    fn wait(&mut self, rest: &str) -> Result<(), String> {
        let seconds = rest.trim_start_matches('+').trim_end_matches('s');
        let seconds: f64 = seconds.parse().map_err(|error| format!("{error}"))?;
        // Tenths of a second are exact in the scripts.
        let tenths = format!("{:.0}", seconds * 10.0).parse::<u64>().unwrap();
        let target_ns = self.now_ns + tenths * SECOND_NS / 10;
        while let Some(deadline_ns) = self.session.next_deadline_ns() {
            if deadline_ns > target_ns {
                break;
            }
            assert!(deadline_ns >= self.now_ns, "a deadline is not in the past");
            self.now_ns = deadline_ns;
            let outcome = self.session.on_deadline(deadline_ns, &mut self.outbox);
            self.outcome = outcome;
        }
        self.now_ns = target_ns;
        Ok(())
    }

    fn resend(&mut self) -> Result<(), String> {
        for _ in 0..100 {
            self.keep();
            let progress = self
                .session
                .resend_step(self.now_ns, &self.store, &mut self.outbox);
            if progress != ResendProgress::More || self.outbox.room_bytes < 2048 {
                self.keep();
                return Ok(());
            }
        }
        Err("a resend does not end".to_owned())
    }

    fn keep(&mut self) {
        for (sent, bytes) in &self.outbox.messages {
            self.store.keep(*sent, bytes);
        }
        self.collect();
    }

    fn collect(&mut self) {
        self.written
            .extend(self.outbox.take().into_iter().map(|(_, bytes)| bytes));
    }

    /// Everything that happened was asked for.
    pub(crate) fn settled(&self) -> Result<(), String> {
        if let Some(bytes) = self.written.first() {
            return Err(format!("not expected: {}", readable(bytes)));
        }
        match self.outcome {
            Outcome::Ignore | Outcome::Answered => Ok(()),
            outcome => Err(format!("not expected: {outcome:?}")),
        }
    }

    fn expect(&mut self, rest: &str) -> Result<(), String> {
        if self.written.is_empty() {
            return Err("nothing was written".to_owned());
        }
        expected::message(&self.written.remove(0), rest, self.terms.version)
    }

    fn expect_outcome(&mut self, wanted: Outcome) -> Result<(), String> {
        let found = std::mem::replace(&mut self.outcome, Outcome::Ignore);
        if found == wanted {
            Ok(())
        } else {
            Err(format!("found: {found:?}"))
        }
    }
}

/// What `RESTORE` and `NUMBERS` name: next in, next out.
fn numbers(rest: &str) -> Result<Numbers, String> {
    let (next_in, next_out) = rest.split_once(' ').ok_or("two numbers are needed")?;
    let number = |text: &str| text.parse().map_err(|error| format!("{error}"));
    Ok(Numbers {
        next_in: number(next_in)?,
        next_out: number(next_out)?,
    })
}
